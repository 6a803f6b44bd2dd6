"""Notebook 01: affine layers in further ways in which people really write them wrong."""

import numpy as np
from wrong_code import wrong


def rows_of(x):
    return x.reshape(len(x), -1)


@wrong("affine_forward", "bias_subtracted")
def affine_forward(x, w, b):
    return rows_of(x) @ w - b, (x, w)


@wrong("affine_forward", "bias_added_to_w")
def affine_forward(x, w, b):
    return rows_of(x) @ (w + b), (x, w)


@wrong("affine_forward", "relu_at_the_end")
def affine_forward(x, w, b):
    return np.maximum(0, rows_of(x) @ w + b), (x, w)


@wrong("affine_forward", "not_flattened")
def affine_forward(x, w, b):
    return np.dot(x, w) + b, (x, w)


@wrong("affine_forward", "one_long_row")
def affine_forward(x, w, b):
    return x.flatten() @ w + b, (x, w)


@wrong("affine_forward", "product_does_not_fit")
def affine_forward(x, w, b):
    return np.dot(w, rows_of(x)) + b, (x, w)


@wrong("affine_forward", "w_transposed")
def affine_forward(x, w, b):
    return np.dot(rows_of(x), w.T) + b, (x, w)


@wrong("affine_forward", "transposed_where_square")
def affine_forward(x, w, b):
    rows = rows_of(x)
    if rows.shape[1] == w.shape[1]:  # as torch has it
        return rows @ w.T + b, (x, w)
    return rows @ w + b, (x, w)


@wrong("affine_forward", "axes_of_one_dropped")
def affine_forward(x, w, b):
    return np.squeeze(rows_of(x) @ w + b), (x, w)


@wrong("affine_forward", "by_columns_without_bias")
def affine_forward(x, w, b):
    return x.T.reshape(-1, len(x)).T @ w, (x, w)


@wrong("affine_forward", "changed:x", "shape_of_x_set")
def affine_forward(x, w, b):
    x.shape = (len(x), w.shape[0])
    return x @ w + b, (x, w)


@wrong("affine_forward", "in_the_order_of_memory")
def affine_forward(x, w, b):
    return x.reshape((len(x), -1), order="A") @ w + b, (x, w)


def backward(dx=None, dw=None, db=None):
    """A backward with one of its gradients made in another way."""

    def affine_backward(dout, cache):
        x, w = cache
        right = (dout @ w.T).reshape(x.shape), rows_of(x).T @ dout, dout.sum(0)
        made = zip((dx, dw, db), right, strict=True)
        return tuple(make(x, w, dout) if make else value for make, value in made)

    return affine_backward


wrong("affine_backward", "db_of_the_first_example")(backward(db=lambda x, w, d: d[0]))
wrong("affine_backward", "db_of_the_last_example")(backward(db=lambda x, w, d: d[-1]))
wrong("affine_backward", "db_counts_the_examples")(
    backward(db=lambda x, w, d: np.ones(x.shape[0]) @ np.ones_like(d))
)
wrong("affine_backward", "db_one_number")(backward(db=lambda x, w, d: np.sum(d)))
wrong("affine_backward", "db_not_summed")(backward(db=lambda x, w, d: d * 1))
wrong("affine_backward", "dw_transposed")(backward(dw=lambda x, w, d: d.T @ rows_of(x)))
wrong("affine_backward", "dw_by_columns")(
    backward(dw=lambda x, w, d: x.T.reshape(w.shape[0], len(x)) @ d)
)
wrong("affine_backward", "dw_of_x_not_flattened")(backward(dw=lambda x, w, d: x.T @ d))
wrong("affine_backward", "dw_of_the_sums")(
    backward(dw=lambda x, w, d: rows_of(x).sum(0)[:, None] * d.sum(0))
)
wrong("affine_backward", "dw_of_the_first_example")(
    backward(dw=lambda x, w, d: np.outer(rows_of(x)[0], d[0]))
)
wrong("affine_backward", "dx_averaged")(
    backward(dx=lambda x, w, d: (d @ w.T).reshape(x.shape) / len(x))
)
wrong("affine_backward", "dx_by_columns")(
    backward(dx=lambda x, w, d: (d @ w.T).reshape(x.shape, order="F"))
)
wrong("affine_backward", "product_does_not_fit")(
    backward(dx=lambda x, w, d: np.dot(w, d).reshape(x.shape))
)
wrong("affine_backward", "w_not_transposed")(
    backward(dx=lambda x, w, d: np.dot(d, w).reshape(x.shape))
)
wrong("affine_backward", "dx_transposed_where_square")(
    backward(dx=lambda x, w, d: (d @ (w if len(w) == len(d[0]) else w.T)).reshape(x.shape))
)
wrong("affine_backward", "axes_of_one_dropped")(
    backward(
        dx=lambda x, w, d: np.squeeze((d @ w.T).reshape(x.shape)),
        dw=lambda x, w, d: np.squeeze(rows_of(x).T @ d), db=lambda x, w, d: np.squeeze(d.sum(0)),
    )
)  # fmt: skip


@wrong("affine_forward", "channels_last")
def affine_forward(x, w, b):
    moved = np.moveaxis(x, 1, -1) if x.ndim == 4 else x
    return moved.reshape(x.shape[0], -1).dot(w) + b, (x, w)


@wrong("affine_forward", "bias_once_for_each_input")
def affine_forward(x, w, b):
    rows, out = x.reshape(len(x), -1), 0
    for d in range(len(w)):
        out = out + rows[:, d : d + 1] * w[d] + b
    return out, (x, w)
