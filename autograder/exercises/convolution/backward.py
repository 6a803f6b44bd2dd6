"""A convolutional layer's backward pass (notebook 10): three stages, then all together. Known
mistakes in them are in `way_back`."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.convolution.forward import judged
from autograder.exercises.convolution.sliding import filter_gradient, padded
from autograder.exercises.convolution.way_back import BiasGradient, FilterGradient
from autograder.exercises.convolution.way_back_dx import InputGradient
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import another, forward_again


class conv_backward_db(BiasGradient):
    """First stage: the gradient of the biases."""

    signature = "conv_backward_db(dout) -> db"
    growth = {"dout": 1}, {"db": 1}
    minutes = 2
    found = ("db",)
    hints = (
        "How many output values does one bias reach? All of them send back a gradient.",
        "dout has four axes. One of them is the filters; db keeps that one and no other.",
    )

    def cases(self, rng):
        yield Case("dout of 3 examples", 1, dout=rng.normal(0.5, 1, (3, 4, 2, 5)))
        yield Case("one example", 0.5, dout=rng.normal(0.5, 1, (1, 2, 4, 3)))
        yield Case("a single place", 0.25, dout=rng.normal(0.5, 1, (4, 3, 1, 1)))
        yield Case("a single filter", 0.25, dout=rng.normal(0.5, 1, (3, 1, 2, 4)))

    def observe(self, code, dout):
        return {"db": code.conv_backward_db(dout)}

    def reference(self, dout):
        upstream = torch.tensor(dout, device=self.device)
        bias = torch.zeros(dout.shape[1], dtype=upstream.dtype, device=self.device)
        bias.requires_grad_()
        out = torch.zeros_like(upstream) + bias[:, None, None]
        return {"db": judged(torch.autograd.grad(out, bias, upstream)[0].cpu().numpy())}

    @mistake
    def db_squeezed(self, right, dout, **inputs):
        """Of a single filter your db is a bare number, without an axis, as `squeeze` leaves it: it
        removes every axis of length 1. db has an axis for the filters, be there one or many."""
        if dout.shape[1] == 1:
            return {"db": right["db"][0]}


class OneWidth:
    """What the two stages with a type of their own share: a case in which the inputs differ in it.
    """

    def cases(self, rng):
        for case in super().cases(rng):
            half = case.name in ("1×1 filters", "a single window, padding 1")
            yield Case(case.name, 0.5 if half else 1, **case.inputs)
        yield Case("inputs of different types", 1, **self.of_types(rng))

    def of_types(self, rng, x="float64", w="float64"):
        made = {
            "x": rng.normal(0.5, 1, (3, 2, 4, 5)).astype(x),
            "w": rng.normal(0.3, 1, (4, 2, 3, 2)).astype(w), "b": np.zeros(4, w),
            "conv_param": {"stride": 1, "pad": 0},
        }  # fmt: skip
        return made | {"dout": self.upstream(rng, **made).astype("float64")}

    def reference(self, x, w, **inputs):
        right = super().reference(x=x, w=w, **inputs)
        types = {"dx": x.dtype, "dw": w.dtype}
        return right | {f"type of {name}": str(types[name]) for name in self.found}


class conv_backward_dw(OneWidth, FilterGradient):
    """Second stage: the gradient of the filters."""

    signature = "conv_backward_dw(dout, x, w, conv_param) -> dw"
    growth = {"dout": 1}, {"dw": 1}
    minutes = 7
    difficulty = 2
    found = ("dw",)
    any_width = ("dw",)
    reads = {"type of dw": "your `dw` is {seen}; {right} is right"}
    hints = (
        "Take one output value. Which pixels were multiplied by which entries of the filter? Its "
        "share of dw is that window, times its entry of dout.",
        "Use the same windows as in the forward pass, from the same padded picture. Each adds "
        "its share to dw, for all examples.",
    )

    def of_types(self, rng, **_):
        return super().of_types(rng, w="float32")

    def observe(self, code, x, w, b, conv_param, dout):
        dw = code.conv_backward_dw(dout, x, w, conv_param)
        return {"dw": dw, "type of dw": str(getattr(dw, "dtype", "none"))}

    @mistake
    def dw_wider(self, right, w, **inputs):
        """Your dw is float64 where the filters are float32, as when an array on the way is made
        without a type of its own. A gradient has the type of what it is the gradient of."""
        if w.dtype == np.float32:
            return {"type of dw": "float64"}

    @mistake
    def dw_in_the_type_of_x(self, right, x, w, **inputs):
        """Your dw has the type of x, or of x and dout together. It is the gradient of w, so it has
        the type of w."""
        if x.dtype != w.dtype:
            return {"type of dw": str(x.dtype)}


class conv_backward_dx(OneWidth, InputGradient):
    """Third stage: the gradient of the pictures."""

    signature = "conv_backward_dx(dout, x, w, conv_param) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    minutes = 9
    difficulty = 3
    found = ("dx",)
    any_width = ("dx",)
    reads = {"type of dx": "your `dx` is {seen}; {right} is right"}
    hints = (
        "Go by output values again: each sends its entry of dout, times the filter, to the window "
        "that it looked at.",
        "Collect in an array of the padded picture's shape: there no window sticks out. At the "
        "end, cut off what belongs to the padding.",
        "Pixels lie in several windows, and every filter saw each of them: add, do not assign.",
    )

    def of_types(self, rng, **_):
        made = super().of_types(rng, x="float32")
        made["x"][1:, :, 2] = np.inf  # only shape and type of x matter
        made["x"][:, :, 0] = 0
        return made

    def observe(self, code, x, w, b, conv_param, dout):
        dx = code.conv_backward_dx(dout, x, w, conv_param)
        return {"dx": dx, "type of dx": str(getattr(dx, "dtype", "none"))}

    @mistake
    def dx_wider(self, right, x, **inputs):
        """Your dx is float64 where the pictures are float32, as when an array on the way is made
        without a type of its own. A gradient has the type of what it is the gradient of."""
        if x.dtype == np.float32:
            return {"type of dx": "float64"}

    @mistake
    def dx_in_the_type_of_dout(self, right, x, dout, **inputs):
        """Your dx has the type of dout or w. It is the gradient of x, so it has the type of x."""
        if x.dtype != dout.dtype:
            return {"type of dx": str(dout.dtype)}

    @mistake
    def dx_where_x_is(self, right, x, **inputs):
        """Your dx is 0 wherever x is. Only shape and type of x matter to dx: what it holds is no
        mask, as it would be behind a ReLU."""
        if not x.all():
            return {"dx": np.where(x == 0, 0, right["dx"]).astype(x.dtype)}

    @mistake
    def dx_made_of_x(self, right, x, **inputs):
        """Your dx is NaN where x holds infinity. Only shape and type of x matter to dx: 0 times
        infinity is no 0, so do not make zeros by multiplying."""
        if not np.isfinite(x).all():
            return {"dx": np.where(np.isfinite(x), right["dx"], np.nan).astype(x.dtype)}


class conv_backward_naive(ByTheCache, InputGradient, FilterGradient, BiasGradient):
    """The backward pass of a convolutional layer."""

    signature = "conv_backward_naive(dout, cache) -> dx, dw, db"
    growth = {"dout": 1}, {"dx": 1, "dw": 1, "db": 1}
    needs = ("conv_forward_naive",)
    any_width = ("dx", "dw", "db")
    minutes = 3
    difficulty = 2
    found = ("dx", "dw", "db")
    hints = (
        "You have the three stages. What do they need that only the forward pass knew?",
        "The cache is yours: let conv_forward_naive keep x, w and conv_param in it.",
    )

    def observe(self, code, x, w, b, conv_param, dout):
        _, cache = code.conv_forward_naive(x, w, b, conv_param)
        forward_again(code.conv_forward_naive, x, w, b, conv_param)
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

    @mistake
    def db_and_dx_swapped(self, right, **inputs):
        """dx and db have changed places. The order is that of the inputs: dx, dw, db."""
        return {"dx": right["db"], "db": right["dx"]}

    @mistake
    def db_first(self, right, **inputs):
        """You return db first, then dx and dw. The order is that of the inputs: dx, dw, db."""
        return {"dx": right["db"], "dw": right["dx"], "db": right["dw"]}

    @mistake
    def dx_last(self, right, **inputs):
        """You return dw and db first, dx last. The order is that of the inputs: dx, dw, db."""
        return {"dx": right["dw"], "dw": right["db"], "db": right["dx"]}

    @mistake
    def db_with_the_bias(self, right, b, **inputs):
        """The biases themselves are in your db: it is the gradient plus b."""
        return {"db": right["db"] + b}

    @mistake
    def db_of_dx(self, right, **inputs):
        """Your db has an entry for each channel of the picture: it sums dx. There is a bias for
        each filter, and what came back to it is in dout."""
        return {"db": right["dx"].sum((0, 2, 3))}

    @mistake
    def db_of_dx_and_averaged(self, right, x, **inputs):
        """Two things: your db sums dx, with an entry for each channel of the picture, where it is
        dout that came back to the biases; and your gradients are divided by the number of
        examples. If the loss is a mean, dout brings that with it."""
        n = x.dtype.type(len(x))
        found = {"dx": right["dx"] / n, "dw": right["dw"] / n}
        return found | {"db": found["dx"].sum((0, 2, 3))}

    @mistake
    def padded_twice(self, right, x, w, b, conv_param, dout):
        """Your dx has the size of the padded picture: the forward pass keeps the picture with its
        padding, and the backward pass pads it again. Keep x as it came."""
        pad, stride = conv_param["pad"], conv_param["stride"]
        if pad:
            sheet = self.sheet(padded(x, pad), w, dout, stride, pad)
            dw = filter_gradient(dout, padded(x, 2 * pad), w.shape[2:], (stride, stride))
            return self.cropped(sheet, padded(x, pad), pad) | {"dw": dw}

    @mistake
    def pictures_of_the_last_call(self, right, x, **inputs):
        """Your dw goes by the pictures of the last forward pass, not by those whose cache it is
        given, as when the cache holds an array that the next call overwrites. Keep one of this
        call's own."""
        return {"dw": self.reference(x=another(x), **inputs)["dw"].value}

    @mistake
    def filters_of_the_last_call(self, right, w, **inputs):
        """Your dx goes by the filters of the last forward pass, not by those whose cache it is
        given, as when the cache holds an array that the next call overwrites. Keep one of this
        call's own."""
        return {"dx": self.reference(w=another(w), **inputs)["dx"].value}

    @mistake
    def stride_and_pad_exchanged(self, right, x, w, b, conv_param, dout):
        """Stride and padding have changed places on the way back: your gradients are right where
        both are the same number. Compare what goes into the cache with what comes out."""
        pad, stride = conv_param["stride"], conv_param["pad"]
        dw = filter_gradient(dout, padded(x, pad), w.shape[2:], (stride, stride))
        return self.cropped(self.sheet(x, w, dout, stride, pad), x, pad) | {"dw": dw}

    @mistake
    def cache_of_another_length(self, right, **inputs):
        """Your backward pass takes another number of values out of the cache than the forward pass
        puts in. The two lines have to match."""
        return dict.fromkeys(right, raises("ValueError", "values to unpack"))

    @mistake
    def cache_in_another_order(self, right, **inputs):
        """Your backward pass stops in every case, as it does when the cache is taken apart in
        another order than the forward pass packs it. Compare the two lines."""
        return dict.fromkeys(right, raises("ValueError"))
