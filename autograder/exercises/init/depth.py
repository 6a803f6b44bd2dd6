"""The exercise of notebook 04 on what first weights do to activations, layer by layer."""

import functools

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises, statistic
from autograder.exercises.init.drawing import spread_of
from course_utils.recipes.instruments.generators import Counting

RUNS, ORACLE_RUNS = 3, 40
ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}
# What can be said of a layer's pre-activations z, outputs h and weights w; "std" is right.
LOOKS = {
    "std": lambda z, h, w: h.std(correction=0),
    "of the weights": lambda z, h, w: w.std(correction=0),
    "before": lambda z, h, w: z.std(correction=0),
    "variance": lambda z, h, w: h.var(correction=0),
    "root mean square": lambda z, h, w: h.square().mean().sqrt(),
    "per unit": lambda z, h, w: h.std(0, correction=0).mean(),
    "mean": lambda z, h, w: h.mean(),
}


def layers(widths, activation, kind, examples, seed, device):
    """What a net with fresh weights makes of white noise: z, h, w of each layer."""
    draw = torch.Generator(device=device).manual_seed(seed)
    h = torch.randn(examples, widths[0], generator=draw, device=device)
    for n_in, n_out in zip(widths[:-1], widths[1:], strict=True):
        if kind == "xavier_uniform":
            w = (torch.rand(n_in, n_out, generator=draw, device=device) * 2 - 1) * 3**0.5
        else:
            w = torch.randn(n_in, n_out, generator=draw, device=device)
        w *= spread_of(kind, n_in, n_out)
        z = h @ w
        h = ACTIVATIONS[activation](z)
        yield z, h, w


@functools.lru_cache(maxsize=64)
def simulated(widths, activation, kind, examples, device):
    """By name of a look: its mean over many nets at each layer, and its deviation among them."""
    runs = [
        [[float(look(*layer)) for look in LOOKS.values()]
         for layer in layers(widths, activation, kind, examples, seed, device)]
        for seed in range(ORACLE_RUNS)
    ]  # fmt: skip
    means, deviations = np.mean(runs, 0), np.std(runs, 0, ddof=1)
    return {name: (means[:, i], deviations[:, i]) for i, name in enumerate(LOOKS)}


class std_by_depth(Exercise):
    """The standard deviation of the activations, layer by layer."""

    signature = "std_by_depth(widths, activation, kind, rng, examples=200)"
    needs = ("init_weights",)
    counted = ("drawing of weights",)
    minutes = 12
    difficulty = 2
    hints = (
        "One loop over the layers, one variable that holds what the last layer gave.",
        "widths has one entry more than there are layers: layer l leads from widths[l] to "
        "widths[l + 1] units. zip of the list and the list without its first entry gives the "
        "pairs.",
    )

    def cases(self, rng):
        for name, widths, activation, kind, examples in (
            ("tanh, small", [120, 90, 130, 80, 100], "tanh", "small", 100),
            ("tanh, xavier_uniform, one example", [90, 220, 150, 170], "tanh", "xavier_uniform", 1),
            ("relu, xavier_normal", [80, 120, 100, 140, 90], "relu", "xavier_normal", 100),
            ("relu, he, all of one width", [110, 110, 110, 110, 110], "relu", "he", 100),
        ):
            seeds = [int(s) for s in rng.integers(1e6, size=RUNS)]
            yield Case(name, 1, widths=widths, activation=activation, kind=kind, seeds=seeds,
                       examples=examples)  # fmt: skip

    def observe(self, code, widths, activation, kind, seeds, examples):
        generators = [Counting(seed) for seed in seeds]
        runs = [list(code.std_by_depth(list(widths), activation, kind, rng, examples))
                for rng in generators]  # fmt: skip
        return {"runs": runs, "drawn": [rng.drawn for rng in generators]}

    def read(self, seen, widths, activation, kind, seeds, examples):
        runs = np.array([np.asarray(run, float).reshape(-1) for run in seen["runs"]])
        needed = sum(np.multiply(widths[:-1], widths[1:]))
        often = "for each layer" if min(seen["drawn"]) >= needed else "less often than that"
        return {"stds": runs.mean(0), "drawing of weights": often}

    def reference(self, widths, activation, kind, seeds, examples):
        nets = simulated(tuple(widths), activation, kind, examples, self.device)
        mean, deviation = nets["std"]
        # The learner's is a mean of a few nets, the oracle's of many.
        error = deviation * (1 / RUNS + 1 / ORACLE_RUNS) ** 0.5
        return {"stds": statistic(mean, error), "drawing of weights": "for each layer"}

    def instead(self, look, widths, activation, kind, examples, **_):
        found, _ = simulated(tuple(widths), activation, kind, examples, self.device)[look]
        return {"stds": found}

    @mistake
    def of_the_weights(self, right, **case):
        """You measure the weights. Their spread is what you chose; what matters is what they do
        to the activations."""
        return self.instead("of the weights", **case)

    @mistake
    def before_the_activation(self, right, **case):
        """You measure before the activation function. Its output is what the next layer sees."""
        return self.instead("before", **case)

    @mistake
    def variances(self, right, **case):
        """Those are variances: the squares of what is asked for."""
        return self.instead("variance", **case)

    @mistake
    def root_mean_square(self, right, **case):
        """You take the root of the mean square. Outputs of a ReLU have a mean above 0, and the
        standard deviation is taken about it."""
        if case["activation"] == "relu":
            return self.instead("root mean square", **case)

    @mistake
    def per_unit(self, right, **case):
        """You take each unit's standard deviation over the examples and average. Take one over
        all units and examples together: units that differ from each other are spread, too."""
        if case["activation"] == "relu" or case["examples"] == 1:
            return self.instead("per unit", **case)

    @mistake
    def means(self, right, **case):
        """Those are the means of the activations. How far they spread is asked for."""
        return self.instead("mean", **case)

    @mistake
    def input_included(self, right, **case):
        """You have one number too many: the first is that of the input, which is not a layer."""
        return {"stds": np.concatenate([[1.0], right["stds"]])}

    @mistake
    def activation_ignored(self, right, **case):
        """Your net is a tanh net whatever the argument says."""
        if case["activation"] == "relu":
            return self.instead("std", **{**case, "activation": "tanh"})

    @mistake
    def activations_swapped(self, right, **case):
        """Your tanh net is a ReLU net, and the other way round."""
        other = {"tanh": "relu", "relu": "tanh"}[case["activation"]]
        return self.instead("std", **{**case, "activation": other})

    @mistake
    def kind_ignored(self, right, **case):
        """Your weights are He's whatever the argument says."""
        if case["kind"] != "he":
            return self.instead("std", **{**case, "kind": "he"})

    @mistake
    def same_weights_again(self, right, **case):
        """You use one set of weights for all layers. Each layer draws its own: move the drawing
        into the loop."""
        return self.wrong_size(case) or {"drawing of weights": "less often than that"}

    @mistake
    def each_layer_sees_the_input(self, right, **case):
        """A layer's weights do not go with what it is fed with. Layer 2 is fed with what layer 1
        gave: is the result put back into the variable that the loop starts from? And are the two
        widths of a layer in the right order?"""
        return self.wrong_size(case) or {"stds": np.repeat(right["stds"][:1], len(right["stds"]))}

    def wrong_size(self, case):
        """What a layer of another width makes of it."""
        if len(set(case["widths"])) > 1:
            return dict.fromkeys(("stds", "drawing of weights"), raises("ValueError"))
