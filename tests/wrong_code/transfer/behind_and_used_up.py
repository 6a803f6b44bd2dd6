"""Notebook 15: a hook that returns, parts behind the head, groups that hold nothing or too many
rates, and a probe with two things wrong."""

import torch
from torch import nn
from wrong_code import wrong
from wrong_code.transfer.comparisons import probed
from wrong_code.transfer.heads import grouped, ready


@wrong("get_activation", "hook_returns_something")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    kept, before = [], [(m, m.training) for m in model.modules()]

    def hook(module, inputs, output):
        kept.append(output[int(number or 0)] if isinstance(output, tuple) else output)
        kept.append(kept[-1].clone())
        return kept[-2]

    handle = model.get_submodule(part).register_forward_hook(hook)
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in before:
            m.training = mode
    return kept[-1]


def before_the_head(net):
    """The parts that come before the last nn.Linear, the net itself among them."""
    parts = list(net.modules())
    last = max(place for place, m in enumerate(parts) if isinstance(m, nn.Linear))
    return parts[:last]


def freeze_before(net):
    for m in before_the_head(net):
        for p in m.parameters(recurse=False):
            p.requires_grad_(False)


def leaf_before(m, net):
    return not any(m.children()) and any(m is one for one in before_the_head(net))


wrong("freeze_and_replace", "behind_the_head_as_it_was")(
    ready(freeze=freeze_before, deaf=leaf_before)
)
wrong("freeze_and_replace", "behind_the_head_trainable")(ready(freeze=freeze_before))

wrong("finetune_groups", "groups_used_up")(
    grouped(end=lambda groups: [{**g, "params": iter(())} for g in groups])
)
wrong("finetune_groups", "head_used_up")(
    grouped(end=lambda groups: [{**groups[0], "params": iter(())}, *groups[1:]])
)
wrong("finetune_groups", "middle_used_up")(
    grouped(end=lambda groups: [groups[0], *({**g, "params": iter(())} for g in groups[1:])])
)


def with_gradients_alone(head):
    """finetune_groups without what wants no gradient: of the middle, and of the head, too."""

    def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
        wanted = {p for p in model.parameters() if p.requires_grad}
        groups = grouped()(model, lr, middle)
        for group in groups if head else groups[1:]:
            for p in group["params"]:
                p.requires_grad_(p in wanted)
            group["params"] = [p for p in group["params"] if p in wanted]
        return groups

    return finetune_groups


wrong("finetune_groups", "frozen_middle_left_out")(with_gradients_alone(head=False))
wrong("finetune_groups", "frozen_ones_left_out")(with_gradients_alone(head=True))


@wrong("finetune_groups", "a_rate_for_each_part")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    parts = [model.get_submodule(name) for name in middle]
    top = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    model.requires_grad_(False)
    groups, met = [], set()
    for power, part in enumerate([top, *parts[::-1]], 1):
        own = [p for p in dict.fromkeys(part.parameters()) if p not in met]
        met.update(own)
        groups.append({"params": own, "lr": lr / 10**power})
    for p in met:
        p.requires_grad_(True)
    return groups


def centred(x, t):
    return x - x.mean(0), t - x.mean(0)


@wrong("linear_probe_by_depth", "not_scaled_and_tested_on_training")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    trained = list(loader)
    return probed(scale=centred)(model, trained, trained, layers, ridge)
