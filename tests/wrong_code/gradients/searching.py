"""Notebook 01: the first wrong gradient, searched in further ways in which it goes wrong."""

import numpy as np
from wrong_code import wrong


def allowed_off(value, right):
    return 1e-8 + 1e-5 * np.abs(right)


def search(
    names=lambda mine, reference: reference, size=lambda off, right: np.abs(off).max(initial=0),
    allowed=allowed_off, within=np.less_equal, enough=np.all, exact=0.0, of_wrong=0, of_close=0,
    nothing=lambda reference: None, checked=("lacking", "shape", "nan"),
):  # fmt: skip
    """A search with another order, measure, tolerance or choice."""

    def rated(name, mine, right):
        value = mine.get(name) if "lacking" in checked else mine[name]
        if value is None or ("shape" in checked and value.shape != right.shape):
            return "wrong", np.inf
        if "nan" in checked and np.isnan(value).any():
            return "wrong", np.inf
        off = value - right
        if (np.abs(off) <= exact).all():
            return "exact", 0.0
        close = enough(within(np.abs(off), allowed(value, right)))
        return "close" if close else "wrong", size(off, right)

    def first_wrong(mine, reference):
        found = [(name, *rated(name, mine, reference[name])) for name in names(mine, reference)]
        for kind, which in (("wrong", of_wrong), ("close", of_close)):
            if same := [entry for entry in found if entry[1] == kind]:
                return same[which]
        return nothing(reference), "exact", 0.0

    return first_wrong


def entries(**by_name):
    for name, code in by_name.items():
        wrong("first_wrong", name)(code)


entries(
    last_close_one=search(of_close=-1),
    last_wrong_one=search(of_wrong=-1),
    sorted_by_name=search(names=lambda mine, reference: sorted(reference)),
    lacking_skipped=search(names=lambda mine, reference: [n for n in reference if n in mine]),
    lacking_stops=search(checked=("shape", "nan")),
    last_name_where_all_is_exact=search(nothing=lambda reference: list(reference)[-1]),
    without_sign=search(size=lambda off, right: off.max(initial=-np.inf)),
    mean_difference=search(size=lambda off, right: np.abs(off).mean()),
    summed_difference=search(size=lambda off, right: np.abs(off).sum()),
    length_of_the_difference=search(size=lambda off, right: np.linalg.norm(off)),
    relative_to_mine=search(allowed=lambda value, right: 1e-8 + 1e-5 * np.abs(value)),
    absolute_part_left_out=search(allowed=lambda value, right: 1e-5 * np.abs(right)),
    relative_part_left_out=search(allowed=lambda value, right: np.full(right.shape, 1e-8)),
    absolute_1e_5=search(allowed=lambda value, right: np.full(right.shape, 1e-5)),
    one_tolerance_for_all=search(
        allowed=lambda value, right: 1e-8 + 1e-5 * np.abs(right).max(initial=0)
    ),
    less_than_the_tolerance=search(within=np.less),
    one_close_value_is_enough=search(enough=np.any),
    rounding_is_exact=search(exact=1e-12),
    difference_is_nan=search(checked=("lacking", "shape")),
)


@wrong("first_wrong", "close_counts_as_exact")
def first_wrong(mine, reference):
    found = search()(mine, reference)
    return found if found[1] == "wrong" else (None, "exact", 0.0)


@wrong("first_wrong", "difference_of_all_entries")
def first_wrong(mine, reference):
    name, kind, _ = search()(mine, reference)
    fits = [n for n in reference if n in mine and mine[n].shape == reference[n].shape]
    if set(fits) != set(reference) or any(np.isnan(mine[n]).any() for n in fits):
        return name, kind, np.inf
    return name, kind, max(np.abs(mine[n] - reference[n]).max(initial=0) for n in fits)


@wrong("first_wrong", "relative_difference")
def first_wrong(mine, reference):
    name, kind, difference = search()(mine, reference)
    if kind == "exact" or np.isinf(difference):
        return name, kind, difference
    with np.errstate(all="ignore"):
        relative = np.abs(mine[name] - reference[name]) / np.abs(reference[name])
    return name, kind, np.nanmax(relative)


@wrong("first_wrong", "order_of_mine")
def first_wrong(mine, reference):
    for name in reference:
        if name not in mine:
            return name, "wrong", np.inf
    in_mine = search(names=lambda mine, reference: [n for n in mine if n in reference])
    return in_mine(mine, reference)


@wrong("first_wrong", "others_of_mine_count")
def first_wrong(mine, reference):
    for name in mine:
        if name not in reference:
            return name, "wrong", np.inf
    return search()(mine, reference)


@wrong("first_wrong", "others_of_mine_stop")
def first_wrong(mine, reference):
    shapes = {name: mine[name].shape == reference[name].shape for name in mine}
    for name in reference:
        if not shapes.get(name, False):
            return name, "wrong", np.inf
    return search()(mine, reference)


@wrong("first_wrong", "nan_passes")
def first_wrong(mine, reference):
    close = None
    for name, right in reference.items():
        value = mine.get(name)
        if value is None or value.shape != right.shape:
            return name, "wrong", np.inf
        off = np.abs(value - right)
        if (off > 1e-8 + 1e-5 * np.abs(right)).any():
            return name, "wrong", np.nanmax(off)
        if off.any() and close is None:
            close = name, "close", off.max()
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "empty_stops")
def first_wrong(mine, reference):
    close = None
    for name, right in reference.items():
        value = mine.get(name)
        if value is None or value.shape != right.shape or np.isnan(value).any():
            return name, "wrong", np.inf
        off = np.abs(value - right).max()
        if not np.allclose(value, right):
            return name, "wrong", off
        if off > 0 and close is None:
            close = name, "close", off
    return close or (None, "exact", 0.0)
