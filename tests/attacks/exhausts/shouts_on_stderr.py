# Warnings, logs and errors without end, past Python and through it.
import logging
import os
import sys
import warnings

for _ in range(300):
    os.write(2, b"\x1b[31m\x1b]0;title\x07\xff\xfe" * 60_000)
    sys.stderr.write("\u202e\u2066" * 100_000)
    warnings.warn("w" * 1_000_000, stacklevel=1)
    logging.error("e" * 1_000_000)
raise RuntimeError("r" * 10**8)
