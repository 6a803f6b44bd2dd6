"""Exercises of notebook 04 on weights that are alike, and on gradients that vanish at the start."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.chains import chain

BETWEEN = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}


def cross_entropy(parameters, x, y, activation, softmax_before=False):
    """The mean cross-entropy of a chain of affine maps; parameters are weight, bias, weight, ..."""
    h = x
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        h = F.linear(h if h is x else BETWEEN[activation](h), weight, bias)
    return F.cross_entropy(h.softmax(1) if softmax_before else h, y)


def on(device, arrays):
    return [torch.tensor(np.asarray(a), device=device) for a in arrays]


def parameters_of(weights, biases):
    return [array for pair in zip(weights, biases, strict=True) for array in pair]


def trained(device, weights, biases, activation, x, y, steps, rate, accumulate=False, **loss):
    """The parameters after plain gradient descent on the whole batch, as numpy arrays."""
    parameters = [p.requires_grad_() for p in on(device, parameters_of(weights, biases))]
    x, y = on(device, (x, y))
    total = [torch.zeros_like(p) for p in parameters]
    for _ in range(steps):
        now = torch.autograd.grad(cross_entropy(parameters, x, y, activation, **loss), parameters)
        total = [t + g if accumulate else g for t, g in zip(total, now, strict=True)]
        parameters = [
            (p - rate * g).detach().requires_grad_() for p, g in zip(parameters, total, strict=True)
        ]
    return [p.detach().cpu().numpy() for p in parameters]


def compared(table):
    """How many different rows a table has, and the largest difference within a column."""
    different = len(np.unique(np.round(table, 6), axis=0))
    return {"different": different, "spread": float(np.ptp(table, axis=0).max())}


class symmetry_after(Exercise):
    """Do hidden units that start alike ever become different?"""

    signature = "symmetry_after(net, steps, x, y, learning_rate=0.5) -> different, spread"
    library = "any"
    minutes = 15
    difficulty = 2
    hints = (
        "A hidden unit is a row of net[0].weight with its entry of net[0].bias. Put them side by "
        "side into one table with a row for each unit.",
        "copy.deepcopy gives you a net of your own to train. Whose parameters does your "
        "optimizer hold?",
        "torch.unique can look for different rows: it has a dim.",
    )

    def cases(self, rng):
        d, h, c, n = 4, 5, 3, 12

        def case(name, weights, biases, steps, activation="tanh", **more):
            x, y = rng.normal(size=(n, d)), rng.permutation([0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
            return Case(name, 1, weights=weights, biases=biases, activation=activation,
                        x=x, y=y, steps=steps, **more)  # fmt: skip

        def random(*shape):
            return rng.uniform(0.2, 1, shape) * rng.choice([-1, 1], shape)

        constant = [np.full((h, d), 0.3), np.full((c, h), -0.2)]
        yield case("constant weights, biases of 0", constant, [np.zeros(h), np.zeros(c)], 3)
        yield case("constant weights, random biases, before training", constant,
                   [random(h), np.zeros(c)], 0, "sigmoid")  # fmt: skip
        yield case("random weights, biases of 0", [random(h, d), random(c, h)],
                   [np.zeros(h), np.zeros(c)], 2, learning_rate=0.25)  # fmt: skip
        twins = rng.permutation([0, 0, 0, 1, 1])
        yield case("two kinds of unit", [random(2, d)[twins], random(c, 2)[:, twins]],
                   [random(2)[twins], random(c)], 3, "sigmoid")  # fmt: skip
        yield case("alike below, different above, one step", [constant[0], random(c, h)],
                   [np.full(h, 0.1), np.zeros(c)], 1, learning_rate=1.0)  # fmt: skip
        nearly = np.full((h, d), 0.25)
        nearly[1, 2], nearly[3, 0] = 0.250002, 0.2500002
        yield case("nearly alike, before training", [nearly, random(c, h)],
                   [np.zeros(h), np.zeros(c)], 0, "relu")  # fmt: skip

    def observe(self, code, weights, biases, activation, x, y, steps, learning_rate=None):
        net = chain(weights, biases, activation)
        given = () if learning_rate is None else (learning_rate,)
        different, spread = code.symmetry_after(
            net, steps, torch.tensor(x), torch.tensor(y), *given
        )
        left = zip(net.parameters(), (a for p in zip(weights, biases) for a in p))  # noqa: B905 - as many as the net still has
        same = all(np.array_equal(mine.detach().numpy(), its) for mine, its in left)
        return {"different": different, "spread": spread, "net is as it was": same}

    def reference(self, **case):
        return {**self.seen(case), "net is as it was": True}

    def table(self, case, look=lambda p: np.column_stack(p[:2]), **how):
        """`look` at the parameters after training in some way; a row a unit when left out."""
        rate = how.pop("rate", case.get("learning_rate", 0.5))
        given = {name: value for name, value in case.items() if name != "learning_rate"}
        return look(trained(self.device, **{**given, **how}, rate=rate))

    def seen(self, case, *look, **how):
        return compared(self.table(case, *look, **how))

    @mistake
    def biases_left_out(self, right, **case):
        """You compare weights only. Two units with the same weights and different biases compute
        different things."""
        return self.seen(case, lambda p: p[0])

    @mistake
    def inputs_compared(self, right, **case):
        """You compare along the wrong axis: yours asks how many inputs are treated differently.
        A unit is a row of the weight."""
        return self.seen(case, lambda p: np.column_stack(p[:2]).T)

    @mistake
    def output_layer(self, right, **case):
        """You look at the last layer. The hidden units are those of the first."""
        return self.seen(case, lambda p: np.column_stack(p[2:]))

    @mistake
    def gradients_accumulate(self, right, **case):
        """From the second step on your gradients hold those of the steps before: backward adds
        to .grad, and nothing sets it back but you."""
        return self.seen(case, accumulate=True)

    @mistake
    def one_step_too_many(self, right, **case):
        """You take one step too many: with steps=0 nothing should be trained."""
        return self.seen(case, steps=case["steps"] + 1)

    @mistake
    def not_trained(self, right, **case):
        """Your numbers are those before training. Does the optimizer hold the parameters of the
        net that you look at? It keeps those that it was given, not their copies."""
        return self.seen(case, steps=0)

    @mistake
    def rate_ignored(self, right, **case):
        """Your learning rate is 0.5 whatever the argument says."""
        return self.seen(case, rate=0.5)

    @mistake
    def softmax_twice(self, right, **case):
        """Your scores go through a softmax twice: F.cross_entropy has one inside."""
        return self.seen(case, softmax_before=True)

    @mistake
    def net_is_trained(self, right, **case):
        """You train the net that was passed in. Its owner still needs it as it was: train a copy,
        a deep one."""
        if case["steps"]:
            return {"net is as it was": False}

    @mistake
    def deviation_for_spread(self, right, **case):
        """Your spread is a standard deviation. Asked for is the largest value less the smallest
        one, at the weight or bias where that is largest."""
        return {"spread": float(self.table(case).std(0, ddof=1).max())}  # as torch takes it

    @mistake
    def loss_summed(self, right, **case):
        """Your steps are too long by the number of examples: the loss is the mean over the batch,
        not the sum."""
        return self.seen(case, rate=case.get("learning_rate", 0.5) * len(case["x"]))

    @mistake
    def not_rounded(self, right, **case):
        """You count units that differ by less than rounding as different. Round to six decimals
        first."""
        table = self.table(case)
        return {"different": len(np.unique(table, axis=0))} if not case["steps"] else None

    @mistake
    def over_the_whole_table(self, right, **case):
        """You take the largest and the smallest entry of the whole table. Compare like with like:
        units differ in one weight at a time, so take the difference within each column first."""
        return {"spread": float(np.ptp(self.table(case)))}


class critical_point_report(Exercise):
    """Which gradients vanish before the first step?"""

    signature = "critical_point_report(net, x, y)"
    library = "any"
    minutes = 10
    difficulty = 2
    hints = (
        "net.named_parameters() gives pairs of a name and a parameter. After backward each "
        "parameter has a .grad.",
        "What if somebody has called backward on this net before you?",
    )

    def cases(self, rng):
        n, d, h, c = 12, 4, 5, 3
        some = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2])

        def random(*shape):
            return rng.uniform(0.2, 1, shape) * rng.choice([-1, 1], shape)

        def case(name, weights, biases, activation="tanh", y=some, **more):
            return Case(name, 1, weights=weights, biases=biases, activation=activation,
                        x=rng.normal(size=(n, d)), y=rng.permutation(y), **more)  # fmt: skip

        zero = [np.zeros((h, d)), np.zeros((c, h))]
        none = [np.zeros(h), np.zeros(c)]
        yield case("all zero, tanh", zero, none)
        yield case("all zero, sigmoid", zero, none, "sigmoid")
        yield case("all zero, three layers of relu",
                   [zero[0], np.zeros((h, h)), zero[1]], [none[0], *none], "relu")  # fmt: skip
        yield case("zero output weights", [random(h, d), zero[1]], [random(h), random(c)])
        yield case("all zero, as many of each class", zero, none, "sigmoid", np.arange(n) % c)
        yield case("random, and backward was called before", [random(h, d), random(c, h)],
                   [random(h), random(c)], used=True)  # fmt: skip

    def observe(self, code, weights, biases, activation, x, y, used=False):
        net, x = chain(weights, biases, activation), torch.tensor(x)
        if used:
            net(x).square().mean().backward()
        return {"report": code.critical_point_report(net, x, torch.tensor(y))}

    def reference(self, **case):
        return {"report": self.reported(lambda g, p: g.abs().max(), **case)}

    def reported(self, look, weights, biases, activation, x, y, used=False, old=0.0, **loss):
        """look(gradient, parameter) of every parameter by name; `old` is the share of the
        earlier gradient that is still in there."""
        parameters = [p.requires_grad_() for p in on(self.device, parameters_of(weights, biases))]
        x, y = on(self.device, (x, y))
        gradients = torch.autograd.grad(
            cross_entropy(parameters, x, y, activation, **loss), parameters
        )
        if used:
            h = x
            for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
                h = F.linear(h if h is x else BETWEEN[activation](h), weight, bias)
            before = torch.autograd.grad(h.square().mean(), parameters)
            gradients = [g + old * b for g, b in zip(gradients, before, strict=True)]
        names = [f"{2 * i}.{kind}" for i in range(len(weights)) for kind in ("weight", "bias")]
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
    def weights_reported(self, right, **case):
        """You report the parameters. Asked for are their gradients."""
        return {"report": self.reported(lambda g, p: p.abs().max(), **case)}

    @mistake
    def sign_kept(self, right, **case):
        """The largest of signed numbers is not the largest in size: a gradient with negative
        entries only would count as less than 0."""
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
        return {"report": {name: value < 1e-12 for name, value in right["report"].items()}}

    @mistake
    def biases_left_out(self, right, **case):
        """You report on weights only. Biases are parameters, and here they make the
        difference."""
        weights = {k: v for k, v in right["report"].items() if k.endswith("weight")}
        return {"report": weights}
