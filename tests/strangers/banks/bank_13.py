"""Strangers' programs for notebook 13: written from the learner's notebook only (form: see README.md beside it)."""
import functools
import math
import operator

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


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ half_accumulate
@right
def half_accumulate(x):
    in_half, in_single = np.float16(0), np.float32(0)
    with np.errstate(over="ignore", invalid="ignore"):
        for value in np.asarray(x).astype(np.float16):
            in_half = np.float16(in_half + value)
            in_single = np.float32(in_single + np.float32(value))
    return in_half, in_single


_half_accumulate = half_accumulate


@also("half_accumulate", "cumsum: running sums in the dtype asked for")
def half_accumulate(x):
    with np.errstate(all="ignore"):
        h = np.asarray(x, dtype="f2")
        return h.cumsum(dtype="f2")[-1], h.cumsum(dtype="f4")[-1]


@also("half_accumulate", "reduce with a start value from the array")
def half_accumulate(x):
    with np.errstate(over="ignore", invalid="ignore"):
        halves = list(np.array(x).astype(np.float16))
        singles = [np.float32(v) for v in halves]
        return functools.reduce(operator.add, halves), functools.reduce(operator.add, singles)


@also("half_accumulate", "each half addition in double, rounded by hand")
def half_accumulate(x):
    h = np.array(x).astype(np.half).tolist()
    a, s = h[0], np.float32(h[0])
    with np.errstate(over="ignore", invalid="ignore"):
        for v in h[1:]:
            a = float(np.half(a + v))
            s += np.float32(v)
        return np.half(a), s


def _acc(x, half=None, single=None, values=None):
    with np.errstate(all="ignore"):
        v = np.asarray(x).astype(np.float16) if values is None else values(np.asarray(x))
        a = np.cumsum(v, dtype=np.float16)[-1] if half is None else half(v)
        b = np.cumsum(v, dtype=np.float32)[-1] if single is None else single(v)
    return a, b


@wrong("half_accumulate", "half sum by np.sum(dtype=float16), which adds pairs in a wider type inside", r"each addition|first to the last|np\.sum|one by one|pair|round|accumulator|wider")
def half_accumulate(x):
    return _acc(x, half=lambda v: np.sum(v, dtype=np.float16))


@wrong("half_accumulate", "added in single precision and rounded to half once at the end", r"end|each addition|after each|rounded|once|accumulator")
def half_accumulate(x):
    return _acc(x, half=lambda v: np.float16(np.cumsum(v, dtype=np.float32)[-1]))


@wrong("half_accumulate", "only the single sum: x is not rounded to half first", r"round|float16|same|first|before|single")
def half_accumulate(x):
    return _acc(x, single=lambda v: np.cumsum(np.asarray(x), dtype=np.float32)[-1])


@wrong("half_accumulate", "only the half sum: x is not rounded to half before it is added, only the sum after it", r"round|float16|before|first|anything|added")
def half_accumulate(x):
    def half(v):
        a = np.float16(0)
        for value in np.asarray(x, dtype=np.float64):
            a = np.float16(float(a) + value)
        return a
    return _acc(x, half=half)


@wrong("half_accumulate", "rounded twice: float64 by way of float32 to float16", r"twice|double|float32|round|float16|directly")
def half_accumulate(x):
    return _acc(x, values=lambda x: x.astype(np.float32).astype(np.float16))


@wrong("half_accumulate", "single sum in a double precision accumulator, rounded at the end", r"double|float64|float32|single|accumulator|end")
def half_accumulate(x):
    return _acc(x, single=lambda v: np.float32(math.fsum(v.tolist())) if np.isfinite(v).all() else np.float32(v.sum()))


@wrong("half_accumulate", "single is the half sum widened afterwards", r"single|widen|float32|accumulator|same sum|half")
def half_accumulate(x):
    a, _ = _acc(x)
    return a, np.float32(a)


@wrong("half_accumulate", "pair exchanged: single first", r"order|exchang|swap|first|pair")
def half_accumulate(x):
    return _acc(x)[::-1]


@wrong("half_accumulate", "half accumulator grows wide: += of the values of x as they come (float64 scalars)", r"dtype|float16|float64|wide|accumulator|round")
def half_accumulate(x):
    in_half, in_single = np.float16(0), np.float32(0)
    for value in np.asarray(x):
        in_half = in_half + value
        in_single = in_single + np.float16(value)
    return in_half, in_single


@wrong("half_accumulate", "Python floats returned", r"float16|float32|dtype|type")
def half_accumulate(x):
    a, b = _acc(x)
    return float(a), float(b)


@wrong("half_accumulate", "both sums float16 at the end", r"float32|dtype|single|type|float16")
def half_accumulate(x):
    a, b = _acc(x)
    with np.errstate(over="ignore"):
        return a, np.float16(b)


@wrong("half_accumulate", "half sum stops at 65504 instead of becoming infinite", r"infinit|65504|overflow|largest|satur|clip")
def half_accumulate(x):
    def half(v):
        a = np.float16(0)
        for value in v:
            a = np.float16(min(max(float(a) + float(value), -65504.0), 65504.0))
        return a
    return _acc(x, half=half)


@wrong("half_accumulate", "from the last number to the first", r"order|first|last|revers|backward")
def half_accumulate(x):
    return _acc(x, values=lambda x: x.astype(np.float16)[::-1])


@wrong("half_accumulate", "sorted from small to large first", r"order|sort|first|last")
def half_accumulate(x):
    return _acc(x, values=lambda x: np.sort(x.astype(np.float16)))


@wrong("half_accumulate", "first number counted twice: start with x[0], then all of x", r"first|twice|start|count|two")
def half_accumulate(x):
    return _acc(x, values=lambda x: np.concatenate([x[:1], x]).astype(np.float16))


@wrong("half_accumulate", "last number left out", r"last|left out|missing|all")
def half_accumulate(x):
    v = np.asarray(x).astype(np.float16)
    a, b = np.float16(0), np.float32(0)
    for i in range(len(v) - 1):
        a, b = np.float16(a + v[i]), b + np.float32(v[i])
    return a, b


@wrong("half_accumulate", "all running sums (cumsum), not the last", r"shape|last|number|one|array|scalar|running")
def half_accumulate(x):
    v = np.asarray(x).astype(np.float16)
    with np.errstate(all="ignore"):
        return np.cumsum(v, dtype=np.float16), np.cumsum(v, dtype=np.float32)


@wrong("half_accumulate", "means instead of sums", r"mean|sum|divid|averag")
def half_accumulate(x):
    a, b = _acc(x)
    return np.float16(a / len(x)), np.float32(b / len(x))


@wrong("half_accumulate", "Kahan's compensation in the half sum: better than asked for", r"compensat|Kahan|each addition|round|plain|accumulator")
def half_accumulate(x):
    def half(v):
        s, c = np.float16(0), np.float16(0)
        for value in v:
            y = np.float16(value - c)
            t = np.float16(s + y)
            c = np.float16(np.float16(t - s) - y)
            s = t
        return s
    return _acc(x, half=half)


@wrong("half_accumulate", "two: rounded at the end only, and single from unrounded x", r"round|each addition|first|end|float16|single|accumulator")
def half_accumulate(x):
    return _acc(x, half=lambda v: np.float16(v.astype(np.float32).sum()), single=lambda v: np.float32(np.asarray(x, dtype=np.float64).sum()))


# ================================================================ loss_scaled_step
@right
def loss_scaled_step(params, scaled_grads, config):
    def setting(name, default):
        return config.get(name, default)

    scale = setting("scale", 65536.0)
    grads = {name: g.astype(np.float32) / np.float32(scale) for name, g in scaled_grads.items()}
    if not all(np.isfinite(g).all() for g in scaled_grads.values()):
        config.update(scale=scale * setting("backoff_factor", 0.5), growth_tracker=0)
        return {name: w.copy() for name, w in params.items()}, config
    limit = setting("max_norm", None)
    if limit is not None:
        norm = math.sqrt(sum(float(np.square(g, dtype=np.float64).sum()) for g in grads.values()))
        if norm > limit:
            grads = {name: g * np.float32(limit / norm) for name, g in grads.items()}
    rate = np.float32(setting("learning_rate", 1e-2))
    moved = {name: w - rate * grads[name] for name, w in params.items()}
    tracker = setting("growth_tracker", 0) + 1
    if tracker >= setting("growth_interval", 2000):
        scale, tracker = scale * setting("growth_factor", 2.0), 0
    config["scale"], config["growth_tracker"] = scale, tracker
    return moved, config


_loss_scaled_step = loss_scaled_step


@also("loss_scaled_step", "setdefault for everything, one long vector for the norm")
def loss_scaled_step(params, scaled_grads, config):
    for key, value in dict(scale=65536.0, growth_interval=2000, growth_factor=2.0, growth_tracker=0, backoff_factor=0.5,
                           learning_rate=1e-2, max_norm=None).items():
        config.setdefault(key, value)
    finite = True
    unscaled = {}
    for name in params:
        unscaled[name] = scaled_grads[name].astype("f4") / config["scale"]
        finite = finite and bool(np.isfinite(unscaled[name]).all())
    if not finite:
        config["scale"] *= config["backoff_factor"]
        config["growth_tracker"] = 0
        return dict(params), config
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in unscaled.values()]))
    factor = 1.0 if config["max_norm"] is None else min(1.0, config["max_norm"] / max(float(norm), 1e-30))
    out = {}
    for name, w in params.items():
        out[name] = (w - config["learning_rate"] * factor * unscaled[name]).astype(np.float32)
    config["growth_tracker"] += 1
    if config["growth_tracker"] == config["growth_interval"]:
        config["scale"] *= config["growth_factor"]
        config["growth_tracker"] = 0
    return out, config


