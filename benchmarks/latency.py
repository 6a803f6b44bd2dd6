"""How long a person waits: measured here, told as a table; nothing is asserted.

    python benchmarks/latency.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

HELP_REPEATS = 15


def command_line() -> dict[str, float]:
    """Median seconds of `course` calls, each a process of its own, after one to warm the disk."""
    calls = {
        "course --help": ["--help"],
        "course lab --help": ["lab", "--help"],
        "course doctr (a typing error)": ["doctr"],
    }
    return {name: median_seconds(arguments) for name, arguments in calls.items()}


def median_seconds(arguments: list[str]) -> float:
    """Median wall time of one `course` call."""
    times = []
    for _ in range(1 + HELP_REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "autograder.cli", *arguments], capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Print every section."""
    print("Command line (aim for --help: under 0.3 s)")
    for name, seconds in command_line().items():
        print(f"  {name:<32} {seconds:6.3f} s")


if __name__ == "__main__":
    main()
