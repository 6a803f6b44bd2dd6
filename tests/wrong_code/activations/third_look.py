"""Notebook 02: one number for each unit, slopes with two things missing, and ways back with dout
and the output in each other's place."""

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
