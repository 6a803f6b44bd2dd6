"""Notebook 08: logs and fronts as people really write them wrong."""

import numpy as np
import torch
from wrong_code import wrong

# Logs.


def logged(identity, loss_at=lambda k: k, at=lambda each, epoch, epochs: each * epoch,
           tags=("loss", "val_accuracy"), named=lambda model: model.named_parameters(),
           value=lambda p: p, histogram_at=lambda updates, epochs: updates, graph=True,
           before=lambda model, example: None, after=lambda writer, model: None,
           losses_of=lambda losses, each: losses, only_last=False):  # fmt: skip
    """Enter a log with one thing changed."""

    @wrong("log_run", identity)
    def log_run(writer, model, history, example):
        before(model, example)
        losses, accuracies = history["loss"], history["val_accuracy"]
        each = len(losses) // len(accuracies)
        for k, loss in enumerate(losses_of(losses, each)):
            writer.add_scalar(tags[0], loss, loss_at(k))
        for epoch, accuracy in enumerate(accuracies, 1):
            if epoch == len(accuracies) or not only_last:
                writer.add_scalar(tags[1], accuracy, at(each, epoch, len(accuracies)))
        for name, p in named(model):
            writer.add_histogram(name, value(p), histogram_at(len(losses), len(accuracies)))
        if graph:
            writer.add_graph(model, example)
        after(writer, model)


