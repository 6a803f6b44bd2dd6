"""Notebook 15: what goes wrong at edges: several outputs, short batches, one pass too many."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong
from wrong_code.transfer.comparisons import both, by_batch, groups_of, measured, probed, ridge
from wrong_code.transfer.heads import ready
from wrong_code.transfer.visits import visited

look = visited()


@wrong("get_activation", "last_of_several")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    several = isinstance(model.get_submodule(part), type(getattr(model, "moments", None)))
    return look(model, f"{part}:10" if several and not number else name, x)


@wrong("get_activation", "modes_left_after_a_wrong_name")
def get_activation(model, name, x):
    if name.partition(":")[0] not in dict(model.named_modules()):
        model.eval()
    return look(model, name, x)


@wrong("extract_features", "rows_for_full_batches")
def extract_features(model, layer, loader, device):
    batches = [(look(model, layer, x.to(device)).flatten(1).cpu(), y) for x, y in loader]
    (first, one), n = batches[0], len(batches)
    rows = first.new_zeros(n * len(first), first.shape[1])
    labels = one.new_zeros(n * len(first))
    for i, (found, y) in enumerate(batches):
        place = slice(i * len(first), i * len(first) + len(y))
        rows[place], labels[place] = found, y
    return rows, labels


@wrong("extract_features", "overwritten_by_later_batches")
def extract_features(model, layer, loader, device):
    rows, labels, buffer = [], [], None
    for x, y in loader:
        found = look(model, layer, x.to(device)).flatten(1).cpu()
        buffer = torch.empty_like(found) if buffer is None else buffer
        buffer[: len(y)] = found
        rows.append(buffer[: len(y)])
        labels.append(y)
    return torch.cat(rows), torch.cat(labels)


@wrong("freeze_and_replace", "all_but_the_last_two")
def freeze_and_replace(model, num_classes):
    ready()(model, num_classes)
    parameters = list(model.parameters())
    for p in parameters:
        p.requires_grad_(any(p is q for q in parameters[-2:]))
    return model


@wrong("finetune_groups", "compared_by_value")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    slow = []
    for name in middle:
        for p in model.get_submodule(name).parameters():
            if p not in slow:
                slow.append(p)
    fast = list(head.parameters())
    return [{"params": fast, "lr": lr / 10}, {"params": slow, "lr": lr / 100}]


def mean_of_classes(net, x, y):
    net.eval()
    with torch.no_grad():
        right = net(x).argmax(1) == y
    return float(np.mean([right[y == c].double().mean().item() for c in y.unique()]))


def all_in_the_group(way, net, lr):
    if way == "features":
        return [{"params": list(net.parameters()), "lr": lr}]
    return groups_of(way, net, lr)


wrong("transfer_table", "every_class_weighs_alike")(measured(accuracy=mean_of_classes))
wrong("transfer_table", "frozen_ones_in_the_groups")(measured(groups=all_in_the_group))


def by_variance(x, t):
    mean, var = x.mean(0), x.var(0, correction=0)
    var = torch.where(var > 1e-24, var, 1)
    return (x - mean) / var, (t - mean) / var


def not_centred(x, t):
    std = x.std(0, correction=0)
    return both(x, t)[0], t / torch.where(std > 1e-12, std, 1)


wrong("linear_probe_by_depth", "divided_by_the_variance")(probed(scale=by_variance))
wrong("linear_probe_by_depth", "test_rows_not_centred")(probed(scale=not_centred))


def centred(x, t):
    return x - x.mean(0), t - x.mean(0)


def least_squares(x, y, lam, t):
    targets = F.one_hot(y).double().numpy()
    w, *_ = np.linalg.lstsq(x.numpy(), targets - targets.mean(0), rcond=1e-9)
    return torch.tensor(t.numpy() @ w + targets.mean(0))


def times_rows(x, y, lam, t):
    return ridge(x, y, lam * len(x), t)


wrong("linear_probe_by_depth", "not_scaled_and_penalty_times_examples")(
    probed(scale=centred, scores=times_rows)
)
wrong("linear_probe_by_depth", "without_penalty")(probed(scores=least_squares))


def in_passes(labels):
    """linear_probe_by_depth with a pass for each layer, and labels of another one."""

    def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
        passes = {}
        for part in (loader, held_out):
            rows = {layer: list(part) for layer in layers}
            after = [y for _, y in part] if labels == "after" else None
            told = after or [y for _, y in rows[layers[0]]]
            passes[id(part)] = {
                layer: [(x, y) for (x, _), y in zip(rows[layer], told, strict=True)]
                for layer in layers
            }
        probe = probed(batches=lambda part, layer: passes[id(part)][layer])
        return probe(model, loader, held_out, layers, ridge)

    return linear_probe_by_depth


wrong("linear_probe_by_depth", "labels_after_all_layers")(in_passes("after"))
wrong("linear_probe_by_depth", "labels_of_the_first_layer")(in_passes("first"))


def without_the_mean(x, y, lam, t):
    return ridge(x, y, lam, t, add=False)


@wrong("linear_probe_by_depth", "kept_batches_weigh_alike")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    trained, found = list(loader), []
    for batch in list(held_out):
        found.append(probed()(model, trained, [batch], layers, ridge))
    return {layer: float(np.mean([one[layer] for one in found])) for layer in layers}


@wrong("linear_probe_by_depth", "kept_batches_weigh_alike_without_mean")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    trained, tested = list(loader), list(held_out)
    probe = probed(scores=without_the_mean)
    found = [probe(model, trained, [batch], layers, ridge) for batch in tested]
    return {layer: sum(one[layer] for one in found) / len(found) for layer in layers}


wrong("linear_probe_by_depth", "batches_weigh_alike_without_mean")(
    probed(scores=without_the_mean, mean=by_batch)
)


@wrong("linear_probe_by_depth", "flattened_and_tested_on_training")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    trained = list(loader)
    probe = probed(pool=lambda maps: maps.flatten(1))
    return probe(model, trained, trained, layers, ridge)
