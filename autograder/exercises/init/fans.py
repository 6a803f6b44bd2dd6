"""Exercise of notebook 04 on the fans of a convolution."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


class conv_fan(Exercise):
    """How many inputs feed one output of a layer, and how many outputs one input feeds."""

    signature = "conv_fan(shape) -> fan_in, fan_out"
    minutes = 6
    hints = (
        "Take one output number, one pixel of one filter. Which input numbers does it look at?",
        "Now one input pixel: in each filter's picture, how many outputs look at it, while the "
        "kernel passes over it?",
    )

    def cases(self, rng):
        f, c, high, wide, deep = (int(v) for v in rng.permutation([3, 4, 5, 6, 7]))
        yield Case("a kernel that is not square", 1, shape=[f, c, high, wide])
        yield Case("fewer filters and channels than pixels", 0.5,
                   shape=sorted([f, c])[::-1] + [f + c, f + c + 2])  # fmt: skip
        yield Case("an affine layer", 0.5, shape=[2 * f, c])
        yield Case("one dimension", 1, shape=[wide, f, high])
        yield Case("three dimensions", 1, shape=[c, wide, deep, high, f])

    def observe(self, code, shape):
        fan_in, fan_out = code.conv_fan(tuple(shape))
        return {"fan_in": fan_in, "fan_out": fan_out}

    def reference(self, shape):
        weight = torch.empty(shape)
        return {"fan_in": weight[0].numel(), "fan_out": weight[:, 0].numel()}

    @mistake
    def area_forgotten(self, right, shape):
        """You count channels only. An output sees its whole window, so the size of the kernel
        counts as well."""
        return {"fan_in": shape[1], "fan_out": shape[0]}

    @mistake
    def area_in_fan_in_only(self, right, shape):
        """The kernel counts in fan_out too: while it slides, an input pixel lies under each of
        its places once."""
        return {"fan_out": shape[0]}

    @mistake
    def swapped(self, right, shape):
        """The first axis of a weight is what comes out (filters), the second what goes in
        (channels). You have them the other way round."""
        return {"fan_in": right["fan_out"], "fan_out": right["fan_in"]}

    @mistake
    def square_kernel(self, right, shape):
        """You take the kernel for square: one side is squared. A kernel's sides may differ."""
        if len(shape) == 4:
            area = shape[2] ** 2
            return {"fan_in": shape[1] * area, "fan_out": shape[0] * area}

    @mistake
    def sides_added(self, right, shape):
        """A kernel of 3×5 has 15 places. You add its sides."""
        if len(shape) > 3:
            return {"fan_in": shape[1] * sum(shape[2:]), "fan_out": shape[0] * sum(shape[2:])}

    @mistake
    def all_weights(self, right, shape):
        """That is the number of weights in the whole layer. One output number has one filter."""
        return {"fan_in": int(np.prod(shape)), "fan_out": int(np.prod(shape))}

    @mistake
    def last_two_axes(self, right, shape):
        """You read the last two axes. They are the kernel's height and width; what goes in and
        comes out are the first two."""
        if len(shape) > 2:
            return {"fan_in": shape[-2], "fan_out": shape[-1]}

    @mistake
    def pictures_only(self, right, shape):
        """You take every kernel to have a height and a width. There may be none, one or three sides
        as well: multiply as many as there are."""
        if len(shape) < 4:
            return dict.fromkeys(right, raises("IndexError", "out of range"))
        area = shape[2] * shape[3]
        return {"fan_in": shape[1] * area, "fan_out": shape[0] * area}

    @mistake
    def area_for_pictures_only(self, right, shape):
        """You count the kernel's size for pictures alone. Kernels of sequences and volumes have
        places, too."""
        if len(shape) in (3, 5):
            return {"fan_in": shape[1], "fan_out": shape[0]}

    @mistake
    def no_area_for_sequences(self, right, shape):
        """You leave the kernel's size out where it has one side only. Its length counts as an area
        does."""
        if len(shape) == 3:
            return {"fan_in": shape[1], "fan_out": shape[0]}

    @mistake
    def third_side_left_out(self, right, shape):
        """You multiply two sides of a kernel that has three. All sides count."""
        if len(shape) == 5:
            area = shape[2] * shape[3]
            return {"fan_in": shape[1] * area, "fan_out": shape[0] * area}

    @mistake
    def first_side_only(self, right, shape):
        """You count one side of the kernel, the first. Its places are the product of all its
        sides."""
        if len(shape) > 3:
            return {"fan_in": shape[1] * shape[2], "fan_out": shape[0] * shape[2]}

    @mistake
    def last_side_only(self, right, shape):
        """You count one side of the kernel, the last. Its places are the product of all its
        sides."""
        if len(shape) > 3:
            return {"fan_in": shape[1] * shape[-1], "fan_out": shape[0] * shape[-1]}

    @mistake
    def first_side_for_all(self, right, shape):
        """You take all sides of the kernel to be as long as the first. They may differ: multiply
        the sides themselves."""
        if len(shape) > 3:
            area = shape[2] ** (len(shape) - 2)
            return {"fan_in": shape[1] * area, "fan_out": shape[0] * area}

    @mistake
    def last_side_for_all(self, right, shape):
        """You take all sides of the kernel to be as long as the last. They may differ: multiply the
        sides themselves."""
        if len(shape) > 3:
            area = shape[-1] ** (len(shape) - 2)
            return {"fan_in": shape[1] * area, "fan_out": shape[0] * area}

    @mistake
    def sides_first(self, right, shape):
        """You read the kernel's sides first and channels and filters last, as TensorFlow keeps
        them. Here filters and channels come first."""
        *sides, channels, filters = shape
        area = int(np.prod(sides))
        return {"fan_in": channels * area, "fan_out": filters * area}

    @mistake
    def affine_swapped(self, right, shape):
        """You have the fans of an affine layer the other way round. Its weight has what comes out
        first here, as nn.Linear keeps it."""
        if len(shape) == 2:
            return {"fan_in": right["fan_out"], "fan_out": right["fan_in"]}

    @mistake
    def bias_counted(self, right, shape):
        """You count the bias as an input. It is not in this weight, and the fan is what comes in
        from below."""
        return {"fan_in": right["fan_in"] + 1}

    @mistake
    def all_weights_in_fan_out(self, right, shape):
        """Your fan_out is the number of all weights. One input number lies in one channel: it feeds
        each filter by that channel's window alone."""
        return {"fan_out": int(np.prod(shape))}

    @mistake
    def all_weights_in_fan_in(self, right, shape):
        """Your fan_in is the number of all weights. One output number has one filter."""
        return {"fan_in": int(np.prod(shape))}

    @mistake
    def area_in_fan_out_only(self, right, shape):
        """Your fan_in counts channels only. An output sees its whole window in each of them, so the
        size of the kernel counts as well."""
        return {"fan_in": shape[1]}
