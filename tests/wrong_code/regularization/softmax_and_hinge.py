"""Notebook 05: the softmax loss and the hinge with one piece wrong, piece by piece."""

import numpy as np
from wrong_code import wrong


def _logs(x):
    shifted = x - x.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def _own(table, y):
    return table[np.arange(len(y)), y]


def _gradient(x, y):
    dx = np.exp(_logs(x))
    dx[np.arange(len(y)), y] -= 1
    return dx / len(y)


def softmax_with(loss=None, dx=None):
    """The loss function with another loss or gradient, each a function of (x, y)."""

    def softmax_loss(x, y):
        nats = loss(x, y) if loss else -_own(_logs(x), y).mean()
        return nats, dx(x, y) if dx else _gradient(x, y)

    return softmax_loss


def softmax_through(probabilities):
    """Loss and gradient from a table of probabilities."""

    def softmax_loss(x, y):
        p = probabilities(x)
        dx = p.copy()
        dx[np.arange(len(y)), y] -= 1
        return -np.log(_own(p, y)).mean(), dx / len(y)

    return softmax_loss


def softmax_from_logs(shift):
    """Loss and gradient from logarithms, with another shift."""

    def softmax_loss(x, y):
        logs = x - shift(x)
        logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
        dx = np.exp(logs)
        dx[np.arange(len(y)), y] -= 1
        return -_own(logs, y).mean(), dx / len(y)

    return softmax_loss


def _shares(x, shift, axis=1):
    e = np.exp(x - shift)
    return e / e.sum(axis=axis, keepdims=True)


def _hot(x, y):
    return np.eye(x.shape[1], dtype=x.dtype)[y]


def _kept(x, y, tiny):
    return -np.log(_own(np.exp(_logs(x)), y) + tiny).mean()


for identity, code in {
    "exp_overflows_in_logs": softmax_from_logs(lambda x: 0),
    "mean_subtracted": softmax_through(lambda x: _shares(x, x.mean(1, keepdims=True))),
    "mean_subtracted_in_logs": softmax_from_logs(lambda x: x.mean(1, keepdims=True)),
    "one_shift_for_all": softmax_through(lambda x: _shares(x, x.max())),
    "one_shift_for_all_in_logs": softmax_from_logs(np.max),
    "largest_size_subtracted": softmax_through(lambda x: _shares(x, abs(x).max(1, keepdims=True))),
    "largest_size_subtracted_in_logs": softmax_from_logs(lambda x: np.abs(x).max(1, keepdims=True)),
    "rows_shifted_columns_summed": softmax_through(
        lambda x: _shares(x, x.max(1, keepdims=True), axis=0)
    ),
    "rows_shifted_everything_summed": softmax_through(
        lambda x: _shares(x, x.max(1, keepdims=True), axis=None)
    ),
    "gradient_overflows": softmax_with(
        dx=lambda x, y: (np.exp(x) / np.exp(x).sum(1, keepdims=True) - _hot(x, y)) / len(x)
    ),
    "log_patched_in_single": softmax_with(lambda x, y: _kept(x, y, 1e-7)),
    "log_patched_8": softmax_with(lambda x, y: _kept(x, y, 1e-8)),
    "log_patched_15": softmax_with(
        lambda x, y: -np.log(np.maximum(_own(np.exp(_logs(x)), y), 1e-15)).mean()
    ),
    "log_patched_300": softmax_with(lambda x, y: _kept(x, y, 1e-300)),
    "scores_clipped": lambda x, y: softmax_loss(np.clip(x, -500, 500), y),
    "scores_clipped_50": lambda x, y: softmax_loss(np.clip(x, -50, 50), y),
    "infinity_replaced": softmax_with(
        lambda x, y: -np.nan_to_num(np.log(_own(np.exp(_logs(x)), y))).mean()
    ),
    "one_loss_for_each": softmax_with(lambda x, y: -_own(_logs(x), y)),
    "in_bits": softmax_with(lambda x, y: -_own(_logs(x), y).mean() / np.log(2)),
    "log_of_the_mean": softmax_with(lambda x, y: -np.log(_own(np.exp(_logs(x)), y).mean())),
    "every_label_for_every_example": softmax_with(lambda x, y: -_logs(x)[:, y].mean()),
    "label_not_averaged": softmax_with(dx=lambda x, y: np.exp(_logs(x)) / len(x) - _hot(x, y)),
    "label_added": softmax_with(dx=lambda x, y: (np.exp(_logs(x)) + _hot(x, y)) / len(x)),
    "right_class_only": softmax_with(dx=lambda x, y: (np.exp(_logs(x)) - 1) * _hot(x, y) / len(x)),
    "wider_dtype": softmax_with(
        dx=lambda x, y: (np.exp(_logs(x)) - np.eye(x.shape[1])[y]) / len(x)
    ),
}.items():
    code.__name__ = "softmax_loss"
    wrong("softmax_loss", identity)(code)


