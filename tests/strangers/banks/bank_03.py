"""Strangers' programs for notebook 03: written from the learner's notebook only (form: see README.md beside it)."""
import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F

RIGHT, WRONG, MORE = {}, [], []


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ the notebook's two helpers, own versions
def resize(img, height, width):
    """Bilinear, softened when it shrinks; pixel centres at halves."""
    x = torch.from_numpy(np.ascontiguousarray(img)).permute(2, 0, 1)[None]
    y = F.interpolate(x, (height, width), mode="bilinear", antialias=True)
    return np.ascontiguousarray(y[0].permute(1, 2, 0).numpy()).astype(img.dtype, copy=False)


def sample_at(img, x, y):
    """Bilinear between pixel centres; beyond the picture is 0."""
    H, W = img.shape[:2]
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    out = np.zeros((*np.shape(x), img.shape[2]), dtype=img.dtype)
    for dy, dx in itertools.product((0, 1), (0, 1)):
        i, j = y0 + dy, x0 + dx
        weight = (1 - np.abs(x - j)) * (1 - np.abs(y - i))
        inside = (i >= 0) & (i < H) & (j >= 0) & (j < W)
        values = img[np.clip(i, 0, H - 1), np.clip(j, 0, W - 1)]
        out += ((weight * inside)[..., None] * values).astype(img.dtype)
    return out


# ================================================================ split
def _shares(m, fractions):
    """Whole numbers that add up to m, each fraction * m rounded up or down."""
    exact = m * np.asarray(fractions, dtype=float)
    sizes = np.floor(exact + 1e-9).astype(int)
    hungry = np.argsort(sizes - exact, kind="stable")
    sizes[hungry[: m - sizes.sum()]] += 1
    return sizes


@right
def split(n, fractions, rng, labels=None):
    groups = [np.arange(n)] if labels is None else [np.flatnonzero(labels == c) for c in np.unique(labels)]
    pieces = []
    for members in groups:
        cuts = np.cumsum(_shares(len(members), fractions))[:-1]
        pieces.append(np.split(rng.permutation(members), cuts))
    return [np.concatenate(part) for part in zip(*pieces)]


_split = split


@also("split", "cuts at rounded sums of the fractions; recursion for the classes")
def split(n, fractions, rng, labels=None):
    if labels is not None:
        labels = np.asarray(labels)
        parts = [[] for _ in fractions]
        for c in sorted(set(labels.tolist())):
            members = np.where(labels == c)[0]
            for part, inside in zip(parts, split_plain(len(members), fractions, rng)):
                part.extend(members[inside].tolist())
        return [np.array(part, dtype=int) for part in parts]
    return split_plain(n, fractions, rng)


def split_plain(n, fractions, rng):
    order = np.arange(n)
    rng.shuffle(order)
    parts, start, total = [], 0, 0.0
    for k, fraction in enumerate(fractions):
        total += fraction
        stop = n if k == len(fractions) - 1 else math.floor(n * total + 0.5 + 1e-9)
        parts.append(order[start:stop])
        start = stop
    return parts


@also("split", "chance decides who gets the left-over ones; random keys, sorted parts")
def split(n, fractions, rng, labels=None):
    labels = np.zeros(n, dtype=int) if labels is None else np.asarray(labels)
    owner = np.empty(n, dtype=int)
    for c in np.unique(labels):
        members = (labels == c).nonzero()[0]
        exact = [len(members) * f for f in fractions]
        sizes = [math.floor(e + 1e-9) for e in exact]
        candidates = [k for k, e in enumerate(exact) if e - sizes[k] > 1e-9]
        spare = len(members) - sum(sizes)
        for k in rng.choice(candidates, spare, replace=False) if spare else ():
            sizes[k] += 1
        ranked = members[np.argsort(rng.random(len(members)))]
        owner[ranked] = np.repeat(np.arange(len(fractions)), sizes)
    return [np.flatnonzero(owner == k) for k in range(len(fractions))]


def _deal(n, fractions, rng, labels=None, sizes=_shares, shuffle=lambda rng, m: rng.permutation(m)):
    labels = np.zeros(n, int) if labels is None else labels
    parts = [[] for _ in fractions]
    for c in np.unique(labels):
        members = shuffle(rng, np.flatnonzero(labels == c))
        start = 0
        for part, size in zip(parts, sizes(len(members), fractions)):
            part.append(members[start : start + size])
            start += size
    return [np.concatenate(p).astype(int) for p in parts]


@wrong("split", "not shuffled", r"shuffl|random|order|chance|sorted")
def split(n, fractions, rng, labels=None):
    return _deal(n, fractions, rng, labels, shuffle=lambda rng, m: m)


@wrong("split", "only with labels: members of a class are not shuffled", r"shuffl|random|order|chance|class|first|label")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return _split(n, fractions, rng)
    return _deal(n, fractions, rng, labels, shuffle=lambda rng, m: m)


@wrong("split", "only without labels: not shuffled", r"shuffl|random|order|chance|without labels")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return np.split(np.arange(n), np.cumsum(_shares(n, fractions))[:-1])
    return _split(n, fractions, rng, labels)


@wrong("split", "np.random instead of rng", r"rng|np\.random|chance|source|same state|generator")
def split(n, fractions, rng, labels=None):
    return _deal(n, fractions, rng, labels, shuffle=lambda rng, m: np.random.permutation(m))


@wrong("split", "a generator of its own with seed 0", r"rng|seed|same|chance|source|generator")
def split(n, fractions, rng, labels=None):
    return _split(n, fractions, np.random.default_rng(0), labels)


@wrong("split", "int(fraction * n): what is left over is in no part", r"left|lost|missing|every|each|index|indices|exactly one|rest")
def split(n, fractions, rng, labels=None):
    return _deal(n, fractions, rng, labels, sizes=lambda m, fs: [int(f * m) for f in fs])


def _rest_to_last(m, fractions):
    sizes = [int(f * m) for f in fractions[:-1]]
    return [*sizes, m - sum(sizes)]


@wrong("split", "only many parts: int() and all of the rest to the last part, more than rounded up", r"size|last|round|rest|large|left")
def split(n, fractions, rng, labels=None):
    return _deal(n, fractions, rng, labels, sizes=_rest_to_last)


@wrong("split", "only with labels: int() in each class and the rest to the last part, which rare classes fill", r"size|last|round|rest|class|share|left")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return _split(n, fractions, rng)
    return _deal(n, fractions, rng, labels, sizes=_rest_to_last)


@wrong("split", "only many parts: rounded up each, the last part gets what remains, too little", r"size|last|round|ceil|small|rest|few|up")
def split(n, fractions, rng, labels=None):
    def sizes(m, fs):
        got = [math.ceil(f * m - 1e-9) for f in fs[:-1]]
        return [*got, max(0, m - sum(got))]
    return _deal(n, fractions, rng, labels, sizes=sizes)


@wrong("split", "only sums that end in a half: np.round to even makes a part that should be whole one too small or large", r"size|round|half|even|fraction")
def split(n, fractions, rng, labels=None):
    def sizes(m, fs):
        cuts = np.round(np.cumsum(fs) * m).astype(int)
        cuts[-1] = m
        return np.diff(cuts, prepend=0)
    return _deal(n, fractions, rng, labels, sizes=sizes)


@wrong("split", "labels ignored", r"label|class|stratif|proportion|ignor")
def split(n, fractions, rng, labels=None):
    return _split(n, fractions, rng)


@wrong("split", "only with labels: sorted by class, then cut as a whole", r"class|proportion|each|sort|stratif|label")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return _split(n, fractions, rng)
    order = rng.permutation(n)
    order = order[np.argsort(labels[order], kind="stable")]
    return np.split(order, np.cumsum(_shares(n, fractions))[:-1])


@wrong("split", "only with labels: the same number from each class, whatever its size", r"class|proportion|share|fraction|same number|size")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return _split(n, fractions, rng)
    classes = np.unique(labels)
    cuts = np.cumsum(_shares(n // len(classes), fractions))[:-1]
    pieces = [np.split(rng.permutation(np.flatnonzero(labels == c)), cuts) for c in classes]
    return [np.concatenate(p) for p in zip(*pieces)]


@wrong("split", "only with labels: the last class forgotten, range(max)", r"class|last|missing|every|each|index|indices|left out|lost")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return _split(n, fractions, rng)
    pieces = []
    for c in range(labels.max()):
        members = rng.permutation(np.flatnonzero(labels == c))
        pieces.append(np.split(members, np.cumsum(_shares(len(members), fractions))[:-1]))
    return [np.concatenate(p) for p in zip(*pieces)]


@wrong("split", "only labels with gaps: takes the classes to be 0 .. K-1", r"class|gap|missing|every|each|index|indices|label|unique|lost")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return _split(n, fractions, rng)
    pieces = []
    for c in range(len(set(labels.tolist()))):
        members = rng.permutation(np.flatnonzero(labels == c))
        pieces.append(np.split(members, np.cumsum(_shares(len(members), fractions))[:-1]))
    return [np.concatenate(p) for p in zip(*pieces)]


@wrong("split", "only with labels: positions within the class instead of indices", r"index|indices|position|twice|once|exactly one|class|overlap|repeat")
def split(n, fractions, rng, labels=None):
    if labels is None:
        return _split(n, fractions, rng)
    pieces = []
    for c in np.unique(labels):
        order = rng.permutation(int((labels == c).sum()))
        pieces.append(np.split(order, np.cumsum(_shares(len(order), fractions))[:-1]))
    return [np.concatenate(p) for p in zip(*pieces)]


@wrong("split", "each index draws its part: sizes right only on average", r"size|averag|fraction|round|chance|exact")
def split(n, fractions, rng, labels=None):
    part = rng.choice(len(fractions), size=n, p=fractions)
    return [np.flatnonzero(part == k) for k in range(len(fractions))]


@wrong("split", "drawn with replacement", r"replac|twice|once|repeat|exactly one|missing")
def split(n, fractions, rng, labels=None):
    return _deal(n, fractions, rng, labels, shuffle=lambda rng, m: rng.choice(m, len(m)))


@wrong("split", "each part from a shuffle of its own: parts overlap", r"overlap|twice|two parts|exactly one|same|once|more than one")
def split(n, fractions, rng, labels=None):
    return [rng.permutation(n)[:size] for size in _shares(n, fractions)]


@wrong("split", "off by one: one index is lost at each cut", r"missing|lost|off by one|every|each|exactly one|in no part|cut")
def split(n, fractions, rng, labels=None):
    def cut(m):
        order, parts, start = rng.permutation(m), [], 0
        for size in _shares(len(m), fractions):
            parts.append(order[start : start + size])
            start += size + 1
        return parts
    groups = [np.arange(n)] if labels is None else [np.flatnonzero(labels == c) for c in np.unique(labels)]
    return [np.concatenate(p) for p in zip(*map(cut, groups))]


@wrong("split", "three parts only: a, b, c = fractions", r"parts|three|unpack|number|fractions|ValueError")
def split(n, fractions, rng, labels=None):
    a, b, c = fractions
    return _split(n, [a, b, c], rng, labels)


@wrong("split", "only unequal later parts: what the first leaves is shared out evenly", r"size|fraction|even|equal|part")
def split(n, fractions, rng, labels=None):
    rest = (1 - fractions[0]) / (len(fractions) - 1) if len(fractions) > 1 else 0
    return _split(n, [fractions[0]] + [rest] * (len(fractions) - 1), rng, labels)


@wrong("split", "only empty parts: np.array of an empty list is float64, not integer", r"integer|int|dtype|float|empty")
def split(n, fractions, rng, labels=None):
    return [np.array(list(map(int, part))) for part in _split(n, fractions, rng, labels)]


@wrong("split", "boolean masks instead of indices", r"bool|mask|ind(ex|ices)|integer|dtype")
def split(n, fractions, rng, labels=None):
    masks = []
    for part in _split(n, fractions, rng, labels):
        mask = np.zeros(n, bool)
        mask[part] = True
        masks.append(mask)
    return masks


@wrong("split", "two: not shuffled, and the left-over ones are lost", r"shuffl|random|order|left|lost|missing|exactly one")
def split(n, fractions, rng, labels=None):
    return _deal(n, fractions, rng, labels, sizes=lambda m, fs: [int(f * m) for f in fs], shuffle=lambda rng, m: m)


@wrong("split", "two: labels ignored, and the rest all to the last part", r"label|class|stratif|size|last|round|rest")
def split(n, fractions, rng, labels=None):
    return _deal(n, fractions, rng, None, sizes=_rest_to_last)


# ================================================================ preprocess
@right
def preprocess(X_train, X_test, mode):
    train, test = X_train.astype(np.float64), X_test.astype(np.float64)
    axes = {"mean_image": 0, "channel_mean": (0, 1, 2), "channel_mean_std": (0, 1, 2)}[mode]
    statistics = {"mean": train.mean(axis=axes)}
    train, test = train - statistics["mean"], test - statistics["mean"]
    if mode == "channel_mean_std":
        statistics["std"] = np.sqrt(np.mean(train ** 2, axis=axes))
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics


_preprocess = preprocess


@also("preprocess", "in place on own copies; np.std with dtype")
def preprocess(X_train, X_test, mode):
    train, test = np.array(X_train, dtype=float), np.array(X_test, dtype=float)
    mean = np.mean(X_train, axis=0, dtype=float)
    if mode != "mean_image":
        mean = mean.mean(axis=(0, 1))
    stats = dict(mean=mean)
    for part in (train, test):
        part -= mean
    if mode.endswith("std"):
        stats["std"] = np.std(X_train, axis=(0, 1, 2), dtype=float)
        for part in (train, test):
            part /= stats["std"]
    return train, test, stats


@also("preprocess", "pixels as rows, channel by channel, a closure applied to both")
def preprocess(X_train, X_test, mode):
    as_float = np.float64(X_train)
    if mode == "mean_image":
        mean, std = sum(as_float) / len(as_float), None
    else:
        pixels = as_float.reshape(-1, as_float.shape[-1])
        mean = np.array([column.mean() for column in pixels.T])
        std = np.array([math.sqrt(column.var()) for column in pixels.T])
    scaled = mode == "channel_mean_std"

    def apply(X):
        centred = np.subtract(X, mean, dtype=np.float64)
        return centred / std if scaled else centred

    return apply(X_train), apply(X_test), {"mean": mean, "std": std} if scaled else {"mean": mean}


def _pre(X_train, X_test, mode, image_axes=0, colour_axes=(0, 1, 2), mean_of=None, std_of=None, std=None, use_std=None,
         std_for_test=True, cast=np.float64, keep=False):
    train, test = X_train.astype(cast), X_test.astype(cast)
    axes = image_axes if mode == "mean_image" else colour_axes
    m = (mean_of or (lambda a, b: a))(train, test).mean(axis=axes, keepdims=keep)
    stats = {"mean": m}
    a, b = train - m, test - m
    if (use_std or (lambda mode: mode == "channel_mean_std"))(mode):
        s = (std or (lambda X, axes: X.std(axis=axes, keepdims=keep)))((std_of or (lambda a, b: a))(train, test), axes)
        stats["std"] = s
        a, b = a / s, b / s if std_for_test else b
    return a, b, stats


@wrong("preprocess", "test pictures centred by their own statistics", r"test|own|train|leak|same")
def preprocess(X_train, X_test, mode):
    train, _, stats = _pre(X_train, X_test, mode)
    return train, _pre(X_test, X_test, mode)[0], stats


@wrong("preprocess", "statistics from training and test pictures together", r"test|train|together|leak|alone")
def preprocess(X_train, X_test, mode):
    both = lambda a, b: np.concatenate([a, b])
    return _pre(X_train, X_test, mode, mean_of=both, std_of=both)


@wrong("preprocess", "only the std: from training and test pictures together", r"std|deviation|test|train|together|leak|alone")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std_of=lambda a, b: np.concatenate([a, b]))


@wrong("preprocess", "only channel_mean_std: the test pictures are divided by their own std", r"test|std|deviation|own|train")
def preprocess(X_train, X_test, mode):
    train, test, stats = _pre(X_train, X_test, mode)
    if mode == "channel_mean_std":
        test = (X_test - stats["mean"]) / X_test.std(axis=(0, 1, 2), dtype=float)
    return train, test, stats


@wrong("preprocess", "only channel_mean_std: the test pictures are not divided", r"test|std|deviation|divid")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std_for_test=False)


