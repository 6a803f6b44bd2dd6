"""Notebook 15: frozen nets, groups of rates and fair comparisons as people get them wrong."""

import copy

import numpy as np
import torch
from torch import nn
from wrong_code import wrong


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
        slow = [p for p in slow if all(p is not q for q in fast)]
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
                if "in all" in change:
                    train = np.concatenate([some[: size // classes] for some in rows])
                    test = np.concatenate([some[max(sizes) // classes :] for some in rows])
                if "drawn from all" in change:
                    pool = np.concatenate([some[: max(sizes)] for some in rows])
                    train = rng.permutation(pool)[:size]
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
    "in all": "sizes_in_all",
    "drawn from all": "sizes_in_all",
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
