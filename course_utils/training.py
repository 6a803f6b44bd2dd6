"""The course's training loop and what experiments need around it. No plots, no data sets.

In short:

    with seeded(0):
        model = Net()
    history = fit(model, data.train, data.validation, lambda p: torch.optim.SGD(p, lr=0.1))
    print(history)
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

_PREDICTION_BATCH = 512  # examples at once where nothing is learned; bounds the memory only


@dataclass
class History:
    """What happened while a net trained. Lists have one entry an epoch unless said otherwise.

    `train_loss` and `train_accuracy` are means over the epoch's mini-batches as they were met:
    weights moving, dropout on. `validation_*` are measured after the epoch with the net in
    evaluation mode, and stay empty without validation data. Losses are in nats for
    cross-entropy; accuracies are shares from 0 to 1, NaN where the targets are no classes.
    """

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    step_loss: list[float] = field(default_factory=list)  # one entry an update
    seconds: float = 0.0  # for the whole run, measuring included
    stopped: str | None = None  # why training ended early, as a sentence

    @property
    def epochs(self) -> int:
        return len(self.train_loss)

    def __str__(self) -> str:
        if not self.train_loss:
            return self.stopped or "Not trained yet."
        parts = [f"{self.epochs} epochs in {self.seconds:.1f} s"]
        parts.append(f"training loss {self.train_loss[-1]:.3f}")
        if self.validation_loss:
            parts.append(f"validation loss {self.validation_loss[-1]:.3f}")
            if math.isfinite(self.validation_accuracy[-1]):
                parts.append(f"validation accuracy {self.validation_accuracy[-1]:.3f}")
        return ", ".join(parts) + (f". {self.stopped}" if self.stopped else ".")


def fit(
    model: torch.nn.Module,
    train: tuple,
    validation: tuple | None = None,
    optimizer: torch.optim.Optimizer | Callable | None = None,
    epochs: int = 10,
    batch_size: int = 64,
    seed: int = 0,
    loss: Callable | None = None,
    augment: Callable | None = None,
    on_epoch: Callable[[History], object] | None = None,
    progress: bool = True,
) -> History:
    """Train `model` in place by mini-batches, and say how it went.

    Parameters
    ----------
    model : trained on the device where its parameters are.
    train, validation : pairs (x, y) of arrays or tensors with N rows; y holds class indices, or
        targets for a loss of your own. Floats are brought to the model's dtype.
    optimizer : a torch optimizer over the model's parameters, or a function that makes one from
        them. Default: SGD with momentum 0.9 and learning rate 0.05.
    epochs, batch_size : examples are shuffled anew each epoch. The last batch may be short; a
        last batch of one example is left out, since batch norm cannot train on it.
    seed : of the shuffling, of dropout and of `augment`. The same seed, model and data give the
        same run on the same device; global random state is left as it was found.
    loss : `loss(output, y)` → scalar mean over the batch. Default: cross-entropy of logits.
    augment : `augment(x, generator)` → x, applied to each training batch (torch, on the CPU).
    on_epoch : called with the History after each epoch; `return False` ends training there.
    progress : show a bar on standard output once training takes longer than two seconds.

    Returns a History. A loss that becomes NaN or infinite ends training; `History.stopped` says
    where, and it is printed when `progress` is on.

    Raises ValueError when the data do not fit together, naming what and where.
    """
    import torch

    parameters = list(model.parameters())
    if not parameters:
        raise ValueError("This model has no parameters, so there is nothing to train.")
    if epochs < 0 or batch_size < 1:
        raise ValueError(
            f"epochs must be 0 or more and batch_size 1 or more; you gave {epochs} and "
            f"{batch_size}."
        )
    device, dtype = parameters[0].device, parameters[0].dtype
    x, y = _tensors(train, dtype, "training")
    held_out = None if validation is None else _tensors(validation, dtype, "validation")
    loss = torch.nn.functional.cross_entropy if loss is None else loss
    if optimizer is None:
        optimizer = torch.optim.SGD(parameters, lr=0.05, momentum=0.9)
    elif not isinstance(optimizer, torch.optim.Optimizer):
        optimizer = optimizer(parameters)

    history = History()
    start = time.perf_counter()
    was_training = model.training
    shuffling = torch.Generator().manual_seed(seed)
    augmenting = torch.Generator().manual_seed(seed + 1)
    with seeded(seed, device), _bar(epochs, progress) as bar:
        for epoch in range(epochs):
            model.train()
            total, right, count = 0.0, 0.0, 0
            for rows in _batches(len(x), batch_size, shuffling):
                batch, target = x[rows], y[rows]
                if augment is not None:
                    batch = augment(batch, augmenting)
                batch, target = batch.to(device), target.to(device)
                output = model(batch)
                cost = loss(output, target)
                value = float(cost.detach())
                history.step_loss.append(value)
                if not math.isfinite(value):
                    history.stopped = _diverged(value, len(history.step_loss), epoch)
                    break
                optimizer.zero_grad()
                cost.backward()
                optimizer.step()
                total += value * len(rows)
                right += _right(output, target)
                count += len(rows)
            history.train_loss.append(total / count if history.stopped is None else value)
            history.train_accuracy.append(right / count if count else math.nan)
            if held_out is not None:
                measured = evaluate(model, held_out, loss)
                history.validation_loss.append(measured[0])
                history.validation_accuracy.append(measured[1])
            history.seconds = time.perf_counter() - start
            bar.update(1)
            if on_epoch is not None and on_epoch(history) is False:
                break
            if history.stopped:
                break
    model.train(was_training)
    if history.stopped and progress:
        print(history.stopped)
    return history


def evaluate(
    model: torch.nn.Module, data: tuple, loss: Callable | None = None
) -> tuple[float, float]:
    """Mean loss and accuracy of `model` on (x, y), in evaluation mode; its mode is restored.

    Accuracy is a share from 0 to 1, NaN where y holds no class indices.
    """
    import torch

    parameter = next(model.parameters())
    x, y = _tensors(data, parameter.dtype, "evaluation")
    loss = torch.nn.functional.cross_entropy if loss is None else loss
    was_training = model.training
    model.eval()
    total = right = 0.0
    with torch.no_grad():
        for first in range(0, len(x), _PREDICTION_BATCH):
            rows = slice(first, first + _PREDICTION_BATCH)
            batch, target = x[rows].to(parameter.device), y[rows].to(parameter.device)
            output = model(batch)
            total += float(loss(output, target)) * len(batch)
            right += _right(output, target)
    model.train(was_training)
    return total / len(x), right / len(x)


@contextlib.contextmanager
def seeded(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Seed torch inside the `with` block, and put its global random state back afterwards.

    Covers the CPU and, when given, one other device; numpy's and Python's global state are not
    touched. Use it around building a model, whose first weights come from torch's state.
    """
    import torch

    device = torch.device(device)
    backend = getattr(torch, device.type, None)
    if not hasattr(backend, "get_rng_state"):  # the CPU's is torch's own
        backend = None
    which = () if device.type == "mps" else (device,)  # of one there is only one
    on_cpu = torch.get_rng_state()
    if backend is not None:
        on_device = backend.get_rng_state(*which)
    # Not torch.manual_seed: that would seed every GPU, also those that are not given back.
    torch.random.default_generator.manual_seed(seed)
    try:
        if backend is not None:
            with backend.device(device) if which else contextlib.nullcontext():
                backend.manual_seed(seed)
        yield
    finally:
        torch.set_rng_state(on_cpu)
        if backend is not None:
            backend.set_rng_state(on_device, *which)


