"""Exercises of notebook 01 that look at a graph: the first wrong gradient in it, and running it."""

import graphlib

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near, raises
from course_utils.recipes.graphs import FUNCTIONS


class first_wrong(Exercise):
    """The first gradient that is off, in the order of computation."""

    signature = "first_wrong(mine, reference) -> name, kind, difference"
    extra = True
    minutes = 12
    difficulty = 2
    hints = (
        "Two passes in the order of the reference: in the first you look for a wrong one. Only "
        "when there is none, look for a close one.",
        "Compare the shapes before you subtract: numpy would broadcast. And NaN is neither equal "
        "to anything nor larger than anything.",
    )

    def cases(self, rng):
        def case(name, points, *changes, turned=False):
            shapes = {"dscores": (3, 2), "dh": (3, 4), "dz": (3, 4), "dw": (5, 4), "db": (4,)}
            reference = {key: rng.uniform(1, 2, shape) * rng.choice([-1, 1], shape)
                         for key, shape in shapes.items()}  # fmt: skip
            mine = {key: value.copy() for key, value in reference.items()}
            for key, change, size in changes:
                if change == "off":
                    mine[key].flat[1] -= size
                elif change == "column":
                    mine[key] = mine[key][:, None]
                elif change == "first row":
                    mine[key] = mine[key][:1]
                elif change == "nan":
                    mine[key].flat[2] = np.nan
                elif change == "left out":
                    del mine[key]
            if turned:
                mine = dict(reversed(mine.items()))
            return Case(name, points, mine=mine, reference=reference)

        yield case("a small one first, a large one later", 1,
                   ("dz", "off", 0.02), ("dw", "off", 3.0))  # fmt: skip
        yield case("rounding before the first wrong one", 1,
                   ("dh", "off", 1e-12), ("dz", "off", 0.5), ("db", "off", 0.1))  # fmt: skip
        yield case("all exact", 1)
        yield case("nothing but rounding", 1, ("dh", "off", 3e-6), ("dw", "off", 7e-6))
        yield case("a column for a row", 1, ("db", "column", 0))
        yield case("one row for all", 1, ("dh", "first row", 0), ("dw", "off", 1.0))
        yield case("not a number", 1, ("dz", "nan", 0), ("db", "off", 1.0))
        yield case("one left out", 1, ("dh", "left out", 0), ("dw", "off", 1.0))
        yield case("yours in another order", 1, ("dh", "off", 0.3), ("db", "off", 0.7), turned=True)

    def observe(self, code, mine, reference):
        name, kind, difference = code.first_wrong(mine, reference)
        return {"name": name, "kind": kind, "difference": float(difference)}

    def reference(self, mine, reference):
        rated = [(name, *_rated(mine.get(name), value)) for name, value in reference.items()]
        right = _first(rated)
        return right | {"difference": near(right["difference"], rtol=1e-6, atol=1e-14)}

    @mistake
    def the_largest(self, right, mine, reference):
        """You look for the largest difference. Errors grow on their way through the graph; where
        it began is what you want to know."""
        rated = [(name, *_rated(mine.get(name), value)) for name, value in reference.items()]
        return _first(sorted(rated, key=lambda entry: -entry[2]))

    @mistake
    def stops_at_rounding(self, right, mine, reference):
        """You stop at the first entry that is not exact, though it is only rounding. A wrong one
        further on counts more."""
        rated = [(name, *_rated(mine.get(name), value)) for name, value in reference.items()]
        off = [entry for entry in rated if entry[1] != "exact"]
        return _named(*off[0]) if off else None

    @mistake
    def order_of_mine(self, right, mine, reference):
        """You go through the dictionary `mine`. The order of computation is that of `reference`,
        and what yours lacks would never be missed."""
        return _first([(name, *_rated(value, reference[name])) for name, value in mine.items()])

    @mistake
    def without_sign(self, right, mine, reference):
        """Your difference is the largest of mine − reference. Where yours is too small that is
        negative or 0: take the absolute value first."""
        return _first([(name, *_rated(mine.get(name), value, signed=True))
                       for name, value in reference.items()])  # fmt: skip

    @mistake
    def shapes_broadcast(self, right, mine, reference):
        """Where the shapes differ numpy broadcasts, and what you compare is a table of all against
        all. A wrong shape is wrong: the difference is infinite."""
        return _first([(name, *_rated(mine.get(name), value, broadcast=True))
                       for name, value in reference.items()])  # fmt: skip

    @mistake
    def nan_passes(self, right, mine, reference):
        """NaN is not larger than any tolerance, so it slips through your comparison. Ask whether
        the difference is within the tolerance, not whether it is beyond."""
        return _first([(name, *_rated(mine.get(name), value, nan="close"))
                       for name, value in reference.items()])  # fmt: skip


