"""Strassen's product of matrices: seven products in place of eight."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.instruments.spies import Spy


def quarters(matrix):
    """The four quarters of a matrix of even sizes."""
    rows, columns = matrix.shape[0] // 2, matrix.shape[1] // 2
    return (matrix[:rows, :columns], matrix[:rows, columns:],
            matrix[rows:, :columns], matrix[rows:, columns:])  # fmt: skip


def seven(A, B, multiply):
    """Strassen's seven products of quarters."""
    a, b, c, d = quarters(A)
    e, f, g, h = quarters(B)
    left = (a + d, c + d, a, d, a + b, c - a, b - d)
    right = (e + h, e, f - h, g - e, h, e + f, g + h)
    return [multiply(x, y) for x, y in zip(left, right, strict=True)]


def joined(m1, m2, m3, m4, m5, m6, m7):
    return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])


def even(matrix):
    return np.pad(matrix, [(0, size % 2) for size in matrix.shape])


def levels(shape, leaf):
    """How often a product with these three sizes is split before none is above `leaf`."""
    count = 0
    while max(shape) > leaf:
        shape, count = [-(-size // 2) for size in shape], count + 1
    return count


class strassen(Exercise):
    """Strassen's recursive product of two matrices (1969)."""

    signature = "strassen(A, B, leaf, product)"
    minutes = 15
    difficulty = 3
    extra = True
    hints = (
        "Write the seven products down as in the table, each a call of your own function on "
        "quarters.",
        "An odd size is made even by one row or column of zeros. What is too much in the result "
        "is cut off, on every level.",
    )
    counted = ("products",)
    rtol, atol = 1e-9, 1e-9

    def cases(self, rng):
        for name, points, n, k, m, leaf in [
            ("one level", 1, 4, 4, 4, 2),
            ("sizes at the leaf", 1, 3, 3, 3, 3),
            ("two levels, odd sizes", 1, 6, 6, 6, 2),
            ("all sizes different", 1, 5, 7, 9, 4),
            ("odd on every level", 1, 5, 5, 5, 3),
        ]:
            yield Case(name, points, A=rng.normal(size=(n, k)), B=rng.normal(size=(k, m)),
                       leaf=leaf)  # fmt: skip

    def observe(self, code, A, B, leaf):
        product = Spy(np.matmul)
        return {"C": code.strassen(A, B, leaf, product), "products": product.count}

    def reference(self, A, B, leaf):
        C = torch.tensor(A, device=self.device) @ torch.tensor(B, device=self.device)
        return {"C": C, "products": 7 ** levels([*A.shape, B.shape[1]], leaf)}

    def variant(self, A, B, leaf, join=joined, make_even=even):
        """The recursion with another way to join quarters or to treat odd sizes."""
        if max(*A.shape, B.shape[1]) <= leaf:
            return A @ B
        products = seven(
            make_even(A), make_even(B), lambda a, b: self.variant(a, b, leaf, join, make_even)
        )
        return join(*products)[: A.shape[0], : B.shape[1]]

    @mistake
    def eight_products(self, right, A, B, leaf):
        """The result is right, but there are eight products on each level: this is the ordinary
        way, in blocks. Strassen saves one of the eight."""
        depth = levels([*A.shape, B.shape[1]], leaf)
        return {"products": 8**depth} if depth else None

    @mistake
    def one_level_only(self, right, A, B, leaf):
        """You split once. The seven products are products of matrices too: compute them in the
        same way, down to the leaf."""
        if levels([*A.shape, B.shape[1]], leaf) > 1:
            return {"products": 7}

    @mistake
    def split_below_the_leaf(self, right, A, B, leaf):
        """You split once more than asked: a product whose sizes are at most leaf is computed
        directly."""
        return {"products": 7 ** levels([*A.shape, B.shape[1]], leaf - 1)}

    @mistake
    def product_not_used(self, right, A, B, leaf):
        """The products at the leaves are not taken with `product`, so they cannot be counted."""
        return {"products": 0}

    @mistake
    def stops_at_the_smallest_size(self, right, A, B, leaf):
        """You stop when one of the three sizes is small enough. Go on until all of them are."""
        shape, depth = [*A.shape, B.shape[1]], 0
        while min(shape) > leaf:
            shape, depth = [-(-size // 2) for size in shape], depth + 1
        return {"products": 7**depth}

    @mistake
    def padded_to_a_power_of_two(self, right, A, B, leaf):
        """You pad to the next power of two at once. That can nearly double each size, and bring
        another level: pad by one row or column where a size is odd."""
        size = 2 ** int(np.ceil(np.log2(max(*A.shape, B.shape[1]))))
        if levels([size], leaf):
            return {"products": 7 ** levels([size], leaf)}

    @mistake
    def last_row_dropped(self, right, A, B, leaf):
        """For odd sizes the last row or column is left out of the products, and zeros stand in
        the result."""
        def cut_even(matrix):
            return matrix[: matrix.shape[0] // 2 * 2, : matrix.shape[1] // 2 * 2]

        def times(a, b):
            if max(*a.shape, b.shape[1]) <= leaf:
                return a @ b
            C = np.zeros((a.shape[0], b.shape[1]))
            inner = joined(*seven(cut_even(a), cut_even(b), times))
            C[: inner.shape[0], : inner.shape[1]] = inner
            return C

        return {"C": times(A, B)}

    @mistake
    def padding_not_cut_off(self, right, A, B, leaf):
        """The result of odd sizes has a row or column too many: cut off what the padding added."""
        if A.shape[0] % 2 and levels([*A.shape, B.shape[1]], leaf):
            return {"C": even(right["C"])}

    @mistake
    def sign_in_the_first_quarter(self, right, A, B, leaf):
        """The upper left quarter is M1 + M4 − M5 + M7. One of its signs is off."""
        def join(m1, m2, m3, m4, m5, m6, m7):
            return np.block([[m1 + m4 + m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])

        return {"C": self.variant(A, B, leaf, join)}

    @mistake
    def sign_in_the_last_quarter(self, right, A, B, leaf):
        """The lower right quarter is M1 − M2 + M3 + M6. One of its signs is off."""
        def join(m1, m2, m3, m4, m5, m6, m7):
            return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 + m2 + m3 + m6]])

        return {"C": self.variant(A, B, leaf, join)}

    @mistake
    def side_quarters_exchanged(self, right, A, B, leaf):
        """The upper right and the lower left quarter have changed places."""
        def join(m1, m2, m3, m4, m5, m6, m7):
            shapes = (m1 + m4 - m5 + m7, m2 + m4, m3 + m5, m1 - m2 + m3 + m6)
            return np.block([list(shapes[:2]), list(shapes[2:])])

        if A.shape[0] == B.shape[1]:
            return {"C": self.variant(A, B, leaf, join)}
