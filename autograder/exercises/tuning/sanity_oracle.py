"""What is judged of three checks of a net before it is trained, and mistakes about the loss with
its penalty; the exercise is in `sanity`.

The reference runs on torch. Mistakes, of which many train, have the gradient by hand.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Exercise, mistake

STATE = "rest of the model unchanged"


def examine(device, W, b, X, y, reg, penalty, gradient, learning_rate, steps, keeps, more):
    """All observations of sanity_checks, on torch."""
    start = [torch.tensor(a, device=device) for a in (W, b)]
    X, y = torch.tensor(X, device=device), torch.tensor(y, device=device)

    def loss(w, reg, rows=None):
        cost = F.cross_entropy(X[:rows] @ w[0] + w[1], y[:rows])
        return cost + penalty * reg / 2 * (w[0] ** 2).sum()

    rate = 0.1 if learning_rate is None else learning_rate
    trained = [w.clone().requires_grad_() for w in start]
    optimizer = torch.optim.SGD(trained, lr=rate, maximize=gradient < 0)
    for _ in range(200 if steps is None else steps):
        optimizer.zero_grad()
        loss(trained, 0.0, 20).backward()
        optimizer.step()
    right = (X[:20] @ trained[0] + trained[1]).argmax(1) == y[:20]
    classes = torch.tensor(float(len(b)), dtype=torch.float64)
    report = {
        "first_loss": float(loss(start, 0.0)),
        "expected_loss": float(torch.log(classes)),
        "loss_with_reg": float(loss(start, 1.0)),
        "accuracy_on_20": float(right.double().mean()),
    }
    return with_verdict(report) | {
        "report lacks": "nothing",
        "W afterwards": W,
        "reg afterwards": float(reg),
        STATE: True,
    }


def answers(report) -> tuple[bool, bool, bool]:
    """Whether the first loss is near, the penalty raises it, and the 20 are learned."""
    first, expected = report["first_loss"], report["expected_loss"]
    near_it = abs(first - expected) < 0.1 * expected
    return bool(near_it), bool(report["loss_with_reg"] > first), bool(report["accuracy_on_20"] == 1)


def with_verdict(report) -> dict:
    return report | {"sound": all(answers(report))}


def cost(w, X, y, penalty=0.0, reg=0.0) -> float:
    """The loss of the parameters w."""
    scores = X @ w[0] + w[1]
    scores = scores - scores.max(1, keepdims=True)
    entropy = np.log(np.exp(scores).sum(1)) - scores[np.arange(len(y)), y]
    return float(entropy.mean() + penalty * reg / 2 * (w[0] ** 2).sum())


def memorise(W, b, X, y, penalty, gradient, learning_rate, steps, reg=0.0, few=slice(20),
             measured=slice(20), one_by_one=False, fewer=0, biases=True, rounds=False, best=False,
            momentum=0.0, **_):  # fmt: skip
    """The parameters after the steps on the few, and their accuracy on the measured.

    With `best` it is the best accuracy on the way, the first weights' among them.
    """
    accuracy = lambda: float(((X[measured] @ W + b).argmax(1) == y[measured]).mean())
    reached = [accuracy()] if best else []
    rate = 0.1 if learning_rate is None else learning_rate
    hot, velocity = np.eye(len(b))[y], (0.0, 0.0)
    count = max(0, (200 if steps is None else steps) - fewer)
    for step in range(20 * count if rounds else count):
        part = [step % 20] if one_by_one or rounds else few
        scores = X[part] @ W + b
        powers = np.exp(scores - scores.max(1, keepdims=True))
        d = (powers / powers.sum(1, keepdims=True) - hot[part]) / len(scores)
        velocity = [
            momentum * v - rate * gradient * g
            for v, g in zip(velocity, (X[part].T @ d + penalty * reg * W, d.sum(0)), strict=True)
        ]  # fmt: skip
        W = W + velocity[0]
        b = b + velocity[1] if biases else b
        if best:
            reached.append(accuracy())
    return (W, b), max([*reached, accuracy()])


def first_all_right(steps, **inputs):
    """After how many of the steps all of the few are right for the first time, or None."""
    inputs = inputs | {"reg": 0.0}
    tried = range(200 if steps is None else steps)
    return next((k for k in tried if memorise(**inputs, steps=k)[1] == 1), None)


def first_wrong_again(steps, **inputs):
    """After how many of the steps some of the few are wrong that were all right before, or None."""
    inputs = inputs | {"reg": 0.0}
    right = [memorise(**inputs, steps=k)[1] == 1 for k in range(steps + 1)]
    return next((k for k in range(steps + 1) if not right[k] and any(right[:k])), None)


def weights_for(ratio, W, X, y):
    """Weights along W, or along the classes' sums, whose loss is so many times ln C."""
    target = ratio * np.log(W.shape[1])
    if ratio < 1:
        W = X.T @ np.eye(W.shape[1])[y]

    def loss(t):
        return cost((t * W, 0.0), X, y)

    if ratio > 1 and loss(1e-3) < loss(0):
        W = -W
    low, high = 0.0, 1e-3
    while (loss(high) < target) == (ratio > 1):
        high *= 1.3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (loss(middle) < target) == (ratio > 1) else (low, middle)
    return high * W


class SecondLoss(Exercise, abstract=True):
    """For `sanity_checks`: what goes wrong with the loss with reg = 1."""

    def report(self, right, **change) -> dict:
        """Other numbers, and what the report then says of them."""
        return change | {"sound": with_verdict({**right, **change})["sound"]}

    def loss(self, right, reg) -> float:
        """With another penalty; a sum, since a rounding would count as a rise."""
        return right["first_loss"] + reg * (right["loss_with_reg"] - right["first_loss"])

    @mistake
    def reg_raised_by_one(self, right, **inputs):
        """Your loss_with_reg is that of the model's own reg plus 1. Set reg to 1."""
        reg = 1 + inputs["reg"]
        return self.report(right, loss_with_reg=self.loss(right, reg))

    @mistake
    def penalty_of_the_trained_net(self, right, **inputs):
        """Your loss_with_reg is that of the net after the 20 examples were learned. All losses are
        those of the net as it came."""
        w, _ = memorise(**inputs | {"reg": 0.0})
        after = cost(w, inputs["X"], inputs["y"], inputs["penalty"], 1.0)
        return self.report(right, loss_with_reg=after)

    @mistake
    def penalty_alone(self, right, **inputs):
        """Your loss_with_reg is what the penalty adds. The whole loss is wanted."""
        return {"loss_with_reg": right["loss_with_reg"] - right["first_loss"]}

    @mistake
    def penalty_by_formula(self, right, **inputs):
        """Where a model forgets its penalty, or takes it away, your loss_with_reg has it all the
        same, as from a formula of your own. Set reg to 1 and ask the model for its loss."""
        second = cost((inputs["W"], inputs["b"]), inputs["X"], inputs["y"], 1.0, 1.0)
        return self.report(right, loss_with_reg=second) if inputs["penalty"] != 1 else None

    @mistake
    def twice_the_first_loss(self, right, **inputs):
        """Your loss_with_reg is twice the first loss, whatever the model's penalty is. It is the
        loss that the model gives with reg = 1."""
        return self.report(right, loss_with_reg=2 * right["first_loss"])
