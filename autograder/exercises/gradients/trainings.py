"""Trainings of the net of two layers, right or with one of the mistakes of notebook 01."""

import numpy as np
import torch

from autograder.exercise import mistake

REDUCED = {"sum": lambda square: 1, "mean": np.size, "mean over examples": len,
           "mean over outputs": lambda square: square.shape[1],
          "square of the sum": lambda square: 1}  # fmt: skip


def trained(
    x, y, w1, w2, lr, steps, *,
    mask="positive", early=False, loss="sum", gradient=None, slope=2.0, after=False, sign=-1.0,
    relu=True, other=None, last_relu=False, momentum=0.0, one_by_one=False, learns=(True, True),
    clip=None, norm=False, elsewhere=False,
):  # fmt: skip
    """What a training by hand gives, right or with one of its mistakes, on whichever device.

    `loss` says how the squares of the loss are added up; `gradient` the same of its gradient, where
    that is another way. `slope` is the factor in front of the difference. `other` is what
    stands in the place of the ReLU: a function, and its slope as a function of its output. `clip`
    is what entries of the gradients are cut off at or, with `norm`, what all are scaled down to.
    """
    losses, speeds = [], [0.0, 0.0]
    at_first = x @ w1 > 0

    def forward(x, w1, w2):
        z = x @ w1
        h = other[0](z) if other else np.maximum(z, 0) if relu else z
        out = h @ w2
        return z, h, out, np.maximum(out, 0) if last_relu else out

    def value(w1, w2):
        off = forward(x, w1, w2)[-1] - y
        if loss == "square of the sum":
            return float(off.sum() ** 2)
        return float((off**2).sum() / REDUCED[loss](off))

    def gradients(x, y, w1, w2, speeds):
        z, h, scores, out = forward(x, w1, w2)
        off = out - y
        if (gradient or loss) == "square of the sum":
            off = np.full_like(off, off.sum())
        d_out = slope * off / REDUCED[gradient or loss](y)
        if last_relu:
            d_out = d_out * (scores > 0)
        g2 = h.T @ d_out
        d_h = d_out @ (w2 + sign * lr * g2 if early else w2).T
        keep = {
            "positive": z > 0, "not negative": z >= 0, "none": True, "dh": d_h > 0,
            "half at 0": np.heaviside(z, 0.5).astype(z.dtype), "at first": at_first,
        }[mask]  # fmt: skip
        g1 = x.T @ (d_h * (other[1](h) if other else keep))
        size = np.sqrt((g1**2).sum() + (g2**2).sum())
        if clip and norm:
            g1, g2 = (g * min(1.0, float(clip / (size + 1e-6))) for g in (g1, g2))
        elif clip:
            g1, g2 = (np.clip(g, -clip, clip) for g in (g1, g2))
        return [momentum * v + g for v, g in zip(speeds, (g1, g2), strict=True)]

    for _ in range(steps):
        losses.append(value(w1, w2))
        rows = range(len(x)) if one_by_one else [slice(None)]
        for row in rows:
            part = slice(row, row + 1) if one_by_one else row
            speeds = gradients(x[part], y[part], w1, w2, speeds)
            w1 = w1 + sign * lr * speeds[0] * learns[0]
            w2 = w2 + sign * lr * speeds[1] * learns[1]
    if after:
        losses = [*losses[1:], value(w1, w2)]
    return {"w1": w1, "w2": w2, "losses": np.array(losses)}


def piling_up(
    x, y, w1, w2, lr, steps, which=(True, True), mean=False, told=None, elsewhere=False
):  # fmt: skip
    """Training in which each step uses the sum of all gradients so far, of both weights or one.

    `told` is whether a mean is reported, where that differs from what is differentiated.
    """
    x, y, w1, w2 = (torch.tensor(v) for v in (x, y, w1, w2))
    weights, losses = [w1.requires_grad_(), w2.requires_grad_()], []
    for _ in range(steps):
        square = (torch.relu(x @ w1) @ w2 - y).square()
        loss = square.mean() if mean else square.sum()
        loss.backward()
        losses.append((square.mean() if (mean if told is None else told) else square.sum()).item())
        for weight, piles in zip(weights, which, strict=True):
            weight.data -= lr * weight.grad
            if not piles:
                weight.grad = None
    return {"w1": w1.detach(), "w2": w2.detach(), "losses": np.array(losses)}


def in_turn(x, y, w1, w2, lr, steps, first, elsewhere=False):
    """Training in which the second weight to move has its gradient taken after the first moved."""
    losses = []
    for _ in range(steps):
        losses.append(trained(x, y, w1, w2, lr, 1)["losses"][0])
        for name in (first, 2 if first == 1 else 1):
            moved = trained(x, y, w1, w2, lr, 1)
            w1, w2 = (moved["w1"], w2) if name == 1 else (w1, moved["w2"])
    return {"w1": w1, "w2": w2, "losses": np.array(losses)}


def clipped(limit):
    """The mistake of gradients whose entries are cut off."""

    def show(self, right, **inputs):
        return trained(**inputs, clip=limit)

    show.__doc__ = f"""You cut the entries of the gradients off at {limit:g} and −{limit:g}. The
        step is the rate times the gradient as it is, however large."""
    return mistake(show)


def hidden_cut_off(limit):
    """The mistake of hidden units that cannot become larger than this."""

    def show(self, right, **inputs):
        def value(z):
            return np.clip(z, 0, np.asarray(limit, z.dtype))

        def slope(h):
            return ((h > 0) & (h < limit)).astype(h.dtype)

        return trained(**inputs, other=(value, slope))

    show.__doc__ = (
        f"Your hidden units are cut off at {limit:g}, as by a ReLU{limit:g}. The ReLU is "
        "max(0, z), however large z is."
    )
    return mistake(show)
