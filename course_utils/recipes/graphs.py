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


def build(lines: list[dict]) -> tuple[dict[str, Node], dict[str, int]]:
    """Nodes by name, and how often each operation was called, which is counted as it happens.

    A line has a `name`, a `kind` ("placeholder", "variable" or one of FUNCTIONS), the names of its
    `inputs`, and for a variable its `value`.
    """
    graph, calls = Graph(), {}

    def counting(name: str, function):
        calls[name] = 0

        def counted(*values):
            calls[name] += 1
            return function(*values)

        return counted

    for line in lines:
        name, kind = line["name"], line["kind"]
        if kind == "placeholder":
            graph.placeholder(name)
        elif kind == "variable":
            graph.variable(name, np.array(line["value"]))
        else:
            inputs = [graph.nodes[given] for given in line["inputs"]]
            graph.operation(name, counting(name, FUNCTIONS[kind]), *inputs)
    return graph.nodes, calls
