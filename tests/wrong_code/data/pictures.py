"""Notebook 03: splits, centring and augmentation as people really write them wrong."""

import numpy as np
import torch
from wrong_code import wrong

from course_utils.images import resize, sample_at


@wrong("split", "not_shuffled")
def split(n, fractions, rng, labels=None):
    cuts = np.rint(np.cumsum(fractions)[:-1] * n).astype(int)
    return np.split(np.arange(n), cuts)


@wrong("split", "labels_ignored")
def split(n, fractions, rng, labels=None):
    cuts = np.rint(np.cumsum(fractions)[:-1] * n).astype(int)
    return np.split(rng.permutation(n), cuts)


@wrong("split", "each_part_drawn_for_itself")
def split(n, fractions, rng, labels=None):
    return [rng.choice(n, round(f * n), replace=False) for f in fractions]


@wrong("preprocess", "test_by_its_own_statistics")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)

    def centred(X):
        out = X - X.mean(axes)
        return out / X.std(axes) if mode == "channel_mean_std" else out

    statistics = {"mean": X_train.mean(axes)}
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes)
    return centred(X_train), centred(X_test), statistics


@wrong("preprocess", "uint8_wraps_around")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    mean = X_train.mean(axes).astype(X_train.dtype)
    statistics = {"mean": mean}
    train, test = X_train - mean, X_test - mean
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


@wrong("pca_whiten", "smallest_first")
def pca_whiten(X, eps):
    X = X - X.mean(0)
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    return X @ vectors / np.sqrt(values + eps)


@wrong("pca_whiten", "divides_by_n_minus_one")
def pca_whiten(X, eps):
    X = X - X.mean(0)
    U, S, _ = np.linalg.svd(np.cov(X.T))
    return X @ U / np.sqrt(S + eps)


@wrong("pca_whiten", "only_rotated")
def pca_whiten(X, eps):
    X = X - X.mean(0)
    U, _, _ = np.linalg.svd(X.T @ X / len(X))
    return X @ U


@wrong("random_crop_flip", "last_place_never_reached")
def random_crop_flip(x, size, pad, rng):
    x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    row, column = rng.integers(x.shape[0] - size), rng.integers(x.shape[1] - size)
    x = x[row : row + size, column : column + size]
    return x[:, ::-1] if rng.random() < 0.5 else x


@wrong("random_crop_flip", "height_is_mirrored")
def random_crop_flip(x, size, pad, rng):
    x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    row, column = rng.integers(x.shape[0] - size + 1), rng.integers(x.shape[1] - size + 1)
    x = x[row : row + size, column : column + size]
    return np.flipud(x) if rng.random() < 0.5 else x


@wrong("random_crop_flip", "channels_padded")
def random_crop_flip(x, size, pad, rng):
    x = np.pad(x, pad)
    row, column = rng.integers(x.shape[0] - size + 1), rng.integers(x.shape[1] - size + 1)
    x = x[row : row + size, column : column + size]
    return np.fliplr(x) if rng.random() < 0.5 else x


@wrong("random_crop_flip", "generator_not_used", "global-random")
def random_crop_flip(x, size, pad, rng):
    x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    row = np.random.randint(x.shape[0] - size + 1)
    column = np.random.randint(x.shape[1] - size + 1)
    x = x[row : row + size, column : column + size]
    return x[:, ::-1] if np.random.rand() < 0.5 else x


@wrong("scale_jitter", "high_never_reached")
def scale_jitter(img, rng, low=256, high=480, size=224):
    factor = rng.integers(low, high) / min(img.shape[:2])
    img = resize(img, round(img.shape[0] * factor), round(img.shape[1] * factor))
    row = rng.integers(img.shape[0] - size + 1)
    column = rng.integers(img.shape[1] - size + 1)
    return img[row : row + size, column : column + size]


@wrong("scale_jitter", "cropped_before_it_is_resized")
def scale_jitter(img, rng, low=256, high=480, size=224):
    side = rng.integers(low, high + 1)
    row = rng.integers(img.shape[0] - side + 1)
    column = rng.integers(img.shape[1] - side + 1)
    return resize(img[row : row + side, column : column + side], size, size)


@wrong("scale_jitter", "squeezed_to_a_square")
def scale_jitter(img, rng, low=256, high=480, size=224):
    side = rng.integers(low, high + 1)
    img = resize(img, side, side)
    row, column = rng.integers(side - size + 1, size=2)
    return img[row : row + size, column : column + size]


@wrong("ten_crop", "upside_down")
def ten_crop(img, size):
    down, right = img.shape[0] - size, img.shape[1] - size
    starts = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
    five = np.stack([img[r : r + size, c : c + size] for r, c in starts])
    return np.concatenate([five, five[:, ::-1]])


