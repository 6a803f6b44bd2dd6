"""Mistakes in a convolutional layer's gradients (notebook 10). The exercises are in `backward`,
mistakes in dx in `way_back_dx`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.convolution.forward import judged, layers
from autograder.exercises.convolution.kernel_sides import SquareKernels, SquareKernelsTapByTap
from autograder.exercises.convolution.shared_mistakes import ReadsSettings
from autograder.exercises.convolution.sliding import (
    filter_gradient,
    laid_back,
    out_size,
    padded,
    windows,
)
from autograder.exercises.convolution.way_back_sides import BiasPlaces, FilterSides
from autograder.exercises.convolution.way_back_size import FilterSizes, clipped


def gradients(device, x, w, dout, stride, pad):
    """dx, dw, db by torch's own conv2d and autograd, as arrays, each in the type of its own."""
    wide = np.result_type(x, w, dout)
    leaves = [
        torch.tensor(a.astype(wide), device=device).requires_grad_()
        for a in (x, w, np.zeros(len(w)))
    ]
    out = F.conv2d(*leaves, stride, pad)
    found = torch.autograd.grad(out, leaves, torch.tensor(dout.astype(wide), device=device))
    types = {"dx": x.dtype, "dw": w.dtype, "db": w.dtype}
    arrays = (g.cpu().numpy() for g in found)
    return {name: a.astype(own) for (name, own), a in zip(types.items(), arrays, strict=True)}


class ConvBackward(Exercise, abstract=True):
    """What the stages and the whole share: the grid of `forward`, with a dout to it."""

    def cases(self, rng):
        for name, inputs in layers(rng):
            yield Case(name, 1, **inputs, dout=self.upstream(rng, **inputs))

    def upstream(self, rng, x, w, b, conv_param):
        steps = (conv_param["stride"],) * 2
        size = out_size(padded(x, conv_param["pad"]), w.shape[2:], steps)
        return rng.normal(0.5, 1, (len(x), len(w), *size)).astype(x.dtype)

    def reference(self, x, w, b, conv_param, dout):
        found = gradients(self.device, x, w, dout, **conv_param)
        return {name: judged(value) for name, value in found.items() if name in self.found}


class Windows(SquareKernels, SquareKernelsTapByTap, ReadsSettings, abstract=True):
    """A mistake of the stages that cut windows: dx and dw."""

    @mistake
    def nothing_to_fill(self, right, conv_param, **inputs):
        """Without padding your code stops: a slice from pad to -pad is one from 0 to 0 then, and
        empty. Count its end from the start."""
        if not conv_param["pad"]:
            return dict.fromkeys(right, raises("ValueError", "0,0)"))

    @mistake
    def padding_forgotten(self, right, x, w, conv_param, dout, **inputs):
        """With padding your windows do not fit: the places of the output belong to the padded
        picture, on the way back too."""
        if not conv_param["pad"]:
            return None
        steps, kernel = (conv_param["stride"],) * 2, w.shape[2:]
        sheet = laid_back(dout, w, x.shape[2:], steps).astype(x.dtype)
        if sheet.shape != x.shape:  # a window sticks out of the picture
            return dict.fromkeys(right, raises("ValueError"))
        shown = {"dx": sheet, "dw": filter_gradient(dout, x, kernel, steps).astype(w.dtype)}
        return {name: value for name, value in shown.items() if name in right}


