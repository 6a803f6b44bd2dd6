"""Strangers' programs for notebook 02: written from the learner's notebook only (form: see README.md beside it)."""
import math

import numpy as np

RIGHT, WRONG, MORE = {}, [], []


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def also_pair(exercise, label, **functions):
    MORE.append((exercise, label, functions))


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


def wrong_pair(exercise, label, says, **functions):
    """Forward and backward by the same hand: the fault shows in `exercise` only."""
    WRONG.append((exercise, label, says, functions))


# ================================================================ sigmoid_forward (cache: the output)
@right
def sigmoid_forward(x):
    z = np.asarray(x)
    if not np.issubdtype(z.dtype, np.floating):
        z = z.astype(np.float64)
    small = np.exp(-np.abs(z))
    out = np.where(z >= 0, 1, small) / (1 + small)
    out = out.astype(z.dtype)
    return out, out


_sigmoid_forward = sigmoid_forward


@also("sigmoid_forward", "two masks, each side by its own formula")
def sigmoid_forward(x):
    floats = x if x.dtype.kind == "f" else x.astype(float)
    out = np.empty_like(floats)
    up = floats >= 0
    out[up] = 1 / (1 + np.exp(-floats[up]))
    e = np.exp(floats[~up])
    out[~up] = e / (1 + e)
    return out, out.copy()


@also("sigmoid_forward", "exp of minus logaddexp")
def sigmoid_forward(x):
    if x.dtype.kind != "f":
        x = x + 0.0
    out = np.exp(-np.logaddexp(x.dtype.type(0), -x))
    return out, out


@also("sigmoid_forward", "the overflow is let happen in silence: 1 / inf = 0")
def sigmoid_forward(x):
    kind = x.dtype if np.issubdtype(x.dtype, np.floating) else np.dtype(np.float64)
    z = np.array(x, dtype=kind)
    with np.errstate(over="ignore"):
        out = np.reciprocal(1 + np.exp(np.negative(z)))
    return np.asarray(out, dtype=kind), out


@also("sigmoid_forward", "half of one plus tanh of the half")
def sigmoid_forward(x):
    z = x / 2  # whole numbers become float64 here
    out = (np.tanh(z) + 1) / 2
    return out, out


@wrong("sigmoid_forward", "naive formula: overflow warning at -1000", r"overflow|warning|exp|large|negative")
def sigmoid_forward(x):
    out = 1 / (1 + np.exp(-x))
    return out, out


@wrong("sigmoid_forward", "e^x / (1 + e^x): nan at +1000", r"nan|overflow|finite|large|exp")
def sigmoid_forward(x):
    e = np.exp(x)
    out = e / (1 + e)
    return out, out


@wrong("sigmoid_forward", "np.where computes both naive branches: right values, but warnings", r"warning|where|both|overflow")
def sigmoid_forward(x):
    out = np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))
    return out, out


@wrong("sigmoid_forward", "clips at ±500: enough for float64, but exp overflows (warning) in float32", r"float32|overflow|warning|clip")
def sigmoid_forward(x):
    z = np.clip(x, -500, 500)
    out = 1 / (1 + np.exp(-z))
    return out, out


@wrong("sigmoid_forward", "clips at ±10: wrong values in the tails (4.5e-5 instead of 0)", r"clip|tail|value|large|-1000|1000|far")
def sigmoid_forward(x):
    z = np.clip(x, -10, 10)
    out = 1 / (1 + np.exp(-z))
    return out, out


@wrong("sigmoid_forward", "float32 becomes float64: result in np.zeros(x.shape)", r"dtype|float32|float64")
def sigmoid_forward(x):
    out = np.zeros(x.shape)
    p = x >= 0
    out[p] = 1 / (1 + np.exp(-x[p]))
    out[~p] = np.exp(x[~p]) / (1 + np.exp(x[~p]))
    return out, out


@wrong("sigmoid_forward", "whole numbers in, whole numbers out: zeros_like of an int array", r"whole|int|dtype|float64")
def sigmoid_forward(x):
    out = np.zeros_like(x)
    p = x >= 0
    out[p] = 1 / (1 + np.exp(-x[p]))
    e = np.exp(x[~p])
    out[~p] = e / (1 + e)
    return out, out


@wrong("sigmoid_forward", "cast back to x.dtype: whole numbers are cut to 0 and 1", r"whole|int|dtype|float64")
def sigmoid_forward(x):
    z = x.astype(np.float64)
    e = np.exp(-np.abs(z))
    out = np.where(z < 0, e / (1 + e), 1 / (1 + e)).astype(x.dtype)
    return out, out


@wrong("sigmoid_forward", "sign: sigmoid of -x", r"sign|minus|mirror|1\s*-|-x|revers|falls")
def sigmoid_forward(x):
    with np.errstate(over="ignore"):
        out = 1 / (1 + np.exp(x))
    return out, out


@wrong("sigmoid_forward", "tanh of x instead of x/2: sigmoid(2x)", r"tanh|2|steep|half|scale|factor")
def sigmoid_forward(x):
    out = 0.5 * (1 + np.tanh(x))
    return out, out


@wrong("sigmoid_forward", "only at 0: masks > and < leave out 0, which stays 0 instead of 1/2", r"\b0\b|zero|½|0\.5|half|1/2")
def sigmoid_forward(x):
    z = x if np.issubdtype(x.dtype, np.floating) else x.astype(float)
    out = np.zeros_like(z)
    pos, neg = z > 0, z < 0
    out[pos] = 1 / (1 + np.exp(-z[pos]))
    out[neg] = np.exp(z[neg]) / (1 + np.exp(z[neg]))
    return out, out


@wrong("sigmoid_forward", "only negative side: numerator forgotten, 1 / (1 + e^x)", r"negative|left|below|x < 0|side|branch|numerator")
def sigmoid_forward(x):
    e = np.exp(-np.abs(x))
    out = 1 / (1 + e)
    return out, out


@wrong("sigmoid_forward", "x is changed: np.negative(x, out=x)", r"modif|in place|chang|copy")
def sigmoid_forward(x):
    if x.dtype.kind != "f":
        x = x.astype(float)
    np.negative(x, out=x)
    with np.errstate(over="ignore"):
        out = 1 / (1 + np.exp(x))
    return out, out


@wrong("sigmoid_forward", "returns out only", r"two|pair|tuple|cache|return")
def sigmoid_forward(x):
    return _sigmoid_forward(x)[0]


@wrong("sigmoid_forward", "two: computed in float64 (dtype lost) and still overflows with a warning at -1000", r"warning|overflow|dtype|float64|float32")
def sigmoid_forward(x):
    x = np.array(x, dtype=np.float64)
    out = 1.0 / (1.0 + np.exp(-x))
    return out, out


@wrong("sigmoid_forward", "two: float64 always, and 1e-7 added for safety: not 0 at -1000, above 1 at 1000", r"dtype|float64|float32|\b0\b|1e-7|value|epsilon")
def sigmoid_forward(x):
    z = np.clip(np.asarray(x, dtype=float), -20, 20)
    out = 1 / (1 + np.exp(-z)) + 1e-7
    return out, out


# ================================================================ sigmoid_backward
@right
def sigmoid_backward(dout, cache):
    a = cache
    slope = a * (1 - a)
    return np.multiply(dout, slope).astype(dout.dtype)


_sigmoid_backward = sigmoid_backward


@also("sigmoid_backward", "a - a², into a new array of dout's kind")
def sigmoid_backward(dout, cache):
    dx = np.empty_like(dout)
    dx[...] = (cache - cache ** 2) * dout
    return dx


def _f(x):
    out, _ = _sigmoid_forward(x)
    return out, {"slope": out * (1 - out)}


def _b(dout, cache):
    return (cache["slope"] * dout).astype(dout.dtype, copy=False)


also_pair("sigmoid_backward", "the forward keeps the slope in a dict", sigmoid_forward=_f, sigmoid_backward=_b)


@wrong("sigmoid_backward", "dout forgotten: returns the slope", r"dout|upstream|arriv|incoming|chain|multipl")
def sigmoid_backward(dout, cache):
    return (cache * (1 - cache)).astype(dout.dtype)


@wrong("sigmoid_backward", "slope a instead of a (1 - a)", r"1\s*[-−]\s*a|slope|factor")
def sigmoid_backward(dout, cache):
    return (dout * cache).astype(dout.dtype)


@wrong("sigmoid_backward", "tanh's slope 1 - a²", r"tanh|a²|square|1\s*[-−]\s*a|slope")
def sigmoid_backward(dout, cache):
    return (dout * (1 - cache ** 2)).astype(dout.dtype)


@wrong("sigmoid_backward", "takes the cached output for x: sigmoid applied twice", r"twice|again|output|second|cache")
def sigmoid_backward(dout, cache):
    s = 1 / (1 + np.exp(-cache))
    return (dout * s * (1 - s)).astype(dout.dtype)


@wrong("sigmoid_backward", "in place on dout", r"modif|in place|chang|copy")
def sigmoid_backward(dout, cache):
    dout *= (cache * (1 - cache)).astype(dout.dtype)
    return dout


@wrong("sigmoid_backward", "always float64", r"dtype|float32|float64")
def sigmoid_backward(dout, cache):
    a = np.array(cache, dtype=float)
    return dout * a * (1 - a)


@wrong("sigmoid_backward", "only where dtypes differ: float32 dout over a float64 output gives float64", r"dtype|float32|float64")
def sigmoid_backward(dout, cache):
    return dout * cache * (1 - cache)


@wrong("sigmoid_backward", "sign: a (a - 1)", r"sign|minus|negative")
def sigmoid_backward(dout, cache):
    return (dout * cache * (cache - 1)).astype(dout.dtype)


@wrong("sigmoid_backward", "precedence: dout * a * 1 - a", r"parenthes|bracket|preceden|subtract|1\s*[-−]\s*a|dout")
def sigmoid_backward(dout, cache):
    return (dout * cache * 1 - cache).astype(dout.dtype)


@wrong("sigmoid_backward", "divides by the number of rows", r"mean|averag|divid|number|batch|rows|N\b|factor|len")
def sigmoid_backward(dout, cache):
    return (dout * cache * (1 - cache) / len(dout)).astype(dout.dtype)


@wrong("sigmoid_backward", "two: in place on dout, with tanh's slope", r"modif|in place|chang|tanh|square|slope")
def sigmoid_backward(dout, cache):
    dout *= (1 - cache * cache).astype(dout.dtype)
    return dout


def _f(x):
    return _sigmoid_forward(x)[0], x


def _b(dout, cache):
    e = np.exp(-cache)
    return (dout * e / (1 + e) ** 2).astype(dout.dtype)


wrong_pair("sigmoid_backward", "x cached, e^-x / (1 + e^-x)²: overflow and nan at -1000", r"warning|overflow|nan|finite|exp|large",
           sigmoid_forward=_f, sigmoid_backward=_b)


def _b(dout, cache):
    return (dout * cache * (1 - cache)).astype(dout.dtype)


wrong_pair("sigmoid_backward", "forward caches x, backward takes it for the output", r"cache|output|\bx\b|sigmoid",
           sigmoid_forward=_f, sigmoid_backward=_b)


