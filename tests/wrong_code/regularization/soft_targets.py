"""Notebook 05: label smoothing as people really write it wrong."""

import numpy as np
from wrong_code import wrong


def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong("smoothed_loss", "wider_dtype", "log_of_zero", "others_share_it_all")
def smoothed_loss(scores, y, smoothing):
    p = softmax(scores)
    n, c = p.shape
    q = np.full(p.shape, smoothing / (c - 1))
    q[np.arange(n), y] = 1 - smoothing
    return -np.mean(np.sum(q * np.log(p), axis=1)), (p - q) / n


@wrong("smoothed_loss", "overflows")
def smoothed_loss(scores, y, smoothing):
    e = np.exp(scores)
    p = e / e.sum(axis=1, keepdims=True)
    q = np.eye(scores.shape[1])[y] * (1 - smoothing) + smoothing / scores.shape[1]
    return -np.mean(np.sum(q * np.log(p), axis=1)), (p - q) / len(y)


@wrong("smoothed_loss", "gradient_of_hard_labels")
def smoothed_loss(scores, y, smoothing):
    n, c = scores.shape
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    q = np.eye(c)[y] * (1 - smoothing) + smoothing / c
    d = np.exp(logs)
    d[np.arange(n), y] -= 1
    return -(q * logs).sum() / n, d / n


@wrong("smoothed_loss", "smoothing_given_in_the_loss_only")
def smoothed_loss(scores, y, smoothing):
    logs, rows = np.log(softmax(scores)), np.arange(len(y))
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    d = np.exp(logs)
    d[rows, y] -= 1 - smoothing
    loss = (smoothing - 1) * logs[rows, y].mean() - smoothing * logs.mean()
    return loss, d / len(y)
