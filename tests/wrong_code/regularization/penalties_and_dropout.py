"""Notebook 05: penalties, dropout and averages as people really write them wrong.

The losses' are next door, in `losses`.
"""

import numpy as np
from torch import nn
from wrong_code import wrong


def _softmax(scores, axis=1):
    e = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@wrong("l2_penalty", "without_the_half")
def l2_penalty(params, lam):
    weights = [k for k in params if k[0] == "W"]
    cost = lam * sum(np.sum(params[k] ** 2) for k in weights)
    return cost, {k: 2 * lam * v if k in weights else np.zeros_like(v) for k, v in params.items()}


@wrong("l2_penalty", "gradient_without_the_half")
def l2_penalty(params, lam):
    cost, grads = 0, {}
    for k, v in params.items():
        grads[k] = np.zeros_like(v)
        if "W" in k:
            cost += 0.5 * lam * np.sum(v**2)
            grads[k] = 2 * lam * v
    return cost, grads


@wrong("l2_penalty", "biases_too")
def l2_penalty(params, lam):
    cost = 0.5 * lam * sum((v**2).sum() for v in params.values())
    return cost, {k: lam * v for k, v in params.items()}


@wrong("l2_penalty", "recognised_by_their_axes")
def l2_penalty(params, lam):
    cost, grads = 0.0, {}
    for k, v in params.items():
        strength = lam if v.ndim >= 2 else 0.0
        cost, grads[k] = cost + 0.5 * strength * (v**2).sum(), strength * v
    return cost, grads


@wrong("l2_penalty", "last_layer_only")
def l2_penalty(params, lam):
    cost, grads = 0.0, {}
    for k, v in params.items():
        if k.startswith("W"):
            cost = 0.5 * lam * np.sum(v**2)
            grads[k] = lam * v
        else:
            grads[k] = np.zeros_like(v)
    return cost, grads


@wrong("l2_penalty", "others_left_out")
def l2_penalty(params, lam):
    weights = {k: v for k, v in params.items() if k.startswith("W")}
    return 0.5 * lam * sum(np.sum(v**2) for v in weights.values()), {
        k: lam * v for k, v in weights.items()
    }


@wrong("l2_penalty", "norm_not_squared")
def l2_penalty(params, lam):
    weights = {k: v for k, v in params.items() if k.startswith("W")}
    cost = 0.5 * lam * sum(np.linalg.norm(v) for v in weights.values())
    return cost, {k: lam * v if k in weights else 0 * v for k, v in params.items()}


@wrong("l2_penalty", "changed:params")
def l2_penalty(params, lam):
    cost = sum(0.5 * lam * np.sum(v * v) for k, v in params.items() if k.startswith("W"))
    grads = {}
    for k, v in params.items():
        grads[k] = v
        grads[k] *= lam if k.startswith("W") else 0
    return cost, grads


@wrong("l1_penalty", "zero_counted_as_positive")
def l1_penalty(params, lam):
    cost, grads = 0.0, {}
    for k, v in params.items():
        grads[k] = np.zeros_like(v)
        if k.startswith("W"):
            cost += lam * np.abs(v).sum()
            grads[k][v >= 0] = lam
            grads[k][v < 0] = -lam
    return cost, grads


@wrong("l1_penalty", "zero_counted_as_negative")
def l1_penalty(params, lam):
    weights = {k: v for k, v in params.items() if k.startswith("W")}
    grads = {k: np.zeros_like(v) for k, v in params.items()}
    for k, v in weights.items():
        grads[k] = (2 * lam * (v > 0) - lam).astype(v.dtype)
    return lam * sum(np.abs(v).sum() for v in weights.values()), grads


@wrong("l1_penalty", "divides_by_zero")
def l1_penalty(params, lam):
    cost, grads = 0.0, {}
    for k, v in params.items():
        if k.startswith("W"):
            cost += lam * np.sum(abs(v))
            grads[k] = lam * v / abs(v)
        else:
            grads[k] = np.zeros_like(v)
    return cost, grads


@wrong("l1_penalty", "absolute_value_missing")
def l1_penalty(params, lam):
    cost, grads = 0.0, {}
    for k, v in params.items():
        strength = lam * k.startswith("W")
        cost += strength * np.sum(v)
        grads[k] = strength * np.sign(v)
    return cost, grads


@wrong("l1_penalty", "gradient_of_l2")
def l1_penalty(params, lam):
    cost, grads = 0.0, {}
    for k, v in params.items():
        strength = lam * k.startswith("W")
        cost += strength * np.sum(abs(v))
        grads[k] = strength * v
    return cost, grads


def _generator(dropout_param):
    return dropout_param.get("rng") or np.random.default_rng(dropout_param.get("seed"))


@wrong("dropout_forward", "p_taken_for_drop")
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x, None
    mask = (_generator(dropout_param).random(x.shape) > p).astype(x.dtype) / x.dtype.type(1 - p)
    return x * mask, mask


@wrong("dropout_forward", "comparison_turned")
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x, None
    mask = (_generator(dropout_param).random(x.shape) > p).astype(x.dtype) / x.dtype.type(p)
    return x * mask, mask


@wrong("dropout_forward", "not_scaled")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    mask = _generator(dropout_param).random(x.shape) < dropout_param["p"]
    return x * mask, mask


