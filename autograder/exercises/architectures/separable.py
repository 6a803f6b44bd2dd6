"""Exercise of notebook 09: when one kernel is worth two. What they cost is in `cost`, the way to
do it exactly in `split`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


class rank_one(Exercise):
    """The nearest kernel that is a column times a row."""

    signature = "rank_one(k) -> column, row, lost"
    growth = {"k": 1}, {"column times row": 1}
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
        """For an edge, whose rows sum to 0, the product of your column and row is NaN: you divide
        by 0 there, as when the steps of the power method begin with a row of ones."""
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
    def column_of_the_short_vh(self, right, k):
        """What svd gives last is transposed already, so your row is a column of it, and for a wide
        kernel too short. Its rows are the vectors; take the first."""
        u, s, vh = np.linalg.svd(k, full_matrices=False)
        shown = {"column times row": np.outer(u[:, 0] * s[0], vh[:, 0])}
        return shown | {"shapes": [[len(k)], [len(vh)]]}

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
    def sums_and_lost_is_a_root(self, right, k):
        """Two things: you use the sums or means along each axis, where the nearest kernel weighs by
        squares; and what you return as lost is a share of lengths, where it is one of squares."""
        shown = self.sums_divided_by_zero(right, k)
        return shown | {"lost": float(np.sqrt(shown["lost"]))}

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

    def centred(self, k, mean):
        """The best piece of k once a mean is taken off, and what is lost of that."""
        u, s, vh = np.linalg.svd(k - mean, full_matrices=False)
        total = (s**2).sum()
        lost = float((s[1:] ** 2).sum() / total) if total > 1e-18 else 0.0
        return {"column times row": s[0] * np.outer(u[:, 0], vh[0]), "lost": lost}

    @mistake
    def columns_centred(self, right, k):
        """You take the mean of each column off before you decompose, as principal components have
        it. k itself is to be approximated."""
        return self.centred(k, k.mean(0))

    @mistake
    def rows_centred(self, right, k):
        """You take the mean of each row off before you decompose, as principal components have it.
        k itself is to be approximated."""
        if not np.allclose(k.sum(1), 0):
            return self.centred(k, k.mean(1, keepdims=True))

    @mistake
    def mean_taken_off(self, right, k):
        """You take the mean of all entries off before you decompose. k itself is to be
        approximated."""
        return self.centred(k, k.mean()) if abs(k.mean()) > 1e-9 else None

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
    def lost_is_a_mean(self, right, k):
        """What you return as lost is the mean of the squared differences. It is their sum, as a
        share of the sum of all squared entries of k."""
        return {"lost": right["lost"] * float((k**2).mean())}

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
