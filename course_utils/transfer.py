"""What notebook 15 needs around its experiments: targets to transfer to, and a training loop that
is counted in updates. The nets are in `shipped`, the shapes in `shapes`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
import torch.nn.functional as F

from course_utils import datasets, training


def held_out_shapes(per_class: int, seed: int = 3000) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures of the eight shapes that the shipped net has never seen: (float N×3×32×32, int N).

    Drawn as the net's own classes were, at the same difficulty. They lie in memory channels last,
    which convolutions on a CPU like better.
    """
    shapes = datasets.HELD_OUT_SHAPES
    x, y = datasets.colour_shapes(per_class * len(shapes), seed, difficulty=0.4, shapes=shapes)
    return _channels_last(torch.from_numpy(datasets.to_nchw(x))), torch.from_numpy(y)


def colour_digits(per_class: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Handwritten digits in the form that the shipped net takes: (float N×3×32×32, int N).

    Real ones (scikit-learn's, 8×8 grey), enlarged four times by linear interpolation: another
    hand, another pen, no colours and no ground. At most 170 a class. They, too, lie channels last.
    """
    data = datasets.digits(validation=10, test=10)
    x, y = torch.from_numpy(data.train_x), torch.from_numpy(data.train_y)
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(y.numpy() == label))[:per_class] for label in range(10)]
    if any(len(some) < per_class for some in rows):
        raise ValueError(f"There are no {per_class} of each digit here; ask for 170 at most.")
    rows = torch.from_numpy(rng.permutation(np.concatenate(rows)))
    large = F.interpolate(x[rows], scale_factor=4, mode="bilinear", align_corners=False)
    return _channels_last(large.expand(-1, 3, -1, -1)), y[rows]


def _channels_last(pictures: torch.Tensor) -> torch.Tensor:
    return pictures.contiguous(memory_format=torch.channels_last)


def fit_steps(
    model: torch.nn.Module,
    groups: Iterable[dict],
    train: tuple[torch.Tensor, torch.Tensor],
    steps: int,
    batch_size: int = 32,
    seed: int = 0,
) -> None:
    """Train `model` in place for so many updates of Adam, whatever the size of the training set.

    The rates fall evenly to 0, so that a short run does not end in the middle of its noise.

    Parameters
    ----------
    groups : what an optimizer takes: dicts with "params" and "lr", the first update's rate
    train : (x, y); each pass through it is shuffled anew
    steps : the number of updates; a batch holds `batch_size` pictures, or all there are

    The net ends in evaluation mode. Global random state is put back afterwards.
    """
    x, y = train
    optimizer = torch.optim.Adam(list(groups))
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / max(steps, 1))
    generator = torch.Generator().manual_seed(seed)
    device = next(model.parameters()).device
    order = torch.empty(0, dtype=torch.long)
    model.train()
    with training.seeded(seed, device):  # dropout draws from the device's own state
        for _ in range(steps):
            if len(order) < min(batch_size, len(x)):
                order = torch.cat([order, torch.randperm(len(x), generator=generator)])
            rows, order = order[:batch_size], order[batch_size:]
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows].to(device)), y[rows].to(device)).backward()
            optimizer.step()
            falling.step()
    model.eval()
