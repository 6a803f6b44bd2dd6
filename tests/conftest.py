"""What every test starts from: one thread, no display, no progress file of the developer's."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

# Before torch, numpy or matplotlib is imported anywhere, and for every process that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["MPLBACKEND"] = "Agg"
# Set and empty: `check` keeps nothing. A test about progress names a file of its own.
os.environ["COURSE_PROGRESS"] = ""
# A shell starts its background jobs deaf to Ctrl-C, and what they start is deaf, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data subsets that some tests need; without it they skip, and say so.

    It lies beside the checkout, in ../shared/data, or where COURSE_SHARED_DATA says.
    """
    folder = Path(os.environ.get("COURSE_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; COURSE_SHARED_DATA may name another folder")
    return folder
