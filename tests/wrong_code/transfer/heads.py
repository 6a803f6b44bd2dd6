"""Notebook 15: more new heads and groups of rates as people get them wrong."""

import types

import torch
from torch import nn
from wrong_code import wrong


def stay(part, mode=True):
    return part


def linear(old, classes, **how):
    return nn.Linear(old.in_features, classes, dtype=old.weight.dtype, **how)


def ready(
    deaf=lambda m, net: not any(m.children()), evaluate=None, early=False, train=stay,
    head=linear, freeze=lambda net: net.requires_grad_(False), last=lambda net, new: None,
):  # fmt: skip
    """freeze_and_replace with one thing changed."""

    def freeze_and_replace(model, num_classes):
        name, old = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
        freeze(model)
        new = head(old, num_classes)
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, new)
        for m in model.modules():
            if m is new:
                continue
            if early and deaf(m, model):
                m.train = types.MethodType(train, m)
            if (evaluate or deaf)(m, model):
                m.eval()
            if deaf(m, model):
                m.train = types.MethodType(train, m)
        last(model, new)
        return model

    return freeze_and_replace


def leaf(m, net):
    return not any(m.children())


def never(m, net):
    return False


def silence(net, new):
    net.eval()
    net.train = types.MethodType(stay, net)


def wrapped(net, new):
    def train(mode=True):
        type(net).train(net, mode)
        for m in net.modules():
            if m is not new and not any(m.children()):
                m.training = False
        return net

    net.train = train


def silence_head(net, new):
    new.eval()
    new.train = types.MethodType(stay, new)


def head_in_training_mode(net, new):
    new.training = True


def no_argument(part):
    return part


def rows(old, classes):
    new = linear(old, classes)
    with torch.no_grad():
        new.weight[: old.out_features] = old.weight[:classes]
    return new


def zeros(old, classes):
    new = linear(old, classes)
    nn.init.zeros_(new.weight)
    return new


def small(old, classes):
    new = linear(old, classes)
    nn.init.normal_(new.weight, std=0.01)
    return new


def same_object(old, classes):
    old.out_features = classes
    old.weight = nn.Parameter(linear(old, classes).weight.detach())
    if old.bias is not None:
        old.bias.requires_grad_(True)
    return old


def first_part(net):
    next(net.children()).requires_grad_(False)


def weights_only(net):
    for name, p in net.named_parameters():
        p.requires_grad = not name.endswith("weight")


for names, how in {
    ("statistics_move", "never_in_evaluation_mode"): {"deaf": never},
    ("deaf_before_evaluation_mode",): {"early": True},
    ("dropout_goes_on",): {
        "deaf": lambda m, net: leaf(m, net) and not isinstance(m, nn.Dropout),
        "evaluate": leaf,
    },
    ("batch_norm_goes_on",): {
        "deaf": lambda m, net: leaf(m, net) and not isinstance(m, nn.BatchNorm2d),
        "evaluate": leaf,
    },
    ("other_parts_go_on",): {
        "deaf": lambda m, net: isinstance(m, (nn.BatchNorm2d, nn.Dropout)),
        "evaluate": leaf,
    },
    ("set_right_by_the_whole_net_only",): {"deaf": never, "evaluate": leaf, "last": wrapped},
    ("nothing_hears_train",): {"last": silence},
    ("head_stays_in_evaluation_mode",): {"last": silence_head},
    ("head_not_reached",): {"deaf": lambda m, net: m is not net, "last": head_in_training_mode},
    ("blocks_deaf",): {
        "deaf": lambda m, net: leaf(m, net) or (m is not net and m is not net.classifier),
    },
    ("train_takes_no_argument",): {"train": no_argument, "evaluate": never},
    ("old_rows_copied",): {"head": rows},
    ("head_of_zeros",): {"head": zeros},
    ("head_drawn_in_another_way",): {"head": small},
    ("bias_as_before",): {"head": lambda old, k: linear(old, k, bias=old.bias is not None)},
    ("old_bias_kept",): {"head": same_object},
    ("first_part_alone_frozen",): {"freeze": first_part},
    ("biases_not_frozen",): {"freeze": weights_only},
}.items():
    wrong("freeze_and_replace", *names)(ready(**how))


@wrong("freeze_and_replace", "batch_norm_uses_the_batch")
def freeze_and_replace(model, num_classes):
    def deaf(m, net):
        return leaf(m, net) and not isinstance(m, nn.BatchNorm2d)

    ready(deaf, evaluate=leaf)(model, num_classes)
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.momentum = 0.0
    return model


@wrong("freeze_and_replace", "net_deaf")
def freeze_and_replace(model, num_classes):
    ready()(model, num_classes)

    def train(mode=True):
        for child in model.children():
            child.train(mode)
        model.training = False
        return model

    model.train = train
    return model


@wrong("freeze_and_replace", "nothing_hears_eval")
def freeze_and_replace(model, num_classes):
    ready()(model, num_classes)
    model.train = lambda mode=True: model
    return model


@wrong("freeze_and_replace", "head_under_a_fixed_name")
def freeze_and_replace(model, num_classes):
    model.requires_grad_(False)
    model.fc = nn.Linear(model.fc.in_features, num_classes)
    return model


@wrong("freeze_and_replace", "container_for_the_head")
def freeze_and_replace(model, num_classes):
    model.requires_grad_(False)
    name, old = list(model.named_children())[-1]
    setattr(model, name, nn.Linear(old.in_features, num_classes))
    return model