# ================================================================ saturation_fraction
@right
def saturation_fraction(a, kind, threshold=0.05):
    slope, steepest = {
        "sigmoid": (lambda v: v * (1 - v), 0.25),
        "tanh": (lambda v: 1 - v * v, 1.0),
        "relu": (lambda v: np.where(v > 0, 1.0, 0.0), 1.0),
    }[kind]
    flat = slope(np.asarray(a, dtype=np.float64)) < threshold * steepest
    return float(flat.mean())


_saturation = saturation_fraction


@also("saturation_fraction", "plain loop over the raveled outputs")
def saturation_fraction(a, kind, threshold=0.05):
    count = 0
    values = a.ravel().tolist()
    for v in values:
        if kind == "sigmoid":
            share = 4 * (v * (1 - v))
        elif kind == "tanh":
            share = 1 - v ** 2
        else:
            share = float(v > 0)
        count += share < threshold
    return count / len(values)


@also("saturation_fraction", "if / elif, count_nonzero over size")
def saturation_fraction(a, kind, threshold=0.05):
    if kind == "relu":
        relative = (a > 0).astype(np.float64)
    elif kind == "tanh":
        relative = 1.0 - np.square(a, dtype=np.float64)
    elif kind == "sigmoid":
        b = a.astype(np.float64)
        relative = (b - b * b) / 0.25
    else:
        raise ValueError(kind)
    return np.count_nonzero(relative < threshold) / a.size


def _saturated(a, kind, threshold, steepest=None, slope=None, less=np.less):
    s = {"sigmoid": lambda v: v * (1 - v), "tanh": lambda v: 1 - v ** 2, "relu": lambda v: (v > 0) * 1.0}
    s.update(slope or {})
    top = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0, **(steepest or {})}[kind]
    return less(s[kind](np.asarray(a, float)), threshold * top)


@wrong("saturation_fraction", "only sigmoid: steepest slope taken as 1", r"¼|0\.25|1/4|steepest|quarter|relative")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold, steepest={"sigmoid": 1.0}).mean())


@wrong("saturation_fraction", "the sigmoid's ¼ for all three kinds", r"¼|0\.25|1/4|steepest|quarter|tanh|relative")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold, steepest={"tanh": 0.25, "relu": 0.25}).mean())


@wrong("saturation_fraction", "only on a tie: <= instead of <", r"less|<=|equal|tie|exactly|threshold")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold, less=np.less_equal).mean())


@wrong("saturation_fraction", "only tanh: slope 1 - a, square forgotten", r"tanh|squar|a²|1\s*[-−]\s*a")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold, slope={"tanh": lambda v: 1 - v}).mean())


@wrong("saturation_fraction", "only tanh: the upper end alone, outputs near -1 are not counted", r"-1|lower|negative|both|end|left|tanh")
def saturation_fraction(a, kind, threshold=0.05):
    if kind == "tanh":
        return float(np.mean(a > np.sqrt(1 - threshold)))
    return _saturation(a, kind, threshold)


@wrong("saturation_fraction", "only ReLU: slope 1 at output 0, so nothing is ever counted", r"relu|\b0\b|zero|positive")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold, slope={"relu": lambda v: (v >= 0) * 1.0}).mean())


@wrong("saturation_fraction", "only ReLU: the output itself is compared with the threshold", r"relu|slope|output|small|positive")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold, slope={"relu": lambda v: v}).mean())


@wrong("saturation_fraction", "only ReLU at threshold 0 (or above 1): share of zeros whatever the threshold", r"threshold|relu|\b0\b|zero")
def saturation_fraction(a, kind, threshold=0.05):
    if kind == "relu":
        return float((a <= 0).mean())
    return _saturation(a, kind, threshold)


@wrong("saturation_fraction", "per cent instead of a share", r"percent|per cent|100|share|\[0, 1\]|between 0 and 1")
def saturation_fraction(a, kind, threshold=0.05):
    return 100 * _saturation(a, kind, threshold)


@wrong("saturation_fraction", "threshold hard-wired to 0.05", r"threshold|ignor|0\.05")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, 0.05).mean())


@wrong("saturation_fraction", "one share for each unit (mean over axis 0), not one number", r"number|float|together|axis|unit|shape|array|scalar")
def saturation_fraction(a, kind, threshold=0.05):
    return _saturated(a, kind, threshold).mean(axis=0)


@wrong("saturation_fraction", "divides by the number of rows", r"rows|size|all|number|outputs|above 1|\[0, 1\]|divid|len")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold).sum() / len(a))


@wrong("saturation_fraction", "integer division: 0 or 1", r"//|integer|whole|division|round")
def saturation_fraction(a, kind, threshold=0.05):
    flat = _saturated(a, kind, threshold)
    return float(int(flat.sum()) // flat.size)


@wrong("saturation_fraction", "relative to the steepest slope found in the data", r"steepest|anywhere|data|largest|max|found|relative")
def saturation_fraction(a, kind, threshold=0.05):
    s = {"sigmoid": a * (1 - a), "tanh": 1 - a ** 2, "relu": (a > 0).astype(float)}[kind]
    return float((s < threshold * s.max()).mean())


@wrong("saturation_fraction", "takes a for pre-activations: applies the function again", r"output|pre-activation|again|twice|already")
def saturation_fraction(a, kind, threshold=0.05):
    if kind == "sigmoid":
        a = 1 / (1 + np.exp(-a))
    elif kind == "tanh":
        a = np.tanh(a)
    return _saturation(a, kind, threshold)


@wrong("saturation_fraction", "the share that is NOT saturated", r"opposite|not saturated|1\s*[-−]|steep|complement|revers|rest|healthy|other way|exceed|above|learn")
def saturation_fraction(a, kind, threshold=0.05):
    return 1 - _saturation(a, kind, threshold)


@wrong("saturation_fraction", "two: sigmoid without the ¼ and tanh without the square", r"¼|0\.25|1/4|steepest|squar|a²")
def saturation_fraction(a, kind, threshold=0.05):
    return float(_saturated(a, kind, threshold, steepest={"sigmoid": 1.0}, slope={"tanh": lambda v: 1 - np.abs(v)}).mean())


@wrong("saturation_fraction", "two: <= and per cent", r"less|<=|equal|percent|per cent|100|share|\[0, 1\]")
def saturation_fraction(a, kind, threshold=0.05):
    return float(100 * _saturated(a, kind, threshold, less=np.less_equal).mean())


# ================================================================ relu_forward (cache: x)
@right
def relu_forward(x):
    return np.maximum(x, 0).astype(x.dtype, copy=False), x


_relu_forward = relu_forward


@also("relu_forward", "a mask times x")
def relu_forward(x):
    return x * (x > 0), x


@also("relu_forward", "on an own copy")
def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    return out, x.copy()


@also("relu_forward", "half of x + |x|")
def relu_forward(x):
    return (x + np.abs(x)) / 2, x


@wrong("relu_forward", "in place on x", r"modif|in place|chang|copy")
def relu_forward(x):
    x[x < 0] = 0
    return x, x


@wrong("relu_forward", "in place by out=x", r"modif|in place|chang|copy")
def relu_forward(x):
    kept = x.copy()
    out = np.maximum(x, 0, out=x)
    return out, kept


@wrong("relu_forward", "float32 becomes float64: maximum with np.zeros(x.shape)", r"dtype|float32|float64")
def relu_forward(x):
    return np.maximum(x, np.zeros(x.shape)), x


@wrong("relu_forward", "np.max(x, 0): the maximum along axis 0", r"shape|axis|np\.max|maximum|element")
def relu_forward(x):
    return np.max(x, 0), x


@wrong("relu_forward", "absolute value", r"abs|negative|sign|0|below")
def relu_forward(x):
    return np.abs(x), x


@wrong("relu_forward", "minimum for maximum", r"min|negative|positive|sign|max")
def relu_forward(x):
    return np.minimum(x, 0), x


@wrong("relu_forward", "only large inputs: ReLU6, cut off at 6", r"\b6\b|large|ceiling|cut|clip|above|saturat")
def relu_forward(x):
    return np.clip(x, 0, 6), x


@wrong("relu_forward", "the step: 1 where x > 0", r"step|\bx\b|mask|\b1\b|slope|derivative|itself")
def relu_forward(x):
    return (x > 0).astype(x.dtype), x


@wrong("relu_forward", "leaky: 0.01 x on the left", r"leak|0\.01|negative|left|below|\b0\b")
def relu_forward(x):
    return np.where(x > 0, x, 0.01 * x).astype(x.dtype), x


@wrong("relu_forward", "returns out only", r"two|pair|tuple|cache|return")
def relu_forward(x):
    return np.maximum(0, x)


@wrong("relu_forward", "two: in place and float64 out", r"modif|in place|chang|dtype|float64|float32")
def relu_forward(x):
    x *= x > 0
    return x.astype(np.float64), x


# ================================================================ relu_backward
@right
def relu_backward(dout, cache):
    return np.where(cache > 0, dout, 0).astype(dout.dtype, copy=False)


@also("relu_backward", "copy, then zeros where x is not positive")
def relu_backward(dout, cache):
    dx = np.array(dout, copy=True)
    dx[np.less_equal(cache, 0)] = 0
    return dx


def _f(x):
    out = np.where(x > 0, x, np.zeros((), x.dtype))
    return out, out


def _b(dout, cache):
    return dout * np.sign(cache).astype(dout.dtype)


also_pair("relu_backward", "cache is the output; its sign is the slope", relu_forward=_f, relu_backward=_b)


def _f(x):
    fires = np.packbits(x > 0)
    return x * (x > 0), (fires, x.shape)


def _b(dout, cache):
    bits, shape = cache
    mask = np.unpackbits(bits, count=math.prod(shape)).reshape(shape)
    return dout * mask.astype(dout.dtype)


also_pair("relu_backward", "one bit for each unit in the cache", relu_forward=_f, relu_backward=_b)


@wrong("relu_backward", "only at 0: slope 1 (>=)", r"\b0\b|zero|>=|left|convention|kink|exactly")
def relu_backward(dout, cache):
    return dout * (cache >= 0)


@wrong("relu_backward", "only at 0: the lecture slide's dx[x < 0] = 0 leaves 1", r"\b0\b|zero|>=|left|convention|slide|exactly")
def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache < 0] = 0
    return dx


@wrong("relu_backward", "only at 0: slope 1/2 (as torch.maximum)", r"\b0\b|zero|½|half|1/2|0\.5|left|exactly")
def relu_backward(dout, cache):
    return (dout * (0.5 * (1 + np.sign(cache)))).astype(dout.dtype)


@wrong("relu_backward", "in place on dout", r"modif|in place|chang|copy")
def relu_backward(dout, cache):
    dout[cache <= 0] = 0
    return dout


@wrong("relu_backward", "mask taken from dout instead of x", r"dout|mask|negative gradient|sign|input|\bx\b")
def relu_backward(dout, cache):
    return dout * (dout > 0)


@wrong("relu_backward", "two masks: also negative gradients are dropped (guided backprop)", r"negative|dout|guided|gradient")
def relu_backward(dout, cache):
    return dout * (cache > 0) * (dout > 0)


@wrong("relu_backward", "float64: mask.astype(float)", r"dtype|float32|float64")
def relu_backward(dout, cache):
    mask = (cache > 0).astype(float)
    return dout * mask


