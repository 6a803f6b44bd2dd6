"""Every piece that can be cut out of a padded picture, and what is told of those that were; for
`crop_and_flip`."""

import numpy as np

# Among these facts the first that is off is told; what follows from it is not judged.
FINE = {
    "pieces": "slices of the padded picture",
    "mirrored": "the width, half of the time",
    "places": "drawn separately",
}
FILLS = {
    "filled with the border beyond the edge": {"mode": "edge"},
    "filled with mirror images beyond the edge": {"mode": "reflect"},
    "filled with a mirrored border beyond the edge": {"mode": "symmetric"},
    "filled with the opposite side beyond the edge": {"mode": "wrap"},
    "padded below and on the right only": {"before": 0, "after": 2},
    "padded above and on the left only": {"before": 2, "after": 0},
}


def fine(rows, columns, draws):
    only = {"places": "one"} if min(len(rows), len(columns)) == 1 else {}
    return FINE | only | ({"how often": "equally often"} if draws > 500 else {})


def bytes_of(piece):
    piece = np.ascontiguousarray(piece)
    return (piece.shape, piece.astype(np.float64).tobytes())


TURNS = {
    "no": slice(None), "width": (slice(None), slice(None, None, -1)),
    "height": slice(None, None, -1), "channels": (..., slice(None, None, -1)),
    "height and width at once": (slice(None, None, -1), slice(None, None, -1)),
}  # fmt: skip


def all_pieces(
    x, size, pad, mode="constant", before=1, after=1, turns=(*TURNS, "rows for columns")
):  # fmt: skip
    """Every piece that a slice of the padded picture can be, and its (row, column, turn)."""
    sides = before * pad, after * pad
    padded = np.pad(x, (sides, sides, (0, 0)), mode)
    pieces, places = [], []
    for row in range(padded.shape[0] - size + 1):
        for column in range(padded.shape[1] - size + 1):
            piece = padded[row : row + size, column : column + size]
            for turn in turns:
                pieces.append(piece[TURNS[turn]] if turn in TURNS else piece.swapaxes(0, 1))
                places.append((row, column, turn))
    return np.array(pieces), places


def described(strange, filled):
    """What pieces are that are no slices."""
    for words, known in filled.items():
        if set(map(bytes_of, strange)) <= set(map(bytes_of, known)):
            return words
    rims = [np.concatenate([p[0], p[-1], p[:, 0], p[:, -1]]) for p in strange]
    return "with zeros on all sides" if not np.any(rims) else "something else"


def hangs_on(place, mirrored):
    """Whether pieces of some places are mirrored more often than those of others."""
    expected = np.mean(mirrored)
    groups = (mirrored[place == one] for one in np.unique(place))
    # Six standard errors of a fair coin, of as many draws as there are at the place.
    return any(abs(np.mean(group) - expected) > 3 / len(group) ** 0.5 for group in groups)


def how_often(turns, rows, columns):
    """Which way pieces are mirrored, whether about half of them are, and whether by their place."""
    ways = sorted(set(turns.tolist()) - {"no"})
    if not ways:
        return "nothing"
    share = np.mean(turns != "no")
    by_place = (rows, columns, rows * (columns.max() + 1) + columns)
    if len(turns) > 500 and any(hangs_on(place, turns != "no") for place in by_place):
        return "the width, at some places more often than at others"
    # Six standard errors of a fair coin, where there are draws enough to tell.
    fair = abs(share - 0.5) < (3 / len(turns) ** 0.5 if len(turns) > 500 else 0.45)
    often = "half of the time" if fair else "always" if share == 1 else "not half of the time"
    named = [f"the {way}" if " " not in way else way for way in ways]
    return f"{' and '.join(named)}, {often}"


def spread(found_rows, found_columns, rows, columns, draws):
    """Which places come, and where draws are many how often."""
    room = len(rows) - 1, len(columns) - 1
    if not min(room):
        return {"rows": sorted(set(found_rows.tolist())),
                "columns": sorted(set(found_columns.tolist())), "places": "one"}  # fmt: skip
    pairs = np.stack([found_rows, found_columns], 1)
    middle = np.abs(pairs - np.array(room) / 2).max(1) < 1
    at_ends = np.all((pairs == 0) | (pairs == room), axis=1)
    if not np.ptp(pairs, axis=0).any():
        where = "in the middle" if middle.all() else "at one place"
        return {"places": "always " + ("at the upper left corner" if not pairs.any() else where)}
    if max(room) > 2 and at_ends.any() and np.all(middle | at_ends):
        return {"places": "at the corners and in the middle only"}
    if np.array_equal(*pairs.T):
        return {"places": "on the diagonal"}
    facts = {name: sorted(set(found.tolist()))
             for name, found in (("rows", found_rows), ("columns", found_columns))}  # fmt: skip
    if draws > 500 and facts == {"rows": rows, "columns": columns}:
        even = all(np.all(np.abs(np.bincount(f, minlength=len(all_)) / draws - 1 / len(all_))
                          < 6 * ((len(all_) - 1) / len(all_) ** 2 / draws) ** 0.5)
                   for f, all_ in ((found_rows, rows), (found_columns, columns)))  # fmt: skip
        facts["how often"] = "equally often" if even else "some more often than others"
    return facts