def grouped(
    rates=(0.1, 0.01), slow=lambda ps, net, middle: ps, fast=lambda head: list(head.parameters()),
    once="object", shared_head=False, head=-1, wants=lambda p, groups: True, also=lambda net: None,
    end=lambda groups: groups, parts=None, wrap=list, freeze=True,
):  # fmt: skip
    """finetune_groups with one thing changed."""

    def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
        top = [m for m in model.modules() if isinstance(m, nn.Linear)][head]
        known = [model.get_submodule(name) for name in (parts(middle) if parts else middle)]
        named = [(n, p) for m in known for n, p in m.named_parameters()]
        quick, late = fast(top), [p for _, p in named]
        late = slow(late, model, middle)
        if once == "object":
            late = list(dict.fromkeys(late))
        if not shared_head:
            late = [p for p in late if all(p is not q for q in top.parameters())]
        if freeze:
            model.requires_grad_(False)
        for p in [*quick, *late]:
            p.requires_grad_(wants(p, (quick, late)))
        also(model)
        groups = [{"params": wrap(quick), "lr": rates[0] * lr},
                  {"params": wrap(late), "lr": rates[1] * lr}]  # fmt: skip
        return end(groups)

    return finetune_groups


def named(net):
    return {id(p): name for name, p in net.named_parameters()}


def own_only(ps, net, middle):
    return [p for name in middle for p in net.get_submodule(name).parameters(recurse=False)]


def without_biases(ps, net, middle):
    return [p for p in ps if not named(net)[id(p)].endswith("bias")]


def every_time(ps, net, middle):
    return [p for name in middle for _, p in
            net.get_submodule(name).named_parameters(remove_duplicate=False)]  # fmt: skip


def by_name(ps, net, middle):
    found = {f"{name}.{inner}": p for name in middle for inner, p in
             net.get_submodule(name).named_parameters()}  # fmt: skip
    return list(found.values())


def zero_grad(net):
    for p in net.parameters():
        p.grad = None


def optimizer(groups):
    return torch.optim.SGD(groups, lr=0.1)


def renamed(groups):
    return [{"params": g["params"], "learning_rate": g["lr"]} for g in groups]


for names, how in {
    ("both_ten_times_too_slow",): {"rates": (0.01, 0.001)},
    ("head_at_lr",): {"rates": (1, 0.01)},
    ("head_as_slow_as_the_middle",): {"rates": (0.01, 0.01)},
    ("middle_at_a_thousandth",): {"rates": (0.1, 0.001)},
    ("middle_at_lr",): {"rates": (0.1, 1)},
    ("lr_for_all",): {"rates": (1, 1)},
    ("biases_left_out",): {"slow": without_biases},
    ("bias_of_the_head_left_out",): {"fast": lambda head: [head.weight]},
    ("own_parameters_only",): {"slow": own_only},
    ("first_linear_for_the_head",): {"head": 0},
    ("first_name_alone",): {"parts": lambda middle: middle[:1]},
    ("last_name_alone",): {"parts": lambda middle: middle[-1:]},
    ("default_names_always",): {"parts": lambda middle: ("features.block3", "features.block4")},
    ("first_of_the_default_left_out",): {
        "parts": lambda middle: [n for n in middle if n != "features.block3"],
    },
    ("all_made_trainable",): {"also": lambda net: net.requires_grad_(True)},
    ("nothing_trainable",): {"also": lambda net: net.requires_grad_(False)},
    ("middle_frozen",): {"wants": lambda p, groups: any(p is q for q in groups[0])},
    ("listed_twice", "shared_weights_listed_twice"): {"once": "", "slow": every_time},
    ("shared_weights_listed_twice",): {"once": "", "slow": by_name},
    ("head_in_both_groups",): {"shared_head": True},
    ("sets_for_lists",): {"wrap": set},
    ("rate_under_another_key",): {"end": renamed},
    ("an_optimizer",): {"end": optimizer},
    ("returns_nothing",): {"end": lambda groups: None},
    ("a_dict",): {"end": lambda groups: {"head": groups[0], "middle": groups[1]}},
    ("modes_changed",): {"also": lambda net: net.eval()},
    ("gradients_cleared",): {"also": zero_grad},
}.items():
    wrong("finetune_groups", *names)(grouped(**how))


@wrong("finetune_groups", "rest_at_rate_zero")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    groups = grouped()(model, lr, middle)
    taken = {id(p) for group in groups for p in group["params"]}
    model.requires_grad_(True)
    rest = [p for p in model.parameters() if id(p) not in taken]
    return [*groups, {"params": rest, "lr": 0.0}]


@wrong("finetune_groups", "middle_not_read")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    there = dict(model.named_modules())
    kept = [name for name in ("features.block3", "features.block4") if name in there]
    return grouped()(model, lr, kept)


@wrong("finetune_groups", "head_under_a_fixed_name")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    model.head.requires_grad_(True)
    return grouped()(model, lr, middle)


@wrong("finetune_groups", "rates_exchanged_head_in_the_middle")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    fast, slow = grouped(rates=(0.01, 0.1), shared_head=True)(model, lr, middle)
    slow_ones = {id(p) for p in slow["params"]}
    fast["params"] = [p for p in fast["params"] if id(p) not in slow_ones]
    return [fast, slow]


@wrong("finetune_groups", "head_in_the_middle_group")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    fast, slow = grouped(shared_head=True)(model, lr, middle)
    fast["params"] = [p for p in fast["params"] if all(p is not q for q in slow["params"])]
    return [fast, slow]
