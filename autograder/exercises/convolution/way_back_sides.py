"""Mistakes in a convolutional layer's dw in which one side of a kernel stands for the other
(notebook 10)."""

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
