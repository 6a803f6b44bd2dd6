"""Mistakes in the gradient of the pictures that came into a convolutional layer (notebook 10)."""

import numpy as np

from autograder.exercise import mistake, raises
from autograder.exercises.convolution.sliding import laid_back, padded
from autograder.exercises.convolution.way_back import ConvBackward, Windows, gradients
from autograder.exercises.convolution.way_back_size import clipped


class InputGradient(Windows, ConvBackward, abstract=True):
    """Mistakes in dx."""

    def sheet(self, x, w, dout, stride, pad, steps=None, **how):
        """dx of the padded picture from one window after the other."""
        sides = padded(x, pad).shape[2:]
        return laid_back(dout, w, sides, steps or (stride, stride), **how).astype(x.dtype)

    def cropped(self, big, x, pad):
        return {"dx": big[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]}

    def steps(self, x, w, dout, stride, pad, steps):
        if stride > 1:
            return self.cropped(self.sheet(x, w, dout, stride, pad, steps), x, pad)

    def other_filters(self, x, w, dout, conv_param):
        return {"dx": gradients("cpu", x, w, dout, **conv_param)["dx"]}

    @mistake
    def dx_kernel_flipped(self, right, x, w, b, conv_param, dout):
        """Each window of your dx receives the filter turned by 180°. It ought to receive it as it
        lay on the window of x. (Where you slide over dout instead of adding to windows, the filters
        have to be turned for that.)"""
        return self.other_filters(x, w[:, :, ::-1, ::-1], dout, conv_param)

    dx_clipped_at_1, dx_clipped_at_5 = clipped("dx", 1), clipped("dx", 5)

    @mistake
    def dx_kernel_upside_down(self, right, x, w, b, conv_param, dout):
        """In dx your filters stand upside down. A window of dx receives the filter as it lay on
        that window of x."""
        return self.other_filters(x, w[:, :, ::-1], dout, conv_param)

    @mistake
    def dx_kernel_left_to_right(self, right, x, w, b, conv_param, dout):
        """In dx your filters are mirrored, left to right. A window of dx receives the filter as it
        lay on that window of x."""
        return self.other_filters(x, w[:, :, :, ::-1], dout, conv_param)

    @mistake
    def dx_kernel_transposed_and_stops(self, right, x, w, b, conv_param, dout):
        """In dx rows and columns of your filters have changed places: square ones lie transposed
        on their windows, and with others your code stops. A window of dx receives the filter as it
        lay on that window of x."""
        if w.shape[2] != w.shape[3]:
            return dict.fromkeys(right, raises("ValueError"))
        return self.other_filters(x, w.swapaxes(2, 3), dout, conv_param)

    @mistake
    def dx_square_kernel(self, right, x, w, b, conv_param, dout):
        """In dx you take the filters to be as wide as they are high: further columns send nothing,
        and your code stops where there are fewer. Height and width may differ."""
        return self.of_square(right, x, w, dout, conv_param, w.shape[2], "ValueError")

    @mistake
    def dx_square_kernel_tap_by_tap(self, right, x, w, b, conv_param, dout):
        """In dx you take the filters to be as wide as they are high: further columns send nothing,
        and your code stops where there are fewer. Height and width may differ."""
        return self.of_square(right, x, w, dout, conv_param, w.shape[2], "IndexError")

    @mistake
    def dx_square_kernel_by_width(self, right, x, w, b, conv_param, dout):
        """In dx you take the filters to be as high as they are wide: further rows send nothing, and
        your code stops where there are fewer. Height and width may differ."""
        return self.of_square(right, x, w, dout, conv_param, w.shape[3], "IndexError")

    def of_square(self, right, x, w, dout, conv_param, side, stops):
        """What is sent by filters of which only a square is taken, as large as one side says."""
        if side > min(w.shape[2:]):
            return dict.fromkeys(right, raises(stops))
        part = np.zeros_like(w)
        part[:, :, :side, :side] = w[:, :, :side, :side]
        return self.other_filters(x, part, dout, conv_param)

    @mistake
    def dx_height_for_width(self, right, x, w, b, conv_param, dout):
        """Your dx is as wide as it is high. Where the padding is cut off, the picture's width
        counts for itself."""
        big, pad, side = self.sheet(x, w, dout, **conv_param), conv_param["pad"], x.shape[2]
        return {"dx": big[:, :, pad : pad + side, pad : pad + side]}

    @mistake
    def dx_flipped_and_cropped_at_one_end(self, right, x, w, b, conv_param, dout):
        """In dx your filters are turned by 180°, and the padding is cut off at the bottom and at
        the right only. A window of dx receives the filter as it lay on that window of x, and the
        picture begins at row and column `pad`."""
        big = self.sheet(x, w[:, :, ::-1, ::-1], dout, **conv_param)
        return {"dx": big[:, :, : x.shape[2], : x.shape[3]]}

    @mistake
    def dx_overwritten(self, right, x, w, b, conv_param, dout):
        """Where windows overlap your dx has only what the last of them sent. A pixel that was
        used by several windows collects from all: look for an = that should be +=, or a += on a
        list of places in which a pixel stands twice, of which numpy carries out one."""
        big = self.sheet(x, w, dout, **conv_param, add=False)
        return self.cropped(big, x, conv_param["pad"])

    @mistake
    def dx_overwritten_by_each_filter(self, right, x, w, b, conv_param, dout):
        """Your dx has only what the last filter and the last window sent. A pixel was used by
        every filter: look for an = that should be +=."""
        big = self.sheet(x, w[-1:], dout[:, -1:], **conv_param, add=False)
        return self.cropped(big, x, conv_param["pad"])

    @mistake
    def dx_of_the_last_filter(self, right, x, w, b, conv_param, dout):
        """Your dx comes from the last filter alone. Every filter has looked at each window, so
        sum over the filters."""
        return self.other_filters(x, w[-1:], dout[:, -1:], conv_param)

    @mistake
    def dx_of_the_first_filter(self, right, x, w, b, conv_param, dout):
        """Your dx comes from the first filter alone. Every filter has looked at each window, so
        sum over the filters."""
        return self.other_filters(x, w[:1], dout[:, :1], conv_param)

    @mistake
    def dx_of_the_first_channel(self, right, x, w, b, conv_param, dout):
        """All channels of your dx are alike: they hold what belongs to the first one. Each channel
        of the picture receives its own channel of the filter."""
        return {"dx": np.repeat(right["dx"][:, :1], x.shape[1], axis=1)}

    @mistake
    def dx_channels_summed(self, right, x, w, b, conv_param, dout):
        """Every channel of your dx holds the sum over all channels. Each channel of the picture
        receives its own channel of the filter."""
        return {"dx": np.repeat(right["dx"].sum(1, keepdims=True), x.shape[1], axis=1)}

    @mistake
    def dx_averaged(self, right, x, **inputs):
        """Your dx is divided by the number of examples. If the loss is a mean, dout brings that
        with it."""
        if len(x) > 1:
            return {"dx": right["dx"] / len(x)}

    @mistake
    def dx_flipped_and_averaged(self, right, x, w, b, conv_param, dout):
        """In dx your filters are turned by 180°, and dx is divided by the number of examples. A
        window receives the filter as it lay there, and if the loss is a mean, dout brings that
        with it."""
        found = self.other_filters(x, w[:, :, ::-1, ::-1], dout, conv_param)["dx"]
        return {"dx": found / found.dtype.type(len(x))} if len(x) > 1 else None

    @mistake
    def dx_averaged_where_windows_overlap(self, right, x, w, b, conv_param, dout):
        """Where windows overlap your dx is an average of what they sent. A pixel collects the sum.
        """
        ones = np.ones((1, 1, *dout.shape[2:])), np.ones((1, 1, *w.shape[2:]))
        count = laid_back(*ones, padded(x, conv_param["pad"]).shape[2:],
                          (conv_param["stride"],) * 2)  # fmt: skip
        count = self.cropped(count, x, conv_param["pad"])["dx"]
        return {"dx": (right["dx"] / np.maximum(count, 1)).astype(x.dtype)}

    @mistake
    def dx_starts_from_x(self, right, x, **inputs):
        """The pictures themselves are in your dx: it is the gradient plus x. Begin with zeros of
        that shape, not with a copy."""
        return {"dx": right["dx"] + x}

    @mistake
    def dx_without_the_last_places(self, right, x, w, b, conv_param, dout):
        """The last row and the last column of output places have sent nothing to your dx. Each
        entry of dout counts."""
        sent = dout.copy()
        sent[:, :, -1], sent[..., -1] = 0, 0
        return self.other_filters(x, w, sent, conv_param)

    # Where the windows lie.

    @mistake
    def dx_stride_ignored(self, right, x, w, b, conv_param, dout):
        """In dx your windows lie 1 pixel apart. Those of the forward pass were a stride apart."""
        return self.steps(x, w, dout, **conv_param, steps=(1, 1))

    @mistake
    def dx_stride_down_only(self, right, x, w, b, conv_param, dout):
        """In dx your windows are a stride apart from row to row, and one pixel from column to
        column. The stride holds in both directions."""
        return self.steps(x, w, dout, **conv_param, steps=(conv_param["stride"], 1))

    @mistake
    def dx_stride_across_only(self, right, x, w, b, conv_param, dout):
        """In dx your windows are a stride apart from column to column, and one pixel from row to
        row. The stride holds in both directions."""
        return self.steps(x, w, dout, **conv_param, steps=(1, conv_param["stride"]))

    @mistake
    def dx_settings_ignored(self, right, x, w, b, conv_param, dout):
        """In dx your windows are those of stride 1 without padding. They are the windows of the
        forward pass: read both from `conv_param`."""
        return self.cropped(self.sheet(x, w, dout, 1, 0), x, 0)

    @mistake
    def dx_stride_and_pad_exchanged(self, right, x, w, b, conv_param, dout):
        """In dx stride and padding have changed places: you pad by the stride, and your windows are
        as far apart as the padding says. Compare the two names."""
        pad, stride = conv_param["stride"], conv_param["pad"]
        return self.cropped(self.sheet(x, w, dout, stride, pad), x, pad)

    @mistake
    def dx_not_cropped(self, right, x, w, b, conv_param, dout):
        """Your dx is that of the padded picture. Cut the padding off: dx has the shape of x."""
        if conv_param["pad"]:
            return {"dx": self.sheet(x, w, dout, **conv_param)}

    @mistake
    def dx_cropped_at_one_end(self, right, x, w, b, conv_param, dout):
        """Your dx begins with the first window, as when the padding is not read, or cut off at the
        bottom and at the right only. Half of it is above and to the left: the picture begins at row
        and column `pad`."""
        if conv_param["pad"]:
            return self.cropped(self.sheet(x, w, dout, **conv_param), x, 0)

    @mistake
    def dx_cropped_at_the_other_end(self, right, x, w, b, conv_param, dout):
        """You cut all the padding off above and to the left. Half of it is at the bottom and at
        the right: the picture begins at row and column `pad`."""
        pad = conv_param["pad"]
        if pad:
            big = self.sheet(x, w, dout, **conv_param)
            return {"dx": big[:, :, 2 * pad :, 2 * pad :]}

    @mistake
    def dx_rest_in_front(self, right, x, w, b, conv_param, dout):
        """Your dx has the pixels that no window holds above and to the left. The windows begin at
        the first row and column of the padded picture, so what is left over is at the end."""
        big = self.sheet(x, w, dout, **conv_param)
        reach = ((n - 1) * conv_param["stride"] + length for n, length in
                 zip(dout.shape[2:], w.shape[2:], strict=True))  # fmt: skip
        down, across = (side - n for side, n in zip(big.shape[2:], reach, strict=True))
        moved = np.roll(big, (down, across), axis=(2, 3))  # what comes round is 0
        return self.cropped(moved, x, conv_param["pad"])

    @mistake
    def dx_cut_too_short(self, right, x, w, b, conv_param, dout):
        """Your dx lacks its last `pad` rows and columns. The picture begins at row `pad` of the
        padded one, so it ends at `pad` + H."""
        pad = conv_param["pad"]
        if pad:
            return {"dx": right["dx"][:, :, : x.shape[2] - pad, : x.shape[3] - pad]}

    @mistake
    def dx_empty_without_padding(self, right, x, w, b, conv_param, dout):
        """Without padding your dx is empty. A slice from pad to -pad is one from 0 to 0 then:
        count the end from the start."""
        if not conv_param["pad"]:
            return {"dx": right["dx"][:, :, :0, :0]}

    @mistake
    def dx_cut_without_padding(self, right, x, w, b, conv_param, dout):
        """Without padding your dx lacks its last row and column, and there is nothing to cut off
        then. Count the end of the slice from the start: the picture ends at `pad` + H."""
        if not conv_param["pad"]:
            return {"dx": right["dx"][:, :, :-1, :-1]}

    @mistake
    def dx_ends_with_the_last_window(self, right, x, w, b, conv_param, dout):
        """Your dx ends before x does, as when it is made as long as the windows reach. It has the
        shape of x; a pixel that no window holds has the gradient 0."""
        pad, stride = conv_param["pad"], conv_param["stride"]
        height, width = ((n - 1) * stride + length for n, length in
                         zip(dout.shape[2:], w.shape[2:], strict=True))  # fmt: skip
        big = self.sheet(x, w, dout, **conv_param)[:, :, :height, :width]
        return self.cropped(big, x, pad)

    @mistake
    def dx_size_from_the_windows(self, right, x, w, b, conv_param, dout):
        """Your dx is smaller than x where windows leave out the end, as when its size is computed
        back from dout. It has the shape of x; a pixel that no window holds has the gradient 0."""
        pad, stride = conv_param["pad"], conv_param["stride"]
        height, width = ((n - 1) * stride + length - pad for n, length in
                         zip(dout.shape[2:], w.shape[2:], strict=True))  # fmt: skip
        big = self.sheet(x, w, dout, **conv_param)
        return {"dx": big[:, :, pad : max(height, pad), pad : max(width, pad)]}
