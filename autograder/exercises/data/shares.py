"""Ways to cut a number of examples into whole parts, right and wrong, and what is told of the parts
that somebody gives; for `splitting`."""

import numpy as np

from autograder.exercise import Exercise, mistake

ENOUGH = 20  # of ten, 7, 2 and 1 lie together in one shuffle of eighteen
OFF_BY_ONE = "off by one where a share is a whole number"
ONE = 1 + 1e-6


def cut_off(total, fractions):
    """Each size as int() leaves it, which may miss a whole one."""
    return [int(total * f) for f in fractions]


def rest_to_last(total, fractions):
    sizes = cut_off(total, fractions[:-1])
    return [*sizes, total - sum(sizes)]


def rounded_up(total, fractions):
    sizes = [int(np.ceil(total * f - 1e-9)) for f in fractions[:-1]]
    return [*sizes, max(0, total - sum(sizes))]


def halves_to_even(total, fractions):
    cuts = np.rint(np.cumsum(fractions).round(9) * total).astype(int)
    return np.diff([0, *cuts[:-1], total]).tolist()


def halves_to_even_in_floats(total, fractions):
    """The same of running totals as floats have them, in which 0.15 + 0.3 is less than 0.45."""
    cuts = np.rint(np.cumsum(fractions) * total).astype(int)
    return np.diff([0, *cuts[:-1], total]).tolist()


def totals_cut_off(total, fractions):
    """Running totals cut down as floats have them, in which 0.7 + 0.2 is less than 0.9."""
    cuts = [int(cut * total) for cut in np.cumsum(fractions)]
    return np.diff([0, *cuts[:-1], total]).tolist()


def halves_missed(total, fractions):
    """Halves rounded up as floats have them, in which 0.15 + 0.3 is less than 0.45."""
    cuts = np.floor(np.cumsum(fractions) * total + 0.5).astype(int)
    return np.diff([0, *cuts[:-1], total]).tolist()


def each_rounded(total, fractions):
    """Each size rounded for itself; the last part has what is then left."""
    sizes = [round(total * f) for f in fractions[:-1]]
    return [*sizes, max(0, total - sum(sizes))]


def first_to_last(total, fractions):
    """What rounding leaves goes to the first part."""
    sizes = cut_off(total, fractions[1:])
    return [total - sum(sizes), *sizes]


def evenly(total, fractions):
    """The first part's fraction only; the others share the rest."""
    rest = (1 - fractions[0]) / (len(fractions) - 1)
    cuts = [round(total * (fractions[0] + i * rest)) for i in range(len(fractions) - 1)]
    return np.diff([0, *cuts, total]).tolist()


def dealt_from_the_first(total, fractions):
    """What cutting off leaves goes to the parts one by one."""
    sizes = cut_off(total, fractions)
    return [size + (place < total - sum(sizes)) for place, size in enumerate(sizes)]


def dealt_from_the_last(total, fractions):
    return dealt_from_the_first(total, fractions[::-1])[::-1]


WAYS = {
    "the rest in the last part": rest_to_last,
    "the rest in the first part": first_to_last,
    "rounded up, and too little left": rounded_up,
    "rounded, and the rest in the last part": each_rounded,
    "halves to the even number": halves_to_even,
    "later parts of one size": evenly,
    "running totals cut off": totals_cut_off,
    "halves that floats miss": halves_missed,
}
EXACT = (halves_to_even, totals_cut_off, halves_missed)  # off where a share is a whole number only


def as_asked(sizes, total, fractions, most=1 - 1e-6):
    """Whether each size is its share, rounded up or down; or no more than `most` from it."""
    return len(sizes) == len(fractions) and all(
        abs(size - total * f) < most or size == round(total * f)
        for size, f in zip(sizes, fractions, strict=True)
    )


def which_indices(parts, every, classes, n):
    """What is wrong with which indices come how often, in words; empty where nothing is."""
    if ((every < 0) | (every >= n)).any():
        return "some beyond the data"
    counts = np.bincount(every, minlength=n)
    missing, twice = counts == 0, counts > 1
    if not missing.any() and not twice.any():
        return ""
    if twice.any() and np.ptp(classes):
        largest = max(np.sum(classes == c) for c in np.unique(classes))
        if every.max() < largest:
            return "only small ones, many times over"
    if any(len(np.unique(part)) < len(part) for part in parts):
        return "some twice in one part"
    if missing.any() and twice.any():
        return "some in no part, some in two"
    if twice.any():
        return "some in two parts"
    gone = {c for c in np.unique(classes) if missing[classes == c].all()}
    if gone and not missing[~np.isin(classes, list(gone))].any() and np.ptp(classes):
        return "a whole class in no part"
    return "some in no part"