class BiasGradient(BiasPlaces, ConvBackward, abstract=True):
    """Mistakes in db."""

    @mistake
    def db_summed_over_examples_only(self, right, dout, **inputs):
        """Your db still has rows and columns. The same bias is added at every place, so all
        places report back to it."""
        return {"db": dout.sum(0)}

    @mistake
    def db_one_per_example(self, right, dout, **inputs):
        """Your db has one value an example and filter. All examples share the biases, so sum
        over the examples too."""
        return {"db": dout.sum((2, 3))}

    @mistake
    def db_summed_over_filters(self, right, dout, **inputs):
        """Your db has one value an example: you have summed over the filters. Each filter has a
        bias of its own, and all examples share it."""
        return {"db": dout.sum((1, 2, 3))}

    @mistake
    def db_one_for_all(self, right, dout, **inputs):
        """Your db is a single number, the sum over all filters. Each filter has a bias of its
        own."""
        return {"db": dout.sum()}

    @mistake
    def db_keeps_axes(self, right, dout, **inputs):
        """Your db still has four axes, as with `keepdims`. It is a row of numbers, one for each
        filter."""
        return {"db": right["db"][None, :, None, None]}

    db_clipped_at_1, db_clipped_at_5, db_clipped_at_10 = (clipped("db", n) for n in (1, 5, 10))

    @mistake
    def db_averaged_over_examples(self, right, dout, **inputs):
        """Your db is divided by the number of examples. If the loss is a mean, dout brings that
        with it."""
        if len(dout) > 1:
            return {"db": right["db"] / len(dout)}

    @mistake
    def db_averaged_over_places(self, right, dout, **inputs):
        """Your db is an average over the places. The same bias is added at each of them, so what
        they report is summed."""
        return {"db": right["db"] / dout[0, 0].size}

    @mistake
    def db_averaged(self, right, dout, **inputs):
        """Your db is an average over examples and places. What is shared gets the sum."""
        return {"db": dout.mean((0, 2, 3))}

    @mistake
    def db_of_the_wrong_axis(self, right, dout, **inputs):
        """Your db has one value a column. The axes of dout are examples, filters, rows and
        columns, and it is the filters that stay."""
        return {"db": dout.sum((0, 1, 2))}

    @mistake
    def db_reshaped(self, right, dout, **inputs):
        """Your db mixes filters and examples: a reshape to filters × rest does not move an axis, it
        only cuts the same row of numbers anew. Bring the filters to the front first, or sum over
        the other axes."""
        return {"db": dout.reshape(dout.shape[1], -1).sum(1)}

    @mistake
    def db_of_the_first_example(self, right, dout, **inputs):
        """Your db is that of the first example alone. All examples share the biases: sum over
        them."""
        return {"db": dout[0].sum((1, 2))}

    @mistake
    def db_of_the_last_example(self, right, dout, **inputs):
        """Your db is that of the last example alone, as when each overwrites the one before. All
        examples share the biases: sum over them."""
        return {"db": dout[-1].sum((1, 2))}

    @mistake
    def db_of_the_first_filter(self, right, dout, **inputs):
        """Only the first filter has its gradient in your db, the others are 0, as when the return
        stands inside the loop over the filters."""
        if dout.shape[1] > 1:
            return {"db": np.where(np.arange(dout.shape[1]) == 0, right["db"], 0)}

    @mistake
    def db_of_the_last_place(self, right, dout, **inputs):
        """Your db holds what the last place of the last example sent: every place before it has
        been overwritten. Contributions to what is shared are added."""
        return {"db": dout[-1, :, -1, -1]}

    @mistake
    def db_counts_places(self, right, dout, **inputs):
        """Your db counts the output values of a filter, as if each had reported a 1. Each reports
        its entry of dout."""
        return {"db": np.full_like(right["db"], dout[:, 0].size)}


