"""Notebook 03: axes of another layout, orders, and two things at once."""

import numpy as np
from wrong_code import wrong

from course_utils.images import sample_at


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


@wrong("random_affine", "fixed_shear_in_radians")
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
