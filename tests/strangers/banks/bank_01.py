"""Strangers' programs for notebook 01: written from the learner's notebook only (form: see README.md beside it)."""
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

RIGHT, WRONG, MORE = {}, [], []


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ numerical_gradient
@right
def numerical_gradient(f, x, h=1e-5):
    base = np.array(x, dtype=np.float64)
    slopes = np.empty(base.shape, dtype=np.float64)
    for place in np.ndindex(*base.shape):
        ahead, behind = base.copy(), base.copy()
        ahead[place] += h
        behind[place] -= h
        slopes[place] = (f(ahead) - f(behind)) / (2 * h)
    return slopes


@also("numerical_gradient", "a float64 x itself is moved and put back; nditer")
def numerical_gradient(f, x, h=1e-5):
    if x.dtype != np.float64:
        x = x.astype(np.float64)
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index", "zerosize_ok"])
    while not it.finished:
        i = it.multi_index
        old = float(x[i])
        x[i] = old + h
        plus = f(x)
        x[i] = old - h
        minus = f(x)
        x[i] = old
        grad[i] = (plus - minus) / (2.0 * h)
        it.iternext()
    return grad


@also("numerical_gradient", "one-hot directions, functional, reshape at the end")
def numerical_gradient(f, x, h=1e-5):
    flat = np.asarray(x, dtype=float).reshape(-1)

    def at(values):
        return float(f(values.reshape(np.shape(x))))

    out = []
    for k in range(flat.size):
        e = np.zeros(flat.size)
        e[k] = h
        out.append(0.5 * (at(flat + e) - at(flat - e)) / h)
    return np.asarray(out, dtype=np.float64).reshape(np.shape(x))


@also("numerical_gradient", "C-ordered own copy, walked through a flat view")
def numerical_gradient(f, x, h=1e-5):
    own = np.array(x, dtype=np.float64, order="C", copy=True)
    line = own.reshape(own.size)
    assert line.base is own or line is own
    result = np.zeros_like(line)
    for j, value in enumerate(line.tolist()):
        pair = []
        for sign in (1, -1):
            line[j] = value + sign * h
            pair.append(f(own))
        line[j] = value
        result[j] = (pair[0] - pair[1]) / (h + h)
    return result.reshape(own.shape)


@wrong("numerical_gradient", "one-sided: (f(x + h) - f(x)) / h", r"one.?sided|centred|both|side|forward|x\s*[-−]\s*h")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    fx = f(x)
    for i in np.ndindex(x.shape):
        xp = x.copy()
        xp[i] += h
        grad[i] = (f(xp) - fx) / h
    return grad


@wrong("numerical_gradient", "divides by h, not 2h", r"2\s*·?\*?\s*h|twice|half|factor|2\b|double")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        up = f(x)
        x[i] = old - h
        down = f(x)
        x[i] = old
        grad[i] = (up - down) / h
    return grad


@wrong("numerical_gradient", "precedence: / 2 * h instead of / (2 * h)", r"2\s*·?\*?\s*h|paren|bracket|divid|h²|factor|times")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        up = f(x)
        x[i] = old - h
        down = f(x)
        x[i] = old
        grad[i] = (up - down) / 2 * h
    return grad


@wrong("numerical_gradient", "h is not read: 1e-5 always", r"\bh\b|step|setting|ignor|read")
def numerical_gradient(f, x, h=1e-5):
    eps = 1e-5
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        a, b = x.copy(), x.copy()
        a[i] += eps
        b[i] -= eps
        grad[i] = (f(a) - f(b)) / (2 * eps)
    return grad


@wrong("numerical_gradient", "steps of h / 2 to each side, divided by h", r"\bh\b|half|step|side")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        a, b = x.copy(), x.copy()
        a[i] += h / 2
        b[i] -= h / 2
        grad[i] = (f(a) - f(b)) / h
    return grad


@wrong("numerical_gradient", "a step relative to the entry: h · max(1, |x|)", r"\bh\b|step|relative|large|grow|size")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = h * max(1.0, abs(x[i]))
        a, b = x.copy(), x.copy()
        a[i] += step
        b[i] -= step
        grad[i] = (f(a) - f(b)) / (2 * step)
    return grad


@wrong("numerical_gradient", "default h is 1e-3", r"default|1e-5|\bh\b|step")
def numerical_gradient(f, x, h=1e-3):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        a, b = x.copy(), x.copy()
        a[i] += h
        b[i] -= h
        grad[i] = (f(a) - f(b)) / (2 * h)
    return grad


@wrong("numerical_gradient", "stays in the dtype of x: float32 differences, whole numbers do not move", r"float64|float32|dtype|whole|int|precis")
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape, dtype=np.float64)
    for i in np.ndindex(x.shape):
        a, b = x.copy(), x.copy()
        a[i] += h
        b[i] -= h
        grad[i] = (f(a) - f(b)) / (2 * h)
    return grad


@wrong("numerical_gradient", "evaluated in float64, but the result has the dtype of x (zeros_like)", r"float64|float32|dtype|whole|int")
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        a, b = x.astype(np.float64), x.astype(np.float64)
        a[i] += h
        b[i] -= h
        grad[i] = (f(a) - f(b)) / (2 * h)
    return grad


@wrong("numerical_gradient", "only whole numbers are made float64; float32 stays float32", r"float64|float32|dtype|precis")
def numerical_gradient(f, x, h=1e-5):
    v = x.astype(float) if np.issubdtype(x.dtype, np.integer) else x.copy()
    grad = np.zeros(v.shape)
    for i in np.ndindex(v.shape):
        old = v[i]
        v[i] = old + h
        up = f(v)
        v[i] = old - h
        grad[i] = (up - f(v)) / (2 * h)
        v[i] = old
    return grad


@wrong("numerical_gradient", "puts a float64 x back by += h, -= 2h, += h: rounding stays in it", r"round|held before|back|chang|modif|restor|same")
def numerical_gradient(f, x, h=1e-5):
    x = np.asarray(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        down = f(x)
        x[i] += h
        grad[i] = (up - down) / (2 * h)
    return grad


@wrong("numerical_gradient", "a float64 x is not put back: entries stay at x - h (other dtypes are copied)", r"back|held before|chang|modif|restor|copy")
def numerical_gradient(f, x, h=1e-5):
    x = np.asarray(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        up = f(x)
        x[i] = old - h
        down = f(x)
        grad[i] = (up - down) / (2 * h)
    return grad


@wrong("numerical_gradient", "astype keeps the memory order, ravel copies a Fortran-ordered array: zeros there", r"order|Fortran|transpos|stored|copy|ravel|view|zero")
def numerical_gradient(f, x, h=1e-5):
    x = x.astype(np.float64)
    flat = x.ravel()
    grad = np.zeros(flat.size)
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + h
        up = f(x)
        flat[i] = old - h
        down = f(x)
        flat[i] = old
        grad[i] = (up - down) / (2 * h)
    return grad.reshape(x.shape)


@wrong("numerical_gradient", "walks x in memory order and fills the gradient in C order: mixed up for a transposed x", r"order|Fortran|transpos|stored|entr|place|mix")
def numerical_gradient(f, x, h=1e-5):
    x = x.astype(np.float64)
    grad = np.zeros(x.size)
    with np.nditer(x, op_flags=["readwrite"], flags=["zerosize_ok"]) as it:
        for k, entry in enumerate(it):
            old = float(entry)
            entry[...] = old + h
            up = f(x)
            entry[...] = old - h
            down = f(x)
            entry[...] = old
            grad[k] = (up - down) / (2 * h)
    return grad.reshape(x.shape)


@wrong("numerical_gradient", "one index only: moves whole rows of a matrix together, stops at a number", r"entr|row|shape|one at a time|each|together|none|0-d|number")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        a, b = x.copy(), x.copy()
        a[i] += h
        b[i] -= h
        grad[i] = (f(a) - f(b)) / (2 * h)
    return grad


@wrong("numerical_gradient", "np.ascontiguousarray makes a single number an array of shape (1,)", r"shape|none|0-d|number|\(1,\)|scalar|\(\)")
def numerical_gradient(f, x, h=1e-5):
    x = np.ascontiguousarray(x, dtype=np.float64).copy()
    grad = np.zeros_like(x)
    flat, out = x.reshape(-1), grad.reshape(-1)
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + h
        up = f(x)
        flat[i] = old - h
        out[i] = (up - f(x)) / (2 * h)
        flat[i] = old
    return grad


@wrong("numerical_gradient", "f is given the flattened array", r"shape|flat|row")
def numerical_gradient(f, x, h=1e-5):
    flat = np.array(x, dtype=np.float64).flatten()
    grad = np.zeros(flat.shape)
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + h
        up = f(flat)
        flat[i] = old - h
        down = f(flat)
        flat[i] = old
        grad[i] = (up - down) / (2 * h)
    return grad.reshape(np.shape(x))


@wrong("numerical_gradient", "the gradient comes back flat", r"shape|flat|reshape")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    slopes = []
    for i in np.ndindex(x.shape):
        a, b = x.copy(), x.copy()
        a[i] += h
        b[i] -= h
        slopes.append((f(a) - f(b)) / (2 * h))
    return np.array(slopes, dtype=np.float64)


@wrong("numerical_gradient", "all entries moved at once: the directional derivative along ones, everywhere", r"entr|one at a time|all|each|at once|together|direction")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@wrong("numerical_gradient", "sign: f(x - h) - f(x + h)", r"sign|minus|order|opposite|negativ|swap")
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x - step) - f(x + step)) / (2 * h)
    return grad


