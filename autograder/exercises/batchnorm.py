"""Exercises of notebook 06: batch normalization and its relatives."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near

NOTEBOOK = "06_batchnorm"


def features(rng, n, d, scale=1.0):
    """Rows whose features differ in mean and spread, so that none can stand for another."""
    return scale * rng.normal(size=(n, d)) * rng.uniform(0.5, 3, d) + rng.normal(0, 2, d)


class batchnorm_forward(Exercise):
    """Batch normalization over a mini-batch (Ioffe & Szegedy 2015, algorithm 1)."""

    signature = "batchnorm_forward(x, gamma, beta, bn_param) -> out, cache"
    modifies = ("bn_param",)
    minutes = 12
    difficulty = 2
    hints = (
        "Compute one mean and one variance per feature: over which axis is that?",
        "In training mode the batch's own statistics normalise; the running ones are only kept "
        "up to date. In test mode it is the other way round.",
    )

    def cases(self, rng):
        gamma, beta = rng.uniform(0.5, 2, 4) * [1, -1, 1, 1], rng.normal(0, 1, 4)
        train = {"mode": "train", "eps": 1e-3, "momentum": 0.7}
        running = {"running_mean": rng.normal(size=4), "running_var": rng.uniform(0.5, 2, 4)}
        batch = features(rng, 6, 4)
        yield Case("training mode", 2, x=batch, gamma=gamma, beta=beta, bn_param=train | running)
        yield Case(
            "first batch, defaults", 1,
            x=features(rng, 5, 4), gamma=gamma, beta=beta, bn_param={"mode": "train"},
        )  # fmt: skip
        still = features(rng, 6, 4)
        still[:, 1] = 3 + 1e-3 * rng.normal(size=6)
        yield Case(
            "a feature that hardly varies", 1,
            x=still, gamma=gamma, beta=beta, bn_param={"mode": "train"} | running,
        )  # fmt: skip
        yield Case(
            "test mode", 1,
            x=features(rng, 3, 4), gamma=gamma, beta=beta,
            bn_param={"mode": "test", "eps": 1e-3} | running,
        )  # fmt: skip

    def observe(self, code, x, gamma, beta, bn_param):
        out, _ = code.batchnorm_forward(x, gamma, beta, bn_param)
        return {
            "out": out,
            "running_mean": bn_param.get("running_mean"),
            "running_var": bn_param.get("running_var"),
        }

    def reference(self, x, gamma, beta, bn_param):
        x, gamma, beta = (torch.tensor(a, device=self.device) for a in (x, gamma, beta))
        training = bn_param["mode"] == "train"
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        zeros = np.zeros(x.shape[1])
        mean = torch.tensor(bn_param.get("running_mean", zeros), device=self.device)
        var = torch.tensor(bn_param.get("running_var", zeros), device=self.device)
        out = F.batch_norm(x, mean.clone(), var.clone(), gamma, beta, training, 0.0, eps)
        if training:
            # torch keeps the unbiased variance; the course keeps the one that normalised.
            mean = momentum * mean + (1 - momentum) * x.mean(0)
            var = momentum * var + (1 - momentum) * x.var(0, correction=0)
        return {"out": near(out, rtol=1e-6, atol=1e-8), "running_mean": mean, "running_var": var}

    @mistake
    def no_affine_in_test_mode(self, right, x, gamma, beta, bn_param):
        """γ and β belong to the layer, in test mode too. You apply them only while training."""
        if bn_param["mode"] == "test":
            return {"out": (right["out"] - beta) / gamma}

    @mistake
    def momentum_is_share_of_new(self, right, x, gamma, beta, bn_param):
        """Here momentum is the share of the OLD running value that is kept. Yours gives that
        share to the new batch, as torch does."""
        if bn_param["mode"] == "train":
            m = bn_param.get("momentum", 0.9)
            mean, var = bn_param.get("running_mean", 0), bn_param.get("running_var", 0)
            return {
                "running_mean": (1 - m) * mean + m * x.mean(0),
                "running_var": (1 - m) * var + m * x.var(0),
            }
