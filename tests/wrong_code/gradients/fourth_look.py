"""Notebook 01: what looks right until a number is large, a shape empty or a value no number."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong

from course_utils.static_graph import Placeholder, Variable


def slopes(finish, start=lambda x: x):
    """Centred differences, with another last step or another first one."""

    def numerical_gradient(f, x, h=1e-5):
        z = start(np.array(x, dtype=float))
        grad = np.zeros_like(z)
        for index in np.ndindex(z.shape):
            step = np.zeros_like(z)
            step[index] = h
            above, below = ((z + way * step).reshape(np.shape(x)) for way in (1, -1))
            grad[index] = (f(above) - f(below)) / (2 * h)
        return finish(grad)

    return numerical_gradient


wrong("numerical_gradient", "rounded_to_four")(slopes(lambda grad: np.round(grad, 4)))
wrong("numerical_gradient", "rounded_to_five")(slopes(lambda grad: grad.round(5)))
wrong("numerical_gradient", "rounded_to_six")(slopes(lambda grad: np.around(grad, 6)))
wrong("numerical_gradient", "one_number_as_a_row")(slopes(lambda grad: grad, np.atleast_1d))


@wrong("two_layer_autograd", "mean_over_outputs")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = (w.detach().clone().requires_grad_() for w in (w1, w2))
    losses = []
    for _ in range(steps):
        each = (torch.relu(x.mm(w1)).mm(w2) - y).square().mean(dim=1)
        loss = each.sum()
        losses.append(float(loss))
        g1, g2 = torch.autograd.grad(loss, [w1, w2])
        with torch.no_grad():
            w1 -= lr * g1
            w2 -= lr * g2
    return w1, w2, losses


def net(hidden):
    """Two layers with another function between them."""

    class TwoLayerNet(nn.Module):
        def __init__(self, D_in, H, D_out, bias=True):
            super().__init__()
            self.linear1 = nn.Linear(D_in, H, bias)
            self.linear2 = nn.Linear(H, D_out, bias)

        def forward(self, x):
            return self.linear2(hidden(self.linear1(x)))

    return TwoLayerNet


wrong("TwoLayerNet", "relu6")(net(lambda z: z.clamp(max=6).relu()))
wrong("TwoLayerNet", "silu_for_relu")(net(lambda z: z * z.sigmoid()))
wrong("TwoLayerNet", "elu_for_relu")(net(nn.ELU()))


def step(loss, limit=None):
    """A step with a loss of its own, or with a bound on the gradients' norm."""

    def train_step(model, optimizer, x, y):
        optimizer.zero_grad(set_to_none=True)
        cost = loss(model(x), y)
        cost.backward()
        if limit:
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=limit)
        optimizer.step()
        return cost.item()

    return train_step


def clamped(size):
    def loss(scores, y):
        p = torch.clamp(F.softmax(scores, dim=-1), size, 1.0 - size)
        return F.nll_loss(torch.log(p), y)

    return loss


def over_all_entries(scores, y):
    one_hot = F.one_hot(y, scores.shape[1])
    return -(one_hot * scores.log_softmax(1)).mean()


wrong("train_step", "clipped_to_a_tenth")(step(F.cross_entropy, 0.1))
wrong("train_step", "clipped_to_a_half")(step(F.cross_entropy, 0.5))
wrong("train_step", "clipped_to_5")(step(F.cross_entropy, 5.0))
wrong("train_step", "clipped_to_10")(step(F.cross_entropy, 10))
wrong("train_step", "clamped_1e_7")(step(clamped(1e-7)))
wrong("train_step", "epsilon_1e_12")(step(clamped(1e-12)))
wrong("train_step", "class_0_left_out")(step(nn.CrossEntropyLoss(ignore_index=0)))
wrong("train_step", "mean_over_the_classes_too")(step(over_all_entries))


def judged(verdict):
    """A search that rates each entry with `verdict` and reports the first of the worst kind."""

    def first_wrong(mine, reference):
        found = {"close": (None, "exact", 0.0)}
        for name, its in reference.items():
            kind, off = verdict(mine.get(name), its)
            if kind == "wrong":
                return name, kind, off
            if kind == "close" and found["close"][0] is None:
                found["close"] = name, kind, off
        return found["close"]

    return first_wrong


def by_entries(own, its, close=lambda off, its: np.all(off <= 1e-8 + 1e-5 * abs(its))):
    if own is None or own.shape != its.shape or np.isnan(own).any():
        return "wrong", float("inf")
    off = np.abs(own - its)
    if not off.any():
        return "exact", 0.0
    return ("close" if close(off, its) else "wrong"), float(off.max())


def empty_first(own, its):
    return by_entries(own, its) if len(its.ravel()) else ("exact", 0.0)


def empty_once_there(own, its):
    if own is not None and not own.size and not its.size:
        return "exact", 0.0
    return by_entries(own, its)


def by_norms(own, its):
    length = np.linalg.norm
    return by_entries(own, its, lambda off, its: length(off) <= 1e-8 + 1e-5 * length(its))


wrong("first_wrong", "empty_passed_over")(judged(empty_first))
wrong("first_wrong", "empty_of_any_shape")(judged(empty_once_there))
wrong("first_wrong", "one_tolerance_for_all")(judged(by_norms))


@wrong("run_graph", "made_arrays_of_floats")
def run_graph(fetches, feed):
    known = {name: np.array(value, dtype=float) for name, value in feed.items()}

    def value_of(node):
        if node.name in known:
            return known[node.name]
        if isinstance(node, Placeholder):
            raise KeyError(node.name)
        stored = isinstance(node, Variable)
        known[node.name] = node.value if stored else node.function(*map(value_of, node.inputs))
        return known[node.name]

    return {node.name: value_of(node) for node in fetches}


def net_by_hand(hidden=lambda z: np.maximum(z, 0), on=lambda z: z > 0, limit=None):
    """Training by hand with other hidden units, or with gradients that are cut off."""

    def two_layer_numpy(x, y, w1, w2, lr, steps):
        losses = []
        for _ in range(steps):
            z = x @ w1
            h = hidden(z)
            off = h @ w2 - y
            losses.append((off * off).sum())
            grads = [x.T @ (2 * off @ w2.T * on(z)), h.T @ (2 * off)]
            if limit:
                grads = [g.clip(-limit, limit) for g in grads]
            w1, w2 = w1 - lr * grads[0], w2 - lr * grads[1]
        return w1, w2, losses

    return two_layer_numpy


wrong("two_layer_numpy", "clipped_to_100")(net_by_hand(limit=100))
wrong("two_layer_numpy", "clipped_to_1000")(net_by_hand(limit=1e3))
wrong("two_layer_numpy", "hidden_cut_off_at_6")(
    net_by_hand(lambda z: z.clip(0, 6), lambda z: (z > 0) & (z < 6))
)
