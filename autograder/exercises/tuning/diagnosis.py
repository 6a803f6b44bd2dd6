"""Exercises of notebook 08 on what a net's losses say: before it is trained, and from its curves.

The net itself is in `tuning_net`, settings to try in `tuning_sampling` and `tuning_search`, the log
in `tuning_log`, questions in `tuning_questions`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.tuning import PenalisedSoftmax


class sanity_checks(Exercise):
    """Three questions to a net before it is trained: first loss, penalty, twenty examples."""

    signature = "sanity_checks(model, X, y, learning_rate=0.1, steps=200)"
    minutes = 12
    difficulty = 2
    hints = (
        "All three need model.reg to be something else for a while, and the last one changes the "
        "weights. So begin by writing down what you will have to put back.",
        "The number of classes is in the shape of model.loss(X). Copies of the parameters are "
        "needed: the dictionary alone would go on pointing to what you train.",
    )

    def cases(self, rng):
        def case(name, points, scale=0.01, penalty=1.0, gradient=1.0, rate=0.5, steps=100, n=45):
            d, classes = 26, 7
            return Case(
                name, 2 * points, X=rng.normal(size=(n, d)), y=rng.integers(0, classes - 2, n),
                W=scale * rng.normal(size=(d, classes)), b=np.zeros(classes), reg=0.4,
                penalty=penalty, gradient=gradient, learning_rate=rate, steps=steps,
            )  # fmt: skip

        yield case("a sound net", 2)
        yield case("first weights too large", 1, scale=2.0)
        yield case("first weights a little too large", 1, scale=0.2)
        yield case("a penalty without effect", 1, penalty=0.0)
        yield case("a penalty that is subtracted", 1, penalty=-1.0)
        yield case("gradients that point uphill", 1, gradient=-1.0)
        yield case("two steps are too few", 1, scale=0.05, rate=0.02, steps=2)

    def observe(self, code, W, b, reg, penalty, gradient, X, y, learning_rate, steps):
        model = PenalisedSoftmax(W, b, reg, penalty, gradient)
        report = dict(code.sanity_checks(model, X, y, learning_rate, steps))
        names = "first_loss", "expected_loss", "loss_with_reg", "accuracy_on_20"
        seen = {name: float(report[name]) for name in names}
        seen["sound"] = bool(report["sound"])
        return seen | {"W afterwards": model.params["W"], "reg afterwards": float(model.reg)}

    def reference(self, **inputs):
        right = examine(self.device, **inputs)
        return {
            name: near(value, rtol=1e-6, atol=1e-9) if isinstance(value, float) else value
            for name, value in right.items()
        }

    @mistake
    def classes_in_the_labels(self, right, y, **inputs):
        """You count the classes in y. Some may not occur there, and still the net has a score for
        each: ask the scores."""
        found = float(np.log(len(np.unique(y))))
        close = abs(right["first_loss"] - found) < 0.1 * found
        return {"expected_loss": found, "sound": right["sound"] and bool(close)}

    @mistake
    def first_loss_with_penalty(self, right, **inputs):
        """Your first loss holds the penalty. ln C is the loss of guessing alone: set reg to 0 for
        it."""
        return examine("cpu", **inputs, first_reg=inputs["reg"])

    @mistake
    def penalised_while_memorising(self, right, **inputs):
        """You train on the 20 examples with the penalty on, which holds the weights back.
        Memorising is a test of the gradients: reg is 0."""
        return examine("cpu", **inputs, last_reg=1.0)

    @mistake
    def never_without_penalty(self, right, **inputs):
        """After the loss with reg = 1 you never set reg to 0: the first loss is that number too,
        and the 20 examples are learned with the penalty on."""
        return examine("cpu", **inputs, first_reg=1.0, last_reg=1.0)

    @mistake
    def climbs(self, right, **inputs):
        """Your steps go uphill: what a step subtracts is the rate times the gradient."""
        return examine("cpu", **inputs | {"gradient": -inputs["gradient"]})

    @mistake
    def memorises_everything(self, right, **inputs):
        """You train on all examples. Twenty are enough to see that the net can learn, and quick."""
        return examine("cpu", **inputs, few=len(inputs["X"]))

    @mistake
    def accuracy_on_everything(self, right, **inputs):
        """You train on 20 examples and measure on all. Whether the net generalises is a later
        question: can it memorise these 20?"""
        return examine("cpu", **inputs, measured=len(inputs["X"]))

    @mistake
    def accuracy_before_training(self, right, **inputs):
        """Your accuracy is that of the first weights. Has the training changed model.params?"""
        return examine("cpu", **inputs | {"steps": 0})

    @mistake
    def leaves_it_trained(self, right, **inputs):
        """Your check leaves the model trained on 20 examples. It should be found as it was: keep
        copies of the arrays (a copy of the dictionary holds the same arrays)."""
        return {"W afterwards": examine("cpu", **inputs, restore=False)["W afterwards"]}

    @mistake
    def leaves_reg_changed(self, right, **inputs):
        """You do not put model.reg back: the training that follows would have no penalty."""
        return {"reg afterwards": 0.0}

    @mistake
    def leaves_reg_at_one(self, right, **inputs):
        """You leave model.reg at 1, the value of your test. Put back what was there."""
        return {"reg afterwards": 1.0}

    @mistake
    def two_of_three_will_do(self, right, **inputs):
        """A net is sound when all three checks say so."""
        return {"sound": True}

    @mistake
    def equal_loss_will_do(self, right, **inputs):
        """A loss that stays the same when reg rises is a penalty that was forgotten. It has to
        rise."""
        if inputs["penalty"] == 0:
            return {"sound": True}


def examine(device, W, b, X, y, reg, penalty, gradient, learning_rate, steps, first_reg=0.0,
            last_reg=0.0, few=20, measured=20, restore=True):  # fmt: skip
    """All observations of sanity_checks, on torch, with one thing changed."""
    start = [torch.tensor(a, device=device) for a in (W, b)]
    X, y = torch.tensor(X, device=device), torch.tensor(y, device=device)

    def loss(w, reg, rows):
        cost = F.cross_entropy(X[:rows] @ w[0] + w[1], y[:rows])
        return cost + penalty * reg / 2 * (w[0] ** 2).sum()

    first = float(loss(start, first_reg, len(X)))
    with_reg = float(loss(start, 1.0, len(X)))
    trained = [w.clone().requires_grad_() for w in start]
    optimizer = torch.optim.SGD(trained, lr=learning_rate, maximize=gradient < 0)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(trained, last_reg, few).backward()
        optimizer.step()
    right = (X[:measured] @ trained[0] + trained[1]).argmax(1) == y[:measured]
    accuracy = float(right.double().mean())
    expected = float(torch.log(torch.tensor(float(W.shape[1]), dtype=torch.float64)))
    return {
        "first_loss": first,
        "expected_loss": expected,
        "loss_with_reg": with_reg,
        "accuracy_on_20": accuracy,
        "sound": abs(first - expected) < 0.1 * expected and with_reg > first and accuracy == 1,
        "W afterwards": W if restore else trained[0].detach().cpu().numpy(),
        "reg afterwards": float(reg),
    }


class diagnose(Exercise):
    """What is wrong with a run, from its curves alone."""

    signature = "diagnose(history, goal=0.9)"
    minutes = 10
    difficulty = 2
    hints = (
        "Take the five answers in the docstring's order and return at the first that fits: each "
        "later one may then rely on the earlier ones being ruled out.",
        "A single loss is noise, but for the first. Compute three means first: of the first tenth, "
        "of the tenth that starts in the middle, of the last tenth. Then think about what a "
        "comparison with NaN says.",
    )

    def cases(self, rng):
        def case(name, points, losses, train, val, goal=0.9, noise=0.03):
            losses = np.asarray(losses) * (1 + noise * rng.normal(size=len(losses)))
            epochs = np.linspace(0, 1, 12)[1:]
            history = {
                "loss": [float(loss) for loss in losses],
                "train_accuracy": [float(train * e**0.2) for e in epochs],
                "val_accuracy": [float(val * e**0.2) for e in epochs],
            }
            return Case(name, points, history=history, goal=goal)

        n = 10 * int(rng.integers(12, 30))
        t = np.linspace(0, 1, n)
        settled = 0.1 + 2.2 * np.exp(-9 * t)
        spike = settled.copy()
        spike[-1] = 9.0
        nan_at_the_end = np.where(t < 0.93, settled, np.nan)
        yield case("falls and settles, accuracies high and close", 1, settled, 0.97, 0.94)
        yield case("falls and settles, accuracies far apart", 1, settled, 0.99, 0.74)
        yield case("settles early at a high loss", 1, 1.1 + 1.2 * np.exp(-12 * t), 0.6, 0.58)
        yield case("still falls by 0.29 of its fall", 1, 0.3 + 2 * np.exp(-1.5 * t), 0.6, 0.58,
                   noise=0.0)  # fmt: skip
        yield case("still falls by 0.22 of its fall", 1, 0.3 + 2 * np.exp(-2.3 * t), 0.6, 0.58,
                   noise=0.0)  # fmt: skip
        yield case("does not move at all", 1, np.full(n, 2.25), 0.1, 0.1, noise=0.0)
        yield case("falls slowly and steadily", 1, 2.3 - 0.5 * t, 0.4, 0.39, noise=0.01)
        yield case("rises", 1, 2.3 + 3 * t, 0.12, 0.11)
        burst = np.where(t > 0, 7 + 500 * np.exp(-200 * t), 2.3)
        yield case("bursts at once and settles higher", 1, burst, 0.12, 0.11)
        yield case("becomes NaN", 1, nan_at_the_end, 0.97, 0.94)
        yield case("infinite for a while", 1, np.where(abs(t - 0.7) < 0.02, np.inf, settled),
                   0.97, 0.94)  # fmt: skip
        yield case("noisy, with a spike at the end", 1, spike, 0.96, 0.93, noise=0.25)
        yield case("still falling, and the goal is reached", 1, 1.2 - t, 0.95, 0.93, noise=0.02)
        yield case("a modest goal", 1, 1.1 + 1.2 * np.exp(-12 * t), 0.7, 0.66, goal=0.6)
        yield case("better in validation than in training", 1, settled, 0.8, 0.95, goal=0.75)
        yield case("close enough in the last epoch", 1, settled, 0.97, 0.88)
        yield case("goal and gap met to the digit", 1, settled, 0.2, 0.1, goal=0.2)
        at = np.arange(n) - n
        yield case("a burst in the last tenth", 1, np.where(at == -(n // 10), 1e3, settled), 0.97,
                   0.94)  # fmt: skip
        yield case("a burst before the last tenth", 1,
                   np.where(at == -(n // 10) - 1, 1e3, settled), 0.97, 0.94)  # fmt: skip

    def observe(self, code, history, goal):
        return {"diagnosis": code.diagnose(history, goal)}

    def reference(self, history, goal):
        return {"diagnosis": diagnosis(history, goal)}

    def told(self, inputs, **change):
        return {"diagnosis": diagnosis(**inputs, **change)}

    @mistake
    def single_losses(self, right, **inputs):
        """You look at single losses, such as the last one. One mini-batch is noise: take means."""
        return self.told(inputs, single=True)

    @mistake
    def bursts_overlooked(self, right, **inputs):
        """A rate that is much too high does its damage in the first updates, and then the loss may
        even fall. Compare with the first loss of all: no update had touched the net."""
        return self.told(inputs, untouched=False)

    @mistake
    def nan_overlooked(self, right, **inputs):
        """A loss that is NaN is neither above nor below anything, so every comparison with it says
        no. Ask for it first."""
        return self.told(inputs, finite=False)

    @mistake
    def infinity_overlooked(self, right, **inputs):
        """You look for NaN and not for infinity."""
        if np.isinf(inputs["history"]["loss"]).any():
            return self.told(inputs, finite=False)

    @mistake
    def any_rise_is_too_much(self, right, **inputs):
        """Your diagnosis is "lr too high" as soon as one loss is above the one before. Mini-batches
        make every curve jump."""
        return {"diagnosis": "lr too high"}

    @mistake
    def low_rate_taken_for_underfit(self, right, **inputs):
        """A loss that still falls when the run ends says: wait, or take larger steps. Only one that
        has settled is underfit."""
        if right["diagnosis"] == "lr too low":
            return {"diagnosis": "underfit"}

    @mistake
    def underfit_taken_for_low_rate(self, right, **inputs):
        """This loss settled long before the end: more steps or larger ones will not help. Compare
        the second half's fall with the whole."""
        if right["diagnosis"] == "underfit":
            return {"diagnosis": "lr too low"}

    @mistake
    def slow_is_wrong_by_itself(self, right, **inputs):
        """A run that still improves and has reached its goal is healthy. Slow falling counts only
        below the goal."""
        return self.told(inputs, slow_counts=True)

    @mistake
    def validation_held_against_the_goal(self, right, **inputs):
        """You hold the validation accuracy against the goal. Whether a net can fit at all shows on
        the training data."""
        return self.told(inputs, measured="val_accuracy")

    @mistake
    def gap_the_wrong_way(self, right, **inputs):
        """Overfitting is training above validation; you subtract the other way round."""
        return self.told(inputs, sign=-1)

    @mistake
    def gap_either_way(self, right, **inputs):
        """Validation above training is no overfitting: with dropout or augmentation it is
        common."""
        return self.told(inputs, sign=0)

    @mistake
    def goal_ignored(self, right, **inputs):
        """You hold every run against 0.9, whatever the goal is."""
        return self.told(inputs | {"goal": 0.9})


def diagnosis(history, goal, single=False, finite=True, slow_counts=False,
              measured="train_accuracy", sign=1, untouched=True):  # fmt: skip
    """The rules of `diagnose`, with one thing changed."""
    losses = torch.tensor(history["loss"], dtype=torch.float64)
    if finite and not torch.isfinite(losses).all():
        return "lr too high"
    tenth = 1 if single else len(losses) // 10
    half = len(losses) // 2
    start, middle, end = (
        float(losses[rows].mean())
        for rows in (slice(tenth), slice(half, half + tenth), slice(-tenth, None))
    )
    if end > (float(losses[0]) if untouched else start):
        return "lr too high"
    low = history[measured][-1] < goal
    if middle - end > (start - end) / 4 and (low or slow_counts):
        return "lr too low"
    if low:
        return "underfit"
    gap = history["train_accuracy"][-1] - history["val_accuracy"][-1]
    gap = abs(gap) if sign == 0 else sign * gap
    return "overfit" if gap > 0.1 else "healthy"
