"""MathJax as one file for the site, so that formulas need no network when it is read."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

# The last of version 3: in one file with its glyphs, where version 4 loads parts of its fonts.
PACKAGE = "mathjax@3.2.2"
MEMBER = "package/es5/tex-svg.js"


class MathJaxMissing(Exception):
    """MathJax could not be fetched; the sentence says why and what to do."""


def fetch(store: Path) -> Path:
    """The script, from `store` where it has been before, else from npm.

    Raises MathJaxMissing where npm is absent or fails.
    """
    target = store / f"{PACKAGE.replace('@', '-')}-tex-svg.js"
    if target.exists():
        return target
    npm = shutil.which("npm")
    if npm is None:
        raise MathJaxMissing(
            "The site's formulas need MathJax, which is fetched once with npm, and npm is not on "
            "PATH. Install Node.js (on Debian and Ubuntu: sudo apt install npm) and run make site "
            "again."
        )
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store) as folder:
        done = subprocess.run(
            [npm, "pack", "--silent", "--pack-destination", folder, PACKAGE],
            cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        packed = next(Path(folder).glob("*.tgz"), None)
        if done.returncode or packed is None:
            raise MathJaxMissing(
                f"npm could not fetch {PACKAGE}, which the site's formulas need: "
                f"{(done.stderr or done.stdout).strip()[-600:]}"
            )
        with tarfile.open(packed) as archive:
            script = archive.extractfile(MEMBER)
            (Path(folder) / "script.js").write_bytes(script.read())
        os.replace(Path(folder) / "script.js", target)
    return target
