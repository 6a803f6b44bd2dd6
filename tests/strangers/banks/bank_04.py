"""Strangers' programs for notebook 04: written from the learner's notebook only (form: see README.md beside the examples)."""
import copy
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

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


# ================================================================ init_weights
@right
def init_weights(n_in, n_out, kind, rng):
    shape = (n_in, n_out)
    if kind == "zero":
        return np.zeros(shape)
    if kind == "constant":
        return np.full(shape, 0.1)
    if kind == "small":
        return rng.normal(0, 0.01, shape)
    if kind == "xavier_uniform":
        limit = np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-limit, limit, shape)
    if kind == "xavier_normal":
        return rng.normal(0, np.sqrt(2 / (n_in + n_out)), shape)
    if kind == "he":
        return rng.normal(0, np.sqrt(2 / n_in), shape)
    raise ValueError(f"unknown kind {kind!r}")


_init = init_weights


@also("init_weights", "table of variances, standard_normal scaled")
def init_weights(n_in, n_out, kind, rng):
    variances = {"zero": 0.0, "small": 1e-4, "xavier_normal": 2 / (n_in + n_out), "he": 2 / n_in}
    if kind in variances:
        return math.sqrt(variances[kind]) * rng.standard_normal((n_in, n_out)) if variances[kind] else np.zeros((n_in, n_out))
    if kind == "constant":
        return 0.1 * np.ones((n_in, n_out))
    half = (6 / (n_in + n_out)) ** 0.5
    return (2 * rng.random((n_in, n_out)) - 1) * half


@also("init_weights", "match, float32 result")
def init_weights(n_in, n_out, kind, rng):
    match kind:
        case "zero":
            w = np.zeros((n_in, n_out))
        case "constant":
            w = np.ones((n_in, n_out)) / 10
        case "small":
            w = rng.normal(scale=0.01, size=(n_in, n_out))
        case "xavier_uniform":
            w = rng.uniform(-1, 1, size=(n_in, n_out)) * np.sqrt(6 / (n_in + n_out))
        case "xavier_normal":
            w = rng.normal(scale=np.sqrt(2 / (n_in + n_out)), size=(n_in, n_out))
        case "he":
            w = rng.normal(scale=np.sqrt(2 / n_in), size=(n_in, n_out))
    return w.astype(np.float32)


@also("init_weights", "drawn as out x in and transposed; dict of functions")
def init_weights(n_in, n_out, kind, rng):
    draw = {
        "zero": lambda: np.zeros((n_out, n_in)),
        "constant": lambda: np.full((n_out, n_in), 0.1, dtype=float),
        "small": lambda: rng.standard_normal((n_out, n_in)) / 100,
        "xavier_uniform": lambda: (rng.random((n_out, n_in)) - 0.5) * 2 * math.sqrt(6.0 / (n_out + n_in)),
        "xavier_normal": lambda: rng.standard_normal((n_out, n_in)) / math.sqrt((n_in + n_out) / 2),
        "he": lambda: rng.standard_normal((n_out, n_in)) / math.sqrt(n_in / 2),
    }
    return draw[kind]().T


@also("init_weights", "row by row")
def init_weights(n_in, n_out, kind, rng):
    W = np.zeros((n_in, n_out))
    for row in W:
        if kind == "constant":
            row += 0.1
        elif kind == "small":
            row += rng.normal(0.0, 0.01, n_out)
        elif kind == "he":
            row += rng.normal(0.0, (2 / n_in) ** 0.5, n_out)
        elif kind == "xavier_normal":
            row += rng.normal(0.0, (2 / (n_in + n_out)) ** 0.5, n_out)
        elif kind == "xavier_uniform":
            a = (6 / (n_in + n_out)) ** 0.5
            row += rng.uniform(-a, a, n_out)
    return W


