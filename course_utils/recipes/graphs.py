"""Static graphs made from plain data, with functions that count how often they are called."""

from __future__ import annotations

import numpy as np

from course_utils.static_graph import Graph, Node

FUNCTIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "matmul": lambda a, b: a @ b,
    "relu": lambda a: np.maximum(a, 0),
    "square": lambda a: a * a,
    "sum": np.sum,
}


class Counted:
    """An operation's function that counts its calls. Those of two nodes are equal where the
    functions are, as when both nodes were given np.matmul."""

    def __init__(self, kind: str, name: str, calls: dict[str, int]):
        self._kind, self._name, self._calls = kind, name, calls
        calls[name] = 0

    def __call__(self, *values):
        self._calls[self._name] += 1
        return FUNCTIONS[self._kind](*values)

    def __eq__(self, other) -> bool:
        return isinstance(other, Counted) and self._kind == other._kind

    def __hash__(self) -> int:
        return hash(self._kind)


def build(lines: list[dict]) -> tuple[dict[str, Node], dict[str, int]]:
    """Nodes by name, and how often each operation was called, which is counted as it happens.

    A line has a `name`, a `kind` ("placeholder", "variable" or one of FUNCTIONS), the names of its
    `inputs`, and for a variable its `value`.
    """
    graph, calls = Graph(), {}
    for line in lines:
        name, kind = line["name"], line["kind"]
        if kind == "placeholder":
            graph.placeholder(name)
        elif kind == "variable":
            graph.variable(name, np.array(line["value"]))
        else:
            inputs = [graph.nodes[given] for given in line["inputs"]]
            graph.operation(name, Counted(kind, name, calls), *inputs)
    return graph.nodes, calls
