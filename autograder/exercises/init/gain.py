"""Exercise of notebook 04 on the gain of any activation."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, Expected, mistake, raises

FUNCTIONS = ("relu", "leaky relu, 0.3", "tanh", "square")
ENOUGH, TOO_FEW = "enough points", "too few random numbers"


def too_few(function):
    """The mistake that a mean over random numbers is off by chance. In which cases it shows is
    chance, too, so each has its own."""

    def show(self, right, f, steepness):
        return {"mean": TOO_FEW} if f == function else None

    show.__doc__ = f"""You average over random numbers, and so few of them scatter as far as your
        gain for "{function}" is off. Draw a million, or sum over a grid, weighted with the
        density."""
    return mistake(show)


def added(number):
    """The mistake that this number is added to the mean square."""

    def show(self, right, f, steepness):
        return {"gain": (right["gain"] ** -2 + number) ** -0.5}

    show.__doc__ = """Your mean square is a little too large: a small number is added to it, against
        a division by 0. Where f itself is small this is not little."""
    return mistake(show)


class activation_gain(Exercise):
    """The factor that keeps the second moment, for any activation."""

    signature = "activation_gain(f)"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "What is E[f(z)²] for ReLU? Half of E[z²], by symmetry. So what is its gain?",
        "A mean over z ~ N(0, 1) is a sum over a fine grid, weighted with the density.",
    )

    reads = {"gain": "your gain", "mean": "your mean is taken over {seen}; over {right} is right"}

    def cases(self, rng):
        # Of another steepness under every seed.
        for f in FUNCTIONS:
            steepness = round(float(rng.uniform(0.6, 1.8)), 2)
            if f == "leaky relu, 0.3":
                steepness /= 1e4  # beside so small values a number that is added shows
            yield Case(f"{f}, of a multiple of z", 1, f=f, steepness=steepness)

    def observe(self, code, f, steepness):
        functions = {
            "relu": lambda z: np.maximum(z, 0),
            "leaky relu, 0.3": lambda z: np.where(z > 0, z, 0.3 * z),
            "tanh": np.tanh,
            "square": lambda z: z**2,
        }

        asked, drawn = [], []

        def function(z):
            if not isinstance(z, np.ndarray) or z.ndim == 0 or z.dtype.kind != "f":
                raise TypeError("f is a function of a float array")
            asked.append(z.size)
            steps = np.diff(z.ravel())
            drawn.append(bool((steps > 0).any() and (steps < 0).any()))  # points of a grid run on
            return functions[f](steepness * z)

        # A name promises nothing: whoever looks a gain up by it has not asked the function.
        function.__name__ = f.partition(",")[0].replace(" ", "_")
        return {"gain": code.activation_gain(function), "points": sum(asked), "drawn": any(drawn)}

    def read(self, seen, f, steepness, meant, scatter):
        """Where a gain is off as by chance it is the number of draws that is told."""
        gain, points = np.asarray(seen["gain"]), seen["points"]
        few = seen["drawn"] and points < 200_000
        if few and gain.ndim == 0 and gain.dtype.kind == "f":
            off = abs(float(gain) / meant - 1)
            if 4e-3 < off < 3 * scatter / points**0.5:
                return {"gain": meant, "mean": TOO_FEW}
        return {"gain": seen["gain"], "mean": ENOUGH}

    def aid(self, f, steepness):
        square, fourth = (self.moment(f, steepness, lambda y, z, p=p: y**p) for p in (2, 4))
        # What a gain from one random number would scatter by, relatively.
        return {"meant": square**-0.5, "scatter": (fourth / square**2 - 1) ** 0.5 / 2}

    def reference(self, f, steepness):
        # Looser than rounding: sums over a grid and means of a million samples are both welcome.
        gain = self.moment(f, steepness, lambda y, z: y**2) ** -0.5
        return {"gain": Expected(gain, rtol=4e-3, atol=0.0, margin=5.0), "mean": ENOUGH}

    @staticmethod
    def moment(f, steepness, look, spread=1.0):
        """E[look(f(z), z)] for z ~ N(0, spread²), by the trapezoidal rule on 40,001 points."""
        functional = torch.nn.functional
        z = torch.linspace(-12, 12, 40_001, dtype=torch.float64, requires_grad=True)
        y = {
            "relu": functional.relu, "leaky relu, 0.3": lambda z: functional.leaky_relu(z, 0.3),
            "tanh": torch.tanh, "square": torch.square,
        }[f](steepness * z)  # fmt: skip
        density = torch.exp(-(z.detach() ** 2) / (2 * spread**2)) / (2 * np.pi) ** 0.5 / spread
        return float(torch.trapezoid((look(y, z) * density).detach(), z.detach()))

    @mistake
    def about_the_mean(self, right, f, steepness):
        """You take the variance of f(z). The next layer's sum is over squares, mean and all: it
        is the second moment that must stay."""
        square = self.moment(f, steepness, lambda y, z: y**2)
        mean = self.moment(f, steepness, lambda y, z: y)
        return {"gain": (square - mean**2) ** -0.5}

    @mistake
    def upside_down(self, right, f, steepness):
        """You return the root of the mean square itself, by which the activation shrinks. The gain
        makes up for it: one over that root."""
        return {"gain": 1 / right["gain"]}

    @mistake
    def squared(self, right, f, steepness):
        """You return one over the mean square, without a root: that is the factor for the variance,
        He's 2 for ReLU. The gain multiplies the standard deviation."""
        return {"gain": right["gain"] ** 2}

    @mistake
    def root_of_two_for_all(self, right, f, steepness):
        """Your gain is √2 whatever f is. That is right for a ReLU of slope 1: ask f itself."""
        return {"gain": 2**0.5}

    @mistake
    def mean_size(self, right, f, steepness):
        """You average |f(z)|. Variances add up, sizes do not: square first, and take the root at
        the end."""
        return {"gain": 1 / self.moment(f, steepness, lambda y, z: y.abs())}

    @mistake
    def of_the_slope(self, right, f, steepness):
        """You average the squared slope. That is the gain for gradients on their way down; asked
        for is the one for activations on their way up."""

        def squared_slope(y, z):
            return torch.autograd.grad(y.sum(), z)[0] ** 2

        return {"gain": self.moment(f, steepness, squared_slope) ** -0.5}

    @mistake
    def looked_up_by_name(self, right, f, steepness):
        """Your gains are those that `nn.init.calculate_gain` knows by name, such as 5/3 for tanh.
        Those are rules of thumb, and f may be another function in spite of its name: ask f
        itself."""
        gains = {"relu": 2**0.5, "leaky relu, 0.3": (2 / 1.0001) ** 0.5, "tanh": 5 / 3}
        return {"gain": gains[f]} if f in gains else None

    @mistake
    def half_the_line(self, right, f, steepness):
        """Your grid covers one side of 0 only, or each side counts double. z is negative half of
        the time."""
        return {"gain": self.moment(f, steepness, lambda y, z: y**2 * (z > 0)) ** -0.5}

    # How the mean is taken.

    too_few_draws_of_relu, too_few_draws_of_leaky_relu = map(too_few, FUNCTIONS[:2])
    too_few_draws_of_tanh, too_few_draws_of_square = map(too_few, FUNCTIONS[2:])

    def of_spread(self, f, steepness, spread):
        return self.moment(f, steepness, lambda y, z: y**2, spread) ** -0.5

    @mistake
    def variance_of_a_half(self, right, f, steepness):
        """Your z has the variance ½, as with the density exp(−z²), or with Gauss–Hermite nodes of
        the physicists' kind. It is to have the variance 1."""
        return {"gain": self.of_spread(f, steepness, 0.5**0.5)}

    @mistake
    def variance_of_two(self, right, f, steepness):
        """Your z has the variance 2. It is to have the variance 1."""
        return {"gain": self.of_spread(f, steepness, 2**0.5)}

    @mistake
    def density_without_its_factor(self, right, f, steepness):
        """The density of your z does not sum to 1: the factor 1/√(2π) is missing."""
        return {"gain": right["gain"] * (2 * np.pi) ** -0.25}

    @mistake
    def density_without_its_factor_and_no_root(self, right, f, steepness):
        """The density of your z does not sum to 1, for the factor 1/√(2π) is missing; and there is
        no root: the gain multiplies a standard deviation."""
        return {"gain": right["gain"] ** 2 * (2 * np.pi) ** -0.5}

    @mistake
    def hermite_weights_without_their_factor(self, right, f, steepness):
        """Your weights do not sum to 1: divide by their sum, which is √π for Gauss–Hermite weights
        of the physicists' kind."""
        return {"gain": right["gain"] * np.pi**-0.25}

    @mistake
    def no_density(self, right, f, steepness):
        """Your z is uniform from −3 to 3. It is to be normal: weigh each point with the density."""
        return {"gain": self.uniform(f, steepness, 3.0)}

    @mistake
    def no_density_to_five(self, right, f, steepness):
        """Your z is uniform from −5 to 5. It is to be normal: weigh each point with the density."""
        return {"gain": self.uniform(f, steepness, 5.0)}

    @mistake
    def no_density_to_four(self, right, f, steepness):
        """Your z is uniform from −4 to 4. It is to be normal: weigh each point of the grid with the
        density."""
        return {"gain": self.uniform(f, steepness, 4.0)}

    @mistake
    def no_density_to_six(self, right, f, steepness):
        """Your z is uniform from −6 to 6. It is to be normal: weigh each point of the grid with the
        density."""
        return {"gain": self.uniform(f, steepness, 6.0)}

    @mistake
    def no_density_to_eight(self, right, f, steepness):
        """Your z is uniform from −8 to 8. It is to be normal: weigh each point of the grid with the
        density."""
        return {"gain": self.uniform(f, steepness, 8.0)}

    @mistake
    def no_density_to_ten(self, right, f, steepness):
        """Your z is uniform from −10 to 10. It is to be normal: weigh each point of the grid with
        the density."""
        return {"gain": self.uniform(f, steepness, 10.0)}

    @mistake
    def no_density_to_one(self, right, f, steepness):
        """Your z is uniform from −1 to 1. It is to be normal: weigh each point with the density."""
        return {"gain": self.uniform(f, steepness, 1.0)}

    def uniform(self, f, steepness, end):
        def weighed(y, z):
            return y**2 * (z.abs() <= end) / torch.exp(-(z**2) / 2) * (2 * np.pi) ** 0.5

        return (self.moment(f, steepness, weighed) / (2 * end)) ** -0.5

    @mistake
    def tails_missing(self, right, f, steepness):
        """Your grid ends too early, at two and a half standard deviations or so: beyond it f is
        large, and counts. Let it reach further."""
        return {"gain": self.moment(f, steepness, lambda y, z: y**2 * (z.abs() <= 2.5)) ** -0.5}

    @mistake
    def tails_beyond_two_missing(self, right, f, steepness):
        """Your grid ends too early, at two standard deviations: beyond it f is large, and counts.
        Let it reach further."""
        return {"gain": self.moment(f, steepness, lambda y, z: y**2 * (z.abs() <= 2)) ** -0.5}

    @mistake
    def tails_beyond_three_missing(self, right, f, steepness):
        """Your z ends too early, at three standard deviations: beyond them f is large, and counts.
        Let it reach further."""
        return {"gain": self.moment(f, steepness, lambda y, z: y**2 * (z.abs() <= 3)) ** -0.5}

    @mistake
    def drawn_within_two(self, right, f, steepness):
        """Your z ends at two standard deviations, as numbers from a truncated normal distribution
        do. A normal one goes on, and there f is large, and counts."""
        square, share = (self.moment(f, steepness, lambda y, z, p=p: y**p * (z.abs() <= 2))
                         for p in (2, 0))  # fmt: skip
        return {"gain": (square / share) ** -0.5}

    a_hundred_thousandth_added, a_millionth_added = added(1e-5), added(1e-6)
    a_hundred_millionth_added = added(1e-8)

    @mistake
    def one_side_twice(self, right, f, steepness):
        """You take z above 0 only, and double it. f need not be symmetric: below 0 it may be
        another."""
        return {"gain": (2 * self.moment(f, steepness, lambda y, z: y**2 * (z > 0))) ** -0.5}

    @mistake
    def squared_too_late(self, right, f, steepness):
        """You square the mean of f(z). The mean of its square is asked for: positive and negative
        values must not cancel."""
        mean = abs(self.moment(f, steepness, lambda y, z: y))
        return {"gain": 1 / mean if mean > 1e-9 else np.inf}

    @mistake
    def mean_of_reciprocals(self, right, f, steepness):
        """You average 1/|f(z)|, which is infinite where f is 0. Average the square first, and take
        one over its root in the end."""
        if f == "relu":
            return {"gain": np.inf}

    @mistake
    def single_numbers(self, right, f, steepness):
        """You call f with single numbers, or with whole ones. It is a function of a float array:
        give it one."""
        return dict.fromkeys(right, raises("TypeError", "f is a function of a float array"))