@wrong("init_weights", "he: the variance 2 / n_in is given to rng.normal as the standard deviation", r"varianc|standard deviation|root|sqrt|√")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return rng.normal(0, 2 / n_in, (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_normal only: variance used as standard deviation, he is right", r"varianc|standard deviation|root|sqrt|√")
def init_weights(n_in, n_out, kind, rng):
    size = n_in, n_out
    if kind == "zero":
        return np.zeros(size)
    elif kind == "constant":
        return np.ones(size) * 0.1
    elif kind == "small":
        return rng.normal(0, 0.01, size)
    elif kind == "xavier_uniform":
        lim = np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-lim, lim, size)
    elif kind == "xavier_normal":
        return rng.normal(0, 2 / (n_in + n_out), size)
    else:
        return rng.normal(0, np.sqrt(2 / n_in), size)


@wrong("init_weights", "small: 0.01 taken for the variance (standard deviation 0.1)", r"0\.01|standard deviation|varianc|root")
def init_weights(n_in, n_out, kind, rng):
    variance = {"small": 0.01, "xavier_normal": 2 / (n_in + n_out), "he": 2 / n_in}
    if kind in variance:
        return rng.normal(0, np.sqrt(variance[kind]), (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "small: uniform on ±0.01 instead of normal", r"normal|uniform|0\.01")
def init_weights(n_in, n_out, kind, rng):
    if kind == "small":
        return rng.uniform(-0.01, 0.01, (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_uniform: the standard deviation sqrt(2/(n_in+n_out)) taken as the end of the interval", r"6|√3|sqrt\(3|interval|limit|end|√6")
def init_weights(n_in, n_out, kind, rng):
    std = np.sqrt(2 / (n_in + n_out))
    if kind == "xavier_uniform":
        return rng.uniform(-std, std, (n_in, n_out))
    if kind == "xavier_normal":
        return rng.normal(0, std, (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_uniform: root forgotten, ±6 / (n_in + n_out)", r"root|sqrt|√|interval|limit")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        a = 6 / (n_in + n_out)
        return rng.uniform(-a, a, size=(n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_uniform: from 0 to the limit, nothing below 0", r"negativ|minus|below|mean|both|0 to|±")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        return rng.random((n_in, n_out)) * np.sqrt(6 / (n_in + n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_uniform: (random - 0.5) * limit, half of the interval", r"half|interval|limit|2|narrow")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        return (rng.random((n_in, n_out)) - 0.5) * np.sqrt(6 / (n_in + n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_uniform: drawn from a normal of the same variance", r"uniform|normal|interval|outside|limit")
def init_weights(n_in, n_out, kind, rng):
    if kind.startswith("xavier"):
        return rng.normal(0, np.sqrt(2 / (n_in + n_out)), (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "he: uniform of the right variance (torch's kaiming_uniform_)", r"normal|uniform|kaiming")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        a = np.sqrt(6 / n_in)
        return rng.uniform(-a, a, (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "he: fan out, 2 / n_out", r"n_in|fan|n_out|come")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return rng.normal(0, np.sqrt(2 / n_out), (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "he: 1 / n_in, ReLU's factor 2 missing", r"2|half|factor|twice|varianc")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_normal: 1 / n_in (Caffe's xavier)", r"n_out|fan|n_in|both|sum")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_normal":
        return rng.normal(0, np.sqrt(1 / n_in), (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "xavier_uniform only: brackets forgotten, sqrt(6 / n_in + n_out)", r"bracket|parenthes|n_in \+ n_out|interval|limit|6")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        limit = np.sqrt(6 / n_in + n_out)
        return rng.uniform(-limit, limit, (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "he: (2 / n_in) ** 1 / 2 is half the variance, not its root", r"root|sqrt|√|\*\*|varianc|standard deviation")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return rng.normal(0, (2 / n_in) ** 1 / 2, (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "he: integer division 2 // n_in gives standard deviation 0", r"0|zero|//|division|whole")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return rng.normal(0, np.sqrt(2 // n_in), (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "shape n_out x n_in, as torch keeps it", r"shape|transpos|n_in.n_out|torch")
def init_weights(n_in, n_out, kind, rng):
    return np.ascontiguousarray(_init(n_in, n_out, kind, rng).T)


@wrong("init_weights", "draws from numpy's global state, rng unused", r"global|rng|generator|repeat")
def init_weights(n_in, n_out, kind, rng):
    if kind == "zero":
        return np.zeros((n_in, n_out))
    if kind == "constant":
        return np.full((n_in, n_out), 0.1)
    if kind == "small":
        return 0.01 * np.random.randn(n_in, n_out)
    if kind == "xavier_uniform":
        a = np.sqrt(6 / (n_in + n_out))
        return np.random.uniform(-a, a, (n_in, n_out))
    v = 2 / (n_in + n_out) if kind == "xavier_normal" else 2 / n_in
    return np.random.randn(n_in, n_out) * np.sqrt(v)


@wrong("init_weights", "only he draws from the global state: np.random.randn", r"global|rng|generator|repeat")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return np.random.randn(n_in, n_out) * np.sqrt(2.0 / n_in)
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "makes a generator of its own with a fixed seed: the same weights in each call", r"same|second|again|rng|generator|seed|other")
def init_weights(n_in, n_out, kind, rng):
    rng = np.random.default_rng(0)
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "works on a copy of rng: a second call gives the same weights", r"same|second|again|advance|other|copy")
def init_weights(n_in, n_out, kind, rng):
    return _init(n_in, n_out, kind, copy.deepcopy(rng))


@wrong("init_weights", "constant: 0.01 instead of 0.1", r"0\.1|constant")
def init_weights(n_in, n_out, kind, rng):
    if kind == "constant":
        return np.full((n_in, n_out), 0.01)
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "constant: ones", r"0\.1|constant")
def init_weights(n_in, n_out, kind, rng):
    return np.ones((n_in, n_out)) if kind == "constant" else _init(n_in, n_out, kind, rng)


@wrong("init_weights", "zero: np.full(shape, 0) is an integer array", r"int|float|dtype")
def init_weights(n_in, n_out, kind, rng):
    if kind in ("zero", "constant"):
        return np.full((n_in, n_out), {"zero": 0, "constant": 0.1}[kind])
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "normals cut off at two standard deviations (Keras)", r"cut|truncat|clip|normal|standard deviation|tail|two")
def init_weights(n_in, n_out, kind, rng):
    if kind in ("he", "xavier_normal", "small"):
        std = {"he": (2 / n_in) ** 0.5, "xavier_normal": (2 / (n_in + n_out)) ** 0.5, "small": 0.01}[kind]
        return np.clip(rng.normal(0, std, (n_in, n_out)), -2 * std, 2 * std)
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "one number is drawn and fills the whole array (size forgotten)", r"same|all equal|one number|single|alike|each")
def init_weights(n_in, n_out, kind, rng):
    W = np.zeros((n_in, n_out))
    if kind == "constant":
        W[:] = 0.1
    elif kind == "small":
        W[:] = rng.normal(0, 0.01)
    elif kind == "xavier_uniform":
        a = np.sqrt(6 / (n_in + n_out))
        W[:] = rng.uniform(-a, a)
    elif kind == "xavier_normal":
        W[:] = rng.normal(0, np.sqrt(2 / (n_in + n_out)))
    elif kind == "he":
        W[:] = rng.normal(0, np.sqrt(2 / n_in))
    return W


@wrong("init_weights", "he only: one row is drawn and repeated for all inputs", r"same|row|repeat|alike|independent|equal")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return np.tile(rng.normal(0, np.sqrt(2 / n_in), n_out), (n_in, 1))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "mean 1: rng.normal(1, std) in the small kind", r"mean|0|centre|normal")
def init_weights(n_in, n_out, kind, rng):
    if kind == "small":
        return rng.normal(1, 0.01, (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "rng.normal(std, size=...): the standard deviation lands in the place of the mean", r"mean|standard deviation|argument|scale|spread")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_normal":
        return rng.normal(np.sqrt(2 / (n_in + n_out)), size=(n_in, n_out))
    if kind == "he":
        return rng.normal(np.sqrt(2 / n_in), size=(n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "the kinds' names misread: 'He' with a capital, so 'he' returns None", r"None|return|he\b")
def init_weights(n_in, n_out, kind, rng):
    if kind == "He":
        return rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out))
    if kind != "he":
        return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "two: he with 2 / n_out and the array n_out x n_in", r"shape|transpos|n_in|fan")
def init_weights(n_in, n_out, kind, rng):
    if kind == "he":
        return rng.normal(0, np.sqrt(2 / n_out), (n_out, n_in))
    return _init(n_in, n_out, kind, rng).T


@wrong("init_weights", "two: variances as standard deviations in he and xavier_normal, small as 0.0001", r"varianc|standard deviation|root|sqrt|√|0\.01")
def init_weights(n_in, n_out, kind, rng):
    v = {"small": 0.01 ** 2, "xavier_normal": 2 / (n_in + n_out), "he": 2 / n_in}
    if kind in v:
        return rng.normal(0, v[kind], (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("init_weights", "two: torch.nn.init on an n_in x n_out tensor: rng is not used, and torch reads n_out as fan in", r"rng|generator|fan|n_in|repeat|global")
def init_weights(n_in, n_out, kind, rng):
    w = torch.empty(n_in, n_out, dtype=torch.float64)
    if kind == "he":
        nn.init.kaiming_normal_(w, nonlinearity="relu")
    elif kind == "xavier_normal":
        nn.init.xavier_normal_(w)
    elif kind == "xavier_uniform":
        nn.init.xavier_uniform_(w)
    elif kind == "small":
        nn.init.normal_(w, std=0.01)
    else:
        nn.init.constant_(w, 0.1 if kind == "constant" else 0.0)
    return w.numpy()


# ================================================================ conv_fan
@right
def conv_fan(shape):
    filters, channels, *sides = shape
    area = math.prod(sides)
    return channels * area, filters * area


@also("conv_fan", "loop over the sides")
def conv_fan(shape):
    fan_in, fan_out = shape[1], shape[0]
    for side in shape[2:]:
        fan_in *= side
        fan_out *= side
    return fan_in, fan_out


@also("conv_fan", "from the number of weights, integer division")
def conv_fan(shape):
    weights = int(np.prod(shape))
    return weights // shape[0], weights // shape[1]


@wrong("conv_fan", "the two fans exchanged", r"swap|exchang|order|fan_in|filters|channels")
def conv_fan(shape):
    area = math.prod(shape[2:])
    return shape[0] * area, shape[1] * area


@wrong("conv_fan", "fan_out without the kernel area", r"fan_out|area|kernel")
def conv_fan(shape):
    return math.prod(shape[1:]), shape[0]


@wrong("conv_fan", "no kernel area at all", r"area|kernel|side")
def conv_fan(shape):
    return shape[1], shape[0]


@wrong("conv_fan", "square kernels assumed: last side squared, and so on for each dimension", r"side|square|kernel|area|product")
def conv_fan(shape):
    area = shape[-1] ** (len(shape) - 2)
    return shape[1] * area, shape[0] * area


@wrong("conv_fan", "pictures only: shape[2] * shape[3], IndexError for affine layers and sequences", r"affine|sequence|index|sides|any number|picture|two")
def conv_fan(shape):
    area = shape[2] * shape[3]
    return shape[1] * area, shape[0] * area


@wrong("conv_fan", "area only when there are four numbers: sequences and volumes get 1", r"sequence|volume|side|area|one|three")
def conv_fan(shape):
    area = shape[2] * shape[3] if len(shape) == 4 else 1
    return shape[1] * area, shape[0] * area


@wrong("conv_fan", "volumes only: third kernel side left out (shape[2:4])", r"volume|third|three|side")
def conv_fan(shape):
    area = math.prod(shape[2:4])
    return shape[1] * area, shape[0] * area


@wrong("conv_fan", "kernel sides added, not multiplied", r"sum|add|multipl|product|area")
def conv_fan(shape):
    sides = shape[2:]
    area = sum(sides) if sides else 1
    return shape[1] * area, shape[0] * area


@wrong("conv_fan", "TensorFlow's order: sides first, then channels, then filters", r"order|filters|channels|tensorflow|first")
def conv_fan(shape):
    *sides, channels, filters = shape
    area = math.prod(sides)
    return channels * area, filters * area


@wrong("conv_fan", "affine layers only: shape read as n_in x n_out, as in init_weights", r"affine|Linear|swap|exchang|order|filters")
def conv_fan(shape):
    if len(shape) == 2:
        n_in, n_out = shape
        return n_in, n_out
    area = math.prod(shape[2:])
    return shape[1] * area, shape[0] * area


@wrong("conv_fan", "the bias counted in fan_in", r"bias|one too|\+ ?1|more")
def conv_fan(shape):
    area = math.prod(shape[2:])
    return shape[1] * area + 1, shape[0] * area


@wrong("conv_fan", "fan_in only", r"two|pair|fan_out|tuple")
def conv_fan(shape):
    return math.prod(shape[1:])


@wrong("conv_fan", "fan_out only: number of all weights (forgot to leave the channels out)", r"fan_out|channels|area|kernel")
def conv_fan(shape):
    return math.prod(shape[1:]), math.prod(shape)


@wrong("conv_fan", "two: fans exchanged, and no area for the one that comes second", r"swap|exchang|order|area|kernel|fan")
def conv_fan(shape):
    return shape[0] * math.prod(shape[2:]), shape[1]


@wrong("conv_fan", "two: picture sides squared from the first, sequences without area", r"side|square|sequence|area|kernel")
def conv_fan(shape):
    area = shape[2] ** 2 if len(shape) > 3 else 1
    return shape[1] * area, shape[0] * area


# ================================================================ std_by_depth
@right
def std_by_depth(widths, activation, kind, rng, examples=200):
    act = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[activation]
    h = rng.standard_normal((examples, widths[0]))
    stds = []
    for n_in, n_out in zip(widths[:-1], widths[1:]):
        h = act(h @ _init(n_in, n_out, kind, rng))
        stds.append(h.std())
    return np.array(stds)


@also("std_by_depth", "weights of all layers drawn first, input last")
def std_by_depth(widths, activation, kind, rng, examples=200):
    L = len(widths) - 1
    weights = [_init(widths[l], widths[l + 1], kind, rng) for l in range(L)]
    x = rng.normal(0.0, 1.0, size=(examples, widths[0]))
    out = np.empty(L)
    for l, W in enumerate(weights):
        x = np.matmul(x, W)
        if activation == "tanh":
            np.tanh(x, out=x)
        else:
            x[x < 0] = 0
        out[l] = np.std(x)
    return out


@also("std_by_depth", "examples in columns, variance by hand")
def std_by_depth(widths, activation, kind, rng, examples=200):
    stds = np.zeros(len(widths) - 1)
    a = rng.normal(size=(widths[0], examples))
    for k in range(1, len(widths)):
        z = np.einsum("io,ie->oe", _init(widths[k - 1], widths[k], kind, rng), a)
        a = np.tanh(z) if activation == "tanh" else np.where(z > 0, z, 0.0)
        stds[k - 1] = math.sqrt(((a - a.mean()) ** 2).mean())
    return stds


def _depth(widths, activation, kind, rng, examples, measure, draw=None, start=None):
    h = rng.normal(size=(examples, widths[0])) if start is None else start()
    out = []
    for n_in, n_out in zip(widths, widths[1:]):
        z = h @ (draw or _init)(n_in, n_out, kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        out.append(measure(z, h))
    return np.array(out)


@wrong("std_by_depth", "measures the pre-activations", r"after|before|activation")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: z.std())


@wrong("std_by_depth", "root of the mean square: the mean is not subtracted (shows with relu only)", r"mean|standard deviation|root|square|relu")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: np.sqrt((h ** 2).mean()))


@wrong("std_by_depth", "mean of each unit's standard deviation over the examples", r"together|at once|each unit|axis|over all|one over")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(axis=0).mean())


@wrong("std_by_depth", "mean of each example's standard deviation over the units", r"together|at once|each example|axis|over all|one over|row")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(axis=1).mean())


@wrong("std_by_depth", "variance", r"varianc|root|standard deviation|squar")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.var())


@wrong("std_by_depth", "one standard deviation for each unit: a list of arrays", r"shape|together|one|axis|unit|number")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, out = rng.normal(size=(examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:]):
        z = h @ _init(n_in, n_out, kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        out.append(h.std(0))
    return out


@wrong("std_by_depth", "the input's standard deviation comes first: L + 1 numbers", r"input|L\b|length|shape|one too|entries|numbers")
def std_by_depth(widths, activation, kind, rng, examples=200):
    x = rng.normal(size=(examples, widths[0]))
    return np.concatenate([[x.std()], _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(), start=lambda: x)])


@wrong("std_by_depth", "stops a layer early: L - 1 numbers", r"last|L\b|length|shape|layer|entries|numbers")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.normal(size=(examples, widths[0])), []
    for i in range(len(widths) - 2):
        z = h @ _init(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "layers of the same size share one matrix", r"own|same|fresh|each layer|share")
def std_by_depth(widths, activation, kind, rng, examples=200):
    kept = {}

    def draw(n_in, n_out, kind, rng):
        if (n_in, n_out) not in kept:
            kept[n_in, n_out] = _init(n_in, n_out, kind, rng)
        return kept[n_in, n_out]

    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(), draw=draw)


@wrong("std_by_depth", "fresh noise goes into each layer instead of the layer below", r"below|previous|input|each layer|noise|chain|pass")
def std_by_depth(widths, activation, kind, rng, examples=200):
    stds = []
    for n_in, n_out in zip(widths, widths[1:]):
        x = rng.normal(size=(examples, n_in))
        z = x @ _init(n_in, n_out, kind, rng)
        stds.append((np.tanh(z) if activation == "tanh" else np.maximum(0, z)).std())
    return np.array(stds)


@wrong("std_by_depth", "last layer without its activation", r"last|every layer|activation")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.normal(size=(examples, widths[0])), []
    for i in range(1, len(widths)):
        h = h @ _init(widths[i - 1], widths[i], kind, rng)
        if i < len(widths) - 1:
            h = np.tanh(h) if activation == "tanh" else np.maximum(0, h)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "goes on with the pre-activation: the activation is only measured, not passed on", r"pass|next|activation|linear|layer")
def std_by_depth(widths, activation, kind, rng, examples=200):
    z, stds = rng.normal(size=(examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:]):
        z = z @ _init(n_in, n_out, kind, rng)
        a = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        stds.append(a.std())
    return np.array(stds)


@wrong("std_by_depth", "relu whatever activation says", r"tanh|activation")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, "relu", kind, rng, examples, lambda z, h: h.std())


@wrong("std_by_depth", "tanh branch only: compares with 'Tanh', so tanh nets stay linear", r"tanh|activation|linear")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.normal(size=(examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:]):
        h = h @ _init(n_in, n_out, kind, rng)
        if activation == "Tanh":
            h = np.tanh(h)
        elif activation == "relu":
            h = np.maximum(h, 0)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "relu branch only: abs instead of max(0, .)", r"relu|abs|negativ|0")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.normal(size=(examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:]):
        z = h @ _init(n_in, n_out, kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.abs(z)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "n_in and n_out exchanged, then transposed to fit: he sees the wrong fan when widths differ", r"n_in|n_out|swap|exchang|fan|transpos|width")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(),
                  draw=lambda i, o, kind, rng: _init(o, i, kind, rng).T)


@wrong("std_by_depth", "kind not read: always he", r"kind|he\b")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, "he", rng, examples, lambda z, h: h.std())


@wrong("std_by_depth", "examples not read: always 200 rows", r"examples|200|rows")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, 200, lambda z, h: h.std())


@wrong("std_by_depth", "uniform input: rng.random instead of N(0, 1)", r"normal|uniform|N\(0|input")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(), start=lambda: rng.random((examples, widths[0])))


@wrong("std_by_depth", "input from np.random.randn: not from rng, cannot be repeated", r"rng|generator|global|repeat|input")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(), start=lambda: np.random.randn(examples, widths[0]))


@wrong("std_by_depth", "weights from a generator with a fixed seed in each layer, rng for the input only", r"rng|generator|same|seed|own|weights")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: h.std(),
                  draw=lambda i, o, kind, _: _init(i, o, kind, np.random.default_rng(0)))


