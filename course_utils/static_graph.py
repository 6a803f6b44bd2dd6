"""The parts of a static graph, as the frameworks of 2016 had them. Nothing here computes.

A graph is written down first and run later, by a runner that is handed what to fetch and what to
feed. The runner is an exercise of notebook 01.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Graph:
    """All nodes by name, in the order in which they were made."""

    nodes: dict[str, Node] = field(default_factory=dict)

    def placeholder(self, name: str) -> Placeholder:
        """A place for data that is fed when the graph runs."""
        return self._enter(Placeholder(name, self))

    def variable(self, name: str, value) -> Variable:
        """A value that stays from run to run; `.value` may be replaced between runs."""
        return self._enter(Variable(name, self, value=value))

    def operation(self, name: str, function: Callable, *inputs: Node) -> Operation:
        """`function(*values of the inputs)`, in the order in which the inputs are given."""
        return self._enter(Operation(name, self, tuple(inputs), function))

    def _enter(self, node):
        if node.name in self.nodes:
            raise ValueError(f"There is a node {node.name!r} already: a graph's names differ.")
        self.nodes[node.name] = node
        return node


@dataclass(eq=False)
class Node:
    """A node of a graph: its name, its graph, and the nodes it is computed from."""

    name: str
    graph: Graph = field(repr=False)
    inputs: tuple[Node, ...] = ()


@dataclass(eq=False)
class Placeholder(Node):
    """Has no value of its own: it must be fed."""


@dataclass(eq=False)
class Variable(Node):
    """Holds its value."""

    value: object = None


@dataclass(eq=False)
class Operation(Node):
    """Is computed from its inputs by its function."""

    function: Callable | None = None
