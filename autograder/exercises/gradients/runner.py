"""A runner of static graphs, right or with one of the mistakes of notebook 01's `run_graph`."""

import contextlib

import numpy as np

from course_utils.recipes.graphs import FUNCTIONS

IN_ORDER = "those fetched, in their order"
NOTHING = "no exception"


class Gap(Exception):
    """A placeholder that is not fed."""


def ran(
    lines, runs, *, all_nodes=False, again=False, remember=False, fed="all", fed_zero=True,
    fed_inputs=False, overwrite=False, all_placeholders=False, per_fetch=False, possible=False,
    first_values=False, fed_none=True, by_function=False,
):  # fmt: skip
    """What a runner gives for each of the runs, right or with one of its mistakes.

    `fed` says of which nodes it uses what is fed: of "all", of "placeholders", of "all but
    variables" or of "all but operations". With `possible` it computes all that it can, with
    `first_values` a variable keeps the value with which it was first met, and with `by_function`
    operations are told apart by their functions.
    """
    table = {line["name"]: line for line in lines}
    kinds = {n: k if (k := line["kind"]) in ("placeholder", "variable") else "operation"
             for n, line in table.items()}  # fmt: skip
    calls = {name: 0 for name, kind in kinds.items() if kind == "operation"}
    stored = {n: table[n]["value"] for n in table if kinds[n] == "variable"}
    used = {"all": table, "placeholders": [n for n in table if kinds[n] == "placeholder"]}
    for kind in ("variable", "operation"):
        used[f"all but {kind}s"] = [n for n in table if kinds[n] != kind]
    shown, kept = {}, {}
    for number, run in enumerate(runs):
        stored.update({} if first_values else run["variables"])
        feed = {k: v for k, v in run["feed"].items() if k in used[fed]}
        if not fed_zero:
            feed = {k: v for k, v in feed.items() if np.any(v)}
        if not fed_none:
            feed = {k: v for k, v in feed.items() if v is not None}
        values = kept if remember else {}
        before = dict(calls)

        def value_of(name, values=values, feed=feed, stored=stored):
            key = table[name]["kind"] if by_function and kinds[name] == "operation" else name
            if key in values and not again:
                return values[key]
            given = table[name]["inputs"]
            arguments = [value_of(n) for n in given] if fed_inputs and name in feed else None
            if name in feed:
                value = feed[name]
                if overwrite and kinds[name] == "variable":
                    stored[name] = value
            elif kinds[name] == "variable":
                value = stored[name]
            elif kinds[name] == "placeholder":
                raise Gap(name)
            else:
                arguments = [value_of(n) for n in given]
                calls[name] += 1
                value = FUNCTIONS[table[name]["kind"]](*arguments)
            values[key] = value
            return value

        first = [n for n in table if kinds[n] == "placeholder"] if all_placeholders else []
        values_of_run, stop = {}, NOTHING
        try:
            for name in first:
                value_of(name)
            for name in table if possible else ():
                with contextlib.suppress(Gap):
                    value_of(name)
            for name in [*(table if all_nodes else ()), *run["fetches"]]:
                if per_fetch:
                    values.clear()
                values_of_run[name] = value_of(name)
            values_of_run = {name: values_of_run[name] for name in run["fetches"]}
        except Gap as gap:
            stop, values_of_run = f"a KeyError that names {gap.args[0]}", {}
            calls.update(before)
        shown |= told(number, values_of_run, IN_ORDER if stop == NOTHING else "none", stop)
    return shown | {"calls": calls, "feed": "as it was"}


def told(number, values, names, stop):
    """The observations of a run, with its number behind their names from the second one on."""
    behind = f" of run {number + 1}" if number else ""
    return {f"values{behind}": values, f"names{behind}": names, f"stop{behind}": stop}
