"""The panel of tests: each looks at a patient in one way and says what it found, in words."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SEALED = 400


@dataclass(frozen=True)
class Test:
    """One test of the panel."""

    minutes: int
    asks: str
    find: Callable  # of a patient: what is found, in words


def scores_of(program) -> int:
    import torch

    modes = [module.training for module in program.net.modules()]
    program.net.eval()
    with torch.no_grad():
        scores = program.net(next(iter(program.validation))[0]).shape[1]
    for module, mode in zip(program.net.modules(), modes, strict=True):
        module.training = mode
    return scores


def _first_loss(patient) -> str:
    import torch

    program = patient.fresh()
    with torch.no_grad():
        losses = [float(program.loss(b)) for b in itertools.islice(program.batches, 4)]
    classes = max(2, scores_of(program))
    return (
        f"{np.mean(losses):.2f} before the first step; guessing among {classes} classes has "
        f"{math.log(classes):.2f}. The program says that its floor is {program.floor:g}."
    )


def _numbers(parts) -> str:
    x = np.concatenate([part.numpy().reshape(len(part), -1) for part in parts])
    return (
        f"{len(x)} pictures; their numbers run from {x.min():.2f} to {x.max():.2f}, with mean "
        f"{x.mean():.2f} and deviation {x.std():.2f}"
    )


def _training_pictures(patient) -> str:
    return f"{_numbers([x for x, _ in patient.fresh().batches])} (as the net is given them)."


def _validation_pictures(patient) -> str:
    return f"{_numbers([x for x, _ in patient.fresh().validation])} (as the net is given them)."


def _labels(patient) -> str:
    program = patient.fresh()
    named: dict[bytes, list] = {}
    for _ in range(4):
        for x, y in program.batches:
            for picture, label in zip(x.numpy(), y.tolist(), strict=True):
                named.setdefault(picture.tobytes(), []).append(label)
    again = [set(labels) for labels in named.values() if len(labels) > 1]
    several = sum(len(labels) > 1 for labels in again)
    return (
        f"over four epochs {len(again)} pictures came more than once, exactly alike; {several} of "
        "them with more than one label."
    )


def _gradients(patient) -> str:
    program = patient.fresh()
    for batch in itertools.islice(program.batches, 4):
        program.net.zero_grad()
        program.loss(batch).backward()
    told = []
    for name, p in program.net.named_parameters():
        if p.ndim > 1:
            size = "none" if p.grad is None else f"{float(p.grad.square().mean().sqrt()):.1e}"
            told.append(f"{name} {size if p.requires_grad else 'frozen'}")
    return f"size of the gradient by layer, before the first step: {', '.join(told)}."


def _one_batch(patient) -> str:
    import torch

    program = patient.fresh()
    x, y = next(iter(program.batches))
    few = x[:16], y[:16]
    optimizer = torch.optim.Adam([p for p in program.net.parameters() if p.requires_grad], lr=5e-3)
    for _ in range(100):
        optimizer.zero_grad()
        program.loss(few).backward()
        optimizer.step()
    program.net.eval()
    with torch.no_grad():
        loss, scores = float(program.loss(few)), program.net(few[0])
    said = scores.argmax(1) if scores.shape[1] > 1 else scores.squeeze(1).sign()
    right = int((said == few[1]).sum())
    return (
        f"after 100 steps of Adam on 16 examples their loss is {loss:.2f}, {right} of 16 are "
        f"right. The program says that its floor is {program.floor:g}."
    )


def _steps(patient) -> str:
    program, told = patient.fresh(), []
    weights = {name: p for name, p in program.net.named_parameters()
               if p.requires_grad and p.ndim > 1}  # fmt: skip
    done = 0
    for _ in range(program.epochs // 2):
        for batch in program.batches:
            before = {name: p.detach().clone() for name, p in weights.items()}
            program.step(batch)
            done += 1
            shares = [float((p.detach() - before[name]).norm()) / (float(before[name].norm()) or 1)
                      for name, p in weights.items()]  # fmt: skip
            if done in (1, 5):
                told.append(f"step {done}: {_shares(shares)}")
        program.end_of_epoch()
    told.append(f"step {done}: {_shares(shares)}")
    left = max((float(p.grad.abs().max()) for p in weights.values() if p.grad is not None),
               default=0.0)  # fmt: skip
    return (
        f"length of a step as a share of the weights', layer by layer. {'; '.join(told)}. After "
        f"the last step the net's largest gradient is {left:.1e}."
    )


def _shares(shares) -> str:
    return ", ".join("0" if share == 0 else f"{share:.1e}" for share in shares)


def _twice(patient) -> str:
    program = patient.fresh()
    program.net.train()
    for batch in itertools.islice(program.batches, 10):
        program.step(batch)
    program.net.train()
    before = {name: value.clone() for name, value in program.net.state_dict().items()}
    numbers = [program.evaluate() for _ in range(3)]
    changed = [n for n, v in program.net.state_dict().items() if not v.equal(before[n])]
    mode = "training" if program.net.training else "evaluation"
    return (
        f"after 10 steps, measured three times: {', '.join(f'{n:.1%}' for n in numbers)}. "
        f"Afterwards {len(changed)} of {len(before)} arrays of the net have changed, and it is in "
        f"{mode} mode."
    )


def _parts(patient) -> str:
    program = patient.fresh()
    trained = {picture.tobytes() for picture in program.x.numpy()}
    held = [p.tobytes() in trained for x, _ in program.validation for p in x.numpy()]
    ours = sorted({int(c) for c in program.y.tolist()})
    theirs = sorted({int(c) for _, y in program.validation for c in y.tolist()})
    return (
        f"{sum(held)} of {len(held)} validation pictures are in the training part as well. Classes "
        f"in the training part: {len(ours)}, in the validation part: {len(theirs)}."
    )


def _right(program, x, y) -> float:
    import torch

    modes = [module.training for module in program.net.modules()]
    program.net.eval()
    with torch.no_grad():
        scores = program.net(x)
    for module, mode in zip(program.net.modules(), modes, strict=True):
        module.training = mode
    said = scores.argmax(1) if scores.shape[1] > 1 else scores.squeeze(1).sign()
    return float((said == y).double().mean())


def _own_count(patient) -> str:
    import torch

    program, _, accuracies = patient.course
    x = torch.cat([x for x, _ in program.validation])
    y = torch.cat([y for _, y in program.validation])
    return (
        f"counted by hand after the training: {_right(program, program.x, program.y):.0%} of the "
        f"training part, {_right(program, x, y):.0%} of the validation part; reported "
        f"{accuracies[-1]:.0%}."
    )


def _new_pictures(patient) -> str:
    import torch

    from course_utils.recipes.pictures import small_pictures

    program, _, accuracies = patient.course
    made = patient.made_of
    pictures, labels = small_pictures(
        made["kind"], made["classes"], SEALED, made["seed"], sealed=True
    )
    labels = torch.as_tensor(labels)
    if scores_of(program) == 1:
        labels = 2 * labels - 1
    right = _right(program, program.prepare(torch.as_tensor(pictures)), labels)
    return (
        f"{SEALED} pictures that nobody has seen, prepared as those for training: {right:.0%} are "
        f"right; reported {accuracies[-1]:.0%}."
    )


PANEL = {
    "first loss": Test(1, "the loss of the untrained net", _first_loss),
    "training pictures": Test(2, "their range, mean and deviation", _training_pictures),
    "validation pictures": Test(2, "the same of the validation part", _validation_pictures),
    "labels": Test(3, "has a picture the same label in each epoch?", _labels),
    "gradients": Test(4, "the size of the gradient by layer", _gradients),
    "one batch": Test(6, "16 examples by heart, with Adam", _one_batch),
    "steps": Test(6, "steps 1, 5 and one at half of the training", _steps),
    "measured twice": Test(4, "after 10 steps: is validation repeatable?", _twice),
    "parts": Test(4, "what training and validation share, and which classes", _parts),
    "own count": Test(8, "accuracies of both parts, counted by hand", _own_count),
    "new pictures": Test(15, "accuracy on pictures that nobody has seen", _new_pictures),
}
