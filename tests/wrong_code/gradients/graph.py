"""Notebook 01: graphs searched and run as people really do it wrong."""

import numpy as np
from wrong_code import wrong

from course_utils.static_graph import Placeholder, Variable


def rated(mine, right):
    if mine is None or mine.shape != right.shape or np.isnan(mine).any():
        return "wrong", np.inf
    off = np.abs(mine - right)
    kind = "exact" if not off.any() else "close" if np.allclose(mine, right) else "wrong"
    return kind, off.max(initial=0)


@wrong("first_wrong", "the_largest")
def first_wrong(mine, reference):
    found = {name: rated(mine.get(name), right) for name, right in reference.items()}
    wrong_ones = {name: d for name, (kind, d) in found.items() if kind == "wrong"}
    if wrong_ones:
        name = max(wrong_ones, key=wrong_ones.get)
        return name, "wrong", wrong_ones[name]
    close = {name: d for name, (kind, d) in found.items() if kind == "close"}
    if close:
        name = max(close, key=close.get)
        return name, "close", close[name]
    return None, "exact", 0.0


@wrong("first_wrong", "stops_at_rounding")
def first_wrong(mine, reference):
    for name, right in reference.items():
        kind, difference = rated(mine.get(name), right)
        if kind != "exact":
            return name, kind, difference
    return None, "exact", 0.0


@wrong("first_wrong", "shapes_broadcast")
def first_wrong(mine, reference):
    close = None, "exact", 0.0
    for name, right in reference.items():
        value = mine.get(name)
        if value is None or np.isnan(value).any():
            return name, "wrong", np.inf
        off = np.abs(value - right).max(initial=0)
        if not np.allclose(value, right):
            return name, "wrong", off
        if off and close[0] is None:
            close = name, "close", off
    return close


def runner(node, values, feed, again=False):
    if node.name in feed:
        return feed[node.name]
    if isinstance(node, Placeholder):
        raise KeyError(node.name)
    if isinstance(node, Variable):
        return node.value
    if node.name not in values or again:
        values[node.name] = node.function(*[runner(n, values, feed, again) for n in node.inputs])
    return values[node.name]


@wrong("run_graph", "computed_again")
def run_graph(fetches, feed):
    return {node.name: runner(node, {}, feed, again=True) for node in fetches}


@wrong("run_graph", "everything_runs")
def run_graph(fetches, feed):
    values = {}
    for node in fetches[0].graph.nodes.values():
        values[node.name] = runner(node, values, feed)
    return {node.name: values[node.name] for node in fetches}


@wrong("run_graph", "remembers_the_last_run")
def run_graph(fetches, feed, values={}):  # noqa: B006 - that is the mistake
    if values.get("graph") is not fetches[0].graph:
        values.clear()
        values["graph"] = fetches[0].graph
    for name, value in feed.items():
        values.setdefault(name, value)

    def value(node):
        if node.name not in values:
            if isinstance(node, Placeholder):
                raise KeyError(node.name)
            if isinstance(node, Variable):
                values[node.name] = node.value
            else:
                values[node.name] = node.function(*[value(n) for n in node.inputs])
        return values[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "none_for_a_gap")
def run_graph(fetches, feed):
    values = dict(feed)

    def value(node):
        if isinstance(node, Placeholder):
            return feed.get(node.name)
        if isinstance(node, Variable):
            return node.value
        if node.name not in values:
            values[node.name] = node.function(*[value(n) for n in node.inputs])
        return values[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "a_list_of_values")
def run_graph(fetches, feed):
    values = {}
    return [runner(node, values, feed) for node in fetches]


@wrong("run_graph", "variables_remembered")
def run_graph(fetches, feed):
    values = dict(feed)

    def value(node):
        if node.name not in values:
            if isinstance(node, Placeholder):
                raise KeyError(node.name)
            if isinstance(node, Variable):
                values[node.name] = node.__dict__.setdefault("first", node.value)
            else:
                values[node.name] = node.function(*[value(n) for n in node.inputs])
        return values[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "all_that_can_be_computed")
def run_graph(fetches, feed):
    values = dict(feed)
    for name, node in fetches[0].graph.nodes.items():
        if name in feed or isinstance(node, Placeholder):
            continue
        if isinstance(node, Variable):
            values[name] = node.value
        elif all(given.name in values for given in node.inputs):
            values[name] = node.function(*[values[given.name] for given in node.inputs])
    for node in fetches:
        if node.name not in values:
            gaps = [n for n, other in node.graph.nodes.items() if isinstance(other, Placeholder)]
            raise KeyError(f"not fed: {', '.join(n for n in gaps if n not in feed)}")
    return {node.name: values[node.name] for node in fetches}