@wrong("preprocess", "only mean_image: subtracts the mean colour", r"mean_image|image|H×W|shape|colour|pixel|place")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, image_axes=(0, 1, 2))


@wrong("preprocess", "only the channel modes: the mean picture instead of the mean colour", r"channel|colour|shape|axis|axes|picture|image")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, colour_axes=0)


@wrong("preprocess", "only the channel modes: one grey mean for all channels", r"channel|colour|grey|shape|each|one|number")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, colour_axes=None)


@wrong("preprocess", "only the channel modes: takes pictures for N×C×H×W", r"channel|axis|axes|last|N×H×W×C|shape|broadcast")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, colour_axes=(0, 2, 3))


@wrong("preprocess", "only the channel modes: each picture by its own mean colour", r"picture|own|each|train|statistic|shape")
def preprocess(X_train, X_test, mode):
    if mode == "mean_image":
        return _preprocess(X_train, X_test, mode)
    train, test, stats = _preprocess(X_train, X_test, mode)
    train = X_train - X_train.mean(axis=(1, 2), keepdims=True, dtype=float)
    test = X_test - X_test.mean(axis=(1, 2), keepdims=True, dtype=float)
    return (train / stats["std"], test / stats["std"], stats) if "std" in stats else (train, test, stats)


@wrong("preprocess", "uint8: the mean is cast to the pictures' type, differences wrap around", r"uint8|wrap|type|dtype|float64|overflow")
def preprocess(X_train, X_test, mode):
    m = X_train.mean(axis=0 if mode == "mean_image" else (0, 1, 2), dtype=float)
    train, test = X_train - m.astype(X_train.dtype), X_test - m.astype(X_test.dtype)
    stats = {"mean": m}
    if mode == "channel_mean_std":
        stats["std"] = X_train.std(axis=(0, 1, 2), dtype=float)
        train, test = train / stats["std"], test / stats["std"]
    return train.astype(float), test.astype(float), stats


@wrong("preprocess", "float32 throughout", r"float32|float64|dtype")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, cast=np.float32)


@wrong("preprocess", "only float32 pictures: nothing is cast, so everything stays float32 (uint8 is fine)", r"float32|float64|dtype")
def preprocess(X_train, X_test, mode):
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    stats = {"mean": X_train.mean(axis=axes)}
    train, test = X_train - stats["mean"], X_test - stats["mean"]
    if mode == "channel_mean_std":
        stats["std"] = X_train.std(axis=axes)
        train, test = train / stats["std"], test / stats["std"]
    return train, test, stats


@wrong("preprocess", "only the statistics: given as float32", r"float32|float64|dtype|statistic")
def preprocess(X_train, X_test, mode):
    train, test, stats = _preprocess(X_train, X_test, mode)
    return train, test, {k: v.astype(np.float32) for k, v in stats.items()}


@wrong("preprocess", "only the std: ddof=1", r"ddof|N ?[-−] ?1|mean squared|root of the mean|std|deviation")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std=lambda X, axes: X.std(axis=axes, ddof=1))


@wrong("preprocess", "only the std: the variance, no root", r"root|varian|squar|std|deviation")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std=lambda X, axes: X.var(axis=axes))


@wrong("preprocess", "only the std: root of the mean square, mean not taken out", r"mean|centre|deviation|root|std")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std=lambda X, axes: np.sqrt((X ** 2).mean(axis=axes)))


@wrong("preprocess", "only the std: mean of the pictures' own stds", r"std|deviation|picture|each|all|together|averag|mean of")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std=lambda X, axes: X.std(axis=(1, 2)).mean(axis=0))


@wrong("preprocess", "only the std: mean absolute deviation", r"abs|squar|root|std|deviation")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std=lambda X, axes: np.abs(X - X.mean(axis=axes)).mean(axis=axes))


@wrong("preprocess", "only the std: one number for all channels", r"std|deviation|channel|each|shape|one|number")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, std=lambda X, axes: X.std())


@wrong("preprocess", "only channel_mean: divided by the std too", r"channel_mean|divid|std|mode|only")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, use_std=lambda mode: mode.startswith("channel"))


@wrong("preprocess", "only channel_mean_std: not divided (the mode is read as channel_mean)", r"divid|std|deviation|mode")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, use_std=lambda mode: False)


@wrong("preprocess", "only channel_mean_std: divided, but 'std' is not among the statistics", r"std|statistic|dict|key|missing")
def preprocess(X_train, X_test, mode):
    train, test, stats = _preprocess(X_train, X_test, mode)
    return train, test, {"mean": stats["mean"]}


@wrong("preprocess", "only channel_mean_std: divides first, subtracts the mean afterwards", r"order|first|after|before|subtract|divid|mean")
def preprocess(X_train, X_test, mode):
    train, test, stats = _preprocess(X_train, X_test, mode)
    if mode == "channel_mean_std":
        train, test = X_train / stats["std"] - stats["mean"], X_test / stats["std"] - stats["mean"]
    return train, test, stats


@wrong("preprocess", "divided by 255 first: other units", r"255|unit|scale|divid|\[0, 1\]")
def preprocess(X_train, X_test, mode):
    return _pre(X_train / 255, X_test / 255, mode)


@wrong("preprocess", "only the statistics: shapes keep their dimensions (1×1×1×C)", r"shape|keepdims|dimension|C\b|H×W")
def preprocess(X_train, X_test, mode):
    return _pre(X_train, X_test, mode, keep=True)


@wrong("preprocess", "only the statistics: computed after centring, so the mean is 0", r"mean|statistic|after|\b0\b|zero|centr")
def preprocess(X_train, X_test, mode):
    train, test, stats = _preprocess(X_train, X_test, mode)
    m = _pre(X_train, X_test, "mean_image" if mode == "mean_image" else "channel_mean")[0]
    stats["mean"] = m.mean(axis=0 if mode == "mean_image" else (0, 1, 2))
    return train, test, stats


@wrong("preprocess", "returns train and test only", r"statistic|three|return|unpack|tuple|two")
def preprocess(X_train, X_test, mode):
    return _preprocess(X_train, X_test, mode)[:2]


@wrong("preprocess", "mean added instead of subtracted", r"subtract|sign|add|centr|mean")
def preprocess(X_train, X_test, mode):
    train, test, stats = _preprocess(X_train, X_test, mode)
    twice = 2 * stats["mean"] / stats.get("std", 1)
    return train + twice, test + twice, stats


@wrong("preprocess", "two: test by its own statistics, and ddof=1", r"test|own|ddof|N ?[-−] ?1|train|leak")
def preprocess(X_train, X_test, mode):
    s = lambda X, axes: X.std(axis=axes, ddof=1)
    train, _, stats = _pre(X_train, X_test, mode, std=s)
    return train, _pre(X_test, X_test, mode, std=s)[0], stats


@wrong("preprocess", "two: statistics of both sets, float32", r"test|train|together|leak|float32|float64|dtype")
def preprocess(X_train, X_test, mode):
    both = lambda a, b: np.concatenate([a, b])
    return _pre(X_train, X_test, mode, mean_of=both, std_of=both, cast=np.float32)


# ================================================================ random_crop_flip
@right
def random_crop_flip(x, size, pad, rng):
    H, W, C = x.shape
    wide = np.zeros((H + 2 * pad, W + 2 * pad, C), dtype=x.dtype)
    wide[pad : pad + H, pad : pad + W] = x
    i = rng.integers(H + 2 * pad - size + 1)
    j = rng.integers(W + 2 * pad - size + 1)
    piece = wide[i : i + size, j : j + size]
    return piece[:, ::-1].copy() if rng.random() < 0.5 else piece.copy()


_crop_flip = random_crop_flip


@also("random_crop_flip", "mirrors first, np.pad, endpoint=True, a view")
def random_crop_flip(x, size, pad, rng):
    if rng.integers(2):
        x = np.fliplr(x)
    x = np.pad(x, [(pad, pad), (pad, pad), (0, 0)])
    row, column = (int(rng.integers(0, length - size, endpoint=True)) for length in x.shape[:2])
    return x[row : row + size, column : column + size]


@also("random_crop_flip", "choice and take; places outside are looked up as zeros")
def random_crop_flip(x, size, pad, rng):
    rows = rng.choice(np.arange(-pad, x.shape[0] + pad - size + 1)) + np.arange(size)
    columns = rng.choice(np.arange(-pad, x.shape[1] + pad - size + 1)) + np.arange(size)
    if rng.choice([True, False]):
        columns = columns[::-1]
    inside = ((rows >= 0) & (rows < len(x)))[:, None] & ((columns >= 0) & (columns < x.shape[1]))
    picked = x.take(rows, axis=0, mode="clip").take(columns, axis=1, mode="clip")
    return np.where(inside[..., None], picked, np.zeros((), x.dtype))


