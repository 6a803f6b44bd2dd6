"""Which tensors may meet in one operator: the rules that CUDA has, in its words."""

from __future__ import annotations

import torch

from standin import NAME

PLACE = f"{NAME}:0"
_INDEXING = {"index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index",
             "_unsafe_index_put"}  # fmt: skip


def check(func, named: list[tuple[str, object]], ours: type) -> None:
    """RuntimeError where this operator refuses these tensors, which lie on two devices.

    Parameters
    ----------
    named : the operator's arguments in order, with their names
    ours : the type of the device's tensors
    """
    name = func._schema.name.partition("::")[2]
    if name in _INDEXING:
        (_, at), (_, indices), *rest = named
        if not isinstance(at, ours) and any(isinstance(i, ours) for i in indices):
            raise RuntimeError(
                "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
            )
        named = [("self", at), *rest]
    lengths = [(n, t) for n, value in named for t in _tensors(value)]
    here = [(n, t) for n, t in lengths if not isinstance(t, ours)]
    pointwise = torch.Tag.pointwise in func.tags or name in _INDEXING | {"fill_", "fill"}
    written = [a.name for a in func._schema.arguments if a.alias_info and a.alias_info.is_write]
    if all(t.dim() == 0 for _, t in here) and not {n for n, _ in here} & {*written}:
        # One number of the host may take part in what goes value by value.
        if pointwise or name.startswith("_foreach_"):
            return
    if len(here) == len(lengths):  # what was on the device were indices
        return
    if pointwise:
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{PLACE} and cpu!"
        )
    there = next(isinstance(t, ours) for _, t in lengths)  # the first tensor says where
    odd = next(n for n, t in lengths if isinstance(t, ours) != there)
    one, other = ("cpu", PLACE) if there else (PLACE, "cpu")
    raise RuntimeError(
        f"Expected all tensors to be on the same device, but got {odd} is on {one}, different "
        f"from other tensors on {other} (when checking argument in method wrapper_{NAME}_{name})"
    )


def _tensors(value) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    return [t for t in value if isinstance(t, torch.Tensor)] if isinstance(value, list) else []