def _rated(mine, reference, signed=False, broadcast=False, nan="wrong"):
    """(kind, difference) of one entry, right or in one of the wrong ways."""
    if mine is None:
        return "wrong", np.inf
    if mine.shape != reference.shape and not broadcast:
        return "wrong", np.inf
    off = mine - reference
    if np.isnan(off).any():
        return nan, np.inf if nan == "wrong" else np.nan
    allowed = 1e-8 + 1e-5 * np.abs(reference)
    if not off.any():
        return "exact", 0.0
    kind = "close" if (np.abs(off) <= allowed).all() else "wrong"
    return kind, float(off.max() if signed else np.abs(off).max())


def _first(rated):
    for kind in ("wrong", "close"):
        for entry in rated:
            if entry[1] == kind:
                return _named(*entry)
    return _named(None, "exact", 0.0)


def _named(name, kind, difference):
    return {"name": name, "kind": kind, "difference": float(difference)}


# Running a static graph.


def ran(lines, runs, *, all_nodes=False, again=False, remember=False, feed_operations=True):
    """What a runner gives for each of the runs, right or with one of its mistakes."""
    table = {line["name"]: line for line in lines}
    calls = {name: 0 for name, line in table.items() if line["kind"] in FUNCTIONS}
    kept: dict = {}
    results = []
    for run in runs:
        stored = {n: table[n]["value"] for n in table if table[n]["kind"] == "variable"}
        stored |= run["variables"]
        fed = {k: v for k, v in run["feed"].items() if feed_operations or k not in calls}
        values = kept if remember else {}
        missing, before = None, dict(calls)

        def value_of(name, counted=calls, values=values, fed=fed, stored=stored):
            if name in values and not again:
                return values[name]
            if name in fed:
                value = fed[name]
            elif name in stored:
                value = stored[name]
            elif name not in counted:
                raise LookupError(name)
            else:
                arguments = [value_of(given) for given in table[name]["inputs"]]
                counted[name] += 1
                value = FUNCTIONS[table[name]["kind"]](*arguments)
            values[name] = value
            return value

        try:
            for name in [*(table if all_nodes else ()), *run["fetches"]]:
                value_of(name)
        except LookupError as error:
            missing, calls = error.args[0], before
        results.append(
            {"stopped": f"KeyError about {missing}"}
            if missing
            else {name: values[name] for name in run["fetches"]}
        )
    return {"results": results, "calls": calls}


