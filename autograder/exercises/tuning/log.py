"""Exercise of notebook 08: a run written to a TensorBoard log, which the check reads back."""

import warnings

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near
from course_utils.recipes.instruments.logs import temporary_log
from course_utils.recipes.modules import weights
from course_utils.recipes.tuning import TwoLayers


class log_run(Exercise):
    """Scalars, histograms of the weights and the graph, for TensorBoard."""

    signature = "log_run(writer, model, history, example)"
    library = "any"
    minutes = 12
    difficulty = 2
    extra = True
    hints = (
        "The writer has a method each for a scalar, a histogram and a graph; two of them take the "
        "tag, the value and the step, in this order.",
        "An epoch's accuracy was measured when so many updates had been made: how many is that, "
        "when you know all updates and all epochs?",
    )

    def cases(self, rng):
        def case(name, points, epochs, updates, training):
            return Case(
                name, points, training=training, seed=int(rng.integers(1e6)),
                sizes=[5, 4, 3], example=rng.normal(size=(6, 5)).astype(np.float32),
                losses=[float(v) for v in rng.uniform(0.1, 3, epochs * updates)],
                accuracies=[float(v) for v in rng.uniform(0.2, 1, epochs)],
            )  # fmt: skip

        yield case("a model in training mode", 3, 3, 4, True)
        yield case("a model in evaluation mode", 1, 2, 5, False)

    def observe(self, code, sizes, seed, training, example, losses, accuracies):
        model = TwoLayers(*sizes, seed).train(training)
        before = weights(model)
        history = {"loss": losses, "val_accuracy": accuracies}
        with temporary_log() as log, warnings.catch_warnings():
            # torch's own, about the tracer that draws graphs.
            warnings.simplefilter("ignore", DeprecationWarning)
            code.log_run(log.writer, model, history, torch.from_numpy(example))
            seen = log.read()
        after = weights(model)
        return seen | {
            "training mode afterwards": model.training,
            "model unchanged": all(torch.equal(before[name], after[name]) for name in before),
        }

    def read(self, seen, **inputs):
        scalars, histograms = seen["scalars"], seen["histograms"]
        none = {"steps": [], "values": []}
        loss, accuracy = (scalars.get(tag, none) for tag in ("loss", "val_accuracy"))
        return {
            "scalars": sorted(scalars),
            "steps of loss": loss["steps"],
            "loss": loss["values"],
            "steps of val_accuracy": accuracy["steps"],
            "val_accuracy": accuracy["values"],
            "histograms": {tag: found["counts"] for tag, found in sorted(histograms.items())},
            "steps of histograms": sorted({s for f in histograms.values() for s in f["steps"]}),
            "graph": seen["graph"],
            "training mode afterwards": seen["training mode afterwards"],
            "model unchanged": seen["model unchanged"],
        }

    def reference(self, sizes, training, losses, accuracies, **inputs):
        model = TwoLayers(*sizes, 0)
        updates, epochs = len(losses), len(accuracies)
        steps = torch.arange(1, epochs + 1) * (updates // epochs)
        return {
            "scalars": ["loss", "val_accuracy"],
            "steps of loss": list(range(updates)),
            "loss": near(losses, rtol=1e-6, atol=1e-7),  # a log keeps single precision
            "steps of val_accuracy": steps.tolist(),
            "val_accuracy": near(accuracies, rtol=1e-6, atol=1e-7),
            "histograms": {n: [float(p.numel())] for n, p in sorted(model.named_parameters())},
            "steps of histograms": [updates],
            "graph": True,
            "training mode afterwards": training,
            "model unchanged": True,
        }

    @mistake
    def steps_all_the_same(self, right, losses, accuracies, **inputs):
        """Give every value its step: without one they all land on the same place of the axis."""
        return {"steps of loss": [0] * len(losses), "steps of val_accuracy": [0] * len(accuracies)}

    @mistake
    def accuracy_by_epoch(self, right, accuracies, **inputs):
        """Your accuracies stand at the number of their epoch, beside losses that count updates.
        Use one unit, or the curves cannot be laid over each other."""
        return {"steps of val_accuracy": list(range(1, len(accuracies) + 1))}

    @mistake
    def accuracy_by_epoch_from_zero(self, right, accuracies, **inputs):
        """Your accuracies stand at 0, 1, 2: the number of the epoch. Losses count updates; give
        both the same unit."""
        return {"steps of val_accuracy": list(range(len(accuracies)))}

    @mistake
    def accuracy_an_epoch_early(self, right, losses, accuracies, **inputs):
        """Your first accuracy stands at step 0, where nothing was learned yet. It was measured
        after the first epoch's updates."""
        each = len(losses) // len(accuracies)
        return {"steps of val_accuracy": [each * e for e in range(len(accuracies))]}

    @mistake
    def losses_from_one(self, right, losses, **inputs):
        """A loss is measured before its update, so the first belongs to step 0."""
        return {"steps of loss": list(range(1, len(losses) + 1))}

    @mistake
    def a_tag_a_step(self, right, losses, accuracies, **inputs):
        """One curve has one tag; yours opens a new plot for every step."""
        tags = [f"loss/{k}" for k in range(len(losses))]
        return {"scalars": sorted([*tags, "val_accuracy"]), "steps of loss": [], "loss": []}

    @mistake
    def no_histograms(self, right, **inputs):
        """There are no histograms: how the weights are spread is half of what the log is for."""
        return {"histograms": {}, "steps of histograms": []}

    @mistake
    def matrices_alone(self, right, **inputs):
        """You log w1 and w2 and leave out the norm's parameters. named_parameters has all."""
        return {"histograms": {n: c for n, c in right["histograms"].items() if n[0] == "w"}}

    @mistake
    def histograms_at_zero(self, right, **inputs):
        """Your histograms stand at step 0, as if these were the first weights. They are those
        after the last update."""
        return {"steps of histograms": [0]}

    @mistake
    def no_graph(self, right, **inputs):
        """The graph is missing."""
        return {"graph": False}

    @mistake
    def left_in_evaluation_mode(self, right, training, **inputs):
        """You leave the model in evaluation mode: the training that goes on would be without batch
        statistics and dropout. Put back the mode that you found."""
        if training:
            return {"training mode afterwards": False}

    @mistake
    def left_in_training_mode(self, right, training, **inputs):
        """You put the model into training mode, whatever it was in. Put back the mode that you
        found."""
        if not training:
            return {"training mode afterwards": True}
