"""Notebook 08: a penalty in half of its places, first weights drawn evenly, steps that carry on,
and a quarter of another fall."""

import copy

import numpy as np
from wrong_code import wrong
from wrong_code.tuning.checks import diagnosed
from wrong_code.tuning.nets import Net, net
from wrong_code.tuning.seeds_and_forms import penalising

for kind, letters in [("biases", ["b"]), ("everything", ["b", "gamma", "beta"])]:
    penalising(f"{kind}_pulled_in_the_gradient", *letters, in_loss=0)
    penalising(f"{kind}_penalised_in_the_loss", *letters, in_gradient=0)


def evenly(identity, *layers):
    """A net in which these layers start with evenly drawn weights of the right deviation."""

    @net(identity)
    class FullyConnectedNet(Net):
        def draw(self, n, m, scale):
            self.drawn = getattr(self, "drawn", 0) + 1
            if self.drawn in layers:
                return self.rng.uniform(-(3**0.5) * scale, 3**0.5 * scale, (n, m))
            return super().draw(n, m, scale)


evenly("all_weights_drawn_evenly", 1, 2, 3)
evenly("w1_drawn_evenly", 1)
evenly("w2_drawn_evenly", 2)
evenly("w3_drawn_evenly", 3)


@net("dropout_without_the_seed", "global-random")
class FullyConnectedNet(Net):
    def generator(self, seed):
        np.random.seed(seed)
        return np.random.mtrand._rand


@wrong("sanity_checks", "trains_with_momentum")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    net = copy.deepcopy(model)
    net.reg = 0
    first, classes = net.loss(X, y)[0], net.loss(X).shape[1]
    net.reg = 1
    second, net.reg = net.loss(X, y)[0], 0
    speed = dict.fromkeys(net.params, 0)
    for _ in range(steps):
        for name, grad in net.loss(X[:20], y[:20])[1].items():
            speed[name] = 0.9 * speed[name] - learning_rate * grad
            net.params[name] = net.params[name] + speed[name]
    accuracy = float((net.loss(X[:20]).argmax(1) == y[:20]).mean())
    near = abs(first - np.log(classes)) < 0.1 * np.log(classes)
    return {"first_loss": first, "expected_loss": np.log(classes), "loss_with_reg": second,
            "accuracy_on_20": accuracy,
            "sound": bool(near and second > first and accuracy == 1)}  # fmt: skip


diagnosed("quarter_of_the_level_at_first",
          falls=lambda losses, start, middle, end: middle - end > start / 4)  # fmt: skip


@wrong("pareto_front", "mask_returned")
def pareto_front(seconds, accuracies):
    beaten = [any(s <= t and a >= b and (s < t or a > b)
                  for s, a in zip(seconds, accuracies, strict=True))
              for t, b in zip(seconds, accuracies, strict=True)]  # fmt: skip
    return ~np.array(beaten)


diagnosed("quarter_of_the_fall_before",
          falls=lambda losses, start, middle, end: middle - end > (start - middle) / 4)  # fmt: skip


def _second_loss(identity, second):
    """sanity_checks whose loss with a penalty is `second(first, W)`, without the model."""

    @wrong("sanity_checks", identity)
    def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
        net = copy.deepcopy(model)
        net.reg = 0
        first, expected = net.loss(X, y)[0], np.log(net.loss(X).shape[1])
        penalised = second(first, model.params["W"])
        for _ in range(steps):
            for name, grad in net.loss(X[:20], y[:20])[1].items():
                net.params[name] = net.params[name] - learning_rate * grad
        accuracy = float((net.loss(X[:20]).argmax(1) == y[:20]).mean())
        near = abs(first - expected) < 0.1 * expected
        return {"first_loss": first, "expected_loss": expected, "loss_with_reg": penalised,
                "accuracy_on_20": accuracy,
                "sound": bool(near and penalised > first and accuracy == 1)}  # fmt: skip


_second_loss("penalty_by_formula", lambda first, W: first + np.sum(W * W) / 2)
_second_loss("twice_the_first_loss", lambda first, W: 2 * first)
