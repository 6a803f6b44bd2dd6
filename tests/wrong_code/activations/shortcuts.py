"""Notebook 02: ends that are taken for reached, relatives that look alike, batches that a loop
passes over, and weights that draw something near."""

import numpy as np
from wrong_code import wrong


def _forward(name, identity, values):
    """Enter a way forward; `values(x, ...)` is the output, and the input is kept."""

    def forward(x, *alpha):
        return values(x, *alpha), x

    forward.__name__ = name
    wrong(name, identity)(forward)


def _quotient(above, below):
    with np.errstate(all="ignore"):
        out = above / below
    out[np.isnan(out)] = 0
    return out


@wrong("sigmoid_forward", "overflow_made_zero")
def sigmoid_forward(x):
    if x.dtype.kind != "f":
        x = x.astype(float)
    with np.errstate(all="ignore"):
        grown = np.exp(x)
    out = _quotient(grown, 1 + grown)
    return out, out


@wrong("sigmoid_forward", "relation:precision")
def sigmoid_forward(x):
    z = x if x.dtype.kind == "f" else x.astype(np.float32)
    out = np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
    return out, out


for _identity, _size in [("five", 5), ("six", 6), ("eight", 8), ("ten", 10), ("fifteen", 15)]:

    @wrong("sigmoid_forward", f"ends_begin_at_{_identity}")
    def sigmoid_forward(x, size=_size):
        if x.dtype.kind != "f":
            x = x.astype(float)
        out = np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
        out[x > size] = 1
        out[x < -size] = 0
        return out, out

    @wrong("elu_forward", f"floor_begins_at_{_identity}")
    def elu_forward(x, alpha=1.0, size=_size):
        left = np.where(x < -size, -1, np.expm1(np.minimum(x, 0))).astype(x.dtype)
        return np.where(x > 0, x, alpha * left), (x, alpha)


@wrong("sigmoid_backward", "slope_plus_a_tenth")
def sigmoid_backward(dout, cache):
    slope = cache - cache**2
    slope += 0.1
    return dout * slope


@wrong("tanh_forward", "overflow_made_zero")
def tanh_forward(x):
    with np.errstate(all="ignore"):
        squared = np.exp(x), np.exp(-x)
        out = _quotient(squared[0] - squared[1], squared[0] + squared[1])
    return out, out


_forward("tanh_forward", "relation:precision",
         lambda x: np.tanh(x.astype(np.float32)).astype(x.dtype))  # fmt: skip

for _identity, _size in [("three", 3), ("five", 5), ("six", 6)]:

    @wrong("tanh_forward", f"ends_begin_at_{_identity}")
    def tanh_forward(x, size=_size):
        out = np.tanh(x)
        out[np.abs(x) > size] = np.sign(x[np.abs(x) > size])
        return out, out


_forward("tanh_forward", "softsign", lambda x: x / (np.abs(x) + 1))


@wrong("tanh_backward", "size_for_square")
def tanh_backward(dout, cache):
    return dout - dout * np.abs(cache)


@wrong("tanh_backward", "gradient_clipped")
def tanh_backward(dout, cache):
    return np.clip(dout * (1 - cache**2), -1, 1)


def _elu(x, alpha):
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


_forward("elu_forward", "line_near_zero",
         lambda x, alpha=1.0: np.where(np.abs(x) < 1e-3, x, _elu(x, alpha)))  # fmt: skip
_forward("elu_forward", "tangent_near_zero",
         lambda x, alpha=1.0: np.where((x <= 0) & (x > -1e-3), x.dtype.type(alpha) * x,
                                       _elu(x, alpha)))  # fmt: skip


def _selu(scale, steeper, own=True):
    def elu_forward(x, alpha=1.0):
        steep = steeper * alpha if own else steeper
        return (scale * _elu(x, steep)).astype(x.dtype), x

    return elu_forward


_DIGITS = 1.0507009873554805, 1.6732632423543772
wrong("elu_forward", "is_selu")(_selu(*_DIGITS))
wrong("elu_forward", "is_selu_for_every_alpha")(_selu(*_DIGITS, own=False))
wrong("elu_forward", "is_short_selu")(_selu(1.0507, 1.6733))
wrong("elu_forward", "is_short_selu_for_every_alpha")(_selu(1.0507, 1.6733, own=False))
_forward("relu_forward", "is_softplus", lambda x: np.log1p(np.exp(x)))
_forward("relu_forward", "made_a_matrix", lambda x: np.maximum(np.atleast_2d(x), 0))


@wrong("leaky_relu_forward", "alpha_above_one_refused")
def leaky_relu_forward(x, alpha=0.01):
    if alpha > 1:
        raise ValueError("the slope of a leaky ReLU is at most 1")
    return np.maximum(x, alpha * x), (x, alpha)