def worded(sizes, total, fractions):
    """How a number of examples is cut otherwise than asked, in words; nothing where none fit."""
    nudged = [f + 1e-11 for f in fractions]  # as where the code minds what floats miss
    found = [words for words, way in WAYS.items()
             if sizes in (way(total, fractions), way(total, nudged))]  # fmt: skip
    told = [words for words in found if WAYS[words] in EXACT]
    first = abs(sizes[0] - total * fractions[0]) < 1 and len(sizes) == len(fractions) > 2
    if not told and first and np.ptp(sizes[1:]) < 2 <= np.ptp(sizes):
        return "later parts of one size"
    if not told and as_asked(sizes, total, fractions, ONE):
        return OFF_BY_ONE
    return next(iter(told + found), None)


def in_words(found, totals, fractions):
    """How each class is cut, in words; nothing where none fit. Without labels there is one."""
    if all(as_asked(f, t, fractions) for f, t in zip(found, totals, strict=True)):
        return "as asked"
    if len(totals) == 1:
        return worded(found[0], totals[0], fractions)
    for way in WAYS.values():
        if way is not evenly and found == [way(total, fractions) for total in totals]:
            return "rounded otherwise within a class"
    if all(as_asked(f, t, fractions, ONE) for f, t in zip(found, totals, strict=True)):
        return f"{OFF_BY_ONE} within a class"


def how_shared(parts, others, fractions, classes):
    """How the classes are shared out, in words: without labels all are one class."""
    names = np.unique(classes)
    found, again = ([[int(np.sum(classes[p] == c)) for p in given] for c in names]
                    for given in (parts, others))  # fmt: skip
    totals = [sum(sizes) for sizes in found]
    if words := in_words(found, totals, fractions):
        return {"shares": words}
    if len(names) == 1:
        if np.ptp(found[0]) < 2:
            return {"shares": "all of one size"}
        by_chance = "as they come" if found != again else "not those of the fractions"
        return {"shares": by_chance}
    whole = [max(sizes) == total for sizes, total in zip(found, totals, strict=True) if total > 9]
    if np.mean(whole) > 0.3:
        return {"shares": "whole classes in one part"}
    return {"shares": "not those of each class" if found == again else "left to chance"}


def as_stored(parts, classes, n):
    """Whether, within each class, the parts follow one another as the data do: "as stored"; or each
    is one stretch of them all the same, and the first may begin where the last ended. Nothing of
    so few that chance may do it."""
    if n < 10:
        return None
    where = np.full(n, -1)
    for number, part in enumerate(parts):
        where[part.astype(int)] = number
    owners = [where[classes == c] for c in np.unique(classes)]
    if all(np.all(np.diff(each) >= 0) for each in owners):
        return "as stored"
    if n < ENOUGH:
        return None
    ends = sum(int(np.sum(each != np.roll(each, 1))) for each in owners)
    stretches = sum(held for each in owners if (held := len(np.unique(each))) > 1)
    return "in one stretch of the data each" if ends <= stretches else None


def against(parts, others):
    members = [sorted(part.tolist()) for part in parts]
    same = members == [sorted(np.reshape(part, -1).tolist()) for part in others]
    return "the same parts" if same else "other parts"


def cut_where_sizes_say(n, fractions, labels, seed, sized=False):
    """Parts that begin at the places which sizes are taken for, and end where the next one begins,
    or `sized`, so that only the last one goes on to the end."""
    rng, groups, found = np.random.default_rng(seed), [np.arange(n)], []
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    for group in groups:
        cuts, order = [round(f * len(group)) for f in fractions[:-1]], rng.permutation(group)
        pieces = np.split(order, cuts)
        if sized:
            starts = zip([0, *cuts], cuts, strict=False)
            pieces[:-1] = [order[start : start + size] for start, size in starts]
        found.append(pieces)
    return [np.concatenate(pieces) for pieces in zip(*found, strict=True)]


