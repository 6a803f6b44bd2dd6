"""Plain data: the only thing that crosses between the learner's code and the judge.

Plain data is None, bool, int, float, str, list, tuple, dict with string keys, and numpy arrays
of numbers. It becomes bytes as JSON followed by raw array buffers; nothing is ever pickled.
"""

from __future__ import annotations

import json
import math
import re
import struct
import sys
from dataclasses import dataclass

import numpy as np

DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 "
    "float16 float32 float64 complex64 complex128".split()
)
MAGIC = b"plain1\n"
STRING = re.compile(rb'"[^"]*"?')  # one without escapes; where it does not end, to the end
# A quarter of a gigabyte is far beyond any observation, and still small beside a notebook's memory.
BYTES_LIMIT = 2**28
# What an entry of a list is reckoned at: 65,536 of them fill the limit, and still take no second.
ENTRY_BYTES = 4096
DEPTH_LIMIT = 40
# Commas and opening brackets in the header of what `pack` gives: an entry has seven at most, an
# array six and its dimensions. As Python's objects a part takes about a hundred bytes.
PARTS_LIMIT = 16 * BYTES_LIMIT // ENTRY_BYTES


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
    """Copy `value` as plain data; what is not plain becomes a `Strange` or a `Tensor`.

    Never raises, however strange the value: it is asked for nothing but its type. What is nested
    without end or larger than `BYTES_LIMIT` altogether is `Strange` from there on.
    """
    return _plain(value, _Room(BYTES_LIMIT), 0)


class _Room:
    """How many bytes may still be copied."""

    def __init__(self, size: int):
        self.left = size

    def takes(self, size: int) -> bool:
        """Whether something of this size still fits; then its room is taken."""
        fits = size <= self.left
        self.left -= size if fits else 0
        return fits


def _plain(value, room: _Room, depth: int):
    # `type` and not `isinstance`: a learner's object may lie about its class.
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if kind is int:
        fits = room.takes(value.bit_length() // 8)
        return value if fits else Strange(f"whole number of {value.bit_length()} bits")
    if issubclass(kind, str):  # numpy's own strings are a subclass
        text = str.__str__(value)
        return text if room.takes(len(text)) else Strange(f"string of {len(text)} characters")
    if kind in (np.ndarray, np.memmap):
        return _array(value, room)
    if issubclass(kind, np.generic):
        return _array(np.asarray(value), room)
    torch = sys.modules.get("torch")
    if torch is not None and issubclass(kind, torch.Tensor):
        return _tensor(value, room)
    if issubclass(kind, (Tensor, Strange)):
        return value
    if kind is list or issubclass(kind, (tuple, dict)):
        return _container(value, kind, room, depth)
    return Strange(kind.__name__)


def _array(value: np.ndarray, room: _Room):
    if value.dtype.name not in DTYPES:
        return Strange(f"array of {value.dtype}")
    if not room.takes(value.size * value.dtype.itemsize):
        return Strange(f"array of shape {value.shape}, too large to look at")
    return np.array(value, copy=True, subok=False, order="C")


def _tensor(value, room: _Room):
    words = f"torch tensor of {str(value.dtype).removeprefix('torch.')}"
    try:
        value = value.detach()
        if str(value.dtype) == "torch.bfloat16":  # numpy has none
            value = value.float()
        if not room.takes(value.numel() * value.element_size()):
            return Strange(f"torch tensor of shape {tuple(value.shape)}, too large to look at")
        array = np.array(value.cpu().resolve_conj().resolve_neg().numpy(), copy=True)
    except Exception:  # noqa: BLE001 - sparse, quantized, meta, or a subclass with its own ideas
        return Strange(words)
    return Tensor(array) if array.dtype.name in DTYPES else Strange(words)


def _container(value, kind, room: _Room, depth: int):
    base = next(base for base in (list, tuple, dict) if issubclass(kind, base))
    length = base.__len__(value)
    if depth >= DEPTH_LIMIT:
        return Strange(f"{base.__name__} nested without end")
    if not room.takes(ENTRY_BYTES * length):
        return Strange(f"{base.__name__} of {length} entries, too large to look at")
    if base is dict:
        entries = list(dict.items(value))
        if any(type(key) is not str for key, _ in entries):
            return Strange("dict whose keys are not all strings")
        return {key: _plain(item, room, depth + 1) for key, item in entries}
    return base(_plain(item, room, depth + 1) for item in list(base.__iter__(value)))


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
    # asarray and not ascontiguousarray, which would make a number an array of one.
    arrays = [np.asarray(a, dtype=a.dtype.newbyteorder("<"), order="C") for a in arrays]
    described = [[array.dtype.name, list(array.shape)] for array in arrays]
    header = json.dumps({"tree": tree, "arrays": described}, allow_nan=False).encode()
    return b"".join([MAGIC, struct.pack("<Q", len(header)), header, *(a.tobytes() for a in arrays)])


def bounded_json(text: bytes, most: int):
    """What JSON says, where it has at most so many parts: as objects it takes thirty times what it
    takes as text. Raises ValueError for more, and for what is no JSON; RecursionError.
    """
    if len(text) > most:  # else there cannot be more
        bare = text.replace(b"\\\\", b"").replace(b'\\"', b"")
        structure = STRING.sub(b"", bare)
        parts = sum(map(structure.count, (b",", b"[", b"{")))
        if parts > most:
            raise ValueError(f"JSON of {parts:,} parts; {most:,} are taken at most")
    return json.loads(text)


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
    except (
        ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError, struct.error,
    ) as error:  # fmt: skip
        raise NotPlain(f"these bytes are not plain data ({error})") from None


def _unpack(data: memoryview):
    start = len(MAGIC) + 8
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise NotPlain("these bytes are not plain data (no header)")
    (length,) = struct.unpack("<Q", data[len(MAGIC) : start])
    header = bounded_json(bytes(data[start : start + length]), PARTS_LIMIT)
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
        if isinstance(item, dict):
            raise NotPlain("a value without its kind")
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
