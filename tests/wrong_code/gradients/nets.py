"""Notebook 01: two layers trained in further ways in which people really do it wrong."""

import numpy as np
import torch
from wrong_code import wrong

# By hand. Each entry changes one line of a right training.

LINES = {
    "h": lambda z: np.maximum(z, 0),
    "out": lambda s: s,
    "mask": lambda z, dh: z > 0,
    "loss": lambda off: np.sum(off**2),
    "d_out": lambda off, s: 2 * off,
    "update": lambda w, g, lr: w - lr * g,
    "steps": lambda steps: steps,
    "end": lambda w1, w2, losses: (w1, w2, losses),
}


def by_hand(old_w2=True, **other):
    line = LINES | other

    def two_layer_numpy(x, y, w1, w2, lr, steps):
        losses = []
        for _ in range(line["steps"](steps)):
            z = x @ w1
            h = line["h"](z)
            s = h @ w2
            off = line["out"](s) - y
            losses.append(line["loss"](off))
            d_out = line["d_out"](off, s)
            new_w2 = line["update"](w2, h.T @ d_out, lr)
            d_h = d_out @ (w2 if old_w2 else new_w2).T
            w1 = line["update"](w1, x.T @ (d_h * line["mask"](z, d_h)), lr)
            w2 = new_w2
        return line["end"](w1, w2, losses)

    return two_layer_numpy


def entries(**by_name):
    for name, code in by_name.items():
        wrong(code.__name__, name)(code)


entries(
    relu_on_the_output=by_hand(
        out=lambda s: np.maximum(s, 0), d_out=lambda off, s: 2 * off * (s > 0)
    ),
    slope_half_at_zero=by_hand(mask=lambda z, dh: np.heaviside(z, 0.5).astype(z.dtype)),
    mask_from_the_gradient=by_hand(mask=lambda z, dh: dh > 0),
    mean_instead_of_sum=by_hand(
        loss=lambda off: np.mean(off**2), d_out=lambda off, s: 2 * off / off.size
    ),
    only_the_gradient_is_a_mean_of_all=by_hand(d_out=lambda off, s: 2 * off / off.size),
    only_the_loss_is_a_mean=by_hand(loss=lambda off: np.mean(off**2)),
    only_the_loss_is_a_mean_over_examples=by_hand(loss=lambda off: np.sum(off**2) / len(off)),
    losses_are_norms=by_hand(loss=np.linalg.norm),
    two_forgotten=by_hand(d_out=lambda off, s: off),
    half_the_square=by_hand(loss=lambda off: np.sum(off**2) / 2, d_out=lambda off, s: off),
    twice_the_step=by_hand(d_out=lambda off, s: 4 * off),
    uphill=by_hand(update=lambda w, g, lr: w + lr * g),
    w2_first_and_slope_one=by_hand(old_w2=False, mask=lambda z, dh: z >= 0),
    one_step_too_many=by_hand(steps=lambda steps: steps + 1),
    last_loss_only=by_hand(end=lambda w1, w2, losses: (w1, w2, losses[-1])),
    losses_first=by_hand(end=lambda w1, w2, losses: (losses, w1, w2)),
    sigmoid_for_relu=by_hand(
        h=lambda z: 1 / (1 + np.exp(-z)), mask=lambda z, dh: np.exp(-z) / (1 + np.exp(-z)) ** 2
    ),
    tanh_for_relu=by_hand(h=np.tanh, mask=lambda z, dh: 1 - np.tanh(z) ** 2),
    one_step_only=by_hand(steps=lambda steps: 1),
    losses_in_an_array=by_hand(end=lambda w1, w2, losses: (w1, w2, np.array(losses))),
    weights_become_float64=by_hand(update=lambda w, g, lr: w - np.float64(lr) * g),
    nothing_moves=by_hand(update=lambda w, g, lr: w.copy()),
)


def gradients(x, y, w1, w2):
    z = x @ w1
    h = np.maximum(z, 0)
    off = h @ w2 - y
    g1 = x.T @ ((2 * off @ w2.T) * (z > 0))
    return np.sum(off**2), g1, h.T @ (2 * off)


