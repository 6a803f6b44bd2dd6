"""Notebook 15: more comparisons and probes that are not fair, as people make them."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from wrong_code import wrong
from wrong_code.transfer.finetune import grouped, ready
from wrong_code.transfer.visits import visited

WAYS = ("scratch", "features", "finetune")


def model_of(way, source, fresh, classes):
    return fresh(classes) if way == "scratch" else ready()(copy.deepcopy(source), classes)


def groups_of(way, net, lr):
    if way == "scratch":
        return [{"params": list(net.parameters()), "lr": lr}]
    return grouped()(net, 10 * lr, ())[:1] if way == "features" else grouped()(net, 10 * lr)


def share(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).double().mean().item()


def measured(
    classes=lambda y, targets: int(y.max()) + 1, draw=lambda rng, rows: rng.permutation(rows),
    test_from=max, sets="target", take=lambda rows, size, rng: rows[:size], model=model_of,
    groups=groups_of, budget=lambda steps, size, way: steps, accuracy=share, kept="", fits=1,
    labels=lambda y, rows, rng: y[rows], end=lambda table: table,
):  # fmt: skip
    """transfer_table with one thing changed."""

    def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
        table = {}
        for target, (x, y) in targets.items():
            count, nets = classes(y, targets), {}
            known = range(min(count, int(y.max()) + 1))
            places = [np.flatnonzero(y.numpy() == c) for c in known]
            rows = split = [draw(rng, some) for some in places]
            table[target] = {}
            for size in sizes:
                rows = [draw(rng, some) for some in places] if sets == "size" else split
                table[target][size] = {}
                for way in WAYS:
                    rows = [draw(rng, some) for some in places] if sets == "run" else rows
                    train = np.concatenate([take(some, size, rng) for some in rows])
                    test = np.concatenate([some[test_from(sizes) :] for some in rows])
                    net = nets.get(way) or model(way, source, fresh, count)
                    if kept == "size":
                        nets[way] = net
                    pair = x[train], labels(y, train, rng)
                    for number in range(fits if way == "finetune" else 1):
                        given = groups(way, net, lr)
                        part = given[:1] if fits > 1 and not number else given
                        fit(net, part, pair, budget(steps, size, way))
                    table[target][size][way] = accuracy(net, x[test], y[test])
        return end(table)

    return transfer_table


def rated(way, change):
    """Groups whose rates of one way are changed."""

    def groups(now, net, lr):
        given = groups_of(now, net, lr)
        if now == way:
            for place, group in enumerate(given):
                group["lr"] = change(group["lr"], place)
        return given

    return groups


def head_only(way, net, lr):
    given = groups_of(way, net, lr)
    return [{"params": list(net.head.parameters()), "lr": lr}] if way == "scratch" else given


def only_frozen(way, source, fresh, classes):
    if way == "scratch":
        return fresh(classes)
    net = copy.deepcopy(source).requires_grad_(False)
    net.head = torch.nn.Linear(net.head.in_features, classes)
    return net


def features_open(way, source, fresh, classes):
    net = model_of(way, source, fresh, classes)
    return net.requires_grad_(True) if way == "features" else net


def all_of_it(way, net, lr):
    if way == "features":
        return [{"params": list(net.parameters()), "lr": lr}]
    return groups_of(way, net, lr)


def scratch_of_the_source(way, source, fresh, classes):
    net = model_of("features", source, fresh, classes)
    return net.requires_grad_(True) if way == "scratch" else net


def frozen_scratch(way, source, fresh, classes):
    net = model_of(way, source, fresh, classes)
    if way == "scratch":
        net.features.requires_grad_(False)
    return net


def more_outputs(*ways):
    def model(way, source, fresh, classes):
        return model_of(way, source, fresh, classes + 3 * (way in ways))

    return model


def levels(table):
    ways = {size: {} for by_size in table.values() for size in by_size}
    for target, by_size in table.items():
        for size, row in by_size.items():
            ways[size][target] = row
    return ways


def with_text(table):
    return {t: {str(n): row for n, row in rows.items()} for t, rows in table.items()}


for names, how in {
    ("last_size_for_the_largest",): {"test_from": lambda sizes: sizes[-1]},
    ("first_size_for_the_largest",): {"test_from": lambda sizes: sizes[0]},
    ("drawn_from_another_generator",): {
        "draw": lambda rng, rows: np.random.default_rng(0).permutation(rows),
    },
    ("some_pictures_twice",): {
        "take": lambda rows, size, rng: np.r_[rows[: max(size - 1, 1)], rows[:1]][:size],
    },
    ("drawn_anew_for_each_split",): {"sets": "size"},
    ("drawn_anew_for_each_run",): {"sets": "run"},
    ("drawn_anew_for_each_way",): {"take": lambda rows, size, rng: rng.permutation(rows[:6])[:size]
                                   if len(rows) > 10 else rng.permutation(rows[:5])[:size]},
    ("labels_mixed_up",): {"labels": lambda y, rows, rng: y[rng.permutation(rows)]},
    ("last_class_left_out",): {"classes": lambda y, targets: int(y.max())},
    ("classes_of_another_target",): {
        "classes": lambda y, targets: max(int(y.max()) for _, y in targets.values()) + 1,
    },
    ("scratch_with_more_outputs",): {"model": more_outputs("scratch")},
    ("old_head_kept",): {"model": more_outputs("features", "finetune")},
    ("another_budget",): {"budget": lambda steps, size, way: 100},
    ("updates_by_way",): {"budget": lambda steps, size, way: steps * (1 + (way == "finetune"))},
    ("two_fits_in_a_run",): {"fits": 2},
    ("nets_go_on_with_the_next_size",): {"kept": "size"},
    ("one_rate_in_finetune",): {
        "groups": rated("finetune", lambda lr, place: lr * (10 if place else 1)),
    },
    ("middle_too_slow",): {
        "groups": rated("finetune", lambda lr, place: lr / (10 if place else 1)),
    },
    ("features_ten_times_slower",): {"groups": rated("features", lambda lr, place: lr / 10)},
    ("scratch_ten_times_slower",): {"groups": rated("scratch", lambda lr, place: lr / 10)},
    ("head_alone_from_scratch",): {"groups": head_only},
    ("scratch_frozen",): {"model": frozen_scratch, "groups": head_only},
    ("wakes_in_training",): {"model": only_frozen},
    ("features_not_frozen",): {"model": features_open, "groups": all_of_it},
    ("scratch_from_the_source",): {"model": scratch_of_the_source},
    ("percent_for_shares",): {"accuracy": lambda net, x, y: 100 * share(net, x, y)},
    ("rounded",): {"accuracy": lambda net, x, y: round(share(net, x, y), 1)},
    ("levels_exchanged",): {"end": levels},
    ("sizes_as_text",): {"end": with_text},
}.items():  # fmt: skip
    wrong("transfer_table", *names)(measured(**how))


@wrong("transfer_table", "two_fits_that_share_the_budget")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def twice(net, groups, train, steps):
        fit(net, groups[:1], train, steps // 2)
        fit(net, groups, train, steps - steps // 2)

    return measured()(source, fresh, targets, sizes, twice, lr, steps, rng)


def pooled(maps):
    return maps.mean((2, 3)) if maps.ndim == 4 else maps


def both(x, t):
    mean, std = x.mean(0), x.std(0, correction=0)
    std = torch.where(std > 1e-12, std, 1)
    return (x - mean) / std, (t - mean) / std


def ridge(x, y, lam, t, centre=True, add=True, penalty=None):
    targets = F.one_hot(y).double()
    mean = targets.mean(0) if centre else torch.zeros(targets.shape[1])
    penalty = lam * torch.eye(x.shape[1], dtype=x.dtype) if penalty is None else penalty
    w = torch.linalg.lstsq(x.T @ x + penalty, x.T @ (targets - mean), driver="gelsd").solution
    return t @ w + (mean if add else 0)


def probed(
    pool=pooled, scale=both, scores=ridge, batches=lambda loader, layer: loader, get=None,
    labels="beside", strength=lambda ridge: ridge, mean=lambda right, sizes: right.mean(),
    end=lambda found: found, default=1.0,
):  # fmt: skip
    """linear_probe_by_depth with one thing changed."""
    look = get or visited()

    def linear_probe_by_depth(model, loader, held_out, layers, ridge=default):
        first = [[y for _, y in part] for part in (loader, held_out)] if labels == "once" else None

        def rows(part, layer, place):
            marked = first[place] if first else None
            if labels == "first":
                marked = [y for _, y in part]
            pairs = [(pool(look(model, layer, x)), y) for x, y in batches(part, layer)]
            if labels == "later":
                marked = [y for _, y in part]
            told = torch.cat(marked or [y for _, y in pairs])
            return torch.cat([f for f, _ in pairs]), told, [len(y) for _, y in pairs]

        found = {}
        for layer in layers:
            (x, y, _), (t, u, sizes) = rows(loader, layer, 0), rows(held_out, layer, 1)
            x, t = scale(x, t)
            right = (scores(x, y, strength(ridge), t).argmax(1) == u).double()
            found[layer] = mean(right, sizes).item()
        return end(found)

    return linear_probe_by_depth


def by_both(x, t):
    together = torch.cat([x, t])
    mean, std = together.mean(0), together.std(0, correction=0)
    std = torch.where(std > 1e-12, std, 1)
    return (x - mean) / std, (t - mean) / std


def by_one(x, t):
    return (x - x.mean()) / x.std(correction=0), (t - x.mean()) / x.std(correction=0)


def by_picture(x, t):
    def each(part):
        std = part.std(1, correction=0, keepdim=True)
        return (part - part.mean(1, keepdim=True)) / torch.where(std > 1e-12, std, 1)

    return each(x), each(t)


def divided(x, t):
    std = x.std(0, correction=0)
    return x / torch.where(std > 1e-12, std, 1), t / torch.where(std > 1e-12, std, 1)


def by_zero(x, t):
    return (x - x.mean(0)) / x.std(0), (t - x.mean(0)) / x.std(0)


def nan_scores(x, y, lam, t):
    if not torch.isfinite(x).all():
        return torch.full((len(t), 3), torch.nan)
    return ridge(x, y, lam, t)


def ones(x, y, lam, t):
    def more(part):
        return torch.cat([part, torch.ones(len(part), 1, dtype=part.dtype)], 1)

    return ridge(more(x), y, lam, more(t), centre=False)


def number(x, y, lam, t):
    gram = x.T @ x + lam * torch.eye(x.shape[1], dtype=x.dtype)
    y = y.double()
    said = (t @ torch.linalg.solve(gram, x.T @ (y - y.mean())) + y.mean()).round().long()
    table = torch.zeros(len(t), 60)
    table[torch.arange(len(t)), torch.where(said < 0, 59, said)] = 1
    return table


def flat_of(pool):
    return lambda maps: pool(maps).flatten(1) if maps.ndim == 4 else maps


def by_batch(right, sizes):
    return torch.stack([part.mean() for part in right.split(sizes)]).mean()


def first_batch(part, layer):
    return [next(iter(part))] if len(part) < 4 else part


def last_batch(part, layer):
    return list(part)[-1:] if len(part) < 4 else part


def nothing(found):
    """Forgets to return."""


for identity, how in {
    "scaled_by_both": {"scale": by_both},
    "not_centred": {"scale": divided},
    "not_standardised": {"scale": lambda x, t: (x, t)},
    "one_scale_for_all": {"scale": by_one},
    "each_picture_standardised": {"scale": by_picture},
    "divided_by_zero": {"scale": by_zero, "scores": nan_scores},
    "ridge_not_read": {"strength": lambda ridge: 1.0},
    "hardly_a_penalty_by_default": {"default": 1e-3},
    "small_penalty_by_default": {"default": 0.1},
    "strong_penalty_by_default": {"default": 10.0},
    "penalty_everywhere": {"scores": lambda x, y, lam, t: ridge(x, y, lam, t, penalty=lam)},
    "penalty_everywhere_and_one_scale": {
        "scale": by_one,
        "scores": lambda x, y, lam, t: ridge(x, y, lam, t, penalty=lam),
    },
    "mean_not_added": {"scores": lambda x, y, lam, t: ridge(x, y, lam, t, add=False)},
    "constant_with_a_penalty": {"scores": ones},
    "class_as_a_number": {"scores": number},
    "maps_flattened": {"pool": flat_of(lambda maps: maps)},
    "averaged_over_channels": {"pool": flat_of(lambda maps: maps.mean(1))},
    "averaged_along_rows_only": {"pool": flat_of(lambda maps: maps.mean(3))},
    "averaged_along_columns_only": {"pool": flat_of(lambda maps: maps.mean(2))},
    "labels_of_another_pass": {"labels": "first"},
    "rows_of_another_pass": {"labels": "later"},
    "labels_of_the_first_pass": {"labels": "once"},
    "first_batch_of_each_pass": {"batches": first_batch},
    "last_batch_of_each_pass": {"batches": last_batch},
    "batches_weigh_alike": {"mean": by_batch},
    "a_list": {"end": lambda found: list(found.values())},
    "other_keys": {"end": lambda found: {k.split(".")[-1] + "'s": v for k, v in found.items()}},
    "returns_nothing": {"end": nothing},
    "hooks_left": {"get": visited(remove=False)},
}.items():
    wrong("linear_probe_by_depth", identity)(probed(**how))


@wrong("linear_probe_by_depth", "first_batch_alone")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return probed()(model, [next(iter(loader))], held_out, layers, ridge)


@wrong("linear_probe_by_depth", "left_in_evaluation_mode")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    model.eval()
    return probed()(model, loader, held_out, layers, ridge)


@wrong("linear_probe_by_depth", "one_mode_for_all")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    found = probed()(model, loader, held_out, layers, ridge)
    model.train(model.training)
    return found


@wrong("linear_probe_by_depth", "hook_of_each_layer_left")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    for layer in layers:
        model.get_submodule(layer.partition(":")[0]).register_forward_hook(lambda m, i, o: None)
    return probed()(model, loader, held_out, layers, ridge)


def as_it_is(model, name, x):
    kept, (part, _, number_) = [], name.partition(":")
    handle = model.get_submodule(part).register_forward_hook(lambda m, i, o: kept.append(o))
    with torch.no_grad():
        model(x)
    handle.remove()
    return kept[-1][int(number_ or 0)] if isinstance(kept[-1], tuple) else kept[-1]


wrong("linear_probe_by_depth", "in_training_mode")(probed(get=as_it_is))