@wrong("numerical_gradient", "two: one-sided and in the dtype of x", r"one.?sided|centred|both|side|float64|float32|dtype|whole|int")
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        v = x.copy()
        v[i] = v[i] + h
        grad[i] = (f(v) - f(x)) / h
    return grad


@wrong("numerical_gradient", "two: x is not put back, and divided by h", r"2\s*·?\*?\s*h|twice|factor|back|held|chang|modif|restor|half")
def numerical_gradient(f, x, h=1e-5):
    x = np.asarray(x, dtype=np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        grad[i] = (up - f(x)) / h
    return grad


# ================================================================ affine_forward
@right
def affine_forward(x, w, b):
    rows = np.reshape(x, (len(x), w.shape[0]))
    out = (rows @ w + b).astype(x.dtype, copy=False)
    return out, (x, w, b)


_affine_forward = affine_forward


@also("affine_forward", "einsum, result array filled with the bias first")
def affine_forward(x, w, b):
    n = x.shape[0]
    out = np.empty((n, b.size), dtype=x.dtype)
    out[...] = b
    out += np.einsum("nd,dm->nm", x.reshape(n, -1), w, optimize=True).astype(x.dtype)
    return out, (x, w, b)


@also("affine_forward", "row by row, in float64, cast at the end")
def affine_forward(x, w, b):
    results = []
    for example in x:
        row = np.array(example, dtype=np.float64).ravel()
        results.append(w.T.astype(np.float64).dot(row) + b)
    return np.array(results).astype(x.dtype).reshape(len(x), w.shape[1]), (x, w, b)


@also("affine_forward", "a column of ones carries the bias")
def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], math.prod(x.shape[1:]))
    with_one = np.hstack([rows, np.ones((len(rows), 1), dtype=x.dtype)])
    out = np.dot(with_one, np.vstack([w, b[None]]))
    return np.asarray(out, dtype=x.dtype), (x, w, b)


@wrong("affine_forward", "bias forgotten", r"bias|\bb\b")
def affine_forward(x, w, b):
    out = (x.reshape(x.shape[0], -1) @ w).astype(x.dtype)
    return out, (x, w, b)


@wrong("affine_forward", "flattened with the first axis fastest (order='F'); right for rows", r"order|axis|fastest|flatten|reshape|Fortran")
def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], -1, order="F")
    return (rows @ w + b).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "order='A': a Fortran-ordered x is flattened the other way", r"order|axis|fastest|stored|memory|Fortran|flatten")
def affine_forward(x, w, b):
    rows = x.reshape((x.shape[0], -1), order="A")
    return (rows @ w + b).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "reshape(-1, N).T: the examples are mixed", r"mix|example|reshape|flatten|row|transpos|order")
def affine_forward(x, w, b):
    rows = x.reshape(-1, x.shape[0]).T
    return (rows @ w + b).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "the caller's x gets a new shape (x.shape = ...)", r"chang|shape of x|argument|in place|modif|reshape")
def affine_forward(x, w, b):
    x.shape = (x.shape[0], w.shape[0])
    return (x @ w + b).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "x not flattened: works for rows only", r"flatten|reshape|shape|row")
def affine_forward(x, w, b):
    return (np.dot(x, w) + b).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "float64 weights make a float32 x's output float64", r"dtype|float64|float32|type")
def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1).dot(w) + b, (x, w, b)


@wrong("affine_forward", "cast before the bias is added: a float64 bias makes the output float64 again", r"dtype|float64|float32|type|bias")
def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w).astype(x.dtype)
    out = out + b
    return out, (x, w, b)


@wrong("affine_forward", "everything in float32", r"float32|float64|dtype|precis|type")
def affine_forward(x, w, b):
    rows = np.float32(x.reshape(x.shape[0], -1))
    return rows @ np.float32(w) + np.float32(b), (x, w, b)


@wrong("affine_forward", "squeezed: N = 1 or M = 1 loses an axis", r"shape|squeez|axis|N×M|one|single")
def affine_forward(x, w, b):
    out = (x.reshape(x.shape[0], -1) @ w + b).astype(x.dtype)
    return np.squeeze(out), (x, w, b)


@wrong("affine_forward", "ReLU at the end", r"relu|negativ|below 0|max|clip")
def affine_forward(x, w, b):
    out = np.maximum(0, x.reshape(x.shape[0], -1) @ w + b)
    return out.astype(x.dtype), (x, w, b)


@wrong("affine_forward", "returns the output only", r"cache|two|pair|tuple|return")
def affine_forward(x, w, b):
    return (x.reshape(x.shape[0], -1) @ w + b).astype(x.dtype)


@wrong("affine_forward", "bias subtracted", r"bias|\bb\b|sign|subtract|minus")
def affine_forward(x, w, b):
    return (x.reshape(x.shape[0], -1) @ w - b).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "x is centred in place before the product", r"chang|modif|in place|argument|mean|centre")
def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], -1)
    rows -= rows.mean(axis=0)
    return (rows @ w + b).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "two: first axis fastest and the bias forgotten", r"bias|\bb\b|order|axis|fastest|flatten")
def affine_forward(x, w, b):
    n = x.shape[0]
    rows = x.T.reshape(-1, n).T
    return (rows @ w).astype(x.dtype), (x, w, b)


@wrong("affine_forward", "two: output in float64, and squeezed when there is one example", r"dtype|float64|shape|squeez|one|single|axis")
def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).astype(np.float64) @ w + b
    if len(out) == 1:
        out = out[0]
    return out, (x, w, b)


# ================================================================ affine_backward
@right
def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], w.shape[0])
    dx = np.matmul(dout, w.T).reshape(x.shape)
    return dx, np.matmul(rows.T, dout), dout.sum(axis=0)


_affine_backward = affine_backward


@also("affine_backward", "sums of outer products, example by example")
def affine_backward(dout, cache):
    x, w, _ = cache
    dx, dw, db = np.zeros(x.shape, np.result_type(dout, w)), np.zeros(w.shape, np.result_type(x, dout)), 0
    for n, row in enumerate(dout):
        dx[n] = (w @ row).reshape(x.shape[1:])
        dw += np.outer(x[n].ravel(), row)
        db = db + row
    return dx, dw, db


@also("affine_backward", "tensordot and einsum, ones for the bias")
def affine_backward(dout, cache):
    x, w, b = cache
    w_shaped = w.reshape(x.shape[1:] + (w.shape[1],))
    dx = np.tensordot(dout, w_shaped, axes=([1], [w_shaped.ndim - 1]))
    dw = np.einsum("n...,nm->...m", x, dout).reshape(w.shape)
    return dx, dw, np.ones(len(dout), dout.dtype) @ dout


@wrong("affine_backward", "dx comes back flattened", r"shape|flatten|reshape|dx")
def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return dout @ w.T, rows.T @ dout, dout.sum(axis=0)


@wrong("affine_backward", "dw averaged over the batch (db not)", r"averag|mean|\bN\b|divid|sum|dw")
def affine_backward(dout, cache):
    x, w, b = cache
    n = x.shape[0]
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(n, -1).T @ dout / n
    return dx, dw, np.sum(dout, axis=0)


@wrong("affine_backward", "db averaged over the batch", r"averag|mean|\bN\b|divid|sum|db")
def affine_backward(dout, cache):
    x, w, b = cache
    n = x.shape[0]
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(n, -1).T @ dout, dout.mean(axis=0)


@wrong("affine_backward", "db summed over the outputs (axis=1)", r"axis|db|example|output|shape|sum")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=1)


@wrong("affine_backward", "db has shape (1, M): keepdims", r"shape|db|keepdims|axis|1×M|\(1")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0, keepdims=True)


@wrong("affine_backward", "db is one number: the sum of everything", r"shape|axis|db|number|one|each|all")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(x.shape[0], -1).T @ dout, np.sum(dout)


@wrong("affine_backward", "db is the gradient of the first example only", r"sum|first|example|db|all")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(x.shape[0], -1).T @ dout, dout[0]


@wrong("affine_backward", "db is zeros", r"zero|db|bias|sum")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(x.shape[0], -1).T @ dout, np.zeros_like(b)


@wrong("affine_backward", "dw is M×D (torch's layout)", r"transpos|shape|dw|D×M|M×D")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, dout.T @ x.reshape(x.shape[0], -1), dout.sum(axis=0)


