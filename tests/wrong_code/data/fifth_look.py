"""Notebook 03: where a part or a piece begins, order apart from place, roots of other things."""

import numpy as np
from wrong_code import wrong


@wrong("split", "starts_not_added_up")
def split(n, fractions, rng, labels=None):
    classes = np.zeros(n, int) if labels is None else labels
    found = [[] for _ in fractions]
    for label in np.unique(classes):
        order = rng.permutation(np.flatnonzero(classes == label))
        begin = 0
        for part, share in zip(found[:-1], fractions, strict=False):
            length = round(share * len(order))
            part.append(order[begin : begin + length])
            begin = length
        found[-1].append(order[begin:])
    return [np.concatenate(part) for part in found]


def cut_anywhere(identity, places):
    def random_crop_flip(x, size, pad, rng):
        x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
        row, column = (rng.integers(n) for n in places(*x.shape[:2], size))
        found = x[row : row + size, column : column + size]
        return np.fliplr(found) if rng.random() < 0.5 else found

    wrong("random_crop_flip", identity)(random_crop_flip)


cut_anywhere("height_and_width_exchanged", lambda h, w, size: (w - size + 1, h - size + 1))
cut_anywhere("height_and_width_exchanged", lambda h, w, size: (max(h, w) - size + 1,) * 2)
cut_anywhere("offsets_up_to_the_end", lambda h, w, size: (h, w))
cut_anywhere("offsets_up_to_the_end", lambda h, w, size: (h - size + 2, w - size + 2))


@wrong("ten_crop", "corners_in_another_order")
def ten_crop(img, size):
    down, across = img.shape[0] - size, img.shape[1] - size
    starts = [(0, 0), (down, 0), (0, across), (down, across), (round(down / 2), round(across / 2))]
    five = np.stack([img[r : r + size, c : c + size] for r, c in starts])
    return np.concatenate([five, five[:, :, ::-1]])


def whitened(identity, variances):
    def pca_whiten(X, eps):
        X = X - X.mean(0)
        _, s, directions = np.linalg.svd(X, full_matrices=False)
        return X @ directions.T / np.sqrt(variances(s, len(X)) + eps)

    wrong("pca_whiten", identity)(pca_whiten)


whitened("singular_values_divided_by_n", lambda s, n: s / n)
whitened("deviations_for_variances", lambda s, n: s / n**0.5)


@wrong("pca_color", "summed_over_the_channels")
def pca_color(img, eigval, eigvec, alpha):
    weighed = eigvec * (alpha * eigval)
    return (img + np.sum(weighed, axis=0)).astype(img.dtype)
