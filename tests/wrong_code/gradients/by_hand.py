"""Notebook 01: differences and affine layers as people really write them wrong."""

import numpy as np
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
