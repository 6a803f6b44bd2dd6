"""Strangers' programs for notebook 05: written from the learner's notebook only (form: see README.md beside the examples)."""
import copy
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


def pair_also(exercise, label):
    """A forward and its own backward, made by a function without arguments."""
    def keep(make):
        MORE.append((exercise, label, dict(zip(("dropout_forward", "dropout_backward"), make()))))
        return make
    return keep


def pair_wrong(exercise, label, says):
    def keep(make):
        WRONG.append((exercise, label, says, dict(zip(("dropout_forward", "dropout_backward"), make()))))
        return make
    return keep


# ================================================================ softmax_loss
@right
def softmax_loss(x, y):
    z = x.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(x))
    loss = -log_p[rows, y].mean()
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return loss, (dx / len(x)).astype(x.dtype)


@also("softmax_loss", "logaddexp, one-hot by comparison")
def softmax_loss(x, y):
    N, C = x.shape
    total = np.logaddexp.reduce(np.asarray(x, np.float64), axis=1)
    hot = np.asarray(y)[:, None] == np.arange(C)
    loss = float(np.mean(total - x[hot]))
    dx = (np.exp(x - total[:, None]) - hot) / N
    return loss, dx.astype(x.dtype)


@also("softmax_loss", "torch's cross_entropy and autograd")
def softmax_loss(x, y):
    scores = torch.tensor(x, requires_grad=True)
    loss = F.cross_entropy(scores, torch.as_tensor(np.asarray(y), dtype=torch.long))
    loss.backward()
    return loss.item(), scores.grad.numpy()


@also("softmax_loss", "loop over the examples")
def softmax_loss(x, y):
    dx, loss = np.zeros_like(x), 0.0
    n = x.shape[0]
    for i in range(n):
        s = x[i] - np.max(x[i])
        e = np.exp(s)
        loss += (math.log(e.sum()) - float(s[y[i]])) / n
        dx[i] = e / e.sum() / n
        dx[i, y[i]] -= 1 / n
    return loss, dx


@wrong("softmax_loss", "no shift: exp overflows for large scores", r"overflow|shift|largest|max|subtract|nan|inf|finite")
def softmax_loss(x, y):
    p = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, y]).mean()
    dx = p.copy()
    dx[rows, y] -= 1
    return loss, dx / len(x)


@wrong("softmax_loss", "shifted, but log of a probability that rounds to 0", r"log|inf|0|round|finite")
def softmax_loss(x, y):
    e = np.exp(x - x.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, y]).mean()
    dx = p
    dx[rows, y] -= 1
    return loss, dx / len(x)


@wrong("softmax_loss", "log(p + 1e-12): the loss never exceeds 27.6", r"1e-|small number|add|cap|exact|round|27|limit|log")
def softmax_loss(x, y):
    e = np.exp(x - x.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, y] + 1e-12).mean()
    p[rows, y] -= 1
    return loss, p / len(x)


@wrong("softmax_loss", "probabilities clipped at 1e-7 (Keras)", r"clip|1e-|exact|cap|16|limit|log|round")
def softmax_loss(x, y):
    e = np.exp(x - x.max(1, keepdims=True))
    p = np.clip(e / e.sum(1, keepdims=True), 1e-7, 1 - 1e-7)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, (p / len(x)).astype(x.dtype)


@wrong("softmax_loss", "scores clipped to ±500 before the exponential", r"clip|500|large|score|exact|limit")
def softmax_loss(x, y):
    z = np.clip(x, -500, 500)
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    rows = np.arange(len(x))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "one maximum for the whole batch: rows far below it underflow", r"row|each example|whole|max|underflow|own|finite|nan|inf")
def softmax_loss(x, y):
    z = x - np.max(x)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    rows = np.arange(len(x))
    loss = -np.mean(log_p[rows, y])
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return loss, dx / len(x)


@wrong("softmax_loss", "shifted by the mean of the row instead of its maximum", r"max|mean|overflow|shift|largest|inf|nan|finite")
def softmax_loss(x, y):
    z = x - x.mean(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(x))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "shifted by the largest absolute value: rows of large negative scores underflow", r"max|abs|negativ|underflow|largest|inf|nan|finite")
def softmax_loss(x, y):
    z = x - np.abs(x).max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(x))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "gradient only: from exp without the shift; the loss is stable", r"gradient|dx|overflow|shift|nan|inf|finite")
def softmax_loss(x, y):
    z = x - x.max(1, keepdims=True)
    rows = np.arange(len(x))
    loss = (np.log(np.exp(z).sum(1)) - z[rows, y]).mean()
    dx = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    dx[rows, y] -= 1
    return loss, dx / len(x)


def _softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _logp(x):
    z = x - x.max(1, keepdims=True)
    return z - np.log(np.exp(z).sum(1, keepdims=True))


@wrong("softmax_loss", "np.nan_to_num over log p: minus infinity becomes -1.8e308", r"inf|nan_to_num|log|exact|finite|round|overflow")
def softmax_loss(x, y):
    p = _softmax(x)
    rows = np.arange(len(x))
    with np.errstate(all="ignore"):
        loss = -np.nan_to_num(np.log(p[rows, y])).mean()
    p[rows, y] -= 1
    return loss, p / len(x)


@wrong("softmax_loss", "sum over the batch, in loss and gradient", r"mean|sum|batch|N\b|divid|average")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x)
    dx[rows, y] -= 1
    return -_logp(x)[rows, y].sum(), dx


@wrong("softmax_loss", "gradient not divided by N", r"N\b|divid|mean|batch|gradient|dx")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x)
    dx[rows, y] -= 1
    return -_logp(x)[rows, y].mean(), dx


@wrong("softmax_loss", "loss not divided by N, gradient is", r"N\b|divid|mean|sum|batch|loss")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x)
    dx[rows, y] -= 1
    return -_logp(x)[rows, y].sum(), dx / len(x)


@wrong("softmax_loss", "divides by N·C: mean of the one-hot table", r"class|C\b|N\b|mean|divid|batch")
def softmax_loss(x, y):
    hot = np.eye(x.shape[1], dtype=x.dtype)[y]
    loss = -(hot * _logp(x)).mean()
    return loss, (_softmax(x) - hot) / x.size


@wrong("softmax_loss", "1 / N at the one-hot forgotten: p / N - 1", r"N\b|divid|right class|1|sum|gradient")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x) / len(x)
    dx[rows, y] -= 1
    return -_logp(x)[rows, y].mean(), dx


@wrong("softmax_loss", "p[:, y] -= 1: each row is lowered at every label of the batch", r"row|right class|index|own label|label|gradient|\[:, ?y\]")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x)
    dx[:, y] -= 1
    return -_logp(x)[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "log_p[:, y].mean(): every example is scored at every label", r"row|right class|index|own|label|loss|\[:, ?y\]")
def softmax_loss(x, y):
    dx = _softmax(x)
    dx[np.arange(len(x)), y] -= 1
    return -_logp(x)[:, y].mean(), dx / len(x)


@wrong("softmax_loss", "gradient of the opposite sign", r"sign|minus|direction|negat")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = -_softmax(x)
    dx[rows, y] += 1
    return -_logp(x)[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "gradient at the right class only", r"wrong class|other|right class|all classes|sum|row|0")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = np.zeros_like(x)
    dx[rows, y] = (_softmax(x)[rows, y] - 1) / len(x)
    return -_logp(x)[rows, y].mean(), dx


@wrong("softmax_loss", "gradient is the softmax, the right class's 1 not subtracted", r"subtract|right class|1|one-hot|gradient|sum")
def softmax_loss(x, y):
    return -_logp(x)[np.arange(len(x)), y].mean(), _softmax(x) / len(x)


@wrong("softmax_loss", "x shifted in place", r"chang|in place|copy|x\b")
def softmax_loss(x, y):
    x -= x.max(1, keepdims=True)
    log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
    rows = np.arange(len(x))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "gradient is float64 for float32 scores (np.eye)", r"dtype|float64|float32")
def softmax_loss(x, y):
    hot = np.eye(x.shape[1])[y]
    return -(hot * _logp(x)).sum(1).mean(), (_softmax(x) - hot) / len(x)


@wrong("softmax_loss", "bits: log2", r"log2|bits|nat|natural|base")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x)
    dx[rows, y] -= 1
    return -_logp(x)[rows, y].mean() / np.log(2), dx / len(x)


@wrong("softmax_loss", "softmax over the batch: axis 0", r"axis|row|column|class|example|batch")
def softmax_loss(x, y):
    z = x - x.max(0)
    log_p = z - np.log(np.exp(z).sum(0))
    rows = np.arange(len(x))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "log of the mean probability instead of the mean of the logs", r"mean|log|order|average")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    z = x - x.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    l = log_p[rows, y]
    top = l.max()
    loss = -(top + np.log(np.exp(l - top).mean()))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return loss, dx / len(x)


@wrong("softmax_loss", "one loss for each example: the mean is missing", r"mean|number|scalar|array|shape|average|each")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x)
    dx[rows, y] -= 1
    return -_logp(x)[rows, y], dx / len(x)


@wrong("softmax_loss", "loss without its minus sign", r"sign|minus|negativ")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    dx = _softmax(x)
    dx[rows, y] -= 1
    return _logp(x)[rows, y].mean(), dx / len(x)


@wrong("softmax_loss", "two: log(p + 1e-8), and the gradient not divided by N", r"1e-|add|exact|N\b|divid|log|cap|mean")
def softmax_loss(x, y):
    p = _softmax(x)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, y] + 1e-8).mean()
    p[rows, y] -= 1
    return loss, p


@wrong("softmax_loss", "two: shift in place, and sum over the batch", r"chang|in place|mean|sum|N\b|divid|copy")
def softmax_loss(x, y):
    x -= x.max(1, keepdims=True)
    log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
    dx = np.exp(log_p)
    dx[range(len(x)), y] -= 1
    return -log_p[range(len(x)), y].sum(), dx


@wrong("softmax_loss", "two: whole-batch maximum and float64 gradient", r"row|each|max|underflow|finite|nan|inf|dtype|float64")
def softmax_loss(x, y):
    z = (x - x.max()).astype(np.float64)
    e = np.exp(z)
    hot = np.eye(x.shape[1])[y]
    return -((z - np.log(e.sum(1, keepdims=True))) * hot).sum() / len(x), (e / e.sum(1, keepdims=True) - hot) / len(x)


# ================================================================ svm_loss
@right
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    gap = x - x[rows, y][:, None] + margin
    gap[rows, y] = 0
    above = gap > 0
    dx = above.astype(x.dtype)
    dx[rows, y] = -above.sum(1)
    return gap[above].sum() / len(x), dx / len(x)


@also("svm_loss", "two loops")
def svm_loss(x, y, margin=1.0):
    N, C = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(N):
        for j in range(C):
            if j == y[i]:
                continue
            short = x[i, j] - x[i, y[i]] + margin
            if short > 0:
                loss += float(short)
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    dx /= N
    return loss / N, dx


@also("svm_loss", "margins subtracted afterwards, np.where, take_along_axis")
def svm_loss(x, y, margin=1.0):
    n = len(x)
    y = np.asarray(y).reshape(-1, 1)
    own = np.take_along_axis(x, y, 1)
    needed = np.where(np.arange(x.shape[1]) == y, 0, margin)
    m = np.maximum(x - own + needed, 0)
    pushed = np.where(m > 0, 1 / n, 0).astype(x.dtype)
    np.put_along_axis(pushed, y, -pushed.sum(1, keepdims=True), 1)
    return float(m.sum()) / n, pushed


def _hinge(x, y, margin, kink=np.greater, count=True, own=False, scale=None):
    rows = np.arange(len(x))
    m = x - x[rows, y][:, None] + margin
    mask = kink(m, 0)
    if not own:
        mask[rows, y] = False
    loss = (m * mask).sum()
    dx = mask.astype(x.dtype)
    if count:
        dx[rows, y] = 0
        dx[rows, y] = -dx.sum(1)
    n = scale or len(x)
    return loss / n, dx / np.asarray(n, x.dtype)


