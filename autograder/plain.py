"""Plain data: the only thing that crosses between the learner's code and the judge.

Plain data is None, bool, int, float, str, list, tuple, dict with string keys, and numpy arrays
of numbers. It becomes bytes as JSON followed by raw array buffers; nothing is ever pickled.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from dataclasses import dataclass

import numpy as np

DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 "
    "float16 float32 float64 complex64 complex128".split()
)
MAGIC = b"plain1\n"


class NotPlain(ValueError):
    """Bytes or values that are not plain data."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor's values, remembered as a tensor: a numpy exercise does not accept it."""

    array: np.ndarray


@dataclass(frozen=True)
class Strange:
    """Something that is not plain data, known by the name of its type only."""

    type_name: str


def plain(value):
    """Copy `value` as plain data; what is not plain becomes a `Strange` or a `Tensor`."""
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray):
        array = np.array(value, copy=True, subok=False, order="C")
        return array if array.dtype.name in DTYPES else Strange(f"array of {array.dtype}")
    if isinstance(value, np.generic):
        return plain(np.asarray(value))
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        if value.dtype is torch.bfloat16:
            value = value.float()
        return Tensor(np.array(value.resolve_conj().resolve_neg().numpy(), copy=True))
    if type(value) is list:
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        if all(type(key) is str for key in value):
            return {key: plain(item) for key, item in value.items()}
        return Strange("dict whose keys are not all strings")
    if isinstance(value, (Tensor, Strange)):
        return value
    return Strange(type(value).__name__)


def arrays_only(value):
    """The same plain data with every `Tensor` replaced by its array."""
    if isinstance(value, Tensor):
        return value.array
    if isinstance(value, (list, tuple)):
        return type(value)(arrays_only(item) for item in value)
    if isinstance(value, dict):
        return {key: arrays_only(item) for key, item in value.items()}
    return value


def holds(value, kind) -> bool:
    """Whether anything inside the plain data `value` is of class `kind`."""
    if isinstance(value, kind):
        return True
    if isinstance(value, dict):
        return any(holds(item, kind) for item in value.values())
    return isinstance(value, (list, tuple)) and any(holds(item, kind) for item in value)


def pack(value) -> bytes:
    """Plain data as bytes; the same data always gives the same bytes."""
    arrays: list[np.ndarray] = []

    def encode(item):
        if item is None or isinstance(item, (bool, str)):
            return item
        if isinstance(item, int):
            return item if abs(item) < 2**63 else ["int", hex(item)]
        if isinstance(item, float):
            return item if math.isfinite(item) else ["float", repr(item)]
        if isinstance(item, np.ndarray):
            arrays.append(item)
            return ["array", len(arrays) - 1]
        if isinstance(item, Tensor):
            arrays.append(item.array)
            return ["tensor", len(arrays) - 1]
        if isinstance(item, Strange):
            return ["strange", item.type_name]
        if isinstance(item, dict):
            return ["dict", [[key, encode(entry)] for key, entry in item.items()]]
        if isinstance(item, tuple):
            return ["tuple", [encode(entry) for entry in item]]
        return ["list", [encode(entry) for entry in item]]

    tree = encode(plain(value))
    arrays = [np.ascontiguousarray(a, dtype=a.dtype.newbyteorder("<")) for a in arrays]
    described = [[array.dtype.name, list(array.shape)] for array in arrays]
    header = json.dumps({"tree": tree, "arrays": described}, allow_nan=False).encode()
    return b"".join([MAGIC, struct.pack("<Q", len(header)), header, *(a.tobytes() for a in arrays)])


def unpack(data: bytes, limit: int | None = None):
    """The plain data in `data`.

    Raises NotPlain for anything else, however it was made: the bytes may come from a stranger.
    `limit` is the largest number of bytes accepted.
    """
    if limit is not None and len(data) > limit:
        raise NotPlain(f"{len(data)} bytes are more than the {limit} allowed")
    try:
        return _unpack(memoryview(data))
    except NotPlain:
        raise
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, struct.error) as error:
        raise NotPlain(f"these bytes are not plain data ({error})") from None


def _unpack(data: memoryview):
    start = len(MAGIC) + 8
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise NotPlain("these bytes are not plain data (no header)")
    (length,) = struct.unpack("<Q", data[len(MAGIC) : start])
    header = json.loads(bytes(data[start : start + length]))
    position = start + length
    arrays = []
    for name, shape in header["arrays"]:
        if name not in DTYPES or not all(type(n) is int and n >= 0 for n in shape):
            raise NotPlain("an array of a kind that may not cross")
        dtype = np.dtype(name).newbyteorder("<")
        size = math.prod(shape) * dtype.itemsize
        if position + size > len(data):
            raise NotPlain("an array is cut off")
        array = np.frombuffer(data[position : position + size], dtype=dtype).reshape(shape)
        arrays.append(array.astype(np.dtype(name)))
        position += size
    if position != len(data):
        raise NotPlain("bytes are left over")

    def decode(item):
        if not isinstance(item, list):
            return item
        tag, body = item
        if tag == "dict":
            return {str(key): decode(entry) for key, entry in body}
        if tag in ("list", "tuple"):
            entries = [decode(entry) for entry in body]
            return entries if tag == "list" else tuple(entries)
        if tag in ("array", "tensor"):
            return arrays[body] if tag == "array" else Tensor(arrays[body])
        if tag == "int":
            return int(body, 16)
        if tag == "float":
            return float(body)
        if tag == "strange":
            return Strange(str(body))
        raise NotPlain("an unknown kind of value")

    return decode(header["tree"])
