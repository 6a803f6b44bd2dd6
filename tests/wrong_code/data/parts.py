"""Notebook 03: splits and statistics with one thing in them wrong."""

import numpy as np
from wrong_code import wrong


def cuts(total, fractions):
    """Right: rounded running totals."""
    ends = np.floor(np.cumsum(fractions) * total + 0.5 + 1e-9).astype(int)
    return np.diff([0, *ends[:-1], total])


def shared(identity, sizes=cuts, shuffle=None, classes=None, form=None, within=None, only=""):
    """A split in which one thing is another, with labels or without them where `only` says so."""
    shuffle = shuffle or (lambda rng, members: rng.permutation(members))

    def split(n, fractions, rng, labels=None):
        off = only in ("", "labels" if labels is not None else "plain")
        groups = [np.arange(n)]
        if labels is not None:
            names = (classes if classes and off else np.unique)(labels)
            groups = [np.flatnonzero(labels == c) for c in names]
        parts = [[] for _ in fractions]
        for members in groups:
            order = shuffle(rng, members) if off else rng.permutation(members)
            if within and off and labels is not None:
                order = within(order, members)
            pieces = np.split(order, np.cumsum((sizes if off else cuts)(len(members), fractions)))
            for part, piece in zip(parts, pieces, strict=False):
                part.append(piece)
        found = [np.concatenate(part).astype(int) for part in parts]
        return [form(part, n) for part in found] if form else found

    wrong("split", identity)(split)


def rest_to_last(total, fractions):
    sizes = [int(total * f) for f in fractions[:-1]]
    return [*sizes, total - sum(sizes)]


def rest_to_first(total, fractions):
    sizes = [int(total * f + 1e-9) for f in fractions[1:]]
    return [total - sum(sizes), *sizes]


def ceiled(total, fractions):
    sizes = [int(np.ceil(total * f - 1e-9)) for f in fractions[:-1]]
    return [*sizes, max(0, total - sum(sizes))]


def rounded(total, fractions):
    sizes = [round(total * f) for f in fractions[:-1]]
    return [*sizes, max(0, total - sum(sizes))]


def to_even(total, fractions):
    ends = np.rint(np.cumsum(fractions).round(9) * total).astype(int)
    return np.diff([0, *ends[:-1], total])


def evenly(total, fractions):
    return cuts(total, [fractions[0]] + [(1 - fractions[0]) / (len(fractions) - 1)] * (
        len(fractions) - 1))  # fmt: skip


shared("not_shuffled_within_a_class", shuffle=lambda rng, members: members, only="labels")
shared("not_shuffled", shuffle=lambda rng, members: members, only="plain")
shared("remainder_lost", lambda total, fractions: [int(total * f) for f in fractions])
shared("remainder_all_to_the_last", rest_to_last, only="plain")
shared("remainder_all_to_the_first", rest_to_first, only="plain")
shared("rounds_otherwise_within_a_class", rest_to_last, only="labels")
shared("too_little_left", ceiled, only="plain")
shared("each_size_rounded", rounded, only="plain")
shared("rounds_halves_to_even", to_even, only="plain")
shared("later_parts_alike", evenly, only="plain")
shared("class_shares_off", evenly, only="labels")
shared("drawn_with_replacement", shuffle=lambda rng, m: rng.choice(m, len(m)))
shared("class_left_out", classes=lambda labels: range(labels.max()))
shared("positions_for_indices", within=lambda order, members: np.searchsorted(members, order))
shared("empty_parts_of_floats", form=lambda part, n: np.array(part.tolist()))
shared("masks_for_indices", form=lambda part, n: np.isin(np.arange(n), part))
shared("numbers_beyond_the_data", form=lambda part, n: part + 1)
shared("own_generator", shuffle=lambda rng, m: np.random.default_rng(7).permutation(m))
shared("rng_not_used", shuffle=lambda rng, m: np.random.default_rng().permutation(m))


@wrong("split", "sizes_by_chance", "labels_ignored")
def split(n, fractions, rng, labels=None):
    home = rng.choice(len(fractions), size=n, p=fractions)
    return [np.flatnonzero(home == part) for part in range(len(fractions))]


@wrong("split", "cut_by_class")
def split(n, fractions, rng, labels=None):
    order = rng.permutation(n)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    return np.split(order, np.cumsum(cuts(n, fractions))[:-1])


@wrong("split", "training_part_is_everything")
def split(n, fractions, rng, labels=None):
    order = rng.permutation(n)
    first, *rest = np.split(order, np.cumsum(cuts(n, fractions))[:-1])
    return [order, *rest]