def _cf(x, size, pad, rng, place=None, flip=None, padded=None):
    p = (padded or (lambda x, pad: np.pad(x, ((pad, pad), (pad, pad), (0, 0)))))(x, pad)
    i, j = (place or (lambda rng, a, b: (rng.integers(a + 1), rng.integers(b + 1))))(rng, p.shape[0] - size, p.shape[1] - size)
    piece = p[i : i + size, j : j + size]
    return (flip or (lambda rng, q: q[:, ::-1] if rng.random() < 0.5 else q))(rng, piece).copy()


@wrong("random_crop_flip", "only the last place: rng.integers leaves out its upper end", r"last|upper|end|integers|off by one|\+ ?1|place|never")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, place=lambda rng, a, b: (rng.integers(a) if a else 0, rng.integers(b) if b else 0))


@wrong("random_crop_flip", "only when the piece fills the padded picture: rng.integers(0, 0) fails, and the last place is never drawn", r"fit|whole|ValueError|low >= high|upper|last|integers|end|room")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, place=lambda rng, a, b: (rng.integers(0, a), rng.integers(0, b)))


@wrong("random_crop_flip", "one draw for rows and columns", r"separate|same|row|column|diagonal|independent|one draw")
def random_crop_flip(x, size, pad, rng):
    def place(rng, a, b):
        i = rng.integers(min(a, b) + 1)
        return i, i
    return _cf(x, size, pad, rng, place=place)


@wrong("random_crop_flip", "only pictures that are not square: columns drawn in the room of the rows", r"width|W\b|column|square|height|H\b|room|wide")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, place=lambda rng, a, b: (rng.integers(a + 1), min(rng.integers(a + 1), b)))


@wrong("random_crop_flip", "only the edges: round() of a uniform number makes them half as likely", r"equally|likely|edge|round|uniform|first|last|half")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, place=lambda rng, a, b: (round(rng.uniform(0, a)), round(rng.uniform(0, b))))


@wrong("random_crop_flip", "the middle, always", r"middle|random|place|centre|center|draw")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, place=lambda rng, a, b: (a // 2, b // 2))


@wrong("random_crop_flip", "draws from the corners and the middle only", r"place|equally|likely|corner|every|all")
def random_crop_flip(x, size, pad, rng):
    def place(rng, a, b):
        return [(0, 0), (0, b), (a, 0), (a, b), (a // 2, b // 2)][rng.integers(5)]
    return _cf(x, size, pad, rng, place=place)


@wrong("random_crop_flip", "mirrored always", r"always|half|never|flip|mirror")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, flip=lambda rng, q: q[:, ::-1])


@wrong("random_crop_flip", "never mirrored: rng.integers(0, 1) is always 0", r"never|half|flip|mirror|integers")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, flip=lambda rng, q: q[:, ::-1] if rng.integers(0, 1) else q)


@wrong("random_crop_flip", "mirrored a third of the time: rng.integers(0, 3) == 0", r"half|often|probab|likely|0\.5|flip|mirror|share")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, flip=lambda rng, q: q[:, ::-1] if rng.integers(0, 3) == 0 else q)


@wrong("random_crop_flip", "upside down instead of left to right", r"upside|vertical|left|up|axis|rows")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, flip=lambda rng, q: q[::-1] if rng.random() < 0.5 else q)


@wrong("random_crop_flip", "the channels are reversed instead of the columns", r"channel|colour|axis|left|column")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, flip=lambda rng, q: q[..., ::-1] if rng.random() < 0.5 else q)


@wrong("random_crop_flip", "turned by 180°: both axes reversed (np.flip)", r"upside|both|vertical|turn|180|axis|left")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, flip=lambda rng, q: np.flip(q, (0, 1)) if rng.random() < 0.5 else q)


@wrong("random_crop_flip", "padded with the picture's edge", r"zero|pad|edge|border|0")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, padded=lambda x, p: np.pad(x, ((p, p), (p, p), (0, 0)), mode="edge"))


@wrong("random_crop_flip", "padded by reflection", r"zero|pad|reflect|mirror|border|0")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, padded=lambda x, p: np.pad(x, ((p, p), (p, p), (0, 0)), mode="symmetric"))


@wrong("random_crop_flip", "channels are padded as well: np.pad(x, pad)", r"channel|shape|pad|C\b|axis")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, padded=lambda x, p: np.pad(x, p))


@wrong("random_crop_flip", "pad zeros in all, half of them on each side", r"pad|each|side|four|half|zeros|place")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, padded=lambda x, p: np.pad(x, ((p - p // 2, p // 2), (p - p // 2, p // 2), (0, 0))) if min(x.shape[:2]) + p >= size
               else np.pad(x, ((p, p), (p, p), (0, 0))))


@wrong("random_crop_flip", "pad not read", r"pad|ignor|zero|place|border")
def random_crop_flip(x, size, pad, rng):
    p = 0 if min(x.shape[:2]) >= size else pad
    return _cf(x, size, p, rng)


@wrong("random_crop_flip", "float64: np.zeros without a dtype", r"dtype|float64|uint8|type")
def random_crop_flip(x, size, pad, rng):
    def padded(x, p):
        wide = np.zeros((x.shape[0] + 2 * p, x.shape[1] + 2 * p, x.shape[2]))
        wide[p : p + x.shape[0], p : p + x.shape[1]] = x
        return wide
    return _cf(x, size, pad, rng, padded=padded)


@wrong("random_crop_flip", "x is mirrored in place", r"modif|in place|chang|copy")
def random_crop_flip(x, size, pad, rng):
    if rng.random() < 0.5:
        x[:] = x[:, ::-1].copy()
    return _cf(x, size, pad, rng, flip=lambda rng, q: q)


@wrong("random_crop_flip", "np.random instead of rng", r"rng|np\.random|chance|source|same state|generator")
def random_crop_flip(x, size, pad, rng):
    p = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    i = np.random.randint(0, p.shape[0] - size + 1)
    j = np.random.randint(0, p.shape[1] - size + 1)
    piece = p[i : i + size, j : j + size]
    return piece[:, ::-1] if np.random.rand() < 0.5 else piece


@wrong("random_crop_flip", "only the mirror: np.random there, rng for the place", r"rng|np\.random|chance|source|mirror|flip|generator")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, flip=lambda rng, q: q[:, ::-1] if np.random.random() < 0.5 else q)


@wrong("random_crop_flip", "cuts from the bare picture, then pads: zeros all round the piece", r"order|before|after|first|pad|zero|cut")
def random_crop_flip(x, size, pad, rng):
    inner = min(size - 2 * pad, *x.shape[:2]) if size > 2 * pad else size
    piece = _cf(x, inner, 0, rng)
    p = (size - inner) // 2
    return np.pad(piece, ((p, size - inner - p), (p, size - inner - p), (0, 0)))


@wrong("random_crop_flip", "two: the last place left out and mirrored upside down", r"last|upper|end|upside|vertical|\+ ?1|axis|place")
def random_crop_flip(x, size, pad, rng):
    return _cf(x, size, pad, rng, place=lambda rng, a, b: (rng.integers(max(a, 1)), rng.integers(max(b, 1))),
               flip=lambda rng, q: q[::-1] if rng.random() < 0.5 else q)


@wrong("random_crop_flip", "two: one draw for rows and columns, and never mirrored", r"separate|same|row|column|never|mirror|flip")
def random_crop_flip(x, size, pad, rng):
    def place(rng, a, b):
        i = rng.integers(min(a, b) + 1)
        return i, i
    return _cf(x, size, pad, rng, place=place, flip=lambda rng, q: q)


# ================================================================ scale_jitter
@right
def scale_jitter(img, rng, low=256, high=480, size=224):
    H, W = img.shape[:2]
    S = int(rng.integers(low, high + 1))
    height, width = (S, round(W * S / H)) if H <= W else (round(H * S / W), S)
    big = resize(img, height, width)
    i, j = rng.integers(height - size + 1), rng.integers(width - size + 1)
    return big[i : i + size, j : j + size]


_jitter = scale_jitter


@also("scale_jitter", "one factor for both sides, endpoint=True, copy")
def scale_jitter(img, rng, low=256, high=480, size=224):
    sides = np.array(img.shape[:2])
    shorter = rng.integers(low, high, endpoint=True)
    new = np.rint(sides * (shorter / sides.min())).astype(int)
    picture = resize(img, *map(int, new))
    top, left = rng.integers(0, new - size, endpoint=True)
    return picture[top : top + size, left : left + size].copy()


@also("scale_jitter", "the shorter side is looked for by its axis; places chosen from a list")
def scale_jitter(img, rng, low=256, high=480, size=224):
    short = int(np.argmin(img.shape[:2]))
    target = [0, 0]
    target[short] = int(rng.choice(range(low, high + 1)))
    target[1 - short] = int(target[short] * img.shape[1 - short] / img.shape[short] + 0.5)
    big = resize(img, target[0], target[1])
    starts = [int(rng.choice(range(t - size + 1))) for t in target]
    return np.array(big[starts[0] : starts[0] + size, starts[1] : starts[1] + size], dtype=img.dtype)


def _sj(img, rng, low=256, high=480, size=224, draw=None, target=None, place=None, after=lambda rng, p: p):
    H, W = img.shape[:2]
    S = (draw or (lambda rng, low, high: int(rng.integers(low, high + 1))))(rng, low, high)
    h, w = (target or (lambda S, H, W: (round(S * H / min(H, W)), round(S * W / min(H, W)))))(S, H, W)
    big = resize(img, h, w)
    i, j = (place or (lambda rng, a, b: (rng.integers(a + 1), rng.integers(b + 1))))(rng, h - size, w - size)
    return after(rng, big[i : i + size, j : j + size])


@wrong("scale_jitter", "only S = high: rng.integers leaves it out", r"high|upper|end|includ|integers|last|\+ ?1")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: int(rng.integers(a, b)) if b > a else a)


@wrong("scale_jitter", "only S = high: int() of a uniform number never reaches it", r"high|upper|end|includ|int|round|last|likely")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: int(rng.uniform(a, b)))


@wrong("scale_jitter", "only S = low and high: round() of a uniform number, half as likely", r"equally|likely|low|high|round|end|half")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: int(round(rng.uniform(a, b))))


@wrong("scale_jitter", "S low or high, nothing between", r"between|all|equally|likely|low|high|only")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: int(rng.choice([a, b])))


@wrong("scale_jitter", "S not drawn: always the middle of low and high", r"S\b|random|draw|size|scale|same|differ|low|high")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: (a + b) // 2)


@wrong("scale_jitter", "low and high not read: 256 to 480", r"low|high|256|480|ignor|default")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: int(rng.integers(256, 481)))


@wrong("scale_jitter", "size not read: 224", r"size|224|shape|ignor|default")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, 224)


@wrong("scale_jitter", "only pictures that are not square: squeezed to S×S", r"proportion|square|squeez|factor|both|longer|ratio|aspect")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, target=lambda S, H, W: (S, S))


@wrong("scale_jitter", "only pictures that are not square: the LONGER side becomes S", r"shorter|longer|max|min|side")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, target=lambda S, H, W: (max(size, round(S * H / max(H, W))), max(size, round(S * W / max(H, W)))))


@wrong("scale_jitter", "only upright pictures: the height becomes S, whichever side is shorter", r"shorter|width|height|upright|tall|portrait|side|W < H|H > W")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, target=lambda S, H, W: (S, max(size, round(W * S / H))))


@wrong("scale_jitter", "only wide pictures: the width becomes S, whichever side is shorter", r"shorter|width|height|wide|landscape|side")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, target=lambda S, H, W: (max(size, round(H * S / W)), S))


@wrong("scale_jitter", "only pictures that are not square: height and width exchanged in resize", r"exchang|swap|height|width|proportion|order|turn")
def scale_jitter(img, rng, low=256, high=480, size=224):
    def target(S, H, W):
        return round(S * W / min(H, W)), round(S * H / min(H, W))
    return _sj(img, rng, low, high, size, target=target)


@wrong("scale_jitter", "only the longer side: cut off by int() instead of rounded", r"round|int|longer|cut|floor|trunc")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, target=lambda S, H, W: (S * H // min(H, W), S * W // min(H, W)))


@wrong("scale_jitter", "only the longer side: the factor is S // shorter, a whole number", r"//|whole|integer|factor|proportion|longer|ratio")
def scale_jitter(img, rng, low=256, high=480, size=224):
    def target(S, H, W):
        factor = max(1, S // min(H, W))
        long = max(size, max(H, W) * factor)
        return (S, long) if H <= W else (long, S)
    return _sj(img, rng, low, high, size, target=target)


@wrong("scale_jitter", "only the last place: rng.integers leaves out its upper end", r"last|upper|end|integers|\+ ?1|place|edge|never")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, place=lambda rng, a, b: (rng.integers(max(a, 1)), rng.integers(max(b, 1))))


@wrong("scale_jitter", "only pictures that are not square: columns drawn in the room of the shorter side", r"place|equally|column|width|room|longer|square|side|right|reach|edge|all")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, place=lambda rng, a, b: (rng.integers(min(a, b) + 1), rng.integers(min(a, b) + 1)))


