"""What the exercise of notebook 07 on the loop looks at; its mistakes are in `training`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise
from autograder.exercises.optimizers.solver import KEPT, follow
from course_utils.recipes.models import LinearSoftmax


class Loop(Exercise, abstract=True):
    """A loop that is run with a rule and a model which note what they are given."""

    counted = ("rates", "calls of a config", "batch sizes", "gradients", "losses are", "epochs are")
    reads = {
        "W": "the W that the model ends with",
        "b": "the b that the model ends with",
        "loss": 'the list history["loss"]',
        "val_accuracy": 'the list history["val_accuracy"]',
        "rates": "the list of learning rates that your rule is called with (0 where it finds none)",
        "calls of a config": "the list that says how often each call's config was used",
        "batch sizes": "the list of the sizes of the batches whose gradients the rule is given",
        "gradients": "your rule is given {seen}; {right} is right",
        "history": "your history has {seen}; {right} is asked for",
        "updates noted": "your history has {seen} losses; {right} are right",
        "epochs noted": "your history has {seen} accuracies; {right} are right",
        "losses are": "the losses in your history are {seen}; {right} is right",
        "epochs are": "your epochs are {seen}; {right} is right",
        "the same rng again": "with the same rng again there are {seen}; {right} is right",
    }

    def cases(self, rng):
        def drawn(n, batch_size, rates, best):
            X, y = rng.normal(size=(n, 3)), rng.integers(0, 3 if best is None else 4, n)
            W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
            X_val = 2 * rng.normal(size=(60, 3))
            made = {"X": X, "y": y, "X_val": X_val, "y_val": None, "W": W, "b": b,
                    "rates": rates, "batch_size": batch_size}  # fmt: skip
            if best is None:  # a class that the model never chooses: no image is ever right
                b[3] = -1000.0
                return made | {"y_val": np.full(60, 3)}
            return made | {"y_val": follow(**made, labels_of=best)}

        def case(name, points, *how):
            return Case(name, points, **drawn(*how))

        while True:
            made = drawn(20, 50, [2.0, 20.0, 2.0, 30.0, 3.0, 6.0], 3)
            # Whatever a loop may keep is another epoch's.
            if len({follow(**made, keep=k)["W"].tobytes() for k in KEPT}) == len(KEPT):
                break
        yield Case("one batch an epoch", 2, **made)
        yield case("the last epoch is the best", 0.5, 16, 32, [4.0, 1.0, 3.0], 3)
        # 0: the labels are what the untrained weights choose.
        yield case("no epoch is as good as the untrained weights", 0.5, 14, 14, [2.0, 5.0, 9.0], 0)
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

            def origin(dw):
                """Which batch a gradient is of: the model may have been asked for others, too."""
                for exact in (True, False):
                    for batch, loss, gradients in reversed(asked):
                        for g in gradients.values():
                            if g.shape == dw.shape:
                                scale = 1.0 if exact else (dw * g).sum() / (g * g).sum()
                                if np.allclose(dw, scale * g, rtol=1e-9, atol=0):
                                    return exact, batch, loss
                return None, np.zeros((0, 3)), np.nan

            def rule(w, dw, config):
                if batch_size == 32:  # there what comes back is another dict than what went in
                    config = dict(config)
                config["t"] = config.get("t", 0) + 1
                rate = float(config.get("learning_rate", 0))
                calls.append((rate, config["t"], w.ndim, *origin(dw)))
                return w - rate / np.sqrt(config["t"]) * dw, config

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
        kinds = {call[3] for call in calls}
        seen = {
            "rates": [rate for rate, *_ in calls],
            "calls of a config": [t for _, t, *_ in calls],
            "gradients": "another gradient"
            if None in kinds
            else "a multiple of the model's gradient"
            if False in kinds
            else "the model's gradient",
            "batch sizes": [len(batch) for *_, batch, _ in updates],
            "history": " and ".join(keys) or "neither loss nor val_accuracy",
            "updates noted": len(losses),
            "epochs noted": len(accuracies),
            "updates": len(updates),
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
        uneven = len(updates) % each == 0 and any(
            sum(map(len, order)) == len(X)
            and not np.allclose(sorted(sum(order, [])), sorted(X.tolist()))
            for order in orders
        )
        as_noted = len(own) != len(losses) or np.allclose(losses, own)
        return seen | {
            "losses are": "each batch's before its update" if as_noted else "other numbers",
            "epochs are": "not of every example once"
            if uneven
            else "the same batches again"
            if repeated
            else "in a new order each",
            "the same rng again": "the same losses" if run()[3] == losses else "other losses",
        }

    def aid(self, **inputs):
        return {"right": self.reference(**inputs)}

    def read(self, seen, right, **inputs):
        # What follows from other rates, configs, batches or keys is not judged besides.
        updates = seen["updates"]
        seen = {name: value for name, value in seen.items() if name != "updates"}
        right = {name: right[name] for name in seen}
        first = ("rates", "calls of a config", "batch sizes", "gradients")
        follows = {"W", "b", "loss", "val_accuracy", "losses are", "epochs are"} & set(seen)
        if seen["gradients"] != right["gradients"]:
            follows |= {"batch sizes"}
        if all(seen[name] == right[name] for name in first):
            follows = set()
        if seen["history"] != right["history"]:
            follows |= {"loss", "val_accuracy", "updates noted", "epochs noted"} & set(seen)
        if seen["updates noted"] == updates:  # their number is told by the batches
            follows |= {"updates noted"}
        return seen | {name: right[name] for name in follows}

    def reference(self, X, y, X_val, y_val, W, b, rates, batch_size):
        sizes = [len(rows) for rows in torch.arange(len(X)).split(batch_size)]
        epochs = len(rates) // len(sizes)
        updates = epochs * len(sizes)
        right = {
            "rates": [rate for rate in rates[:updates] for _ in range(2)],
            "calls of a config": [k + 1 for k in range(updates) for _ in range(2)],
            "gradients": "the model's gradient",
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
