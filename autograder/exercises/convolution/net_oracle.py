"""The net of `convolution_net` on torch's operators. Runs in the judge; no exercise is in here."""

import torch
import torch.nn.functional as F

from autograder.exercises.learners_net.oracle import observations


def map_size(side, filter_size):
    """A side's length behind convolution and pooling."""
    return (side + 2 * ((filter_size - 1) // 2) - filter_size + 1) // 2


def follow(device, weights, X, y, earlier, reg, dtype, filter_size, use_batchnorm,
           relu_conv=True, relu_hidden=True, relu_last=False, norm=True, norm_last=False,
           modes="right", forgets=False, **_):  # fmt: skip
    """All observations of a net, with one thing changed."""
    p = {n: torch.tensor(w, device=device).requires_grad_() for n, w in weights.items()}
    state = {}

    def normalised(h, training):
        gamma, beta = p["gamma1"], p["beta1"]
        mean = h.mean((0, 2, 3)).detach()
        var = h.var((0, 2, 3), correction=0).detach()
        old = state if state and not forgets else {"mean": 0 * mean, "var": 0 * var}
        if not training:
            return F.batch_norm(h, old["mean"], old["var"], gamma, beta)
        # F.batch_norm would keep the unbiased variance.
        state.update(
            mean=0.9 * old["mean"] + 0.1 * mean, var=0.9 * old["var"] + 0.1 * var
        )
        return F.batch_norm(h, None, None, gamma, beta, training=True)

    def scores_of(batch, training):
        h = torch.tensor(batch.astype(dtype), device=device)
        h = F.conv2d(h, p["W1"], p["b1"], padding=(filter_size - 1) // 2)
        normalise = use_batchnorm and norm
        if normalise and not norm_last:
            h = normalised(h, training)
        h = F.relu(h) if relu_conv else h
        if normalise and norm_last:
            h = normalised(h, training)
        h = F.max_pool2d(h, 2).flatten(1)
        h = F.linear(h, p["W2"].T, p["b2"])
        h = F.relu(h) if relu_hidden else h
        h = F.linear(h, p["W3"].T, p["b3"])
        return F.relu(h) if relu_last else h

    return observations(p, scores_of, X, y, earlier, reg, dtype, modes)