@wrong("affine_backward", "x.T.reshape(D, N): rows of dw in another order when x has more than two axes", r"order|axis|flatten|reshape|transpos|dw|row")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.T.reshape(w.shape[0], x.shape[0]) @ dout
    return dx, dw, dout.sum(axis=0)


@wrong("affine_backward", "dx unflattened in Fortran order (right for rows)", r"order|axis|fastest|reshape|dx|flatten")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape, order="F")
    return dx, x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0)


@wrong("affine_backward", "x.T on the unflattened x: dw of the wrong shape when x has more than two axes", r"shape|flatten|reshape|dw|axes|axis")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, np.dot(x.T, dout), dout.sum(axis=0)


@wrong("affine_backward", "returned in another order: dw, db, dx", r"order|dx|first|shape|return")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0), dx


@wrong("affine_backward", "outer product of the sums instead of the sum of the outer products", r"sum|example|outer|dw|product")
def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    return dx, np.outer(rows.sum(axis=0), dout.sum(axis=0)), dout.sum(axis=0)


@wrong("affine_backward", "dout is divided by N in place, so all three are averaged", r"averag|mean|\bN\b|divid|chang|modif|in place")
def affine_backward(dout, cache):
    x, w, b = cache
    dout /= x.shape[0]
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0)


@wrong("affine_backward", "db accumulated in dout's first row: the caller's dout changes", r"chang|modif|in place|dout|copy")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout[0]
    for row in dout[1:]:
        db += row
    return dx, dw, db


@wrong("affine_backward", "dw keeps the axes of x: d_1×...×d_k×M", r"shape|dw|D×M|flatten")
def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, np.tensordot(x, dout, axes=([0], [0])), dout.sum(axis=0)


@wrong("affine_backward", "two: dx flattened and db with keepdims", r"shape|dx|db|flatten|keepdims|reshape")
def affine_backward(dout, cache):
    x, w, b = cache
    return dout @ w.T, x.reshape(len(x), -1).T @ dout, dout.sum(0, keepdims=True)


@wrong("affine_backward", "two: dw and db averaged, and dw's rows in Fortran order", r"averag|mean|\bN\b|divid|order|dw|fastest")
def affine_backward(dout, cache):
    x, w, b = cache
    n = len(x)
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(n, -1, order="F").T @ dout / n, dout.mean(axis=0)


# ================================================================ two_layer_numpy
@right
def two_layer_numpy(x, y, w1, w2, lr, steps):
    kinds = w1.dtype, w2.dtype
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float(np.sum(off * off)))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_z = np.where(z > 0, d_out @ w2.T, 0)
        d_w1 = x.T @ d_z
        w1 = (w1 - lr * d_w1).astype(kinds[0])
        w2 = (w2 - lr * d_w2).astype(kinds[1])
    return w1, w2, losses


@also("two_layer_numpy", "helper with forward and backward, in place on own copies")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    def loss_and_gradients(a, b):
        h = x.dot(a)
        h[h < 0] = 0
        error = h.dot(b) - y
        back = 2.0 * error.dot(b.T)
        back[h <= 0] = 0
        return np.square(error).sum(), x.T.dot(back), 2.0 * h.T.dot(error)

    a, b = np.array(w1), np.array(w2)
    history = []
    while len(history) < steps:
        loss, ga, gb = loss_and_gradients(a, b)
        history.append(loss)
        a -= (lr * ga).astype(a.dtype)
        b -= (lr * gb).astype(b.dtype)
    return a, b, history


@also("two_layer_numpy", "einsum, mask as numbers, second weights first (with the old kept)")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = [0.0] * steps
    t1, t2 = w1.dtype.type, w2.dtype.type
    u, v = w1 + t1(0), w2 + t2(0)
    for k in range(steps):
        z = np.einsum("nd,dh->nh", x, u)
        on = (z > 0).astype(z.dtype)
        h = z * on
        r = y - np.einsum("nh,ho->no", h, v)
        losses[k] = (r ** 2).sum().item()
        old = v
        v = (v + 2 * lr * np.einsum("nh,no->ho", h, r)).astype(w2.dtype)
        u = (u + 2 * lr * np.einsum("nd,nh->dh", x, on * np.einsum("no,ho->nh", r, old))).astype(w1.dtype)
    return u, v, losses


@also("two_layer_numpy", "through the affine layers with a bias of zeros")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    w1, w2 = w1.astype(w1.dtype, copy=True), w2.astype(w2.dtype, copy=True)
    for _ in range(steps):
        z, c1 = _affine_forward(x, w1, np.zeros(w1.shape[1], w1.dtype))
        a, c2 = _affine_forward(z.clip(min=0), w2, np.zeros(w2.shape[1], w2.dtype))
        losses += [((a - y) ** 2).sum()]
        dh, dw2, _ = _affine_backward(2 * (a - y), c2)
        _, dw1, _ = _affine_backward(dh * np.sign(z).clip(min=0), c1)
        w1, w2 = (w1 - lr * dw1).astype(w1.dtype), (w2 - lr * dw2).astype(w2.dtype)
    return w1, w2, losses


@wrong("two_layer_numpy", "gradient of the mean over the batch", r"mean|averag|\bN\b|divid|sum")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off / len(x)
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "losses are means, the steps are those of the sum", r"mean|averag|sum|loss")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).mean()))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "factor 2 of the square forgotten", r"2\b|factor|half|twice|square")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_w2 = h.T @ off
        d_w1 = x.T @ ((off @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "the slide's grad_h[z < 0] = 0: slope 1 at z = 0", r"\b0\b|zero|z\s*=|convention|slope|derivative|ReLU|tie")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        y_pred = h @ w2
        losses.append(float(np.square(y_pred - y).sum()))
        grad_y = 2.0 * (y_pred - y)
        grad_w2 = h.T @ grad_y
        grad_h = grad_y @ w2.T
        grad_h[z < 0] = 0
        grad_w1 = x.T @ grad_h
        w1 -= lr * grad_w1
        w2 -= lr * grad_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "slope 1/2 at z = 0", r"\b0\b|zero|z\s*=|convention|slope|derivative|ReLU|half|0\.5")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * np.heaviside(z, 0.5))
        w1 = (w1 - lr * d_w1).astype(w1.dtype)
        w2 = (w2 - lr * d_w2).astype(w2.dtype)
    return w1, w2, losses


@wrong("two_layer_numpy", "both weights changed in place", r"in place|chang|modif|copy")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "only w1 is copied: the caller's w2 changes", r"in place|chang|modif|copy|w2")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    w1 = w1.copy()
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 = w1 - (lr * d_w1).astype(w1.dtype)
        w2 -= (lr * d_w2).astype(w2.dtype)
    return w1, w2, losses


@wrong("two_layer_numpy", "w2 is updated before w1's gradient is taken through it", r"before|after|order|old|new|w2|first|updat")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        w2 -= lr * h.T @ d_out
        d_z = (d_out @ w2.T) * (z > 0)
        w1 -= lr * x.T @ d_z
    return w1, w2, losses


@wrong("two_layer_numpy", "no ReLU on the way back", r"relu|mask|derivative|back|z\s*>|negativ")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        h = np.maximum(x @ w1, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        d_w2, d_w1 = h.T @ d_out, x.T @ (d_out @ w2.T)
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "masked by the sign of the gradient, not of z", r"sign|mask|gradient|relu|\bz\b|derivative")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        d_h = d_out @ w2.T
        d_z = np.maximum(d_h, 0)
        d_w2, d_w1 = h.T @ d_out, x.T @ d_z
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "ReLU on the scores as well", r"relu|output|score|prediction|negativ|last|second")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        s = h @ w2
        off = np.maximum(s, 0) - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off * (s > 0)
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "losses taken after the update", r"before|after|loss|first|order|shift|late")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        d_out = 2 * (h @ w2 - y)
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
        losses.append(float(((np.maximum(x @ w1, 0) @ w2 - y) ** 2).sum()))
    return w1, w2, losses


@wrong("two_layer_numpy", "one loss too many: the last one too", r"length|many|steps|entries|number of|last|one more")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for k in range(steps + 1):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        if k == steps:
            break
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "one update too few: breaks after the last loss", r"last|update|few|steps|one less|missing|too")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for k in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        if k == steps - 1:
            break
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "only the second layer learns", r"w1|first|both|layer|not updated|stay")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        h = np.maximum(x @ w1, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        w2 -= lr * 2 * h.T @ off
    return w1, w2, losses


@wrong("two_layer_numpy", "uphill: error is y - prediction, the step is still subtracted", r"sign|uphill|grow|minus|direction|add")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = y - h @ w2
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "float32 weights come back as float64", r"dtype|float64|float32|type")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = np.array(w1, dtype=float), np.array(w2, dtype=float), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "losses is an array, not a list", r"list|array|type")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), np.zeros(steps)
    for k in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses[k] = (off ** 2).sum()
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "gradients pile up from step to step", r"pile|accumul|add|clear|previous|momentum|step")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    g1, g2 = np.zeros_like(w1), np.zeros_like(w2)
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        g2 += h.T @ d_out
        g1 += x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * g1
        w2 -= lr * g2
    return w1, w2, losses