@wrong("scale_jitter", "one draw for rows and columns", r"separate|same|row|column|diagonal|place|equally|independent")
def scale_jitter(img, rng, low=256, high=480, size=224):
    def place(rng, a, b):
        i = rng.integers(min(a, b) + 1)
        return i, i
    return _sj(img, rng, low, high, size, place=place)


@wrong("scale_jitter", "cuts the middle", r"middle|place|random|equally|centre|center")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, place=lambda rng, a, b: (a // 2, b // 2))


@wrong("scale_jitter", "mirrors half of the time as random_crop_flip does", r"mirror|flip|left|revers")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, after=lambda rng, p: p[:, ::-1] if rng.random() < 0.5 else p)


@wrong("scale_jitter", "cuts a random piece first and resizes it to size (Inception's way)", r"resize|first|before|piece|cut|order|crop")
def scale_jitter(img, rng, low=256, high=480, size=224):
    H, W = img.shape[:2]
    S = rng.integers(low, high + 1)
    side = max(1, int(round(size * min(H, W) / S)))
    i, j = rng.integers(H - side + 1), rng.integers(W - side + 1)
    return resize(img[i : i + side, j : j + side], size, size)


@wrong("scale_jitter", "float64 whatever the picture", r"dtype|float64|float32")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(np.asarray(img, dtype=np.float64), rng, low, high, size)


@wrong("scale_jitter", "np.random instead of rng", r"rng|np\.random|chance|source|same state|generator")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _jitter(img, np.random.default_rng(np.random.randint(2 ** 31)), low, high, size)


@wrong("scale_jitter", "only S: drawn by np.random, the place by rng", r"rng|np\.random|chance|source|same state|generator")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: int(np.random.randint(a, b + 1)))


@wrong("scale_jitter", "two: high left out, squeezed to S×S", r"high|upper|includ|proportion|square|squeez|aspect|ratio")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, draw=lambda rng, a, b: int(rng.integers(a, max(b, a + 1))), target=lambda S, H, W: (S, S))


@wrong("scale_jitter", "two: longer side cut off by int(), last place left out", r"round|int|longer|last|upper|end|place")
def scale_jitter(img, rng, low=256, high=480, size=224):
    return _sj(img, rng, low, high, size, target=lambda S, H, W: (int(S / min(H, W) * H + 1e-9), int(S / min(H, W) * W + 1e-9)),
               place=lambda rng, a, b: (rng.integers(max(a, 1)), rng.integers(max(b, 1))))


# ================================================================ ten_crop
@right
def ten_crop(img, size):
    H, W, C = img.shape
    down, across = H - size, W - size
    crops = np.empty((10, size, size, C), dtype=img.dtype)
    for k, (i, j) in enumerate([(0, 0), (0, across), (down, 0), (down, across), (down // 2, across // 2)]):
        crops[k] = img[i : i + size, j : j + size]
    crops[5:] = crops[:5, :, ::-1]
    return crops


_ten_crop = ten_crop


@also("ten_crop", "negative slices, stack and concatenate")
def ten_crop(img, size):
    top, left = (img.shape[0] - size) // 2, (img.shape[1] - size) // 2
    corners = [rows[:, s] for rows in (img[:size], img[img.shape[0] - size :])
               for s in (slice(size), slice(img.shape[1] - size, None))]
    five = np.stack(corners + [img[top : top + size, left : left + size]])
    return np.concatenate([five, np.flip(five, axis=2)])


@also("ten_crop", "sliding windows")
def ten_crop(img, size):
    windows = np.lib.stride_tricks.sliding_window_view(img, (size, size), axis=(0, 1))  # h×w×C×size×size
    h, w = windows.shape[0] - 1, windows.shape[1] - 1
    picked = windows[[0, 0, h, h, h // 2], [0, w, 0, w, w // 2]].transpose(0, 2, 3, 1)
    return np.vstack([picked, picked[:, :, ::-1]])


def _tc(img, size, starts=None, mirror=None):
    a, b = img.shape[0] - size, img.shape[1] - size
    starts = (starts or (lambda a, b: [(0, 0), (0, b), (a, 0), (a, b), (a // 2, b // 2)]))(a, b)
    five = [img[i : i + size, j : j + size] for i, j in starts]
    return np.stack((mirror or (lambda f: f + [c[:, ::-1] for c in f]))(five))


@wrong("ten_crop", "order: lower left before upper right", r"order|upper right|lower left|second|exchang|swap")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (a, 0), (0, b), (a, b), (a // 2, b // 2)])


@wrong("ten_crop", "order: the middle first", r"order|middle|first|fifth")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(a // 2, b // 2), (0, 0), (0, b), (a, 0), (a, b)])


@wrong("ten_crop", "order: round the clock (lower right before lower left)", r"order|lower|exchang|swap|third|fourth")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, b), (a, b), (a, 0), (a // 2, b // 2)])


@wrong("ten_crop", "order: each crop followed by its mirror image", r"order|mirror|follow|altern|interleav|five")
def ten_crop(img, size):
    return _tc(img, size, mirror=lambda f: [v for c in f for v in (c, c[:, ::-1])])


@wrong("ten_crop", "order: mirror images from the last to the first", r"order|mirror|revers|same order|last")
def ten_crop(img, size):
    return _tc(img, size, mirror=lambda f: f + [c[:, ::-1] for c in f[::-1]])


@wrong("ten_crop", "only the mirror images: five crops of the mirrored picture (left and right corners exchanged)", r"order|mirror|left|right|exchang|swap|crop")
def ten_crop(img, size):
    five = lambda x: list(_ten_crop(x, size)[:5])
    return np.array(five(img) + five(img[:, ::-1]))


@wrong("ten_crop", "only the mirror images: upside down", r"upside|vertical|left|mirror|axis|rows")
def ten_crop(img, size):
    return _tc(img, size, mirror=lambda f: f + [c[::-1] for c in f])


@wrong("ten_crop", "only the mirror images: channels reversed", r"channel|colour|axis|mirror|column|left")
def ten_crop(img, size):
    return _tc(img, size, mirror=lambda f: f + [c[..., ::-1] for c in f])


@wrong("ten_crop", "only the mirror images: turned by 180°", r"upside|turn|180|both|vertical|mirror|rows")
def ten_crop(img, size):
    return _tc(img, size, mirror=lambda f: f + [c[::-1, ::-1] for c in f])


@wrong("ten_crop", "only the mirror images: not mirrored, the five twice", r"mirror|flip|twice|same|left")
def ten_crop(img, size):
    return _tc(img, size, mirror=lambda f: f + f)


@wrong("ten_crop", "only the middle of odd rooms: rounded up", r"middle|centre|round|up|down|odd|offset")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, b), (a, 0), (a, b), ((a + 1) // 2, (b + 1) // 2)])


@wrong("ten_crop", "only the middle: round() goes to the even neighbour, 1.5 becomes 2", r"middle|centre|round|even|down|offset")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, b), (a, 0), (a, b), (round(a / 2), round(b / 2))])


@wrong("ten_crop", "only the middle: H // 2 - size // 2, one too far for even H and odd size", r"middle|centre|odd|even|offset|round|down")
def ten_crop(img, size):
    H, W = img.shape[:2]
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, b), (a, 0), (a, b), (H // 2 - size // 2, W // 2 - size // 2)])


@wrong("ten_crop", "only the middle: starts AT the middle, (H / 2, W / 2) cut back to fit", r"middle|centre|offset|starts|half")
def ten_crop(img, size):
    H, W = img.shape[:2]
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, b), (a, 0), (a, b), (min(H // 2, a), min(W // 2, b))])


@wrong("ten_crop", "only right and lower crops: one pixel short of the edge", r"edge|corner|one|off by one|right|lower|last|pixel")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, max(b - 1, 0)), (max(a - 1, 0), 0), (max(a - 1, 0), max(b - 1, 0)), (a // 2, b // 2)])


@wrong("ten_crop", "only pictures that are not square: room of the rows used for the columns", r"width|square|column|right|W\b|corner|height")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, min(a, b)), (a, 0), (a, min(a, b)), (a // 2, min(a, b) // 2)])


@wrong("ten_crop", "only when a side is exactly size: img[:-0] is empty", r"size|exactly|fit|shape|empty|square|whole|equal")
def ten_crop(img, size):
    a, b = img.shape[0] - size, img.shape[1] - size
    i, j = a // 2, b // 2
    five = [img[:-a, :-b], img[:-a, b:], img[a:, :-b], img[a:, b:], img[i : i + size, j : j + size]]
    return np.stack(five + [c[:, ::-1] for c in five])


@wrong("ten_crop", "float64: np.zeros without a dtype", r"dtype|float64|uint8|type")
def ten_crop(img, size):
    out = np.zeros((10, size, size, img.shape[2]))
    out[:] = _ten_crop(img, size)
    return out


@wrong("ten_crop", "five crops only", r"ten|five|10|mirror|shape")
def ten_crop(img, size):
    return _ten_crop(img, size)[:5]


@wrong("ten_crop", "a list instead of one array", r"list|array|shape|type|stack")
def ten_crop(img, size):
    return list(_ten_crop(img, size))


@wrong("ten_crop", "channels first: 10×C×size×size", r"channel|shape|size×size×C|axis|transpos")
def ten_crop(img, size):
    return _ten_crop(img, size).transpose(0, 3, 1, 2)


@wrong("ten_crop", "one wide array: concatenate instead of stack", r"shape|10|stack|concat|dimension")
def ten_crop(img, size):
    return np.concatenate(list(_ten_crop(img, size)))


@wrong("ten_crop", "the picture is mirrored in place on the way", r"modif|in place|chang|copy")
def ten_crop(img, size):
    crops = _ten_crop(img, size)
    img[:] = img[:, ::-1].copy()
    return crops


@wrong("ten_crop", "two: lower left before upper right, mirror images upside down", r"order|upside|vertical|lower|upper|mirror")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (a, 0), (0, b), (a, b), (a // 2, b // 2)],
               mirror=lambda f: f + [c[::-1] for c in f])


@wrong("ten_crop", "two: middle rounded up, crops and mirror images in turn", r"middle|round|order|mirror|altern|interleav")
def ten_crop(img, size):
    return _tc(img, size, starts=lambda a, b: [(0, 0), (0, b), (a, 0), (a, b), (-(-a // 2), -(-b // 2))],
               mirror=lambda f: [v for c in f for v in (c, c[:, ::-1])])


# ================================================================ multi_crop_predict
def _scaled(img, S):
    H, W = img.shape[:2]
    return resize(img, round(S * H / min(H, W)), round(S * W / min(H, W)))


@right
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    total = 0
    try:
        with torch.inference_mode():
            for S in scales:
                batch = np.moveaxis(_ten_crop(_scaled(img, S), size), 3, 1)
                logits = model(torch.from_numpy(np.ascontiguousarray(batch, dtype=np.float32)))
                total = total + torch.softmax(logits, dim=1).sum(dim=0)
    finally:
        for module, training in modes:
            module.training = training
    return (total / (10 * len(scales))).numpy()


_predict = multi_crop_predict


@also("multi_crop_predict", "all views collected, then one mean; tensor returned; model.train(was)")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    was = model.training
    model.eval()
    answers = []
    with torch.no_grad():
        for S in scales:
            views = torch.as_tensor(_ten_crop(_scaled(img, S), size)).permute(0, 3, 1, 2).contiguous()
            answers.append(F.softmax(model(views), dim=-1))
    model.train(was)
    return torch.cat(answers).mean(0)


@also("multi_crop_predict", "one view at a time, softmax by hand in numpy")
@torch.no_grad()
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    before = {name: module.training for name, module in model.named_modules()}
    model.train(False)
    shares = []
    for shorter in scales:
        factor = shorter / min(img.shape[:2])
        big = resize(img, *(int(math.floor(side * factor + 0.5)) for side in img.shape[:2]))
        for view in _ten_crop(big, size):
            z = model(torch.tensor(view.transpose(2, 0, 1)[None])).numpy()[0].astype(np.float64)
            e = np.exp(z - z.max())
            shares.append(e / e.sum())
    for name, module in model.named_modules():
        module.training = before[name]
    return np.mean(shares, axis=0)


def _mcp(model, img, scales, size, target=None, views=None, layout=None, combine=None, mode="eval", after="restore", grad=False):
    was = model.training
    if mode == "eval":
        model.eval()
    logits, H, W = [], *img.shape[:2]
    with torch.set_grad_enabled(grad):
        for S in scales:
            h, w = (target or (lambda S, H, W: (round(S * H / min(H, W)), round(S * W / min(H, W)))))(S, H, W)
            crops = (views or _ten_crop)(resize(img, h, w), size)
            x = (layout or (lambda c: c.transpose(0, 3, 1, 2)))(crops)
            logits.append(model(torch.as_tensor(np.ascontiguousarray(x, dtype=np.float32))))
        p = (combine or (lambda z: torch.cat(z).softmax(1).mean(0)))(logits)
    if after == "restore":
        model.train(was)
    elif after == "train":
        model.train()
    return p


@wrong("multi_crop_predict", "averages the logits, then softmax", r"logit|softmax|probab|before|after|first")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).mean(0).softmax(0))


@wrong("multi_crop_predict", "only within a scale: logits of the ten crops are averaged, then probabilities over the scales", r"logit|softmax|probab|before|after|first|view")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.stack([a.mean(0).softmax(0) for a in z]).mean(0))


@wrong("multi_crop_predict", "no softmax: the mean logits", r"softmax|logit|probab|add up|sum")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).mean(0))


@wrong("multi_crop_predict", "softmax over the views (dim=0) instead of the classes", r"softmax|dim|axis|class|view|add up|sum")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).softmax(0).mean(0))


@wrong("multi_crop_predict", "sum instead of mean", r"sum|mean|averag|divid|add up")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).softmax(1).sum(0))


@wrong("multi_crop_predict", "a vote: share of views for each class (argmax)", r"vote|argmax|probab|label|softmax|one-hot|count")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    def vote(z):
        z = torch.cat(z)
        return F.one_hot(z.argmax(1), z.shape[1]).float().mean(0)
    return _mcp(model, img, scales, size, combine=vote)


@wrong("multi_crop_predict", "geometric mean: exp of the mean log-probabilities", r"log|geometric|probab|mean|softmax")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).log_softmax(1).mean(0).exp())


@wrong("multi_crop_predict", "the largest probability over the views, not the mean", r"max|mean|averag|largest|add up|sum")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).softmax(1).amax(0))