@also("loss_scaled_step", "helper functions, double precision in between, copies moved in place")
def loss_scaled_step(params, scaled_grads, config):
    defaults = {"scale": 65536.0, "growth_interval": 2000, "growth_factor": 2.0, "growth_tracker": 0,
                "backoff_factor": 0.5, "learning_rate": 1e-2, "max_norm": None}
    c = {**defaults, **config}
    bad = any(np.isnan(g).any() or np.isinf(g).any() for g in scaled_grads.values())
    weights = {k: np.array(w) for k, w in params.items()}
    if bad:
        c["scale"] *= c["backoff_factor"]
        c["growth_tracker"] = 0
    else:
        g64 = {k: g.astype(float) / c["scale"] for k, g in scaled_grads.items()}
        if c["max_norm"] is not None:
            total = np.sqrt(sum(np.vdot(g, g) for g in g64.values()))
            if total > c["max_norm"]:
                g64 = {k: g * (c["max_norm"] / total) for k, g in g64.items()}
        for k in weights:
            weights[k] -= (c["learning_rate"] * g64[k]).astype(np.float32)
        c["growth_tracker"] += 1
        if c["growth_tracker"] == c["growth_interval"]:
            c["scale"], c["growth_tracker"] = c["scale"] * c["growth_factor"], 0
    config.update(c)
    return weights, config


_DEFAULTS = dict(scale=65536.0, growth_interval=2000, growth_factor=2.0, growth_tracker=0, backoff_factor=0.5, learning_rate=1e-2, max_norm=None)


def _scaled(params, scaled_grads, config, defaults=None, unscale=None, finite=None, clip=None, tracker_reset=True, back=True, reached=None,
            growth_reset=True, grow=None, back_value=None, sign=-1, moved=None, dtype=np.float32, each=False, count_bad=False, per=None):
    for k, v in {**_DEFAULTS, **(defaults or {})}.items():
        config.setdefault(k, v)
    with np.errstate(all="ignore"):
        g = {n: (unscale or (lambda a, s: a.astype(np.float32) / s))(a, config["scale"]) for n, a in scaled_grads.items()}
        good = (finite or (lambda gs, raw: all(np.isfinite(a).all() for a in raw.values())))(g, scaled_grads)
        if not good and not each:
            if back:
                config["scale"] = back_value(config) if back_value else config["scale"] * config["backoff_factor"]
            if tracker_reset:
                config["growth_tracker"] = 0
            if count_bad:
                config["growth_tracker"] += 1
            return {n: w.copy() for n, w in params.items()}, config
        if config["max_norm"] is not None:
            g = (clip or _clip)(g, config["max_norm"], config["scale"])
        out = {}
        for n, w in params.items():
            if each and not np.isfinite(scaled_grads[n]).all():
                out[n] = w.copy()
            else:
                out[n] = (w + sign * config["learning_rate"] * g[n]).astype(dtype)
        if each and not good:
            config["scale"] *= config["backoff_factor"]
            config["growth_tracker"] = 0
            return out, config
        config["growth_tracker"] += 1
        if (reached or (lambda t, i: t >= i))(config["growth_tracker"], config["growth_interval"]):
            config["scale"] = grow(config) if grow else config["scale"] * config["growth_factor"]
            if growth_reset:
                config["growth_tracker"] = 0
    return out, config


def _total(g):
    return math.sqrt(sum(float((a.astype(float) ** 2).sum()) for a in g.values()))


def _clip(g, limit, scale):
    n = _total(g)
    return {k: a * np.float32(limit / n) for k, a in g.items()} if n > limit else g


@wrong("loss_scaled_step", "unscaled in half precision: small gradients become 0 (and 65536 is not a half)", r"half|single|float16|float32|unscal|precision|widen|underflow|\b0\b")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, unscale=lambda a, s: (a / np.float16(s)).astype(np.float32))


@wrong("loss_scaled_step", "multiplied by 1/scale in half, widened afterwards: small gradients lose their digits or vanish", r"half|single|float16|float32|unscal|precision|widen|before")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, unscale=lambda a, s: (a * np.float16(1 / s)).astype(np.float32))


@wrong("loss_scaled_step", "not unscaled at all", r"scale|unscal|divid|too large|times")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, unscale=lambda a, s: a.astype(np.float32))


@wrong("loss_scaled_step", "clipped before unscaling: the scaled norm against max_norm", r"unscal|before|order|first|scaled|clip")
def loss_scaled_step(params, scaled_grads, config):
    def clip(g, limit, scale):
        n = _total(g) * scale
        return {k: a * np.float32(limit / n) for k, a in g.items()} if n > limit else g
    return _scaled(params, scaled_grads, config, clip=clip)


@wrong("loss_scaled_step", "each parameter's gradient clipped by its own norm", r"together|all of them|each|own|norm|joint")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, clip=lambda g, limit, s: {k: _clip({k: a}, limit, s)[k] for k, a in g.items()})


@wrong("loss_scaled_step", "clipped by value: each number cut to ±max_norm", r"value|norm|each number|element|direction|together")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, clip=lambda g, limit, s: {k: np.clip(a, -limit, limit) for k, a in g.items()})


@wrong("loss_scaled_step", "norm always brought to max_norm, also where it is smaller", r"larger|smaller|always|only where|below|norm|enlarg|where it is")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, clip=lambda g, limit, s: {k: a * np.float32(limit / _total(g)) for k, a in g.items()})


@wrong("loss_scaled_step", "squared norm compared with max_norm (root forgotten)", r"root|squar|norm|sqrt")
def loss_scaled_step(params, scaled_grads, config):
    def clip(g, limit, s):
        n = _total(g) ** 2
        return {k: a * np.float32(limit / n) for k, a in g.items()} if n > limit else g
    return _scaled(params, scaled_grads, config, clip=clip)


@wrong("loss_scaled_step", "sum of the parameters' norms for the norm of all", r"together|all of them|sum|norm|root|squar")
def loss_scaled_step(params, scaled_grads, config):
    def clip(g, limit, s):
        n = sum(float(np.linalg.norm(a)) for a in g.values())
        return {k: a * np.float32(limit / n) for k, a in g.items()} if n > limit else g
    return _scaled(params, scaled_grads, config, clip=clip)


@wrong("loss_scaled_step", "max_norm not read: no clipping", r"clip|max_norm")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, clip=lambda g, limit, s: g)


@wrong("loss_scaled_step", "clips by 1.0 where max_norm is absent", r"max_norm|default|absent|None|clip")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, defaults={"max_norm": 1.0})


@wrong("loss_scaled_step", "only infinities are seen, not NaN", r"NaN|nan")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, finite=lambda g, raw: not any(np.isinf(a).any() for a in raw.values()))


@wrong("loss_scaled_step", "only NaN is seen, not infinities", r"inf")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, finite=lambda g, raw: not any(np.isnan(a).any() for a in raw.values()))


@wrong("loss_scaled_step", "only +inf and NaN are seen: -inf passes (max() > 65504)", r"-inf|minus|negativ|infinit|sign")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, finite=lambda g, raw: all(a.max() <= 65504 for a in raw.values()))


@wrong("loss_scaled_step", "only the last parameter decides: the flag is overwritten in the loop", r"any|last|all|parameter|every|one of")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, finite=lambda g, raw: np.isfinite(list(raw.values())[-1]).all())


@wrong("loss_scaled_step", "skips only when all gradients of a parameter are broken (isfinite().any())", r"any|all|one|single|infinite|NaN")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, finite=lambda g, raw: all(np.isfinite(a).any() for a in raw.values()))


@wrong("loss_scaled_step", "false alarm: the sum of the float16 gradients overflows though each is finite", r"sum|finite|overflow|alarm|skip|taken|good step|though|large")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, finite=lambda g, raw: all(np.isfinite(a.sum(dtype=np.float16)) for a in raw.values()))


@wrong("loss_scaled_step", "only the broken parameter stays, the others move", r"no parameter|others|all|none|every|any")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, each=True)


@wrong("loss_scaled_step", "broken numbers set to 0 (nan_to_num) and the step taken", r"no parameter|skip|moves|inf|NaN|nan")
def loss_scaled_step(params, scaled_grads, config):
    broken = not all(np.isfinite(a).all() for a in scaled_grads.values())
    clean = {n: np.nan_to_num(a, nan=0.0, posinf=0.0, neginf=0.0) for n, a in scaled_grads.items()}
    out, config = _scaled(params, clean, config)
    if broken:
        config["scale"] *= config["backoff_factor"]
        config["growth_tracker"] = 0
    return out, config


@wrong("loss_scaled_step", "only after an overflow: growth_tracker not set back to 0", r"tracker|0 again|reset|overflow|row")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, tracker_reset=False)


@wrong("loss_scaled_step", "only after an overflow: growth_tracker counts the skipped step (1, not 0)", r"tracker|\b0\b|skip|count|overflow")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, count_bad=True)


@wrong("loss_scaled_step", "only after an overflow: the scale stays", r"scale|backoff|halv|smaller|overflow")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, back=False)


@wrong("loss_scaled_step", "only after an overflow: always halved, backoff_factor not read", r"backoff|factor|half|0\.5|halv")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, back_value=lambda c: c["scale"] / 2)


@wrong("loss_scaled_step", "only after an overflow: divided by backoff_factor, so the scale grows", r"backoff|divid|multipl|grows|larger|factor")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, back_value=lambda c: c["scale"] / c["backoff_factor"])


@wrong("loss_scaled_step", "only the growth: one step late (tracker > growth_interval)", r"interval|reached|late|one|tracker|step")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, reached=lambda t, i: t > i)


@wrong("loss_scaled_step", "only the growth: tracker not set back after it", r"tracker|0 again|reset|growth")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, growth_reset=False)


@wrong("loss_scaled_step", "only the growth: always doubled, growth_factor not read", r"growth_factor|factor|doubl|2")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, grow=lambda c: 2 * c["scale"])


@wrong("loss_scaled_step", "only the growth: growth_factor added", r"growth|add|multipl|factor|scale")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, grow=lambda c: c["scale"] + c["growth_factor"])


@wrong("loss_scaled_step", "scale never grows", r"grow|scale|interval|doubl")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, reached=lambda t, i: False)


@wrong("loss_scaled_step", "tracker counted before the check and scale grown before it divides: the new scale unscales", r"scale|old|new|before|order|unscal|grow|half")
def loss_scaled_step(params, scaled_grads, config):
    for k, v in _DEFAULTS.items():
        config.setdefault(k, v)
    used = config["scale"]
    if config["growth_tracker"] + 1 == config["growth_interval"] and all(np.isfinite(a).all() for a in scaled_grads.values()):
        used = used * config["growth_factor"]
    return _scaled(params, scaled_grads, config, unscale=lambda a, s: a.astype(np.float32) / used)