@wrong("svm_loss", "the right class counts too: every example pays the margin", r"right class|j ≠|own|margin|wrong class|itself")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin, own=True)


@wrong("svm_loss", "kink: a class that keeps the margin exactly gets a gradient (>=)", r"exact|kink|>=|0|equal")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin, kink=np.greater_equal)


@wrong("svm_loss", "margin not read: always 1", r"margin")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, 1.0)


@wrong("svm_loss", "gradient only: mask taken with margin 1, loss with margin", r"margin|gradient|dx")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin)[0], _hinge(x, y, 1.0)[1]


@wrong("svm_loss", "the right class's margin taken off as 1, whatever margin is", r"margin|right class|1\b")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    m = np.maximum(0, x - x[rows, y][:, None] + margin)
    loss = m.sum() / len(x) - 1.0
    dx = (m > 0).astype(x.dtype)
    dx[rows, y] -= dx.sum(1)
    return loss, dx / len(x)


@wrong("svm_loss", "divides by C as well (torch's multi_margin_loss)", r"C\b|class|divid|multi_margin|torch")
def svm_loss(x, y, margin=1.0):
    t = torch.tensor(x, requires_grad=True)
    loss = F.multi_margin_loss(t, torch.tensor(y), margin=margin)
    loss.backward()
    return loss.item(), t.grad.numpy()


@wrong("svm_loss", "mean over the wrong classes: divides by C - 1", r"C\b|class|divid|mean|sum")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin, scale=len(x) * (x.shape[1] - 1))


@wrong("svm_loss", "gradient not divided by N", r"N\b|divid|mean|batch|gradient|dx")
def svm_loss(x, y, margin=1.0):
    loss, dx = _hinge(x, y, margin)
    return loss, dx * len(x)


@wrong("svm_loss", "sum over the batch in loss and gradient", r"N\b|divid|mean|sum|batch")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin, scale=1)


@wrong("svm_loss", "floor division: loss //= N", r"//|floor|round|whole|divid|division")
def svm_loss(x, y, margin=1.0):
    loss, dx = _hinge(x, y, margin)
    return (loss * len(x)) // len(x), dx


@wrong("svm_loss", "right class gets -1 however many classes violate", r"right class|how many|count|number of|sum|−1|-1")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    loss, dx = _hinge(x, y, margin)
    dx[rows, y] = -(dx[rows, y] < 0).astype(x.dtype) / np.asarray(len(x), x.dtype)
    return loss, dx


@wrong("svm_loss", "right class gets no gradient", r"right class|sum|own|count|missing")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin, count=False)


@wrong("svm_loss", "right class: counts itself, one too many", r"right class|itself|one too|count|sum")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    m = np.maximum(0, x - x[rows, y][:, None] + margin)
    dx = (m > 0).astype(x.dtype)
    dx[rows, y] = -dx.sum(1)
    m[rows, y] = 0
    return m.sum() / len(x), dx / len(x)


@wrong("svm_loss", "in the loop the right class is lowered for classes that keep the margin too", r"right class|keep|margin|count|only|0")
def svm_loss(x, y, margin=1.0):
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(len(x)):
        for j in range(x.shape[1]):
            if j == y[i]:
                continue
            m = x[i, j] - x[i, y[i]] + margin
            if m > 0:
                loss += m
                dx[i, j] += 1
            dx[i, y[i]] -= 1
    return loss / len(x), dx / len(x)


@wrong("svm_loss", "margin subtracted instead of added", r"sign|margin|minus|add|plus")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, -margin)


@wrong("svm_loss", "difference the wrong way round: right score minus the others", r"sign|order|round|minus|right|differ|exchang")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    m = x[rows, y][:, None] - x + margin
    m[rows, y] = 0
    mask = m > 0
    dx = -mask.astype(x.dtype)
    dx[rows, y] = mask.sum(1)
    return (m * mask).sum() / len(x), dx / len(x)


@wrong("svm_loss", "squared hinge", r"squar")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    m = np.maximum(0, x - x[rows, y][:, None] + margin)
    m[rows, y] = 0
    dx = 2 * m
    dx[rows, y] = -dx.sum(1)
    return (m ** 2).sum() / len(x), dx / len(x)


@wrong("svm_loss", "only the worst class of each example (Crammer and Singer)", r"largest|worst|max|all|sum|each wrong|every")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    m = x - x[rows, y][:, None] + margin
    m[rows, y] = 0
    worst = m.argmax(1)
    top = m[rows, worst]
    dx = np.zeros_like(x)
    dx[rows, worst] = top > 0
    dx[rows, y] -= top > 0
    return top.mean(), dx / np.asarray(len(x), x.dtype)


@wrong("svm_loss", "one class against the rest, as tf.losses.hinge_loss", r"0|rest|right class|score|compar|differ")
def svm_loss(x, y, margin=1.0):
    sign = -np.ones_like(x)
    sign[np.arange(len(x)), y] = 1
    m = np.maximum(0, margin - sign * x)
    return m.sum() / len(x), -(sign * (m > 0)) / np.asarray(len(x), x.dtype)


@wrong("svm_loss", "gradient float64 for float32 scores", r"dtype|float64|float32")
def svm_loss(x, y, margin=1.0):
    loss, dx = _hinge(x, y, margin)
    return loss, dx.astype(float)


@wrong("svm_loss", "gradient in whole numbers: mask of ints, // N", r"int|dtype|0|//|whole|divid|float")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    m = np.maximum(0, x - x[rows, y][:, None] + margin)
    m[rows, y] = 0
    dx = (m > 0).astype(int)
    dx[rows, y] = -dx.sum(1)
    return m.sum() / len(x), dx // len(x)


@wrong("svm_loss", "x overwritten with the margins", r"chang|in place|copy|x\b")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    x -= x[rows, y][:, None] - margin
    x[rows, y] = 0
    mask = x > 0
    dx = mask.astype(x.dtype)
    dx[rows, y] = -mask.sum(1)
    return x[mask].sum() / len(x), dx / len(x)


@wrong("svm_loss", "gradient times the size of the violation", r"violation|size|1|slope|gradient|count|squar")
def svm_loss(x, y, margin=1.0):
    rows = np.arange(len(x))
    m = np.maximum(0, x - x[rows, y][:, None] + margin)
    m[rows, y] = 0
    dx = m.copy()
    dx[rows, y] = -dx.sum(1)
    return m.sum() / len(x), dx / len(x)


@wrong("svm_loss", "two: >= at the kink, and the margin not read", r"exact|kink|>=|margin")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, 1.0, kink=np.greater_equal)


@wrong("svm_loss", "two: divided by C, and the right class gets no gradient", r"C\b|class|divid|right class")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin, count=False, scale=x.size)


@wrong("svm_loss", "two: the right class pays the margin, gradient not divided by N", r"right class|own|itself|N\b|divid|margin")
def svm_loss(x, y, margin=1.0):
    loss, dx = _hinge(x, y, margin, own=True)
    return loss, dx * len(x)


# ================================================================ l2_penalty
@right
def l2_penalty(params, lam):
    cost, grads = 0.0, {}
    for name, w in params.items():
        if name.startswith("W"):
            cost += 0.5 * lam * float(np.sum(np.square(w, dtype=np.float64)))
            grads[name] = np.asarray(lam * w, dtype=w.dtype)
        else:
            grads[name] = np.zeros_like(w)
    return cost, grads


@also("l2_penalty", "comprehensions, vdot, indicator")
def l2_penalty(params, lam):
    price = {name: lam if name[:1] == "W" else 0 for name in params}
    cost = sum(price[name] * np.vdot(w, w) / 2 for name, w in params.items())
    return cost, {name: np.asarray(price[name] * w, dtype=w.dtype) if price[name] else np.zeros(w.shape, w.dtype)
                  for name, w in params.items()}


@also("l2_penalty", "zeros first, then in place on its own copies")
def l2_penalty(params, lam):
    grads = {k: np.zeros(np.shape(v), dtype=v.dtype) for k, v in params.items()}
    total = 0
    for k in [k for k in params if k[0] == "W"]:
        grads[k] += params[k]
        grads[k] *= lam
        total = total + np.linalg.norm(np.ravel(params[k])) ** 2
    return lam * total / 2, grads


def _penalty(params, lam, cost, slope, punished=lambda name, w: name.startswith("W")):
    total, grads = 0.0, {}
    for name, w in params.items():
        if punished(name, w):
            total += float(cost(w, lam))
            grads[name] = np.asarray(slope(w, lam)).astype(w.dtype)
        else:
            grads[name] = np.zeros_like(w)
    return total, grads


_c2 = lambda w, lam: 0.5 * lam * (w ** 2).sum()
_s2 = lambda w, lam: lam * w
_c1 = lambda w, lam: lam * np.abs(w).sum()
_s1 = lambda w, lam: lam * np.sign(w)


@wrong("l2_penalty", "no half: cost λ·ΣW², gradient 2λW", r"½|half|0\.5|1/2|twice|2")
def l2_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: lam * (w ** 2).sum(), lambda w, lam: 2 * lam * w)


@wrong("l2_penalty", "cost only: the half is missing, gradient λW", r"½|half|0\.5|1/2|twice|cost")
def l2_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: lam * (w ** 2).sum(), _s2)


@wrong("l2_penalty", "gradient only: 2λW for a cost with ½", r"2|twice|½|half|gradient|λW")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, lambda w, lam: 2 * lam * w)


@wrong("l2_penalty", "gradient only: the ½ kept, ½λW", r"½|half|0\.5|gradient|λW|twice")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, lambda w, lam: 0.5 * lam * w)


@wrong("l2_penalty", "all parameters punished, biases too", r"bias|W\b|name|only|others|gamma")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, _s2, lambda name, w: True)


@wrong("l2_penalty", "'W' anywhere in the name", r"begin|start|first|name|W\b")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, _s2, lambda name, w: "W" in name)


@wrong("l2_penalty", "names that begin with w in either case", r"capital|case|lower|name|begin")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, _s2, lambda name, w: name.lower().startswith("w"))


@wrong("l2_penalty", "by shape: everything of two or more dimensions", r"shape|name|dimension|ndim|W\b|begin")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, _s2, lambda name, w: w.ndim > 1)


@wrong("l2_penalty", "only names W and a digit: 'Wout' is missed", r"begin|name|digit|W\b|start")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, _s2, lambda name, w: name[0] == "W" and name[1:].isdigit())


@wrong("l2_penalty", "punishes what does not begin with b: gamma too", r"gamma|begin|name|W\b|others|only")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, _s2, lambda name, w: not name.startswith("b"))


@wrong("l2_penalty", "unpunished names are missing from grads", r"missing|name|same names|every|all|key|zeros")
def l2_penalty(params, lam):
    cost, grads = _penalty(params, lam, _c2, _s2)
    return cost, {n: g for n, g in grads.items() if n.startswith("W")}


@wrong("l2_penalty", "unpunished gradients are the number 0", r"shape|zeros|array|number|0")
def l2_penalty(params, lam):
    cost, grads = _penalty(params, lam, _c2, _s2)
    return cost, {n: g if n.startswith("W") else 0.0 for n, g in grads.items()}


@wrong("l2_penalty", "unpunished gradients are None", r"None|zeros|array|shape")
def l2_penalty(params, lam):
    return (0.5 * lam * sum((w ** 2).sum() for n, w in params.items() if n.startswith("W")),
            {n: lam * w if n.startswith("W") else None for n, w in params.items()})


@wrong("l2_penalty", "zeros in float64 where not punished: np.zeros(shape)", r"dtype|float64|float32")
def l2_penalty(params, lam):
    cost, grads = _penalty(params, lam, _c2, _s2)
    return cost, {n: g if n.startswith("W") else np.zeros(g.shape) for n, g in grads.items()}


@wrong("l2_penalty", "gradient written into the weights: w *= lam", r"chang|in place|copy|modif")
def l2_penalty(params, lam):
    cost, grads = 0.0, {}
    for name, w in params.items():
        grads[name] = np.zeros_like(w)
        if name.startswith("W"):
            cost += 0.5 * lam * np.sum(w * w)
            w *= lam
            grads[name] = w
    return cost, grads


