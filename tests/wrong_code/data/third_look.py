"""Notebook 03: what rounding leaves, orders only turned, ends not read, and V for its transpose."""

import numpy as np
from wrong_code import wrong
from wrong_code.data.colours import turned
from wrong_code.data.parts import shared
from wrong_code.data.pieces import views

from course_utils.images import sample_at


def _dealt(places, nudge=0.0):
    def sizes_of(total, fractions):
        sizes = [int(share * total + nudge) for share in fractions]
        for place in places(len(sizes))[: total - sum(sizes)]:
            sizes[place] += 1
        return sizes

    return sizes_of


shared("dealt_from_the_first", _dealt(lambda n: range(n)))
shared("dealt_from_the_last", _dealt(lambda n: range(n)[::-1]))
shared("dealt_from_the_first", _dealt(lambda n: range(n), nudge=1e-9))
shared(
    "halves_that_floats_miss",
    lambda n, shares: np.diff([0, *np.floor(np.cumsum(shares) * n + 0.5).astype(int)[:-1], n]),
)
shared(
    "halves_to_even_as_floats_have_them",
    lambda n, shares: np.diff([0, *np.round(np.cumsum(shares) * n).astype(int)[:-1], n]),
    only="plain",
)
shared("begins_elsewhere", shuffle=lambda rng, group: np.roll(group, rng.integers(len(group))))


@wrong("preprocess", "one_number_in_channel_mean", "pictures_in_single_precision")
def preprocess(X_train, X_test, mode):
    train, test = np.array(X_train, dtype=float), np.array(X_test, dtype=float)
    axes = {"mean_image": 0, "channel_mean": None, "channel_mean_std": (0, 1, 2)}[mode]
    statistics = {"mean": train.mean(axis=axes)}
    train, test = (pictures - statistics["mean"] for pictures in (train, test))
    if mode == "channel_mean_std":
        statistics["std"] = train.std(axis=axes)
        train, test = (pictures / statistics["std"] for pictures in (train, test))
    return np.float32(train), np.float32(test), statistics


views("always_wide", sides=lambda h, w, s: (s, round(max(h, w) * s / min(h, w))))
views("always_tall", sides=lambda h, w, s: (round(max(h, w) * s / min(h, w)), s))


def about_zero(*names, size=lambda high: high):
    """Ranges of which these are read as -high to high."""
    return lambda name, low, high: (-size(high), size(high)) if name in names else (low, high)


turned("places_of_the_result_exchanged",
       back=lambda p, A, t: (p[..., ::-1] - t) @ np.linalg.inv(A).T)  # fmt: skip
turned("pixel_before", look=lambda img, x, y: sample_at(img, np.floor(x), np.floor(y)))
turned("shear_by_degrees", lean=lambda kappa: [[1, kappa], [0, 1]])
turned("sign_of_the_shear_lost", lean=lambda kappa: [[1, np.tan(np.deg2rad(abs(kappa)))], [0, 1]])
turned("turn_about_zero", "shear_about_zero", ends=about_zero("turn", "shear"))
for name in ("turn", "shear", "shift"):
    turned(f"{name}_about_zero", ends=about_zero(name))
    turned(f"{name}_about_zero_by_size", ends=about_zero(name, size=abs))


turned("shear_in_radians_half_a_pixel_off", centre=lambda h, w: (w / 2, h / 2),
       lean=lambda kappa: [[1, np.tan(kappa)], [0, 1]])  # fmt: skip
turned("shear_in_radians_about_the_corner", centre=lambda h, w: (0, 0),
       lean=lambda kappa: [[1, np.tan(kappa)], [0, 1]])  # fmt: skip


@wrong("pca_whiten", "vt_of_the_data_for_v")
def pca_whiten(X, eps):
    X = X - X.mean(axis=0)
    _, S, V = np.linalg.svd(X, full_matrices=False)
    return X @ V / np.sqrt(S**2 / len(X) + eps)


@wrong("pca_whiten", "vt_of_the_covariance_for_v")
def pca_whiten(X, eps):
    X = X - X.mean(axis=0)
    _, variances, V = np.linalg.svd(X.T @ X / len(X))
    return X.dot(V) / np.sqrt(variances + eps)
