"""Notebook 05: one-hot labels, smoothed labels, yes and no: wrong, piece by piece."""

import numpy as np
from wrong_code import wrong


def refusing(raises, table=None):
    """one_hot that calls `raises(label)` for a label outside the classes."""

    def one_hot(y, classes):
        for label in y:
            if not 0 <= label < classes:
                raise raises(label)
        return (table or (lambda y, classes: np.eye(classes)[y]))(y, classes)

    return one_hot


def _all_columns(y, classes):
    table = np.zeros((len(y), classes))
    table[:, y] = 1
    return table


def _all_classes(y, classes):
    if set(y.tolist()) != set(range(classes)):
        raise ValueError("a class does not occur")
    return np.eye(classes)[y]


for identity, code in {
    "label_not_named": refusing(lambda label: ValueError("a label is outside of the classes")),
    "index_error": refusing(lambda label: IndexError(f"label {label}")),
    "assertion": refusing(lambda label: AssertionError(label)),
    "whole_columns": refusing(ValueError, _all_columns),
    "every_class_wanted": refusing(ValueError, _all_classes),
    "single_precision": refusing(ValueError, lambda y, classes: np.eye(classes, dtype="f4")[y]),
}.items():
    wrong("one_hot", identity)(code)


@wrong("one_hot", "row_of_zeros")
def one_hot(y, classes):
    return (y[:, None] == np.arange(classes)).astype(float)


@wrong("one_hot", "pushed_inside")
def one_hot(y, classes):
    return np.eye(classes)[np.clip(y, 0, classes - 1)]


@wrong("one_hot", "counted_round")
def one_hot(y, classes):
    return np.eye(classes)[y % classes]


@wrong("one_hot", "one_too_large_passes")
def one_hot(y, classes):
    for label in y:
        if label < 0 or label > classes:
            raise ValueError(f"label {label}")
    return np.eye(classes)[y]


@wrong("one_hot", "largest_named")
def one_hot(y, classes):
    if y.min() < 0 or y.max() >= classes:
        raise ValueError(f"label {y.max()} is outside of the classes")
    return np.eye(classes)[y]


def logs(scores):
    shifted = scores - scores.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def smoothed(targets=None, loss=None, gradient=None):
    """The smoothed loss with other targets (of hot, ε, N, C), another loss or gradient."""

    def smoothed_loss(scores, y, smoothing):
        (n, c), hot = scores.shape, np.eye(scores.shape[1])[y]
        q = targets(hot, smoothing, n, c) if targets else hot * (1 - smoothing) + smoothing / c
        nats = loss(scores, q, y) if loss else -(q * logs(scores)).sum() / n
        if gradient:
            return nats, gradient(scores, q, y).astype(scores.dtype)
        return nats, ((np.exp(logs(scores)) - q) / n).astype(scores.dtype)

    return smoothed_loss


for identity, code in {
    "right_class_left_out_plainly": smoothed(
        lambda hot, s, n, c: np.where(hot > 0, 1 - s, s / c)
    ),
    "nothing_taken_away_plainly": smoothed(lambda hot, s, n, c: hot + s / c),
    "nothing_given_plainly": smoothed(lambda hot, s, n, c: hot * (1 - s)),
    "not_shared_plainly": smoothed(lambda hot, s, n, c: hot * (1 - s) + s),
    "shared_by_examples_plainly": smoothed(lambda hot, s, n, c: hot * (1 - s) + s / n),
    "others_share_it_all": smoothed(
        lambda hot, s, n, c: np.where(hot > 0, 1 - s, s / (c - 1))
    ),
    "exchanged": smoothed(lambda hot, s, n, c: hot * s + (1 - s) / c),
    "in_percent": smoothed(lambda hot, s, n, c: hot * (1 - s / 100) + s / 100 / c),
    "always_a_tenth": smoothed(lambda hot, s, n, c: hot * 0.9 + 0.1 / c),
    "loss_of_hard_labels": smoothed(
        loss=lambda scores, q, y: -logs(scores)[np.arange(len(y)), y].mean()
    ),
    "entropy_taken_off": smoothed(
        loss=lambda scores, q, y: (q * (np.log(q + 1e-300) - logs(scores))).sum() / len(y)
    ),
    "summed_not_averaged": smoothed(
        loss=lambda scores, q, y: -(q * logs(scores)).sum(),
        gradient=lambda scores, q, y: np.exp(logs(scores)) - q,
    ),
    "loss_of_the_sum": smoothed(loss=lambda scores, q, y: -(q * logs(scores)).sum()),
    "averaged_over_classes_too": smoothed(loss=lambda scores, q, y: -(q * logs(scores)).mean()),
    "one_loss_for_each": smoothed(loss=lambda scores, q, y: -(q * logs(scores)).sum(1)),
    "in_bits": smoothed(
        loss=lambda scores, q, y: -(q * logs(scores)).sum() / len(y) / np.log(2)
    ),
    "log_of_zero": smoothed(
        loss=lambda scores, q, y: -np.where(
            q > 0, q * np.log(np.exp(logs(scores.astype(float)))), 0
        ).sum() / len(y)
    ),
    "capped_at_10": smoothed(
        loss=lambda scores, q, y: -(q * np.log(np.exp(logs(scores)) + 1e-10)).sum() / len(y)
    ),
}.items():  # fmt: skip
    wrong("smoothed_loss", identity)(code)


