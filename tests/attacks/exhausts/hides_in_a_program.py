# Runs a program that it may not read: the kernel lets nobody look into such a process.
import os
import shutil
import sys

shutil.copy(os.path.realpath(sys.executable), "mine")
os.chmod("mine", 0o111)
os.environ["PYTHONHOME"] = sys.base_prefix
TAKES = """
import mmap, os, signal
for _ in range(6):
    if os.fork() == 0:
        shared = mmap.mmap(-1, 2**29)
        for start in range(0, 2**29, 2**24):
            shared[start : start + 2**24] = bytes(2**24)
            shared.madvise(mmap.MADV_DONTNEED, start, 2**24)
        signal.pause()
os.write(1, b"started")
signal.pause()
"""
if os.fork() == 0:
    os.execv("mine", ["mine", "-S", "-c", TAKES])
os.wait()
