"""Mistakes of a layer by Winograd's tiles where its output has odd sizes; the layer is in
`winograd_layer`."""

import numpy as np

from autograder.exercise import Exercise, mistake


def tiles(size):
    return -(-size // 2)


class OddSizes(Exercise, abstract=True):
    """What becomes of the last row or column of outputs, to which half a tile belongs."""

    def outputs(self, x, w, pad):
        return x.shape[2] + 2 * pad - 2, x.shape[3] + 2 * pad - 2

    def tiled(self, x, w, b, pad, **change) -> dict:
        """What a layer of tiles gives out, with one thing changed."""
        raise NotImplementedError

    def whole_tiles(self, x, w, pad):
        """The outputs of the tiles that lie within the image, and the products these take; None
        where all tiles do."""
        oh, ow = self.outputs(x, w, pad)
        if oh % 2 or ow % 2:
            products = 16 * len(x) * w.shape[0] * w.shape[1] * (oh // 2) * (ow // 2)
            return np.s_[:, :, : oh // 2 * 2, : ow // 2 * 2], products

    def filled(self, right, x, w, pad, value):
        """What is seen where the other outputs are `value`."""
        if whole := self.whole_tiles(x, w, pad):
            out = np.full_like(right["out"], value)
            out[whole[0]] = right["out"][whole[0]]
            return {"out": out}

    @mistake
    def odd_sizes_cut_short(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs is missing. Let the last tile reach
        beyond the image, into zeros."""
        if whole := self.whole_tiles(x, w, pad):
            inner, products = whole
            return {"out": right["out"][inner]} | ({"products": products} if counting else {})

    @mistake
    def odd_sizes_left_empty(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs holds the bias only: no tile covers
        it. Let the last tile reach beyond the image, into zeros."""
        return self.filled(right, x, w, pad, b[:, None, None])

    @mistake
    def odd_sizes_left_at_zero(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs is 0, though its tile was computed. Cut
        off only what lies beyond the outputs."""
        return self.filled(right, x, w, pad, 0)

    @mistake
    def odd_sizes_at_zero_without_a_tile(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs is 0: no tile covers it. Let the last
        tile reach beyond the image, into zeros."""
        if whole := self.whole_tiles(x, w, pad):
            shown = self.filled(right, x, w, pad, 0)
            return shown | ({"products": whole[1]} if counting else {})

    @mistake
    def odd_sizes_not_cut(self, right, x, w, b, pad, counting):
        """For odd sizes your output has a row or column too many. What the last tile computes
        beyond the image is cut off."""
        oh, ow = self.outputs(x, w, pad)
        if oh % 2 or ow % 2:
            wide = np.pad(x, ((0, 0), (0, 0), (pad, pad + oh % 2), (pad, pad + ow % 2)))
            return self.tiled(wide, w, b, 0)

    @mistake
    def odd_width_cut_short(self, right, x, w, b, pad, counting):
        """For an odd width your last column of outputs is missing. Let the last tile reach beyond
        the image, into zeros, in that direction, too."""
        if self.outputs(x, w, pad)[1] % 2:
            changed = {"out": right["out"][..., :-1]}
            if counting:
                oh, ow = self.outputs(x, w, pad)
                changed["products"] = right["products"] // tiles(ow) * (ow // 2)
            return changed

    @mistake
    def last_outputs_thrown_away(self, right, x, w, b, pad, counting):
        """For odd sizes your last row or column of outputs is missing, though its tile was
        computed. Cut off only what lies beyond the outputs."""
        if whole := self.whole_tiles(x, w, pad):
            return {"out": right["out"][whole[0]]}

    @mistake
    def evened_at_the_top(self, right, x, w, b, pad, counting):
        """For odd sizes you put the row or column of zeros that makes the size even above and to
        the left, so that everything moves by one. It belongs below and to the right."""
        oh, ow = self.outputs(x, w, pad)
        if oh % 2 or ow % 2:
            more = ((pad + oh % 2, pad), (pad + ow % 2, pad))
            moved = np.pad(x, ((0, 0), (0, 0), *more))
            out = self.tiled(moved, w, b, 0)["out"][:, :, :oh, :ow]
            return {"out": out}

    @mistake
    def last_row_directly(self, right, x, w, b, pad, counting):
        """For odd sizes you take the last row or column directly, with nine products for each
        output. Let the last tile reach beyond the image, into zeros."""
        whole = self.whole_tiles(x, w, pad)
        if counting and whole:
            inner, products = whole
            # Zeros of the padding are no data: their products are not counted.
            inside = np.pad(np.ones(x.shape[2:]), pad)
            inside = np.lib.stride_tricks.sliding_window_view(inside, (3, 3)).sum((2, 3))
            directly = int(inside.sum() - inside[inner[2:]].sum())
            return {"products": products + len(x) * w.shape[0] * w.shape[1] * directly}