@wrong("two_layer_numpy", "updates after each example", r"example|batch|sum|each|update|all")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        losses.append(float(((np.maximum(x @ w1, 0) @ w2 - y) ** 2).sum()))
        for n in range(len(x)):
            z = x[n:n + 1] @ w1
            h = np.maximum(z, 0)
            d_out = 2 * (h @ w2 - y[n:n + 1])
            d_w2, d_w1 = h.T @ d_out, x[n:n + 1].T @ ((d_out @ w2.T) * (z > 0))
            w1 -= lr * d_w1
            w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "loss is the root of the sum of squares (norm)", r"root|norm|square|sum|loss")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float(np.linalg.norm(off)))
        d_out = 2 * off
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "two: the loss is halved, and so the factor 2 is gone", r"half|halv|2\b|factor|½|1/2")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float(0.5 * (off ** 2).sum()))
        d_w2 = h.T @ off
        d_w1 = x.T @ ((off @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
    return w1, w2, losses


@wrong("two_layer_numpy", "two: w2 updated first, and slope 1 at z = 0", r"before|after|order|old|w2|first|\b0\b|zero|slope|updat")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    w1, w2, losses = w1.copy(), w2.copy(), []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        off = h @ w2 - y
        losses.append(float((off ** 2).sum()))
        d_out = 2 * off
        w2 -= lr * h.T @ d_out
        w1 -= lr * x.T @ ((d_out @ w2.T) * (z >= 0))
    return w1, w2, losses


@wrong("two_layer_numpy", "two: both weights in place, and losses after the update", r"in place|chang|modif|copy|before|after|loss")
def two_layer_numpy(x, y, w1, w2, lr, steps):
    losses = []
    for _ in range(steps):
        z = x @ w1
        h = np.maximum(z, 0)
        d_out = 2 * (h @ w2 - y)
        d_w2 = h.T @ d_out
        d_w1 = x.T @ ((d_out @ w2.T) * (z > 0))
        w1 -= lr * d_w1
        w2 -= lr * d_w2
        losses.append(float(np.square(np.maximum(x @ w1, 0) @ w2 - y).sum()))
    return w1, w2, losses


# ================================================================ two_layer_autograd
@right
def two_layer_autograd(x, y, w1, w2, lr, steps):
    a, b = (w.detach().clone().requires_grad_(True) for w in (w1, w2))
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ a) @ b - y).square().sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in (a, b):
                w -= lr * w.grad
                w.grad = None
    return a, b, losses


@also("two_layer_autograd", "torch.autograd.grad, fresh leaves each step, detached at the end")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    losses = []
    a, b = w1.detach().clone(), w2.detach().clone()
    for _ in range(steps):
        a, b = a.requires_grad_(), b.requires_grad_()
        loss = F.mse_loss(F.relu(x.mm(a)).mm(b), y, reduction="sum")
        ga, gb = torch.autograd.grad(loss, [a, b])
        a, b = (a - lr * ga).detach(), (b - lr * gb).detach()
        losses.append(float(loss))
    return a.detach(), b.detach(), losses


@also("two_layer_autograd", "nn.Parameter and torch.optim.SGD")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    weights = [nn.Parameter(w.detach().clone()) for w in (w1, w2)]
    optimizer = torch.optim.SGD(weights, lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        z = x @ weights[0]
        h = torch.where(z > 0, z, torch.zeros_like(z))
        loss = torch.sum((h @ weights[1] - y) ** 2)
        loss.backward()
        losses.append(loss.detach().cpu().item())
        optimizer.step()
    return (*weights, losses)


@also("two_layer_autograd", ".data updates, zero_() in place, nn.functional.threshold")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    a, b = torch.empty_like(w1).copy_(w1), torch.empty_like(w2).copy_(w2)
    a.requires_grad = b.requires_grad = True
    losses = []
    for k in range(steps):
        if k:
            a.grad.zero_()
            b.grad.zero_()
        loss = (y - F.threshold(x @ a, 0.0, 0.0) @ b).pow(2).sum()
        loss.backward()
        losses += [float(loss.detach())]
        a.data.sub_(a.grad, alpha=lr)
        b.data.sub_(b.grad, alpha=lr)
    return a, b, losses


@wrong("two_layer_autograd", "gradients never cleared", r"clear|pile|add|zero|accumul")
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


@wrong("two_layer_autograd", "only w1's gradient is cleared: w2's pile up", r"clear|pile|add|zero|accumul|w2")
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
            w1.grad.zero_()
    return w1, w2, losses


@wrong("two_layer_autograd", "cleared between backward and the update: nothing is learned", r"clear|zero|before|after|order|learn|stay|move|between")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        w1.grad.zero_()
        w2.grad.zero_()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "update without no_grad (in place on a leaf)", r"no_grad|leaf|in.place")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        w1 -= lr * w1.grad
        w2 -= lr * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()
    return w1, w2, losses


@wrong("two_layer_autograd", "w = w - lr * w.grad: no leaf any more, its grad is None in the second step", r"leaf|None|new tensor|in place|grad")
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


@wrong("two_layer_autograd", "asks the caller's own tensors for gradients and trains them", r"caller|chang|modif|copy|clone|requires_grad|ask|in place|argument")
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
        w1.grad = w2.grad = None
    return w1, w2, losses


@wrong("two_layer_autograd", "detach without clone: the caller's memory is trained", r"chang|modif|copy|clone|memory|shar|detach|in place")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.detach().requires_grad_(), w2.detach().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
            w1.grad = w2.grad = None
    return w1, w2, losses


@wrong("two_layer_autograd", "x and y are asked for gradients too, as in old tutorials", r"\bx\b|ask|requires_grad|argument|chang")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    x.requires_grad_()
    y.requires_grad_()
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "mse_loss with its default: the mean", r"mean|sum|averag|reduction|divid")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(torch.relu(x @ w1) @ w2, y)
        losses.append(loss.item())
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "losses are tensors with their graphs", r"float|tensor|item|number|graph|type")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss)
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "clamp(min=0): slope 1 at z = 0", r"clamp|\b0\b|zero|slope|derivative|relu")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
        losses.append(loss.item())
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "torch.maximum(z, zeros): the gradient is shared, slope 1/2 at z = 0", r"maximum|half|1/2|0\.5|\b0\b|zero|slope|derivative|relu")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        z = x @ w1
        loss = (torch.maximum(z, torch.zeros_like(z)) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "returns clones that still hang on the graph: no leaves", r"leaf|leaves|clone|graph|detach")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    a, b = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ a) @ b - y).pow(2).sum()
        losses.append(loss.item())
        a.grad = b.grad = None
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
    return a.clone(), b.clone(), losses


@wrong("two_layer_autograd", "losses after the update", r"before|after|loss|order|late|first")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
            losses.append((torch.relu(x @ w1) @ w2 - y).pow(2).sum().item())
    return w1, w2, losses


@wrong("two_layer_autograd", "everything in float32: float64 weights come back as float32", r"float32|float64|type|dtype|precis")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    x, y = x.float(), y.float()
    w1, w2 = (torch.tensor(w.tolist(), device=x.device, requires_grad=True) for w in (w1, w2))
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "the losses are summed up and the running total is differentiated", r"total|sum|previous|earlier|each|accumul|graph|in.?place|modif|running")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses, total = [], 0
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        total = total + loss
        w1.grad = w2.grad = None
        total.backward(retain_graph=True)
        w1.data -= lr * w1.grad
        w2.data -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "SGD with momentum 0.9", r"momentum|optimizer|velocity|previous|plain|second")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    opt = torch.optim.SGD([w1, w2], lr=lr, momentum=0.9)
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
    return w1, w2, losses


@wrong("two_layer_autograd", "two: never cleared and the mean", r"clear|pile|zero|accumul|mean|sum|add")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = ((torch.relu(x @ w1) @ w2 - y) ** 2).mean()
        losses.append(float(loss))
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "two: caller's memory trained, losses as tensors", r"chang|modif|copy|clone|memory|float|tensor|item")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = nn.Parameter(w1), nn.Parameter(w2)
    losses = []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).pow(2).sum()
        losses.append(loss.detach())
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= lr * w1.grad
            w2 -= lr * w2.grad
    return w1, w2, losses


@wrong("two_layer_autograd", "two: factor 2 applied by hand on top of autograd's, and clamp's slope at 0", r"2\b|twice|double|factor|clamp|slope|zero")
def two_layer_autograd(x, y, w1, w2, lr, steps):
    w1, w2 = w1.clone().requires_grad_(), w2.clone().requires_grad_()
    losses = []
    for _ in range(steps):
        loss = ((x @ w1).clamp(0) @ w2 - y).pow(2).sum()
        losses.append(loss.item())
        w1.grad = w2.grad = None
        loss.backward()
        with torch.no_grad():
            w1 -= 2 * lr * w1.grad
            w2 -= 2 * lr * w2.grad
    return w1, w2, losses


