"""Exercise of notebook 14: how large a rate late gradients allow. Runs are in `asynchronous`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near


class stable_rate(Exercise):
    """How large a rate may be when gradients come late."""

    signature = "stable_rate(curvatures, delay)"
    growth = {"curvatures": 1}, {"rate": -1}
    minutes = 8
    difficulty = 2
    extra = True
    reads = {"rate": "the rate that you return"}
    hints = (
        "Along one axis of curvature λ the recursion is w ← w − ηλ·w_old. The larger λ, the "
        "smaller the stable rate. Which axis allows the smallest rate?",
        "Test your bound: without delay it is the rate at which gradient descent on λ/2·w² just "
        "jumps from w to −w, and with a delay of one update it is half of that.",
    )

    def cases(self, rng):
        # Where axes are flat the rate is so large that rounding it to some places changes nothing:
        # there one sees what else is off.
        for name, delay, size in [
            ("no delay", 0, 1.0), ("one update late", 1, 1e-6), ("seven updates late", 7, 1e-6),
        ]:  # fmt: skip
            low, middle, high = size * rng.uniform([0.2, 1.4, 3.0], [0.9, 2.0, 9.0])
            first, last = rng.permutation([low, middle])  # the largest is neither
            yield Case(f"three axes, {name}", 1, curvatures=np.array([first, high, last]),
                       delay=delay)  # fmt: skip
        yield Case("one axis, two updates late", 1, curvatures=np.array([rng.uniform(2, 5)]),
                   delay=2)  # fmt: skip

    def observe(self, code, curvatures, delay):
        return {"rate": code.stable_rate(curvatures, delay)}

    def reference(self, curvatures, delay):
        """By bisection on the largest root of r^(d+1) = r^d − ηλ, by its companion matrix."""
        companion = torch.zeros(delay + 1, delay + 1, dtype=torch.float64)
        companion[0, 0] = 1.0
        companion += torch.diag(torch.ones(delay, dtype=torch.float64), -1)
        low, high = 0.0, 4.0
        for _ in range(60):
            middle = (low + high) / 2
            step = companion.clone()
            step[0, delay] -= middle
            inside = torch.linalg.eigvals(step).abs().max() <= 1
            low, high = (middle, high) if inside else (low, middle)
        return {"rate": near(low / float(curvatures.max()), rtol=1e-6, atol=0.0)}

    @staticmethod
    def bound(angle, curvature):
        return {"rate": float(2 * np.sin(angle) / curvature)}

    def with_delay(self, curvatures, delay):
        """The bound for another delay."""
        return self.bound(np.pi / (2 * (2 * delay + 1)), curvatures.max())

    @mistake
    def delay_left_out(self, right, curvatures, delay):
        """That is the bound without delay. A gradient that comes late pushes on when the weights
        have long passed the minimum."""
        return {"rate": 2 / curvatures.max()}

    @mistake
    def angle_for_its_sine(self, right, curvatures, delay):
        """You take the sine's angle for the sine. That comes near for a long delay; without any it
        is π in place of 2."""
        return {"rate": float(np.pi / (2 * delay + 1) / curvatures.max())}

    @mistake
    def angle_for_its_sine_when_late(self, right, curvatures, delay):
        """Where gradients come late you take the sine's angle for the sine. That comes near for a
        long delay, and is too large for all."""
        if delay:
            return {"rate": float(np.pi / (2 * delay + 1) / curvatures.max())}

    @mistake
    def smallest_curvature(self, right, curvatures, delay):
        """You take the flattest axis. The steepest axis diverges first."""
        return {"rate": right["rate"] * curvatures.max() / curvatures.min()}

    @mistake
    def mean_curvature(self, right, curvatures, delay):
        """You take the mean of the curvatures. The steepest axis diverges first, whatever the
        others do."""
        return {"rate": right["rate"] * curvatures.max() / curvatures.mean()}

    @mistake
    def sum_of_curvatures(self, right, curvatures, delay):
        """You take the sum of the curvatures. The steepest axis diverges first, whatever the
        others do."""
        return {"rate": right["rate"] * curvatures.max() / curvatures.sum()}

    @mistake
    def sum_of_curvatures_and_half(self, right, curvatures, delay):
        """You take the sum of the curvatures, and the factor 2 in front of the sine is missing. The
        steepest axis diverges first, whatever the others do."""
        return {"rate": right["rate"] / 2 * curvatures.max() / curvatures.sum()}

    @mistake
    def last_curvature(self, right, curvatures, delay):
        """You take the last of the curvatures. They are in no order: look for the largest."""
        return {"rate": right["rate"] * curvatures.max() / curvatures[-1]}

    @mistake
    def first_curvature(self, right, curvatures, delay):
        """You take the first of the curvatures. They are in no order: look for the largest."""
        return {"rate": right["rate"] * curvatures.max() / curvatures[0]}

    @mistake
    def one_for_each_axis(self, right, curvatures, delay):
        """You return a rate for each axis. There is one learning rate for all of them, so it is the
        smallest that counts."""
        return {"rate": right["rate"] * curvatures.max() / curvatures}

    @mistake
    def not_divided(self, right, curvatures, delay):
        """You return the bound on rate times curvature. Divide it by the steepest axis's curvature,
        and the rate is left."""
        return {"rate": right["rate"] * curvatures.max()}

    @mistake
    def multiplied(self, right, curvatures, delay):
        """You multiply by the curvature. The steeper the axis, the smaller the rate: divide."""
        return {"rate": right["rate"] * curvatures.max() ** 2}

    @mistake
    def divided_by_delay(self, right, curvatures, delay):
        """You divide by the delay plus one. That is right for a delay of 0 and of 1 only, and too
        much for more: the bound is a sine."""
        return {"rate": 2 / (delay + 1) / curvatures.max()}

    @mistake
    def half_angle_forgotten(self, right, curvatures, delay):
        """The angle is twice too large: it is π/2 divided by 2d + 1."""
        return self.bound(np.pi / (2 * delay + 1), curvatures.max())

    @mistake
    def half_angle_forgotten_when_late(self, right, curvatures, delay):
        """Where gradients come late the angle is twice too large: it is π/2 divided by 2d + 1."""
        return self.half_angle_forgotten(right, curvatures, delay) if delay else None

    @mistake
    def half_angle_forgotten_and_summed(self, right, curvatures, delay):
        """Where gradients come late the angle is twice too large, for it is π/2 divided by 2d + 1;
        and you take the sum of the curvatures, though the steepest axis diverges first."""
        late = self.half_angle_forgotten(right, curvatures, delay) if delay else right
        return {"rate": late["rate"] * curvatures.max() / curvatures.sum()}

    @mistake
    def delay_not_doubled(self, right, curvatures, delay):
        """The angle is π/2 divided by 2d + 1; you divide by d + 1."""
        return self.bound(np.pi / 2 / (delay + 1), curvatures.max())

    @mistake
    def one_less(self, right, curvatures, delay):
        """You divide π/2 by 2d − 1, as when the delay is taken for the number of workers. It is
        divided by 2d + 1: the delay is the number of updates."""
        return self.with_delay(curvatures, delay - 1)

    @mistake
    def one_worker_less(self, right, curvatures, delay):
        """Where gradients come late your bound is that for one update less of delay. The delay is
        the number of updates, not of workers."""
        return self.with_delay(curvatures, max(delay - 1, 0))

    @mistake
    def one_more(self, right, curvatures, delay):
        """Your bound is that for one update more of delay. π/2 is divided by 2d + 1."""
        return self.with_delay(curvatures, delay + 1)

    @mistake
    def one_outside_the_bracket(self, right, curvatures, delay):
        """You divide π by 4d + 1. It is 2(2d + 1): the 1 stands inside the bracket."""
        return self.bound(np.pi / (4 * delay + 1), curvatures.max())

    @mistake
    def multiplied_by_the_bracket(self, right, curvatures, delay):
        """You multiply π/2 by 2d + 1, as happens without a bracket around the whole divisor. It is
        divided by it."""
        return self.bound(np.pi / 2 * (2 * delay + 1), curvatures.max())

    @mistake
    def in_degrees(self, right, curvatures, delay):
        """You take the sine of an angle in degrees. Here it is in radians: π and not 180."""
        return self.bound(180 / (2 * (2 * delay + 1)), curvatures.max())

    @mistake
    def size_of_the_sine_in_degrees(self, right, curvatures, delay):
        """You take the sine of an angle in degrees, and its size where it is negative. Here it is
        in radians: π and not 180."""
        shown = self.in_degrees(right, curvatures, delay)["rate"]
        return {"rate": abs(shown)}

    @mistake
    def in_degrees_one_more(self, right, curvatures, delay):
        """You take the sine of an angle in degrees, and one update more of delay. The angle is in
        radians, π/2 divided by 2d + 1."""
        return {"rate": abs(self.in_degrees(right, curvatures, delay + 1)["rate"])}

    @mistake
    def cosine(self, right, curvatures, delay):
        """You take the cosine. The bound is a sine."""
        return self.bound(np.pi / 2 - np.pi / (2 * (2 * delay + 1)), curvatures.max())

    @mistake
    def two_forgotten(self, right, curvatures, delay):
        """That is half of the bound: without delay it is 2 divided by the curvature."""
        return {"rate": right["rate"] / 2}

    @mistake
    def half_without_delay(self, right, curvatures, delay):
        """Without delay yours is 1 divided by the curvature, the rate that jumps to the minimum. It
        converges up to twice that."""
        return {"rate": right["rate"] / 2} if delay == 0 else None

    @mistake
    def half_of_the_mean(self, right, curvatures, delay):
        """The factor 2 is missing, and you take the mean of the curvatures. The steepest axis
        diverges first."""
        return {"rate": right["rate"] / 2 * curvatures.max() / curvatures.mean()}

    @mistake
    def one_less_of_the_flattest(self, right, curvatures, delay):
        """You divide π/2 by 2d − 1, and take the flattest axis. It is 2d + 1, and the steepest
        diverges first."""
        shown = self.with_delay(curvatures, delay - 1)["rate"]
        return {"rate": shown * curvatures.max() / curvatures.min()}
