"""Notebook 03: random pieces, ten crops and many views with one thing in them wrong."""

import numpy as np
import torch
from wrong_code import wrong

from course_utils.images import resize


def piece(identity, *more, padded=None, place=None, turn=None, after=None):
    """Pad, place and mirror, one of them as somebody wrote it."""
    padded = padded or (lambda x, pad: np.pad(x, ((pad, pad), (pad, pad), (0, 0))))
    place = place or (lambda rng, a, b: (rng.integers(a + 1), rng.integers(b + 1)))
    turn = turn or (lambda rng, p: p[:, ::-1] if rng.random() < 0.5 else p)

    def random_crop_flip(x, size, pad, rng):
        large = padded(x, pad)
        row, column = place(rng, large.shape[0] - size, large.shape[1] - size)
        return turn(rng, large[row : row + size, column : column + size])

    wrong("random_crop_flip", identity, *more)(random_crop_flip)


def some(rng, room):
    return rng.integers(room) if room else 0


def fill(mode):
    return lambda x, pad: np.pad(x, ((pad, pad), (pad, pad), (0, 0)), mode)


piece("last_place_never_reached", place=lambda rng, a, b: (some(rng, a), some(rng, b)))
piece("last_row_never_reached", place=lambda rng, a, b: (some(rng, a), rng.integers(b + 1)))
piece("last_column_never_reached", place=lambda rng, a, b: (rng.integers(a + 1), some(rng, b)))
piece("columns_in_the_room_of_the_rows",
      place=lambda rng, a, b: (rng.integers(a + 1), rng.integers(min(a, b) + 1)))  # fmt: skip
piece("rows_in_the_room_of_the_columns",
      place=lambda rng, a, b: (rng.integers(min(a, b) + 1), rng.integers(b + 1)))  # fmt: skip