@wrong("std_by_depth", "random biases added to each layer", r"bias")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.normal(size=(examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:]):
        z = h @ _init(n_in, n_out, kind, rng) + rng.normal(0, 0.1, n_out)
        h = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "each layer's output is divided by its standard deviation before it goes on", r"divid|normali|pass|next|fad")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.normal(size=(examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:]):
        z = h @ _init(n_in, n_out, kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        stds.append(h.std())
        h = h / (h.std() + 1e-12)
    return np.array(stds)


@wrong("std_by_depth", "nothing returned", r"None|return")
def std_by_depth(widths, activation, kind, rng, examples=200):
    stds = np.zeros(len(widths) - 1)
    h = rng.normal(size=(examples, widths[0]))
    for i in range(len(stds)):
        z = h @ _init(widths[i], widths[i + 1], kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        stds[i] = h.std()


@wrong("std_by_depth", "two: before the activation, and the mean of the units' standard deviations", r"after|before|together|unit|activation|axis")
def std_by_depth(widths, activation, kind, rng, examples=200):
    return _depth(widths, activation, kind, rng, examples, lambda z, h: z.std(0).mean())


@wrong("std_by_depth", "two: input included and mean square instead of the standard deviation", r"input|L\b|mean|standard deviation|root|length|shape")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h = rng.normal(size=(examples, widths[0]))
    out = [(h ** 2).mean()]
    for n_in, n_out in zip(widths, widths[1:]):
        z = h @ _init(n_in, n_out, kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.maximum(0, z)
        out.append((h ** 2).mean())
    return np.array(out)


# ================================================================ symmetry_after
@right
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    twin = copy.deepcopy(net)
    weights = list(twin.parameters())
    for _ in range(steps):
        gradients = torch.autograd.grad(F.cross_entropy(twin(x), y), weights)
        with torch.no_grad():
            for w, g in zip(weights, gradients):
                w -= learning_rate * g
    units = torch.cat([twin[0].weight, twin[0].bias[:, None]], 1).detach()
    different = len({tuple(round(v, 6) for v in unit) for unit in units.double().tolist()})
    return different, float((units.max(0).values - units.min(0).values).max())


@also("symmetry_after", "torch.optim.SGD, torch.unique")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    model = copy.deepcopy(net)
    opt = torch.optim.SGD(model.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    for step in range(steps):
        opt.zero_grad()
        criterion(model(x), y).backward()
        opt.step()
    with torch.no_grad():
        table = torch.hstack((model[0].weight, model[0].bias.unsqueeze(1)))
        rounded = torch.round(table, decimals=6)
        different = torch.unique(rounded, dim=0).shape[0]
        spread = (table.amax(dim=0) - table.amin(dim=0)).max().item()
    return different, spread


@also("symmetry_after", "numpy at the end, pairs compared in a loop")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    net = copy.deepcopy(net)
    for _ in range(steps):
        net.zero_grad(set_to_none=True)
        loss = -torch.log_softmax(net(x), dim=1)[torch.arange(len(y)), y].mean()
        loss.backward()
        for p in net.parameters():
            p.data.add_(p.grad, alpha=-learning_rate)
    W, b = net[0].weight.detach().numpy(), net[0].bias.detach().numpy()
    spread = max(float(np.ptp(W, axis=0).max()), float(np.ptp(b)))
    W, b = np.round(W.astype(float), 6), np.round(b.astype(float), 6)
    found = []
    for unit in range(len(b)):
        if not any(b[unit] == b[k] and (W[unit] == W[k]).all() for k in found):
            found.append(unit)
    return len(found), spread


def _trained(net, steps, x, y, lr, loss=F.cross_entropy, zero=True):
    twin = copy.deepcopy(net)
    twin.zero_grad()
    for _ in range(steps):
        if zero:
            twin.zero_grad()
        loss(twin(x), y).backward()
        with torch.no_grad():
            for p in twin.parameters():
                p -= lr * p.grad
    return twin


def _table(layer):
    return torch.cat([layer.weight, layer.bias[:, None]], 1).detach()


def _count(table, decimals=6):
    return len(torch.unique(torch.round(table.double(), decimals=decimals), dim=0))


def _spread(table):
    return float((table.amax(0) - table.amin(0)).max())


@wrong("symmetry_after", "trains the net itself, no copy", r"copy|left as|chang|net itself|original")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    opt = torch.optim.SGD(net.parameters(), lr=learning_rate)
    for _ in range(steps):
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
    t = _table(net[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "copy.copy is shallow: the parameters of the original move", r"copy|left as|chang|shallow|original")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    twin = copy.copy(net)
    for _ in range(steps):
        grads = torch.autograd.grad(F.cross_entropy(twin(x), y), list(twin.parameters()))
        with torch.no_grad():
            for p, g in zip(twin.parameters(), grads):
                p -= learning_rate * g
    t = _table(twin[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "net trained and 'restored' from a state_dict that was not cloned", r"copy|left as|chang|original|state|clone")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    before = net.state_dict()
    for _ in range(steps):
        grads = torch.autograd.grad(F.cross_entropy(net(x), y), list(net.parameters()))
        with torch.no_grad():
            for p, g in zip(net.parameters(), grads):
                p -= learning_rate * g
    t = _table(net[0])
    net.load_state_dict(before)
    return _count(t), _spread(t)


@wrong("symmetry_after", "weights restored from clones, but the net keeps the gradients of the training", r"grad|left as|chang|copy")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    before = [p.detach().clone() for p in net.parameters()]
    for _ in range(steps):
        net.zero_grad()
        F.cross_entropy(net(x), y).backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= learning_rate * p.grad
    t = _table(net[0]).clone()
    with torch.no_grad():
        for p, old in zip(net.parameters(), before):
            p.copy_(old)
    return _count(t), _spread(t)


@wrong("symmetry_after", "gradients never cleared: they add up over the steps", r"zero|clear|add up|accumul|gradient")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate, zero=False)[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "sum of the losses instead of their mean", r"mean|sum|average|reduction")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate, lambda s, y: F.cross_entropy(s, y, reduction="sum"))[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "softmax before cross_entropy: softmax twice", r"softmax|twice|cross-entropy|scores|loss")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate, lambda s, y: F.cross_entropy(torch.softmax(s, 1), y))[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "learning_rate not read: always 0.5", r"learning.rate|rate|0\.5")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, 0.5)[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "goes uphill", r"sign|uphill|subtract|minus|add")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, -learning_rate)[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "momentum 0.9: not plain gradient descent", r"momentum|plain|step")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    twin = copy.deepcopy(net)
    opt = torch.optim.SGD(twin.parameters(), lr=learning_rate, momentum=0.9)
    for _ in range(steps):
        opt.zero_grad()
        F.cross_entropy(twin(x), y).backward()
        opt.step()
    t = _table(twin[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "each step goes through the examples one by one", r"batch|all of x|one by one|each example|whole|step")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    twin = copy.deepcopy(net)
    opt = torch.optim.SGD(twin.parameters(), lr=learning_rate)
    for _ in range(steps):
        for i in range(len(x)):
            opt.zero_grad()
            F.cross_entropy(twin(x[i:i + 1]), y[i:i + 1]).backward()
            opt.step()
    t = _table(twin[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "one step too few: range(1, steps)", r"step|one|few")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, len(range(1, steps)), x, y, learning_rate)[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "gradients computed but the optimizer never steps", r"step|train|mov|updat|unchanged")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    twin = copy.deepcopy(net)
    opt = torch.optim.SGD(net.parameters(), lr=learning_rate)  # of the net, whose gradients stay None
    for _ in range(steps):
        twin.zero_grad()
        F.cross_entropy(twin(x), y).backward()
        opt.step()
    t = _table(twin[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "only the hidden layer is trained, the one above stays", r"all|every|parameter|above|second|layer")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    twin = copy.deepcopy(net)
    opt = torch.optim.SGD(twin[0].parameters(), lr=learning_rate)
    for _ in range(steps):
        twin.zero_grad()
        F.cross_entropy(twin(x), y).backward()
        opt.step()
    t = _table(twin[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "counts the units of the untrained net", r"before|after|train|original|copy")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    _trained(net, steps, x, y, learning_rate)
    t = _table(net[0])
    return _count(t), _spread(t)


@wrong("symmetry_after", "biases left out of the count", r"bias")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    layer = _trained(net, steps, x, y, learning_rate)[0]
    return _count(layer.weight.detach()), _spread(_table(layer))


@wrong("symmetry_after", "biases left out of the spread only", r"bias|spread")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    layer = _trained(net, steps, x, y, learning_rate)[0]
    return _count(_table(layer)), _spread(layer.weight.detach())


@wrong("symmetry_after", "counts columns: inputs instead of units", r"row|column|unit|axis|input|transpos|dim")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    layer = _trained(net, steps, x, y, learning_rate)[0]
    return _count(layer.weight.detach().T), _spread(_table(layer))


@wrong("symmetry_after", "counts the units of the output layer (net[-1])", r"hidden|output|net\[0\]|layer|first")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[-1])
    return _count(t), _spread(t)


@wrong("symmetry_after", "not rounded: units that differ by 1e-8 count as different", r"round|decimal|six")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return len({tuple(u) for u in t.tolist()}), _spread(t)


@wrong("symmetry_after", "rounded to four decimals", r"round|decimal|six|four")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return _count(t, 4), _spread(t)


@wrong("symmetry_after", "cut off instead of rounded: trunc at six decimals parts 0.0999999999 from 0.1", r"round|cut|trunc|floor|decimal")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    cut = (t.double() * 1e6).trunc().long()
    return len({tuple(u) for u in cut.tolist()}), _spread(t)


@wrong("symmetry_after", "spread from the rounded numbers", r"round|spread")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = torch.round(_table(_trained(net, steps, x, y, learning_rate)[0]).double(), decimals=6)
    return len(torch.unique(t, dim=0)), _spread(t)


@wrong("symmetry_after", "spread over the whole matrix: largest entry less the smallest", r"each|weight|column|whole|axis|over the units|spread")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return _count(t), float(t.max() - t.min())


@wrong("symmetry_after", "spread along the wrong axis: within a unit", r"axis|over the units|unit|row|column|dim|spread")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return _count(t), float((t.max(1).values - t.min(1).values).max())


@wrong("symmetry_after", "mean of the differences instead of the largest", r"largest|mean|max|spread|average")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return _count(t), float((t.amax(0) - t.amin(0)).mean())


@wrong("symmetry_after", "standard deviation over the units instead of the range", r"standard deviation|std|largest|smallest|range|spread")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return _count(t), float(t.std(0).max())


@wrong("symmetry_after", "spread: distance from the first unit only", r"first|smallest|largest|spread|less|range")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return _count(t), float((t - t[0]).abs().max())


@wrong("symmetry_after", "compares each unit with the first only: 1 + how many differ from it", r"each other|first|pair|compar|differ|same")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    r = torch.round(t.double(), decimals=6)
    return 1 + int((r != r[0]).any(1).sum()), _spread(t)


@wrong("symmetry_after", "unique_consecutive: twins that are not neighbours count twice", r"neighbour|consecutive|adjacent|next|pair|same|twice|order")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return len(torch.unique_consecutive(torch.round(t.double(), decimals=6), dim=0)), _spread(t)


@wrong("symmetry_after", "weights and biases counted apart, the larger count returned: a mixture of both is missed", r"together|both|bias|pair|apart|unit")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    layer = _trained(net, steps, x, y, learning_rate)[0]
    W, b = layer.weight.detach(), layer.bias.detach()
    return max(_count(W), _count(b[:, None])), _spread(_table(layer))


@wrong("symmetry_after", "counts different numbers, not different units (torch.unique without dim)", r"unit|row|dim|number|entr|whole")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return len(torch.unique(torch.round(t.double(), decimals=6))), _spread(t)


@wrong("symmetry_after", "only the count is returned", r"two|spread|pair|tuple|return")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    return _count(_table(_trained(net, steps, x, y, learning_rate)[0]))


@wrong("symmetry_after", "two: gradients add up, and biases left out of the count", r"zero|clear|add up|accumul|bias")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    layer = _trained(net, steps, x, y, learning_rate, zero=False)[0]
    return _count(layer.weight.detach()), _spread(_table(layer))


@wrong("symmetry_after", "two: no rounding, and the spread over the whole matrix", r"round|decimal|spread|each|whole")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate)[0])
    return len(torch.unique(t, dim=0)), float(t.max() - t.min())


@wrong("symmetry_after", "two: sum of the losses, and the spread rounded to six decimals", r"mean|sum|round|spread")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    t = _table(_trained(net, steps, x, y, learning_rate, lambda s, y: F.cross_entropy(s, y, reduction="sum"))[0])
    return _count(t), round(_spread(t), 6)


# ================================================================ critical_point_report
@right
def critical_point_report(net, x, y):
    named = dict(net.named_parameters())
    gradients = torch.autograd.grad(F.cross_entropy(net(x), y), list(named.values()), allow_unused=True)
    return {name: 0.0 if g is None else float(g.abs().max()) for name, g in zip(named, gradients)}


@also("critical_point_report", "zero_grad, backward")
def critical_point_report(net, x, y):
    net.zero_grad()
    loss = nn.CrossEntropyLoss()(net(x), y)
    loss.backward()
    report = {}
    for name, p in net.named_parameters():
        report[name] = p.grad.abs().max().item() if p.grad is not None else 0.0
    net.zero_grad()
    return report


@also("critical_point_report", "on a deep copy; max of max and minus min")
def critical_point_report(net, x, y):
    twin = copy.deepcopy(net)
    for p in twin.parameters():
        p.grad = None
    log_p = F.log_softmax(twin(x), 1)
    (-log_p.gather(1, y[:, None]).mean()).backward()
    out = {}
    for name, p in twin.named_parameters():
        g = torch.zeros_like(p) if p.grad is None else p.grad
        out[name] = max(g.max().item(), -g.min().item())
    return out


@also("critical_point_report", "torch.func.grad")
def critical_point_report(net, x, y):
    params = {n: p.detach() for n, p in net.named_parameters()}

    def loss(params):
        return F.cross_entropy(torch.func.functional_call(net, params, (x,)), y)

    return {n: float(torch.linalg.vector_norm(g, ord=math.inf)) for n, g in torch.func.grad(loss)(params).items()}


def _grads(net, x, y, loss=F.cross_entropy):
    named = dict(net.named_parameters())
    gradients = torch.autograd.grad(loss(net(x), y), list(named.values()), allow_unused=True)
    return {n: torch.zeros_like(p) if g is None else g for (n, p), g in zip(named.items(), gradients)}


@wrong("critical_point_report", "gradients of earlier backward calls not cleared", r"zero|clear|earlier|before|accumul|add")
def critical_point_report(net, x, y):
    F.cross_entropy(net(x), y).backward()
    return {n: float(p.grad.abs().max()) for n, p in net.named_parameters()}


@wrong("critical_point_report", "zero_grad after backward's result is read: too late for the first call", r"zero|clear|earlier|before|accumul|add")
def critical_point_report(net, x, y):
    F.cross_entropy(net(x), y).backward()
    report = {n: p.grad.abs().max().item() for n, p in net.named_parameters()}
    net.zero_grad()
    return report


@wrong("critical_point_report", "zero_grad between forward's backward and the reading: everything 0 or None", r"zero|clear|order|before|None")
def critical_point_report(net, x, y):
    F.cross_entropy(net(x), y).backward()
    net.zero_grad(set_to_none=False)
    return {n: float(p.grad.abs().max()) for n, p in net.named_parameters()}


@wrong("critical_point_report", "signed maximum: large negative entries are missed", r"abs|sign|negativ")
def critical_point_report(net, x, y):
    return {n: float(g.max()) for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "abs after max: |max g| instead of max |g|", r"abs|sign|negativ|order")
def critical_point_report(net, x, y):
    return {n: abs(g.max().item()) for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "mean absolute entry", r"largest|mean|max|average")
def critical_point_report(net, x, y):
    return {n: float(g.abs().mean()) for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "Euclidean norm", r"largest|norm|max|length|square")
def critical_point_report(net, x, y):
    return {n: float(g.norm()) for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "loss summed over the batch", r"mean|sum|batch|average|N")
def critical_point_report(net, x, y):
    return {n: float(g.abs().max()) for n, g in _grads(net, x, y, lambda s, y: F.cross_entropy(s, y, reduction="sum")).items()}


@wrong("critical_point_report", "softmax before cross_entropy", r"softmax|twice|scores|loss|cross-entropy")
def critical_point_report(net, x, y):
    return {n: float(g.abs().max()) for n, g in _grads(net, x, y, lambda s, y: F.cross_entropy(s.softmax(1), y)).items()}


@wrong("critical_point_report", "squared error against one-hot labels", r"cross-entropy|loss|square|mse")
def critical_point_report(net, x, y):
    return {n: float(g.abs().max()) for n, g in
            _grads(net, x, y, lambda s, y: F.mse_loss(s, F.one_hot(y, s.shape[1]).to(s.dtype))).items()}


@wrong("critical_point_report", "biases left out", r"bias|every|each|name|missing|parameter")
def critical_point_report(net, x, y):
    return {n: float(g.abs().max()) for n, g in _grads(net, x, y).items() if "weight" in n}


@wrong("critical_point_report", "the parameters' values, not their gradients", r"gradient|value|weight|itself")
def critical_point_report(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return {n: float(p.abs().max()) for n, p in net.named_parameters()}


@wrong("critical_point_report", "tensors instead of floats", r"float|tensor|number")
def critical_point_report(net, x, y):
    return {n: g.abs().max() for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "a list without names", r"dict|name|list")
def critical_point_report(net, x, y):
    return [float(g.abs().max()) for g in _grads(net, x, y).values()]


@wrong("critical_point_report", "names are numbers 0, 1, 2, ...", r"name|key|named_parameters")
def critical_point_report(net, x, y):
    return {i: float(g.abs().max()) for i, g in enumerate(_grads(net, x, y).values())}


@wrong("critical_point_report", "one number for each layer (child), weights and bias together", r"name|key|each parameter|layer|bias")
def critical_point_report(net, x, y):
    report = {}
    for name, g in _grads(net, x, y).items():
        layer = name.rsplit(".", 1)[0]
        report[layer] = max(report.get(layer, 0.0), float(g.abs().max()))
    return report


@wrong("critical_point_report", "True or False: does it vanish?", r"bool|number|float|largest|True|False")
def critical_point_report(net, x, y):
    return {n: bool((g != 0).any()) for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "rounded to four decimals: small gradients become 0", r"round|small|0|decimal")
def critical_point_report(net, x, y):
    return {n: round(float(g.abs().max()), 4) for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "largest over the single examples' gradients instead of the batch's", r"batch|mean|example|single|average")
def critical_point_report(net, x, y):
    report = {n: 0.0 for n, _ in net.named_parameters()}
    for i in range(len(x)):
        for n, g in _grads(net, x[i:i + 1], y[i:i + 1]).items():
            report[n] = max(report[n], float(g.abs().max()))
    return report


@wrong("critical_point_report", "parameters whose gradient is 0 are left out", r"0|vanish|missing|every|each|name")
def critical_point_report(net, x, y):
    sizes = {n: float(g.abs().max()) for n, g in _grads(net, x, y).items()}
    return {n: s for n, s in sizes.items() if s > 0}


@wrong("critical_point_report", "two: signed maximum, biases left out", r"abs|sign|negativ|bias|name")
def critical_point_report(net, x, y):
    return {n: float(g.max()) for n, g in _grads(net, x, y).items() if not n.endswith("bias")}


@wrong("critical_point_report", "two: old gradients not cleared, and summed loss", r"zero|clear|mean|sum|accumul|earlier")
def critical_point_report(net, x, y):
    F.cross_entropy(net(x), y, reduction="sum").backward()
    return {n: p.grad.abs().max().item() for n, p in net.named_parameters()}


# ================================================================ activation_gain
@right
def activation_gain(f):
    z = np.linspace(-12, 12, 240001)
    density = np.exp(-z ** 2 / 2) / math.sqrt(2 * math.pi)
    return float(1 / math.sqrt(np.sum(f(z.copy()) ** 2 * density) * (z[1] - z[0])))


@also("activation_gain", "Monte Carlo with a generator of its own, in blocks")
def activation_gain(f):
    rng = np.random.default_rng(1)
    squares = [np.mean(np.square(f(rng.standard_normal(500_000)))) for _ in range(12)]
    return float(np.mean(squares) ** -0.5)


@also("activation_gain", "Gauss-Hermite, probabilists' form")
def activation_gain(f):
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    return float(np.sqrt(weights.sum() / (weights @ np.asarray(f(nodes)) ** 2)))


@also("activation_gain", "midpoints of equal probability")
def activation_gain(f):
    u = (torch.arange(400_000, dtype=torch.float64) + 0.5) / 400_000
    z = (math.sqrt(2) * torch.erfinv(2 * u - 1)).numpy()
    return float(1 / np.sqrt((f(z) ** 2).mean()))


_grid = np.linspace(-10, 10, 200001)


def _mean(values, z=_grid, c=0.5, norm=math.sqrt(2 * math.pi)):
    return float((values * np.exp(-c * z * z)).sum() * (z[1] - z[0]) / norm)


@wrong("activation_gain", "root of the mean square itself, not one over it", r"one over|invers|1 ?/|reciprocal|upside")
def activation_gain(f):
    return math.sqrt(_mean(f(_grid.copy()) ** 2))


@wrong("activation_gain", "no root: 1 / E[f²], He's 2", r"root|sqrt|√")
def activation_gain(f):
    return 1 / _mean(f(_grid.copy()) ** 2)


@wrong("activation_gain", "standard deviation of f(z): the mean is subtracted", r"mean|subtract|standard deviation|varianc|square")
def activation_gain(f):
    v = f(np.random.default_rng(0).standard_normal(4_000_000))
    return float(1 / v.std())


@wrong("activation_gain", "mean absolute value instead of the root of the mean square", r"squar|abs")
def activation_gain(f):
    return 1 / _mean(np.abs(f(_grid.copy())))


@wrong("activation_gain", "square of the mean: 1 / |E f|", r"squar|mean|before|order")
def activation_gain(f):
    m = _mean(f(_grid.copy()))
    return 1 / math.sqrt(m ** 2) if m else math.inf


@wrong("activation_gain", "mean of 1 / |f| over the sample instead of one over the mean", r"one over|mean|order|inf|divid")
def activation_gain(f):
    z = np.random.default_rng(0).standard_normal(1_000_000)
    with np.errstate(divide="ignore"):
        return float(np.mean(1 / np.sqrt(f(z) ** 2)))


@wrong("activation_gain", "only 1000 draws: too rough", r"draw|more|0\.4|exact|accura|rough|few|%")
def activation_gain(f):
    z = np.random.default_rng(0).standard_normal(1000)
    return float(1 / np.sqrt(np.mean(f(z) ** 2)))


@wrong("activation_gain", "grid from -3 to 3 without the normal density: z is uniform", r"density|weight|normal|uniform|grid")
def activation_gain(f):
    z = np.linspace(-3, 3, 100001)
    return float(1 / np.sqrt(np.mean(f(z) ** 2)))


@wrong("activation_gain", "grid cut off at ±2.5: the tails are missing", r"tail|cut|grid|range|wide|far|0\.4|accura|exact|%")
def activation_gain(f):
    z = np.linspace(-2.5, 2.5, 100001)
    return 1 / math.sqrt(_mean(f(z.copy()) ** 2, z))


@wrong("activation_gain", "grid only from 0 up, doubled: takes f² for symmetric", r"negativ|symmetr|side|half|grid|below")
def activation_gain(f):
    z = np.linspace(0, 10, 100001)
    return 1 / math.sqrt(2 * _mean(f(z.copy()) ** 2, z))


@wrong("activation_gain", "density without 1 / sqrt(2π)", r"2π|density|normali|factor|1/√|sum to 1|integra")
def activation_gain(f):
    return 1 / math.sqrt(_mean(f(_grid.copy()) ** 2, norm=1))


@wrong("activation_gain", "density exp(-z²): the ½ is missing, variance ½", r"½|half|1/2|0\.5|density|standard deviation|varianc")
def activation_gain(f):
    return 1 / math.sqrt(_mean(f(_grid.copy()) ** 2, c=1.0, norm=math.sqrt(math.pi)))


@wrong("activation_gain", "Gauss-Hermite, physicists' nodes without √2: z has variance ½", r"√2|sqrt|hermite|standard deviation|varianc|node|half")
def activation_gain(f):
    x, w = np.polynomial.hermite.hermgauss(120)
    return float(1 / np.sqrt((w * f(x) ** 2).sum() / np.sqrt(np.pi)))


@wrong("activation_gain", "Gauss-Hermite, weights not divided by √π", r"π|weight|hermite|factor|normali|sum to")
def activation_gain(f):
    x, w = np.polynomial.hermite.hermgauss(120)
    return float(1 / np.sqrt((w * f(np.sqrt(2) * x) ** 2).sum()))


@wrong("activation_gain", "draws from numpy's global state", r"global|random state|generator|own|repeat")
def activation_gain(f):
    z = np.random.randn(4_000_000)
    return float(1 / np.sqrt(np.mean(f(z) ** 2)))


@wrong("activation_gain", "seeds numpy's global state with np.random.seed", r"global|random state|seed|generator|own")
def activation_gain(f):
    np.random.seed(0)
    z = np.random.normal(size=4_000_000)
    return float(1 / np.sqrt(np.mean(f(z) ** 2)))


@wrong("activation_gain", "torch's global random state: torch.randn", r"global|random state|torch|generator|own|seed")
def activation_gain(f):
    z = torch.randn(4_000_000, dtype=torch.float64).numpy()
    return float(1 / np.sqrt(np.mean(f(z) ** 2)))


@wrong("activation_gain", "calls f with single numbers instead of an array", r"array|number|float|single|scalar|index|subscript|shape")
def activation_gain(f):
    z = np.linspace(-10, 10, 4001)
    total = sum(f(float(v)) ** 2 * math.exp(-v * v / 2) for v in z)
    return 1 / math.sqrt(total * (z[1] - z[0]) / math.sqrt(2 * math.pi))


@wrong("activation_gain", "grid of whole numbers, dtype int: np.arange(-10, 11)", r"fine|grid|step|int|accura|coarse|float|0\.4|%")
def activation_gain(f):
    z = np.arange(-10, 11)
    return float(1 / np.sqrt((f(z) ** 2 * np.exp(-z ** 2 / 2)).sum() / np.sqrt(2 * np.pi)))


@wrong("activation_gain", "two: 500 draws and the variance instead of the mean square", r"mean|draw|varianc|subtract|rough|0\.4")
def activation_gain(f):
    return float(1 / np.sqrt(f(np.random.default_rng(3).standard_normal(500)).var()))


@wrong("activation_gain", "two: no root, from the global state", r"root|sqrt|√|global|random state")
def activation_gain(f):
    z = np.random.standard_normal(2_000_000)
    return float(1 / np.mean(f(z) ** 2))


# ================================================================ lsuv
@right
def lsuv(layers, batch, tol=0.05, generator=None):
    variances, h = [], batch
    with torch.no_grad():
        for layer in layers:
            out = layer(h.clone())
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
                out = layer(h)
                for _ in range(20):
                    if abs(out.var(unbiased=False).item() - 1) <= tol:
                        break
                    layer.weight /= out.std(unbiased=False)
                    out = layer(h)
                variances.append(out.var(unbiased=False).item())
            h = out
    return variances


@also("lsuv", "one exact scaling, .data")
def lsuv(layers, batch, tol=0.05, generator=None):
    variances = []
    x = batch.clone()
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight.data, generator=generator)
            if layer.bias is not None:
                layer.bias.data.zero_()
            z = (x @ layer.weight.data.T).detach()
            layer.weight.data.div_(((z - z.mean()) ** 2).mean().sqrt())
            z = layer(x).detach()
            variances.append(float(((z - z.mean()) ** 2).mean()))
            x = z
        else:
            x = layer(x).detach()
    return variances


@also("lsuv", "first pass orthogonal for all, second pass scales; recomputed from the bottom")
@torch.no_grad()
def lsuv(layers, batch, tol=0.05, generator=None):
    linear = [k for k, layer in enumerate(layers) if isinstance(layer, nn.Linear)]
    for k in linear:
        nn.init.orthogonal_(layers[k].weight, generator=generator)
        if layers[k].bias is not None:
            layers[k].bias.fill_(0)

    def output(k):
        h = batch.clone()
        for layer in layers[:k + 1]:
            h = layer(h)
        return h

    done = []
    for k in linear:
        var = torch.var(output(k), correction=0).item()
        while abs(var - 1) > max(tol, 1e-5):
            layers[k].weight.mul_(var ** -0.5)
            var = torch.var(output(k), correction=0).item()
        done.append(var)
    return done


def _biased(z):
    return float(z.var(unbiased=False))


@torch.no_grad()
def _lsuv(layers, batch, tol, generator, start=None, bias=True, var=_biased, power=0.5, stop=None, go_on=None,
          report="after", skip=(), once=False):
    h, out, seen = batch.clone(), [], 0
    linears = [l for l in layers if isinstance(l, nn.Linear)]
    for layer in layers:
        if not isinstance(layer, nn.Linear) or linears.index(layer) in [s % len(linears) for s in skip]:
            h = layer(h)
            continue
        (start or (lambda w: nn.init.orthogonal_(w, generator=generator)))(layer.weight)
        if bias and layer.bias is not None:
            layer.bias.zero_()
        z = layer(h)
        first = var(z)
        for _ in range(1 if once else 20):
            v = var(layer(h))
            if (stop or (lambda v: abs(v - 1) <= tol))(v):
                break
            layer.weight /= v ** power
        out.append(first if report == "before" else var(layer(h)))
        h = (go_on or (lambda old, new: new))(z, layer(h))
        seen += 1
    return out


@wrong("lsuv", "normal weights (He) instead of orthogonal ones", r"orthogonal")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, start=lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=generator))