@wrong("l2_penalty", "norm not squared", r"squar|norm|root")
def l2_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: 0.5 * lam * np.linalg.norm(w), _s2)


@wrong("l2_penalty", "mean of squares instead of the sum", r"sum|mean|divid|size|average")
def l2_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: 0.5 * lam * (w ** 2).mean(), lambda w, lam: lam * w / w.size)


@wrong("l2_penalty", "cost = instead of +=: the last weight only", r"last|all|sum|every|each|add")
def l2_penalty(params, lam):
    cost, grads = 0.0, {}
    for name, w in params.items():
        if name.startswith("W"):
            cost = 0.5 * lam * np.sum(w ** 2)
            grads[name] = np.asarray(lam * w, w.dtype)
        else:
            grads[name] = np.zeros_like(w)
    return cost, grads


@wrong("l2_penalty", "early return for lam = 0 with an empty dict", r"lam|0|empty|same names|missing|zero|name")
def l2_penalty(params, lam):
    if lam == 0:
        return 0.0, {}
    return _penalty(params, lam, _c2, _s2)


@wrong("l2_penalty", "sign of the gradient turned: what is added to the weights", r"sign|minus|negat|direction")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, lambda w, lam: -lam * w)


@wrong("l2_penalty", "lam forgotten in the gradient", r"lam|λ")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, lambda w, lam: w)


@wrong("l2_penalty", "cost only", r"two|pair|tuple|grad|return")
def l2_penalty(params, lam):
    return _penalty(params, lam, _c2, _s2)[0]


@wrong("l2_penalty", "two: no half in the cost, biases punished", r"½|half|0\.5|twice|bias|name")
def l2_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: lam * (w ** 2).sum(), _s2, lambda name, w: True)


@wrong("l2_penalty", "two: by shape instead of by name, and float64 zeros", r"shape|name|dimension|dtype|float64")
def l2_penalty(params, lam):
    cost, grads = _penalty(params, lam, _c2, _s2, lambda name, w: w.ndim >= 2)
    return cost, {n: g if g.any() else np.zeros(g.shape) for n, g in grads.items()}


# ================================================================ l1_penalty
@right
def l1_penalty(params, lam):
    cost, grads = 0.0, {}
    for name in params:
        w = params[name]
        slope = np.zeros_like(w)
        if name.startswith("W"):
            slope[w > 0] = lam
            slope[w < 0] = -lam
            cost += lam * float(np.abs(w).sum())
        grads[name] = slope
    return cost, grads


@also("l1_penalty", "np.sign, comprehensions")
def l1_penalty(params, lam):
    grads = {n: np.asarray(lam * np.sign(w) * n.startswith("W"), w.dtype) for n, w in params.items()}
    return lam * sum(np.linalg.norm(np.ravel(w), 1) for n, w in params.items() if n.startswith("W")), grads


@also("l1_penalty", "difference of comparisons; cost as inner product with the gradient")
def l1_penalty(params, lam):
    grads = {n: np.zeros_like(w) for n, w in params.items()}
    cost = 0
    for n, w in params.items():
        if n.find("W") == 0:
            grads[n] = np.array(((w > 0) * 1.0 - (w < 0) * 1.0) * lam, dtype=w.dtype)
            cost += (w * grads[n]).sum()
    return cost, grads


@wrong("l1_penalty", "kink: slope +λ at 0 (w >= 0)", r"0|kink|zero|sign")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, lambda w, lam: np.where(w >= 0, lam, -lam))


@wrong("l1_penalty", "kink: slope -λ at 0 (w > 0, else minus)", r"0|kink|zero|sign")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, lambda w, lam: np.where(w > 0, lam, -lam))


@wrong("l1_penalty", "w / |w|: nan at 0", r"nan|0|divi|zero|kink")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, lambda w, lam: lam * w / np.abs(w))


@wrong("l1_penalty", "w / (|w| + 1e-3): small weights get less than λ", r"small|1e-|sign|exact|λ|slope|\+")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, lambda w, lam: lam * w / (np.abs(w) + 1e-3))


@wrong("l1_penalty", "½ as in L2", r"½|half|0\.5|twice")
def l1_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: 0.5 * lam * np.abs(w).sum(), lambda w, lam: 0.5 * lam * np.sign(w))


@wrong("l1_penalty", "cost only: ½ carried over from L2", r"½|half|0\.5|twice|cost")
def l1_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: 0.5 * lam * np.abs(w).sum(), _s1)


@wrong("l1_penalty", "gradient of L2 kept: λW", r"sign|L2|gradient|slope|λ")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, _s2)


@wrong("l1_penalty", "gradient λ|W|", r"sign|abs|gradient|slope")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, lambda w, lam: lam * np.abs(w))


@wrong("l1_penalty", "gradient λ everywhere, no sign", r"sign|negativ")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, lambda w, lam: lam * np.ones_like(w))


@wrong("l1_penalty", "absolute value of the sum", r"abs|sum|each|order|cancel|before")
def l1_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: lam * abs(w.sum()), _s1)


@wrong("l1_penalty", "np.linalg.norm(W, 1): for a matrix the largest column sum", r"column|sum|norm|matrix|all")
def l1_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: lam * np.linalg.norm(w.reshape(len(w), -1) if w.ndim else w.reshape(1, 1), 1), _s1)


@wrong("l1_penalty", "biases punished too", r"bias|W\b|name|only|others")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, _s1, lambda name, w: True)


@wrong("l1_penalty", "cost: all parameters; gradient: weights only", r"bias|cost|W\b|name|only|others")
def l1_penalty(params, lam):
    cost = lam * sum(np.abs(w).sum() for w in params.values())
    return cost, _penalty(params, lam, _c1, _s1)[1]


@wrong("l1_penalty", "float64 gradients from np.where(w > 0, lam, ...)", r"dtype|float64|float32")
def l1_penalty(params, lam):
    cost = lam * sum(np.abs(w).sum() for n, w in params.items() if n.startswith("W"))
    return cost, {n: np.where(w > 0, lam, np.where(w < 0, -lam, 0.0)) if n.startswith("W") else np.zeros_like(w)
                  for n, w in params.items()}


@wrong("l1_penalty", "np.sign(w, out=w): the weights are overwritten", r"chang|in place|copy|modif")
def l1_penalty(params, lam):
    cost, grads = 0.0, {}
    for n, w in params.items():
        if n.startswith("W"):
            cost += lam * np.abs(w).sum()
            grads[n] = np.asarray(lam * np.sign(w, out=w), w.dtype)
        else:
            grads[n] = np.zeros_like(w)
    return cost, grads


@wrong("l1_penalty", "two: +λ at 0 and ½ in the cost", r"0|kink|½|half|twice")
def l1_penalty(params, lam):
    return _penalty(params, lam, lambda w, lam: 0.5 * lam * np.abs(w).sum(), lambda w, lam: np.where(w < 0, -lam, lam))


@wrong("l1_penalty", "two: unpunished names missing, -λ at 0", r"missing|name|same|0|kink|key")
def l1_penalty(params, lam):
    cost, grads = _penalty(params, lam, _c1, lambda w, lam: np.where(w > 0, lam, -lam))
    return cost, {n: g for n, g in grads.items() if n.startswith("W")}


# ================================================================ dropout_forward
@right
def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if mode == "test":
        return x.copy(), (mode, p, None)
    rng = dropout_param["rng"] if "rng" in dropout_param else np.random.default_rng(dropout_param["seed"])
    keep = rng.random(x.shape) < p
    return np.where(keep, x / np.asarray(p, x.dtype), 0).astype(x.dtype), (mode, p, keep)


@right
def dropout_backward(dout, cache):
    mode, p, keep = cache
    if mode == "test":
        return dout.copy()
    return (dout * keep / p).astype(dout.dtype)


@pair_also("dropout_forward", "scaled mask in the cache, test mode gives x itself")
def _():
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] != "train":
            return x, None
        rng = dropout_param.get("rng")
        if rng is None:
            rng = np.random.default_rng(dropout_param["seed"])
        mask = ((rng.uniform(size=x.shape) < dropout_param["p"]) / dropout_param["p"]).astype(x.dtype)
        return x * mask, mask

    def dropout_backward(dout, cache):
        return dout if cache is None else (dout * cache).astype(dout.dtype)

    return dropout_forward, dropout_backward


@pair_also("dropout_forward", "binomial, cache is a function")
def _():
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] == "test":
            return np.array(x), lambda d: np.array(d)
        p = dropout_param["p"]
        rng = dropout_param["rng"] if "rng" in dropout_param else np.random.default_rng(dropout_param["seed"])
        m = rng.binomial(1, p, size=np.shape(x)) / p
        return np.asarray(m * x, dtype=x.dtype), lambda d: np.asarray(m * d, dtype=d.dtype)

    def dropout_backward(dout, cache):
        return cache(dout)

    return dropout_forward, dropout_backward


@pair_also("dropout_backward", "indices of the dropped entries in the cache; draws >= p drop; test mode is p = 1")
def _():
    def dropout_forward(x, dropout_param):
        keep = 1.0 if dropout_param["mode"] == "test" else dropout_param["p"]
        out = x.copy()
        dropped = np.array([], int)
        if keep < 1:
            try:
                generator = dropout_param["rng"]
            except KeyError:
                generator = np.random.default_rng(dropout_param["seed"])
            dropped = np.flatnonzero(generator.random(x.size) >= keep)
            out /= keep
            out.reshape(-1)[dropped] = 0
        return out, {"dropped": dropped, "keep": keep}

    def dropout_backward(dout, cache):
        dx = np.array(dout, copy=True, order="C")
        dx /= cache["keep"]
        dx.reshape(-1)[cache["dropped"]] = 0
        return dx

    return dropout_forward, dropout_backward


def _rng(dropout_param):
    return dropout_param["rng"] if "rng" in dropout_param else np.random.default_rng(dropout_param["seed"])


def _drop(x, dropout_param, draw=None, keep=None, scale=None, test=None, rng=_rng):
    """Dropout's forward with one part replaced; cache as in dropout_forward."""
    p, mode = dropout_param["p"], dropout_param["mode"]
    if mode == "test":
        out = x.copy() if test is None else test(x, p)
        return out.astype(x.dtype), (mode, p, None)
    mask = (keep or (lambda u, p: u < p))((draw or (lambda rng, x, p: rng.random(x.shape)))(rng(dropout_param), x, p), p)
    mask = np.broadcast_to(mask, x.shape)
    with np.errstate(all="ignore"):
        out = (x * mask * (scale or (lambda p, m: 1 / p))(p, mask)).astype(x.dtype)
    return out, (mode, p, mask)


@wrong("dropout_forward", "p taken for the probability to drop, in mask and factor", r"keep|drop|1 ?[-−] ?p")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, keep=lambda u, p: u >= p, scale=lambda p, m: 1 / (1 - p) if p < 1 else 0.0)


@wrong("dropout_forward", "mask only: drops with probability p, divided by p", r"keep|drop|1 ?[-−] ?p|share|mask")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, keep=lambda u, p: u > p)


@wrong("dropout_forward", "factor only: divided by 1 - p", r"divid|1 ?[-−] ?p|factor|scale")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, scale=lambda p, m: 1 / (1 - p) if p < 1 else 1.0)


@wrong("dropout_forward", "not divided by p in training", r"divid|/ ?p|scale|factor|mean")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, scale=lambda p, m: 1)


@wrong("dropout_forward", "multiplied by p instead of divided", r"divid|multipl|/ ?p|factor|scale")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, scale=lambda p, m: p)


@wrong("dropout_forward", "test mode only: x * p although training has divided by p", r"test|equal|scale|x\b|multipl")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, test=lambda x, p: x * p)


@wrong("dropout_forward", "two: the old, not inverted dropout: no factor in training, times p at test", r"divid|/ ?p|scale|factor|test|inverted")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, scale=lambda p, m: 1, test=lambda x, p: x * p)


@wrong("dropout_forward", "drops at test too", r"test|mode")
def dropout_forward(x, dropout_param):
    rng = dropout_param.get("rng") or np.random.default_rng(dropout_param.get("seed"))
    p = dropout_param["p"]
    keep = rng.random(x.shape) < p
    return (x * keep / p).astype(x.dtype), ("train", p, keep)


