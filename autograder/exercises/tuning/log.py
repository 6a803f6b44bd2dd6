"""Exercise of notebook 08: a run written to a TensorBoard log, which the check reads back."""

import warnings

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from course_utils.recipes.instruments.logs import temporary_log
from course_utils.recipes.tuning import TwoLayers

TAGS, LOSS_STEPS, ACCURACY_STEPS = "tags of scalars", "steps of loss", "steps of val_accuracy"
LOSSES, ACCURACIES = "losses", "accuracies"
HISTOGRAMS, HISTOGRAM_STEPS, SUMS, LEAST = (
    "tags of histograms", "steps of histograms", "sums of histograms", "least of histograms",
)  # fmt: skip
GRAPH, OPEN, MODES, PARAMETERS, STATISTICS = (
    "graph", "writer left open", "training mode afterwards", "parameters unchanged",
    "statistics unchanged",
)  # fmt: skip


class log_run(Exercise):
    """Scalars, histograms of the weights and the graph, for TensorBoard."""

    signature = "log_run(writer, model, history, example)"
    library = "any"
    minutes = 12
    difficulty = 2
    extra = True
    reads = {
        TAGS: "the tags of your scalars are {seen}; {right} are right",
        LOSS_STEPS: "the steps of your losses are {seen}; {right} are right",
        ACCURACY_STEPS: "the steps of your accuracies are {seen}; {right} are right",
        LOSSES: "the array of losses in your log",
        ACCURACIES: "the array of accuracies in your log",
        HISTOGRAMS: "the tags of your histograms are {seen}; {right} are right",
        HISTOGRAM_STEPS: "the steps of your histograms are {seen}; {right} are right",
        SUMS: "the sums of the values in your histograms, by tag: the dictionary",
        LEAST: "the smallest values in your histograms, by tag: the dictionary",
        GRAPH: "it is {seen} that a graph is in your log; {right} is right",
        OPEN: "it is {seen} that the writer is left open; {right} is right",
        MODES: "it is {seen} that you leave the model in training mode; {right} is right",
        PARAMETERS: "it is {seen} that the parameters are as they were; {right} is right",
        STATISTICS: "it is {seen} that the running statistics are as they were; {right} is right",
    }
    hints = (
        "The writer has one method for a scalar, one for a histogram and one for a graph. Two of "
        "them take the tag, the value and the step, in this order.",
        "How many updates had been made when an epoch's accuracy was measured? You know the total "
        "number of updates and the number of epochs.",
    )

    def cases(self, rng):
        def case(name, points, epochs, updates, training, frozen=False):
            return Case(
                name, points, training=training, frozen=frozen,
                seed=int(rng.integers(1e6)), sizes=[5, 4, 3],
                example=rng.normal(size=(6, 5)).astype(np.float32),
                losses=[float(v) for v in rng.uniform(0.1, 3, epochs * updates)],
                accuracies=[float(v) for v in rng.uniform(0.2, 1, epochs)],
            )  # fmt: skip

        yield case("a model in training mode", 2, 3, 4, True)
        yield case("a model in evaluation mode, its norm frozen", 1, 2, 5, False, frozen=True)

    def observe(self, code, sizes, seed, training, frozen, example, losses, accuracies):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        model = TwoLayers(*sizes, seed).train(training)
        model.norm.requires_grad_(not frozen)
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, 0.25)
        before = [weights.detach().clone() for weights in model.parameters()]
        statistics = {name: value.clone() for name, value in model.named_buffers()}
        history = {"loss": losses, "val_accuracy": accuracies}
        with temporary_log() as log, warnings.catch_warnings():
            # torch's own, about the tracer that draws graphs.
            warnings.simplefilter("ignore", DeprecationWarning)
            code.log_run(log.writer, model, history, torch.from_numpy(example))
            left_open = log.writer.all_writers is not None
            log.writer.close()
            warnings.simplefilter("ignore")
            events = EventAccumulator(log.folder, size_guidance={"scalars": 0, "histograms": 0})
            events.Reload()
        tags = events.Tags()
        scalars = {tag: events.Scalars(tag) for tag in tags["scalars"]}
        histograms = {tag: events.Histograms(tag) for tag in tags["histograms"]}
        values = {tag: [event.histogram_value for event in found]
                  for tag, found in histograms.items()}  # fmt: skip
        return {
            "scalars": {tag: {"steps": [event.step for event in found],
                              "values": [event.value for event in found]}
                        for tag, found in scalars.items()},
            "histograms": {tag: {"steps": [event.step for event in found]}
                           for tag, found in histograms.items()},
            "graph": bool(tags["graph"]),
            "sums": {tag: [float(value.sum) for value in found] for tag, found in values.items()},
            "least": {tag: [float(value.min) for value in found] for tag, found in values.items()},
            "writer left open": left_open,
            "training mode afterwards": model.training,
            "parameters unchanged": all(
                torch.equal(*pair) for pair in zip(before, model.parameters(), strict=True)
            ),
            "statistics unchanged": all(
                torch.equal(statistics[name], value) for name, value in model.named_buffers()
            ),
        }

    def read(self, seen, sizes, seed, losses, accuracies, **inputs):
        scalars, histograms = seen["scalars"], seen["histograms"]
        found = {name: seen[name] for name in (GRAPH, OPEN, MODES, PARAMETERS, STATISTICS)}
        # What bears another tag is told once; it is judged under the tag that it should have.
        found[TAGS] = short(scalars)
        if set(scalars) != {"loss", "val_accuracy"} and len(scalars) == 2:
            found[TAGS] = "other ones"
            first, second = sorted(scalars, key=lambda tag: -len(scalars[tag]["steps"]))
            scalars = {"loss": scalars[first], "val_accuracy": scalars[second]}
        none = {"loss": {"steps": range(len(losses)), "values": losses},
                "val_accuracy": {"steps": ends(losses, accuracies),
                                 "values": accuracies}}  # fmt: skip
        scalars = none | scalars
        found |= {
            LOSS_STEPS: listed(scalars["loss"]["steps"]),
            LOSSES: np.array(scalars["loss"]["values"]),
            ACCURACY_STEPS: listed(scalars["val_accuracy"]["steps"]),
            ACCURACIES: np.array(scalars["val_accuracy"]["values"]),
        }
        weights = parameters(sizes, seed)
        found[HISTOGRAMS] = short(histograms)
        if len(histograms) == len(weights) and set(histograms) != set(weights):
            found[HISTOGRAMS], seen = "other ones", {"sums": {}, "least": {}}
        steps = sorted({step for each in histograms.values() for step in each["steps"]})
        return found | {
            HISTOGRAM_STEPS: listed(steps) if histograms else str(len(losses)),
            SUMS: {n: seen["sums"].get(n, [float(w.sum())]) for n, w in weights.items()},
            LEAST: {n: seen["least"].get(n, [float(w.min())]) for n, w in weights.items()},
        }

    def reference(self, sizes, seed, training, losses, accuracies, **inputs):
        weights = parameters(sizes, seed)
        return {
            TAGS: "loss, val_accuracy",
            LOSS_STEPS: listed(range(len(losses))),
            ACCURACY_STEPS: listed(ends(losses, accuracies)),
            # A log keeps single precision.
            LOSSES: near(np.array(losses), rtol=1e-6, atol=1e-7),
            ACCURACIES: near(np.array(accuracies), rtol=1e-6, atol=1e-7),
            HISTOGRAMS: ", ".join(weights),
            HISTOGRAM_STEPS: str(len(losses)),
            SUMS: near({n: [float(w.sum())] for n, w in weights.items()}, rtol=1e-5, atol=1e-6),
            LEAST: near({n: [float(w.min())] for n, w in weights.items()}, rtol=1e-5, atol=1e-6),
            GRAPH: True,
            OPEN: True,
            MODES: training,
            PARAMETERS: True,
            STATISTICS: True,
        }

    @mistake
    def other_tags(self, right, **inputs):
        """Your scalars have other tags than "loss" and "val_accuracy". Runs are laid over each
        other by their tags, so all have to use the same."""
        return {TAGS: "other ones"}

    @mistake
    def other_histogram_tags(self, right, **inputs):
        """Your histograms have other tags than the parameters' names. named_parameters gives the
        names."""
        return {HISTOGRAMS: "other ones"}

    @mistake
    def a_tag_a_step(self, right, losses, accuracies, **inputs):
        """One curve has one tag; yours opens a new plot for every step."""
        return {TAGS: short([*(f"loss/{k}" for k in range(len(losses))), "val_accuracy"])}

    @mistake
    def steps_all_the_same(self, right, losses, accuracies, **inputs):
        """Give every value its step: without one they all land on the same place of the axis."""
        return {LOSS_STEPS: listed([0] * len(losses)),
                ACCURACY_STEPS: listed([0] * len(accuracies))}  # fmt: skip

    @mistake
    def accuracy_by_epoch(self, right, accuracies, **inputs):
        """Your accuracies stand at the number of their epoch, beside losses that count updates.
        Use one unit, or the curves cannot be laid over each other."""
        return {ACCURACY_STEPS: listed(range(1, len(accuracies) + 1))}

    @mistake
    def accuracy_by_epoch_from_zero(self, right, accuracies, **inputs):
        """Your accuracies stand at 0, 1, 2: the number of the epoch. Losses count updates; give
        both the same unit."""
        return {ACCURACY_STEPS: listed(range(len(accuracies)))}

    @mistake
    def accuracy_an_epoch_early(self, right, losses, accuracies, **inputs):
        """Your first accuracy stands at step 0, where nothing was learned yet. It was measured
        after the first epoch's updates."""
        each = len(losses) // len(accuracies)
        return {ACCURACY_STEPS: listed(each * e for e in range(len(accuracies)))}

    @mistake
    def accuracy_an_update_early(self, right, losses, accuracies, **inputs):
        """Your accuracies stand at the step of their epoch's last loss. By then that update had not
        been made: one further is the number of updates."""
        each = len(losses) // len(accuracies)
        return {ACCURACY_STEPS: listed(each * e - 1 for e in range(1, len(accuracies) + 1))}

    @mistake
    def accuracies_at_the_end(self, right, losses, accuracies, **inputs):
        """All your accuracies stand at the last step. Each belongs to the end of its own epoch."""
        return {ACCURACY_STEPS: listed([len(losses)] * len(accuracies))}

    @mistake
    def last_accuracy_alone(self, right, losses, accuracies, **inputs):
        """Your log has the last accuracy only. There is one for each epoch."""
        return {ACCURACY_STEPS: str(len(losses)), ACCURACIES: np.array(accuracies[-1:])}

    @mistake
    def one_loss_an_epoch(self, right, losses, accuracies, **inputs):
        """Your log has the mean loss of each epoch, at its first step. Every update has its own
        loss."""
        each = len(losses) // len(accuracies)
        return {LOSS_STEPS: listed(range(0, len(losses), each)),
                LOSSES: np.array(losses).reshape(-1, each).mean(1)}  # fmt: skip

    @mistake
    def losses_by_accuracies(self, right, losses, accuracies, **inputs):
        """Your log has only as many losses as there are epochs. There is one for each update."""
        return {LOSS_STEPS: listed(range(len(accuracies))),
                LOSSES: np.array(losses[: len(accuracies)])}  # fmt: skip

    @mistake
    def losses_from_one(self, right, losses, **inputs):
        """A loss is measured before its update, so the first belongs to step 0."""
        return {LOSS_STEPS: listed(range(1, len(losses) + 1))}

    @mistake
    def no_histograms(self, right, **inputs):
        """There are no histograms: how the weights are spread is half of what the log is for."""
        return {HISTOGRAMS: "none"}

    @mistake
    def matrices_alone(self, right, **inputs):
        """You log w1 and w2 and leave out the norm's parameters. named_parameters has all."""
        return {HISTOGRAMS: "w1, w2"}

    @mistake
    def biases_left_out(self, right, **inputs):
        """Your histograms leave out the bias. Every parameter has one."""
        return {HISTOGRAMS: "norm.weight, w1, w2"}

    @mistake
    def frozen_left_out(self, right, frozen, **inputs):
        """Your histograms leave out parameters that are frozen. Every parameter has one, whether it
        is trained or not."""
        return {HISTOGRAMS: "w1, w2"} if frozen else None

    @mistake
    def buffers_too(self, right, **inputs):
        """Your histograms have the norm's running statistics, too, as state_dict has them. Only
        parameters are wanted."""
        more = "norm.num_batches_tracked, norm.running_mean, norm.running_var"
        return {HISTOGRAMS: short((right[HISTOGRAMS] + ", " + more).split(", "))}

    @mistake
    def gradients_logged(self, right, sizes, **inputs):
        """Your histograms are those of the gradients. The parameters themselves are wanted."""
        counts = {n: w.size for n, w in parameters(sizes, 0).items()}
        return {SUMS: {n: [0.25 * count] for n, count in counts.items()},
                LEAST: {n: [0.25] for n in counts}}  # fmt: skip

    @mistake
    def absolute_values_logged(self, right, sizes, seed, **inputs):
        """Your histograms are those of absolute values. Signs belong to how weights are spread."""
        values = {n: np.abs(w) for n, w in parameters(sizes, seed).items()}
        return {SUMS: {n: [float(w.sum())] for n, w in values.items()},
                LEAST: {n: [float(w.min())] for n, w in values.items()}}  # fmt: skip

    @mistake
    def histograms_at_zero(self, right, **inputs):
        """Your histograms stand at step 0, as if these were the first weights. They are those
        after the last update."""
        return {HISTOGRAM_STEPS: "0"}

    @mistake
    def histograms_by_epoch(self, right, accuracies, **inputs):
        """Your histograms stand at the number of epochs. Steps are updates, everywhere in a log."""
        return {HISTOGRAM_STEPS: str(len(accuracies))}

    @mistake
    def histograms_an_update_early(self, right, losses, **inputs):
        """Your histograms stand at the step of the last loss. The weights are those after its
        update, so one further."""
        return {HISTOGRAM_STEPS: str(len(losses) - 1)}

    @mistake
    def no_graph(self, right, **inputs):
        """The graph is missing."""
        return {GRAPH: False}

    @mistake
    def graph_without_example(self, right, **inputs):
        """The graph needs an example: it is drawn while the model runs once."""
        return dict.fromkeys(right, raises("RuntimeError", "example_kwarg"))

    # What is left behind.

    @mistake
    def writer_closed(self, right, **inputs):
        """You close the writer. Whoever made it may have more to write: leave it open."""
        return {OPEN: False}

    @mistake
    def left_in_evaluation_mode(self, right, training, **inputs):
        """You leave the model in evaluation mode: the training that goes on would be without batch
        statistics and dropout. Put back the mode that you found."""
        return {MODES: False} if training else None

    @mistake
    def left_in_training_mode(self, right, training, **inputs):
        """You put the model into training mode, whatever it was in. Put back the mode that you
        found."""
        return None if training else {MODES: True}

    @mistake
    def statistics_moved_by_a_run(self, right, training, **inputs):
        """Your logging moves the running statistics of the norm: you run the model in training
        mode, in which every forward pass moves them. Run it in evaluation mode, or leave that to
        add_graph, which does so by itself."""
        return {STATISTICS: False} if training else None

    @mistake
    def statistics_moved(self, right, **inputs):
        """Your logging moves the running statistics of the norm, also those of a model that came in
        evaluation mode: you switch it to training mode and run it there."""
        return {STATISTICS: False}


def parameters(sizes, seed) -> dict:
    """The model's parameters by name."""
    named = sorted(TwoLayers(*sizes, seed).named_parameters())
    return {name: value.detach().double().numpy() for name, value in named}


def ends(losses, accuracies) -> list[int]:
    """How many updates were made by the end of each epoch."""
    updates = len(losses) // len(accuracies)
    return [updates * epoch for epoch in range(1, len(accuracies) + 1)]


def listed(steps) -> str:
    """Steps as the learner reads them."""
    return ", ".join(str(int(step)) for step in steps) or "none"


def short(tags) -> str:
    """Tags as the learner reads them, the first of many."""
    tags = sorted(tags)
    return (", ".join(tags[:9]) + (", ..." if len(tags) > 9 else "")) or "none"
