"""Notebook 02: PReLU, Maxout and piecewise linear nets as people really write them wrong."""

import numpy as np
from wrong_code import wrong


@wrong("prelu_forward", "alpha_along_the_last_axis")
def prelu_forward(x, alpha):
    return np.where(x > 0, x, alpha * x), (x, alpha)


@wrong("prelu_forward", "larger_of_the_two")
def prelu_forward(x, alpha):
    alpha = alpha.reshape([1, -1] + [1] * (x.ndim - 2))
    return np.maximum(alpha * x, x), (x, alpha)


@wrong("prelu_backward", "dalpha_summed_over_examples_only")
def prelu_backward(dout, cache):
    x, alpha = cache
    return np.where(x > 0, dout, alpha * dout), np.sum(dout * np.minimum(x, 0), axis=0)


@wrong("prelu_backward", "dalpha_without_dout")
def prelu_backward(dout, cache):
    x, alpha = cache
    dalpha = np.minimum(x, 0).sum(axis=(0, 2, 3)) if x.ndim == 4 else np.minimum(x, 0).sum(0)
    return np.where(x > 0, dout, alpha * dout), dalpha


@wrong("prelu_backward", "dalpha_averaged", "dx_is_one_at_zero")
def prelu_backward(dout, cache):
    x, alpha = cache
    dx = dout.copy()
    slopes = np.broadcast_to(alpha, x.shape)
    dx[x < 0] *= slopes[x < 0]
    return dx, (dout * np.minimum(x, 0)).mean(axis=(0, 2, 3) if x.ndim == 4 else 0)


@wrong("maxout_forward", "larger_weights")
def maxout_forward(x, W1, b1, W2, b2):
    return x @ np.maximum(W1, W2) + np.maximum(b1, b2), (x, W1, W2)


@wrong("maxout_forward", "rectified_too")
def maxout_forward(x, W1, b1, W2, b2):
    first, second = np.maximum(0, x @ W1 + b1), np.maximum(0, x @ W2 + b2)
    return np.maximum(first, second), (x, W1, W2)


@wrong("maxout_backward", "both_maps_hear_it")
def maxout_backward(dout, cache):
    x, W1, W2, *_ = cache
    return dout @ W1.T + dout @ W2.T, x.T @ dout, dout.sum(0), x.T @ dout, dout.sum(0)


@wrong("maxout_backward", "dx_through_one_map")
def maxout_backward(dout, cache):
    x, W1, W2, first, second = cache
    d1, d2 = dout * (first >= second), dout * (first < second)
    return d1 @ W1.T, x.T @ d1, d1.sum(0), x.T @ d2, d2.sum(0)


@wrong("maxout_backward", "bias_averaged")
def maxout_backward(dout, cache):
    x, W1, W2, first, second = cache
    d1, d2 = dout * (first >= second), dout * (first < second)
    return d1 @ W1.T + d2 @ W2.T, x.T @ d1, d1.mean(0), x.T @ d2, d2.mean(0)


@wrong("shallow_1d", "offset_and_slope_swapped")
def shallow_1d(x, theta, phi):
    y = np.full(len(x), phi[0])
    for d in range(len(theta)):
        y += phi[d + 1] * np.maximum(0, theta[d, 1] + theta[d, 0] * x)
    return y


@wrong("shallow_1d", "no_offset")
def shallow_1d(x, theta, phi):
    hidden = np.maximum(0, theta[:, 0] + x[:, None] * theta[:, 1])
    return hidden @ phi[1:]


@wrong("joints_and_slopes", "all_switch_on_to_the_right")
def joints_and_slopes(theta, phi):
    joints = -theta[:, 0] / theta[:, 1]
    order = np.argsort(joints)
    slopes = [0.0]
    for d in order:
        slopes.append(slopes[-1] + theta[d, 1] * phi[d + 1])
    return joints[order], np.array(slopes)


@wrong("joints_and_slopes", "sign_of_the_joints")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    middle = np.concatenate([[joints[0] - 1], (joints[1:] + joints[:-1]) / 2, [joints[-1] + 1]])
    on = theta[:, 0] + middle[:, None] * theta[:, 1] > 0
    return np.sort(theta[:, 0] / theta[:, 1]), on @ (theta[:, 1] * phi[1:])


@wrong("fit_piecewise", "slopes_for_changes")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    x = np.linspace(low, high, hidden + 1)
    y = f(x)
    theta = np.column_stack([-x[:-1], np.ones(hidden)])
    return theta, np.append(y[0], np.diff(y) / np.diff(x))


@wrong("fit_piecewise", "one_unit_too_few")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    x = np.linspace(low, high, hidden)
    y = f(x)
    slopes = np.diff(y) / np.diff(x)
    theta = np.column_stack([-x[:-1], np.ones(hidden - 1)])
    return theta, np.concatenate([y[:1], slopes[:1], np.diff(slopes)])


@wrong("soft_step", "own_slope_forgotten")
def soft_step(joint, slope):
    return -slope * joint, slope


@wrong("soft_step", "switches_on_the_other_side")
def soft_step(joint, slope):
    return 4 * slope * joint, 4 * slope
