"""Notebook 06: exercises on the two modes, a fault at a time."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from wrong_code import wrong
from wrong_code.batchnorm.forward_faults import enter


def _shift(bias):
    return torch.arange(len(bias)).to(bias)


def _like(a, b):
    return bool((a - b).abs().max() < 1e-4 * a.abs().max())


def _redundant(answer=None, mode=None, same=_like, leave=None, harm=None):
    def bias_is_redundant(conv, norm, x):
        was = norm.training
        a, b = copy.deepcopy(conv), copy.deepcopy(norm)
        if mode is not None:
            b.train(mode)
        with torch.no_grad():
            before = b(a(x))
            a.bias += _shift(a.bias)
            found = same(before, b(a(x)))
            if harm:
                harm(conv, norm, x)
        if leave is not None:
            norm.train(leave(was))
        return found if answer is None else answer(norm)

    return bias_is_redundant


def _spoil_bias(conv, norm, x):
    kept = conv.bias
    conv.bias += 1
    conv.bias.copy_(kept)  # onto itself


def _spoil_count(conv, norm, x):
    kept = {n: v.clone() for n, v in norm.state_dict().items() if "running" in n}
    norm(conv(x))
    norm.load_state_dict(kept, strict=False)


enter("bias_is_redundant", _redundant, {
    "judged_as_batch_norm": {"answer": lambda norm: isinstance(norm, nn.BatchNorm2d)},
    "judged_by_type_and_mode": {
        "answer": lambda norm: isinstance(norm, nn.BatchNorm2d) and norm.training,
    },
    "judged_by_two_types_and_mode": {
        "answer": lambda norm: isinstance(norm, (nn.BatchNorm2d, nn.InstanceNorm2d))
        and norm.training,
    },
    "judged_by_three_types": {
        "answer": lambda norm: isinstance(norm, (nn.BatchNorm2d, nn.InstanceNorm2d, nn.GroupNorm)),
    },
    "judged_by_mode": {"answer": lambda norm: norm.training},
    "means_compared": {"same": lambda a, b: bool((a.mean() - b.mean()).abs() < 1e-6)},
    "measured_in_training_mode": {"mode": True},
    "measured_in_evaluation_mode": {"mode": False},
    "put_into_evaluation_mode": {"mode": False, "leave": lambda was: False},
    "left_in_evaluation_mode": {"leave": lambda was: False},
    "left_in_training_mode": {"leave": lambda was: True},
    "rounding_in_single_precision": {"same": torch.allclose},
    "compared_with_a_fixed_number": {"same": lambda a, b: bool((a - b).abs().max() < 1e-5)},
    "tensor_for_a_bool": {"same": lambda a, b: torch.isclose(a, b, atol=1e-3).all()},
    "bias_not_put_back": {"harm": _spoil_bias},
    "running_statistics_moved": {"harm": lambda conv, norm, x: norm(conv(x))},
    "count_moved": {"harm": _spoil_count},
})  # fmt: skip


def _find(judged=lambda reported, own: abs(reported - own) > 1e-4, gives=lambda name: name,
          data=lambda train, validation: validation, fresh=True, early=False,
          nothing=None):  # fmt: skip
    def find_mode_bug(loops, make_model, train, validation):
        model = make_model()
        for name, loop in loops.items():
            model = make_model() if fresh else model
            reported = loop(model, train, validation)
            model.eval()
            x, y = data(train, validation)
            with torch.no_grad():
                own = F.cross_entropy(model(x), y).item()
            if judged(reported, own):
                return gives(name)
            if early:
                return None
        return nothing

    return find_mode_bug


enter("find_mode_bug", _find, {
    "accuses_whoever_comes_first": {"data": lambda train, validation: train},
    "only_the_first_loop": {"early": True},
    "one_model_for_all": {"fresh": False},
    "compared_to_the_last_digit": {"judged": lambda reported, own: reported != own},
    "only_large_differences": {"judged": lambda reported, own: abs(reported - own) > 0.1},
    "only_huge_differences": {"judged": lambda reported, own: reported - own > 0.3},
    "only_too_low": {"judged": lambda reported, own: own - reported > 1e-4},
    "only_too_high": {"judged": lambda reported, own: reported - own > 1e-4},
    "a_list_of_names": {"gives": lambda name: [name], "nothing": []},
})  # fmt: skip


def _population(grad=False, move=True, back="was", wide=False, add=torch.float64, passes=1,
                keep=False, inputs=False, made=None, small=False):  # fmt: skip
    def population_statistics(model, loader):
        modes = [(part, part.training) for part in model.modules()]
        whole = model.training
        model.eval()
        count, total, parts = 0, 0.0, []
        with torch.set_grad_enabled(grad):
            for _ in range(passes - 1):
                for _ in loader:
                    pass
            for x, _ in loader:
                out = model(x)
                dtype = out.dtype
                kept = x if inputs else out
                if small:
                    count += out.shape[0] * out.shape[2] * out.shape[3]
                    total = total + out.double().sum((0, 2, 3))
                    continue
                rows = kept.movedim(1, -1).flatten(0, -2) if move else kept.flatten(0, -1)
                rows = rows if move else kept.reshape(-1, kept.shape[1])
                parts.append(out if keep else rows.to(add))
                count += len(rows)
        if back == "was":
            for part, mode in modes:
                part.training = mode
        else:
            model.train(whole if back == "whole" else back)
        if keep:
            rows = torch.cat(parts).movedim(1, -1).flatten(0, -2).double()
        else:
            rows = torch.cat(parts)
        if made:
            mean, var = made(parts)
        else:
            mean, square = rows.sum(0) / len(rows), (rows**2).sum(0) / len(rows)
            var = square - mean**2
        return (mean, var) if wide else (mean.to(dtype), var.to(dtype))

    return population_statistics


def _moving(parts, start):
    mean, var = start
    for part in parts:
        mean = 0.9 * mean + 0.1 * part.mean(0)
        var = 0.9 * var + 0.1 * part.var(0, correction=0)
    return mean, var


def _true(parts):
    rows = torch.cat(parts)
    return rows.mean(0), rows.var(0, correction=0)


def _average(parts):
    return sum(parts) / len(parts)


enter("population_statistics", _population, {
    "batches_weigh_the_same": {"made": lambda parts: (
        mean := _average([p.mean(0) for p in parts]),
        _average([((p - mean) ** 2).mean(0) for p in parts]),
    )},
    "mean_of_means": {
        "made": lambda parts: (_average([p.mean(0) for p in parts]), _true(parts)[1]),
    },
    "plain_average_of_unbiased": {
        "made": lambda parts: (_average([p.mean(0) for p in parts]),
                               _average([p.var(0) for p in parts])),
    },
    "moving_average": {"made": lambda parts: _moving(
        parts[1:], (parts[0].mean(0), parts[0].var(0, correction=0)),
    )},
    "moving_average_from_zero": {"made": lambda parts: _moving(parts, (0, 0))},
    "always_training_afterwards": {"back": True},
    "parts_woken": {"back": "whole"},
    "standard_deviation": {
        "made": lambda parts: (_true(parts)[0], _true(parts)[1].sqrt()),
    },
    "mean_square": {
        "made": lambda parts: (_true(parts)[0], (torch.cat(parts) ** 2).mean(0)),
    },
    "digits_lost": {"add": torch.float32},
    "in_double_precision": {"wide": True},
    "graph_kept": {"grad": True},
    "two_passes": {"passes": 2},
    "everything_kept": {"keep": True},
    "channels_not_moved": {"move": False},
    "images_only": {"small": True},
    "of_the_inputs": {"inputs": True},
})  # fmt: skip


def by_images(look=lambda out: out, axes=lambda out: 0):
    """Counts images, whatever is added up of each."""

    def population_statistics(model, loader):
        model = copy.deepcopy(model).eval()
        count, total, squares = 0, 0, 0
        with torch.no_grad():
            for x, _ in loader:
                out = look(model(x)).double()
                count += len(out)
                total, squares = total + out.sum(axes(out)), squares + (out**2).sum(axes(out))
        return (total / count).float(), (squares / count - (total / count) ** 2).float()

    return population_statistics


wrong("population_statistics", "one_number_for_each_pixel")(by_images())
wrong("population_statistics", "images_counted")(
    by_images(axes=lambda out: [0, *range(2, out.ndim)])
)
wrong("population_statistics", "pixels_averaged_first")(
    by_images(lambda out: out.mean((2, 3)) if out.ndim == 4 else out)
)