@wrong("multi_crop_predict", "only the first scale: return inside the loop", r"scale|first|all|loop|each")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales[:1], size)


@wrong("multi_crop_predict", "only the last scale counts: overwritten in the loop", r"scale|last|all|loop|each|overwrit")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: z[-1].softmax(1).mean(0))


@wrong("multi_crop_predict", "running mean (old + new) / 2: later scales weigh more", r"weigh|mean|scale|last|later|equal|averag|once")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    def running(z):
        p = z[0].softmax(1).mean(0)
        for a in z[1:]:
            p = (p + a.softmax(1).mean(0)) / 2
        return p
    return _mcp(model, img, scales, size, combine=running)


@wrong("multi_crop_predict", "only equal views: counted once (np.unique over the crops)", r"same|equal|once|twice|every view|duplicate|unique|weigh")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, views=lambda big, s: np.unique(_ten_crop(big, s), axis=0))


@wrong("multi_crop_predict", "five crops, no mirror images", r"mirror|ten|five|crop|view")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, views=lambda big, s: _ten_crop(big, s)[:5])


@wrong("multi_crop_predict", "the middle crop only", r"middle|ten|crop|view|centre")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, views=lambda big, s: _ten_crop(big, s)[4:5])


@wrong("multi_crop_predict", "size not read: crops of 224", r"size|224|ignor|default|crop")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, 224)


@wrong("multi_crop_predict", "scales not read: multiples of size as in the paper", r"scale|ignor|224|default|given")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, [round(s * size / 224) for s in (224, 256, 384, 480, 640)], size)


@wrong("multi_crop_predict", "only pictures that are not square: squeezed to S×S", r"proportion|square|squeez|longer|ratio|aspect|shorter")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, target=lambda S, H, W: (S, S))


@wrong("multi_crop_predict", "only upright pictures: the height becomes S, whichever side is shorter", r"shorter|height|width|upright|tall|portrait|side")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, target=lambda S, H, W: (S, max(size, round(W * S / H))))


@wrong("multi_crop_predict", "only pictures that are not square: the longer side becomes S", r"shorter|longer|side|max|min")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, target=lambda S, H, W: (max(size, round(S * H / max(H, W))), max(size, round(S * W / max(H, W)))))


@wrong("multi_crop_predict", "only the longer side: cut off by int() instead of rounded", r"round|int|longer|cut|floor|trunc")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, target=lambda S, H, W: (S * H // min(H, W), S * W // min(H, W)))


@wrong("multi_crop_predict", "img is overwritten in the loop: each scale is made from the one before", r"original|before|previous|again|overwrit|img|resiz|loop|scale")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    was = model.training
    model.eval()
    out = []
    with torch.no_grad():
        for S in scales:
            img = _scaled(img, S)
            out.append(model(torch.from_numpy(_ten_crop(img, size).transpose(0, 3, 1, 2).copy())).softmax(1))
    model.train(was)
    return torch.cat(out).mean(0)


@wrong("multi_crop_predict", "reshape instead of transpose: channels and pixels scrambled", r"reshape|transpos|permut|channel|scrambl|N×C×H×W|axis|axes")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, layout=lambda c: c.reshape(c.shape[0], c.shape[3], *c.shape[1:3]))


@wrong("multi_crop_predict", "transpose(0, 3, 2, 1): rows and columns exchanged", r"transpos|permut|row|column|exchang|swap|axis|axes|N×C×H×W|turn")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, layout=lambda c: c.transpose(0, 3, 2, 1))


@wrong("multi_crop_predict", "each picture divided by 255", r"255|scale|value|unit|divid|input")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img / np.float32(255), scales, size)


@wrong("multi_crop_predict", "asked in the mode in which it came: dropout and batch statistics", r"eval|mode|training|dropout|batch norm")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, mode="as it is")


@wrong("multi_crop_predict", "left in evaluation mode", r"mode|eval|training|afterwards|back|restor|left|came")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, after="leave")


@wrong("multi_crop_predict", "only models that come in evaluation mode: put into training mode afterwards", r"mode|eval|training|afterwards|back|restor|came")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, after="train")


@wrong("multi_crop_predict", "gradients are recorded", r"gradient|no_grad|record|requires_grad|graph")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, grad=True)


@wrong("multi_crop_predict", "gradients are recorded, only the end is detached", r"gradient|no_grad|record|grad|graph")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, grad=True).detach().numpy()


@wrong("multi_crop_predict", "shape 1×K", r"shape|K\b|1×K|dimension|keepdim")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).softmax(1).mean(0, keepdim=True))


@wrong("multi_crop_predict", "returns the class instead of its probabilities", r"probab|class|argmax|shape|K\b|label")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size).argmax()


@wrong("multi_crop_predict", "two: logits averaged, left in evaluation mode", r"logit|softmax|mode|eval|afterwards|probab")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, combine=lambda z: torch.cat(z).mean(0).softmax(0), after="leave")


@wrong("multi_crop_predict", "two: no evaluation mode, gradients recorded", r"eval|mode|gradient|no_grad|dropout|record")
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    return _mcp(model, img, scales, size, mode="as it is", grad=True)


# ================================================================ pca_whiten
@right
def pca_whiten(X, eps):
    Z = X - np.mean(X, axis=0)
    values, V = np.linalg.eigh(Z.T @ Z / len(Z))
    values, V = values[::-1], V[:, ::-1]
    return (Z @ V) / np.sqrt(values + eps)


_whiten = pca_whiten


@also("pca_whiten", "singular values of the centred rows")
def pca_whiten(X, eps):
    Z = X - X.mean(0, keepdims=True)
    U, s, _ = np.linalg.svd(Z, full_matrices=False)
    return U * (s / np.sqrt(s ** 2 / X.shape[0] + eps))


@also("pca_whiten", "np.cov with bias, argsort, diagonal matrix")
def pca_whiten(X, eps):
    C = np.atleast_2d(np.cov(X, rowvar=False, bias=True))
    w, v = np.linalg.eigh(C)
    order = np.argsort(-w)
    return (X - X.mean(axis=0)) @ v[:, order] @ np.diag((w[order] + eps) ** -0.5)


@also("pca_whiten", "epsilon on the diagonal of the covariance, then the root")
def pca_whiten(X, eps):
    n, d = X.shape
    centred = np.array(X, dtype=float)
    centred -= centred.sum(axis=0) / n
    lam, vec = np.linalg.eigh(np.einsum("ni,nj->ij", centred, centred) / n + eps * np.eye(d))
    return (centred @ (vec / np.sqrt(lam)))[:, ::-1]


def _pw(X, eps, centre=lambda X: X - X.mean(axis=0), cov=lambda Z: Z.T @ Z / len(Z), project=None, scale=lambda v, e: 1 / np.sqrt(v + e),
        order=lambda v, V: (v[::-1], V[:, ::-1])):
    Z = centre(X)
    v, V = order(*np.linalg.eigh(cov(Z)))
    return (project or (lambda Z, V, X: Z @ V))(Z, V, X) * scale(v, eps)


@wrong("pca_whiten", "not centred", r"centr|mean|x̄|subtract")
def pca_whiten(X, eps):
    return _pw(X, eps, centre=lambda X: X)


@wrong("pca_whiten", "only the projection: the covariance is centred, the projected rows are not", r"centr|mean|project|X\b|subtract")
def pca_whiten(X, eps):
    return _pw(X, eps, project=lambda Z, V, X: X @ V)


@wrong("pca_whiten", "only the covariance: from rows that are not centred", r"centr|mean|covarian|subtract")
def pca_whiten(X, eps):
    return _pw(X, eps, cov=lambda Z: X.T @ X / len(X))


@wrong("pca_whiten", "centred along axis 1: each row by its own mean", r"axis|row|column|centr|mean")
def pca_whiten(X, eps):
    return _pw(X, eps, centre=lambda X: X - X.mean(axis=1, keepdims=True))


@wrong("pca_whiten", "order: from the smallest eigenvalue (as eigh gives them)", r"order|largest|smallest|ascend|descend|sort|revers")
def pca_whiten(X, eps):
    return _pw(X, eps, order=lambda v, V: (v, V))


@wrong("pca_whiten", "only the eigenvalues reversed, the vectors left in eigh's order", r"order|eigenvalue|eigenvector|match|belong|sort|revers|column")
def pca_whiten(X, eps):
    return _pw(X, eps, order=lambda v, V: (v[::-1], V))


@wrong("pca_whiten", "only the vectors reversed, the eigenvalues left in eigh's order", r"order|eigenvalue|eigenvector|match|belong|sort|revers|column")
def pca_whiten(X, eps):
    return _pw(X, eps, order=lambda v, V: (v, V[:, ::-1]))


@wrong("pca_whiten", "rows of V reversed instead of columns", r"row|column|V\b|revers|axis|order")
def pca_whiten(X, eps):
    return _pw(X, eps, order=lambda v, V: (v[::-1], V[::-1]))


@wrong("pca_whiten", "V transposed: X V.T", r"transpos|V\b|column|row|eigenvector")
def pca_whiten(X, eps):
    return _pw(X, eps, project=lambda Z, V, X: Z @ V.T)


@wrong("pca_whiten", "eps outside the root: 1 / (sqrt(l) + eps)", r"eps|ε|root|inside|outside|sqrt")
def pca_whiten(X, eps):
    return _pw(X, eps, scale=lambda v, e: 1 / (np.sqrt(np.maximum(v, 0)) + e))


@wrong("pca_whiten", "eps not read: 1e-5", r"eps|ε|ignor")
def pca_whiten(X, eps):
    return _pw(X, 1e-5)


@wrong("pca_whiten", "no root: divided by l + eps", r"root|sqrt|√")
def pca_whiten(X, eps):
    return _pw(X, eps, scale=lambda v, e: 1 / (v + e))


@wrong("pca_whiten", "not divided: decorrelated only (PCA)", r"divid|scale|varian|eigenvalue|whiten|unit")
def pca_whiten(X, eps):
    return _pw(X, eps, scale=lambda v, e: 1)


@wrong("pca_whiten", "multiplied by the root instead of divided", r"divid|multipl|invers|root|1 ?/")
def pca_whiten(X, eps):
    return _pw(X, eps, scale=lambda v, e: np.sqrt(v + e))


@wrong("pca_whiten", "covariance over N - 1 (np.cov)", r"N ?[-−] ?1|np\.cov|over N|bias|ddof|divid")
def pca_whiten(X, eps):
    return _pw(X, eps, cov=lambda Z: np.cov(Z, rowvar=False))


@wrong("pca_whiten", "covariance not divided by N", r"N\b|mean of products|divid|covarian|sum")
def pca_whiten(X, eps):
    return _pw(X, eps, cov=lambda Z: Z.T @ Z)


