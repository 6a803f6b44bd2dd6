"""What goes wrong when batches are sent to a device: pinned or not, with a wait, to which one.

The exercise is in `loading`.
"""

import numpy as np

from autograder.exercise import Exercise, mistake, raises


class Sending(Exercise, abstract=True):
    """The mistakes of a loader that have to do with the device."""

    @mistake
    def from_pageable_memory(self, right, device, **inputs):
        """Your batches leave from ordinary memory, which the driver must first copy to page-locked
        memory. Pin them when the device is CUDA."""
        if device is not None:
            return {"from pinned memory": [False] * len(right["from pinned memory"])}

    @mistake
    def pinned_elsewhere_too(self, right, device, **inputs):
        """You pin for another device than a CUDA one. Ask whether the device's type is "cuda"."""
        if device is not None and not any(right["from pinned memory"]):
            return {"from pinned memory": [True] * len(right["from pinned memory"])}

    @mistake
    def pinned_after_sending(self, right, device, **inputs):
        """You send the tensors and pin them then. Only memory of the host can be pinned: pin
        first, and send what comes out."""
        if device is not None and device.startswith("cuda"):
            return dict.fromkeys(right, raises("RuntimeError", "not on the CPU"))

    @mistake
    def first_tensor_alone(self, right, device, width, **inputs):
        """Only the first tensor of your batches is pinned, and sent without waiting. Treat all
        tensors of a batch alike."""
        if device is not None:
            first = [i % width == 0 for i in range(len(right["without waiting"]))]
            pinned = np.logical_and(first, right["from pinned memory"]).tolist()
            return {"without waiting": first, "from pinned memory": pinned}

    @mistake
    def first_tensor_alone_is_pinned(self, right, device, width, **inputs):
        """Only the first tensor of your batches leaves from pinned memory. Pin all of them when the
        device is CUDA."""
        if device is not None:
            first = [i % width == 0 for i in range(len(right["without waiting"]))]
            pinned = np.logical_and(first, right["from pinned memory"]).tolist()
            return {"from pinned memory": pinned}

    @mistake
    def waits_elsewhere(self, right, device, **inputs):
        """You ask for non_blocking=True on a CUDA device only. Send to every device with it."""
        if device is not None and not device.startswith("cuda"):
            return {"without waiting": [False] * len(right["without waiting"])}

    @mistake
    def not_sent_elsewhere(self, right, device, **inputs):
        """You send the tensors to a CUDA device only. There are other devices: send to each."""
        if device is not None and not device.startswith("cuda"):
            return {"on the device": [False] * len(right["on the device"])}

    @mistake
    def first_cuda_device(self, right, device, **inputs):
        """You send to the first CUDA device, whichever is given: there may be several. Send to
        `device` itself."""
        if device is not None and device.startswith("cuda"):
            return {"on the device": [False] * len(right["on the device"])}

    @mistake
    def waits_for_the_copy(self, right, device, **inputs):
        """Your copies make the host wait, pinned or not. Say non_blocking=True."""
        if device is not None:
            return {"without waiting": [False] * len(right["without waiting"])}

    @mistake
    def targets_left_behind(self, right, device, width, **inputs):
        """You send the first tensor of a batch and leave the others on the host. The loss needs all
        in one place."""
        if device is not None:
            first = [i % width == 0 for i in range(len(right["on the device"]))]
            pinned = np.logical_and(first, right["from pinned memory"]).tolist()
            return {"on the device": first, "from pinned memory": pinned}

    @mistake
    def sent_when_asked_for(self, right, device, **inputs):
        """Your tensors are sent by the loop itself, and not by a thread that reads ahead. Send
        them there, so that they travel while the batch before is computed."""
        return {"sent by the thread": False} if device else {}

    @mistake
    def ahead_without_a_thread(self, right, take, fail_at, ahead, device, **inputs):
        """Batches are read in advance, but the loop itself reads and sends them, as without a
        thread: while it computes, nothing is read. A thread has to do both meanwhile."""
        shown = {"sent by the thread": False} if device else {}
        if looked_at(take, ahead=ahead):
            shown["in advance"] = "nothing" if ahead == 1 else "fewer than `ahead` batches"
        return shown | ({"batches": right["batches"][:-1]} if fail_at else {})

    @mistake
    def pinned_everywhere(self, right, device, **inputs):
        """You pin the tensors for every device, and without an accelerator torch refuses. Pin them
        where the device's type is "cuda"."""
        if device:
            return {"from pinned memory": [True] * len(right["from pinned memory"])}
        if right["batches"]:
            return dict.fromkeys(right, raises("RuntimeError", "accelerator"))


def looked_at(take, ahead, **inputs) -> bool:
    """Whether a case tells how many batches are read in advance."""
    return take is not None or ahead is None
