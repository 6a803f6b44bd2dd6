"""Winograd's minimal filtering: fewer products for small kernels, counted."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near
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
    """Two outputs of a three-tap filter with four products; in two dimensions, four with 16."""

    signature = "winograd_f23(d, g)"
    minutes = 10
    difficulty = 2
    hints = (
        "Three matrices, one elementwise product between them. On which side of the filter does G "
        "stand in one dimension? In two dimensions every matrix stands on both sides.",
        "Tell the two cases apart by d.ndim. Put nothing into arrays of zeros that you made "
        "yourself, and the counted numbers stay what they are.",
    )
    counted = ("products",)
    rtol, atol = 1e-9, 1e-9

    def cases(self, rng):
        yield Case("one dimension", 1, d=rng.normal(size=4), g=rng.normal(size=3))
        yield Case("one dimension, a difference filter", 1, d=rng.normal(size=4),
                   g=np.array([1.0, 0.0, -2.0]))  # fmt: skip
        yield Case("two dimensions", 2, d=rng.normal(size=(4, 4)), g=rng.normal(size=(3, 3)))

    def observe(self, code, d, g):
        counter = Bilinear()
        y = code.winograd_f23(counter.numbers(d, "data"), counter.numbers(g, "filter"))
        y = y if y is None else np.array(y, dtype=float)
        return {"y": y, "products": counter.products}

    def reference(self, d, g):
        d, g = (torch.tensor(a, device=self.device)[None, None] for a in (d, g))
        correlate = F.conv1d if d.ndim == 3 else F.conv2d
        return {"y": correlate(d, g)[0, 0], "products": 4 if d.ndim == 3 else 16}

    @mistake
    def direct(self, right, d, g):
        """The values are right, but each output takes as many products as the filter has weights.
        The point is to take fewer."""
        return {"products": 2 * 3 if d.ndim == 1 else 4 * 9}

    @mistake
    def direct_in_one_dimension(self, right, d, g):
        """In two dimensions you save products; in one dimension each of your two outputs still
        takes three. Four are enough for both."""
        if d.ndim == 1:
            return {"products": 6}

    @mistake
    def direct_in_two_dimensions(self, right, d, g):
        """In one dimension you save products; in two dimensions each of your four outputs still
        takes nine. Every matrix then stands on both sides."""
        if d.ndim == 2:
            return {"products": 36}

    @mistake
    def one_dimension_at_a_time(self, right, d, g):
        """You use the one-dimensional algorithm on each row of the filter. That is 24 products;
        with the matrices on both sides it is 16."""
        if d.ndim == 2:
            return {"products": 24}

    @mistake
    def counting_lost(self, right, d, g):
        """The values are right, but no product of data and filter was seen. Somewhere the numbers
        are put into a float array: make new arrays by expressions, or with dtype=d.dtype."""
        return {"products": 0}

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
        """The last product enters the last output with a minus, or its data are d₁ − d₃: one of
        the two signs is off."""
        return {"y": f23(d, g, bt=BT * np.array([[1], [1], [1], [-1]]))}

    @mistake
    def sign_of_the_third_product(self, right, d, g):
        """The third product has d₂ − d₁, and the second output takes it away. One of the two
        signs is off."""
        return {"y": f23(d, g, at=np.abs(AT) * np.array([[1, 1, 1, 1], [1, 1, 1, -1]]))}

    @mistake
    def outputs_exchanged(self, right, d, g):
        """The outputs stand in reverse order."""
        return {"y": np.flip(right["y"])}

    @mistake
    def transposed(self, right, d, g):
        """Your output is transposed: the matrices stand on the wrong sides. Write Bᵀ d B, G g Gᵀ
        and Aᵀ M A."""
        if d.ndim == 2:
            return {"y": right["y"].T}

    @mistake
    def data_transformed_on_one_side(self, right, d, g):
        """In two dimensions the data are transformed along both axes: Bᵀ d B. Yours are along one
        only."""
        if d.ndim == 2:
            return {"y": AT @ ((G @ g @ G.T) * (BT @ d)) @ AT.T}


def tiles(size):
    return -(-size // 2)


class winograd_conv3x3(Exercise):
    """A 3×3 convolution layer by F(2×2, 3×3): tile by tile, with 2.25 times fewer products."""

    signature = "winograd_conv3x3(x, w, b, pad)"
    minutes = 20
    difficulty = 3
    extra = True
    hints = (
        "Tile number t computes output rows 2t and 2t + 1. Which rows of the padded image does it "
        "need, and how many of them does the next tile need too?",
        "For an odd number of outputs add a row or column of zeros to the image and cut the output "
        "at the end.",
        "All tiles of all images as one view, (N, C, th, tw, 4, 4), and the matrices on both sides "
        "of its last two axes. Then sum over channels before Aᵀ and A: that is linear.",
    )
    counted = ("products", "filters transformed")

    def cases(self, rng):
        for name, points, x, f, pad, counting, dtype in [
            ("even output sizes", 1, (2, 3, 6, 8), 4, 0, False, "f8"),
            ("odd output sizes, padding 1", 1, (3, 2, 5, 7), 4, 1, False, "f8"),
            ("padding 2, single precision", 1, (2, 2, 4, 5), 3, 2, False, "f4"),
            ("products counted, even sizes", 1, (2, 2, 6, 4), 3, 0, True, "f8"),
            ("products counted, odd sizes, padding 1", 1, (1, 2, 3, 5), 3, 1, True, "f8"),
        ]:
            yield Case(
                name, points, x=rng.normal(size=x).astype(dtype),
                w=rng.normal(size=(f, x[1], 3, 3)).astype(dtype),
                b=rng.normal(size=f).astype(dtype), pad=pad, counting=counting,
            )  # fmt: skip

    def observe(self, code, x, w, b, pad, counting):
        if not counting:
            return {"out": code.winograd_conv3x3(x, w, b, pad)}
        counter, single = Bilinear(), Bilinear()
        out = code.winograd_conv3x3(
            counter.numbers(x, "data"), counter.numbers(w, "filter"), b, pad
        )
        # How much work the filters are is known from a layer of one image and one tile.
        tile = single.numbers(np.ones((1, x.shape[1], 4, 4)), "data")
        code.winograd_conv3x3(tile, single.numbers(w, "filter"), b, 0)
        once = max(single.work["filter"], 1)
        return {
            "out": out if out is None else np.array(out, dtype=float),
            "products": counter.products,
            "filters transformed": counter.work["filter"] / once,
        }

    def outputs(self, x, w, pad):
        return x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2

    def reference(self, x, w, b, pad, counting):
        out = F.conv2d(*(torch.tensor(a, device=self.device) for a in (x, w, b)), padding=pad)
        single = out.dtype == torch.float32
        judged = {"out": near(out, rtol=1e-4 if single else 1e-8, atol=1e-4 if single else 1e-9)}
        if not counting:
            return judged
        oh, ow = self.outputs(x, w, pad)
        pairs = len(x) * w.shape[0] * w.shape[1]
        return judged | {
            "products": 16 * pairs * tiles(oh) * tiles(ow), "filters transformed": 1.0
        }  # fmt: skip

    def tiled(self, x, w, b, pad, step=2, per_tile=f23, join=np.add):
        """Tiles that lie `step` pixels apart, each by `per_tile`."""
        oh, ow = self.outputs(x, w, pad)
        th, tw = tiles(oh), tiles(ow)
        room = step * max(th, tw) + 4
        image = np.pad(x, ((0, 0), (0, 0), (pad, pad + room), (pad, pad + room)))
        out = np.zeros((len(x), len(w), 2 * th, 2 * tw), x.dtype)
        for n, f, c, t, u in np.ndindex(len(x), len(w), x.shape[1], th, tw):
            tile = image[n, c, step * t : step * t + 4, step * u : step * u + 4]
            place = np.s_[n, f, 2 * t : 2 * t + 2, 2 * u : 2 * u + 2]
            out[place] = join(out[place], per_tile(tile, w[f, c]))
        return {"out": (out[:, :, :oh, :ow] + b[:, None, None]).astype(x.dtype)}

    @mistake
    def tiles_do_not_overlap(self, right, x, w, b, pad, counting):
        """Your tiles lie four pixels apart. Each gives two rows of outputs, so they lie two apart
        and overlap by two."""
        return self.tiled(x, w, b, pad, step=4)

    @mistake
    def odd_sizes_cut_short(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs is missing. Let the last tile reach
        beyond the image, into zeros."""
        oh, ow = self.outputs(x, w, pad)
        if oh % 2 or ow % 2:
            changed = {"out": right["out"][:, :, : oh // 2 * 2, : ow // 2 * 2]}
            if counting:
                pairs = len(x) * w.shape[0] * w.shape[1]
                changed["products"] = 16 * pairs * (oh // 2) * (ow // 2)
            return changed

    @mistake
    def odd_sizes_left_empty(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs holds the bias only: no tile covers
        it. Let the last tile reach beyond the image, into zeros."""
        oh, ow = self.outputs(x, w, pad)
        if oh % 2 or ow % 2:
            out = np.zeros_like(right["out"]) + b[:, None, None]
            inner = np.s_[:, :, : oh // 2 * 2, : ow // 2 * 2]
            out[inner] = right["out"][inner]
            return {"out": out.astype(x.dtype)}

    @mistake
    def last_channel_only(self, right, x, w, b, pad, counting):
        """Each channel replaces what the one before gave. Their results are added."""
        return self.tiled(x, w, b, pad, join=lambda old, new: new)

    @mistake
    def filter_turned_round(self, right, x, w, b, pad, counting):
        """Your filters are turned round. Nets correlate."""
        return self.tiled(x, w[..., ::-1, ::-1], b, pad)

    @mistake
    def tiles_transposed(self, right, x, w, b, pad, counting):
        """Each 2×2 tile of outputs is transposed. Write Bᵀ d B, G g Gᵀ and Aᵀ M A."""
        return self.tiled(x, w, b, pad, per_tile=lambda d, g: f23(d, g).T)

    @mistake
    def padding_forgotten(self, right, x, w, b, pad, counting):
        """The output is too small: the images are not padded."""
        if pad and not counting:
            return self.tiled(x, w, b, 0)

    @mistake
    def bias_forgotten(self, right, x, w, b, pad, counting):
        """The bias is missing."""
        return {"out": right["out"] - b[:, None, None]}

    @mistake
    def in_double_precision(self, right, x, w, b, pad, counting):
        """float32 images give a float64 output: the matrices are float64. Return the dtype of
        x."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}

    @mistake
    def direct(self, right, x, w, b, pad, counting):
        """The result is right, but it takes nine products for each output and channel. With
        F(2×2, 3×3) it is 16 for each tile of four."""
        if counting:
            oh, ow = self.outputs(x, w, pad)
            return {"products": 9 * oh * ow * len(x) * w.shape[0] * w.shape[1],
                    "filters transformed": 0.0}  # fmt: skip

    @mistake
    def filters_transformed_for_every_tile(self, right, x, w, b, pad, counting):
        """The filters are transformed again for every tile. They are the same for all tiles and
        images: transform them once, before the loop."""
        if counting:
            oh, ow = self.outputs(x, w, pad)
            return {"filters transformed": float(len(x) * tiles(oh) * tiles(ow))}

    @mistake
    def filters_transformed_for_every_image(self, right, x, w, b, pad, counting):
        """The filters are transformed again for every image. They are the same for all: transform
        them once."""
        if counting and len(x) > 1:
            return {"filters transformed": float(len(x))}

    @mistake
    def counting_lost(self, right, x, w, b, pad, counting):
        """The result is right, but no product of data and filter was seen. Somewhere the numbers
        are put into a float array: make arrays with dtype=x.dtype, or by expressions."""
        if counting:
            return {"products": 0}
