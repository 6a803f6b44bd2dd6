"""Exercise of notebook 04 on gradients that vanish at the start."""

from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.init.descent import BETWEEN, cross_entropy, on, parameters_of
from course_utils.recipes.nets import chain


class critical_point_report(Exercise):
    """Which gradients vanish before the first step?"""

    signature = "critical_point_report(net, x, y)"
    library = "any"
    minutes = 10
    difficulty = 2
    rtol, atol = 1e-7, 1e-14  # a small gradient is not to be rounded away
    hints = (
        "net.named_parameters() gives pairs of a name and a parameter. After backward each "
        "parameter has a .grad.",
        "What is in .grad if somebody has called backward on this net before you?",
    )

    reads = {
        "report": "your report",
        "kind of numbers": "your report holds {seen}; {right} are right",
    }

    def cases(self, rng):
        n, d, h = 12, 4, 5

        def random(*shape):
            return rng.uniform(0.2, 1, shape) * rng.choice([-1, 1], shape)

        def case(name, weights, biases, activation="tanh", even=False, size=1.0, **more):
            c = len(biases[-1])
            # Not as many of each class, and not as many under every seed.
            some = np.r_[np.arange(c), np.zeros(n - c - 2, int), rng.integers(c, size=2)]
            y = rng.permutation(np.arange(n) % c if even else some)
            return Case(name, 1, weights=weights, biases=biases, activation=activation,
                        x=rng.normal(0, size, (n, d)), y=y, **more)  # fmt: skip

        def zero(c):
            return [np.zeros((h, d)), np.zeros((c, h))], [np.zeros(h), np.zeros(c)]

        counts = [int(c) for c in rng.permutation([3, 4, 6])]
        yield case("all zero, tanh", *zero(counts[0]))
        yield case("all zero, sigmoid", *zero(counts[1]), "sigmoid")
        (first, last), (below, above) = zero(counts[2])
        yield case("all zero, three layers of relu",
                   [first, np.zeros((h, h)), last], [below, below, above], "relu")  # fmt: skip
        # Large inputs, so that a gradient which is clipped shows.
        yield case("zero output weights, the layers inside another module",
                   [random(h, d), np.zeros((3, h))], [random(h), random(3)], "relu", size=40.0,
                   inside=True)  # fmt: skip
        yield case("all zero, as many of each class", *zero(counts[0]), "sigmoid", even=True)
        # A small gradient below, which must not be rounded away, nor taken for none.
        yield case("random, and backward was called before", [random(h, d), 1e-7 * random(3, h)],
                   [random(h), random(3)], used=True)  # fmt: skip

    def observe(self, code, weights, biases, activation, x, y, used=False, inside=False):
        net, x = chain(weights, biases, activation), torch.tensor(x)
        if inside:
            net = torch.nn.Sequential(OrderedDict(body=net))
        if used:
            net(x).square().mean().backward()
        report = code.critical_point_report(net, x, torch.tensor(y))
        kinds = "others"
        if isinstance(report, dict):
            held = {type(value) for value in report.values()}
            kinds = "floats"
            if any(issubclass(kind, (bool, np.bool_)) for kind in held):
                kinds = "yes and no"
            elif any(issubclass(kind, torch.Tensor) for kind in held):
                kinds = "tensors"
            report = {str(name): float(value) for name, value in report.items()}
        return {"report": report, "kind of numbers": kinds}

    def reference(self, **case):
        return {"report": self.reported(lambda g, p: g.abs().max(), **case),
                "kind of numbers": "floats"}  # fmt: skip

    def reported(
        self, look, weights, biases, activation, x, y, used=False, inside=False, old=0.0,
        loss_of=None, **loss,
    ):
        """look(gradient, parameter) of every parameter by name; `old` is the share of the
        earlier gradient that is still in there."""
        parameters = [p.requires_grad_() for p in on(self.device, parameters_of(weights, biases))]
        x, y = on(self.device, (x, y))
        gradients = torch.autograd.grad(
            (loss_of or cross_entropy)(parameters, x, y, activation, **loss), parameters
        )
        if used:
            h = x
            for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
                h = F.linear(h if h is x else BETWEEN[activation](h), weight, bias)
            before = torch.autograd.grad(h.square().mean(), parameters)
            gradients = [g + old * b for g, b in zip(gradients, before, strict=True)]
        names = [f"{2 * i}.{kind}" for i in range(len(weights)) for kind in ("weight", "bias")]
        names = [f"body.{name}" if inside else name for name in names]
        return {
            name: float(look(g, p.detach()))
            for name, g, p in zip(names, gradients, parameters, strict=True)
        }

    @mistake
    def old_gradients_added(self, right, **case):
        """Somebody called backward before, and your gradients hold that one too. Set them back
        first, or ask torch.autograd.grad, which adds to nothing."""
        if case.get("used"):
            return {"report": self.reported(lambda g, p: g.abs().max(), old=1.0, **case)}

    @mistake
    def layers_inside_left_out(self, right, **case):
        """The layers that lie inside another module are missing in your report. A net's parameters
        may lie at any depth, and all of them are asked for."""
        return {"report": {}} if case.get("inside") else None

    @mistake
    def weights_reported(self, right, **case):
        """You report the parameters. Asked for are their gradients."""
        return {"report": self.reported(lambda g, p: p.abs().max(), **case)}

    @mistake
    def sign_kept(self, right, **case):
        """You take the largest of signed numbers, so that large negative entries count little.
        Asked for is the largest in size: absolute values first."""
        return {"report": self.reported(lambda g, p: g.max(), **case)}

    @mistake
    def summed_entries(self, right, **case):
        """You add the entries up. Positive and negative ones cancel, and a gradient of large
        entries passes for one that vanishes."""
        return {"report": self.reported(lambda g, p: g.sum().abs(), **case)}

    @mistake
    def norm(self, right, **case):
        """That is the norm. Asked for is the largest entry in absolute value, so that large and
        small layers can be compared."""
        return {"report": self.reported(lambda g, p: g.norm(), **case)}

    @mistake
    def mean_size(self, right, **case):
        """That is the mean of the absolute entries. Asked for is the largest."""
        return {"report": self.reported(lambda g, p: g.abs().mean(), **case)}

    @mistake
    def summed_over_the_batch(self, right, **case):
        """Your loss is the sum over the batch. Losses here are means."""
        n = len(case["x"])
        return {"report": self.reported(lambda g, p: n * g.abs().max(), **case)}

    @mistake
    def softmax_twice(self, right, **case):
        """Your scores go through a softmax twice: F.cross_entropy has one inside."""
        return {"report": self.reported(
            lambda g, p: g.abs().max(), softmax_before=True, **case
        )}  # fmt: skip

    @mistake
    def yes_or_no(self, right, **case):
        """You report whether each gradient vanishes. Asked for is how large it is: 0 then says
        the same, and everything else says more."""
        report = {name: float(value < 1e-12) for name, value in right["report"].items()}
        return {"report": report, "kind of numbers": "yes and no"}

    @mistake
    def whether_it_lives(self, right, **case):
        """You report whether each gradient is there at all. Asked for is how large it is."""
        report = {name: float(value > 1e-12) for name, value in right["report"].items()}
        return {"report": report, "kind of numbers": "yes and no"}

    @mistake
    def tensors(self, right, **case):
        """Your report holds tensors. Floats are asked for: a tensor may drag a graph along."""
        return {"kind of numbers": "tensors"}

    @mistake
    def biases_left_out(self, right, **case):
        """You report on weights only. Biases are parameters, and here they make the
        difference."""
        weights = {k: v for k, v in right["report"].items() if k.endswith("weight")}
        return {"report": weights}

    @mistake
    def weights_left_out(self, right, **case):
        """You report on biases only. Weights are parameters, too."""
        return {"report": {k: v for k, v in right["report"].items() if k.endswith("bias")}}

    @mistake
    def vanished_left_out(self, right, **case):
        """Parameters whose gradient is 0 are missing from your report. They are what it is for:
        report 0 there."""
        return {"report": {k: v for k, v in right["report"].items() if v > 1e-12}}

    @mistake
    def vanished_left_out_of_the_sum(self, right, **case):
        """Two things: parameters whose gradient is 0 are missing from your report, and they are
        what it is for; and your loss is the sum over the batch, where losses are means."""
        n = len(case["x"])
        return {"report": {k: n * v for k, v in right["report"].items() if v > 1e-12}}

    @mistake
    def one_for_each_layer(self, right, **case):
        """You have one number for each layer. Weight and bias are two parameters: each has a number
        under its own name."""
        layers = {}
        for name, value in right["report"].items():
            layer = name.rpartition(".")[0]
            layers[layer] = max(layers.get(layer, 0.0), value)
        return {"report": layers}

    @mistake
    def numbered(self, right, **case):
        """Your keys are numbers. They are to be the parameters' names, as named_parameters gives
        them."""
        return {"report": {str(i): v for i, v in enumerate(right["report"].values())}}

    @mistake
    def numbered_and_summed(self, right, **case):
        """Two things: your keys are numbers, where the parameters' names are asked for, as
        named_parameters gives them; and your loss is the sum over the batch, where losses are
        means."""
        n = len(case["x"])
        return {"report": {str(i): n * v for i, v in enumerate(right["report"].values())}}

    @mistake
    def list_for_dict(self, right, **case):
        """You return a list. A dict is asked for, so that each number has its parameter's name."""
        return {"report": list(right["report"].values()), "kind of numbers": "others"}

    @mistake
    def cleared_too_late(self, right, **case):
        """All your gradients are 0: they are set back between backward and the reading. Set them
        back before backward."""
        return {"report": dict.fromkeys(right["report"], 0.0)}

    @mistake
    def squared_error(self, right, **case):
        """Your loss is the squared distance from one-hot targets. The mean cross-entropy is asked
        for."""
        return {"report": self.reported(
            lambda g, p: g.abs().max(), **case, loss_of=squared_distance
        )}  # fmt: skip

    @mistake
    def probabilities_as_logarithms(self, right, **case):
        """Your loss is minus the mean probability of the right class: the logarithm is missing. The
        mean cross-entropy is asked for."""
        return {"report": self.reported(
            lambda g, p: g.abs().max(), **case, loss_of=negative_probability
        )}  # fmt: skip

    @mistake
    def scores_as_logarithms(self, right, **case):
        """Your loss is minus the mean score of the right class, as `F.nll_loss` gives it of bare
        scores: it wants logarithms of probabilities. The mean cross-entropy is asked for."""
        return {"report": self.reported(
            lambda g, p: g.abs().max(), **case, loss_of=negative_score
        )}  # fmt: skip

    @mistake
    def largest_of_single_examples(self, right, **case):
        """You take the largest of the single examples' gradients. The gradient of the mean loss is
        asked for: examples may cancel each other in it."""
        found = [
            self.reported(lambda g, p: g.abs().max(), **{
                **case, "x": case["x"][i : i + 1], "y": case["y"][i : i + 1], "used": False,
            }) for i in range(len(case["x"]))
        ]  # fmt: skip
        return {"report": {name: max(one[name] for one in found) for name in found[0]}}

    @mistake
    def sizes_summed(self, right, **case):
        """You add the absolute entries up. Asked for is the largest of them."""
        return {"report": self.reported(lambda g, p: g.abs().sum(), **case)}

    @mistake
    def smallest_entry(self, right, **case):
        """That is the smallest absolute entry. Asked for is the largest."""
        return {"report": self.reported(lambda g, p: g.abs().min(), **case)}

    @mistake
    def mean_size_of_the_sum(self, right, **case):
        """You take the mean of the absolute entries, and of a loss that is summed over the batch.
        Asked for is the largest entry, of the mean loss."""
        n = len(case["x"])
        return {"report": self.reported(lambda g, p: n * g.abs().mean(), **case)}

    @mistake
    def rounded(self, right, **case):
        """Your numbers are rounded to a few decimals, so a small gradient looks like none. Leave
        them as they are."""
        return {"report": {name: round(value, 4) for name, value in right["report"].items()}}

    @mistake
    def rounded_to_six(self, right, **case):
        """Your numbers are rounded to six decimals, so a smaller gradient looks like none. Leave
        them as they are."""
        return {"report": {name: round(value, 6) for name, value in right["report"].items()}}

    @mistake
    def small_taken_for_none(self, right, **case):
        """You report 0 for a gradient that is small. Small is not 0: report it as it is, then it is
        plain to see what vanishes and what is merely slow."""
        return {"report": {k: v if v > 1e-5 else 0.0 for k, v in right["report"].items()}}

    @mistake
    def clipped(self, right, **case):
        """Your gradients are scaled down so that all together have the norm 1. Report them as they
        are."""
        norm = np.linalg.norm([*self.reported(lambda g, p: g.norm(), **case).values()])
        return {"report": {k: v / max(norm + 1e-6, 1.0) for k, v in right["report"].items()}}

    @mistake
    def clipped_one_by_one(self, right, **case):
        """None of your numbers is above 1: larger ones are clipped. Report gradients as they
        are."""
        return {"report": {k: min(v, 1.0) for k, v in right["report"].items()}}

    @mistake
    def first_layer_cleared_only(self, right, **case):
        """Somebody called backward before, and you clear the first layer's gradients only: those of
        the others hold the earlier ones as well. Clear them all."""
        if case.get("used"):
            both = self.reported(lambda g, p: g.abs().max(), old=1.0, **case)
            first = {k: v for k, v in right["report"].items() if k.startswith("0.")}
            return {"report": both | first}

    @mistake
    def short_names(self, right, **case):
        """Your keys are "weight" and "bias" alone, so that later layers overwrite earlier ones. A
        parameter's full name, as net.named_parameters() has it, begins with its layer."""
        return {"report": {k.rpartition(".")[2]: v for k, v in right["report"].items()}}

    @mistake
    def norm_of_the_sum(self, right, **case):
        """You take the norm, and of a loss that is summed over the batch. Asked for is the largest
        entry in absolute value, of the mean loss."""
        n = len(case["x"])
        return {"report": self.reported(lambda g, p: n * g.norm(), **case)}

    @mistake
    def softmax_twice_and_norm(self, right, **case):
        """Two things: your scores go through a softmax twice, for F.cross_entropy has one inside;
        and you take the norm, where the largest absolute entry is asked for."""
        return {"report": self.reported(lambda g, p: g.norm(), softmax_before=True, **case)}

    @mistake
    def softmax_twice_and_summed(self, right, **case):
        """Two things: your scores go through a softmax twice, for F.cross_entropy has one inside;
        and your loss is the sum over the batch, where losses are means."""
        n = len(case["x"])
        return {"report": self.reported(lambda g, p: n * g.abs().max(), softmax_before=True,
                                        **case)}  # fmt: skip

    @mistake
    def softmax_twice_and_mean_size(self, right, **case):
        """Two things: your scores go through a softmax twice, for F.cross_entropy has one inside;
        and you take the mean of the absolute entries, where the largest is asked for."""
        return {"report": self.reported(lambda g, p: g.abs().mean(), softmax_before=True, **case)}

    @mistake
    def softmax_twice_and_sign_kept(self, right, **case):
        """Two things: your scores go through a softmax twice, for F.cross_entropy has one inside;
        and you take the largest of signed numbers, where the largest in size is asked for."""
        return {"report": self.reported(lambda g, p: g.max(), softmax_before=True, **case)}


def scores_of(parameters, x, activation):
    h = x
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        h = F.linear(h if h is x else BETWEEN[activation](h), weight, bias)
    return h


def squared_distance(parameters, x, y, activation):
    """The mean squared distance of a chain's scores from one-hot targets."""
    scores = scores_of(parameters, x, activation)
    return F.mse_loss(scores, F.one_hot(y, scores.shape[1]).to(scores.dtype))


def negative_score(parameters, x, y, activation):
    """Minus the mean score of the right class."""
    return F.nll_loss(scores_of(parameters, x, activation), y)


def negative_probability(parameters, x, y, activation):
    """Minus the mean probability of the right class."""
    return F.nll_loss(scores_of(parameters, x, activation).softmax(1), y)
