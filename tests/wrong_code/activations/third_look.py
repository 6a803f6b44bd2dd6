"""Notebook 02: one number for each unit, slopes with two things missing, ways back with dout and
the output in each other's place, and Maxout layers with two things wrong."""

import numpy as np
from wrong_code import wrong


def _share(identity, times):
    def saturation_fraction(a, kind, threshold=0.05):
        if kind == "relu":
            flat = a <= 0
        else:
            slope = 4 * a * (1 - a) if kind == "sigmoid" else 1 - a * a
            flat = slope < threshold
        return times * np.mean(flat, axis=0)

    wrong("saturation_fraction", identity)(saturation_fraction)


_share("share_for_each_unit", 1)
_share("percent_for_each_unit", 100)


@wrong("joints_and_slopes", "phi_forgotten_and_leftmost_missing")
def joints_and_slopes(theta, phi):
    offsets, slopes = theta.T
    joints = -offsets / slopes
    order = np.argsort(joints)
    so_far = slopes[slopes < 0].sum()
    return joints[order], so_far + np.add.accumulate(np.abs(slopes[order]))


def _backward(name, identity, way_back):
    """Enter a way back; `way_back(dout, *cache)` is given what the solution's forward keeps."""

    def backward(dout, cache):
        return way_back(dout, *(cache if isinstance(cache, tuple) else (cache,)))

    backward.__name__ = name
    wrong(name, identity)(backward)


_backward("sigmoid_backward", "one_minus_dout", lambda dout, out: dout * out * (1 - dout))
_backward("tanh_backward", "one_minus_the_square_of_dout", lambda dout, out: dout * (1 - dout**2))
_backward("elu_backward", "output_on_the_left",
          lambda dout, x, alpha: np.where(x > 0, dout, alpha * np.expm1(np.minimum(x, 0))))
_backward("leaky_relu_backward", "output_on_the_left",
          lambda dout, x, alpha: np.where(x > 0, dout, alpha * x))  # fmt: skip
_backward("leaky_relu_backward", "alpha_is_fixed_and_one_at_zero",
          lambda dout, x, alpha: np.where(x < 0, dout.dtype.type(0.01) * dout, dout))  # fmt: skip


def _slopes(alpha, x):
    return alpha.reshape(1, -1, *[1] * (x.ndim - 2))


def _for_each_column(dout, x, alpha):
    terms = dout * np.minimum(x, 0)
    dx = dout * np.where(x > 0, 1, _slopes(alpha, x))
    return dx, terms.sum(axis=tuple(range(x.ndim - 1)))


def _output_on_the_left(dout, x, alpha):
    terms = dout * np.minimum(x, 0)
    dx = np.where(x > 0, dout, _slopes(alpha, x) * x)
    return dx, terms.sum(axis=(0, *range(2, x.ndim)))


_backward("prelu_backward", "dalpha_for_each_column", _for_each_column)
_backward("prelu_backward", "dx_is_the_output_on_the_left", _output_on_the_left)


@wrong("dead_fraction", "examples_that_fire")
def dead_fraction(activations):
    fires = [row.max() > 0 for batch in activations for row in batch]
    return sum(fires) / len(fires)


_backward("elu_backward", "slope_on_the_left",
          lambda dout, x, alpha: np.where(x > 0, dout, alpha * np.exp(np.minimum(x, 0))))
_backward("elu_backward", "exponential_on_the_left",
          lambda dout, x, alpha: np.where(x < 0, np.exp(-np.abs(x)), dout * (x > 0) + (x == 0)))


def _rectified(identity, first, second):
    def maxout_forward(x, W1, b1, W2, b2):
        maps = [np.dot(x, W1) + first * b1, np.dot(x, W2) + second * b2]
        return np.max([np.clip(m, 0, None) for m in maps], axis=0), (x, W1, b1, W2, b2)

    wrong("maxout_forward", identity)(maxout_forward)


_rectified("rectified_and_second_bias_missing", 1, 0)
_rectified("rectified_and_first_bias_missing", 0, 1)
_rectified("rectified_and_without_biases", 0, 0)


def _weights_first(identity, summed):
    def maxout_backward(dout, cache):
        x, W1, W2, one, other = cache
        wins = one >= other
        first, second = np.where(wins, dout, 0), np.where(wins, 0, dout)
        dx = first @ W1.T + second @ W2.T
        return dx, x.T @ first, x.T @ second, summed(first), summed(second)

    wrong("maxout_backward", identity)(maxout_backward)


_weights_first("weights_before_biases", lambda d: d.sum(axis=0))
_weights_first("weights_before_averaged_biases", lambda d: d.mean(axis=0))
