"""Batches to hand to a device, on machines with a GPU and without: real ones, and ones that record.

`RecordedTensor` stands for a tensor on the way to a CUDA device. It has what a loader may call, and
writes it down.
"""

from __future__ import annotations

import torch

from course_utils import devices
from course_utils.recipes.instruments.threads import Batches


def working_device() -> torch.device:
    """The best device that is there: where batches really travel."""
    return devices.best_device()


class TensorBatches(Batches):
    """Pairs (x, y) of small tensors: batch i has x = [i, 10·i] and y = [i]."""

    def __iter__(self):
        for index in super().__iter__():
            yield torch.tensor([index, 10.0 * index]), torch.tensor([index])


class RecordedBatches(Batches):
    """Pairs of `RecordedTensor`s, which tell how they went to the device."""

    def __init__(self, n: int):
        super().__init__(n)
        self.tensors: list[RecordedTensor] = []

    def __iter__(self):
        for index in super().__iter__():
            pair = RecordedTensor(index, self.tensors), RecordedTensor(index, self.tensors)
            yield pair


class RecordedTensor:
    """A batch in ordinary memory: `pin_memory` copies it to page-locked memory, `to` sends it."""

    def __init__(self, index, register, pinned=False, device="cpu", waited=False):
        self.index, self.pinned, self.waited = index, pinned, waited
        self.device = torch.device(device)
        self._register = register

    def is_pinned(self) -> bool:
        return self.pinned

    def pin_memory(self) -> RecordedTensor:
        return RecordedTensor(self.index, self._register, True, self.device)

    def to(self, device, non_blocking: bool = False) -> RecordedTensor:
        sent = RecordedTensor(self.index, self._register, self.pinned, device, not non_blocking)
        self._register.append(sent)
        return sent

    def cuda(self, device=None, non_blocking: bool = False) -> RecordedTensor:
        return self.to("cuda" if device is None else device, non_blocking)


class Pictures:
    """A sequence of pictures that counts how often each is read, as files on a slow disk."""

    def __init__(self, pictures):
        self._pictures = pictures
        self.reads = [0] * len(pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int):
        if not 0 <= index < len(self._pictures):
            raise IndexError(f"there is no picture {index}")
        self.reads[index] += 1
        return self._pictures[index].copy()


def bytes_to_send(state) -> float:
    """How many bytes a DataLoader sends to a worker for this; infinity where it cannot."""
    import pickle

    try:
        return len(pickle.dumps(state))
    except (TypeError, AttributeError, pickle.PicklingError):
        return float("inf")
