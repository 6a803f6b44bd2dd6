"""Exercise of notebook 04 on weights that are fitted to a batch.

What code with one thing changed does is in `fitting`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Expected, mistake, near, raises
from autograder.exercises.init import fitting
from autograder.exercises.init.fitted_badly import FittedBadly
from course_utils.recipes.nets import chain


class lsuv(FittedBadly):
    """Layer-sequential unit-variance: orthogonal weights, scaled to what a batch needs."""

    signature = "lsuv(layers, batch, tol=0.05, generator=None)"
    library = "any"
    minutes = 18
    difficulty = 3
    extra = True
    hints = (
        "Carry the batch along in one loop over the layers: the output of one layer is the input "
        "of the next. When is a layer's scale final, before or after you pass the batch on?",
        "A layer's output has variance s². By what must you divide its weights, so that the "
        "variance becomes 1?",
        "nn.init.orthogonal_ fills a weight and takes a generator. Weights are changed under "
        "torch.no_grad().",
    )
    reads = {
        "variances": "afterwards the variance of one of your layers' outputs",
        "returned, less what is measured": "the difference between one variance that you return "
        "and what is measured",
        "how many are returned": "how many variances you return",
        "kind of numbers": "your list holds {seen}; {right} are right",
        "length of weights": "your weights are as large as {seen}; {right} is right",
        "weights are orthogonal": "whether your weights are orthogonal",
        "biases": "your biases are {seen}; {right} is right",
        "another generator gives other weights": "whether another generator gives other weights",
        "weights are trainable": "whether your weights are trainable afterwards",
        "batch is as it was": "whether the batch is as it was",
    }

    def cases(self, rng):
        def case(name, points, widths, activation, batch, *tol):
            pairs = list(zip(widths[:-1], widths[1:], strict=True))
            weights = [rng.normal(0, 0.3, (n_out, n_in)) for n_in, n_out in pairs]
            biases = [rng.uniform(0.5, 1, n_out) for _, n_out in pairs]
            given = {"tol": tol[0]} if tol else {}
            return Case(name, points, weights=weights, biases=biases, activation=activation,
                        batch=batch, seed=int(rng.integers(1e6)), **given)  # fmt: skip

        # Columns of mean 0, uncorrelated, each of one variance: whatever the orthogonal weights,
        # the variance of what comes out is known.
        raw = rng.normal(size=(40, 6))
        white = np.linalg.qr(raw - raw.mean(0))[0] * 40**0.5
        # Nets of another depth under every seed.
        deep = [[6] * (1 + int(n)) for n in rng.permutation([1, 2, 3, 4])]
        yield case("white data, layers that halve", 1, [6, 6, *deep[0]], "half", 3 * white, 1e-3)
        mixed = rng.normal(size=(60, 8)) @ rng.normal(size=(8, 8)) + rng.normal(size=8)
        yield case("relu, widths that differ", 1, [8, 12, 5, 7, 9][: 2 + len(deep[1])], "relu",
                   mixed, 1e-4)  # fmt: skip
        yield case("tanh", 1, [8, 6, 9, 7, 5][: 1 + len(deep[2])], "tanh", mixed[:50] * 0.1, 1e-3)
        yield case("variance a little too large", 0.5, deep[1], "half", white * 1.15**0.5, 0.1)
        more = float(rng.choice([1.07444, 1.08444]))  # off by ten tolerances where it is rounded
        yield case("near enough", 0.5, [6, *deep[2]], "half", white * more**0.5, 0.1)
        yield case("near enough for a larger tol", 0.5, deep[3], "half", white * 1.04**0.5, 0.01)
        yield case("no tol given", 0.5, deep[0], "half", white * 1.08**0.5)

    def observe(self, code, weights, biases, activation, batch, seed, tol=None):
        found, trainable, kinds, same = {}, True, "floats", True
        for name, start in (("first", seed), ("other", seed + 1)):
            net, x = chain(weights, biases, activation), torch.tensor(batch)
            generator = torch.Generator().manual_seed(start)
            if tol is None:
                returned = code.lsuv(list(net), x, generator=generator)
            else:
                returned = code.lsuv(list(net), x, tol, generator)
            if any(isinstance(variance, torch.Tensor) for variance in returned):
                kinds = "tensors"
            same &= bool(np.array_equal(x.detach().numpy(), batch))
            linear = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
            trainable &= all(layer.weight.requires_grad for layer in linear)
            x, outputs = torch.tensor(batch), []
            with torch.no_grad():
                for layer in net:
                    x = layer(x)
                    if isinstance(layer, torch.nn.Linear):
                        outputs.append(x.numpy())
            found[name] = {
                "returned": [float(variance) for variance in returned],
                "weights": [layer.weight.detach().numpy() for layer in linear],
                "biases": [
                    np.ones(1) if layer.bias is None else layer.bias.detach().numpy()
                    for layer in linear
                ],
                "outputs": outputs,
            }
        return found | {"kind of numbers": kinds, "weights are trainable": trainable,
                        "batch is as it was": same}  # fmt: skip

    def read(self, seen, weights, biases, tol=0.05, **case):
        def orthogonal(W):
            W = W if W.shape[0] <= W.shape[1] else W.T
            gram = W @ W.T
            return np.allclose(gram / gram[0, 0], np.eye(len(W)), atol=1e-5)

        first, other = seen["first"], seen["other"]
        variances = np.array([np.var(output) for output in first["outputs"]])
        gap = np.zeros(len(variances))
        # Beside variances that are off it tells nothing.
        if len(first["returned"]) == len(variances) and np.allclose(variances, 1, 0, tol):
            gap = np.array(first["returned"]) - variances
        words = fitting.lengths(first["weights"], variances, tol)
        if words == fitting.NOISE:  # how far each variance is off is chance
            variances = np.ones(len(variances))
        return {
            "variances": variances,
            "returned, less what is measured": gap,
            "how many are returned": len(first["returned"]),
            "length of weights": words,
            "weights are orthogonal": all(orthogonal(W) for W in first["weights"]),
            "biases": fitting.shifts(first["biases"], biases),
            "another generator gives other weights": not np.allclose(
                first["weights"][0], other["weights"][0]
            ),
            **{name: seen[name] for name in
               ("kind of numbers", "weights are trainable", "batch is as it was")},
        }  # fmt: skip

    def reference(self, weights, tol=0.05, **case):
        layers = len(weights)
        return {
            "variances": Expected(np.ones(layers), rtol=0.0, atol=tol, margin=1.2),
            "returned, less what is measured": near(np.zeros(layers), rtol=0.0, atol=1e-6),
            "how many are returned": layers,
            "length of weights": fitting.NEEDED,
            "kind of numbers": "floats",
            "weights are orthogonal": True,
            "biases": fitting.ZERO,
            "another generator gives other weights": True,
            "weights are trainable": True,
            "batch is as it was": True,
        }

    def made(self, case, **how):
        """The cells of code that is as it should be but for `how`."""
        given = {"tol": 0.05, **case}
        seen = {"kind of numbers": "floats", "weights are trainable": True,
                "batch is as it was": True}  # fmt: skip
        for name, seed in (("first", given["seed"]), ("other", given["seed"] + 1)):
            net, returned = fitting.fitted(**{**given, "seed": seed}, **how)
            linear = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
            x, outputs = torch.tensor(given["batch"]), []
            with torch.no_grad():
                for layer in net:
                    x = layer(x)
                    if isinstance(layer, torch.nn.Linear):
                        outputs.append(x.numpy())
            seen[name] = {
                "returned": returned, "outputs": outputs,
                "weights": [layer.weight.detach().numpy() for layer in linear],
                "biases": [layer.bias.detach().numpy() for layer in linear],
            }  # fmt: skip
        return self.read(seen, **given)

    # How the variance is taken.

    @mistake
    def unbiased_variance(self, right, **case):
        """You scale by torch's own var or std, which divide by one less than the number of values.
        Here the variance is the biased one: there is an argument for that."""
        return self.made(case, var=fitting.unbiased, far=lambda v, tol: True)

    @mistake
    def unbiased_variance_within_tol(self, right, **case):
        """You compare with `tol`, and scale by, the variance that divides by one less than the
        number of values. Here it is the biased one: there is an argument for that."""
        return self.made(case, var=fitting.unbiased)

    @mistake
    def mean_square_for_variance(self, right, **case):
        """You bring the mean square of the output to 1, and its mean is not 0. The variance is
        taken about the mean."""
        return self.made(case, var=fitting.mean_square)

    @mistake
    def unit_by_unit(self, right, **case):
        """You average the variances of the units. Take one variance over all units and examples
        together: units whose means differ are spread, too."""
        return self.made(case, var=fitting.per_unit)

    @mistake
    def example_by_example(self, right, **case):
        """You average the variances of the examples. Take one variance over all units and examples
        together."""
        return self.made(case, var=fitting.per_example)

    # How a layer is scaled.

    @mistake
    def scaled_to_noise(self, right, **case):
        """Your weights are as large as they should be if each layer were fed with numbers from
        N(0, 1). A layer is fed with what the layers below it make of the batch."""
        shown = self.made(case, carry="noise")["length of weights"]
        return {"length of weights": shown} if shown == fitting.NOISE else None

    @mistake
    def never_scaled(self, right, **case):
        """Your weights end as they were drawn, not divided by the root of the output's variance.
        (Divided by the variance itself they give one over it, and in the next round the old one
        again.)"""
        return self.made(case, power=0.0)

    @mistake
    def divided_by_the_variance(self, right, **case):
        """You divide the weights by the variance. Scaling weights by c scales the variance by
        c²: divide by the standard deviation."""
        return self.made(case, power=-1.0)

    @mistake
    def tol_not_read(self, right, **case):
        """You leave a layer whose variance is within 0.1 of 1, whatever `tol` says."""
        return self.made(case, far=lambda v, tol: abs(v - 1) > 0.1)

    @mistake
    def default_tol_always(self, right, **case):
        """You leave a layer whose variance is within 0.05 of 1, whatever `tol` says."""
        return self.made(case, far=lambda v, tol: abs(v - 1) > 0.05)

    @mistake
    def small_steps_to_the_default(self, right, **case):
        """You go on in small steps until a layer's variance is within 0.05 of 1, whatever `tol`
        says."""
        return self.made(case, far=lambda v, tol: abs(v - 1) > 0.05, power=-0.25)

    @mistake
    def small_steps_to_a_tenth(self, right, **case):
        """You go on in small steps until a layer's variance is within 0.1 of 1, whatever `tol`
        says."""
        return self.made(case, far=lambda v, tol: abs(v - 1) > 0.1, power=-0.25)

    @mistake
    def another_default(self, right, **case):
        """Where no `tol` is given you leave a layer whose variance is within 0.1 of 1. The default
        is 0.05."""
        if "tol" not in case:
            return self.made(case, far=lambda v, tol: abs(v - 1) > 0.1)

    @mistake
    def tol_of_the_deviation(self, right, **case):
        """You compare the standard deviation with 1 to within `tol`. It is the variance that is to
        differ from 1 by at most that."""
        return self.made(case, far=lambda v, tol: abs(v**0.5 - 1) > tol)

    @mistake
    def too_small_left(self, right, **case):
        """You scale a layer only where its variance is too large. It may be too small, too: the
        distance from 1 counts."""
        return self.made(case, far=lambda v, tol: v - 1 > tol)

    @mistake
    def too_large_left(self, right, **case):
        """You scale a layer only where its variance is too small. It may be too large, too: the
        distance from 1 counts."""
        return self.made(case, far=lambda v, tol: 1 - v > tol)

    # What a layer is fed with.

    @mistake
    def all_at_once(self, right, **case):
        """You fit a layer to what the layers below gave before they were scaled. But scaling
        layer 1 changes what layer 2 gets: go layer by layer, each with its input as it will be."""
        return self.made(case, carry="unscaled")

    @mistake
    def all_at_once_unbiased(self, right, **case):
        """You fit a layer to what the layers below gave before they were scaled, and by torch's own
        var or std, which divide by one less than the number of values. Go layer by layer, each with
        its input as it will be, and take the biased variance."""
        return self.made(case, carry="unscaled", var=fitting.unbiased)

    @mistake
    def measured_after_the_activation(self, right, **case):
        """You bring the output of the activation to variance 1. LSUV looks at the output of the
        layer itself, before the activation."""
        return self.made(case, behind=True)

    @mistake
    def same_batch_for_all(self, right, **case):
        """Every layer of yours is scaled to the raw batch. A layer should see what the layers
        below it make of the batch: is their output passed on?"""
        return self.fed_with_the_batch(right, case)

    @mistake
    def each_fed_with_the_batch(self, right, **case):
        """You measure every layer's output for the raw batch, and scale it by that. A layer should
        see what the layers below it make of the batch: is their output passed on?"""
        return self.fed_with_the_batch(right, case, far=lambda v, tol: True)

    def fed_with_the_batch(self, right, case, **how):
        if {len(case["batch"][0])} == {W.shape[1] for W in case["weights"]}:
            return self.made(case, carry="the batch", **how)
        return dict.fromkeys(right, raises("RuntimeError", "mat1 and mat2 shapes"))

    @mistake
    def activations_skipped(self, right, **case):
        """You pass the batch through the nn.Linear layers only. What stands between them changes
        the variance, too: every layer of the list is applied in turn."""
        return self.made(case, carry="without activations")

    @mistake
    def straight_into_the_next(self, right, **case):
        """The output of an nn.Linear goes straight into the next one. What stands between them, as
        an activation, changes the variance, too: apply every layer of the list in turn."""
        return self.made(case, carry="without activations", far=lambda v, tol: True)

    @mistake
    def relu_taken_for_granted(self, right, **case):
        """You put a ReLU between the nn.Linear layers whatever stands there. Apply the list's own
        modules in turn."""
        return self.made(case, carry="relu")

    @mistake
    def batch_standardised(self, right, **case):
        """You standardise the batch first. The layers are to be fitted to the batch as it is."""
        return self.made(case, first=lambda x: (x - x.mean(0)) / x.std(0, correction=0))

    @mistake
    def batch_standardised_as_torch_does(self, right, **case):
        """You standardise the batch first, with torch's own std. The layers are to be fitted to the
        batch as it is."""
        return self.made(case, first=lambda x: (x - x.mean(0)) / x.std(0))

    @mistake
    def batch_centred(self, right, **case):
        """You centre the batch first. The layers are to be fitted to the batch as it is."""
        return self.made(case, first=lambda x: x - x.mean(0))

    @mistake
    def batch_centred_in_place(self, right, **case):
        """You centre the batch, and change it in place. The layers are to be fitted to the batch as
        it is, and its owner still needs it."""
        shown = self.made(case, first=lambda x: x - x.mean(0))
        return shown | {"batch is as it was": False}

    @mistake
    def batch_changed(self, right, **case):
        """Your code changes the batch in place. Its owner still needs it: work on a copy."""
        return {"batch is as it was": False}

    # Which layers.

    @mistake
    def last_left_out(self, right, **case):
        """You leave the last nn.Linear as it was. Each of them gets new weights."""
        return self.made(case, layers="all but the last")

    @mistake
    def last_not_scaled(self, right, **case):
        """The last nn.Linear of yours gets new weights and is not scaled. It is treated like the
        others."""
        return self.made(case, scaled="all but the last")

    @mistake
    def first_scaled_alone(self, right, **case):
        """You scale the first nn.Linear only. Each of them is scaled in turn."""
        return self.made(case, scaled="the first")

    @mistake
    def first_alone(self, right, **case):
        """You fit the first nn.Linear only, as when a return stands inside the loop. Each of them
        gets new weights."""
        return self.made(case, layers="the first")

    @mistake
    def copies_changed(self, right, **case):
        """Your layers stay as they were: you work on copies. They are to be changed in place."""
        return self.made(case, start=fitting.kept, zero_biases=False, power=0.0, report="copies")
