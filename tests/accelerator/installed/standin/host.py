"""What torch's own functions on the host would do if the device were a real one, where a backend in
Python cannot say it: page-locked memory, generators, waiting."""

from __future__ import annotations

import weakref

import torch

from standin import chance, queue

_pinned: set[int] = set()  # where page-locked storages begin
_library: list[torch.library.Library] = []


def is_pinned(tensor: torch.Tensor) -> bool:
    return tensor.device.type == "cpu" and tensor.untyped_storage().data_ptr() in _pinned


def pin(tensor: torch.Tensor, device=None) -> torch.Tensor:
    """A copy in page-locked memory; nothing is locked here, and the copy remembers that it is."""
    queue.use()
    copy = tensor.clone()
    storage = copy.untyped_storage()
    place = storage.data_ptr()
    _pinned.add(place)
    weakref.finalize(storage, _pinned.discard, place)
    _kept[place] = storage
    return copy


_kept: weakref.WeakValueDictionary = weakref.WeakValueDictionary()


def change_what_the_host_sees() -> None:
    """Give torch's functions the answers of a machine with this device."""
    aten = torch.library.Library("aten", "IMPL")
    aten.impl("is_pinned", lambda tensor, device=None: is_pinned(tensor), "CPU")
    aten.impl("_pin_memory", pin, "CPU")
    _library.append(aten)
    torch.Generator = chance.Generator
    torch.accelerator.synchronize = lambda device=None, /: queue.synchronize()
    torch.nn.Module._apply = _keeping_parameters(torch.nn.Module._apply)


def _keeping_parameters(apply):
    """As on CUDA, `net.to(device)` changes a net's parameters and does not replace them."""

    def kept(self, fn, recurse: bool = True):
        before = torch.__future__.get_swap_module_params_on_conversion()
        torch.__future__.set_swap_module_params_on_conversion(True)
        try:
            return apply(self, fn, recurse)
        finally:
            torch.__future__.set_swap_module_params_on_conversion(before)

    return kept
