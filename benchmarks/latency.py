"""How long a person waits: measured here, told as a table; nothing is asserted.

    python benchmarks/latency.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

HELP_REPEATS = 15
CHECK_REPEATS = 15


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
        subprocess.run([sys.executable, "-m", "autograder", *arguments], capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def checks() -> dict[str, tuple[float, float]]:
    """Median and slowest seconds of grading the right solution, for every exercise.

    The first call, which builds the answer key, is not counted. Needed exercises are graded too,
    as `check` does.
    """
    from autograder.authoring.build import masters
    from autograder.authoring.verify import proofs
    from autograder.learning.practice import grade

    times = {}
    for path in masters.masters():
        master = masters.load(path)
        solved = masters.namespace(master)
        for name in master.checked():
            grade(name, solved)
            times[name] = proofs.latency(name, solved, CHECK_REPEATS)
    return times


def main() -> None:
    """Print every section."""
    print("Command line (aim for --help: under 0.3 s)")
    for name, seconds in command_line().items():
        print(f"  {name:<32} {seconds:6.3f} s")
    times = checks()
    print("\nChecks of the right solution, after the first (aim: median under 50 ms, no exercise "
          "over 250 ms,\nor 5 s for those that start processes)")  # fmt: skip
    print(f"  {'exercise':<32} {'median':>9} {'slowest':>9}")
    for name, (median, slowest) in sorted(times.items(), key=lambda item: -item[1][0]):
        print(f"  {name:<32} {1000 * median:6.1f} ms {1000 * slowest:6.1f} ms")
    if times:
        median = statistics.median(median for median, _ in times.values())
        print(f"  {f'median of {len(times)} exercises':<32} {1000 * median:6.1f} ms")


if __name__ == "__main__":
    main()
