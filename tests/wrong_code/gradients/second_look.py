"""Notebook 01: entries nudged together, shapes taken for granted, and orders of another dict."""

import numpy as np
import torch
from wrong_code import wrong


def _together(identity, axis):
    def numerical_gradient(f, x, h=1e-5):
        z = np.array(x, dtype=float)
        if z.ndim == 0:
            return np.asarray((f(z + h) - f(z - h)) / (2 * h))
        slopes = np.empty_like(z)
        for k in range(z.shape[axis]):
            place = (k,) if axis == 0 else (..., k)
            up, down = z.copy(), z.copy()
            up[place] += h
            down[place] -= h
            slopes[place] = (f(up) - f(down)) / (2 * h)
        return slopes

    wrong("numerical_gradient", identity)(numerical_gradient)


_together("first_axis_at_once", 0)
_together("last_axis_at_once", -1)


@wrong("numerical_gradient", "one_sided_onwards")
def numerical_gradient(f, x, h=1e-5):
    z = np.array(x, dtype=np.float64)
    slopes, last = np.zeros_like(z), f(z)
    for index in np.ndindex(z.shape):
        z[index] = z[index] + h
        slopes[index] = (f(z) - last) / h
        last = f(z)
    return slopes


@wrong("affine_forward", "bias_added_to_x")
def affine_forward(x, w, b):
    return (x.reshape(x.shape[0], -1) + b).dot(w), (x, w, b)


@wrong("affine_forward", "bias_made_to_fit_x")
def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], -1)
    length = rows.shape[1]
    return (rows + np.tile(b, length)[:length]).dot(w), (x, w, b)


@wrong("affine_forward", "three_axes_not_flattened")
def affine_forward(x, w, b):
    if len(x.shape) > 3:
        x = x.reshape(x.shape[0], -1)
    return x.dot(w) + b, (x, w, b)


@wrong("affine_forward", "four_axes_taken_apart")
def affine_forward(x, w, b):
    N, C, H, W = x.shape
    return x.reshape(N, C * H * W) @ w + b, (x, w, b)


@wrong("affine_forward", "four_axes_looked_up")
def affine_forward(x, w, b):
    length = x.shape[1] * x.shape[2] * x.shape[3]
    return x.reshape(-1, length) @ w + b, (x, w, b)


@wrong("affine_backward", "dw_of_three_axes_not_flattened")
def affine_backward(dout, cache):
    x, w = cache
    rows = x.reshape(len(x), -1) if x.ndim == 4 else x
    return dout.dot(w.T).reshape(x.shape), rows.T.dot(dout), dout.sum(axis=0)


@wrong("Swish", "output_for_x_in_the_slope")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        out = x * torch.sigmoid(x)
        ctx.save_for_backward(out, torch.sigmoid(x))
        return out

    @staticmethod
    def backward(ctx, dout):
        saved, gate = ctx.saved_tensors
        return dout * (gate + gate * saved * (1 - gate))


def _first_wrong(identity, ordered):
    def first_wrong(mine, reference):
        close = None
        for name in ordered(mine, reference):
            own, true = mine.get(name), reference[name]
            if own is None or own.shape != true.shape or np.isnan(own).any():
                return name, "wrong", np.inf
            off = np.abs(own - true)
            if (off > 1e-8 + 1e-5 * np.abs(true)).any():
                return name, "wrong", off.max()
            if close is None and off.any():
                close = name, "close", off.max()
        return close or (None, "exact", 0.0)

    wrong("first_wrong", identity)(first_wrong)


_first_wrong("order_of_mine_and_then_the_rest", lambda mine, reference: [
    *(name for name in mine if name in reference),
    *(name for name in reference if name not in mine),
])  # fmt: skip
_first_wrong("lacking_last", lambda mine, reference: sorted(
    reference, key=lambda name: name not in mine
))  # fmt: skip
_first_wrong("lacking_skipped", lambda mine, reference: [n for n in reference if n in mine])


@wrong("two_layer_numpy", "mask_of_the_first_step")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    active, losses = x @ w1 > 0, []
    for _ in range(steps):
        h = np.maximum(x @ w1, 0)
        difference = h @ w2 - y
        losses.append(float((difference**2).sum()))
        d_hidden = 2 * difference @ w2.T * active
        w1, w2 = w1 - lr * x.T @ d_hidden, w2 - lr * h.T @ (2 * difference)
    return w1, w2, losses


@wrong("train_step", "momentum_lost")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    with torch.no_grad():
        for weight in model.parameters():
            weight -= optimizer.param_groups[0]["lr"] * weight.grad
    return loss.item()
