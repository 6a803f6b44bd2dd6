"""The exercise of notebook 04 on what first weights do to activations, layer by layer."""

import functools

import numpy as np
import torch

from autograder.exercise import Case, Exercise, Expected, mistake, raises
from autograder.exercises.init.drawing import spread_of

RUNS, ORACLE_RUNS, OTHER_RUNS, EXAMPLES = 3, 40, 10, 200
ACTIVATIONS = {
    "tanh": torch.tanh, "relu": torch.relu, "linear": lambda z: z, "size": torch.abs,
    "sigmoid": torch.sigmoid,
}  # fmt: skip
# What can be said of a layer's pre-activations z, outputs h and weights w; "std" is right.
LOOKS = {
    "std": lambda z, h, w: h.std(correction=0),
    "of the weights": lambda z, h, w: w.std(correction=0),
    "before": lambda z, h, w: z.std(correction=0),
    "variance": lambda z, h, w: h.var(correction=0),
    "root mean square": lambda z, h, w: h.square().mean().sqrt(),
    "mean square": lambda z, h, w: h.square().mean(),
    "per unit": lambda z, h, w: h.std(0, correction=0).mean(),
    "per unit, before": lambda z, h, w: z.std(0, correction=0).mean(),
    "per example": lambda z, h, w: h.std(1, correction=0).mean(),
    "mean": lambda z, h, w: h.mean(),
    "size": lambda z, h, w: h.abs().mean(),
}


def layers(widths, activation, kind, examples, draw, start="normal", fresh=False, goes_on="h",
           biases=0.0, turned=False):  # fmt: skip
    """What a net with fresh weights makes of white noise: z, h, w of each layer.

    `goes_on` is what the next layer gets: "h", "z", or "h / std"; `turned` draws the weights
    with the fans exchanged.
    """
    def noise(width):
        return torch.randn(examples, width, generator=draw, device=draw.device)

    h = noise(widths[0])
    if start == "uniform":
        h = torch.rand(examples, widths[0], generator=draw, device=draw.device)
    for place, (n_in, n_out) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        if kind == "xavier_uniform":
            w = torch.rand(n_in, n_out, generator=draw, device=draw.device) * 2 - 1
            w *= 3**0.5
        else:
            w = torch.randn(n_in, n_out, generator=draw, device=draw.device)
        w *= spread_of(kind, n_out, n_in) if turned else spread_of(kind, n_in, n_out)
        z = (noise(n_in) if fresh and place else h) @ w
        z = z + biases * torch.randn(n_out, generator=draw, device=draw.device)
        h = ACTIVATIONS[activation](z)
        yield z, h, w
        h = {"h": h, "z": z, "h / std": h / (h.std(correction=0) + 1e-12)}[goes_on]


@functools.lru_cache(maxsize=256)
def simulated(widths, activation, kind, examples, device, nets=ORACLE_RUNS, **how):
    """By name of a look: its mean over many nets at each layer, and its deviation among them."""
    runs = []
    for seed in range(nets):
        draw = torch.Generator(device=device).manual_seed(seed)
        net = layers(widths, activation, kind, examples, draw, **how)
        runs.append([[float(look(*layer)) for look in LOOKS.values()] for layer in net])
    means, deviations = np.mean(runs, 0), np.std(runs, 0, ddof=1)
    return {name: (means[:, i], deviations[:, i]) for i, name in enumerate(LOOKS)}


