"""Tensors of the device, and what happens to an operator that is given one: it is run on the memory
behind them, after the rules of a real device have been kept."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import flop_registry

from standin import NAME, chance, host, queue, rules

aten = torch.ops.aten
HERE = torch.device("cpu")
# What makes a tensor from nothing; the rest of the factories is made of these.
_FACTORIES = (
    "arange", "arange.start", "arange.start_step", "empty.memory_format", "empty_strided", "eye",
    "eye.m", "full", "linspace", "logspace", "ones", "rand", "rand.generator", "randint",
    "randint.generator", "randint.low", "randint.low_generator", "randn", "randn.generator",
    "randperm", "randperm.generator", "scalar_tensor", "tril_indices", "triu_indices", "zeros",
)  # fmt: skip


class OnDevice(torch.Tensor):
    """A tensor of the device: `_held` is its memory, a tensor of the CPU that nobody else sees."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, held: torch.Tensor):
        made = torch.Tensor._make_wrapper_subclass(
            cls, held.shape, strides=held.stride(), storage_offset=held.storage_offset(),
            dtype=held.dtype, layout=held.layout, device=torch.device(NAME, 0),
        )  # fmt: skip
        made._held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return run(func, args, kwargs or {})

    def numpy(self, *, force: bool = False):
        if force:
            return self.detach().cpu().resolve_conj().resolve_neg().numpy()
        raise TypeError(
            f"can't convert {rules.PLACE} device type tensor to numpy. Use Tensor.cpu() to copy "
            "the tensor to host memory first."
        )

    def tolist(self):
        return self.detach().cpu().tolist()

    def data_ptr(self) -> int:
        return self._held.data_ptr()

    def untyped_storage(self) -> torch.UntypedStorage:
        return self._held.untyped_storage()

    def is_pinned(self, device=None) -> bool:
        return False

    def pin_memory(self, device=None):
        kind = self.type().rpartition(".")[2]
        raise RuntimeError(f"cannot pin 'torch.{NAME}.{kind}' only dense CPU tensors can be pinned")

    def __format__(self, how: str) -> str:
        return self.item().__format__(how) if self.dim() == 0 else super().__format__(how)

    def __repr__(self, *, tensor_contents=None) -> str:
        words = repr(self.detach().cpu())
        grad = ", requires_grad=True" if self.requires_grad and self.is_leaf else ""
        return f"{words[:-1]}, device='{rules.PLACE}'{grad})"

    @property
    def data(self) -> torch.Tensor:
        return self.detach()

    @data.setter
    def data(self, other: torch.Tensor) -> None:
        torch.Tensor.data.__set__(self, other)
        self._held = other._held

    def __deepcopy__(self, memo):
        if id(self) in memo:
            return memo[id(self)]
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                "protocol at the moment."
            )
        copy = self.detach().clone().requires_grad_(self.requires_grad)
        if getattr(self, "_is_param", False):
            copy._is_param = True
        if self.grad is not None:
            copy.grad = self.grad.__deepcopy__(memo)
        memo[id(self)] = copy
        return copy

    def __reduce_ex__(self, protocol):
        return torch._utils._rebuild_device_tensor_from_numpy, (
            self.detach().cpu().numpy(), self.dtype, rules.PLACE, self.requires_grad,
        )  # fmt: skip


def register_operators() -> None:
    """Say that operators that are to make something on the device, or find it there, come here."""
    factories = torch.library.Library("aten", "IMPL")
    for name in _FACTORIES:
        packet, _, overload = name.partition(".")
        func = getattr(getattr(aten, packet), overload or "default")
        factories.impl(name, _from_nothing(func), "PrivateUse1")
    # torch.tensor makes its copy where no subclass is asked.
    factories.impl("copy_", _copy_into, "PrivateUse1")
    factories.impl("_local_scalar_dense", _from_nothing(aten._local_scalar_dense.default),
                   "PrivateUse1")  # fmt: skip
    rest = torch.library.Library("_", "IMPL")
    rest.fallback(lambda func, *args, **kwargs: run(func, args, kwargs), "PrivateUse1")
    _libraries.extend((factories, rest))


_libraries: list[torch.library.Library] = []


def _from_nothing(func):
    return lambda *args, **kwargs: run(func, args, kwargs)