@wrong("dropout_forward", "divided by the share that happened to be kept, not by p", r"/ ?p|share|divid|mean|factor|happen")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, scale=lambda p, m: 1 / max(m.mean(), 1e-12))


@wrong("dropout_forward", "one mask row for the whole batch: all examples lose the same units", r"each|own|example|row|one by one|same|column|batch|independent|shape")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: rng.random(x.shape[1:]))


@wrong("dropout_forward", "one draw for each row: an example is kept or dropped as a whole", r"each|own|row|one by one|whole|entry|independent|example")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: rng.random(x.shape[:1] + (1,) * (x.ndim - 1)))


@wrong("dropout_forward", "a single draw for the whole array", r"each|own|one by one|single|all|entry|independent|number")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: rng.random())


@wrong("dropout_forward", "exactly p·n entries are kept (a permutation), not each on its own", r"own|each|independent|exact|number|always|share|permut|Bernoulli")
def dropout_forward(x, dropout_param):
    def draw(rng, x, p):
        keep = np.zeros(x.size, bool)
        keep[rng.permutation(x.size)[:round(p * x.size)]] = True
        return keep.reshape(x.shape)

    return _drop(x, dropout_param, draw=draw, keep=lambda m, p: m)


@wrong("dropout_forward", "normal numbers compared with p (randn for rand)", r"uniform|normal|share|probabil|keep|kept")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: rng.standard_normal(x.shape))


@wrong("dropout_forward", "a coin, whatever p is: rng.integers(0, 2)", r"\bp\b|share|half|probabil|kept|keep")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: rng.integers(0, 2, x.shape), keep=lambda m, p: m)


@wrong("dropout_forward", "uniform numbers as mask: not thresholded at p", r"0|keep|kept|mask|thresh|Bernoulli|drop|factor")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, keep=lambda u, p: u)


@wrong("dropout_forward", "np.round(u + p) for np.floor(u + p): mask of 0, 1 and 2", r"share|probabil|kept|keep|\bp\b|factor|2|round")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, keep=lambda u, p: np.round(u + p))


@wrong("dropout_forward", "mask from numpy's global state", r"global|rng|generator|repeat|same")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: np.random.rand(*x.shape), rng=lambda d: None)


@wrong("dropout_forward", "seed given to np.random.seed: touches the global state; rng is used when there", r"global|seed|default_rng|generator|touch")
def dropout_forward(x, dropout_param):
    def draw(rng, x, p):
        if "rng" in dropout_param:
            return dropout_param["rng"].random(x.shape)
        np.random.seed(dropout_param["seed"])
        return np.random.rand(*x.shape)

    return _drop(x, dropout_param, draw=draw, rng=lambda d: None)


@wrong("dropout_forward", "a new default_rng(0) in each call: always the same mask", r"same|again|rng|generator|next|mask|other")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, rng=lambda d: np.random.default_rng(0))


@wrong("dropout_forward", "a fresh unseeded generator: rng and seed not read, nothing can be repeated", r"rng|seed|repeat|same|generator")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, rng=lambda d: np.random.default_rng())


@wrong("dropout_forward", "rng copied before it is used: the next call gives the same mask", r"same|again|next|advance|copy|other|rng")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, rng=lambda d: copy.deepcopy(d["rng"]) if "rng" in d else np.random.default_rng(d["seed"]))


@wrong("dropout_forward", "seed goes before rng where both are given", r"rng|seed|both|prefer|absent|same|again")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, rng=lambda d: np.random.default_rng(d["seed"]) if "seed" in d else d["rng"])


@wrong("dropout_forward", "d.get('rng', default_rng(d['seed'])): KeyError where only rng is given", r"seed|KeyError|absent|rng")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, rng=lambda d: d.get("rng", np.random.default_rng(d["seed"])))


@wrong("dropout_forward", "seed not read: KeyError where only a seed is given", r"seed|KeyError|absent|rng")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, rng=lambda d: d["rng"])


@wrong("dropout_forward", "the generator made from seed is stored in the dict: the second call goes on instead of beginning anew", r"each call|new|again|seed|dict|stor|same|chang")
def dropout_forward(x, dropout_param):
    def rng(d):
        if "rng" not in d:
            d["rng"] = np.random.default_rng(d["seed"])
        return d["rng"]

    return _drop(x, dropout_param, rng=rng)


@wrong("dropout_forward", "seed 0 counts as absent (seed or None): mask cannot be repeated", r"seed|0|repeat|same|absent")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, rng=lambda d: d["rng"] if "rng" in d else np.random.default_rng(d.get("seed") or None))


@wrong("dropout_forward", "the generator is fetched before the mode is read: KeyError at test without rng and seed", r"test|absent|KeyError|seed|rng|mode")
def dropout_forward(x, dropout_param):
    rng = _rng(dropout_param)
    return _drop(x, dropout_param, rng=lambda d: rng)


@wrong("dropout_forward", "x *= mask / p: x itself changes", r"chang|in place|copy|x\b")
def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if mode == "test":
        return x, (mode, p, None)
    keep = _rng(dropout_param).random(x.shape) < p
    x *= keep
    x /= p
    return x, (mode, p, keep)


@wrong("dropout_forward", "float64 out for float32 x", r"dtype|float64|float32")
def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if mode == "test":
        return x, (mode, p, None)
    keep = _rng(dropout_param).random(x.shape) < p
    return x * (keep.astype(float) / p), (mode, p, keep)


@wrong("dropout_forward", "out only, no cache", r"two|cache|pair|tuple|return")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param)[0]


@wrong("dropout_forward", "test branch forgets to return", r"None|return|test")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "train":
        return _drop(x, dropout_param)


@wrong("dropout_forward", "arrays of two dimensions only: N, D = x.shape", r"shape|dimension|any|unpack|D\b")
def dropout_forward(x, dropout_param):
    N, D = x.shape
    return _drop(x, dropout_param, draw=lambda rng, x, p: rng.random((N, D)))


@wrong("dropout_forward", "Gaussian noise of the same variance instead of zeros", r"0|Bernoulli|kept|drop|zero|normal|factor")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: p + np.sqrt(p * (1 - p)) * rng.standard_normal(x.shape), keep=lambda m, p: m)


@wrong("dropout_forward", "two: p dropped in the mask, and not divided", r"keep|drop|divid|1 ?[-−] ?p|factor|share")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, keep=lambda u, p: u > p, scale=lambda p, m: 1)


@wrong("dropout_forward", "two: seed before rng, and one mask for the whole batch", r"rng|seed|each|own|row|same|example|batch|again")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, draw=lambda rng, x, p: rng.random(x.shape[1:]),
                 rng=lambda d: np.random.default_rng(d["seed"]) if "seed" in d else d["rng"])


@wrong("dropout_forward", "two: in place, and p·x at test", r"chang|in place|copy|test|equal|scale")
def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if mode == "test":
        return x * np.asarray(p, x.dtype), (mode, p, None)
    keep = _rng(dropout_param).random(x.shape) < p
    x[~keep] = 0
    x /= p
    return x, (mode, p, keep)


# ================================================================ dropout_backward
@wrong("dropout_backward", "not divided by p", r"divid|/ ?p|scale|factor")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return dout.copy() if mode == "test" else (dout * keep).astype(dout.dtype)


@wrong("dropout_backward", "multiplied by p instead of divided", r"divid|multipl|/ ?p|scale|factor")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return dout.copy() if mode == "test" else (dout * keep * p).astype(dout.dtype)


@wrong("dropout_backward", "gradient passes everywhere, mask forgotten, divided by p", r"mask|drop|0|kept|zero")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return dout.copy() if mode == "test" else (dout / p).astype(dout.dtype)


@wrong("dropout_backward", "mask turned round: gradient where the number was dropped", r"mask|drop|kept|invert|turned|opposite|0")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return dout.copy() if mode == "test" else (dout * ~keep / p).astype(dout.dtype)


@wrong("dropout_backward", "test mode only: dout / p", r"test|mode|scale|divid")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return (dout * (1 if keep is None else keep) / p).astype(dout.dtype)


@wrong("dropout_backward", "test mode only: zeros", r"test|mode|0|zero|dout")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return np.zeros_like(dout) if mode == "test" else (dout * keep / p).astype(dout.dtype)


@wrong("dropout_backward", "test mode only: forgets to return", r"None|return|test")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    if mode == "train":
        return (dout * keep / p).astype(dout.dtype)


@wrong("dropout_backward", "crashes in test mode: multiplies by a mask that is None", r"test|None|mode|mask")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return (dout * keep / p).astype(dout.dtype)


@wrong("dropout_backward", "dout changed in place", r"chang|in place|copy|dout")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    if mode == "train":
        dout *= keep
        dout /= p
    return dout


@wrong("dropout_backward", "float64 for a float32 dout", r"dtype|float64|float32")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return dout if mode == "test" else dout * (keep / p)


@wrong("dropout_backward", "two: not divided by p, and dout changed in place", r"divid|/ ?p|scale|chang|in place|copy")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    if mode == "train":
        dout[~keep] = 0
    return dout


@pair_wrong("dropout_backward", "divided by p twice: the cached mask is scaled already", r"twice|divid|/ ?p|factor|scale")
def _():
    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if dropout_param["mode"] == "test":
            return x, (None, p)
        mask = ((_rng(dropout_param).random(x.shape) < p) / p).astype(x.dtype)
        return x * mask, (mask, p)

    def dropout_backward(dout, cache):
        mask, p = cache
        return dout if mask is None else (dout * mask / p).astype(dout.dtype)

    return dropout_forward, dropout_backward


@pair_wrong("dropout_backward", "mask guessed from out != 0: where x itself was 0 the gradient is lost", r"0|zero|mask|kept|guess|out|x\b")
def _():
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] == "test":
            return x, None
        p = dropout_param["p"]
        out = (x * (_rng(dropout_param).random(x.shape) < p) / p).astype(x.dtype)
        return out, (out, p)

    def dropout_backward(dout, cache):
        if cache is None:
            return dout
        out, p = cache
        return (dout * (out != 0) / p).astype(dout.dtype)

    return dropout_forward, dropout_backward


@pair_wrong("dropout_backward", "mode and p read from the dict at the time of backward (cs231n's cache): a dict changed in between misleads it", r"mode|dict|forward|chang|between|cache|p\b")
def _():
    def dropout_forward(x, dropout_param):
        mask = None
        if dropout_param["mode"] == "test":
            return x, (dropout_param, mask)
        mask = _rng(dropout_param).random(x.shape) < dropout_param["p"]
        return (x * mask / dropout_param["p"]).astype(x.dtype), (dropout_param, mask)

    def dropout_backward(dout, cache):
        dropout_param, mask = cache
        if dropout_param["mode"] == "test":
            return dout
        return (dout * mask / dropout_param["p"]).astype(dout.dtype)

    return dropout_forward, dropout_backward


@pair_wrong("dropout_backward", "a new mask is drawn on the way back", r"same mask|mask|new|again|draw|forward")
def _():
    def dropout_forward(x, dropout_param):
        p, mode = dropout_param["p"], dropout_param["mode"]
        if mode == "test":
            return x, (mode, p, None)
        rng = _rng(dropout_param)
        return (x * (rng.random(x.shape) < p) / p).astype(x.dtype), (mode, p, rng)

    def dropout_backward(dout, cache):
        mode, p, rng = cache
        return dout if mode == "test" else (dout * (rng.random(dout.shape) < p) / p).astype(dout.dtype)

    return dropout_forward, dropout_backward


@pair_wrong("dropout_backward", "the mask of the latest forward call, kept in a global: two layers disturb each other", r"cache|latest|last|global|own|other|forward|mask")
def _():
    last = {}

    def dropout_forward(x, dropout_param):
        p, mode = dropout_param["p"], dropout_param["mode"]
        last["scale"] = np.ones_like(x)
        if mode == "train":
            last["scale"] = ((_rng(dropout_param).random(x.shape) < p) / p).astype(x.dtype)
        return x * last["scale"], None

    def dropout_backward(dout, cache):
        return (dout * last["scale"]).astype(dout.dtype)

    return dropout_forward, dropout_backward


