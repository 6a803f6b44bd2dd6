"""Exercise of notebook 07: the loop around rule, schedule and batches.

Those three are in `optimizers`, `optimizers_schedules` and `optimizers_batches`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.models import LinearSoftmax, Slowing


class train(Exercise):
    """A small solver: batches in, updates out, the best weights kept."""

    signature = "train(model, data, rule, schedule, epochs, batch_size=32, rng=None) -> history"
    needs = ("minibatches",)
    counted = ("rates", "batch sizes")
    minutes = 20
    difficulty = 3
    hints = (
        "Two loops: epochs, and in each the mini-batches. One counter k of updates runs through "
        "both; the schedule is asked with it.",
        "Each parameter has a config of its own, made before the first epoch. Put the rate into "
        "it, call the rule, store what comes back.",
        "After an epoch: scores for the validation images, accuracy, and when it beats every "
        "earlier one, a copy of the weights. Which weights does the model hold at the end?",
    )

    def cases(self, rng):
        def case(name, points, n, batch_size, rates, best):
            X, y = rng.normal(size=(n, 3)), rng.integers(0, 4, n)
            W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
            X_val = 2 * rng.normal(size=(60, 3))
            made = {"X": X, "y": y, "X_val": X_val, "y_val": None, "W": W, "b": b,
                    "rates": rates, "batch_size": batch_size}  # fmt: skip
            if best:
                made["y_val"] = follow(**made, labels_of=best)
            else:
                # A class that the model does not have: no image is ever right.
                made["y_val"] = np.full(60, 4)
            return Case(name, points, **made)

        yield case("one batch an epoch", 2, 20, 50, [3.0, 2.5, 2.0, 4.0, 1.5], 3)
        yield case("the last epoch is the best", 1, 16, 32, [4.0, 1.0, 3.0], 3)
        yield case("two epochs equally good", 1, 18, 18, [4.0, 2.0, 1e-4, 3.0], 2)
        yield case("no image right in any epoch", 1, 15, 15, [2.0, 3.0, 1.0], None)
        falling = [round(0.5 / (1 + k), 3) for k in range(15)]
        yield case("several batches an epoch", 2, 23, 5, falling, None)

    def observe(self, code, X, y, X_val, y_val, W, b, rates, batch_size):
        def schedule(k):
            return rates[min(int(k), len(rates) - 1)]

        def run():
            model, rule = LinearSoftmax(W, b), Slowing()
            data = {"X_train": X, "y_train": y, "X_val": X_val, "y_val": y_val}
            epochs = len(rates) // -(-len(X) // batch_size)
            # 32 is the default: there the last two arguments are left out.
            more = () if batch_size == 32 else (batch_size, np.random.default_rng(0))
            return model, rule, code.train(model, data, rule, schedule, epochs, *more)

        model, rule, history = run()
        noted = history if isinstance(history, dict) else {}
        losses, accuracies = noted.get("loss", []), noted.get("val_accuracy", [])
        # Where there are several batches, what they do depends on their order, which is free.
        order_is_free = batch_size < len(X)
        seen = {
            "rates": rule.rates,
            "batch sizes": model.batches,
            "history": [key for key in ("loss", "val_accuracy") if key in noted],
            "updates noted": len(losses),
            "epochs noted": len(accuracies),
        }
        if order_is_free:
            again = run()[2]
            same = isinstance(again, dict) and again.get("loss", []) == losses
            told = "the same losses" if same else "other losses"
            seen["the same rng again"] = told if "loss" in noted else "no losses"
        else:
            seen |= {
                "W": model.params["W"], "b": model.params["b"],
                "loss": [float(loss) for loss in losses],
                "val_accuracy": [float(accuracy) for accuracy in accuracies],
            }  # fmt: skip
        return seen

    def reference(self, X, y, X_val, y_val, W, b, rates, batch_size):
        sizes = [len(rows) for rows in torch.arange(len(X)).split(batch_size)]
        epochs = len(rates) // len(sizes)
        right = {
            "rates": [rate for rate in rates[: epochs * len(sizes)] for _ in range(2)],
            "batch sizes": sizes * epochs,
            "history": ["loss", "val_accuracy"],
            "updates noted": epochs * len(sizes),
            "epochs noted": epochs,
        }
        if len(sizes) > 1:
            return right | {"the same rng again": "the same losses"}
        X, X_val, W, b = (torch.tensor(a, device=self.device) for a in (X, X_val, W, b))
        y, y_val = torch.tensor(y, device=self.device), torch.tensor(y_val, device=self.device)
        parameters = [W.requires_grad_(), b.requires_grad_()]
        optimizer = torch.optim.SGD(parameters, lr=1.0)
        losses, accuracies, best, kept = [], [], -1.0, None
        for k, rate in enumerate(rates):
            optimizer.param_groups[0]["lr"] = rate / (k + 1) ** 0.5
            loss = F.cross_entropy(X @ W + b, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            accuracies.append(float(((X_val @ W + b).argmax(1) == y_val).double().mean()))
            if accuracies[-1] > best:
                best, kept = accuracies[-1], [p.detach().clone() for p in parameters]
        return right | {"W": kept[0], "b": kept[1], "loss": losses, "val_accuracy": accuracies}

    def changed(self, right, inputs, **change):
        if "W" in right:
            return follow(**inputs, **change)
        return {}

    @mistake
    def last_weights_kept(self, right, **inputs):
        """The model ends with the weights of the last epoch. Those of the best validation accuracy
        are wanted. If you store them: params itself goes on changing, a copy does not."""
        return self.changed(right, inputs, keep="last")

    @mistake
    def last_of_equals_kept(self, right, **inputs):
        """Of two epochs that are equally good you keep the later. The first is as good and has been
        trained for less time: keep it unless a later one is better."""
        return self.changed(right, inputs, keep="last of equals")

    @mistake
    def best_starts_at_zero(self, right, y_val, **inputs):
        """When no epoch gets a single image right, you keep nothing: your best starts at 0, and 0
        is not better than 0. Let the first epoch count in any case."""
        if "W" in right and not max(right["val_accuracy"]):
            return follow(**inputs, y_val=y_val, keep="last")

    @mistake
    def rng_ignored(self, right, X, batch_size, **inputs):
        """The same rng gives another run: your batches are drawn from a generator of your own. Hand
        on the one that is given."""
        if batch_size < len(X):
            return {"the same rng again": "other losses"}

    @mistake
    def measured_before_the_epoch(self, right, **inputs):
        """You measure the validation accuracy before the epoch's updates, so each value belongs to
        the epoch before."""
        return self.changed(right, inputs, early=True)

    @mistake
    def one_config_for_all(self, right, **inputs):
        """All parameters share one config, so each one's rule finds the state of the others. Make a
        config a parameter."""
        return self.changed(right, inputs, state="shared")

    @mistake
    def config_made_anew(self, right, **inputs):
        """The rule's state is lost between updates: every call gets a new config. Make the configs
        before the first epoch and keep what the rule gives back."""
        return self.changed(right, inputs, state="lost")

    @mistake
    def scheduled_by_epoch(self, right, X, rates, batch_size, **inputs):
        """You ask the schedule with the number of the epoch. It counts updates: k grows with every
        mini-batch."""
        each = -(-len(X) // batch_size)
        if each > 1:
            return {"rates": [rates[k // each] for k in range(len(rates)) for _ in range(2)]}

    @mistake
    def schedule_starts_over(self, right, X, rates, batch_size, **inputs):
        """Your count of updates starts over in every epoch, and the rate jumps back up. One
        counter runs through all epochs."""
        each = -(-len(X) // batch_size)
        if each > 1:
            return {"rates": [rates[k % each] for k in range(len(rates)) for _ in range(2)]}
        found = self.changed(right, {**inputs, "X": X, "batch_size": batch_size,
                                     "rates": [rates[0]] * len(rates)})  # fmt: skip
        return found | {"rates": [rates[0]] * (2 * len(rates))}

    @mistake
    def scheduled_from_one(self, right, **inputs):
        """The first update takes the second rate: k counts from 0, so use it before you count it
        up."""
        rates = [*inputs["rates"][1:], inputs["rates"][-1]]
        found = self.changed(right, {**inputs, "rates": rates})
        return found | {"rates": [rate for rate in rates for _ in range(2)]}

    @mistake
    def whole_set_each_time(self, right, X, batch_size, **inputs):
        """Every update uses all examples. That is batch gradient descent: hand the model the
        mini-batch."""
        if batch_size < len(X):
            return {"batch sizes": [len(X)] * len(right["batch sizes"])}

    @mistake
    def one_loss_an_epoch(self, right, X, batch_size, **inputs):
        """Your history has one loss an epoch. It should have one an update, as the docstring
        says."""
        if batch_size < len(X):
            return {"updates noted": right["epochs noted"]}


def follow(X, y, X_val, y_val, W, b, rates, batch_size, keep="best", early=False, state="own",
           labels_of=None):  # fmt: skip
    """One batch an epoch: what a loop shows, with one thing changed.

    With `labels_of` it gives the classes that the weights of that epoch choose, which makes that
    epoch the best on them.
    """
    model, kept, best = LinearSoftmax(W, b), None, -1.0
    losses, accuracies, t = [], [], {"W": 0, "b": 0}
    for epoch, rate in enumerate(rates, 1):
        before = model.loss(X_val).argmax(1)
        loss, gradients = model.loss(X, y)
        losses.append(loss)
        for name, gradient in gradients.items():
            counted = "all" if state == "shared" else name
            t[counted] = t.get(counted, 0) + 1
            root = 1.0 if state == "lost" else np.sqrt(t[counted])
            model.params[name] = model.params[name] - rate / root * gradient
        chosen = before if early else model.loss(X_val).argmax(1)
        if epoch == labels_of:
            return model.loss(X_val).argmax(1)
        accuracies.append(float((chosen == y_val).mean()))
        better = accuracies[-1] > best or (keep == "last of equals" and accuracies[-1] == best)
        if better or keep == "last":
            best = max(best, accuracies[-1])
            kept = dict(model.params)
    return {"W": kept["W"], "b": kept["b"], "loss": losses, "val_accuracy": accuracies}
