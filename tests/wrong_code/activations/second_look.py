"""Notebook 02: what people wrote wrong who came after the further learners."""

import numpy as np
from wrong_code import wrong


@wrong("sigmoid_forward", "hard_sigmoid")
def sigmoid_forward(x):
    line = np.minimum(np.maximum(0.5 + x / 5, 0), 1)
    out = line.astype(x.dtype) if x.dtype.kind == "f" else line
    return out, out


@wrong("sigmoid_forward", "hard_sigmoid_of_sixths")
def sigmoid_forward(x):
    line = np.clip(x + 3.0, 0, 6) / 6
    out = line.astype(x.dtype) if x.dtype.kind == "f" else line
    return out, out


@wrong("sigmoid_forward", "softsign")
def sigmoid_forward(x):
    out = 0.5 * x / (1 + np.abs(x)) + 0.5
    return out, out


@wrong("sigmoid_forward", "is_softmax")
def sigmoid_forward(x):
    shifted = np.exp(x - np.max(x, axis=-1, keepdims=True))
    out = shifted / np.sum(shifted, axis=-1, keepdims=True)
    return out, out


@wrong("sigmoid_backward", "dout_at_the_first_term")
def sigmoid_backward(dout, cache):
    return cache * dout - cache**2


@wrong("sigmoid_backward", "one_plus_the_output")
def sigmoid_backward(dout, cache):
    return dout * (cache + cache * cache)


@wrong("tanh_backward", "one_plus_the_square")
def tanh_backward(dout, cache):
    return dout + dout * cache**2


@wrong("saturation_fraction", "units_saturated_throughout")
def saturation_fraction(a, kind, threshold=0.05):
    slopes = {"relu": (a > 0).astype(float), "tanh": 1 - a * a, "sigmoid": a * (1 - a) / 0.25}
    stuck = slopes[kind].max(axis=0) < threshold
    return np.count_nonzero(stuck) / stuck.size


@wrong("saturation_fraction", "examples_saturated_throughout")
def saturation_fraction(a, kind, threshold=0.05):
    slopes = {"relu": (a > 0).astype(float), "tanh": 1 - a * a, "sigmoid": a * (1 - a) / 0.25}
    stuck = slopes[kind].max(axis=-1) < threshold
    return np.count_nonzero(stuck) / stuck.size


@wrong("dead_fraction", "first_batch_only")
def dead_fraction(activations):
    for batch in activations:
        return float(np.mean(batch.max(axis=0) <= 0))


@wrong("dead_fraction", "last_batch_only")
def dead_fraction(activations):
    for batch in activations:
        fires = (batch > 0).sum(axis=0)
    return float(np.mean(fires == 0))


@wrong("leaky_relu_forward", "one_minus_alpha")
def leaky_relu_forward(x, alpha=0.01):
    return np.where(x > 0, x, x - x.dtype.type(alpha) * x), (x, alpha)


@wrong("leaky_relu_backward", "one_minus_alpha_and_one_at_zero")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    slope = np.where(x < 0, 1 - alpha, 1.0).astype(x.dtype)
    return dout * slope


@wrong("prelu_backward", "dalpha_from_both_sides_divided")
def prelu_backward(dout, cache):
    x, alpha = cache
    slopes = alpha.reshape(1, -1, *[1] * (x.ndim - 2))
    every = dout * x
    while every.ndim > 2:
        every = every.sum(-1)
    return dout * np.where(x > 0, 1, slopes), every.mean(0)


@wrong("maxout_backward", "second_map_without_mask")
def maxout_backward(dout, cache):
    x, W1, W2, first, second = cache
    heard = np.where(first >= second, dout, 0)
    dx = heard @ W1.T + dout @ W2.T
    return dx, x.T @ heard, heard.sum(0), x.T @ dout, dout.sum(0)


@wrong("joints_and_slopes", "leftmost_piece_missing")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    on = np.outer(joints + 1e-9, theta[:, 1]) + theta[:, 0] > 0
    return joints, on @ (theta[:, 1] * phi[1:])


