"""Notebook 01: a static graph run in further ways in which people really do it wrong."""

import numpy as np
from wrong_code import wrong

from course_utils.static_graph import Operation, Placeholder, Variable


def gap(node, fetched):
    raise KeyError(node.name)


def runner(
    gap=gap, fed=lambda node, feed: node.name in feed, arguments=lambda values: values,
    use=lambda node, value: value, start=lambda feed: {}, before=lambda fetches, feed: None,
    end=lambda known, fetches: {node.name: known[node.name] for node in fetches},
    per_fetch=False, inputs_first=False,
):  # fmt: skip
    """A runner that does one thing in another way."""

    def run_graph(fetches, feed):
        before(fetches, feed)
        known, found = start(feed), {}

        def value(node, fetched):
            if node.name in known:
                return known[node.name]
            given = [value(n, fetched) for n in node.inputs] if inputs_first else None
            if fed(node, feed):
                known[node.name] = use(node, feed[node.name])
            elif isinstance(node, Placeholder):
                known[node.name] = gap(node, fetched)
            elif isinstance(node, Variable):
                known[node.name] = node.value
            else:
                given = given or [value(n, fetched) for n in node.inputs]
                known[node.name] = node.function(*arguments(given))
            return known[node.name]

        for node in fetches:
            if per_fetch:
                known.clear()
            found[node.name] = value(node, node)
        return end({**known, **found}, fetches)

    return run_graph


def all_fed(fetches, feed):
    for node in fetches[0].graph.nodes.values():
        if isinstance(node, Placeholder) and node.name not in feed:
            raise KeyError(node.name)


def overwrite(node, value):
    if isinstance(node, Variable):
        node.value = value
    return value


def no_name(node, fetched):
    raise KeyError("something is not fed")


def name_of_the_fetched(node, fetched):
    raise KeyError(f"{fetched.name} cannot be computed")


def value_error(node, fetched):
    raise ValueError(f"feed {node.name}")


def value_error_without_name(node, fetched):
    raise ValueError("a placeholder has no value")


def graph_order(known, fetches):
    wanted = {node.name for node in fetches}
    return {name: known[name] for name in fetches[0].graph.nodes if name in wanted}


def value_alone(known, fetches):
    values = {node.name: known[node.name] for node in fetches}
    return next(iter(values.values())) if len(values) == 1 else values


def entries(**by_name):
    for name, code in by_name.items():
        wrong("run_graph", name)(code)


@wrong("run_graph", "no_stop_at_a_gap")
def run_graph(fetches, feed):
    try:
        return runner()(fetches, feed)
    except KeyError:
        return {}


@wrong("run_graph", "inputs_reversed")
def run_graph(fetches, feed):
    known = dict(feed)

    def value(node):
        if node.name in known:
            return known[node.name]
        if isinstance(node, Placeholder):
            raise KeyError(node.name)
        if isinstance(node, Variable):
            return node.value
        stack, arguments = list(node.inputs), []
        while stack:
            arguments.append(value(stack.pop()))
        known[node.name] = node.function(*arguments)
        return known[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "remembered_by_function")
def run_graph(fetches, feed):
    known = {}

    def value(node):
        if node.name in feed:
            return feed[node.name]
        if isinstance(node, Placeholder):
            raise KeyError(node.name)
        if isinstance(node, Variable):
            return node.value
        if node.function not in known:
            known[node.function] = node.function(*map(value, node.inputs))
        return known[node.function]

    return {node.name: value(node) for node in fetches}


entries(
    each_fetch_by_itself=runner(per_fetch=True),
    all_placeholders_asked_for=runner(before=all_fed),
    inputs_in_a_dictionary=runner(
        arguments=lambda values: list({id(value): value for value in values}.values())
    ),
    arguments_reversed=runner(arguments=lambda values: values[::-1]),
    fed_and_still_computed=runner(
        fed=lambda node, feed: isinstance(node, Placeholder) and node.name in feed
    ),
    variables_cannot_be_fed=runner(
        fed=lambda node, feed: not isinstance(node, Variable) and node.name in feed
    ),
    operations_cannot_be_fed=runner(
        fed=lambda node, feed: not isinstance(node, Operation) and node.name in feed
    ),
    inputs_of_what_is_fed=runner(inputs_first=True),
    fed_variable_is_overwritten=runner(use=overwrite),
    zero_is_no_feed=runner(fed=lambda node, feed: np.any(feed.get(node.name, 0))),
    none_is_no_feed=runner(fed=lambda node, feed: feed.get(node.name) is not None),
    truth_of_an_array=runner(fed=lambda node, feed: bool(feed.get(node.name))),
    writes_into_the_feed=runner(start=lambda feed: feed),
    gap_without_a_name=runner(gap=no_name),
    gap_names_what_is_fetched=runner(gap=name_of_the_fetched),
    not_a_key_error=runner(gap=value_error),
    not_a_key_error_and_no_name=runner(gap=value_error_without_name),
    the_value_alone=runner(end=value_alone),
    keyed_by_nodes=runner(end=lambda known, fetches: {node: known[node.name] for node in fetches}),
    returns_more=runner(end=lambda known, fetches: known),
    in_the_order_of_the_graph=runner(end=graph_order),
)
