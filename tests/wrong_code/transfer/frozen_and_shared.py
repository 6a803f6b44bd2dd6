"""Notebook 15: nets in which some is frozen, shared, or belongs to no part without parts."""

import copy
import types

import torch
from torch import nn
from wrong_code import wrong
from wrong_code.transfer.comparisons import groups_of, measured, model_of, probed
from wrong_code.transfer.heads import grouped, ready
from wrong_code.transfer.visits import extracted, visited

look = visited()


def frozen_meanwhile(after, whatever=True):
    """get_activation that needs no no_grad: it freezes the net, and does `after` at the end."""

    def get_activation(model, name, x):
        model.get_submodule(name.partition(":")[0])
        model.requires_grad_(False)
        try:
            found = look(model, name, x)
        except RuntimeError:
            if whatever:
                after(model)
            raise
        after(model)
        return found

    return get_activation


def all_trainable(model):
    model.requires_grad_(True)


def as_they_are(model):
    """Leaves them frozen."""


for names, how in {
    ("frozen_ones_come_back_trainable",): (all_trainable,),
    ("frozen_ones_come_back_trainable_unless_it_fails", "left_frozen_after_an_error"): (
        all_trainable, False,
    ),
    ("left_frozen",): (as_they_are,),
}.items():  # fmt: skip
    wrong("get_activation", *names)(frozen_meanwhile(*how))

for identity, after in {
    "frozen_ones_come_back_trainable": all_trainable, "left_frozen": as_they_are,
}.items():  # fmt: skip
    wrong("extract_features", identity)(extracted(get=frozen_meanwhile(after)))
    wrong("linear_probe_by_depth", identity)(probed(get=frozen_meanwhile(after)))


class Seen(Exception):
    """Ends a forward pass."""


@wrong("get_activation", "first_call_kept", "error_behind_the_part_not_met")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    modes = [(m, m.training) for m in model.modules()]

    def stop(module, inputs, output):
        output = output[int(number or 0)] if isinstance(output, tuple) else output
        raise Seen(output.detach().clone())

    handle = model.get_submodule(part).register_forward_hook(stop)
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    except Seen as seen:
        return seen.args[0]
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode


def without_an_error(model, name, x):
    kept, modes = [], [(m, m.training) for m in model.modules()]
    part, _, number = name.partition(":")

    def hook(module, inputs, output):
        output = output[int(number or 0)] if isinstance(output, tuple) else output
        kept.append(output.detach().clone())

    handle = model.get_submodule(part).register_forward_hook(hook)
    model.eval()
    with torch.no_grad():
        try:
            model(x)
        except RuntimeError as error:
            print(error)
    handle.remove()
    for m, mode in modes:
        m.training = mode
    return kept[-1] if kept else None


@wrong("get_activation", "error_swallowed_with_an_output")
def get_activation(model, name, x):
    return without_an_error(model, name, x)


@wrong("get_activation", "last_digit_alone")
def get_activation(model, name, x):
    return look(model, f"{name.partition(':')[0]}:{name[-1]}" if ":" in name else name, x)


def of_leaves(net):
    for m in net.modules():
        if not any(m.children()):
            m.requires_grad_(False)


def of_children(net):
    for child in net.children():
        child.requires_grad_(False)


def with_a_mode(part, mode):
    return part


wrong("freeze_and_replace", "own_parameters_not_frozen")(ready(freeze=of_leaves))
wrong("freeze_and_replace", "parameters_of_the_net_itself_not_frozen")(ready(freeze=of_children))
wrong("freeze_and_replace", "train_needs_a_mode")(ready(train=with_a_mode))


@wrong("freeze_and_replace", "train_wants_more_than_a_mode")
def freeze_and_replace(model, num_classes):
    ready()(model, num_classes)
    for m in model.modules():
        if isinstance(vars(m).get("train"), types.MethodType):
            m.train = lambda self, mode: self
    return model


def unlike(ps, net, middle):
    kept = []
    for p in ps:
        if not any(torch.equal(p, q) for q in kept):
            kept.append(p)
    return kept


def by_the_nets_names(ps, net, middle):
    inside = tuple(f"{name}." for name in middle)
    return [p for name, p in net.named_parameters() if name.startswith(inside)]


def stem_frozen(net):
    if hasattr(net, "stem") and hasattr(net.stem, "weight"):
        net.stem.requires_grad_(False)


wrong("finetune_groups", "shared_under_its_first_name")(grouped(slow=by_the_nets_names))
wrong("finetune_groups", "shared_weight_listed_but_frozen")(grouped(also=stem_frozen))


@wrong("finetune_groups", "equal_values_left_out")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    top = list([m for m in model.modules() if isinstance(m, nn.Linear)][-1].parameters())
    both = unlike([*top, *(p for n in middle for p in model.get_submodule(n).parameters())], 0, 0)
    model.requires_grad_(False)
    for p in both:
        p.requires_grad_(True)
    return [{"params": top, "lr": lr / 10}, {"params": both[len(top) :], "lr": lr / 100}]


def partly_frozen(freeze):
    """finetune_groups that freezes with `freeze` at first."""

    def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
        freeze(model)
        return grouped(freeze=False)(model, lr, middle)

    return finetune_groups


wrong("finetune_groups", "own_parameters_not_frozen")(partly_frozen(of_leaves))
wrong("finetune_groups", "parameters_of_the_net_itself_not_frozen")(partly_frozen(of_children))


def too_early(*ways):
    """transfer_table whose groups are made before the new head in these ways."""
    made = {}

    def model(way, source, fresh, classes):
        if way not in ways:
            return model_of(way, source, fresh, classes)
        net = copy.deepcopy(source)
        made[way] = groups_of(way, net, made.get("lr", 0.0))
        return ready()(net, classes)

    def groups(way, net, lr):
        if way not in ways:
            return groups_of(way, net, lr)
        for group, rate in zip(made[way], (lr, lr / 10), strict=False):
            group["lr"] = rate
        return made[way]

    return measured(model=model, groups=groups)


wrong("transfer_table", "groups_before_the_new_head")(too_early("finetune"))
wrong("transfer_table", "group_of_the_old_head")(too_early("features"))
wrong("transfer_table", "groups_before_the_new_head", "group_of_the_old_head")(
    too_early("finetune", "features")
)


def softened(x, t):
    mean, std = x.mean(0), (x.var(0, correction=0) + 1e-3).sqrt()
    return (x - mean) / std, (t - mean) / std


wrong("linear_probe_by_depth", "softened")(probed(scale=softened))
