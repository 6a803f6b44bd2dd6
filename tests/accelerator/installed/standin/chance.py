"""The device's random numbers: generators of its own, whose numbers are not the CPU's."""

from __future__ import annotations

import threading
import weakref

import torch

from standin import NAME, queue

_OTHER = 0x5DEECE66D  # the same seed gives other numbers than on the CPU, as it does on CUDA
_lock = threading.RLock()
_ours: weakref.WeakValueDictionary = weakref.WeakValueDictionary()  # by what torch knows them by


class Generator(torch._C.Generator):
    """`torch.Generator`, which knows the device too."""

    def __new__(cls, device="cpu"):
        ours = torch.device(device).type == NAME
        made = super().__new__(cls, device="cpu" if ours else device)
        made.on_device = ours
        if ours:
            queue.use()
            _ours[made._cdata] = made
            made.manual_seed(67280421310721)  # every generator of torch begins with it
        return made

    def __init__(self, device="cpu"):
        super().__init__()

    @property
    def device(self) -> torch.device:
        return torch.device(NAME, 0) if self.on_device else super().device

    def manual_seed(self, seed: int) -> Generator:
        self.seeded = seed
        super().manual_seed((seed ^ _OTHER) if self.on_device else seed)
        return self

    def initial_seed(self) -> int:
        return self.seeded if self.on_device else super().initial_seed()


_own: Generator | None = None


def own() -> Generator:
    """The generator that is drawn from where none is given."""
    global _own
    if _own is None:
        _own = Generator(NAME)
    return _own


def draw(func, args: list, kwargs: dict):
    """Run an operator that draws. RuntimeError where it is given another device's generator."""
    given = kwargs.get("generator")
    if given is not None:
        if given._cdata not in _ours:
            raise RuntimeError(
                f"Expected a '{NAME}' device type for generator but found '{given.device.type}'"
            )
        return func(*args, **kwargs)
    if any(a.name == "generator" for a in func._schema.arguments):
        return func(*args, **{**kwargs, "generator": own()})
    with _lock:  # it draws from the CPU's generator, which stands in for ours meanwhile
        kept = torch.get_rng_state()
        torch.set_rng_state(own().get_state())
        try:
            return func(*args, **kwargs)
        finally:
            own().set_state(torch.get_rng_state())
            torch.set_rng_state(kept)