@wrong("relu_backward", "relu of x times dout instead of its slope", r"slope|derivative|\bx\b|output|value|1\b")
def relu_backward(dout, cache):
    return (dout * np.maximum(cache, 0)).astype(dout.dtype)


@wrong("relu_backward", "dout forgotten: returns the slope", r"dout|upstream|arriv|incoming|chain|multipl")
def relu_backward(dout, cache):
    return (cache > 0).astype(dout.dtype)


@wrong("relu_backward", "the wrong side: passes where x < 0", r"side|negative|positive|swap|exchang|revers|wrong")
def relu_backward(dout, cache):
    return np.where(cache < 0, dout, 0).astype(dout.dtype)


@wrong("relu_backward", "two: slide's mask (1 at 0) and in place on dout", r"\b0\b|zero|modif|in place|chang|copy")
def relu_backward(dout, cache):
    dx = dout
    dx[cache < 0] = 0
    return dx


@wrong("relu_backward", "two: 1 at 0 and float64", r"\b0\b|zero|dtype|float64|float32")
def relu_backward(dout, cache):
    dx = np.zeros(dout.shape)
    dx[cache >= 0] = dout[cache >= 0]
    return dx


# ================================================================ dead_fraction
@right
def dead_fraction(activations):
    fired = np.zeros(activations[0].shape[1], dtype=bool)
    for batch in activations:
        fired |= (batch > 0).any(axis=0)
    return float(1 - fired.mean())


@also("dead_fraction", "one tall array")
def dead_fraction(activations):
    everything = np.vstack(activations)
    return np.mean(np.all(everything <= 0, axis=0))


@also("dead_fraction", "running maximum, counted in plain Python")
def dead_fraction(activations):
    tops = [a.max(axis=0) for a in activations if len(a)]
    units = list(zip(*tops))
    dead = sum(1 for unit in units if max(unit) <= 0)
    return dead / len(units)


@wrong("dead_fraction", "mean of each batch's share: dead in a batch is not dead", r"batch|whole|all|together|averag|every")
def dead_fraction(activations):
    return float(np.mean([(b <= 0).all(axis=0).mean() for b in activations]))


@wrong("dead_fraction", "share of zeros among all outputs", r"share of|outputs|zeros|unit|every|whole|never")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return float((a <= 0).mean())


@wrong("dead_fraction", "only leaky layers: == 0 instead of not above 0", r"leak|negative|== ?0|above 0|below|<= ?0")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return float((a == 0).all(axis=0).mean())


@wrong("dead_fraction", "only leaky layers: judged by the sum, negative outputs outweigh a firing", r"sum|negative|leak|mean|outweigh|cancel|any|total")
def dead_fraction(activations):
    total = sum(b.sum(axis=0) for b in activations)
    return float((total <= 0).mean())


@wrong("dead_fraction", "only the last batch counts (overwritten in the loop)", r"last|batch|all|overwrit|every")
def dead_fraction(activations):
    for batch in activations:
        silent = (batch <= 0).all(axis=0)
    return float(silent.mean())


@wrong("dead_fraction", "only the first batch: return inside the loop", r"first|batch|all|every|loop")
def dead_fraction(activations):
    for batch in activations:
        silent = (batch <= 0).all(axis=0)
        return float(silent.mean())


@wrong("dead_fraction", "dead when silent in SOME batch (or for and)", r"some|any|all|every|batch|whole")
def dead_fraction(activations):
    dead = np.zeros(activations[0].shape[1], bool)
    for batch in activations:
        dead = dead | ~(batch > 0).any(0)
    return float(dead.mean())


@wrong("dead_fraction", "wrong axis: share of examples for which nothing fires", r"axis|example|unit|row|column")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return float((a <= 0).all(axis=1).mean())


@wrong("dead_fraction", "only batches of equal size: np.stack fails on a shorter last one", r"size|stack|shape|batch|length|last|ValueError")
def dead_fraction(activations):
    a = np.stack(activations)
    return float((a <= 0).all(axis=(0, 1)).mean())


@wrong("dead_fraction", "a 0 counts as firing (>= 0)", r"\b0\b|zero|above|>=|fire")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return float(1 - (a >= 0).any(axis=0).mean())


@wrong("dead_fraction", "only faint units: a tolerance of 1e-3 calls them dead", r"toleran|tiny|small|above 0|faint|1e-3|0\.001|weak|little")
def dead_fraction(activations):
    top = np.concatenate(activations).max(axis=0)
    return float((top < 1e-3).mean())


@wrong("dead_fraction", "per cent instead of a share", r"percent|per cent|100|share|\[0, 1\]|between 0 and 1")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return 100 * float((a <= 0).all(0).mean())


@wrong("dead_fraction", "the number of dead units, not their share", r"number|count|share|divid|H\b|\[0, 1\]")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return float((a <= 0).all(0).sum())


@wrong("dead_fraction", "the share that is alive", r"alive|opposite|1\s*[-−]|fire|complement|revers|other")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return float((a > 0).any(0).mean())


@wrong("dead_fraction", "integer division: 0 unless all are dead", r"//|integer|whole|division|round")
def dead_fraction(activations):
    a = np.concatenate(activations)
    dead = int((a <= 0).all(0).sum())
    return dead // a.shape[1]


@wrong("dead_fraction", "divides by the number of examples instead of units", r"unit|example|divid|H\b|number|rows")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return float((a <= 0).all(0).sum() / len(a))


@wrong("dead_fraction", "two: mean of the batches' shares, and == 0", r"batch|whole|together|averag|== ?0|negative|leak|every")
def dead_fraction(activations):
    shares = []
    for b in activations:
        shares.append(np.mean(np.all(b == 0, axis=0)))
    return float(np.mean(shares))


# ================================================================ leaky_relu_forward (cache: x, alpha)
@right
def leaky_relu_forward(x, alpha=0.01):
    out = np.where(x > 0, x, alpha * x)
    return out.astype(x.dtype), (x, alpha)


_leaky_forward = leaky_relu_forward


@also("leaky_relu_forward", "positive part plus alpha times the negative part")
def leaky_relu_forward(x, alpha=0.01):
    out = np.maximum(x, 0) + x.dtype.type(alpha) * np.minimum(x, 0)
    return out, (x, alpha)


@also("leaky_relu_forward", "a copy, its negative places multiplied")
def leaky_relu_forward(x, alpha=0.01):
    out = x.copy()
    out[x < 0] *= alpha
    return out, (x.copy(), alpha)


@wrong("leaky_relu_forward", "only alpha > 1: max(alpha x, x)", r"alpha|α|above 1|max|> ?1|larger")
def leaky_relu_forward(x, alpha=0.01):
    return np.maximum(x, alpha * x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "in place on x", r"modif|in place|chang|copy")
def leaky_relu_forward(x, alpha=0.01):
    kept = x.copy()
    x[x < 0] *= alpha
    return x, (kept, alpha)


@wrong("leaky_relu_forward", "default 0.1", r"default|0\.01|alpha")
def leaky_relu_forward(x, alpha=0.1):
    return np.where(x > 0, x, alpha * x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "alpha not read: 0.01 always", r"alpha|α|ignor|0\.01")
def leaky_relu_forward(x, alpha=0.01):
    return np.where(x > 0, x, 0.01 * x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "float64: filled into np.zeros(x.shape)", r"dtype|float32|float64")
def leaky_relu_forward(x, alpha=0.01):
    out = np.zeros(x.shape)
    out[x > 0] = x[x > 0]
    out[x <= 0] = alpha * x[x <= 0]
    return out, (x, alpha)


@wrong("leaky_relu_forward", "only left side: sign, -alpha x", r"sign|negative|left|minus|below")
def leaky_relu_forward(x, alpha=0.01):
    return np.where(x > 0, x, -alpha * x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "only left side: the constant alpha instead of alpha x", r"constant|alpha|α|times|slope|multipl|left|negative")
def leaky_relu_forward(x, alpha=0.01):
    return np.where(x > 0, x, alpha).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "only right side: relu(x) + alpha x gives slope 1 + alpha", r"1 ?\+|positive|right|twice|both|side|slope")
def leaky_relu_forward(x, alpha=0.01):
    return (np.maximum(x, 0) + alpha * x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "sides exchanged: alpha on the right", r"side|swap|exchang|positive|negative|revers|wrong")
def leaky_relu_forward(x, alpha=0.01):
    return np.where(x > 0, alpha * x, x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "only left side: divides by alpha", r"divid|alpha|α|left|negative|multipl|slope|inf")
def leaky_relu_forward(x, alpha=0.01):
    with np.errstate(all="ignore"):
        return np.where(x > 0, x, x / alpha).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "returns out only", r"two|pair|tuple|cache|return")
def leaky_relu_forward(x, alpha=0.01):
    return np.where(x > 0, x, alpha * x).astype(x.dtype)


@wrong("leaky_relu_forward", "two: max(alpha x, x) and default 0.2", r"default|0\.01|alpha|max|above 1")
def leaky_relu_forward(x, alpha=0.2):
    return np.maximum(alpha * x, x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_forward", "two: alpha above 1 is cut off at 1, float64 out", r"above 1|alpha|α|dtype|float64|float32|clip")
def leaky_relu_forward(x, alpha=0.01):
    a = min(alpha, 1.0)
    return np.where(x > 0, x, a * x).astype(np.float64), (x, a)


# ================================================================ leaky_relu_backward
@right
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    slope = np.full(x.shape, alpha, dtype=np.float64)
    slope[x > 0] = 1
    return (dout * slope).astype(dout.dtype)


_leaky_backward = leaky_relu_backward


@also("leaky_relu_backward", "np.where on the gradients")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, dout * dout.dtype.type(alpha))


def _f(x, alpha=0.01):
    out = _leaky_forward(x, alpha)[0]
    return out, {"fires": out > 0, "alpha": alpha}


def _b(dout, cache):
    dx = dout.copy()
    dx[~cache["fires"]] *= cache["alpha"]
    return dx


also_pair("leaky_relu_backward", "mask from the output, alpha in a dict", leaky_relu_forward=_f, leaky_relu_backward=_b)


@wrong("leaky_relu_backward", "only at 0: slope 1 (>=)", r"\b0\b|zero|>=|left|convention|exactly|kink")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x >= 0, dout, alpha * dout).astype(dout.dtype)


@wrong("leaky_relu_backward", "only at 0: slope 0 (both masks leave it out)", r"\b0\b|zero|left|exactly|alpha")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    dx = np.zeros_like(dout)
    dx[x > 0] = dout[x > 0]
    dx[x < 0] = alpha * dout[x < 0]
    return dx


@wrong("leaky_relu_backward", "in place on dout", r"modif|in place|chang|copy")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    dout[x <= 0] *= alpha
    return dout


@wrong("leaky_relu_backward", "only left side: 0, as in a plain ReLU", r"relu|alpha|α|left|negative|\b0\b")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return dout * (x > 0)


@wrong("leaky_relu_backward", "only left side: alpha x dout (the value, not the slope)", r"slope|\bx\b|value|alpha|left|negative|derivative")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, alpha * x * dout).astype(dout.dtype)


@wrong("leaky_relu_backward", "alpha not read: 0.01 always", r"alpha|α|0\.01|ignor|hard")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, 0.01 * dout).astype(dout.dtype)


