"""Notebook 05: dropout with one piece wrong, piece by piece."""

import copy

import numpy as np
from wrong_code import wrong


def generator(given):
    return given["rng"] if "rng" in given else np.random.default_rng(given["seed"])


def dropout(draws=generator, mask=None, factor=None, at_test=None, first=None):
    """The forward pass with another generator, mask, factor or test mode; `first` runs before."""

    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if first:
            first(x, dropout_param)
        if dropout_param["mode"] == "test":
            return (at_test(x, p) if at_test else x), (p, None)
        rng = draws(dropout_param)
        keep = mask(rng, x, p) if mask else rng.random(x.shape) < p
        out = x * keep * (factor(p, keep) if factor else 1 / p)
        return out.astype(x.dtype), (p, np.broadcast_to(keep, x.shape))

    return dropout_forward


def permuted(rng, x, p):
    keep = np.arange(x.size) < round(p * x.size)
    return rng.permutation(keep).reshape(x.shape)


def kept_in_the_dict(given):
    given.setdefault("rng", np.random.default_rng(given.get("seed")))
    return given["rng"]


for identity, code in {
    "scaled_by_the_share_found": dropout(factor=lambda p, keep: 1 / keep.mean()),
    "divided_at_test": dropout(at_test=lambda x, p: x / p),
    "share_dropped_at_test": dropout(at_test=lambda x, p: x * (1 - p)),
    "noise_without_zeros": dropout(mask=lambda rng, x, p: rng.random(x.shape)),
    "whole_maps_dropped": dropout(
        mask=lambda rng, x, p: rng.random((*x.shape[:2], *[1] * (x.ndim - 2))) < p
    ),
    "all_or_none": dropout(mask=lambda rng, x, p: rng.random() < p),
    "always_equally_many": dropout(mask=permuted),
    "a_coin": dropout(mask=lambda rng, x, p: rng.integers(0, 2, x.shape)),
    "a_coin_for_two": dropout(
        mask=lambda rng, x, p: rng.integers(0, 2, x.shape), factor=lambda p, keep: 2
    ),
    "mask_never_changes": dropout(
        lambda given: copy.deepcopy(given["rng"]) if "rng" in given else generator(given)
    ),
    "seed_of_your_own": dropout(lambda given: np.random.default_rng(42)),
    "seed_not_read": dropout(lambda given: given.get("rng") or np.random.default_rng(0)),
    "seed_before_generator": dropout(
        lambda given: np.random.default_rng(given["seed"]) if "seed" in given else given["rng"]
    ),
    "generator_kept": dropout(kept_in_the_dict),
    "seed_0_lost": dropout(
        lambda given: given.get("rng") or np.random.default_rng(given["seed"] or None)
    ),
    "all_called_like_the_old_one": dropout(mask=lambda rng, x, p: rng.rand(*x.shape) < p),
    "seed_wanted_beside_a_generator": dropout(
        lambda given: given.get("rng", np.random.default_rng(given["seed"]))
    ),
    "generator_wanted_at_test": dropout(first=lambda x, given: generator(given)),
    "generator_always_wanted": dropout(lambda given: given["rng"]),
    "generator_wanted_even_at_test": dropout(first=lambda x, given: given["rng"]),
    "no_generator_made": dropout(lambda given: given.get("rng")),
}.items():
    wrong("dropout_forward", identity)(code)


@wrong("dropout_forward", "does_nothing")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "train":
        return x, None
    return x, None


@wrong("dropout_forward", "two_axes_only")
def dropout_forward(x, dropout_param):
    n, d = x.shape
    return dropout(mask=lambda rng, x, p: rng.random((n, d)) < p)(x, dropout_param)


@wrong("dropout_forward", "seed_always_wanted")
def dropout_forward(x, dropout_param):
    rng = np.random.default_rng(dropout_param["seed"])
    return dropout(lambda given: given.get("rng", rng))(x, dropout_param)


@wrong("dropout_backward", "nothing_at_test")
def dropout_backward(dout, cache):
    return dout * cache


@wrong("dropout_backward", "returns_nothing_at_test")
def dropout_backward(dout, cache):
    if cache is not None:
        return dout * cache


@wrong("dropout_backward", "zero_at_test")
def dropout_backward(dout, cache):
    return np.zeros_like(dout) if cache is None else dout * cache


@wrong("dropout_backward", "factor_turned")
def dropout_backward(dout, cache):  # the cached mask holds 1/p
    return dout if cache is None else (dout * (cache > 0) / cache.max()).astype(dout.dtype)


@wrong("dropout_backward", "mask_turned")
def dropout_backward(dout, cache):
    return dout if cache is None else dout * (cache == 0) * cache.max()


@wrong("dropout_backward", "another_mask")
def dropout_backward(dout, cache):
    if cache is None:
        return dout
    return dout * np.random.default_rng(1).permutation(cache.ravel()).reshape(cache.shape)


@wrong("dropout_backward", "another_mask_without_factor")
def dropout_backward(dout, cache):
    if cache is None:
        return dout
    mask = np.random.default_rng(1).permutation(cache.ravel() > 0).reshape(cache.shape)
    return dout * mask.astype(dout.dtype)
