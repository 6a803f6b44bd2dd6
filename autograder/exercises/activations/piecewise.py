"""Exercise of notebook 02 on shallow nets of one input: piecewise linear functions."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


def relu(z):
    return np.maximum(z, 0)


def net(x, theta, phi):
    """The shallow net, for mistakes that are right nets with wrong weights."""
    return phi[0] + relu(np.multiply.outer(x, theta[:, 1]) + theta[:, 0]) @ phi[1:]


class shallow_1d(Exercise):
    """A shallow ReLU net of one input and one output."""

    signature = "shallow_1d(x, theta, phi)"
    growth = {"phi": 1}, {"y": 1}
    reads = {"y": "your y"}
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "Broadcast: N inputs against D units gives an array N×D.",
        "Column 0 of theta holds the offsets and column 1 the slopes; phi has one entry more than "
        "there are units.",
    )

    def cases(self, rng):
        yield Case("three units", 1, x=np.linspace(-2, 2, 9), theta=rng.normal(size=(3, 2)),
                   phi=rng.uniform(0.5, 2, 4) * [1, -1, 1, -1])  # fmt: skip
        theta = np.column_stack([rng.normal(size=7), rng.uniform(0.5, 2, 7)])
        yield Case("seven units", 1, x=rng.uniform(-3, 3, 5), theta=theta,
                   phi=rng.uniform(0.5, 2, 8))  # fmt: skip
        yield Case("whole numbers for x", 1, x=rng.permutation(np.arange(-4, 4)),
                   theta=rng.uniform(0.3, 2, (4, 2)) * [1, -1], phi=rng.normal(size=5))  # fmt: skip
        yield Case("one unit", 0.5, x=rng.permutation(np.linspace(-1, 3, 5)),
                   theta=np.array([[0.5, -1.5]]), phi=np.array([-0.7, 1.2]))  # fmt: skip
        yield Case("one input", 0.5, x=rng.uniform(1, 2, 1), theta=rng.uniform(0.3, 2, (3, 2)),
                   phi=rng.uniform(0.5, 2, 4))  # fmt: skip

    def observe(self, code, x, theta, phi):
        return {"y": code.shallow_1d(x, theta, phi)}

    def reference(self, x, theta, phi):
        x, theta, phi = (
            torch.tensor(v, dtype=torch.float64, device=self.device) for v in (x, theta, phi)
        )
        hidden = torch.nn.functional.linear(x[:, None], theta[:, 1:], theta[:, 0]).relu()
        return {"y": torch.nn.functional.linear(hidden, phi[None, 1:], phi[:1])[:, 0]}

    @mistake
    def offset_and_slope_swapped(self, right, x, theta, phi):
        """Column 0 of theta is the offset and column 1 the slope. Yours has them the other way
        round."""
        return {"y": net(x, theta[:, ::-1], phi)}

    @mistake
    def joint_for_offset(self, right, x, theta, phi):
        """You take column 0 of theta for the joint. It is the offset: a unit is ReLU of offset plus
        slope times x."""
        return {"y": self.by_joints(x, theta, phi)}

    @mistake
    def joint_for_offset_and_rectified(self, right, x, theta, phi):
        """Two things: you take column 0 of theta for the joint, and it is the offset, which is
        added to slope times x; and the output is cut at 0, which may be negative."""
        return {"y": relu(self.by_joints(x, theta, phi))}

    @staticmethod
    def by_joints(x, theta, phi):
        return phi[0] + relu(np.subtract.outer(x, theta[:, 0]) * theta[:, 1]) @ phi[1:]

    @mistake
    def relu_forgotten(self, right, x, theta, phi):
        """Yours is a straight line: without the activation a sum of lines is a line."""
        return {"y": phi[0] + (np.multiply.outer(x, theta[:, 1]) + theta[:, 0]) @ phi[1:]}

    @mistake
    def sigmoid_for_relu(self, right, x, theta, phi):
        """Your units have a sigmoid. They are to have a ReLU, max(0, z)."""
        lines = np.multiply.outer(x, theta[:, 1]) + theta[:, 0]
        return {"y": phi[0] + 1 / (1 + np.exp(-lines)) @ phi[1:]}

    @mistake
    def tanh_for_relu(self, right, x, theta, phi):
        """Your units have a tanh. They are to have a ReLU, max(0, z)."""
        lines = np.multiply.outer(x, theta[:, 1]) + theta[:, 0]
        return {"y": phi[0] + np.tanh(lines) @ phi[1:]}

    @mistake
    def size_for_relu(self, right, x, theta, phi):
        """Your units give the absolute value of their line. A ReLU gives 0 where the line is below
        0."""
        lines = np.multiply.outer(x, theta[:, 1]) + theta[:, 0]
        return {"y": phi[0] + np.abs(lines) @ phi[1:]}

    @mistake
    def no_offset(self, right, x, theta, phi):
        """The offset φ₀ of the output is missing."""
        return {"y": right["y"] - phi[0]}

    @mistake
    def offset_last(self, right, x, theta, phi):
        """The offset is the first entry of phi. You take the last one for it, and the weights of
        the units from those before it."""
        return {"y": net(x, theta, np.roll(phi, 1))}

    @mistake
    def weights_begin_with_the_offset(self, right, x, theta, phi):
        """Unit d has the weight phi[d] in yours. phi[0] is the output's offset, so their weights
        begin with phi[1]."""
        return {"y": phi[0] + net(x, theta, np.append(0, phi[:-1]))}

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

    @mistake
    def cut_to_whole_numbers(self, right, x, theta, phi):
        """For whole numbers x your y is cut to whole numbers: an array from np.zeros_like(x) or
        np.empty_like(x) has the dtype of x."""
        if x.dtype.kind == "i":
            return {"y": right["y"].astype(x.dtype)}

    @mistake
    def offset_cut_to_a_whole_number(self, right, x, theta, phi):
        """For whole numbers x your offset φ₀ is cut to a whole number: an array like x, filled with
        it, has the dtype of x."""
        if x.dtype.kind == "i":
            return {"y": right["y"] - phi[0] + int(phi[0])}

    @mistake
    def rows_for_columns(self, right, x, theta, phi):
        """You take theta[0] and theta[1], the rows of theta. A unit is a row; the offsets of all
        units are a column."""
        if len(theta) > 2:
            return {"y": raises("ValueError", "mismatch")}

    @mistake
    def offset_for_each_unit(self, right, x, theta, phi):
        """φ₀ is added once for each unit in yours. It is the offset of the output, and is added
        once."""
        return {"y": right["y"] + (len(theta) - 1) * phi[0]}

    @mistake
    def weighted_before_the_relu(self, right, x, theta, phi):
        """You multiply by φ before the ReLU, so a unit with a negative φ is cut off on its other
        side. Rectify first, then weigh."""
        lines = np.multiply.outer(x, theta[:, 1]) + theta[:, 0]
        return {"y": phi[0] + relu(lines * phi[1:]).sum(1)}

    @mistake
    def last_unit_missing(self, right, x, theta, phi):
        """The last unit is missing in your sum. Does a loop end one unit too soon?"""
        return {"y": net(x, theta[:-1], phi[:-1])}

    @mistake
    def first_unit_missing(self, right, x, theta, phi):
        """The first unit is missing in your sum. Does a loop begin at 1?"""
        return {"y": net(x, theta[1:], np.delete(phi, 1))}

    @mistake
    def three_units_only(self, right, x, theta, phi):
        """You use the first three units only. D, the number of rows of theta, may be any."""
        return {"y": net(x, theta[:3], phi[:4])}

    @mistake
    def weights_one_off(self, right, x, theta, phi):
        """Your loop skips the first unit and gives every other one its neighbour's weight: row d of
        theta, counted from 0, goes with phi[d + 1]."""
        return {"y": net(x, theta[1:], phi[:-1])}

    @mistake
    def mean_of_the_units(self, right, x, theta, phi):
        """You average over the units. They add up."""
        return {"y": phi[0] + (right["y"] - phi[0]) / len(theta)}

    @mistake
    def weights_forgotten(self, right, x, theta, phi):
        """Your units are added as they are. Each has a weight φ."""
        return {"y": phi[0] + relu(np.multiply.outer(x, theta[:, 1]) + theta[:, 0]).sum(1)}

    @mistake
    def no_offset_and_weighted_before(self, right, x, theta, phi):
        """Two things: the offset φ₀ of the output is missing, and you multiply by φ before the
        ReLU. Rectify first, then weigh."""
        lines = np.multiply.outer(x, theta[:, 1]) + theta[:, 0]
        return {"y": relu(lines * phi[1:]).sum(1)}