@wrong("leaky_relu_backward", "sides exchanged", r"side|swap|exchang|positive|negative|revers|wrong")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x <= 0, dout, alpha * dout).astype(dout.dtype)


@wrong("leaky_relu_backward", "mask taken from dout instead of x", r"dout|mask|sign|input|\bx\b")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(dout > 0, dout, alpha * dout).astype(dout.dtype)


@wrong("leaky_relu_backward", "float64: np.ones(x.shape) times dout", r"dtype|float32|float64")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    slope = np.ones(x.shape)
    slope[x <= 0] = alpha
    return dout * slope


@wrong("leaky_relu_backward", "only alpha > 1: slope chosen by where max(alpha x, x) would take alpha", r"alpha|α|above 1|max|> ?1|larger")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(alpha * x >= x, alpha * dout, dout).astype(dout.dtype)


@wrong("leaky_relu_backward", "two: 1 at 0 and in place on dout", r"\b0\b|zero|modif|in place|chang|copy")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    dout[x < 0] *= alpha
    return dout


def _f(x, alpha=0.01):
    return _leaky_forward(x, alpha)[0], x


def _b(dout, cache, alpha=0.01):
    return np.where(cache > 0, dout, alpha * dout).astype(dout.dtype)


wrong_pair("leaky_relu_backward", "alpha is not kept in the cache; backward has a default of its own", r"alpha|α|0\.01|cache|default|kept",
           leaky_relu_forward=_f, leaky_relu_backward=_b)


# ================================================================ tanh_forward (cache: the output)
@right
def tanh_forward(x):
    out = np.tanh(x)
    return out, out


@also("tanh_forward", "from the exponential of -2|x|, which never overflows")
def tanh_forward(x):
    e = np.exp(-2 * np.abs(x))
    out = np.sign(x) * (1 - e) / (1 + e)
    return out.astype(x.dtype), out.astype(x.dtype)


@wrong("tanh_forward", "naive quotient of exponentials: nan at ±1000", r"nan|overflow|finite|large|exp|warning")
def tanh_forward(x):
    out = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    return out, out


@wrong("tanh_forward", "only large positive: (e^2x - 1) / (e^2x + 1) is nan there", r"nan|overflow|finite|large|exp|warning")
def tanh_forward(x):
    e = np.exp(2 * x)
    out = (e - 1) / (e + 1)
    return out, out


@wrong("tanh_forward", "only large negative: 2 / (1 + e^-2x) - 1 gives an overflow warning", r"overflow|warning|large|exp")
def tanh_forward(x):
    out = 2 / (1 + np.exp(-2 * x)) - 1
    return out, out


@wrong("tanh_forward", "2 sigmoid(x) - 1: the 2 before x forgotten", r"2|half|tanh\(x|steep|scale|factor|inside")
def tanh_forward(x):
    out = 2 * _sigmoid_forward(x)[0] - 1
    return out, out


@wrong("tanh_forward", "2 sigmoid(2x) without the -1", r"-? ?1|centr|\[-1, 1\]|shift|between|offset|range")
def tanh_forward(x):
    out = 2 * _sigmoid_forward(2 * x)[0]
    return out, out


@wrong("tanh_forward", "float64", r"dtype|float32|float64")
def tanh_forward(x):
    out = np.tanh(x.astype(np.float64))
    return out, out


@wrong("tanh_forward", "in place on x", r"modif|in place|chang|copy")
def tanh_forward(x):
    out = np.tanh(x, out=x)
    return out, out


@wrong("tanh_forward", "clips to [-1, 1]: the hard tanh", r"hard|clip|curve|tanh|line|value")
def tanh_forward(x):
    out = np.clip(x, -1, 1)
    return out, out


@wrong("tanh_forward", "returns out only", r"two|pair|tuple|cache|return")
def tanh_forward(x):
    return np.tanh(x)


@wrong("tanh_forward", "two: naive exponentials in float64, kept as float64", r"nan|overflow|finite|dtype|float64|float32|warning")
def tanh_forward(x):
    p, m = np.exp(np.float64(x)), np.exp(-np.float64(x))
    out = (p - m) / (p + m)
    return out, out


# ================================================================ tanh_backward
@right
def tanh_backward(dout, cache):
    return (dout * (1 - np.square(cache))).astype(dout.dtype)


@also("tanh_backward", "(1 - a)(1 + a), new array by out=")
def tanh_backward(dout, cache):
    dx = np.empty_like(dout)
    np.multiply(dout, (1 - cache) * (1 + cache), out=dx, casting="same_kind")
    return dx


@wrong("tanh_backward", "slope 1 - a, square forgotten", r"squar|a²|1\s*[-−]\s*a|slope")
def tanh_backward(dout, cache):
    return (dout * (1 - cache)).astype(dout.dtype)


@wrong("tanh_backward", "the sigmoid's slope a (1 - a)", r"sigmoid|a²|squar|1\s*[-−]\s*a|slope")
def tanh_backward(dout, cache):
    return (dout * cache * (1 - cache)).astype(dout.dtype)


@wrong("tanh_backward", "takes the cached output for x: tanh applied twice", r"twice|again|output|second|cache")
def tanh_backward(dout, cache):
    return (dout * (1 - np.tanh(cache) ** 2)).astype(dout.dtype)


@wrong("tanh_backward", "in place on dout", r"modif|in place|chang|copy")
def tanh_backward(dout, cache):
    dout *= 1 - cache ** 2
    return dout


@wrong("tanh_backward", "sign: a² - 1", r"sign|minus|negative")
def tanh_backward(dout, cache):
    return (dout * (cache ** 2 - 1)).astype(dout.dtype)


@wrong("tanh_backward", "precedence: dout * 1 - a²", r"parenthes|bracket|preceden|subtract|dout|1\s*[-−]")
def tanh_backward(dout, cache):
    return (dout * 1 - cache ** 2).astype(dout.dtype)


@wrong("tanh_backward", "dout forgotten", r"dout|upstream|arriv|incoming|chain|multipl")
def tanh_backward(dout, cache):
    return (1 - cache ** 2).astype(dout.dtype)


@wrong("tanh_backward", "float64", r"dtype|float32|float64")
def tanh_backward(dout, cache):
    return dout * (1 - np.asarray(cache, np.float64) ** 2)


@wrong("tanh_backward", "two: slope 1 - |a| and in place", r"squar|a²|modif|in place|chang|slope")
def tanh_backward(dout, cache):
    dout *= 1 - np.abs(cache)
    return dout


def _f(x):
    return np.tanh(x), x


def _b(dout, cache):
    return (dout * (1 - cache ** 2)).astype(dout.dtype)


wrong_pair("tanh_backward", "forward caches x, backward takes it for the output: 1 - x²", r"cache|output|\bx\b|tanh",
           tanh_forward=_f, tanh_backward=_b)


# ================================================================ elu_forward (cache: x, alpha)
@right
def elu_forward(x, alpha=1.0):
    left = alpha * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, x, left).astype(x.dtype), (x, alpha)


_elu_forward = elu_forward


@also("elu_forward", "mask on a copy")
def elu_forward(x, alpha=1.0):
    out = x.copy()
    below = x <= 0
    out[below] = alpha * np.expm1(x[below])
    return out, (x, alpha)


@also("elu_forward", "sum of the two parts, expm1 by tanh: e^z - 1 = (e^z + 1) tanh(z/2)")
def elu_forward(x, alpha=1.0):
    low, high = np.minimum(x, 0), np.maximum(x, 0)
    out = high + alpha * (np.exp(low) + 1) * np.tanh(low / 2)
    return out.astype(x.dtype), (x, alpha)


@wrong("elu_forward", "np.where with exp(x) - 1: overflow warning and rounding at tiny x", r"warning|overflow|expm1|tiny|digits|where|both")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1)).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "only tiny x: exp(min(x, 0)) - 1 is all rounding", r"expm1|tiny|digits|round|cancel|small")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "only large x: np.where computes expm1(x) there too, overflow warning", r"warning|overflow|where|both|large")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(x)).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "alpha not read", r"alpha|α|ignor")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0))).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "only left side: alpha e^x - 1 instead of alpha (e^x - 1)", r"parenthes|bracket|alpha|α|both|-1|jump|settle")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "only right side: alpha multiplies there too", r"alpha|α|right|positive|side|both")
def elu_forward(x, alpha=1.0):
    return (alpha * np.where(x > 0, x, np.expm1(np.minimum(x, 0)))).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "only left side: sign, alpha (1 - e^x)", r"sign|negative|left|below|minus")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, -alpha * np.expm1(np.minimum(x, 0))).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "only alpha > 1: max(x, alpha (e^x - 1)) takes x near 0", r"alpha|α|above 1|max|> ?1|near 0|larger")
def elu_forward(x, alpha=1.0):
    return np.maximum(x, alpha * np.expm1(np.minimum(x, 0))).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "alpha in the exponent: e^(alpha x) - 1", r"alpha|α|exponent|inside|outside|settle|factor")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, np.expm1(alpha * np.minimum(x, 0))).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "SELU: scaled by 1.0507", r"SELU|scale|1\.05|positive|factor|right")
def elu_forward(x, alpha=1.0):
    return (1.0507009873554805 * _elu_forward(x, alpha)[0]).astype(x.dtype), (x, alpha)


@wrong("elu_forward", "in place on x", r"modif|in place|chang|copy")
def elu_forward(x, alpha=1.0):
    kept = x.copy()
    m = x <= 0
    x[m] = alpha * np.expm1(x[m])
    return x, (kept, alpha)


@wrong("elu_forward", "float64", r"dtype|float32|float64")
def elu_forward(x, alpha=1.0):
    out = np.zeros(x.shape)
    out[x > 0] = x[x > 0]
    out[x <= 0] = alpha * np.expm1(x[x <= 0])
    return out, (x, alpha)


@wrong("elu_forward", "returns out only", r"two|pair|tuple|cache|return")
def elu_forward(x, alpha=1.0):
    return _elu_forward(x, alpha)[0]


@wrong("elu_forward", "two: exp - 1 (rounding at tiny x) and alpha not read", r"expm1|tiny|digits|round|alpha|α")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1).astype(x.dtype), (x, alpha)


# ================================================================ elu_backward
@right
def elu_backward(dout, cache):
    x, alpha = cache
    slope = np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))
    return (dout * slope).astype(dout.dtype)


@also("elu_backward", "copy with the left side multiplied")
def elu_backward(dout, cache):
    x, alpha = cache
    dx = dout.copy()
    left = ~(x > 0)
    dx[left] = dx[left] * (alpha * np.exp(x[left]))
    return dx


def _f(x, alpha=1.0):
    out, _ = _elu_forward(x, alpha)
    return out, (out, alpha)


def _b(dout, cache):
    out, alpha = cache
    return np.where(out > 0, dout, dout * (out + alpha)).astype(dout.dtype)


also_pair("elu_backward", "slope from the output: out + alpha", elu_forward=_f, elu_backward=_b)


@wrong("elu_backward", "only large x: np.where computes exp(x) there too, overflow warning", r"warning|overflow|where|both|large|exp")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, dout * alpha * np.exp(x)).astype(dout.dtype)


