"""Winograd's minimal filtering: fewer products for small kernels, counted."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from course_utils.recipes.bilinear import Bilinear

BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], float)
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], float)


def f23(d, g, bt=BT, g_matrix=G, at=AT):
    """F(2, 3) of a row, or F(2×2, 3×3) of a square, with these three matrices."""
    if d.ndim == 1:
        return at @ ((g_matrix @ g) * (bt @ d))
    return at @ ((g_matrix @ g @ g_matrix.T) * (bt @ d @ bt.T)) @ at.T


class winograd_f23(Exercise):
    """Two outputs of a filter of three weights with four products; in 2D, four with 16."""

    signature = "winograd_f23(d, g) -> y"
    growth = {"d": 1}, {"y": 1}
    minutes = 10
    difficulty = 2
    hints = (
        "Three matrices, one elementwise product between them. On which side of the filter does G "
        "stand in one dimension? In two dimensions every matrix stands on both sides.",
        "Tell the two cases apart by d.ndim. Put nothing into arrays of zeros that you made "
        "yourself, and the counted numbers stay what they are.",
    )
    counted = ("products", "numbers")
    reads = {
        "products": "your code takes {seen} products of data and filter; {right} is right",
        "numbers": "the numbers in your `y` are {seen}, where d and g hold objects; {right} is "
        "asked for",
    }
    rtol, atol = 1e-9, 1e-9

    def cases(self, rng):
        def whole(size):
            return rng.integers(-9, 10, size)

        yield Case("one dimension", 1, d=rng.normal(size=4), g=rng.normal(size=3))
        yield Case("one dimension, whole numbers", 1, d=whole(4), g=2 * whole(3) + [1, 0, 0])
        yield Case("two dimensions", 1, d=rng.normal(size=(4, 4)), g=rng.normal(size=(3, 3)))
        yield Case("two dimensions, whole numbers", 1, d=whole((4, 4)),
                   g=2 * whole((3, 3)) + np.eye(3, dtype=int))  # fmt: skip

    def observe(self, code, d, g):
        if d.dtype.kind == "i":
            y = code.winograd_f23(d, g)
            return {"y": y if y is None else np.array(y, dtype=float)}
        counter = Bilinear()
        y = code.winograd_f23(counter.numbers(d, "data"), counter.numbers(g, "filter"))
        if y is None:
            return {"y": y}
        plain = all(isinstance(v, (int, float, np.number)) for v in np.array(y, object).ravel())
        return {
            "y": np.array(y, dtype=float),
            "products": counter.products,
            "numbers": "plain floats" if plain else "such objects",
        }

    def reference(self, d, g):
        counted = d.dtype.kind != "i"
        d, g = (torch.tensor(a, dtype=torch.float64, device=self.device)[None, None]
                for a in (d, g))  # fmt: skip
        correlate = F.conv1d if d.ndim == 3 else F.conv2d
        judged = {"y": correlate(d, g)[0, 0]}
        if not counted:
            return judged
        return judged | {"products": 4 if d.ndim == 3 else 16, "numbers": "such objects"}

    def whole_filter(self, d, g, rounded):
        """With a filter whose transform is made whole."""
        changed = rounded(G @ g if d.ndim == 1 else G @ g @ G.T)
        if d.ndim == 1:
            return {"y": AT @ (changed * (BT @ d))}
        return {"y": AT @ (changed * (BT @ d @ BT.T)) @ AT.T}

    @mistake
    def filter_made_whole(self, right, d, g):
        """For filters of whole numbers your transformed filter loses its halves, as when it is
        put back into their dtype. Keep it in floats."""
        if d.dtype.kind == "i":
            return self.whole_filter(d, g, np.trunc)

    @mistake
    def matrix_made_whole(self, right, d, g):
        """For filters of whole numbers the halves in your G have become 0, as when G is put into
        the filter's dtype. Keep it in floats."""
        if d.dtype.kind == "i":
            return {"y": f23(d, g, g_matrix=np.trunc(G))}

    @mistake
    def put_into_floats(self, right, d, g):
        """Your numbers end in an array of floats. d and g may hold objects: make new arrays by
        expressions, or with dtype=d.dtype."""
        if "numbers" in right:
            return {"numbers": "plain floats"}

    @mistake
    def third_product_turned(self, right, d, g):
        """Your third product has the wrong sign. Its data are d₂ − d₁."""
        return {"y": f23(d, g, bt=BT * np.array([[1], [1], [-1], [1]]))}

    @mistake
    def data_not_transposed_on_the_right(self, right, d, g):
        """In two dimensions your data have the same matrix on both sides. On the right it stands
        transposed: Bᵀ d B."""
        if d.ndim == 2:
            return {"y": AT @ ((G @ g @ G.T) * (BT @ d @ BT)) @ AT.T}

    @mistake
    def filter_transposed(self, right, d, g):
        """In two dimensions your filter is transposed: its rows meet the columns of the data."""
        if d.ndim == 2:
            return {"y": f23(d, g.T)}

    @mistake
    def matrix_product_in_the_middle(self, right, d, g):
        """In two dimensions you take a matrix product of filter and data. In the middle each
        number is multiplied by the one in the same place."""
        if d.ndim == 2:
            changed = {"y": AT @ ((G @ g @ G.T) @ (BT @ d @ BT.T)) @ AT.T}
            return changed | ({"products": 64} if "products" in right else {})

    @mistake
    def one_dimension_only(self, right, d, g):
        """Your code stops for 4×4 data with shapes that do not fit, as happens when every matrix
        stands on one side only. In two dimensions it stands on both."""
        if d.ndim == 2:
            return {name: raises("ValueError", "broadcast") for name in right}

    @mistake
    def halves_forgotten_and_last_sign(self, right, d, g):
        """The halves in the middle rows of G are missing, and the last product has the wrong
        sign."""
        whole = np.where(G == 0.5, 1, np.where(G == -0.5, -1, G))
        return {"y": f23(d, g, bt=BT * np.array([[1], [1], [1], [-1]]), g_matrix=whole)}

    @mistake
    def direct(self, right, d, g):
        """Each of your outputs takes as many products as the filter has weights. The point is to
        take fewer."""
        if "products" in right:
            return {"products": 2 * 3 if d.ndim == 1 else 4 * 9}

    @mistake
    def direct_in_one_dimension(self, right, d, g):
        """In two dimensions you save products; in one dimension each of your two outputs still
        takes three. Four are enough for both."""
        if d.ndim == 1 and "products" in right:
            return {"products": 6}

    @mistake
    def direct_in_two_dimensions(self, right, d, g):
        """In one dimension you save products; in two dimensions each of your four outputs still
        takes nine. Every matrix then stands on both sides."""
        if d.ndim == 2 and "products" in right:
            return {"products": 36}

    @mistake
    def one_dimension_at_a_time(self, right, d, g):
        """You use the one-dimensional algorithm on each row of the filter. That is 24 products;
        with the matrices on both sides it is 16."""
        if d.ndim == 2 and "products" in right:
            return {"products": 24}

    @mistake
    def counting_lost(self, right, d, g):
        """No product of data and filter was seen: somewhere before it your numbers are put into a
        float array. Make new arrays by expressions, or with dtype=d.dtype."""
        if "products" in right:
            return {"products": 0, "numbers": "plain floats"}

    def with_last_product(self, d, g, first, last=-1.0):
        """With the fourth product in the first output, too, and a sign of it in the last."""
        at = AT.copy()
        at[0, 3], at[1, 3] = first, last
        return {"y": f23(d, g, at=at)}

    @mistake
    def last_product_in_both_outputs(self, right, d, g):
        """Your first output has the fourth product in it. It belongs to the last output only:
        y₀ = m₁ + m₂ + m₃."""
        return self.with_last_product(d, g, 1)

    @mistake
    def last_product_taken_from_both_outputs(self, right, d, g):
        """You take the fourth product from the first output, too. It belongs to the last output
        only: y₀ = m₁ + m₂ + m₃."""
        return self.with_last_product(d, g, -1)

    @mistake
    def last_product_in_both_of_a_row(self, right, d, g):
        """In one dimension your first output has the fourth product in it. It belongs to the last
        output only: y₀ = m₁ + m₂ + m₃."""
        return self.with_last_product(d, g, 1) if d.ndim == 1 else None

    @mistake
    def last_product_taken_from_both_of_a_row(self, right, d, g):
        """In one dimension you take the fourth product from the first output, too. It belongs to
        the last output only: y₀ = m₁ + m₂ + m₃."""
        return self.with_last_product(d, g, -1) if d.ndim == 1 else None

    @mistake
    def last_sign_in_one_dimension(self, right, d, g):
        """In one dimension the last product enters the last output with the wrong sign, or its
        data, d₁ − d₃, have it."""
        return self.with_last_product(d, g, 0, 1) if d.ndim == 1 else None

    @mistake
    def halves_forgotten_in_one_dimension(self, right, d, g):
        """In one dimension the two middle rows of your G have no halves in them."""
        return self.halves_forgotten(right, d, g) if d.ndim == 1 else None

    @mistake
    def turned_round_in_one_dimension(self, right, d, g):
        """In one dimension your filter is turned round. Nets correlate:
        y₀ = d₀g₀ + d₁g₁ + d₂g₂."""
        return {"y": f23(d, g[::-1])} if d.ndim == 1 else None

    @mistake
    def filter_turned_round(self, right, d, g):
        """Your filter is turned round. Nets correlate: y₀ = d₀g₀ + d₁g₁ + d₂g₂."""
        return {"y": f23(d, np.flip(g))}

    @mistake
    def halves_forgotten(self, right, d, g):
        """The two middle rows of G have halves in them."""
        whole = np.where(G == 0.5, 1, np.where(G == -0.5, -1, G))
        return {"y": f23(d, g, g_matrix=whole)}

    @mistake
    def sign_of_the_last_product(self, right, d, g):
        """The last product has the wrong sign in the last output: with the data d₁ − d₃ it is taken
        away there."""
        return {"y": f23(d, g, bt=BT * np.array([[1], [1], [1], [-1]]))}

    @mistake
    def sign_of_the_third_product(self, right, d, g):
        """The third product has the wrong sign in the second output: with the data d₂ − d₁ it is
        taken away there."""
        return {"y": f23(d, g, at=np.abs(AT) * np.array([[1, 1, 1, 1], [1, 1, 1, -1]]))}

    @mistake
    def outputs_exchanged(self, right, d, g):
        """The outputs stand in reverse order."""
        return {"y": np.flip(right["y"])}

    @mistake
    def transposed(self, right, d, g):
        """Your output is transposed: its rows and columns have changed places, as when the matrices
        stand on the wrong sides. The products are Bᵀ d B, G g Gᵀ and Aᵀ M A."""
        if d.ndim == 2:
            return {"y": right["y"].T}

    @mistake
    def data_transformed_on_one_side(self, right, d, g):
        """In two dimensions the data are transformed along both axes: Bᵀ d B. Yours are along one
        only."""
        if d.ndim == 2:
            return {"y": AT @ ((G @ g @ G.T) * (BT @ d)) @ AT.T}
