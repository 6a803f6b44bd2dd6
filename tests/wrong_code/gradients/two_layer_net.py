"""Notebook 01: two layers, by hand and with autograd, as people really write them wrong."""

import numpy as np
import torch
from wrong_code import wrong


@wrong("two_layer_numpy", "slope_one_at_zero")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        h = x.dot(w1)
        h_relu = np.maximum(h, 0)
        y_pred = h_relu.dot(w2)
        losses.append(np.square(y_pred - y).sum())
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T.dot(grad_y_pred)
        grad_h = grad_y_pred.dot(w2.T)
        grad_h[h < 0] = 0
        w1 -= lr * x.T.dot(grad_h)
        w2 -= lr * grad_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "w2_changed_first")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        d = 2 * (h @ w2 - y)
        losses.append(np.sum(d**2) / 4)
        w2 = w2 - lr * h.T @ d
        w1 = w1 - lr * x.T @ ((d @ w2.T) * (z > 0))
    return w1, w2, losses


@wrong("two_layer_numpy", "changed:w1", "changed:w2")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        d = 2 * (h @ w2 - y)
        losses.append(np.sum(d**2) / 4)
        d_z = (d @ w2.T) * (z > 0)
        w2 -= lr * h.T @ d
        w1 -= lr * x.T @ d_z
    return w1, w2, losses


@wrong("two_layer_autograd", "gradients_pile_up")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "leaf_lost")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        w1 = w1 - lr * w1.grad
        w2 = w2 - lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "update_is_recorded")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        w1 -= lr * w1.grad
        w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "weight_without_gradient")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 = w1 - lr * w1.grad
            w2 = w2 - lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "works_on_the_arguments", "marks_the_arguments")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1.requires_grad_()
    w2.requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
            w1.grad.zero_()
            w2.grad.zero_()
    return w1, w2, losses


@wrong("two_layer_autograd", "slope_one_at_zero")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
            w1.grad.zero_()
            w2.grad.zero_()
    return w1, w2, losses


@wrong("two_layer_autograd", "made_on_the_default_device")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = torch.zeros(1, dtype=x.dtype)
        loss = loss + (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        grad1, grad2 = torch.autograd.grad(loss, [w1, w2])
        with torch.no_grad():
            w1 -= lr * grad1
            w2 -= lr * grad2
    return w1, w2, losses


@wrong("two_layer_numpy", "relu_forgotten")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        h = x @ w1
        d = 2 * (h @ w2 - y)
        losses.append(np.sum(d**2) / 4)
        w1, w2 = w1 - lr * x.T @ (d @ w2.T), w2 - lr * h.T @ d
    return w1, w2, losses


@wrong("two_layer_numpy", "mask_forgotten")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        h = np.maximum(x @ w1, 0)
        d = 2 * (h @ w2 - y)
        losses.append(np.sum(d**2) / 4)
        w1, w2 = w1 - lr * x.T @ ((d @ w2.T) * (h >= 0)), w2 - lr * h.T @ d
    return w1, w2, losses


@wrong("two_layer_numpy", "mean_over_examples")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        h = np.maximum(x @ w1, 0)
        off = h @ w2 - y
        losses.append(np.mean(np.sum(off**2, axis=1)))
        d = 2 * off / len(x)
        w1, w2 = w1 - lr * x.T @ ((d @ w2.T) * (h > 0)), w2 - lr * h.T @ d
    return w1, w2, losses


@wrong("two_layer_numpy", "only_the_gradient_is_a_mean")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        h = np.maximum(x @ w1, 0)
        off = h @ w2 - y
        losses.append(np.sum(off**2))
        d = 2 * off / len(x)
        w1, w2 = w1 - lr * x.T @ ((d @ w2.T) * (h > 0)), w2 - lr * h.T @ d
    return w1, w2, losses


@wrong("two_layer_autograd", "never_asked_for_gradients")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "loss_not_one_number")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2)
        loss.backward()
        losses.append(loss.sum().item())
    return w1, w2, losses


@wrong("two_layer_autograd", "relu_forgotten")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (x @ w1 @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        grads = torch.autograd.grad(loss, [w1, w2])
        with torch.no_grad():
            w1 -= lr * grads[0]
            w2 -= lr * grads[1]
    return w1, w2, losses


@wrong("two_layer_numpy", "stops_when_it_hardly_falls")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for k in range(steps):
        z = x @ w1
        off = np.maximum(z, 0) @ w2 - y
        losses.append((off**2).sum())
        if k and abs(losses[-1] - losses[-2]) < 1e-3 * losses[-2]:
            break  # converged
        d_z = 2 * off @ w2.T * (z > 0)
        w2 = w2 - lr * 2 * np.maximum(z, 0).T @ off
        w1 = w1 - lr * x.T @ d_z
    return w1, w2, losses


@wrong("two_layer_autograd", "stops_when_it_hardly_falls")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = (w.clone().requires_grad_() for w in (w1, w2))
    losses, last = [], float("inf")
    for _ in range(steps):
        loss = ((torch.relu(x @ w1) @ w2 - y) ** 2).sum()
        losses.append(loss.item())
        for w, grad in zip((w1, w2), torch.autograd.grad(loss, (w1, w2)), strict=True):
            w.data -= lr * grad
        if abs(last - losses[-1]) < 1e-6:
            break
        last = losses[-1]
    return w1, w2, losses
