"""Answer keys whose references run on an accelerator come from a process of its own, started by
exec: a worker is copied for each submission, and what is copied must never have touched a device.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from autograder.exercise import oracle_device
from autograder.exercises import find
from autograder.judging.keys import answer_key, give
from autograder.judging.keys_as_data import from_data, to_data
from autograder.judging.plain_data import pack, unpack


class NoKeys(OSError):
    """There are no answer keys from this device; the message is one sentence for the teacher."""


def know(wanted: Iterable[tuple[str, int]]) -> None:
    """Have the keys for exercises and seeds in this process. Raises NoKeys."""
    wanted = [(find(name), seed) for name, seed in dict.fromkeys(wanted)]
    device = oracle_device()
    if device == "cpu":
        for kind, seed in wanted:
            answer_key(kind, seed)
        return
    for (kind, seed), key in zip(wanted, _made_on(device, wanted), strict=True):
        give(kind, seed, from_data(key))


def _made_on(device: str, wanted: list) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-m", __name__], cwd=Path(__file__).resolve().parents[4],
        input=pack([[kind.name, seed] for kind, seed in wanted]), capture_output=True,
        env={**os.environ, "COURSE_DEVICE": device},
    )  # fmt: skip
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise NoKeys(
            f"references cannot run on {device} here ({last or 'no word why'}). Set "
            "COURSE_DEVICE=cpu to have them run on the CPU"
        )
    return unpack(done.stdout)


def main() -> None:
    """Read which keys are wanted, and write them: plain bytes both ways."""
    wanted = unpack(sys.stdin.buffer.read())
    out, sys.stdout = sys.stdout.buffer, sys.stderr  # what an exercise prints is no key
    out.write(pack([to_data(answer_key(find(name), seed)) for name, seed in wanted]))


if __name__ == "__main__":
    main()
