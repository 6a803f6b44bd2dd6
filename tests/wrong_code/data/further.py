"""Notebook 03: what further learners, who had seen no check, wrote wrong."""

import numpy as np
import torch
from wrong_code import wrong

from course_utils.images import resize


def _split(identity, shared, of_class=None):
    """Parts of all indices, or of each class's, by one way or by two."""

    def split(n, fractions, rng, labels=None):
        if labels is None:
            return shared(np.arange(n), fractions, rng)
        way = of_class or shared
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        found = [way(group, fractions, rng) for group in groups]
        return [np.concatenate(pieces) for pieces in zip(*found, strict=True)]

    wrong("split", identity)(split)


def _cuts(group, fractions):
    return np.floor(np.cumsum(fractions)[:-1] * len(group) + 0.5 + 1e-9).astype(int)


def _right(group, fractions, rng):
    return np.split(rng.permutation(group), _cuts(group, fractions))


def _by_sizes(group, fractions, rng):
    return np.split(rng.permutation(group), [round(f * len(group)) for f in fractions[:-1]])


def _cut_off(group, fractions, rng):
    cuts = [int(cut * len(group)) for cut in np.cumsum(fractions)[:-1]]
    return np.split(rng.permutation(group), cuts)


def _each_drawn(group, fractions, rng):
    sizes = np.diff([0, *_cuts(group, fractions), len(group)])
    return [rng.choice(group, size, replace=False) for size in sizes]


_split("sizes_taken_for_cuts", _by_sizes)
_split("sizes_taken_for_cuts_without_labels", _by_sizes, _right)
_split("sizes_taken_for_cuts_within_a_class", _right, _by_sizes)
_split("each_part_drawn_for_itself_without_labels", _each_drawn, _right)
_split("running_totals_cut_off", _cut_off, _right)


def _prepared(identity, mean_of=None, std_of=None, cut=False):
    def preprocess(X_train, X_test, mode):
        axes = 0 if mode == "mean_image" else (0, 1, 2)
        mean = mean_of(X_train, mode) if mean_of else X_train.mean(axes, dtype=float)
        mean = np.floor(mean) if cut else mean
        statistics = {"mean": mean}
        train, test = X_train.astype(float) - mean, X_test.astype(float) - mean
        if mode == "channel_mean_std":
            std = std_of(X_train.astype(float)) if std_of else X_train.std(axes, dtype=float)
            statistics["std"] = std
            train, test = train / std, test / std
        return train, test, statistics

    wrong("preprocess", identity)(preprocess)


_prepared("one_std_repeated", std_of=lambda X: np.repeat(X.std(), X.shape[-1]))
_prepared("one_std_of_what_is_centred",
          std_of=lambda X: np.repeat((X - X.mean((0, 1, 2))).std(), X.shape[-1]))  # fmt: skip
_prepared("mean_of_the_pixels_stds", std_of=lambda X: X.std(axis=0).mean(axis=(0, 1)))
_prepared("mean_image_and_channel_std", lambda X, mode: X.mean(axis=0, dtype=float))
_prepared("mean_cut_down", cut=True)


@wrong("preprocess", "mean_cut_down_and_wraps")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    mean = X_train.mean(axes).astype(X_train.dtype)
    statistics = {"mean": mean.astype(float)}
    train, test = ((X - mean).astype(float) for X in (X_train, X_test))
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes, dtype=float)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


def _piece(identity, padded):
    def random_crop_flip(x, size, pad, rng):
        large = padded(x, pad)
        row, column = (rng.integers(length - size + 1) for length in large.shape[:2])
        piece = large[row : row + size, column : column + size]
        return piece[:, ::-1] if rng.random() < 0.5 else piece

    wrong("random_crop_flip", identity)(random_crop_flip)


_piece("padded_below_and_right",
       lambda x, pad: np.pad(x, ((0, 2 * pad), (0, 2 * pad), (0, 0))))  # fmt: skip
_piece("padded_above_and_left",
       lambda x, pad: np.pad(x, ((2 * pad, 0), (2 * pad, 0), (0, 0))))  # fmt: skip
_piece("padded_with_the_opposite_side",
       lambda x, pad: np.pad(x, ((pad, pad), (pad, pad), (0, 0)), mode="wrap"))  # fmt: skip


def _jitter(img, rng, low, high, size):
    factor = rng.integers(low, high + 1) / min(img.shape[:2])
    large = resize(img, *(round(length * factor) for length in img.shape[:2]))
    row, column = (rng.integers(length - size + 1) for length in large.shape[:2])
    return large[row : row + size, column : column + size]


@wrong("scale_jitter", "high_of_512_by_default")
def scale_jitter(img, rng, low=256, high=512, size=224):
    return _jitter(img, rng, low, high, size)


@wrong("scale_jitter", "as_large_as_low")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _jitter(img, rng, low, high, low)


def _ten(identity, middle):
    def ten_crop(img, size):
        down, across = img.shape[0] - size, img.shape[1] - size
        row, column = middle(down, across)
        starts = [(0, 0), (0, across), (down, 0), (down, across)]
        starts.append((min(row, down), min(column, across)))
        five = np.stack([img[r : r + size, c : c + size] for r, c in starts])
        return np.concatenate([five, five[:, :, ::-1]])

    wrong("ten_crop", identity)(ten_crop)


_ten("middle_offset_of_the_rows", lambda down, across: (down // 2, down // 2))
_ten("middle_offset_of_the_columns", lambda down, across: (across // 2, across // 2))


@wrong("multi_crop_predict", "scales_counted_once")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    was, found = model.training, []
    model.eval()
    for scale in set(scales):
        large = resize(img, *(round(n * scale / min(img.shape[:2])) for n in img.shape[:2]))
        down, across = large.shape[0] - size, large.shape[1] - size
        starts = [(0, 0), (0, across), (down, 0), (down, across), (down // 2, across // 2)]
        five = np.stack([large[r : r + size, c : c + size] for r, c in starts])
        views = np.concatenate([five, five[:, :, ::-1]]).transpose(0, 3, 1, 2)
        with torch.no_grad():
            found.append(model(torch.tensor(views)).softmax(1))
    model.train(was)
    return torch.cat(found).mean(0)


@wrong("pca_whiten", "standardised_first_and_eps_outside")
def pca_whiten(X, eps):
    standard = (X - X.mean(0)) / X.std(0)
    values, vectors = np.linalg.eigh(standard.T @ standard / len(X))
    return (standard @ vectors / (np.sqrt(values) + eps))[:, ::-1]


@wrong("pca_color", "dtype_of_the_shift")
def pca_color(img, eigval, eigvec, alpha):
    return img + eigvec @ (eigval * alpha)


@wrong("pca_color", "alpha_drawn_inside")
def pca_color(img, eigval, eigvec, alpha):
    alpha = np.random.default_rng().normal(0, 0.1, 3)
    return (img + eigvec @ (alpha * eigval)).astype(img.dtype)


@wrong("split", "index_lost_at_a_cut")
def split(n, fractions, rng, labels=None):
    groups = [np.arange(n)]
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    found = []
    for group in groups:
        order, cuts = rng.permutation(group), [0, *_cuts(group, fractions), len(group)]
        found.append([order[a + (a > 0) : b] for a, b in zip(cuts[:-1], cuts[1:], strict=True)])
    return [np.concatenate(pieces) for pieces in zip(*found, strict=True)]