@wrong("loss_scaled_step", "default scale 2**15", r"default|scale|65536|absent|empty")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, defaults={"scale": 32768.0})


@wrong("loss_scaled_step", "default growth_interval 1000", r"default|interval|2000|absent|empty")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, defaults={"growth_interval": 1000})


@wrong("loss_scaled_step", "default learning rate 1e-3", r"default|learning_rate|rate|1e-2|0\.01|absent")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, defaults={"learning_rate": 1e-3})


@wrong("loss_scaled_step", "uphill", r"sign|uphill|minus|direction|add|descent")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, sign=1)


@wrong("loss_scaled_step", "moves the caller's arrays in place", r"modif|in place|chang|copy|params")
def loss_scaled_step(params, scaled_grads, config):
    out, config = _loss_scaled_step(params, scaled_grads, config)
    for n, w in params.items():
        w[...] = out[n]
    return params, config


@wrong("loss_scaled_step", "puts the new arrays into the caller's dict", r"modif|in place|chang|copy|params|dict")
def loss_scaled_step(params, scaled_grads, config):
    out, config = _loss_scaled_step(params, scaled_grads, config)
    params.update(out)
    return params, config


@wrong("loss_scaled_step", "config copied: the caller's dict stays as it was", r"same dict|config|copy|chang|caller")
def loss_scaled_step(params, scaled_grads, config):
    return _loss_scaled_step(params, scaled_grads, dict(config))


@wrong("loss_scaled_step", "float64 parameters come back", r"float64|float32|dtype")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, unscale=lambda a, s: a.astype(np.float64) / s, dtype=np.float64)


@wrong("loss_scaled_step", "float16 parameters come back: no master weights any more", r"float16|float32|dtype|master|half")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, dtype=np.float16)


@wrong("loss_scaled_step", "KeyError for an empty config: scale read with []", r"empty|default|KeyError|absent|scale")
def loss_scaled_step(params, scaled_grads, config):
    config["scale"]
    return _loss_scaled_step(params, scaled_grads, config)


@wrong("loss_scaled_step", "returns parameters only", r"two|pair|config|tuple|return|unpack")
def loss_scaled_step(params, scaled_grads, config):
    return _loss_scaled_step(params, scaled_grads, config)[0]


@wrong("loss_scaled_step", "norm computed in half precision: squares overflow (or vanish), so it clips to nothing or not at all", r"norm|half|float16|overflow|single|float32|precision|clip")
def loss_scaled_step(params, scaled_grads, config):
    def clip(g, limit, s):
        n = np.sqrt(sum((a.astype(np.float16) ** 2).sum(dtype=np.float16) for a in g.values()))
        return {k: a * np.float32(limit / n) for k, a in g.items()} if n > limit else g
    return _scaled(params, scaled_grads, config, clip=clip)


@wrong("loss_scaled_step", "two: clipped before unscaling, and per parameter", r"unscal|before|together|each|own|order|clip|norm")
def loss_scaled_step(params, scaled_grads, config):
    def clip(g, limit, s):
        return {k: _clip({k: a * np.float32(s)}, limit, s)[k] / np.float32(s) for k, a in g.items()}
    return _scaled(params, scaled_grads, config, clip=clip)


@wrong("loss_scaled_step", "two: tracker not set back after an overflow, and NaN not seen", r"tracker|NaN|nan|reset|0 again")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, tracker_reset=False, finite=lambda g, raw: not any(np.isinf(a).any() for a in raw.values()))


@wrong("loss_scaled_step", "two: factors fixed at 2 and 0.5, in both directions", r"factor|growth|backoff|doubl|halv|2|0\.5")
def loss_scaled_step(params, scaled_grads, config):
    return _scaled(params, scaled_grads, config, grow=lambda c: 2 * c["scale"], back_value=lambda c: 0.5 * c["scale"])


# ================================================================ quantize_fixed
@right
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    step = 2.0 ** -fraction_bits
    end = 2.0 ** (integer_bits - 1)
    steps = np.clip(np.asarray(x, dtype=np.float64), -end, end - step) / step
    if mode == "nearest":
        steps = np.rint(steps)
    elif mode == "stochastic":
        low = np.floor(steps)
        steps = low + (rng.random(np.shape(x)) < steps - low)
    else:
        raise ValueError(mode)
    return np.asarray(steps * step, dtype=x.dtype)


_quantize = quantize_fixed


@also("quantize_fixed", "floor of the number plus a uniform one")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    scale = float(2 ** fraction_bits)
    lowest, highest = -(2 ** (integer_bits + fraction_bits - 1)), 2 ** (integer_bits + fraction_bits - 1) - 1
    y = x.astype(np.float64) * scale
    if mode == "stochastic":
        y = np.floor(y + rng.random(x.shape))
    else:
        y = np.round(y)
    y = np.minimum(np.maximum(y, lowest), highest)
    return (y / scale).astype(x.dtype)


@also("quantize_fixed", "modf and np.where, own copy changed in place")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    n = np.array(x, dtype=np.longdouble)
    n *= 2.0 ** fraction_bits
    top = 2.0 ** (integer_bits - 1 + fraction_bits)
    np.clip(n, -top, top, out=n)
    floor = np.floor(n)
    if mode == "stochastic":
        share = n - floor
        out = np.where(rng.random(size=x.shape) >= 1 - share, floor + 1, floor)
    else:
        share = n - floor
        up = (share > 0.5) | ((share == 0.5) & (np.mod(floor, 2) == 1))
        out = np.where(up, floor + 1, floor)
    np.clip(out, -top, top - 1, out=out)
    return (out * 2.0 ** -fraction_bits).astype(x.dtype)


def _fixed(x, integer_bits, fraction_bits, mode, rng, nearest=np.rint, chance=None, low=None, high=None, dtype=None, clip=("nearest", "stochastic")):
    step = 2.0 ** -fraction_bits
    lo = -2.0 ** (integer_bits - 1) if low is None else low(integer_bits, step)
    hi = 2.0 ** (integer_bits - 1) - step if high is None else high(integer_bits, step)
    n = np.asarray(x, np.float64) / step
    if mode == "nearest":
        n = nearest(n)
    else:
        f = np.floor(n)
        n = f + (rng.random(x.shape) < n - f) if chance is None else chance(n, rng)
    out = n * step
    if mode in clip:
        out = np.clip(out, lo, hi)
    return out.astype(dtype or x.dtype)


@wrong("quantize_fixed", "only to the nearest: half-way up (floor of x + 1/2)", r"half-way|half way|tie|even|up")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, nearest=lambda n: np.floor(n + 0.5))


@wrong("quantize_fixed", "only to the nearest: half-way away from zero, as at school", r"half-way|half way|tie|even|away")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, nearest=lambda n: np.sign(n) * np.floor(np.abs(n) + 0.5))


@wrong("quantize_fixed", "only to the nearest: half-way down, as in Gupta's paper", r"half-way|half way|tie|even|down|Gupta")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, nearest=lambda n: np.ceil(n - 0.5))


@wrong("quantize_fixed", "only to the nearest: rounded down (floor)", r"nearest|floor|down|below")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, nearest=np.floor)


@wrong("quantize_fixed", "only to the nearest: int(x + 0.5), which cuts negative numbers towards zero", r"negativ|zero|trunc|nearest|cut")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, nearest=lambda n: np.trunc(n + 0.5))


@wrong("quantize_fixed", "only to the nearest: np.round(x, fraction_bits), decimal places, not bits", r"decimal|binary|bit|2\*\*|multiple|grid|power")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    if mode == "nearest":
        end = 2.0 ** (integer_bits - 1)
        return np.clip(np.round(x, fraction_bits), -end, end - 2.0 ** -fraction_bits).astype(x.dtype)
    return _fixed(x, integer_bits, fraction_bits, mode, rng)


@wrong("quantize_fixed", "highest number 2**(integer_bits - 1): one step too high", r"highest|one step|range|top|upper|satur|end")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, high=lambda i, s: 2.0 ** (i - 1))


@wrong("quantize_fixed", "range symmetric: lowest is minus the highest", r"lowest|symmetr|range|lower|one step|satur|bottom")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, low=lambda i, s: -(2.0 ** (i - 1) - s))


@wrong("quantize_fixed", "sign not among the integer bits: range twice as wide", r"sign|range|twice|integer_bits|- ?1|satur|wide")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _quantize(x, integer_bits + 1, fraction_bits, mode, rng)


@wrong("quantize_fixed", "highest whole number 2**(I-1) - 1: fractions above it lost", r"highest|one step|range|whole|upper|satur|fraction")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, high=lambda i, s: 2.0 ** (i - 1) - 1)


@wrong("quantize_fixed", "no sign: from 0 on", r"negativ|sign|lowest|range|below")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, low=lambda i, s: 0.0, high=lambda i, s: 2.0 ** i - s)


@wrong("quantize_fixed", "wraps round like an integer, does not saturate", r"satur|wrap|range|beyond|overflow|modulo")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    y = _fixed(x, integer_bits, fraction_bits, mode, rng, clip=(), dtype=float)
    end = 2.0 ** (integer_bits - 1)
    return ((y + end) % (2 * end) - end).astype(x.dtype)


@wrong("quantize_fixed", "no saturation", r"satur|range|beyond|lowest|highest|clip")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, clip=())


@wrong("quantize_fixed", "only by chance: no saturation", r"satur|range|beyond|both modes|stochastic|chance|clip")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, clip=("nearest",))


@wrong("quantize_fixed", "clipped before rounding to 2**(I-1) without the step: numbers just below the end round up to it", r"highest|one step|satur|end|range|upper|before")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    end = 2.0 ** (integer_bits - 1)
    y = np.clip(x.astype(float), -end, np.nextafter(end, 0))
    return _fixed(y, integer_bits, fraction_bits, mode, rng, clip=(), dtype=x.dtype)


@wrong("quantize_fixed", "only very large numbers: made int32 before the range is cut, so they wrap to the lowest", r"large|int32|wrap|overflow|satur|highest|beyond|huge|infinit")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    step = 2.0 ** -fraction_bits
    n = x.astype(np.float64) / step
    if mode == "nearest":
        n = np.rint(n)
    else:
        f = np.floor(n)
        n = f + (rng.random(x.shape) < n - f)
    with np.errstate(all="ignore"):
        q = n.astype(np.int32)
    top = 2 ** (integer_bits + fraction_bits - 1)
    return (np.clip(q, -top, top - 1) * step).astype(x.dtype)