@wrong("joints_and_slopes", "mirrored_and_leftmost_missing")
def joints_and_slopes(theta, phi):
    joints = np.sort(theta[:, 0] / theta[:, 1])
    on = np.outer(joints + 1e-9, theta[:, 1]) + theta[:, 0] > 0
    return joints, on @ (theta[:, 1] * phi[1:])


@wrong("fit_piecewise", "one_knot_too_few_and_flat_alone")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden)
    heights = f(knots)
    slopes = np.diff(heights) / ((high - low) / max(hidden - 1, 1))
    changes = [*np.diff([0.0, *slopes]), 0.0]
    return np.column_stack([-knots, np.ones(hidden)]), np.array([heights[0], *changes])


@wrong("sigmoid_backward", "slopes_in_a_matrix")
def sigmoid_backward(dout, cache):
    return np.diag(cache * (1 - cache)) @ dout


@wrong("sigmoid_backward", "sigmoid_twice")
def sigmoid_backward(dout, cache):
    return dout / (4 * np.cosh(cache / 2) ** 2)


@wrong("tanh_backward", "slopes_in_a_matrix")
def tanh_backward(dout, cache):
    jacobian = np.diag(1 - cache * cache)
    return jacobian.dot(dout) if dout.ndim == 1 else jacobian @ dout


@wrong("tanh_backward", "tanh_twice")
def tanh_backward(dout, cache):
    return dout / np.cosh(cache) ** 2


@wrong("tanh_forward", "stretched")
def tanh_forward(x):
    out = 1.7159 * np.tanh(x * 2 / 3)
    return out, out


@wrong("relu_backward", "zero_by_zero")
def relu_backward(dout, cache):
    return dout * (np.maximum(cache, 0) / cache)


@wrong("leaky_relu_backward", "zero_by_zero")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, x, alpha * x) / x


@wrong("leaky_relu_backward", "halfway_at_zero")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    side = (1 + np.sign(x)) / 2
    return dout * (side + alpha * (1 - side))


@wrong("joints_and_slopes", "asked_to_the_right_of_the_joints")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    places = [joints[0] - 0.1, *(joints + 0.1)]
    on = np.outer(places, theta[:, 1]) + theta[:, 0] > 0
    return joints, on @ (theta[:, 1] * phi[1:])


@wrong("relu_forward", "only_what_is_positive")
def relu_forward(x):
    return x[x > 0], x


@wrong("relu_backward", "only_what_passes")
def relu_backward(dout, cache):
    return dout[cache > 0]


@wrong("relu_backward", "returns_a_boolean_mask")
def relu_backward(dout, cache):
    return 0 < cache


@wrong("relu_backward", "product_compared")
def relu_backward(dout, cache):
    return cache * dout > 0


@wrong("dead_fraction", "silent_for_one_example")
def dead_fraction(activations):
    silent = sum((batch <= 0).sum(axis=0) for batch in activations)
    return np.count_nonzero(silent) / silent.size


def _clipped(identity, size):
    def sigmoid_forward(x):
        near = np.minimum(np.maximum(x, -size), size)
        out = 1 / (1 + np.exp(-near))
        return (out.astype(x.dtype) if x.dtype.kind == "f" else out), x

    wrong("sigmoid_forward", identity)(sigmoid_forward)


_clipped("inputs_cut_at_four", 4)
_clipped("inputs_cut_at_five", 5)
_clipped("inputs_cut_at_six", 6)
_clipped("inputs_cut_at_eight", 8)
_clipped("inputs_cut_at_fifteen", 15)


@wrong("fit_piecewise", "knots_from_zero")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    piece = (high - low) / hidden
    knots = [k * piece for k in range(hidden + 1)]
    heights = [f(knot) for knot in knots]
    slopes = [(heights[k + 1] - heights[k]) / piece for k in range(hidden)]
    phi = [heights[0], slopes[0], *np.diff(slopes)]
    return np.array([[-knot, 1.0] for knot in knots[:-1]]), np.array(phi)
