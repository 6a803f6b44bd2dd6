"""Notebook 15: hooks, features and frozen nets as people really write them wrong."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from wrong_code import wrong


def hooked(change=()):
    """get_activation with one thing changed by `change`, a set of words."""

    def get_activation(model, name, x):
        part, _, number = name.partition(":")
        kept = {}

        def hook(module, inputs, output):
            if "input" in change:
                output = inputs[0]
            if isinstance(output, tuple):
                output = output if "tuple" in change and not number else output[
                    0 if "first" in change else int(number or 0) - ("from one" in change)
                ]  # fmt: skip
            if "first call" in change and "out" in kept:
                return
            if isinstance(output, tuple):
                kept["out"] = tuple(o.detach() for o in output)
            elif "graph" in change:
                kept["out"] = output.clone()
            else:
                kept["out"] = output.detach() if "no copy" in change else output.detach().clone()

        modules = dict(model.named_modules())
        if "silent" in change and part not in modules:
            return None
        module = getattr(model, part) if "getattr" in change else modules[part]
        modes = {m: m.training for m in model.modules()}
        was = model.training
        handle = module.register_forward_hook(hook)
        if "training" not in change:
            model.eval()
        try:
            if "graph" in change:
                out = model(x)
            else:
                with torch.no_grad():
                    out = model(x)
        except RuntimeError:
            if "error leaves hook" in change or "hook" in change:
                handle = None
            if "error leaves mode" in change:
                modes = {}
            raise
        finally:
            if handle is not None and "hook" not in change:
                handle.remove()
            if "eval" in change:
                modes = {}
            for m, mode in modes.items():
                m.training = mode
            if "one mode" in change:
                model.train(was)
        return out if "whole" in change else kept["out"]

    return get_activation


for words, identity in {
    "hook": "hook_left",
    "error leaves hook": "hook_left_after_an_error",
    "error leaves mode": "modes_left_after_an_error",
    "graph": "not_detached",
    "no copy": "changed_in_place",
    "training": "in_training_mode",
    "eval": "left_in_evaluation_mode",
    "one mode": "one_mode_for_all",
    "first call": "first_call_kept",
    "input": "input_for_output",
    "first": "number_ignored",
    "tuple": "whole_tuple",
    "whole": "output_of_the_whole",
    "getattr": "dotted_name_as_attribute",
    "silent": "unknown_name_passed_over",
}.items():
    wrong("get_activation", identity)(hooked({words}))


def extracted(change=()):
    """extract_features with one thing changed."""

    def extract_features(model, layer, loader, device):
        features, labels = [], []
        for x, y in loader:
            if "not sent" not in change:
                x = x.to(device)
            name = "classifier.last" if "scores" in change else layer
            found = hooked({"training"} if "training" in change else ())(model, name, x)
            if "mean" in change and found.ndim == 4:
                found = found.mean((2, 3))
            if "channels last" in change and found.ndim == 4:
                found = found.permute(0, 2, 3, 1)
            features.append(found if "maps" in change else found.flatten(1))
            labels.append(y)
        if "drop last" in change and len(labels) > 1 and len(labels[-1]) < len(labels[0]):
            features, labels = features[:-1], labels[:-1]
        if "overwritten" in change:
            features, labels = features[-1:], labels[-1:]
        if "second pass" in change:
            labels = [y for _, y in loader]
        if "eval" in change:
            model.eval()
        features, labels = torch.cat(features), torch.cat(labels)
        return features, labels.sort().values if "sorted" in change else labels

    return extract_features


for words, identity in {
    "not sent": "not_sent_to_the_device",
    "scores": "scores_for_features",
    "training": "in_training_mode",
    "mean": "averaged_over_places",
    "channels last": "channels_last",
    "maps": "maps_not_flattened",
    "drop last": "last_batch_left_out",
    "overwritten": "last_batch_alone",
    "second pass": "labels_of_another_pass",
    "eval": "left_in_evaluation_mode",
    "sorted": "labels_sorted",
}.items():
    wrong("extract_features", identity)(extracted({words}))


def ready(change=()):
    """freeze_and_replace with one thing changed."""

    def freeze_and_replace(model, num_classes):
        name, old = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
        for n, p in model.named_parameters():
            p.requires_grad = ("nothing" in change or ("norms" in change and ".norm." in n)
                               or ("hidden" in change and n.startswith("hidden")))  # fmt: skip
        dtype = torch.float32 if "single" in change else old.weight.dtype
        new = nn.Linear(old.in_features, num_classes, bias="no bias" not in change, dtype=dtype)
        if {"keep", "keep, trainable"} & set(change) and num_classes == old.out_features:
            new = old
            new.requires_grad_("keep, trainable" in change)
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, new)
        if "head too" in change:
            model.requires_grad_(False)
        for module in model.modules():
            leaf = not list(module.children()) and module is not new
            if leaf and "moves" not in change:
                if "dropout" in change and isinstance(module, nn.Dropout):
                    continue
                module.eval()
                module.train = lambda mode=True: None
        if "deaf" in change:
            model.eval()
            model.train = lambda mode=True: model
        if "none" in change:
            return None
        return new if "head" in change else model

    return freeze_and_replace


for words, identity in {
    "nothing": "nothing_frozen",
    "norms": "norms_not_frozen",
    "hidden": "body_frozen_up_to_the_last_module",
    "single": "head_in_single_precision",
    "no bias": "head_without_bias",
    "keep": "old_head_kept_and_frozen",
    "keep, trainable": "old_head_kept",
    "head too": "head_frozen_too",
    "moves": "statistics_move",
    "dropout": "dropout_goes_on",
    "none": "returns_nothing",
    "deaf": "nothing_hears_train",
    "head": "returns_the_head",
}.items():
    wrong("freeze_and_replace", identity)(ready({words}))


@wrong("freeze_and_replace", "statistics_move")
def freeze_and_replace(model, num_classes):
    """In evaluation mode now, and the loop calls train() afterwards."""
    model = ready({"moves"})(model, num_classes)
    return model.eval()


def grouped(change=()):
    """finetune_groups with one thing changed."""

    def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
        name, head = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
        if "silent" in change:
            middle = [n for n in middle if n in dict(model.named_modules())]
        slow = [p for n in middle for p in model.get_submodule(n).parameters()]
        if "beginnings" in change:
            slow = [p for n, p in model.named_parameters() if n.startswith(tuple(middle))]
        if "all" in change:
            slow = [p for n, p in model.named_parameters() if not n.startswith(name)]
        if "no norms" in change:
            norms = {id(p) for n, p in model.named_parameters() if ".norm." in n}
            slow = [p for p in slow if id(p) not in norms]
        if "head alone" in change:
            slow = []
        if "twice" not in change:
            slow = list(dict.fromkeys(slow))
        fast = list(head.parameters())
        came_frozen = not any(p.requires_grad for p in model.parameters())
        if "rest" not in change:
            model.requires_grad_(False)
        for p in slow + fast:
            p.requires_grad_(not ("stays" in change and came_frozen))
        if "middle stays" in change and came_frozen:
            for p in slow:
                p.requires_grad_(False)
        if "norms frozen" in change:
            for n, p in model.named_parameters():
                if ".norm." in n:
                    p.requires_grad_(False)
        rates = (lr / 10, lr / 100)
        if "exchanged" in change:
            rates = rates[::-1]
        if "full" in change:
            rates = (lr, lr / 10)
        if "one" in change:
            rates = (lr / 10, lr / 10)
        return [{"params": fast, "lr": rates[0]}, {"params": slow, "lr": rates[1]}]

    return finetune_groups


for words, identity in {
    "silent": "unknown_name_passed_over",
    "beginnings": "beginnings_of_names",
    "all": "whole_body_slowly",
    "no norms": "norms_left_out",
    "head alone": "head_alone",
    "twice": "listed_twice",
    "rest": "rest_not_frozen",
    "stays": "stays_frozen",
    "middle stays": "middle_stays_frozen",
    "norms frozen": "norms_frozen_but_listed",
    "exchanged": "rates_exchanged",
    "full": "head_at_the_full_rate",
    "one": "one_rate",
}.items():
    wrong("finetune_groups", identity)(grouped({words}))


def measured(change=()):
    """transfer_table with one thing changed."""

    def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
        table = {}
        for target, (x, y) in targets.items():
            labels, classes = y.numpy(), int(y.max()) + 1
            rows = [np.flatnonzero(labels == c) for c in range(classes)]
            if "first" not in change:
                rows = [rng.permutation(some) for some in rows]
            table[target] = {}
            for size in sizes:
                if "anew" in change:
                    rows = [np.r_[rng.permutation(s[: max(sizes)]), s[max(sizes) :]] for s in rows]
                train = np.concatenate([some[:size] for some in rows])
                first = size if "own test" in change else max(sizes)
                test = np.concatenate([some[first:] for some in rows])
                if "train tested" in change:
                    test = np.arange(len(y))
                if "wasted" in change:
                    test = np.concatenate([some[first:][:2] for some in rows])
                if "unbalanced" in change:
                    pool = np.concatenate([some[: max(sizes)] for some in rows])
                    train = np.sort(pool)[: size * classes]
                models = {"scratch": fresh(classes)}
                groups = {"scratch": [{"params": list(models["scratch"].parameters()), "lr": lr}]}
                for way in ("features", "finetune"):
                    base = source if "source" in change else copy.deepcopy(source)
                    models[way] = ready()(base, classes)
                if "twice" in change:
                    models["finetune"] = models["features"]
                times = 1 if "slow" in change else 10
                table[target][size] = {}
                for way, model in models.items():
                    if "no scratch" in change and way == "scratch":
                        continue
                    if way == "features":
                        groups[way] = grouped()(model, 10 * lr, ())[:1]
                    if way == "finetune":
                        groups[way] = grouped()(model, times * lr)
                        if "everything" in change:
                            model.requires_grad_(True)
                            groups[way] = [{"params": list(model.parameters()), "lr": lr}]
                    fit(model, groups[way], (x[train], y[train]),
                        steps * size if "by size" in change else steps)  # fmt: skip
                    model.train("training mode" in change)
                    with torch.no_grad():
                        right = (model(x[test]).argmax(1) == y[test]).double()
                    value = right.sum() if "counts" in change else right.mean()
                    table[target][size][way] = float(1 - value if "errors" in change else value)
                if "exchanged" in change:
                    ways = table[target][size]
                    ways["scratch"], ways["features"] = ways["features"], ways["scratch"]
        return table

    return transfer_table


for words, identity in {
    "first": "first_of_each_class",
    "anew": "drawn_anew_for_each_size",
    "own test": "other_test_set_for_each_size",
    "train tested": "tested_on_training_pictures",
    "wasted": "test_pictures_wasted",
    "unbalanced": "classes_not_balanced",
    "source": "source_trained",
    "twice": "a_net_fitted_twice",
    "slow": "finetuned_ten_times_slower",
    "everything": "everything_finetuned",
    "by size": "updates_with_size",
    "training mode": "tested_in_training_mode",
    "counts": "counts_for_shares",
    "errors": "errors_for_accuracies",
    "exchanged": "places_exchanged",
    "no scratch": "scratch_left_out",
}.items():
    wrong("transfer_table", identity)(measured({words}))


def probed(change=()):
    """linear_probe_by_depth with one thing changed."""

    def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
        def rows(batches, layer):
            pairs = [(hooked()(model, layer, x), y) for x, y in batches]
            pool = (lambda m: m.amax((2, 3))) if "max" in change else (lambda m: m.mean((2, 3)))
            return (torch.cat([pool(f) if f.ndim == 4 else f for f, _ in pairs]),
                    torch.cat([y for _, y in pairs]))  # fmt: skip

        found = {}
        for layer in layers:
            (x, y), (held_x, held_y) = rows(loader, layer), rows(held_out, layer)
            mean, std = x.mean(0), x.std(0, correction=0)
            other = held_x.mean(0), held_x.std(0, correction=0)
            if "not scaled" in change:
                x, held_x = x - mean, held_x - mean
            else:
                to = other if "own" in change else (mean, std)
                x = (x - mean) / std.where(std > 0, 1)
                held_x = (held_x - to[0]) / to[1].where(to[1] > 0, 1)
            targets = F.one_hot(y).double()
            strength = {"none": 1e-9, "times n": ridge * len(y)}
            lam = next((v for k, v in strength.items() if k in change), ridge)
            gram = x.T @ x + lam * torch.eye(x.shape[1], dtype=x.dtype)
            w = torch.linalg.solve(gram, x.T @ (targets - targets.mean(0)))
            if "training rows" in change:
                held_x, held_y = x, y
            right = (held_x @ w + targets.mean(0)).argmax(1) == held_y
            found[layer] = right.double().mean().item()
        if "last" in change:
            found = dict.fromkeys(found, found[layers[-1]])
        return {k: 1 - v for k, v in found.items()} if "errors" in change else found

    return linear_probe_by_depth


for words, identity in {
    "max": "strongest_place_for_the_mean",
    "not scaled": "not_scaled",
    "own": "test_rows_scaled_by_themselves",
    "none": "without_penalty",
    "times n": "penalty_times_examples",
    "training rows": "tested_on_the_training_rows",
    "last": "last_layer_for_all",
    "errors": "errors_for_accuracies",
}.items():
    wrong("linear_probe_by_depth", identity)(probed({words}))


@wrong("freeze_and_replace", "a_copy_changed")
def freeze_and_replace(model, num_classes):
    return ready(set())(copy.deepcopy(model), num_classes)


def put_elsewhere(place):
    """freeze_and_replace whose new layer goes where `place(model, layer)` puts it."""

    def freeze_and_replace(model, num_classes):
        model.requires_grad_(False)
        old = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
        new = nn.Linear(old.in_features, num_classes, dtype=old.weight.dtype)
        place(model, new)
        for module in model.modules():
            if module is not new and not any(module.children()):
                module.eval()
                module.train = lambda *mode: None
        return model

    return freeze_and_replace


wrong("freeze_and_replace", "put_beside_the_head")(
    put_elsewhere(lambda model, layer: setattr(model, "fc", layer))
)


@wrong("freeze_and_replace", "first_linear_replaced")
def freeze_and_replace(model, num_classes):
    first = next(n for n, m in model.named_modules() if isinstance(m, nn.Linear))

    def place(model, layer):
        parent, _, child = first.rpartition(".")
        inputs = getattr(model.get_submodule(parent), child).in_features
        new = nn.Linear(inputs, num_classes, dtype=layer.weight.dtype)
        setattr(model.get_submodule(parent), child, new)

    return put_elsewhere(place)(model, num_classes)