class run_graph(Exercise):
    """Run a static graph: feed, fetch, compute what is needed and nothing else."""

    signature = "run_graph(fetches, feed) -> values"
    extra = True
    counted = ("calls",)
    minutes = 20
    difficulty = 3
    hints = (
        "A function inside your function that gives the value of one node, and asks itself for the "
        "node's inputs, does nearly everything. Start it at what is fetched.",
        "A dictionary of the values that this run has already, by name. What is fed can be in it "
        "from the start.",
        "Which of the four is it: known already, a variable, an operation, a placeholder? Only the "
        "last one is an error when you get there.",
    )

    def cases(self, rng):
        def matrix(*shape):
            return rng.normal(size=shape)

        net = [
            {"name": "x", "kind": "placeholder", "inputs": []},
            {"name": "y", "kind": "placeholder", "inputs": []},
            {"name": "w1", "kind": "variable", "inputs": [], "value": matrix(3, 4)},
            {"name": "w2", "kind": "variable", "inputs": [], "value": matrix(4, 2)},
            {"name": "z", "kind": "matmul", "inputs": ["x", "w1"]},
            {"name": "h", "kind": "relu", "inputs": ["z"]},
            {"name": "prediction", "kind": "matmul", "inputs": ["h", "w2"]},
            {"name": "difference", "kind": "subtract", "inputs": ["prediction", "y"]},
            {"name": "squares", "kind": "square", "inputs": ["difference"]},
            {"name": "loss", "kind": "sum", "inputs": ["squares"]},
            {"name": "size of h", "kind": "sum", "inputs": ["h"]},
        ]
        x, y = matrix(5, 3), matrix(5, 2)

        def run(*fetches, variables=None, **feed):
            return {"fetches": list(fetches), "feed": feed, "variables": variables or {}}

        yield Case("the loss", 1, lines=net, runs=[run("loss", x=x, y=y)])
        yield Case("the prediction needs no y", 1, lines=net, runs=[run("prediction", x=x)])
        yield Case("two that share a part", 1, lines=net,
                   runs=[run("size of h", "loss", x=x, y=y)])  # fmt: skip
        yield Case("x is not fed", 1, lines=net, runs=[run("prediction", y=y)])
        yield Case("y is not fed", 1, lines=net, runs=[run("loss", x=x)])
        new = {"w1": matrix(3, 4)}
        yield Case("a second run with other values", 1, lines=net, runs=[
            run("loss", "prediction", x=x, y=y),
            run("loss", "prediction", x=matrix(2, 3), y=matrix(2, 2), variables=new)])  # fmt: skip
        yield Case("h is fed itself", 1, lines=net, runs=[run("prediction", h=matrix(5, 4), x=x)])
        yield Case("a placeholder and a variable", 1, lines=net, runs=[run("w2", "x", x=x)])

    def observe(self, code, lines, runs):
        from course_utils.recipes.graphs import build

        nodes, calls = build(lines)
        results = []
        for run in runs:
            for name, value in run["variables"].items():
                nodes[name].value = np.array(value)
            before = dict(calls)
            try:
                values = code.run_graph([nodes[name] for name in run["fetches"]], run["feed"])
            except KeyError as error:
                said = " ".join(str(part) for part in error.args)
                words = "".join(c if c.isalnum() or c == "_" else " " for c in said).split()
                names = [name for name in nodes if name in words]
                values = {"stopped": f"KeyError about {names[0] if names else 'no node'}"}
                calls.update(before)  # how far a run gets before it meets the gap is free
            results.append(values)
        return {"results": results, "calls": calls}

    def reference(self, lines, runs):
        table = {line["name"]: line for line in lines}
        calls = {name: 0 for name, line in table.items() if line["kind"] in FUNCTIONS}
        results = []
        for run in runs:
            values = dict(run["feed"])
            needed, waiting = {}, list(run["fetches"])
            while waiting:
                name = waiting.pop()
                needed[name] = () if name in values else tuple(table[name]["inputs"])
                waiting += [given for given in needed[name] if given not in needed]
            stopped = None
            for name in graphlib.TopologicalSorter(needed).static_order():
                kind = table[name]["kind"]
                if name in values:
                    continue
                if kind == "placeholder":
                    stopped = name
                elif kind == "variable":
                    values[name] = run["variables"].get(name, table[name]["value"])
            if stopped:
                results.append({"stopped": f"KeyError about {stopped}"})
                continue
            for name in graphlib.TopologicalSorter(needed).static_order():
                if name not in values:
                    given = [values[n] for n in table[name]["inputs"]]
                    values[name] = FUNCTIONS[table[name]["kind"]](*given)
                    calls[name] += 1
            results.append({name: values[name] for name in run["fetches"]})
        return {"results": results, "calls": calls}

    @mistake
    def computed_again(self, right, **inputs):
        """The values are right, but what two nodes need is computed for each of them. Remember,
        within a run, what you have."""
        return ran(**inputs, again=True)

    @mistake
    def everything_runs(self, right, **inputs):
        """You compute the whole graph. Start at what is fetched and go back from there: what it
        does not need is not computed, and need not be fed."""
        return ran(**inputs, all_nodes=True)

    @mistake
    def remembers_the_last_run(self, right, **inputs):
        """Values from one run turn up in the next, although other data are fed. What you remember
        must begin empty in every run; a default argument that is a dictionary does not."""
        return ran(**inputs, remember=True)

    @mistake
    def fed_and_still_computed(self, right, **inputs):
        """A node that is fed is computed all the same. Feeding is not for placeholders only: what
        is fed counts, and what lies behind it is not needed."""
        return ran(**inputs, feed_operations=False)

    @mistake
    def gap_without_a_name(self, right, lines, runs):
        """Your KeyError does not say which placeholder is not fed. Put its name into it; whoever
        reads it has a graph of a thousand nodes."""
        results = [{"stopped": "KeyError about no node"} if "stopped" in seen else seen
                   for seen in right["results"]]  # fmt: skip
        return {"results": results}

    @mistake
    def none_for_a_gap(self, right, lines, runs):
        """A placeholder that is not fed becomes None in yours, and the error comes later, from an
        operation that cannot use it. Stop where the value is missing, and say which it is."""
        if any("stopped" in seen for seen in right["results"]):
            return dict.fromkeys(right, raises("TypeError", "NoneType"))

    @mistake
    def a_list_of_values(self, right, lines, runs):
        """You return the values in a row. A dictionary from the fetched nodes' names to their
        values is wanted."""
        return {"results": [seen if "stopped" in seen else list(seen.values())
                            for seen in right["results"]]}  # fmt: skip