@wrong("elu_backward", "only at 0: slope 1 (>=), seen when alpha is not 1", r"\b0\b|zero|>=|left|exactly|alpha|kink")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x >= 0, dout, dout * alpha * np.exp(np.minimum(x, 0))).astype(dout.dtype)


@wrong("elu_backward", "only left side: alpha forgotten, e^x", r"alpha|α")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, dout * np.exp(np.minimum(x, 0))).astype(dout.dtype)


@wrong("elu_backward", "only left side: the output alpha (e^x - 1) taken for the slope", r"slope|output|e\^|exp|\+ ?(alpha|α)|-1|left|negative")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, dout * alpha * np.expm1(np.minimum(x, 0))).astype(dout.dtype)


@wrong("elu_backward", "only alpha other than 1: slope out + 1 instead of out + alpha", r"alpha|α|\+ ?1|out")
def elu_backward(dout, cache):
    x, alpha = cache
    out = alpha * np.expm1(np.minimum(x, 0))
    return (dout * np.where(x > 0, 1.0, out + 1)).astype(dout.dtype)


@wrong("elu_backward", "only left side: constant alpha, as in a leaky ReLU", r"leak|constant|exp|e\^|alpha|α|left")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, alpha * dout).astype(dout.dtype)


@wrong("elu_backward", "only left side: 0, as in a ReLU", r"relu|\b0\b|left|negative|alpha|exp")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, 0).astype(dout.dtype)


@wrong("elu_backward", "e^-x: grows on the left, overflows", r"sign|overflow|warning|minus|grow|-x|inf")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, dout * alpha * np.exp(-np.minimum(x, 0))).astype(dout.dtype)


@wrong("elu_backward", "in place on dout", r"modif|in place|chang|copy")
def elu_backward(dout, cache):
    x, alpha = cache
    dout[x <= 0] *= alpha * np.exp(x[x <= 0])
    return dout


@wrong("elu_backward", "float64", r"dtype|float32|float64")
def elu_backward(dout, cache):
    x, alpha = cache
    slope = np.ones(x.shape)
    slope[x <= 0] = alpha * np.exp(x[x <= 0])
    return slope * dout


@wrong("elu_backward", "two: 1 at 0 (>=) and alpha forgotten", r"\b0\b|zero|alpha|α|exactly")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x < 0, dout * np.exp(np.minimum(x, 0)), dout).astype(dout.dtype)


def _f(x, alpha=1.0):
    out, _ = _elu_forward(x, alpha)
    return out, (out, alpha)


def _b(dout, cache):
    a, alpha = cache
    return (dout * np.where(a > 0, 1.0, alpha * np.exp(np.minimum(a, 0)))).astype(dout.dtype)


wrong_pair("elu_backward", "forward caches the output, backward takes it for x: alpha e^out", r"output|\bx\b|cache|exp|left|negative",
           elu_forward=_f, elu_backward=_b)


# ================================================================ prelu_forward (cache: x, alpha)
def _channels(alpha, x):
    return np.reshape(alpha, (1, -1) + (1,) * (x.ndim - 2))


@right
def prelu_forward(x, alpha):
    a = _channels(alpha, x)
    return np.where(x > 0, x, a * x).astype(x.dtype), (x, alpha)


_prelu_forward = prelu_forward


@also("prelu_forward", "loop over the channels")
def prelu_forward(x, alpha):
    out = x.copy()
    for c, slope in enumerate(alpha):
        channel = out[:, c]
        channel[channel < 0] *= slope
    return out, (x, alpha)


@also("prelu_forward", "channels moved to the end and back")
def prelu_forward(x, alpha):
    last = np.moveaxis(x, 1, -1)
    out = np.maximum(last, 0) + np.asarray(alpha, dtype=x.dtype) * np.minimum(last, 0)
    return np.ascontiguousarray(np.moveaxis(out, -1, 1)), (x, alpha)


@wrong("prelu_forward", "only N×C×H×W: alpha meets the last axis", r"axis|channel|broadcast|W\b|last|shape|operands")
def prelu_forward(x, alpha):
    return np.where(x > 0, x, alpha * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "only N×C: alpha[:, None, None] blows the shape up", r"shape|N×C|2|dimension|broadcast|axis")
def prelu_forward(x, alpha):
    a = alpha[None, :, None, None]
    return np.where(x > 0, x, a * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "only alpha > 1: max(alpha x, x)", r"alpha|α|above 1|max|> ?1|larger")
def prelu_forward(x, alpha):
    return np.maximum(x, _channels(alpha, x) * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "one slope for all channels: the first", r"channel|each|first|one|alpha|α")
def prelu_forward(x, alpha):
    return np.where(x > 0, x, alpha[0] * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "one slope for all channels: the mean", r"channel|each|mean|averag|one|alpha|α")
def prelu_forward(x, alpha):
    return np.where(x > 0, x, np.mean(alpha) * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "only negative alphas: taken as their amount", r"negative|any|abs|sign|alpha|α")
def prelu_forward(x, alpha):
    a = _channels(np.abs(alpha), x)
    return np.where(x > 0, x, a * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "only alphas outside [0, 1]: clipped", r"any|above 1|clip|negative|alpha|α|\b1\b")
def prelu_forward(x, alpha):
    a = _channels(np.clip(alpha, 0, 1), x)
    return np.where(x > 0, x, a * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "float32 x with float64 alpha gives float64", r"dtype|float32|float64")
def prelu_forward(x, alpha):
    a = np.asarray(_channels(alpha, x), dtype=np.float64)
    return np.where(x > 0, x, a * x), (x, alpha)


@wrong("prelu_forward", "in place on x", r"modif|in place|chang|copy")
def prelu_forward(x, alpha):
    kept = x.copy()
    for c in range(x.shape[1]):
        part = x[:, c]
        part[part < 0] *= alpha[c]
    return x, (kept, alpha)


@wrong("prelu_forward", "only left side: sign, -alpha x", r"sign|negative|left|minus|below")
def prelu_forward(x, alpha):
    return np.where(x > 0, x, -_channels(alpha, x) * x).astype(x.dtype), (x, alpha)


@wrong("prelu_forward", "last channel forgotten: range(C - 1)", r"last|channel|off by one|range")
def prelu_forward(x, alpha):
    out = x.copy()
    for c in range(len(alpha) - 1):
        out[:, c] = np.where(x[:, c] > 0, x[:, c], alpha[c] * x[:, c])
    return out, (x, alpha)


@wrong("prelu_forward", "two: clipped to at most 1 by max(alpha x, x), in place", r"above 1|max|modif|in place|chang|alpha|α")
def prelu_forward(x, alpha):
    kept = x.copy()
    np.maximum(x, (_channels(alpha, x) * x).astype(x.dtype), out=x)
    return x, (kept, alpha)


# ================================================================ prelu_backward
@right
def prelu_backward(dout, cache):
    x, alpha = cache
    dx = np.where(x > 0, dout, _channels(alpha, x) * dout).astype(x.dtype)
    flat = (*x.shape[:2], -1)
    dalpha = np.einsum("nck,nck->c", dout.reshape(flat), np.minimum(x, 0).reshape(flat))
    return dx, dalpha


@also("prelu_backward", "channel by channel")
def prelu_backward(dout, cache):
    x, alpha = cache
    dx, dalpha = dout.copy(), np.zeros(len(alpha), dtype=np.result_type(dout, alpha))
    for c in range(len(alpha)):
        left = x[:, c] <= 0
        dalpha[c] = dout[:, c][left] @ x[:, c][left]
        dx[:, c][left] *= alpha[c]
    return dx, dalpha


@also("prelu_backward", "swapaxes, sum over the rest")
def prelu_backward(dout, cache):
    x, alpha = cache
    on = x > 0
    slope = on + ~on * _channels(alpha, x)
    wasted = (dout * x * ~on).swapaxes(0, 1).reshape(len(alpha), -1)
    return dout * slope, wasted.sum(axis=1)


def _prelu_back(dout, cache, at=lambda x: x > 0, slope=None, part=None, reduce=None):
    x, alpha = cache
    on = at(x)
    a = _channels(alpha, x)
    dx = np.where(on, dout, (slope or (lambda d, a, x: a * d))(dout, a, x)).astype(x.dtype)
    each = (part or (lambda d, x, a: np.where(x > 0, 0, d * x)))(dout, x, a)
    axes = (0, *range(2, x.ndim))
    return dx, (reduce or (lambda e, axes, x: e.sum(axis=axes)))(each, axes, x)


@wrong("prelu_backward", "dalpha: mean instead of sum", r"mean|sum|averag|divid|N\b|factor")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, reduce=lambda e, axes, x: e.mean(axis=axes))


@wrong("prelu_backward", "dalpha divided by the batch size", r"mean|sum|averag|divid|batch|N\b|factor")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, reduce=lambda e, axes, x: e.sum(axis=axes) / len(x))


@wrong("prelu_backward", "only N×C×H×W: dalpha summed over the batch alone", r"shape|sum|axis|axes|H|place|position")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, reduce=lambda e, axes, x: e.sum(axis=0))


@wrong("prelu_backward", "only N×C: axis=(0, 2, 3) does not exist", r"N×C|axis|2|dimension|AxisError|bounds")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, reduce=lambda e, axes, x: e.sum(axis=(0, 2, 3)))


@wrong("prelu_backward", "dalpha one number: summed over the channels too", r"channel|shape|C\b|number|each|one|scalar")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, reduce=lambda e, axes, x: e.sum())


@wrong("prelu_backward", "dalpha keeps its dimensions: 1×C×1×1", r"shape|keepdims|dimension|C\b")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, reduce=lambda e, axes, x: e.sum(axis=axes, keepdims=True))


@wrong("prelu_backward", "dalpha without x: sum of dout where x <= 0", r"\bx\b|how much|times|multipl|input|factor")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, part=lambda d, x, a: d * (x <= 0))


@wrong("prelu_backward", "dalpha from the positive side", r"positive|negative|side|part|x > 0|swap|left")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, part=lambda d, x, a: np.where(x > 0, d * x, 0))


@wrong("prelu_backward", "dalpha without a mask: positive inputs count too", r"positive|mask|negative|part|all|left|only where")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, part=lambda d, x, a: d * x)


@wrong("prelu_backward", "dalpha from alpha x (the output) instead of x", r"alpha|α|output|\bx\b|twice|factor")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, part=lambda d, x, a: np.where(x > 0, 0, d * a * x))


@wrong("prelu_backward", "dalpha sign: |x| instead of x", r"sign|abs|minus|negative")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, part=lambda d, x, a: np.where(x > 0, 0, d * np.abs(x)))


@wrong("prelu_backward", "only dx at 0: slope 1 (>=)", r"\b0\b|zero|>=|left|exactly|alpha")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, at=lambda x: x >= 0)


@wrong("prelu_backward", "only dx on the left: alpha forgotten, 0", r"alpha|α|left|negative|\b0\b|dx")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, slope=lambda d, a, x: 0 * d)


@wrong("prelu_backward", "only dx on the left: alpha x dout", r"slope|\bx\b|alpha|α|left|dx")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, slope=lambda d, a, x: a * d * x)


