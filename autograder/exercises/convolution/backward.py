"""A convolutional layer's backward pass (notebook 10): three stages, then all together."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.convolution.forward import judged, layers, out_size


def gradients(device, x, w, dout, stride, pad):
    """dx, dw, db by torch's own conv2d and autograd, as arrays."""
    b = np.zeros(len(w), w.dtype)
    leaves = [
        torch.tensor(np.ascontiguousarray(a), device=device).requires_grad_() for a in (x, w, b)
    ]
    out = F.conv2d(*leaves, stride, pad)
    found = torch.autograd.grad(out, leaves, torch.tensor(dout, device=device))
    return dict(zip(("dx", "dw", "db"), (g.cpu().numpy() for g in found), strict=True))


def padded(x, pad):
    return np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])


def windows(x, w, stride, step, pad):
    """(i, j, the slice of the padded picture) for each output place; `step` apart."""
    rows, columns = out_size(x, w, stride, 2 * pad)
    for i in range(rows):
        for j in range(columns):
            top, left = i * step, j * step
            place = np.s_[:, :, top : top + w.shape[2], left : left + w.shape[3]]
            yield i, j, place


class ConvBackward(Exercise, abstract=True):
    """What the stages and the whole share: the grid of `convolution`, with a dout to it."""

    def cases(self, rng):
        for name, points, inputs in layers(rng):
            x, w, param = inputs["x"], inputs["w"], inputs["conv_param"]
            size = out_size(x, w, param["stride"], 2 * param["pad"])
            dout = rng.normal(0.5, 1, (len(x), len(w), *size)).astype(x.dtype)
            yield Case(name, points, **inputs, dout=dout)

    def reference(self, x, w, b, conv_param, dout):
        found = gradients(self.device, x, w, dout, **conv_param)
        return {name: judged(value) for name, value in found.items() if name in self.found}


class Windows(Exercise, abstract=True):
    """A mistake of the stages that cut windows: dx and dw."""

    @mistake
    def padding_forgotten(self, right, conv_param, **inputs):
        """With padding your windows do not fit: the places of the output belong to the padded
        picture, on the way back too."""
        if conv_param["pad"]:
            return dict.fromkeys(right, raises("ValueError", "broadcast"))


class BiasGradient(ConvBackward, abstract=True):
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
    def db_averaged_over_examples(self, right, dout, **inputs):
        """Your db is divided by the number of examples. If the loss is a mean, dout brings that
        with it."""
        if len(dout) > 1:
            return {"db": right["db"] / len(dout)}

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
    def db_of_the_last_place(self, right, dout, **inputs):
        """Your db holds what the last place of the last example sent: every place before it has
        been overwritten. Contributions to what is shared are added."""
        return {"db": dout[-1, :, -1, -1]}


