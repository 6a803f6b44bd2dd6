"""Notebook 13: signs by another threshold or of another size, and half precision sums that are
added as a tree."""

import numpy as np
from wrong_code import wrong


def _in_single(x):
    return np.add.accumulate(x, dtype=np.float32)[-1]


@wrong("half_accumulate", "added_in_halves")
def half_accumulate(x):
    x = x.astype(np.float16)

    def add(a, b):
        return x[a] if b == a + 1 else add(a, (a + b) // 2) + add((a + b) // 2, b)

    return add(0, len(x)), _in_single(x)


@wrong("half_accumulate", "added_in_pairs")
def half_accumulate(x):
    x = x.astype(np.float16)
    row = list(x)
    while len(row) > 1:
        row = [sum(row[i : i + 2], np.float16(0)) for i in range(0, len(row), 2)]
    return row[0], _in_single(x)


@wrong("half_accumulate", "half_added_wide")
def half_accumulate(x):
    x = x.astype(np.float16)
    single = _in_single(x)
    return np.float16(single), single


@wrong("binarize", "threshold_is_the_mean")
def binarize(x):
    return 2 * (x > x.mean()).astype(x.dtype) - 1


@wrong("binarize", "threshold_is_the_median")
def binarize(x):
    return np.where(x < np.median(x), -1, 1).astype(x.dtype)


@wrong("binarize", "times_the_mean_size")
def binarize(x):
    scale = np.mean(np.abs(x))
    return np.where(x < 0, -scale, scale).astype(x.dtype)
