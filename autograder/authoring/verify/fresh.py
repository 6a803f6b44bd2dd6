"""What is run in a process that has nothing in memory yet: solutions observed where no exercise
exists, and answer keys built once more. Called by `proofs` as `python -m`; judges nothing."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import subprocess
import sys

from autograder.judging.plain_data import pack, unpack

SECONDS = 600


class FreshFailed(Exception):
    """The process ended without an answer; the text says how."""


def observe_elsewhere(cells: dict[str, list[str]], programs: list[dict], answers: dict) -> dict:
    """Observe solutions in a process that cannot import the exercises.

    Parameters
    ----------
    cells : for every notebook the sources to execute, in order
    programs : what `keys.program` gives, each with its "notebook" added
    answers : the answers to questions, by name

    Returns
    -------
    dict : for every exercise its reports, or a sentence where it could not be run
    """
    order = pack({"cells": cells, "programs": programs, "answers": answers})
    return unpack(_call(["observe"], order))


def keys_elsewhere(names: list[str], modules: tuple[str, ...] = ()) -> dict[str, str]:
    """The digests of practice keys, built in a process whose sets iterate in another order."""
    order = json.dumps({"names": names, "modules": list(modules)}).encode()
    return json.loads(_call(["keys"], order))


def key_digest(name: str) -> str:
    """A fingerprint of an exercise's practice key, hints and all."""
    from autograder.exercise import oracle_on
    from autograder.exercises import find
    from autograder.judging.keys import answer_key
    from autograder.judging.keys_as_data import to_data

    with oracle_on("cpu"):
        return hashlib.sha256(pack(to_data(answer_key(find(name))))).hexdigest()


def _call(arguments: list[str], order: bytes) -> bytes:
    environment = {
        **os.environ, "PYTHONHASHSEED": "1", "COURSE_DEVICE": "cpu", "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "Agg", "COURSE_PROGRESS": "", "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, *arguments],
            input=order, capture_output=True, env=environment, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise FreshFailed(f"{arguments[0]}: no answer within {SECONDS} s") from None
    if done.returncode:
        raise FreshFailed(f"{arguments[0]}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


# In the fresh process.


def _observe(order: bytes) -> bytes:
    # From here on an import of the exercises fails, as it does beside a learner's code.
    sys.modules["autograder.exercises"] = None
    from autograder.judging import observing

    todo = unpack(order)
    namespaces: dict[str, dict | str] = {}
    for notebook, sources in todo["cells"].items():
        namespaces[notebook] = made = {"__name__": "__main__", **todo["answers"]}
        try:
            for source in sources:
                exec(compile(source, f"<{notebook}>", "exec"), made)  # our own cells
        except Exception as error:  # noqa: BLE001 - the author reads it
            namespaces[notebook] = f"{type(error).__name__}: {error}"
    found = {}
    for program in todo["programs"]:
        namespace = namespaces[program["notebook"]]
        try:
            found[program["exercise"]] = (
                namespace if type(namespace) is str else observing.run(program, namespace)
            )
        except Exception as error:  # noqa: BLE001 - one exercise's trouble is not the others'
            found[program["exercise"]] = f"{type(error).__name__}: {error}"
    return pack(found)


def _keys(order: bytes) -> bytes:
    todo = json.loads(order)
    for module in todo["modules"]:
        importlib.import_module(module)
    return json.dumps({name: key_digest(name) for name in todo["names"]}).encode()


def main() -> None:
    """Read an order from stdin, write the answer to stdout, and nothing else there."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = sys.stdin.buffer.read()
    out.write({"observe": _observe, "keys": _keys}[sys.argv[1]](order))
    out.close()


if __name__ == "__main__":
    main()
