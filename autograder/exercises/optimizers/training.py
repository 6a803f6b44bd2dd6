"""Exercise of notebook 07: the loop around rule, schedule and batches.

Those three are in `momentum` and its neighbours, `schedules` and `minibatches`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.optimizers.solver import KEPT, follow, kept
from course_utils.recipes.models import LinearSoftmax


class train(Exercise):
    """A small solver: batches in, updates out, the best weights kept."""

    signature = "train(model, data, rule, schedule, epochs, batch_size=32, rng=None) -> history"
    counted = ("rates", "calls of a config", "batch sizes", "losses are", "epochs are")
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
    reads = {
        "W": "the W that the model ends with",
        "b": "the b that the model ends with",
        "loss": 'the list history["loss"]',
        "val_accuracy": 'the list history["val_accuracy"]',
        "rates": "the list of learning rates that your rule is called with",
        "calls of a config": "the list that says how often each call's config was used",
        "batch sizes": "the list of the sizes of the batches whose gradients the rule is given",
        "history": "your history has {seen}; {right} is asked for",
        "updates noted": "your history has {seen} losses; {right} are right",
        "epochs noted": "your history has {seen} accuracies; {right} are right",
        "losses are": "the losses in your history are {seen}; {right} is right",
        "epochs are": "your epochs are {seen}; {right} is right",
        "the same rng again": "with the same rng again there are {seen}; {right} is right",
    }

    def cases(self, rng):
        def drawn(n, batch_size, rates, best):
            X, y = rng.normal(size=(n, 3)), rng.integers(0, 4, n)
            W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
            X_val = 2 * rng.normal(size=(60, 3))
            made = {"X": X, "y": y, "X_val": X_val, "y_val": None, "W": W, "b": b,
                    "rates": rates, "batch_size": batch_size}  # fmt: skip
            # A class that the model does not have: no image is ever right.
            return made | {"y_val": follow(**made, labels_of=best) if best else np.full(60, 4)}

        def case(name, points, *how):
            return Case(name, points, **drawn(*how))

        while True:
            made = drawn(20, 50, [2.0, 20.0, 2.0, 30.0, 3.0], 3)
            found = follow(**made)
            # Whatever a loop may keep is another epoch's.
            if len({kept(k, found["loss"], found["val_accuracy"]) for k in KEPT}) == len(KEPT):
                break
        yield Case("one batch an epoch", 2, **made)
        yield case("the last epoch is the best", 1, 16, 32, [4.0, 1.0, 3.0], 3)
        yield case("two epochs equally good", 1, 18, 18, [4.0, 2.0, 1e-4, 3.0], 2)
        yield case("no image right in any epoch", 1, 15, 15, [2.0, 3.0, 1.0], None)
        falling = [round(0.5 / (1 + k), 3) for k in range(15)]
        yield case("several batches an epoch", 2, 23, 5, falling, None)

    def observe(self, code, X, y, X_val, y_val, W, b, rates, batch_size):
        def schedule(k):
            return rates[min(int(k), len(rates) - 1)]

        def run():
            asked, calls = [], []

            class Model(LinearSoftmax):
                def loss(self, rows, labels=None):
                    found = super().loss(rows, labels)
                    if labels is not None:
                        copies = {name: g.copy() for name, g in found[1].items()}
                        asked.append((np.array(rows), found[0], copies))
                    return found

            def rule(w, dw, config):
                # Which batch this gradient is of: the model may be asked for others, too.
                held = [a for a in asked[::-1]
                        if any(np.array_equal(g, dw) for g in a[2].values())]  # fmt: skip
                batch, loss = held[0][:2] if held else (np.zeros((0, 3)), np.nan)
                config["t"] = config.get("t", 0) + 1
                calls.append((float(config["learning_rate"]), config["t"], w.ndim, batch, loss))
                return w - config["learning_rate"] / np.sqrt(config["t"]) * dw, config

            model = Model(W, b)
            data = {"X_train": X, "y_train": y, "X_val": X_val, "y_val": y_val}
            epochs = len(rates) // -(-len(X) // batch_size)
            # 32 is the default: there the last two arguments are left out.
            more = () if batch_size == 32 else (batch_size, np.random.default_rng(0))
            history = code.train(model, data, rule, schedule, epochs, *more)
            noted = history if isinstance(history, dict) else {}
            listed = [[float(value) for value in np.ravel(noted[key])] if key in noted else []
                      for key in ("loss", "val_accuracy")]  # fmt: skip
            return model, calls, noted, *listed

        model, calls, noted, losses, accuracies = run()
        keys = [key for key in ("loss", "val_accuracy") if key in noted]
        updates = [call for call in calls if call[2] == W.ndim]
        seen = {
            "rates": [rate for rate, *_ in calls],
            "calls of a config": [t for _, t, *_ in calls],
            "batch sizes": [len(batch) for *_, batch, _ in updates],
            "history": " and ".join(keys) or "neither loss nor val_accuracy",
            "updates noted": len(losses),
            "epochs noted": len(accuracies),
        }
        if batch_size >= len(X):
            return seen | {
                "W": model.params["W"], "b": model.params["b"],
                "loss": losses, "val_accuracy": accuracies,
            }  # fmt: skip
        # Where there are several batches, what they do depends on their order, which is free.
        own = [loss for *_, loss in updates]
        each = -(-len(X) // batch_size)
        orders = [[batch.tolist() for *_, batch, _ in updates[i : i + each]]
                  for i in range(0, len(updates), each)]  # fmt: skip
        repeated = any(order == orders[0] for order in orders[1:])
        as_noted = len(own) != len(losses) or np.allclose(losses, own)
        return seen | {
            "losses are": "each batch's before its update" if as_noted else "other numbers",
            "epochs are": "the same batches again" if repeated else "in a new order each",
            "the same rng again": "the same losses" if run()[3] == losses else "other losses",
        }

    def aid(self, **inputs):
        return {"right": self.reference(**inputs)}

    def read(self, seen, right, **inputs):
        # What follows from other rates, configs or batches is not judged besides.
        first = ("rates", "calls of a config", "batch sizes")
        if any(seen[name] != right[name] for name in first):
            follows = ("W", "b", "loss", "val_accuracy")
            seen = seen | {name: right[name] for name in follows if name in right}
        return seen

    def reference(self, X, y, X_val, y_val, W, b, rates, batch_size):
        sizes = [len(rows) for rows in torch.arange(len(X)).split(batch_size)]
        epochs = len(rates) // len(sizes)
        updates = epochs * len(sizes)
        right = {
            "rates": [rate for rate in rates[:updates] for _ in range(2)],
            "calls of a config": [k + 1 for k in range(updates) for _ in range(2)],
            "batch sizes": sizes * epochs,
            "history": "loss and val_accuracy",
            "updates noted": updates,
            "epochs noted": epochs,
        }
        if len(sizes) > 1:
            return right | {
                "losses are": "each batch's before its update",
                "epochs are": "in a new order each",
                "the same rng again": "the same losses",
            }
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
    def first_weights_kept(self, right, **inputs):
        """The model ends with the weights of the first epoch, though a later one did better.
        Compare each epoch with the best so far, and keep the better one's weights."""
        return self.changed(right, inputs, keep="first")

    @mistake
    def untrained_weights_kept(self, right, **inputs):
        """The model ends with the weights that it came with. They should be those after the epoch
        of the best validation accuracy."""
        if "W" in right:
            return {name: inputs[name] for name in ("W", "b")}

    @mistake
    def worst_weights_kept(self, right, **inputs):
        """The model ends with the weights of the lowest validation accuracy. The highest is
        wanted."""
        return self.changed(right, inputs, keep="worst")

    @mistake
    def lowest_loss_kept(self, right, **inputs):
        """The model ends with the weights of the epoch with the lowest training loss. What counts
        is the accuracy on the validation images."""
        return self.changed(right, inputs, keep="lowest loss")

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
    def same_batches_each_epoch(self, right, X, batch_size, **inputs):
        """Your epochs have the same batches in the same order. Draw a new order for each epoch,
        from the rng that goes on."""
        if batch_size < len(X):
            return {"epochs are": "the same batches again"}

    @mistake
    def measured_before_the_epoch(self, right, **inputs):
        """You measure the validation accuracy before the epoch's updates, so each value belongs to
        the epoch before."""
        return self.changed(right, inputs, early=True)

    @mistake
    def measured_on_training_data(self, right, **inputs):
        """You measure the accuracy on the training data. The best weights are those that do best on
        data that they have not seen, the validation images."""
        return self.changed(right, inputs, measured="training")

    @mistake
    def accuracy_in_percent(self, right, **inputs):
        """Your accuracies are in percent. A share is asked for, from 0 to 1."""
        if "W" in right:
            return {"val_accuracy": [100 * a for a in right["val_accuracy"]]}

    @mistake
    def number_right_for_share(self, right, **inputs):
        """You note how many validation images are right. Their share is asked for: divide by how
        many there are."""
        if "W" in right:
            return {"val_accuracy": [len(inputs["y_val"]) * a for a in right["val_accuracy"]]}

    @mistake
    def error_for_accuracy(self, right, **inputs):
        """Your accuracy is the share of wrong answers. It is the share of right ones."""
        return self.changed(right, inputs, measured="error")

    @mistake
    def one_config_for_all(self, right, **inputs):
        """All parameters share one config, so each one's rule finds the state of the others. Make a
        config a parameter."""
        return {"calls of a config": [i + 1 for i in range(len(right["rates"]))]}

    @mistake
    def config_made_anew(self, right, **inputs):
        """The rule's state is lost between updates: every call gets a new config. Make the configs
        before the first epoch and keep what the rule gives back."""
        return {"calls of a config": [1] * len(right["rates"])}

    @mistake
    def config_of_an_epoch(self, right, X, batch_size, **inputs):
        """The rule's state is lost at the end of an epoch: each epoch starts with new configs. Make
        them before the first one."""
        each = -(-len(X) // batch_size)
        calls = [k % each + 1 for k in range(right["updates noted"]) for _ in range(2)]
        return {"calls of a config": calls}

    @mistake
    def gradients_taken_again(self, right, **inputs):
        """You ask for the gradients anew for each parameter, when the others have moved already.
        One update has one loss and one set of gradients, all taken at the same weights."""
        return self.changed(right, inputs, again=True)

    @mistake
    def one_parameter_moves(self, right, **inputs):
        """Only one parameter is updated. The loop goes over all of the model's params."""
        return {name: right[name][::2] for name in ("rates", "calls of a config")}

    @mistake
    def loss_after_the_update(self, right, **inputs):
        """The losses in your history are those after each update. The loss belongs there that the
        mini-batch had before it, the one that comes with the gradients."""
        if "W" in right:
            return {"loss": follow(**inputs, late_loss=True)["loss"]}
        return {"losses are": "other numbers"}

    @mistake
    def scheduled_by_epoch(self, right, X, rates, batch_size, **inputs):
        """You ask the schedule with the number of the epoch. It counts updates: k grows with every
        mini-batch."""
        each = -(-len(X) // batch_size)
        if each > 1:
            return {"rates": [rates[k // each] for k in range(len(rates)) for _ in range(2)]}

    @mistake
    def scheduled_by_call(self, right, rates, **inputs):
        """You count k up for each parameter. k counts updates: one for each mini-batch, and all
        parameters of it have the same rate."""
        return {"rates": [rates[min(i, len(rates) - 1)] for i in range(2 * len(rates))]}

    @mistake
    def rate_never_changes(self, right, rates, **inputs):
        """Your rule always has the first learning rate. The schedule is asked anew before each
        update, and its answer goes into config."""
        return {"rates": [rates[0]] * 2 * len(rates)}

    @mistake
    def schedule_starts_over(self, right, X, rates, batch_size, **inputs):
        """Your count of updates starts over in every epoch, and the rate jumps back up. One
        counter runs through all epochs."""
        each = -(-len(X) // batch_size)
        return {"rates": [rates[k % each] for k in range(len(rates)) for _ in range(2)]}

    @mistake
    def scheduled_from_one(self, right, **inputs):
        """The first update takes the second rate: k counts from 0, so use it before you count it
        up."""
        rates = [*inputs["rates"][1:], inputs["rates"][-1]]
        return {"rates": [rate for rate in rates for _ in range(2)]}

    @mistake
    def whole_set_each_time(self, right, X, batch_size, **inputs):
        """Every update uses all examples. That is batch gradient descent: hand the model the
        mini-batch."""
        if batch_size < len(X):
            return {"batch sizes": [len(X)] * len(right["batch sizes"])}

    @mistake
    def one_epoch_missing(self, right, X, batch_size, **inputs):
        """There is one epoch too few."""
        each = -(-len(X) // batch_size)
        found = {name: right[name][: -2 * each] for name in ("rates", "calls of a config")}
        found |= {"batch sizes": right["batch sizes"][:-each]}
        return found | {"updates noted": right["updates noted"] - each,
                        "epochs noted": right["epochs noted"] - 1}  # fmt: skip

    @mistake
    def one_loss_an_epoch(self, right, X, batch_size, **inputs):
        """Your history has one loss an epoch. It should have one an update, as the docstring
        says."""
        if batch_size < len(X):
            return {"updates noted": right["epochs noted"]}

    @mistake
    def one_accuracy_an_update(self, right, X, batch_size, **inputs):
        """Your history has one accuracy an update. It should have one an epoch, taken when the
        epoch is over."""
        if batch_size < len(X):
            return {"epochs noted": right["updates noted"]}