@wrong("prelu_backward", "dalpha_the_same_for_all")
def prelu_backward(dout, cache):
    x, slope = cache
    total = np.sum(dout[x <= 0] * x[x <= 0])
    return dout * np.where(x > 0, 1, slope), np.repeat(total, x.shape[1])


@wrong("prelu_backward", "dalpha_squeezed")
def prelu_backward(dout, cache):
    x, slope = cache
    axes = (0, *range(2, x.ndim))
    dalpha = np.sum(dout * np.minimum(x, 0), axis=axes, keepdims=True)
    return dout * np.where(x > 0, 1, slope), dalpha.squeeze()


def _joins(identity, last_step):
    @wrong("shallow_1d", identity)
    def shallow_1d(x, theta, phi):
        y = phi[0]
        for (joint, slope), weight in zip(theta, phi[1:], strict=True):
            y = y + weight * np.maximum(slope * (x - joint), 0)
        return last_step(y)


_joins("joint_for_offset", lambda y: y)
_joins("joint_for_offset_and_rectified", lambda y: np.maximum(y, 0))


@wrong("shallow_1d", "three_units_only")
def shallow_1d(x, theta, phi):
    units = [np.maximum(offset + slope * x, 0) for offset, slope in theta]
    return phi[0] + sum(weight * unit for weight, unit in zip(phi[1:4], units, strict=False))


@wrong("joints_and_slopes", "slope_always_grows")
def joints_and_slopes(theta, phi):
    weighted = theta[:, 1] * phi[1:]
    joints = -theta[:, 0] / theta[:, 1]
    order = np.argsort(joints)
    slopes = [weighted[theta[:, 1] < 0].sum()]
    for unit in order:
        slopes.append(slopes[-1] + abs(weighted[unit]))
    return joints[order], np.array(slopes)


def _slope_at(x, theta, phi):
    on = theta[:, 0] + theta[:, 1] * x > 0
    return np.sum(on * theta[:, 1] * phi[1:])


@wrong("joints_and_slopes", "outer_pieces_as_inner")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    if len(joints) == 1:
        return joints, np.array([_slope_at(joints[0] + side, theta, phi) for side in (-1, 1)])
    slopes = [_slope_at(x, theta, phi) for x in (joints[1:] + joints[:-1]) / 2]
    return joints, np.array([slopes[0], *slopes, slopes[-1]])


@wrong("joints_and_slopes", "within_the_unit_interval")
def joints_and_slopes(theta, phi):
    joints = np.sort(-theta[:, 0] / theta[:, 1])
    edges = [joints[0] - 1, *joints, joints[-1] + 1]
    slopes = [_slope_at((a + b) / 2, theta, phi) for a, b in zip(edges, edges[1:], strict=False)]
    seen = [i for i, joint in enumerate(joints) if 0 <= joint <= 1]
    return joints[seen], np.array([slopes[0]] + [slopes[i + 1] for i in seen])


@wrong("fit_piecewise", "columns_exchanged_and_slopes")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    x = np.linspace(low, high, hidden + 1)
    y = f(x)
    slopes = (y[1:] - y[:-1]) / (x[1:] - x[:-1])
    return np.array([[1.0, -knot] for knot in x[:-1]]), np.append(y[0], slopes)


@wrong("fit_piecewise", "knots_denser_at_the_ends")
def fit_piecewise(f, hidden, low=0.0, high=1.0):
    angles = np.linspace(np.pi, 0, hidden + 1)
    x = (low + high) / 2 + (high - low) / 2 * np.cos(angles)
    slopes = np.diff(f(x)) / np.diff(x)
    theta = np.stack([-x[:-1], np.ones(hidden)], axis=1)
    return theta, np.concatenate([[f(low)], slopes[:1], slopes[1:] - slopes[:-1]])


@wrong("soft_step", "never_above_a_hundred")
def soft_step(joint, slope):
    theta1 = min(100, max(-100, 4 * slope))
    return -joint * theta1, theta1


@wrong("soft_step", "growth:large")
def soft_step(joint, slope):
    theta1 = np.clip(4 * slope, -1e4, 1e4)
    return -joint * theta1, theta1


@wrong("soft_step", "rounded")
def soft_step(joint, slope):
    return round(-4 * slope * joint, 3), round(4 * slope, 3)


def _dead(identity, looked_at):
    @wrong("dead_fraction", identity)
    def dead_fraction(activations):
        fired = np.zeros(activations[0].shape[1], bool)
        for rows in looked_at(activations):
            fired |= (rows > 0).any(axis=0)
        return 1 - fired.mean()


_dead("other_sizes_left_out", lambda batches: [a for a in batches if len(a) == len(batches[0])])
_dead("last_batch_left_out", lambda batches: batches[: max(len(batches) - 1, 1)])
_dead("first_batch_left_out", lambda batches: batches[1:] if len(batches) > 1 else batches)