class Rounded(Exercise, abstract=True):
    """What ways to round show, with and without labels."""

    def _sized(self, words, n, fractions, labels):
        """What a way to round shows, where it does."""
        return self._dealt(WAYS[words], n, fractions, labels) if labels is None else None

    def _dealt(self, way, n, fractions, labels):
        """The same of a way that leaves every size within one of its share."""
        classes = np.zeros(n, int) if labels is None else labels
        totals = [int(np.sum(classes == label)) for label in np.unique(classes)]
        words = in_words([way(total, fractions) for total in totals], totals, fractions)
        return None if words == "as asked" else {"shares": words}

    @mistake
    def dealt_from_the_first(self, right, n, fractions, labels, seed):
        """A part whose share is a whole number has one more or one less, as when what rounding
        leaves is dealt out one by one from the first part on. Such a part has just its share, and
        floats may miss it: 0.29 * 100 is 28.999…"""
        return self._dealt(dealt_from_the_first, n, fractions, labels)

    @mistake
    def dealt_from_the_last(self, right, n, fractions, labels, seed):
        """A part whose share is a whole number has one more or one less, as when what rounding
        leaves is dealt out one by one from the last part back. Such a part has just its share, and
        floats may miss it: 0.29 * 100 is 28.999…"""
        return self._dealt(dealt_from_the_last, n, fractions, labels)

    @mistake
    def rounds_otherwise_within_a_class(self, right, n, fractions, labels, seed):
        """With labels, a part can have more of a small class than its share rounded up, or less
        than its share rounded down: what rounding leaves of each class goes to one part. Cut each
        class at rounded running totals."""
        if labels is not None:
            return {"shares": "rounded otherwise within a class"}

    @mistake
    def remainder_all_to_the_last(self, right, n, fractions, labels, seed):
        """All that rounding leaves goes to the last part, so with many parts it has more than its
        share rounded up. Cut at rounded running totals instead."""
        return self._sized("the rest in the last part", n, fractions, labels)

    @mistake
    def remainder_all_to_the_first(self, right, n, fractions, labels, seed):
        """All that rounding leaves goes to the first part, so with many parts it
        has more than its share rounded up. Cut at rounded running totals instead."""
        return self._sized("the rest in the first part", n, fractions, labels)

    @mistake
    def too_little_left(self, right, n, fractions, labels, seed):
        """Every part but the last is rounded up, so with many parts too little is
        left for the last. Cut at rounded running totals instead."""
        return self._sized("rounded up, and too little left", n, fractions, labels)

    @mistake
    def each_size_rounded(self, right, n, fractions, labels, seed):
        """Each size is rounded for itself and the last part takes what is then left, which can be
        one more or one less than its share allows. Round the running totals instead."""
        return self._sized("rounded, and the rest in the last part", n, fractions, labels)

    @mistake
    def rounds_halves_to_even(self, right, n, fractions, labels, seed):
        """A part whose share is a whole number has one more or one less. np.rint, np.round and
        Python's round bring both 1.5 and 2.5 to 2: round halves the same way everywhere."""
        return self._sized("halves to the even number", n, fractions, labels)

    @mistake
    def halves_to_even_as_floats_have_them(self, right, n, fractions, labels, seed):
        """A part whose share is a whole number has one more or one less. np.rint, np.round and
        Python's round bring both 1.5 and 2.5 to 2: clear away what floats leave in the last digits,
        and round halves the same way everywhere."""
        if labels is None:
            return self._dealt(halves_to_even_in_floats, n, fractions, labels)

    @mistake
    def halves_that_floats_miss(self, right, n, fractions, labels, seed):
        """A total that ends in a half may lie just below it in floats: 0.15 + 0.3 is 0.44999…, and
        30 times that is rounded down. A part whose share is a whole number then has one more or one
        less. Clear away what floats leave in the last digits before you round a half."""
        return self._sized("halves that floats miss", n, fractions, labels)

    @mistake
    def running_totals_cut_off(self, right, n, fractions, labels, **case):
        """A part whose share is a whole number has one less: 0.7 + 0.2 is 0.8999… in floats, 0.29 *
        100 is 28.999…, and you cut such a number off, as int() and // do. Round it."""
        return self._sized("running totals cut off", n, fractions, labels)

    @mistake
    def later_parts_alike(self, right, n, fractions, labels, seed):
        """What the first part leaves is shared out evenly. Each part has a fraction of its own."""
        return self._sized("later parts of one size", n, fractions, labels)
