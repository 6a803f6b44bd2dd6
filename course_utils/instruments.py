"""Tests of a training program from outside: each is true of a sound one. Notebook 16 builds them.

A program has a `net`, `batches` (one pass over its training part, drawn anew each time), `loss` of
a batch, a `step` on a batch, `end_of_epoch`, `evaluate`, `fresh`, which gives the same program
before its first step, and a `floor` that no net can bring the loss below. Nothing here changes the
program it is given, reads its source, or knows what it is made of.
"""

from __future__ import annotations

import itertools
import math


def first_loss_is_plausible(program) -> bool:
    """Whether the loss of the untrained net is about that of guessing, ln C."""
    import torch

    start = program.fresh()
    with torch.no_grad():
        batches = list(itertools.islice(start.batches, 4))
        loss = sum(float(start.loss(batch)) for batch in batches) / len(batches)
        classes = max(2, start.net(batches[0][0]).shape[1])  # one score tells two classes apart
    return 0.6 * math.log(classes) <= loss <= math.log(classes) + 3.5


def gradients_reach_everything(program) -> bool:
    """Whether each weight that is trained gets a gradient that counts beside the others'.

    Biases are not asked: one before a norm has no effect, and that is no fault.
    """
    start = program.fresh()
    largest, weights = 0.0, {}
    for batch in itertools.islice(start.batches, 4):
        start.net.zero_grad()
        start.loss(batch).backward()
        for name, parameter in start.net.named_parameters():
            if not parameter.requires_grad:
                continue  # frozen on purpose
            gradient = parameter.grad
            size = 0.0 if gradient is None else float(gradient.square().mean().sqrt())
            largest = max(largest, size)
            if parameter.ndim > 1:
                weights[name] = max(weights.get(name, 0.0), size)
    return all(size > 1e-4 * largest for size in weights.values())


def memorises_one_batch(program, examples: int = 16, steps: int = 100, rate: float = 5e-3) -> bool:
    """Whether the net learns a few examples by heart: its loss comes near its floor."""
    import torch

    start = program.fresh()
    x, y = next(iter(start.batches))
    few = x[:examples], y[:examples]
    trained = [p for p in start.net.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=rate)
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        start.loss(few).backward()
        optimizer.step()
        if step % 10 == 0:
            start.net.eval()  # dropout would hide what it knows
            with torch.no_grad():
                learned = float(start.loss(few)) < start.floor + 0.25
            start.net.train()
            if learned:
                return True
    return False


def steps_in_proportion(program, steps: int = 60) -> bool:
    """Whether the program's own steps are neither leaps nor nothing, from the first to the last."""
    start = program.fresh()
    weights = [p for p in start.net.parameters() if p.requires_grad and p.ndim > 1]
    losses, moved = [], []
    for _ in range(start.epochs // 2):
        for batch in itertools.islice(start.batches, steps - len(losses)):
            before = [w.detach().clone() for w in weights]
            losses.append(start.step(batch))
            moved.append([float((w.detach() - b).norm() / b.norm())
                          for w, b in zip(weights, before, strict=True)])  # fmt: skip
        start.end_of_epoch()
    leaps = max(moved[0]) > 0.5 or not max(losses) < 3 * losses[0]
    last = [sorted(each)[2] for each in zip(*moved[-5:], strict=True)]  # medians of five
    return not leaps and all(1e-5 < share < 0.5 for share in last)


def validation_leaves_no_trace(program) -> bool:
    """Whether measuring changes nothing, and gives the same number again."""
    import torch

    start = program.fresh()
    start.net.train()
    for batch in itertools.islice(start.batches, 3):
        start.step(batch)
    start.net.train()

    def standing():
        kept = {name: value.clone() for name, value in start.net.state_dict().items()}
        return kept, [module.training for module in start.net.modules()]

    before, modes = standing()
    numbers = [start.evaluate() for _ in range(3)]
    after, modes_after = standing()
    same = all(torch.equal(before[name], after[name]) for name in before)
    return same and modes == modes_after and len(set(numbers)) == 1


def same_picture_same_numbers(program) -> bool:
    """Whether a picture has one label whenever it is met, and the same numbers in validation as it
    would have in training."""
    start = program.fresh()
    named: dict[bytes, int] = {}
    for _ in range(4):
        for x, y in start.batches:
            for picture, label in zip(x.detach().numpy(), y.tolist(), strict=True):
                if named.setdefault(picture.tobytes(), label) != label:
                    return False
    pictures, _, _ = start.given
    prepared = start.prepare(_tensor(pictures))
    known = {picture.tobytes() for picture in prepared.numpy()}
    return all(
        picture.tobytes() in known for x, _ in start.validation for picture in x.detach().numpy()
    )


def parts_are_apart(program) -> bool:
    """Whether no validation picture is trained on, and all classes are in both parts."""
    start = program.fresh()
    trained = {picture.tobytes() for picture in start.x.numpy()}
    held = [(picture, label) for x, y in start.validation
            for picture, label in zip(x.numpy(), y.tolist(), strict=True)]  # fmt: skip
    if any(picture.tobytes() in trained for picture, _ in held):
        return False
    return {label for _, label in held} == set(start.y.tolist())


def examples_do_not_mix(program) -> bool:
    """Whether what the net says of a picture in evaluation is the same in other company."""
    import torch

    start = program.fresh()
    for batch in itertools.islice(start.batches, 3):
        start.step(batch)
    start.net.eval()
    x, _ = next(iter(start.batches))
    half = len(x) // 2
    with torch.no_grad():
        together, apart = start.net(x)[:half], start.net(x[:half])
    finite = together.isfinite() & apart.isfinite()
    return bool((together - apart)[finite].abs().le(1e-3 * (1 + apart[finite].abs())).all())


def _tensor(pictures):
    import torch

    return torch.as_tensor(pictures)


INSTRUMENTS = (
    first_loss_is_plausible, gradients_reach_everything, memorises_one_batch, steps_in_proportion,
    validation_leaves_no_trace, same_picture_same_numbers, parts_are_apart, examples_do_not_mix,
)  # fmt: skip