# ================================================================ TwoLayerNet
@right
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(torch.relu(self.linear1(x)))


@also("TwoLayerNet", "nn.ReLU(inplace=True) as a layer, positional bias, second layer made first")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear2 = nn.Linear(H, D_out, bias)
        self.linear1 = nn.Linear(D_in, H, bias)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x):
        for layer in (self.linear1, self.activation, self.linear2):
            x = layer(x)
        return x


@also("TwoLayerNet", "add_module, a helper method, masked by z > 0")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        nn.Module.__init__(self)
        widths = (D_in, H, D_out)
        for k in (1, 2):
            self.add_module(f"linear{k}", nn.Linear(widths[k - 1], widths[k], bias=bool(bias)))

    def hidden(self, x):
        z = self.linear1(x)
        return z.masked_fill(~(z > 0), 0)

    def forward(self, x):
        return self.linear2(self.hidden(x))


@wrong("TwoLayerNet", "ReLU forgotten", r"relu|nonlinear|between|linear")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(self.linear1(x))


@wrong("TwoLayerNet", "ReLU on the scores too", r"relu|output|score|end|second|negativ")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return F.relu(self.linear2(F.relu(self.linear1(x))))


@wrong("TwoLayerNet", "ReLU before the first layer instead of between the two", r"relu|between|before|input|order|first")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(self.linear1(F.relu(x)))


@wrong("TwoLayerNet", "clamp(min=0): slope 1 at 0", r"clamp|\b0\b|zero|slope|derivative")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(self.linear1(x).clamp(min=0))


@wrong("TwoLayerNet", "bias is not read: always there", r"bias")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H)
        self.linear2 = nn.Linear(H, D_out)

    def forward(self, x):
        return self.linear2(F.relu(self.linear1(x)))


@wrong("TwoLayerNet", "bias reaches the second layer only", r"bias|linear1|first|both")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(F.relu(self.linear1(x)))


@wrong("TwoLayerNet", "bias is False unless asked for", r"bias|default")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=False):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(F.relu(self.linear1(x)))


@wrong("TwoLayerNet", "super().__init__() forgotten", r"super|__init__|Module")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(F.relu(self.linear1(x)))


@wrong("TwoLayerNet", "layers are called fc1 and fc2", r"linear1|linear2|name|attribute|fc1")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.fc1 = nn.Linear(D_in, H, bias=bias)
        self.fc2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


@wrong("TwoLayerNet", "both layers are made in forward, anew in each call: no attributes before, other weights every time", r"linear1|attribute|__init__|forward|anew|new|each")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.sizes = D_in, H, D_out
        self.bias = bias

    def forward(self, x):
        d, h, o = self.sizes
        self.linear1 = nn.Linear(d, h, bias=self.bias).to(x)
        self.linear2 = nn.Linear(h, o, bias=self.bias).to(x)
        return self.linear2(torch.relu(self.linear1(x)))


@wrong("TwoLayerNet", "softmax at the end", r"softmax|probabil|score|sum to")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return F.softmax(self.linear2(F.relu(self.linear1(x))), dim=1)


@wrong("TwoLayerNet", "biases set to zero at the start", r"bias|zero|weights torch|start|initial")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)
        if bias:
            nn.init.zeros_(self.linear1.bias)
            nn.init.zeros_(self.linear2.bias)

    def forward(self, x):
        return self.linear2(F.relu(self.linear1(x)))


@wrong("TwoLayerNet", "the hidden layer is detached: linear1 gets no gradient", r"detach|gradient|linear1|no_grad|graph|first")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        h = self.linear1(x).data
        h[h < 0] = 0
        return self.linear2(h)


@wrong("TwoLayerNet", "tanh instead of ReLU", r"relu|tanh|between")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(torch.tanh(self.linear1(x)))


@wrong("TwoLayerNet", "leaky ReLU (slope 0.01 below 0)", r"leaky|relu|below|negativ|slope")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out, bias=bias)

    def forward(self, x):
        return self.linear2(F.leaky_relu(self.linear1(x)))


@wrong("TwoLayerNet", "two: bias not read, and ReLU forgotten", r"bias|relu|between")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H)
        self.linear2 = nn.Linear(H, D_out)

    def forward(self, x):
        x = self.linear1(x)
        return self.linear2(x)


@wrong("TwoLayerNet", "two: bias reaches the first layer only, torch.maximum has slope 1/2 at 0", r"bias|linear2|second|maximum|slope|half|zero|both")
class TwoLayerNet(nn.Module):
    def __init__(self, D_in, H, D_out, bias=True):
        super().__init__()
        self.linear1 = nn.Linear(D_in, H, bias=bias)
        self.linear2 = nn.Linear(H, D_out)

    def forward(self, x):
        z = self.linear1(x)
        return self.linear2(torch.maximum(z, torch.zeros_like(z)))


# ================================================================ train_step
@right
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@also("train_step", "log_softmax and nll, gradients of the model set to None, number taken first")
def train_step(model, optimizer, x, y):
    scores = model(x)
    loss = nn.NLLLoss()(torch.log_softmax(scores, dim=-1), y)
    number = float(loss.detach())
    for p in model.parameters():
        p.grad = None
    loss.backward()
    optimizer.step()
    return number


@also("train_step", "closure")
def train_step(model, optimizer, x, y):
    criterion = nn.CrossEntropyLoss()

    def closure():
        optimizer.zero_grad(set_to_none=True)
        value = criterion(model(x), y)
        value.backward()
        return value

    return optimizer.step(closure).item()


@also("train_step", "logsumexp minus the label's score; model.zero_grad; cleared afterwards as well")
def train_step(model, optimizer, x, y):
    s = model(x)
    each = torch.logsumexp(s, dim=1) - s.gather(1, y.unsqueeze(1)).squeeze(1)
    loss = each.sum() / len(y)
    model.zero_grad()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.tolist()


@also("train_step", "log_softmax before cross_entropy: needless, but the same numbers")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(F.log_softmax(model(x), dim=1), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "zero_grad forgotten", r"clear|zero|pile|add|accumul|\.grad")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "cleared at the end only: what .grad held at the beginning is added", r"clear|zero|begin|held|add|accumul|\.grad|before")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("train_step", "p.grad.zero_() without asking whether there is one: stops when it is None", r"None|\.grad|zero|clear")
def train_step(model, optimizer, x, y):
    for p in model.parameters():
        p.grad.zero_()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "cleared between backward and step", r"clear|zero|between|order|learn|move|before|chang")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@wrong("train_step", "step before backward", r"order|before|backward|step|old")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@wrong("train_step", "returns the tensor", r"float|tensor|item|number|type")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


@wrong("train_step", "loss after the update", r"before|after|loss|update")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    with torch.no_grad():
        return F.cross_entropy(model(x), y).item()


@wrong("train_step", "softmax before cross_entropy", r"softmax|twice|score|logit|inside")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(F.softmax(model(x), dim=1), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "NLLLoss on scores", r"nll|logarithm|log_softmax|softmax|score|cross")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.nll_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "NLLLoss on probabilities (logarithm forgotten)", r"nll|logarithm|log|probabil|softmax")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.nll_loss(torch.softmax(model(x), dim=1), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "log of softmax in two steps: infinite for large scores", r"inf|nan|finite|large|stable|log|overflow|underflow")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    p = torch.softmax(model(x), dim=1)
    loss = -torch.log(p[torch.arange(len(y)), y]).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "softmax over the examples (dim=0)", r"dim|axis|class|example|softmax")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.nll_loss(F.log_softmax(model(x), dim=0), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "summed, not averaged", r"sum|mean|averag|reduction|\bN\b|batch")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y, reduction="sum")
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "the mean is differentiated, the sum is returned", r"sum|mean|averag|\bN\b|times|batch")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item() * len(x)


@wrong("train_step", "the sum is differentiated, the mean is returned", r"sum|mean|averag|\bN\b|gradient|batch|large")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y, reduction="sum")
    loss.backward()
    optimizer.step()
    return loss.item() / len(x)


@wrong("train_step", "an optimizer of its own (SGD, 0.01) instead of the one given", r"optimizer|given|own|rate|passed|SGD")
def train_step(model, optimizer, x, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "step forgotten", r"step|update|move|chang|learn")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return loss.item()


@wrong("train_step", "backward forgotten", r"backward|gradient|move|chang|learn|update")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    optimizer.step()
    return loss.item()


@wrong("train_step", "steps twice", r"twice|two|one update|second|step")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.step()
    return loss.item()


@wrong("train_step", "gradient clipped to norm 1 on the way", r"clip|norm|gradient|large|small")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


@wrong("train_step", "squared error against one-hot labels", r"cross|square|one.?hot|mse|entropy")
def train_step(model, optimizer, x, y):
    scores = model(x)
    loss = F.mse_loss(scores, F.one_hot(y, scores.shape[1]).to(scores))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "label smoothing 0.1", r"smooth|label|cross|entropy")