@pair_wrong("dropout_backward", "the cache holds x, and the gradient is multiplied by it", r"\bx\b|input|linear|factor|mask|depend")
def _():
    def dropout_forward(x, dropout_param):
        p, mode = dropout_param["p"], dropout_param["mode"]
        if mode == "test":
            return x, (mode, x)
        out = (x * (_rng(dropout_param).random(x.shape) < p) / p).astype(x.dtype)
        return out, (mode, out)

    def dropout_backward(dout, cache):
        mode, out = cache
        return dout if mode == "test" else dout * out

    return dropout_forward, dropout_backward


@pair_wrong("dropout_backward", "two: forward and backward both without the division by p", r"divid|/ ?p|scale|factor")
def _():
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] == "test":
            return x, None
        mask = (_rng(dropout_param).random(x.shape) < dropout_param["p"]).astype(x.dtype)
        return x * mask, mask

    def dropout_backward(dout, cache):
        return dout if cache is None else (dout * cache).astype(dout.dtype)

    return dropout_forward, dropout_backward


@pair_wrong("dropout_backward", "test mode only: the mask of an earlier training call is left in the dict and used", r"test|mode|mask|earlier|dict|old|train")
def _():
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] == "train":
            p = dropout_param["p"]
            dropout_param["mask"] = ((_rng(dropout_param).random(x.shape) < p) / p).astype(x.dtype)
            return x * dropout_param["mask"], dropout_param.get("mask")
        return x, dropout_param.get("mask")

    def dropout_backward(dout, cache):
        return dout if cache is None else (dout * cache).astype(dout.dtype)

    return dropout_forward, dropout_backward


# ================================================================ marginalize
@right
def marginalize(model, x, samples, rng):
    total = 0.0
    for _ in range(samples):
        scores = np.asarray(model(x, rng), dtype=np.float64)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        total = total + e / e.sum(axis=1, keepdims=True)
    return total / samples


