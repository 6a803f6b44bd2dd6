"""Notebook 02: more activations gone wrong: at 0, on one side, for one kind only."""

import numpy as np
from wrong_code import wrong


def sigma(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def sided(left, right, zero):
    """A sigmoid that is written for the two sides apart."""

    def sigmoid_forward(x):
        x = x if x.dtype.kind == "f" else x.astype(float)
        e = np.exp(-np.abs(x))
        out = np.zeros_like(x)
        out[x < 0] = left(e)[x < 0]
        out[x > 0] = right(e)[x > 0]
        out[x == 0] = zero
        return out, out

    return sigmoid_forward


def low(e):
    return e / (1 + e)


def high(e):
    return 1 / (1 + e)


wrong("sigmoid_forward", "zero_at_zero")(sided(low, high, 0))
wrong("sigmoid_forward", "left_side_falls")(sided(high, high, 0.5))
wrong("sigmoid_forward", "right_side_falls")(sided(low, low, 0.5))


@wrong("sigmoid_forward", "kept_off_the_ends")
def sigmoid_forward(x):
    out = np.clip(sigma(x), 1e-7, 1 - 1e-7)
    return out, out


@wrong("sigmoid_forward", "inputs_cut_at_ten")
def sigmoid_forward(x):
    out = 1 / (1 + np.exp(-np.clip(x, -10, 10)))
    return out, out


@wrong("sigmoid_backward", "missing_brackets")
def sigmoid_backward(dout, cache):
    return dout * cache * 1 - cache


@wrong("sigmoid_backward", "other_factor_missing")
def sigmoid_backward(dout, cache):
    return dout * (1 - cache)


@wrong("tanh_forward", "hard_tanh")
def tanh_forward(x):
    return np.clip(x, -1, 1), x


@wrong("tanh_backward", "missing_brackets")
def tanh_backward(dout, cache):
    return dout * 1 - cache**2


@wrong("relu_forward", "clipped_at_six")
def relu_forward(x):
    return np.minimum(np.maximum(x, 0), 6), x


@wrong("relu_forward", "wider_dtype")
def relu_forward(x):
    return np.maximum(x, np.zeros(x.shape)), x


@wrong("relu_backward", "sign_for_slope")
def relu_backward(dout, cache):
    return dout * np.sign(cache)


@wrong("leaky_relu_forward", "both_branches_on_the_right")
def leaky_relu_forward(x, alpha=0.01):
    return np.maximum(x, 0) + alpha * x, (x, alpha)


@wrong("leaky_relu_forward", "zero_taken_for_missing")
def leaky_relu_forward(x, alpha=0.01):
    alpha = alpha or 0.01
    return np.where(x > 0, x, alpha * x), (x, alpha)


@wrong("leaky_relu_forward", "alpha_cut_at_one")
def leaky_relu_forward(x, alpha=0.01):
    alpha = min(alpha, 1)
    return np.where(x > 0, x, alpha * x), (x, alpha)


@wrong("leaky_relu_forward", "default:alpha")
def leaky_relu_forward(x, alpha=0.2):
    return np.where(x > 0, x, alpha * x), (x, alpha)


@wrong("leaky_relu_backward", "zero_at_zero")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return dout * (x > 0) + dout * alpha * (x < 0)


@wrong("leaky_relu_backward", "steeper_side_chosen")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x < alpha * x, alpha * dout, np.where(x == 0, alpha * dout, dout))


@wrong("leaky_relu_backward", "value_for_slope_on_the_left")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, alpha * x * dout)


@wrong("elu_forward", "larger_of_the_two")
def elu_forward(x, alpha=1.0):
    return np.maximum(x, alpha * np.expm1(np.minimum(x, 0))), (x, alpha)


@wrong("elu_backward", "constant_on_the_left")
def elu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, alpha * dout)


def share(slope):
    """A saturation_fraction with the slopes of its own, as shares of the steepest."""

    def saturation_fraction(a, kind, threshold=0.05):
        return float(np.mean(slope(a, kind) < threshold))

    return saturation_fraction


