"""The first warm-up of notebook 00: columns with mean 0 and standard deviation 1."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.start.centres import Centred


def epsilon(size, squared=False):
    """The mistake of adding a small number to the spread, or to its square."""

    def show(self, right, x, far):
        spread = np.sqrt(x.var(0) + size) if squared else x.std(0) + size
        return {"z": (x - x.mean(0)) / spread}

    place = "variance, as batch normalization does it" if squared else "standard deviation"
    show.__doc__ = (
        f"You add {size:g} to the {place}. A column that hardly varies then comes out too small. "
        "Nothing is added here: only a spread of exactly 0 needs another divisor."
    )
    return mistake(show)


def rounded(digits):
    """The mistake of rounding the result to so many digits."""

    def show(self, right, x, far):
        return {"z": np.round(right["z"], digits)}

    show.__doc__ = f"Your z is rounded to {digits} digits. Return it as it is."
    return mistake(show)


def taken_for_constant(size, scaled):
    """The mistake of taking a spread below this for 0: not divided by it, or zeros put there."""

    def show(self, right, x, far):
        small = x.std(0) < size
        if (small & (x.std(0) > 0)).any():
            return {"z": np.where(small, 0.0 if not scaled else x - x.mean(0), right["z"])}

    what = "is not divided by it" if scaled else "is set to zeros"
    show.__doc__ = (
        f"Your column that hardly varies {what}, as happens when a spread below about {size:g} is "
        "taken for 0. Only a spread of exactly 0 needs another divisor."
    )
    return mistake(show)


class standardize(Centred):
    """Columns with mean 0 and standard deviation 1."""

    signature = "standardize(x) -> z"
    minutes = 5
    any_width = ("z",)
    reads = {"far from 0": "where a large number is added to all of x, your z has {seen}; {right} "
                           "are right"}  # fmt: skip
    hints = (
        "Each column has its own mean and its own spread. Along which axis do you average, so "
        "that one number per column is left?",
        "Subtract first, then divide: by the standard deviation, which is in the units of x. The "
        "variance is its square.",
        "A column that never changes has the spread 0, and 0 divided by 0 is not a number. By "
        "what can you divide instead, so that its zeros stay zeros?",
    )

    def cases(self, rng):
        def columns(n, d):
            spread = np.geomspace(0.5, 30.0, d)
            level = spread * rng.permutation(np.linspace(-5, 6, d))
            return level + spread * rng.normal(size=(n, d))

        def case(name, points, x, far=0.0):
            return Case(name, points, x=x, far=far)

        far_off = columns(43, 4)  # one value six deviations away, which a clip would cut
        far_off[rng.integers(43), rng.integers(4)] += 2000.0
        yield case("four columns", 0.5, far_off)
        constant = columns(8, 3)
        constant[:, 1] = 3.0
        yield case("a column that never changes", 1, constant)
        yield case("whole numbers", 1, np.rint(columns(5, 6)).astype(np.int64) * 3)
        small = columns(6, 5)
        small[:, 3] = 2e-5 * rng.normal(size=6)
        small[:, 1] = 2e-9 * rng.permutation([-1.5, -1.0, -0.3, 0.4, 0.9, 1.8])
        yield case("a column that hardly varies", 0.5, small)
        yield case("seconds since 1970", 0.5, columns(9, 2), far=1.7e9)
        yield case("one example", 0.5, columns(1, 3))

    def observe(self, code, x, far):
        import numpy as np

        z = code.standardize(x)
        if not far:
            return {"z": z}
        there = code.standardize(x + far)
        return {"z": z, "far from 0": there if isinstance(there, np.ndarray) else None}

    def read(self, seen, x, far):
        """A column's z stays what it is when a number is added to the column."""
        if not far:
            return seen
        near_0, there = seen["z"], seen["far from 0"]
        arrays = all(isinstance(z, np.ndarray) and z.shape == x.shape for z in (near_0, there))
        same = not arrays or np.allclose(there, near_0, rtol=1e-4, atol=1e-4, equal_nan=True)
        return {"z": near_0, "far from 0": "the same numbers" if same else "other numbers"}

    def reference(self, x, far):
        x = torch.tensor(x, dtype=torch.float64, device=self.device)
        std, mean = torch.std_mean(x, dim=0, correction=0)
        # Small enough to name an unbiased spread, large enough for an epsilon like 1e-12.
        right = {"z": near((x - mean) / std.where(std > 0, 1.0), rtol=1e-6, atol=1e-7)}
        return right | ({"far from 0": "the same numbers"} if far else {})

    def _spread(self, x, **how):
        spread = x.std(0, **how)
        return np.where(spread > 0, spread, 1.0)

    @mistake
    def rows_instead_of_columns(self, right, x, far):
        """You standardise each row. A row is one example; what is measured in one unit, and has one
        mean, is a column."""
        return {"z": (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)}

    @mistake
    def one_number_for_everything(self, right, x, far):
        """You use one mean and one spread for the whole array, so columns with small numbers stay
        small. Each column has its own."""
        return {"z": (x - x.mean()) / x.std()}

    @mistake
    def one_spread_for_everything(self, right, x, far):
        """You subtract each column's own mean, but divide all columns by one spread, that of the
        whole array. Each column has a spread of its own, too."""
        return {"z": (x - x.mean(0)) / x.std()}

    @mistake
    def one_spread_of_what_is_centred(self, right, x, far):
        """You subtract each column's own mean, but then divide all columns by one spread, that of
        all the differences together. Each column has a spread of its own, too."""
        return {"z": (x - x.mean(0)) / (x - x.mean(0)).std()}

    @mistake
    def one_mean_for_everything(self, right, x, far):
        """You divide each column by its own spread, but subtract one mean from all of them, that of
        the whole array. Each column has a mean of its own, too."""
        return {"z": (x - x.mean()) / self._spread(x)}

    @mistake
    def only_centred(self, right, x, far):
        """Your columns have the mean 0, but they keep the spread they had. What do you divide
        by?"""
        return {"z": x - x.mean(0)}

    @mistake
    def only_scaled(self, right, x, far):
        """Your columns have the spread 1, but each keeps its mean. Subtract it before you
        divide."""
        other = {"far from 0": "other numbers"} if far else {}
        return {"z": x / self._spread(x)} | other

    @mistake
    def divided_by_the_variance(self, right, x, far):
        """You divide by the variance. The spread in the units of x is its square root."""
        return {"z": (x - x.mean(0)) / self._spread(x) ** 2}

    @mistake
    def rows_by_their_variance(self, right, x, far):
        """You work along the rows, and you divide by the variance. A mean and a spread belong to a
        column, and the spread is the square root of the variance."""
        return {"z": (x - x.mean(1, keepdims=True)) / x.var(1, keepdims=True)}

    @mistake
    def multiplied_by_the_spread(self, right, x, far):
        """You multiply by the standard deviation. Divide by it: a column that varies much has to
        shrink."""
        return {"z": (x - x.mean(0)) * x.std(0)}

    @mistake
    def spread_of_the_rows(self, right, x, far):
        """You subtract each column's mean, but divide by the spread of the rows. The spread is that
        of the column, too."""
        return {"z": (x - x.mean(0)) / x.std(1, keepdims=True)}

    @mistake
    def root_mean_square(self, right, x, far):
        """You divide by the root of the mean square of x itself. The standard deviation is that of
        the deviations: subtract the mean before you square."""
        other = {"far from 0": "other numbers"} if far else {}
        return {"z": (x - x.mean(0)) / np.sqrt((x.astype(float) ** 2).mean(0))} | other

    @mistake
    def largest_deviation(self, right, x, far):
        """You divide by the largest deviation of each column. Divide by its standard
        deviation."""
        reach = np.abs(x - x.mean(0)).max(0)
        return {"z": (x - x.mean(0)) / np.where(reach > 0, reach, 1)}

    @mistake
    def scaled_to_one(self, right, x, far):
        """Your columns lie between 0 and 1: that is another way to scale, and one outlier squeezes
        all the rest. Here it is mean 0 and standard deviation 1."""
        reach = np.ptp(x, axis=0)
        return {"z": (x - x.min(0)) / np.where(reach > 0, reach, 1)}

    @mistake
    def divided_by_the_range(self, right, x, far):
        """You divide each column by its range, the largest value minus the smallest. Divide by its
        standard deviation."""
        reach = np.ptp(x, axis=0)
        return {"z": (x - x.mean(0)) / np.where(reach > 0, reach, 1)}

    @mistake
    def mean_absolute_deviation(self, right, x, far):
        """You divide by the mean of the absolute deviations. The standard deviation squares the
        deviations, takes their mean, and then the root."""
        off = np.abs(x - x.mean(0)).mean(0)
        return {"z": (x - x.mean(0)) / np.where(off > 0, off, 1)}

    @mistake
    def median_for_mean(self, right, x, far):
        """You subtract the median of each column. Subtract its mean."""
        return {"z": (x - np.median(x, axis=0)) / self._spread(x)}

    @mistake
    def mean_cut_down(self, right, x, far):
        """Your mean is cut down to a whole number, as // does it. Divide with /."""
        off = x - x.sum(0) // len(x)
        spread = np.sqrt((off**2).mean(0))
        return {"z": off / np.where(spread > 0, spread, 1)}

    @mistake
    def whole_mean_of_whole_numbers(self, right, x, far):
        """For whole numbers your mean is cut down to a whole number, as // does it. Divide with /,
        whatever x holds."""
        return self.mean_cut_down(right, x, far) if x.dtype.kind == "i" else None

    @mistake
    def whole_number_kept_for_the_mean(self, right, x, far):
        """For whole numbers you keep the mean as a whole number, as an array of their dtype does,
        and what is behind its point is lost. It is a float, whatever x holds."""
        if x.dtype.kind == "i":
            return {"z": (x - np.trunc(x.mean(0))) / self._spread(x)}

    @mistake
    def divisor_of_at_least_one(self, right, x, far):
        """You divide by 1 where the standard deviation is below 1, as np.maximum(std, 1) does. Only
        a spread of exactly 0 needs another divisor."""
        return {"z": (x - x.mean(0)) / np.maximum(x.std(0), 1)}

    @mistake
    def unbiased_spread(self, right, x, far):
        """Your spread divides by N − 1, one less than the number of rows, as torch.std does unless
        told otherwise. Here it divides by N, as numpy's std does."""
        return {"z": (x - x.mean(0)) / self._spread(x, ddof=int(len(x) > 1))}

    @mistake
    def unbiased_spread_of_one_row(self, right, x, far):
        """Your spread divides by N − 1, one less than the number of rows; where there is a single
        row that is 0/0, nan. Here it divides by N, as numpy's std does."""
        if len(x) == 1:
            return {"z": np.full_like(right["z"], np.nan)}
        return {"z": (x - x.mean(0)) / self._spread(x, ddof=1)}

    @mistake
    def zero_spread(self, right, x, far):
        """A column that never changes has the spread 0, and you divide by it: 0/0 is nan. Such a
        column tells nothing; let it come out as zeros."""
        if (x.std(0) == 0).any():
            return {"z": np.where(x.std(0) > 0, right["z"], np.nan)}

    @mistake
    def unchanging_left_as_it_is(self, right, x, far):
        """Your column that never changes keeps its value. Its mean is subtracted as well, so it
        comes out as zeros."""
        if (x.std(0) == 0).any():
            return {"z": np.where(x.std(0) > 0, right["z"], x)}

    @mistake
    def unchanging_becomes_one(self, right, x, far):
        """Your column that never changes comes out as ones. It has to come out as zeros."""
        if (x.std(0) == 0).any():
            return {"z": np.where(x.std(0) > 0, right["z"], 1.0)}

    @mistake
    def unchanging_dropped(self, right, x, far):
        """You leave out the column that never changes. It stays where it is and comes out as
        zeros, so that the result has the shape of x."""
        if (x.std(0) == 0).any():
            return {"z": right["z"][:, x.std(0) > 0]}

    @mistake
    def unchanging_makes_all_zeros(self, right, x, far):
        """As soon as one column never changes, all your columns come out as zeros. Only that one
        does; the others are standardised as always."""
        if (x.std(0) == 0).any():
            return {"z": np.zeros(x.shape)}

    @mistake
    def unchanging_stops_the_scaling(self, right, x, far):
        """As soon as one column never changes, you divide none of them. Ask it of each column by
        itself: the others are divided by their standard deviation as always."""
        if (x.std(0) == 0).any():
            return {"z": x - x.mean(0)}

    @mistake
    def unchanging_leaves_all_as_they_are(self, right, x, far):
        """As soon as one column never changes, you give back all of x as it was. Ask it of each
        column by itself: only that one comes out as zeros."""
        if (x.std(0) == 0).any():
            return {"z": x}

    @mistake
    def last_column_left_out(self, right, x, far):
        """Your last column is all zeros. Does your loop end one column too early?"""
        return {"z": np.where(np.arange(x.shape[1]) < x.shape[1] - 1, right["z"], 0.0)}

    @mistake
    def whole_numbers_stay_whole(self, right, x, far):
        """Your result has the dtype of x, so for whole numbers all that is behind the point is cut
        off. It is an array of floats, whatever x holds."""
        if x.dtype.kind == "i":
            return {"z": right["z"].astype(x.dtype)}

    @mistake
    def in_place_on_whole_numbers(self, right, x, far):
        """You compute in place in an array of whole numbers, and it cannot hold fractions. Compute
        in floats and in an array of your own: x is to be left as it is."""
        if x.dtype.kind == "i":
            return {"z": raises("UFuncTypeError", "same_kind")}

    @mistake
    def digits_lost(self, right, x, far):
        """Your digits are lost where a column varies little and lies far from 0. That happens when
        the variance is taken as the mean of the squares minus the square of the mean, or when the
        numbers pass through float32. Subtract the mean first, in float64."""
        return {"far from 0": "other numbers"} if far else None

    small_spread_not_divided = taken_for_constant(1e-4, scaled=True)
    small_spread_set_to_zeros = taken_for_constant(1e-4, scaled=False)
    rounded_to_two_digits = rounded(2)
    rounded_to_three_digits = rounded(3)
    large_epsilon = epsilon(1e-3)
    epsilon_1e_5 = epsilon(1e-5)
    epsilon_1e_6 = epsilon(1e-6)
    epsilon_1e_7 = epsilon(1e-7)
    epsilon_1e_8 = epsilon(1e-8)
    epsilon_1e_5_squared = epsilon(1e-5, squared=True)
    epsilon_1e_6_squared = epsilon(1e-6, squared=True)
    epsilon_1e_7_squared = epsilon(1e-7, squared=True)
    epsilon_1e_8_squared = epsilon(1e-8, squared=True)
    epsilon_1e_10_squared = epsilon(1e-10, squared=True)
    epsilon_1e_12_squared = epsilon(1e-12, squared=True)

    @mistake
    def tiny_spread_taken_for_none(self, right, x, far):
        """Your column whose spread is near 1e-9 is not divided by it, as happens when a spread
        below 1e-8 or 1e-6 is taken for 0. Only a spread of exactly 0 needs another divisor."""
        tiny = (x.std(0) > 0) & (x.std(0) < 1e-6)
        if tiny.any():
            return {"z": np.where(tiny, 0.0, right["z"])}