@wrong("ten_crop", "mirrored_one_by_one")
def ten_crop(img, size):
    down, right = img.shape[0] - size, img.shape[1] - size
    found = []
    for r, c in [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]:
        crop = img[r : r + size, c : c + size]
        found += [crop, crop[:, ::-1]]
    return np.stack(found)


def _views(img, scales, size):
    """The right views, N×C×H×W."""
    found = []
    for scale in scales:
        height, width = (round(n * scale / min(img.shape[:2])) for n in img.shape[:2])
        large = resize(img, height, width)
        down, right = height - size, width - size
        starts = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
        five = np.stack([large[r : r + size, c : c + size] for r, c in starts])
        found += [five, five[:, :, ::-1]]
    return torch.tensor(np.concatenate(found)).permute(0, 3, 1, 2)


@wrong("multi_crop_predict", "averages_logits", "mode_not_restored")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    model.eval()
    with torch.no_grad():
        return model(_views(img, scales, size)).mean(0).softmax(0).numpy()


@wrong("multi_crop_predict", "training_mode")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    with torch.no_grad():
        return model(_views(img, scales, size)).softmax(1).mean(0).numpy()


@wrong("multi_crop_predict", "gradients_are_recorded")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    was_training = model.training
    model.eval()
    found = model(_views(img, scales, size)).softmax(1).mean(0)
    model.train(was_training)
    return found.detach().numpy()


@wrong("color_jitter", "about_zero")
def color_jitter(img, rng, contrast=0.4):
    return np.clip(img * rng.uniform(1 - contrast, 1 + contrast), 0, 1)


@wrong("color_jitter", "not_cut_off")
def color_jitter(img, rng, contrast=0.4):
    return img.mean() + rng.uniform(1 - contrast, 1 + contrast) * (img - img.mean())


@wrong("color_jitter", "wider_dtype")
def color_jitter(img, rng, contrast=0.4):
    factor = rng.uniform(1 - contrast, 1 + contrast, size=1)
    return np.clip(img.mean() + factor * (img - img.mean()), 0, 1)


@wrong("colour_pca", "divides_by_n_minus_one")
def colour_pca(images):
    values, vectors = np.linalg.eigh(np.cov(images.reshape(-1, 3).T))
    return values[::-1], vectors[:, ::-1]


@wrong("colour_pca", "over_pictures")
def colour_pca(images):
    values, vectors = np.linalg.eigh(np.cov(images.mean((1, 2)).T, bias=True))
    return values[::-1], vectors[:, ::-1]


@wrong("pca_color", "root_of_the_eigenvalues")
def pca_color(img, eigval, eigvec, alpha):
    return img + eigvec @ (alpha * np.sqrt(eigval))


@wrong("pca_color", "eigenvectors_as_rows")
def pca_color(img, eigval, eigvec, alpha):
    return img + (alpha * eigval) @ eigvec


@wrong("pca_color", "changed:img", "cut_off")
def pca_color(img, eigval, eigvec, alpha):
    img += eigvec @ (alpha * eigval)
    return np.clip(img, 0, 1)


def _warped(img, matrix, shift, centre):
    height, width = img.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    dx, dy = x - centre[0] - shift[0], y - centre[1] - shift[1]
    return sample_at(
        img, matrix[0, 0] * dx + matrix[0, 1] * dy + centre[0],
        matrix[1, 0] * dx + matrix[1, 1] * dy + centre[1],
    )  # fmt: skip


def _drawn(rng, degrees, translate, shear, stretch):
    phi, kappa = np.deg2rad(rng.uniform(*degrees)), np.deg2rad(rng.uniform(*shear))
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    there = turn @ np.array([[1, np.tan(kappa)], [0, 1]]) @ np.diag(rng.uniform(*stretch, size=2))
    return there, rng.uniform(*translate, size=2)


@wrong("random_affine", "about_the_corner")
def random_affine(img, rng, degrees, translate, shear, stretch):
    there, shift = _drawn(rng, degrees, translate, shear, stretch)
    return _warped(img, np.linalg.inv(there), shift, (0, 0))


@wrong("random_affine", "turns_the_other_way")
def random_affine(img, rng, degrees, translate, shear, stretch):
    turned = tuple(-d for d in degrees)
    there, shift = _drawn(rng, turned, translate, shear, stretch)
    centre = (img.shape[1] - 1) / 2, (img.shape[0] - 1) / 2
    return _warped(img, np.linalg.inv(there), shift, centre)


@wrong("random_affine", "one_shift_for_both", "one_stretch_for_both")
def random_affine(img, rng, degrees, translate, shear, stretch):
    phi, kappa = np.deg2rad(rng.uniform(*degrees)), np.deg2rad(rng.uniform(*shear))
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    there = turn @ np.array([[1, np.tan(kappa)], [0, 1]]) * rng.uniform(*stretch)
    centre = (img.shape[1] - 1) / 2, (img.shape[0] - 1) / 2
    return _warped(img, np.linalg.inv(there), [rng.uniform(*translate)] * 2, centre)
