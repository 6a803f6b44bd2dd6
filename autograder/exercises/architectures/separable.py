"""Exercises of notebook 09: when one kernel is worth two. What they cost is in `cost`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


class rank_one(Exercise):
    """The nearest kernel that is a column times a row."""

    signature = "rank_one(k) -> column, row, lost"
    reads = {
        "column times row": "the outer product of your column and row",
        "shapes": "the list of the lengths of your column and row",
    }
    library = "numpy"
    minutes = 10
    difficulty = 2
    extra = True
    hints = (
        "A matrix that is a column times a row has rank 1. Which decomposition lists the best "
        "pieces of rank 1 in order of their size?",
        "np.linalg.svd gives the pieces. Its last result has the rows already as rows. Where does "
        "the singular value go? It must come in once.",
        "The squares of the singular values add up to the sum of all squared entries.",
    )

    def cases(self, rng):
        column, row = (rng.uniform(0.3, 1, 3)[[0, 1, 2, 1, 0]] for _ in range(2))
        yield Case("separable: a smoothing kernel", 1,
                   k=np.outer(column / column.sum(), row / row.sum()))  # fmt: skip
        a, b, c = rng.uniform(0.5, 3, 3)
        yield Case("separable: an edge, 3×5", 1, k=np.outer([1, a, 1], [-b, -c, 0, c, b]))
        yield Case("any 5×5", 2, k=rng.normal(size=(5, 5)))
        yield Case("any 3×7", 1, k=rng.normal(size=(3, 7)))
        yield Case("any 7×4", 1, k=3 * rng.normal(size=(7, 4)) + 0.3)

    def observe(self, code, k):
        column, row, lost = code.rank_one(k)
        return {"column": column, "row": row, "lost": lost}

    def read(self, seen, k):
        column, row = np.asarray(seen["column"]), np.asarray(seen["row"])
        # As matrices, ready to be multiplied, they are as good.
        column = column[:, 0] if column.ndim == 2 and column.shape[1] == 1 else column
        row = row[0] if row.ndim == 2 and len(row) == 1 else row
        return {"shapes": [list(column.shape), list(row.shape)],
                "column times row": np.outer(column, row), "lost": float(seen["lost"])}  # fmt: skip

    def reference(self, k):
        # The best piece of rank 1 by the eigenvector of kᵀk, not by an SVD.
        gram = torch.tensor(k, device=self.device)
        gram = gram.T @ gram
        values, vectors = torch.linalg.eigh(gram)
        v = vectors[:, -1].cpu().numpy()
        best = np.outer(k @ v, v)
        lost = float(1 - values[-1] / values.sum())
        return {"shapes": [[k.shape[0]], [k.shape[1]]], "column times row": best,
                "lost": max(lost, 0.0)}  # fmt: skip

    @mistake
    def factor_in_both(self, right, k):
        """The singular value is in your column and in your row, so their product has its square."""
        return {"column times row": right["column times row"] * np.linalg.svd(k)[1][0]}

    @mistake
    def factor_in_neither(self, right, k):
        """The singular value is missing: both your vectors have length 1."""
        return {"column times row": right["column times row"] / np.linalg.svd(k)[1][0]}

    @mistake
    def root_of_the_factor(self, right, k):
        """Your product is too small: one of the two has the root of the singular value, the other
        nothing of it. Together they need the whole of it."""
        s = np.linalg.svd(k)[1][0]
        return {"column times row": right["column times row"] / np.sqrt(s)}

    @mistake
    def one_step_towards_it(self, right, k):
        """Your column is the sum of k's columns, and your row the best one for that column. That is
        one step of the power method: near the nearest, and nothing at all for an edge, whose
        columns cancel."""
        column = k.sum(1)
        size = float(column @ column)
        row = k.T @ column / (size if size > 1e-18 else 1.0)
        return self.with_its_loss(k, np.outer(column, row))

    @mistake
    def power_from_ones(self, right, k):
        """Your column and row are NaN for an edge, whose rows sum to 0: you divide 0 by 0 there, as
        when the steps of the power method begin with a row of ones."""
        if np.allclose(k.sum(1), 0):
            return {"column times row": np.full_like(k, np.nan), "lost": np.nan}

    @mistake
    def eigenvectors(self, right, k):
        """You use what only a square matrix has, as eigenvectors are. A kernel need not be square:
        the nearest product is made of singular vectors, which every matrix has."""
        if len(k) != k.shape[1]:
            return dict.fromkeys(right, raises("LinAlgError", "square"))
        values, vectors = np.linalg.eig(k)
        i = np.abs(values).argmax()
        v = vectors[:, i].real
        return self.with_its_loss(k, values[i].real * np.outer(v, v))

    @mistake
    def column_of_vh(self, right, k):
        """What svd gives last is transposed already. Its rows are the vectors; you take a
        column."""
        u, s, vh = np.linalg.svd(k)
        return {"column times row": np.outer(u[:, 0] * s[0], vh[:, 0])}

    @mistake
    def first_row_and_column(self, right, k):
        """You take the kernel's own first column and row. That is exact for a separable kernel,
        and for another one it copies two lines and ignores the rest."""
        if k[0, 0]:
            return {"column times row": np.outer(k[:, 0], k[0] / k[0, 0])}

    @mistake
    def sums_of_rows_and_columns(self, right, k):
        """You use the sums along each axis. For a separable kernel they do; the nearest kernel
        weighs by squares."""
        if abs(k.sum()) > 1e-9:
            return {"column times row": np.outer(k.sum(1), k.sum(0) / k.sum())}

    @mistake
    def sums_divided_by_zero(self, right, k):
        """You use the sums or means along each axis, and divide by their total, which is 0 for an
        edge. The nearest kernel weighs by squares."""
        total = k.sum()
        total = total if abs(total) > 1e-9 else np.nan
        return self.with_its_loss(k, np.outer(k.sum(1), k.sum(0) / total))

    @mistake
    def sums_that_leave_nothing(self, right, k):
        """You use the sums or means along each axis, and of a kernel whose sums are 0, as an
        edge's, nothing is left. The nearest kernel weighs by squares."""
        total = k.sum()
        row = k.sum(0) / total if abs(total) > 1e-9 else 0 * k.sum(0)
        return self.with_its_loss(k, np.outer(k.sum(1), row))

    def with_its_loss(self, k, product):
        """Another product, and what it really loses."""
        lost = float(((k - product) ** 2).sum() / (k**2).sum())
        return {"column times row": product, "lost": lost}

    @mistake
    def through_the_largest_entry(self, right, k):
        """You take the column and the row through the largest entry. That is exact for a separable
        kernel, and for another one it copies two lines and ignores the rest."""
        i, j = np.unravel_index(np.abs(k).argmax(), k.shape)
        return self.with_its_loss(k, np.outer(k[:, j], k[i] / k[i, j]))

    @mistake
    def last_vectors(self, right, k):
        """You take the last of the vectors that svd gives. They stand in the order of their
        singular values, the largest first."""
        u, s, vh = np.linalg.svd(k, full_matrices=False)
        return self.with_its_loss(k, np.outer(u[:, -1] * s[-1], vh[-1]))

    @mistake
    def lost_not_a_share(self, right, k):
        """What you return as lost is a sum of squares. It is asked for as a share of the sum of all
        squared entries."""
        return {"lost": right["lost"] * float((k**2).sum())}

    @mistake
    def lost_with_the_second_only(self, right, k):
        """What you return as lost is the second singular value's share only. All but the first are
        lost."""
        s = np.linalg.svd(k)[1]
        return {"lost": float(s[1] ** 2 / (s**2).sum())}

    @mistake
    def smallest_piece(self, right, k):
        """You take the piece that belongs to the smallest singular value."""
        u, s, vh = np.linalg.svd(k, full_matrices=False)
        return {"column times row": np.outer(u[:, -1] * s[-1], vh[-1])}

    @mistake
    def exchanged(self, right, k):
        """Your column has the length of a row of k and the other way round. k is rows × columns;
        the column runs down."""
        return {"shapes": right["shapes"][::-1], "column times row": right["column times row"].T}

    @mistake
    def lost_without_squares(self, right, k):
        """The share that is lost is one of squares: of the sum of all squared entries. You add up
        singular values without squaring them."""
        s = np.linalg.svd(k)[1]
        return {"lost": float(1 - s[0] / s.sum())}

    @mistake
    def lost_is_a_root(self, right, k):
        """Your share is that of the lengths: take away the root."""
        return {"lost": float(np.sqrt(right["lost"]))}

    @mistake
    def share_that_stays(self, right, k):
        """You return the share that is kept. The one that is lost is asked for."""
        return {"lost": 1 - right["lost"]}