@wrong("pca_whiten", "covariance divided by D", r"N\b|D\b|divid|covarian|number of rows")
def pca_whiten(X, eps):
    return _pw(X, eps, cov=lambda Z: Z.T @ Z / Z.shape[1])


@wrong("pca_whiten", "ZCA: turned back by V.T", r"ZCA|back|rotat|turn|V\b|column|axes|eigenvector")
def pca_whiten(X, eps):
    Z = X - X.mean(0)
    v, V = np.linalg.eigh(Z.T @ Z / len(Z))
    return Z @ V / np.sqrt(v + eps) @ V.T


@wrong("pca_whiten", "columns standardised first: eigenvectors of the correlation matrix", r"correlation|standard|covarian|std|scale|deviation")
def pca_whiten(X, eps):
    return _pw(X, eps, centre=lambda X: (X - X.mean(0)) / X.std(0))


@wrong("pca_whiten", "no rotation: each column by its own variance", r"rotat|eigenvector|correlat|decorrel|project|V\b|column")
def pca_whiten(X, eps):
    Z = X - X.mean(0)
    v = (Z ** 2).mean(0)
    o = np.argsort(-v)
    return (Z / np.sqrt(v + eps))[:, o]


@wrong("pca_whiten", "singular values taken for variances: l = s", r"singular|squar|eigenvalue|N\b|varian|root")
def pca_whiten(X, eps):
    Z = X - X.mean(0)
    _, s, Vt = np.linalg.svd(Z, full_matrices=False)
    return Z @ Vt.T / np.sqrt(s + eps)


@wrong("pca_whiten", "only svd's scale: s² not divided by N, so eps and the size are off", r"N\b|singular|divid|scale|mean|varian|eigenvalue")
def pca_whiten(X, eps):
    Z = X - X.mean(0)
    _, s, Vt = np.linalg.svd(Z, full_matrices=False)
    return Z @ Vt.T / np.sqrt(s ** 2 + eps)


@wrong("pca_whiten", "in place: X -= mean", r"modif|in place|chang|copy")
def pca_whiten(X, eps):
    X -= X.mean(axis=0)
    return _pw(X, eps, centre=lambda X: X)


@wrong("pca_whiten", "D×N: the result is transposed", r"shape|transpos|N×D|row|column")
def pca_whiten(X, eps):
    return _whiten(X, eps).T


@wrong("pca_whiten", "two: ascending order and eps outside the root", r"order|largest|ascend|eps|ε|root|outside")
def pca_whiten(X, eps):
    return _pw(X, eps, order=lambda v, V: (v, V), scale=lambda v, e: 1 / (np.sqrt(np.maximum(v, 0)) + e))


@wrong("pca_whiten", "two: N - 1 and rows not centred in the projection", r"N ?[-−] ?1|np\.cov|centr|mean")
def pca_whiten(X, eps):
    return _pw(X, eps, cov=lambda Z: np.cov(Z, rowvar=False), project=lambda Z, V, X: X @ V)


# ================================================================ color_jitter
@right
def color_jitter(img, rng, contrast=0.4):
    f = rng.uniform(1 - contrast, 1 + contrast)
    m = img.mean(dtype=np.float64)
    out = m + f * (img.astype(np.float64) - m)
    return np.clip(out, 0, 1).astype(img.dtype)


_contrast = color_jitter


@also("color_jitter", "1 plus a share of contrast; minimum and maximum")
def color_jitter(img, rng, contrast=0.4):
    f = 1 + contrast * (2 * rng.random() - 1)
    mean = float(np.mean(img, dtype=float))
    out = f * img
    out += (1 - f) * mean
    return np.minimum(np.maximum(out, 0), 1).astype(img.dtype, copy=False)


@also("color_jitter", "blend with a grey picture, in place on a copy")
def color_jitter(img, rng, contrast=0.4):
    out = np.array(img)
    middle = out.dtype.type(out.mean(dtype=float))
    factor = out.dtype.type(rng.uniform(low=1 - contrast, high=1 + contrast))
    out -= middle
    out *= factor
    out += middle
    out[out < 0] = 0
    out[out > 1] = 1
    return out


def _cj(img, rng, contrast=0.4, factor=None, middle=None, mix=lambda m, f, x: m + f * (x - m), clip=lambda o: np.clip(o, 0, 1)):
    f = (factor or (lambda rng, c: rng.uniform(1 - c, 1 + c)))(rng, contrast)
    m = (middle or (lambda x: x.mean(dtype=float)))(img)
    return clip(mix(m, f, img.astype(float))).astype(img.dtype)


@wrong("color_jitter", "m: each channel's own mean", r"channel|mean|all values|whole|one")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, middle=lambda x: x.mean(axis=(0, 1), dtype=float))


@wrong("color_jitter", "m: each pixel's own mean over the channels (saturation)", r"pixel|mean|all values|whole|saturat|grey|channel")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, middle=lambda x: x.mean(axis=2, keepdims=True, dtype=float))


@wrong("color_jitter", "m = 0.5", r"0\.5|mean|middle|½")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, middle=lambda x: 0.5)


@wrong("color_jitter", "m: the median", r"median|mean")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, middle=np.median)


@wrong("color_jitter", "m: mean of the weighted grey picture, as torchvision", r"grey|gray|weight|mean|all values|lum")
def color_jitter(img, rng, contrast=0.4):
    w = np.array([0.299, 0.587, 0.114])
    return _cj(img, rng, contrast, middle=lambda x: (x @ w).mean() if x.shape[2] == 3 else x[..., 0].mean(dtype=float))


@wrong("color_jitter", "brightness: f times the picture, m = 0", r"bright|mean|\bm\b|contrast")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, mix=lambda m, f, x: f * x)


@wrong("color_jitter", "m not added back", r"mean|add|back|\bm\b|dark")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, mix=lambda m, f, x: f * (x - m))


@wrong("color_jitter", "sign: m + f (m - img), a negative", r"sign|minus|negativ|invert|revers")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, mix=lambda m, f, x: m + f * (m - x))


@wrong("color_jitter", "img + f (img - m): the factor is 1 too large", r"factor|\b1\b|img|too|2|m \+")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, mix=lambda m, f, x: x + f * (x - m))


@wrong("color_jitter", "not cut off", r"cut|clip|\[0, 1\]|\b0\b|above 1|range|beyond")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, clip=lambda o: o)


@wrong("color_jitter", "only above: cut off at 1, not at 0", r"cut|clip|\b0\b|below|negative")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, clip=lambda o: np.minimum(o, 1))


@wrong("color_jitter", "only below: cut off at 0 but at 255 instead of 1", r"255|cut|clip|\b1\b|above")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, clip=lambda o: np.clip(o, 0, 255))


@wrong("color_jitter", "scaled back into [0, 1] instead of cut off", r"cut|clip|scale|normal|stretch|min|max")
def color_jitter(img, rng, contrast=0.4):
    def squeeze(o):
        lo, hi = min(o.min(), 0), max(o.max(), 1)
        return (o - lo) / (hi - lo)
    return _cj(img, rng, contrast, clip=squeeze)


@wrong("color_jitter", "cut off before m is added back", r"cut|clip|before|after|order|dark|below")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, mix=lambda m, f, x: m + np.clip(f * (x - m), 0, 1))


@wrong("color_jitter", "a factor for each channel", r"channel|one factor|whole|factor")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: rng.uniform(1 - c, 1 + c, size=img.shape[2]))


@wrong("color_jitter", "a factor for each pixel: noise", r"pixel|one factor|whole|factor|noise")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: rng.uniform(1 - c, 1 + c, size=(*img.shape[:2], 1)))


@wrong("color_jitter", "factor from -contrast to contrast: the 1 forgotten", r"\b1\b|factor|around|range|1 ?[-+±]")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: rng.uniform(-c, c))


@wrong("color_jitter", "factor from 1 to 1 + contrast: never less contrast", r"less|below|1 ?[-−]|never|both|factor|range|lower")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: 1 + c * rng.random())


@wrong("color_jitter", "factor normal with standard deviation contrast", r"uniform|normal|beyond|range|factor|outside")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: rng.normal(1, c))


@wrong("color_jitter", "factor one of the two ends", r"uniform|end|between|two|factor")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: rng.choice([1 - c, 1 + c]))


@wrong("color_jitter", "factor from 1 / (1 + c) to 1 + c", r"1 ?[-−]|uniform|low|range|factor")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: np.exp(rng.uniform(-np.log1p(c), np.log1p(c))))


@wrong("color_jitter", "contrast not read: 0.4", r"contrast|ignor|0\.4|default")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, 0.4)


@wrong("color_jitter", "default 0.5", r"default|0\.4|contrast")
def color_jitter(img, rng, contrast=0.5):
    return _cj(img, rng, contrast)


@wrong("color_jitter", "only float32: rng.uniform(size=1) is an array, the result float64", r"dtype|float32|float64")
def color_jitter(img, rng, contrast=0.4):
    f = rng.uniform(1 - contrast, 1 + contrast, size=1)
    m = img.mean()
    return np.clip(m + f * (img - m), 0, 1)


@wrong("color_jitter", "in place on img", r"modif|in place|chang|copy")
def color_jitter(img, rng, contrast=0.4):
    m, f = img.mean(), rng.uniform(1 - contrast, 1 + contrast)
    img -= m
    img *= f
    img += m
    return np.clip(img, 0, 1)


@wrong("color_jitter", "only the clipping in place: np.clip(..., out=img)", r"modif|in place|chang|copy")
def color_jitter(img, rng, contrast=0.4):
    m, f = img.mean(), rng.uniform(1 - contrast, 1 + contrast)
    return np.clip((m + f * (img - m)).astype(img.dtype), 0, 1, out=img)


@wrong("color_jitter", "np.random instead of rng", r"rng|np\.random|chance|source|same state|generator")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: np.random.uniform(1 - c, 1 + c))


@wrong("color_jitter", "two: mean of each channel, not cut off", r"channel|mean|cut|clip")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, middle=lambda x: x.mean(axis=(0, 1), dtype=float), clip=lambda o: o)


@wrong("color_jitter", "two: a factor for each channel around m = 0.5", r"channel|factor|0\.5|mean")
def color_jitter(img, rng, contrast=0.4):
    return _cj(img, rng, contrast, factor=lambda rng, c: rng.uniform(1 - c, 1 + c, size=(1, 1, img.shape[2])), middle=lambda x: 0.5)


# ================================================================ colour_pca
@right
def colour_pca(images):
    pixels = images.reshape(-1, 3).astype(np.float64)
    pixels = pixels - pixels.mean(axis=0)
    values, vectors = np.linalg.eigh(pixels.T @ pixels / len(pixels))
    return values[::-1].copy(), vectors[:, ::-1].copy()


_colour_pca = colour_pca


@also("colour_pca", "np.cov with bias, sorted by argsort")
def colour_pca(images):
    channels = np.stack([np.ravel(images[..., c]) for c in range(3)]).astype(float)
    eigval, eigvec = np.linalg.eig(np.cov(channels, bias=True))
    order = eigval.real.argsort()[::-1]
    return eigval.real[order], eigvec.real[:, order]


@also("colour_pca", "svd of the covariance, mean of products minus product of means")
def colour_pca(images):
    x = np.asarray(images, dtype=float)
    n = x[..., 0].size
    mean = np.einsum("nhwc->c", x) / n
    products = np.einsum("nhwc,nhwd->cd", x - mean, x - mean) / n
    U, s, _ = np.linalg.svd(products, hermitian=True)
    return s, U


def _cpca(images, pixels=lambda x: x.reshape(-1, 3), cov=None, order=lambda v, V: (v[::-1], V[:, ::-1])):
    p = pixels(np.asarray(images, float))
    return order(*np.linalg.eigh((cov or (lambda p: np.cov(p, rowvar=False, bias=True)))(p)))


@wrong("colour_pca", "ascending order, as eigh gives it", r"order|largest|smallest|ascend|sort|revers")
def colour_pca(images):
    return _cpca(images, order=lambda v, V: (v, V))


@wrong("colour_pca", "only the eigenvalues turned round", r"order|belong|eigvec|vector|match|column|revers")
def colour_pca(images):
    return _cpca(images, order=lambda v, V: (v[::-1], V))


@wrong("colour_pca", "rows of the eigenvectors turned round instead of columns", r"row|column|order|revers|belong|eigvec|vector")
def colour_pca(images):
    return _cpca(images, order=lambda v, V: (v[::-1], V[::-1]))


@wrong("colour_pca", "both axes of the eigenvectors turned round: V[::-1, ::-1]", r"row|column|order|revers|belong|eigvec|vector|channel")
def colour_pca(images):
    return _cpca(images, order=lambda v, V: (v[::-1], V[::-1, ::-1]))