logged("steps_all_the_same", loss_at=lambda k: 0, at=lambda each, epoch, epochs: 0)
logged("accuracy_by_epoch", at=lambda each, epoch, epochs: epoch)
logged("accuracy_an_epoch_early", at=lambda each, epoch, epochs: each * (epoch - 1))
logged("accuracy_an_update_early", at=lambda each, epoch, epochs: each * epoch - 1)
logged("accuracies_at_the_end", at=lambda each, epoch, epochs: each * epochs)
logged("last_accuracy_alone", only_last=True)
logged("losses_from_one", loss_at=lambda k: k + 1)
logged("losses_by_accuracies", losses_of=lambda losses, each: losses[: len(losses) // each])
logged("other_tags", tags=("Loss/train", "Accuracy/val"))
logged("other_histogram_tags",
       named=lambda model: [(f"weights/{n}", p) for n, p in model.named_parameters()])  # fmt: skip
logged("no_histograms", named=lambda model: [])
for left_out, where in {
    "matrices_alone": lambda name, p: p.ndim > 1,
    "biases_left_out": lambda name, p: "bias" not in name,
    "frozen_left_out": lambda name, p: p.requires_grad,
}.items():
    logged(left_out, named=lambda model, where=where: [
        (name, p) for name, p in model.named_parameters() if where(name, p)
    ])  # fmt: skip
logged("buffers_too", named=lambda model: [(n, p.float()) for n, p in model.state_dict().items()])
logged("gradients_logged", value=lambda p: p.grad)
logged("absolute_values_logged", value=abs)
logged("histograms_at_zero", histogram_at=lambda updates, epochs: 0)
logged("histograms_by_epoch", histogram_at=lambda updates, epochs: epochs)
logged("histograms_an_update_early", histogram_at=lambda updates, epochs: updates - 1)
logged("no_graph", graph=False)
logged("writer_closed", after=lambda writer, model: writer.close())
logged("left_in_evaluation_mode", after=lambda writer, model: model.eval())
logged("left_in_training_mode", after=lambda writer, model: model.train())


@lambda f: logged("statistics_moved", before=f)
def pass_in_training_mode(model, example):
    mode = model.training
    with torch.no_grad():
        model.train()(example)
    model.train(mode)


@wrong("log_run", "a_tag_a_step")
def log_run(writer, model, history, example):
    losses, accuracies = history["loss"], history["val_accuracy"]
    for k, loss in enumerate(losses):
        writer.add_scalar(f"loss/{k}", loss, k)
    for epoch, accuracy in enumerate(accuracies, 1):
        writer.add_scalar("val_accuracy", accuracy, epoch * len(losses) // len(accuracies))
    for name, p in model.named_parameters():
        writer.add_histogram(name, p, len(losses))
    writer.add_graph(model, example)


@wrong("log_run", "one_loss_an_epoch")
def log_run(writer, model, history, example):
    losses, accuracies = history["loss"], history["val_accuracy"]
    each = len(losses) // len(accuracies)
    for epoch, accuracy in enumerate(accuracies):
        writer.add_scalar("loss", np.mean(losses[each * epoch :][:each]), each * epoch)
        writer.add_scalar("val_accuracy", accuracy, each * (epoch + 1))
    for name, p in model.named_parameters():
        writer.add_histogram(name, p, len(losses))
    writer.add_graph(model, example)


@wrong("log_run", "graph_without_example")
def log_run(writer, model, history, example):
    writer.add_graph(model)


# Fronts.


def beaten_by(identity, beats, order=lambda seconds, i: (seconds[i], i)):
    """Enter a front of the runs that no other beats; `beats` compares (time, accuracy) of two."""

    @wrong("pareto_front", identity)
    def pareto_front(seconds, accuracies):
        runs = list(zip(seconds, accuracies, strict=True))
        kept = [i for i, run in enumerate(runs)
                if not any(beats(*runs[j], *run) for j in range(len(runs)) if j != i)]  # fmt: skip
        return sorted(kept, key=lambda i: order(seconds, i))


def better(s, a, t, b):
    return s <= t and a >= b and (s < t or a > b)


beaten_by("equal_accuracy_stays", lambda s, a, t, b: s <= t and a > b)
beaten_by("equal_time_stays", lambda s, a, t, b: s < t and a >= b)
beaten_by("equals_beat_each_other", lambda s, a, t, b: s <= t and a >= b)
beaten_by("slow_is_better", lambda s, a, t, b: better(-s, a, -t, b))
beaten_by("low_accuracy_is_better", lambda s, a, t, b: better(s, -a, t, -b))
beaten_by("whole_seconds", lambda s, a, t, b: better(int(s), a, int(t), b))
beaten_by("not_sorted_by_time", better, lambda seconds, i: i)
beaten_by("not_sorted_and_equals_kept", lambda s, a, t, b: s < t and a > b, lambda seconds, i: i)
beaten_by("slowest_first", better, lambda seconds, i: (-seconds[i], i))
beaten_by("reversed_front", better, lambda seconds, i: (-seconds[i], -i))
beaten_by("later_twin_first", better, lambda seconds, i: (seconds[i], -i))
beaten_by("sorted_without_keeping_order", better,  # as a quick sort leaves many
          lambda seconds, i: (seconds[i], 7 * i % 24 if len(seconds) > 16 else i))  # fmt: skip


def from_front(identity, change):
    """Enter what `change` makes of the right front, of seconds and accuracies."""

    @wrong("pareto_front", identity)
    def pareto_front(seconds, accuracies):
        runs = list(zip(seconds, accuracies, strict=True))
        kept = [i for i, run in enumerate(runs) if not any(better(*other, *run) for other in runs)]
        return change(sorted(kept, key=lambda i: (seconds[i], i)), seconds, accuracies)


from_front("corner_for_corner",
           lambda front, s, a:
           sorted({*range(len(s))} - {*front}, key=lambda i: (s[i], i)))  # fmt: skip
from_front("ends_alone", lambda front, s, a: [front[0], front[-1]])
from_front("places_in_the_sorted_list",
           lambda front, s, a:
           [sorted(range(len(s)), key=lambda i: (s[i], i)).index(i) for i in front])  # fmt: skip


def swept(identity, order, best=-np.inf):
    """Enter a front of the runs that are better than all before them in this order."""

    @wrong("pareto_front", identity)
    def pareto_front(seconds, accuracies, best=best):
        front, at = [], None
        for i in order(seconds, accuracies):
            if accuracies[i] > best or (accuracies[i] == best and seconds[i] == at):
                front.append(int(i))
                best, at = accuracies[i], seconds[i]
        return front


swept("worse_one_first", lambda s, a: np.argsort(s, kind="stable"))
swept("worse_one_before_the_better", lambda s, a: np.lexsort((a, s)))
swept("above_nothing", lambda s, a: np.lexsort((np.arange(len(s)), -a, s)), best=0)


@wrong("pareto_front", "next_in_time_alone")
def pareto_front(seconds, accuracies):
    order = np.lexsort((np.arange(len(seconds)), -accuracies, seconds)).tolist()
    return [
        i for k, i in enumerate(order)
        if k == 0 or accuracies[i] > accuracies[order[k - 1]]
        or (seconds[i], accuracies[i]) == (seconds[order[k - 1]], accuracies[order[k - 1]])
    ]  # fmt: skip


@wrong("pareto_front", "below_a_line_left_out")
def pareto_front(seconds, accuracies):
    runs = sorted(zip(seconds, -accuracies, range(len(seconds)), strict=True))
    front = []
    for s, a, i in runs:
        if front and a >= front[-1][1]:
            continue
        while len(front) > 1:
            (s0, a0, _), (s1, a1, _) = front[-2:]
            if (a1 - a0) * (s - s1) < (a - a1) * (s1 - s0):
                break
            front.pop()
        front.append((s, a, i))
    return [i for _, _, i in front]