@wrong("lsuv", "keeps the layer's own weights and only scales them", r"orthogonal|new weights|own")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, start=lambda w: w)


@wrong("lsuv", "biases left as they were", r"bias")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, bias=False)


@wrong("lsuv", "mean of the units' variances over the batch", r"together|over all|unit|axis|each|at once")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, var=lambda z: float(z.var(0, unbiased=False).mean()))


@wrong("lsuv", "unbiased variance (torch's default), divides by n - 1", r"bias|unbiased|n ?[-−] ?1|correction|N")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, var=lambda z: float(z.var()))


@wrong("lsuv", "mean square instead of the variance", r"mean|varianc|squar|subtract")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, var=lambda z: float((z ** 2).mean()))


@wrong("lsuv", "divides once by the variance instead of its root", r"root|sqrt|standard deviation|varianc")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, power=1.0, once=True)


@wrong("lsuv", "goes on with the output from before the scaling", r"below|scal|before|after|finished|pass|old")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, go_on=lambda old, new: old)


@wrong("lsuv", "reports the variances from before the scaling", r"before|after|done|report|return|scal")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, report="before")


@wrong("lsuv", "returns standard deviations", r"varianc|standard deviation|root")
def lsuv(layers, batch, tol=0.05, generator=None):
    return [v ** 0.5 for v in _lsuv(layers, batch, tol, generator, stop=lambda v: abs(v - 1) <= tol)]


