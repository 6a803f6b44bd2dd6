"""Exercise of notebook 09: any kernel as a flat one and a tall one. The nearest kernel that is a
column times a row is in `separable`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises

TYPES, TOGETHER = "types", "kernel of both together"


def copies(w):
    """Flat kernels that copy each channel once for each column, and tall ones that weigh."""
    c_out, c_in, kh, kw = w.shape
    flat = np.eye(c_in * kw).reshape(c_in * kw, c_in, 1, kw)
    return flat, w.swapaxes(2, 3).reshape(c_out, c_in * kw, kh, 1)


class split_exactly(Exercise):
    """Any convolution as a flat one and a tall one, with enough channels between."""

    signature = "split_exactly(w) -> flat, tall"
    growth = {"w": 1}, {"kernel of both together": 1}
    reads = {
        "kernel of both together": "the kernel that your two are together",
        "shapes": "the list of your two shapes, flat and tall,",
        TYPES: "of your two arrays one or both hold {seen}; {right} is right for both",
    }
    library = "numpy"
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "A 1×n kernel with a single 1 in it copies its channel, moved by so many pixels. How many "
        "such copies are there of all channels?",
        "Once every copy has its own channel, a tall kernel can weigh each of them, row by row, as "
        "it likes. Which entry of w belongs to which copy?",
    )

    def cases(self, rng):
        for name, points, shape in [
            ("one channel, 3×3", 1, (1, 1, 3, 3)),
            ("two channels to three, 3×3", 2, (3, 2, 3, 3)),
            ("3×5", 1, (2, 3, 3, 5)),
            ("5×2", 1, (4, 2, 5, 2)),
        ]:
            yield Case(name, points, w=rng.normal(size=shape))

    def observe(self, code, w):
        flat, tall = code.split_exactly(w)
        return {"flat": flat, "tall": tall}

    def read(self, seen, w):
        flat, tall = np.asarray(seen["flat"]), np.asarray(seen["tall"])
        other = sorted({str(a.dtype) for a in (flat, tall)} - {"float64"})
        return {"shapes": [list(flat.shape), list(tall.shape)],
                TYPES: ", ".join(other) or "float64",
                "kernel of both together": self.together(flat, tall, w)}  # fmt: skip

    def together(self, flat, tall, w):
        """The kernel of the two: what they answer to a single 1 in the middle. Where one cannot
        follow the other it is as it should be: their shapes are told."""
        c_in, kh, kw = w.shape[1:]
        x = torch.zeros(c_in, c_in, 2 * kh - 1, 2 * kw - 1, dtype=torch.float64)
        x[range(c_in), range(c_in), kh - 1, kw - 1] = 1
        try:
            flat, tall = (torch.tensor(np.asarray(a, float)) for a in (flat, tall))
            h = torch.conv2d(torch.conv2d(x, flat), tall)
        except (RuntimeError, TypeError, ValueError):
            return w
        return h.flip(2, 3).transpose(0, 1).numpy()

    def reference(self, w):
        c_out, c_in, kh, kw = w.shape
        shapes = [[c_in * kw, c_in, 1, kw], [c_out, c_in * kw, kh, 1]]
        return {"shapes": shapes, TYPES: "float64", "kernel of both together": w}

    @mistake
    def single_precision(self, right, w):
        """Your two arrays, or one of them, are float32. Both are to be float64, like w."""
        return {TYPES: "float32"}

    @mistake
    def whole_numbers(self, right, w):
        """An array of yours holds whole numbers, int64. Both are to be float64, also where all
        entries are 0 and 1."""
        return {TYPES: "int64"}

    @mistake
    def too_few_between(self, right, w):
        """Between your two there are no more channels than at the input, which is enough only if
        every kernel is a column times a row. Every channel needs a copy for each column."""
        c_out, c_in, kh, kw = w.shape
        return {"shapes": [[c_in, c_in, 1, kw], [c_out, c_in, kh, 1]],
                "kernel of both together": self.nearest(w)}  # fmt: skip

    @mistake
    def best_of_rank_one(self, right, w):
        """Your two together are near w and not w: all kernels on a channel share one row, and each
        of them is a column times that row. Any kernel is exact once each of its columns has a copy
        of the channel."""
        return {"kernel of both together": self.nearest(w)}

    @mistake
    def rows_of_the_first_filter(self, right, w):
        """Your two together are near w and not w: all kernels on a channel share one row, the best
        for the first filter's, and each of them is a column times that row. Any kernel is exact
        once each of its columns has a copy of the channel."""
        rows = np.linalg.svd(w[0], full_matrices=False)[2][:, 0]
        return {"kernel of both together": np.einsum("ocij,cj,ck->ocik", w, rows, rows)}

    @mistake
    def rows_of_the_first_filter_too_few(self, right, w):
        """Where kernels are wider than high your two together miss a part of w: your flat ones are
        made of the rows of the first filter alone, and other filters have other rows. One copy of
        the channel for each column is enough for any kernel."""
        c_in, kh, kw = w.shape[1:]
        if kh < kw:
            rows = np.linalg.svd(w[0], full_matrices=False)[2]  # c_in, kh, kw
            return {"kernel of both together": np.einsum("ocik,crk,crl->ocil", w, rows, rows)}

    def nearest(self, w):
        """Each channel's kernels, for all filters at once, as one column times one row."""
        c_out, c_in, kh, kw = w.shape
        best = np.empty_like(w)
        for c in range(c_in):
            u, s, vh = np.linalg.svd(w[:, c].reshape(-1, kw), full_matrices=False)
            best[:, c] = (s[0] * np.outer(u[:, 0], vh[0])).reshape(c_out, kh, kw)
        return best

    @mistake
    def weights_in_the_flat_one(self, right, w):
        """Your flat one holds the weights, row by row, and the tall one puts them together. That is
        exact, too, with other channels between: the flat one should only copy, c_in·kw times."""
        c_out, c_in, kh, kw = w.shape
        if c_out * kh != c_in * kw:
            return {"shapes": [[c_out * kh, c_in, 1, kw], [c_out, c_out * kh, kh, 1]]}

    @mistake
    def tall_first(self, right, w):
        """You return the tall one first. The order is: flat, tall."""
        return {"shapes": right["shapes"][::-1]}

    @mistake
    def one_channel_each(self, right, w):
        """The kernels of your flat one have a single channel, as with groups. `conv2d` without
        groups takes kernels of all c_in channels; those that are not copied get 0."""
        c_out, c_in, kh, kw = w.shape
        if c_in > 1:
            return {"shapes": [[c_in * kw, 1, 1, kw], right["shapes"][1]]}

    @mistake
    def last_column_left_out(self, right, w):
        """The last column of w is missing from your two together. Each of its kw columns needs a
        copy of every channel."""
        return {"kernel of both together": np.where(np.arange(w.shape[3]) < w.shape[3] - 1, w, 0)}

    @mistake
    def first_column_left_out(self, right, w):
        """The first column of w is missing from your two together. Each of its kw columns needs a
        copy of every channel."""
        return {"kernel of both together": np.where(np.arange(w.shape[3]) > 0, w, 0)}

    @mistake
    def height_for_width(self, right, w):
        """Between your two there are c_in·kh channels. Each column of a kernel needs a copy of
        every channel, and there are kw of them."""
        c_out, c_in, kh, kw = w.shape
        if kh != kw:
            between = c_in * kh
            return {"shapes": [[between, c_in, 1, kw], [c_out, between, kh, 1]]}

    @mistake
    def flat_by_the_height(self, right, w):
        """Your flat array goes by kh: it has c_in·kh kernels, and they are kh wide. A flat kernel
        is as wide as w, and there is one for each channel and column: kw stands in both places."""
        c_out, c_in, kh, kw = w.shape
        if kh != kw:
            return {"shapes": [[c_in * kh, c_in, 1, kh], right["shapes"][1]]}

    @mistake
    def copies_moved_to_the_left(self, right, w):
        """Your two together are w with its columns one place further to the left, and the first one
        last. The 1 of a copy stands at the column whose weights the tall one puts on it."""
        if w.shape[3] > 1:
            return {"kernel of both together": np.roll(w, -1, 3)}

    @mistake
    def copies_moved_to_the_right(self, right, w):
        """Your two together are w with its columns one place further to the right, and the last one
        first. The 1 of a copy stands at the column whose weights the tall one puts on it."""
        if w.shape[3] > 1:
            return {"kernel of both together": np.roll(w, 1, 3)}

    @mistake
    def as_wide_as_high(self, right, w):
        """You take kernels to be as wide as they are high. Each column of a kernel needs a copy of
        every channel, and there are kw of them, which need not be kh."""
        kh, kw = w.shape[2:]
        if kh > kw:
            return self.column_beyond_the_last(right, w)
        return self.read(dict(zip(("flat", "tall"), copies(w[..., :kh]), strict=True)), w)

    @mistake
    def column_beyond_the_last(self, right, w):
        """Your code asks w for a column that is not there. Its kw columns are counted from 0."""
        kw = w.shape[3]
        return dict.fromkeys(right, raises("IndexError", f"index {kw} is out of bounds for axis 3"))

    @mistake
    def as_many_columns_as_rows(self, right, w):
        """Where w is wider than tall, its columns from number kh on are missing from your two
        together, as when a loop runs over the rows. There are kw columns."""
        kh, kw = w.shape[2:]
        if kw > kh:
            return {"kernel of both together": np.where(np.arange(kw) < kh, w, 0)}

    @mistake
    def flipped(self, right, w):
        """Your two together are w turned left to right. Frameworks do not flip a kernel, so the
        copy that a 1 at column j makes is weighed by column j."""
        return {"kernel of both together": w[..., ::-1]}

    def _counted_by_the_height(self, w, into=lambda channel: channel):
        """What is shown where copy j of channel i has the number i·kh + j."""
        c_out, c_in, kh, kw = w.shape
        if c_in > 1 and kh > kw:
            return raises("IndexError", "out of bounds for axis")
        flat, tall = np.zeros((c_in * kw, c_in, 1, kw)), np.zeros((c_out, c_in * kw, kh, 1))
        for i, j in np.ndindex(c_in, kw):
            flat[i * kh + j, into(i), 0, j] = 1
            tall[:, i * kh + j, :, 0] = w[:, i, :, j]
        return self.together(flat, tall, w)

    @mistake
    def counted_by_the_height(self, right, w):
        """Between your two, each channel's copies begin kh places after those of the channel
        before. It has a copy for each of its kw columns, so the next one's begin kw places on."""
        shown = self._counted_by_the_height(w)
        return dict.fromkeys(right if isinstance(shown, raises) else [TOGETHER], shown)

    @mistake
    def counted_by_the_height_of_every_channel(self, right, w):
        """Two things: your flat kernels add all channels up, where each copy is of one channel
        only; and each channel's copies begin kh places after those of the channel before, where it
        has kw of them."""
        if w.shape[1] > 1:
            shown = self._counted_by_the_height(w, lambda channel: slice(None))
            return dict.fromkeys(right if isinstance(shown, raises) else [TOGETHER], shown)

    @mistake
    def upside_down(self, right, w):
        """Your two together are w upside down. Rows of the tall kernel stand in the order of w's
        rows."""
        return {"kernel of both together": w[:, :, ::-1]}

    @mistake
    def columns_and_channels_mixed(self, right, w):
        """Between the two, copies and channels are counted in two different orders: the flat one
        counts one first, the tall one the other."""
        c_out, c_in, kh, kw = w.shape
        if c_in > 1:
            mixed = w.transpose(0, 2, 3, 1).reshape(c_out, kh, c_in, kw)
            return {"kernel of both together": mixed.transpose(0, 2, 1, 3)}

    @mistake
    def channels_and_columns_mixed(self, right, w):
        """Between the two, copies and channels are counted in two different orders: in the flat one
        channels go round fastest, in the tall one columns."""
        c_out, c_in, kh, kw = w.shape
        if c_in > 1:
            mixed = w.transpose(0, 2, 1, 3).reshape(c_out, kh, kw, c_in)
            return {"kernel of both together": mixed.transpose(0, 3, 1, 2)}

    @mistake
    def transposed(self, right, w):
        """In your two together the numbers of w are in other places, rows and columns mixed up, as
        when it is reshaped where axes should be exchanged first."""
        c_out, c_in, kh, kw = w.shape
        return {"kernel of both together": w.reshape(c_out, c_in, kw, kh).swapaxes(2, 3)}

    @mistake
    def every_channel_into_every_copy(self, right, w):
        """Your flat kernels add all channels up. Each copy must be of one channel only."""
        if w.shape[1] > 1:
            summed = np.repeat(w.sum(1, keepdims=True), w.shape[1], axis=1)
            return {"kernel of both together": summed}
