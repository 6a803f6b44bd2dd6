"""Exercises of notebook 02 on weights that are found by hand: joined dots, a softened step."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.activations.piecewise import net


class fit_piecewise(Exercise):
    """A shallow ReLU net that joins the dots of any function of one variable."""

    signature = "fit_piecewise(f, hidden, low=0.0, high=1.0) -> theta, phi"
    reads = {
        "at the knots": "the net with your weights, at the knots,",
        "between the knots": "the net with your weights, between the knots,",
    }
    minutes = 15
    difficulty = 3
    extra = True
    hints = (
        "Give every unit slope 1 and let it switch on at the left end of its piece. Then only phi "
        "is left to find.",
        "To the right of a joint the slope has changed by that unit's φ. Which change do you need "
        "at each joint?",
        "The first unit brings the first slope; each later one the difference between two "
        "neighbouring slopes.",
    )

    def cases(self, rng):
        def curve(wave=0.8, pace=7.0):
            offset, slope, square = rng.uniform(0.3, 1.5, 3) * rng.choice([-1, 1], 3)
            return {"offset": offset, "slope": slope, "square": square, "wave": wave, "pace": pace}

        yield Case("a wave on the unit interval", 1, f=curve(), hidden=int(rng.integers(5, 8)))
        low = -float(rng.uniform(1.2, 1.8))
        yield Case("another interval", 1, f=curve(1.0, 2.0), hidden=int(rng.integers(4, 7)),
                   low=low, high=low + float(rng.uniform(3, 4)))  # fmt: skip
        low = float(rng.uniform(0.4, 0.8))
        yield Case("one unit", 1, f=curve(0.0), hidden=1, low=low, high=low + 2)
        yield Case("a hundred units", 1, f=curve(0.5, 9.0), hidden=100)

    def observe(self, code, f, hidden, low=None, high=None):
        def function(x):
            parabola = f["offset"] + f["slope"] * x + f["square"] * x * x
            return parabola + f["wave"] * np.sin(f["pace"] * x)

        given = () if low is None else (low, high)
        theta, phi = code.fit_piecewise(function, hidden, *given)
        low, high = given or (0.0, 1.0)
        knots = low + (high - low) * np.arange(hidden + 1) / hidden
        within = (knots[1:] * 0.7 + knots[:-1] * 0.3) if len(knots) > 1 else knots
        theta, phi = np.asarray(theta), np.asarray(phi)
        # Of the weights the shape alone is looked at; what they draw is what counts.
        seen = {}
        for name, weights in (("theta", theta), ("phi", phi)):
            seen[name] = np.full(weights.shape, weights.size + weights.ndim / 10)
        fits = theta.shape == (hidden, 2) and phi.shape == (hidden + 1,)
        for name, x in (("at the knots", knots), ("between the knots", within)):
            seen[name] = np.full(len(x), np.nan)
            if fits:
                units = np.maximum(np.multiply.outer(x, theta[:, 1]) + theta[:, 0], 0)
                seen[name] = phi[0] + units @ phi[1:]
        return seen

    def reference(self, f, hidden, low=0.0, high=1.0):
        knots, values = self.table(f, hidden, low, high)
        within = knots[1:] * 0.7 + knots[:-1] * 0.3
        return {
            **self.shapes((hidden, 2), (hidden + 1,)),
            "at the knots": values,
            "between the knots": np.interp(within, knots, values),
        }

    @staticmethod
    def shapes(theta, phi):
        """Arrays that stand for weights of these shapes."""
        both = {"theta": theta, "phi": phi}
        return {k: np.full(s, float(np.prod(s)) + len(s) / 10) for k, s in both.items()}

    def of_other_shapes(self, hidden, theta, phi):
        drawn = {"at the knots": hidden + 1, "between the knots": hidden}
        return self.shapes(theta, phi) | {k: np.full(n, np.nan) for k, n in drawn.items()}

    @staticmethod
    def table(f, pieces, low, high):
        """`pieces` + 1 knots, and what the function is there."""
        x = np.linspace(low, high, pieces + 1)
        return x, fit_piecewise.at(f, x)

    @staticmethod
    def at(f, x):
        wave = f["wave"] * np.sin(f["pace"] * x)
        return f["offset"] + f["slope"] * x + f["square"] * x**2 + wave

    def shown(self, hidden, low, high, knots, slopes, offset, sign=-1):
        """What a net of unit slopes shows: `slopes` are its φ, its joints lie at `knots`."""
        theta = np.column_stack([sign * knots, np.ones(hidden)])
        return self.drawn(hidden, low, high, theta, np.append(offset, slopes))

    @staticmethod
    def drawn(hidden, low, high, theta, phi):
        """What is seen of a net with these weights."""
        x = np.linspace(low, high, hidden + 1)
        within = x[1:] * 0.7 + x[:-1] * 0.3
        return {"at the knots": net(x, theta, phi), "between the knots": net(within, theta, phi)}

    @staticmethod
    def changes(x, y):
        return np.diff(np.diff(y) / np.diff(x), prepend=0.0)

    @mistake
    def slopes_for_changes(self, right, f, hidden, low=0.0, high=1.0):
        """Your φ are the slopes of the pieces. Units stay on once they are on, so their slopes
        add up: each φ should be the change from the piece before."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[:-1], np.diff(y) / np.diff(x), y[0])

    @mistake
    def rises_for_slopes(self, right, f, hidden, low=0.0, high=1.0):
        """You use how much f rises over a piece as its slope. Divide by the length of the
        piece."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[:-1], np.diff(np.diff(y), prepend=0.0), y[0])

    @mistake
    def no_offset(self, right, f, hidden, low=0.0, high=1.0):
        """f(low) is missing from what your net draws, as where φ₀ is left at 0. At the left end
        the net should start from f(low)."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), 0.0)

    @mistake
    def sign_of_the_joints(self, right, f, hidden, low=0.0, high=1.0):
        """Your joints lie mirrored at 0. With slope 1 a unit bends at −θ₀, so θ₀ is minus the
        place where it should."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), y[0], sign=1)

    @mistake
    def interval_ignored(self, right, f, hidden, low=0.0, high=1.0):
        """You lay the knots from 0 to 1 whatever low and high say."""
        x, y = self.table(f, hidden, 0.0, 1.0)
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), y[0])

    @mistake
    def another_low_by_default(self, right, f, hidden, low=0.0, high=1.0):
        """Where no interval is given yours begins at −1. The default is 0.0 to 1.0."""
        if (low, high) == (0.0, 1.0):
            x, y = self.table(f, hidden, -1.0, 1.0)
            return self.shown(hidden, low, high, x[:-1], self.changes(x, y), y[0])

    @mistake
    def joints_at_the_right_ends(self, right, f, hidden, low=0.0, high=1.0):
        """Each of your units switches on where its piece ends. It should switch on where its
        piece begins."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[1:], self.changes(x, y), y[0])

    @mistake
    def one_unit_too_few(self, right, f, hidden, low=0.0, high=1.0):
        """You have one unit less than you were given. With as many knots as units there is a
        piece less than there could be: D units make D pieces, between D + 1 knots."""
        return self.of_other_shapes(hidden, (hidden - 1, 2), (hidden,))

    @mistake
    def weights_exchanged(self, right, f, hidden, low=0.0, high=1.0):
        """You return phi, theta. theta comes first."""
        return self.of_other_shapes(hidden, (hidden + 1,), (hidden, 2))

    @mistake
    def slopes_for_changes_from_zero(self, right, f, hidden, low=0.0, high=1.0):
        """Two things: your φ are the slopes of the pieces, where the change from the piece before
        belongs, and your net starts from 0 instead of f(low)."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[:-1], np.diff(y) / np.diff(x), 0.0)

    @mistake
    def pieces_of_the_unit_interval(self, right, f, hidden, low=0.0, high=1.0):
        """You take 1/hidden for the length of a piece. It is (high − low)/hidden."""
        x, y = self.table(f, hidden, low, high)
        changes = self.changes(x, y) * (high - low)
        return self.shown(hidden, low, high, x[:-1], changes, y[0])

    @mistake
    def offset_at_zero(self, right, f, hidden, low=0.0, high=1.0):
        """Your φ₀ is f(0). All units are off at the left end of the interval, so the net is φ₀
        there: it should be f(low)."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), f["offset"])

    @mistake
    def joints_counted_from_low(self, right, f, hidden, low=0.0, high=1.0):
        """Your joints are counted from low, as if the interval began at 0. A unit's joint is the
        place of its knot itself."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[:-1] - low, self.changes(x, y), y[0])

    @mistake
    def knots_from_zero(self, right, f, hidden, low=0.0, high=1.0):
        """Your pieces have the right length, and your knots begin at 0. The first of them is to be
        at low."""
        x, y = self.table(f, hidden, 0.0, high - low)
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), y[0])

    @mistake
    def columns_exchanged(self, right, f, hidden, low=0.0, high=1.0):
        """The columns of theta have changed places: column 0 is the offset, column 1 the slope."""
        x, y = self.table(f, hidden, low, high)
        theta = np.column_stack([np.ones(hidden), -x[:-1]])
        phi = np.append(y[0], self.changes(x, y))
        return self.drawn(hidden, low, high, theta, phi)

    @mistake
    def columns_exchanged_and_slopes(self, right, f, hidden, low=0.0, high=1.0):
        """Two things: the columns of theta have changed places, since column 0 is the offset; and
        your φ are the slopes of the pieces, where the change from the piece before belongs."""
        x, y = self.table(f, hidden, low, high)
        theta = np.column_stack([np.ones(hidden), -x[:-1]])
        return self.drawn(hidden, low, high, theta, np.append(y[0], np.diff(y) / np.diff(x)))

    @mistake
    def knots_denser_at_the_ends(self, right, f, hidden, low=0.0, high=1.0):
        """Your knots stand closer near both ends of the interval, as Chebyshev's do. They are to
        be at equal distances."""
        x = low + (high - low) * (1 - np.cos(np.pi * np.arange(hidden + 1) / hidden)) / 2
        y = self.at(f, x)
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), y[0])

    @mistake
    def joints_cut_to_whole_numbers(self, right, f, hidden, low=0.0, high=1.0):
        """Your joints are cut to whole numbers: the array that holds theta has a dtype of whole
        numbers."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, np.trunc(x[:-1]), self.changes(x, y), y[0])

    @mistake
    def last_knot_missing(self, right, f, hidden, low=0.0, high=1.0):
        """Your last knot is not at high: you lay one knot more than you use, or leave the end out.
        The first of the D + 1 knots is at low and the last at high."""
        x = low + (high - low) * np.arange(hidden + 1) / (hidden + 1)
        y = self.at(f, x)
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), y[0])

    @mistake
    def one_knot_too_few(self, right, f, hidden, low=0.0, high=1.0):
        """You lay as many knots as there are units. D units make D pieces, between D + 1 knots."""
        if hidden > 1:
            return self.one_knot_too_few_and_flat_alone(right, f, hidden, low, high)

    @mistake
    def one_knot_too_few_and_flat_alone(self, right, f, hidden, low=0.0, high=1.0):
        """You lay as many knots as there are units, so that with one unit your net is flat. D units
        make D pieces, between D + 1 knots."""
        x, y = self.table(f, hidden - 1, low, high)
        slopes = np.append(self.changes(x, y), 0.0)
        return self.shown(hidden, low, high, x, slopes, y[0])

    @mistake
    def one_knot_too_many(self, right, f, hidden, low=0.0, high=1.0):
        """For some sizes you get one unit too many: np.arange with a fractional step may or may not
        give its end, as rounding has it. np.linspace gives as many points as you ask for."""
        step = (high - low) / hidden
        if len(np.arange(low, high + step, step)) > hidden + 1:
            return self.of_other_shapes(hidden, (hidden + 1, 2), (hidden + 2,))

    @mistake
    def slopes_at_the_knots(self, right, f, hidden, low=0.0, high=1.0):
        """Your slopes are those of f at the knots, as np.gradient gives them, over two pieces. A
        piece's slope is that from its own left end to its right end."""
        if hidden > 1:
            x, y = self.table(f, hidden, low, high)
            changes = np.diff(np.gradient(y, x)[:-1], prepend=0.0)
            return self.shown(hidden, low, high, x[:-1], changes, y[0])

    @mistake
    def first_slope_missing(self, right, f, hidden, low=0.0, high=1.0):
        """Your net is flat on the first piece. There the first unit alone is on, and its φ is the
        first slope itself."""
        x, y = self.table(f, hidden, low, high)
        changes = self.changes(x, y)
        return self.shown(hidden, low, high, x[:-1], [0.0, *changes[1:]], y[0])

    @mistake
    def middles_for_knots(self, right, f, hidden, low=0.0, high=1.0):
        """You aim at the middles of the pieces. The net should equal f at the knots, where the
        pieces meet."""
        x, _ = self.table(f, hidden, low, high)
        y = self.at(f, np.append(low, (x[1:] + x[:-1]) / 2))
        return self.shown(hidden, low, high, x[:-1], self.changes(x, y), y[0])