@wrong("split", "always_three_parts")
def split(n, fractions, rng, labels=None):
    train, validation, test = fractions
    order = rng.permutation(n)
    return np.split(order, np.cumsum(cuts(n, [train, validation, test]))[:-1])


def centred(identity, *more, image=0, colours=(0, 1, 2), mean=None, std=None, of=None, own=None,
            divide=None, stats=None, cast=np.float64, only=None):  # fmt: skip
    """Pictures centred with one thing wrong; `only` says in which modes."""

    def preprocess(X_train, X_test, mode):
        off = only is None or mode in only
        use = lambda wrong_one, right_one: wrong_one if off and wrong_one else right_one
        train, test = X_train.astype(cast), X_test.astype(cast)
        axes = image if mode == "mean_image" else colours if off else (0, 1, 2)
        seen = use(of, lambda a, b: a)(train, test)
        m = use(mean, lambda X, axes: X.mean(axes))(seen, axes)
        statistics, s = {"mean": m}, 1.0
        if mode == "channel_mean_std":
            s = statistics["std"] = use(std, lambda X, axes: X.std(axes))(seen, axes)
        if off and own:
            return *own(train, test, m, s), use(stats, dict)(statistics)
        step = use(divide, lambda X, m, s: (X - m) / s)
        return step(train, m, s), step(test, m, s), use(stats, dict)(statistics)

    wrong("preprocess", identity, *more)(preprocess)


STD = ("channel_mean_std",)
CHANNELS = ("channel_mean", "channel_mean_std")
both = lambda a, b: np.concatenate([a, b])
centred("test_divided_by_its_own_std", only=STD,
        own=lambda a, b, m, s: ((a - m) / s, (b - m) / b.std((0, 1, 2))))  # fmt: skip
centred("test_not_divided", only=STD, own=lambda a, b, m, s: ((a - m) / s, b - m))
centred("statistics_of_both", of=both)
centred("statistics_of_the_test_set", of=lambda a, b: b)
centred("one_number_for_all_channels", "one_number_for_everything",
        mean=lambda X, axes: X.mean(), std=lambda X, axes: X.std())  # fmt: skip
centred("one_number_for_all_channels", only=CHANNELS, mean=lambda X, axes: X.mean(),
        std=lambda X, axes: X.std())  # fmt: skip
centred("one_mean_and_a_std_for_each", only=CHANNELS, mean=lambda X, axes: X.mean())
centred("one_std_for_all_channels", std=lambda X, axes: X.std())
centred("mean_image_for_every_mode", colours=0)
centred("channel_mean_for_the_mean_image", image=(0, 1, 2))
centred("channels_first", colours=(0, 2, 3))
centred("means_of_pictures", colours=(1, 2))
centred("divides_by_the_variance", std=lambda X, axes: X.var(axes))
centred("unbiased_std", std=lambda X, axes: X.std(axes, ddof=1))
centred("std_of_each_pixel", std=lambda X, axes: X.std(0))
centred("mean_of_the_pictures_stds", std=lambda X, axes: X.std((1, 2)).mean(0))
centred("root_mean_square", std=lambda X, axes: np.sqrt((X**2).mean(axes)))
centred("mean_distance", std=lambda X, axes: np.abs(X - X.mean(axes)).mean(axes))
centred("std_not_used", divide=lambda X, m, s: X - m)
centred("mode_not_told_apart", only=STD, divide=lambda X, m, s: X - m,
        stats=lambda s: {"mean": s["mean"]})  # fmt: skip
centred("std_not_given_back", only=STD, stats=lambda s: {"mean": s["mean"]})
centred("divides_first", divide=lambda X, m, s: X / s - m if np.ndim(s) else X - m)
centred("mean_added", divide=lambda X, m, s: (X + m) / s)
centred("statistics_of_the_centred", stats=lambda s: s | {"mean": 0 * s["mean"]})
centred("statistics_in_single_precision",
        stats=lambda s: {name: value.astype(np.float32) for name, value in s.items()})  # fmt: skip


@wrong("preprocess", "std_of_both")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes, dtype=float)}
    train, test = X_train - statistics["mean"], X_test - statistics["mean"]
    if mode == "channel_mean_std":
        statistics["std"] = np.concatenate([X_train, X_test]).std(axes)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


@wrong("preprocess", "divides_in_channel_mean")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes, dtype=float)}
    train, test = X_train - statistics["mean"], X_test - statistics["mean"]
    if "channel" in mode:
        statistics["std"] = X_train.std(axes)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


