"""Notebook 02: what further learners, who had seen no check, wrote wrong."""

import numpy as np
from wrong_code import wrong


def _stable(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


@wrong("sigmoid_forward", "half_made_single")
def sigmoid_forward(x):
    out = _stable(x.astype(np.float64 if x.dtype != np.float16 else np.float32))
    out = out.astype(np.float32) if x.dtype == np.float32 else out
    return out, out


@wrong("relu_forward", "pythons_max")
def relu_forward(x):
    return max(0, x), x


@wrong("leaky_relu_forward", "alpha_cut_to_a_whole_number")
def leaky_relu_forward(x, alpha=0.01):
    slope = np.ones(x.shape, dtype=int)
    slope[x <= 0] = alpha
    return (slope * x).astype(x.dtype), (x, alpha)


@wrong("leaky_relu_backward", "alpha_cut_to_a_whole_number")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    slope = np.ones(x.shape, dtype=int)
    slope[x <= 0] = alpha
    return (dout * slope).astype(dout.dtype)


@wrong("leaky_relu_backward", "zero_taken_for_missing")
def leaky_relu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, (alpha or 0.01) * dout)


def _share(identity, dead):
    def dead_fraction(activations):
        return dead(activations)

    wrong("dead_fraction", identity)(dead_fraction)


def _silent(activations):
    return float(np.mean(np.all(np.concatenate(activations) <= 0, axis=0)))


_share("zero_counts_as_firing",
       lambda batches: float(np.mean(np.concatenate(batches).max(axis=0) < 0)))  # fmt: skip
_share("last_examples_left_out", lambda batches: _silent([a[:-1] for a in batches]))
_share("first_examples_left_out", lambda batches: _silent([a[1:] for a in batches]))


@wrong("elu_forward", "celu")
def elu_forward(x, alpha=1.0):
    left = alpha * np.expm1(np.minimum(x, 0) / alpha)
    return np.where(x > 0, x, left).astype(x.dtype), (x, alpha)


@wrong("elu_backward", "of_celu")
def elu_backward(dout, cache):
    x, alpha = cache
    return (dout * np.where(x > 0, 1, np.exp(np.minimum(x, 0) / alpha))).astype(dout.dtype)


@wrong("prelu_forward", "alpha_along_the_examples")
def prelu_forward(x, alpha):
    slope = alpha.reshape(-1, 1) if x.ndim == 2 else alpha.reshape(1, -1, 1, 1)
    return np.where(x > 0, x, slope * x), (x, slope)


@wrong("prelu_forward", "alpha_along_the_examples_always")
def prelu_forward(x, alpha):
    slope = alpha.reshape(-1, *[1] * (x.ndim - 1))
    return np.where(x > 0, x, slope * x), (x, slope)


def _prelu(identity, of_x, of_alpha):
    def prelu_backward(dout, cache):
        x, slope = cache
        out = np.where(x > 0, x, slope * x)
        dx = np.where(of_x(x, out, dout) > 0, dout, slope * dout)
        each = dout * x * (of_alpha(x, out, dout) <= 0)
        return dx, each.sum(axis=(0, *range(2, x.ndim)))

    wrong("prelu_backward", identity)(prelu_backward)


_prelu("dalpha_by_the_sign_of_dout", lambda x, out, dout: x, lambda x, out, dout: dout)
_prelu("dx_by_the_sign_of_dout", lambda x, out, dout: dout, lambda x, out, dout: x)
_prelu("by_the_sign_of_the_output", lambda x, out, dout: out, lambda x, out, dout: out)


def _maxout(identity, chosen):
    def maxout_forward(x, W1, b1, W2, b2):
        return chosen(x @ W1, x @ W2, b1, b2), (x, W1, W2, x @ W1 + b1, x @ W2 + b2)

    wrong("maxout_forward", identity)(maxout_forward)


def _larger_amount(first, second):
    return np.where(np.abs(first) >= np.abs(second), first, second)


_maxout("both_biases_after_the_maximum", lambda p, q, b1, b2: np.maximum(p, q) + b1 + b2)
_maxout("compared_without_biases", lambda p, q, b1, b2: np.where(p >= q, p + b1, q + b2))
_maxout("larger_amount_and_a_bias_missing", lambda p, q, b1, b2: _larger_amount(p + b1, q))
_maxout("larger_amount_without_biases", lambda p, q, b1, b2: _larger_amount(p, q))