class FilterGradient(Windows, ConvBackward, abstract=True):
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
        *_, (i, j, place) = windows(x, w, conv_param["stride"], **self.steps(conv_param))
        last = padded(x, conv_param["pad"])[place][-1]
        return {"dw": dout[-1, :, i, j][:, None, None, None] * last}

    @mistake
    def dw_of_the_last_place(self, right, x, w, b, conv_param, dout):
        """Your dw holds only what the last place gave, over all examples. Every place uses the
        same filter: look for an = that should be +=."""
        *_, (i, j, place) = windows(x, w, conv_param["stride"], **self.steps(conv_param))
        last = padded(x, conv_param["pad"])[place]
        return {"dw": np.einsum("nf,nchw->fchw", dout[:, :, i, j], last)}

    @mistake
    def dw_of_the_last_example(self, right, x, w, b, conv_param, dout):
        """Your dw is that of the last example alone. All examples use the same filters, so sum
        over them."""
        if len(x) > 1:
            return {"dw": gradients("cpu", x[-1:], w, dout[-1:], **conv_param)["dw"]}

    @mistake
    def dw_averaged(self, right, x, **inputs):
        """Your dw is divided by the number of examples. If the loss is a mean, dout brings that
        with it."""
        if len(x) > 1:
            return {"dw": right["dw"] / len(x)}

    @mistake
    def dw_stride_ignored(self, right, x, w, b, conv_param, dout):
        """In dw your windows lie side by side. Those of the forward pass were a stride apart."""
        big, dw = padded(x, conv_param["pad"]), np.zeros_like(w)
        for i, j, place in windows(x, w, conv_param["stride"], 1, conv_param["pad"]):
            dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], big[place])
        return {"dw": dw}

    @mistake
    def dw_stride_down_only(self, right, x, w, b, conv_param, dout):
        """In dw your windows are a stride apart from row to row, and one pixel from column to
        column. The stride holds in both directions."""
        if conv_param["stride"] > 1:
            big, dw = padded(x, conv_param["pad"]), np.zeros_like(w)
            for i, j, _ in windows(x, w, conv_param["stride"], 1, conv_param["pad"]):
                top = i * conv_param["stride"]
                window = big[:, :, top : top + w.shape[2], j : j + w.shape[3]]
                dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], window)
            return {"dw": dw}

    @mistake
    def dw_times_w(self, right, x, w, b, conv_param, dout):
        """In dw you multiply dout by the filter. Going back through a product multiplies by the
        other factor: for w that is the window of x."""
        return {"dw": dout.sum((0, 2, 3))[:, None, None, None] * w}

    @mistake
    def dw_channels_first(self, right, **inputs):
        """In your dw filters and channels have changed places. It has the shape of w: filters
        first."""
        return {"dw": right["dw"].transpose(1, 0, 2, 3)}

    def steps(self, conv_param):
        return {"step": conv_param["stride"], "pad": conv_param["pad"]}


class InputGradient(Windows, ConvBackward, abstract=True):
    """Mistakes in dx."""

    def sent(self, x, w, dout, stride, pad, step=None, add=True):
        """dx of the padded picture from one window after the other."""
        big = np.zeros_like(padded(x, pad))
        for i, j, place in windows(x, w, stride, step or stride, pad):
            share = np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
            big[place] = big[place] + share if add else share
        return big

    def cropped(self, big, x, pad):
        return big[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]

    @mistake
    def dx_kernel_flipped(self, right, x, w, b, conv_param, dout):
        """In dx your filters are turned by 180°. A window of dx receives the filter as it lay on
        that window of x."""
        flipped = w[:, :, ::-1, ::-1]
        return {"dx": gradients("cpu", x, flipped, dout, **conv_param)["dx"]}

    @mistake
    def dx_overwritten(self, right, x, w, b, conv_param, dout):
        """Where windows overlap your dx has only what the last of them sent. A pixel that was
        used by several windows collects from all: look for an = that should be +=."""
        big = self.sent(x, w, dout, **conv_param, add=False)
        return {"dx": self.cropped(big, x, conv_param["pad"])}

    @mistake
    def dx_overwritten_by_each_filter(self, right, x, w, b, conv_param, dout):
        """Your dx has only what the last filter and the last window sent. A pixel was used by
        every filter: look for an = that should be +=."""
        big = self.sent(x, w[-1:], dout[:, -1:], **conv_param, add=False)
        return {"dx": self.cropped(big, x, conv_param["pad"])}

    @mistake
    def dx_of_the_last_filter(self, right, x, w, b, conv_param, dout):
        """Your dx comes from the last filter alone. Every filter has looked at each window, so
        sum over the filters."""
        return {"dx": gradients("cpu", x, w[-1:], dout[:, -1:], **conv_param)["dx"]}

    @mistake
    def dx_not_cropped(self, right, x, w, b, conv_param, dout):
        """Your dx is that of the padded picture. Cut the padding off: dx has the shape of x."""
        if conv_param["pad"]:
            return {"dx": self.sent(x, w, dout, **conv_param)}

    @mistake
    def dx_cropped_at_one_end(self, right, x, w, b, conv_param, dout):
        """You cut all the padding off at the bottom and at the right. Half of it is above and to
        the left, so dx begins at row and column `pad`."""
        if conv_param["pad"]:
            return {"dx": self.cropped(self.sent(x, w, dout, **conv_param), x, 0)}

    @mistake
    def dx_empty_without_padding(self, right, x, w, b, conv_param, dout):
        """Without padding your dx is empty. A slice from pad to -pad is one from 0 to 0 then:
        count the end from the start."""
        if not conv_param["pad"]:
            return {"dx": right["dx"][:, :, :0, :0]}

    @mistake
    def dx_stride_ignored(self, right, x, w, b, conv_param, dout):
        """In dx your windows lie side by side. Those of the forward pass were a stride apart."""
        big = self.sent(x, w, dout, **conv_param, step=1)
        return {"dx": self.cropped(big, x, conv_param["pad"])}

    @mistake
    def dx_averaged(self, right, x, **inputs):
        """Your dx is divided by the number of examples. If the loss is a mean, dout brings that
        with it."""
        if len(x) > 1:
            return {"dx": right["dx"] / len(x)}


