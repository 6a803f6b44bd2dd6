"""Ways to cut a number of examples into whole parts, right and wrong, for `splitting`."""

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
}


def as_asked(sizes, total, fractions):
    """Whether each size is its share, rounded up or down."""
    return len(sizes) == len(fractions) and all(
        abs(size - total * f) < 1 - 1e-6 or size == round(total * f)
        for size, f in zip(sizes, fractions, strict=True)
    )
