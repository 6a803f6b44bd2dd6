"""Mistakes in a convolutional layer's gradients (notebook 10): one side of a kernel stands for the
other, stride and padding for each other, or the last places are left out."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.convolution.sliding import filter_gradient, padded


class FilterSides(Exercise, abstract=True):
    """The two sides of a kernel in dw."""

    @mistake
    def dw_height_for_width(self, right, x, w, **inputs):
        """Your dw takes the filters to be as wide as they are high: columns beyond that stay 0, and
        your code stops where there are fewer. Height and width may differ."""
        height, width = w.shape[2:]
        if height > width:
            return dict.fromkeys(right, raises("ValueError"))
        return {"dw": np.where(np.arange(width) < height, right["dw"], 0).astype(w.dtype)}

    @mistake
    def dw_height_for_width_tap_by_tap(self, right, x, w, **inputs):
        """Your dw takes the filters to be as wide as they are high: columns beyond that stay 0, and
        your code stops where there are fewer. Height and width may differ."""
        if w.shape[2] > w.shape[3]:
            return dict.fromkeys(right, raises("IndexError", "out of bounds"))
        return self.dw_height_for_width(right, x, w)

    @mistake
    def dw_of_square_kernels(self, right, x, w, b, conv_param, dout):
        """Your dw is as wide as it is high. It has the shape of w, whose kernels may have a width
        of their own."""
        steps, side = (conv_param["stride"],) * 2, w.shape[2]
        big = padded(x, conv_param["pad"])
        return {"dw": filter_gradient(dout, big, (side, side), steps).astype(w.dtype)}

    @mistake
    def dw_stride_and_pad_exchanged(self, right, x, w, b, conv_param, dout):
        """In dw stride and padding have changed places: you pad by the stride, and your windows are
        as far apart as the padding says. Compare the two names."""
        pad, stride = conv_param["stride"], conv_param["pad"]
        found = filter_gradient(dout, padded(x, pad), w.shape[2:], (stride, stride))
        return {"dw": found.astype(w.dtype)}


class BiasPlaces(Exercise, abstract=True):
    """Places that db leaves out, and averages that keep their axes."""

    @mistake
    def db_without_the_last_row(self, right, dout, **inputs):
        """The last row of dout does not count in your db: each entry does. Does a loop end one row
        too early?"""
        return {"db": dout[:, :, :-1].sum((0, 2, 3))}

    @mistake
    def db_without_the_last_column(self, right, dout, **inputs):
        """The last column of dout does not count in your db: each entry does. Does a loop end one
        column too early?"""
        return {"db": dout[..., :-1].sum((0, 2, 3))}

    @mistake
    def db_without_the_last_places(self, right, dout, **inputs):
        """The last row and the last column of dout do not count in your db: each entry does. Do
        your loops end one too early?"""
        return {"db": dout[:, :, :-1, :-1].sum((0, 2, 3))}

    @mistake
    def db_keeps_axes_and_averaged(self, right, dout, **inputs):
        """Two things: your db still has four axes, as with `keepdims`, and it is a row of numbers,
        one for each filter; and it is divided by the number of examples. If the loss is a mean,
        dout brings that with it."""
        return {"db": right["db"][None, :, None, None] / len(dout)}