def _shallow(identity, activation):
    def shallow_1d(x, theta, phi):
        y = phi[0] * np.ones(len(x))
        for (offset, slope), weight in zip(theta, phi[1:], strict=True):
            y = y + weight * activation(offset + slope * x)
        return y

    wrong("shallow_1d", identity)(shallow_1d)


_shallow("sigmoid_for_relu", lambda z: 1 / (1 + np.exp(-z)))
_shallow("tanh_for_relu", np.tanh)
_shallow("size_for_relu", np.abs)


@wrong("joints_and_slopes", "mirrored_and_asked_there")
def joints_and_slopes(theta, phi):
    joints = np.sort(theta[:, 0] / theta[:, 1])
    places = [joints[0] - 1, *(joints[1:] + joints[:-1]) / 2, joints[-1] + 1]
    return joints, np.array([(phi[1:] * theta[:, 1])[theta @ [1, x] > 0].sum() for x in places])


@wrong("joints_and_slopes", "asked_beside_the_joints")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    places = [*(joints - 0.1), joints[-1] + 0.1]
    return joints, np.array([(phi[1:] * theta[:, 1])[theta @ [1, x] > 0].sum() for x in places])


def _joined(knots, slopes):
    def weights(f, hidden, low, high):
        x = knots(hidden, low, high)
        theta = np.stack([-x[:-1], np.ones(len(x) - 1)], axis=1)
        return theta, np.append(f(x[:1]), np.diff(slopes(f, x), prepend=0.0))

    return weights


def _pieces(f, x):
    return np.diff(f(x)) / np.diff(x)


def _evenly(hidden, low, high):
    return np.linspace(low, high, hidden + 1)


@wrong("fit_piecewise", "one_knot_too_many")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    def knots(hidden, low, high):
        step = (high - low) / hidden
        return np.arange(low, high + step, step)

    return _joined(knots, _pieces)(f, hidden, low, high)


@wrong("fit_piecewise", "slopes_at_the_knots")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    return _joined(_evenly, lambda f, x: np.gradient(f(x), x)[:-1])(f, hidden, low, high)


@wrong("fit_piecewise", "another_low_by_default")
def fit_piecewise(f, hidden, low=-1.0, high=1.0):
    return _joined(_evenly, _pieces)(f, hidden, low, high)


@wrong("soft_step", "swapped_and_own_slope_forgotten")
def soft_step(joint, slope):
    return slope, -slope * joint


@wrong("soft_step", "swapped_and_own_slope_multiplied")
def soft_step(joint, slope):
    return slope / 4, -slope / 4 * joint


@wrong("soft_step", "slope_not_in_the_offset")
def soft_step(joint, slope):
    return -4 * joint, 4 * slope


@wrong("maxout_forward", "neighbours_for_maps")
def maxout_forward(x, W1, b1, W2, b2):
    z = x @ np.hstack([W1, W2]) + np.hstack([b1, b2])
    return z.reshape(len(x), -1, 2).max(axis=2), (x, W1, b1, W2, b2)


@wrong("maxout_backward", "winner_without_biases")
def maxout_backward(dout, cache):
    x, W1, W2, *_ = cache
    mask = (x @ W1 >= x @ W2).astype(dout.dtype)
    first, second = dout * mask, dout * (1 - mask)
    dx = first @ W1.T + second @ W2.T
    return dx, x.T @ first, first.sum(axis=0), x.T @ second, second.sum(axis=0)


@wrong("shallow_1d", "offset_cut_to_a_whole_number")
def shallow_1d(x, theta, phi):
    y = np.full_like(x, phi[0])
    for (offset, slope), weight in zip(theta, phi[1:], strict=True):
        y = y + weight * np.maximum(offset + slope * x, 0)
    return y * 1.0


@wrong("shallow_1d", "weights_begin_with_the_offset")
def shallow_1d(x, theta, phi):
    y = np.full(len(x), phi[0], dtype=float)
    for d, (offset, slope) in enumerate(theta):
        y = y + phi[d] * np.maximum(offset + slope * x, 0)
    return y
