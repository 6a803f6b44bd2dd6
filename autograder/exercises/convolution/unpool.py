"""Max pooling backward (notebook 10): the gradient goes to where the maximum was."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake, raises
from autograder.exercises.convolution.pool import GRID, out_size, param, windows
from autograder.exercises.convolution.shared_mistakes import ReadsSettings
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


def first(window):
    """1 at the first maximum of each N×C window in row-major order, 0 elsewhere."""
    flat = window.reshape(*window.shape[:2], -1)
    mask = np.zeros_like(flat)
    np.put_along_axis(mask, flat.argmax(2)[..., None], 1, axis=2)
    return mask.reshape(window.shape)


def last(window):
    return first(window[:, :, ::-1, ::-1])[:, :, ::-1, ::-1]


class max_pool_backward_naive(ByTheCache, ReadsSettings):
    """Max pooling backward: the gradient goes to where the maximum was."""

    signature = "max_pool_backward_naive(dout, cache) -> dx"
    growth = {"dout": 1}, {"dx": 1}
    needs = ("max_pool_forward_naive",)
    any_width = ("dx",)
    minutes = 8
    difficulty = 2
    hints = (
        "Nudge a pixel that is not the largest of its window: does the output move?",
        "np.argmax of a window gives the first of equal values, row by row, as one number. How do "
        "you get row and column from it?",
        "A pixel may be the largest of several windows; then it collects from all of them.",
    )

    def cases(self, rng):
        def case(name, points, x, window, stride):
            dout = rng.normal(0.5, 1, (*x.shape[:2], *out_size(x, param(window, stride))))
            return Case(name, points, x=x, pool_param=param(window, stride),
                        dout=dout.astype(x.dtype))  # fmt: skip

        for name, points, shape, window, stride in GRID:
            yield case(name, points, rng.normal(size=shape), window, stride)
        # One example: here ties show and nothing that has to do with the batch.
        ties = rng.integers(0, 3, (1, 3, 7, 9)).astype(float)
        yield case("equal values", 2, ties, (2, 3), 2)
        single = rng.uniform(-9, -1, (2, 2, 4, 5)).astype("float32")
        yield case("nothing above zero, single precision", 1, single, (2, 3), 1)

    def observe(self, code, x, pool_param, dout):
        _, cache = code.max_pool_forward_naive(x, pool_param)
        forward_again(code.max_pool_forward_naive, x, pool_param)
        return {"dx": code.max_pool_backward_naive(dout, cache)}

    def reference(self, x, pool_param, dout):
        leaf = torch.tensor(x, device=self.device).requires_grad_()
        window = pool_param["pool_height"], pool_param["pool_width"]
        # torch too gives the whole gradient to the first of equal values.
        out = F.max_pool2d(leaf, window, pool_param["stride"])
        return {"dx": torch.autograd.grad(out, leaf, torch.tensor(dout, device=self.device))[0]}

    def sent(self, x, pool_param, dout, share=first, steps=None, add=True):
        """dx where each window hands out dout by `share(window)`; the first maximum by default."""
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param, steps, out_size(x, pool_param)):
            window = x[place]
            if window.size:
                part = share(window) * dout[:, :, i, j][:, :, None, None]
                dx[place] = dx[place] + part if add else part
        return {"dx": dx}

    # Equal values.

    @mistake
    def all_equal_values_get_it(self, right, **inputs):
        """Of equal values each gets the whole gradient in your dx, so more flows back than came
        in. The first one, row by row, takes it all."""
        return self.sent(**inputs, share=lambda w: w == w.max((2, 3), keepdims=True))

    @mistake
    def equal_values_share(self, right, **inputs):
        """Of equal values each gets its share in your dx. That is a fair choice, but not the
        one agreed on here: the first one, row by row, takes it all."""
        def share(w):
            top = w == w.max((2, 3), keepdims=True)
            return top / top.sum((2, 3), keepdims=True)

        return self.sent(**inputs, share=share)

    @mistake
    def last_of_equal_values(self, right, **inputs):
        """Of equal values the last one gets the gradient in your dx. The first one, row by row,
        takes it: >= keeps moving on where > would stay."""
        return self.sent(**inputs, share=last)

    @mistake
    def first_by_columns(self, right, **inputs):
        """Of equal values yours is the first column by column. Go row by row."""
        return self.sent(
            **inputs, share=lambda w: first(w.transpose(0, 1, 3, 2)).transpose(0, 1, 3, 2)
        )

    @mistake
    def place_by_the_height_within(self, right, **inputs):
        """You take the number of the maximum apart by the window's height, so with windows that are
        not square the gradient lands on another pixel. Row by row, a row is as long as the window
        is wide."""

        def share(w):
            best, (height, width) = w.reshape(*w.shape[:2], -1).argmax(2), w.shape[2:]
            mask = np.zeros_like(w)
            for n, c in np.ndindex(best.shape):
                row, column = divmod(int(best[n, c]), height)
                mask[n, c, min(row, height - 1), min(column, width - 1)] = 1
            return mask

        return self.sent(**inputs, share=share)

    @mistake
    def row_and_column_apart(self, right, **inputs):
        """Of equal values the gradient may land on one that is not the largest: you look for the
        first row with the maximum and for the first column with it apart. Look for the first place,
        row by row."""

        def share(w):
            rows, columns = w.max(3).argmax(2), w.max(2).argmax(2)
            mask = np.zeros_like(w)
            for n, c in np.ndindex(w.shape[:2]):
                mask[n, c, rows[n, c], columns[n, c]] = 1
            return mask

        return self.sent(**inputs, share=share)

    # Windows that overlap.

    @mistake
    def overwritten(self, right, **inputs):
        """Where windows overlap the last one has overwritten what the others sent, with zeros
        too. Add."""
        return self.sent(**inputs, add=False)

    @mistake
    def last_window_wins(self, right, x, pool_param, dout):
        """A pixel that is the largest of several windows has only the last one's gradient. It
        collects from all of them: add."""
        return self.the_last_wins(x, pool_param, dout, first)

    @mistake
    def last_window_and_last_value_win(self, right, x, pool_param, dout):
        """Of equal values the last one gets the gradient in your dx, and of windows that share
        their maximum the last one's is kept. The first value, row by row, takes it, and collects
        from all its windows."""
        return self.the_last_wins(x, pool_param, dout, last)

    @mistake
    def first_window_wins(self, right, x, pool_param, dout):
        """A pixel that is the largest of several windows has only the first one's gradient. It
        collects from all of them: add."""
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param):
            new = (first(x[place]) > 0) & (dx[place] == 0)
            dx[place] = np.where(new, dout[:, :, i, j][:, :, None, None], dx[place])
        return {"dx": dx}

    @mistake
    def windows_averaged(self, right, x, pool_param, dout):
        """A pixel that is the largest of several windows has the mean of their gradients. It
        collects from all of them: add."""
        times = self.sent(x, pool_param, np.ones_like(dout))["dx"]
        return {"dx": right["dx"] / np.maximum(times, 1)}

    @mistake
    def averaged_where_windows_overlap(self, right, x, pool_param, dout):
        """Where windows overlap your dx is divided by the number of windows that a pixel is in.
        Each of them that it is the largest of sends its gradient whole."""
        held = self.sent(x, pool_param, np.ones_like(dout), share=np.ones_like)["dx"]
        return {"dx": right["dx"] / np.maximum(held, 1)}

    def the_last_wins(self, x, pool_param, dout, share):
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param):
            top = share(x[place])
            dx[place] = np.where(top, dout[:, :, i, j][:, :, None, None], dx[place])
        return {"dx": dx}

    # What is sent.

    @mistake
    def spread_evenly(self, right, **inputs):
        """You spread the gradient over the window, as average pooling does. Only the largest
        value moved the output."""
        return self.sent(**inputs, share=lambda w: np.full_like(w, 1 / w[0, 0].size))

    @mistake
    def whole_window(self, right, **inputs):
        """Every pixel of a window gets the gradient. Only the largest value moved the output."""
        return self.sent(**inputs, share=np.ones_like)

    @mistake
    def repeated(self, right, x, pool_param, dout):
        """Each entry of dout is repeated over a block of your dx, whichever pixel was the largest.
        Only the largest value of a window moved the output, all others get 0."""
        dx, stride = np.zeros_like(x), pool_param["stride"]
        big = dout.repeat(stride, 2).repeat(stride, 3)[:, :, : x.shape[2], : x.shape[3]]
        dx[:, :, : big.shape[2], : big.shape[3]] = big
        return {"dx": dx}

    @mistake
    def only_positive_maxima(self, right, **inputs):
        """Where the largest value of a window is 0 or less your gradient is lost, as behind a ReLU.
        Pooling passes the largest value on whatever its sign."""
        return self.sent(**inputs, share=lambda w: first(w) * (w > 0))

    @mistake
    def to_the_smallest(self, right, **inputs):
        """The smallest value of each window gets the gradient in your dx. It was the largest that
        moved the output."""
        return self.sent(**inputs, share=lambda w: first(-w))

    @mistake
    def to_the_largest_magnitude(self, right, **inputs):
        """The value that is furthest from 0 gets the gradient in your dx, be it negative. It was
        the largest value that moved the output."""
        return self.sent(**inputs, share=lambda w: first(np.abs(w)))

    @mistake
    def times_the_maximum(self, right, **inputs):
        """Your gradient is multiplied by the maximum itself. Pooling passes the largest value on
        as it is: its derivative is 1."""
        return {"dx": right["dx"] * inputs["x"]}

    @mistake
    def dout_forgotten(self, right, x, pool_param, dout):
        """Your dx counts how often a pixel was the largest; dout is missing."""
        return self.sent(x, pool_param, np.ones_like(dout))

    @mistake
    def averaged(self, right, dout, **inputs):
        """Your dx is divided by the number of examples. If the loss is a mean, dout brings that
        with it."""
        if len(dout) > 1:
            return {"dx": right["dx"] / len(dout)}

    @mistake
    def starts_from_x(self, right, x, **inputs):
        """The values themselves are in your dx: it is the gradient plus x. Begin with zeros of
        that shape, not with a copy."""
        return {"dx": right["dx"] + x}

    @mistake
    def over_all_channels(self, right, x, pool_param, dout):
        """In each window one channel takes the gradient of all: your maximum is over the channels
        too. Each channel is pooled on its own."""
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param):
            flat = x[place].reshape(len(x), -1)
            top = first(flat[:, None, None])[:, 0, 0].reshape(x[place].shape)
            dx[place] += top * dout[:, :, i, j].sum(1)[:, None, None, None]
        return {"dx": dx}

    @mistake
    def largest_of_all_channels(self, right, **inputs):
        """In each window only one channel gets a gradient: your maximum is over the channels too.
        Each channel is pooled on its own and has a maximum of its own."""

        def share(w):
            flat = w.reshape(len(w), 1, 1, -1)
            return first(flat).reshape(w.shape)

        return self.sent(**inputs, share=share)

    # Where it is sent.

    @mistake
    def stride_ignored(self, right, **inputs):
        """On the way back your windows lie 1 pixel apart. Those of the forward pass
        were a stride apart."""
        return self.sent(**inputs, steps=(1, 1))

    @mistake
    def window_for_stride(self, right, pool_param, **inputs):
        """On the way back your windows are their own height and width apart. Those of the forward
        pass were a stride apart, and may overlap."""
        steps = pool_param["pool_height"], pool_param["pool_width"]
        return self.sent(pool_param=pool_param, **inputs, steps=steps)

    @mistake
    def height_and_width_swapped(self, right, x, pool_param, dout):
        """On the way back your windows are pool_width high and pool_height wide. Rows come first.
        """
        return self.by_windows(x, (pool_param["pool_width"], pool_param["pool_height"]),
                               pool_param["stride"], dout)  # fmt: skip

    @mistake
    def height_for_both(self, right, x, pool_param, dout):
        """On the way back your windows are as wide as they are high. Their width is `pool_width`.
        """
        return self.by_windows(x, (pool_param["pool_height"],) * 2, pool_param["stride"], dout)

    @mistake
    def width_for_both(self, right, x, pool_param, dout):
        """On the way back your windows are as high as they are wide. Their height is `pool_height`.
        """
        return self.by_windows(x, (pool_param["pool_width"],) * 2, pool_param["stride"], dout)

    def by_windows(self, x, size, stride, dout):
        """dx by windows of another size, as many as there are entries of dout."""
        dx = np.zeros_like(x)
        for i, j, place in windows(x, param(size, stride), None, dout.shape[2:]):
            dx[place] += first(x[place]) * dout[:, :, i, j][:, :, None, None]
        return {"dx": dx}

    @mistake
    def size_from_the_windows(self, right, x, pool_param, dout):
        """Your dx is smaller than x where windows leave out the end, as when its size is computed
        back from dout. It has the shape of x; a pixel that no window holds has the gradient 0."""
        sizes = pool_param["pool_height"], pool_param["pool_width"]
        height, width = ((n - 1) * pool_param["stride"] + length for n, length in
                         zip(dout.shape[2:], sizes, strict=True))  # fmt: skip
        return {"dx": right["dx"][:, :, :height, :width]}

    @mistake
    def corner_forgotten(self, right, x, pool_param, dout):
        """All gradients land in the first window: you count row and column of the maximum within
        its window and leave out where the window begins."""
        dx, size = np.zeros_like(x), (pool_param["pool_height"], pool_param["pool_width"])
        for i, j, place in windows(x, pool_param):
            dx[:, :, : size[0], : size[1]] += first(x[place]) * dout[:, :, i, j][:, :, None, None]
        return {"dx": dx}

    @mistake
    def row_length_is_the_height(self, right, x, pool_param, dout):
        """You find row and column of the maximum by dividing by the window's height. Row by row,
        a row is as long as the window is wide."""
        return self.by_height(x, pool_param, dout)

    @mistake
    def row_length_is_the_height_within(self, right, x, pool_param, dout):
        """The gradient goes to other pixels where windows are not square, as when row and column
        of the maximum are found by dividing by the window's height. Row by row, a row is as long
        as the window is wide."""
        return self.by_height(x, pool_param, dout, within=True)

    def by_height(self, x, pool_param, dout, within=False):
        height, width = pool_param["pool_height"], pool_param["pool_width"]
        if height == width:
            return None
        dx = np.zeros_like(x)
        for i, j, place in windows(x, pool_param):
            flat = x[place].reshape(*x.shape[:2], -1).argmax(2)
            rows = i * pool_param["stride"] + flat // height
            columns = j * pool_param["stride"] + flat % height
            if within:
                rows, columns = (np.minimum(a, side - 1) for a, side in
                                 zip((rows, columns), x.shape[2:], strict=True))  # fmt: skip
            if rows.max() >= x.shape[2] or columns.max() >= x.shape[3]:
                return {"dx": raises("IndexError", "out of bounds")}
            for n, c in np.ndindex(x.shape[:2]):
                dx[n, c, rows[n, c], columns[n, c]] += dout[n, c, i, j]
        return {"dx": dx}

    # The cache.

    @mistake
    def cache_of_another_length(self, right, **inputs):
        """Your backward pass takes another number of values out of the cache than the forward pass
        puts in. The two lines have to match."""
        return {"dx": raises("ValueError", "values to unpack")}
