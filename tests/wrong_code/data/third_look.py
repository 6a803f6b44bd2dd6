"""Notebook 03: what rounding leaves, orders only turned, ends that are not read."""

import numpy as np
import torch
from wrong_code import wrong

from course_utils.images import resize, sample_at


def _parts(identity, sizes_of=None, order=lambda rng, group: rng.permutation(group)):
    def rounded(total, fractions):
        cuts = [int(cut * total + 0.5 + 1e-9) for cut in np.cumsum(fractions)]
        return np.diff([0, *cuts[:-1], total])

    def split(n, fractions, rng, labels=None):
        groups = [np.arange(n)]
        if labels is not None:
            groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        parts = [[] for _ in fractions]
        for group in groups:
            sizes = (sizes_of or rounded)(len(group), fractions)
            shuffled = order(rng, group)
            for part, piece in zip(parts, np.split(shuffled, np.cumsum(sizes)[:-1]), strict=True):
                part.append(piece)
        return [np.concatenate(part) for part in parts]

    wrong("split", identity)(split)


def _dealt(places, nudge=0.0):
    def sizes_of(total, fractions):
        sizes = [int(share * total + nudge) for share in fractions]
        for place in places(len(sizes))[: total - sum(sizes)]:
            sizes[place] += 1
        return sizes

    return sizes_of


_parts("dealt_from_the_first", _dealt(lambda n: range(n)))
_parts("dealt_from_the_last", _dealt(lambda n: range(n)[::-1]))
_parts("dealt_from_the_first", _dealt(lambda n: range(n), nudge=1e-9))
_parts(
    "halves_that_floats_miss",
    lambda n, shares: np.diff([0, *np.floor(np.cumsum(shares) * n + 0.5).astype(int)[:-1], n]),
)
_parts("begins_elsewhere", order=lambda rng, group: np.roll(group, rng.integers(len(group))))


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


def _views(identity, sides):
    def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
        was, found = model.training, []
        model.eval()
        with torch.no_grad():
            for scale in scales:
                picture = resize(img, *sides(*img.shape[:2], scale))
                down, across = picture.shape[0] - size, picture.shape[1] - size
                places = [(0, 0), (0, across), (down, 0), (down, across), (down // 2, across // 2)]
                five = [picture[r : r + size, c : c + size] for r, c in places]
                views = np.stack([*five, *(view[:, ::-1] for view in five)])
                shown = torch.tensor(views.transpose(0, 3, 1, 2).astype(np.float32))
                found.append(model(shown).softmax(1))
        model.train(was)
        return torch.cat(found).mean(0)

    wrong("multi_crop_predict", identity)(multi_crop_predict)


_views("always_wide", lambda h, w, s: (s, round(max(h, w) * s / min(h, w))))
_views("always_tall", lambda h, w, s: (round(max(h, w) * s / min(h, w)), s))


def _turned(*identities, low_not_read=(), size=lambda high: high, whole=lambda places: places,
            lean=lambda kappa: np.tan(np.deg2rad(kappa)), places=lambda x, y: (x, y)):  # fmt: skip
    def random_affine(img, rng, degrees, translate, shear, stretch):
        ends = {"turn": degrees, "shift": translate, "shear": shear}
        ends |= {name: (-size(ends[name][1]), size(ends[name][1])) for name in low_not_read}
        phi, kappa = np.deg2rad(rng.uniform(*ends["turn"])), rng.uniform(*ends["shear"])
        c, s = np.cos(phi), np.sin(phi)
        there = np.array([[c, -s], [s, c]]) @ [[1, lean(kappa)], [0, 1]]
        back = np.linalg.inv(there * rng.uniform(*stretch, 2))
        t = rng.uniform(*ends["shift"], 2)
        rows, columns = np.indices(img.shape[:2])
        middle = (np.array(img.shape[1::-1]) - 1) / 2
        p = np.stack(places(columns - middle[0], rows - middle[1]), -1) - t
        q = whole(p @ back.T + middle)
        return sample_at(img, q[..., 0], q[..., 1])

    wrong("random_affine", *identities)(random_affine)


_turned("places_of_the_result_exchanged", places=lambda x, y: (y, x))
_turned("nearest_pixel", whole=np.round)
_turned("pixel_before", whole=np.floor)
_turned("shear_by_degrees", lean=lambda kappa: kappa)
_turned("sign_of_the_shear_lost", lean=lambda kappa: np.tan(np.deg2rad(abs(kappa))))
_turned("turn_about_zero", low_not_read=["turn"])
_turned("shear_about_zero", low_not_read=["shear"])
_turned("shift_about_zero", low_not_read=["shift"])
_turned("turn_about_zero", "shear_about_zero", low_not_read=["turn", "shear"])
_turned("turn_about_zero_by_size", low_not_read=["turn"], size=abs)
_turned("shear_about_zero_by_size", low_not_read=["shear"], size=abs)
_turned("shift_about_zero_by_size", low_not_read=["shift"], size=abs)