@also("marginalize", "all passes stacked, softmax over the last axis")
def marginalize(model, x, samples, rng):
    scores = np.stack([model(x, rng) for _ in range(samples)])
    scores = scores - scores.max(-1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(-1, keepdims=True)
    return p.mean(0)


@also("marginalize", "torch.softmax, running mean")
def marginalize(model, x, samples, rng):
    mean = None
    for s in range(1, samples + 1):
        p = torch.softmax(torch.as_tensor(np.array(model(x, rng))), dim=1).numpy()
        mean = p if mean is None else mean + (p - mean) / s
    return mean


@wrong("marginalize", "softmax of the mean scores", r"score|order|before|after|softmax of|mean of|probabilit")
def marginalize(model, x, samples, rng):
    return _softmax(sum(model(x, rng) for _ in range(samples)) / samples)


@wrong("marginalize", "mean of the scores, no softmax", r"softmax|probabilit|sum|1\b|score")
def marginalize(model, x, samples, rng):
    return np.mean([model(x, rng) for _ in range(samples)], axis=0)


@wrong("marginalize", "without noise: model(x, None)", r"noise|rng|None")
def marginalize(model, x, samples, rng):
    return np.mean([_softmax(model(x, None)) for _ in range(samples)], axis=0)


@wrong("marginalize", "called once, the softmax repeated", r"once|samples|times|call|each|again")
def marginalize(model, x, samples, rng):
    scores = model(x, rng)
    return np.mean([_softmax(scores) for _ in range(samples)], axis=0)


@wrong("marginalize", "the same generator from a fixed seed for each pass: the same noise", r"same|rng|generator|noise|pass|seed")
def marginalize(model, x, samples, rng):
    return np.mean([_softmax(model(x, np.random.default_rng(0))) for _ in range(samples)], axis=0)


@wrong("marginalize", "a copy of rng for each pass: the same noise each time", r"same|copy|rng|noise|pass")
def marginalize(model, x, samples, rng):
    return np.mean([_softmax(model(x, copy.deepcopy(rng))) for _ in range(samples)], axis=0)


@wrong("marginalize", "not divided by the number of samples", r"divid|mean|sum|samples|1\b|average")
def marginalize(model, x, samples, rng):
    return sum(_softmax(model(x, rng)) for _ in range(samples))


@wrong("marginalize", "divided by the number of rows", r"divid|samples|rows|N\b|mean|sum|1\b")
def marginalize(model, x, samples, rng):
    return sum(_softmax(model(x, rng)) for _ in range(samples)) / len(x)


@wrong("marginalize", "softmax over the batch (axis 0)", r"axis|row|class|column|batch|sum")
def marginalize(model, x, samples, rng):
    total = 0
    for _ in range(samples):
        s = model(x, rng)
        e = np.exp(s - s.max(0))
        total = total + e / e.sum(0)
    return total / samples


@wrong("marginalize", "softmax over the samples: axis 0 of the stack", r"axis|class|sample|row|sum|1\b")
def marginalize(model, x, samples, rng):
    s = np.stack([model(x, rng) for _ in range(samples)])
    e = np.exp(s - s.max(0))
    return (e / e.sum(0)).mean(0)


@wrong("marginalize", "no shift: overflows for large scores", r"overflow|shift|large|max|finite|nan|inf|subtract")
def marginalize(model, x, samples, rng):
    total = 0
    for _ in range(samples):
        e = np.exp(model(x, rng))
        total = total + e / e.sum(1, keepdims=True)
    return total / samples


@wrong("marginalize", "one maximum for all rows: rows far below it underflow to 0 / 0", r"row|each|max|underflow|finite|nan|own|whole")
def marginalize(model, x, samples, rng):
    total = 0
    for _ in range(samples):
        s = model(x, rng)
        e = np.exp(s - s.max())
        total = total + e / e.sum(1, keepdims=True)
    return total / samples


@wrong("marginalize", "one maximum per row over all samples: a quieter pass underflows", r"sample|pass|each|max|underflow|finite|nan|own")
def marginalize(model, x, samples, rng):
    s = np.stack([model(x, rng) for _ in range(samples)])
    e = np.exp(s - s.max(axis=(0, 2), keepdims=True))
    return (e / e.sum(2, keepdims=True)).mean(0)


@wrong("marginalize", "sums the exponentials of all passes and normalises at the end: loud passes count more", r"each|normali|pass|weigh|softmax|order|before|mean")
def marginalize(model, x, samples, rng):
    s = np.stack([model(x, rng) for _ in range(samples)])
    e = np.exp(s - s.max(axis=(0, 2), keepdims=True)).sum(0)
    return e / e.sum(1, keepdims=True)


@wrong("marginalize", "votes: share of passes in which a class is on top", r"vote|argmax|label|probabilit|softmax|share")
def marginalize(model, x, samples, rng):
    votes = 0
    for _ in range(samples):
        s = model(x, rng)
        votes = votes + np.eye(s.shape[1])[s.argmax(1)]
    return votes / samples


@wrong("marginalize", "geometric mean of the probabilities", r"geometric|log|arithmetic|mean")
def marginalize(model, x, samples, rng):
    return _softmax(np.mean([_logp(model(x, rng)) for _ in range(samples)], axis=0))


@wrong("marginalize", "median over the samples", r"median|mean|sum|1\b")
def marginalize(model, x, samples, rng):
    return np.median([_softmax(model(x, rng)) for _ in range(samples)], axis=0)


@wrong("marginalize", "one pass too many", r"samples|times|one too|call|how many|count")
def marginalize(model, x, samples, rng):
    return np.mean([_softmax(model(x, rng)) for _ in range(samples + 1)], axis=0)


@wrong("marginalize", "a noiseless call for the shape of the result: samples + 1 calls", r"samples|times|call|None|noise|count|how many")
def marginalize(model, x, samples, rng):
    out = np.zeros(np.shape(model(x, None)))
    for _ in range(samples):
        out += _softmax(model(x, rng)) / samples
    return out


@wrong("marginalize", "row by row: the model is called N times as often", r"all of x|row|call|times|each|N\b")
def marginalize(model, x, samples, rng):
    return np.concatenate([np.mean([_softmax(model(x[i:i + 1], rng)) for _ in range(samples)], axis=0) for i in range(len(x))])


@wrong("marginalize", "(old + new) / 2: later passes count more", r"weigh|mean|equal|later|last|average|samples|each")
def marginalize(model, x, samples, rng):
    p = _softmax(model(x, rng))
    for _ in range(samples - 1):
        p = (p + _softmax(model(x, rng))) / 2
    return p


@wrong("marginalize", "returns the winning labels", r"probabilit|label|shape|N×C|argmax|class")
def marginalize(model, x, samples, rng):
    return np.mean([_softmax(model(x, rng)) for _ in range(samples)], axis=0).argmax(1)


@wrong("marginalize", "scores clipped to ±20 before the softmax", r"clip|large|score|20|exact")
def marginalize(model, x, samples, rng):
    return np.mean([_softmax(np.clip(model(x, rng), -20, 20)) for _ in range(samples)], axis=0)


@wrong("marginalize", "zeros like x: works only where there are as many classes as inputs", r"shape|class|C\b|N×C|broadcast|x\b")
def marginalize(model, x, samples, rng):
    total = np.zeros_like(x, dtype=float)
    for _ in range(samples):
        total += _softmax(model(x, rng))
    return total / samples


@wrong("marginalize", "two: softmax of the mean scores, without the shift", r"score|order|overflow|shift|before|after|probabilit|mean of")
def marginalize(model, x, samples, rng):
    e = np.exp(np.mean([model(x, rng) for _ in range(samples)], axis=0))
    return e / e.sum(1, keepdims=True)


@wrong("marginalize", "two: one pass too few, divided by samples; never called for one sample", r"samples|times|sum|1\b|call|few|count")
def marginalize(model, x, samples, rng):
    total = 0.0
    for _ in range(1, samples):
        total = total + _softmax(model(x, rng))
    return total / samples


# ================================================================ one_hot
@right
def one_hot(y, classes):
    table = np.zeros((len(y), classes))
    for row, label in enumerate(y):
        if not 0 <= label < classes:
            raise ValueError(f"label {label} is not one of 0 to {classes - 1}")
        table[row, int(label)] = 1
    return table


_one_hot = one_hot


@also("one_hot", "comparison with arange")
def one_hot(y, classes):
    y = np.asarray(y)
    outside = y[(y < 0) | (y >= classes)]
    if outside.size:
        raise ValueError(f"no class {outside[0]} among {classes}")
    return (y[:, None] == np.arange(classes)[None, :]).astype(np.float64)


@also("one_hot", "rows of the identity matrix; message lists all bad labels")
def one_hot(y, classes):
    bad = sorted({int(v) for v in y} - set(range(classes)))
    if bad:
        raise ValueError("labels outside 0.." + str(classes - 1) + ": " + ", ".join(map(str, bad)))
    return np.eye(classes)[np.asarray(y, dtype=int)]


@wrong("one_hot", "nothing checked: -1 sets the last column", r"negativ|below|-1|−1|ValueError|last")
def one_hot(y, classes):
    table = np.zeros((len(y), classes))
    table[np.arange(len(y)), y] = 1
    return table


@wrong("one_hot", "only the upper end is checked", r"negativ|below|-1|−1|ValueError|lower")
def one_hot(y, classes):
    for label in y:
        if label >= classes:
            raise ValueError(f"label {label} is too large")
    return np.eye(classes)[y]


@wrong("one_hot", "only the lower end is checked: IndexError above", r"IndexError|upper|above|ValueError|classes|large")
def one_hot(y, classes):
    if (np.asarray(y) < 0).any():
        raise ValueError(f"negative label {np.min(y)}")
    return np.eye(classes)[y]


@wrong("one_hot", "off by one: a label equal to classes passes the check (IndexError)", r"classes|IndexError|equal|not below|>=|ValueError")
def one_hot(y, classes):
    for label in y:
        if label < 0 or label > classes:
            raise ValueError(f"bad label {label}")
    table = np.zeros((len(y), classes))
    table[np.arange(len(y)), y] = 1
    return table


@wrong("one_hot", "message does not name the label", r"name|label|message|which")
def one_hot(y, classes):
    y = np.asarray(y)
    if ((y < 0) | (y >= classes)).any():
        raise ValueError("label out of range")
    return (y[:, None] == np.arange(classes)).astype(float)


@wrong("one_hot", "names the position instead of the label", r"name|label|message|position|index|which")
def one_hot(y, classes):
    table = np.zeros((len(y), classes))
    for i in range(len(y)):
        if y[i] < 0 or y[i] >= classes:
            raise ValueError(f"bad label at position {i}")
        table[i, y[i]] = 1
    return table


@wrong("one_hot", "names the largest label, also when it is a negative one that is wrong", r"name|label|message|negativ|which|largest")
def one_hot(y, classes):
    y = np.asarray(y)
    if len(y) and (y.min() < 0 or y.max() >= classes):
        raise ValueError(f"label {y.max()} does not fit")
    return np.eye(classes)[y]


@wrong("one_hot", "assert instead of ValueError", r"ValueError|Assertion|error")
def one_hot(y, classes):
    for label in y:
        assert 0 <= label < classes, f"label {label}"
    return np.eye(classes)[y]


@wrong("one_hot", "IndexError instead of ValueError", r"ValueError|IndexError|error")
def one_hot(y, classes):
    for label in y:
        if label not in range(classes):
            raise IndexError(f"label {label} is not below {classes}")
    return np.eye(classes)[y]


@wrong("one_hot", "float32", r"float64|float32|dtype")
def one_hot(y, classes):
    _one_hot(y, classes)
    return np.eye(classes, dtype=np.float32)[y]


@wrong("one_hot", "whole numbers: dtype int", r"float|int|dtype")
def one_hot(y, classes):
    _one_hot(y, classes)
    return (np.asarray(y)[:, None] == np.arange(classes)).astype(int)


@wrong("one_hot", "True and False", r"float|bool|dtype")
def one_hot(y, classes):
    _one_hot(y, classes)
    return np.asarray(y)[:, None] == np.arange(classes)


@wrong("one_hot", "classes x N", r"shape|transpos|row|column|N×|axis")
def one_hot(y, classes):
    return _one_hot(y, classes).T.copy()


@wrong("one_hot", "as many columns as the largest label asks for; classes only in the check", r"classes|column|shape|width|largest")
def one_hot(y, classes):
    _one_hot(y, classes)
    return np.eye(int(max(y)) + 1)[y]


@wrong("one_hot", "labels counted from 1", r"0|1\b|count|column|from|off")
def one_hot(y, classes):
    table = np.zeros((len(y), classes))
    for i, label in enumerate(y):
        if label < 0 or label >= classes:
            raise ValueError(f"label {label}")
        table[i, label - 1] = 1
    return table


@wrong("one_hot", "table[:, y] = 1: each row has all labels", r"row|own|each|all|column|index|\[:, ?y\]")
def one_hot(y, classes):
    table = _one_hot(y, classes)
    table[:, y] = 1
    return table


@wrong("one_hot", "labels outside give a row of zeros (TensorFlow)", r"ValueError|zero|raise|outside|error")
def one_hot(y, classes):
    return (np.asarray(y)[:, None] == np.arange(classes)).astype(float)


@wrong("one_hot", "labels outside clipped into the range", r"ValueError|clip|raise|outside|error")
def one_hot(y, classes):
    return np.eye(classes)[np.clip(y, 0, classes - 1)]


@wrong("one_hot", "max and min of an empty y: crashes without labels", r"empty|no label|zero-size|N|0")
def one_hot(y, classes):
    y = np.asarray(y)
    if y.min() < 0 or y.max() >= classes:
        raise ValueError(f"label {y.min() if y.min() < 0 else y.max()} is outside")
    table = np.zeros((len(y), classes))
    table[np.arange(len(y)), y] = 1
    return table


@wrong("one_hot", "two: negative labels not checked, off by one above", r"negativ|below|classes|IndexError|ValueError|-1")
def one_hot(y, classes):
    if len(y) and max(y) > classes:
        raise ValueError(f"label {max(y)}")
    return np.eye(classes)[y]


@wrong("one_hot", "two: float32 and a message without the label", r"float64|float32|dtype|name|label|message")
def one_hot(y, classes):
    y = np.asarray(y)
    if np.any((y < 0) | (y >= classes)):
        raise ValueError("labels must lie in [0, classes)")
    return np.eye(classes, dtype="float32")[y]


# ================================================================ smoothed_loss
@right
def smoothed_loss(scores, y, smoothing):
    N, C = scores.shape
    z = scores.astype(np.float64)
    z -= z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    q = np.full((N, C), smoothing / C)
    q[np.arange(N), y] += 1 - smoothing
    return -(q * log_p).sum() / N, ((np.exp(log_p) - q) / N).astype(scores.dtype)


@also("smoothed_loss", "torch's label_smoothing")
def smoothed_loss(scores, y, smoothing):
    t = torch.tensor(scores, requires_grad=True)
    loss = F.cross_entropy(t, torch.as_tensor(np.asarray(y)).long(), label_smoothing=float(smoothing))
    loss.backward()
    return loss.item(), t.grad.numpy()


@also("smoothed_loss", "mixture of two losses, example by example")
def smoothed_loss(scores, y, smoothing):
    n, c = scores.shape
    loss, grad = 0.0, np.empty_like(scores)
    for i, s in enumerate(scores.astype(float)):
        log_p = s - np.logaddexp.reduce(s)
        loss += (1 - smoothing) * -log_p[y[i]] + smoothing * -log_p.mean()
        row = np.exp(log_p) - smoothing / c
        row[y[i]] -= 1 - smoothing
        grad[i] = row / n
    return loss / n, grad


def _smoothed(scores, y, q, n=None, gq=None):
    log_p = _logp(scores)
    n = n or len(scores)
    g = (np.exp(log_p) * q.sum(1, keepdims=True) - q) if gq is None else np.exp(log_p) - gq
    return -(q * log_p).sum() / n, (g / n).astype(scores.dtype)


def _q(scores, y, e):
    hot = np.eye(scores.shape[1])[y]
    return (1 - e) * hot + e / scores.shape[1]


@wrong("smoothed_loss", "share given to the wrong classes only: ε / (C - 1)", r"C ?[-−] ?1|all|right class|wrong class|share|every")
def smoothed_loss(scores, y, smoothing):
    C = scores.shape[1]
    q = np.full(scores.shape, smoothing / (C - 1))
    q[np.arange(len(y)), y] = 1 - smoothing
    return _smoothed(scores, y, q)


@wrong("smoothed_loss", "right class gets 1 - ε only, the others ε / C: q does not sum to 1", r"right class|sum|1\b|share|ε|own")
def smoothed_loss(scores, y, smoothing):
    q = np.full(scores.shape, smoothing / scores.shape[1])
    q[np.arange(len(y)), y] = 1 - smoothing
    return _smoothed(scores, y, q, gq=q)


@wrong("smoothed_loss", "smoothing and 1 - smoothing exchanged", r"exchang|swap|1 ?[-−]|smoothing|right class|ε|share")
def smoothed_loss(scores, y, smoothing):
    return _smoothed(scores, y, _q(scores, y, 1 - smoothing))


@wrong("smoothed_loss", "gradient only: against the hard label", r"gradient|hard|smooth|label|q\b|dscores")
def smoothed_loss(scores, y, smoothing):
    return _smoothed(scores, y, _q(scores, y, smoothing), gq=_q(scores, y, 0))


@wrong("smoothed_loss", "loss only: hard labels, gradient smoothed", r"loss|hard|smooth|label")
def smoothed_loss(scores, y, smoothing):
    return _smoothed(scores, y, _q(scores, y, 0))[0], _smoothed(scores, y, _q(scores, y, smoothing))[1]


@wrong("smoothed_loss", "smoothing not read: always 0.1", r"smoothing|0\.1|ε")
def smoothed_loss(scores, y, smoothing):
    return _smoothed(scores, y, _q(scores, y, 0.1))


@wrong("smoothed_loss", "smoothing taken as percent", r"percent|100|smoothing|share|from 0 to 1")
def smoothed_loss(scores, y, smoothing):
    return _smoothed(scores, y, _q(scores, y, smoothing / 100))


@wrong("smoothed_loss", "uniform part forgotten: (1 - ε) times the hard loss", r"all|uniform|other|ε|share|every|wrong class|smooth")
def smoothed_loss(scores, y, smoothing):
    loss, d = _smoothed(scores, y, _q(scores, y, 0))
    return (1 - smoothing) * loss, ((1 - smoothing) * d).astype(scores.dtype)


@wrong("smoothed_loss", "uniform part not divided by C: every class gets ε", r"C\b|divid|share|equal|sum|ε")
def smoothed_loss(scores, y, smoothing):
    q = (1 - smoothing) * np.eye(scores.shape[1])[y] + smoothing
    return _smoothed(scores, y, q)


@wrong("smoothed_loss", "divided by N instead of C in the uniform part", r"C\b|N\b|divid|class|share|equal")
def smoothed_loss(scores, y, smoothing):
    q = (1 - smoothing) * np.eye(scores.shape[1])[y] + smoothing / len(scores)
    return _smoothed(scores, y, q)


@wrong("smoothed_loss", "divides by N·C", r"C\b|N\b|divid|mean|class")
def smoothed_loss(scores, y, smoothing):
    return _smoothed(scores, y, _q(scores, y, smoothing), n=scores.size)


@wrong("smoothed_loss", "gradient not divided by N", r"N\b|divid|mean|gradient")
def smoothed_loss(scores, y, smoothing):
    loss, d = _smoothed(scores, y, _q(scores, y, smoothing))
    return loss, d * len(scores)


@wrong("smoothed_loss", "Kullback-Leibler divergence: entropy of q taken off", r"entropy|kullback|KL|divergence|constant|log q|cross")
def smoothed_loss(scores, y, smoothing):
    q = _q(scores, y, smoothing)
    loss, d = _smoothed(scores, y, q)
    return loss + float((q * np.log(np.where(q > 0, q, 1))).sum()) / len(scores), d


@wrong("smoothed_loss", "log of a probability that rounds to 0: inf, and 0 · inf = nan without smoothing", r"log|inf|nan|0|finite|large|round")
def smoothed_loss(scores, y, smoothing):
    p = _softmax(scores)
    q = _q(scores, y, smoothing)
    return -(q * np.log(p)).sum() / len(scores), ((p - q) / len(scores)).astype(scores.dtype)


@wrong("smoothed_loss", "log(p + 1e-10)", r"1e-|add|exact|cap|log|large|round")
def smoothed_loss(scores, y, smoothing):
    p = _softmax(scores)
    q = _q(scores, y, smoothing)
    return -(q * np.log(p + 1e-10)).sum() / len(scores), ((p - q) / len(scores)).astype(scores.dtype)


@wrong("smoothed_loss", "no shift: overflow", r"overflow|shift|max|large|finite|nan|inf|subtract")
def smoothed_loss(scores, y, smoothing):
    log_p = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    q = _q(scores, y, smoothing)
    return -(q * log_p).sum() / len(scores), ((np.exp(log_p) - q) / len(scores)).astype(scores.dtype)


@wrong("smoothed_loss", "the scores are smoothed, not the labels", r"label|score|target|smooth")
def smoothed_loss(scores, y, smoothing):
    s = (1 - smoothing) * scores + smoothing / scores.shape[1]
    loss, d = _smoothed(s, y, _q(scores, y, 0))
    return loss, (d * (1 - smoothing)).astype(scores.dtype)


@wrong("smoothed_loss", "the probabilities are smoothed, not the labels", r"label|probabilit|target|smooth|log")
def smoothed_loss(scores, y, smoothing):
    t = torch.tensor(scores, requires_grad=True)
    p = (1 - smoothing) * torch.softmax(t, 1) + smoothing / t.shape[1]
    loss = -torch.log(p[torch.arange(len(y)), torch.as_tensor(np.asarray(y)).long()]).mean()
    loss.backward()
    return loss.item(), t.grad.numpy()


@wrong("smoothed_loss", "scores shifted in place", r"chang|in place|copy|scores")
def smoothed_loss(scores, y, smoothing):
    scores -= scores.max(1, keepdims=True)
    return _smoothed(scores, y, _q(scores, y, smoothing))


@wrong("smoothed_loss", "float64 gradient for float32 scores", r"dtype|float64|float32")
def smoothed_loss(scores, y, smoothing):
    q = _q(scores, y, smoothing)
    return _smoothed(scores, y, q)[0], (_softmax(scores) - q) / len(scores)


@wrong("smoothed_loss", "gradient's sign turned", r"sign|minus|direction|negat")
def smoothed_loss(scores, y, smoothing):
    loss, d = _smoothed(scores, y, _q(scores, y, smoothing))
    return loss, -d


@wrong("smoothed_loss", "two: ε / (C - 1) and the gradient not divided by N", r"C ?[-−] ?1|all|right class|N\b|divid|share")
def smoothed_loss(scores, y, smoothing):
    q = np.full(scores.shape, smoothing / (scores.shape[1] - 1))
    q[np.arange(len(y)), y] = 1 - smoothing
    loss, d = _smoothed(scores, y, q)
    return loss, d * len(scores)


@wrong("smoothed_loss", "two: hard labels in the gradient, sum over the batch in the loss", r"hard|gradient|mean|sum|N\b|divid|smooth")
def smoothed_loss(scores, y, smoothing):
    loss, d = _smoothed(scores, y, _q(scores, y, smoothing), gq=_q(scores, y, 0))
    return loss * len(scores), d


# ================================================================ bce_with_logits
@right
def bce_with_logits(z, y):
    s, t = np.asarray(z, np.float64), np.asarray(y, np.float64)
    small = np.exp(-np.abs(s))
    each = np.maximum(s, 0) - s * t + np.log1p(small)
    # σ(z) - y, without 1 - σ being rounded away
    slope = np.where(s >= 0, (1 - t) - small / (1 + small), small / (1 + small) - t)
    return float((each / s.size).sum()), np.asarray(slope / s.size).astype(z.dtype)


@also("bce_with_logits", "two logaddexp, weighted by the label")
def bce_with_logits(z, y):
    s = z.astype(np.float64)
    loss = np.sum((y * np.logaddexp(0, -s) + (1 - y) * np.logaddexp(0, s)) / z.size)
    sigma = np.exp(-np.logaddexp(0, -s))
    return loss, np.asarray((sigma - y) / z.size, dtype=z.dtype)


@also("bce_with_logits", "torch, in double precision")
def bce_with_logits(z, y):
    t = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    loss = -(torch.as_tensor(np.asarray(y, float)) * F.logsigmoid(t) + (1 - torch.as_tensor(np.asarray(y, float))) * F.logsigmoid(-t)).div(t.numel()).sum()
    loss.backward()
    return loss.item(), t.grad.numpy().astype(z.dtype)


@also("bce_with_logits", "positive and negative scores apart, with masks")
def bce_with_logits(z, y):
    up = z > 0
    loss, sigma = np.zeros(z.shape), np.zeros(z.shape)
    e = np.exp(-z[up].astype(float))
    loss[up], sigma[up] = (1 - y[up]) * z[up].astype(float) + np.log1p(e), 1 / (1 + e)
    e = np.exp(z[~up].astype(float))
    loss[~up], sigma[~up] = -y[~up] * z[~up].astype(float) + np.log1p(e), e / (1 + e)
    return (loss / loss.size).sum(), np.asarray((sigma - y) / z.size).astype(z.dtype)


def _sigma(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def _bce(z, y):
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


def _dz(z, y):
    return np.asarray((_sigma(z) - y) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "written as in the formula: log(0) at both ends", r"log|inf|nan|0|finite|large|overflow|end")
def bce_with_logits(z, y):
    p = 1 / (1 + np.exp(-z))
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    return loss, ((p - y) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "log(p + 1e-12)", r"1e-|add|exact|small|log|cap|large")
def bce_with_logits(z, y):
    p = _sigma(z)
    loss = -(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12)).mean()
    return loss, _dz(z, y)


@wrong("bce_with_logits", "probabilities clipped at 1e-7 (Keras)", r"clip|1e-|exact|small|cap|log|large")
def bce_with_logits(z, y):
    p = np.clip(_sigma(z), 1e-7, 1 - 1e-7)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(), _dz(z, y)


@wrong("bce_with_logits", "log(1 + e^-|z|) without log1p: small losses round to 0", r"log1p|small|1e-18|exact|round|digits|0")
def bce_with_logits(z, y):
    loss = (np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z)))).mean()
    return loss, _dz(z, y)