@wrong("prelu_backward", "only dx of N×C×H×W: mean slope instead of each channel's", r"channel|each|mean|alpha|α|dx")
def prelu_backward(dout, cache):
    x, alpha = cache
    if x.ndim == 2:
        return _prelu_back(dout, cache)
    return _prelu_back(dout, cache, slope=lambda d, a, x: alpha.mean() * d)


@wrong("prelu_backward", "order: dalpha first", r"order|first|swap|exchang|shape|dx")
def prelu_backward(dout, cache):
    dx, dalpha = _prelu_back(dout, cache)
    return dalpha, dx


@wrong("prelu_backward", "returns dx only", r"two|pair|tuple|dalpha|return|unpack")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache)[0]


@wrong("prelu_backward", "two: dout changed in place, and so alpha gets into dalpha", r"modif|in place|chang|copy|alpha|α")
def prelu_backward(dout, cache):
    x, alpha = cache
    left = x <= 0
    dx = dout
    dx[left] *= np.broadcast_to(_channels(alpha, x), x.shape)[left]
    axes = (0,) + tuple(range(2, x.ndim))
    return dx, (dout * x * left).sum(axis=axes)


@wrong("prelu_backward", "two: 1 at 0 and dalpha a mean", r"\b0\b|zero|mean|sum|averag")
def prelu_backward(dout, cache):
    return _prelu_back(dout, cache, at=lambda x: x >= 0, reduce=lambda e, axes, x: e.mean(axis=axes))


# ================================================================ maxout_forward (cache: everything)
@right
def maxout_forward(x, W1, b1, W2, b2):
    z1 = np.add(np.matmul(x, W1), b1)
    z2 = np.add(np.matmul(x, W2), b2)
    return np.maximum(z1, z2), (x, W1, b1, W2, b2, z1, z2)


_maxout_forward = maxout_forward


@also("maxout_forward", "both maps in one product")
def maxout_forward(x, W1, b1, W2, b2):
    H = W1.shape[1]
    both = x @ np.hstack([W1, W2]) + np.concatenate([b1, b2])
    z1, z2 = both[:, :H], both[:, H:]
    return np.where(z1 >= z2, z1, z2), (x, W1, b1, W2, b2, z1, z2)


@also("maxout_forward", "the first map plus what the second has more")
def maxout_forward(x, W1, b1, W2, b2):
    stacked = np.einsum("nd,kdh->knh", x, np.stack([W1, W2])) + np.stack([b1, b2])[:, None]
    return stacked.max(axis=0), (x, W1, b1, W2, b2, stacked[0], stacked[1])


def _maps(x, W1, b1, W2, b2):
    z1, z2 = x @ W1 + b1, x @ W2 + b2
    return z1, z2, (x, W1, b1, W2, b2, z1, z2)


@wrong("maxout_forward", "the smaller of the two", r"min|small|larger|max")
def maxout_forward(x, W1, b1, W2, b2):
    z1, z2, cache = _maps(x, W1, b1, W2, b2)
    return np.minimum(z1, z2), cache


@wrong("maxout_forward", "only second map: b2 forgotten", r"b2|second|offset|bias")
def maxout_forward(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, x @ W2), _maps(x, W1, b1, W2, b2)[2]


@wrong("maxout_forward", "only second map: b1 used again", r"b1|b2|second|offset|bias")
def maxout_forward(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, x @ W2 + b1), _maps(x, W1, b1, W2, b2)[2]


@wrong("maxout_forward", "offsets after the maximum: max(xW1, xW2) + max(b1, b2)", r"offset|bias|b1|b2|before|after|inside")
def maxout_forward(x, W1, b1, W2, b2):
    return np.maximum(x @ W1, x @ W2) + np.maximum(b1, b2), _maps(x, W1, b1, W2, b2)[2]


@wrong("maxout_forward", "the sum of the two", r"sum|max|add|larger")
def maxout_forward(x, W1, b1, W2, b2):
    z1, z2, cache = _maps(x, W1, b1, W2, b2)
    return z1 + z2, cache


@wrong("maxout_forward", "a ReLU on top: max(0, z1, z2)", r"relu|\b0\b|negative|below")
def maxout_forward(x, W1, b1, W2, b2):
    z1, z2, cache = _maps(x, W1, b1, W2, b2)
    return np.maximum(0, np.maximum(z1, z2)), cache


@wrong("maxout_forward", "the one with the larger amount", r"abs|amount|magnitude|negative|larger")
def maxout_forward(x, W1, b1, W2, b2):
    z1, z2, cache = _maps(x, W1, b1, W2, b2)
    return np.where(np.abs(z1) >= np.abs(z2), z1, z2), cache


@wrong("maxout_forward", "a whole row is taken from one map (by its sum), not element by element", r"element|row|each|whole")
def maxout_forward(x, W1, b1, W2, b2):
    z1, z2, cache = _maps(x, W1, b1, W2, b2)
    first = z1.sum(axis=1) >= z2.sum(axis=1)
    return np.where(first[:, None], z1, z2), cache


@wrong("maxout_forward", "maximum over the units: N numbers", r"shape|axis|N×H|element|unit")
def maxout_forward(x, W1, b1, W2, b2):
    z1, z2, cache = _maps(x, W1, b1, W2, b2)
    return np.hstack([z1, z2]).max(axis=1), cache


@wrong("maxout_forward", "returns out only", r"two|pair|tuple|cache|return")
def maxout_forward(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, x @ W2 + b2)


@wrong("maxout_forward", "two: b2 forgotten, and a ReLU on top", r"b2|offset|bias|relu|\b0\b|negative")
def maxout_forward(x, W1, b1, W2, b2):
    z = np.maximum(x @ W1 + b1, x @ W2)
    return np.maximum(z, 0), _maps(x, W1, b1, W2, b2)[2]


# ================================================================ maxout_backward
@right
def maxout_backward(dout, cache):
    x, W1, b1, W2, b2, z1, z2 = cache
    first = z1 >= z2
    g1, g2 = np.where(first, dout, 0), np.where(first, 0, dout)
    return g1 @ W1.T + g2 @ W2.T, x.T @ g1, g1.sum(axis=0), x.T @ g2, g2.sum(axis=0)


@also("maxout_backward", "the second part is the rest of dout; einsum")
def maxout_backward(dout, cache):
    x, W1, b1, W2, b2, z1, z2 = cache
    d1 = dout * ~(z2 > z1)
    d2 = dout - d1
    back = lambda d, W: np.einsum("nh,dh->nd", d, W)
    weights = lambda d: np.einsum("nd,nh->dh", x, d)
    ones = np.ones(len(x), dtype=dout.dtype)
    return back(d1, W1) + back(d2, W2), weights(d1), ones @ d1, weights(d2), ones @ d2


def _f(x, W1, b1, W2, b2):
    z1, z2 = x @ W1 + b1, x @ W2 + b2
    won = np.argmax(np.stack([z1, z2]), axis=0)  # the first of equals
    return np.where(won == 0, z1, z2), {"x": x, "W": (W1, W2), "won": won}


def _b(dout, cache):
    grads, dx = [], 0
    for k, W in enumerate(cache["W"]):
        g = dout * (cache["won"] == k)
        grads += [cache["x"].T.dot(g), g.sum(0)]
        dx = dx + g.dot(W.T)
    return (dx, *grads)


also_pair("maxout_backward", "argmax in the cache, a loop over the maps", maxout_forward=_f, maxout_backward=_b)


def _maxout_back(dout, cache, masks=None, dx=None, db=lambda g: g.sum(axis=0), dW=lambda x, g: x.T @ g):
    x, W1, b1, W2, b2, z1, z2 = cache
    m1, m2 = (masks or (lambda a, b: (a >= b, a < b)))(z1, z2)
    g1, g2 = dout * m1, dout * m2
    back = (dx or (lambda g1, g2, W1, W2: g1 @ W1.T + g2 @ W2.T))(g1, g2, W1, W2)
    return back, dW(x, g1), db(g1), dW(x, g2), db(g2)


@wrong("maxout_backward", "only on a tie: the second map takes it (>)", r"tie|equal|first|>=|same")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: (a > b, a <= b))


@wrong("maxout_backward", "only on a tie: both take it", r"tie|equal|first|both|twice|>=|same")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: (a >= b, a <= b))


@wrong("maxout_backward", "only on a tie: half each, as torch does", r"tie|equal|first|half|½|share|same")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: (np.heaviside(a - b, 0.5), np.heaviside(b - a, 0.5)))


@wrong("maxout_backward", "only on a tie: nobody takes it (> and <)", r"tie|equal|first|lost|neither|>=|same")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: (a > b, a < b))


@wrong("maxout_backward", "masks exchanged: the smaller map gets the gradient", r"swap|exchang|mask|larger|smaller|wrong map|other")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: (a < b, a >= b))


@wrong("maxout_backward", "no masks: both maps get all of dout", r"mask|both|larger|all|whole|won|only")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: (np.ones_like(a), np.ones_like(b)))


@wrong("maxout_backward", "only dx: the second map's part missing", r"dx|second|both|W2|add|sum")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, dx=lambda g1, g2, W1, W2: g1 @ W1.T)


@wrong("maxout_backward", "only dx: the larger of the two parts instead of their sum", r"dx|sum|add|max|both")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, dx=lambda g1, g2, W1, W2: np.maximum(g1 @ W1.T, g2 @ W2.T))


@wrong("maxout_backward", "only dx: weights exchanged", r"dx|W1|W2|swap|exchang|weights")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, dx=lambda g1, g2, W1, W2: g1 @ W2.T + g2 @ W1.T)


@wrong("maxout_backward", "only second map: dW2 and db2 by the first map's mask", r"dW2|db2|second|mask|first")
def maxout_backward(dout, cache):
    dx, dW1, db1, _, _ = _maxout_back(dout, cache)
    return dx, dW1, db1, dW1.copy(), db1.copy()


@wrong("maxout_backward", "only offsets: db1 and db2 without the masks", r"db1|db2|offset|bias|mask")
def maxout_backward(dout, cache):
    dx, dW1, _, dW2, _ = _maxout_back(dout, cache)
    return dx, dW1, dout.sum(0), dW2, dout.sum(0)


@wrong("maxout_backward", "only offsets: mean over the batch", r"db1|db2|offset|bias|mean|sum|averag")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, db=lambda g: g.mean(axis=0))


@wrong("maxout_backward", "only offsets: shape 1×H", r"shape|keepdims|db1|db2|dimension")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, db=lambda g: g.sum(axis=0, keepdims=True))


@wrong("maxout_backward", "only weights: dW divided by N", r"dW|mean|sum|divid|averag|N\b|factor")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, dW=lambda x, g: x.T @ g / len(x))


@wrong("maxout_backward", "only weights: dW transposed, H×D", r"shape|transpos|dW|D×H")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, dW=lambda x, g: g.T @ x)


@wrong("maxout_backward", "order dx, dW1, dW2, db1, db2", r"order|swap|exchang|shape|dW2|db1")
def maxout_backward(dout, cache):
    dx, dW1, db1, dW2, db2 = _maxout_back(dout, cache)
    return dx, dW1, dW2, db1, db2


@wrong("maxout_backward", "a ReLU's mask on top: no gradient where the output is negative", r"relu|negative|\b0\b|mask|output")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: ((a >= b) & (a > 0), (a < b) & (b > 0)))


