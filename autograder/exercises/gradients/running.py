"""Exercise of notebook 01: running a static graph."""

import graphlib

import numpy as np

from autograder.exercise import Case, mistake, raises
from autograder.exercises.gradients.orders import Ordered
from autograder.exercises.gradients.runner import IN_ORDER, NOTHING, ran, told
from course_utils.recipes.graphs import FUNCTIONS


class run_graph(Ordered):
    """Run a static graph: feed, fetch, compute what is needed and nothing else."""

    signature = "run_graph(fetches, feed) -> values"
    extra = True
    counted = ("calls",)
    minutes = 20
    difficulty = 3
    reads = {
        "values": "what your run gives",
        "values of run 2": "what your second run gives",
        "names": "the names in what your run gives are {seen}; {right} are right",
        "names of run 2": "the names in what your second run gives are {seen}; {right} are right",
        "stop": "your run stops with {seen}; {right} is right",
        "stop of run 2": "your second run stops with {seen}; {right} is right",
        "calls": "the number of calls of an operation",
        "feed": "the caller's feed is {seen} when you return; {right} is right",
    }
    hints = (
        "Write a function inside your function that gives the value of one node and calls itself "
        "for the node's inputs. It does nearly everything. Start it at the nodes that are "
        "fetched.",
        "Keep a dictionary, by name, of the values that this run has computed already. The values "
        "that are fed can be in it from the start.",
        "There are four cases: the node's value is known already, or it is a variable, an "
        "operation or a placeholder. Only the last case is an error.",
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
        numbers = [
            {"name": "x", "kind": "placeholder", "inputs": []},
            {"name": "offset", "kind": "variable", "inputs": [], "value": float(matrix())},
            {"name": "total", "kind": "subtract", "inputs": ["x", "offset"]},
            {"name": "twice", "kind": "add", "inputs": ["total", "total"]},
        ]
        x, y = matrix(5, 3), matrix(5, 2)

        def run(*fetches, variables=None, **feed):
            return {"fetches": list(fetches), "feed": feed, "variables": variables or {}}

        def case(name, points, *runs, lines=net):
            return Case(name, points, lines=lines, runs=list(runs))

        # First, as it calls nothing: calls left out of a second run are not another result.
        yield case("a placeholder and a variable", 1, run("w2", "x", x=x))
        yield case("the loss", 1, run("loss", x=x, y=y))
        yield case("the prediction needs no y", 1, run("prediction", x=x))
        yield case("two that share a part", 1, run("size of h", "loss", x=x, y=y))
        yield case("x is not fed", 0.5, run("prediction", y=y))
        yield case("y is not fed", 0.5, run("loss", x=x))
        yield case("a second run with other values", 1,
                   run("loss", "prediction", x=x, y=y),
                   run("loss", "prediction", x=matrix(2, 3), y=matrix(2, 2),
                       variables={"w1": matrix(3, 4)}))  # fmt: skip
        yield case("h is fed itself", 0.5, run("prediction", h=matrix(5, 4), x=x))
        yield case("h is fed, and x is not", 0.5, run("prediction", h=matrix(5, 4)))
        yield case("a variable is fed, and later not", 0.5,
                   run("prediction", x=x, w2=matrix(4, 2)), run("prediction", x=x))  # fmt: skip
        yield case("one node twice", 0.25, run("twice", x=float(matrix())), lines=numbers)
        mask = {"name": "mask", "kind": "placeholder", "inputs": []}
        yield case("0 is fed, and None", 0.25, run("total", "twice", "mask", x=0.0, mask=None),
                   lines=[*numbers, mask])  # fmt: skip

    def observe(self, code, lines, runs):
        from course_utils.recipes.graphs import build

        nodes, calls = build(lines)
        shown, left = [], True
        for run in runs:
            for name, value in run["variables"].items():
                nodes[name].value = np.array(value)
            before, feed = dict(calls), dict(run["feed"])
            values, stop = {}, "no exception"
            try:
                values = code.run_graph([nodes[name] for name in run["fetches"]], feed)
            except Exception as error:
                said = " ".join(str(part) for part in error.args)
                words = "".join(c if c.isalnum() or c == "_" else " " for c in said).split()
                named = [name for name in nodes if name in words]
                meant = isinstance(error, KeyError) or {"fed", "feed", "placeholder"} & set(words)
                if not named and not meant:
                    raise
                kind = "a KeyError" if isinstance(error, KeyError) else "another exception"
                stop = f"{kind} that names {named[0] if named else 'no node'}"
            if stop != "no exception" or isinstance(values, dict) and not values:
                calls.update(before)  # how far a run gets before it meets the gap is free
            by_node = isinstance(values, dict) and any(hasattr(key, "graph") for key in values)
            if by_node:
                values = {getattr(key, "name", str(key)): value for key, value in values.items()}
            left = left and (stop != "no exception" or list(feed) == list(run["feed"]))
            shown.append({"values": values, "stop": stop, "by node": by_node})
        return {"runs": shown, "calls": calls, "feed left": left}

    def read(self, seen, lines, runs):
        """Each run's values, their names, and how it stopped."""
        shown = {"calls": seen["calls"], "feed": "as it was" if seen["feed left"] else "changed"}
        for number, (run, found) in enumerate(zip(runs, seen["runs"], strict=True)):
            values, fetches = found["values"], run["fetches"]
            behind = f" of run {number + 1}" if number else ""
            words = "none"
            if isinstance(values, dict) and found["stop"] == "no exception":
                words = "others" if values else "none"
                if set(values) >= set(fetches):
                    words = "more than those fetched"
                if set(values) == set(fetches):
                    in_order = list(values) == fetches
                    words = f"those fetched, in {'their' if in_order else 'another'} order"
                values = {name: value for name, value in values.items() if name in fetches}
                words = "no names, but the nodes themselves" if found["by node"] else words
            shown[f"values{behind}"] = values
            shown[f"names{behind}"] = words
            shown[f"stop{behind}"] = found["stop"]
        return shown

    def reference(self, lines, runs):
        table = {line["name"]: line for line in lines}
        calls = {name: 0 for name, line in table.items() if line["kind"] in FUNCTIONS}
        shown = {}
        for number, run in enumerate(runs):
            values = dict(run["feed"])
            needed, waiting = {}, list(run["fetches"])
            while waiting:
                name = waiting.pop()
                needed[name] = () if name in values else tuple(table[name]["inputs"])
                waiting += [given for given in needed[name] if given not in needed]
            gap = None
            for name in graphlib.TopologicalSorter(needed).static_order():
                kind = table[name]["kind"]
                if name in values:
                    continue
                if kind == "placeholder":
                    gap = name
                elif kind == "variable":
                    values[name] = run["variables"].get(name, table[name]["value"])
            if gap:
                shown |= told(number, {}, "none", f"a KeyError that names {gap}")
                continue
            for name in graphlib.TopologicalSorter(needed).static_order():
                if name not in values:
                    given = [values[n] for n in table[name]["inputs"]]
                    values[name] = FUNCTIONS[table[name]["kind"]](*given)
                    calls[name] += 1
            fetched = {name: values[name] for name in run["fetches"]}
            shown |= told(number, fetched, IN_ORDER, NOTHING)
        return shown | {"calls": calls, "feed": "as it was"}

    # What is computed.

    @mistake
    def computed_again(self, right, **inputs):
        """You compute what two nodes need once for each of them. Remember, within a run, what you
        have: every fetch and every node looks there first."""
        return ran(**inputs, again=True)

    @mistake
    def each_fetch_by_itself(self, right, **inputs):
        """You compute what two fetches share once for each of them. What you have is remembered
        within a run, not within a fetch only."""
        return ran(**inputs, per_fetch=True)

    @mistake
    def everything_runs(self, right, **inputs):
        """You compute the whole graph. Start at what is fetched and go back from there: what it
        does not need is not computed, and need not be fed."""
        return ran(**inputs, all_nodes=True)

    @mistake
    def all_that_can_be_computed(self, right, **inputs):
        """You compute every node of the graph that can be computed. Start at what is fetched and go
        back from there: an operation is called only if a fetched node needs it."""
        return ran(**inputs, possible=True)

    @mistake
    def all_placeholders_asked_for(self, right, **inputs):
        """You want every placeholder of the graph to be fed. Only those are needed that what is
        fetched depends on."""
        return ran(**inputs, all_placeholders=True)

    @mistake
    def remembers_the_last_run(self, right, **inputs):
        """Values from one run turn up in the next, although other data are fed. What you remember
        must begin empty in every run; a default argument that is a dictionary does not, nor does
        what is kept on the nodes."""
        return ran(**inputs, remember=True)

    @mistake
    def remembered_by_function(self, right, **inputs):
        """Two operations with the same function count as one in yours: the value of one turns up
        as the other's. Remember values by the nodes' names."""
        return ran(**inputs, by_function=True)

    @mistake
    def variables_remembered(self, right, **inputs):
        """A variable has the value of an earlier run in yours, although it was changed since. Look
        at the node itself in every run: its value is the one that it has then."""
        return ran(**inputs, first_values=True)

    @mistake
    def inputs_in_a_dictionary(self, right, lines, runs):
        """An operation that has one node twice among its inputs gets it once in yours, as where the
        inputs' values go through a dictionary or a set. Hand over a value for each input."""
        if any("twice" in run["fetches"] for run in runs):
            return dict.fromkeys(right, raises("TypeError", "missing 1 required positional"))

    @mistake
    def inputs_reversed(self, right, lines, runs):
        """You go through an operation's inputs from the last to the first. The first of its inputs
        is the first argument of its function."""
        return self._reversed(right, runs)

    @mistake
    def arguments_reversed(self, right, lines, runs):
        """You call an operation's function with its arguments in the reverse order. The first of
        its inputs is the first argument."""
        stops = raises("ValueError", "mismatch in its core dimension")
        if right["stop"].endswith(" y"):
            return dict.fromkeys(right, stops)
        return self._reversed(right, runs)

    def _reversed(self, right, runs):
        if {"total", "twice"} & set(runs[0]["fetches"]):
            return {"values": {name: value if value is None else -value
                               for name, value in right["values"].items()}}  # fmt: skip
        if right["stop"] == NOTHING and not {"w2", "x"} & set(runs[0]["fetches"]):
            return dict.fromkeys(right, raises("ValueError", "mismatch in its core dimension"))

    # What is fed.

    @mistake
    def fed_and_still_computed(self, right, **inputs):
        """You use what is fed for placeholders only, and compute or look up any other node all the
        same. What is fed counts, whatever node it is, and what lies behind it is not needed."""
        return ran(**inputs, fed="placeholders")

    @mistake
    def variables_cannot_be_fed(self, right, **inputs):
        """A variable keeps its own value in yours when it is fed. Any node may be fed: look at what
        is fed first."""
        return ran(**inputs, fed="all but variables")

    @mistake
    def operations_cannot_be_fed(self, right, **inputs):
        """An operation that is fed is computed all the same. Any node may be fed: look at what is
        fed first."""
        return ran(**inputs, fed="all but operations")

    @mistake
    def inputs_of_what_is_fed(self, right, **inputs):
        """A node that is fed has its value, and you still compute what it would have been computed
        from. That is not needed: look at what is fed before you go on to the inputs."""
        return ran(**inputs, fed_inputs=True)

    @mistake
    def fed_variable_is_overwritten(self, right, **inputs):
        """A variable that was fed keeps that value in the next run: you write it into the node.
        What is fed counts for one run, the node stays as it is."""
        return ran(**inputs, overwrite=True)

    @mistake
    def zero_is_no_feed(self, right, **inputs):
        """A 0 that is fed counts as not fed in yours, since 0 is false. Ask whether the name is in
        feed."""
        return ran(**inputs, fed_zero=False)

    @mistake
    def none_is_no_feed(self, right, **inputs):
        """A node that is fed None counts as not fed in yours. Ask whether the name is in feed."""
        return ran(**inputs, fed_none=False)

    @mistake
    def made_arrays_of_floats(self, right, runs, **inputs):
        """You make arrays of floats of what is fed, and None becomes NaN. What is fed, and what a
        function returns, goes on as it is."""
        if any(value is None for value in runs[0]["feed"].values()):
            return {"values": {n: np.nan if v is None else v for n, v in right["values"].items()}}

    @mistake
    def truth_of_an_array(self, right, lines, runs):
        """You ask whether an array is true, and numpy does not say. Ask whether the name is in
        feed."""
        fed = any(np.size(v) > 1 for v in runs[0]["feed"].values())
        if fed and not right["stop"].endswith(" x"):
            return dict.fromkeys(right, raises("ValueError", "truth value of an array"))

    @mistake
    def writes_into_the_feed(self, right, runs, **inputs):
        """You write your results into the feed that the caller handed you. Keep them in a
        dictionary of your own."""
        return {"feed": "changed"} if right["stop"] == NOTHING else None

    # A gap.

    @mistake
    def gap_without_a_name(self, right, **inputs):
        """Your KeyError does not say which placeholder is not fed. Put its name into it; whoever
        reads it has a graph of a thousand nodes."""
        return self._stopped(right, lambda name: "a KeyError that names no node")

    @mistake
    def gap_names_what_is_fetched(self, right, lines, runs):
        """Your KeyError names the node that is fetched. Name the placeholder that is not fed."""
        fetched = runs[0]["fetches"][0]
        return self._stopped(right, lambda name: f"a KeyError that names {fetched}")

    @mistake
    def not_a_key_error(self, right, **inputs):
        """Where a placeholder is not fed you raise an exception of another type. A KeyError is
        asked for."""
        return self._stopped(right, lambda name: f"another exception that names {name}")

    @mistake
    def not_a_key_error_and_no_name(self, right, **inputs):
        """Where a placeholder is not fed you raise an exception of another type, and it does not
        say which one it is. A KeyError with its name is asked for."""
        return self._stopped(right, lambda name: "another exception that names no node")

    def _stopped(self, right, words):
        if right["stop"] != NOTHING:
            return {"stop": words(right["stop"].rpartition(" ")[2])}

    @mistake
    def no_stop_at_a_gap(self, right, **inputs):
        """Where a placeholder is not fed you return without a word. A KeyError with its name is
        asked for."""
        return self._stopped(right, lambda name: NOTHING)

    @mistake
    def none_for_a_gap(self, right, lines, runs):
        """A placeholder that is not fed becomes None in yours, and the error comes later, from an
        operation that cannot use it. Stop where the value is missing, with a KeyError that says
        which it is."""
        if right["stop"].endswith(" x"):  # a product of None with a matrix, and a difference
            return dict.fromkeys(right, raises("ValueError", "does not have enough dimensions"))
        if right["stop"].endswith(" y"):
            return dict.fromkeys(right, raises("TypeError", "NoneType"))

    # What is returned.

    @mistake
    def a_list_of_values(self, right, lines, runs):
        """You return the values in a row. A dictionary from the fetched nodes' names to their
        values is wanted."""
        return self._instead(right, list)

    @mistake
    def the_value_alone(self, right, lines, runs):
        """Where one node is fetched you return its value alone. A dictionary from names to values
        is wanted, for one node, too."""
        if all(len(run["fetches"]) == 1 for run in runs):
            return self._instead(right, lambda values: next(iter(values)))

    def _instead(self, right, form):
        shown = {}
        for name, values in right.items():
            if name.startswith("values") and values:
                shown |= {name: form(values.values()), name.replace("values", "names"): "none"}
        return shown

    @mistake
    def keyed_by_nodes(self, right, lines, runs):
        """The keys of what you return are the nodes themselves. Their names are asked for."""
        return {name: "no names, but the nodes themselves" for name, words in right.items()
                if name.startswith("names") and words == IN_ORDER}  # fmt: skip

    @mistake
    def returns_more(self, right, lines, runs):
        """You return more than was fetched: all that you know. Return the fetched nodes only."""
        kinds = {line["name"]: line["kind"] for line in lines}
        if any(kinds[name] in FUNCTIONS for name in runs[0]["fetches"]):
            return {name: "more than those fetched" for name, words in right.items()
                    if name.startswith("names") and words == IN_ORDER}  # fmt: skip