@wrong("quantize_fixed", "step 2**fraction_bits instead of 2**-fraction_bits", r"step|2\*\*|fraction|grid|multiple|invers")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, -fraction_bits, mode, rng, high=lambda i, s: 2.0 ** (i - 1) - 2.0 ** -fraction_bits)


@wrong("quantize_fixed", "only by chance: towards zero and on, so negative numbers go the wrong way (int() for floor)", r"negativ|floor|zero|mean|trunc|neighbour|below")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        t = np.trunc(n)
        return t + (rng.random(n.shape) < np.abs(n - t))
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only by chance: negative numbers always cut towards zero (share is negative there)", r"negativ|floor|zero|mean|trunc|below|cut")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        t = np.trunc(n)
        return t + (rng.random(n.shape) < n - t)
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only by chance: the two probabilities exchanged (up with 1 - s)", r"exchang|swap|probab|1 ?[-−] ?s|mean|share|up|grid")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        f = np.floor(n)
        return f + (rng.random(n.shape) > n - f)
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only by chance: a coin, up or down with 1/2 each", r"half|coin|probab|share|mean|\bs\b|1/2|distance")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        f = np.floor(n)
        return np.where(f == n, n, f + (rng.random(n.shape) < 0.5))
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only by chance: one uniform number for the whole array", r"one uniform|each|a value|whole|same|shape|own")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        f = np.floor(n)
        return f + (rng.random() < n - f)
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only by chance: np.random, not rng", r"rng|np\.random|generator|seed|drawn")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        f = np.floor(n)
        return f + (np.random.random(n.shape) < n - f)
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only by chance: uniform numbers drawn for the values off the grid only", r"drawn|one uniform|each|a value|rng|how many|generator")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        f = np.floor(n)
        off = n != f
        f[off] += rng.random(off.sum()) < (n - f)[off]
        return f
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only by chance: noise of a whole step on both sides before rounding (±1 step), so grid numbers move too", r"noise|neighbour|stays|grid|two|step|share|mean")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=lambda n, rng: np.rint(n + 2 * rng.random(n.shape) - 1))


@wrong("quantize_fixed", "only by chance: uniform noise from 0 to 1 before rounding to the nearest: half a step too high in the mean", r"mean|half|high|floor|nearest|noise|bias|grid")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=lambda n, rng: np.rint(n + rng.random(n.shape)))


@wrong("quantize_fixed", "only by chance: share taken in units of x, not of the step", r"share|step|divid|probab|mean|\bs\b|unit")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    step = 2.0 ** -fraction_bits

    def chance(n, rng):
        f = np.floor(n)
        return f + (rng.random(n.shape) < (n - f) * step)
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


@wrong("quantize_fixed", "only to the nearest: draws from rng too, which may be None", r"None|rng|nearest|draw")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    draws = rng.random(x.shape)
    step = 2.0 ** -fraction_bits
    n = x.astype(float) / step
    f = np.floor(n)
    n = np.rint(n) if mode == "nearest" else f + (draws < n - f)
    end = 2.0 ** (integer_bits - 1)
    return np.clip(n * step, -end, end - step).astype(x.dtype)


@wrong("quantize_fixed", "mode not read: always to the nearest", r"mode|stochastic|chance|nearest|mean")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _quantize(x, integer_bits, fraction_bits, "nearest", rng)


@wrong("quantize_fixed", "float64 for float32", r"float64|float32|dtype")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, dtype=float)


@wrong("quantize_fixed", "the whole numbers of steps returned, not multiplied by the step", r"step|scale|multipl|back|grid|2\*\*|range")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return (_quantize(x.astype(float), integer_bits, fraction_bits, mode, rng) * 2.0 ** fraction_bits).astype(x.dtype)


@wrong("quantize_fixed", "in place: x itself is changed", r"modif|in place|chang|copy")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    x[...] = _quantize(x, integer_bits, fraction_bits, mode, rng)
    return x


@wrong("quantize_fixed", "limits in numbers, clipped in steps: the range is 2**fraction_bits times too small", r"range|satur|step|unit|highest|lowest|clip")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    step, end = 2.0 ** -fraction_bits, 2.0 ** (integer_bits - 1)
    n = x.astype(float) / step
    if mode == "nearest":
        n = np.rint(n)
    else:
        f = np.floor(n)
        n = f + (rng.random(x.shape) < n - f)
    return (np.clip(n, -end, end - step) * step).astype(x.dtype)


@wrong("quantize_fixed", "only float16: scaled in the dtype of x, so numbers of many steps overflow and saturate", r"float16|half|overflow|precision|wider|dtype|inf|nan|satur")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    with np.errstate(all="ignore"):
        n = x * np.array(2.0 ** fraction_bits, x.dtype)
        if mode == "nearest":
            n = np.rint(n)
        else:
            f = np.floor(n)
            n = f + (rng.random(x.shape) < n - f).astype(x.dtype)
        out = n / np.array(2.0 ** fraction_bits, x.dtype)
        end = 2.0 ** (integer_bits - 1)
        return np.clip(out, -end, end - 2.0 ** -fraction_bits).astype(x.dtype)


@wrong("quantize_fixed", "two: ties up, and the highest one step too high", r"half-way|half way|tie|even|highest|one step|range|satur|up")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits, fraction_bits, mode, rng, nearest=lambda n: np.floor(n + 0.5), high=lambda i, s: 2.0 ** (i - 1))


@wrong("quantize_fixed", "two: sign not among the bits, float64", r"sign|range|dtype|float64|twice|satur")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    return _fixed(x, integer_bits + 1, fraction_bits, mode, rng, dtype=float)


@wrong("quantize_fixed", "two: one draw for all, and truncated towards zero", r"one uniform|each|a value|whole|negativ|floor|zero|mean|same|trunc")
def quantize_fixed(x, integer_bits, fraction_bits, mode, rng):
    def chance(n, rng):
        t = np.trunc(n)
        return t + (rng.random() < n - t)
    return _fixed(x, integer_bits, fraction_bits, mode, rng, chance=chance)


# ================================================================ binarize
@right
def binarize(x):
    out = np.ones_like(x)
    out[x < 0] = -1
    return out


_binarize = binarize


@also("binarize", "where, then the dtype")
def binarize(x):
    return np.where(x >= 0, 1, -1).astype(x.dtype)


@also("binarize", "arithmetic with the comparison")
def binarize(x):
    positive = (x >= 0).astype(x.dtype)
    return positive + positive - np.ones(1, x.dtype)


@also("binarize", "sign, zeros repaired in the copy")
def binarize(x):
    s = np.sign(x)
    return np.add(s, s == 0, dtype=x.dtype)


@wrong("binarize", "np.sign: 0 for 0", r"\b0\b|zero")
def binarize(x):
    return np.sign(x)


@wrong("binarize", "-1 for 0 (x > 0)", r"\b0\b|zero")
def binarize(x):
    return np.where(x > 0, 1, -1).astype(x.dtype)


@wrong("binarize", "only -0.0: copysign and so -1", r"-0|minus zero|negative zero|zero")
def binarize(x):
    return np.copysign(np.ones_like(x), x)


@wrong("binarize", "only -0.0: signbit and so -1", r"-0|minus zero|negative zero|zero")
def binarize(x):
    return (1 - 2 * np.signbit(x).astype(int)).astype(x.dtype)


@wrong("binarize", "whole numbers: dtype int64", r"dtype|int|float")
def binarize(x):
    return np.where(x >= 0, 1, -1)


@wrong("binarize", "float64 whatever x is", r"dtype|float64|float32")
def binarize(x):
    return np.where(x >= 0, 1.0, -1.0)


@wrong("binarize", "0 and 1", r"-1|0|minus|bits")
def binarize(x):
    return (x >= 0).astype(x.dtype)


@wrong("binarize", "x / |x|: NaN for 0", r"nan|zero|\b0\b|divi")
def binarize(x):
    with np.errstate(all="ignore"):
        return x / np.abs(x)


@wrong("binarize", "in place", r"modif|in place|chang|copy")
def binarize(x):
    x[x >= 0] = 1
    x[x < 0] = -1
    return x


@wrong("binarize", "np.round of the clipped numbers, zeros to +1: small negative numbers (down to -0.5) become +1", r"round|small|negativ|zero|\b0\b|-1")
def binarize(x):
    x = np.round(np.clip(x, -1, 1))
    x[x == 0] = 1
    return x


@wrong("binarize", "sign turned round", r"sign|turn|exchang|revers|invert|minus")
def binarize(x):
    return np.where(x >= 0, -1, 1).astype(x.dtype)


@wrong("binarize", "two: np.sign and in place", r"\b0\b|zero|modif|in place|chang")
def binarize(x):
    return np.sign(x, out=x)


@wrong("binarize", "shape lost: a flat array comes back", r"shape|flat|axes|list")
def binarize(x):
    return np.array([1 if v >= 0 else -1 for v in x.ravel()], dtype=x.dtype)


# ================================================================ straight_through
@right
def straight_through(dout, x):
    return np.where(np.abs(x) <= 1, dout, np.zeros((), dout.dtype))


_straight = straight_through


@also("straight_through", "product with the mask")
def straight_through(dout, x):
    return dout * (abs(x) <= 1)


@also("straight_through", "copy, zeros written")
def straight_through(dout, x):
    dx = dout.copy()
    dx[np.logical_or(x > 1, x < -1)] = 0
    return dx


@also("straight_through", "zeros, inside copied")
def straight_through(dout, x):
    dx = np.zeros_like(dout)
    inside = x * x <= 1
    dx[inside] = dout[inside]
    return dx


@wrong("straight_through", "only at the edge: |x| < 1", r"edge|at most|exactly 1|equal|<=|≤|\b1\b")
def straight_through(dout, x):
    return np.where(np.abs(x) < 1, dout, 0).astype(dout.dtype)


@wrong("straight_through", "only one side cut: x <= 1", r"-1|negativ|\|x\||abs|below|side")
def straight_through(dout, x):
    return np.where(x <= 1, dout, 0).astype(dout.dtype)