class std_by_depth(Exercise):
    """The standard deviation of the activations, layer by layer."""

    signature = "std_by_depth(widths, activation, kind, rng, examples=200)"
    needs = ("init_weights",)
    counted = ("weights drawn", "rows of the input")
    reads = {
        "stds": "one of your numbers, a layer each,",
        "weights drawn": "from `rng` your code draws {seen} of the weights; {right} are right",
        "rows of the input": "the number of rows that your input has",
        "entries": "your result has {seen}; {right} is right",
    }
    minutes = 12
    difficulty = 2
    hints = (
        "One loop over the layers, one variable that holds what the last layer gave.",
        "widths has one entry more than there are layers: layer l leads from widths[l] to "
        "widths[l + 1] units. zip of the list and the list without its first entry gives the "
        "pairs.",
    )

    def cases(self, rng):
        def case(name, points, widths, activation, kind, examples=None):
            given = {} if examples is None else {"examples": examples}
            seeds = [int(s) for s in rng.integers(1e6, size=RUNS)]
            return Case(name, points, widths=[int(w) for w in widths], activation=activation,
                        kind=kind, seeds=seeds, **given)  # fmt: skip

        def units(low, high, count):
            return rng.choice(np.arange(low, high), count, replace=False)

        # As many layers, and of another width, under every seed: numbers cannot be looked up.
        deep = [int(n) for n in rng.permutation([3, 4, 5])]
        rows = int(rng.integers(90, 130))
        yield case("tanh, small", 1, units(80, 130, deep[0] + 1), "tanh", "small", rows)
        yield case("tanh, xavier_uniform, one example", 0.5, units(90, 220, deep[1] + 1), "tanh",
                   "xavier_uniform", 1)  # fmt: skip
        narrow = [size for w in units(60, 90, deep[1]) for size in (w, 1)]
        yield case("tanh, xavier_normal, layers of one unit", 0.5, narrow[: deep[2] + 1], "tanh",
                   "xavier_normal", rows)  # fmt: skip
        other = [60, *units(150, 200, deep[2])]
        if rng.integers(2):
            other = [190, *units(50, 80, deep[2])]
        yield case("relu, he, wider or narrower", 0.5, other, "relu", "he", rows)
        yield case("relu, xavier_normal", 0.5, units(80, 140, deep[1] + 1), "relu",
                   "xavier_normal", rows)  # fmt: skip
        alike = [int(rng.integers(100, 120))] * (deep[0] + 1)
        yield case("relu, he, all of one width", 1, alike, "relu", "he")

    def observe(self, code, widths, activation, kind, seeds, examples=None):
        from course_utils.recipes.instruments.generators import Counting

        generators = [Counting(seed) for seed in seeds]
        given = () if examples is None else (examples,)
        runs = [list(code.std_by_depth(list(widths), activation, kind, rng, *given))
                for rng in generators]  # fmt: skip
        arrays = any(np.ndim(entry) for run in runs for entry in run)
        if arrays:
            runs = [[float(np.mean(entry)) for entry in run] for run in runs]
        return {
            "runs": runs,
            "entries": "an array for each layer" if arrays else "a number for each layer",
            "drawn": [rng.drawn for rng in generators],
        }

    def read(self, seen, widths, activation, kind, seeds, meant, examples=200):
        runs = np.array([np.asarray(run, float).reshape(-1) for run in seen["runs"]])
        needed, drawn = int(np.sum(np.multiply(widths[:-1], widths[1:]))), min(seen["drawn"])
        rest = drawn - needed
        few = "none" if drawn <= examples * widths[0] else "some"
        return {
            # Weights that are always the same tell nothing of the rest.
            "stds": meant if rest < 0 and few == "none" else runs.mean(0),
            "entries": seen["entries"],
            "weights drawn": "all" if rest >= 0 else few,
            "rows of the input": rest / widths[0] if rest > 0 else float(examples),
        }

    def right(self, widths, activation, kind, examples=EXAMPLES, seeds=()):
        """The right deviations, and how far from them an answer may be."""
        nets = simulated(tuple(widths), activation, kind, examples, self.device)
        mean, deviation = nets["std"]
        # The learner's is a mean of a few nets, the oracle's of many.
        return mean, 6 * deviation * (1 / RUNS + 1 / ORACLE_RUNS) ** 0.5

    def aid(self, **case):
        return {"meant": self.right(**case)[0]}

    def reference(self, widths, activation, kind, seeds, examples=EXAMPLES):
        mean, error = self.right(widths, activation, kind, examples)
        # The least is relative, so that it is there as well where a mistake shows larger numbers.
        least = float(np.min(error / mean))
        stds = Expected(mean, rtol=least, atol=error - least * mean, margin=2.0)
        return {"stds": stds, "entries": "a number for each layer",
                "weights drawn": "all", "rows of the input": float(examples)}  # fmt: skip

    def instead(self, look, widths, activation, kind, examples=EXAMPLES, seeds=(), **how):
        right = widths, how.pop("of", activation), how.pop("drawn", kind), examples
        if how or look == "std":
            how["nets"] = OTHER_RUNS
        mean, error = self.right(*right)
        found = simulated(tuple(widths), activation, kind, examples, self.device, **how)[look][0]
        # What is hardly off may be seen or not, so nothing is said of it.
        return {"stds": found} if (np.abs(found - mean) > 1.6 * error).any() else {}

    def with_other_draws(self, right, case, number, **how):
        """What code shows that draws `number` numbers more than it should, too."""
        rows = right["rows of the input"] + number / case["widths"][0]
        return self.instead("std", **case, **how) | {"rows of the input": rows}

    # What is measured.

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
    def mean_square(self, right, **case):
        """Those are mean squares. Take the mean away first, and the root in the end: the standard
        deviation is asked for."""
        return self.instead("mean square", **case)

    @mistake
    def per_unit(self, right, **case):
        """You take each unit's standard deviation over the examples and average. Take one over
        all units and examples together: units that differ from each other are spread, too."""
        if case["activation"] == "relu" or case.get("examples") == 1:
            return self.instead("per unit", **case)

    @mistake
    def per_unit_and_before(self, right, **case):
        """You measure before the activation function, and each unit by itself. One standard
        deviation of what comes out of the activation is asked for, over all units and examples."""
        return self.instead("per unit, before", **case)

    @mistake
    def per_example(self, right, **case):
        """You take each example's standard deviation over the units and average. Take one over all
        units and examples together: a layer of one unit is spread over the examples, too."""
        if 1 in case["widths"]:
            return self.instead("per example", **case)

    @mistake
    def array_for_each_layer(self, right, **case):
        """You give an array for each layer, as when the deviation is taken along one axis. One
        number is asked for, over all units and examples together."""
        shown = {"entries": "an array for each layer"}
        if case["activation"] == "relu" or case.get("examples") == 1:
            shown |= self.instead("per unit", **case)
        return shown

    @mistake
    def means(self, right, **case):
        """Those are the means of the activations. How far they spread is asked for."""
        return self.instead("mean", **case)

    @mistake
    def mean_sizes(self, right, **case):
        """Those are the means of the activations' sizes. Their standard deviation is asked for."""
        return self.instead("size", **case)

    @mistake
    def input_included(self, right, **case):
        """You have one number too many: the first is that of the input, which is not a layer."""
        return {"stds": np.concatenate([[1.0], right["stds"]])}

    @mistake
    def input_included_in_mean_squares(self, right, **case):
        """You have one number too many, the first, for the input, and they are mean squares. The
        standard deviation of each layer's activations is asked for."""
        squares = self.instead("mean square", **case).get("stds", right["stds"])
        return {"stds": np.concatenate([[1.0], squares])}

    @mistake
    def last_layer_left_out(self, right, **case):
        """You have one number too few: the last layer is missing. There is one layer less than
        there are widths."""
        return {"stds": right["stds"][:-1]}

    @mistake
    def one_layer_too_few(self, right, **case):
        """Your loop ends a layer too early, so you have one number too few. There is one layer less
        than there are widths."""
        return {"stds": right["stds"][:-1], "weights drawn": "some"}

    @mistake
    def first_layer_left_out(self, right, **case):
        """You have one number too few: the first layer is missing. It leads from the input to the
        first units."""
        return {"stds": right["stds"][1:]}

    @mistake
    def last_layer_alone(self, right, **case):
        """You have one number, that of the last layer. Collect one for each layer."""
        return {"stds": right["stds"][-1:]}

    # What the layers do.

    @mistake
    def activation_ignored(self, right, **case):
        """Your net is a tanh net whatever the argument says."""
        if case["activation"] == "relu":
            return self.instead("std", **{**case, "activation": "tanh"}, of=case["activation"])

    @mistake
    def relu_always(self, right, **case):
        """Your net is a ReLU net whatever the argument says."""
        if case["activation"] == "tanh":
            return self.instead("std", **{**case, "activation": "relu"}, of=case["activation"])

    @mistake
    def activations_swapped(self, right, **case):
        """Your tanh net is a ReLU net, and the other way round."""
        other = {"tanh": "relu", "relu": "tanh"}[case["activation"]]
        return self.instead("std", **{**case, "activation": other}, of=case["activation"])

    @mistake
    def tanh_left_out(self, right, **case):
        """Your tanh nets have no activation function. Is "tanh" spelled like this in your code?"""
        if case["activation"] == "tanh":
            return self.instead("std", **{**case, "activation": "linear"}, of=case["activation"])

    @mistake
    def relu_left_out(self, right, **case):
        """Your ReLU nets have no activation function. Is "relu" spelled like this in your code?"""
        if case["activation"] == "relu":
            return self.instead("std", **{**case, "activation": "linear"}, of=case["activation"])

    @mistake
    def no_activation(self, right, **case):
        """Your nets have no activation function at all. It comes after every layer."""
        return self.instead("std", **{**case, "activation": "linear"}, of=case["activation"])

    @mistake
    def size_for_relu(self, right, **case):
        """Your ReLU turns negative numbers into positive ones. It is to make them 0."""
        if case["activation"] == "relu":
            return self.instead("std", **{**case, "activation": "size"}, of=case["activation"])

    @mistake
    def sigmoid_for_tanh(self, right, **case):
        """Your tanh is a sigmoid: it lies between 0 and 1, and tanh between −1 and 1."""
        if case["activation"] == "tanh":
            return self.instead("std", **{**case, "activation": "sigmoid"}, of=case["activation"])

    @mistake
    def last_without_activation(self, right, **case):
        """Your last layer has no activation function. It comes after every layer here."""
        shown = self.instead("before", **case)
        return shown and {"stds": np.append(right["stds"][:-1], shown["stds"][-1])}

    @mistake
    def activation_not_passed_on(self, right, **case):
        """You measure the activations and go on with what was before them, so your net is linear.
        What comes out of the activation goes into the next layer."""
        return self.instead("std", **case, goes_on="z")

    @mistake
    def normalised_on_the_way(self, right, **case):
        """You divide each layer's output by its standard deviation before it goes on. Pass on what
        the activation gives: that it fades or grows is to be seen."""
        return self.instead("std", **case, goes_on="h / std")

    @mistake
    def fresh_noise_for_each_layer(self, right, **case):
        """Every layer of yours gets new noise. It is to get what the layer below gives; only the
        first one gets noise."""
        rows = round(right["rows of the input"])
        more = rows * sum(case["widths"][1:-1])
        return self.with_other_draws(right, case, more, fresh=True)

    @mistake
    def with_biases(self, right, **case):
        """Your layers have random biases. There are none here: they add a spread of their own to
        signals that fade."""
        return self.with_other_draws(right, case, sum(case["widths"][1:]), biases=0.1)

    # What is drawn.

    @mistake
    def kind_ignored(self, right, **case):
        """Your weights are He's whatever the argument says."""
        if case["kind"] != "he":
            return self.instead("std", **{**case, "kind": "he"}, drawn=case["kind"])

    @mistake
    def fans_exchanged(self, right, **case):
        """You draw each layer's weights with n_in and n_out exchanged and turn them to fit. He's
        formula then divides by the wrong fan: what comes in comes first."""
        if case["kind"] == "he" and len(set(case["widths"])) > 1:
            return self.instead("std", **case, turned=True)

    @mistake
    def uniform_input(self, right, **case):
        """Your input is uniform between 0 and 1. It is to be drawn from N(0, 1)."""
        return self.instead("std", **case, start="uniform")

    @mistake
    def examples_ignored(self, right, **case):
        """Your input has 200 rows whatever `examples` says."""
        return {"rows of the input": float(EXAMPLES)}

    @mistake
    def hundred_examples_by_default(self, right, **case):
        """Where no `examples` is given your input has 100 rows. The default is 200."""
        if "examples" not in case:
            return {"rows of the input": 100.0}

    @mistake
    def thousand_examples_by_default(self, right, **case):
        """Where no `examples` is given your input has 1000 rows. The default is 200."""
        if "examples" not in case:
            return {"rows of the input": 1000.0}

    @mistake
    def same_weights_again(self, right, **case):
        """You use one set of weights for all layers. Each layer draws its own: move the drawing
        into the loop."""
        return self.wrong_size(right, case) or {"weights drawn": "some"}

    @mistake
    def layers_share_weights(self, right, **case):
        """Layers of one size share their weights. Each layer is to draw its own."""
        if len(set(case["widths"])) == 1:
            return {"weights drawn": "some"}

    @mistake
    def weights_not_from_rng(self, right, **case):
        """Your weights are not drawn from `rng`, as when each layer makes a generator of its own. A
        generator with the same seed gives the same weights in every layer, and nobody can repeat
        your run with another: pass `rng` on."""
        return {"weights drawn": "none"}

    @mistake
    def each_layer_sees_the_input(self, right, **case):
        """A layer's weights do not go with what it is fed with. Layer 2 is fed with what layer 1
        gave: is the result put back into the variable that the loop starts from? And are the two
        widths of a layer in the right order?"""
        same = np.repeat(right["stds"][:1], len(right["stds"]))
        return self.wrong_size(right, case) or {"stds": same}

    def wrong_size(self, right, case):
        """What a layer of another width makes of it."""
        if len(set(case["widths"])) > 1:
            return dict.fromkeys(right, raises("ValueError"))

    @mistake
    def returns_nothing(self, right, **case):
        """You return nothing. The standard deviations are to be returned, one for each layer."""
        return dict.fromkeys(right, raises("TypeError", "'NoneType' object is not iterable"))