softmax_loss = softmax_with()


def hinge_with(mask=None, own=None, excess=None, after=None):
    """The hinge loss with another mask, another gradient of the right class, another excess."""

    def svm_loss(x, y, margin=1.0):
        rows = np.arange(len(y))
        e = x - x[rows, y][:, None] + x.dtype.type(margin)
        e[rows, y] = 0
        e = excess(e) if excess else np.maximum(e, 0)
        dx = (mask(x, y, e) if mask else e > 0).astype(x.dtype)
        dx[rows, y] = 0
        dx[rows, y] = own(dx) if own else -dx.sum(1)
        loss, dx = e.sum() / len(y), dx / len(y)
        return after(loss, dx, x, margin) if after else (loss, dx)

    return svm_loss


def _with_margin_1(x, y, e):
    return x - _own(x, y)[:, None] + 1 > 0


def _without_margin(x, y, e):
    return x > _own(x, y)[:, None]


for identity, code in {
    "one_taken_off": hinge_with(after=lambda loss, dx, x, margin: (loss + margin - 1, dx)),
    "margin_of_1_in_the_gradient": hinge_with(_with_margin_1),
    "margin_not_in_the_gradient": hinge_with(_without_margin),
    "negative_parts_counted": hinge_with(lambda x, y, e: e > 0, excess=lambda e: e),
    "right_class_once_where_active": hinge_with(own=lambda dx: -dx.max(1)),
    "minus_before_truth_values": hinge_with(own=lambda dx: -(dx.sum(1) > 0)),
    "right_class_counts_itself": hinge_with(own=lambda dx: -dx.sum(1) - 1),
    "lowered_for_every_class": hinge_with(own=lambda dx: 1 - dx.shape[1]),
    "right_class_raised": hinge_with(own=lambda dx: dx.sum(1)),
    "worst_class_only": hinge_with(
        excess=lambda e: np.where(
            np.arange(e.shape[1]) == e.argmax(1)[:, None], np.maximum(e, 0), 0
        )
    ),
    "divided_by_wrong_classes": hinge_with(
        after=lambda loss, dx, x, margin: (loss / (x.shape[1] - 1), dx / (x.shape[1] - 1))
    ),
    "right_class_without_gradient_divided": hinge_with(
        own=lambda dx: 0,
        after=lambda loss, dx, x, margin: (loss / x.shape[1], dx / x.shape[1]),
    ),
    "rounded_down": hinge_with(after=lambda loss, dx, x, margin: (loss // 1, dx)),
    "whole_numbers": hinge_with(
        after=lambda loss, dx, x, margin: (loss, np.round(dx * len(x)).astype(int) // len(x))
    ),
    "wider_dtype": hinge_with(after=lambda loss, dx, x, margin: (loss, dx.astype(float))),
}.items():
    wrong("svm_loss", identity)(code)


@wrong("svm_loss", "one_loss_for_each")
def svm_loss(x, y, margin=1.0):
    hinges = np.maximum(x - _own(x, y)[:, None] + margin, 0)
    hinges[np.arange(len(y)), y] = 0
    return hinges.sum(1), hinge_with()(x, y, margin)[1]


@wrong("svm_loss", "only_the_loss_of_the_worst")
def svm_loss(x, y, margin=1.0):
    others = np.where(_hot(x, y) > 0, -np.inf, x).max(1)
    return np.maximum(others - _own(x, y) + margin, 0).mean(), hinge_with()(x, y, margin)[1]


@wrong("svm_loss", "margin_of_1_in_the_loss")
def svm_loss(x, y, margin=1.0):
    return hinge_with()(x, y)[0], hinge_with()(x, y, margin)[1]


@wrong("svm_loss", "only_the_loss_squared")
def svm_loss(x, y, margin=1.0):
    hinges = np.maximum(x - _own(x, y)[:, None] + margin, 0)
    hinges[np.arange(len(y)), y] = 0
    return (hinges**2).sum() / len(y), hinge_with()(x, y, margin)[1]