@dataclass
class Spread:
    """One experiment under several seeds: `values` is seeds × whatever one run returned."""

    values: np.ndarray

    @property
    def low(self) -> Any:
        return _over_seeds(np.nanmin, self.values)

    @property
    def middle(self) -> Any:
        """The median over the seeds."""
        return _over_seeds(np.nanmedian, self.values)

    @property
    def high(self) -> Any:
        return _over_seeds(np.nanmax, self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __str__(self) -> str:
        n = f"over {len(self)} seed{'s' if len(self) != 1 else ''}"
        if self.values.ndim > 1:
            return f"array of shape {self.values.shape[1:]} {n}"
        return f"{self.middle:.3g} ({self.low:.3g} to {self.high:.3g} {n})"


def seeds(fn: Callable[[int], Any], n: int = 3) -> Any:
    """Run `fn(seed)` for seeds 0 to n-1 and return the Spread of what it returns.

    `fn` returns a number, a list of numbers (a curve), or a dict of such, which gives a dict of
    Spreads. A curve that ended early is filled up with NaN, which the range leaves out.
    """
    if n < 1:
        raise ValueError(f"seeds needs at least one seed; you asked for n={n}.")
    results = [fn(seed) for seed in range(n)]
    if isinstance(results[0], dict):
        return {name: _spread([result[name] for result in results]) for name in results[0]}
    return _spread(results)


def quick() -> bool:
    """Whether experiments should shorten themselves (COURSE_QUICK=1, set by tests)."""
    return os.environ.get("COURSE_QUICK", "") not in ("", "0")


def _spread(results: list) -> Spread:
    arrays = [np.asarray(result, dtype=float) for result in results]
    if any(array.ndim > 1 for array in arrays) and len({a.shape for a in arrays}) > 1:
        raise ValueError(
            "The seeds returned arrays of different shapes "
            f"({', '.join(str(a.shape) for a in arrays)}), so there is no range over them."
        )
    if arrays[0].ndim == 1:
        longest = max(len(array) for array in arrays)
        arrays = [np.pad(a, (0, longest - len(a)), constant_values=np.nan) for a in arrays]
    return Spread(np.stack(arrays))


def _over_seeds(statistic: Callable, values: np.ndarray) -> Any:
    # Where every seed is NaN there is no range to give, and numpy's warning would say nothing new.
    known = np.where(np.isnan(values).all(axis=0), 0.0, values)
    result = np.where(np.isnan(values).all(axis=0), np.nan, statistic(known, axis=0))
    return float(result) if result.ndim == 0 else result


def _tensors(data: tuple, dtype: torch.dtype, what: str) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise ValueError(f"The {what} data must be a pair (x, y), not {type(data).__name__}.")
    x, y = (torch.as_tensor(part) for part in data)
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise ValueError(
            f"The {what} data have x of shape {tuple(x.shape)} and y of shape {tuple(y.shape)}: "
            "they need one row for each example in both."
        )
    if len(x) == 0:
        raise ValueError(f"The {what} data are empty.")
    if x.dtype == torch.uint8:
        raise ValueError(
            f"The {what} images are uint8 of shape {tuple(x.shape)}; a net wants floats, "
            "N×C×H×W: use course_utils.datasets.to_nchw(images)."
        )
    if x.is_floating_point():
        x = x.to(dtype)
    y = y.to(dtype) if y.is_floating_point() else y.long()
    return x, y


def _batches(n: int, batch_size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    import torch

    for rows in torch.randperm(n, generator=generator).split(batch_size):
        if len(rows) > 1 or n == 1 or batch_size == 1:
            yield rows


def _right(output: torch.Tensor, target: torch.Tensor) -> float:
    if target.is_floating_point() or output.ndim != target.ndim + 1:
        return math.nan
    return float((output.argmax(1) == target).sum())


def _diverged(value: float, step: int, epoch: int) -> str:
    what = "NaN" if math.isnan(value) else "infinite"
    return (
        f"The loss became {what} at step {step} (epoch {epoch + 1}), so training stopped there: "
        "most often the learning rate is too high, or the loss takes a log of 0."
    )


def _bar(epochs: int, progress: bool):
    from tqdm import tqdm

    # Standard output, since nbgrader takes anything on standard error for a failed cell.
    return tqdm(
        total=epochs, desc="training", unit="epoch", delay=2, leave=False,
        file=sys.stdout, disable=not progress,
    )  # fmt: skip
