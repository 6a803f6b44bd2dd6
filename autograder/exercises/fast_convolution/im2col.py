"""Convolution as one matrix product: the columns. What notebook 11 draws its layers from is here
too; the way back from columns is in `col2im`, columns without loops in `strides`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from course_utils.recipes.buffers import laid_out


def windows(x, kh, kw, stride, pad):
    """Every window, (N, C, oh, ow, kh, kw), of images whatever their memory order."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    every = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))
    return every[:, :, ::stride, ::stride]


def columns(found, rows="cij", across="nhw"):
    """A matrix of `found` windows; `rows` and `across` say in which order, the last one fastest."""
    axes = ["nchwij".index(axis) for axis in rows + across]
    height = np.prod([found.shape[axis] for axis in axes[:3]])
    return found.transpose(axes).reshape(height, -1)


def sizes(x_shape, kh, kw, stride, pad):
    """How many windows fit, down and across."""
    _, _, height, width = x_shape
    return (height + 2 * pad - kh) // stride + 1, (width + 2 * pad - kw) // stride + 1


def as_if_contiguous(x, layout, pad=0):
    """What code sees that takes the memory of (padded) x to be in C order."""
    x = np.pad(laid_out(x, layout), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return x.ravel(order="K").reshape(x.shape)


def as_it_lies(x, layout):
    """The numbers of x in the order of memory, in the shape of x."""
    return laid_out(x, layout).ravel(order="K").reshape(x.shape)


class im2col(Exercise):
    """Every window of the images as a column of one matrix."""

    signature = "im2col(x, kh, kw, stride, pad) -> cols"
    growth = {"x": 1}, {"cols": 1}
    minutes = 10
    difficulty = 2
    hints = (
        "Which row of cols holds the same pixel of all windows, say channel 1, row 0, column 2 of "
        "each? That row is a slice of the padded images with a step.",
        "Fill an array of shape (C, kh, kw, N, oh, ow) by two short loops over the kernel's "
        "places. One reshape then makes the matrix, if the axes stand in the right order.",
    )

    def cases(self, rng):
        for name, points, shape, kh, kw, stride, pad, layout, dtype in [
            ("a 2×3 kernel, two images", 1, (2, 3, 5, 4), 2, 3, 1, 0, "C", "f8"),
            ("stride 2, padding 1", 1, (2, 3, 6, 9), 3, 2, 2, 1, "C", "f8"),
            ("stride 3, padding 2, some pixels left over", 1, (3, 2, 7, 8), 3, 2, 3, 2, "C", "f8"),
            ("images in Fortran order", 1, (2, 3, 5, 4), 3, 2, 1, 1, "Fortran", "f8"),
            ("channels last in memory", 1, (2, 3, 4, 7), 2, 3, 2, 0, "channels last", "f8"),
            ("one image in single precision", 1, (1, 2, 5, 6), 3, 2, 1, 1, "C", "f4"),
        ]:
            x = rng.normal(size=shape).astype(dtype)
            yield Case(name, points, x=x, kh=kh, kw=kw, stride=stride, pad=pad, layout=layout)

    def observe(self, code, x, kh, kw, stride, pad, layout):
        return {"cols": code.im2col(laid_out(x, layout), kh, kw, stride, pad)}

    def reference(self, x, kh, kw, stride, pad, layout):
        x = torch.tensor(x, device=self.device)
        # torch keeps the images apart: (N, C·kh·kw, oh·ow).
        cols = F.unfold(x, (kh, kw), padding=pad, stride=stride)
        return {"cols": cols.transpose(0, 1).flatten(1)}

    @mistake
    def channel_runs_fastest(self, right, x, kh, kw, stride, pad, layout):
        """Your rows are in the order (i, j, c), with the channel running fastest. Here they are
        (c, i, j): only then does w.reshape(F, -1) meet the right pixels."""
        return {"cols": columns(windows(x, kh, kw, stride, pad), rows="ijc")}

    @mistake
    def kernel_read_column_by_column(self, right, x, kh, kw, stride, pad, layout):
        """Within a channel your rows run down the kernel's columns, (c, j, i). They are to run
        along its rows: (c, i, j)."""
        return {"cols": columns(windows(x, kh, kw, stride, pad), rows="cji")}

    @mistake
    def images_run_fastest(self, right, x, kh, kw, stride, pad, layout):
        """Your columns are in the order (oh, ow, n), as in the classic assignments' im2col. Here
        they are (n, oh, ow): all windows of the first image first."""
        return {"cols": columns(windows(x, kh, kw, stride, pad), across="hwn")}

    @mistake
    def windows_counted_down(self, right, x, kh, kw, stride, pad, layout):
        """Your columns go down the image first, (n, ow, oh). They are to go along its rows:
        (n, oh, ow)."""
        return {"cols": columns(windows(x, kh, kw, stride, pad), across="nwh")}

    @mistake
    def one_window_a_row(self, right, x, kh, kw, stride, pad, layout):
        """Every window is a row of yours. Here it is a column, so that the matrix of filters
        stands on the left of the product."""
        return {"cols": np.ascontiguousarray(right["cols"].T)}

    @mistake
    def kernel_turned_round(self, right, x, kh, kw, stride, pad, layout):
        """Within a channel your rows come in reverse: that turns the kernel round by 180°, a
        convolution in the mathematician's sense. Nets correlate."""
        found = windows(x, kh, kw, stride, pad)[..., ::-1, ::-1]
        return {"cols": columns(found)}

    @mistake
    def all_axes_padded(self, right, x, kh, kw, stride, pad, layout):
        """You pad the axes of images and channels, too, so that empty ones come first. Only rows
        and columns get a border."""
        if pad:
            n, c, *_ = x.shape
            padded = np.pad(x, pad)[:n, :c]
            return {"cols": columns(windows(padded, kh, kw, stride, 0))}

    @mistake
    def padding_forgotten(self, right, x, kh, kw, stride, pad, layout):
        """There are too few windows: those that reach into the padding are missing."""
        if pad:
            return {"cols": columns(windows(x, kh, kw, stride, 0))}

    @mistake
    def padded_on_one_side(self, right, x, kh, kw, stride, pad, layout):
        """The zeros lie above and to the left only, all of them. They belong on all four sides,
        pad of them on each."""
        if pad:
            moved = np.pad(x, ((0, 0), (0, 0), (2 * pad, 0), (2 * pad, 0)))
            return {"cols": columns(windows(moved, kh, kw, stride, 0))}

    @mistake
    def padded_on_the_other_side(self, right, x, kh, kw, stride, pad, layout):
        """Your zeros lie below and to the right only, all of them. They belong on all four sides,
        pad of them on each."""
        if pad:
            moved = np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))
            return {"cols": columns(windows(moved, kh, kw, stride, 0))}

    @mistake
    def border_repeated(self, right, x, kh, kw, stride, pad, layout):
        """Your padding repeats the pixels at the border. It is to be zeros."""
        if pad:
            wide = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")
            return {"cols": columns(windows(wide, kh, kw, stride, 0))}

    @mistake
    def every_axis_padded(self, right, x, kh, kw, stride, pad, layout):
        """You pad every axis, so there are images and channels of zeros as well. Pad the height
        and the width only."""
        if pad:
            return {"cols": columns(windows(np.pad(x, pad), kh, kw, stride, 0))}

    @mistake
    def images_not_side_by_side(self, right, x, kh, kw, stride, pad, layout):
        """Your matrix mixes the images: their axis still comes first when you reshape. Bring it
        beside the windows', behind those of channel and kernel."""
        found = windows(x, kh, kw, stride, pad).transpose(0, 1, 4, 5, 2, 3)
        return {"cols": found.reshape(right["cols"].shape)}

    @mistake
    def images_apart(self, right, x, kh, kw, stride, pad, layout):
        """Your columns have three axes, (N, C·kh·kw, oh·ow), as torch's have. Here they are one
        matrix, with the windows of all images side by side."""
        found = windows(x, kh, kw, stride, pad).transpose(0, 1, 4, 5, 2, 3)
        return {"cols": found.reshape(len(x), x.shape[1] * kh * kw, -1)}

    @mistake
    def both_orders_other(self, right, x, kh, kw, stride, pad, layout):
        """Your rows are in the order (i, j, c) and your columns in the order (oh, ow, n). Here
        rows are (c, i, j) and columns (n, oh, ow)."""
        return {"cols": columns(windows(x, kh, kw, stride, pad), rows="ijc", across="hwn")}

    @mistake
    def windows_side_by_side(self, right, x, kh, kw, stride, pad, layout):
        """Your windows lie one pixel apart, though there are as many as the stride leaves. From
        one to the next go `stride` pixels."""
        if stride > 1:
            oh, ow = sizes(x.shape, kh, kw, stride, pad)
            return {"cols": columns(windows(x, kh, kw, 1, pad)[:, :, :oh, :ow])}

    @mistake
    def stride_forgotten(self, right, x, kh, kw, stride, pad, layout):
        """There are too many windows: yours move by one pixel, whatever the stride."""
        if stride > 1:
            return {"cols": columns(windows(x, kh, kw, 1, pad))}

    @mistake
    def stride_down_only(self, right, x, kh, kw, stride, pad, layout):
        """From one window to the next on its right you go one pixel. The stride holds along both
        axes."""
        if stride > 1:
            oh, ow = sizes(x.shape, kh, kw, stride, pad)
            found = windows(x, kh, kw, 1, pad)[:, :, ::stride][:, :, :, :ow]
            return {"cols": columns(found)}

    @mistake
    def stride_along_the_height(self, right, x, kh, kw, stride, pad, layout):
        """You have too many windows: the stride holds from row to row, and not from column to
        column. It is the same along both axes."""
        if stride > 1:
            return {"cols": columns(windows(x, kh, kw, 1, pad)[:, :, ::stride])}

    @mistake
    def stride_along_the_width(self, right, x, kh, kw, stride, pad, layout):
        """You have too many windows: the stride holds from column to column, and not from row to
        row. It is the same along both axes."""
        if stride > 1:
            return {"cols": columns(windows(x, kh, kw, 1, pad)[:, :, :, ::stride])}

    @mistake
    def sides_of_the_kernel_exchanged(self, right, x, kh, kw, stride, pad, layout):
        """Your windows are kw high and kh wide. kh is the kernel's height, kw its width."""
        return {"cols": columns(windows(x, kw, kh, stride, pad))}

    @mistake
    def windows_as_wide_as_high(self, right, x, kh, kw, stride, pad, layout):
        """Your windows are kh pixels wide, as wide as they are high. kw is the kernel's width."""
        return {"cols": columns(windows(x, kh, kh, stride, pad))}

    @mistake
    def windows_as_high_as_wide(self, right, x, kh, kw, stride, pad, layout):
        """Your windows are kw pixels high, as high as they are wide. kh is the kernel's height."""
        return {"cols": columns(windows(x, kw, kw, stride, pad))}

    @mistake
    def border_mirrored(self, right, x, kh, kw, stride, pad, layout):
        """Your padding mirrors the image at its border. It is to be zeros."""
        if pad:
            wide = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="reflect")
            return {"cols": columns(windows(wide, kh, kw, stride, 0))}

    @mistake
    def sizes_rounded_up(self, right, x, kh, kw, stride, pad, layout):
        """You have too many windows: those count, too, that would reach beyond the padded image.
        Round their number down."""
        if stride > 1:
            more = [(0, -(size + 2 * pad - k) % stride) for size, k in zip(x.shape[2:], (kh, kw),
                                                                          strict=True)]  # fmt: skip
            wide = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
            wide = np.pad(wide, ((0, 0), (0, 0), *more))
            return {"cols": columns(windows(wide, kh, kw, stride, 0))}

    @mistake
    def last_windows_missing(self, right, x, kh, kw, stride, pad, layout):
        """The last window of each row and of each column of windows is missing. Their number is
        (size + 2·pad − kernel) // stride, plus one."""
        return {"cols": columns(windows(x, kh, kw, stride, pad)[:, :, :-1, :-1])}

    @mistake
    def last_windows_missing_where_they_fit(self, right, x, kh, kw, stride, pad, layout):
        """Where the stride fits, the last window of each row or column of windows is missing, as
        when a range ends before it. There is a window at every place at which it fits."""
        oh, ow = (-(-(size + 2 * pad - k) // stride)
                  for size, k in zip(x.shape[2:], (kh, kw), strict=True))  # fmt: skip
        return {"cols": columns(windows(x, kh, kw, stride, pad)[:, :, :oh, :ow])}

    @mistake
    def memory_taken_to_be_in_c_order(self, right, x, kh, kw, stride, pad, layout):
        """You reckon with the memory order of a fresh array. An array that was transposed, or
        padded from such a one, has other strides: ask it for x.strides, or index it."""
        if layout != "C":
            found = windows(as_if_contiguous(x, layout, pad), kh, kw, stride, 0)
            return {"cols": columns(found)}

    @mistake
    def images_taken_to_be_in_c_order(self, right, x, kh, kw, stride, pad, layout):
        """You read the images in the order in which they lie in memory, and take that to be C
        order, before you pad. A transposed array lies there in another order: index it by its
        axes."""
        if layout != "C":
            return {"cols": columns(windows(as_it_lies(x, layout), kh, kw, stride, pad))}

    @mistake
    def unpadded_taken_to_be_in_c_order(self, right, x, kh, kw, stride, pad, layout):
        """Where nothing is padded you reckon with the memory order of a fresh array. An array that
        was transposed has other strides: ask it for x.strides, or index it."""
        if not pad:
            return self.images_taken_to_be_in_c_order(right, x, kh, kw, stride, pad, layout)

    @mistake
    def in_c_order_padded_or_not(self, right, x, kh, kw, stride, pad, layout):
        """You reckon with the memory order of a fresh array, in what np.pad makes and also where
        nothing is padded. An array that was transposed has other strides: ask it for x.strides,
        or index it."""
        changed = self.memory_taken_to_be_in_c_order if pad else self.images_taken_to_be_in_c_order
        return changed(right, x, kh, kw, stride, pad, layout)

    @mistake
    def square_outputs(self, right, x, kh, kw, stride, pad, layout):
        """You take as many columns of windows as there are rows. The images may be wider than they
        are high: count the windows along each axis."""
        oh, ow = sizes(x.shape, kh, kw, stride, pad)
        if oh < ow:
            return {"cols": columns(windows(x, kh, kw, stride, pad)[:, :, :, :oh])}

    @mistake
    def square_outputs_stop(self, right, x, kh, kw, stride, pad, layout):
        """You take as many windows along the width as along the height. Where there is less room
        along the width your code stops, and where there is more, windows are missing."""
        oh, ow = sizes(x.shape, kh, kw, stride, pad)
        if oh > ow:
            return {"cols": raises("ValueError", "broadcast")}
        return self.square_outputs(right, x, kh, kw, stride, pad, layout)

    @mistake
    def turned_round_and_square(self, right, x, kh, kw, stride, pad, layout):
        """Your rows come in reverse within a channel, which turns the kernel round by 180°; and
        you take no more windows along the width than along the height."""
        oh, _ = sizes(x.shape, kh, kw, stride, pad)
        return {"cols": columns(windows(x, kh, kw, stride, pad)[:, :, :, :oh, ::-1, ::-1])}

    @mistake
    def in_double_precision(self, right, x, kh, kw, stride, pad, layout):
        """float32 images give float64 columns: twice the memory, and a product at half the speed.
        Make the buffer in the dtype of x."""
        if x.dtype == np.float32:
            return {"cols": right["cols"].astype(np.float64)}
