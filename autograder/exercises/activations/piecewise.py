"""Exercises of notebook 02 on shallow nets of one input: piecewise linear functions."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


def relu(z):
    return np.maximum(z, 0)


def net(x, theta, phi):
    """The shallow net, for mistakes that are right nets with wrong weights."""
    return phi[0] + relu(np.multiply.outer(x, theta[:, 1]) + theta[:, 0]) @ phi[1:]


class shallow_1d(Exercise):
    """A shallow ReLU net of one input and one output."""

    signature = "shallow_1d(x, theta, phi)"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Broadcast: N inputs against D units gives an array N×D.",
        "Offsets stand in column 0 of theta, slopes in column 1; phi has one entry more than "
        "there are units.",
    )

    def cases(self, rng):
        yield Case("three units", 1, x=np.linspace(-2, 2, 9), theta=rng.normal(size=(3, 2)),
                   phi=rng.uniform(0.5, 2, 4) * [1, -1, 1, -1])  # fmt: skip
        theta = np.column_stack([rng.normal(size=7), rng.uniform(0.5, 2, 7)])
        yield Case("seven units", 1, x=rng.uniform(-3, 3, 5), theta=theta,
                   phi=rng.uniform(0.5, 2, 8))  # fmt: skip
        yield Case("one unit", 1, x=rng.permutation(np.linspace(-1, 3, 5)),
                   theta=np.array([[0.5, -1.5]]), phi=np.array([-0.7, 1.2]))  # fmt: skip

    def observe(self, code, x, theta, phi):
        return {"y": code.shallow_1d(x, theta, phi)}

    def reference(self, x, theta, phi):
        x, theta, phi = (torch.tensor(v, device=self.device) for v in (x, theta, phi))
        hidden = torch.nn.functional.linear(x[:, None], theta[:, 1:], theta[:, 0]).relu()
        return {"y": torch.nn.functional.linear(hidden, phi[None, 1:], phi[:1])[:, 0]}

    @mistake
    def offset_and_slope_swapped(self, right, x, theta, phi):
        """Column 0 of theta is the offset and column 1 the slope. Yours has them the other way
        round."""
        return {"y": net(x, theta[:, ::-1], phi)}

    @mistake
    def relu_forgotten(self, right, x, theta, phi):
        """Yours is a straight line: without the activation a sum of lines is a line."""
        return {"y": phi[0] + (np.multiply.outer(x, theta[:, 1]) + theta[:, 0]) @ phi[1:]}

    @mistake
    def no_offset(self, right, x, theta, phi):
        """The offset φ₀ of the output is missing."""
        return {"y": right["y"] - phi[0]}

    @mistake
    def offset_last(self, right, x, theta, phi):
        """The offset is the first entry of phi. You take the last one for it, so every unit has
        its neighbour's weight."""
        return {"y": net(x, theta, np.roll(phi, 1))}

    @mistake
    def relu_of_the_sum(self, right, x, theta, phi):
        """You rectify the weighted sum. Each unit is rectified by itself, before the units are
        added."""
        lines = np.multiply.outer(x, theta[:, 1]) + theta[:, 0]
        return {"y": phi[0] + relu(lines @ phi[1:])}

    @mistake
    def output_rectified(self, right, x, theta, phi):
        """The output is cut at 0 in yours. It is a weighted sum and may be negative."""
        return {"y": relu(right["y"])}

    @mistake
    def offset_outside_the_relu(self, right, x, theta, phi):
        """The offset θ₀ belongs inside the activation: it is what moves the joint. In yours all
        joints lie at 0."""
        hidden = relu(np.multiply.outer(x, theta[:, 1])) + theta[:, 0]
        return {"y": phi[0] + hidden @ phi[1:]}