class conv_backward_db(BiasGradient):
    """First stage: the gradient of the biases."""

    signature = "conv_backward_db(dout) -> db"
    minutes = 2
    found = ("db",)
    hints = (
        "How many output values does one bias reach? They all report back.",
        "dout has four axes. One of them is the filters; db keeps that one and no other.",
    )

    def cases(self, rng):
        yield Case("dout of 3 examples", 1, dout=rng.normal(0.5, 1, (3, 4, 2, 5)))
        yield Case("one example", 1, dout=rng.normal(0.5, 1, (1, 2, 4, 3)))

    def observe(self, code, dout):
        return {"db": code.conv_backward_db(dout)}

    def reference(self, dout):
        upstream = torch.tensor(dout, device=self.device)
        bias = torch.zeros(dout.shape[1], dtype=upstream.dtype, device=self.device)
        bias.requires_grad_()
        out = torch.zeros_like(upstream) + bias[:, None, None]
        return {"db": judged(torch.autograd.grad(out, bias, upstream)[0].cpu().numpy())}


class conv_backward_dw(FilterGradient):
    """Second stage: the gradient of the filters."""

    signature = "conv_backward_dw(dout, x, w, conv_param) -> dw"
    minutes = 7
    difficulty = 2
    found = ("dw",)
    hints = (
        "Take one output value. Which pixels were multiplied by which entries of the filter? Its "
        "share of dw is that window, times its entry of dout.",
        "The same windows as on the way forward, from the same padded picture. Each adds its share "
        "to dw, for all examples.",
    )

    def observe(self, code, x, w, b, conv_param, dout):
        return {"dw": code.conv_backward_dw(dout, x, w, conv_param)}


class conv_backward_dx(InputGradient):
    """Third stage: the gradient of the pictures."""

    signature = "conv_backward_dx(dout, x, w, conv_param) -> dx"
    minutes = 9
    difficulty = 3
    found = ("dx",)
    hints = (
        "Go by output values again: each sends its entry of dout, times the filter, to the window "
        "that it looked at.",
        "Collect in an array of the padded picture's shape: there no window sticks out. At the "
        "end, cut off what belongs to the padding.",
        "Pixels lie in several windows, and every filter saw each of them: add, do not assign.",
    )

    def observe(self, code, x, w, b, conv_param, dout):
        return {"dx": code.conv_backward_dx(dout, x, w, conv_param)}


class conv_backward_naive(InputGradient, FilterGradient, BiasGradient):
    """The backward pass of a convolutional layer."""

    signature = "conv_backward_naive(dout, cache) -> dx, dw, db"
    needs = ("conv_forward_naive",)
    minutes = 3
    difficulty = 2
    found = ("dx", "dw", "db")
    hints = (
        "You have the three stages. What do they need that only the forward pass knew?",
        "The cache is yours: let conv_forward_naive keep x, w and conv_param in it.",
    )

    def observe(self, code, x, w, b, conv_param, dout):
        _, cache = code.conv_forward_naive(x, w, b, conv_param)
        dx, dw, db = code.conv_backward_naive(dout, cache)
        return {"dx": dx, "dw": dw, "db": db}

    @mistake
    def dw_and_dx_swapped(self, right, **inputs):
        """dx and dw have changed places. The order is that of the inputs: dx, dw, db."""
        return {"dx": right["dw"], "dw": right["dx"]}

    @mistake
    def db_and_dw_swapped(self, right, **inputs):
        """dw and db have changed places. The order is that of the inputs: dx, dw, db."""
        return {"dw": right["db"], "db": right["dw"]}