@wrong("maxout_backward", "two: dout zeroed in place for the first map, so the second gets nothing", r"modif|in place|chang|copy|second|dW2")
def maxout_backward(dout, cache):
    x, W1, b1, W2, b2, z1, z2 = cache
    g1 = dout
    g1[z1 < z2] = 0
    g2 = dout * (z1 < z2)
    return g1 @ W1.T + g2 @ W2.T, x.T @ g1, g1.sum(0), x.T @ g2, g2.sum(0)


@wrong("maxout_backward", "two: tie to the second map, offsets averaged", r"tie|equal|mean|sum|averag|db1|db2")
def maxout_backward(dout, cache):
    return _maxout_back(dout, cache, masks=lambda a, b: (a > b, a <= b), db=lambda g: g.mean(axis=0))


# ================================================================ shallow_1d
@right
def shallow_1d(x, theta, phi):
    hidden = np.maximum(np.outer(x, theta[:, 1]) + theta[:, 0], 0)
    return hidden @ phi[1:] + phi[0]


_shallow = shallow_1d


@also("shallow_1d", "unit by unit")
def shallow_1d(x, theta, phi):
    y = np.full(len(x), float(phi[0]))
    for (offset, slope), weight in zip(theta, phi[1:]):
        z = offset + slope * x
        y += weight * np.where(z > 0, z, 0)
    return y


@also("shallow_1d", "a column of ones beside the units")
def shallow_1d(x, theta, phi):
    inputs = np.stack([np.ones(len(x)), x])
    units = np.clip(np.asarray(theta) @ inputs, 0, None)
    return np.asarray(phi) @ np.vstack([np.ones(len(x)), units])


@wrong("shallow_1d", "columns exchanged: offset times x plus slope", r"column|offset|slope|swap|exchang")
def shallow_1d(x, theta, phi):
    h = np.maximum(theta[:, 1] + np.outer(x, theta[:, 0]), 0)
    return phi[0] + h @ phi[1:]


@wrong("shallow_1d", "rows for columns: theta[0], theta[1]; right shapes for two units only", r"row|column|shape|theta|unit")
def shallow_1d(x, theta, phi):
    h = np.maximum(theta[0] + np.outer(x, theta[1]), 0)
    return phi[0] + h @ phi[1:]


@wrong("shallow_1d", "phi read off by one: units get phi[0 .. D-1]", r"phi|off by one|phi\[0\]|first|offset|shift")
def shallow_1d(x, theta, phi):
    h = np.maximum(theta[:, 0] + np.outer(x, theta[:, 1]), 0)
    return phi[-1] + h @ phi[:-1]


@wrong("shallow_1d", "output's offset phi[0] forgotten", r"phi\[0\]|offset|φ0|forg|constant")
def shallow_1d(x, theta, phi):
    h = np.maximum(theta[:, 0] + np.outer(x, theta[:, 1]), 0)
    return h @ phi[1:]


@wrong("shallow_1d", "phi[0] added for each unit", r"phi\[0\]|offset|once|each|D times|φ0")
def shallow_1d(x, theta, phi):
    h = np.maximum(theta[:, 0] + np.outer(x, theta[:, 1]), 0)
    return (h * phi[1:] + phi[0]).sum(axis=1)


@wrong("shallow_1d", "no ReLU: a straight line", r"relu|line|max|bend|cut")
def shallow_1d(x, theta, phi):
    return phi[0] + (theta[:, 0] + np.outer(x, theta[:, 1])) @ phi[1:]


@wrong("shallow_1d", "only negative weights: ReLU after phi instead of before", r"relu|phi|before|after|negative|weight|inside")
def shallow_1d(x, theta, phi):
    z = theta[:, 0] + np.outer(x, theta[:, 1])
    return phi[0] + np.maximum(z * phi[1:], 0).sum(axis=1)


@wrong("shallow_1d", "only negative outputs: a ReLU on the output too", r"relu|output|negative|\b0\b|below")
def shallow_1d(x, theta, phi):
    return np.maximum(_shallow(x, theta, phi), 0)


@wrong("shallow_1d", "only last unit: forgotten by the loop", r"last|unit|off by one|range|D\b")
def shallow_1d(x, theta, phi):
    y = phi[0] + 0.0 * x
    for d in range(1, len(theta)):
        y = y + phi[d] * np.maximum(theta[d - 1, 0] + theta[d - 1, 1] * x, 0)
    return y


@wrong("shallow_1d", "loop runs d = 1 .. D-1 for theta and phi alike: first unit skipped", r"first|unit|off by one|range|phi|theta|skip")
def shallow_1d(x, theta, phi):
    y = np.full(x.shape, phi[0], dtype=float)
    for d in range(1, len(theta)):
        y += phi[d] * np.maximum(theta[d, 0] + theta[d, 1] * x, 0)
    return y


@wrong("shallow_1d", "mean over the units instead of sum", r"mean|sum|averag|D\b")
def shallow_1d(x, theta, phi):
    h = np.maximum(theta[:, 0] + np.outer(x, theta[:, 1]), 0)
    return phi[0] + (h * phi[1:]).mean(axis=1)


@wrong("shallow_1d", "shape N×1 instead of N", r"shape|N×1|dimension|column")
def shallow_1d(x, theta, phi):
    h = np.maximum(theta[:, 0] + x[:, None] * theta[:, 1], 0)
    return phi[0] + h @ phi[1:, None]


@wrong("shallow_1d", "only whole-number x: result cut to integers (zeros_like(x))", r"whole|integer|int|dtype|cut|round|trunc")
def shallow_1d(x, theta, phi):
    y = np.zeros_like(x)
    for i, v in enumerate(x):
        y[i] = phi[0] + np.sum(phi[1:] * np.maximum(theta[:, 0] + theta[:, 1] * v, 0))
    return y


@wrong("shallow_1d", "two: phi[0] forgotten and ReLU after phi", r"phi\[0\]|offset|relu|after|before|negative")
def shallow_1d(x, theta, phi):
    z = theta[:, 0] + np.outer(x, theta[:, 1])
    return np.maximum(z * phi[1:], 0).sum(axis=1)


# ================================================================ joints_and_slopes
@right
def joints_and_slopes(theta, phi):
    joints = -theta[:, 0] / theta[:, 1]
    order = np.argsort(joints)
    weights = phi[1:] * theta[:, 1]
    start = weights[theta[:, 1] < 0].sum()
    steps = (phi[1:] * np.abs(theta[:, 1]))[order]
    return joints[order], np.concatenate([[start], start + np.cumsum(steps)])


_joints = joints_and_slopes


@also("joints_and_slopes", "asks in the middle of each piece which units are on")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    middles = np.concatenate([[joints[0] - 1], (joints[1:] + joints[:-1]) / 2, [joints[-1] + 1]])
    slopes = []
    for m in middles:
        on = theta[:, 0] + theta[:, 1] * m > 0
        slopes.append(sum(phi[1:][on] * theta[on, 1]))
    return joints, np.array(slopes)


@also("joints_and_slopes", "a walk from left to right over sorted pairs")
def joints_and_slopes(theta, phi):
    units = sorted((-t0 / t1, t1, w) for (t0, t1), w in zip(theta.tolist(), phi[1:].tolist()))
    slope = sum(t1 * w for _, t1, w in units if t1 < 0)
    slopes = [slope]
    for _, t1, w in units:
        slope += t1 * w if t1 > 0 else -t1 * w
        slopes.append(slope)
    return np.array([j for j, _, _ in units]), np.array(slopes)


def _walk(theta, phi, joints=None, order=None, start=None, step=None):
    t0, t1, w = theta[:, 0], theta[:, 1], phi[1:]
    j = (joints or (lambda t0, t1: -t0 / t1))(t0, t1)
    o = (order or np.argsort)(j)
    s = (start or (lambda t1, w: (w * t1)[t1 < 0].sum()))(t1, w)
    d = (step or (lambda t1, w: w * np.abs(t1)))(t1, w)[o]
    return j[o], s + np.concatenate([[0.0], np.cumsum(d)])


@wrong("joints_and_slopes", "joints not sorted", r"sort|order|left to right")
def joints_and_slopes(theta, phi):
    return _walk(theta, phi, order=lambda j: np.arange(len(j)))


@wrong("joints_and_slopes", "joints sorted, but the slopes are added up in the units' order", r"sort|order|slopes|unit")
def joints_and_slopes(theta, phi):
    joints, slopes = _walk(theta, phi, order=lambda j: np.arange(len(j)))
    return np.sort(joints), slopes


@wrong("joints_and_slopes", "sign: joints at +theta0 / theta1", r"sign|minus|joint|mirror")
def joints_and_slopes(theta, phi):
    return _walk(theta, phi, joints=lambda t0, t1: t0 / t1)


@wrong("joints_and_slopes", "upside down: joints at -theta1 / theta0", r"upside|invers|divid|joint|swap|exchang|theta")
def joints_and_slopes(theta, phi):
    return _walk(theta, phi, joints=lambda t0, t1: -t1 / t0)


@wrong("joints_and_slopes", "only units with a negative slope: taken as on to the right like the others", r"negative|left|on to|sign")
def joints_and_slopes(theta, phi):
    return _walk(theta, phi, start=lambda t1, w: 0.0, step=lambda t1, w: w * t1)


@wrong("joints_and_slopes", "only leftmost slope: 0, units that are on at the left forgotten", r"left|first|start|negative|on at")
def joints_and_slopes(theta, phi):
    return _walk(theta, phi, start=lambda t1, w: 0.0)


@wrong("joints_and_slopes", "only units with a negative slope: added instead of taken away at their joint", r"negative|off|add|subtract|switch|sign|leav")
def joints_and_slopes(theta, phi):
    return _walk(theta, phi, step=lambda t1, w: w * t1)


@wrong("joints_and_slopes", "phi forgotten: slopes of theta alone", r"phi|φ|weight")
def joints_and_slopes(theta, phi):
    return _walk(theta, np.ones_like(phi))


@wrong("joints_and_slopes", "theta forgotten: sums phi of the units that are on", r"theta|θ|slope|multipl|times")
def joints_and_slopes(theta, phi):
    t = np.stack([theta[:, 0] / np.abs(theta[:, 1]), np.sign(theta[:, 1])], axis=1)
    return _walk(t, phi)


@wrong("joints_and_slopes", "phi read off by one: phi[0 .. D-1]", r"phi|off by one|phi\[0\]|shift|offset")
def joints_and_slopes(theta, phi):
    return _walk(theta, np.concatenate([phi[-1:], phi[:-1]]))


@wrong("joints_and_slopes", "from right to left", r"left to right|order|revers|descend|largest")
def joints_and_slopes(theta, phi):
    joints, slopes = _joints(theta, phi)
    return joints[::-1], slopes[::-1]


@wrong("joints_and_slopes", "only joints ascending: slopes from right to left", r"slopes|order|revers|left to right")
def joints_and_slopes(theta, phi):
    joints, slopes = _joints(theta, phi)
    return joints, slopes[::-1]


@wrong("joints_and_slopes", "D slopes: the leftmost piece is missing", r"D ?\+ ?1|shape|length|first|left|piece|missing|number of")
def joints_and_slopes(theta, phi):
    joints, slopes = _joints(theta, phi)
    return joints, slopes[1:]


