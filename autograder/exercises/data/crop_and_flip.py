"""Exercises of notebook 03 on pieces of pictures: random crops and mirror images for training.

Views for testing are next door, in `augmentation_views`, colours in `augmentation_colour`, and
turning and stretching in `augmentation_affine`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, near, raises


class random_crop_flip(Exercise):
    """A random piece of the padded picture, mirrored half of the time."""

    signature = "random_crop_flip(x, size, pad, rng)"
    minutes = 12
    difficulty = 2
    hints = (
        "Pad height and width, never the channels. Then a piece is two slices.",
        "How many places are there for a piece of length size in a row of length L? rng.integers "
        "leaves out its upper end.",
        "The picture is H×W×C: which axis runs from left to right?",
    )
    draws = 250

    def cases(self, rng):
        for name, points, height, width, size, pad in [
            ("padded, wide", 2, 6, 8, 5, 2),
            ("padded, tall", 1, 9, 5, 6, 1),
            ("no padding", 1, 8, 7, 5, 0),
            ("only one place", 1, 6, 6, 6, 0),
        ]:
            rows, columns = np.mgrid[:height, :width]
            # Each pixel says where it was, so that each piece can be told from all others.
            x = np.stack([10 + rows, 30 + columns, 100 + 0 * rows], 2)
            x[..., 2] += rng.integers(0, 100, (height, width))
            yield Case(name, points, x=x.astype(np.uint8), size=size, pad=pad,
                       seed=int(rng.integers(1000)), draws=self.draws)  # fmt: skip

    def observe(self, code, x, size, pad, seed, draws):
        import numpy as np

        rng = np.random.default_rng(seed)
        pieces = [np.array(code.random_crop_flip(x, size, pad, rng)) for _ in range(draws)]
        rng = np.random.default_rng(seed)
        again = [np.array(code.random_crop_flip(x, size, pad, rng)) for _ in range(20)]
        return {"pieces": pieces, "again": again}

    def aid(self, x, size, pad, **inputs):
        pieces, places = _pieces(x, size, pad)
        return {"known_pieces": pieces, "known_places": places}

    def read(self, seen, known_pieces, known_places, **inputs):
        pieces = seen["pieces"]
        # One that looks alike in two places is taken for the first of them.
        known = dict(zip(map(_bytes, known_pieces[::-1]), known_places[::-1], strict=True))
        found = [known.get(_bytes(piece)) for piece in pieces]
        again = [_bytes(a) == _bytes(p) for a, p in zip(seen["again"], pieces, strict=False)]
        shapes = {str(np.shape(piece)) for piece in pieces}
        facts = {
            "shape": shapes.pop() if len(shapes) == 1 else "several",
            "dtype": str(np.asarray(pieces[0]).dtype),
            "same generator again": "the same pieces" if all(again) else "other pieces",
        }
        inside = [place for place in found if place]
        # One strange piece is enough: an honest answer has none.
        if len(inside) < len(found):
            return facts | dict.fromkeys(("rows", "columns", "mirrored", "places"), "no slices")
        rows, columns, turns = (np.array(column) for column in zip(*inside, strict=True))
        return facts | {
            "rows": sorted(set(rows.tolist())),
            "columns": sorted(set(columns.tolist())),
            "mirrored": _how_often(turns),
            "places": _together(rows, columns),
        }

    def reference(self, x, size, pad, seed, draws):
        height, width, channels = x.shape
        places = [list(range(length + 2 * pad - size + 1)) for length in (height, width)]
        one_place = min(map(len, places)) == 1
        return {
            "shape": str((size, size, channels)),
            "dtype": "uint8",
            "same generator again": "the same pieces",
            "rows": places[0],
            "columns": places[1],
            "mirrored": "the width, half of the time",
            "places": "one" if one_place else "drawn separately",
        }

    def _at(self, right, rows, columns):
        """What is seen when these offsets are drawn; rng.integers stops where there are none."""
        if not rows or not columns:
            return dict.fromkeys(right, raises("ValueError", "high"))
        one_place = min(len(rows), len(columns)) == 1
        places = "one" if one_place else right["places"]
        return {"rows": rows, "columns": columns, "places": places}

    @mistake
    def last_place_never_reached(self, right, x, size, pad, seed, draws):
        """The piece never lies at the lower or right end: the last offset is left out. A row of
        length L has L − size + 1 places for it."""
        return self._at(right, right["rows"][:-1], right["columns"][:-1])

    @mistake
    def padding_never_shown(self, right, x, size, pad, seed, draws):
        """Your pieces never contain any of the padding: the offsets are drawn for the picture
        without it."""
        rows, columns = (list(range(pad, pad + length - size + 1)) for length in x.shape[:2])
        if pad:
            return self._at(right, rows, columns)

    @mistake
    def offsets_of_the_unpadded_picture(self, right, x, size, pad, seed, draws):
        """You draw offsets as if there were no padding, then slice the padded picture: the lower
        and right part is never shown."""
        rows, columns = (list(range(length - size + 1)) for length in x.shape[:2])
        if pad:
            return self._at(right, rows, columns)

    @mistake
    def always_the_middle(self, right, x, size, pad, seed, draws):
        """Your piece is always the one in the middle. Draw its place anew for each picture."""
        rows, columns = ([len(right[a]) // 2] for a in ("rows", "columns"))
        return self._at(right, rows, columns)

    @mistake
    def one_offset_for_both(self, right, x, size, pad, seed, draws):
        """Row and column offset are the same number, so the piece moves along the diagonal only.
        Draw two."""
        if right["places"] != "one":
            both = [p for p in right["rows"] if p in right["columns"]]
            return {"rows": both, "columns": both, "places": "the same offset twice"}

    @mistake
    def height_is_mirrored(self, right, x, size, pad, seed, draws):
        """You turn the picture upside down. The axis from left to right of an H×W×C picture is
        axis 1."""
        return {"mirrored": "the height, half of the time"}

    @mistake
    def channels_are_mirrored(self, right, x, size, pad, seed, draws):
        """You turn round the channels: red becomes blue. In an H×W×C picture the last axis is
        the colour, not the width."""
        return {"mirrored": "the channels, half of the time"}

    @mistake
    def never_mirrored(self, right, x, size, pad, seed, draws):
        """No piece is ever a mirror image."""
        return {"mirrored": "never"}

    @mistake
    def always_mirrored(self, right, x, size, pad, seed, draws):
        """Every piece is a mirror image. Toss a coin for each picture."""
        return {"mirrored": "the width, always"}

    @mistake
    def padded_with_the_border(self, right, x, size, pad, seed, draws):
        """What you show beyond the edge is not 0: the border is repeated or mirrored there. Here
        the padding is zeros."""
        if pad:
            return dict.fromkeys(("rows", "columns", "mirrored", "places"), "no slices")

    @mistake
    def channels_padded(self, right, x, size, pad, seed, draws):
        """You pad the channels too: a picture of three colours comes back with more. Give np.pad a
        pair for each axis."""
        if pad:
            shape = str((size, size, x.shape[2] + 2 * pad))
            unknown = dict.fromkeys(("rows", "columns", "mirrored", "places"), "no slices")
            return {"shape": shape} | unknown

    @mistake
    def generator_not_used(self, right, x, size, pad, seed, draws):
        """The same rng gives other pieces when it is started again. Draw everything from the rng
        that is passed in."""
        return {"same generator again": "other pieces"}


def _bytes(piece):
    piece = np.ascontiguousarray(piece)
    return (piece.shape, piece.astype(np.float64).tobytes())


def _pieces(x, size, pad):
    """Every piece that a slice of the padded picture can be, and its (row, column, turn)."""
    padded = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    turns = {"no": slice(None), "width": (slice(None), slice(None, None, -1)),
             "height": slice(None, None, -1), "channels": (..., slice(None, None, -1))}  # fmt: skip
    pieces, places = [], []
    for row in range(padded.shape[0] - size + 1):
        for column in range(padded.shape[1] - size + 1):
            piece = padded[row : row + size, column : column + size]
            for turn, index in turns.items():
                pieces.append(piece[index])
                places.append((row, column, turn))
    return np.array(pieces), places


def _how_often(turns):
    """Which way pieces are mirrored, and whether about half of them are."""
    ways = sorted(set(turns.tolist()) - {"no"})
    if not ways:
        return "never"
    share = np.mean(turns != "no")
    # Six standard errors of a fair coin.
    fair = abs(share - 0.5) < 3 / len(turns) ** 0.5
    often = "half of the time" if fair else "always" if share == 1 else f"{share:.0%} of the time"
    return f"the {' and the '.join(ways)}, {often}"


def _together(rows, columns):
    if np.ptp(rows) == 0 or np.ptp(columns) == 0:
        return "one"
    return "the same offset twice" if np.array_equal(rows, columns) else "drawn separately"


class scale_jitter(Exercise):
    """Another size each time, then a random crop: what VGG and ResNet trained on."""

    signature = "scale_jitter(img, rng, low=256, high=480, size=224)"
    minutes = 14
    difficulty = 3
    hints = (
        "Two draws of different kinds: how large the picture becomes, then where it is cut.",
        "The drawn length is that of the shorter side. By what factor does the picture grow, and "
        "what does that make of the longer side?",
    )
    draws = 240

    def cases(self, rng):
        # Each value of the picture says from which row (or column) it comes.
        for name, points, height, width, low, high, size in [
            ("wide, it grows", 2, 8, 10, 16, 21, 15),
            ("tall, it grows", 1, 11, 9, 18, 22, 17),
            ("wide, it shrinks", 1, 40, 50, 20, 24, 18),
            ("one size only", 1, 10, 10, 17, 17, 13),
        ]:
            rows, columns = np.mgrid[:height, :width] + 0.5
            img = np.stack([rows / height, columns / width, np.full(rows.shape, 0.5)], 2)
            yield Case(name, points, img=img, low=low, high=high, size=size,
                       seed=int(rng.integers(1000)), draws=self.draws)  # fmt: skip

    def observe(self, code, img, low, high, size, seed, draws):
        import numpy as np

        rng = np.random.default_rng(seed)
        pieces = [np.array(code.scale_jitter(img, rng, low, high, size)) for _ in range(draws)]
        rng = np.random.default_rng(seed)
        again = [np.array(code.scale_jitter(img, rng, low, high, size)) for _ in range(10)]
        return {"pieces": pieces, "again": again}

    def read(self, seen, img, low, high, size, seed, draws):
        pieces, again = seen["pieces"], seen["again"]
        shapes = {str(np.shape(piece)) for piece in pieces}
        facts = {
            "shape": shapes.pop() if len(shapes) == 1 else "several",
            "same generator again": "the same pieces"
            if all(np.array_equal(a, p) for a, p in zip(again, pieces, strict=False))
            else "other pieces",
        }
        if facts["shape"] != str((size, size, 3)):
            unknown = dict.fromkeys(("smallest", "largest"), 0.0)
            return facts | unknown | dict.fromkeys(("aspect", "places"), "cannot be told")
        measured = _measured(np.array(pieces, float))
        heights, widths = measured[:, 0], measured[:, 1]
        short = np.minimum(heights, widths)
        height, width = img.shape[:2]
        true_aspect = max(height, width) / min(height, width)
        drawn = heights / widths if height > width else widths / heights
        # The longer side is rounded, and what is measured has an error of some hundredths.
        kept = np.abs(drawn - true_aspect) * short < 1.5
        return facts | {
            "smallest": float(short.min()),
            "largest": float(short.max()),
            "aspect": "kept" if kept.all() else "changed",
            "places": _where_cut(measured, size),
        }

    def reference(self, img, low, high, size, seed, draws):
        return {
            "shape": str((size, size, 3)),
            "same generator again": "the same pieces",
            "smallest": near(float(low), rtol=0, atol=0.08),
            "largest": near(float(high), rtol=0, atol=0.08),
            "aspect": "kept",
            "places": "from edge to edge",
        }

    @mistake
    def high_never_reached(self, right, img, low, high, size, seed, draws):
        """The largest size never comes up: rng.integers leaves out its upper end."""
        if low < high:
            return {"largest": float(high - 1)}
        return dict.fromkeys(right, raises("ValueError", "high"))

    @mistake
    def longer_side_is_scaled(self, right, img, low, high, size, seed, draws):
        """The drawn length becomes the longer side. It is meant for the shorter one, so that a
        crop always fits."""
        height, width = img.shape[:2]
        if height != width:
            share = min(height, width) / max(height, width)
            short, shortest = round(high * share), round(low * share)
            if shortest < size:
                return dict.fromkeys(right, raises("ValueError", "high"))
            return {"smallest": float(shortest), "largest": float(short)}

    @mistake
    def squeezed_to_a_square(self, right, img, low, high, size, seed, draws):
        """The picture's proportions change: it is squeezed, into a square, or its height and width
        are exchanged. Both sides grow by the same factor."""
        if img.shape[0] != img.shape[1]:
            return {"aspect": "changed"}

    @mistake
    def always_the_middle(self, right, img, low, high, size, seed, draws):
        """The crop is always in the middle of the resized picture. Its place is drawn too."""
        return {"places": "always the middle"}

    @mistake
    def always_the_corner(self, right, img, low, high, size, seed, draws):
        """The crop always begins at the upper left corner. Its place is drawn too."""
        return {"places": "always the upper left corner"}

    @mistake
    def last_place_never_reached(self, right, img, low, high, size, seed, draws):
        """The crop never lies at the lower or right edge: the last offset is left out. A row of
        length L has L − size + 1 places for it."""
        return {"places": "never at the lower or right edge"}

    @mistake
    def size_never_drawn(self, right, img, low, high, size, seed, draws):
        """The picture always becomes as small as it may. Its size is drawn anew each time."""
        if low < high:
            return {"largest": float(low)}

    @mistake
    def picture_keeps_its_size(self, right, img, low, high, size, seed, draws):
        """Your crop is cut from the picture as it came. Resize it first, then cut."""
        short = min(img.shape[:2])
        if short < size:
            return dict.fromkeys(right, raises("ValueError", "high"))
        return {"smallest": float(short), "largest": float(short)}

    @mistake
    def cropped_before_it_is_resized(self, right, img, low, high, size, seed, draws):
        """You cut a piece of the drawn size out of the picture as it came and resize the piece.
        The drawn number is how long the shorter side of the whole picture becomes: resize first,
        then cut."""
        short = min(img.shape[:2])
        if short < low:
            return dict.fromkeys(right, raises("ValueError", "high"))
        return {"smallest": size * short / high, "largest": size * short / low}

    @mistake
    def generator_not_used(self, right, img, low, high, size, seed, draws):
        """The same rng gives other pieces when it is started again. Draw everything from the rng
        that is passed in."""
        return {"same generator again": "other pieces"}


def _measured(pieces):
    """Rows (height, width, row, column) of the resized picture and of each piece within it.

    The picture was a ramp from 0 to 1 down and another to the right, so a piece's slope is one
    over the length and its level says where it lies. Edges are left out: a ramp flattens there.
    """
    size = pieces.shape[1]
    middle = slice(size // 4, size - size // 4)
    places = np.arange(size)[middle]
    found = []
    for channel, across in ((0, 2), (1, 1)):
        ramps = pieces[..., channel].mean(across)[:, middle]
        slope, level = np.polyfit(places, ramps.T, 1)
        lengths = 1 / slope
        found.append((lengths, level * lengths - 0.5))
    (height, row), (width, column) = found
    return np.stack([height, width, row, column], 1)


def _where_cut(measured, size):
    """How the offsets lie between 0 and the last place, in words."""
    lengths, offsets = measured[:, :2], measured[:, 2:]
    room = lengths - size
    at_start, at_end = np.abs(offsets) < 0.4, np.abs(offsets - room) < 0.4
    if at_start.all():
        return "always the upper left corner"
    if (np.abs(offsets - room / 2) < 0.9).all():
        return "always the middle"
    if not at_start.any(0).all():
        return "never at the upper or left edge"
    return "from edge to edge" if at_end.any(0).all() else "never at the lower or right edge"
