"""Notebook 05: names that hold a w, and models whose probabilities are multiplied."""

import numpy as np
from scipy.special import log_softmax
from wrong_code import wrong


@wrong("l2_penalty", "any_w_anywhere")
def l2_penalty(params, lam):
    punished = {name: float("w" in name or "W" in name) for name in params}
    grads = {name: lam * punished[name] * value for name, value in params.items()}
    return 0.5 * sum(np.vdot(grads[name], params[name]) for name in params), {
        name: value.astype(params[name].dtype) for name, value in grads.items()
    }


@wrong("ensemble_predict", "multiplied")
def ensemble_predict(models, x):
    return np.exp(sum(log_softmax(model(x), axis=1) for model in models))


@wrong("ensemble_predict", "geometric_mean")
def ensemble_predict(models, x):
    return np.exp(np.mean([log_softmax(model(x), axis=1) for model in models], axis=0))
