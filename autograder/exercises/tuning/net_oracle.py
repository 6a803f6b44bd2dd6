"""The net of `tuning_net` on torch's operators, and what is read from the units that it dropped.

Runs in the judge. The exercise itself, with its mistakes, is in `tuning_net`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercises.learners_net.oracle import observations


def follow(device, hidden_dims, weights, X, y, earlier, reg, dtype, normalization, relu=True,
           relu_last=False, norm_last=False, norm=None, modes="right", shared=False,
           forgets=False, **_):  # fmt: skip
    """A net on torch's operators without dropout, with one thing changed; all observations."""
    p = {n: torch.tensor(w, device=device).requires_grad_() for n, w in weights.items()}
    kind = norm or normalization
    state = [{} for _ in hidden_dims]
    if shared:
        state = [state[0]] * len(hidden_dims)

    def normalised(h, i, training):
        gamma, beta, kept = p[f"gamma{i}"], p[f"beta{i}"], state[i - 1]
        if kind == "layernorm":
            return F.layer_norm(h, h.shape[1:], gamma, beta)
        mean, var = h.mean(0).detach(), h.var(0, correction=0).detach()
        old = kept if kept and not forgets else {"mean": 0 * mean, "var": 0 * var}
        if not training:
            return F.batch_norm(h, old["mean"], old["var"], gamma, beta)
        # F.batch_norm would keep the unbiased variance.
        kept["mean"] = 0.9 * old["mean"] + 0.1 * mean
        kept["var"] = 0.9 * old["var"] + 0.1 * var
        return F.batch_norm(h, None, None, gamma, beta, training=True)

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
        last = len(hidden_dims) + 1
        h = F.linear(h, p[f"W{last}"].T, p[f"b{last}"])
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


def what_was_dropped(seen, weights, X, keep, y):
    """Reads from the gradients of one example which hidden units were kept.

    A unit's row in the next layer's gradient is zero where it was dropped. Whether loss and
    gradients are those of a net without these units is then arithmetic.
    """
    masks = [np.any(seen[f"d{name}"] != 0, axis=1) for name in ("W2", "W3")]
    p = {n: torch.tensor(w, requires_grad=True) for n, w in weights.items()}
    h = torch.tensor(X)
    for i, mask in enumerate(masks, 1):
        h = F.relu(F.linear(h, p[f"W{i}"].T, p[f"b{i}"])) * torch.tensor(mask) / keep
    loss = F.cross_entropy(F.linear(h, p["W3"].T, p["b3"]), torch.tensor(y))
    found = torch.autograd.grad(loss, list(p.values()))
    loss_fits = bool(np.isclose(seen["loss"], loss.item(), rtol=1e-6))
    gradients_fit = all(
        np.allclose(seen[f"d{n}"], g, rtol=1e-6, atol=1e-9) for n, g in zip(p, found, strict=True)
    )
    fits = "the loss alone" if loss_fits and not gradients_fit else loss_fits and gradients_fit
    return {
        "scores": seen["scores"],
        "share kept": float(np.concatenate(masks).mean()),
        "layers that drop": [not bool(mask.all()) for mask in masks],
        "loss and gradients fit what was dropped": fits,
        "other units the next time": not np.array_equal(
            masks[0], np.any(seen["once more"] != 0, axis=1)
        ),
    }