@wrong("straight_through", "only half of it: 0 <= x <= 1, as a ReLU that saturates", r"negativ|-1|\|x\||abs|below|side")
def straight_through(dout, x):
    return np.where((x >= 0) & (x <= 1), dout, 0).astype(dout.dtype)


@wrong("straight_through", "no cut: dout goes through everywhere", r"cut|\|x\||beyond|outside|1|everywhere")
def straight_through(dout, x):
    return dout.copy()


@wrong("straight_through", "the derivative of the sign: zeros", r"zero|0|straight|derivative|sign")
def straight_through(dout, x):
    return np.zeros_like(dout)


@wrong("straight_through", "mask from dout instead of x", r"dout|mask|\bx\b|\|x\|")
def straight_through(dout, x):
    return np.where(np.abs(dout) <= 1, dout, 0).astype(dout.dtype)


@wrong("straight_through", "dout clipped to [-1, 1] instead of cut by x", r"clip|dout|\|x\||cut|\bx\b")
def straight_through(dout, x):
    return np.clip(dout, -1, 1)


@wrong("straight_through", "derivative of tanh: 1 - tanh²", r"tanh|straight|1|smooth|factor|dout")
def straight_through(dout, x):
    return (dout * (1 - np.tanh(x) ** 2)).astype(dout.dtype)


@wrong("straight_through", "multiplied by the sign of x", r"sign|times|negativ|straight")
def straight_through(dout, x):
    return (dout * np.where(x >= 0, 1, -1) * (np.abs(x) <= 1)).astype(dout.dtype)


@wrong("straight_through", "multiplied by x, as if the line were x²/2", r"times|\bx\b|factor|dout|straight|multipl")
def straight_through(dout, x):
    return (dout * x * (np.abs(x) <= 1)).astype(dout.dtype)


@wrong("straight_through", "the mask only, without dout", r"dout|mask|ones|multipl|chain")
def straight_through(dout, x):
    return (np.abs(x) <= 1).astype(dout.dtype)


@wrong("straight_through", "mask turned round: passes where |x| > 1", r"inside|outside|turn|revers|at most|where")
def straight_through(dout, x):
    return np.where(np.abs(x) > 1, dout, 0).astype(dout.dtype)


@wrong("straight_through", "float64: a mask of np.ones(shape)", r"dtype|float64|float32")
def straight_through(dout, x):
    mask = np.ones(x.shape)
    mask[np.abs(x) > 1] = 0
    return dout * mask


@wrong("straight_through", "dtype of x instead of dout", r"dtype|float64|float32")
def straight_through(dout, x):
    out = np.zeros_like(x)
    inside = np.abs(x) <= 1
    out[inside] = dout[inside]
    return out


@wrong("straight_through", "two: |x| < 1 and float64", r"edge|at most|exactly 1|equal|dtype|float64|<=|≤")
def straight_through(dout, x):
    return dout * np.where(np.abs(x) < 1, 1.0, np.zeros(x.shape))


# ================================================================ binary_weight_step
@right
def binary_weight_step(w, gradient, learning_rate):
    slope = gradient(_binarize(w))
    return np.clip(w - learning_rate * slope, -1, 1).astype(w.dtype)


_bstep = binary_weight_step


@also("binary_weight_step", "copy in place, minimum and maximum")
def binary_weight_step(w, gradient, learning_rate):
    next_w = np.array(w)
    next_w -= np.asarray(learning_rate * gradient(np.where(w >= 0, 1, -1).astype(w.dtype)), w.dtype)
    np.minimum(next_w, 1, out=next_w)
    np.maximum(next_w, -1, out=next_w)
    return next_w


@also("binary_weight_step", "double precision in between, masks")
def binary_weight_step(w, gradient, learning_rate):
    signs = np.sign(w)
    signs[signs == 0] = 1
    moved = w.astype(np.float64) - float(learning_rate) * gradient(signs).astype(np.float64)
    moved[moved > 1] = 1.0
    moved[moved < -1] = -1.0
    return moved.astype(w.dtype)


@wrong("binary_weight_step", "gradient at the full-precision weights, not at their signs", r"sign|binar|compute|full")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w - learning_rate * gradient(w), -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "the step starts from the signs: nothing is gathered", r"sign|full|gather|start|lost|weights|from")
def binary_weight_step(w, gradient, learning_rate):
    s = _binarize(w)
    return np.clip(s - learning_rate * gradient(s), -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "result binarized: the small steps are lost", r"sign|binar|full|lost|small|gather")
def binary_weight_step(w, gradient, learning_rate):
    return _binarize(_bstep(w, gradient, learning_rate))


@wrong("binary_weight_step", "not clipped", r"clip|\[-1, ?1\]|range|beyond|-1")
def binary_weight_step(w, gradient, learning_rate):
    return (w - learning_rate * gradient(_binarize(w))).astype(w.dtype)


@wrong("binary_weight_step", "only the upper end clipped", r"clip|-1|lower|below|\[-1, ?1\]|both")
def binary_weight_step(w, gradient, learning_rate):
    return np.minimum(w - learning_rate * gradient(_binarize(w)), 1).astype(w.dtype)


@wrong("binary_weight_step", "clipped to [0, 1]", r"clip|-1|negativ|\[-1, ?1\]|lower")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w - learning_rate * gradient(_binarize(w)), 0, 1).astype(w.dtype)


@wrong("binary_weight_step", "gradient clipped instead of the weights", r"clip|gradient|weights|after")
def binary_weight_step(w, gradient, learning_rate):
    return (w - learning_rate * np.clip(gradient(_binarize(w)), -1, 1)).astype(w.dtype)


@wrong("binary_weight_step", "step clipped and then taken: the weight may still leave [-1, 1]", r"clip|after|step|leave|\[-1, ?1\]|beyond|order")
def binary_weight_step(w, gradient, learning_rate):
    return (np.clip(w, -1, 1) - np.clip(learning_rate * gradient(_binarize(w)), -1, 1)).astype(w.dtype)


@wrong("binary_weight_step", "uphill", r"uphill|sign|minus|direction|descent|add")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w + learning_rate * gradient(_binarize(w)), -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "gradient called twice", r"once|twice|call")
def binary_weight_step(w, gradient, learning_rate):
    s = _binarize(w)
    assert gradient(s).shape == w.shape
    return np.clip(w - learning_rate * gradient(s), -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "w changed in place", r"modif|in place|chang|copy")
def binary_weight_step(w, gradient, learning_rate):
    w -= (learning_rate * gradient(_binarize(w))).astype(w.dtype)
    return np.clip(w, -1, 1, out=w)


@wrong("binary_weight_step", "only a weight of 0: np.sign gives it no sign", r"\b0\b|zero|sign")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w - learning_rate * gradient(np.sign(w)), -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "only weights at ±1: their gradient is cut (|w| < 1), so they stay for ever", r"stay|edge|±1|straight|pass|\b1\b|all of it|cut")
def binary_weight_step(w, gradient, learning_rate):
    g = gradient(_binarize(w)) * (np.abs(w) < 1)
    return np.clip(w - learning_rate * g, -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "straight through at the signs' strict inside: |sign| < 1 nowhere, nothing moves", r"move|nothing|straight|cut|stay|gradient|pass")
def binary_weight_step(w, gradient, learning_rate):
    s = _binarize(w)
    g = np.where(np.abs(s) < 1, gradient(s), 0)
    return np.clip(w - learning_rate * g, -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "float64", r"dtype|float64|float32")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w.astype(float) - learning_rate * gradient(_binarize(w)), -1, 1)


@wrong("binary_weight_step", "sign of the gradient instead of the gradient", r"sign|gradient|size|binar")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w - learning_rate * _binarize(gradient(_binarize(w))), -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "learning rate not read", r"learning_rate|rate|step")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w - gradient(_binarize(w)), -1, 1).astype(w.dtype)


@wrong("binary_weight_step", "two: gradient at w and no clipping", r"sign|binar|clip|\[-1, ?1\]|full")
def binary_weight_step(w, gradient, learning_rate):
    return (w - learning_rate * gradient(w)).astype(w.dtype)


@wrong("binary_weight_step", "two: uphill, and float64", r"uphill|sign|direction|dtype|float64|descent|add")
def binary_weight_step(w, gradient, learning_rate):
    return np.clip(w.astype(float) + learning_rate * gradient(_binarize(w)), -1, 1)


# ================================================================ pack_bits
@right
def pack_bits(x):
    return np.packbits(np.asarray(x) > 0, axis=-1)


_pack = pack_bits


@also("pack_bits", "padded by hand, weights of the places")
def pack_bits(x):
    n = x.shape[-1]
    bits = (np.asarray(x) == 1).astype(np.uint8)
    bits = np.pad(bits, [(0, 0)] * (bits.ndim - 1) + [(0, -n % 8)])
    groups = bits.reshape(*bits.shape[:-1], -1, 8)
    return (groups * (1 << np.arange(7, -1, -1))).sum(axis=-1).astype(np.uint8)


@also("pack_bits", "shifted into zeros, place by place")
def pack_bits(x):
    n = x.shape[-1]
    out = np.zeros((*x.shape[:-1], (n + 7) // 8), dtype=np.uint8)
    for i in range(n):
        byte, place = divmod(i, 8)
        out[..., byte] |= ((x[..., i] > 0).astype(np.uint8) << np.uint8(7 - place))
    return out


@wrong("pack_bits", "first sign in the lowest bit (bitorder little)", r"highest|lowest|order|first|little|big")
def pack_bits(x):
    return np.packbits(x > 0, axis=-1, bitorder="little")


@wrong("pack_bits", "axis forgotten: all rows packed into one", r"axis|row|shape|flat|last|own")
def pack_bits(x):
    return np.packbits(x > 0)


@wrong("pack_bits", "along the first axis", r"axis|last|first|shape|row")
def pack_bits(x):
    return np.packbits(x > 0, axis=0)


@wrong("pack_bits", "-1 counts as a bit: all ones (anything that is not 0)", r"-1|ones|not 0|nonzero|non-zero|minus")
def pack_bits(x):
    return np.packbits(x.astype(np.int8).astype(bool), axis=-1)


@wrong("pack_bits", "bit 1 for -1", r"-1|\+1|turn|invert|revers|exchang|stand")
def pack_bits(x):
    return np.packbits(x < 0, axis=-1)


@wrong("pack_bits", "left-over bits at the front: zeros before the first sign", r"front|end|first|left.over|pad|before|place|highest")
def pack_bits(x):
    n = x.shape[-1]
    b = np.concatenate([np.zeros((*x.shape[:-1], -n % 8), bool), x > 0], axis=-1)
    return np.packbits(b, axis=-1)


@wrong("pack_bits", "only the left-over bits: 1 (padded with True)", r"left.over|0|zero|end|pad")
def pack_bits(x):
    n = x.shape[-1]
    b = np.concatenate([x > 0, np.ones((*x.shape[:-1], -n % 8), bool)], axis=-1)
    return np.packbits(b, axis=-1)


@wrong("pack_bits", "only the left-over bits: 1, since x is padded with 0 and 0 taken for +1 (x >= 0)", r"left.over|0|zero|end|pad")
def pack_bits(x):
    n = x.shape[-1]
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, -n % 8)])
    return np.packbits(padded >= 0, axis=-1)