@wrong("lsuv", "generator not passed on", r"generator|repeat|same")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, start=nn.init.orthogonal_)


@wrong("lsuv", "last nn.Linear left as it was", r"last|every|each|output layer|missing")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, skip=(-1,))


@wrong("lsuv", "tol not read: stops at 0.1", r"tol|0\.1|0\.05")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, stop=lambda v: abs(v - 1) <= 0.1)


@wrong("lsuv", "tol compared with the standard deviation, not the variance", r"tol|varianc|standard deviation|root")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, stop=lambda v: abs(v ** 0.5 - 1) <= tol)


@wrong("lsuv", "no absolute value: only layers that are too large are scaled", r"abs|small|too|below|both|less|tol")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, stop=lambda v: v - 1 <= tol)


@wrong("lsuv", "works on deep copies: the layers themselves do not change", r"in place|copy|chang|unchanged|themselves")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(copy.deepcopy(layers), batch, tol, generator)


@wrong("lsuv", "orthogonal weights of all layers, but no scaling: returns what it finds", r"scal|varianc|1\b|tol")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, stop=lambda v: True)


@wrong("lsuv", "measures behind the activation: the layer after each nn.Linear is applied first", r"before|after|activation|behind")
def lsuv(layers, batch, tol=0.05, generator=None):
    h, out = batch.clone(), []
    with torch.no_grad():
        for i, layer in enumerate(layers):
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
                follow = layers[i + 1] if i + 1 < len(layers) and not isinstance(layers[i + 1], nn.Linear) else nn.Identity()
                for _ in range(20):
                    v = float(follow(layer(h)).var(unbiased=False))
                    if abs(v - 1) <= tol:
                        break
                    layer.weight.div_(v ** 0.5)
                out.append(float(follow(layer(h)).var(unbiased=False)))
            h = layer(h)
    return out


