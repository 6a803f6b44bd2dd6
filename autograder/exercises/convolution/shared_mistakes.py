"""Mistakes that several exercises of notebook 10 share: where code stops, and in which type its
results come."""

import numpy as np

from autograder.exercise import Exercise, Expected, mistake, raises


class ReadsSettings(Exercise, abstract=True):
    """What takes stride, padding or a window's size from a dictionary."""

    @mistake
    def another_key(self, right, **inputs):
        """Your code looks for a key that its dictionary of settings does not have. See the
        docstring for the names: they are short ones, like `stride`."""
        return dict.fromkeys(right, raises("KeyError"))


class CountsWindows(ReadsSettings, abstract=True):
    """What works out the size of its output."""

    @mistake
    def sizes_with_a_fraction(self, right, **inputs):
        """Your output sizes are floats, and an array's sizes are whole numbers. `/` gives a float
        even where it divides evenly: divide whole numbers with `//`."""
        return dict.fromkeys(right, raises("TypeError", "interpreted as an integer"))


class SettingsHaveNames(Exercise, abstract=True):
    """What is given stride and padding in a dictionary, in either order."""

    @mistake
    def settings_by_place(self, right, conv_param, **inputs):
        """You take the settings by their places in conv_param, so that stride and padding are
        exchanged where they stand the other way round. Ask for each by its name."""
        if [*conv_param] == ["stride", "pad"]:
            return None
        stride, pad = conv_param.values()
        if stride == 0:
            return dict.fromkeys(right, raises("ZeroDivisionError"))
        shown = self.reference(conv_param={"stride": stride, "pad": pad}, **inputs)
        return {name: v.value if isinstance(v, Expected) else v for name, v in shown.items()}


class KeepsType(Exercise, abstract=True):
    """What gives `out` in the type of x. The type is an observation of its own: it says nothing of
    the values."""

    any_width = ("out",)
    reads = {"type of out": "your `out` is {seen}; {right} is right"}

    @mistake
    def wider_dtype(self, right, x, **inputs):
        """float32 comes in and float64 goes out, as when an array on the way is made without a type
        of its own: numpy then takes float64."""
        if x.dtype == np.float32:
            return {"type of out": "float64"}
