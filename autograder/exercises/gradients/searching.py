"""Exercise of notebook 01: the first wrong gradient of a graph."""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near, raises

POOL = ("dscores", "dh", "dz", "dw", "db", "dxhat", "dvar", "dmean", "dgamma", "dbeta", "dx", "da")


class first_wrong(Exercise):
    """The first gradient that is off, in the order of computation."""

    signature = "first_wrong(mine, reference) -> name, kind, difference"
    extra = True
    minutes = 12
    difficulty = 2
    reads = {
        "name": "the name that you return is {seen}; {right} is right",
        "kind": "the kind that you return is {seen}; {right} is right",
        "difference": "the difference that you return",
    }
    hints = (
        "Make two passes in the order of the reference. In the first look for a wrong entry. Only "
        "if there is none, look for a close one.",
        "Compare the shapes before you subtract: numpy would broadcast. And NaN is neither equal "
        "to anything nor larger than anything.",
    )

    def cases(self, rng):
        def case(name, points, *changes, turned=False, more=False, smallest=0):
            """Changes are (place in the order, what, size); the third of five entries is a row.

            The name that is smallest in the alphabet stands at the place `smallest`.
            """
            names = [str(n) for n in rng.permutation(POOL)[:6]]
            at = names.index(min(names))
            names[at], names[smallest] = names[smallest], names[at]
            shapes = ((3, 2), (3, 4), (4,), (5, 4), (2, 3))
            reference = {key: rng.uniform(1, 2, shape) * rng.choice([-1, 1], shape)
                         for key, shape in zip(names, shapes, strict=False)}  # fmt: skip
            mine = {key: value.copy() for key, value in reference.items()}
            for place, change, size in changes:
                key = names[place]
                if change == "off":
                    at = rng.choice(mine[key].size, 2, replace=False)
                    mine[key].flat[at] -= np.array([size, size / 3]) * rng.uniform(0.8, 1.2)
                elif change == "beside":  # a value of the reference, and how far mine is off there
                    reference[key].flat[0], mine[key].flat[0] = size[0], size[0] + size[1]
                elif change == "column":
                    mine[key] = mine[key][:, None]
                elif change == "first row":
                    mine[key] = mine[key][:1]
                elif change == "nan":
                    mine[key].flat[2] = np.nan
                elif change == "empty":
                    mine[key], reference[key] = np.zeros((0, 3)), np.zeros((0, 3))
                elif change == "of another shape":
                    mine[key] = np.zeros((0, 1))
                elif change == "left out":
                    del mine[key]
            if turned:
                mine = dict(reversed(mine.items()))
            if more:
                mine = {names[5]: rng.normal(size=3), **mine}
            return Case(name, points, mine=mine, reference=reference)

        def first(last=3):
            return int(rng.integers(0, last))

        k = first()
        yield case("a small one first, a large one later", 1, (k, "off", 0.02),
                   (k + 1, "off", 3.0), (4, "off", 0.5), smallest=k + 1)  # fmt: skip
        yield case("rounding before the first wrong one", 1,
                   (0, "off", 1e-9), (1 + first(), "off", 0.5), (4, "off", 0.1))  # fmt: skip
        yield case("all exact", 0.5)
        k = first()
        yield case("nothing but rounding", 1, (k, "off", 3e-6), (k + 1, "off", 7e-6),
                   (4, "off", 2e-6), smallest=k + 1)  # fmt: skip
        yield case("rounding in the last digit", 0.5, (first(), "beside", (1.0, 2.0**-52)))
        yield case("a column for a row", 1, (2, "column", 0))
        yield case("one row for all", 1, (1, "first row", 0), (4, "off", 1.0))
        yield case("not a number", 1, (first(), "nan", 0), (4, "off", 1.0))
        yield case("one left out", 0.5, (first(), "left out", 0), (3, "off", 1.0))
        yield case("one left out, another close", 0.5, (first(), "left out", 0), (3, "off", 4e-6))
        k = first()
        yield case("yours in another order", 1, (k, "off", 0.3), (k + 1, "off", 0.7), turned=True)
        yield case("one that only yours has", 0.5, (1 + first(), "off", 4e-6), more=True)
        k = first()
        yield case("an entry without values", 0.5, (k, "empty", 0), (3, "off", 4e-6))
        gone = (k, "empty", 0), (k, "left out", 0)
        yield case("one without values, left out", 0.25, *gone, (3, "off", 1.0))
        yield case("one without values, in another shape", 0.25, (k, "empty", 0),
                   (k, "of another shape", 0), (4, "off", 1.0))  # fmt: skip
        tolerance = 1e-8 + 1e-5 * 1000
        yield case("hardly beyond the tolerance", 0.5,
                   (1 + first(), "beside", (1000.0, tolerance + 5e-8)))  # fmt: skip
        yield case("beside a value of 0", 0.5, (first(), "beside", (0.0, 6e-9)))
        yield case("exactly at the tolerance", 0.5, (first(), "beside", (0.0, 1e-8)))
        yield case("beside a small value", 0.5, (first(), "beside", (1e-3, 5e-6)))
        yield case("beside a value of 1000", 0.5, (0, "beside", (1000.0, 0.0)), (0, "off", 1e-4))

    def observe(self, code, mine, reference):
        name, kind, difference = code.first_wrong(mine, reference)
        return {"name": name, "kind": kind, "difference": float(difference)}

    def reference(self, mine, reference):
        right = _first(_all(mine, reference))
        return right | {"difference": near(right["difference"], rtol=1e-6, atol=1e-14)}

    # Which entry.

    @mistake
    def the_largest(self, right, mine, reference):
        """You look for the largest difference. Errors grow on their way through the graph; where
        it began is what you want to know."""
        return _first(sorted(_all(mine, reference), key=lambda entry: -entry[2]))

    @mistake
    def stops_at_rounding(self, right, mine, reference):
        """You stop at the first entry that is not exact, though it is only rounding. A wrong one
        further on counts more."""
        off = [entry for entry in _all(mine, reference) if entry[1] != "exact"]
        return _named(*off[0]) if off else None

    @mistake
    def last_close_one(self, right, mine, reference):
        """Where nothing is wrong you report the last close entry. The first one is asked for."""
        close = [entry for entry in _all(mine, reference) if entry[1] == "close"]
        return _named(*close[-1]) if right["kind"] == "close" else None

    @mistake
    def last_wrong_one(self, right, mine, reference):
        """You report the last wrong entry. All that comes after the first wrong one may be wrong
        because of it: report the first."""
        wrong = [entry for entry in _all(mine, reference) if entry[1] == "wrong"]
        return _named(*wrong[-1]) if wrong else None

    @mistake
    def order_of_mine(self, right, mine, reference):
        """You go through the entries in the order of `mine`. The order of computation is that of
        `reference`."""
        if set(reference) <= set(mine):
            return _first([entry for name in mine for entry in _all(mine, reference)
                           if entry[0] == name])  # fmt: skip

    @mistake
    def order_of_mine_and_then_the_rest(self, right, mine, reference):
        """You go through the entries in the order of `mine`, and come last to those that it lacks.
        The order of computation is that of `reference`."""
        order = [*(name for name in mine if name in reference), *reference]
        return _first(sorted(_all(mine, reference), key=lambda entry: order.index(entry[0])))

    @mistake
    def lacking_last(self, right, mine, reference):
        """You come last to what `mine` lacks. Such an entry is wrong, and where it is the first
        that is wrong it is the one to report."""
        return _first(sorted(_all(mine, reference), key=lambda entry: entry[0] not in mine))

    @mistake
    def sorted_by_name(self, right, mine, reference):
        """You go through the names in alphabetical order. The order of computation is the one in
        which `reference` has them."""
        return _first(sorted(_all(mine, reference), key=lambda entry: entry[0]))

    @mistake
    def lacking_skipped(self, right, mine, reference):
        """You skip what `mine` lacks. Such an entry is wrong, with the difference infinity."""
        return _first([e for e in _all(mine, reference) if e[0] in mine])

    @mistake
    def lacking_stops(self, right, mine, reference):
        """Your code stops with a KeyError where `mine` lacks an entry. Such an entry is wrong, with
        the difference infinity."""
        gone = [name for name in reference if name not in mine]
        if gone:
            return dict.fromkeys(right, raises("KeyError", gone[0]))

    @mistake
    def others_of_mine_count(self, right, mine, reference):
        """You report an entry that only `mine` has. What is compared are the entries of
        `reference`."""
        others = [name for name in mine if name not in reference]
        return _named(others[0], "wrong", np.inf) if others else None

    @mistake
    def others_of_mine_stop(self, right, mine, reference):
        """Your code stops with a KeyError where `mine` has an entry that `reference` has not. What
        is compared are the entries of `reference`."""
        others = [name for name in mine if name not in reference]
        if others:
            return dict.fromkeys(right, raises("KeyError", others[0]))

    @mistake
    def close_counts_as_exact(self, right, mine, reference):
        """Where nothing is wrong but something is close you say that all is exact. Report the first
        close entry then."""
        return _named(None, "exact", 0.0) if right["kind"] == "close" else None

    @mistake
    def last_name_where_all_is_exact(self, right, mine, reference):
        """Where all is exact you return a name all the same. There None is right."""
        return {"name": list(reference)[-1]} if right["kind"] == "exact" else None

    # How far off.

    @mistake
    def without_sign(self, right, mine, reference):
        """Your difference is the largest of mine − reference. Where yours is too small that is
        negative or 0: take the absolute value first."""
        return self._measured(mine, reference, lambda off, ref: off.max())

    @mistake
    def mean_difference(self, right, mine, reference):
        """Your difference is the mean over the entry. The largest absolute difference is asked
        for."""
        return self._measured(mine, reference, lambda off, ref: np.abs(off).mean())

    @mistake
    def summed_difference(self, right, mine, reference):
        """Your difference is the sum over the entry. The largest absolute difference is asked
        for."""
        return self._measured(mine, reference, lambda off, ref: np.abs(off).sum())

    @mistake
    def length_of_the_difference(self, right, mine, reference):
        """Your difference is the root of the summed squares, a norm. The largest absolute
        difference is asked for."""
        return self._measured(mine, reference, lambda off, ref: np.sqrt((off**2).sum()))

    @mistake
    def difference_of_all_entries(self, right, mine, reference):
        """Your difference is the largest of all the entries. The largest in the entry that you name
        is asked for."""
        return {"difference": max(entry[2] for entry in _all(mine, reference))}

    @mistake
    def relative_difference(self, right, mine, reference):
        """Your difference is relative to the reference. The absolute difference is asked for."""
        with np.errstate(all="ignore"):
            return self._measured(
                mine, reference, lambda off, ref: np.nanmax(np.abs(off) / np.abs(ref))
            )

    @mistake
    def relative_to_both(self, right, mine, reference):
        """Your difference is relative: it is divided by the sizes of the two values, added up. The
        absolute difference is asked for."""
        return self._divided(mine, reference, lambda own, ref: np.abs(own) + np.abs(ref))

    @mistake
    def relative_to_the_larger(self, right, mine, reference):
        """Your difference is relative: it is divided by the larger of the two values. The absolute
        difference is asked for."""
        larger = lambda own, ref: np.maximum(np.abs(own), np.abs(ref))
        return self._divided(mine, reference, larger)

    def _divided(self, mine, reference, by):
        """The right entry, its difference relative to a size of the two values."""
        return self._measured(mine, reference, lambda off, ref: (
            np.abs(off) / np.maximum(1e-8, by(ref + off, ref))).max())  # fmt: skip

    @mistake
    def zero_where_close(self, right, mine, reference):
        """Your difference is 0 where an entry is close. It is 0.0 only if all are exact."""
        return {"difference": 0.0} if right["kind"] == "close" else None

    def _measured(self, mine, reference, measure):
        """The right entry, with another measure of how far it is off."""
        found = _first(_all(mine, reference))
        if found["name"] and np.isfinite(found["difference"]):
            ref = reference[found["name"]]
            return {"difference": float(measure(mine[found["name"]] - ref, ref))}

    # What counts as close.

    @mistake
    def relative_to_mine(self, right, mine, reference):
        """Your tolerance is relative to `mine`, as when the two are exchanged in np.allclose. It is
        relative to the reference."""
        return _first(_all(mine, reference, allowed=lambda m, r: 1e-8 + 1e-5 * np.abs(m)))

    @mistake
    def absolute_part_left_out(self, right, mine, reference):
        """Your tolerance lacks the absolute part 1e-8, so beside a value of 0 nothing but 0 is
        close."""
        return _first(_all(mine, reference, allowed=lambda m, r: 1e-5 * np.abs(r)))

    @mistake
    def relative_part_left_out(self, right, mine, reference):
        """Your tolerance is 1e-8 for every value. It grows with the reference by 1e-5 of it."""
        return _first(_all(mine, reference, allowed=lambda m, r: 1e-8 + 0 * r))

    @mistake
    def absolute_1e_5(self, right, mine, reference):
        """Your tolerance is 1e-5 for every value, as when its two parts are exchanged. It is 1e-5
        of the reference's value, and 1e-8 more."""
        return _first(_all(mine, reference, allowed=lambda m, r: 1e-5 + 0 * r))

    @mistake
    def one_tolerance_for_all(self, right, mine, reference):
        """You have one tolerance for the whole entry, as where its largest value or its norm makes
        it. Each value has a tolerance of its own."""
        largest = lambda m, r: 1e-8 + 1e-5 * np.abs(r).max(initial=0) + 0 * r
        return _first(_all(mine, reference, allowed=largest))

    @mistake
    def less_than_the_tolerance(self, right, mine, reference):
        """A difference of exactly the tolerance is wrong in yours. Within the tolerance means at
        most."""
        return _first(_all(mine, reference, within=np.less))

    @mistake
    def one_close_value_is_enough(self, right, mine, reference):
        """An entry is close in yours as soon as one of its values is. All of them have to be."""
        return _first(_all(mine, reference, enough=np.any))

    @mistake
    def rounding_is_exact(self, right, mine, reference):
        """You call an entry exact when its differences are tiny. Exact means that all values are
        equal."""
        return _first(_all(mine, reference, exact=1e-12))

    # Shapes and NaN.

    @mistake
    def shapes_broadcast(self, right, mine, reference):
        """Where the shapes differ numpy broadcasts, and what you compare is a table of all against
        all. A wrong shape is wrong: the difference is infinite."""
        return _first(_all(mine, reference, broadcast=True))

    @mistake
    def shapes_flattened(self, right, mine, reference):
        """You flatten the entries before you compare them, so one of another shape passes when its
        numbers are right. A wrong shape is wrong: the difference is infinite."""
        flat = {k: v.reshape(reference[k].shape) if k in reference and v.size == reference[k].size
                else v for k, v in mine.items()}  # fmt: skip
        return _first(_all(flat, reference))

    @mistake
    def nan_passes(self, right, mine, reference):
        """NaN slips through your comparison: it is not larger than any tolerance, and functions
        like nanmax leave it out. An entry that holds NaN is wrong."""
        return _first(_all(mine, reference, nan=("close", np.nan)))

    @mistake
    def difference_is_nan(self, right, mine, reference):
        """Your difference is NaN where an entry holds NaN. It is infinity there."""
        return _first(_all(mine, reference, nan=("wrong", np.nan)))

    @mistake
    def empty_stops(self, right, mine, reference):
        """Your code stops at an entry without values, since nothing has no largest value. All of
        its values are equal: it is exact."""
        if any(v.size == 0 and np.shape(mine.get(n)) == v.shape for n, v in reference.items()):
            return dict.fromkeys(right, raises("ValueError", "zero-size array"))

    @mistake
    def empty_passed_over(self, right, mine, reference):
        """You pass over entries without values before you look further. One that `mine` lacks, or
        has in another shape, is wrong all the same."""
        return _first([e for e in _all(mine, reference) if reference[e[0]].size])

    @mistake
    def empty_of_any_shape(self, right, mine, reference):
        """Where there are no values on either side you do not look at the shapes. An entry of
        another shape is wrong, with values or without."""
        empty = {n: v for n, v in reference.items() if n in mine and v.size == mine[n].size == 0}
        return _first(_all(mine | empty, reference))


def _all(mine, reference, **how):
    """(name, kind, difference) of every entry, right or in one of the wrong ways."""
    return [(name, *_rated(mine.get(name), value, **how)) for name, value in reference.items()]


def _rated(
    mine, reference, *, broadcast=False, nan=("wrong", np.inf), exact=0.0, enough=np.all,
    within=np.less_equal, allowed=lambda mine, reference: 1e-8 + 1e-5 * np.abs(reference),
):  # fmt: skip
    if mine is None or (mine.shape != reference.shape and not broadcast):
        return "wrong", np.inf
    off = np.abs(mine - reference)
    if np.isnan(off).any():
        return nan
    if (off <= exact).all():
        return "exact", 0.0
    kind = "close" if enough(within(off, allowed(mine, reference))) else "wrong"
    return kind, float(off.max())


def _first(rated):
    for kind in ("wrong", "close"):
        for entry in rated:
            if entry[1] == kind:
                return _named(*entry)
    return _named(None, "exact", 0.0)


def _named(name, kind, difference):
    return {"name": name, "kind": kind, "difference": float(difference)}