class joints_and_slopes(Exercise):
    """Where a shallow net bends, and how steep it is in between."""

    signature = "joints_and_slopes(theta, phi) -> joints, slopes"
    minutes = 10
    difficulty = 3
    extra = True
    hints = (
        "A unit bends where its pre-activation is 0. Solve for x.",
        "Between two joints, which units are on? Those with a positive slope that bend further "
        "left, and those with a negative slope that bend further right.",
        "You may also take one point inside each piece and ask which units are on there.",
    )

    def cases(self, rng):
        def units(slopes, joints):
            slopes, joints = np.array(slopes), np.array(joints)
            return np.column_stack([-slopes * joints, slopes])

        yield Case("units that switch on to the right", 1,
                   theta=units([0.5, 2.0, 1.3], np.sort(rng.uniform(0.3, 3, 3))),
                   phi=np.array([0.4, 1.5, -0.8, 0.6]))  # fmt: skip
        joints = rng.permutation([-2.1, -0.9, 0.4, 1.5]) + rng.uniform(-0.2, 0.2, 4)
        yield Case("some switch on to the left", 1, theta=units([1.2, -0.7, -1.9, 0.4], joints),
                   phi=np.array([0.9, 1.1, -1.6, 0.7, 2.2]))  # fmt: skip
        yield Case("one unit", 1, theta=units([-1.5], [0.8]), phi=np.array([-0.7, 1.2]))

    def observe(self, code, theta, phi):
        joints, slopes = code.joints_and_slopes(theta, phi)
        return {"joints": joints, "slopes": slopes}

    def reference(self, theta, phi):
        theta, phi = torch.tensor(theta), torch.tensor(phi)
        joints = torch.sort(-theta[:, 0] / theta[:, 1]).values
        edges = torch.cat([joints[:1] - 1, joints, joints[-1:] + 1])
        middle = ((edges[1:] + edges[:-1]) / 2).requires_grad_()
        y = (theta[:, 0] + middle[:, None] * theta[:, 1]).relu() @ phi[1:]
        return {"joints": joints, "slopes": torch.autograd.grad(y.sum(), middle)[0]}

    @staticmethod
    def steps(theta, phi):
        """How much the slope changes at each joint, from left to right."""
        order = np.argsort(-theta[:, 0] / theta[:, 1])
        return (np.abs(theta[:, 1]) * phi[1:])[order]

    @mistake
    def sign_of_the_joints(self, right, theta, phi):
        """Your joints lie mirrored at 0: a sign was lost when you solved for x."""
        return {"joints": np.sort(-right["joints"])}

    @mistake
    def joints_upside_down(self, right, theta, phi):
        """You divide the slope by the offset. Solve θ₀ + θ₁x = 0 for x once more."""
        return {"joints": np.sort(-theta[:, 1] / theta[:, 0])}

    @mistake
    def joints_not_sorted(self, right, theta, phi):
        """Your joints are in the order of the units. Sort them from left to right."""
        return {"joints": -theta[:, 0] / theta[:, 1]}

    @mistake
    def all_switch_on_to_the_right(self, right, theta, phi):
        """You add every unit's slope to the right of its joint. A unit with a negative slope is
        on to the left of its joint, and off to the right."""
        order = np.argsort(-theta[:, 0] / theta[:, 1])
        return {"slopes": np.cumsum([0, *(theta[:, 1] * phi[1:])[order]])}

    @mistake
    def flat_at_the_far_left(self, right, theta, phi):
        """Your first slope is 0. Units with a negative slope are on at the far left: begin with
        their sum."""
        return {"slopes": right["slopes"] - right["slopes"][0]}

    @mistake
    def changes_for_slopes(self, right, theta, phi):
        """Those are the changes of slope at the joints. There is one piece more than there are
        joints, and a slope is the sum of all changes to its left."""
        return {"slopes": self.steps(theta, phi)}

    @mistake
    def phi_forgotten(self, right, theta, phi):
        """Each unit's slope is weighted by its φ before it reaches the output."""
        order = np.argsort(-theta[:, 0] / theta[:, 1])
        left = np.sum(np.minimum(theta[:, 1], 0))
        return {"slopes": left + np.cumsum([0, *np.abs(theta[:, 1])[order]])}

    @mistake
    def weights_one_off(self, right, theta, phi):
        """The first entry of phi is the offset, and unit 1 has the second. Yours are one off."""
        left = np.sum(np.minimum(theta[:, 1], 0) * phi[:-1])
        order = np.argsort(-theta[:, 0] / theta[:, 1])
        return {"slopes": left + np.cumsum([0, *(np.abs(theta[:, 1]) * phi[:-1])[order]])}