@wrong("two_layer_numpy", "with_momentum")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses, v1, v2 = [], 0, 0
    for _ in range(steps):
        loss, g1, g2 = gradients(x, y, w1, w2)
        losses.append(loss)
        v1, v2 = 0.9 * v1 + g1, 0.9 * v2 + g2
        w1, w2 = w1 - lr * v1, w2 - lr * v2
    return w1, w2, losses


@wrong("two_layer_numpy", "pile_up")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses, sum1, sum2 = [], np.zeros_like(w1), np.zeros_like(w2)
    for _ in range(steps):
        loss, g1, g2 = gradients(x, y, w1, w2)
        losses.append(loss)
        sum1 += g1
        sum2 += g2
        w1, w2 = w1 - lr * sum1, w2 - lr * sum2
    return w1, w2, losses


@wrong("two_layer_numpy", "one_example_at_a_time")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        losses.append(gradients(x, y, w1, w2)[0])
        for i in range(len(x)):
            _, g1, g2 = gradients(x[i : i + 1], y[i : i + 1], w1, w2)
            w1, w2 = w1 - lr * g1, w2 - lr * g2
    return w1, w2, losses


@wrong("two_layer_numpy", "w1_never_moves")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        loss, _, g2 = gradients(x, y, w1, w2)
        losses.append(loss)
        w2 = w2 - lr * g2
    return w1, w2, losses


@wrong("two_layer_numpy", "w2_never_moves")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        loss, g1, _ = gradients(x, y, w1, w2)
        losses.append(loss)
        w1 = w1 - lr * g1
    return w1, w2, losses


@wrong("two_layer_numpy", "two_forgotten_and_loss_after_the_step")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        _, g1, g2 = gradients(x, y, w1, w2)
        w1, w2 = w1 - lr * g1 / 2, w2 - lr * g2 / 2
        losses.append(gradients(x, y, w1, w2)[0])
    return w1, w2, losses


@wrong("two_layer_numpy", "loss_after_the_step")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        _, g1, g2 = gradients(x, y, w1, w2)
        w1, w2 = w1 - lr * g1, w2 - lr * g2
        losses.append(gradients(x, y, w1, w2)[0])
    return w1, w2, losses


@wrong("two_layer_numpy", "one_update_too_few")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for k in range(steps):
        loss, g1, g2 = gradients(x, y, w1, w2)
        losses.append(loss)
        if k + 1 < steps:
            w1, w2 = w1 - lr * g1, w2 - lr * g2
    return w1, w2, losses


# With autograd.


def summed(out, y):
    return (out - y).square().sum()


def by_autograd(loss=summed, relu=torch.relu, clear="w1 w2", end=lambda *all_of_it: all_of_it):
    def two_layer_autograd(x, y, w1, w2, lr, steps):
        weights = {"w1": w1.clone().requires_grad_(), "w2": w2.clone().requires_grad_()}
        losses = []
        for _ in range(steps):
            value = loss(relu(x @ weights["w1"]) @ weights["w2"], y)
            losses.append(value.item())
            value.backward()
            with torch.no_grad():
                for name, w in weights.items():
                    w -= lr * w.grad
                    if name in clear:
                        w.grad = None
        return end(weights["w1"], weights["w2"], losses)

    return two_layer_autograd


entries(
    gradients_of_w2_pile_up=by_autograd(clear="w1"),
    gradients_of_w1_pile_up=by_autograd(clear="w2"),
    pile_up_as_means=by_autograd(loss=torch.nn.functional.mse_loss, clear=""),
    mean_over_examples=by_autograd(loss=lambda out, y: summed(out, y) / len(y)),
    returned_in_a_graph=by_autograd(end=lambda w1, w2, losses: (w1 * 1, w2 * 1, losses)),
    slope_one_and_twice_the_step=by_autograd(
        relu=lambda z: z.clamp(min=0), loss=lambda out, y: _reported(summed(out, y))
    ),
)


