"""Where pieces of a ramp lie and how large it was, for `scale`."""

import numpy as np

EDGES = "from edge to edge"


def measured(pieces):
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


def clusters(values) -> list[float]:
    """What the values are that lie close together, from the smallest on."""
    values = np.sort(values)
    groups = np.split(values, np.flatnonzero(np.diff(values) > 0.3) + 1)
    return [float(group.mean()) for group in groups]


def sizes(sides, img, low, high):
    """What is told of heights and widths: the range, the shorter side, and the longer one."""
    short, long = sides.min(1), sides.max(1)
    lengths = clusters(short)
    right = [float(length) for length in range(low, high + 1)]
    fine = {"range": "low to high", "lengths": right, "longer side": "rounded"}
    if short.max() > high + 0.5:
        return fine | {"range": "something else"}
    fine["lengths"] = lengths
    if not np.allclose(short, short.round(), atol=0.15):
        return fine  # a piece was resized: its picture's sides are no whole numbers
    height, width = img.shape[:2]
    off = long.round() - short.round() * (max(height, width) / min(height, width))
    if np.abs(long - short).max() < 0.3 and np.abs(off).max() > 0.6:
        longer = "as long as the shorter"
    elif np.any((sides[:, 0] - sides[:, 1]) * (height - width) < -0.3):
        longer = "the shorter one"
    elif np.abs(off).max() < 0.5 + 1e-6:
        longer = "rounded"
    elif off.min() > -1 and off.max() < 1e-6:
        longer = "rounded down"
    else:
        longer = "rounded up" if off.max() < 1 and off.min() > -1e-6 else "something else"
    return fine | {"longer side": longer}


def where_cut(measured, size, small):
    """How the offsets lie between 0 and the last place, in words."""
    lengths, offsets = measured[:, :2].round(), measured[:, 2:].round()
    room = lengths - size
    at_start, at_end = offsets == 0, offsets == room
    if at_start.all():
        return "always at the upper left corner"
    if (np.abs(offsets - room / 2) < 0.9).all() and len(np.unique(offsets - room // 2)) < 3:
        return "always in the middle"
    if np.array_equal(*offsets.T):
        return "on the diagonal"
    unlike = (room[:, 0] != room[:, 1]).all()
    if unlike and np.all(offsets <= room.min(1, keepdims=True)) and not at_end.all(1).any():
        long = np.argmax(room.mean(0))
        if not at_end[:, long].any() or np.all(room[at_end[:, long]].std(1) == 0):
            return "never at the end of the longer side"
    if not small:  # of many places none has to come
        return EDGES
    if not at_start.any(0).all():
        return "never at the upper or left edge"
    return EDGES if at_end.any(0).all() else "never at the lower or right edge"


def how_often(measured, size, low):
    """Whether sizes and edges come as often as they should: within six standard errors."""
    lengths, offsets = measured[:, :2].round(), measured[:, 2:].round()
    count = np.bincount((lengths.min(1) - low).astype(int).clip(0), minlength=3)[:3]
    room = lengths - size
    chance = 2 / (room + 1)  # of either end, along each side
    even = {"sizes come": np.abs(count / len(room) - 1 / 3).max() < 6 * (2 / 9 / len(room)) ** 0.5}
    error = 6 * (chance * (1 - chance)).sum() ** 0.5
    at_ends = (offsets == 0) | (offsets == room)
    even["places come"] = abs(at_ends.sum() - chance.sum()) < error
    return {name: "equally often" if fair else "some more often than others"
            for name, fair in even.items()}  # fmt: skip