def run(func, args: tuple, kwargs: dict):
    """Run an operator on the device's memory, and give what comes of it back as the device's."""
    queue.use()
    tensors = _leaves(args) + _leaves(kwargs)
    ours = [t for t in tensors if isinstance(t, OnDevice)]
    if func is aten.copy_.default:
        return _copy_into(*args, **kwargs)
    if len(ours) < len(tensors) and ours:
        names = [a.name for a in func._schema.arguments]
        rules.check(func, [*zip(names, args, strict=False), *kwargs.items()], OnDevice)
    if func is aten._to_copy.default and kwargs.get("device") == HERE:
        return _to_the_host(args[0], kwargs)
    held, settings = _held(args), _held(kwargs)
    tags = func.tags
    if torch.Tag.nondeterministic_seeded in tags:
        result = chance.draw(func, held, settings)
    else:
        result = func(*held, **settings)
    queue.launch(_seconds(func, held, settings, result))
    # The host must know a number, or how much there is, before it goes on.
    if torch.Tag.data_dependent_output in tags or torch.Tag.dynamic_output_shape in tags:
        queue.synchronize()
    if func._schema.is_mutable:
        _note_new_shapes(ours)
    known = {id(t._held): t for t in ours}
    return _given_back(result, known)


def _copy_into(to: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """`to.copy_(source)` within the device, to it or from it."""
    there, seconds = _memory(to), source.nbytes * queue.PER_BYTE_OF_THE_LINK
    if isinstance(to, OnDevice) and isinstance(source, OnDevice):
        there.copy_(source._held)
        queue.launch(queue.PER_OPERATOR + 2 * source.nbytes * queue.PER_BYTE)
    elif isinstance(to, OnDevice) and not (non_blocking and host.is_pinned(source)):
        # From pageable memory the driver takes a copy at once, and the host waits for that.
        there.copy_(source)
        queue.launch(seconds)
        if not non_blocking:
            queue.synchronize()
    elif non_blocking:
        queue.copy_later(lambda: there.copy_(_memory(source)), seconds)
    else:
        queue.launch(seconds)
        queue.synchronize()
        there.copy_(source._held)
    return to


def _to_the_host(source: OnDevice, kwargs: dict) -> torch.Tensor:
    settings = {k: v for k, v in kwargs.items() if k != "non_blocking"}
    seconds = source.nbytes * queue.PER_BYTE_OF_THE_LINK
    if not kwargs.get("non_blocking"):
        queue.launch(seconds)
        queue.synchronize()
        return aten._to_copy.default(source._held, **settings)
    # Whoever looks before the copy is there sees what was in that memory.
    copy = aten._to_copy.default(torch.full_like(source._held, 85), **settings)
    held = source._held
    queue.copy_later(lambda: copy.copy_(held), seconds)
    return copy


def _seconds(func, args, kwargs, result) -> float:
    """How long the device takes: by the bytes that it moves, and by its products."""
    moved = sum(t.nbytes for t in _leaves(args) + _leaves((result,)))
    products = 0
    if (count := flop_registry.get(func._overloadpacket)) is not None:
        products = count(*args, **kwargs, out_val=result)
    return queue.PER_OPERATOR + moved * queue.PER_BYTE + products * queue.PER_PRODUCT


# Between the device's tensors and their memory.


def _leaves(values) -> list[torch.Tensor]:
    found = []
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _leaves(value)
    return found


def _memory(tensor: torch.Tensor) -> torch.Tensor:
    return tensor._held if isinstance(tensor, OnDevice) else tensor


def _held(value):
    if isinstance(value, torch.Tensor):
        return _memory(value)
    if isinstance(value, (list, tuple)):
        return [_held(v) for v in value]
    if isinstance(value, dict):
        return {k: _held(v) for k, v in value.items()}
    if isinstance(value, torch.device) and value.type == NAME:
        if value.index not in (None, 0):
            raise RuntimeError(f"{NAME} error: invalid device ordinal")
        return HERE
    return value


def _given_back(result, known: dict):
    """The device's tensor for what lies in its memory; the same one for what was changed in
    place."""
    if isinstance(result, torch.Tensor):
        return known[id(result)] if id(result) in known else OnDevice(result)
    if isinstance(result, (list, tuple)):
        return type(result)(_given_back(r, known) for r in result)
    return result


def _note_new_shapes(changed: list[OnDevice]) -> None:
    """Let tensors that were resized, turned or squeezed in place say so."""
    for tensor in changed:
        held = tensor._held
        if tensor.shape != held.shape or tensor.stride() != held.stride():
            torch.Tensor.data.__set__(tensor, OnDevice(held))