class fit_piecewise(Exercise):
    """A shallow ReLU net that joins the dots of any function of one variable."""

    signature = "fit_piecewise(f, hidden, low=0.0, high=1.0) -> theta, phi"
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
        def curve(*numbers):
            return dict(zip(("offset", "slope", "square", "wave", "pace"), numbers, strict=True))

        yield Case("a wave on the unit interval", 1, f=curve(0.7, -0.4, 1.1, 0.8, 7.0), hidden=6)
        yield Case("another interval", 1, f=curve(-1.2, 0.5, 0.3, 1.0, 2.0), hidden=5,
                   low=-1.5, high=2.0)  # fmt: skip
        yield Case("one unit", 1, f=curve(0.3, 1.9, 0.8, 0.0, 1.0), hidden=1, low=0.5, high=2.5)
        bend = float(rng.uniform(2, 4))
        yield Case("a hundred units", 1, f=curve(1.0, 0.0, -bend, 0.5, 9.0), hidden=100)

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
        seen = {"shape of theta": list(theta.shape), "shape of phi": list(phi.shape)}
        if theta.shape == (hidden, 2) and phi.shape == (hidden + 1,):
            for name, x in (("at the knots", knots), ("between the knots", within)):
                units = np.maximum(np.multiply.outer(x, theta[:, 1]) + theta[:, 0], 0)
                seen[name] = phi[0] + units @ phi[1:]
        return seen

    def reference(self, f, hidden, low=0.0, high=1.0):
        knots, values = self.table(f, hidden, low, high)
        within = knots[1:] * 0.7 + knots[:-1] * 0.3
        return {
            "shape of theta": [hidden, 2],
            "shape of phi": [hidden + 1],
            "at the knots": values,
            "between the knots": np.interp(within, knots, values),
        }

    @staticmethod
    def table(f, pieces, low, high):
        """`pieces` + 1 knots, and what the function is there."""
        x = np.linspace(low, high, pieces + 1)
        wave = f["wave"] * np.sin(f["pace"] * x)
        return x, f["offset"] + f["slope"] * x + f["square"] * x**2 + wave

    def shown(self, hidden, low, high, knots, slopes, offset, sign=-1):
        """What a net of unit slopes shows: `slopes` are its φ, its joints lie at `knots`."""
        theta = np.column_stack([sign * knots, np.ones(hidden)])
        phi = np.append(offset, slopes)
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
        """Your net starts from 0. At the left end it should start from f(low): that is what φ₀
        is for."""
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
    def joints_at_the_right_ends(self, right, f, hidden, low=0.0, high=1.0):
        """Each of your units switches on where its piece ends. It should switch on where its
        piece begins."""
        x, y = self.table(f, hidden, low, high)
        return self.shown(hidden, low, high, x[1:], self.changes(x, y), y[0])

    @mistake
    def one_unit_too_few(self, right, f, hidden, low=0.0, high=1.0):
        """You have one unit less than you were given. With as many knots as units there is a
        piece less than there could be: D units make D pieces, between D + 1 knots."""
        return {"shape of theta": [hidden - 1, 2], "shape of phi": [hidden]}


class soft_step(Exercise):
    """A sigmoid unit that is a softened step: where it switches and how fast."""

    signature = "soft_step(joint, slope) -> theta0, theta1"
    minutes = 5
    difficulty = 2
    extra = True
    hints = (
        "Where is σ equal to ½? Make the pre-activation that, at the joint.",
        "How steep is σ there by itself? The chain rule multiplies that by θ₁.",
    )

    def cases(self, rng):
        yield Case("a gentle step", 1, joint=float(rng.uniform(1.5, 3)), slope=0.75)
        yield Case("a steep step left of 0", 1, joint=-float(rng.uniform(1.5, 3)), slope=30.0)
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
        """The sigmoid is not of slope 1 at its middle. Your step is flatter than asked for."""
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
    def joint_for_offset(self, right, joint, slope):
        """Your θ₀ is minus the joint. That would be right for θ₁ = 1; a steeper unit needs a
        larger offset."""
        return {"theta0": -joint}

    @mistake
    def offset_and_slope_swapped(self, right, joint, slope):
        """The offset θ₀ comes first, then the slope θ₁."""
        return {"theta0": right["theta1"], "theta1": right["theta0"]}
