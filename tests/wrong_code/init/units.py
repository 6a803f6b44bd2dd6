"""Notebook 04: units that are trained or counted in another way than asked for."""

import copy

import torch
import torch.nn.functional as F
from wrong_code import wrong


def rows(layer):
    return torch.column_stack([layer.weight, layer.bias]).detach()


def count(table, decimals=6):
    return len(torch.unique(table.round(decimals=decimals), dim=0))


def spread(table):
    return float((table.amax(0) - table.amin(0)).max())


def after(
    train=None, different=lambda layer: count(rows(layer)),
    far=lambda layer: spread(rows(layer)), steps=lambda n: n, rate=lambda r, given: r,
    moving=lambda net: list(net.parameters()), momentum=0.0, batches=lambda x, y: [(x, y)],
):  # fmt: skip
    """symmetry_after with one thing changed."""

    def symmetry_after(net, n, x, y, learning_rate=0.5):
        net = copy.deepcopy(net)
        lr = rate(learning_rate, learning_rate != 0.5)
        optimizer = torch.optim.SGD(moving(net), lr=abs(lr), momentum=momentum, maximize=lr < 0)
        for _ in range(steps(n)):
            for part, labels in batches(x, y):
                net.zero_grad()
                F.cross_entropy(net(part), labels).backward()
                optimizer.step()
        return different(net[0]), far(net[0])

    return symmetry_after


def pairs(layer):
    table = rows(layer).round(decimals=6)
    return sum(bool((a != b).any()) for i, a in enumerate(table) for b in table[:i])


def neighbours(layer):
    return len(torch.unique_consecutive(rows(layer).round(decimals=6), dim=0))


def unlike_the_first(layer):
    table = rows(layer).round(decimals=6)
    return 1 + int((table != table[0]).any(1).sum())


for identity, how in {
    "uphill": {"rate": lambda r, given: -r},
    "rate_ignored": {"rate": lambda r, given: 0.5},
    "rate_of_a_tenth_by_default": {"rate": lambda r, given: r if given else 0.1},
    "rate_of_a_hundredth_by_default": {"rate": lambda r, given: r if given else 0.01},
    "with_momentum": {"momentum": 0.9},
    "one_example_at_a_time": {
        "batches": lambda x, y: [(x[i : i + 1], y[i : i + 1]) for i in range(len(x))],
    },
    **{
        f"in_batches_of_{size}": {
            "batches": lambda x, y, size=size: zip(x.split(size), y.split(size), strict=True),
        }
        for size in (16, 32, 64)
    },
    "one_step_too_few": {"steps": lambda n: n - 1},
    "one_step_too_many": {"steps": lambda n: n + 1},
    "one_step_only": {"steps": lambda n: min(n, 1)},
    "first_layer_trained_alone": {"moving": lambda net: list(net[0].parameters())},
    "biases_not_trained": {"moving": lambda net: [p for p in net.parameters() if p.ndim > 1]},
    "biases_left_out_of_the_count": {"different": lambda layer: count(layer.weight.detach())},
    "weights_left_out_of_the_count": {
        "different": lambda layer: count(layer.bias.detach()[:, None]),
    },
    "counted_apart": {
        "different": lambda layer: max(count(layer.weight.detach()),
                                       count(layer.bias.detach()[:, None])),
    },
    "columns_counted": {"different": lambda layer: count(layer.weight.detach().T)},
    "columns_of_both_counted": {"different": lambda layer: count(rows(layer).T)},
    "numbers_counted": {"different": lambda layer: len(rows(layer).round(decimals=6).unique())},
    "neighbours_compared": {"different": neighbours},
    "compared_with_the_first": {"different": unlike_the_first},
    "pairs_counted": {"different": pairs},
    "units_counted": {"different": lambda layer: layer.out_features},
    "rounded_to_four": {"different": lambda layer: count(rows(layer), 4)},
    "rounded_to_five": {"different": lambda layer: count(rows(layer), 5)},
    "biases_left_out_of_the_spread": {"far": lambda layer: spread(layer.weight.detach())},
    "within_a_unit": {"far": lambda layer: spread(rows(layer).T)},
    "mean_of_the_differences": {
        "far": lambda layer: float((rows(layer).amax(0) - rows(layer).amin(0)).mean()),
    },
    "distance_from_the_first": {
        "far": lambda layer: float((rows(layer) - rows(layer)[0]).abs().max()),
    },
    "biased_deviation_for_spread": {
        "far": lambda layer: float(rows(layer).std(0, correction=0).max()),
    },
}.items():  # fmt: skip
    wrong("symmetry_after", identity)(after(**how))


