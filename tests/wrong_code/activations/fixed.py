"""Notebook 02: fixed activations as people really write them wrong, and shares counted wrong.

PReLU, Maxout and the piecewise linear nets are next door, in `learned_activations`.
"""

import numpy as np
from wrong_code import wrong


@wrong("sigmoid_forward", "warning")
def sigmoid_forward(x):
    out = 1 / (1 + np.exp(-x))
    return out, out


@wrong("sigmoid_forward", "exp_overflows", "warning")
def sigmoid_forward(x):
    out = np.exp(x) / (1 + np.exp(x))
    return out, out


@wrong("sigmoid_forward", "missing_brackets")
def sigmoid_forward(x):
    out = 1 / 1 + np.exp(-x)
    return out, out


@wrong("sigmoid_forward", "cut_to_whole_numbers")
def sigmoid_forward(x):
    out = np.zeros_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    out[~positive] = e / (1 + e)
    return out, out


@wrong("sigmoid_forward", "wider_dtype")
def sigmoid_forward(x):
    out = np.empty(x.shape)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    out[~positive] = e / (1 + e)
    return out, out


@wrong("sigmoid_backward", "dout_forgotten")
def sigmoid_backward(dout, cache):
    return cache * (1 - cache)


@wrong("sigmoid_backward", "sigmoid_twice")
def sigmoid_backward(dout, cache):
    s = 1 / (1 + np.exp(-cache))
    return dout * s * (1 - s)


@wrong("sigmoid_backward", "tanh_derivative")
def sigmoid_backward(dout, cache):
    return dout * (1 - cache * cache)


@wrong("sigmoid_backward", "changed:dout")
def sigmoid_backward(dout, cache):
    dout *= cache * (1 - cache)
    return dout


@wrong("tanh_forward", "exp_overflows")
def tanh_forward(x):
    up, down = np.exp(x), np.exp(-x)
    out = (up - down) / (up + down)
    return out, out


@wrong("tanh_forward", "half_as_steep")
def tanh_forward(x):
    out = 2 * (np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))) - 1
    return out, out


@wrong("tanh_backward", "not_squared")
def tanh_backward(dout, cache):
    return dout * (1 - cache)


@wrong("tanh_backward", "tanh_twice")
def tanh_backward(dout, cache):
    return dout * (1 - np.tanh(cache) ** 2)


@wrong("relu_forward", "changed:x")
def relu_forward(x):
    x[x < 0] = 0
    return x, x


@wrong("relu_forward", "largest_of_each_column")
def relu_forward(x):
    return np.max(x, 0), x


@wrong("relu_forward", "returns_a_boolean_mask")
def relu_forward(x):
    return x > 0, x


@wrong("relu_forward", "leaks")
def relu_forward(x):
    return np.maximum(0.01 * x, x), x


@wrong("relu_backward", "one_at_zero")
def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache < 0] = 0
    return dx


@wrong("relu_backward", "changed:dout")
def relu_backward(dout, cache):
    dout[cache <= 0] = 0
    return dout


@wrong("relu_backward", "dout_decides")
def relu_backward(dout, cache):
    return np.where(dout > 0, dout, 0)


@wrong("relu_backward", "output_for_derivative")
def relu_backward(dout, cache):
    return dout * np.maximum(0, cache)


@wrong("relu_backward", "dout_forgotten")
def relu_backward(dout, cache):
    return np.where(cache > 0, 1, 0).astype(dout.dtype)


@wrong("leaky_relu_forward", "larger_of_the_two")
def leaky_relu_forward(x, alpha=0.01):
    return np.maximum(alpha * x, x), (x, alpha)


@wrong("leaky_relu_forward", "a_tenth_by_default")
def leaky_relu_forward(x, alpha=0.1):
    return np.where(x > 0, x, alpha * x), (x, alpha)


@wrong("leaky_relu_forward", "unread:alpha")
def leaky_relu_forward(x, alpha=0.01):
    return np.where(x > 0, x, 0.01 * x), (x, alpha)


@wrong("leaky_relu_forward", "constant_on_the_left")
def leaky_relu_forward(x, alpha=0.01):
    out = x.copy()
    out[x <= 0] = alpha
    return out, (x, alpha)


@wrong("leaky_relu_backward", "wider_dtype")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, 1, alpha)