class soft_step(Exercise):
    """A sigmoid unit that is a softened step: where it switches and how fast."""

    signature = "soft_step(joint, slope) -> theta0, theta1"
    growth = {"slope": 1}, {"theta0": 1, "theta1": 1}
    minutes = 5
    difficulty = 2
    extra = True
    hints = (
        "Where is σ equal to ½? Make the pre-activation that, at the joint.",
        "How steep is σ there by itself? The chain rule multiplies that by θ₁.",
    )

    def cases(self, rng):
        gentle, steep = map(float, rng.uniform([0.6, 27], [0.9, 40]))
        yield Case("a gentle step", 1, joint=float(rng.uniform(1.5, 3)), slope=gentle)
        yield Case("a steep step left of 0", 1, joint=-float(rng.uniform(1.5, 3)), slope=steep)
        yield Case("a step down", 1, joint=float(rng.uniform(0.3, 0.9)), slope=-2.0)

    def observe(self, code, joint, slope):
        theta0, theta1 = code.soft_step(joint, slope)
        return {"theta0": theta0, "theta1": theta1}

    def reference(self, joint, slope):
        steepest = torch.zeros((), dtype=torch.float64, requires_grad=True)
        (own,) = torch.autograd.grad(torch.sigmoid(steepest), steepest)
        theta1 = slope / float(own)
        return {"theta0": -theta1 * joint, "theta1": theta1}

    @mistake
    def own_slope_forgotten(self, right, joint, slope):
        """Your step is flatter than asked for. A sigmoid's own slope at its middle is ¼, not 1, and
        θ₁ has to make up for it."""
        return {"theta0": -slope * joint, "theta1": slope}

    @mistake
    def own_slope_multiplied(self, right, joint, slope):
        """You multiply by the sigmoid's own slope. θ₁ has to make up for it: divide."""
        return {"theta0": -slope / 4 * joint, "theta1": slope / 4}

    @mistake
    def switches_on_the_other_side(self, right, joint, slope):
        """Your step is at minus the joint: at the joint the pre-activation should be 0."""
        return {"theta0": -right["theta0"]}

    @mistake
    def never_above_a_hundred(self, right, joint, slope):
        """Your θ₁ goes no further than −100 and 100. A step may be as steep as one likes."""
        theta1 = float(np.clip(right["theta1"], -100, 100))
        return {"theta0": -theta1 * joint, "theta1": theta1}

    @mistake
    def rounded(self, right, joint, slope):
        """Your numbers are rounded to three digits behind the point. Give them as they are."""
        return {name: round(value, 3) for name, value in right.items()}

    @mistake
    def joint_for_offset(self, right, joint, slope):
        """Your θ₀ is minus the joint. That would be right for θ₁ = 1; a steeper unit needs a
        larger offset."""
        return {"theta0": -joint}

    @mistake
    def slope_not_in_the_offset(self, right, joint, slope):
        """Your θ₀ is −4 times the joint. At the joint θ₀ + θ₁·x has to be 0, and θ₁ holds the
        slope, too."""
        return {"theta0": -4 * joint}

    @mistake
    def offset_and_slope_swapped(self, right, joint, slope):
        """The offset θ₀ comes first, then the slope θ₁."""
        return {"theta0": right["theta1"], "theta1": right["theta0"]}

    @mistake
    def swapped_and_own_slope_forgotten(self, right, joint, slope):
        """Two things: the offset θ₀ comes first, then the slope θ₁; and a sigmoid's own slope at
        its middle is ¼, for which θ₁ has to make up."""
        return {"theta0": slope, "theta1": -slope * joint}

    @mistake
    def swapped_and_own_slope_multiplied(self, right, joint, slope):
        """Two things: the offset θ₀ comes first, then the slope θ₁; and you multiply by the
        sigmoid's own slope ¼, for which θ₁ has to make up."""
        return {"theta0": slope / 4, "theta1": -slope / 4 * joint}

    @mistake
    def joint_divided(self, right, joint, slope):
        """You divide the joint by θ₁. At the joint the pre-activation θ₀ + θ₁x should be 0: solve
        that for θ₀."""
        return {"theta0": -joint / right["theta1"]}

    @mistake
    def slope_at_the_joint(self, right, joint, slope):
        """You divide by the slope that σ has at the number `joint`. At the joint the pre-activation
        is 0, and the output ½: take the slope there."""
        out = 1 / (1 + np.exp(-joint))
        theta1 = slope / (out * (1 - out))
        return {"theta0": -theta1 * joint, "theta1": theta1}

    @mistake
    def flatter_and_mirrored(self, right, joint, slope):
        """Two things: your step is flatter than asked for, since a sigmoid's own slope is ¼ at its
        middle, and it lies at minus the joint."""
        return {"theta0": slope * joint, "theta1": slope}
