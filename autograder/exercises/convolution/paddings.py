"""Mistakes in the padding of a convolutional layer forward (notebook 10)."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.convolution.sliding import correlated, out_size, padded


class PadsPictures(Exercise, abstract=True):
    """How many rows and columns of zeros stand where."""

    @mistake
    def padding_forgotten(self, right, x, w, b, conv_param):
        """The padding is missing: put rows and columns of zeros around the picture first."""
        if conv_param["pad"]:
            return {"out": correlated(x, w, b, (conv_param["stride"],) * 2)}

    @mistake
    def padding_at_one_end(self, right, x, w, b, conv_param):
        """Your windows begin at the picture's own first row and column, as if all padding were at
        the bottom and at the right. Half of it belongs above and to the left."""
        return self.other_padding(x, w, b, conv_param, 0, 2 * conv_param["pad"])

    @mistake
    def padding_in_front(self, right, x, w, b, conv_param):
        """All your padding is above and to the left, twice as much as belongs there. Half of it
        belongs at the bottom and at the right."""
        return self.other_padding(x, w, b, conv_param, 2 * conv_param["pad"], 0)

    @mistake
    def padding_behind_only(self, right, x, w, b, conv_param):
        """Your picture is padded at the bottom and at the right only. `pad` rows and columns
        belong on each side."""
        return self.other_padding(x, w, b, conv_param, 0, conv_param["pad"])

    @mistake
    def padding_halved(self, right, x, w, b, conv_param):
        """You add `pad` rows and columns in all, shared out between the two ends. `pad` of them
        belong on each side."""
        pad = conv_param["pad"]
        return self.other_padding(x, w, b, conv_param, pad // 2, pad - pad // 2)

    @mistake
    def padding_not_of_zeros(self, right, x, w, b, conv_param):
        """Your padding is not of zeros: it repeats the border's pixels."""
        return self.other_padding(x, w, b, conv_param, conv_param["pad"], mode="edge")

    @mistake
    def padding_mirrored(self, right, x, w, b, conv_param):
        """Your padding is not of zeros: it mirrors the picture at its border."""
        return self.other_padding(x, w, b, conv_param, conv_param["pad"], mode="reflect")

    def other_padding(self, x, w, b, conv_param, before, after=None, mode="constant"):
        if conv_param["pad"]:
            steps = (conv_param["stride"],) * 2
            return {"out": correlated(padded(x, before, after, mode), w, b, steps)}

    @mistake
    def examples_padded(self, right, x, w, b, conv_param):
        """Your output has more examples than came in: `np.pad` with one number pads every axis.
        Give it a pair for each axis, (0, 0) for examples and channels."""
        pad = conv_param["pad"]
        if pad:
            big = np.pad(x, pad)[:, : x.shape[1]]
            return {"out": correlated(big, w, b, (conv_param["stride"],) * 2)}

    @mistake
    def every_axis_padded(self, right, x, w, b, conv_param):
        """Your windows have more channels than the filters: `np.pad` with one number pads examples
        and channels too. Give it a pair for each axis."""
        pad, (c, height, width) = conv_param["pad"], w.shape[1:]
        if pad:
            return dict.fromkeys(right, raises("ValueError", f"{c + 2 * pad},{height},{width})"))

    @mistake
    def windows_of_the_unpadded(self, right, x, w, b, conv_param):
        """Your output sizes count the padding, but the windows are cut from the picture without it.
        Put rows and columns of zeros around the picture first."""
        if conv_param["pad"]:
            steps, (rows, columns) = (conv_param["stride"],) * 2, right["out"].shape[2:]
            ends = (rows - 1) * steps[0] + w.shape[2], (columns - 1) * steps[1] + w.shape[3]
            if ends[0] > x.shape[2] or ends[1] > x.shape[3]:
                return dict.fromkeys(right, raises("ValueError"))
            return {"out": correlated(x, w, b, steps, (rows, columns))}

    @mistake
    def windows_do_not_fit(self, right, x, w, b, conv_param):
        """With padding your code stops. Two usual reasons: output sizes count the padding while the
        windows are cut from the picture without it; or `np.pad` with one number has padded
        examples and channels, too."""
        if conv_param["pad"]:
            return dict.fromkeys(right, raises("ValueError"))

    @mistake
    def nothing_to_fill(self, right, x, w, b, conv_param):
        """Without padding your code stops: a slice from pad to -pad is one from 0 to 0 then, and
        empty. Count its end from the start."""
        if not conv_param["pad"]:
            return dict.fromkeys(right, raises("ValueError", "0,0)"))

    @mistake
    def padding_counted_once(self, right, x, w, b, conv_param):
        """Your output is too small, as when the padding is counted once in its size, or stands
        above and to the left only. `pad` rows and columns are added at both ends."""
        rows, columns = self.size_with(x, w, conv_param, conv_param["pad"])
        return {"out": right["out"][:, :, :rows, :columns]}

    @mistake
    def padding_not_in_the_size(self, right, x, w, b, conv_param):
        """Your output has the size that it would have without padding, though you pad: take the
        padded picture's height and width."""
        rows, columns = self.size_with(x, w, conv_param, 0)
        return {"out": right["out"][:, :, :rows, :columns]}

    def size_with(self, x, w, conv_param, pad):
        """Height and width of the output where `pad` is all that is added to a side's length."""
        return out_size(padded(x, 0, pad), w.shape[2:], (conv_param["stride"],) * 2)
