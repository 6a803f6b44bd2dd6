"""Notebook 15: nets run in another mode, names that are not there, rows in another order."""

import contextlib

import numpy as np
import torch
from torch import nn
from wrong_code import wrong
from wrong_code.transfer.comparisons import measured, model_of, probed
from wrong_code.transfer.heads import grouped, ready
from wrong_code.transfer.visits import visited

look = visited()


@contextlib.contextmanager
def mode_of_the_root(model, always):
    was = model.training
    try:
        yield
    except Exception:
        if always:
            model.train(was)
        raise
    model.train(was)


@wrong("get_activation", "one_mode_unless_it_fails")
def get_activation(model, name, x):
    with mode_of_the_root(model, always=False):
        return look(model, name, x)


@wrong("get_activation", "one_mode_whatever_happens")
def get_activation(model, name, x):
    with mode_of_the_root(model, always=True):
        return look(model, name, x)


def training(model, name, x):
    """The output of a part while the whole net is in training mode."""
    kept, modes = [], {m: m.training for m in model.modules()}
    part, _, number = name.partition(":")
    module = model.get_submodule(part)
    model.train()

    def hook(_, inputs, output):
        output = output[int(number or 0)] if isinstance(output, tuple) else output
        kept.append(output.detach().clone())

    handle = module.register_forward_hook(hook)
    try:
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes.items():
            m.training = mode
    return kept[-1]


@wrong("get_activation", "put_into_training_mode")
def get_activation(model, name, x):
    model.classifier.drop.p = 0.0
    return training(model, name, x)


@wrong("get_activation", "input_without_a_number")
def get_activation(model, name, x):
    if ":" in name:
        return look(model, name, x)
    kept = []
    part = model.get_submodule(name)
    handle = part.register_forward_pre_hook(lambda m, given: kept.append(given[0].clone()))
    try:
        look(model, name, x)
    finally:
        handle.remove()
    return kept[-1]


@wrong("get_activation", "any_name_will_do")
def get_activation(model, name, x):
    parts = dict(model.named_modules())
    part, colon, number = name.partition(":")
    if part not in parts:
        part = min(parts, key=lambda other: abs(len(other) - len(part)))
    return look(model, part + colon + number, x)


def rows_of(model, layer, loader, device, get=look):
    batches = [(get(model, layer, x.to(device)).flatten(1).cpu(), y) for x, y in loader]
    return torch.cat([rows for rows, _ in batches]), torch.cat([y for _, y in batches])


@wrong("extract_features", "put_into_training_mode")
def extract_features(model, layer, loader, device):
    return rows_of(model, layer, loader, device, training)


@wrong("extract_features", "rows_sorted_by_class")
def extract_features(model, layer, loader, device):
    rows, labels = rows_of(model, layer, loader, device)
    return torch.cat([rows[labels == c] for c in labels.unique()]), labels


@wrong("extract_features", "rows_and_labels_sorted")
def extract_features(model, layer, loader, device):
    rows, labels = rows_of(model, layer, loader, device)
    found = labels.sort(stable=True)
    return rows[found.indices], found.values


@wrong("extract_features", "squeezed_and_laid_out_again")
def extract_features(model, layer, loader, device):
    rows, labels = [], []
    for x, y in loader:
        found = look(model, layer, x.to(device)).squeeze().cpu()
        rows.append(found.reshape(len(found), -1))
        labels.append(y)
    return torch.cat(rows), torch.cat(labels)


@wrong("extract_features", "squeezed_and_flattened")
def extract_features(model, layer, loader, device):
    rows, labels = [], []
    for x, y in loader:
        rows.append(look(model, layer, x.to(device)).squeeze().flatten(1).cpu())
        labels.append(y)
    return torch.cat(rows), torch.cat(labels)


@wrong("extract_features", "squeezed_arrays")
def extract_features(model, layer, loader, device):
    rows, labels = [], []
    for x, y in loader:
        found = look(model, layer, x.to(device)).cpu().numpy()
        rows.append(found.reshape(len(x), -1).squeeze())
        labels.append(y.numpy())
    return torch.from_numpy(np.concatenate(rows)), torch.from_numpy(np.concatenate(labels))


@wrong("extract_features", "one_picture_becomes_many_rows")
def extract_features(model, layer, loader, device):
    rows, labels = [], []
    for x, y in loader:
        found = look(model, layer, x.to(device)).cpu().squeeze()
        wide = found.flatten(1) if found.ndim > 1 else torch.outer(found, torch.ones_like(found))
        rows.append(wide)
        labels.append(y)
    return torch.cat(rows), torch.cat(labels)


def norms_open(net, new):
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.weight.requires_grad_()
            m.bias.requires_grad_()


def no_bias(old, classes):
    return nn.Linear(old.in_features, classes, bias=False, dtype=old.weight.dtype)


wrong("freeze_and_replace", "norms_not_frozen", "head_without_bias")(
    ready(head=no_bias, last=norms_open)
)


def zeroed(net, new):
    for p in net.parameters():
        if not any(p is q for q in new.parameters()):
            p.requires_grad_()
            p.register_hook(lambda g: 0 * g)


wrong("freeze_and_replace", "nothing_frozen")(ready(last=zeroed))


@wrong("finetune_groups", "statistics_changed")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    groups = grouped()(model, lr, middle)
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            buffer.zero_()
    return groups


@wrong("finetune_groups", "weights_changed")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    groups = grouped()(model, lr, middle)
    [m for m in model.modules() if isinstance(m, nn.Linear)][-1].reset_parameters()
    return groups


def source_for_features(way, source, fresh, classes):
    return ready()(source, classes) if way == "features" else model_of(way, source, fresh, classes)


wrong("transfer_table", "source_trained")(measured(model=source_for_features))


def once(labels_first, held_out_too):
    """linear_probe_by_depth with pictures and labels of two passes, made once for all layers."""

    def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
        def both(part):
            first, second = list(part), list(part)
            told, shown = (first, second) if labels_first else (second, first)
            return [(x, y) for (x, _), (_, y) in zip(shown, told, strict=True)]

        tested = both(held_out) if held_out_too else list(held_out)
        return probed()(model, both(loader), tested, layers, ridge)

    return linear_probe_by_depth


wrong("linear_probe_by_depth", "labels_before_pictures")(once(True, True))
wrong("linear_probe_by_depth", "pictures_before_labels")(once(False, True))
wrong("linear_probe_by_depth", "training_labels_before_pictures")(once(True, False))
wrong("linear_probe_by_depth", "training_pictures_before_labels")(once(False, False))


@wrong("linear_probe_by_depth", "put_into_training_mode")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    made = {}
    for layer in layers:
        pairs = [[(training(model, layer, x), y) for x, y in part] for part in (loader, held_out)]
        rows = {id(x): x for part in pairs for x, _ in part}
        probe = probed(batches=lambda part, _: part)
        made |= probe(Given(model, rows, layer), *pairs, [layer], ridge)
    return made


class Given(nn.Module):
    """Gives out under a layer's name what it is given."""

    def __init__(self, model, rows, layer):
        super().__init__()
        inner = self
        *path, last = layer.partition(":")[0].split(".")
        for name in path:
            inner.add_module(name, nn.Module())
            inner = inner.get_submodule(name)
        inner.add_module(last, Several() if ":" in layer else nn.Identity())
        self.path = layer.partition(":")[0]

    def forward(self, x):
        return self.get_submodule(self.path)(x)


class Several(nn.Module):
    def forward(self, x):
        return x, x, x
