"""Runs observations in a process of its own, where no exercise, judge or test can be imported.

Reads one packed list of {"program": ..., "source": ...} from standard input and writes the packed
list of reports to standard output: plain bytes both ways. `observe` in this file is the other end.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = (
    "autograder", "autograder.earlier_addresses", "autograder.judging",
    "autograder.judging.plain_data", "autograder.judging.global_random",
    "autograder.judging.growing", "autograder.judging.kept", "autograder.judging.observing",
)  # fmt: skip


def observe(jobs: list[dict]) -> list[list[dict]]:
    """What `observing.run` reports for each job, from a fresh process."""
    from autograder.judging.plain_data import pack, unpack

    done = subprocess.run(
        [sys.executable, "-I", __file__], input=pack(jobs), capture_output=True, timeout=240
    )
    assert done.returncode == 0, done.stderr.decode()
    return unpack(done.stdout)


class Blocked:
    """Refuses what does not exist beside a learner's code."""

    def find_spec(self, name, path=None, target=None):
        forbidden = name.startswith("autograder") and name not in ALLOWED
        if forbidden or name.split(".")[0] in ("odd_kinds", "tests"):
            raise ImportError(f"{name} does not exist here")


def main() -> None:
    sys.path.append(str(ROOT))
    sys.meta_path.insert(0, Blocked())
    import linecache

    from autograder.judging.observing import run
    from autograder.judging.plain_data import pack, unpack

    answers = []
    for number, job in enumerate(unpack(sys.stdin.buffer.read())):
        file = f"<learner {number}>"
        source = job["source"]
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        namespace = {"__name__": "learner"}
        exec(compile(source, file, "exec"), namespace)
        answers.append(run(job["program"], namespace))
    loaded = [name for name in sys.modules if name.startswith("autograder")]
    assert set(loaded) <= set(ALLOWED), loaded
    sys.stdout.buffer.write(pack(answers))


if __name__ == "__main__":
    main()
