"""Importing torchvision beside any build of torch. Nothing else about images lives here.

A torchvision wheel that was built for CUDA fails beside a CPU build of torch with "operator
torchvision::nms does not exist": its compiled library cannot be loaded, so its operators are never
declared, and yet torchvision registers shape functions for two of them while it is imported. The
course uses torchvision's data sets, transforms and models, and none of its compiled operators. So
when, and only when, the import fails in this way, the missing operators are declared (their
signature, no implementation) and torchvision is imported again. Calling one of them afterwards
still fails with torchvision's own explanation, as it should.

In a notebook write

    from course_utils.vision import import_torchvision
    torchvision = import_torchvision()

before any `from torchvision import ...`, which then works as usual.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
from types import ModuleType

# Signatures as torchvision itself declares them (torchvision/csrc/ops/nms.cpp and
# ops/quantized/cpu/qnms_kernel.cpp, 0.28), for the operators it needs at import.
SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

_MISSING = re.compile(r"operator torchvision::(\w+) does not exist")

# torch forgets a declaration when its Library object is collected, so they are kept here.
_declared: list = []
_lock = threading.RLock()


def import_torchvision() -> ModuleType:
    """Import torchvision, declaring what its compiled library could not, and return the module.

    Calling it again is free. Raises ImportError with one sentence when torchvision is absent or
    cannot be used beside this torch.
    """
    with _lock:
        for _ in range(len(SCHEMAS) + 1):
            try:
                return importlib.import_module("torchvision")
            except ModuleNotFoundError as error:
                raise ImportError(
                    f"{error.name} is not installed here: `pip install {error.name}`."
                ) from error
            except RuntimeError as error:
                missing = _MISSING.search(str(error))
                if missing is None or missing.group(1) not in SCHEMAS:
                    raise ImportError(_mismatch(error)) from error
                _forget_half_import()
                _declare(missing.group(1))
            except (OSError, AttributeError, ImportError) as error:
                raise ImportError(_mismatch(error)) from error
        raise ImportError(_mismatch("its operators stay missing after they were declared"))


def state() -> str:
    """How torchvision stands here: "fine", "mended", or a sentence that says why it is neither."""
    try:
        import_torchvision()
    except ImportError as error:
        return str(error)
    return "mended" if _declared else "fine"


def _declare(operator: str) -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define(SCHEMAS[operator])
    _declared.append(library)


def _forget_half_import() -> None:
    # A failed import leaves the submodules that did load behind; they would not run again.
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]


def _mismatch(reason: object) -> str:
    from importlib.metadata import PackageNotFoundError, version

    def installed(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "none"

    said = (str(reason).strip().splitlines() or ["no reason given"])[0].rstrip(".")
    return (
        f"torchvision {installed('torchvision')} does not work beside torch {installed('torch')} "
        f"({said}). Install the two versions that constraints.txt names together: "
        "`make setup`, or `pip install -c constraints.txt torch torchvision`."
    )
