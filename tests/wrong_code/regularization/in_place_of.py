"""Notebook 05: something near by in place of what is asked for: another price, another mean."""

import functools

import numpy as np
from wrong_code import wrong


def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def priced(size, slope):
    """An L1 penalty with another price and another slope, from an array and λ."""

    def l1_penalty(params, lam):
        weights = {name: w for name, w in params.items() if name.startswith("W")}
        grads = {name: np.zeros_like(p) for name, p in params.items()}
        grads |= {name: np.asarray(slope(w, lam), w.dtype) for name, w in weights.items()}
        return sum(lam * size(w.astype(float)).sum() for w in weights.values()), grads

    return l1_penalty


for identity, eps, less in [
    ("rooted_with_1e_1", 1e-1, 0),
    ("rooted_with_1e_2", 1e-2, 0),
    ("rooted_with_1e_3", 1e-3, 0),
    ("rooted_with_1e_4", 1e-4, 0),
    ("rooted_with_1e_6", 1e-6, 0),
    ("rooted_to_zero_1", 1e-1, 1),
    ("rooted_to_zero_2", 1e-2, 1),
    ("rooted_to_zero_3", 1e-3, 1),
    ("rooted_to_zero_4", 1e-4, 1),
]:
    wrong("l1_penalty", identity)(
        priced(
            lambda w, e=eps, off=less: np.hypot(w, e) - off * e,
            lambda w, lam, e=eps: lam * w / np.hypot(w, e),
        )
    )

wrong("l1_penalty", "rounded_off_at_one")(
    priced(
        lambda w: np.where(abs(w) <= 1, 0.5 * w * w, abs(w) - 0.5),
        lambda w, lam: lam * np.minimum(np.maximum(w, -1), 1),
    )
)
wrong("l1_penalty", "soft_thresholded")(
    priced(np.abs, lambda w, lam: w - np.sign(w) * np.maximum(np.abs(w) - lam, 0))
)


def whole_softmax(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum()


def standardised(scores, axis=None):
    off = scores - scores.mean(axis=axis, keepdims=True)
    return off / scores.std(axis=axis, keepdims=True)


def median(tables):
    p = np.median([softmax(table) for table in tables], axis=0)
    return p / p.sum(axis=1, keepdims=True)


def by_how_sure(tables):
    p = softmax(np.array(tables))
    weights = p.max(axis=-1)[..., None]
    return np.average(p, axis=0, weights=np.broadcast_to(weights, p.shape))


JOINED = {
    "geometric_mean": lambda tables: np.exp(np.mean([np.log(softmax(s)) for s in tables], axis=0)),
    "normalised_over_everything": lambda tables: np.mean(list(map(whole_softmax, tables)), axis=0),
    "normalised_over_everything_times_the_examples": lambda tables: (
        sum(len(s) * whole_softmax(s) for s in tables) / len(tables)
    ),
    "tables_standardised_and_averaged": lambda tables: softmax(
        np.mean([standardised(s) for s in tables], axis=0)
    ),
    "rows_standardised_and_averaged": lambda tables: softmax(
        np.mean([standardised(s, 1) for s in tables], axis=0)
    ),
    "median_normalised": median,
    "weighted_by_the_largest": by_how_sure,
}


def over_noise(joined):
    def marginalize(model, x, samples, rng):
        return joined([model(x, rng) for _ in range(samples)])

    return marginalize


def over_models(joined):
    def ensemble_predict(models, x):
        return joined([model(x) for model in models])

    return ensemble_predict


for identity, joined in JOINED.items():
    wrong("marginalize", identity)(over_noise(joined))
    wrong("ensemble_predict", identity)(over_models(joined))


@wrong("marginalize", "one_of_them_without_noise")
def marginalize(model, x, samples, rng):
    total = softmax(model(x, None))
    for _ in range(1, samples):
        total = total + softmax(model(x, rng))
    return total / samples


@wrong("softmax_loss", "gradient_divided_by_the_classes")
def softmax_loss(x, y):
    n, classes = x.shape
    p = softmax(x)
    shifted = x - x.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logs[np.arange(n), y].mean()
    p[np.arange(n), y] -= 1
    return loss, p / classes


def hinged(slope, divisor=len):
    """The hinge loss with another slope of the excess, or another divisor of the gradient."""

    def svm_loss(x, y, margin=1.0):
        rows = np.arange(len(y))
        excess = x - x[rows, y][:, None] + margin
        excess[rows, y] = 0
        dx = slope(excess)
        dx[rows, y] = 0
        dx[rows, y] = -dx.sum(axis=1)
        return np.maximum(excess, 0).sum() / len(x), (dx / divisor(x)).astype(x.dtype)

    return svm_loss


wrong("svm_loss", "gradient_divided_by_the_classes")(
    hinged(lambda excess: (excess > 0).astype(float), lambda x: x.shape[1])
)
wrong("svm_loss", "half_at_the_margin")(hinged(lambda excess: (1 + np.sign(excess)) / 2))


@functools.cache
def _generator(seed):
    return np.random.default_rng(seed)


@wrong("dropout_forward", "generator_kept_elsewhere")
def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    rng = dropout_param.get("rng")
    if rng is None:
        rng = _generator(dropout_param["seed"])
    mask = ((rng.random(x.shape) < dropout_param["p"]) / dropout_param["p"]).astype(x.dtype)
    return x * mask, mask
