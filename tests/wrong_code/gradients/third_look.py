"""Notebook 01: errors that cancel, numbers that cancel, and what a forward draws or leaves out."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong
from wrong_code.gradients.further import net_with
from wrong_code.gradients.nets import by_autograd, by_hand
from wrong_code.gradients.swish import slope, swish, value


@wrong("affine_backward", "dw_in_the_order_of_memory")
def affine_backward(dout, cache):
    x, w = cache
    rows = np.reshape(x, (x.shape[0], -1), order="A")
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)


wrong("two_layer_numpy", "only_the_loss_is_the_square_of_the_sum")(
    by_hand(loss=lambda off: np.sum(off) ** 2)
)
wrong("two_layer_numpy", "square_of_the_sum")(
    by_hand(
        loss=lambda off: np.sum(off) ** 2,
        d_out=lambda off, s: 2 * np.sum(off) * np.ones_like(off),
    )
)
wrong("two_layer_autograd", "square_of_the_sum")(
    by_autograd(loss=lambda out, y: (out - y).sum() ** 2)
)


def _marked(*identities, late):
    def two_layer_autograd(x, y, w1, w2, lr, steps):
        x.requires_grad_()
        w1, w2 = (w.clone().requires_grad_() for w in (w1, w2))

        def loss_now():
            return (torch.relu(x @ w1) @ w2 - y).pow(2).sum()

        losses = []
        for _ in range(steps):
            loss = loss_now()
            grads = torch.autograd.grad(loss, (w1, w2))
            with torch.no_grad():
                w1 -= lr * grads[0]
                w2 -= lr * grads[1]
            losses.append((loss_now() if late else loss).item())
        return w1, w2, losses

    wrong("two_layer_autograd", *identities)(two_layer_autograd)


_marked("marks_x", late=False)
_marked("marks_x", "loss_after_the_step", late=True)


net_with("squeezed", behind=torch.squeeze)
net_with("squeezed", behind=lambda out: out.squeeze(0))
net_with("drawn_in_forward", lambda z: F.dropout(torch.relu(z), 0.5))


@wrong("TwoLayerNet", "drawn_in_forward")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.drop = nn.Dropout(0.2)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(self.drop(self.linear1(x).relu()))


@wrong("train_step", "gradient_none_in_an_expression")
def train_step(model, optimizer, x, y):
    for weight in model.parameters():
        weight.grad = weight.grad * 0
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def _after(identity, loss):
    def train_step(model, optimizer, x, y):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            return float(loss(model(x), y))

    wrong("train_step", identity)(train_step)


_after("summed_and_after_the_update", nn.CrossEntropyLoss(reduction="sum"))
_after(
    "softmax_twice_and_after_the_update",
    lambda scores, y: F.cross_entropy(torch.softmax(scores, 1), y),
)


def _hard(x):
    return x * F.relu6(x + 3) / 6


def _hard_slope(x, s, dout):
    return dout * torch.where(x > 3, 1.0, torch.where(x < -3, 0.0, x / 3 + 0.5)).to(x)


def _swish(identity, *ways, **named):
    wrong("Swish", identity)(swish(*ways, **named))


_swish("is_hard_swish", _hard, _hard_slope)
_swish("forward_is_hard_swish", _hard)
_swish(
    "cancels_for_large_x",
    backward=lambda x, s, dout: dout * (value(x) + s * (1 - value(x))),
)
_swish(
    "no_gradient_for_large_x",
    backward=lambda x, s, dout: dout * torch.where(x > 50, torch.zeros_like(x), slope(x)),
)


@wrong("Swish", "x_changed")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x.clone())
        return x.mul_(torch.sigmoid(x))

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        return dout * slope(x)


@wrong("Swish", "no_gradient_for_large_x", "clipped_at_20")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x = x.clamp(min=-20, max=20)
        ctx.save_for_backward(x)
        return value(x)

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        return torch.where(x.abs() < 20, dout * slope(x), torch.zeros_like(x))


def _relative(identity, size):
    def first_wrong(mine, reference):
        close = None
        for name, right in reference.items():
            own = mine.get(name)
            if own is None or own.shape != right.shape or np.isnan(own).any():
                return name, "wrong", np.inf
            off = np.abs(own - right)
            shown = float(np.max(off / np.maximum(size(own, right), 1e-8), initial=0))
            if (off > 1e-8 + 1e-5 * np.abs(right)).any():
                return name, "wrong", shown
            if close is None and off.any():
                close = name, "close", shown
        return close or (None, "exact", 0.0)

    wrong("first_wrong", identity)(first_wrong)


_relative("relative_to_both", lambda own, right: np.abs(own) + np.abs(right))
_relative("relative_to_the_larger", lambda own, right: np.maximum(np.abs(own), np.abs(right)))


@wrong("train_step", "never_cleared_and_loss_after_the_step")
def train_step(model, optimizer, x, y):
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    return F.cross_entropy(model(x), y).item()