@wrong("smoothed_loss", "wider_dtype")
def smoothed_loss(scores, y, smoothing):
    loss, dscores = smoothed()(scores, y, smoothing)
    return loss, dscores.astype(float)


@wrong("smoothed_loss", "scores_smoothed")
def smoothed_loss(scores, y, smoothing):
    mixed = (1 - smoothing) * scores + smoothing / scores.shape[1]
    loss, dscores = smoothed()(mixed.astype(scores.dtype), y, 0.0)
    return loss, ((1 - smoothing) * dscores).astype(scores.dtype)


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z > 0, 1, e) / (1 + e)


def entropy(loss=None, gradient=None, labels=None, scores=None):
    """Binary cross-entropy with another loss or gradient, other labels or scores."""

    def bce_with_logits(z, y):
        t, s = labels(y) if labels else y, scores(z) if scores else z
        each = np.maximum(s, 0) - s * t + np.log1p(np.exp(-np.abs(s)))
        dz = gradient(z, t) if gradient else (sigmoid(z) - t) / z.size
        return loss(z, t) if loss else each.mean(), dz.astype(z.dtype)

    return bce_with_logits


def _patched(z, y, tiny):
    p = sigmoid(z)
    return -(y * np.log(p + tiny) + (1 - y) * np.log(1 - p + tiny)).mean()


def _clipped(z, y, tiny):
    p = np.clip(sigmoid(z), tiny, 1 - tiny)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


for identity, code in {
    "patched_at_12": entropy(lambda z, y: _patched(z, y, 1e-12)),
    "patched_at_7": entropy(lambda z, y: _patched(z, y, 1e-7)),
    "clipped_at_7": entropy(lambda z, y: _clipped(z, y, 1e-7)),
    "clipped_at_15": entropy(lambda z, y: _clipped(z, y, 1e-15)),
    "scores_cut_off_at_30": entropy(scores=lambda z: np.clip(z, -30, 30)),
    "scores_cut_off_at_500": entropy(scores=lambda z: np.clip(z, -500, 500)),
    "logarithms_as_they_stand": entropy(
        lambda z, y: (y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z))).mean()
    ),
    "infinity_times_zero": entropy(
        lambda z, y: (y * np.log1p(np.exp(-z)) + (1 - y) * np.log1p(np.exp(z))).mean()
    ),
    "tiny_loss_cancels": entropy(lambda z, y: (np.logaddexp(0, z) - y * z).mean()),
    "loss_not_averaged": entropy(lambda z, y: (np.logaddexp(0, -z) + (1 - y) * z).sum()),
    "gradient_averaged_over_rows_only": entropy(gradient=lambda z, y: (sigmoid(z) - y) / len(z)),
    "labels_made_hard": entropy(labels=np.round),
    "gradient_backwards": entropy(gradient=lambda z, y: (y - sigmoid(z)) / z.size),
    "in_bits": entropy(
        lambda z, y: (y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)).mean() / np.log(2)
    ),
}.items():
    wrong("bce_with_logits", identity)(code)


@wrong("bce_with_logits", "wider_dtype")
def bce_with_logits(z, y):
    loss, dz = entropy()(z, y)
    return loss, dz.astype(float)


@wrong("bce_with_logits", "one_loss_for_each")
def bce_with_logits(z, y):
    return y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z), entropy()(z, y)[1]


@wrong("one_hot", "last_class_refused_and_named")
def one_hot(y, classes):
    for label in y:
        if label not in range(classes - 1):
            raise ValueError(f"label {label} is not a class")
    return np.eye(classes)[y]


@wrong("one_hot", "last_class_refused")
def one_hot(y, classes):
    if y.min() < 0 or y.max() > classes - 2:
        raise ValueError(f"labels from {y.min()} to {y.max()} are no classes")
    return np.eye(classes)[y]