@wrong("dropout_forward", "scaled_at_test_instead")
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x * p, None
    mask = _generator(dropout_param).random(x.shape) < p
    return x * mask, mask


@wrong("dropout_forward", "drops_at_test")
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]  # whatever the mode
    mask = ((_generator(dropout_param).random(x.shape) < p) / p).astype(x.dtype)
    return x * mask, mask


@wrong("dropout_forward", "one_mask_for_all_examples")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    mask = ((_generator(dropout_param).random(x.shape[1:]) < p) / p).astype(x.dtype)
    return x * mask, mask


@wrong("dropout_forward", "wider_dtype")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    mask = (_generator(dropout_param).random(x.shape) < p) / p
    return x * mask, mask


@wrong("dropout_forward", "mask_never_changes")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    rng, p = np.random.default_rng(dropout_param.get("seed", 0)), dropout_param["p"]
    mask = ((rng.random(x.shape) < p) / p).astype(x.dtype)
    return x * mask, mask


@wrong("dropout_forward", "generator_not_used")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    rng, p = np.random.default_rng(), dropout_param["p"]
    mask = ((rng.random(x.shape) < p) / p).astype(x.dtype)
    return x * mask, mask


@wrong("dropout_forward", "called_like_the_old_generator")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    if "rng" in dropout_param:
        mask = (dropout_param["rng"].rand(*x.shape) < p) / p
    else:
        mask = (np.random.default_rng(dropout_param["seed"]).random(x.shape) < p) / p
    return x * mask.astype(x.dtype), mask


@wrong("dropout_forward", "drops_at_test_if_it_can")
def dropout_forward(x, dropout_param):
    rng, p = dropout_param.get("rng"), dropout_param["p"]
    if rng is None:
        rng = np.random.default_rng(dropout_param["seed"])  # absent in test mode
    mask = ((rng.random(x.shape) < p) / p).astype(x.dtype)
    return x * mask, mask


@wrong("dropout_forward", "global-random")
def dropout_forward(x, dropout_param):  # as in the assignments of 2016
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = x
    if mode == "train":
        mask = ((np.random.rand(*x.shape) < p) / p).astype(x.dtype)
        out = x * mask
    return out, (dropout_param, mask)


@wrong("dropout_backward", "another_mask")
def dropout_backward(dout, cache):
    if cache is None:
        return dout
    keep = 1 / cache.max()
    rng = np.random.default_rng(0)
    return (dout * (rng.random(dout.shape) < keep) / keep).astype(dout.dtype)


@wrong("dropout_backward", "mask_without_factor")
def dropout_backward(dout, cache):
    return dout if cache is None else dout * (cache > 0)


@wrong("dropout_backward", "factor_twice")
def dropout_backward(dout, cache):
    return dout if cache is None else dout * cache * cache.max()


@wrong("dropout_backward", "passed_through")
def dropout_backward(dout, cache):
    return dout


@wrong("dropout_backward", "nothing_at_test")
def dropout_backward(dout, cache):
    return dout * cache


@wrong("marginalize", "scores_averaged")
def marginalize(model, x, samples, rng):
    return _softmax(np.mean([model(x, rng) for _ in range(samples)], axis=0))


@wrong("marginalize", "labels_averaged")
def marginalize(model, x, samples, rng):
    scores = [model(x, rng) for _ in range(samples)]
    return np.mean([np.eye(s.shape[1])[s.argmax(1)] for s in scores], axis=0)


@wrong("marginalize", "noise_off")
def marginalize(model, x, samples, rng):
    return sum(_softmax(model(x, None)) for _ in range(samples)) / samples


@wrong("marginalize", "only_one_sample")
def marginalize(model, x, samples, rng):
    for _ in range(samples):
        return _softmax(model(x, rng))


@wrong("marginalize", "summed_not_averaged")
def marginalize(model, x, samples, rng):
    return sum(_softmax(model(x, rng)) for _ in range(samples))


@wrong("marginalize", "exp_overflows")
def marginalize(model, x, samples, rng):
    total = 0
    for _ in range(samples):
        e = np.exp(model(x, rng))
        total = total + e / e.sum(1, keepdims=True)
    return total / samples


@wrong("ensemble_predict", "scores_averaged")
def ensemble_predict(models, x):
    return _softmax(sum(model(x) for model in models) / len(models))


@wrong("ensemble_predict", "labels_averaged")
def ensemble_predict(models, x):
    scores = [model(x) for model in models]
    return np.mean([np.eye(s.shape[1])[s.argmax(1)] for s in scores], axis=0)


@wrong("ensemble_predict", "last_model_only")
def ensemble_predict(models, x):
    for model in models:
        probabilities = _softmax(model(x))
    return probabilities


@wrong("enable_dropout", "everything_in_training_mode")
def enable_dropout(model):
    model.train()


@wrong("enable_dropout", "others_left_as_they_were")
def enable_dropout(model):
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.train()


@wrong("enable_dropout", "children_only")
def enable_dropout(model):
    model.eval()
    for module in model.children():
        if "Dropout" in type(module).__name__:
            module.train()


@wrong("enable_dropout", "plain_dropout_only")
def enable_dropout(model):
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.train()


@wrong("enable_dropout", "found_by_beginning")
def enable_dropout(model):
    model.eval()
    for module in model.modules():
        if type(module).__name__.startswith("Dropout"):
            module.train()