@wrong("lsuv", "activations skipped: passes the batch through the nn.Linear layers only", r"activation|between|below|other|layers|transform|through")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv([l for l in layers if isinstance(l, nn.Linear)], batch, tol, generator)


@wrong("lsuv", "relu assumed between the nn.Linear layers, whatever stands there", r"activation|relu|between|layers|transform|tanh")
def lsuv(layers, batch, tol=0.05, generator=None):
    swapped = [l if isinstance(l, nn.Linear) else nn.ReLU() for l in layers]
    return _lsuv(swapped, batch, tol, generator)


@wrong("lsuv", "batch standardised first", r"batch|standardi|as it is|given|real|centred")
def lsuv(layers, batch, tol=0.05, generator=None):
    batch = (batch - batch.mean(0)) / (batch.std(0) + 1e-8)
    return _lsuv(layers, batch, tol, generator)


@wrong("lsuv", "batch centred in place: the caller's batch changes", r"batch|in place|chang|caller|as it is")
def lsuv(layers, batch, tol=0.05, generator=None):
    batch -= batch.mean(0)
    return _lsuv(layers, batch, tol, generator)


@wrong("lsuv", "weights no longer trainable: requires_grad stays False", r"requires_grad|train|froz|gradient|learn")
def lsuv(layers, batch, tol=0.05, generator=None):
    for layer in layers:
        for p in layer.parameters():
            p.requires_grad_(False)
    return _lsuv(layers, batch, tol, generator)


