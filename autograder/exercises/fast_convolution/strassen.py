"""Strassen's product of matrices: seven products in place of eight."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises
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
    count, leaf = 0, 64 if leaf is None else leaf
    while max(shape) > leaf:
        shape, count = [-(-size // 2) for size in shape], count + 1
    return count


class strassen(Exercise):
    """Strassen's recursive product of two matrices (1969)."""

    signature = "strassen(A, B, leaf, product) -> C"
    growth = {"A": 1}, {"C": 1}
    minutes = 15
    difficulty = 3
    extra = True
    hints = (
        "Write the seven products down as in the table, each a call of your own function on "
        "quarters.",
        "An odd size is made even by one row or column of zeros. What is too much in the result "
        "is cut off, on every level.",
    )
    counted = ("products", "odd sizes are padded")
    reads = {
        "products": "your code calls `product` {seen} times; {right} is right",
        "odd sizes are padded": "your code makes odd sizes even by zeros: {seen}; {right} is right",
    }
    rtol, atol = 1e-9, 1e-9

    def cases(self, rng):
        for name, points, n, k, m, leaf in [
            ("one level", 0.5, 4, 4, 4, 2),
            ("only the inner size above the leaf", 0.5, 3, 7, 4, 4),
            ("sizes at the leaf", 0.5, 3, 3, 3, 3),
            ("without a leaf", 0.5, 65, 60, 33, None),
            ("two levels, odd sizes", 0.5, 6, 6, 6, 2),
            ("from 160 down to a leaf of 20", 0.5, 160, 40, 24, 20),
            ("all sizes different", 1, 5, 7, 10, 6),
            ("odd on every level", 1, 9, 9, 9, 3),
        ]:
            yield Case(name, points, A=rng.normal(size=(n, k)), B=rng.normal(size=(k, m)),
                       leaf=leaf)  # fmt: skip

    def observe(self, code, A, B, leaf):
        product = Spy(np.matmul)
        sizes = [*A.shape, B.shape[1]]
        least = list(sizes)

        def multiplied(a, b):
            least[:] = [min(pair) for pair in zip(least, [*a.shape, b.shape[1]], strict=True)]
            return product(a, b)

        if leaf is None:
            C = code.strassen(A, B, product=multiplied)
        else:
            C = code.strassen(A, B, leaf, multiplied)
        parts = 1  # on each side, as many as the number of products tells
        while 7 ** (parts.bit_length() - 1) < product.count:
            parts *= 2
        padded = all(parts * part >= size for part, size in zip(least, sizes, strict=True))
        return {"C": C, "products": product.count, "odd sizes are padded": padded}

    def reference(self, A, B, leaf):
        C = torch.tensor(A, device=self.device) @ torch.tensor(B, device=self.device)
        depth = levels([*A.shape, B.shape[1]], leaf)
        return {"C": C, "products": 7**depth, "odd sizes are padded": True}

    def variant(self, A, B, leaf, join=joined, multiply=seven):
        """The recursion with another way to join quarters, or with other products."""
        if max(*A.shape, B.shape[1]) <= (leaf or 64):
            return A @ B
        products = multiply(
            even(A), even(B), lambda a, b: self.variant(a, b, leaf, join, multiply)
        )
        return join(*products)[: A.shape[0], : B.shape[1]]

    @mistake
    def eight_products(self, right, A, B, leaf):
        """Your code takes eight products on each level: this is the ordinary way, in blocks.
        Strassen saves one of the eight."""
        depth = levels([*A.shape, B.shape[1]], leaf)
        return {"products": 8**depth} if depth else None

    @mistake
    def product_for_something_else(self, right, A, B, leaf):
        """You call `product` once more on each level. It is for the products at the leaves and
        for nothing else."""
        depth = levels([*A.shape, B.shape[1]], leaf)
        return {"products": sum(7**level for level in range(depth + 1))} if depth else None

    @mistake
    def product_once_more(self, right, A, B, leaf):
        """You call `product` once more than there are products at the leaves. It is for these and
        for nothing else."""
        return {"products": right["products"] + 1} if levels([*A.shape, B.shape[1]], leaf) else None

    @mistake
    def one_level_only(self, right, A, B, leaf):
        """You split once. The seven products are products of matrices too: compute them in the
        same way, down to the same leaf."""
        if levels([*A.shape, B.shape[1]], leaf) > 1:
            return {"products": 7}

    @mistake
    def leaf_not_passed_on(self, right, A, B, leaf):
        """Your recursion forgets `leaf`: the levels below the first go by its default, 64. Pass it
        on with every call of your own function."""
        shape = [*A.shape, B.shape[1]]
        if leaf is not None and levels(shape, leaf):
            return {"products": 7 ** (1 + levels([-(-size // 2) for size in shape], None))}

    @mistake
    def split_below_the_leaf(self, right, A, B, leaf):
        """You split once more than asked: a product whose sizes are at most leaf is computed
        directly."""
        leaf, shape = leaf or 64, [*A.shape, B.shape[1]]
        if levels(shape, leaf - 1) > levels(shape, leaf):
            return {"products": 7 ** levels(shape, leaf - 1)}

    @mistake
    def product_not_used(self, right, A, B, leaf):
        """The products at the leaves are not taken with `product`, so they cannot be counted."""
        return {"products": 0}

    @mistake
    def stops_at_the_smallest_size(self, right, A, B, leaf):
        """You stop when one of the three sizes is small enough. Go on until all of them are."""
        shape, depth = [*A.shape, B.shape[1]], 0
        while min(shape) > (leaf or 64):
            shape, depth = [-(-size // 2) for size in shape], depth + 1
        return {"products": 7**depth}

    def compared(self, A, B, leaf, which):
        """How many products there are when only some sizes are compared with the leaf."""
        shape, depth = [*A.shape, B.shape[1]], 0
        while max(shape[axis] for axis in which) > (leaf or 64):
            shape, depth = [-(-size // 2) for size in shape], depth + 1
        return {"products": 7**depth}

    @mistake
    def inner_size_not_compared(self, right, A, B, leaf):
        """You compare the result's two sizes with leaf, and not the inner one, k. Go on until none
        of the three is above leaf."""
        return self.compared(A, B, leaf, (0, 2))

    @mistake
    def rows_alone_compared(self, right, A, B, leaf):
        """You compare the number of rows, n, with leaf, and neither of the two other sizes. Go on
        until none of the three is above leaf."""
        return self.compared(A, B, leaf, (0,))

    @mistake
    def columns_alone_compared(self, right, A, B, leaf):
        """You compare the number of columns, m, with leaf, and neither of the two other sizes. Go
        on until none of the three is above leaf."""
        return self.compared(A, B, leaf, (2,))

    @mistake
    def odd_sizes_taken_directly(self, right, A, B, leaf):
        """Where a size is odd you compute the product directly, though it is above leaf. Make it
        even by a row or column of zeros, and go on."""
        shape, depth = [*A.shape, B.shape[1]], 0
        while max(shape) > (leaf or 64) and not any(size % 2 for size in shape):
            shape, depth = [size // 2 for size in shape], depth + 1
        return {"products": 7**depth}

    @mistake
    def odd_edges_apart(self, right, A, B, leaf):
        """Where a size is odd you split what is left without its last row or column, and multiply
        these by themselves. Make the size even by zeros instead."""
        shape, depth = [*A.shape, B.shape[1]], 0
        odd = False
        while max(shape) > (leaf or 64):
            odd = odd or any(size % 2 for size in shape)
            shape, depth = [size // 2 for size in shape], depth + 1
        return {"products": 7**depth, "odd sizes are padded": False} if odd else {}

    @mistake
    def another_default_leaf(self, right, A, B, leaf):
        """Where `leaf` is not given, you split down to another size than 64, its default."""
        return {"products": 7 ** levels([*A.shape, B.shape[1]], 32)} if leaf is None else {}

    @mistake
    def padded_to_a_power_of_two(self, right, A, B, leaf):
        """You pad to the next power of two at once. That can nearly double each size, and bring
        another level: pad by one row or column where a size is odd."""
        size = 2 ** int(np.ceil(np.log2(max(*A.shape, B.shape[1]))))
        if levels([*A.shape, B.shape[1]], leaf):
            return {"products": 7 ** levels([size], leaf)}

    @mistake
    def padded_before_looking_at_the_leaf(self, right, A, B, leaf):
        """You pad to the next power of two before anything else, even matrices that are no larger
        than leaf. Compare with leaf first, and pad by one row or column where a size is odd."""
        size = 1 << (max(*A.shape, B.shape[1]) - 1).bit_length()
        return {"products": 7 ** levels([size], leaf)}

    @mistake
    def last_row_dropped(self, right, A, B, leaf):
        """For odd sizes the last row or column is left out of the products, and zeros stand in
        the result."""
        def cut_even(matrix):
            return matrix[: matrix.shape[0] // 2 * 2, : matrix.shape[1] // 2 * 2]

        def times(a, b):
            if max(*a.shape, b.shape[1]) <= (leaf or 64):
                return a @ b
            C = np.zeros((a.shape[0], b.shape[1]))
            inner = joined(*seven(cut_even(a), cut_even(b), times))
            C[: inner.shape[0], : inner.shape[1]] = inner
            return C

        return self.smaller_leaves(A, B, leaf) | {"C": times(A, B)}

    def smaller_leaves(self, A, B, leaf, axes=(0, 1, 2)):
        """What is seen when sizes are rounded down on the way to the leaves."""
        shape = [*A.shape, B.shape[1]]
        while max(shape) > (leaf or 64):
            if any(shape[axis] % 2 for axis in axes):
                return {"odd sizes are padded": False}
            shape = [-(-size // 2) for size in shape]
        return {}

    @mistake
    def padding_not_cut_off(self, right, A, B, leaf):
        """The result of odd sizes has a row or column too many: cut off what the padding added."""
        if A.shape[0] % 2 and levels([*A.shape, B.shape[1]], leaf):
            return {"C": even(right["C"])}

    @mistake
    def padding_never_cut_off(self, right, A, B, leaf):
        """The rows and columns of zeros that made sizes even are still on your results, on every
        level. Cut each result to the sizes before the padding."""
        def times(a, b):
            if max(*a.shape, b.shape[1]) <= (leaf or 64):
                return a @ b
            return joined(*seven(even(a), even(b), times))

        return {"C": times(A, B)}

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

    def with_sums(self, A, B, leaf, number, left, right):
        """One of the seven products with another sum of quarters on one side."""
        def multiply(A, B, times):
            found = seven(A, B, times)
            a, b = quarters(A), quarters(B)
            found[number - 1] = times(left(*a), right(*b))
            return found

        return {"C": self.variant(A, B, leaf, multiply=multiply)}

    @mistake
    def sum_in_the_sixth_product(self, right, A, B, leaf):
        """Your M6 is off: its left factor is A21 − A11, a difference."""
        return self.with_sums(A, B, leaf, 6, lambda a, b, c, d: c + a, lambda e, f, g, h: e + f)

    @mistake
    def sum_in_the_seventh_product(self, right, A, B, leaf):
        """Your M7 is off: its left factor is A12 − A22, a difference."""
        return self.with_sums(A, B, leaf, 7, lambda a, b, c, d: b + d, lambda e, f, g, h: g + h)

    @mistake
    def sixth_product_negative(self, right, A, B, leaf):
        """M6 has the wrong sign in your C: its left factor is A21 − A11, and C22 adds it."""
        return self.with_sums(A, B, leaf, 6, lambda a, b, c, d: a - c, lambda e, f, g, h: e + f)

    @mistake
    def seventh_product_negative(self, right, A, B, leaf):
        """M7 has the wrong sign in your C: its left factor is A12 − A22, and C11 adds it."""
        return self.with_sums(A, B, leaf, 7, lambda a, b, c, d: d - b, lambda e, f, g, h: g + h)

    @mistake
    def third_product_negative(self, right, A, B, leaf):
        """M3 has the wrong sign in your C: its right factor is B12 − B22, and C12 and C22 both add
        it."""
        return self.with_sums(A, B, leaf, 3, lambda a, b, c, d: a, lambda e, f, g, h: h - f)

    @mistake
    def fourth_product_negative(self, right, A, B, leaf):
        """M4 has the wrong sign in your C: its right factor is B21 − B11, and C11 and C21 both add
        it."""
        return self.with_sums(A, B, leaf, 4, lambda a, b, c, d: d, lambda e, f, g, h: e - g)

    @mistake
    def second_and_third_exchanged_signs(self, right, A, B, leaf):
        """The signs of M2 and M3 in your lower right quarter are exchanged: it is
        M1 − M2 + M3 + M6."""
        def join(m1, m2, m3, m4, m5, m6, m7):
            return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 + m2 - m3 + m6]])

        return {"C": self.variant(A, B, leaf, join)}

    @mistake
    def product_not_passed_on(self, right, A, B, leaf):
        """Your recursion forgets `product`: it is called where nothing is split, but not on the
        levels below. Pass it on with every call of your own function."""
        if levels([*A.shape, B.shape[1]], leaf):
            return {"products": 0}

    @mistake
    def odd_sizes_stop(self, right, A, B, leaf):
        """Your code stops at odd sizes: the quarters then have different sizes. Make an odd size
        even by a row or column of zeros, and cut the result."""
        shape = [*A.shape, B.shape[1]]
        while max(shape) > (leaf or 64):
            if any(size % 2 for size in shape):
                return {name: raises("ValueError") for name in right}
            shape = [size // 2 for size in shape]

    @mistake
    def odd_middle_size_cut(self, right, A, B, leaf):
        """For an odd number of columns of A your last one is left out of the sums. Make that size
        even, too, by zeros."""
        def times(a, b):
            if max(*a.shape, b.shape[1]) <= (leaf or 64):
                return a @ b
            k = len(b) // 2 * 2
            found = joined(*seven(even(a[:, :k]), even(b[:k]), times))
            return found[: len(a), : b.shape[1]]

        return self.smaller_leaves(A, B, leaf, axes=(1,)) | {"C": times(A, B)}

    @mistake
    def side_quarters_exchanged(self, right, A, B, leaf):
        """The upper right and the lower left quarter have changed places."""
        def join(m1, m2, m3, m4, m5, m6, m7):
            shapes = (m1 + m4 - m5 + m7, m2 + m4, m3 + m5, m1 - m2 + m3 + m6)
            return np.block([list(shapes[:2]), list(shapes[2:])])

        if A.shape[0] == B.shape[1]:
            return {"C": self.variant(A, B, leaf, join)}
