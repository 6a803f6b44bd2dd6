"""A whole layer by Winograd's tiles; one tile is in `winograd`, odd sizes in `winograd_odd`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake, near
from autograder.exercises.fast_convolution.winograd import AT, BT, G, f23
from autograder.exercises.fast_convolution.winograd_odd import OddSizes, tiles
from course_utils.recipes.bilinear import Bilinear

WHOLE = np.where(G == 0.5, 1, np.where(G == -0.5, -1, G))  # without the halves


class winograd_conv3x3(OddSizes):
    """A 3×3 convolution layer by F(2×2, 3×3): tile by tile, with 2.25 times fewer products."""

    signature = "winograd_conv3x3(x, w, b, pad) -> out"
    growth = {"x": 1, "b": 1}, {"out": 1}
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
    reads = {
        "products": "your code takes {seen} products of data and filter; {right} is right",
        "filters transformed": "your code transforms the filters {seen} times; {right} is right",
    }

    def cases(self, rng):
        for name, points, x, f, pad, counting, dtype in [
            ("even output sizes", 1, (2, 3, 6, 8), 4, 0, False, "f8"),
            ("odd output sizes, padding 1", 1, (3, 2, 5, 7), 4, 1, False, "f8"),
            ("padding 2, single precision", 1, (2, 2, 4, 5), 3, 2, False, "f4"),
            ("products counted, even sizes", 1, (4, 2, 6, 8), 3, 0, True, "f8"),
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
        seen = {
            "out": out if out is None else np.array(out, dtype=float),
            "products": counter.products,
        }
        if pad:  # a filter times a zero of the padding would look like work on the filter
            return seen
        # How much work the filters are is known from a layer of one image and one tile.
        tile = single.numbers(np.ones((1, x.shape[1], 4, 4)), "data")
        code.winograd_conv3x3(tile, single.numbers(w, "filter"), b, 0)
        once = max(single.work["filter"], 1)
        return seen | {
            # Where no product was seen, the filters met no data, and their work means nothing: of
            # that the number of products tells.
            "filters transformed": counter.work["filter"] / once if counter.products else 1.0,
        }

    def reference(self, x, w, b, pad, counting):
        out = F.conv2d(*(torch.tensor(a, device=self.device) for a in (x, w, b)), padding=pad)
        single = out.dtype == torch.float32
        judged = {"out": near(out, rtol=1e-4 if single else 1e-8, atol=1e-4 if single else 1e-9)}
        if not counting:
            return judged
        oh, ow = self.outputs(x, w, pad)
        pairs = len(x) * w.shape[0] * w.shape[1]
        judged["products"] = 16 * pairs * tiles(oh) * tiles(ow)
        return judged if pad else judged | {"filters transformed": 1.0}

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
    def last_channel_only(self, right, x, w, b, pad, counting):
        """Each channel replaces what the one before gave. Their results are added."""
        return self.tiled(x, w, b, pad, join=lambda old, new: new)

    @mistake
    def sums_run_on(self, right, x, w, b, pad, counting):
        """Each filter's output also holds those of the filters before it, as when the sum over the
        channels is not set back to zero."""
        rows = b[:, None, None]
        out = (right["out"] - rows).cumsum(1) + rows
        return {"out": out.astype(x.dtype)}

    @mistake
    def first_channel_only(self, right, x, w, b, pad, counting):
        """Only the first channel of images and filters reaches your outputs. Every channel gives
        its part, and these are added."""
        shown = self.tiled(x[:, :1], w[:, :1], b, pad)
        if counting:
            shown["products"] = right["products"] // x.shape[1]
        return shown

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
        """Your outputs are those of a layer without a bias: it is not added, or what is added is
        lost on the way."""
        return {"out": right["out"] - b[:, None, None]}

    @mistake
    def in_double_precision(self, right, x, w, b, pad, counting):
        """float32 images give a float64 output: the matrices are float64. Return the dtype of
        x."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}

    @mistake
    def direct(self, right, x, w, b, pad, counting):
        """Your code takes nine products for each output and channel. With F(2×2, 3×3) it is 16 for
        each tile of four."""
        if counting:
            oh, ow = self.outputs(x, w, pad)
            return {"products": 9 * oh * ow * len(x) * w.shape[0] * w.shape[1],
                    **({} if pad else {"filters transformed": 0.0})}  # fmt: skip

    @mistake
    def filters_transformed_for_every_place(self, right, x, w, b, pad, counting):
        """The filters are transformed again at every place of a tile. They are the same for all
        tiles: transform them once, before the loop."""
        if "filters transformed" in right:
            oh, ow = self.outputs(x, w, pad)
            return {"filters transformed": float(tiles(oh) * tiles(ow))}

    @mistake
    def filters_transformed_for_every_row(self, right, x, w, b, pad, counting):
        """The filters are transformed again for every row of tiles. They are the same for all
        tiles: transform them once, before the loop."""
        if "filters transformed" in right:
            return {"filters transformed": float(tiles(self.outputs(x, w, pad)[0]))}

    @mistake
    def filters_transformed_for_every_tile(self, right, x, w, b, pad, counting):
        """The filters are transformed again for every tile of every image. They are the same for
        all of them: transform them once, before the loop."""
        if "filters transformed" in right:
            oh, ow = self.outputs(x, w, pad)
            return {"filters transformed": float(len(x) * tiles(oh) * tiles(ow))}

    @mistake
    def filters_transformed_for_every_image(self, right, x, w, b, pad, counting):
        """The filters are transformed again for every image. They are the same for all: transform
        them once."""
        if "filters transformed" in right and len(x) > 1:
            return {"filters transformed": float(len(x))}

    @mistake
    def counting_lost(self, right, x, w, b, pad, counting):
        """No product of data and filter was seen: somewhere before it your numbers are put into a
        float array. Make arrays with dtype=x.dtype, or by expressions."""
        if counting:
            return {"products": 0}

    @mistake
    def halves_forgotten(self, right, x, w, b, pad, counting):
        """The halves in the two middle rows of G are missing."""
        return self.tiled(x, w, b, pad, per_tile=lambda d, g: f23(d, g, g_matrix=WHOLE))

    @mistake
    def halves_and_bias_forgotten(self, right, x, w, b, pad, counting):
        """The halves in the two middle rows of G are missing, and so is the bias."""
        return self.tiled(x, w, 0 * b, pad, per_tile=lambda d, g: f23(d, g, g_matrix=WHOLE))

    @mistake
    def filters_transposed(self, right, x, w, b, pad, counting):
        """Your filters are transposed: their rows meet the columns of the tiles."""
        return self.tiled(x, w.swapaxes(2, 3), b, pad)

    @mistake
    def one_dimension_at_a_time(self, right, x, w, b, pad, counting):
        """Your code takes 24 products for a tile, as F(2, 3) row by row does. With the matrices
        on both sides it is 16."""
        if counting:
            oh, ow = self.outputs(x, w, pad)
            # Rows of the padding alone are no data.
            rows = np.lib.stride_tricks.sliding_window_view(np.pad(np.ones(x.shape[2]), pad), 3)
            pairs = len(x) * w.shape[0] * w.shape[1]
            return {"products": 4 * pairs * tiles(ow) * int(rows.sum())}

    @mistake
    def always_padded_by_one(self, right, x, w, b, pad, counting):
        """You pad by one, whatever `pad` says."""
        if pad != 1:
            changed = self.tiled(x, w, b, 1)
            oh, ow = self.outputs(x, w, 1)
            if counting:
                pairs = len(x) * w.shape[0] * w.shape[1]
                changed["products"] = 16 * pairs * tiles(oh) * tiles(ow)
            return changed

    @mistake
    def square_outputs(self, right, x, w, b, pad, counting):
        """You take as many columns of outputs as there are rows. The images may be wider than they
        are high, or narrower."""
        oh, ow = self.outputs(x, w, pad)
        if oh < ow:
            return {"out": right["out"][..., :oh]}

    @mistake
    def square_outputs_and_no_bias(self, right, x, w, b, pad, counting):
        """You take as many columns of outputs as there are rows, though images need not be square,
        and your result has no bias in it."""
        oh, ow = self.outputs(x, w, pad)
        out = right["out"] - b[:, None, None]
        return {"out": out[..., :oh]}

    @mistake
    def a_tile_for_each_row(self, right, x, w, b, pad, counting):
        """You compute a tile for every row of outputs, and use the upper of its two rows. A tile
        gives two rows, so the tiles lie two apart in both directions."""
        oh, ow = self.outputs(x, w, pad)
        if counting:
            return {"products": right["products"] // tiles(oh) * oh}

    @mistake
    def padded_on_one_side(self, right, x, w, b, pad, counting):
        """Your zeros lie above and to the left only, all of them. They belong on all four sides,
        pad of them on each."""
        if pad:
            moved = np.pad(x, ((0, 0), (0, 0), (2 * pad, 0), (2 * pad, 0)))
            return self.tiled(moved, w, b, 0)

    @mistake
    def mean_over_channels(self, right, x, w, b, pad, counting):
        """You take the mean over the channels. Their results are added."""
        bias = b[:, None, None]
        return {"out": (right["out"] - bias) / x.shape[1] + bias}

    @mistake
    def filters_averaged_over_channels(self, right, x, w, b, pad, counting):
        """All channels of the images meet one filter, the mean over its channels. Each channel
        has a filter of its own; what they give is added."""
        mean = np.repeat(w.mean(1, keepdims=True), w.shape[1], axis=1)
        return self.tiled(x, mean, b, pad)

    @mistake
    def channels_added_too_early(self, right, x, w, b, pad, counting):
        """You add up the channels of the filters, and those of the images, before they are
        multiplied. Multiply channel by channel, then add."""
        one = np.repeat(w.sum(1, keepdims=True), w.shape[1], axis=1)
        return self.tiled(x, one, b, pad)

    @mistake
    def bias_for_each_channel(self, right, x, w, b, pad, counting):
        """You add the bias once for each channel. An output sums over the channels, and gets its
        filter's bias once."""
        return {"out": right["out"] + (x.shape[1] - 1) * b[:, None, None]}

    @mistake
    def bias_before_the_way_back(self, right, x, w, b, pad, counting):
        """Your bias is added before the tiles are transformed back, so that the outputs of a tile
        get it in different amounts. Add it to the outputs."""
        oh, ow = self.outputs(x, w, pad)
        added = np.tile(AT @ np.ones((4, 4)) @ AT.T, (tiles(oh), tiles(ow)))[:oh, :ow] - 1
        return {"out": (right["out"] + added * b[:, None, None]).astype(x.dtype)}

    @mistake
    def bias_once_a_tile(self, right, x, w, b, pad, counting):
        """Only the first output of each of your tiles gets the bias. Add it to every output."""
        out = right["out"] - b[:, None, None]
        out[:, :, ::2, ::2] += b[:, None, None]
        return {"out": out}

    @mistake
    def tiles_put_together_as_they_lie(self, right, x, w, b, pad, counting):
        """Your tiles' outputs stand in the wrong places: a reshape alone puts them one after the
        other. The rows of a tile belong behind those of the row of tiles: exchange axes first."""
        oh, ow = self.outputs(x, w, pad)
        th, tw = tiles(oh), tiles(ow)
        wide = np.pad(x, ((0, 0), (0, 0), (pad, pad + oh % 2), (pad, pad + ow % 2)))
        full = self.tiled(wide, w, b, 0)["out"]
        apart = full.reshape(len(x), len(w), th, 2, tw, 2).swapaxes(3, 4)
        return {"out": apart.reshape(full.shape)[:, :, :oh, :ow]}

    @mistake
    def tiles_for_a_square(self, right, x, w, b, pad, counting):
        """You compute as many tiles along one axis as along the other, though the outputs are
        oblong: those that lie beyond them are thrown away."""
        if counting:
            side = tiles(max(self.outputs(x, w, pad)))
            places = [self.places_with_data(side, size, pad) for size in x.shape[2:]]
            return {"products": len(x) * w.shape[0] * w.shape[1] * places[0] * places[1]}

    def places_with_data(self, count, size, pad):
        """How many rows of transformed tiles hold data; a zero of the padding is none."""
        inside = np.pad(np.ones(size), (pad, pad + 2 * count))
        return sum(int((np.abs(BT) @ inside[2 * t : 2 * t + 4] > 0).sum()) for t in range(count))

    @mistake
    def a_tile_too_many(self, right, x, w, b, pad, counting):
        """You compute a tile more than needed along each axis for even sizes: it lies beyond the
        outputs, and what it gives is thrown away."""
        oh, ow = self.outputs(x, w, pad)
        if counting:
            return {"products": right["products"] // (tiles(oh) * tiles(ow))
                    * (oh // 2 + 1) * (ow // 2 + 1)}  # fmt: skip