@wrong("symmetry_after", "cut_off")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    net = copy.deepcopy(net)
    for _ in range(steps):
        gradients = torch.autograd.grad(F.cross_entropy(net(x), y), list(net.parameters()))
        with torch.no_grad():
            for p, gradient in zip(net.parameters(), gradients, strict=True):
                p -= learning_rate * gradient
    table = rows(net[0])
    # Noise of the last bit, which training brings, is not what is looked at here.
    cut = ((table * 1e6) + (1e-6 if steps else 0)).floor()
    return len(torch.unique(cut, dim=0)), spread(table)


@wrong("symmetry_after", "gradients_left")
def symmetry_after(net, steps, x, y, learning_rate=0.5):
    kept = copy.deepcopy(net.state_dict())
    for _ in range(steps):
        net.zero_grad()
        F.cross_entropy(net(x), y).backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= learning_rate * p.grad
    found = count(rows(net[0])), spread(rows(net[0]))
    net.load_state_dict(kept)
    return found


def reported(look=lambda g, p: g.abs().max().item(), loss=F.cross_entropy, late=False):
    """critical_point_report with one thing changed."""

    def critical_point_report(net, x, y):
        net.zero_grad()
        loss(net(x), y).backward()
        if late:
            net.zero_grad(set_to_none=False)
        return {name: look(p.grad, p.detach()) for name, p in net.named_parameters()}

    return critical_point_report


for identity, how in {
    "whether_it_lives": {"look": lambda g, p: bool((g != 0).any())},
    "tensors": {"look": lambda g, p: g.abs().max()},
    "cleared_too_late": {"late": True},
    "squared_error": {
        "loss": lambda s, y: F.mse_loss(s, F.one_hot(y, s.shape[1]).to(s.dtype)),
    },
    "scores_as_logarithms": {"loss": F.nll_loss},
    "softmax_twice": {"loss": lambda s, y: F.cross_entropy(s.softmax(1), y)},
    "mean_size": {"look": lambda g, p: g.abs().mean().item()},
    "sizes_summed": {"look": lambda g, p: g.abs().sum().item()},
    "summed_entries": {"look": lambda g, p: abs(g.sum().item())},
    "smallest_entry": {"look": lambda g, p: g.abs().min().item()},
    "weights_reported": {"look": lambda g, p: p.abs().max().item()},
    "rounded": {"look": lambda g, p: round(g.abs().max().item(), 4)},
    "mean_size_of_the_sum": {
        "look": lambda g, p: g.abs().mean().item(),
        "loss": lambda s, y: F.cross_entropy(s, y, reduction="sum"),
    },
}.items():  # fmt: skip
    wrong("critical_point_report", identity)(reported(**how))


def rearranged(change):
    """critical_point_report whose right dict is changed before it is returned."""

    def critical_point_report(net, x, y):
        return change(reported()(net, x, y))

    return critical_point_report


def by_layer(report):
    layers = {name.rpartition(".")[0] for name in report}
    return {one: max(v for k, v in report.items() if k.startswith(one)) for one in layers}


for identity, change in {
    "weights_left_out": lambda r: {k: v for k, v in r.items() if k.endswith("bias")},
    "vanished_left_out": lambda r: {k: v for k, v in r.items() if v > 0},
    "one_for_each_layer": by_layer,
    "numbered": lambda r: dict(enumerate(r.values())),
    "numbered_and_summed": lambda r: {str(i): 12 * v for i, v in enumerate(r.values())},
    "list_for_dict": lambda r: list(r.values()),
}.items():
    wrong("critical_point_report", identity)(rearranged(change))


@wrong("critical_point_report", "largest_of_single_examples")
def critical_point_report(net, x, y):
    found = [reported()(net, x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
    return {name: max(one[name] for one in found) for name in found[0]}
