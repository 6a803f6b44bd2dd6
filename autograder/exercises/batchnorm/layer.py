"""Layer norm, which asks nothing of the batch (notebook 06)."""

import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake, raises
from autograder.exercises.batchnorm.backward_paths import gradients, terms
from autograder.exercises.batchnorm.normalizing import features, gamma_and_beta, judged, normalized
from autograder.exercises.batchnorm.parameters import RowParameterGradients
from autograder.exercises.batchnorm.per_example import PerExampleBackward, PerExampleForward
from course_utils.recipes.passes import forward_again


class layernorm_forward(PerExampleForward):
    """Layer norm: every example is normalised over its own features (Ba 2016)."""

    signature = "layernorm_forward(x, gamma, beta, ln_param) -> out, cache"
    growth = {"gamma": 1, "beta": 1}, {"out": 1}
    parameters = "ln_param"
    minutes = 6
    hints = (
        "Compared with batch norm the statistics run along the other axis; γ and β stay as they "
        "were, one per feature.",
        "Nothing here depends on other examples. What does that leave for running statistics?",
    )

    def cases(self, rng):
        gamma, beta = gamma_and_beta(rng, 5)
        layer = {"gamma": gamma, "beta": beta}
        yield Case("three examples", 1.5, x=features(rng, 3, 5), **layer, ln_param={"eps": 1e-2})
        yield Case("as many examples as features", 0.5, x=features(rng, 5, 5), **layer, ln_param={})
        yield Case("one example, default ε", 1, x=0.1 * features(rng, 1, 5), **layer, ln_param={})
        still = 2 + 1e-3 * rng.normal(size=(2, 5))
        yield Case("features that hardly differ", 1, x=still, **layer, ln_param={})
        yield Case(
            "test mode", 1, x=features(rng, 4, 5), **layer, ln_param={"eps": 1e-2, "mode": "test"}
        )

    def observe(self, code, x, gamma, beta, ln_param):
        out, _ = code.layernorm_forward(x, gamma, beta, ln_param)
        return {"out": out}

    def reference(self, x, gamma, beta, ln_param):
        eps = ln_param.get("eps", 1e-5)
        x, gamma, beta = (torch.tensor(a, device=self.device) for a in (x, gamma, beta))
        return {"out": judged(F.layer_norm(x, gamma.shape, gamma, beta, eps))}

    @mistake
    def gamma_of_the_example(self, right, x, gamma, beta, ln_param):
        """Where there are as many examples as features, you take the γ of the example. It has one
        value a feature, however many examples there are."""
        if len(x) == len(gamma):
            return {"out": (right["out"] - beta) / gamma * gamma[:, None] + beta}

    @mistake
    def normalised_over_the_batch(self, right, x, gamma, beta, ln_param):
        """You normalise every feature over the batch: that is batch norm. Layer norm normalises
        every example over its features."""
        eps = ln_param.get("eps", 1e-5)
        return {"out": normalized(x, x.mean(0), x.var(0), gamma, beta, eps)}

    @mistake
    def no_axis_kept(self, right, x, gamma, beta, ln_param):
        """Your mean or your variance has the shape (N,), and numpy lines that up with the features,
        the last axis of x. They belong to the examples: give them the shape (N, 1)."""
        n, d = x.shape
        if 1 < n != d:
            return {"out": raises("ValueError", f"({n},{d}) ({n},)")}
        eps = ln_param.get("eps", 1e-5)
        return {"out": normalized(x, x.mean(1), x.var(1), gamma, beta, eps)}

    @mistake
    def left_alone_in_test_mode(self, right, x, gamma, beta, ln_param):
        """In test mode you divide by √(1 + ε), as if the variance were 1. An example is normalised
        by itself alone, so there is nothing to remember and nothing to switch."""
        if ln_param.get("mode") == "test":
            return {"out": normalized(x, 0, 1, gamma, beta, ln_param["eps"])}

    @mistake
    def not_normalised_in_test_mode(self, right, x, gamma, beta, ln_param):
        """In test mode you apply γ and β to x as it is. An example is normalised by itself alone,
        so there is nothing to remember and nothing to switch."""
        if ln_param.get("mode") == "test":
            return {"out": gamma * x + beta}

    @mistake
    def running_statistics_in_test_mode(self, right, x, gamma, beta, ln_param):
        """In test mode you normalise by running statistics, or by zeros in their place. An example
        is normalised by its own mean and variance in every mode."""
        if ln_param.get("mode") == "test":
            return {"out": normalized(x, 0, 0, gamma, beta, ln_param["eps"])}


class layernorm_backward(PerExampleBackward, RowParameterGradients):
    """The backward pass of layer norm."""

    signature = "layernorm_backward(dout, cache) -> dx, dgamma, dbeta"
    growth = {"dout": 1}, {"dx": 1, "dgamma": 1, "dbeta": 1}
    needs = ("layernorm_forward",)
    modifies = ("ln_param",)
    parameters = "ln_param"
    minutes = 8
    hints = (
        "Start from dx̂ as in batch norm; the averages now run along the features.",
        "γ is shared by the examples, not by the features: over which axis is dγ summed?",
    )

    def cases(self, rng):
        gamma, beta = gamma_and_beta(rng, 5)
        # Small variances, so that the default ε shows.
        for name, n, scale, parameters in [
            ("three examples", 3, 1.0, {"eps": 1e-2}), ("one example, default ε", 1, 0.02, {}),
        ]:  # fmt: skip
            yield Case(
                name, 1, x=scale * features(rng, n, 5), gamma=gamma, beta=beta, ln_param=parameters,
                dout=rng.normal(0.3, 1, (n, 5)),
            )  # fmt: skip

    def observe(self, code, x, gamma, beta, ln_param, dout):
        _, cache = code.layernorm_forward(x, gamma, beta, ln_param)
        forward_again(code.layernorm_forward, x, gamma, beta, ln_param)
        dx, dgamma, dbeta = code.layernorm_backward(dout, cache)
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

    def paths(self, x, gamma, beta, ln_param, dout):
        return terms(x, dout * gamma, ln_param.get("eps", 1e-5), (1,))

    def reference(self, x, gamma, beta, ln_param, dout):
        def forward(x, gamma, beta):
            return F.layer_norm(x, gamma.shape, gamma, beta, ln_param.get("eps", 1e-5))

        return gradients(forward, self.device, dout, x, gamma, beta)

    def over_the_batch(self, x, dxhat, p, mean=True):
        along = p.xhat * (dxhat * p.xhat).mean(0)
        return (dxhat - (dxhat.mean(0) if mean else 0) - along) / p.sigma

    @mistake
    def averages_over_the_batch(self, right, x, gamma, beta, ln_param, dout):
        """The averages in your dx run over the batch, as in batch norm. Here they run over the
        features of one example."""
        p = self.paths(x, gamma, beta, ln_param, dout)
        return {"dx": self.over_the_batch(x, dout * gamma, p)}

    @mistake
    def over_the_batch_without_the_mean(self, right, x, gamma, beta, ln_param, dout):
        """The average in your dx runs over the batch, as in batch norm, and the path through the
        mean is missing. Both averages of dx̂ are taken over the features of one example."""
        p = self.paths(x, gamma, beta, ln_param, dout)
        return {"dx": self.over_the_batch(x, dout * gamma, p, mean=False)}

    @mistake
    def divided_by_the_examples(self, right, **inputs):
        """The sums in your dx are divided by the number of examples. They run over the features of
        one example, so their number is the count."""
        p = self.paths(**inputs)
        return {"dx": p.direct + (p.via_mean + p.via_var) * p.count / len(inputs["x"])}
