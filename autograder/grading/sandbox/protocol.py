"""The bytes between the grader and a submission's process: a job goes in, news comes out."""

from __future__ import annotations

import re
import struct

import numpy as np

from autograder.judging.plain_data import pack

# A frame is its kind, the length of its JSON, the length of the bytes after that, then both.
HEAD = struct.Struct(">cII")
BEGIN, REFUSED, STEP, CELL, REPORTS, NOTE, DONE = b"B", b"X", b"S", b"C", b"R", b"N", b"D"
# Written to file descriptors 1 and 2 where a cell ends, so that what came before is the cell's.
MARK = "\0cell {} ends\0"
MARKED = re.compile(rb"\0cell (\d{1,9}) ends\0")


def job_bytes(job) -> bytes:
    """A `job.Job` as plain data."""
    return pack(
        {
            "cells": [[c.id, c.source, c.skip, list(c.due)] for c in job.cells],
            "programs": [
                [name, seed, program]
                for name, by_seed in job.programs.items()
                for seed, program in by_seed.items()
            ],
            "files": [[n, np.frombuffer(data, np.uint8)] for n, data in job.files.items()],
            "texts": dict(job.texts),
        }
    )
