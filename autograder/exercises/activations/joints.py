"""Exercise of notebook 02: where a shallow ReLU net bends, and its slopes in between."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


class joints_and_slopes(Exercise):
    """Where a shallow net bends, and how steep it is in between."""

    signature = "joints_and_slopes(theta, phi) -> joints, slopes"
    growth = {"phi": 1}, {"slopes": 1}
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

        first = rng.uniform(0.3, 1.5)
        joints = [first, first + rng.uniform(0.5, 0.7), first + rng.uniform(1.8, 2.5)]
        yield Case("units that switch on to the right", 1,
                   theta=units([0.5, 2.0, 1.3], joints),
                   phi=np.array([0.4, 1.5, -0.8, 0.6]))  # fmt: skip
        # A piece so short that a difference of finite width reaches over it.
        joints = rng.permutation([0.0, 1e-3, 1.1]) + rng.uniform(0.3, 1)
        yield Case("a very short piece", 1, theta=units([1.4, 0.6, 0.9], joints),
                   phi=rng.uniform(0.5, 2, 4) * rng.choice([-1, 1], 4))  # fmt: skip
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

    @staticmethod
    def summed_up(theta, phi, places):
        """The slopes when the units are met in the order of `places`."""
        changes = (np.abs(theta[:, 1]) * phi[1:])[np.argsort(places)]
        return np.sum(np.minimum(theta[:, 1], 0) * phi[1:]) + np.cumsum([0, *changes])

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
    def phi_forgotten_and_leftmost_missing(self, right, theta, phi):
        """Two things: each unit's slope is weighted by its φ before it reaches the output, and you
        leave that out; and the piece to the left of all joints has no slope."""
        return {"slopes": self.phi_forgotten(right, theta, phi)["slopes"][1:]}

    @mistake
    def weights_one_off(self, right, theta, phi):
        """The first entry of phi is the offset, and unit 1 has the second. Yours are one off."""
        left = np.sum(np.minimum(theta[:, 1], 0) * phi[:-1])
        order = np.argsort(-theta[:, 0] / theta[:, 1])
        return {"slopes": left + np.cumsum([0, *(np.abs(theta[:, 1]) * phi[:-1])[order]])}

    @mistake
    def mirrored(self, right, theta, phi):
        """Your joints lie mirrored at 0, since a sign was lost when you solved for x, and so the
        units come in the wrong order in your slopes."""
        places = theta[:, 0] / theta[:, 1]
        return {"joints": np.sort(places), "slopes": self.summed_up(theta, phi, places)}

    @mistake
    def mirrored_and_asked_there(self, right, theta, phi):
        """Your joints lie mirrored at 0, since a sign was lost when you solved for x. And your
        slopes are those between these places, where the net does not bend."""
        joints = np.sort(theta[:, 0] / theta[:, 1])
        edges = np.concatenate([joints[:1] - 1, (joints[1:] + joints[:-1]) / 2, joints[-1:] + 1])
        on = theta[:, 0] + np.multiply.outer(edges, theta[:, 1]) > 0
        return {"joints": joints, "slopes": on @ (phi[1:] * theta[:, 1])}

    @mistake
    def upside_down(self, right, theta, phi):
        """You divide the slope by the offset, and so the units come in the wrong order in your
        slopes. Solve θ₀ + θ₁x = 0 for x once more."""
        places = -theta[:, 1] / theta[:, 0]
        return {"joints": np.sort(places), "slopes": self.summed_up(theta, phi, places)}

    @mistake
    def slopes_in_the_order_of_the_units(self, right, theta, phi):
        """Your slopes add up the units in the order in which they stand in theta. From left to
        right the units come in the order of their joints."""
        return {"slopes": self.summed_up(theta, phi, np.arange(len(theta)))}

    @mistake
    def nothing_sorted(self, right, theta, phi):
        """You take the units in the order in which they stand in theta, for the joints and for the
        slopes. Sort them by their joints, from left to right."""
        places = np.arange(len(theta))
        joints = -theta[:, 0] / theta[:, 1]
        return {"joints": joints, "slopes": self.summed_up(theta, phi, places)}

    @mistake
    def added_at_every_joint(self, right, theta, phi):
        """You add φ·θ₁ at every joint. A unit with a negative slope goes off at its joint: there
        its part is taken away."""
        order = np.argsort(-theta[:, 0] / theta[:, 1])
        changes = (theta[:, 1] * phi[1:])[order]
        return {"slopes": right["slopes"][0] + np.cumsum([0, *changes])}

    @mistake
    def slope_always_grows(self, right, theta, phi):
        """Your slope grows at every joint. Where the output weight φ is negative it falls: it
        changes by φ times the size of θ₁."""
        changes = np.abs(self.steps(theta, phi))
        return {"slopes": right["slopes"][0] + np.cumsum([0, *changes])}

    @mistake
    def outer_pieces_as_inner(self, right, theta, phi):
        """Your first and your last slope are those of the pieces next to them. Beyond the outermost
        joints another unit has switched."""
        inner = right["slopes"][1:-1]
        return {"slopes": np.concatenate([inner[:1], inner, inner[-1:]])} if len(inner) else None

    @mistake
    def within_the_unit_interval(self, right, theta, phi):
        """You leave out joints that do not lie between 0 and 1, and the slopes that follow them.
        x may be any number, and all D joints belong there."""
        inside = (right["joints"] >= 0) & (right["joints"] <= 1)
        return {"joints": right["joints"][inside], "slopes": right["slopes"][[True, *inside]]}

    @mistake
    def theta_forgotten(self, right, theta, phi):
        """You add up the φ of the units that are on. Each contributes φ times its own slope."""
        order = np.argsort(-theta[:, 0] / theta[:, 1])
        left = np.sum(phi[1:][theta[:, 1] < 0])
        return {"slopes": left + np.cumsum([0, *(np.sign(theta[:, 1]) * phi[1:])[order]])}

    @mistake
    def slopes_from_the_right(self, right, theta, phi):
        """Your slopes run from right to left."""
        return {"slopes": right["slopes"][::-1]}

    @mistake
    def all_from_the_right(self, right, theta, phi):
        """Your joints and slopes run from right to left. They are asked for from left to right."""
        return {"joints": right["joints"][::-1], "slopes": right["slopes"][::-1]}

    @mistake
    def slopes_at_the_joints(self, right, theta, phi):
        """Your slopes are one piece off, as when you ask at the joints which units are on. Ask
        between them, and to the left of the first."""
        places = np.append(right["joints"], right["joints"][-1] + 1)
        on = theta[:, 0] + np.multiply.outer(places, theta[:, 1]) >= -1e-12
        return {"slopes": on @ (phi[1:] * theta[:, 1])}

    @mistake
    def asked_beside_the_joints(self, right, theta, phi):
        """Where a piece is short you ask beyond its other end, as when you look 0.01 or 0.5 beside
        each joint. Two joints can be as close as they like: take the middle between them."""
        return self.asked_at(theta, phi, np.append(right["joints"] - 0.05, right["joints"][-1] + 1))

    @mistake
    def asked_to_the_right_of_the_joints(self, right, theta, phi):
        """Where a piece is short you ask beyond its other end, as when you look 0.01 or 0.5 beside
        each joint. Two joints can be as close as they like: take the middle between them."""
        return self.asked_at(theta, phi, np.append(right["joints"][0] - 1, right["joints"] + 0.05))

    @staticmethod
    def asked_at(theta, phi, places):
        """The slopes at these places, from the units that are on there."""
        on = theta[:, 0] + np.multiply.outer(places, theta[:, 1]) > 0
        return {"slopes": on @ (phi[1:] * theta[:, 1])}

    @mistake
    def leftmost_piece_missing(self, right, theta, phi):
        """You have one slope a joint, and the piece to the left of all joints has none. There is
        one piece more than there are joints."""
        return {"slopes": right["slopes"][1:]}

    @mistake
    def rightmost_piece_missing(self, right, theta, phi):
        """You have one slope a joint, and the piece to the right of all joints has none. There is
        one piece more than there are joints."""
        return {"slopes": right["slopes"][:-1]}

    @mistake
    def mirrored_and_leftmost_missing(self, right, theta, phi):
        """Two things: your joints lie mirrored at 0, since a sign was lost when you solved for x;
        and you ask at the right of each for a slope, so that the leftmost piece has none."""
        joints = np.sort(theta[:, 0] / theta[:, 1])
        on = theta[:, 0] + np.multiply.outer(joints + 1e-9, theta[:, 1]) > 0
        return {"joints": joints, "slopes": on @ (phi[1:] * theta[:, 1])}