@wrong("pack_bits", "only where 8 does not divide n: reshape fails", r"divid|8|reshape|left.over|multiple|smallest|hold")
def pack_bits(x):
    b = (x > 0).reshape(*x.shape[:-1], -1, 8)
    return (b * 2 ** np.arange(8)[::-1]).sum(-1).astype(np.uint8)


@wrong("pack_bits", "only where 8 does not divide n: the last signs dropped", r"last|dropped|left.over|lost|smallest|missing|shape|hold")
def pack_bits(x):
    n = x.shape[-1] // 8 * 8
    return np.packbits(x[..., :n] > 0, axis=-1)


@wrong("pack_bits", "only where 8 divides n: a byte of zeros too many (n // 8 + 1)", r"smallest|too many|byte|shape|divid|8|extra")
def pack_bits(x):
    out = np.zeros((*x.shape[:-1], x.shape[-1] // 8 + 1), np.uint8)
    p = _pack(x)
    out[..., :p.shape[-1]] = p
    return out


@wrong("pack_bits", "int64 instead of uint8", r"dtype|uint8|int")
def pack_bits(x):
    return _pack(x).astype(int)


@wrong("pack_bits", "bits not packed: a byte each", r"eight|8|pack|shape|byte")
def pack_bits(x):
    return (x > 0).astype(np.uint8)


@wrong("pack_bits", "only one axis: a row alone comes back with an axis more (atleast_2d)", r"shape|axis|axes|one|row")
def pack_bits(x):
    return np.packbits(np.atleast_2d(x) > 0, axis=-1)


@wrong("pack_bits", "only more than two axes: axis=1 for the last", r"axis|last|axes|shape")
def pack_bits(x):
    return np.packbits(x > 0, axis=1 if x.ndim > 1 else 0)


@wrong("pack_bits", "two: little order, axis forgotten", r"highest|lowest|order|axis|row|shape|flat|little")
def pack_bits(x):
    return np.packbits(x > 0, bitorder="little")


@wrong("pack_bits", "two: bit 1 for -1, and so the padded end has ones", r"-1|\+1|turn|invert|left.over|revers|stand")
def pack_bits(x):
    return ~_pack(x)


# ================================================================ xnor_dot
_COUNTS = np.array([bin(i).count("1") for i in range(256)])


@right
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * _COUNTS[np.bitwise_xor(a_bits, b_bits)].sum(axis=-1)


_xnor = xnor_dot


@also("xnor_dot", "unpackbits, sum of differing bits")
def xnor_dot(a_bits, b_bits, n):
    differ = np.unpackbits(a_bits ^ b_bits, axis=-1).sum(axis=-1, dtype=np.int64)
    return n - 2 * differ


@also("xnor_dot", "bitwise_count in a wide type; agreeing bits, padding taken off")
def xnor_dot(a_bits, b_bits, n):
    agree = np.bitwise_count(~(a_bits ^ b_bits)).sum(axis=-1, dtype=int) - (8 * a_bits.shape[-1] - n)
    return 2 * agree - n


@also("xnor_dot", "bit by bit, shifts")
def xnor_dot(a_bits, b_bits, n):
    d = (a_bits ^ b_bits).astype(np.int32)
    total = 0
    for shift in range(8):
        total = total + ((d >> shift) & 1).sum(axis=-1)
    return n - 2 * total


@wrong("xnor_dot", "agreeing bits counted with the padding: too large where 8 does not divide n", r"pad|after|left.over|n-th|agree|too large|8")
def xnor_dot(a_bits, b_bits, n):
    return 2 * np.bitwise_count(~(a_bits ^ b_bits)).sum(-1, dtype=int) - n


@wrong("xnor_dot", "8·B for n: the padding counts as agreeing signs", r"pad|8|\bn\b|left.over|number of signs|after")
def xnor_dot(a_bits, b_bits, n):
    return 8 * a_bits.shape[-1] - 2 * np.bitwise_count(a_bits ^ b_bits).sum(-1, dtype=int)


@wrong("xnor_dot", "only long vectors: counts in uint8, which wrap", r"uint8|wrap|overflow|dtype|negativ|integers|wide")
def xnor_dot(a_bits, b_bits, n):
    c = np.bitwise_count(a_bits ^ b_bits).sum(-1, dtype=np.uint8)
    return np.asarray(n - 2 * c.astype(int))[()]


@wrong("xnor_dot", "unsigned result: negative products wrap", r"negativ|unsigned|wrap|uint|sign|dtype")
def xnor_dot(a_bits, b_bits, n):
    c = np.bitwise_count(a_bits ^ b_bits).sum(-1, dtype=np.uint64)
    return np.uint64(n) - np.uint64(2) * c


@wrong("xnor_dot", "int8 result: wraps beyond 127", r"int8|wrap|overflow|127|dtype|integers|wide")
def xnor_dot(a_bits, b_bits, n):
    return _xnor(a_bits, b_bits, n).astype(np.int8)


@wrong("xnor_dot", "factor 2 forgotten: the number of signs that agree", r"2|twice|factor|agree|differ")
def xnor_dot(a_bits, b_bits, n):
    return n - np.bitwise_count(a_bits ^ b_bits).sum(-1, dtype=int)


@wrong("xnor_dot", "sign turned round: 2·differ - n", r"sign|turn|minus|revers|negativ|differ")
def xnor_dot(a_bits, b_bits, n):
    return 2 * np.bitwise_count(a_bits ^ b_bits).sum(-1, dtype=int) - n


@wrong("xnor_dot", "and instead of exclusive or: bits that are both 1", r"and|xor|exclusive|⊕|\^|&|both")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * np.bitwise_count(a_bits & b_bits).sum(-1, dtype=int)


@wrong("xnor_dot", "bits multiplied as 0 and 1: counts the common +1 only", r"-1|0|both|and|signs|common|multipl")
def xnor_dot(a_bits, b_bits, n):
    return np.bitwise_count(a_bits & b_bits).sum(-1, dtype=int)


@wrong("xnor_dot", "signs as 2·bit - 1 in uint8: 0 becomes 255", r"uint8|wrap|255|dtype|overflow|sign|integers|negativ")
def xnor_dot(a_bits, b_bits, n):
    a, b = (2 * np.unpackbits(v, axis=-1, count=n) - np.uint8(1) for v in (a_bits, b_bits))
    return (a * b).sum(-1)


@wrong("xnor_dot", "summed over all axes: one number for all pairs", r"axis|axes|last|shape|sum|all")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * int(np.bitwise_count(a_bits ^ b_bits).sum(dtype=int))


@wrong("xnor_dot", "summed along the first axis", r"axis|last|first|shape")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * np.bitwise_count(a_bits ^ b_bits).sum(0, dtype=int)


@wrong("xnor_dot", "last axis kept (keepdims)", r"shape|axis|keepdims|last|number")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * np.bitwise_count(a_bits ^ b_bits).sum(-1, keepdims=True, dtype=int)


@wrong("xnor_dot", "ones counted per byte, not summed", r"sum|byte|shape|axis|last")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * np.bitwise_count(a_bits ^ b_bits).astype(int)


@wrong("xnor_dot", "no broadcasting: all rows against all, always a matrix", r"broadcast|shape|axes|pair")
def xnor_dot(a_bits, b_bits, n):
    a, b = np.atleast_2d(a_bits), np.atleast_2d(b_bits)
    return np.array([[n - 2 * int(np.bitwise_count(u ^ v).sum(dtype=int)) for v in b.reshape(-1, b.shape[-1])] for u in a.reshape(-1, a.shape[-1])])


@wrong("xnor_dot", "floats instead of whole numbers", r"float|integer|dtype|whole")
def xnor_dot(a_bits, b_bits, n):
    return n - 2.0 * np.bitwise_count(a_bits ^ b_bits).sum(-1, dtype=int)


@wrong("xnor_dot", "divided by n: cosine", r"divid|\bn\b|mean|cosine|between|integer|float")
def xnor_dot(a_bits, b_bits, n):
    return _xnor(a_bits, b_bits, n) / n


@wrong("xnor_dot", "bytes that differ counted, not bits", r"byte|bit|popcount|ones|count")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * ((a_bits ^ b_bits) != 0).sum(-1)


@wrong("xnor_dot", "values of the bytes added, not their ones counted", r"ones|popcount|count|value|byte|bits")
def xnor_dot(a_bits, b_bits, n):
    return n - 2 * (a_bits ^ b_bits).sum(-1, dtype=int)


@wrong("xnor_dot", "two: agreeing bits with the padding, and no factor 2", r"pad|2|factor|agree|left.over|after")
def xnor_dot(a_bits, b_bits, n):
    return np.bitwise_count(~(a_bits ^ b_bits)).sum(-1, dtype=int) - n


@wrong("xnor_dot", "two: 8·B for n, result int8", r"pad|8|int8|wrap|left.over|dtype|number of signs")
def xnor_dot(a_bits, b_bits, n):
    return np.asarray(8 * a_bits.shape[-1] - 2 * np.bitwise_count(a_bits ^ b_bits).sum(-1, dtype=int)).astype(np.int8)


# ================================================================ FixedPointSGD
@right
class FixedPointSGD:
    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4, integer_bits=2):
        self.rate, self.bits, self.update_bits, self.max_overflow = learning_rate, bits, update_bits, max_overflow
        self.start = integer_bits
        self.integer_bits, self.counts = {}, {}
        self.params = {name: self._store(name, w) for name, w in params.items()}

    def _grid(self, group, values, bits):
        own = self.integer_bits[group]
        return _quantize(values, own, bits - own, "nearest", None)

    def _count(self, group, values):
        end = 2.0 ** (self.integer_bits.setdefault(group, self.start) - 1)
        before = self.counts.get(group, (0, 0, 0))
        over, half = (int(np.sum((values < -e) | (values >= e))) for e in (end, end / 2))
        self.counts[group] = (before[0] + values.size, before[1] + over, before[2] + half)

    def _store(self, name, values):
        self._count(name, values)
        return self._grid(name, values, self.update_bits)

    def round(self, group, values):
        self._count(group, values)
        return self._grid(group, values, self.bits)

    def weights(self):
        return {name: self._grid(name, w, self.bits) for name, w in self.params.items()}

    def step(self, grads):
        for name, g in grads.items():
            self.params[name] = self._store(name, self.params[name] - self.rate * g)

    def rescale(self):
        for group, (total, over, half) in self.counts.items():
            if total == 0:
                continue
            if over > self.max_overflow * total:
                self.integer_bits[group] += 1
            elif half <= self.max_overflow * total:
                self.integer_bits[group] -= 1
        self.counts.clear()


@also("FixedPointSGD", "three dicts of counts, all in one method")
class FixedPointSGD:
    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4, integer_bits=2):
        self.learning_rate = learning_rate
        self.bits, self.update_bits = bits, update_bits
        self.max_overflow = max_overflow
        self._initial = integer_bits
        self.integer_bits = dict.fromkeys(params, integer_bits)
        self._forget()
        self.params = {}
        for name in params:
            self.params[name] = self._on_grid(name, params[name], update_bits, count=True)

    def _forget(self):
        self._n = {group: 0 for group in self.integer_bits}
        self._over = {group: 0 for group in self.integer_bits}
        self._half = {group: 0 for group in self.integer_bits}

    def _on_grid(self, group, values, bits, count):
        values = np.asarray(values)
        if group not in self.integer_bits:
            self.integer_bits[group] = self._initial
            self._n[group] = self._over[group] = self._half[group] = 0
        i = self.integer_bits[group]
        step, limit = 2.0 ** (i - bits), 2.0 ** (i - 1)
        if count:
            self._n[group] += values.size
            self._over[group] += np.count_nonzero(values >= limit) + np.count_nonzero(values < -limit)
            self._half[group] += np.count_nonzero(values >= limit / 2) + np.count_nonzero(values < -limit / 2)
        rounded = np.rint(values.astype(float) / step) * step
        return np.clip(rounded, -limit, limit - step).astype(values.dtype)

    def round(self, group, values):
        return self._on_grid(group, values, self.bits, count=True)

    def weights(self):
        out = {}
        for name in self.params:
            out[name] = self._on_grid(name, self.params[name], self.bits, count=False)
        return out

    def step(self, grads):
        for name in grads:
            moved = self.params[name] - self.learning_rate * grads[name]
            self.params[name] = self._on_grid(name, moved, self.update_bits, count=True)

    def rescale(self):
        for group in self.integer_bits:
            n = self._n[group]
            if n:
                if self._over[group] / n > self.max_overflow:
                    self.integer_bits[group] += 1
                elif self._half[group] / n <= self.max_overflow:
                    self.integer_bits[group] -= 1
        self._forget()


