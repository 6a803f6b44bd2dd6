"""Mixed precision on the device: products in the short type, losses and sums in float32. The lists
are short ones; which operators CUDA puts on its own is CUDA's affair."""

from __future__ import annotations

import functools

import torch

from standin import NAME

KEY = "AutocastPrivateUse1"
SHORT = ("addmm", "bmm", "conv1d", "conv2d", "linear", "matmul", "mm")
SINGLE = ("cross_entropy_loss", "log_softmax.int", "mse_loss", "nll_loss", "norm.Scalar",
          "prod", "softmax.int", "sum", "sum.dim_IntList")  # fmt: skip
_libraries: list[torch.library.Library] = []


def register() -> None:
    rest = torch.library.Library("_", "IMPL")
    rest.fallback(torch.library.fallthrough_kernel, KEY)
    aten = torch.library.Library("aten", "IMPL")
    for names, short in ((SHORT, True), (SINGLE, False)):
        for name in names:
            packet, _, overload = name.partition(".")
            func = getattr(getattr(torch.ops.aten, packet), overload or "default")
            aten.impl(name, functools.partial(_cast, func, short), KEY)
    _libraries.extend((rest, aten))


def _cast(func, short: bool, *args, **kwargs):
    kind = torch.get_autocast_dtype(NAME) if short else torch.float32

    def cast(value):
        if isinstance(value, torch.Tensor) and value.device.type == NAME:
            return value.to(kind) if value.dtype.is_floating_point else value
        return value

    key = getattr(torch._C.DispatchKey, KEY)
    with torch._C._ExcludeDispatchKeyGuard(torch._C.DispatchKeySet(key)):
        return func(*map(cast, args), **{k: cast(v) for k, v in kwargs.items()})
