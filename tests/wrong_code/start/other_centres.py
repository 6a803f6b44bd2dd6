"""Notebook 00: columns about another centre, or divided by another spread."""

import numpy as np
from wrong_code import wrong


def entered(identity, centre, spread, root=False):
    def standardize(x):
        off = x - centre(x)
        size = spread(off)
        size = size**0.5 if root else size
        size[size == 0] = 1
        return off / size

    wrong("standardize", identity)(standardize)


def median(x):
    return np.median(x, axis=0)


def squares(off):
    return np.mean(off.astype(float) ** 2, axis=0)


entered("median_and_absolute_deviation", median, lambda off: np.abs(off).mean(axis=0))
entered("median_of_deviations", median, lambda off: median(np.abs(off)))
entered("median_and_quartiles", median,
        lambda off: np.quantile(off, 0.75, axis=0) - np.quantile(off, 0.25, axis=0))  # fmt: skip
entered("about_the_median", median, squares, root=True)
entered("about_the_first_row", lambda x: x[0], squares, root=True)
entered("centred_on_the_first_row", lambda x: x[:1], lambda off: off.std(axis=0))


def mean(x):
    return x.sum(axis=0) // len(x) if x.dtype.kind in "iu" else x.mean(axis=0)


entered("whole_mean_of_whole_numbers", mean, squares, root=True)

for exponent in (6, 7, 10):

    @wrong("standardize", f"epsilon_1e_{exponent}_squared")
    def standardize(x, size=10.0**-exponent):
        return (x - x.mean(axis=0)) * (x.var(axis=0) + size) ** -0.5
