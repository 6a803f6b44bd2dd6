"""What is in `on_it` runs on the stand-in accelerator, in processes of its own: `test_accelerator`
starts them. By hand: `PYTHONPATH=tests/accelerator/installed COURSE_DEVICE=standin pytest
tests/accelerator/on_it`."""

from __future__ import annotations

import os

if os.environ.get("COURSE_DEVICE") != "standin":
    collect_ignore = ["on_it"]
