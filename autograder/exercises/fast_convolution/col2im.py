"""From columns back to images; how they are made is in `im2col`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.fast_convolution.im2col import sizes


class col2im(Exercise):
    """Columns back to images: what overlaps is added."""

    signature = "col2im(cols, x_shape, kh, kw, stride, pad) -> x"
    growth = {"cols": 1}, {"x": 1}
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
            ("one image in single precision, padding 2", 1, (1, 2, 4, 5), 3, 4, 1, 2, "f4"),
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
    def images_taken_to_be_first(self, right, cols, x_shape, kh, kw, stride, pad):
        """You take the images for the first axis of cols. Its rows are (c, i, j), and the images
        come in its columns: (n, row, column)."""
        n, c, *_ = x_shape
        oh, ow = sizes(x_shape, kh, kw, stride, pad)
        mixed = cols.reshape(n, c, kh, kw, oh, ow).transpose(1, 2, 3, 0, 4, 5)
        x = self.scattered(mixed.reshape(cols.shape), x_shape, kh, kw, stride, pad)
        return {"x": self.cut(x, x_shape, pad)}

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
    def kernel_turned_round(self, right, cols, x_shape, kh, kw, stride, pad):
        """You read the kernel's places from the last to the first, which turns the kernel round by
        180°. In each channel they run as im2col makes them, from the top left on."""
        c = x_shape[1]
        turned = cols.reshape(c, kh * kw, -1)[:, ::-1].reshape(c * kh * kw, -1)
        x = self.scattered(turned, x_shape, kh, kw, stride, pad)
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
    def size_made_from_the_windows(self, right, cols, x_shape, kh, kw, stride, pad):
        """Your images end where the last window ends. Where the stride does not fit, there are
        rows or columns behind it that no window reaches: they are 0, and belong to the images."""
        x = self.as_far_as_windows(cols, x_shape, kh, kw, stride, pad)
        return {"x": self.cut(x, x_shape, pad)}

    @mistake
    def border_cut_off_the_windows(self, right, cols, x_shape, kh, kw, stride, pad):
        """You make the padded images as large as the windows reach, and cut the border off there.
        Where the stride does not fit, that is too small. Make them from x_shape."""
        x = self.as_far_as_windows(cols, x_shape, kh, kw, stride, pad)
        return {"x": x[:, :, pad : x.shape[2] - pad, pad : x.shape[3] - pad]}

    def as_far_as_windows(self, cols, x_shape, kh, kw, stride, pad):
        """The padded images up to the end of the last window."""
        oh, ow = sizes(x_shape, kh, kw, stride, pad)
        x = self.scattered(cols, x_shape, kh, kw, stride, pad)
        return x[:, :, : (oh - 1) * stride + kh, : (ow - 1) * stride + kw]

    @mistake
    def square_kernel(self, right, cols, x_shape, kh, kw, stride, pad):
        """Your code stops unless kernels are square: somewhere the kernel's height stands for its
        width, or the other way round."""
        if kh != kw:
            return {"x": raises("ValueError")}

    @mistake
    def padded_once(self, right, cols, x_shape, kh, kw, stride, pad):
        """You add the padding to the images' height and width once. It lies on both sides, so that
        your code has too little room for the windows and stops."""
        windows = sizes(x_shape, kh, kw, stride, pad)
        ends = [(n - 1) * stride + k for n, k in zip(windows, (kh, kw), strict=True)]
        if any(end > size + pad for end, size in zip(ends, x_shape[2:], strict=True)):
            return {"x": raises("ValueError", "broadcast")}

    @mistake
    def in_double_precision(self, right, cols, x_shape, kh, kw, stride, pad):
        """Your images are float64 for float32 columns, as when the zeros that you add to are. Make
        them in the dtype of cols."""
        if cols.dtype == np.float32:
            x = self.scattered(cols.astype(np.float64), x_shape, kh, kw, stride, pad)
            return {"x": self.cut(x, x_shape, pad)}