@wrong("joints_and_slopes", "only outer pieces: probed at twice the outer joints, which may lie inside", r"outer|first|last|left|right|outside|piece|end")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    probes = np.concatenate([[2 * joints[0]], (joints[1:] + joints[:-1]) / 2, [2 * joints[-1]]])
    on = theta[:, 0] + np.outer(probes, theta[:, 1]) > 0
    return joints, on @ (phi[1:] * theta[:, 1])


@wrong("joints_and_slopes", "only short pieces: slopes by finite differences of width 0.1, which reach over a joint", r"short|narrow|close|differen|width|near|piece|neighbour")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    m = np.concatenate([[joints[0] - 1], (joints[1:] + joints[:-1]) / 2, [joints[-1] + 1]])
    h = 0.05
    return joints, (_shallow(m + h, theta, phi) - _shallow(m - h, theta, phi)) / (2 * h)


@wrong("joints_and_slopes", "asks which units are on AT the joints (>= 0), not between them", r"joint|piece|between|slope|first|left")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    at = np.append(joints, joints[-1] + 1)
    on = theta[:, 0] + np.outer(at, theta[:, 1]) >= -1e-12
    return joints, on @ (phi[1:] * theta[:, 1])


@wrong("joints_and_slopes", "two: unsorted, and the leftmost slope 0", r"sort|order|left|start|first|negative")
def joints_and_slopes(theta, phi):
    return _walk(theta, phi, order=lambda j: np.arange(len(j)), start=lambda t1, w: 0.0)


@wrong("joints_and_slopes", "two: sign of the joints and phi off by one", r"sign|minus|joint|phi|off by one")
def joints_and_slopes(theta, phi):
    return _walk(theta, np.roll(phi, 1), joints=lambda t0, t1: t0 / t1)


# ================================================================ fit_piecewise
@right
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1)
    values = f(knots)
    slopes = np.diff(values) / np.diff(knots)
    theta = np.column_stack([-knots[:-1], np.ones(hidden)])
    return theta, np.concatenate([values[:1], slopes[:1], np.diff(slopes)])


_fit = fit_piecewise


@also("fit_piecewise", "from the right: units that are on to the left of their joints")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1)
    theta = np.empty((hidden, 2))
    theta[:, 0], theta[:, 1] = knots[1:], -1
    values = np.array([float(f(k)) for k in knots])
    fall = (values[:-1] - values[1:]) / (knots[1] - knots[0])  # per unit of way to the left
    phi = [values[-1]]
    for d in range(hidden):
        phi.append(fall[d] - (fall[d + 1] if d + 1 < hidden else 0))
    return theta, np.array(phi)


@also("fit_piecewise", "solves for the weights")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = low + (high - low) * np.arange(hidden + 1) / hidden
    theta = np.stack([-knots[:-1] / (high - low), np.full(hidden, 1 / (high - low))], axis=1)
    design = np.ones((hidden + 1, hidden + 1))
    design[:, 1:] = np.maximum(theta[:, 0] + np.outer(knots, theta[:, 1]), 0)
    return theta, np.linalg.solve(design, f(knots))


@wrong("fit_piecewise", "hidden knots instead of hidden + 1", r"knots|hidden \+ 1|off by one|D \+ 1|number")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, max(hidden, 2))
    values = f(knots)
    slopes = np.diff(values) / np.diff(knots)
    phi = np.zeros(hidden + 1)
    phi[0] = values[0]
    changes = np.diff(slopes, prepend=0.0)[:hidden]
    phi[1:len(changes) + 1] = changes
    theta = np.ones((hidden, 2))
    theta[:, 0] = -knots[:hidden]
    return theta, phi


@wrong("fit_piecewise", "phi holds the slopes, not their changes", r"change|differ|slope|add|sum|previous|earlier")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, _ = _fit(f, hidden, low, high)
    knots = np.linspace(low, high, hidden + 1)
    v = f(knots)
    return theta, np.concatenate([[v[0]], np.diff(v) / np.diff(knots)])


@wrong("fit_piecewise", "not divided by the distance of the knots", r"divid|distance|spacing|slope|width|rise|h\b")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, _ = _fit(f, hidden, low, high)
    rises = np.diff(f(np.linspace(low, high, hidden + 1)))
    return theta, np.concatenate([[f(low)], np.diff(rises, prepend=0.0)])


@wrong("fit_piecewise", "only other intervals: distance 1/hidden whatever low and high", r"low|high|interval|distance|width|spacing")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1)
    slopes = np.diff(f(knots)) * hidden
    theta = np.column_stack([-knots[:-1], np.ones(hidden)])
    return theta, np.concatenate([[f(knots)[0]], np.diff(slopes, prepend=0.0)])


@wrong("fit_piecewise", "only other intervals: low and high not read", r"low|high|interval|ignor|\[0, 1\]")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    return _fit(f, hidden)


@wrong("fit_piecewise", "only low other than 0: offset f(0) instead of f(low)", r"low|f\(0\)|offset|phi\[0\]|start|first knot")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, phi = _fit(f, hidden, low, high)
    phi[0] = f(np.zeros(1))[0]
    return theta, phi


@wrong("fit_piecewise", "only low other than 0: joints counted from low, not shifted", r"low|joint|shift|interval|knot")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, phi = _fit(f, hidden, low, high)
    theta[:, 0] += low
    return theta, phi


@wrong("fit_piecewise", "output's offset 0: f(low) forgotten", r"phi\[0\]|offset|f\(low\)|first|\b0\b|shift|constant")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, phi = _fit(f, hidden, low, high)
    return theta, np.concatenate([[0.0], phi[1:]])


@wrong("fit_piecewise", "sign: offsets +knot, joints mirrored", r"sign|minus|joint|offset|-")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, phi = _fit(f, hidden, low, high)
    return theta * [-1, 1], phi


@wrong("fit_piecewise", "columns of theta exchanged", r"column|offset|slope|swap|exchang")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, phi = _fit(f, hidden, low, high)
    return theta[:, ::-1], phi


@wrong("fit_piecewise", "joints at the right ends of the pieces: the first piece is flat", r"joint|first|knot|flat|off by one|shift|right end|low")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, phi = _fit(f, hidden, low, high)
    theta[:, 0] = -np.linspace(low, high, hidden + 1)[1:]
    return theta, phi


@wrong("fit_piecewise", "only one unit: distance read from knots[2] - knots[1], IndexError", r"one|IndexError|hidden ?= ?1|single|out of bounds|index|least 1")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1)
    h = knots[2] - knots[1]
    v = f(knots)
    theta = np.stack([-knots[:-1], np.ones(hidden)], 1)
    return theta, np.concatenate([[v[0]], np.diff(np.diff(v) / h, prepend=0.0)])


@wrong("fit_piecewise", "whole-number theta: the joints are cut to integers", r"integer|whole|int|dtype|joint|cut|round|trunc")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1)
    theta = np.array([[0, 1]] * hidden)
    theta[:, 0] = -knots[:-1]
    return theta, _fit(f, hidden, low, high)[1]


@wrong("fit_piecewise", "last point not at high: linspace(..., endpoint=False)", r"high|last|end|knot|equal distance|endpoint")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1, endpoint=False)
    v = f(knots)
    theta = np.stack([-knots[:-1], np.ones(hidden)], 1)
    return theta, np.concatenate([[v[0]], np.diff(np.diff(v) / np.diff(knots), prepend=0.0)])


@wrong("fit_piecewise", "only first slope: second differences alone, it is missing", r"first|slope|missing|differ|start")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, phi = _fit(f, hidden, low, high)
    phi[1] = 0.0
    return theta, phi


@wrong("fit_piecewise", "aims at the values in the middle of the pieces, not at the knots", r"knot|equal|value|mid|between|dots|line")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1)
    middles = (knots[1:] + knots[:-1]) / 2
    v = np.concatenate([[f(np.array([low]))[0]], f(middles)])
    theta = np.stack([-knots[:-1], np.ones(hidden)], 1)
    return theta, np.concatenate([[v[0]], np.diff(np.diff(v) / np.diff(knots), prepend=0.0)])


@wrong("fit_piecewise", "returns phi, theta", r"order|swap|exchang|shape|first|theta")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    return _fit(f, hidden, low, high)[::-1]


@wrong("fit_piecewise", "two: slopes instead of their changes, and offset 0", r"change|differ|slope|offset|phi\[0\]|f\(low\)")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    theta, _ = _fit(f, hidden, low, high)
    knots = np.linspace(low, high, hidden + 1)
    return theta, np.concatenate([[0.0], np.diff(f(knots)) / np.diff(knots)])


# ================================================================ soft_step
@right
def soft_step(joint, slope):
    theta1 = 4 * slope
    return -theta1 * joint, theta1


@also("soft_step", "slope divided by the sigmoid's own steepest")
def soft_step(joint, slope):
    steepest = 0.5 * (1 - 0.5)
    w = slope / steepest
    return float(0 - w * joint), float(w)


@wrong("soft_step", "theta1 = slope: the ¼ forgotten", r"4|¼|1/4|quarter|steep")
def soft_step(joint, slope):
    return -slope * joint, slope


@wrong("soft_step", "theta1 = slope / 4", r"4|¼|quarter|multipl|divid|steep")
def soft_step(joint, slope):
    return -slope / 4 * joint, slope / 4


@wrong("soft_step", "theta1 = 2 slope", r"4|2|¼|steep|factor")
def soft_step(joint, slope):
    return -2 * slope * joint, 2 * slope


@wrong("soft_step", "theta0 sign: +theta1 joint", r"sign|minus|theta0|joint|mirror")
def soft_step(joint, slope):
    return 4 * slope * joint, 4 * slope


@wrong("soft_step", "theta0 = -joint: not multiplied by theta1", r"theta0|joint|multipl|theta1|times")
def soft_step(joint, slope):
    return -joint, 4 * slope


@wrong("soft_step", "only theta0: with slope instead of theta1", r"theta0|joint|4|theta1|½|1/2|half")
def soft_step(joint, slope):
    return -slope * joint, 4 * slope


@wrong("soft_step", "theta0 = -joint / theta1", r"theta0|divid|multipl|joint")
def soft_step(joint, slope):
    return -joint / (4 * slope), 4 * slope


@wrong("soft_step", "only negative slopes: taken as their amount", r"negative|sign|abs|down")
def soft_step(joint, slope):
    s = 4 * abs(slope)
    return -s * joint, s


@wrong("soft_step", "order: theta1, theta0", r"order|swap|exchang|first|theta1")
def soft_step(joint, slope):
    return 4 * slope, -4 * slope * joint


@wrong("soft_step", "slope = a (1 - a) at a = joint instead of a = 1/2", r"4|¼|½|joint|a ?\(|slope|steep")
def soft_step(joint, slope):
    a = 1 / (1 + np.exp(-joint))
    t = slope / (a * (1 - a))
    return -t * joint, t


@wrong("soft_step", "returns theta1 only", r"two|pair|tuple|theta0|return")
def soft_step(joint, slope):
    return 4 * slope


@wrong("soft_step", "two: theta0 positive and the ¼ forgotten", r"sign|minus|4|¼|quarter|theta0")
def soft_step(joint, slope):
    return slope * joint, slope
