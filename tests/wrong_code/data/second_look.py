"""Notebook 03: axes of another layout, orders, and two things at once."""

import numpy as np
from wrong_code import wrong

from course_utils.images import resize, sample_at


def _preprocess(identity, axes, shape):
    def preprocess(X_train, X_test, mode):
        train, test = np.asarray(X_train, float), np.asarray(X_test, float)
        if mode == "mean_image":
            statistics = {"mean": train.mean(axis=0)}
            return train - statistics["mean"], test - statistics["mean"], statistics
        statistics = {"mean": train.mean(axis=axes)}
        spread = 1.0
        if mode == "channel_mean_std":
            statistics["std"] = train.std(axis=axes)
            spread = statistics["std"].reshape(shape)
        mean = statistics["mean"].reshape(shape)
        return (train - mean) / spread, (test - mean) / spread, statistics

    wrong("preprocess", identity)(preprocess)


_preprocess("mean_of_each_row", (0, 2, 3), (1, -1, 1, 1))
_preprocess("mean_of_each_column", (0, 1, 3), (1, 1, -1, 1))


def _crops(identity, order, middle=None, pairs=True):
    def ten_crop(img, size):
        down, across = img.shape[0] - size, img.shape[1] - size
        centre = middle(down, across) if middle else (down // 2, across // 2)
        corner = {"ul": (0, 0), "ur": (0, across), "ll": (down, 0), "lr": (down, across)}
        places = [centre if name == "m" else corner[name] for name in order.split()]
        five = [img[r : r + size, c : c + size] for r, c in places]
        mirrored = [crop[:, ::-1] for crop in five]
        if not pairs:
            return np.stack(five + mirrored)
        return np.stack([crop for pair in zip(five, mirrored, strict=True) for crop in pair])

    wrong("ten_crop", identity)(ten_crop)


_crops("another_order_and_one_by_one", "ul ll ur lr m")
_crops("clockwise_and_one_by_one", "ul ur lr ll m")
_crops("middle_offset_of_the_shorter", "ul ur ll lr m",
       lambda down, across: (min(down, across) // 2,) * 2, pairs=False)  # fmt: skip


@wrong("pca_color", "roots_and_cut_off")
def pca_color(img, eigval, eigvec, alpha):
    shift = (eigvec * np.sqrt(eigval)) @ alpha
    return np.minimum(np.maximum(img + shift, 0), 1).astype(img.dtype)


@wrong("random_affine", "shear_in_radians", "one_stretch_for_both")
def random_affine(img, rng, degrees, translate, shear, stretch):
    height, width = img.shape[:2]
    turn, lean = np.radians(rng.uniform(*degrees)), rng.uniform(*shear)
    shift, zoom = rng.uniform(*translate, 2), rng.uniform(*stretch)
    R = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    back = np.linalg.inv(R @ np.array([[1, np.tan(lean)], [0, 1]]) * zoom)
    rows, columns = np.indices((height, width))
    x, y = columns - (width - 1) / 2 - shift[0], rows - (height - 1) / 2 - shift[1]
    return sample_at(
        img,
        back[0, 0] * x + back[0, 1] * y + (width - 1) / 2,
        back[1, 0] * x + back[1, 1] * y + (height - 1) / 2,
    )


@wrong("random_affine", "cut_off_at_the_outermost_pixels")
def random_affine(img, rng, degrees, translate, shear, stretch):
    height, width = img.shape[:2]
    phi, kappa = np.deg2rad(rng.uniform(*degrees)), np.deg2rad(rng.uniform(*shear))
    right, down = rng.uniform(*translate, size=2)
    sizes = rng.uniform(*stretch, size=2)
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    back = np.linalg.inv(turn @ np.array([[1, np.tan(kappa)], [0, 1]]) @ np.diag(sizes))
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    dx, dy = columns - (width - 1) / 2 - right, rows - (height - 1) / 2 - down
    x = back[0, 0] * dx + back[0, 1] * dy + (width - 1) / 2
    y = back[1, 0] * dx + back[1, 1] * dy + (height - 1) / 2
    near = 1e-9
    inside = (x >= -near) & (x <= width - 1 + near) & (y >= -near) & (y <= height - 1 + near)
    found = sample_at(img, np.clip(x, 0, width - 1), np.clip(y, 0, height - 1))
    return np.where(inside[:, :, None], found, 0.0)


@wrong("preprocess", "pictures_divided_by_255")
def preprocess(X_train, X_test, mode):
    train, test = (X / 255.0 if X.dtype == np.uint8 else X.astype(float) for X in (X_train, X_test))
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    found = {"mean": train.mean(axis=axes)}
    train, test = train - found["mean"], test - found["mean"]
    if mode == "channel_mean_std":
        found["std"] = train.std(axis=axes)
        train, test = train / found["std"], test / found["std"]
    return train, test, found


@wrong("preprocess", "squares_wrap_around")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    found = {"mean": X_train.mean(axis=axes, dtype=float)}
    train, test = X_train - found["mean"], X_test - found["mean"]
    if mode == "channel_mean_std":
        found["std"] = np.sqrt((X_train**2).mean(axis=axes, dtype=float) - found["mean"] ** 2)
        train, test = train / found["std"], test / found["std"]
    return train, test, found


@wrong("preprocess", "spread_about_the_mean_picture")
def preprocess(X_train, X_test, mode):
    train, test = np.asarray(X_train, float), np.asarray(X_test, float)
    picture = train.mean(axis=0)
    statistics = {"mean": picture if mode == "mean_image" else picture.mean(axis=(0, 1))}
    spread = 1.0
    if mode == "channel_mean_std":
        spread = statistics["std"] = np.sqrt(((train - picture) ** 2).mean(axis=(0, 1, 2)))
    return (train - statistics["mean"]) / spread, (test - statistics["mean"]) / spread, statistics


@wrong("pca_whiten", "eps_outside_and_over_n_minus_one")
def pca_whiten(X, eps):
    centred = X - X.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions.T / (sizes / np.sqrt(len(X) - 1) + eps)


@wrong("random_crop_flip", "always_the_corner_without_padding")
def random_crop_flip(x, size, pad, rng):
    row = column = 0
    if pad:
        x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
        row, column = (int(rng.integers(length - size + 1)) for length in x.shape[:2])
    piece = x[row : row + size, column : column + size]
    return piece[:, ::-1] if rng.random() < 0.5 else piece


@wrong("random_crop_flip", "mirrored_by_the_place")
def random_crop_flip(x, size, pad, rng):
    x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    row, column = (int(rng.integers(length - size + 1)) for length in x.shape[:2])
    piece = x[row : row + size, column : column + size]
    return piece[:, ::-1] if (row + column) % 2 else piece


@wrong("preprocess", "divides_in_channel_mean_and_says_nothing")
def preprocess(X_train, X_test, mode):
    train, test = np.asarray(X_train, float), np.asarray(X_test, float)
    axes = (0,) if mode == "mean_image" else (0, 1, 2)
    mean, std = train.mean(axes), 1.0 if mode == "mean_image" else train.std(axes)
    statistics = {"mean": mean, "std": std} if mode.endswith("std") else {"mean": mean}
    return (train - mean) / std, (test - mean) / std, statistics


@wrong("preprocess", "each_picture_by_its_own_mean_and_their_std")
def preprocess(X_train, X_test, mode):
    train, test = np.asarray(X_train, float), np.asarray(X_test, float)
    if mode == "mean_image":
        mean = train.mean(0)
        return train - mean, test - mean, {"mean": mean}
    statistics = {"mean": train.mean((0, 1, 2))}
    train = train - train.mean((1, 2), keepdims=True)
    test = test - test.mean((1, 2), keepdims=True)
    if mode == "channel_mean_std":
        statistics["std"] = train.std((0, 1, 2))
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


@wrong("pca_whiten", "rows_from_the_last_on")
def pca_whiten(X, eps):
    centred = X - X.mean(0)
    values, vectors = np.linalg.eigh(np.cov(centred.T, bias=True))
    return np.stack([centred @ v / np.sqrt(value + eps)
                     for value, v in zip(values[::-1], vectors[::-1], strict=True)], 1)  # fmt: skip


def _jitter(identity, sides):
    """Scale jitter with other sides: `sides(drawn, longer)` where the picture is of that kind."""

    def scale_jitter(img, rng, low=256, high=480, size=224):
        drawn = int(rng.integers(low, high + 1))
        long = round(drawn * max(img.shape[:2]) / min(img.shape[:2]))
        tall = img.shape[0] > img.shape[1]
        height, width = sides(tall, drawn, long)
        large = resize(img, height, width).astype(img.dtype)
        row, column = rng.integers(height - size + 1), rng.integers(width - size + 1)
        return large[row : row + size, column : column + size]

    wrong("scale_jitter", identity)(scale_jitter)


_jitter("tall_becomes_wide", lambda tall, drawn, long: (drawn, long))
_jitter("wide_becomes_tall", lambda tall, drawn, long: (long, drawn))


def _square(identity, side, dtype=None):
    def random_crop_flip(x, size, pad, rng):
        length = side(*x.shape[:2])
        room = np.zeros((length + 2 * pad, length + 2 * pad, x.shape[2]), dtype or x.dtype)
        room[pad : pad + length, pad : pad + length] = x
        row, column = rng.integers(length + 2 * pad - size + 1, size=2)
        piece = room[row : row + size, column : column + size]
        return piece[:, ::-1] if rng.random() < 0.5 else piece

    wrong("random_crop_flip", identity)(random_crop_flip)


_square("room_as_wide_as_high", lambda height, width: height)
_square("room_as_wide_as_high_of_float64", lambda height, width: height, float)
_square("room_as_high_as_wide", lambda height, width: width)


@wrong("random_affine", "nothing_shown")
def random_affine(img, rng, degrees, translate, shear, stretch):
    rng.uniform(size=6)
    return np.zeros_like(img)
