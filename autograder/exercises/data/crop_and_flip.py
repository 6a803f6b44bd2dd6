"""Exercise of notebook 03 on pieces of pictures: random crops and mirror images for training.

Another size each time is in `scale`, views for testing in `views`, colours in `contrast` and
`colour`, turning and stretching in `affine`.
"""

import numpy as np

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.data.pieces import (
    FILLS,
    all_pieces,
    bytes_of,
    described,
    fine,
    how_often,
    spread,
)

CUT_SHORT = "now one, now another, in which rows or columns are lacking"


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
    reads = {
        "shape": "your pieces have the shape {seen}; {right} is right",
        "dtype": "your pieces are {seen}; {right} is right",
        "same generator again": "the same rng started again gives {seen}; {right} are right",
        "pieces": "your pieces are {seen}; {right} are right",
        "rows": "the list of rows at which your pieces begin in the padded picture",
        "columns": "the list of columns at which your pieces begin in the padded picture",
        "mirrored": "what is mirrored is {seen}; {right} is right",
        "places": "the places of your pieces are {seen}; {right} is right",
        "how often": "the places come {seen}; {right} is right",
    }

    def cases(self, rng):
        def case(name, points, rows, columns, pad, draws=150):
            """A picture in which there are so many places for a piece."""
            size = int(rng.integers(4, 10)) + pad
            height, width = size + rows - 1 - 2 * pad, size + columns - 1 - 2 * pad
            dtype = rng.choice(["uint8", "int16", "float32"])
            channels = int(rng.integers(2, 5))
            down, across = np.mgrid[:height, :width]
            # Each pixel says where it was, so that each piece can be told from all others.
            x = np.stack([10 + down, 30 + across, *[100 + 0 * down] * (channels - 2)], 2)
            x[..., 0] += rng.integers(0, 3) * 50
            x[..., -1] += rng.integers(0, 2, (height, width)) * 100
            return Case(name, points, x=x.astype(str(dtype)), size=size, pad=pad,
                        seed=int(rng.integers(1000)), draws=draws)  # fmt: skip

        some = lambda low, high: int(rng.integers(low, high))
        yield case("padded, wide", 1, 5, some(6, 8), 2)
        yield case("padded, tall", 1, some(6, 8), 5, 2)
        yield case("no padding", 1, some(4, 6), some(4, 6), 0)
        yield case("how often each place comes", 1, 3, 4, 0, draws=700)
        yield case("only one place", 1, 1, 1, 0, draws=40)

    def observe(self, code, x, size, pad, seed, draws):
        import numpy as np

        stored, piece = x.copy(), code.random_crop_flip
        rng = np.random.default_rng(seed)
        # Copies: what is done to one picture is not left for the next.
        pieces = [np.array(piece(stored.copy(), size, pad, rng))
                  for _ in range(draws)]  # fmt: skip
        rng = np.random.default_rng(seed)
        again = [np.array(piece(stored.copy(), size, pad, rng)) for _ in range(20)]
        for _ in range(5):
            piece(x, size, pad, rng)
        return {"pieces": pieces, "again": again}

    def aid(self, x, size, pad, **inputs):
        pieces, places = all_pieces(x, size, pad)
        filled = {words: all_pieces(x, size, pad, **how, turns=("no", "width"))[0] if pad
                  else pieces[:0] for words, how in FILLS.items()}  # fmt: skip
        return {"known_pieces": pieces, "known_places": places, "filled": filled}

    def read(self, seen, known_pieces, known_places, filled, x, size, pad, draws, **inputs):
        pieces = seen["pieces"]
        # One that looks alike in two places is taken for the first of them.
        known = dict(zip(map(bytes_of, known_pieces[::-1]), known_places[::-1], strict=True))
        found = [known.get(bytes_of(piece)) for piece in pieces]
        again = [bytes_of(a) == bytes_of(p) for a, p in zip(seen["again"], pieces, strict=False)]
        shapes = {str(np.shape(piece)) for piece in pieces}
        rows, columns = (list(range(length + 2 * pad - size + 1)) for length in x.shape[:2])
        short = all(np.ndim(p) == 3 and max(p.shape[:2]) <= size for p in map(np.asarray, pieces))
        several = CUT_SHORT if short else "now one, now another"
        facts = {
            "shape": shapes.pop() if len(shapes) == 1 else several,
            "dtype": str(np.asarray(pieces[0]).dtype),
            "same generator again": "the same pieces" if all(again) else "other pieces",
            **fine(rows, columns, draws), "rows": rows, "columns": columns,
        }  # fmt: skip
        if facts["shape"] != str((size, size, x.shape[2])):
            return facts
        # One strange piece is enough: an honest answer has none.
        if None in found:
            strange = [p for p, place in zip(pieces, found, strict=True) if not place]
            return facts | {"pieces": described(strange, filled)}
        *places, turns = (np.array(column) for column in zip(*found, strict=True))
        facts["mirrored"] = how_often(turns, *places)
        return facts | spread(*places, rows, columns, draws)

    def reference(self, x, size, pad, seed, draws):
        height, width, channels = x.shape
        rows, columns = (list(range(length + 2 * pad - size + 1)) for length in (height, width))
        return {
            "shape": str((size, size, channels)),
            "dtype": str(x.dtype),
            "same generator again": "the same pieces",
            **fine(rows, columns, draws), "rows": rows, "columns": columns,
        }  # fmt: skip

    @mistake
    def last_place_never_reached(self, right, x, size, pad, seed, draws):
        """The piece never lies at the lower or right end: the last offset is left out. A row of
        length L has L − size + 1 places for it."""
        if len(right["rows"]) > 1:
            return {"rows": right["rows"][:-1], "columns": right["columns"][:-1]}

    @mistake
    def stops_at_the_only_place(self, right, x, size, pad, seed, draws):
        """Where the piece is as large as the padded picture there is one place for it, and your
        code stops: it asks rng for a number from none. A row of length L has L − size + 1
        places."""
        if len(right["rows"]) == 1:
            return dict.fromkeys(right, raises("ValueError", "high"))

    @mistake
    def last_row_never_reached(self, right, x, size, pad, seed, draws):
        """The piece never lies at the lower end: the last row is left out. Of H there are
        H − size + 1 places for it, after padding."""
        if len(right["rows"]) > 1:
            return {"rows": right["rows"][:-1]}

    @mistake
    def last_column_never_reached(self, right, x, size, pad, seed, draws):
        """The piece never lies at the right end: the last column is left out. Of W there are
        W − size + 1 places for it, after padding."""
        if len(right["rows"]) > 1:
            return {"columns": right["columns"][:-1]}

    @mistake
    def padding_never_shown(self, right, x, size, pad, seed, draws):
        """Your pieces never contain any of the padding: it is not there, or the offsets are drawn
        for the picture without it."""
        rows, columns = (list(range(pad, pad + length - size + 1)) for length in x.shape[:2])
        if pad and rows and columns:
            return {"rows": rows, "columns": columns}

    @mistake
    def half_the_padding(self, right, x, size, pad, seed, draws):
        """You put half of the zeros on each side. `pad` zeros belong on each of the four sides."""
        if pad:
            kept = slice(pad // 2, -(pad // 2))
            return {name: right[name][kept] for name in ("rows", "columns")}

    @mistake
    def offsets_of_the_unpadded_picture(self, right, x, size, pad, seed, draws):
        """You draw offsets as if there were no padding, then slice the padded picture: the lower
        and right part is never shown."""
        rows, columns = (list(range(length - size + 1)) for length in x.shape[:2])
        if pad and rows and columns:
            return {"rows": rows, "columns": columns}

    @mistake
    def padded_on_one_side(self, right, x, size, pad, seed, draws):
        """You draw offsets as if there were padding on one side only. There are `pad` zeros on each
        of the four sides."""
        if pad:
            return {name: right[name][:-pad] for name in ("rows", "columns")}

    @mistake
    def columns_in_the_room_of_the_rows(self, right, x, size, pad, seed, draws):
        """The column is drawn from as many places as there are for the row, so the right part of a
        wide picture is never shown. Height and width have their own numbers of places."""
        if len(right["rows"]) < len(right["columns"]):
            return {"columns": right["rows"]}

    @mistake
    def rows_in_the_room_of_the_columns(self, right, x, size, pad, seed, draws):
        """The row is drawn from as many places as there are for the column, so the lower part of a
        tall picture is never shown. Height and width have their own numbers of places."""
        if len(right["columns"]) < len(right["rows"]):
            return {"rows": right["columns"]}

    @mistake
    def height_and_width_exchanged(self, right, x, size, pad, seed, draws):
        """In a picture that is not square some of your pieces are cut short: an offset goes beyond
        the end of its axis, as where height and width have changed places. x is H×W×C."""
        if len(right["rows"]) != len(right["columns"]):
            return {"shape": CUT_SHORT}

    @mistake
    def offsets_up_to_the_end(self, right, **inputs):
        """Some of your pieces are cut short, also where there is room for a single one: they begin
        too near to the end. The last place in a row of length L is L − size."""
        return {"shape": CUT_SHORT}

    @mistake
    def always_the_middle(self, right, x, size, pad, seed, draws):
        """Your piece is always the one in the middle. Draw its place anew for each picture."""
        if len(right["rows"]) > 1:
            return {"places": "always in the middle"}

    @mistake
    def always_the_corner(self, right, x, size, pad, seed, draws):
        """Your piece always begins at the upper left corner. Draw its place anew for each
        picture."""
        if len(right["rows"]) > 1:
            return {"places": "always at the upper left corner"}

    @mistake
    def always_the_corner_without_padding(self, right, x, size, pad, seed, draws):
        """Where pad is 0 your piece always begins at the upper left corner. Its place is drawn
        there, too: the picture is larger than the piece."""
        return self.always_the_corner(right, x, size, pad, seed, draws) if not pad else None

    @mistake
    def corners_and_middle(self, right, x, size, pad, seed, draws):
        """Your piece is at a corner or in the middle, as in ten crops for testing. Every place is
        equally likely here."""
        if len(right["rows"]) > 1:
            return {"places": "at the corners and in the middle only"}

    @mistake
    def one_offset_for_both(self, right, x, size, pad, seed, draws):
        """Row and column offset are the same number, so the piece moves along the diagonal only.
        Draw two."""
        if len(right["rows"]) > 1:
            return {"places": "on the diagonal"}

    @mistake
    def some_places_more_often(self, right, x, size, pad, seed, draws):
        """Not all places are equally likely. Rounding a uniform number, for one, makes the first
        and the last half as likely as the others: draw a whole number."""
        if "how often" in right:
            return {"how often": "some more often than others"}

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
    def turned_round(self, right, x, size, pad, seed, draws):
        """You turn both axes round, so the picture stands on its head. A mirror image turns round
        one axis only, from left to right."""
        return {"mirrored": "height and width at once, half of the time"}

    @mistake
    def exchanged(self, right, x, size, pad, seed, draws):
        """You exchange rows and columns, which is a mirror image along the diagonal. Turn round the
        axis from left to right."""
        return {"mirrored": "rows for columns, half of the time"}

    @mistake
    def never_mirrored(self, right, x, size, pad, seed, draws):
        """No piece is ever a mirror image. rng.integers(0, 1) is always 0, for one: its upper end
        is left out."""
        return {"mirrored": "nothing"}

    @mistake
    def always_mirrored(self, right, x, size, pad, seed, draws):
        """Every piece is a mirror image. Toss a coin for each picture."""
        return {"mirrored": "the width, always"}

    @mistake
    def another_share_mirrored(self, right, x, size, pad, seed, draws):
        """The share of mirror images is not a half. A fair coin has two sides: rng.integers(2) is 0
        or 1, rng.random() is below 0.5 half of the time."""
        if draws > 500:
            return {"mirrored": "the width, not half of the time"}

    @mistake
    def mirrored_by_the_place(self, right, x, size, pad, seed, draws):
        """Whether a piece is mirrored hangs on where it was cut out: it happens at some places more
        often than at others. Draw it apart from row and column."""
        if draws > 500:
            return {"mirrored": "the width, at some places more often than at others"}
        if len(right["rows"]) == 1:
            return {"mirrored": "nothing"}

    @mistake
    def padded_with_the_border(self, right, x, size, pad, seed, draws):
        """What you show beyond the edge is the picture's border, repeated. Here the padding is
        zeros."""
        if pad:
            return {"pieces": "filled with the border beyond the edge"}

    @mistake
    def padded_below_and_right(self, right, pad, **inputs):
        """All your padding is below the picture and to its right. `pad` zeros belong on each of the
        four sides."""
        if pad:
            return {"pieces": "padded below and on the right only"}

    @mistake
    def padded_above_and_left(self, right, pad, **inputs):
        """All your padding is above the picture and to its left. `pad` zeros belong on each of the
        four sides."""
        if pad:
            return {"pieces": "padded above and on the left only"}

    @mistake
    def padded_with_the_opposite_side(self, right, pad, **inputs):
        """What you show beyond the edge is the opposite side of the picture, as np.roll and mode
        "wrap" bring it. Here the padding is zeros."""
        if pad:
            return {"pieces": "filled with the opposite side beyond the edge"}

    @mistake
    def padded_with_a_reflection(self, right, x, size, pad, seed, draws):
        """What you show beyond the edge is the picture, mirrored. Here the padding is zeros."""
        if pad:
            return {"pieces": "filled with mirror images beyond the edge"}

    @mistake
    def padded_with_a_symmetric_border(self, right, x, size, pad, seed, draws):
        """What you show beyond the edge is the picture, mirrored with its border. Here the padding
        is zeros."""
        if pad:
            return {"pieces": "filled with a mirrored border beyond the edge"}

    @mistake
    def padded_after_the_cut(self, right, x, size, pad, seed, draws):
        """Your pieces have zeros on all four sides: you cut first and pad the piece. Pad the
        picture, then cut."""
        if pad:
            return {"pieces": "with zeros on all sides"}

    @mistake
    def channels_padded(self, right, x, size, pad, seed, draws):
        """You pad the channels too: a picture of three colours comes back with more. Give np.pad a
        pair for each axis."""
        if pad:
            return {"shape": str((size, size, x.shape[2] + 2 * pad))}

    def _no_room(self, right, x, side, dtype=None):
        """What code shows whose room for the picture is a square of this side, or of a dtype."""
        into = f"into shape ({side},{side},{x.shape[2]})"
        if np.ptp(x.shape[:2]):
            return dict.fromkeys(right, raises("ValueError", into))
        return {"dtype": dtype} if dtype else None

    @mistake
    def room_as_wide_as_high(self, right, x, **inputs):
        """The room that you make for the picture is as wide as the picture is high, and it does not
        fit in. A picture need not be square: its width counts by itself."""
        return self._no_room(right, x, x.shape[0])

    @mistake
    def room_as_wide_as_high_of_float64(self, right, x, **inputs):
        """The room that you make for the picture is as wide as the picture is high, and it does not
        fit in. Its width counts by itself. Where it does fit, your piece is float64: it has the
        dtype of x."""
        return self._no_room(right, x, x.shape[0], "float64")

    @mistake
    def room_as_high_as_wide(self, right, x, **inputs):
        """The room that you make for the picture is as high as the picture is wide, and it does not
        fit in. A picture need not be square: its height counts by itself."""
        return self._no_room(right, x, x.shape[1])

    @mistake
    def wider_dtype(self, right, x, size, pad, seed, draws):
        """Your pieces are float64 whatever came in, as they are when they are copied into
        np.zeros(shape). The piece has the dtype of x."""
        return {"dtype": "float64"}

    @mistake
    def generator_not_used(self, right, x, size, pad, seed, draws):
        """The same rng gives other pieces when it is started again. Draw everything from the rng
        that is passed in."""
        return {"same generator again": "other pieces"}