class FilterGradient(FilterSizes, FilterSides, Windows, ConvBackward, abstract=True):
    """Mistakes in dw."""

    @mistake
    def dw_flipped(self, right, **inputs):
        """Your dw is turned by 180°. The filter is laid on the window as it is, so its gradient
        lies that way too."""
        return {"dw": right["dw"][:, :, ::-1, ::-1]}

    @mistake
    def dw_of_the_last_window(self, right, x, w, b, conv_param, dout):
        """Your dw holds only what the last window of the last example gave. All windows share
        the filter, so their contributions are added: look for an = that should be +=."""
        last = self.cut(x, w, conv_param, dout)[-1, :, -1, -1]
        return {"dw": dout[-1, :, -1, -1][:, None, None, None] * last}

    @mistake
    def dw_of_the_last_place(self, right, x, w, b, conv_param, dout):
        """Your dw holds only what the last place gave, over all examples. Every place uses the
        same filter: look for an = that should be +=."""
        last = self.cut(x, w, conv_param, dout)[:, :, -1, -1]
        return {"dw": np.einsum("nf,nchw->fchw", dout[:, :, -1, -1], last)}

    @mistake
    def dw_without_the_last_places(self, right, x, w, b, conv_param, dout):
        """The last row and the last column of output places are missing from your dw. All places
        use the filter: each entry of dout counts."""
        found = self.cut(x, w, conv_param, dout)[:, :, :-1, :-1]
        return {"dw": np.einsum("nfij,ncijuv->fcuv", dout[:, :, :-1, :-1], found).astype(w.dtype)}

    def cut(self, x, w, conv_param, dout):
        steps = (conv_param["stride"],) * 2
        return windows(padded(x, conv_param["pad"]), w.shape[2:], steps, dout.shape[2:])

    @mistake
    def dw_of_the_first_example(self, right, x, w, b, conv_param, dout):
        """Your dw is that of the first example alone. All examples use the same filters, so sum
        over them."""
        if len(x) > 1:
            return {"dw": gradients("cpu", x[:1], w, dout[:1], **conv_param)["dw"]}

    @mistake
    def dw_of_the_last_example(self, right, x, w, b, conv_param, dout):
        """Your dw is that of the last example alone. All examples use the same filters, so sum
        over them."""
        if len(x) > 1:
            return {"dw": gradients("cpu", x[-1:], w, dout[-1:], **conv_param)["dw"]}

    @mistake
    def dw_of_the_first_filter(self, right, w, **inputs):
        """Only the first filter has its gradient in your dw, the others are 0, as when the return
        stands inside the loop over the filters."""
        if len(w) > 1:
            first = np.arange(len(w))[:, None, None, None] == 0
            return {"dw": np.where(first, right["dw"], 0).astype(w.dtype)}

    @mistake
    def dw_averaged(self, right, x, **inputs):
        """Your dw is divided by the number of examples. If the loss is a mean, dout brings that
        with it."""
        if len(x) > 1:
            return {"dw": right["dw"] / len(x)}

    @mistake
    def dw_averaged_over_places(self, right, dout, **inputs):
        """Your dw is an average over the output places. Each of them uses the filter, and what
        they report is summed."""
        return {"dw": right["dw"] / dout[0, 0].size}

    @mistake
    def dw_flipped_and_averaged(self, right, x, **inputs):
        """Your dw is turned by 180°, and divided by the number of examples. The filter is laid on
        the window as it is, and if the loss is a mean, dout brings that with it."""
        return {"dw": right["dw"][:, :, ::-1, ::-1] / len(x)}

    def one_flipped(self, x, w, dout, conv_param, one):
        if len(x) > 1:
            found = gradients("cpu", x[one], w, dout[one], **conv_param)["dw"]
            return {"dw": found[:, :, ::-1, ::-1]}

    @mistake
    def dw_flipped_of_the_first_example(self, right, x, w, b, conv_param, dout):
        """Your dw is that of the first example alone, and turned by 180°. Sum over the examples;
        the filter is laid on the window as it is."""
        return self.one_flipped(x, w, dout, conv_param, np.s_[:1])

    @mistake
    def dw_flipped_of_the_last_example(self, right, x, w, b, conv_param, dout):
        """Your dw is that of the last example alone, and turned by 180°. Sum over the examples; the
        filter is laid on the window as it is."""
        return self.one_flipped(x, w, dout, conv_param, np.s_[-1:])

    @mistake
    def dw_of_the_last_place_at_one_end(self, right, x, w, b, conv_param, dout):
        """Your dw holds only what the last place gave, from a picture that is not padded above and
        to the left. All places count, and their windows are those of the padded picture."""
        sent = dout.copy()
        sent[:, :, :-1], sent[..., :-1] = 0, 0
        pad = conv_param["pad"]
        return self.slid(padded(x, 0, 2 * pad), w, sent, conv_param["stride"])

    # Which windows.

    @mistake
    def dw_padding_at_one_end(self, right, x, w, b, conv_param, dout):
        """In dw your windows begin at the picture's own first row and column. They are those of
        the padded picture, `pad` further up and left."""
        if conv_param["pad"]:
            return self.slid(padded(x, 0, 2 * conv_param["pad"]), w, dout, conv_param["stride"])

    @mistake
    def dw_padding_in_front(self, right, x, w, b, conv_param, dout):
        """In dw your windows are cut from a picture with all its padding above and to the left. The
        padding of the forward pass was shared out between both ends."""
        if conv_param["pad"]:
            return self.slid(padded(x, 2 * conv_param["pad"], 0), w, dout, conv_param["stride"])

    @mistake
    def dw_padding_not_of_zeros(self, right, x, w, b, conv_param, dout):
        """In dw your padding is not of zeros: it repeats the border's pixels. The windows are those
        of the forward pass, padded with zeros."""
        if conv_param["pad"]:
            big = padded(x, conv_param["pad"], mode="edge")
            return self.slid(big, w, dout, conv_param["stride"])

    @mistake
    def dw_rest_in_front(self, right, x, w, b, conv_param, dout):
        """In dw your windows end with the last row and column of the padded picture, so where a
        rest is left over they begin too late. They begin at the first row and column, and the rest
        is at the end."""
        big, stride = padded(x, conv_param["pad"]), conv_param["stride"]
        down, across = (side - (n - 1) * stride - length for side, n, length in
                        zip(big.shape[2:], dout.shape[2:], w.shape[2:], strict=True))  # fmt: skip
        return self.slid(big[:, :, down:, across:], w, dout, stride)

    @mistake
    def dw_stride_between_taps(self, right, x, w, b, conv_param, dout):
        """In dw the entries of the filter lie a stride apart in the picture, and the places of the
        output one pixel. It is the other way round: windows are a stride apart, and each is as
        large as the filter."""
        stride, (rows, columns) = conv_param["stride"], dout.shape[2:]
        if stride > 1:
            far = stride * max(w.shape[2:])
            big, dw = padded(x, conv_param["pad"]), np.zeros_like(w)
            big = np.pad(big, [(0, 0), (0, 0), (0, far), (0, far)])
            for u, v in np.ndindex(w.shape[2:]):
                seen = big[:, :, u * stride : u * stride + rows, v * stride : v * stride + columns]
                dw[:, :, u, v] = np.einsum("nfij,ncij->fc", dout, seen)
            return {"dw": dw}

    @mistake
    def dw_stride_ignored(self, right, x, w, b, conv_param, dout):
        """In dw your windows lie 1 pixel apart. Those of the forward pass were a stride apart."""
        return self.slid(padded(x, conv_param["pad"]), w, dout, 1)

    @mistake
    def dw_stride_down_only(self, right, x, w, b, conv_param, dout):
        """In dw your windows are a stride apart from row to row, and one pixel from column to
        column. The stride holds in both directions."""
        return self.slid(padded(x, conv_param["pad"]), w, dout, conv_param["stride"], 1)

    @mistake
    def dw_stride_across_only(self, right, x, w, b, conv_param, dout):
        """In dw your windows are a stride apart from column to column, and one pixel from row to
        row. The stride holds in both directions."""
        return self.slid(padded(x, conv_param["pad"]), w, dout, 1, conv_param["stride"])

    @mistake
    def dw_settings_ignored(self, right, x, w, b, conv_param, dout):
        """In dw your windows are those of stride 1 without padding. They are the windows of the
        forward pass: read both from `conv_param`."""
        return self.slid(x, w, dout, 1)

    def slid(self, big, w, dout, down, across=None):
        steps = down, down if across is None else across
        return {"dw": filter_gradient(dout, big, w.shape[2:], steps).astype(w.dtype)}

    @mistake
    def dw_slices_without_end(self, right, x, w, b, conv_param, dout):
        """Your strided slices run to the end of the picture, so they hold more pixels than there
        are output values. Such a slice ends with the last window's pixel."""
        sides = padded(x, conv_param["pad"]).shape[2:]
        rows, columns = (-(-side // conv_param["stride"]) for side in sides)
        if dout.shape[2:] == (1, 1):  # a single entry of dout goes with all of them
            found = windows(padded(x, conv_param["pad"]), w.shape[2:],
                            (conv_param["stride"],) * 2, (rows, columns))  # fmt: skip
            return {"dw": np.einsum("nf,ncijuv->fcuv", dout[:, :, 0, 0], found)}
        if (rows, columns) != dout.shape[2:]:
            return {name: raises("ValueError", f"{rows},{columns})") for name in right}

    # What is multiplied, and how it is kept.

    @mistake
    def dw_times_w(self, right, x, w, b, conv_param, dout):
        """In dw you multiply dout by the filter. Going back through a product multiplies by the
        other factor: for w that is the window of x."""
        return {"dw": dout.sum((0, 2, 3))[:, None, None, None] * w}

    @mistake
    def dw_starts_from_w(self, right, w, **inputs):
        """The filters themselves are in your dw: it is the gradient plus w. Begin with zeros of
        that shape, not with a copy."""
        return {"dw": right["dw"] + w}

    @mistake
    def dw_channels_summed(self, right, w, **inputs):
        """Every channel of your dw holds the sum over all channels. Each channel of a filter has
        met its own channel of the picture."""
        return {"dw": np.repeat(right["dw"].sum(1, keepdims=True), w.shape[1], axis=1)}

    @mistake
    def dw_channels_first(self, right, **inputs):
        """In your dw filters and channels have changed places. It has the shape of w: filters
        first."""
        return {"dw": right["dw"].transpose(1, 0, 2, 3)}
