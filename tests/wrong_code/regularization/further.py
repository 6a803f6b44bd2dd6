"""Notebook 05: what further learners, who had seen no check, wrote wrong."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong


def _softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _penalty(exercise, identity, cost_of, chosen=lambda found: found, priced=lambda names: names):
    def penalty(params, lam):
        names = [name for name in params if name.startswith("W")]
        cost = sum(cost_of(params[name], lam) for name in priced(names))
        grads = {
            name: lam * (value if exercise == "l2_penalty" else np.sign(value))
            if name in chosen(names) else np.zeros_like(value)
            for name, value in params.items()
        }  # fmt: skip
        return cost, grads

    penalty.__name__ = exercise
    wrong(exercise, identity)(penalty)


def _half_square(W, lam):
    return 0.5 * lam * np.sum(W**2)


def _sizes(W, lam):
    return lam * np.sum(np.abs(W))


_penalty("l2_penalty", "spectral_norm",
         lambda W, lam: 0.5 * lam * np.linalg.norm(W.reshape(len(W), -1), 2) ** 2)  # fmt: skip
_penalty("l2_penalty", "spectral_norm_of_matrices",
         lambda W, lam: 0.5 * lam * np.linalg.norm(W, 2) ** 2)  # fmt: skip
_penalty("l2_penalty", "first_layer_only", _half_square, priced=lambda names: names[:1])
_penalty("l2_penalty", "gradient_of_the_first_alone", _half_square, lambda names: names[:1])
_penalty("l1_penalty", "gradient_of_the_last_alone", _sizes, lambda names: names[-1:])


@wrong("softmax_loss", "labels_counted_from_one")
def softmax_loss(x, y):
    y = y - 1
    rows = np.arange(len(y))
    shifted = x - x.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(logs)
    dx[rows, y] -= 1
    return -logs[rows, y].mean(), dx / x.dtype.type(len(y))


@wrong("svm_loss", "default:margin")
def svm_loss(x, y, margin=0.5):
    rows = np.arange(len(y))
    excess = np.maximum(x - x[rows, y][:, None] + x.dtype.type(margin), 0)
    excess[rows, y] = 0
    dx = np.sign(excess)
    dx[rows, y] = -dx.sum(axis=1)
    return excess.sum() / len(y), dx / x.dtype.type(len(y))


@wrong("bce_with_logits", "tiny_loss_cancels_for_a_no")
def bce_with_logits(z, y):
    s = torch.tensor(z, requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(s, torch.tensor(y))
    loss.backward()
    return loss.item(), s.grad.numpy()


@wrong("ensemble_predict", "divided_by_the_largest")
def ensemble_predict(models, x):
    total = sum(_softmax(model(x)) for model in models)
    return total / total.max(axis=1, keepdims=True)


@wrong("marginalize", "one_sample_without_noise")
def marginalize(model, x, samples, rng):
    if samples == 1:
        return _softmax(model(x, None))
    return sum(_softmax(model(x, rng)) for _ in range(samples)) / samples


@wrong("enable_dropout", "two_levels_only")
def enable_dropout(model):
    model.eval()
    for child in model.children():
        for module in (child, *child.children()):
            if type(module).__module__.startswith(nn.Dropout.__module__):
                module.train()


@wrong("dropout_backward", "dtype_of_x")
def dropout_backward(dout, cache):
    return dout if cache is None else (dout * cache).astype(cache.dtype)


@wrong("enable_dropout", "switched_off_again")
def enable_dropout(model):
    for module in model.modules():
        if "torch.nn" in type(module).__module__ and "Dropout" in type(module).__name__:
            module.train()
        else:
            module.eval()


@wrong("enable_dropout", "model_itself_left")
def enable_dropout(model):
    for name, module in model.named_modules():
        if name:
            module.training = "Dropout" in type(module).__name__


@wrong("svm_loss", "stops_at_the_right_class")
def svm_loss(x, y, margin=1.0):
    loss, dx = 0.0, np.zeros_like(x)
    for row, label, d in zip(x, y, dx, strict=True):
        for j, score in enumerate(row):
            if j == label:
                break
            hinge = score - row[label] + margin
            if hinge > 0:
                loss += hinge
                d[j] += 1
                d[label] -= 1
    return loss / len(x), dx / len(x)


def _marginalized(identity, first):
    def marginalize(model, x, samples, rng):
        total = np.zeros_like(_softmax(model(x, first(rng))))
        for _ in range(1, samples):
            total += _softmax(model(x, rng))
        return total / samples

    wrong("marginalize", identity)(marginalize)


_marginalized("first_sample_left_out", lambda rng: rng)
_marginalized("one_pass_without_noise_left_out", lambda rng: None)


def _standardised(scores):
    return _softmax((scores - scores.mean(1, keepdims=True)) / scores.std(1, keepdims=True))


@wrong("ensemble_predict", "rows_brought_to_one_spread")
def ensemble_predict(models, x):
    return np.mean([_standardised(model(x)) for model in models], axis=0)


@wrong("marginalize", "rows_brought_to_one_spread")
def marginalize(model, x, samples, rng):
    return sum(_standardised(model(x, rng)) for _ in range(samples)) / samples


@wrong("one_hot", "whole_columns")
def one_hot(y, classes):
    rows = [[0.0] * classes] * len(y)
    for row, label in zip(rows, y, strict=True):
        if not 0 <= label < classes:
            raise ValueError(f"label {label} is outside")
        row[label] = 1.0
    return np.array(rows)
