"""Convolution as one matrix product: the columns, and the way back from them. What notebook 11
draws its layers from is here too; how to make columns without loops is next door."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
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


class im2col(Exercise):
    """Every window of the images as a column of one matrix."""

    signature = "im2col(x, kh, kw, stride, pad) -> cols"
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
    def memory_taken_to_be_in_c_order(self, right, x, kh, kw, stride, pad, layout):
        """You reckon with the memory order of a fresh array. An array that was transposed, or
        padded from such a one, has other strides: ask it for x.strides, or index it."""
        if layout != "C":
            found = windows(as_if_contiguous(x, layout, pad), kh, kw, stride, 0)
            return {"cols": columns(found)}

    @mistake
    def in_double_precision(self, right, x, kh, kw, stride, pad, layout):
        """float32 images give float64 columns: twice the memory, and a product at half the speed.
        Make the buffer in the dtype of x."""
        if x.dtype == np.float32:
            return {"cols": right["cols"].astype(np.float64)}


class col2im(Exercise):
    """Columns back to images: what overlaps is added."""

    signature = "col2im(cols, x_shape, kh, kw, stride, pad) -> x"
    minutes = 8
    difficulty = 2
    hints = (
        "It is im2col's backward pass. A pixel was copied into several windows: what becomes of "
        "the gradients of several copies?",
        "Work on padded images of zeros and add slice by slice, in the same two loops as im2col. "
        "At the end cut the border off, and think of pad = 0.",
    )

    def cases(self, rng):
        for name, points, shape, kh, kw, stride, pad, dtype in [
            ("windows that overlap", 1, (2, 3, 5, 4), 3, 2, 1, 0, "f8"),
            ("stride 2, padding 1", 1, (2, 3, 6, 9), 3, 4, 2, 1, "f8"),
            ("stride 3, pixels that no window reaches", 1, (3, 2, 8, 9), 2, 2, 3, 0, "f8"),
            ("single precision, padding 2", 1, (2, 2, 4, 5), 3, 4, 1, 2, "f4"),
        ]:
            oh, ow = sizes(shape, kh, kw, stride, pad)
            cols = rng.normal(size=(shape[1] * kh * kw, shape[0] * oh * ow)).astype(dtype)
            yield Case(
                name, points, cols=cols, x_shape=shape, kh=kh, kw=kw, stride=stride, pad=pad
            )

    def observe(self, code, cols, x_shape, kh, kw, stride, pad):
        return {"x": code.col2im(cols, x_shape, kh, kw, stride, pad)}

    def reference(self, cols, x_shape, kh, kw, stride, pad):
        cols = torch.tensor(cols, device=self.device)
        per_image = cols.reshape(len(cols), x_shape[0], -1).transpose(0, 1)
        return {"x": F.fold(per_image, x_shape[2:], (kh, kw), padding=pad, stride=stride)}

    def scattered(self, cols, x_shape, kh, kw, stride, pad, put=np.add, rows="cij", across="nhw",
                  step=None):  # fmt: skip
        """Windows put into padded images; `put` joins a place's old value and a window's."""
        n, c, height, width = x_shape
        oh, ow = sizes(x_shape, kh, kw, stride, pad)
        length = dict(zip("nchwij", (n, c, oh, ow, kh, kw), strict=True))
        order = rows + across
        found = cols.reshape([length[axis] for axis in order])
        found = found.transpose([order.index(axis) for axis in "nchwij"])
        step = step or stride
        x = np.zeros((n, c, height + 2 * pad, width + 2 * pad), cols.dtype)
        for h, w in np.ndindex(oh, ow):
            place = np.s_[:, :, h * step : h * step + kh, w * step : w * step + kw]
            x[place] = put(x[place], found[:, :, h, w])
        return x

    def cut(self, x, x_shape, pad):
        return x[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]

    @mistake
    def last_window_wins(self, right, cols, x_shape, kh, kw, stride, pad):
        """Where windows overlap, yours keeps the last one. A pixel was copied into each of them,
        so what comes back from them is added."""
        x = self.scattered(cols, x_shape, kh, kw, stride, pad, put=lambda old, new: new)
        return {"x": self.cut(x, x_shape, pad)}

    @mistake
    def last_place_wins(self, right, cols, x_shape, kh, kw, stride, pad):
        """A pixel keeps what the last place of the kernel sent it, as happens with `=`, or with
        `+=` at repeated indices. Every window that holds it sends something: add all of it."""
        n, c, height, width = x_shape
        oh, ow = sizes(x_shape, kh, kw, stride, pad)
        found = cols.reshape(c, kh, kw, n, oh, ow)
        x = np.zeros((n, c, height + 2 * pad, width + 2 * pad), cols.dtype)
        for i, j in np.ndindex(kh, kw):
            place = np.s_[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            x[place] = found[:, i, j].swapaxes(0, 1)
        return {"x": self.cut(x, x_shape, pad)}

    @mistake
    def windows_averaged(self, right, cols, x_shape, kh, kw, stride, pad):
        """You divide by the number of windows that hold a pixel. That would undo im2col; its
        gradient is the sum."""
        count = self.scattered(np.ones_like(cols), x_shape, kh, kw, stride, pad)
        return {"x": right["x"] / np.maximum(self.cut(count, x_shape, pad), 1)}

    @mistake
    def border_kept(self, right, cols, x_shape, kh, kw, stride, pad):
        """The result still has its border of padding. The images had none: cut it off."""
        if pad:
            return {"x": self.scattered(cols, x_shape, kh, kw, stride, pad)}

    @mistake
    def cut_at_the_wrong_side(self, right, cols, x_shape, kh, kw, stride, pad):
        """You cut all of the border from the bottom and the right. pad rows and columns lie on
        each side."""
        if pad:
            return {"x": self.cut(self.scattered(cols, x_shape, kh, kw, stride, pad), x_shape, 0)}

    @mistake
    def minus_zero_cuts_everything(self, right, cols, x_shape, kh, kw, stride, pad):
        """With pad = 0 nothing is left: -0 is 0, and a slice that ends at 0 is empty. Say where
        the image ends by its size."""
        if not pad:
            return {"x": right["x"][:, :, :0, :0]}

    @mistake
    def columns_read_images_fastest(self, right, cols, x_shape, kh, kw, stride, pad):
        """You read the columns in the order (oh, ow, n), as in the classic assignments. Here they
        are (n, oh, ow), as im2col makes them."""
        x = self.scattered(cols, x_shape, kh, kw, stride, pad, across="hwn")
        return {"x": self.cut(x, x_shape, pad)}

    @mistake
    def rows_read_channel_fastest(self, right, cols, x_shape, kh, kw, stride, pad):
        """You read the rows in the order (i, j, c). Here they are (c, i, j), as im2col makes
        them."""
        x = self.scattered(cols, x_shape, kh, kw, stride, pad, rows="ijc")
        return {"x": self.cut(x, x_shape, pad)}

    @mistake
    def kernel_read_column_by_column(self, right, cols, x_shape, kh, kw, stride, pad):
        """You read the rows in the order (c, j, i): the kernel's rows and columns are exchanged.
        Here they are (c, i, j), as im2col makes them."""
        x = self.scattered(cols, x_shape, kh, kw, stride, pad, rows="cji")
        return {"x": self.cut(x, x_shape, pad)}

    @mistake
    def other_order_and_last_place(self, right, cols, x_shape, kh, kw, stride, pad):
        """You read the columns in the order (oh, ow, n), and where windows overlap, yours keeps
        one of them. Here the order is (n, oh, ow), and what comes back is added."""
        n, (oh, ow) = x_shape[0], sizes(x_shape, kh, kw, stride, pad)
        other = cols.reshape(-1, oh, ow, n).transpose(0, 3, 1, 2).reshape(cols.shape)
        return self.last_place_wins(right, other, x_shape, kh, kw, stride, pad)

    @mistake
    def windows_side_by_side(self, right, cols, x_shape, kh, kw, stride, pad):
        """Your windows lie one pixel apart, whatever the stride."""
        if stride > 1:
            x = self.scattered(cols, x_shape, kh, kw, stride, pad, step=1)
            return {"x": self.cut(x, x_shape, pad)}

    @mistake
    def in_double_precision(self, right, cols, x_shape, kh, kw, stride, pad):
        """Your images are float64 for float32 columns: the zeros that you add to are float64. Make
        them in the dtype of cols."""
        if cols.dtype == np.float32:
            x = self.scattered(cols.astype(np.float64), x_shape, kh, kw, stride, pad)
            return {"x": self.cut(x, x_shape, pad)}