def slopes(**other):
    right = {"sigmoid": lambda a: 4 * a * (1 - a), "tanh": lambda a: 1 - a**2,
             "relu": lambda a: (a > 0) * 1.0}  # fmt: skip
    return lambda a, kind: (right | other)[kind](a)


for name, slope in {
    "quarter_for_tanh": slopes(tanh=lambda a: (1 - a**2) / 0.25),
    "tanh_not_squared": slopes(tanh=lambda a: 1 - a),
    "ends_of_tanh": slopes(tanh=lambda a: 1 - np.abs(a)),
    "ends_of_the_sigmoid": slopes(sigmoid=lambda a: np.minimum(a, 1 - a)),
    "tanh_formula_for_sigmoid": slopes(sigmoid=lambda a: 1 - a**2),
    "relu_outputs_compared": slopes(relu=lambda a: a),
    "relu_never_flat": slopes(relu=lambda a: (a >= 0) * 1.0),
    "steepest_of_these": lambda a, kind: slopes()(a, kind) / slopes()(a, kind).max(),
}.items():
    wrong("saturation_fraction", name)(share(slope))


@wrong("dead_fraction", "sum_of_outputs")
def dead_fraction(activations):
    return float(np.mean(sum(a.sum(0) for a in activations) <= 0))


@wrong("dead_fraction", "faint_is_silent")
def dead_fraction(activations):
    return float(np.mean(np.concatenate(activations).max(0) < 1e-3))


@wrong("dead_fraction", "batches_stacked")
def dead_fraction(activations):
    return float(np.mean(np.array(activations).max(axis=(0, 1)) <= 0))


@wrong("shallow_1d", "cut_to_whole_numbers")
def shallow_1d(x, theta, phi):
    y = np.zeros_like(x)
    y[:] = phi[0] + np.maximum(np.outer(x, theta[:, 1]) + theta[:, 0], 0) @ phi[1:]
    return y


@wrong("shallow_1d", "weighted_before_the_relu")
def shallow_1d(x, theta, phi):
    return phi[0] + np.maximum(phi[1:] * (np.outer(x, theta[:, 1]) + theta[:, 0]), 0).sum(axis=1)


@wrong("joints_and_slopes", "nothing_sorted")
def joints_and_slopes(theta, phi):
    changes = np.abs(theta[:, 1]) * phi[1:]
    first = np.sum(np.minimum(theta[:, 1], 0) * phi[1:])
    return -theta[:, 0] / theta[:, 1], first + np.append(0, np.cumsum(changes))


@wrong("fit_piecewise", "weights_exchanged")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    knots = np.linspace(low, high, hidden + 1)
    values = f(knots)
    slopes = np.diff(values) / np.diff(knots)
    theta = np.stack([-knots[:-1], np.ones(hidden)], axis=1)
    return np.append(values[0], np.diff(slopes, prepend=0)), theta


@wrong("soft_step", "joint_divided")
def soft_step(joint, slope):
    return -joint / (4 * slope), 4 * slope


@wrong("maxout_forward", "second_bias_missing")
def maxout_forward(x, W1, b1, W2, b2):
    return np.maximum(x @ W1 + b1, x @ W2), (x, W1, W2)


@wrong("maxout_backward", "tie_goes_to_nobody")
def maxout_backward(dout, cache):
    x, W1, W2, first, second = cache
    d1, d2 = dout * (first > second), dout * (first < second)
    return d1 @ W1.T + d2 @ W2.T, x.T @ d1, d1.sum(0), x.T @ d2, d2.sum(0)


@wrong("prelu_forward", "last_channel_unchanged")
def prelu_forward(x, alpha):
    out = x.copy()
    for c in range(x.shape[1] - 1):
        out[:, c] = np.where(x[:, c] > 0, x[:, c], alpha[c] * x[:, c])
    return out, (x, alpha)


@wrong("prelu_backward", "axes_of_images_only")
def prelu_backward(dout, cache):
    x, slope = cache
    return np.where(x > 0, dout, slope * dout), (dout * np.minimum(x, 0)).sum(axis=(0, 2, 3))