@wrong("leaky_relu_backward", "one_at_zero")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    dx = dout.copy()
    dx[x < 0] *= alpha
    return dx


@wrong("leaky_relu_backward", "alpha_without_dout")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    dx = dout.copy()
    dx[x <= 0] = alpha
    return dx


@wrong("leaky_relu_backward", "alpha_forgotten")
def leaky_relu_backward(dout, cache):
    x, _ = cache
    return dout * (x > 0)


@wrong("elu_forward", "cancels_near_zero")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)), (x, alpha)


@wrong("elu_forward", "warning")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(x)), (x, alpha)


@wrong("elu_forward", "unread:alpha")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0))), (x, alpha)


@wrong("elu_forward", "one_subtracted_last")
def elu_forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1), (x, alpha)


@wrong("elu_backward", "adds_one")
def elu_backward(dout, cache):
    x, alpha = cache
    out = alpha * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, dout, dout * (out + 1))


@wrong("elu_backward", "exp_overflows", "warning")
def elu_backward(dout, cache):
    x, alpha = cache
    return dout * (x > 0) + dout * (x <= 0) * alpha * np.exp(x)


@wrong("elu_backward", "one_at_zero")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x >= 0, dout, dout * alpha * np.exp(np.minimum(x, 0)))


@wrong("saturation_fraction", "not_relative")
def saturation_fraction(a, kind, threshold=0.05):
    slopes = {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": (a > 0) * 1.0}
    return (slopes[kind] < threshold).mean()


@wrong("saturation_fraction", "squashed_again")
def saturation_fraction(a, kind, threshold=0.05):
    if kind == "sigmoid":
        s = 1 / (1 + np.exp(-a))
        slope = s * (1 - s) / 0.25
    elif kind == "tanh":
        slope = 1 - np.tanh(a) ** 2
    else:
        slope = (a > 0).astype(float)
    return np.mean(slope < threshold)


@wrong("saturation_fraction", "equal_counts")
def saturation_fraction(a, kind, threshold=0.05):
    if kind == "relu":
        return np.mean(a <= 0)
    slope = 4 * a * (1 - a) if kind == "sigmoid" else 1 - a * a
    return np.mean(slope <= threshold)


@wrong("saturation_fraction", "count_not_share")
def saturation_fraction(a, kind, threshold=0.05):
    if kind == "relu":
        return np.sum(a <= 0)
    slope = 4 * a * (1 - a) if kind == "sigmoid" else 1 - a * a
    return np.sum(slope < threshold)


@wrong("dead_fraction", "share_of_zeros")
def dead_fraction(activations):
    a = np.concatenate(activations)
    return np.mean(a == 0)


@wrong("dead_fraction", "silent_examples_among_units")
def dead_fraction(activations):
    silent = sum(int(np.all(a <= 0, axis=1).sum()) for a in activations)
    return silent / activations[0].shape[1]


@wrong("dead_fraction", "all_dead")
def dead_fraction(activations):
    fired = np.zeros(activations[0].shape[1], dtype=bool)
    for a in activations:
        fired &= (a > 0).any(axis=0)
    return 1 - float(fired.mean())


@wrong("dead_fraction", "mean_over_batches")
def dead_fraction(activations):
    return np.mean([(a.max(axis=0) == 0).mean() for a in activations])


@wrong("dead_fraction", "last_batch_only")
def dead_fraction(activations):
    for a in activations:
        dead = (a > 0).sum(axis=0) == 0
    return dead.mean()


@wrong("dead_fraction", "exactly_zero_only")
def dead_fraction(activations):
    return np.all(np.concatenate(activations) == 0, axis=0).mean()


@wrong("dead_fraction", "first_batch_only")
def dead_fraction(activations):
    for a in activations:
        fires = (a > 0).any(axis=0)
        return 1 - fires.mean()


@wrong("dead_fraction", "silent_in_one_batch")
def dead_fraction(activations):
    dead = np.zeros(activations[0].shape[1], dtype=bool)
    for a in activations:
        dead |= (a == 0).all(axis=0)
    return dead.mean()


@wrong("dead_fraction", "silent_examples")
def dead_fraction(activations):
    return (np.concatenate(activations).max(axis=1) == 0).mean()
