"""Notebook 01: gradients as people really write them wrong, by hand and with a framework."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from wrong_code import wrong


@wrong("numerical_gradient", "one_sided")
def numerical_gradient(f, x, h=1e-5):
    grad, z = np.zeros(x.shape), x.astype(np.float64)
    for i in np.ndindex(x.shape):
        before = f(z)
        z[i] += h
        grad[i] = (f(z) - before) / h
        z[i] -= h
    return grad


@wrong("numerical_gradient", "not_put_back")
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = x[i].copy()
        x[i] = old + h
        above = f(x)
        x[i] = old - h
        grad[i] = (above - f(x)) / (2 * h)
    return grad


@wrong("numerical_gradient", "whole_numbers_cut")
def numerical_gradient(f, x, h=1e-5):
    z = x.copy() if x.dtype.kind == "i" else x.astype(np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = z[i].copy()
        z[i] = old + h
        above = f(z)
        z[i] = old - h
        grad[i] = (above - f(z)) / (2 * h)
        z[i] = old
    return grad


@wrong("numerical_gradient", "all_entries_at_once")
def numerical_gradient(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@wrong("numerical_gradient", "nudges_a_copy")
def numerical_gradient(f, x, h=1e-5):
    z = x.astype(np.float64)
    flat, grad = z.reshape(-1), np.zeros(z.size)
    for i in range(z.size):
        old = flat[i]
        flat[i] = old + h
        above = f(z)
        flat[i] = old - h
        grad[i] = (above - f(z)) / (2 * h)
        flat[i] = old
    return grad.reshape(x.shape)


@wrong("numerical_gradient", "all_in_the_dtype_of_x")
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i].copy()
        x[i] = old + h
        above = f(x)
        x[i] = old - h
        below = f(x)
        x[i] = old
        grad[i] = (above - below) / (2 * h)
    return grad


@wrong("affine_forward", "not_flattened")
def affine_forward(x, w, b):
    return x @ w + b, (x, w)


@wrong("affine_forward", "examples_mixed")
def affine_forward(x, w, b):
    return x.reshape(-1, x.shape[0]).T @ w + b, (x, w)


@wrong("affine_forward", "bias_forgotten")
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w, (x, w)


@wrong("affine_backward", "db_averaged", "dw_averaged")
def affine_backward(dout, cache):
    x, w = cache
    rows = x.reshape(len(x), -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout / len(x), dout.mean(axis=0)


@wrong("affine_backward", "dx_left_flat")
def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.reshape(len(x), -1).T @ dout, dout.sum(0)


@wrong("affine_backward", "db_over_the_units")
def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(1)


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


@wrong("TwoLayerNet", "not_registered")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.layers = [nn.Linear(D_in, H, bias=bias), nn.Linear(H, D_out, bias=bias)]

    def forward(self, x):
        return self.layers[1](torch.relu(self.layers[0](x)))


@wrong("TwoLayerNet", "other_names")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.fc1 = nn.Linear(D_in, H, bias=bias)
        self.fc2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


@wrong("TwoLayerNet", "slope_one_at_zero")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(self.linear1(x).clamp(min=0))


@wrong("TwoLayerNet", "module_not_begun")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(torch.relu(self.linear1(x)))


@wrong("train_step", "never_cleared")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "nothing_to_step_on")
def train_step(model, optimizer, x, y):
    loss = nn.CrossEntropyLoss()(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@wrong("train_step", "nothing_to_step_on")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    optimizer.step()
    loss.backward()
    return loss.item()


@wrong("train_step", "cleared_only_at_the_end")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("train_step", "softmax_twice", "loss_keeps_its_graph")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(torch.softmax(model(x), dim=1), y)
    loss.backward()
    optimizer.step()
    return loss


@wrong("Swish", "one_term_of_two")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        return dout * torch.sigmoid(x)


@wrong("Swish", "kept_on_ctx")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        s = torch.sigmoid(ctx.x)
        return dout * s * (1 + ctx.x * (1 - s))


@wrong("Swish", "output_for_input")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        out = x * torch.sigmoid(x)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * s * (1 + x * (1 - s))


@wrong("numerical_gradient", "brackets_missing")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.zeros(x.shape)
    for i in range(x.size):
        above, below = z.copy(), z.copy()
        above.flat[i] += h
        below.flat[i] -= h
        grad.flat[i] = (f(above) - f(below)) / 2 * h
    return grad


@wrong("numerical_gradient", "both_sides_the_same")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.zeros(x.shape)
    for i in range(x.size):
        above = below = z
        above.flat[i] += h
        below.flat[i] -= h
        grad.flat[i] = (f(above) - f(below)) / (2 * h)
    return grad


@wrong("numerical_gradient", "own_step")
def numerical_gradient(f, x, h=1e-5):
    z, grad, h = x.astype(float), np.zeros(x.shape), 1e-5
    for i in range(x.size):
        above, below = z.copy(), z.copy()
        above.flat[i] += h
        below.flat[i] -= h
        grad.flat[i] = (f(above) - f(below)) / (2 * h)
    return grad


@wrong("numerical_gradient", "copy_not_put_back")
def numerical_gradient(f, x, h=1e-5):
    z, grad = x.astype(float), np.zeros(x.shape)
    it = np.nditer(z, flags=["multi_index"], op_flags=["readwrite"], order="C")
    while not it.finished:
        index = it.multi_index
        old = z[index].copy()
        z[index] = old + h
        above = f(z)
        z[index] = old - h
        grad[index] = np.sum((above - f(z)) / (2 * h))
        it.iternext()
    return grad


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


@wrong("TwoLayerNet", "second_as_wide_as_first")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, H, bias=bias)

    def forward(self, x):
        return self.linear2(torch.relu(self.linear1(x)))


@wrong("train_step", "scores_as_logarithms")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.nll_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "nothing_to_step_on")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return loss.item()