def train_step(model, optimizer, x, y):
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "two: softmax before cross_entropy and zero_grad forgotten", r"softmax|clear|zero|twice|score|accumul|pile")
def train_step(model, optimizer, x, y):
    loss = nn.CrossEntropyLoss()(nn.Softmax(dim=1)(model(x)), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("train_step", "two: loss after the update, and as a tensor", r"before|after|update|float|tensor|item")
def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    return F.cross_entropy(model(x), y).detach()


@wrong("train_step", "two: gradients cleared at the end only, and summed loss", r"clear|zero|begin|held|sum|mean|add")
def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y, reduction="sum")
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


# ================================================================ Swish
@right
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * s * (1 - s))


@also("Swish", "input and sigmoid kept: s(1 + x(1 - s))")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = x.sigmoid()
        ctx.save_for_backward(x, s)
        return x.mul(s)

    @staticmethod
    def backward(ctx, dout):
        x, s = ctx.saved_tensors
        return torch.mul(dout, torch.addcmul(torch.ones_like(x), x, 1 - s) * s)


@also("Swish", "sigmoid by tanh, 1 - s as sigmoid(-x)")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * (0.5 * (1 + torch.tanh(x / 2)))

    @staticmethod
    def backward(ctx, dout):
        x = ctx.saved_tensors[0]
        up, down = torch.sigmoid(x), torch.sigmoid(-x)
        return dout * up * (1 + x * down)


@also("Swish", "stable by where with exp(-|x|)")
class Swish(torch.autograd.Function):
    @staticmethod
    def _sigmoid(x):
        e = torch.exp(-x.abs())
        return torch.where(x >= 0, 1 / (1 + e), e / (1 + e))

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * Swish_where._sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = Swish_where._sigmoid(x)
        slope = s.clone()
        slope += x * s * (1 - s)
        return slope.mul_(dout)


Swish_where = Swish


@wrong("Swish", "backward forgets dout", r"dout|chain|upstream|incoming|multipl")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return s + x * s * (1 - s)


@wrong("Swish", "product rule: the part x · s' is missing", r"product|s\s*\(1|x\s*·|part|term|sigmoid|derivative")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        return dout * torch.sigmoid(x)


@wrong("Swish", "product rule: the part s is missing", r"product|part|term|sigmoid|derivative")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * x * s * (1 - s)


@wrong("Swish", "the sigmoid's derivative alone", r"product|sigmoid|derivative|\bx\b|term|part")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * s * (1 - s)


@wrong("Swish", "s + x(1 - s): a factor s is missing", r"factor|product|derivative|sigmoid|\bs\b|term")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * (1 - s))


@wrong("Swish", "sign: s(1 - x(1 - s))", r"sign|minus|derivative|product|term|subtract")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * s * (1 - x * (1 - s))


@wrong("Swish", "f + s(1 - s) instead of f + s(1 - f)", r"derivative|product|1\s*[-−]|term|sigmoid")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        out = x * s
        ctx.save_for_backward(s, out)
        return out

    @staticmethod
    def backward(ctx, dout):
        s, f = ctx.saved_tensors
        return dout * (f + s * (1 - s))


@wrong("Swish", "f + s(1 - f): right for ordinary x, but f cancels for huge ones (slope 0 at 1e30)", r"cancel|large|huge|round|digit|precis")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        out = x * s
        ctx.save_for_backward(s, out)
        return out

    @staticmethod
    def backward(ctx, dout):
        s, f = ctx.saved_tensors
        return dout * (f + s * (1 - f))


@wrong("Swish", "saves the output and takes it for x in backward", r"output|input|saved|\bx\b|kept|derivative")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x = x * torch.sigmoid(x)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * s * (1 - s))


@wrong("Swish", "forward as x e^x / (1 + e^x): NaN for large x", r"nan|finite|large|overflow|inf")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.exp(x) / (1 + torch.exp(x))

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * s * (1 - s))


@wrong("Swish", "backward by the quotient rule with exp(-x): NaN for very negative x (forward stays finite)", r"nan|finite|negativ|overflow|inf|large")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x / (1 + torch.exp(-x))

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        e = torch.exp(-x)
        return dout * (1 + e + x * e) / (1 + e) ** 2


@wrong("Swish", "x clamped to ±20 for safety: swish(30) is 20", r"clamp|clip|large|20|beyond|cut")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x = x.clamp(-20, 20)
        ctx.save_for_backward(x)
        return x / (1 + torch.exp(-x))

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * s * (1 - s))


@wrong("Swish", "kept as ctx.x, not by save_for_backward", r"save_for_backward|ctx|kept|saved")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        s = torch.sigmoid(ctx.x)
        return dout * (s + ctx.x * s * (1 - s))


@wrong("Swish", "forward gives the sigmoid only", r"sigmoid|times x|\bx\b|forward|multipl")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * s * (1 - s))


@wrong("Swish", "the GELU approximation, sigmoid(1.702 x), forward and backward in keeping", r"1\.702|gelu|sigmoid|forward|value|scale")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(1.702 * x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(1.702 * x)
        return dout * (s + 1.702 * x * s * (1 - s))


@wrong("Swish", "backward works in place on dout: stops on the expanded gradient of a sum", r"in.?place|dout|chang|modif|expand|memory")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        dout *= s + x * s * (1 - s)
        return dout


@wrong("Swish", "float64 is computed in float32", r"float32|float64|dtype|precis|type|like")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        x = x.float()
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return dout * (s + x * s * (1 - s))


@wrong("Swish", "two: dout forgotten and the part x · s' missing", r"dout|chain|product|term|part|derivative|upstream")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, dout):
        x, = ctx.saved_tensors
        return torch.sigmoid(x)


@wrong("Swish", "two: forward overflows to NaN for large x, backward lacks the factor (1 - s)", r"nan|finite|large|overflow|inf|derivative|factor|1\s*[-−]")
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        e = torch.exp(x)
        s = e / (1 + e)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, dout):
        x, s = ctx.saved_tensors
        return dout * (s + x * s)


# ================================================================ first_wrong
@right
def first_wrong(mine, reference):
    close = None
    for name, theirs in reference.items():
        theirs = np.asarray(theirs)
        if name not in mine or np.shape(mine[name]) != theirs.shape:
            return name, "wrong", math.inf
        own = np.asarray(mine[name])
        if np.isnan(own).any():
            return name, "wrong", math.inf
        same = own == theirs
        if same.all():
            continue
        a, b = own[~same].astype(np.float64), theirs[~same].astype(np.float64)
        difference = float(np.abs(a - b).max())
        if not np.isclose(a, b).all():
            return name, "wrong", difference
        if close is None:
            close = name, "close", difference
    return close or (None, "exact", 0.0)


@also("first_wrong", "a verdict for each entry first, then the first of the worst kind; element by element")
def first_wrong(mine, reference):
    def verdict(name):
        want = np.asarray(reference[name])
        got = mine.get(name)
        if got is None or np.asarray(got).shape != want.shape:
            return "wrong", float("inf")
        worst, far = "exact", 0.0
        for g, r in zip(np.asarray(got).ravel().tolist(), want.ravel().tolist()):
            if g != g:
                return "wrong", float("inf")
            if g == r:
                continue
            distance = float(abs(g - r))
            far = max(far, distance)
            if not distance <= 1e-8 + 1e-5 * abs(r) or math.isinf(distance):
                worst = "wrong"
            elif worst == "exact":
                worst = "close"
        return worst, far

    verdicts = {name: verdict(name) for name in reference}
    for kind in ("wrong", "close"):
        for name in verdicts:
            if verdicts[name][0] == kind:
                return name, kind, verdicts[name][1]
    return None, "exact", 0.0


@also("first_wrong", "np.array_equal and np.allclose, generator, numbers made float64 first")
def first_wrong(mine, reference):
    nothing = np.array("missing")

    def judge():
        for name, right in reference.items():
            left = np.asarray(mine.get(name, nothing))
            right = np.asarray(right)
            if left.shape != right.shape or name not in mine:
                yield 0, name, np.inf
                continue
            if np.array_equal(left, right):
                continue
            l, r = left.astype(float), right.astype(float)
            if np.isnan(l).any():
                yield 0, name, np.inf
                continue
            with np.errstate(invalid="ignore"):
                gap = np.where(l == r, 0.0, np.abs(l - r)).max()
            yield (1 if np.allclose(l, r, rtol=1e-5, atol=1e-8) else 0), name, gap

    found = sorted(judge(), key=lambda entry: entry[0])
    if not found:
        return None, "exact", 0.0
    rank, name, gap = found[0]
    return name, ("wrong", "close")[rank], float(gap)


