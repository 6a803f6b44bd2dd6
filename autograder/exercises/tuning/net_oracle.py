"""The net of `net` on torch's operators, with one thing changed at a time. Runs in the judge."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercises.learners_net.oracle import observations


def follow(device, hidden_dims, weights, X, y, earlier, reg, dtype, normalization, relu=True,
           relu_last=False, norm_last=False, norm=None, modes="right", shared=False,
           forgets=False, always_training=(), momentum=0.9, unbiased=False,
           first_variance=0.0, kept=None, batch_in_test=False, fixed=False, **_):  # fmt: skip
    """A net on torch's operators without dropout, with one thing changed; all observations.

    The norms of the layers `always_training` know no test mode; `kept` multiplies hidden units
    while it predicts; of `fixed` statistics no gradient is taken.
    """
    p = {n: torch.tensor(w, device=device).requires_grad_() for n, w in weights.items()}
    kind = norm or normalization
    state = [{} for _ in hidden_dims]
    if shared:
        state = [state[0]] * len(hidden_dims)

    def normalised(h, i, training):
        gamma, beta, kept = p[f"gamma{i}"], p[f"beta{i}"], state[i - 1]
        if kind == "layernorm" and batch_in_test and not training:
            return F.batch_norm(h, None, None, gamma, beta, training=True)
        if kind == "layernorm" and fixed:
            var, mean = torch.var_mean(h.detach(), 1, correction=0, keepdim=True)
            return gamma * (h - mean) / (var + 1e-5).sqrt() + beta
        if kind == "layernorm":
            return F.layer_norm(h, h.shape[1:], gamma, beta)
        mean, var = h.mean(0).detach(), h.var(0, correction=0).detach()
        anew = forgets is True or forgets == "in training" and training
        old = kept if kept and not anew else {"mean": 0 * mean, "var": 0 * var + first_variance}
        if not training and i not in always_training:
            return F.batch_norm(h, old["mean"], old["var"], gamma, beta)
        of_batch = (mean, var) if fixed else (None, None)
        # F.batch_norm would keep the unbiased variance.
        var = var * len(h) / (len(h) - 1) if unbiased else var
        kept["mean"] = momentum * old["mean"] + (1 - momentum) * mean
        kept["var"] = momentum * old["var"] + (1 - momentum) * var
        return F.batch_norm(h, *of_batch, gamma, beta, training=not fixed)

    def scores_of(batch, training):
        h = torch.tensor(batch.astype(dtype), device=device).flatten(1)
        for i in range(1, len(hidden_dims) + 1):
            h = F.linear(h, p[f"W{i}"].T, p[f"b{i}"])
            normalise = kind in ("batchnorm", "layernorm")
            if normalise and not norm_last:
                h = normalised(h, i, training)
            h = F.relu(h) if relu else h
            if normalise and norm_last:
                h = normalised(h, i, training)
            h = h if kept is None or training else kept * h
        last = len(hidden_dims) + 1
        h = F.linear(h, p[f"W{last}"].T, p[f"b{last}"])
        if relu_last == "forward":
            return h + (F.relu(h) - h).detach()
        return F.relu(h) if relu_last else h

    return observations(p, scores_of, X, y, earlier, reg, dtype, modes)


def last_cache_everywhere(right, weights, hidden_dims, X, y, reg, **_):
    """The gradients of a net of one width whose hidden layers all use the last one's cache."""
    hs, last = [X], len(hidden_dims) + 1
    for i in range(1, last):
        hs.append(np.maximum(hs[-1] @ weights[f"W{i}"] + weights[f"b{i}"], 0))
    d = torch.tensor(right["scores"]).softmax(1).numpy()
    d[np.arange(len(y)), y] -= 1
    d = d / len(y) @ weights[f"W{last}"].T
    shown = {}
    for i in reversed(range(1, last)):
        d = d * (hs[-1] > 0)
        shown |= {f"dW{i}": hs[-2].T @ d + reg * weights[f"W{i}"], f"db{i}": d.sum(0)}
        d = d @ weights[f"W{last - 1}"].T
    return shown