@wrong("bce_with_logits", "logaddexp(0, z) - y z: for a sure and right yes the difference cancels", r"cancel|small|1e-18|exact|round|digits|subtract|differ|0")
def bce_with_logits(z, y):
    return (np.logaddexp(0, z) - y * z).mean(), _dz(z, y)


@wrong("bce_with_logits", "no end only: log σ is stable, log(1 - σ) is not", r"1 ?[-−] ?σ|log|inf|nan|0|small|exact|large|finite")
def bce_with_logits(z, y):
    log_yes = -np.logaddexp(0, -z)
    log_no = np.log(1 - np.exp(log_yes))
    loss = -(y * log_yes + (1 - y) * log_no).mean()
    return loss, ((np.exp(log_yes) - y) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "gradient only: 1 / (1 + exp(-z)) overflows with a warning for very negative scores", r"warn|overflow|sigmoid|σ|large|negativ|gradient")
def bce_with_logits(z, y):
    return _bce(z, y).mean(), ((1 / (1 + np.exp(-z)) - y) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "np.where with both branches computed: exp overflows with a warning", r"warn|overflow|where|branch|both")
def bce_with_logits(z, y):
    sigma = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
    return _bce(z, y).mean(), ((sigma - y) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "scores clipped to ±30", r"clip|30|exact|large|small|1e-18|limit")
def bce_with_logits(z, y):
    c = np.clip(z, -30, 30)
    return _bce(c, y).mean(), _dz(c, y)


@wrong("bce_with_logits", "sum instead of the mean", r"mean|sum|divid|size")
def bce_with_logits(z, y):
    return _bce(z, y).sum(), (_sigma(z) - y).astype(z.dtype)


@wrong("bce_with_logits", "gradient not divided by the number of entries", r"divid|mean|size|entries|gradient")
def bce_with_logits(z, y):
    return _bce(z, y).mean(), (_sigma(z) - y).astype(z.dtype)


@wrong("bce_with_logits", "gradient divided by the number of rows, not of entries", r"divid|size|entries|rows|all|len")
def bce_with_logits(z, y):
    return _bce(z, y).mean(), ((_sigma(z) - y) / len(np.atleast_1d(z))).astype(z.dtype)


@wrong("bce_with_logits", "sum over the columns, mean over the rows", r"mean|all|entries|sum|columns|rows|size|divid")
def bce_with_logits(z, y):
    n = len(np.atleast_1d(z))
    return _bce(z, y).sum() / n, ((_sigma(z) - y) / n).astype(z.dtype)


@wrong("bce_with_logits", "gradient's sign turned: y - σ(z)", r"sign|minus|direction|negat")
def bce_with_logits(z, y):
    return _bce(z, y).mean(), -_dz(z, y)


@wrong("bce_with_logits", "gradient times σ' (as for a squared error)", r"σ|slope|derivative|factor|sigmoid|squar|1 ?[-−]")
def bce_with_logits(z, y):
    p = _sigma(z)
    return _bce(z, y).mean(), ((p - y) * p * (1 - p) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "labels made hard at one half", r"soft|hard|label|0\.5|half|round|thresh")
def bce_with_logits(z, y):
    t = (y > 0.5).astype(float)
    return _bce(z, t).mean(), _dz(z, t)


@wrong("bce_with_logits", "yes and no exchanged", r"exchang|swap|sign|label|1 ?[-−] ?y|yes")
def bce_with_logits(z, y):
    return _bce(z, 1 - y).mean(), _dz(z, 1 - y)


@wrong("bce_with_logits", "only the yes term: (1 - y) log(1 - σ) forgotten", r"1 ?[-−] ?y|no\b|second|term|forgot|0")
def bce_with_logits(z, y):
    return (y * np.logaddexp(0, -z)).mean(), (-y * _sigma(-z) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "gradient float64 for float32 scores", r"dtype|float64|float32")
def bce_with_logits(z, y):
    return _bce(z, y).mean(), (_sigma(z).astype(np.float64) - y) / z.size


@wrong("bce_with_logits", "scores changed in place: np.abs(z, out=z)", r"chang|in place|copy|z\b")
def bce_with_logits(z, y):
    loss, dz = np.maximum(z, 0) - z * y, _dz(z, y)
    np.abs(z, out=z)
    return (loss + np.log1p(np.exp(-z))).mean(), dz


@wrong("bce_with_logits", "bits: log2", r"log2|bits|nat|natural|base")
def bce_with_logits(z, y):
    return _bce(z, y).mean() / np.log(2), _dz(z, y)


@wrong("bce_with_logits", "labels -1 and 1 expected: log(1 + e^(-(2y - 1) z)), wrong for soft labels", r"soft|label|half|between|linear|weigh")
def bce_with_logits(z, y):
    s = 2 * y - 1
    return np.logaddexp(0, -s * z).mean(), (-s * _sigma(-s * z) / z.size).astype(z.dtype)


@wrong("bce_with_logits", "two: log without log1p, and the gradient not divided", r"log1p|small|1e-18|divid|mean|size|exact")
def bce_with_logits(z, y):
    return (np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z)))).mean(), (_sigma(z) - y).astype(z.dtype)


@wrong("bce_with_logits", "two: hard labels, and the σ that overflows with a warning", r"soft|hard|label|warn|overflow|σ")
def bce_with_logits(z, y):
    t = np.round(y)
    return _bce(z, t).mean(), ((1 / (1 + np.exp(-z)) - t) / z.size).astype(z.dtype)


# ================================================================ ensemble_predict
@right
def ensemble_predict(models, x):
    mean = 0.0
    for model in models:
        scores = np.asarray(model(x), dtype=np.float64)
        e = np.exp(scores - scores.max(1, keepdims=True))
        mean = mean + e / e.sum(1, keepdims=True) / len(models)
    return mean


@also("ensemble_predict", "comprehension with log-sum-exp")
def ensemble_predict(models, x):
    outputs = [np.asarray(m(x)) for m in models]
    return np.mean([np.exp(s - np.logaddexp.reduce(s, axis=1, keepdims=True)) for s in outputs], axis=0)


@also("ensemble_predict", "torch, stacked")
def ensemble_predict(models, x):
    scores = torch.stack([torch.as_tensor(np.array(model(x))) for model in models], dim=0)
    return F.softmax(scores, dim=-1).mean(dim=0).numpy()


@wrong("ensemble_predict", "mean of the scores, then softmax: the model with the largest scale decides", r"score|scale|order|before|after|mean of|probabilit")
def ensemble_predict(models, x):
    return _softmax(np.mean([m(x) for m in models], axis=0))


@wrong("ensemble_predict", "mean of the scores, no softmax", r"softmax|probabilit|score|sum")
def ensemble_predict(models, x):
    return np.mean([m(x) for m in models], axis=0)


@wrong("ensemble_predict", "sum, not mean", r"divid|mean|sum|1\b|average")
def ensemble_predict(models, x):
    return sum(_softmax(m(x)) for m in models)


@wrong("ensemble_predict", "divided by the rows instead of the models", r"divid|models|rows|len|mean|sum|1\b")
def ensemble_predict(models, x):
    return sum(_softmax(m(x)) for m in models) / len(x)


@wrong("ensemble_predict", "votes", r"vote|argmax|label|probabilit|softmax")
def ensemble_predict(models, x):
    total = 0
    for m in models:
        s = m(x)
        total = total + np.eye(s.shape[1])[s.argmax(1)]
    return total / len(models)


