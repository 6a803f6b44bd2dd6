"""A net's arrays as a small file or as text in a notebook, and back. No code is ever read from
either: what is not a plain array of finite numbers is refused in one sentence."""

from __future__ import annotations

import base64
import io
import textwrap
import zipfile
import zlib
from pathlib import Path

import numpy as np

MOST_BYTES = 2_000_000  # of all arrays together, and of the file
MOST_ARRAYS = 1000
LINE = 96  # characters of text in a line


class Unusable(ValueError):
    """Weights that cannot be taken; the message says why and what to do."""


def arrays_of(net) -> dict[str, np.ndarray]:
    """All parameters and buffers of a net by name, as numpy arrays that share nothing with it."""
    return {name: value.detach().cpu().numpy().copy() for name, value in net.state_dict().items()}


def load(net, arrays: dict) -> None:
    """Put arrays into a net. Raises Unusable, and leaves the net as it was, where they do not fit.

    Half precision is taken into whatever the net has.
    """
    import torch

    arrays = checked(arrays)
    own = net.state_dict()
    if missing := sorted(set(own) - set(arrays)):
        if all(name in own and tuple(own[name].shape) == a.shape for name, a in arrays.items()):
            raise Unusable(
                f"These weights are not complete: they have no {_listed(missing)}. Parameters and "
                "buffers are needed, as arrays_of gives them."
            )
        raise Unusable(
            f"These weights do not fit this net: they have no {missing[0]}, which it has."
        )
    if extra := sorted(set(arrays) - set(own)):
        raise Unusable(
            f"These weights do not fit this net: they have {extra[0]}, which it has not."
        )
    for name, value in own.items():
        if tuple(value.shape) != arrays[name].shape:
            raise Unusable(
                f"These weights belong to another net or variant: {name} has shape "
                f"{arrays[name].shape}, and yours has {tuple(value.shape)}."
            )
    net.load_state_dict({name: torch.from_numpy(arrays[name].copy()) for name in own})


def _listed(names: list[str]) -> str:
    """The first three names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def checked(arrays) -> dict[str, np.ndarray]:
    """The arrays, if all of them are finite numbers of at most 2 MB together; else Unusable."""
    if not isinstance(arrays, dict) or not all(isinstance(name, str) for name in arrays):
        raise Unusable(
            f"Weights are a dict of arrays by name, not a {type(arrays).__name__}: "
            "course_utils.weights.arrays_of(net) makes one."
        )
    if len(arrays) > MOST_ARRAYS:
        raise Unusable(f"These weights have {len(arrays):,} arrays; {MOST_ARRAYS:,} are allowed.")
    size = 0
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
            kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            raise Unusable(
                f"{name} is no numpy array of numbers ({kind}): only those are read, never code."
            )
        size += array.nbytes
        if size > MOST_BYTES:
            raise Unusable(
                f"These weights take {size / 1e6:.1f} MB and more; "
                f"{MOST_BYTES / 1e6:g} MB are allowed."
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise Unusable(
                f"{name} has NaN or infinite values: the training went astray; take the weights "
                "from before it did."
            )
    return dict(arrays)


def save(path: str | Path, arrays: dict) -> None:
    """Keep arrays in a compressed file (.npz), replaced in one step."""
    data = _packed(arrays)
    path = Path(path)
    growing = path.with_name(f".{path.name}.growing")
    growing.write_bytes(data)
    growing.replace(path)


def from_file(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays in a file that `save` wrote. Raises Unusable for anything else."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise Unusable(
                f"{path.name} has {size / 1e6:.1f} MB; {MOST_BYTES / 1e6:g} MB are allowed."
            )
        data = path.read_bytes()
    except OSError as error:
        raise Unusable(
            f"{path.name} cannot be read ({error.strerror or error}): first save weights there."
        ) from None
    return _unpacked(data, path.name)


def to_text(arrays: dict) -> str:
    """Arrays as lines of text, to stand in a notebook's cell."""
    text = base64.b85encode(_packed(arrays)).decode()
    return "\n".join(textwrap.wrap(text, LINE))


def from_text(text: str) -> dict[str, np.ndarray]:
    """The arrays that `to_text` wrote down. Raises Unusable for anything else."""
    if not isinstance(text, str):
        raise Unusable(f"The weights' text is a {type(text).__name__}; a string is wanted.")
    if len(text) > 2 * MOST_BYTES:
        raise Unusable(
            f"The weights' text has {len(text) / 1e6:.1f} MB; {MOST_BYTES / 1e6:g} MB are allowed."
        )
    try:
        data = base64.b85decode("".join(text.split()))
    except ValueError:
        raise Unusable(
            "The weights' text is damaged: copy all that to_text printed, and nothing else."
        ) from None
    return _unpacked(data, "The weights' text")


def _packed(arrays: dict) -> bytes:
    """Deterministic: the same arrays give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in checked(arrays).items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array, order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(),
                             zipfile.ZIP_DEFLATED)  # fmt: skip
    return out.getvalue()


def _unpacked(data: bytes, what: str) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            # Read from the directory: what unpacks to gigabytes is refused before it does.
            if sum(member.file_size for member in members) > MOST_BYTES + 1000 * len(members):
                raise Unusable(
                    f"{what} unpacks to more than {MOST_BYTES / 1e6:g} MB, which are allowed."
                )
            arrays = {}
            for member in members:
                with archive.open(member) as file:
                    arrays[member.filename.removesuffix(".npy")] = np.lib.format.read_array(
                        file, allow_pickle=False
                    )
    except Unusable:
        raise
    except ValueError as error:
        why = "holds objects, which could be code" if "allow_pickle" in str(error) else "is damaged"
        raise Unusable(f"{what} {why}: keep weights with course_utils.weights.save.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, KeyError,
            RuntimeError, OverflowError, MemoryError):  # fmt: skip
        raise Unusable(
            f"{what} holds no weights that can be read: keep them with course_utils.weights.save."
        ) from None
    return checked(arrays)
