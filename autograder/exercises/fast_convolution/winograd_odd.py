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
    def odd_sizes_left_at_zero(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs is 0, though its tile was computed. Cut
        off only what lies beyond the outputs."""
        return self.zeros_at_the_end(right, x, w, pad)

    @mistake
    def odd_sizes_at_zero_without_a_tile(self, right, x, w, b, pad, counting):
        """For odd sizes the last row or column of outputs is 0: no tile covers it. Let the last
        tile reach beyond the image, into zeros."""
        shown, (oh, ow) = self.zeros_at_the_end(right, x, w, pad), self.outputs(x, w, pad)
        if shown and counting:
            pairs = len(x) * w.shape[0] * w.shape[1]
            shown["products"] = 16 * pairs * (oh // 2) * (ow // 2)
        return shown

    def zeros_at_the_end(self, right, x, w, pad) -> dict:
        oh, ow = self.outputs(x, w, pad)
        if not (oh % 2 or ow % 2):
            return {}
        inner = np.s_[:, :, : oh // 2 * 2, : ow // 2 * 2]
        out = np.zeros_like(right["out"])
        out[inner] = right["out"][inner]
        return {"out": out}

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
        oh, ow = self.outputs(x, w, pad)
        if oh % 2 or ow % 2:
            return {"out": right["out"][:, :, : oh // 2 * 2, : ow // 2 * 2]}

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
        oh, ow = self.outputs(x, w, pad)
        if counting and (oh % 2 or ow % 2):
            # Zeros of the padding are no data: their products are not counted.
            inside = np.pad(np.ones(x.shape[2:]), pad)
            inside = np.lib.stride_tricks.sliding_window_view(inside, (3, 3)).sum((2, 3))
            directly = int(inside.sum() - inside[: oh // 2 * 2, : ow // 2 * 2].sum())
            pairs = len(x) * w.shape[0] * w.shape[1]
            return {"products": pairs * (16 * (oh // 2) * (ow // 2) + directly)}
