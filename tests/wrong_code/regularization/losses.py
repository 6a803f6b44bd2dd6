"""Notebook 05: losses as people really write them wrong."""

import numpy as np
from wrong_code import wrong


def _probabilities(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _gradient(p, y):
    dx = p.copy()
    dx[np.arange(len(y)), y] -= 1
    return dx / len(y)


@wrong("softmax_loss", "exp_overflows")
def softmax_loss(x, y):
    p = np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y])), _gradient(p, y)


@wrong("softmax_loss", "log_of_zero")
def softmax_loss(x, y):  # as in the assignments of 2016
    probs = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    N = x.shape[0]
    loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


@wrong("softmax_loss", "log_patched")
def softmax_loss(x, y):
    p = _probabilities(x)
    return -np.mean(np.log(p[np.arange(len(y)), y] + 1e-12)), _gradient(p, y)


def _log_probabilities(x):
    shifted = x - x.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


@wrong("softmax_loss", "summed_not_averaged")
def softmax_loss(x, y):
    log_p = _log_probabilities(x)
    return -log_p[np.arange(len(y)), y].sum(), _gradient(np.exp(log_p), y) * len(y)


@wrong("softmax_loss", "gradient_not_averaged")
def softmax_loss(x, y):
    log_p = _log_probabilities(x)
    dx = np.exp(log_p)
    dx[np.arange(len(y)), y] -= 1
    return -log_p[np.arange(len(y)), y].mean(), dx


@wrong("softmax_loss", "averaged_over_classes_too")
def softmax_loss(x, y):
    log_p = _log_probabilities(x)
    table = np.eye(x.shape[1], dtype=x.dtype)[y]
    return -np.mean(table * log_p), (np.exp(log_p) - table) / len(y)


@wrong("softmax_loss", "label_left_out_of_the_gradient")
def softmax_loss(x, y):
    log_p = _log_probabilities(x)
    return -log_p[np.arange(len(y)), y].mean(), np.exp(log_p) / len(y)


@wrong("softmax_loss", "whole_columns_changed")
def softmax_loss(x, y):
    log_p = _log_probabilities(x)
    dx = np.exp(log_p)
    dx[:, y] -= 1
    return -log_p[np.arange(len(y)), y].mean(), dx / len(y)


@wrong("softmax_loss", "wider_dtype")
def softmax_loss(x, y):
    log_p = _log_probabilities(x)
    table = np.eye(x.shape[1])[y]
    return -(table * log_p).sum() / len(y), (np.exp(log_p) - table) / len(y)


def _margins(x, y, margin):
    rows = np.arange(len(y))
    table = np.maximum(0, x - x[rows, y][:, None] + margin)
    table[rows, y] = 0
    return table


def _counted(mask, x, y):
    dx = mask.astype(x.dtype)
    dx[np.arange(len(y)), y] = 0
    dx[np.arange(len(y)), y] = -dx.sum(1)
    return dx / len(y)


@wrong("svm_loss", "right_class_counted")
def svm_loss(x, y, margin=1.0):
    table = np.maximum(0, x - x[np.arange(len(y)), y][:, None] + margin)
    return table.sum() / len(y), _counted(table > 0, x, y)


@wrong("svm_loss", "unread:margin")
def svm_loss(x, y, margin=1.0):
    table = _margins(x, y, 1)
    return table.sum() / len(y), _counted(table > 0, x, y)


@wrong("svm_loss", "right_class_counted_once")
def svm_loss(x, y, margin=1.0):
    table = _margins(x, y, margin)
    dx = (table > 0).astype(x.dtype)
    dx[np.arange(len(y)), y] = -1
    return table.sum() / len(y), dx / len(y)


@wrong("svm_loss", "every_class_counted")
def svm_loss(x, y, margin=1.0):
    table = _margins(x, y, margin)
    return table.sum() / len(y), _counted(table >= 0, x, y)


@wrong("svm_loss", "kink_counted")
def svm_loss(x, y, margin=1.0):
    difference = x - x[np.arange(len(y)), y][:, None] + margin
    return _margins(x, y, margin).sum() / len(y), _counted(difference >= 0, x, y)