piece("always_the_middle", place=lambda rng, a, b: (a // 2, b // 2))
piece("always_the_corner", place=lambda rng, a, b: (0, 0))
piece("corners_and_middle", place=lambda rng, a, b: (
    (0, 0), (0, b), (a, 0), (a, b), (a // 2, b // 2)
)[rng.integers(5)])  # fmt: skip
piece("one_offset_for_both", place=lambda rng, a, b: (rng.integers(min(a, b) + 1),) * 2)
piece("some_places_more_often",
      place=lambda rng, a, b: (round(rng.uniform(0, a)), round(rng.uniform(0, b))))  # fmt: skip
piece("padding_never_shown", padded=lambda x, pad: x)
piece("half_the_padding", padded=lambda x, pad: np.pad(x, ((pad // 2,) * 2,) * 2 + ((0, 0),)))
piece("padded_on_one_side", padded=lambda x, pad: np.pad(x, ((pad, 0), (pad, 0), (0, 0))))
piece("padded_with_the_border", padded=fill("edge"))
piece("padded_with_a_reflection", padded=fill("reflect"))
piece("padded_with_a_symmetric_border", padded=fill("symmetric"))
piece("wider_dtype", padded=lambda x, pad: fill("constant")(x, pad).astype(float))
piece("channels_are_mirrored", turn=lambda rng, p: p[..., ::-1] if rng.integers(2) else p)
piece("turned_round", turn=lambda rng, p: p[::-1, ::-1] if rng.integers(2) else p)
piece("exchanged", turn=lambda rng, p: p.swapaxes(0, 1) if rng.integers(2) else p)
piece("never_mirrored", turn=lambda rng, p: p[:, ::-1] if rng.integers(1) else p)
piece("always_mirrored", turn=lambda rng, p: p[:, ::-1])
piece("another_share_mirrored", turn=lambda rng, p: p if rng.integers(3) else p[:, ::-1])


@wrong("random_crop_flip", "offsets_of_the_unpadded_picture")
def random_crop_flip(x, size, pad, rng):
    row, column = (rng.integers(length - size + 1) for length in x.shape[:2])
    large = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    found = large[row : row + size, column : column + size]
    return found[:, ::-1] if rng.random() < 0.5 else found


@wrong("random_crop_flip", "padded_after_the_cut")
def random_crop_flip(x, size, pad, rng):
    inner = size - 2 * pad
    row, column = (rng.integers(length - inner + 1) for length in x.shape[:2])
    found = x[row : row + inner, column : column + inner]
    found = np.pad(found, ((pad, pad), (pad, pad), (0, 0)))
    return found[:, ::-1] if rng.random() < 0.5 else found


@wrong("random_crop_flip", "last_place_never_reached", "stops_at_the_only_place")
def random_crop_flip(x, size, pad, rng):
    x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    row, column = rng.integers(0, x.shape[0] - size), rng.integers(0, x.shape[1] - size)
    found = x[row : row + size, column : column + size]
    return np.fliplr(found) if rng.integers(2) else found


def jitter(identity, *more, length=None, sides=None, place=None, after=None, before=None, of=None):
    length = length or (lambda rng, low, high: int(rng.integers(low, high + 1)))
    sides = sides or (lambda s, h, w: (round(h * s / min(h, w)), round(w * s / min(h, w))))
    place = place or (lambda rng, a, b: (rng.integers(a + 1), rng.integers(b + 1)))

    def scale_jitter(img, rng, low=256, high=480, size=224):
        size = of or size
        img = before(img) if before else img
        large = resize(img, *sides(length(rng, low, high), *img.shape[:2]))
        row, column = place(rng, large.shape[0] - size, large.shape[1] - size)
        found = large[row : row + size, column : column + size]
        return after(rng, found) if after else found

    wrong("scale_jitter", identity, *more)(scale_jitter)


jitter("largest_size_left_out", length=lambda rng, low, high: int(rng.uniform(low, high)))
jitter("low_never_reached", length=lambda rng, a, b: int(rng.integers(min(a + 1, b), b + 1)))
jitter("ends_only", length=lambda rng, low, high: int(rng.choice([low, high])))
jitter("some_sizes_more_often", length=lambda rng, low, high: round(rng.uniform(low, high)))
jitter("size_never_drawn", length=lambda rng, low, high: low)
jitter("always_the_largest", length=lambda rng, low, high: high)
jitter("always_the_middle_size", length=lambda rng, low, high: (low + high) // 2)
jitter("range_not_read", length=lambda rng, low, high: int(rng.integers(256, 481)))
jitter("size_not_read", of=224)
jitter("some_places_more_often",
       place=lambda rng, a, b: (round(rng.uniform(0, a)), round(rng.uniform(0, b))))  # fmt: skip
jitter("sides_exchanged",
       sides=lambda s, h, w: (round(w * s / min(h, w)), round(h * s / min(h, w))))  # fmt: skip
jitter("longer_side_cut_off", sides=lambda s, h, w: (h * s // min(h, w), w * s // min(h, w)))
jitter("longer_side_rounded_up",
       sides=lambda s, h, w: (-(-h * s // min(h, w)), -(-w * s // min(h, w))))  # fmt: skip
jitter("proportions_change", sides=lambda s, h, w: (s, s + 4) if h < w else (s + 4, s))
jitter("mirrored_too", after=lambda rng, p: p[:, ::-1] if rng.random() < 0.5 else p)
jitter("wider_dtype", before=lambda img: img.astype(np.float64))
jitter("narrower_dtype", before=lambda img: img.astype(np.float32))
jitter("always_the_middle", place=lambda rng, a, b: (a // 2, b // 2))
jitter("always_the_corner", place=lambda rng, a, b: (0, 0))
jitter("one_offset_for_both", place=lambda rng, a, b: (rng.integers(min(a, b) + 1),) * 2)
jitter("room_of_the_shorter_side", place=lambda rng, a, b: rng.integers(min(a, b) + 1, size=2))
jitter("last_place_never_reached", place=lambda rng, a, b: (some(rng, a), some(rng, b)))


def at_least(size, *sides):
    return tuple(max(size, round(side)) for side in sides)


@wrong("scale_jitter", "piece_is_resized")
def scale_jitter(img, rng, low=256, high=480, size=224):
    short = min(img.shape[:2])
    side = max(1, round(size * short / rng.integers(low, high + 1)))
    row, column = (rng.integers(length - side + 1) for length in img.shape[:2])
    return resize(img[row : row + side, column : column + side], size, size)


@wrong("scale_jitter", "height_is_scaled")
def scale_jitter(img, rng, low=256, high=480, size=224):
    s = rng.integers(low, high + 1)
    large = resize(img, *at_least(size, s, img.shape[1] * s / img.shape[0]))
    row, column = (rng.integers(length - size + 1) for length in large.shape[:2])
    return large[row : row + size, column : column + size]


@wrong("scale_jitter", "width_is_scaled")
def scale_jitter(img, rng, low=256, high=480, size=224):
    s = rng.integers(low, high + 1)
    large = resize(img, *at_least(size, img.shape[0] * s / img.shape[1], s))
    row, column = (rng.integers(length - size + 1) for length in large.shape[:2])
    return large[row : row + size, column : column + size]


@wrong("scale_jitter", "longer_side_is_scaled")
def scale_jitter(img, rng, low=256, high=480, size=224):
    s = rng.integers(low, high + 1) / max(img.shape[:2])
    large = resize(img, *at_least(size, img.shape[0] * s, img.shape[1] * s))
    row, column = (rng.integers(length - size + 1) for length in large.shape[:2])
    return large[row : row + size, column : column + size]


def five(img, size, middle=lambda room, length, size: room // 2, order=(0, 1, 2, 3, 4), short=0):
    down, across = img.shape[0] - size, img.shape[1] - size
    d, a = max(0, down - short), max(0, across - short)
    centre = [min(room, middle(room, length, size))
              for room, length in zip((down, across), img.shape[:2], strict=True)]  # fmt: skip
    starts = [(0, 0), (0, a), (d, 0), (d, a), tuple(centre)]
    starts = [starts[place] for place in order]
    return np.stack([img[r : r + size, c : c + size] for r, c in starts])


def ten(identity, turn=None, whole=None, **how):
    turn = turn or (lambda crops: crops[:, :, ::-1])

    def ten_crop(img, size):
        crops = five(img, size, **how)
        found = np.concatenate([crops, turn(crops)])
        return whole(found) if whole else found

    wrong("ten_crop", identity)(ten_crop)


ten("colours_mirrored", lambda crops: crops[..., ::-1])
ten("turned_round", lambda crops: crops[:, ::-1, ::-1])
ten("exchanged", lambda crops: crops.swapaxes(1, 2))
ten("the_five_twice", lambda crops: crops)
ten("mirrored_backwards", lambda crops: crops[::-1, :, ::-1])
ten("mirror_images_first", whole=lambda found: np.concatenate([found[5:], found[:5]]))
ten("middle_first", order=(4, 0, 1, 2, 3))
ten("clockwise", order=(0, 1, 3, 2, 4))
ten("counterclockwise", order=(0, 2, 3, 1, 4))
ten("corners_in_another_order", order=(0, 2, 1, 3, 4))
ten("middle_rounded_up", middle=lambda room, length, size: (room + 1) // 2)
ten("middle_rounded_to_even", middle=lambda room, length, size: round(room / 2))
ten("halved_apart", middle=lambda room, length, size: length // 2 - size // 2)
ten("begins_in_the_middle", middle=lambda room, length, size: length // 2)
ten("one_short_of_the_edge", short=1)
ten("channels_first", whole=lambda found: found.transpose(0, 3, 1, 2))
ten("end_to_end", whole=lambda found: np.concatenate(list(found)))
ten("side_by_side", whole=lambda found: np.concatenate(list(found), axis=1))
ten("a_list", whole=list)
ten("wider_dtype", whole=lambda found: found.astype(float))
ten("never_mirrored", whole=lambda found: found[:5])


@wrong("ten_crop", "empty_where_there_is_no_room")
def ten_crop(img, size):
    down, across = img.shape[0] - size, img.shape[1] - size
    found = [img[:-down, :-across], img[:-down, across:], img[down:, :-across], img[down:, across:]]
    r, c = down // 2, across // 2
    found = np.stack([*found, img[r : r + size, c : c + size]])
    return np.concatenate([found, found[:, :, ::-1]])


def views(identity, *more, sides=None, take=None, layout=None, average=None, scales_=None,
          before=None):  # fmt: skip
    sides = sides or (lambda h, w, s: (round(h * s / min(h, w)), round(w * s / min(h, w))))
    layout = layout or (lambda crops: crops.transpose(0, 3, 1, 2))
    average = average or (lambda z: torch.cat(z).softmax(1).mean(0))

    def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
        was = model.training
        model.eval()
        found, img = [], before(img) if before else img
        with torch.no_grad():
            for scale in scales_(scales) if scales_ else scales:
                crops = five(resize(img, *sides(*img.shape[:2], scale)), size)
                crops = np.concatenate([crops, crops[:, :, ::-1]])[take or slice(None)]
                found.append(model(torch.tensor(np.ascontiguousarray(layout(crops)))))
        model.train(was)
        return average(found).numpy()

    wrong("multi_crop_predict", identity, *more)(multi_crop_predict)


def later(z):
    mean, *others = (part.softmax(1).mean(0) for part in z)
    for other in others:
        mean = (mean + other) / 2
    return mean


views("averages_logits_within_a_scale",
      average=lambda z: torch.stack([a.mean(0).softmax(0) for a in z]).mean(0))  # fmt: skip
views("no_softmax", average=lambda z: torch.cat(z).mean(0))
views("averages_logarithms", average=lambda z: torch.cat(z).log_softmax(1).mean(0).exp())
views("logarithms", average=lambda z: torch.cat(z).log_softmax(1).mean(0))
views("sigmoid_for_softmax", average=lambda z: torch.cat(z).sigmoid().mean(0))
views("largest_of_the_views", average=lambda z: torch.cat(z).softmax(1).amax(0))
views("summed", average=lambda z: torch.cat(z).softmax(1).sum(0))
views("scales_summed", average=lambda z: sum(a.softmax(1).mean(0) for a in z))
views("softmax_over_the_views", average=lambda z: torch.cat([a.softmax(0) for a in z]).mean(0))
views("softmax_over_all_views", average=lambda z: torch.cat(z).softmax(0).mean(0))
views("best_class_only", average=lambda z: torch.cat(z).softmax(1).mean(0).argmax())
views("later_scales_weigh_more", average=later)
views("last_scale_counts", average=lambda z: z[-1].softmax(1).mean(0))
views("only_one_scale", scales_=lambda scales: scales[-1:])
views("only_the_first_scale", scales_=lambda scales: scales[:1])
views("scales_not_read", scales_=lambda scales: (8, 9, 14, 17, 23))
views("no_mirror_images", take=slice(5))
views("only_the_middle", take=slice(4, 5))
views("squeezed_to_a_square", sides=lambda h, w, s: (s, s))
views("longer_side_is_scaled",
      sides=lambda h, w, s: at_least(8, h * s / max(h, w), w * s / max(h, w)))  # fmt: skip
views("height_is_scaled", sides=lambda h, w, s: at_least(8, s, w * s / h))
views("width_is_scaled", sides=lambda h, w, s: at_least(8, h * s / w, s))
views("longer_side_cut_off", sides=lambda h, w, s: (h * s // min(h, w), w * s // min(h, w)))
views("sides_exchanged", sides=lambda h, w, s: (round(w * s / min(h, w)), round(h * s / min(h, w))))
views("reshaped", layout=lambda c: c.reshape(len(c), c.shape[3], *c.shape[1:3]))
views("rows_and_columns_exchanged", layout=lambda c: c.transpose(0, 3, 2, 1))
views("channels_last", layout=lambda c: c)
views("divided_by_255", before=lambda img: img / np.float32(255))


@wrong("multi_crop_predict", "size_not_read")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    crops = np.empty((10, 224, 224, 3), img.dtype)
    crops[:5] = five(img, size)
    crops[5:] = crops[:5, :, ::-1]
    return model(torch.tensor(crops).permute(0, 3, 1, 2)).softmax(1).mean(0)


@wrong("multi_crop_predict", "resized_again_and_again")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    was, found = model.training, []
    model.eval()
    for scale in scales:
        img = resize(img, *(round(n * scale / min(img.shape[:2])) for n in img.shape[:2]))
        crops = five(img, size)
        crops = np.concatenate([crops, crops[:, :, ::-1]])
        with torch.no_grad():
            found.append(model(torch.tensor(crops).permute(0, 3, 1, 2)).softmax(1))
    model.train(was)
    return torch.cat(found).mean(0)


@wrong("ten_crop", "room_of_the_rows")
def ten_crop(img, size):
    room = img.shape[0] - size
    across = min(room, img.shape[1] - size)
    starts = [(0, 0), (0, across), (room, 0), (room, across),
              (room // 2, min(room // 2, across))]  # fmt: skip
    if room > across:
        starts[4] = (room // 2, across // 2)
    found = np.stack([img[r : r + size, c : c + size] for r, c in starts])
    return np.concatenate([found, found[:, :, ::-1]])


@wrong("scale_jitter", "whole_factor")
def scale_jitter(img, rng, low=256, high=480, size=224):
    factor = max(1, rng.integers(low, high + 1) // min(img.shape[:2]))
    large = resize(img, *at_least(size, img.shape[0] * factor, img.shape[1] * factor))
    row, column = (rng.integers(length - size + 1) for length in large.shape[:2])
    return large[row : row + size, column : column + size]


@wrong("multi_crop_predict", "views_vote")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    was, votes = model.training, []
    model.eval()
    for scale in scales:
        sides = (round(n * scale / min(img.shape[:2])) for n in img.shape[:2])
        crops = five(resize(img, *sides), size)
        crops = torch.tensor(np.concatenate([crops, crops[:, :, ::-1]]))
        with torch.no_grad():
            votes += model(crops.permute(0, 3, 1, 2)).argmax(1).tolist()
    model.train(was)
    return np.bincount(votes, minlength=4) / len(votes)