@wrong("colour_pca", "eigenvectors as rows", r"row|column|transpos|eigvec|vector")
def colour_pca(images):
    return _cpca(images, order=lambda v, V: (v[::-1], V[:, ::-1].T))


@wrong("colour_pca", "returns vectors first", r"order|first|swap|exchang|shape|eigval")
def colour_pca(images):
    return _colour_pca(images)[::-1]


@wrong("colour_pca", "divided by their number - 1", r"[-−] ?1|number|np\.cov|bias|ddof|divid")
def colour_pca(images):
    return _cpca(images, cov=lambda p: np.cov(p, rowvar=False))


@wrong("colour_pca", "not divided: sums of products", r"divid|number|sum|N·H·W|mean")
def colour_pca(images):
    return _cpca(images, cov=lambda p: (p - p.mean(0)).T @ (p - p.mean(0)))


@wrong("colour_pca", "divided by the number of pictures instead of pixels", r"divid|number|pixel|N·H·W|picture")
def colour_pca(images):
    return _cpca(images, cov=lambda p: (p - p.mean(0)).T @ (p - p.mean(0)) / len(images))


@wrong("colour_pca", "not centred: second moments", r"centr|mean|covarian|subtract")
def colour_pca(images):
    return _cpca(images, cov=lambda p: p.T @ p / len(p))


@wrong("colour_pca", "centred by the grey mean of all values instead of each channel's", r"centr|mean|channel|each|grey|axis")
def colour_pca(images):
    return _cpca(images, cov=lambda p: (p - p.mean()).T @ (p - p.mean()) / len(p))


@wrong("colour_pca", "each picture centred by its own mean colour", r"centr|mean|picture|own|each|all")
def colour_pca(images):
    return _cpca(images, pixels=lambda x: (x - x.mean(axis=(1, 2), keepdims=True)).reshape(-1, 3))


@wrong("colour_pca", "covariance of the pictures' mean colours, not of pixels", r"pixel|picture|mean colour|all")
def colour_pca(images):
    return _cpca(images, pixels=lambda x: x.mean(axis=(1, 2)))


@wrong("colour_pca", "the first picture only", r"first|all|picture|images|every")
def colour_pca(images):
    return _cpca(images, pixels=lambda x: x[0].reshape(-1, 3))


@wrong("colour_pca", "reshape(3, -1): channels and pixels scrambled", r"reshape|channel|scrambl|axis|pixel|transpos|mix")
def colour_pca(images):
    return _cpca(images, pixels=lambda x: x.reshape(3, -1).T)


@wrong("colour_pca", "only the eigenvalues: square roots of them", r"root|squar|eigenvalue|deviation|varian|√")
def colour_pca(images):
    return _cpca(images, order=lambda v, V: (np.sqrt(np.maximum(v[::-1], 0)), V[:, ::-1]))


@wrong("colour_pca", "only the eigenvalues: shares of their sum", r"share|sum|normal|eigenvalue|explained|divid|scale")
def colour_pca(images):
    return _cpca(images, order=lambda v, V: (v[::-1] / v.sum(), V[:, ::-1]))


@wrong("colour_pca", "only the eigenvalues: singular values of the pixels", r"singular|squar|eigenvalue|number|root|varian|N·H·W")
def colour_pca(images):
    p = np.asarray(images, float).reshape(-1, 3)
    _, s, Vt = np.linalg.svd(p - p.mean(0), full_matrices=False)
    return s, Vt.T


@wrong("colour_pca", "only the vectors: svd's Vt given without a transposition", r"row|column|transpos|eigvec|vector|Vt|V\.T")
def colour_pca(images):
    p = np.asarray(images, float).reshape(-1, 3)
    _, s, Vt = np.linalg.svd(p - p.mean(0), full_matrices=False)
    return s ** 2 / len(p), Vt


@wrong("colour_pca", "correlation instead of covariance", r"correlation|covarian|standard|scale")
def colour_pca(images):
    return _cpca(images, cov=lambda p: np.corrcoef(p, rowvar=False))


@wrong("colour_pca", "two: number - 1, and ascending", r"[-−] ?1|number|order|largest|ascend|sort")
def colour_pca(images):
    return _cpca(images, cov=lambda p: np.cov(p, rowvar=False), order=lambda v, V: (v, V))


@wrong("colour_pca", "two: not centred, eigenvectors as rows", r"centr|mean|row|column|transpos")
def colour_pca(images):
    return _cpca(images, cov=lambda p: p.T @ p / len(p), order=lambda v, V: (v[::-1], V[:, ::-1].T))


# ================================================================ pca_color
@right
def pca_color(img, eigval, eigvec, alpha):
    shift = np.asarray(eigvec) @ (np.asarray(alpha) * np.asarray(eigval))
    return (img + shift).astype(img.dtype)


_pca_color = pca_color


@also("pca_color", "axis by axis on a copy")
def pca_color(img, eigval, eigvec, alpha):
    out = img.copy()
    for k in range(3):
        out += (alpha[k] * eigval[k] * eigvec[:, k]).astype(img.dtype)
    return out


@also("pca_color", "einsum, channel by channel")
def pca_color(img, eigval, eigvec, alpha):
    r, g, b = np.einsum("ck,k,k->c", eigvec, eigval, alpha)
    return np.stack([img[..., 0] + r, img[..., 1] + g, img[..., 2] + b], axis=-1).astype(img.dtype)


def _pc(img, shift):
    return (img + shift).astype(img.dtype)


@wrong("pca_color", "eigenvalues forgotten", r"eigval|eigenvalue|λ|lambda|scale")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, eigvec @ alpha)


@wrong("pca_color", "alpha forgotten", r"alpha|α|drawn")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, eigvec @ eigval)


@wrong("pca_color", "root of the eigenvalues", r"root|√|sqrt|eigval|λ")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, eigvec @ (alpha * np.sqrt(eigval)))


@wrong("pca_color", "eigenvectors as rows: eigvec.T", r"row|column|transpos|eigvec|vector")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, (alpha * eigval) @ eigvec)


@wrong("pca_color", "eigenvectors as rows in the loop: eigvec[k]", r"row|column|transpos|eigvec|vector")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, sum(alpha[k] * eigval[k] * eigvec[k] for k in range(3)))


@wrong("pca_color", "alpha and eigenvalues as one number: their dot product", r"alpha|eigval|each|own|dot|axis|number|pair|element")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, (alpha @ eigval) * eigvec.sum(axis=1))


@wrong("pca_color", "only the first axis", r"first|axis|axes|three|all|second|third")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, alpha[0] * eigval[0] * eigvec[:, 0])


@wrong("pca_color", "only the last axis left: shift overwritten in the loop", r"last|axis|axes|three|all|overwrit|add|sum|first")
def pca_color(img, eigval, eigvec, alpha):
    for k in range(3):
        shift = alpha[k] * eigval[k] * eigvec[:, k]
    return _pc(img, shift)


@wrong("pca_color", "only the last axis missing: range(2)", r"last|third|axis|axes|three|all|missing")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, eigvec[:, :2] @ (alpha[:2] * eigval[:2]))


@wrong("pca_color", "subtracted", r"sign|minus|add|subtract")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, -(eigvec @ (alpha * eigval)))


@wrong("pca_color", "the same number to all channels: summed up", r"channel|same|sum|number|colour|each")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, (eigvec @ (alpha * eigval)).sum())


@wrong("pca_color", "multiplies the picture by 1 + shift", r"add|multipl|plus|times")
def pca_color(img, eigval, eigvec, alpha):
    return (img * (1 + eigvec @ (alpha * eigval))).astype(img.dtype)


@wrong("pca_color", "cut off at 0 and 1", r"cut|clip|range|\[0, 1\]")
def pca_color(img, eigval, eigvec, alpha):
    return np.clip(_pc(img, eigvec @ (alpha * eigval)), 0, 1)


@wrong("pca_color", "only below: cut off at 0", r"cut|clip|\b0\b|negative|below")
def pca_color(img, eigval, eigvec, alpha):
    return np.maximum(_pc(img, eigvec @ (alpha * eigval)), 0)


@wrong("pca_color", "shift divided by 255: other units", r"255|unit|scale|divid")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, eigvec @ (alpha * eigval) / 255)


@wrong("pca_color", "alpha multiplied by 0.1 once more", r"0\.1|alpha|α|again|deviation|small|scale|factor")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, eigvec @ (0.1 * alpha * eigval))


@wrong("pca_color", "draws its own alpha", r"alpha|α|given|draw|random|ignor")
def pca_color(img, eigval, eigvec, alpha):
    a = np.random.default_rng(0).normal(0, 0.1, 3)
    return _pc(img, eigvec @ (a * eigval))


@wrong("pca_color", "projects on the axes, stretches by 1 + alpha l, and back: not the same colour for each pixel", r"same|each pixel|add|shift|project|multipl|depend")
def pca_color(img, eigval, eigvec, alpha):
    return ((img @ eigvec) * (1 + alpha * eigval) @ eigvec.T).astype(img.dtype)


@wrong("pca_color", "only float32: img + float64 shift gives float64", r"dtype|float32|float64")
def pca_color(img, eigval, eigvec, alpha):
    return img + np.asarray(eigvec, float) @ (np.asarray(alpha, float) * np.asarray(eigval, float))


@wrong("pca_color", "in place: img +=", r"modif|in place|chang|copy")
def pca_color(img, eigval, eigvec, alpha):
    img += (eigvec @ (alpha * eigval)).astype(img.dtype)
    return img


@wrong("pca_color", "returns the shift only", r"picture|img|shape|add|shift|return")
def pca_color(img, eigval, eigvec, alpha):
    return eigvec @ (alpha * eigval)


@wrong("pca_color", "channels first: the shift meets the rows", r"channel|axis|last|row|shape|broadcast")
def pca_color(img, eigval, eigvec, alpha):
    shift = eigvec @ (alpha * eigval)
    return _pc(img, np.resize(shift, img.shape[0])[:, None, None])


@wrong("pca_color", "two: root of the eigenvalues, vectors as rows", r"root|√|sqrt|row|column|transpos")
def pca_color(img, eigval, eigvec, alpha):
    return _pc(img, eigvec.T @ (alpha * np.sqrt(eigval)))


@wrong("pca_color", "two: eigenvalues forgotten, cut off", r"eigval|λ|cut|clip|\[0, 1\]")
def pca_color(img, eigval, eigvec, alpha):
    return np.clip(_pc(img, eigvec @ alpha), 0, 1)


# ================================================================ random_affine
@right
def random_affine(img, rng, degrees, translate, shear, stretch):
    H, W = img.shape[:2]
    phi, kappa = np.radians(rng.uniform(*degrees)), np.radians(rng.uniform(*shear))
    t, s = rng.uniform(*translate, size=2), rng.uniform(*stretch, size=2)
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    A = turn @ np.array([[1, np.tan(kappa)], [0, 1]]) @ np.diag(s)
    centre = np.array([(W - 1) / 2, (H - 1) / 2])
    rows, columns = np.indices((H, W))
    p = np.stack([columns, rows], axis=-1) - centre
    q = (p - t) @ np.linalg.inv(A).T + centre
    return sample_at(img, q[..., 0], q[..., 1])


_affine = random_affine


@also("random_affine", "each step undone in turn, scalars only")
def random_affine(img, rng, degrees, translate, shear, stretch):
    height, width = img.shape[:2]
    draw = lambda pair: float(rng.uniform(pair[0], pair[1]))
    sx, sy, tx, ty = draw(stretch), draw(stretch), draw(translate), draw(translate)
    angle, lean = math.radians(draw(degrees)), math.tan(math.radians(draw(shear)))
    cx, cy = (width - 1) / 2, (height - 1) / 2
    x, y = np.meshgrid(np.arange(width) - cx - tx, np.arange(height) - cy - ty)
    x, y = math.cos(angle) * x + math.sin(angle) * y, math.cos(angle) * y - math.sin(angle) * x
    x = x - lean * y
    return sample_at(img, x / sx + cx, y / sy + cy)


@also("random_affine", "homogeneous 3×3 matrices, solve")
def random_affine(img, rng, degrees, translate, shear, stretch):
    H, W, _ = img.shape
    phi = np.deg2rad(degrees[0] + (degrees[1] - degrees[0]) * rng.random())
    tx = translate[0] + (translate[1] - translate[0]) * rng.random()
    ty = translate[0] + (translate[1] - translate[0]) * rng.random()
    k = np.tan(np.deg2rad(shear[0] + (shear[1] - shear[0]) * rng.random()))
    sx = stretch[0] + (stretch[1] - stretch[0]) * rng.random()
    sy = stretch[0] + (stretch[1] - stretch[0]) * rng.random()
    c, s = np.cos(phi), np.sin(phi)
    M = np.array([[c * sx, (c * k - s) * sy, tx], [s * sx, (s * k + c) * sy, ty], [0, 0, 1]])
    to_centre = np.array([[1, 0, -(W - 1) / 2], [0, 1, -(H - 1) / 2], [0, 0, 1]])
    M = np.linalg.inv(to_centre) @ M @ to_centre
    y, x = np.mgrid[:H, :W]
    where = np.linalg.solve(M, np.stack([x.ravel(), y.ravel(), np.ones(H * W)]))
    return sample_at(img, where[0].reshape(H, W), where[1].reshape(H, W))