@wrong("lsuv", "tensors instead of floats in the list", r"float|tensor|number")
def lsuv(layers, batch, tol=0.05, generator=None):
    return [torch.tensor(v) for v in _lsuv(layers, batch, tol, generator)]


@wrong("lsuv", "a variance for every module, activations too", r"Linear|each|only|length|how many|activation")
def lsuv(layers, batch, tol=0.05, generator=None):
    _lsuv(layers, batch, tol, generator)
    h, out = batch.clone(), []
    with torch.no_grad():
        for layer in layers:
            h = layer(h)
            out.append(float(h.var(unbiased=False)))
    return out


@wrong("lsuv", "nothing returned", r"None|return")
def lsuv(layers, batch, tol=0.05, generator=None):
    _lsuv(layers, batch, tol, generator)


@wrong("lsuv", "from the last layer to the first: what lies below changes afterwards", r"order|first|last|below|finished|turn")
def lsuv(layers, batch, tol=0.05, generator=None):
    variances = []
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
        for k in range(len(layers) - 1, -1, -1):
            if isinstance(layers[k], nn.Linear):
                h = batch.clone()
                for layer in layers[:k + 1]:
                    h = layer(h)
                layers[k].weight /= h.std(unbiased=False)
                variances.insert(0, float((h / h.std(unbiased=False)).var(unbiased=False)))
    return variances


