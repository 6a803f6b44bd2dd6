"""Mistakes in a convolutional layer in which one side of a kernel stands for the other: forward,
and what its other forms share (notebooks 10 and 11)."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.convolution.sliding import correlated, out_size, padded

AS_THEY_ARE, HEIGHT, WIDTH, EXCHANGED = (2, 3), (2, 2), (3, 3), (3, 2)


def taken(sizes, kernel, hint, cut=False, tap_by_tap=False):
    """The mistake of counting windows, or cutting them, by these sides of the kernel.

    Filters are laid on as they are, or `cut` to the window that is asked for; code that goes
    `tap_by_tap` stops where there is no such weight or pixel.
    """

    def show(self, right, x, w, b, conv_param):
        big, stride = padded(x, conv_param["pad"]), conv_param["stride"]
        height, width = (w.shape[axis] for axis in kernel)
        part = w[:, :, :height, :width] if cut or tap_by_tap else w
        try:
            counted = out_size(big, [w.shape[axis] for axis in sizes], (stride, stride))
            out = np.zeros((len(x), len(w), *counted), x.dtype)
            for i, j in np.ndindex(*counted):
                top, left = i * stride, j * stride
                window = big[:, :, top : top + height, left : left + width]
                if tap_by_tap and not window.shape[2:] == part.shape[2:] == (height, width):
                    return dict.fromkeys(right, raises("IndexError", "out of bounds"))
                out[:, :, i, j] = (window[:, None] * part).sum((2, 3, 4)) + b
        except ValueError:
            return dict.fromkeys(right, raises("ValueError"))
        return {"out": out}

    show.__doc__ = hint
    return mistake(show)


class SquareKernels(Exercise, abstract=True):
    """Code with whole windows that stops wherever a kernel is not square."""

    @mistake
    def square_kernel(self, right, w, **inputs):
        """Your code needs square kernels: somewhere the kernel's height stands for its width, or
        the other way round."""
        if w.shape[2] != w.shape[3]:
            return dict.fromkeys(right, raises("ValueError"))


class SquareKernelsTapByTap(Exercise, abstract=True):
    """Code with a loop over the kernel that stops wherever it is not square."""

    @mistake
    def square_kernel_tap_by_tap(self, right, w, **inputs):
        """Your code needs square kernels, as when the loop over a kernel's rows runs to its width,
        and the one over its columns to its height. The axes of w are filters, channels, height,
        width."""
        if w.shape[2] != w.shape[3]:
            return dict.fromkeys(right, raises("IndexError", "out of bounds"))


class KernelSides(SquareKernelsTapByTap, abstract=True):
    """Which side of a kernel is its height, and which its width."""

    SQUARE = """Your code takes kernels to be as wide as they are high, for the output's size too:
        it reads KH and goes by it in both directions. KH and KW may differ."""
    height_for_width = taken(HEIGHT, HEIGHT, SQUARE, cut=True)
    height_for_width_tap_by_tap = taken(HEIGHT, HEIGHT, SQUARE, tap_by_tap=True)

    SQUARE = """Your code takes kernels to be as high as they are wide, for the output's size too:
        it reads KW and goes by it in both directions. KH and KW may differ."""
    width_for_height = taken(WIDTH, WIDTH, SQUARE)
    width_for_height_tap_by_tap = taken(WIDTH, WIDTH, SQUARE, tap_by_tap=True)

    SQUARE = """Your windows are as wide as they are high: the last columns of a wider kernel are
        left out, and with a narrower one your code stops. A window is KH×KW pixels."""
    square_windows = taken(AS_THEY_ARE, HEIGHT, SQUARE, cut=True)
    square_windows_tap_by_tap = taken(AS_THEY_ARE, HEIGHT, SQUARE, tap_by_tap=True)

    SQUARE = """Your windows are as high as they are wide: the last rows of a higher kernel are left
        out, and with a lower one your code stops. A window is KH×KW pixels."""
    square_windows_by_width = taken(AS_THEY_ARE, WIDTH, SQUARE)
    square_windows_by_width_tap_by_tap = taken(AS_THEY_ARE, WIDTH, SQUARE, tap_by_tap=True)

    COUNTED = """Your output has as many columns as if kernels were as wide as they are high: its
        width is counted with KH. It follows from the kernel's own width."""
    columns_by_the_height = taken(HEIGHT, AS_THEY_ARE, COUNTED)
    columns_by_the_height_tap_by_tap = taken(HEIGHT, AS_THEY_ARE, COUNTED, tap_by_tap=True)

    COUNTED = """Your output has as many rows as if kernels were as high as they are wide: its
        height is counted with KW. It follows from the kernel's own height."""
    rows_by_the_width = taken(WIDTH, AS_THEY_ARE, COUNTED)
    rows_by_the_width_tap_by_tap = taken(WIDTH, AS_THEY_ARE, COUNTED, tap_by_tap=True)

    TURNED = """Height and width of the kernel have changed places in your code, for the output's
        size too. The axes of w are filters, channels, height, width."""
    sides_exchanged = taken(EXCHANGED, EXCHANGED, TURNED)
    sides_exchanged_tap_by_tap = taken(EXCHANGED, EXCHANGED, TURNED, tap_by_tap=True)

    TURNED = """Your windows are as high as the kernel is wide, and as wide as it is high. The axes
        of w are filters, channels, height, width."""
    windows_turned = taken(AS_THEY_ARE, EXCHANGED, TURNED, cut=True)

    del SQUARE, COUNTED, TURNED

    @mistake
    def kernel_transposed_and_stops(self, right, x, w, b, conv_param):
        """Rows and columns of your kernels have changed places: square ones lie transposed on the
        window, and with others your code stops. They are laid on as they are."""
        if w.shape[2] != w.shape[3]:
            return dict.fromkeys(right, raises("ValueError"))
        steps, big = (conv_param["stride"],) * 2, padded(x, conv_param["pad"])
        return {"out": correlated(big, w.swapaxes(2, 3), b, steps)}