@also("FixedPointSGD", "counts in arrays, steps counted as whole numbers")
class FixedPointSGD:
    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4, integer_bits=2):
        self.params = {k: np.array(v) for k, v in params.items()}
        self.settings = (learning_rate, bits, update_bits, max_overflow, integer_bits)
        self.integer_bits = {}
        self.seen = {}
        self.step({k: np.zeros_like(v) for k, v in params.items()})

    def _note(self, group, values):
        i = self.integer_bits.setdefault(group, self.settings[4])
        scaled = np.ldexp(np.asarray(values, dtype=float), 1 - i)  # the range is [-1, 1)
        outside = lambda e: np.count_nonzero(~((scaled >= -e) & (scaled < e)))
        self.seen.setdefault(group, np.zeros(3, dtype=np.int64))
        self.seen[group] += [scaled.size, outside(1.0), outside(0.5)]

    def _snap(self, group, values, width):
        i = self.integer_bits[group]
        whole = np.clip(np.rint(np.ldexp(np.asarray(values, float), width - i)), -(2 ** (width - 1)), 2 ** (width - 1) - 1)
        return np.ldexp(whole, i - width).astype(np.asarray(values).dtype)

    def round(self, group, values):
        self._note(group, values)
        return self._snap(group, values, self.settings[1])

    def weights(self):
        return {k: self._snap(k, v, self.settings[1]) for k, v in self.params.items()}

    def step(self, grads):
        rate, _, width = self.settings[:3]
        for k, g in grads.items():
            new = self.params[k] - rate * g
            self._note(k, new)
            self.params[k] = self._snap(k, new, width)

    def rescale(self):
        share = self.settings[3]
        for group, (n, over, half) in self.seen.items():
            if n > 0:
                self.integer_bits[group] += 1 if over > share * n else -1 if half <= share * n else 0
        self.seen = {}


class _FP:
    """The usual solution, with switches for the usual faults."""
    first_counted = first_rounded = True
    round_counted, weights_counted, step_counted = True, False, True
    round_width, weights_width, step_width = "bits", "bits", "update_bits"
    start_bits = None
    rate = None
    sign = -1
    forget = True

    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-4, integer_bits=2):
        self.learning_rate, self.bits, self.update_bits, self.max_overflow = learning_rate, bits, update_bits, max_overflow
        self.start = integer_bits if self.start_bits is None else self.start_bits
        self.integer_bits = {name: integer_bits for name in params}
        self.counts = {name: [0, 0, 0] for name in params}
        self.params = {}
        for name, w in params.items():
            w = np.array(w)
            if self.first_counted:
                self.count(name, w)
            self.params[name] = self.grid(name, w, "update_bits") if self.first_rounded else w

    def fraction(self, group, width):
        return getattr(self, width) - self.integer_bits[group]

    def grid(self, group, values, width):
        return _quantize(np.asarray(values), self.integer_bits[group], self.fraction(group, width), "nearest", None)

    def over(self, values, end):
        return (values < -end) | (values >= end)

    half = 2

    def count(self, group, values):
        end = 2.0 ** (self.integer_bits[group] - 1)
        c = self.counts.setdefault(group, [0, 0, 0])
        c[0] += values.size
        c[1] += int(self.over(values, end).sum())
        c[2] += int(self.over(values, end / self.half).sum())

    def new(self, group):
        self.integer_bits.setdefault(group, self.start)
        self.counts.setdefault(group, [0, 0, 0])

    def round(self, group, values):
        self.new(group)
        if self.round_counted:
            self.count(group, values)
        return self.grid(group, values, self.round_width)

    def weights(self):
        out = {}
        for name, w in self.params.items():
            if self.weights_counted:
                self.count(name, w)
            out[name] = self.grid(name, w, self.weights_width)
        return out

    def base(self, name):
        return self.params[name]

    def step(self, grads):
        for name, g in grads.items():
            moved = self.base(name) + self.sign * (self.learning_rate if self.rate is None else self.rate) * g
            if self.step_counted:
                self.count(name, moved)
            self.params[name] = self.grid(name, moved, self.step_width)

    def decide(self, n, over, half):
        if n == 0:
            return 0
        if over > self.max_overflow * n:
            return 1
        return -1 if half <= self.max_overflow * n else 0

    def rescale(self):
        for group, c in self.counts.items():
            self.integer_bits[group] += self.decide(*c)
        if self.forget:
            self.counts = {group: [0, 0, 0] for group in self.counts}


@wrong("FixedPointSGD", "__init__: stored weights not rounded", r"round|update_bits|__init__|start|stored|params")
class FixedPointSGD(_FP):
    first_rounded = False


@wrong("FixedPointSGD", "__init__: overflows of the first weights not counted", r"count|__init__|first|start|overflow|rescale")
class FixedPointSGD(_FP):
    first_counted = False


@wrong("FixedPointSGD", "__init__: rounded to bits, not update_bits", r"update_bits|bits|__init__|stored|start|12")
class FixedPointSGD(_FP):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.params = {n: self.grid(n, w, "bits") for n, w in self.params.items()}


@wrong("FixedPointSGD", "step rounds to bits, not update_bits", r"update_bits|bits|step|stored|12")
class FixedPointSGD(_FP):
    step_width = "bits"


@wrong("FixedPointSGD", "round rounds to update_bits", r"bits|update_bits|round|10")
class FixedPointSGD(_FP):
    round_width = "update_bits"


@wrong("FixedPointSGD", "weights() gives the stored weights, not rounded to bits", r"weights|bits|round|stored")
class FixedPointSGD(_FP):
    weights_width = "update_bits"


@wrong("FixedPointSGD", "weights() counts", r"count|weights|not counted")
class FixedPointSGD(_FP):
    weights_counted = True


@wrong("FixedPointSGD", "weights() stores what it gives: the stored weights lose their last bits", r"stored|weights|params|lose|chang|update_bits|lost")
class FixedPointSGD(_FP):
    def weights(self):
        self.params = super().weights()
        return dict(self.params)


@wrong("FixedPointSGD", "the step starts from the weights rounded to bits", r"stored|start|weights|update_bits|bits|from|small|lost")
class FixedPointSGD(_FP):
    def base(self, name):
        return self.grid(name, self.params[name], "bits")


@wrong("FixedPointSGD", "step not counted", r"count|step|overflow")
class FixedPointSGD(_FP):
    step_counted = False


@wrong("FixedPointSGD", "round does not count", r"count|round|overflow|rescale")
class FixedPointSGD(_FP):
    round_counted = False


@wrong("FixedPointSGD", "counted after rounding: saturated numbers no longer lie beyond", r"before|after|satur|count|beyond|rounded|overflow")
class FixedPointSGD(_FP):
    def round(self, group, values):
        self.new(group)
        out = self.grid(group, values, "bits")
        self.count(group, out)
        return out

    def step(self, grads):
        for name, g in grads.items():
            self.params[name] = self.grid(name, self.params[name] - self.learning_rate * g, "update_bits")
            self.count(name, self.params[name])