@wrong("lsuv", "all scales from one pass through the unscaled net", r"below|finished|one pass|turn|order|before|scaled|in turn")
def lsuv(layers, batch, tol=0.05, generator=None):
    h, scales = batch.clone(), []
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, nn.Linear):
                nn.init.orthogonal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
            h = layer(h)
            if isinstance(layer, nn.Linear):
                scales.append((layer, h.std(unbiased=False)))
        for layer, s in scales:
            layer.weight /= s
        h, out = batch.clone(), []
        for layer in layers:
            h = layer(h)
            if isinstance(layer, nn.Linear):
                out.append(float(h.var(unbiased=False)))
    return out


@wrong("lsuv", "two: biases kept, and the mean of the units' variances", r"bias|together|unit|over all|axis")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, bias=False, var=lambda z: float(z.var(0, unbiased=False).mean()))


@wrong("lsuv", "two: normal weights without the generator, variances from before the scaling", r"orthogonal|before|after|generator")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, start=nn.init.xavier_normal_, report="before")


@wrong("lsuv", "two: unbiased variance, and goes on with the unscaled output", r"below|scal|unbiased|bias|old|before|finished")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, var=lambda z: float(z.var()), go_on=lambda old, new: old)


# ================================================================ more with two faults
@wrong("init_weights", "two: xavier_uniform on 0 to the limit, and he with fan out", r"negativ|minus|below|mean|±|fan|n_in")
def init_weights(n_in, n_out, kind, rng):
    if kind == "xavier_uniform":
        return rng.uniform(0, np.sqrt(6 / (n_in + n_out)), (n_in, n_out))
    if kind == "he":
        return rng.normal(0, np.sqrt(2 / n_out), (n_in, n_out))
    return _init(n_in, n_out, kind, rng)


@wrong("conv_fan", "two: affine layers read as n_in x n_out, volumes without their third side", r"affine|swap|exchang|order|volume|third|side")
def conv_fan(shape):
    if len(shape) == 2:
        return shape
    area = math.prod(shape[2:4])
    return shape[1] * area, shape[0] * area


@wrong("std_by_depth", "two: one matrix for all layers of a size, and no activation at the end", r"own|same|share|last|activation|every layer")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds, W = rng.normal(size=(examples, widths[0])), [], None
    for k, (n_in, n_out) in enumerate(zip(widths, widths[1:])):
        if W is None or W.shape != (n_in, n_out):
            W = _init(n_in, n_out, kind, rng)
        h = h @ W
        if k < len(widths) - 2:
            h = np.tanh(h) if activation == "tanh" else np.maximum(0, h)
        stds.append(h.std())
    return np.array(stds)


@wrong("std_by_depth", "relu branch only: leaky, 0.1 z below 0", r"relu|negativ|leak|0")
def std_by_depth(widths, activation, kind, rng, examples=200):
    h, stds = rng.normal(size=(examples, widths[0])), []
    for n_in, n_out in zip(widths, widths[1:]):
        z = h @ _init(n_in, n_out, kind, rng)
        h = np.tanh(z) if activation == "tanh" else np.where(z > 0, z, 0.1 * z)
        stds.append(h.std())
    return np.array(stds)


@wrong("symmetry_after", "two: biases left out of the count and of the spread", r"bias")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    W = _trained(net, steps, x, y, learning_rate)[0].weight.detach()
    return _count(W), _spread(W)


@wrong("symmetry_after", "two: trains the net itself, and the spread within a unit", r"copy|left as|chang|axis|unit|spread|original")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    for _ in range(steps):
        grads = torch.autograd.grad(F.cross_entropy(net(x), y), list(net.parameters()))
        for p, g in zip(net.parameters(), grads):
            p.data -= learning_rate * g
    t = _table(net[0])
    return _count(t), float((t.amax(1) - t.amin(1)).max())


@wrong("critical_point_report", "two: |max g| instead of max |g|, rounded to three decimals", r"abs|sign|negativ|round")
def critical_point_report(net, x, y):
    return {n: round(abs(g.max().item()), 3) for n, g in _grads(net, x, y).items()}


@wrong("critical_point_report", "two: mean absolute entry of the summed loss", r"largest|mean|max|sum|average")
def critical_point_report(net, x, y):
    return {n: float(g.abs().mean()) for n, g in _grads(net, x, y, lambda s, y: F.cross_entropy(s, y, reduction="sum")).items()}


@wrong("activation_gain", "two: density without 1 / sqrt(2π), and no root", r"2π|density|normali|root|sqrt|√|factor")
def activation_gain(f):
    return 1 / _mean(f(_grid.copy()) ** 2, norm=1)


@wrong("lsuv", "two: last nn.Linear left out, and standard deviations reported", r"last|every|each|missing|length|standard deviation|varianc")
def lsuv(layers, batch, tol=0.05, generator=None):
    return [v ** 0.5 for v in _lsuv(layers, batch, tol, generator, skip=(-1,), report="before")]


@wrong("lsuv", "two: generator not passed on, and tol compared with the standard deviation", r"generator|repeat|tol|standard deviation|varianc")
def lsuv(layers, batch, tol=0.05, generator=None):
    return _lsuv(layers, batch, tol, generator, start=nn.init.orthogonal_, stop=lambda v: abs(v ** 0.5 - 1) <= tol)