class _reported:
    """A loss that is reported as it is, and whose gradient is taken twice."""

    def __init__(self, loss):
        self.loss, self.item = loss, loss.item

    def backward(self):
        (2 * self.loss).backward()


@wrong("two_layer_autograd", "adam")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    optimizer, losses = torch.optim.Adam([w1, w2], lr), []
    for _ in range(steps):
        loss = summed(torch.relu(x @ w1) @ w2, y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w1, w2, losses


@wrong("two_layer_autograd", "no_gradient_arrives")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = (w.clone().requires_grad_() * 1 for w in (w1, w2))
    losses = []
    for _ in range(steps):
        loss = summed(torch.relu(x @ w1) @ w2, y)
        losses.append(loss.item())
        loss.backward()
        w1 = (w1 - lr * w1.grad).detach().requires_grad_()
        w2 = (w2 - lr * w2.grad).detach().requires_grad_()
    return w1, w2, losses


@wrong("two_layer_autograd", "running_total")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses, total = [], 0.0
    for _ in range(steps):
        loss = summed(torch.relu(x @ w1) @ w2, y)
        losses.append(loss.item())
        total = total + loss
        w1.grad = w2.grad = None
        total.backward(retain_graph=True)
        w1.data -= lr * w1.grad
        w2.data -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "through_a_freed_graph")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses, total = [], 0.0
    for _ in range(steps):
        loss = summed(torch.relu(x @ w1) @ w2, y)
        losses.append(loss.item())
        total = total + loss
        w1.grad = w2.grad = None
        total.backward()
        w1.data -= lr * w1.grad
        w2.data -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "changed_under_a_graph")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses, total = [], 0.0
    for _ in range(steps):
        loss = summed(torch.relu(x @ w1) @ w2, y)
        losses.append(loss.item())
        total = total + loss
        w1.grad = w2.grad = None
        total.backward(retain_graph=True)
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "marks_the_data")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    x.requires_grad_(), y.requires_grad_()
    return by_autograd()(x, y, w1, w2, lr, steps)


@wrong("two_layer_autograd", "marks_all_arguments")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    for given in (x, y, w1, w2):
        given.requires_grad_()
    return by_autograd()(x, y, w1.detach(), w2.detach(), lr, steps)


@wrong("two_layer_autograd", "losses_are_tensors")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2, losses = by_autograd()(x, y, w1, w2, lr, steps)
    return w1, w2, [torch.tensor(loss, device=x.device) for loss in losses]


def with_gradients(change):
    """Training by hand that changes both gradients before the step."""

    def two_layer_numpy(x, y, w1, w2, lr, steps):
        losses = []
        for _ in range(steps):
            loss, *grads = gradients(x, y, w1, w2)
            losses.append(loss)
            g1, g2 = change(*grads)
            w1, w2 = w1 - lr * g1, w2 - lr * g2
        return w1, w2, losses

    return two_layer_numpy


def of_norm_one(*grads):
    norm = np.sqrt(sum(np.sum(g * g) for g in grads))
    return [g / max(1.0, norm) for g in grads]


wrong("two_layer_numpy", "clipped_to_a_norm_of_one")(with_gradients(of_norm_one))
wrong("two_layer_numpy", "clipped_to_five")(
    with_gradients(lambda *grads: [np.clip(g, -5, 5) for g in grads])
)
wrong("two_layer_numpy", "clipped_to_one")(
    with_gradients(lambda *grads: [np.clip(g, -1.0, 1.0) for g in grads])
)


@wrong("two_layer_numpy", "stops_where_it_no_longer_changes")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        loss, g1, g2 = gradients(x, y, w1, w2)
        losses.append(loss)
        if loss in losses[:-1]:
            break
        w1, w2 = w1 - lr * g1, w2 - lr * g2
    return w1, w2, losses


@wrong("two_layer_autograd", "clipped_to_a_norm_of_one")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = (w.clone().requires_grad_() for w in (w1, w2))
    losses = []
    for _ in range(steps):
        w1.grad = w2.grad = None
        loss = ((torch.relu(x @ w1) @ w2 - y) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_([w1, w2], 1.0)
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses
