"""Files of a class that are there as a whole or as they were: a stopped run, or a full disk, leaves
none of them half written."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file in one step, with the folder that it lies in; text as UTF-8. Raises OSError, and
    then the file is as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    growing = path.with_name(f".{path.name}.growing")
    try:
        growing.write_bytes(data)
        os.replace(growing, path)
    except OSError:
        growing.unlink(missing_ok=True)
        raise
