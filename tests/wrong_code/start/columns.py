"""Notebook 00: columns standardised in further ways in which people really do it wrong."""

import numpy as np
from wrong_code import wrong


@wrong("standardize", "one_spread_for_everything")
def standardize(x):
    return (x - x.mean(axis=0)) / x.std()


@wrong("standardize", "one_mean_for_everything")
def standardize(x):
    std = x.std(axis=0)
    return (x - x.mean()) / np.where(std == 0, 1, std)


@wrong("standardize", "rows_by_their_variance")
def standardize(x):
    return ((x.T - x.mean(axis=1)) / x.var(axis=1)).T


@wrong("standardize", "multiplied_by_the_spread")
def standardize(x):
    return (x - x.mean(axis=0)) * x.std(axis=0)


@wrong("standardize", "divided_by_the_range")
def standardize(x):
    width = x.max(axis=0) - x.min(axis=0)
    width[width == 0] = 1
    return (x - x.mean(axis=0)) / width


@wrong("standardize", "mean_absolute_deviation")
def standardize(x):
    off = x - x.mean(axis=0)
    size = np.mean(np.abs(off), axis=0)
    return off / np.maximum(size, 1e-12)


@wrong("standardize", "median_for_mean")
def standardize(x):
    std = x.std(axis=0)
    return (x - np.median(x, axis=0)) / np.where(std == 0, 1, std)


@wrong("standardize", "mean_cut_down")
def standardize(x):
    off = x - np.sum(x, axis=0) // x.shape[0]
    std = np.sqrt(np.mean(off**2, axis=0))
    return off / np.where(std == 0, 1, std)


@wrong("standardize", "unchanging_left_as_it_is")
def standardize(x):
    z = x.astype(float)
    for j in range(x.shape[1]):
        if z[:, j].std() > 0:
            z[:, j] = (z[:, j] - z[:, j].mean()) / z[:, j].std()
    return z


@wrong("standardize", "unchanging_becomes_one")
def standardize(x):
    std = x.std(axis=0)
    z = (x - x.mean(axis=0)) / np.where(std == 0, 1, std)
    z[:, std == 0] = 1
    return z


@wrong("standardize", "unchanging_dropped")
def standardize(x):
    x = x[:, x.std(axis=0) > 0]
    return (x - x.mean(axis=0)) / x.std(axis=0)


@wrong("standardize", "last_column_left_out")
def standardize(x):
    z = np.zeros(x.shape)
    for j in range(x.shape[1] - 1):
        z[:, j] = (x[:, j] - x[:, j].mean()) / (x[:, j].std() or 1)
    return z


@wrong("standardize", "whole_numbers_stay_whole")
def standardize(x):
    z = np.zeros_like(x)
    for j in range(x.shape[1]):
        z[:, j] = (x[:, j] - x[:, j].mean()) / (x[:, j].std() or 1)
    return z


@wrong("standardize", "in_place_on_whole_numbers")
def standardize(x):
    z = x.copy()
    z -= z.mean(axis=0)
    std = z.std(axis=0)
    z /= np.where(std == 0, 1, std)
    return z


@wrong("standardize", "digits_lost")
def standardize(x):
    x = x.astype(float)
    mean = x.mean(axis=0)
    variance = (x**2).mean(axis=0) - mean**2
    return (x - mean) / np.sqrt(np.where(variance > 1e-10, variance, 1))


@wrong("standardize", "digits_lost", "relation:precision")
def standardize(x):
    x = x.astype(np.float32)
    std = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(std == 0, 1, std)


def with_epsilon(size, squared=False):
    def standardize(x):
        std = np.sqrt(x.var(axis=0) + size) if squared else x.std(axis=0) + size
        return (x - x.mean(axis=0)) / std

    return standardize


wrong("standardize", "epsilon_1e_5")(with_epsilon(1e-5))
wrong("standardize", "epsilon_1e_6")(with_epsilon(1e-6))
wrong("standardize", "epsilon_1e_7")(with_epsilon(1e-7))
wrong("standardize", "epsilon_1e_8")(with_epsilon(1e-8))
wrong("standardize", "epsilon_1e_5_squared")(with_epsilon(1e-5, squared=True))
wrong("standardize", "epsilon_1e_8_squared")(with_epsilon(1e-8, squared=True))
wrong("standardize", "epsilon_1e_12_squared")(with_epsilon(1e-12, squared=True))


@wrong("standardize", "spread_of_the_rows")
def standardize(x):
    return (x - x.mean(axis=0)) / x.std(axis=1)[:, None]


@wrong("standardize", "root_mean_square")
def standardize(x):
    return (x - x.mean(axis=0)) / np.sqrt(np.mean(x.astype(float) ** 2, axis=0))


@wrong("standardize", "largest_deviation")
def standardize(x):
    off = x - x.mean(axis=0)
    return off / np.maximum(np.abs(off).max(axis=0), 1e-12)


@wrong("standardize", "rounded_to_two_digits")
def standardize(x):
    std = x.std(axis=0)
    return np.round((x - x.mean(axis=0)) / np.where(std == 0, 1, std), 2)


@wrong("standardize", "rounded_to_three_digits")
def standardize(x):
    std = x.std(axis=0)
    return ((x - x.mean(axis=0)) / np.where(std == 0, 1, std)).round(3)


def _on_columns(identity, code):
    """Columns standardised, with one thing in them wrong."""

    def standardize(x):
        spread = x.std(axis=0)
        return code(x, x - x.mean(axis=0), spread, np.where(spread > 0, spread, 1))

    wrong("standardize", identity)(standardize)


for identity, code in {
    "one_spread_of_what_is_centred": lambda x, off, spread, safe: off / off.std(),
    "unchanging_makes_all_zeros": lambda x, off, spread, safe: (
        off / spread if spread.all() else np.zeros(x.shape)
    ),
    "unchanging_stops_the_scaling": lambda x, off, spread, safe: (
        off / spread if spread.all() else off
    ),
    "unchanging_leaves_all_as_they_are": lambda x, off, spread, safe: (
        off / spread if spread.all() else x * 1.0
    ),
    "small_spread_not_divided": lambda x, off, spread, safe: (
        off / np.where(spread < 1e-4, 1, spread)
    ),
    "small_spread_set_to_zeros": lambda x, off, spread, safe: (
        off / safe * (spread > 1e-4)
    ),
    "tiny_spread_taken_for_none": lambda x, off, spread, safe: (
        off / np.where(spread < 1e-8, 1, spread)
    ),
}.items():  # fmt: skip
    _on_columns(identity, code)


@wrong("standardize", "whole_number_kept_for_the_mean")
def standardize(x):
    mean, spread = np.zeros_like(x[0]), np.ones(x.shape[1])
    for j in range(x.shape[1]):
        mean[j] = x[:, j].mean()
        spread[j] = x[:, j].std() or 1.0
    return (x - mean) / spread


@wrong("standardize", "divisor_of_at_least_one")
def standardize(x):
    return (x - x.mean(axis=0)) / np.clip(x.std(axis=0), 1, None)
