"""What first weights do to activations, and what is looked at of it. No exercise lives here."""

import functools

import numpy as np
import torch

from autograder.exercise import Case, Exercise, Expected
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
    if start.startswith("uniform"):
        h = torch.rand(examples, widths[0], generator=draw, device=draw.device)
        h = 2 * h - 1 if start == "uniform about 0" else h
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


def rounding(numbers):
    """Half of the last decimal to which all numbers are rounded; None where they are not."""
    for decimals in range(1, 8):
        if (numbers == np.round(numbers, decimals)).all():
            return 0.5 * 10.0**-decimals if (numbers != np.round(numbers)).any() else None


class Propagated(Exercise, abstract=True):
    """The spread of a net's activations, layer by layer, and what was drawn for it."""

    reads = {
        "stds": "one of your numbers, a layer each,",
        "drawn from rng": "from `rng` your code draws {seen}; {right} is right",
        "rows of the input": "the number of rows that your input has",
        "entries": "your result has {seen}; {right} is right",
        "digits": "your numbers have {seen}; {right} is right",
        "behind many": "behind 20 ReLU layers of one unit {seen} is left of the input; "
        "{right} is right",
    }

    def cases(self, rng):
        def case(name, points, widths, activation, kind, examples=None):
            given = {} if examples is None else {"examples": examples}
            seeds = [int(s) for s in rng.integers(1e6, size=RUNS)]
            return Case(name, points, widths=[int(w) for w in widths], activation=activation,
                        kind=kind, seeds=seeds, **given)  # fmt: skip

        def units(low, high, count):
            return rng.choice(np.arange(low, high), count, replace=False)

        # As many layers, and of another width, under every seed: numbers cannot be looked up.
        deep = [int(n) for n in rng.permutation([2, 3, 4])]
        rows = int(rng.integers(90, 130))
        # So deep that little is left: numbers that are rounded to a few decimals show.
        some = units(80, 130, deep[0] + 1)
        yield case("tanh, small", 1, [*some, *(some[::-1] + 3)], "tanh", "small", rows)
        yield case("tanh, xavier_uniform, one example", 0.5, units(90, 220, deep[1] + 2), "tanh",
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
        alike = [int(rng.integers(101, 120))] * (deep[0] + 1)
        yield case("relu, he, all of one width", 1, alike, "relu", "he")

    def observe(self, code, widths, activation, kind, seeds, examples=None):
        import contextlib

        from course_utils.recipes.instruments.generators import Counting

        own, weights = Counting(seeds[0]), code.beside("init_weights")
        with contextlib.suppress(Exception):  # where it stops, nothing rests on it
            for pair in zip(widths[:-1], widths[1:], strict=True):
                weights(*pair, kind, own)
        generators = [Counting(seed) for seed in seeds]
        given = () if examples is None else (examples,)
        runs = [list(code.std_by_depth(list(widths), activation, kind, rng, *given))
                for rng in generators]  # fmt: skip
        chains = []
        if activation == "relu" and len(set(widths)) == 1:
            # In a chain of single units the first weight below 0 ends all: a ReLU gives 0 there.
            chains = [list(code.std_by_depth([1] * 21, activation, kind, Counting(seed + i), 5))
                      for seed in seeds for i in range(4)]  # fmt: skip
            chains = [np.minimum(chain[0], chain[-1]) for chain in chains]  # in either order
        arrays = any(np.ndim(entry) for run in runs for entry in run)
        if arrays:
            runs = [[float(np.mean(entry)) for entry in run] for run in runs]
        return {
            "runs": runs,
            "entries": "an array for each layer" if arrays else "a number for each layer",
            "drawn": [rng.drawn for rng in generators],
            "drawn for weights": own.drawn,
            "behind many": [float(np.max(last)) for last in chains],
        }

    def read(self, seen, widths, activation, kind, seeds, meant, within, examples=200):
        runs = np.array([np.asarray(run, float).reshape(-1) for run in seen["runs"]])
        weights = int(np.sum(np.multiply(widths[:-1], widths[1:])))
        drawn, rows = min(seen["drawn"]), float(examples)
        own = seen["drawn for weights"]
        if own > weights and drawn == own + examples * widths[0]:
            drawn = weights + examples * widths[0]  # a weight may take two numbers: Box and Muller
        left = (drawn - weights) / widths[0]
        alone = {examples * widths[0]: "the input alone", weights: "the weights alone"}
        words = alone.get(drawn, "weights and input")
        if drawn not in alone and (left > rows or left in (1, 10, 50, 100, 128, 200, 500)):
            rows = left
        elif drawn not in alone and left < rows:
            words = "fewer weights than there are"
        stds = runs.mean(0)
        found = {
            # Weights that are always the same tell nothing of the rest.
            "stds": meant if words == "the input alone" else stds,
            "entries": seen["entries"],
            "digits": "all digits",
            "drawn from rng": words,
            "rows of the input": rows,
        }
        if stds.shape == meant.shape and words != "the input alone":
            error = rounding(runs)
            off = np.abs(stds - meant)
            if error and (off > within).any() and (off <= within + error).all():
                # How far a rounded mean is off is chance.
                found |= {"stds": meant, "digits": "a few decimals"}
        if seen["behind many"]:
            # What is off already would be off in a chain, too.
            fine = stds.shape == meant.shape and (np.abs(stds - meant) <= within).all()
            fine = fine and words == "weights and input" and rows == examples
            left = fine and max(seen["behind many"]) > 0
            found["behind many"] = "something" if left else "nothing"
        return found

    def right(self, widths, activation, kind, examples=EXAMPLES, seeds=()):
        """The right deviations, and how far from them an answer may be."""
        nets = simulated(tuple(widths), activation, kind, examples, self.device)
        mean, deviation = nets["std"]
        # The learner's is a mean of a few nets, the oracle's of many.
        return mean, 6 * deviation * (1 / RUNS + 1 / ORACLE_RUNS) ** 0.5

    def aid(self, **case):
        meant, within = self.right(**case)
        return {"meant": meant, "within": within}

    def reference(self, widths, activation, kind, seeds, examples=EXAMPLES):
        mean, error = self.right(widths, activation, kind, examples)
        # A part is relative, so that it is there as well where a mistake shows larger numbers.
        least = float(np.min(error / mean)) / 2
        stds = Expected(mean, rtol=least, atol=error - least * mean, margin=2.0)
        single = activation == "relu" and len(set(widths)) == 1
        return {
            "stds": stds, "entries": "a number for each layer", "digits": "all digits",
            "drawn from rng": "weights and input", "rows of the input": float(examples),
            **({"behind many": "nothing"} if single else {}),
        }  # fmt: skip

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