def _ra(img, rng, degrees, translate, shear, stretch, uniform=None, centre=None, compose=None, back=None, look=None, pair=None, angle=np.radians, lean=None):
    H, W = img.shape[:2]
    u = uniform or (lambda rng, lo, hi: rng.uniform(lo, hi))
    phi, kappa = angle(u(rng, *degrees)), np.radians(u(rng, *shear))
    t = (pair or (lambda rng, name, lo, hi: np.array([u(rng, lo, hi), u(rng, lo, hi)])))(rng, "t", *translate)
    s = (pair or (lambda rng, name, lo, hi: np.array([u(rng, lo, hi), u(rng, lo, hi)])))(rng, "s", *stretch)
    R = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    Sh = np.array([[1, np.tan(kappa)], [0, 1]]) if lean is None else lean(kappa)
    A = (compose or (lambda R, Sh, St: R @ Sh @ St))(R, Sh, np.diag(s))
    c = np.array((centre or (lambda H, W: ((W - 1) / 2, (H - 1) / 2)))(H, W), float)
    y, x = np.mgrid[:H, :W]
    p = np.stack([x, y], -1) - c
    q = (back or (lambda p, A, t: (p - t) @ np.linalg.inv(A).T))(p, A, t) + c
    return (look or sample_at)(img, q[..., 0], q[..., 1])


@wrong("random_affine", "the map itself instead of its inverse: looks up where pixels go to", r"invers|comes from|other way|forward|lands|direction")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: p @ A.T + t)


@wrong("random_affine", "only the shift: added instead of taken away on the way back", r"sign|shift|translat|subtract|opposite|wrong way|direction|\bt\b")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: (p + t) @ np.linalg.inv(A).T)


@wrong("random_affine", "only the shift: taken away after the inverse matrix, A^-1 p - t, so it is turned and stretched too", r"order|before|after|shift|translat|first|\bt\b")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: p @ np.linalg.inv(A).T - t)


@wrong("random_affine", "only the shift: forgotten", r"shift|translat|\bt\b|forg")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: p @ np.linalg.inv(A).T)


@wrong("random_affine", "only the shift: the same number for t_x and t_y", r"separate|same|t_x|t_y|shift|translat|diagonal")
def random_affine(img, rng, degrees, translate, shear, stretch):
    def pair(rng, name, lo, hi):
        return np.full(2, rng.uniform(lo, hi)) if name == "t" else rng.uniform(lo, hi, 2)
    return _ra(img, rng, degrees, translate, shear, stretch, pair=pair)


@wrong("random_affine", "only the shift: whole pixels (rng.integers)", r"whole|integer|pixel|uniform|shift|translat|between")
def random_affine(img, rng, degrees, translate, shear, stretch):
    def pair(rng, name, lo, hi):
        return rng.integers(math.floor(lo), math.ceil(hi) + 1, 2).clip(lo, hi).round() if name == "t" else rng.uniform(lo, hi, 2)
    return _ra(img, rng, degrees, translate, shear, stretch, pair=pair)


@wrong("random_affine", "only the shift: as a share of the picture's sides", r"pixel|share|unit|shift|translat|width|side|scale")
def random_affine(img, rng, degrees, translate, shear, stretch):
    H, W = img.shape[:2]
    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: (p - t * [W, H]) @ np.linalg.inv(A).T)


@wrong("random_affine", "only the stretch: the same number for s_x and s_y", r"separate|same|s_x|s_y|stretch")
def random_affine(img, rng, degrees, translate, shear, stretch):
    def pair(rng, name, lo, hi):
        return np.full(2, rng.uniform(lo, hi)) if name == "s" else rng.uniform(lo, hi, 2)
    return _ra(img, rng, degrees, translate, shear, stretch, pair=pair)


@wrong("random_affine", "only the stretch: upside down, a factor of 2 halves the picture", r"stretch|invers|upside|factor|shrink|enlarg|1 ?/|grow")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, compose=lambda R, Sh, St: R @ Sh @ np.linalg.inv(St))


@wrong("random_affine", "only the stretch: forgotten", r"stretch|scale|s_x|forg")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, compose=lambda R, Sh, St: R @ Sh)


@wrong("random_affine", "only the turn: degrees taken for radians", r"degree|radian|angle|turn")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, angle=lambda d: d)


@wrong("random_affine", "only the turn: the other way round", r"sign|turn|rotat|other way|direction|opposite|sin|transpos")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, compose=lambda R, Sh, St: R.T @ Sh @ St)


@wrong("random_affine", "y taken to point upwards: the turn and the shear both go the other way", r"sign|downward|upward|y\b|other way|direction|turn|opposite")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, compose=lambda R, Sh, St: R.T @ np.linalg.inv(Sh) @ St)


@wrong("random_affine", "only the shear: κ itself instead of tan κ", r"tan|shear|κ|kappa")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, lean=lambda k: np.array([[1, k], [0, 1]]))


@wrong("random_affine", "only the shear: sin κ instead of tan κ", r"tan|sin|shear|κ|kappa")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, lean=lambda k: np.array([[1, np.sin(k)], [0, 1]]))


@wrong("random_affine", "only the shear: tan of degrees", r"degree|radian|tan|shear|κ")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, lean=lambda k: np.array([[1, np.tan(np.degrees(k))], [0, 1]]))


@wrong("random_affine", "only the shear: along y instead of x (lower left entry)", r"shear|x\b|y\b|axis|lower|upper|entry|transpos|row")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, lean=lambda k: np.array([[1, 0], [np.tan(k), 1]]))


@wrong("random_affine", "only the shear: sign", r"sign|shear|opposite|other way|direction")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, lean=lambda k: np.array([[1, -np.tan(k)], [0, 1]]))


@wrong("random_affine", "only the shear: forgotten", r"shear|κ|forg|lean")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, lean=lambda k: np.eye(2))


@wrong("random_affine", "order of the matrices: stretch last, St Sh R", r"order|product|matri|first|last|stretch|R\b")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, compose=lambda R, Sh, St: St @ Sh @ R)


@wrong("random_affine", "order of the matrices: R St Sh (stretch and shear exchanged)", r"order|product|matri|shear|stretch")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, compose=lambda R, Sh, St: R @ St @ Sh)


@wrong("random_affine", "order of the inverses: inv(R) inv(Sh) inv(St)", r"order|invers|product|matri|revers")
def random_affine(img, rng, degrees, translate, shear, stretch):
    inv = np.linalg.inv
    return _ra(img, rng, degrees, translate, shear, stretch, compose=lambda R, Sh, St: inv(inv(R) @ inv(Sh) @ inv(St)))


@wrong("random_affine", "inverse by transposition: right for a pure turn only", r"invers|transpos|turn|stretch|shear")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: (p - t) @ A)


@wrong("random_affine", "rows of points times inv(A) without the transposition", r"transpos|invers|row|other way|sign|direction|turn")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: (p - t) @ np.linalg.inv(A))


@wrong("random_affine", "about the upper left corner", r"centre|corner|origin|about|middle")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, centre=lambda H, W: (0, 0))


@wrong("random_affine", "only the centre: (W / 2, H / 2), half a pixel off", r"centre|half|- ?1|W ?- ?1|\(W|pixel|middle")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, centre=lambda H, W: (W / 2, H / 2))


@wrong("random_affine", "only the centre of even sides: (W // 2, H // 2)", r"centre|half|//|- ?1|pixel|even|middle")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, centre=lambda H, W: (W // 2, H // 2))


@wrong("random_affine", "only pictures that are not square: centre ((H - 1)/2, (W - 1)/2)", r"centre|square|exchang|swap|height|width|H\b")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, centre=lambda H, W: ((H - 1) / 2, (W - 1) / 2))


@wrong("random_affine", "x and y exchanged in sample_at", r"x\b|y\b|exchang|swap|transpos|order")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, look=lambda img, x, y: sample_at(img, y, x))


@wrong("random_affine", "nearest pixel instead of looking between them", r"round|nearest|between|sample_at|bilinear|interpol")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, look=lambda img, x, y: sample_at(img, np.rint(x), np.rint(y)))


@wrong("random_affine", "only beyond the picture: places are clipped to its edge, not 0", r"beyond|edge|\b0\b|outside|clip|zero|border")
def random_affine(img, rng, degrees, translate, shear, stretch):
    H, W = img.shape[:2]
    return _ra(img, rng, degrees, translate, shear, stretch,
               look=lambda img, x, y: sample_at(img, np.clip(x, 0, W - 1), np.clip(y, 0, H - 1)))


@wrong("random_affine", "only beyond the picture: taken up again at the other side (modulo)", r"beyond|\b0\b|outside|modulo|wrap|zero|other side")
def random_affine(img, rng, degrees, translate, shear, stretch):
    H, W = img.shape[:2]
    return _ra(img, rng, degrees, translate, shear, stretch, look=lambda img, x, y: sample_at(img, x % (W - 1), y % (H - 1)))


@wrong("random_affine", "pushes pixels along the map: places with none stay 0, holes", r"hole|push|none|invers|comes from|each pixel|between|forward")
def random_affine(img, rng, degrees, translate, shear, stretch):
    H, W = img.shape[:2]
    out = np.zeros_like(img)

    def push(img, x, y):
        j, i = np.rint(x).astype(int), np.rint(y).astype(int)
        ok = (i >= 0) & (i < H) & (j >= 0) & (j < W)
        out[i[ok], j[ok]] = img[ok]
        return out

    return _ra(img, rng, degrees, translate, shear, stretch, back=lambda p, A, t: p @ A.T + t, look=push)


@wrong("random_affine", "only ranges not around 0: drawn from -high to high, low not read", r"low|range|between|uniform|-high|degrees")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, (-degrees[1], degrees[1]), (-translate[1], translate[1]), (-shear[1], shear[1]), stretch)


@wrong("random_affine", "only ranges not around 1: the stretch is drawn from 1/high to high", r"low|range|stretch|between|uniform")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, (1 / stretch[1], stretch[1]))


@wrong("random_affine", "one draw between 0 and 1 for all settings", r"separate|one draw|same|each|independent|together")
def random_affine(img, rng, degrees, translate, shear, stretch):
    u = rng.random()
    return _ra(img, rng, degrees, translate, shear, stretch, uniform=lambda rng, lo, hi: lo + (hi - lo) * u)


@wrong("random_affine", "one end of each range or the other, nothing between", r"uniform|between|end|draw|range")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, uniform=lambda rng, lo, hi: rng.choice([lo, hi]))


@wrong("random_affine", "nothing drawn: the middle of each range", r"draw|random|rng|middle|same|chance|uniform")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, uniform=lambda rng, lo, hi: (lo + hi) / 2)


@wrong("random_affine", "np.random instead of rng", r"rng|np\.random|chance|source|same state|generator")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, uniform=lambda rng, lo, hi: np.random.uniform(lo, hi))


@wrong("random_affine", "each channel is moved by a draw of its own", r"channel|same|one draw|own|together|separate")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return np.concatenate([_affine(img[..., c : c + 1], rng, degrees, translate, shear, stretch) for c in range(img.shape[2])], axis=2)


@wrong("random_affine", "writes the result into img", r"modif|in place|chang|copy")
def random_affine(img, rng, degrees, translate, shear, stretch):
    img[:] = _affine(img, rng, degrees, translate, shear, stretch)
    return img


@wrong("random_affine", "two: about the corner, and t added on the way back", r"centre|corner|sign|shift|translat|origin")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, centre=lambda H, W: (0, 0), back=lambda p, A, t: (p + t) @ np.linalg.inv(A).T)


@wrong("random_affine", "two: degrees as radians in turn and shear", r"degree|radian|angle")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, angle=lambda d: d, lean=lambda k: np.array([[1, np.tan(np.degrees(k))], [0, 1]]))


@wrong("random_affine", "two: forward map, and centre half a pixel off", r"invers|comes from|forward|centre|half|direction")
def random_affine(img, rng, degrees, translate, shear, stretch):
    return _ra(img, rng, degrees, translate, shear, stretch, centre=lambda H, W: (W / 2, H / 2), back=lambda p, A, t: p @ A.T + t)
