"""Exercise of notebook 03: which examples are for training, for validation, for testing.

What is done to the pictures themselves is in `preprocessing` and its neighbours.
"""

import numpy as np

from autograder.exercise import Case, mistake, raises
from autograder.exercises.data.shares import (
    ENOUGH,
    EXACT,
    WAYS,
    Rounded,
    against,
    as_asked,
    as_stored,
    cut_off,
    cut_where_sizes_say,
    dealt_from_the_first,
    dealt_from_the_last,
    halves_missed,
    halves_to_even,
    halves_to_even_in_floats,
    how_shared,
    totals_cut_off,
    which_indices,
)

# Among these facts the first that is off is told; what follows from it is not judged.
FINE = {
    "form": "arrays of indices",
    "indices": "each in one part",
    "shares": "as asked",
    "order": "shuffled",
    "same generator again": "the same parts",
    "another generator": "other parts",
}


class split(Rounded):
    """Training, validation and test indices."""

    signature = "split(n, fractions, rng, labels=None)"
    minutes = 12
    difficulty = 2
    hints = (
        "Shuffle all indices once and cut the result into pieces. Then no index can be in two of "
        "them.",
        "Cut at the running totals of the fractions, each rounded to a whole number, and no index "
        "falls between two pieces. Mind that np.rint rounds 2.5 and 1.5 to 2.",
        "With labels: do the same for the members of each class, then put the pieces together.",
    )
    reads = {
        "form": "split gives {seen}; {right} are asked for",
        "parts": "split gives {seen} parts; {right} are right",
        "sizes": "the list of your parts' sizes",
        "indices": "of the indices you put {seen}; {right} is right",
        "shares": "the sizes of your parts are {seen}; {right} is right",
        "order": "within your parts the examples are {seen}; {right} is right",
        "same generator again": "a generator in the same state gives {seen}; {right} are right",
        "another generator": "a generator in another state gives {seen}; {right} are right",
    }

    def cases(self, rng):
        seed = int(rng.integers(1000))

        def drawn(fractions, telling, smallest, most):
            """A number of examples and fractions that tell one way to round from others."""
            while True:
                n, parts = int(rng.integers(smallest, most)), fractions()
                if telling(n, parts):
                    return {"n": n, "fractions": parts, "labels": None}

        def some_left(n, parts):
            return sum(cut_off(n, [part + 1e-9 for part in parts])) < n

        def shuffled(*parts):
            return lambda: [float(part) for part in rng.permutation(parts)]

        def two():
            # A fraction such as 0.29 is a little below itself in a float.
            share = int(rng.integers(20, 40))
            return [round(1 - share / 100, 2), share / 100]

        def all_ways_off(n, parts):
            ways = [way for way in WAYS.values() if way not in EXACT]
            return not any(as_asked(way(n, parts), n, parts) for way in ways)

        def halves_off(n, parts):
            ends = [as_asked(way(n, parts), n, parts)
                    for way in (dealt_from_the_first, dealt_from_the_last)]  # fmt: skip
            even, missed = halves_to_even(n, parts), halves_missed(n, parts)
            off = not as_asked(even, n, parts) and not as_asked(missed, n, parts)
            return n % 20 == 10 and off and even != missed and sum(ends) == 1

        def halves_hit(n, parts):
            """The floats hit every half, so that only halves to the even number are off."""
            even, missed = (as_asked(way(n, parts), n, parts)
                            for way in (halves_to_even_in_floats, halves_missed))  # fmt: skip
            return n % 20 == 10 and missed and not even

        three = shuffled(0.6, 0.25, 0.15)
        yield Case("three parts", 0.5, seed=seed, **drawn(three, some_left, 40, 90))

        def totals_off(n, parts):  # and no size by itself: where a rest is lost, here is none
            whole = n % 10 == 0 and sum(cut_off(n, parts)) == n
            return whole and not as_asked(totals_cut_off(n, parts), n, parts)

        def at_the_ends():
            """Parts at both ends with whole shares that floats miss, others in between."""
            n = int(rng.choice([100, 200, 400]))
            first, last = rng.choice([k for k in range(n // 20, n // 3) if int(n * (k / n)) < k], 2)
            left = int(n - first - last) - 2  # what is behind the points adds up to 2
            inside = [left // 4 + int(more) for more in rng.integers(-2, 3, 3)]
            inside = np.add([*inside, left - sum(inside)], rng.permutation([0.3, 0.3, 0.7, 0.7]))
            shares = [float(share) for share in np.round([first, *inside, last], 1) / n]
            return {"n": n, "fractions": shares, "labels": None}

        tenths = lambda: list(rng.permutation([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1]])[0].tolist())
        yield Case("whole shares", 0.25, seed=seed + 7, **drawn(tenths, totals_off, 10, 100))
        yield Case("whole shares at both ends", 0.25, seed=seed + 8, **at_the_ends())
        yield Case("two parts", 0.5, seed=seed + 1, **drawn(two, some_left, 70, 140))
        seven = shuffled(0.3, 0.22, 0.18, 0.12, 0.08, 0.06, 0.04)
        yield Case("seven parts", 0.5, seed=seed + 2, **drawn(seven, all_ways_off, 40, 140))
        four = shuffled(0.15, 0.3, 0.35, 0.2)
        half = drawn(four, halves_off, 30, 150)
        yield Case("totals that end in a half", 0.25, seed=seed + 3, **half)
        half = drawn(four, halves_hit, 30, 150)
        yield Case("totals that end in a half, also in floats", 0.25, seed=seed + 9, **half)
        n = int(rng.integers(3, 6))
        yield Case("parts without an example", 0.5, n=n, fractions=[0.96, 0.03, 0.01],
                   labels=None, seed=seed + 4)  # fmt: skip
        # Classes of all sizes, rare ones too; not all numbers are labels.
        names = np.sort(rng.choice(np.arange(1, 12), 7, replace=False))
        for place, (name, order) in enumerate([("sorted by class", np.sort),
                                               ("mixed", rng.permutation)]):  # fmt: skip
            larger = np.array([12, 18, 23, 33, 46]) + rng.integers(0, 6, 5)
            counts = rng.permutation([3, 7, *larger])
            labels = order(np.repeat(names, counts))
            yield Case(f"labels, {name}", 1, n=len(labels), labels=labels,
                       fractions=[0.6, 0.24, 0.16], seed=seed + 5 + place)  # fmt: skip

    def observe(self, code, n, fractions, labels, seed):
        import numpy as np

        def parts(seed):
            rng = np.random.default_rng(seed)
            given = (n, fractions, rng) if labels is None else (n, fractions, rng, labels)
            return [np.array(part, dtype=int) if isinstance(part, list) and not part
                    else np.array(part) for part in code.split(*given)]  # fmt: skip

        sizes = [[len(part) for part in parts(seed + more)] for more in range(2, 6)]
        return {"parts": parts(seed), "again": parts(seed), "other": parts(seed + 1),
                "sizes": sizes}  # fmt: skip

    def read(self, seen, n, fractions, labels, seed):
        parts = [np.asarray(part).reshape(-1) for part in seen["parts"]]
        facts = {"sizes": [round(f * n) for f in fractions], "parts": len(parts), **FINE}
        if len(parts) != len(fractions):
            return facts
        kinds = {part.dtype.kind for part in parts}
        if not kinds <= set("iu"):
            numbers = "yes and no for each example" if kinds == {"b"} else "numbers, not whole ones"
            return facts | {"form": numbers}
        sizes = [len(part) for part in parts]
        every = np.concatenate([np.empty(0, int), *parts])
        classes = np.zeros(n, int) if labels is None else labels
        if off := which_indices(parts, every, classes, n):
            if max(sizes) >= n:
                shares = zip(sizes, facts["sizes"], strict=True)
                facts["sizes"] = [n if size >= n else share for size, share in shares]
            return facts | {"indices": off}
        others = [np.asarray(part).reshape(-1) for part in seen["other"]]
        facts |= how_shared(parts, others, fractions, classes)
        drawn = [s for s in seen["sizes"] if not as_asked(s, n, fractions)]
        if labels is None and facts["shares"] == "as asked" and drawn and n > 9:
            facts["shares"] = "as they come"
        if facts["shares"] == "not those of the fractions":
            facts["sizes"] = sizes
        if order := as_stored(parts, classes, n):
            return facts | {"order": order}
        return facts | {
            "same generator again": against(parts, seen["again"]),
            "another generator": against(parts, seen["other"]) if n > 9 else "other parts",
        }

    def reference(self, n, fractions, labels, seed):
        sizes = [round(f * n) for f in fractions]
        return {"sizes": sizes, "parts": len(fractions), **FINE}

    @mistake
    def not_shuffled(self, right, n, fractions, labels, seed):
        """The parts are cut from the order in which the data are stored. Data sets are often
        sorted by class or by the day they were recorded: shuffle first."""
        if labels is None and n > 9:
            return {"order": "as stored"}

    @mistake
    def not_shuffled_within_a_class(self, right, n, fractions, labels, seed):
        """Where labels are given, the members of a class are shared out in the order in which they
        are stored. Shuffle them before you cut."""
        if labels is not None:
            return {"order": "as stored"}

    @mistake
    def begins_elsewhere(self, right, n, fractions, labels, seed):
        """Each of your parts is one stretch of the data as they are stored (or of a class), so that
        neighbours stay together, wherever the data begin and in whatever order the parts come. Any
        examples may come together: shuffle the indices."""
        if n >= ENOUGH:
            return {"order": "in one stretch of the data each"}

    @mistake
    def each_part_drawn_for_itself(self, right, n, fractions, labels, seed):
        """Your parts overlap: some examples are trained on AND tested on, and some are in no part,
        as happens when each part is drawn from all the data. Cut one shuffled order into pieces."""
        if any(right["sizes"][1:]):
            return {"indices": "some in no part, some in two"}

    @mistake
    def each_part_drawn_for_itself_without_labels(self, right, labels, **case):
        """Where no labels are given your parts overlap: some examples are trained on AND tested on,
        as when each part is drawn from all indices. Shuffle once, and cut the one order into
        pieces."""
        if labels is None and any(right["sizes"][1:]):
            return {"indices": "some in no part, some in two"}

    def _by_places(self, right, n, fractions, labels, seed, sized=False):
        """What parts show that are cut where their sizes say."""

        def parts(start):
            return cut_where_sizes_say(n, fractions, labels, start, sized)

        sizes = [[len(part) for part in parts(seed + more)] for more in range(2, 6)]
        seen = {"parts": parts(seed), "again": parts(seed), "other": parts(seed + 1)}
        return self.read(seen | {"sizes": sizes}, n, fractions, labels, seed)

    @mistake
    def sizes_taken_for_cuts(self, right, n, fractions, labels, seed):
        """You cut where the parts' sizes say, as where np.split is given them. It wants places at
        which to cut, and these are the sizes added up."""
        return self._by_places(right, n, fractions, labels, seed)

    @mistake
    def sizes_taken_for_cuts_without_labels(self, right, n, fractions, labels, seed):
        """Where no labels are given you cut where the parts' sizes say, as where np.split is given
        them. It wants places at which to cut, and these are the sizes added up."""
        if labels is None:
            return self._by_places(right, n, fractions, labels, seed)

    @mistake
    def sizes_taken_for_cuts_within_a_class(self, right, n, fractions, labels, seed):
        """With labels a part of a class begins where the size of the part before says, as where
        np.split is given sizes. It begins where that part ends: the sizes added up."""
        if labels is not None:
            return self._by_places(right, n, fractions, labels, seed)

    @mistake
    def starts_not_added_up(self, right, n, fractions, labels, seed):
        """From the third on your parts overlap with others: each begins where the size of the part
        before it says. It begins where that part ends: add the sizes up."""
        return self._by_places(right, n, fractions, labels, seed, sized=True)

    @mistake
    def drawn_with_replacement(self, right, n, fractions, labels, seed):
        """Some indices come twice in one part, and others never. Shuffle the indices; do not draw
        each one anew."""
        if n > 9:
            return {"indices": "some twice in one part"}

    @mistake
    def positions_for_indices(self, right, n, fractions, labels, seed):
        """With labels the same small numbers come again and again: they are positions within a
        class, not indices of examples. Share out the class's indices themselves."""
        if labels is not None:
            return {"indices": "only small ones, many times over"}

    @mistake
    def numbers_beyond_the_data(self, right, n, fractions, labels, seed):
        """Some of your numbers are no index: they run from 0 to n − 1."""
        return {"indices": "some beyond the data"}

    @mistake
    def class_left_out(self, right, n, fractions, labels, seed):
        """All examples of a class are in no part. Go through the labels that occur: they need not
        be 0, 1, 2 and so on, and the largest is one of them."""
        if labels is not None:
            return {"indices": "a whole class in no part"}

    @mistake
    def labels_ignored(self, right, n, fractions, labels, seed):
        """Where labels are given, every part should have each class in the proportion in which the
        whole has it. Yours leaves that to luck, which is bad luck for rare classes."""
        if labels is not None:
            return {"shares": "left to chance"}

    @mistake
    def class_shares_off(self, right, n, fractions, labels, seed):
        """With labels, a part's share of a class is not its fraction of that class, as when the
        same number is taken from each class, whatever its size, or when a fraction is not read."""
        if labels is not None:
            return {"shares": "not those of each class"}

    @mistake
    def cut_by_class(self, right, n, fractions, labels, seed):
        """With labels, whole classes lie in one part, as when they are sorted by class and cut or
        dealt. Every part should have each class in proportion: share out each one for itself."""
        if labels is not None:
            return {"shares": "whole classes in one part"}

    @mistake
    def remainder_lost(self, right, n, fractions, labels, **case):
        """A few examples belong to no part. That happens when each size is rounded down for itself:
        together they are less than n. Round running totals, and end the last part with the data."""
        if n > 9 and (labels is not None or sum(cut_off(n, fractions)) < n):
            return {"indices": "some in no part"}

    @mistake
    def index_lost_at_a_cut(self, right, n, **case):
        """A few examples belong to no part, also where all shares are whole numbers: an index is
        skipped at a cut or at the end. Each part begins where the last one ended."""
        if n > 9:
            return {"indices": "some in no part"}

    @mistake
    def remainder_of_a_few_lost(self, right, n, fractions, labels, seed):
        """Of a handful of examples some are in no part: each size is rounded down for itself."""
        if n < 10:
            return {"indices": "some in no part"}

    @mistake
    def sizes_by_chance(self, right, n, fractions, labels, seed):
        """The sizes of your parts change from one rng to the next: each index draws its part for
        itself. Only which index is where is chance; the sizes are given by the fractions."""
        if labels is None and n > 9:
            return {"shares": "as they come"}

    @mistake
    def always_three_parts(self, right, n, fractions, labels, seed):
        """Your code takes it that there are three fractions. There can be any number of them."""
        if len(fractions) > 3:
            return dict.fromkeys(right, raises("ValueError", "too many values to unpack"))
        if len(fractions) < 3:
            return dict.fromkeys(right, raises("ValueError", "not enough values to unpack"))

    @mistake
    def always_two_parts(self, right, n, fractions, labels, seed):
        """You always give two parts. There is one for each fraction."""
        return {"parts": 2}

    @mistake
    def fractions_not_read(self, right, n, fractions, labels, seed):
        """Your parts all have the same size, whatever the fractions are. Each part has a fraction
        of its own."""
        if labels is None and n > 9:
            return {"shares": "all of one size"}

    @mistake
    def training_part_is_everything(self, right, n, fractions, labels, seed):
        """Your first part holds all the data, the test examples too. Then the test measures what
        the net has learned by heart."""
        if any(right["sizes"][1:]):
            return {"sizes": [n, *right["sizes"][1:]], "indices": "some in two parts"}

    @mistake
    def masks_for_indices(self, right, n, fractions, labels, seed):
        """Your parts say yes or no for each example. Indices are asked for: the numbers of the
        examples that are in the part."""
        return {"form": "yes and no for each example"}

    @mistake
    def empty_parts_of_floats(self, right, n, fractions, labels, seed):
        """A part without an example is an array of floats, as np.array([]) is. Floats are no
        indices: give it the type of the others."""
        if not any(right["sizes"][1:]):
            return {"form": "numbers, not whole ones"}

    @mistake
    def own_generator(self, right, n, fractions, labels, seed):
        """Every rng gives the same split: the order comes from a generator that you start
        yourself. Draw it from the rng that is passed in."""
        if n > 9:
            return {"another generator": "the same parts"}

    @mistake
    def rng_not_used(self, right, n, fractions, labels, seed):
        """The same rng state gives another split each time. A split must be repeatable, or nobody
        can say later what was test data: draw from the rng that is passed in and nothing else."""
        if n > 9:
            return {"same generator again": "other parts"}
