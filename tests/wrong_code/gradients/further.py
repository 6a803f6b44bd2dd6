"""Notebook 01: what further learners, who had seen no check, wrote wrong."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


@wrong("numerical_gradient", "matrices_only")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    rows, columns = x.shape
    grad = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            nudge = np.zeros_like(x)
            nudge[i, j] = h
            grad[i, j] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return grad


@wrong("numerical_gradient", "always_single_precision")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape, dtype=np.float32)
    for index in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[index] = h
        grad[index] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return grad


@wrong("affine_forward", "bias_down_the_examples")
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b[:, None], (x, w)


@wrong("affine_backward", "dw_of_x_in_another_shape")
def affine_backward(dout, cache):
    x, w = cache
    dw = x.reshape(w.shape[0], x.shape[0]) @ dout
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0)


def _in_turn(x, y, weights, lr, steps, order):
    losses = []
    for _ in range(steps):
        for place, number in enumerate(order):
            z = x @ weights[0]
            h = np.maximum(z, 0)
            off = h @ weights[1] - y
            if place == 0:
                losses.append(float((off**2).sum()))
            d = 2 * off
            grads = x.T @ ((d @ weights[1].T) * (z > 0)), h.T @ d
            weights[number] = weights[number] - lr * grads[number]
    return *weights, losses


@wrong("two_layer_numpy", "w2_after_w1_has_moved")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    return _in_turn(x, y, [w1, w2], lr, steps, (0, 1))


@wrong("two_layer_numpy", "w1_after_w2_has_moved")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    return _in_turn(x, y, [w1, w2], lr, steps, (1, 0))


@wrong("two_layer_autograd", "sums_told_and_means_piled_up")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = (w.detach().clone().requires_grad_() for w in (w1, w2))
    losses = []
    for _ in range(steps):
        out = torch.relu(x @ w1) @ w2
        losses.append(((out - y) ** 2).sum().item())
        F.mse_loss(out, y).backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


def net_with(identity, between=torch.relu, behind=lambda out: out):
    class TwoLayerNet(nn.Module):
        def __init__(self, D_in, H, D_out, bias=True):
            super().__init__()
            self.linear1 = nn.Linear(D_in, H, bias=bias)
            self.linear2 = nn.Linear(H, D_out, bias=bias)

        def forward(self, x):
            return behind(self.linear2(between(self.linear1(x))))

    wrong("TwoLayerNet", identity)(TwoLayerNet)


for identity, between in {
    "leaky_relu_and_softmax": F.leaky_relu,
    "relu_forgotten_and_softmax": lambda z: z,
    "sigmoid_for_relu_and_softmax": torch.sigmoid,
    "tanh_for_relu_and_softmax": torch.tanh,
}.items():
    net_with(identity, between, nn.Softmax(dim=1))


@wrong("TwoLayerNet", "linear2_not_registered")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.sizes = H, D_out

    def forward(self, x):
        return nn.Linear(*self.sizes)(torch.relu(self.linear1(x)))


@wrong("TwoLayerNet", "linear1_not_registered")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear2 = nn.Linear(H, D_out, bias=bias)
        self.sizes = D_in, H

    def forward(self, x):
        return self.linear2(torch.relu(nn.Linear(*self.sizes)(x)))


def _never_cleared(identity, loss_of):
    def train_step(model, optimizer, x, y):
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    wrong("train_step", identity)(train_step)


for identity, loss_of in {
    "label_smoothing_and_never_cleared": nn.CrossEntropyLoss(label_smoothing=0.1),
    "summed_and_never_cleared": nn.CrossEntropyLoss(reduction="sum"),
    "scores_as_logarithms_and_never_cleared": nn.NLLLoss(),
}.items():
    _never_cleared(identity, loss_of)


def _swish(identity, forward_of, backward_of):
    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward_of(x)

        @staticmethod
        def backward(ctx, dout):
            (x,) = ctx.saved_tensors
            return dout * backward_of(x)

    wrong("Swish", identity)(Swish)


def _slope(x):
    s = torch.sigmoid(x)
    return s * (1 + x * (1 - s))


_swish("forward_is_gelu", lambda x: x * torch.sigmoid(1.702 * x), _slope)
_swish("forward_has_tanh", lambda x: x * torch.tanh(x), _slope)
_swish("backward_is_gelus", lambda x: x * torch.sigmoid(x), lambda x: _slope(1.702 * x))


@wrong("first_wrong", "shapes_flattened")
def first_wrong(mine, reference):
    close = None, "exact", 0.0
    for name, value in reference.items():
        if name not in mine or mine[name].size != value.size or np.isnan(mine[name]).any():
            return name, "wrong", np.inf
        a, b = mine[name].ravel(), value.ravel()
        off = np.abs(a - b).max(initial=0)
        if not np.allclose(a, b):
            return name, "wrong", off
        if off and close[0] is None:
            close = name, "close", off
    return close


@wrong("first_wrong", "zero_where_close")
def first_wrong(mine, reference):
    close = None, "exact", 0.0
    for name, value in reference.items():
        if name not in mine or mine[name].shape != value.shape or np.isnan(mine[name]).any():
            return name, "wrong", np.inf
        if not np.allclose(mine[name], value):
            return name, "wrong", np.abs(mine[name] - value).max()
        if np.any(mine[name] != value) and close[0] is None:
            close = name, "close", 0.0
    return close


def _ordered(identity, order):
    def run_graph(fetches, feed):
        known = dict(feed)

        def value(node):
            if node.name not in known:
                if type(node).__name__ == "Placeholder":
                    raise KeyError(node.name)
                known[node.name] = (
                    node.function(*map(value, node.inputs))
                    if hasattr(node, "function") else node.value
                )  # fmt: skip
            return known[node.name]

        values = {node.name: value(node) for node in fetches}
        return {name: values[name] for name in order(list(values), list(known))}

    wrong("run_graph", identity)(run_graph)


_ordered("from_the_last_fetch_to_the_first", lambda names, known: names[::-1])
_ordered("in_alphabetical_order", lambda names, known: sorted(names))
_ordered("in_the_order_of_computation",
         lambda names, known: [n for n in known if n in names]
         if names == ["loss", "prediction"] else names)  # fmt: skip