@wrong("svm_loss", "divided_by_classes")
def svm_loss(x, y, margin=1.0):
    table = _margins(x, y, margin)
    return table.mean(), _counted(table > 0, x, y) / x.shape[1]


@wrong("svm_loss", "one_against_the_rest")
def svm_loss(x, y, margin=1.0):
    t = 2 * np.eye(x.shape[1], dtype=x.dtype)[y] - 1
    hinges = np.maximum(0, margin - t * x)
    return hinges.sum() / len(y), -t * (hinges > 0) / len(y)


@wrong("one_hot", "error_of_another_kind", "minus_one_is_the_last_class")
def one_hot(y, classes):
    return np.eye(classes)[y]


@wrong("one_hot", "label_not_named", "classes_from_the_labels")
def one_hot(y, classes):
    if y.min() < 0 or y.max() >= classes:
        raise ValueError("label out of range")
    return np.eye(y.max() + 1)[y]


@wrong("one_hot", "label_not_named", "truth_values")
def one_hot(y, classes):
    if y.min() < 0 or y.max() >= classes:
        raise ValueError("label out of range")
    return y[:, None] == np.arange(classes)


@wrong("bce_with_logits", "zero_times_infinity")
def bce_with_logits(z, y):
    s = np.where(z > 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))
    return -np.mean(y * np.log(s) + (1 - y) * np.log(1 - s)), (s - y) / z.size


@wrong("bce_with_logits", "tiny_loss_lost")
def bce_with_logits(z, y):
    e = np.exp(-np.abs(z))
    s = np.where(z > 0, 1, e) / (1 + e)
    return np.mean(np.maximum(z, 0) - z * y + np.log(1 + e)), (s - y) / z.size


@wrong("bce_with_logits", "averaged_over_rows_only")
def bce_with_logits(z, y):
    e = np.exp(-np.abs(z))
    s = np.where(z > 0, 1, e) / (1 + e)
    return np.sum(np.maximum(z, 0) - z * y + np.log1p(e)) / len(z), (s - y) / len(z)


@wrong("bce_with_logits", "gradient_not_averaged")
def bce_with_logits(z, y):
    e = np.exp(-np.abs(z))
    s = np.where(z > 0, 1, e) / (1 + e)
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(e)), s - y


@wrong("softmax_loss", "only_the_gradient_averaged")
def softmax_loss(x, y):
    shifted, rows = x - x.max(1, keepdims=True), np.arange(len(y))
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].sum(), dx / len(y)


def _hinges(x, y, margin, over):
    rows = np.arange(len(y))
    excess = np.maximum(x - x[rows, y][:, None] + margin, 0)
    excess[rows, y] = 0
    dx = (excess > 0).astype(x.dtype)
    dx[rows, y] = -dx.sum(1)
    return excess.sum() / over, dx / len(y)


@wrong("svm_loss", "only_the_gradient_averaged")
def svm_loss(x, y, margin=1.0):
    return _hinges(x, y, margin, 1)


@wrong("svm_loss", "margin_forgotten")
def svm_loss(x, y, margin=1.0):
    return _hinges(x, y, 0, len(y))


@wrong("softmax_loss", "one_shift_and_a_patch")
def softmax_loss(x, y):
    shifted, rows = x - x.max(), np.arange(len(y))
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True) + 1e-12)
    dx = np.exp(logs)
    dx[rows, y] -= 1
    return -logs[rows, y].mean(), dx / len(y)


@wrong("softmax_loss", "one_shift_and_the_least_patch")
def softmax_loss(x, y):
    shifted, rows = x - x.max(), np.arange(len(y))
    total = np.maximum(np.exp(shifted).sum(axis=1), np.finfo(x.dtype).tiny)
    logs = shifted - np.log(total)[:, None]
    dx = np.exp(logs)
    dx[rows, y] -= 1
    return -logs[rows, y].mean(), dx / len(y)