@wrong("first_wrong", "goes through mine's order", r"order|computation|reference|first")
def first_wrong(mine, reference):
    for name in reference:
        if name not in mine:
            return name, "wrong", float("inf")
    best = (None, "exact", 0.0)
    for name in mine:
        if name not in reference:
            continue
        a, b = np.asarray(mine[name], float), np.asarray(reference[name], float)
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if (a == b).all():
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        if best[0] is None:
            best = (name, "close", d)
    return best


@wrong("first_wrong", "sorted by name", r"order|alphabet|sort|computation|first")
def first_wrong(mine, reference):
    best = (None, "exact", 0.0)
    for name in sorted(reference):
        if name not in mine:
            return name, "wrong", float("inf")
        a, b = np.asarray(mine[name], float), np.asarray(reference[name], float)
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if (a == b).all():
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        if best[0] is None:
            best = (name, "close", d)
    return best


@wrong("first_wrong", "a close entry before a wrong one is reported", r"close|before|wrong|first")
def first_wrong(mine, reference):
    for name, b in reference.items():
        if name not in mine:
            return name, "wrong", float("inf")
        a = mine[name]
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a.astype(float) - b.astype(float)).max())
        return name, ("close" if np.allclose(a, b) else "wrong"), d
    return None, "exact", 0.0


@wrong("first_wrong", "of several close entries the last", r"first|last|close")
def first_wrong(mine, reference):
    answer = (None, "exact", 0.0)
    for name, b in reference.items():
        if name not in mine:
            return name, "wrong", float("inf")
        a = mine[name]
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a.astype(float) - b.astype(float)).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        answer = (name, "close", d)
    return answer


@wrong("first_wrong", "the entry with the largest difference", r"first|largest|order|worst")
def first_wrong(mine, reference):
    worst = (None, "exact", 0.0)
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        d = float(np.abs(a - b).max()) if a.size else 0.0
        if d > worst[2]:
            worst = (name, "close" if np.allclose(a, b) else "wrong", d)
    return worst


@wrong("first_wrong", "KeyError when mine lacks an entry", r"lack|missing|KeyError|absent")
def first_wrong(mine, reference):
    close = None
    for name in reference:
        a, b = mine[name], reference[name]
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a.astype(float) - b.astype(float)).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "entries that mine lacks are skipped", r"lack|missing|absent|skip")
def first_wrong(mine, reference):
    close = None
    for name in [n for n in reference if n in mine]:
        a, b = mine[name], reference[name]
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a.astype(float) - b.astype(float)).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "shapes are not compared: what broadcasts passes, what does not stops", r"shape|broadcast")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine:
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.all(a == b):
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "the difference of an entry with NaN is NaN", r"nan|infinit")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape:
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "NaN slips through: max > tolerance is False for NaN", r"nan")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape:
            return name, "wrong", float("inf")
        diff = np.abs(mine[name].astype(float) - b)
        if diff.size == 0 or not (diff != 0).any():
            continue
        d = float(np.nanmax(diff)) if not np.isnan(diff).all() else 0.0
        if (diff > 1e-8 + 1e-5 * np.abs(b)).any():
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "tolerance relative to mine: np.allclose(reference, mine)", r"relative|reference|swap|exchang|toleran|argument")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(b, a):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "absolute tolerance left out: entries near a reference of 0 are wrong", r"1e-8|absolute|zero|\b0\b|toleran|atol")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if not (np.abs(a - b) <= 1e-5 * np.abs(b)).all():
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "one tolerance for the entry, from its largest value", r"every value|each|largest|toleran|elementwise|max|own")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if d > 1e-8 + 1e-5 * np.abs(b).max():
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "less than instead of at most: a difference of 1e-8 at a reference of 0 is wrong", r"within|at most|equal|<|threshold|edge|exactly|limit")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        gap = np.abs(a - b)
        if not (gap < 1e-8 + 1e-5 * np.abs(b)).all():
            return name, "wrong", float(gap.max())
        close = close or (name, "close", float(gap.max()))
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "differences below 1e-12 count as exact", r"exact|equal|all its values|small|tiny|close")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if not a.size:
            continue
        d = float(np.abs(a - b).max())
        if d < 1e-12:
            continue
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "the mean absolute difference", r"mean|largest|max|averag|difference")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).mean())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "the largest difference with its sign", r"absolute|sign|negativ|abs|difference")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float((a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "subtracts unsigned whole numbers as they are: 0 - 1 is 255", r"unsigned|uint|whole|int|overflow|wrap|float|dtype|difference")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name]
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "stops at an empty array: max of nothing", r"empty|size|no values|nothing|zero-size")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        d = float(np.abs(mine[name].astype(float) - b).max())
        if d == 0:
            continue
        if not np.allclose(mine[name], b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "difference is a numpy number of the entry's dtype: float32 for float32 entries (and unsigned ones wrap)", r"float|type|number|float32")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name]
        if np.array_equal(a, b):
            continue
        d = np.max(np.abs(a - b))
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "if all are exact, the last name comes back instead of None", r"None|exact|name")
def first_wrong(mine, reference):
    close, name = None, None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (name, "exact", 0.0)


@wrong("first_wrong", "fills mine with NaN where it lacks an entry", r"chang|modif|argument|mine|added|setdefault")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        a = np.asarray(mine.setdefault(name, np.full(b.shape, np.nan)))
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a.astype(float) - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "an entry that only mine has is called wrong", r"extra|only|reference|more|lack|additional")
def first_wrong(mine, reference):
    close = None
    for name in list(reference) + [n for n in mine if n not in reference]:
        if name not in mine or name not in reference:
            return name, "wrong", float("inf")
        a, b = mine[name].astype(float), reference[name]
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "close as soon as one value is (any for all)", r"every|all|any|one value|each")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        d = float(np.abs(a - b).max())
        if not np.isclose(a, b).any():
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


@wrong("first_wrong", "two: tolerance relative to mine, and the last close entry", r"relative|reference|first|last|swap|toleran|close")
def first_wrong(mine, reference):
    answer = (None, "exact", 0.0)
    for name, b in reference.items():
        if name not in mine or mine[name].shape != b.shape or np.isnan(mine[name]).any():
            return name, "wrong", float("inf")
        a = mine[name].astype(float)
        if np.array_equal(a, b):
            continue
        gap = np.abs(b - a)
        if (gap > 1e-8 + 1e-5 * np.abs(a)).any():
            return name, "wrong", float(gap.max())
        answer = (name, "close", float(gap.max()))
    return answer


@wrong("first_wrong", "two: relative difference reported, and KeyError for a missing entry", r"relative|absolute|missing|lack|KeyError|difference")
def first_wrong(mine, reference):
    close = None
    for name, b in reference.items():
        a = mine[name].astype(float)
        if a.shape != b.shape or np.isnan(a).any():
            return name, "wrong", float("inf")
        if np.array_equal(a, b):
            continue
        d = float((np.abs(a - b) / (np.abs(b) + 1e-12)).max())
        if not np.allclose(a, b):
            return name, "wrong", d
        close = close or (name, "close", d)
    return close or (None, "exact", 0.0)


# ================================================================ run_graph
@right
def run_graph(fetches, feed):
    known = dict(feed)
    for goal in fetches:
        pending = [goal]
        while pending:
            node = pending[-1]
            if node.name in known:
                pending.pop()
            elif hasattr(node, "function"):
                lacking = [i for i in node.inputs if i.name not in known]
                if lacking:
                    pending += lacking
                else:
                    known[node.name] = node.function(*(known[i.name] for i in node.inputs))
            elif hasattr(node, "value"):
                known[node.name] = node.value
            else:
                raise KeyError(f"placeholder {node.name} is not fed")
    return {goal.name: known[goal.name] for goal in fetches}


@also("run_graph", "recursion with a table, kinds told apart by the class's name")
def run_graph(fetches, feed):
    table = {}

    def value(node):
        if node.name not in table:
            kind = type(node).__name__
            if node.name in feed:
                table[node.name] = feed[node.name]
            elif kind == "Variable":
                table[node.name] = node.value
            elif kind == "Operation":
                table[node.name] = node.function(*map(value, node.inputs))
            else:
                raise KeyError(node.name)
        return table[node.name]

    out = {}
    for node in fetches:
        out[node.name] = value(node)
    return out


@also("run_graph", "what is needed is marked first, then run in topological order")
def run_graph(fetches, feed):
    order, seen, stack = [], set(), [(n, False) for n in reversed(fetches)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            continue
        if node.name in seen:
            continue
        seen.add(node.name)
        stack.append((node, True))
        if node.name not in feed:
            stack.extend((i, False) for i in reversed(node.inputs))
    values = {}
    for node in order:
        if node.name in feed:
            values[node.name] = feed[node.name]
        elif hasattr(node, "value"):
            values[node.name] = node.value
        elif hasattr(node, "function"):
            values[node.name] = node.function(*[values[i.name] for i in node.inputs])
        else:
            raise KeyError(f"nothing was fed for {node.name!r}")
    return dict((node.name, values[node.name]) for node in fetches)


@wrong("run_graph", "nothing kept within a run: a shared operation is called several times", r"once|twice|several|called|again|shared")
def run_graph(fetches, feed):
    def value(node):
        if node.name in feed:
            return feed[node.name]
        if hasattr(node, "function"):
            return node.function(*[value(i) for i in node.inputs])
        if hasattr(node, "value"):
            return node.value
        raise KeyError(node.name)

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "a table of its own for each fetch: what two fetches share is computed twice", r"once|twice|several|fetch|again|shared|called")
def run_graph(fetches, feed):
    def value(node, table):
        if node.name in table:
            return table[node.name]
        if hasattr(node, "function"):
            table[node.name] = node.function(*[value(i, table) for i in node.inputs])
        elif hasattr(node, "value"):
            table[node.name] = node.value
        else:
            raise KeyError(node.name)
        return table[node.name]

    return {node.name: value(node, dict(feed)) for node in fetches}