def copies(w):
    """Flat kernels that copy each channel once for each column, and tall ones that weigh."""
    c_out, c_in, kh, kw = w.shape
    flat = np.eye(c_in * kw).reshape(c_in * kw, c_in, 1, kw)
    return flat, w.swapaxes(2, 3).reshape(c_out, c_in * kw, kh, 1)


class split_exactly(Exercise):
    """Any convolution as a flat one and a tall one, with enough channels between."""

    signature = "split_exactly(w) -> flat, tall"
    reads = {
        "kernel of both together": "the kernel that your two are together",
        "shapes": "the list of your two shapes, flat and tall,",
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
        return {"shapes": [list(flat.shape), list(tall.shape)],
                "kernel of both together": self.together(flat, tall, w)}  # fmt: skip

    def together(self, flat, tall, w):
        """The kernel of the two: what they answer to a single 1 in the middle."""
        c_in, kh, kw = w.shape[1:]
        x = torch.zeros(c_in, c_in, 2 * kh - 1, 2 * kw - 1, dtype=torch.float64)
        x[range(c_in), range(c_in), kh - 1, kw - 1] = 1
        try:
            h = torch.conv2d(torch.conv2d(x, torch.tensor(flat)), torch.tensor(tall))
        except RuntimeError:  # one does not follow the other
            return None
        return h.flip(2, 3).transpose(0, 1).numpy()

    def reference(self, w):
        c_out, c_in, kh, kw = w.shape
        shapes = [[c_in * kw, c_in, 1, kw], [c_out, c_in * kw, kh, 1]]
        return {"shapes": shapes, "kernel of both together": w}

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
        return {"shapes": right["shapes"][::-1],
                "kernel of both together": self.together(*copies(w)[::-1], w)}  # fmt: skip

    @mistake
    def one_channel_each(self, right, w):
        """The kernels of your flat one have a single channel, as with groups. `conv2d` without
        groups takes kernels of all c_in channels; those that are not copied get 0."""
        c_out, c_in, kh, kw = w.shape
        if c_in > 1:
            return {"shapes": [[c_in * kw, 1, 1, kw], right["shapes"][1]],
                    "kernel of both together": None}  # fmt: skip

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
        """In your two together rows and columns of w have changed places, as when it is reshaped
        where axes should be exchanged first."""
        c_out, c_in, kh, kw = w.shape
        return {"kernel of both together": w.reshape(c_out, c_in, kw, kh).swapaxes(2, 3)}

    @mistake
    def every_channel_into_every_copy(self, right, w):
        """Your flat kernels add all channels up. Each copy must be of one channel only."""
        if w.shape[1] > 1:
            summed = np.repeat(w.sum(1, keepdims=True), w.shape[1], axis=1)
            return {"kernel of both together": summed}
