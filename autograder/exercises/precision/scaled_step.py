"""A step of SGD with a scaled loss in numpy, with one thing changed where asked (notebook 13)."""

import numpy as np

from autograder.exercise import mistake, raises

DEFAULTS = {"learning_rate": 1e-2, "max_norm": None, "scale": 65536.0, "growth_factor": 2.0,
            "backoff_factor": 0.5, "growth_interval": 2000, "growth_tracker": 0}  # fmt: skip


def one_step(params, scaled, c, unscale=lambda g, c: g.astype(np.float32) / c["scale"],
             clip="global", skip="all", back_off="times", grow="times", reset=True, late=0,
             go_on=False, uphill=False, stored=np.float32, grow_first=False,
             counts_bad=False, least=0.0, as_good=False):  # fmt: skip
    """A step of SGD with a scaled loss, with one thing changed; changes the config `c`."""
    limit = np.inf if c["max_norm"] is None else c["max_norm"]
    sees = SEES.get(skip, lambda g: ~np.isfinite(g))
    if grow_first and all(np.isfinite(g).all() for g in scaled.values()):
        scale_up(c, grow, late, go_on)
    grads = {name: unscale(g, c) for name, g in scaled.items()}
    bad = {name: bool(sees(g).any()) for name, g in grads.items()}
    if skip == "sum":  # of the scaled gradients, in half precision
        bad = {name: not np.isfinite(g.sum()) for name, g in scaled.items()}
    if skip in ("first", "last"):
        deciding = bad[(list if skip == "first" else lambda names: list(names)[::-1])(bad)[0]]
        bad = dict.fromkeys(bad, deciding)
    if skip in ("by the norm", "unless limited"):
        limited = c["max_norm"] is not None
        bad = bad if limited == (skip == "by the norm") else dict.fromkeys(bad, False)
    if skip == "all bad":
        bad = dict.fromkeys(bad, all(bad.values()))
    if skip == "zeroed":
        grads = {n: np.where(np.isfinite(g), g, np.float32(0)) for n, g in grads.items()}
    before = clip.startswith("before")
    measured = {n: g.astype(np.float32) for n, g in scaled.items()} if before else grads
    if clip == "in half":
        measured = {n: g.astype(np.float16) for n, g in grads.items()}
    norms = {name: np.sqrt((g**2).sum()) for name, g in measured.items()}
    counted = [norms[n] for n in norms if clip != "finite ones" or not bad[n]]
    whole = np.sqrt(sum(norm**2 for norm in counted))
    whole = {"squared": whole**2, "sum": sum(norms.values()), "longer": whole + 1e-2,
             "largest": max(norms.values())}.get(clip, whole)  # fmt: skip
    following = dict(params)
    for name, w in params.items():
        norm = norms[name] if clip in ("each", "before each") else whole
        if clip == "always" and np.isfinite(limit):
            factor = limit / norm
        elif clip == "lengthened" and np.isfinite(limit) and norm:
            factor = limit / norm
        else:
            factor = min(1, limit / norm) if clip != "none" and norm else 1
        refused = bad[name] if skip == "each" else any(bad.values()) and skip in SKIPS
        if skip == "from the first":
            refused = any(bad[n] for n in list(params)[: list(params).index(name) + 1])
        if not refused:
            if clip == "by value":
                g = np.clip(grads[name], -limit, limit)
            else:
                g = np.float32(factor) * grads[name]
            step = c["learning_rate"] * g
            following[name] = (w + step if uphill else w - step).astype(stored)
    if any(bad.values()) and not as_good:
        if back_off == "divided":
            c["scale"] /= c["backoff_factor"]
        elif back_off:
            c["scale"] *= c["backoff_factor"]
        c["scale"] = max(c["scale"], least)
        c["growth_tracker"] = (0 if reset else c["growth_tracker"]) + counts_bad
        return following
    if not grow_first:
        scale_up(c, grow, late, go_on)
    return following


SEES = {"nan": np.isnan, "inf": np.isinf,
        "not minus": lambda g: np.isnan(g) | np.isposinf(g)}  # fmt: skip
SKIPS = ("all", "all bad", "sum", "first", "last", "by the norm", "unless limited", *SEES)


def scale_up(c, grow, late, go_on):
    """A good step more, and a larger scale where there were enough of them."""
    c["growth_tracker"] += 1
    if c["growth_tracker"] >= c["growth_interval"] + late:
        if grow == "added":
            c["scale"] += c["growth_factor"]
        elif grow:
            c["scale"] *= c["growth_factor"]
        c["growth_tracker"] = c["growth_tracker"] if go_on else 0


def wants(key):
    """The mistake of reading a setting that may be absent."""

    def show(self, right, params, gradients, config):
        if key not in config:
            return dict.fromkeys(right, raises("KeyError", key))

    show.__doc__ = f"""Your code stops where config holds no "{key}". It may be empty: every key has
        a default, which the docstring gives."""
    return mistake(show)
