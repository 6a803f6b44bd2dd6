"""Ways to cut a number of examples into whole parts, right and wrong, and what is told of the parts
that somebody gives; for `splitting`."""

import numpy as np


def rounded_down(total, fractions):
    return [int(total * f + 1e-9) for f in fractions]


def rest_to_last(total, fractions):
    sizes = rounded_down(total, fractions[:-1])
    return [*sizes, total - sum(sizes)]


def rounded_up(total, fractions):
    sizes = [int(np.ceil(total * f - 1e-9)) for f in fractions[:-1]]
    return [*sizes, max(0, total - sum(sizes))]


def halves_to_even(total, fractions):
    cuts = np.rint(np.cumsum(fractions).round(9) * total).astype(int)
    return np.diff([0, *cuts[:-1], total]).tolist()


def totals_cut_off(total, fractions):
    """Running totals cut down as floats have them, in which 0.7 + 0.2 is less than 0.9."""
    cuts = [int(cut * total) for cut in np.cumsum(fractions)]
    return np.diff([0, *cuts[:-1], total]).tolist()


def each_rounded(total, fractions):
    """Each size rounded for itself; the last part has what is then left."""
    sizes = [round(total * f) for f in fractions[:-1]]
    return [*sizes, max(0, total - sum(sizes))]


def first_to_last(total, fractions):
    """What rounding leaves goes to the first part."""
    sizes = rounded_down(total, fractions[1:])
    return [total - sum(sizes), *sizes]


def evenly(total, fractions):
    """The first part's fraction only; the others share the rest."""
    rest = (1 - fractions[0]) / (len(fractions) - 1)
    cuts = [round(total * (fractions[0] + i * rest)) for i in range(len(fractions) - 1)]
    return np.diff([0, *cuts, total]).tolist()


WAYS = {
    "the rest in the last part": rest_to_last,
    "the rest in the first part": first_to_last,
    "rounded up, and too little left": rounded_up,
    "rounded, and the rest in the last part": each_rounded,
    "halves to the even number": halves_to_even,
    "later parts of one size": evenly,
    "running totals cut off": totals_cut_off,
}


def as_asked(sizes, total, fractions):
    """Whether each size is its share, rounded up or down."""
    return len(sizes) == len(fractions) and all(
        abs(size - total * f) < 1 - 1e-6 or size == round(total * f)
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


def how_shared(parts, others, fractions, classes):
    """How the classes are shared out, in words: without labels all are one class."""
    names = np.unique(classes)
    found, again = ([[int(np.sum(classes[p] == c)) for p in given] for c in names]
                    for given in (parts, others))  # fmt: skip
    totals = [sum(sizes) for sizes in found]
    if all(as_asked(sizes, t, fractions) for sizes, t in zip(found, totals, strict=True)):
        return {"shares": "as asked"}
    one_class = len(names) == 1
    for words, way in WAYS.items():
        if way is evenly and not one_class:
            continue
        if found == [way(total, fractions) for total in totals]:
            return {"shares": words if one_class else "rounded otherwise within a class"}
    if one_class:
        (sizes,), alike = found, max(found[0][1:], default=0) - min(found[0][1:], default=0) < 2
        first = abs(sizes[0] - totals[0] * fractions[0]) < 1 and len(sizes) == len(fractions)
        if max(sizes) - min(sizes) < 2:
            return {"shares": "all of one size"}
        if alike and first:
            return {"shares": "later parts of one size"}
        by_chance = "as they come" if found != again else "not those of the fractions"
        return {"shares": by_chance}
    whole = [max(sizes) == total for sizes, total in zip(found, totals, strict=True) if total > 9]
    if np.mean(whole) > 0.3:
        return {"shares": "whole classes in one part"}
    return {"shares": "not those of each class" if found == again else "left to chance"}


def as_stored(parts, classes, n):
    """Whether, within each class, the parts follow one another as the data do."""
    if n < 10:
        return False
    where = np.full(n, -1)
    for number, part in enumerate(parts):
        where[part.astype(int)] = number
    return all(np.all(np.diff(where[classes == c]) >= 0) for c in np.unique(classes))


def against(parts, others):
    members = [sorted(part.tolist()) for part in parts]
    same = members == [sorted(np.reshape(part, -1).tolist()) for part in others]
    return "the same parts" if same else "other parts"


def cut_where_sizes_say(n, fractions, labels, seed):
    """Parts that are cut at the places which their sizes are taken for."""
    rng, groups, found = np.random.default_rng(seed), [np.arange(n)], []
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    for group in groups:
        cuts = [round(f * len(group)) for f in fractions[:-1]]
        found.append(np.split(rng.permutation(group), cuts))
    return [np.concatenate(pieces) for pieces in zip(*found, strict=True)]