@wrong("ensemble_predict", "no shift: overflow for large scores", r"overflow|shift|large|max|finite|nan|inf|subtract")
def ensemble_predict(models, x):
    return np.mean([np.exp(m(x)) / np.exp(m(x)).sum(1, keepdims=True) for m in models], axis=0)


@wrong("ensemble_predict", "one maximum for all rows of a model: rows far below underflow", r"row|each|max|underflow|finite|nan|whole|own")
def ensemble_predict(models, x):
    out = []
    for m in models:
        s = m(x)
        e = np.exp(s - s.max())
        out.append(e / e.sum(1, keepdims=True))
    return np.mean(out, axis=0)


@wrong("ensemble_predict", "softmax over the models: axis 0 of the stack", r"axis|class|model|sum|row")
def ensemble_predict(models, x):
    s = np.stack([m(x) for m in models])
    e = np.exp(s - s.max(0))
    return (e / e.sum(0)).mean(0)


@wrong("ensemble_predict", "exponentials of all models summed, normalised at the end", r"each|normali|model|weigh|softmax|scale|order|before")
def ensemble_predict(models, x):
    s = np.stack([m(x) for m in models])
    e = np.exp(s - s.max(axis=(0, 2), keepdims=True)).sum(0)
    return e / e.sum(1, keepdims=True)


@wrong("ensemble_predict", "geometric mean, normalised", r"geometric|log|arithmetic|mean")
def ensemble_predict(models, x):
    return _softmax(np.mean([_logp(m(x)) for m in models], axis=0))


@wrong("ensemble_predict", "(old + new) / 2: with three models the last one counts half", r"weigh|mean|equal|last|later|average|each")
def ensemble_predict(models, x):
    p = _softmax(models[0](x))
    for m in models[1:]:
        p = (p + _softmax(m(x))) / 2
    return p


@wrong("ensemble_predict", "the first model left out (range from 1), divided by all", r"first|all|every|model|sum|1\b")
def ensemble_predict(models, x):
    return sum((_softmax(models[k](x)) for k in range(1, len(models))), 0.0) / len(models)


@wrong("ensemble_predict", "model(x, None): the models take one argument", r"argument|model\(x|None|TypeError|x\b")
def ensemble_predict(models, x):
    return np.mean([_softmax(m(x, None)) for m in models], axis=0)


@wrong("ensemble_predict", "softmax twice: of the mean probabilities", r"twice|softmax|again|probabilit|second")
def ensemble_predict(models, x):
    return _softmax(np.mean([_softmax(m(x)) for m in models], axis=0))


@wrong("ensemble_predict", "scores brought to one scale first (divided by their standard deviation)", r"scale|divid|standard deviation|temper|score|own")
def ensemble_predict(models, x):
    return np.mean([_softmax(m(x) / m(x).std()) for m in models], axis=0)


@wrong("ensemble_predict", "two: mean of scores, and no shift", r"score|scale|overflow|shift|order|mean of")
def ensemble_predict(models, x):
    e = np.exp(sum(m(x) for m in models) / len(models))
    return e / e.sum(1, keepdims=True)


@wrong("ensemble_predict", "two: axis 0 of each table, and the sum instead of the mean", r"axis|row|class|mean|sum|1\b")
def ensemble_predict(models, x):
    total = 0
    for m in models:
        s = m(x)
        e = np.exp(s - s.max(0))
        total = total + e / e.sum(0)
    return total


# ================================================================ enable_dropout
_DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)


@right
def enable_dropout(model):
    model.eval()
    for module in model.modules():
        if isinstance(module, (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)):
            module.train()


@also("enable_dropout", "sets training for every module by its type's home")
def enable_dropout(model):
    for m in model.modules():
        m.training = type(m).__module__ == "torch.nn.modules.dropout"


@also("enable_dropout", "apply, types looked up in torch.nn")
def enable_dropout(model):
    kinds = tuple(getattr(nn, name) for name in dir(nn) if "Dropout" in name)

    def switch(module):
        if isinstance(module, kinds):
            module.train(True)

    model.train(False)
    model.apply(switch)


@wrong("enable_dropout", "nn.Dropout only: Dropout2d, AlphaDropout and the like stay off", r"Dropout2d|Alpha|Dropout1d|Dropout3d|kind|other|every|Feature")
def enable_dropout(model):
    model.eval()
    for m in model.modules():
        if isinstance(m, nn.Dropout):
            m.train()


@wrong("enable_dropout", "names that begin with Dropout: AlphaDropout is missed", r"Alpha|begin|name|every|Feature")
def enable_dropout(model):
    model.eval()
    for m in model.modules():
        if type(m).__name__.startswith("Dropout"):
            m.train()


@wrong("enable_dropout", "children only: layers deeper down stay off", r"deep|nested|children|any depth|modules|inside")
def enable_dropout(model):
    model.eval()
    for m in model.children():
        if isinstance(m, _DROPOUTS):
            m.train()


@wrong("enable_dropout", "iterates the model: works for nn.Sequential only", r"Sequential|iter|deep|nested|any|modules")
def enable_dropout(model):
    model.eval()
    for m in model:
        if isinstance(m, _DROPOUTS):
            m.train()


@wrong("enable_dropout", "model.train(): batch norm trains too", r"batch ?norm|everything|evaluation|eval|only|rest|other")
def enable_dropout(model):
    model.train()


@wrong("enable_dropout", "train, then batch norms to eval: everything else stays in training mode", r"everything|else|eval|only|batch ?norm|rest|other|mode")
def enable_dropout(model):
    model.train()
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.eval()


@wrong("enable_dropout", "no eval first: a model in training mode stays there", r"eval|everything|else|any mode|rest|other|before")
def enable_dropout(model):
    for m in model.modules():
        if isinstance(m, _DROPOUTS):
            m.train()


@wrong("enable_dropout", "eval after: dropout is switched off again", r"order|after|off|eval|dropout|again")
def enable_dropout(model):
    for m in model.modules():
        if isinstance(m, _DROPOUTS):
            m.train()
    model.eval()


@wrong("enable_dropout", "every class with Dropout in its name, blocks of one's own too: m.train() takes their batch norm along", r"block|own|torch\.nn|name|container|batch ?norm|inside|custom|class")
def enable_dropout(model):
    model.eval()
    for m in model.modules():
        if "Dropout" in type(m).__name__:
            m.train()


@wrong("enable_dropout", "attributes whose name contains 'drop'", r"name|type|attribute|every|layer|called")
def enable_dropout(model):
    model.eval()
    for name, m in model.named_modules():
        if "drop" in name.lower():
            m.train()


@wrong("enable_dropout", "works on a copy and returns it: the model does not change", r"copy|chang|itself|model|return")
def enable_dropout(model):
    model = copy.deepcopy(model)
    model.eval()
    for m in model.modules():
        if isinstance(m, _DROPOUTS):
            m.train()
    return model


@wrong("enable_dropout", "recursion over the children never looks at the model itself: a lone dropout layer stays off", r"itself|alone|lone|single|root|model")
def enable_dropout(model):
    def walk(module):
        for child in module.children():
            if isinstance(child, _DROPOUTS):
                child.train()
            walk(child)

    model.eval()
    walk(model)


@wrong("enable_dropout", "any module with an attribute p counts as dropout", r"\bp\b|attribute|type|other|else|every")
def enable_dropout(model):
    model.eval()
    for m in model.modules():
        if hasattr(m, "p"):
            m.train()


@wrong("enable_dropout", "parents of dropout layers switched to training as well (batch norm beside it trains)", r"parent|container|batch ?norm|Sequential|only|else|eval|beside")
def enable_dropout(model):
    model.eval()
    for m in model.modules():
        if any(isinstance(c, _DROPOUTS) for c in m.children()):
            m.train()
        elif isinstance(m, _DROPOUTS):
            m.train()


@wrong("enable_dropout", "only leaves are put into evaluation mode: containers keep their training flag", r"container|parent|everything|root|flag|else|eval|Sequential|model")
def enable_dropout(model):
    for m in model.modules():
        if not list(m.children()):
            m.training = isinstance(m, _DROPOUTS)


@wrong("enable_dropout", "switches the first dropout layer only (break)", r"every|all|first|only|each|second")
def enable_dropout(model):
    model.eval()
    for m in model.modules():
        if isinstance(m, _DROPOUTS):
            m.train()
            break


@wrong("enable_dropout", "two: children only, and nn.Dropout only", r"deep|nested|children|Dropout2d|Alpha|any depth|kind")
def enable_dropout(model):
    model.eval()
    for m in model.children():
        if type(m) is nn.Dropout:
            m.train()


@wrong("enable_dropout", "two: no eval first, and AlphaDropout missed", r"eval|everything|Alpha|any mode|else|Feature")
def enable_dropout(model):
    for m in model.modules():
        if isinstance(m, (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)):
            m.train()


# ================================================================ more with two faults
@wrong("softmax_loss", "two: p[:, y] -= 1, and loss summed over the batch", r"row|right class|index|own|mean|sum|N\b|divid")
def softmax_loss(x, y):
    rows = np.arange(len(x))
    log_p = _logp(x)
    dx = np.exp(log_p)
    dx[:, y] -= 1
    return -log_p[rows, y].sum(), dx / len(x)


@wrong("svm_loss", "two: >= at the kink, and divided by C - 1 as well", r"exact|kink|>=|C\b|class|divid")
def svm_loss(x, y, margin=1.0):
    return _hinge(x, y, margin, kink=np.greater_equal, scale=len(x) * (x.shape[1] - 1))


@wrong("l2_penalty", "two: gradient 2λW for a cost with ½, and unpunished names missing", r"2|twice|½|half|missing|name|gradient")
def l2_penalty(params, lam):
    cost, grads = _penalty(params, lam, _c2, lambda w, lam: 2 * lam * w)
    return cost, {n: g for n, g in grads.items() if n[0] == "W"}


@wrong("l1_penalty", "two: 'W' anywhere in the name, and λ|W| as gradient", r"begin|start|name|sign|abs|gradient")
def l1_penalty(params, lam):
    return _penalty(params, lam, _c1, lambda w, lam: lam * np.abs(w), lambda name, w: "W" in name)


@wrong("dropout_forward", "two: divided by the share that was kept, with a generator stored in the dict", r"/ ?p|share|divid|factor|seed|each call|stor|again")
def dropout_forward(x, dropout_param):
    return _drop(x, dropout_param, scale=lambda p, m: 1 / max(m.mean(), 1e-12),
                 rng=lambda d: d["rng"] if "rng" in d else d.setdefault("rng", np.random.default_rng(d["seed"])))


@wrong("dropout_backward", "two: dout / p in test mode, float64 in training", r"test|mode|divid|dtype|float64")
def dropout_backward(dout, cache):
    mode, p, keep = cache
    return (dout / p).astype(dout.dtype) if mode == "test" else dout * (keep / p)


@wrong("marginalize", "two: the same noise in each pass, and the softmax over the batch", r"same|noise|rng|axis|row|class")
def marginalize(model, x, samples, rng):
    total = 0.0
    for _ in range(samples):
        s = model(x, copy.deepcopy(rng))
        e = np.exp(s - s.max(0))
        total = total + e / e.sum(0)
    return total / samples


@wrong("smoothed_loss", "two: smoothing in percent, scores shifted in place", r"percent|100|smoothing|share|chang|in place|copy")
def smoothed_loss(scores, y, smoothing):
    scores -= scores.max(1, keepdims=True)
    return _smoothed(scores, y, _q(scores, y, smoothing / 100))


@wrong("bce_with_logits", "two: sum over the columns with mean over the rows, and y - σ(z)", r"mean|all|entries|sum|rows|size|sign|divid")
def bce_with_logits(z, y):
    n = z.shape[0] if z.ndim else 1
    return _bce(z, y).sum() / n, np.asarray((y - _sigma(z)) / n).astype(z.dtype)


@wrong("enable_dropout", "two: eval on the batch norms only, and Dropout2d and the rest forgotten", r"eval|everything|else|Dropout2d|Alpha|kind|rest")
def enable_dropout(model):
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
        if isinstance(m, nn.Dropout):
            m.train()