@wrong("preprocess", "keeps_single_precision")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes)}
    train, test = X_train - statistics["mean"], X_test - statistics["mean"]
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


@wrong("preprocess", "differences_wrap_around")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes, dtype=float)}
    cast = statistics["mean"].astype(X_train.dtype)
    train, test = (X_train - cast).astype(float), (X_test - cast).astype(float)
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes, dtype=float)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


@wrong("preprocess", "each_picture_by_its_own_mean")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes, dtype=float)}
    own = lambda X: X - X.mean((1, 2), keepdims=True, dtype=float)
    train, test = own(X_train), own(X_test)
    if mode == "mean_image":
        train, test = X_train - statistics["mean"], X_test - statistics["mean"]
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


@wrong("preprocess", "each_picture_by_its_own_statistics")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes, dtype=float)}
    places = (1, 2, 3) if mode == "mean_image" else (1, 2)

    def own(X):
        X = X.astype(float)
        off = X - X.mean(places, keepdims=True)
        return off / X.std(places, keepdims=True) if mode == "channel_mean_std" else off

    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes)
    return own(X_train), own(X_test), statistics


def whitened(identity, centre=None, covariance=None, order=None, scale=None, rotate=None):
    def pca_whiten(X, eps):
        Z = centre(X) if centre else X - X.mean(0)
        values, V = np.linalg.eigh(covariance(Z, X) if covariance else Z.T @ Z / len(Z))
        values, V = order(values, V) if order else (values[::-1], V[:, ::-1])
        values = np.maximum(values, 0)
        below = scale(values, eps, len(X)) if scale else np.sqrt(values + eps)
        return rotate(Z, V, X, below) if rotate else Z @ V / below

    wrong("pca_whiten", identity)(pca_whiten)


whitened("not_centred", centre=lambda X: X)
whitened("covariance_not_centred", covariance=lambda Z, X: X.T @ X / len(X))
whitened("rotates_the_uncentred_data", rotate=lambda Z, V, X, below: X @ V / below)
whitened("rows_centred", centre=lambda X: X - X.mean(1, keepdims=True))
whitened("values_of_other_vectors", order=lambda values, V: (values, V[:, ::-1]))
whitened("vectors_of_other_values", order=lambda values, V: (values[::-1], V))
whitened("rows_turned_round", order=lambda values, V: (values[::-1], V[::-1]))
whitened("rows_for_eigenvectors", rotate=lambda Z, V, X, below: Z @ V.T / below)
whitened("rotated_back", rotate=lambda Z, V, X, below: Z @ V / below @ V.T)
whitened("multiplied", rotate=lambda Z, V, X, below: Z @ V * below)
whitened("unread:eps", scale=lambda values, eps, n: np.sqrt(values + 1e-5))
whitened("eps_forgotten", scale=lambda values, eps, n: np.sqrt(values))
whitened("eps_outside_the_root", scale=lambda values, eps, n: np.sqrt(values) + eps)
whitened("divides_by_the_variance", scale=lambda values, eps, n: values + eps)
whitened("not_divided_by_n", covariance=lambda Z, X: Z.T @ Z)
whitened("divided_by_the_columns", covariance=lambda Z, X: Z.T @ Z / Z.shape[1])
whitened("singular_values", scale=lambda values, eps, n: np.sqrt(np.sqrt(values * n) + eps))
whitened("singular_values_of_the_root", scale=lambda values, eps, n: np.sqrt(values * n) + eps)
whitened("columns_standardised_first", centre=lambda X: (X - X.mean(0)) / X.std(0))
whitened("columns_scaled_only", rotate=lambda Z, V, X, below: (
    Z / np.sqrt(Z.var(0) + (below**2)[-1] - np.linalg.eigvalsh(Z.T @ Z / len(Z))[0])
)[:, np.argsort(-Z.var(0))])  # fmt: skip
whitened("transposed", rotate=lambda Z, V, X, below: (Z @ V / below).T)
shared("fractions_not_read", lambda n, parts: cuts(n, [1 / len(parts)] * len(parts)),
       only="plain")  # fmt: skip
centred("median_for_mean", mean=np.median)
centred("squeezed_between_0_and_1", own=lambda a, b, m, s: (
    (a - a.min()) / (a.max() - a.min()), (b - a.min()) / (a.max() - a.min())
))  # fmt: skip
centred("other_keys", stats=lambda s: {"mu": s["mean"]})


@wrong("split", "always_two_parts")
def split(n, fractions, rng, labels=None):
    order = rng.permutation(n)
    return [order[: round(fractions[0] * n)], order[round(fractions[0] * n) :]]
