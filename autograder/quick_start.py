"""What keeps a command waiting at its start, and need not."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def no_garbage_yet() -> Iterator[None]:
    """Imports make many objects and next to no garbage: to look for it among them, again and
    again, is a quarter of what they cost. Nor is it looked for among them later."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def import_jsonschema_without_iri() -> None:
    """Import jsonschema, and with it nbformat, without `rfc3987_syntax`.

    That package compiles a grammar when it is imported: 1.4 of the 2.4 s that `import nbgrader`
    takes. jsonschema wants it for one format of text alone, internationalised addresses, does
    well where it is not installed, and no schema of nbformat's has that format. Who imports it by
    name afterwards gets it.
    """
    if "jsonschema" in sys.modules or "rfc3987_syntax" in sys.modules:
        return
    sys.modules["rfc3987_syntax"] = None  # an import of it raises ImportError
    try:
        import jsonschema  # noqa: F401 - it is kept by sys.modules
    except ImportError:
        pass  # whoever needs it says so
    finally:
        del sys.modules["rfc3987_syntax"]