@wrong("FixedPointSGD", "only the upper edge: numbers exactly at 2**(integer_bits - 1) not counted (>)", r"edge|exactly|at 2|above|equal|>=|beyond|count")
class FixedPointSGD(_FP):
    def over(self, values, end):
        return (values < -end) | (values > end)


@wrong("FixedPointSGD", "only the lower edge: -2**(integer_bits - 1) counted, which lies in the range (abs >=)", r"edge|exactly|lowest|-2|abs|below|in the range|count")
class FixedPointSGD(_FP):
    def over(self, values, end):
        return np.abs(values) >= end


@wrong("FixedPointSGD", "only positive overflows counted", r"negativ|below|both|-2|lower|count")
class FixedPointSGD(_FP):
    def over(self, values, end):
        return values >= end


@wrong("FixedPointSGD", "a quarter for half of the range", r"half|quarter|range|shrink|fewer|less")
class FixedPointSGD(_FP):
    half = 4


@wrong("FixedPointSGD", "half of the range not looked at: one bit less wherever nothing overflows", r"half|less|shrink|range|fewer|overflow")
class FixedPointSGD(_FP):
    half = 1


@wrong("FixedPointSGD", "overflow at twice the range: 2**integer_bits", r"sign|range|- ?1|twice|2\*\*|beyond|overflow")
class FixedPointSGD(_FP):
    def count(self, group, values):
        self.integer_bits[group] += 1
        super().count(group, values)
        self.integer_bits[group] -= 1


@wrong("FixedPointSGD", "counts not started anew after rescale", r"anew|reset|count|since|start|last time")
class FixedPointSGD(_FP):
    forget = False


@wrong("FixedPointSGD", "only of groups that moved are the counts started anew", r"anew|reset|count|all|since|start|stay")
class FixedPointSGD(_FP):
    def rescale(self):
        for group, c in self.counts.items():
            move = self.decide(*c)
            self.integer_bits[group] += move
            if move:
                self.counts[group] = [0, 0, 0]


@wrong("FixedPointSGD", "a group without numbers shrinks (0 <= 0)", r"without|no numbers|empty|stay|any numbers|shrink|0")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return 1 if over > self.max_overflow * n else -1 if half <= self.max_overflow * n else 0


@wrong("FixedPointSGD", "a group without numbers: division by zero", r"without|no numbers|empty|zero|stay|any numbers|division")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return 1 if over / n > self.max_overflow else -1 if half / n <= self.max_overflow else 0


@wrong("FixedPointSGD", "max_overflow as a count, not a share: any overflow widens", r"share|max_overflow|number|fraction|count")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return 0 if n == 0 else 1 if over > self.max_overflow else -1 if half <= self.max_overflow else 0


@wrong("FixedPointSGD", "max_overflow as percent", r"percent|share|max_overflow|100|fraction")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return 0 if n == 0 else 1 if 100 * over / n > self.max_overflow else -1 if 100 * half / n <= self.max_overflow else 0


@wrong("FixedPointSGD", "only at the threshold: widens at exactly the share max_overflow (>=)", r"exactly|more than|equal|threshold|>=|share|max_overflow")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return 0 if n == 0 else 1 if over >= self.max_overflow * n else -1 if half <= self.max_overflow * n else 0


@wrong("FixedPointSGD", "only at the threshold: shrinks below the share only, not at it (<)", r"exactly|no more|equal|threshold|<=|≤|share|less|shrink|zero")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return 0 if n == 0 else 1 if over > self.max_overflow * n else -1 if half < self.max_overflow * n else 0


@wrong("FixedPointSGD", "shrinks only when nothing at all lies beyond half", r"share|max_overflow|half|no more|zero|shrink|less")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return 0 if n == 0 else 1 if over > self.max_overflow * n else -1 if half == 0 else 0


@wrong("FixedPointSGD", "never shrinks", r"less|shrink|half|down|fewer")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return max(super().decide(n, over, half), 0)


@wrong("FixedPointSGD", "never below one integer bit", r"negativ|below|less|1|minimum|shrink|bit")
class FixedPointSGD(_FP):
    def rescale(self):
        super().rescale()
        self.integer_bits = {g: max(i, 1) for g, i in self.integer_bits.items()}


@wrong("FixedPointSGD", "directions exchanged: less on overflow, more when there is room", r"exchang|direction|more|less|turn|widen|sign|swap")
class FixedPointSGD(_FP):
    def decide(self, n, over, half):
        return -super().decide(n, over, half)


@wrong("FixedPointSGD", "widens by as many bits as the largest number needs, not one", r"one bit|at most|several|more than one|two")
class FixedPointSGD(_FP):
    def count(self, group, values):
        super().count(group, values)
        self.largest = getattr(self, "largest", {})
        self.largest[group] = max(self.largest.get(group, 0.0), float(np.abs(values).max(initial=0)))

    def rescale(self):
        for group, c in self.counts.items():
            move = self.decide(*c)
            if move > 0:
                self.integer_bits[group] = math.floor(math.log2(self.largest[group])) + 2
            else:
                self.integer_bits[group] += move
        self.counts = {group: [0, 0, 0] for group in self.counts}
        self.largest = {}


@wrong("FixedPointSGD", "only the parameters' groups are rescaled", r"group|every|all|round|further|parameter")
class FixedPointSGD(_FP):
    def rescale(self):
        for group, c in self.counts.items():
            if group in self.params:
                self.integer_bits[group] += self.decide(*c)
        self.counts = {group: [0, 0, 0] for group in self.counts}


@wrong("FixedPointSGD", "one range for all groups", r"group|own|each|all|one|shared")
class FixedPointSGD(_FP):
    def rescale(self):
        totals = [sum(c) for c in zip(*self.counts.values())]
        move = self.decide(*totals) if totals else 0
        self.integer_bits = {g: i + move for g, i in self.integer_bits.items()}
        self.counts = {group: [0, 0, 0] for group in self.counts}


@wrong("FixedPointSGD", "new groups start with 2 whatever integer_bits says", r"integer_bits|start|new group|2|setting")
class FixedPointSGD(_FP):
    start_bits = 2


@wrong("FixedPointSGD", "fraction bits do not shrink when integer bits grow: always bits - the first integer_bits", r"fraction|w - integer|total|width|bits in all|step|grid|moves")
class FixedPointSGD(_FP):
    def fraction(self, group, width):
        return getattr(self, width) - self.start


@wrong("FixedPointSGD", "sign counted on top: bits - integer_bits - 1 fraction bits", r"fraction|sign|one bit|bits in all|w - integer|step|grid")
class FixedPointSGD(_FP):
    def fraction(self, group, width):
        return super().fraction(group, width) - 1


@wrong("FixedPointSGD", "step always updates with rate 0.1", r"learning_rate|rate|0\.1|default")
class FixedPointSGD(_FP):
    rate = 0.1


@wrong("FixedPointSGD", "uphill", r"uphill|sign|minus|direction|add")
class FixedPointSGD(_FP):
    sign = 1


@wrong("FixedPointSGD", "default max_overflow 1e-3", r"default|max_overflow|1e-4|0\.0001")
class FixedPointSGD(_FP):
    def __init__(self, params, learning_rate=0.1, bits=10, update_bits=12, max_overflow=1e-3, integer_bits=2):
        super().__init__(params, learning_rate, bits, update_bits, max_overflow, integer_bits)


@wrong("FixedPointSGD", "step wants a gradient for every parameter", r"grads|each name|every|KeyError|missing|only|name in")
class FixedPointSGD(_FP):
    def step(self, grads):
        super().step({name: grads[name] for name in self.params})


@wrong("FixedPointSGD", "the caller's arrays changed in place", r"modif|in place|chang|caller|copy|params")
class FixedPointSGD(_FP):
    def __init__(self, params, *args, **kwargs):
        super().__init__(params, *args, **kwargs)
        for name, w in params.items():
            w[...] = self.params[name]
        self.params = dict(params)

    def step(self, grads):
        for name, g in grads.items():
            w = self.params[name]
            w -= self.learning_rate * g
            self.count(name, w)
            w[...] = self.grid(name, w, "update_bits")


@wrong("FixedPointSGD", "stochastic rounding instead of to the nearest", r"nearest|chance|stochastic|random|round")
class FixedPointSGD(_FP):
    def grid(self, group, values, width):
        self.rng = getattr(self, "rng", None) or np.random.default_rng(0)
        return _quantize(np.asarray(values), self.integer_bits[group], self.fraction(group, width), "stochastic", self.rng)


@wrong("FixedPointSGD", "stored weights re-rounded on the new grid by rescale, and counted there", r"rescale|count|stored|anew|params|only|chang")
class FixedPointSGD(_FP):
    def rescale(self):
        super().rescale()
        for name, w in self.params.items():
            self.count(name, w)
            self.params[name] = self.grid(name, w, "update_bits")


@wrong("FixedPointSGD", "only the last call counts: counts overwritten, not added", r"count|add|last|since|all|overwr|sum")
class FixedPointSGD(_FP):
    def count(self, group, values):
        self.counts[group] = [0, 0, 0]
        super().count(group, values)


@wrong("FixedPointSGD", "shares per call averaged: small arrays weigh as much as large ones", r"share|number|size|weigh|mean|averag|count|call")
class FixedPointSGD(_FP):
    def count(self, group, values):
        end = 2.0 ** (self.integer_bits[group] - 1)
        c = self.counts.setdefault(group, [0, 0, 0])
        if values.size:
            c[0] += 1
            c[1] += float(self.over(values, end).mean())
            c[2] += float(self.over(values, end / 2).mean())


@wrong("FixedPointSGD", "two: counts kept after rescale, and half of the range not looked at", r"anew|reset|count|half|since|less")
class FixedPointSGD(_FP):
    forget = False
    half = 1


@wrong("FixedPointSGD", "two: weights() counts and gives update_bits", r"count|weights|bits|stored|round")
class FixedPointSGD(_FP):
    weights_counted = True
    weights_width = "update_bits"


@wrong("FixedPointSGD", "two: step rounds to bits and is not counted", r"update_bits|bits|count|step|stored")
class FixedPointSGD(_FP):
    step_width = "bits"
    step_counted = False
