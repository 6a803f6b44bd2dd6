"""Exercises of notebook 04 that measure where others derive: gains, weights fitted to a batch."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.chains import chain


class activation_gain(Exercise):
    """The factor that keeps the second moment, for any activation."""

    signature = "activation_gain(f)"
    minutes = 8
    difficulty = 2
    extra = True
    hints = (
        "What is E[f(z)²] for ReLU? Half of E[z²], by symmetry. So what is its gain?",
        "A mean over z ~ N(0, 1) is a sum over a fine grid, weighted with the density.",
    )

    def cases(self, rng):
        for f in ("relu", "leaky relu, 0.3", "tanh", "square"):
            yield Case(f, 1, f=f)

    def observe(self, code, f):
        functions = {
            "relu": lambda z: np.maximum(z, 0),
            "leaky relu, 0.3": lambda z: np.where(z > 0, z, 0.3 * z),
            "tanh": np.tanh,
            "square": lambda z: z**2,
        }
        return {"gain": code.activation_gain(functions[f])}

    def reference(self, f):
        # Looser than rounding: sums over a grid and means of a million samples are both welcome.
        return {"gain": near(self.moment(f, lambda y, z: y**2) ** -0.5, rtol=4e-3, atol=0.0)}

    @staticmethod
    def moment(f, look):
        """E[look(f(z), z)] for z ~ N(0, 1), by the trapezoidal rule on 40,001 points."""
        functional = torch.nn.functional
        z = torch.linspace(-12, 12, 40_001, dtype=torch.float64, requires_grad=True)
        y = {
            "relu": functional.relu, "leaky relu, 0.3": lambda z: functional.leaky_relu(z, 0.3),
            "tanh": torch.tanh, "square": torch.square,
        }[f](z)  # fmt: skip
        density = torch.exp(-z.detach() ** 2 / 2) / (2 * np.pi) ** 0.5
        return float(torch.trapezoid((look(y, z) * density).detach(), z.detach()))

    @mistake
    def about_the_mean(self, right, f):
        """You take the variance of f(z). The next layer's sum is over squares, mean and all: it
        is the second moment that must stay."""
        variance = self.moment(f, lambda y, z: y**2) - self.moment(f, lambda y, z: y) ** 2
        return {"gain": variance**-0.5}

    @mistake
    def upside_down(self, right, f):
        """That is by how much the activation shrinks. The gain makes up for it."""
        return {"gain": 1 / right["gain"]}

    @mistake
    def squared(self, right, f):
        """That is the factor for the variance, He's 2 for ReLU. The gain multiplies the standard
        deviation."""
        return {"gain": right["gain"] ** 2}

    @mistake
    def mean_size(self, right, f):
        """You average |f(z)|. Variances add up, sizes do not: square first, and take the root at
        the end."""
        return {"gain": 1 / self.moment(f, lambda y, z: y.abs())}

    @mistake
    def of_the_slope(self, right, f):
        """You average the squared slope. That is the gain for gradients on their way down; asked
        for is the one for activations on their way up."""

        def squared_slope(y, z):
            return torch.autograd.grad(y.sum(), z)[0] ** 2

        return {"gain": self.moment(f, squared_slope) ** -0.5}

    @mistake
    def half_the_line(self, right, f):
        """Your grid covers one side of 0 only, or each side counts double. z is negative half of
        the time."""
        return {"gain": self.moment(f, lambda y, z: y**2 * (z > 0)) ** -0.5}


class lsuv(Exercise):
    """Layer-sequential unit-variance: orthogonal weights, scaled to what a batch needs."""

    signature = "lsuv(layers, batch, tol=0.05, generator=None)"
    library = "any"
    minutes = 18
    difficulty = 3
    extra = True
    hints = (
        "One loop over the layers that carries the batch along: what comes out of one layer goes "
        "into the next. When is a layer's scale final, before or after you pass the batch on?",
        "A layer's output varies by s² = Var. By what do its weights have to be divided, so that "
        "it varies by 1?",
        "nn.init.orthogonal_ fills a weight and takes a generator. Weights are changed under "
        "torch.no_grad().",
    )

    def cases(self, rng):
        def case(name, widths, activation, batch, tol):
            pairs = list(zip(widths[:-1], widths[1:], strict=True))
            weights = [rng.normal(0, 0.3, (n_out, n_in)) for n_in, n_out in pairs]
            biases = [rng.uniform(0.5, 1, n_out) for _, n_out in pairs]
            return Case(name, 1, weights=weights, biases=biases, activation=activation,
                        batch=batch, tol=tol, seed=int(rng.integers(1e6)))  # fmt: skip

        # Columns of mean 0, uncorrelated, each of variance 9: whatever the orthogonal weights,
        # the variances are known. So mistakes show numbers that can be told beforehand.
        raw = rng.normal(size=(40, 6))
        white = np.linalg.qr(raw - raw.mean(0))[0] * 40**0.5 * 3
        yield case("white data, layers that halve", [6, 6, 6, 6], "half", white, 1e-3)
        mixed = rng.normal(size=(60, 8)) @ rng.normal(size=(8, 8)) + rng.normal(size=8)
        yield case("relu, widths that differ", [8, 12, 5, 7], "relu", mixed, 1e-4)
        yield case("tanh", [8, 6, 9], "tanh", mixed[:50] * 0.1, 1e-3)
        unit = white / 3
        yield case("one layer, variance a little too large", [6, 6], "tanh", unit * 1.15**0.5, 0.1)
        yield case("one layer, near enough", [6, 6], "tanh", unit * 1.08**0.5, 0.1)

    def observe(self, code, weights, biases, activation, batch, tol, seed):
        found = {}
        for name, start in (("first", seed), ("other", seed + 1)):
            net = chain(weights, biases, activation)
            generator = torch.Generator().manual_seed(start)
            returned = code.lsuv(list(net), torch.tensor(batch), tol, generator)
            linear = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
            x, outputs = torch.tensor(batch), []
            with torch.no_grad():
                for layer in net:
                    x = layer(x)
                    if isinstance(layer, torch.nn.Linear):
                        outputs.append(x.numpy())
            found[name] = {
                "returned": [float(variance) for variance in returned],
                "weights": [layer.weight.detach().numpy() for layer in linear],
                "biases": [layer.bias.detach().numpy() for layer in linear],
                "outputs": outputs,
            }
        return found

    def read(self, seen, weights, **case):
        def orthogonal(W):
            W = W if W.shape[0] <= W.shape[1] else W.T
            gram = W @ W.T
            return np.allclose(gram / gram[0, 0], np.eye(len(W)), atol=1e-5)

        first, other = seen["first"], seen["other"]
        variances = np.array([np.var(output) for output in first["outputs"]])
        return {
            "variances": variances,
            "returned, less what is measured": np.array(first["returned"]) - variances,
            "weights are orthogonal": all(orthogonal(W) for W in first["weights"]),
            "biases are 0": not any(np.any(b) for b in first["biases"]),
            "another generator gives other weights": not np.allclose(
                first["weights"][0], other["weights"][0]
            ),
        }

    def reference(self, weights, tol, **case):
        layers = len(weights)
        return {
            "variances": near(np.ones(layers), rtol=0.0, atol=tol),
            "returned, less what is measured": near(np.zeros(layers), rtol=0.0, atol=1e-6),
            "weights are orthogonal": True,
            "biases are 0": True,
            "another generator gives other weights": True,
        }

    def known(self, case):
        """The variance of the white data and what each layer between multiplies it by."""
        if case["activation"] == "half":
            return np.var(case["batch"]), 0.25

    @mistake
    def unbiased_variance(self, right, batch, weights, **case):
        """You scale by torch's own var or std, which divide by one less than the number of values.
        Here the variance is the biased one: there is an argument for that."""
        if case["tol"] >= 1e-2:  # near enough, that way or the other
            return None
        sizes = np.array([len(batch) * len(W) for W in weights])
        return {
            "variances": (sizes - 1) / sizes,
            "returned, less what is measured": 1 / sizes,
        }

    @mistake
    def never_scaled(self, right, **case):
        """Your weights stay as they were drawn: the variance of the output is measured, and
        nothing is divided by its root."""
        if known := self.known(case):
            variance, factor = known
            return {"variances": variance * factor ** np.arange(3)}

    @mistake
    def all_at_once(self, right, **case):
        """You measure all layers first and scale them afterwards. But scaling layer 1 changes
        what layer 2 gets: go layer by layer, each with its input as it will be."""
        if known := self.known(case):
            variance, factor = known
            return {"variances": np.cumprod(1 / (variance * factor ** np.arange(3)))
                    * variance * factor ** np.arange(3)}  # fmt: skip

    @mistake
    def divided_by_the_variance(self, right, **case):
        """You divide the weights by the variance. Scaling weights by c scales the variance by
        c²: divide by the standard deviation."""
        if known := self.known(case):
            variance, factor = known
            found = []
            for _ in range(3):
                found.append(1 / variance)
                variance = factor / variance
            return {"variances": np.array(found)}

    @mistake
    def measured_after_the_activation(self, right, **case):
        """You bring the output of the activation to variance 1. LSUV looks at the output of the
        layer itself, before the activation."""
        if known := self.known(case):
            return {"variances": np.array([1 / known[1], 1 / known[1], 1.0])}

    @mistake
    def same_batch_for_all(self, right, **case):
        """Every layer of yours is scaled to the raw batch. A layer should see what the layers
        below it make of the batch: is their output passed on?"""
        if known := self.known(case):
            variance, factor = known
            return {"variances": np.array([1.0, factor / variance, (factor / variance) ** 2])}

    @mistake
    def returned_too_early(self, right, **case):
        """What you return was measured before the layer was scaled. Measure once more."""
        if known := self.known(case):
            variance, factor = known
            early = np.array([variance, factor, factor])
            return {"returned, less what is measured": early - 1}

    @mistake
    def not_orthogonal(self, right, **case):
        """Your weights are not orthogonal: the rows (or columns, whichever are fewer) should be
        at right angles and of one length. Drawn numbers alone are not."""
        return {"weights are orthogonal": False}

    @mistake
    def biases_kept(self, right, **case):
        """Biases should be 0. Yours are those of before, and they add to the variance between
        units."""
        return {"biases are 0": False}

    @mistake
    def generator_ignored(self, right, **case):
        """Another generator should give other weights. Yours do not come from the one that is
        passed in."""
        return {"another generator gives other weights": False}