@wrong("run_graph", "the caller's feed is the table: results are written into it", r"feed|chang|modif|remember|copy|argument|run to run")
def run_graph(fetches, feed):
    def value(node):
        if node.name not in feed:
            if hasattr(node, "function"):
                feed[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                feed[node.name] = node.value
            else:
                raise KeyError(node.name)
        return feed[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "results are remembered from run to run (mutable default)", r"remember|run to run|before|earlier|old|again|previous|cache")
def run_graph(fetches, feed, _known={}):
    def value(node):
        if node.name in feed:
            return feed[node.name]
        key = id(node)
        if key not in _known:
            if hasattr(node, "function"):
                _known[key] = node, node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                _known[key] = node, node.value
            else:
                raise KeyError(node.name)
        return _known[key][1]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "results are kept on the nodes and used in the next run", r"remember|run to run|before|earlier|old|again|previous|node|cache")
def run_graph(fetches, feed):
    def value(node):
        if node.name in feed:
            return feed[node.name]
        if hasattr(node, "function"):
            if not hasattr(node, "output"):
                node.output = node.function(*[value(i) for i in node.inputs])
            return node.output
        if hasattr(node, "value"):
            return node.value
        raise KeyError(node.name)

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "feeding a variable writes it into the variable for good", r"variable|remember|chang|run to run|\.value|fed")
def run_graph(fetches, feed):
    table = {}

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                if node.name in feed:
                    table[node.name] = feed[node.name]
                else:
                    table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                if node.name in feed:
                    node.value = feed[node.name]
                table[node.name] = node.value
            elif node.name in feed:
                table[node.name] = feed[node.name]
            else:
                raise KeyError(node.name)
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "only placeholders can be fed", r"any node|fed|feed|operation|variable")
def run_graph(fetches, feed):
    table = {}

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                table[node.name] = node.value
            elif node.name in feed:
                table[node.name] = feed[node.name]
            else:
                raise KeyError(node.name)
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "operations can be fed, variables cannot", r"any node|fed|feed|variable")
def run_graph(fetches, feed):
    table = {}

    def value(node):
        if node.name not in table:
            if hasattr(node, "value"):
                table[node.name] = node.value
            elif node.name in feed:
                table[node.name] = feed[node.name]
            elif hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            else:
                raise KeyError(node.name)
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "a fed operation's inputs are computed all the same", r"need|fed|input|computed|called|above")
def run_graph(fetches, feed):
    table = {}

    def value(node):
        if node.name in table:
            return table[node.name]
        inputs = [value(i) for i in getattr(node, "inputs", ())]
        if node.name in feed:
            result = feed[node.name]
        elif hasattr(node, "function"):
            result = node.function(*inputs)
        elif hasattr(node, "value"):
            result = node.value
        else:
            raise KeyError(node.name)
        table[node.name] = result
        return result

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "the whole graph is run, whatever is fetched", r"need|whole|all|only|fetch|called")
def run_graph(fetches, feed):
    if not fetches:
        return {}
    values = {}
    for name, node in fetches[0].graph.nodes.items():
        if name in feed:
            values[name] = feed[name]
        elif hasattr(node, "function"):
            values[name] = node.function(*[values[i.name] for i in node.inputs])
        elif hasattr(node, "value"):
            values[name] = node.value
        else:
            raise KeyError(name)
    return {node.name: values[node.name] for node in fetches}


@wrong("run_graph", "every placeholder of the graph must be fed, needed or not", r"need|placeholder|fed|only|unfed")
def run_graph(fetches, feed):
    for node in fetches:
        for name, other in node.graph.nodes.items():
            if not hasattr(other, "function") and not hasattr(other, "value") and name not in feed:
                raise KeyError(name)
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            else:
                table[node.name] = node.value
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "a placeholder that is not fed gives None to the operation", r"KeyError|placeholder|fed|None")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            else:
                table[node.name] = getattr(node, "value", None)
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "ValueError instead of KeyError", r"KeyError|ValueError|error|raise")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise ValueError(f"placeholder {node.name} was not fed")
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "the KeyError does not say which placeholder", r"name|message|which|KeyError|placeholder")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise KeyError("a placeholder is not fed")
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "the KeyError names the fetched node, not the placeholder", r"name|message|placeholder|KeyError|fetch")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise LookupError
        return table[node.name]

    out = {}
    for node in fetches:
        try:
            out[node.name] = value(node)
        except LookupError:
            raise KeyError(f"cannot compute {node.name}") from None
    return out


@wrong("run_graph", "everything that was computed comes back", r"fetch|only|more|extra|all|names")
def run_graph(fetches, feed):
    table = {}

    def value(node):
        if node.name not in table:
            if node.name in feed:
                table[node.name] = feed[node.name]
            elif hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise KeyError(node.name)
        return table[node.name]

    for node in fetches:
        value(node)
    return table


@wrong("run_graph", "in the order of the graph, not of the fetches", r"order|fetch")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise KeyError(node.name)
        return table[node.name]

    for node in fetches:
        value(node)
    if not fetches:
        return {}
    wanted = {node.name for node in fetches}
    return {name: table[name] for name in fetches[0].graph.nodes if name in wanted}


@wrong("run_graph", "a list of values instead of a dict", r"dict|list|type|names")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                table[node.name] = node.function(*[value(i) for i in node.inputs])
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise KeyError(node.name)
        return table[node.name]

    return [value(node) for node in fetches]


@wrong("run_graph", "an operation with the same node twice gets it once (inputs in a dict)", r"twice|same|input|argument|both|order")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                arguments = {i.name: value(i) for i in node.inputs}
                table[node.name] = node.function(*arguments.values())
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise KeyError(node.name)
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "inputs handed over in reverse", r"order|revers|input|argument|swap")
def run_graph(fetches, feed):
    table = dict(feed)

    def value(node):
        if node.name not in table:
            if hasattr(node, "function"):
                arguments = []
                todo = list(node.inputs)
                while todo:
                    arguments.append(value(todo.pop()))
                table[node.name] = node.function(*arguments)
            elif hasattr(node, "value"):
                table[node.name] = node.value
            else:
                raise KeyError(node.name)
        return table[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "a fed 0 counts as not fed (feed.get(name) is tested for truth; arrays by is-not-None)", r"\b0\b|zero|falsy|false|truth|fed|empty")
def run_graph(fetches, feed):
    table = {}

    def value(node):
        if node.name in table:
            return table[node.name]
        given = feed.get(node.name)
        if isinstance(given, np.ndarray) or given:
            result = given
        elif hasattr(node, "function"):
            result = node.function(*[value(i) for i in node.inputs])
        elif hasattr(node, "value"):
            result = node.value
        else:
            raise KeyError(node.name)
        table[node.name] = result
        return result

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "two: nothing kept within a run, and only placeholders can be fed", r"once|twice|fed|any node|feed|called|several")
def run_graph(fetches, feed):
    def value(node):
        if hasattr(node, "function"):
            return node.function(*[value(i) for i in node.inputs])
        if hasattr(node, "value"):
            return node.value
        return feed[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "two: feed is written into, and None for a placeholder that is not fed", r"feed|chang|modif|KeyError|None|placeholder|remember")
def run_graph(fetches, feed):
    def value(node):
        if node.name not in feed:
            if hasattr(node, "function"):
                feed[node.name] = node.function(*[value(i) for i in node.inputs])
            else:
                feed[node.name] = getattr(node, "value", None)
        return feed[node.name]

    return {node.name: value(node) for node in fetches}


@wrong("run_graph", "two: the whole graph is run, and results come in the graph's order", r"need|whole|all|only|order|fetch|called")
def run_graph(fetches, feed):
    if not fetches:
        return {}
    values = dict(feed)
    for name, node in fetches[0].graph.nodes.items():
        if name in values:
            continue
        if hasattr(node, "function"):
            values[name] = node.function(*[values[i.name] for i in node.inputs])
        elif hasattr(node, "value"):
            values[name] = node.value
        else:
            raise KeyError(name)
    wanted = {node.name for node in fetches}
    return {name: values[name] for name in fetches[0].graph.nodes if name in wanted}
