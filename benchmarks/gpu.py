"""What a machine with a GPU tells about the course, in eight minutes: `make gpu`.

    make gpu                                   what is in the results folder is passed over
    python benchmarks/gpu.py --again notebooks measure a part anew; may be given again
    python benchmarks/gpu.py --list            the parts, and how long each may take
    python benchmarks/gpu.py --device cpu --quick --store FOLDER    try the script without a GPU

It needs torch with CUDA and this checkout; a part that needs a package which is not there says so
and is left out. Each part is a process of its own, is stopped when its time is over, and keeps what
it has. The results are small files in data/results/NAME, NAME being the GPU's; notebooks 07, 12 and
13 show them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = Path(__file__).resolve().parent / "on_gpu"
sys.path[:0] = [str(ROOT), str(ROOMS)]

from parts import PARTS, Part, missing  # noqa: E402 - found through the line above

WHOLE = 480  # seconds
LEAST = 10  # seconds without which a part is not begun
LARGEST = 200_000  # bytes of one result file


@dataclass(frozen=True)
class Machine:
    """What every result says about where it was measured; `gpu` is None on a CPU."""

    device: str
    gpu: str | None
    facts: dict


def main(arguments: list[str] | None = None) -> int:
    """Measure what is not measured yet; 0 when nothing failed."""
    asked = parse(arguments)
    if asked.list:
        for part in PARTS:
            print(f"{part.name:18} {part.seconds:4d} s  {part.says}")
        return 0
    machine = here(asked.device)
    if isinstance(machine, str):
        print(f"make gpu: {machine}", file=sys.stderr)
        return 1
    folder = asked.store / slug(machine.gpu or f"{platform.machine()} CPU")
    folder.mkdir(parents=True, exist_ok=True)
    due, passed_over = chosen(folder, asked.parts, asked.again)
    print(f"{machine.facts['described']}, torch {machine.facts['torch']}, "
          f"driver {machine.facts['driver']}")  # fmt: skip
    for part in passed_over:
        print(f"{part.name}: measured before; --again {part.name} measures it anew")
    outcomes = measure(due, machine, folder, asked.quick)
    return report(folder, outcomes, machine)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"only these: {', '.join(names)}")  # fmt: skip
    parser.add_argument("--again", action="append", default=[], choices=names, metavar="PART",
                        help="measure this part anew; may be given again")  # fmt: skip
    parser.add_argument("--list", action="store_true", help="say the parts and their seconds")
    parser.add_argument("--device", help="the GPU by default; cpu to try the script")
    parser.add_argument("--quick", action="store_true",
                        help="everything in small: to try the script, not a device")  # fmt: skip
    parser.add_argument("--store", type=Path, default=ROOT / "data" / "results",
                        help="the folder of the results")  # fmt: skip
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.parts if name not in names]:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(names)}")
    return asked


def here(device: str | None) -> Machine | str:
    """The machine, or one sentence on why nothing can be measured on it."""
    try:
        import torch
    except ModuleNotFoundError:
        return f"{sys.executable} has no torch; use a Python whose torch sees a GPU."
    if device is None:
        accelerator = getattr(torch, "accelerator", None)  # since torch 2.6
        if torch.cuda.is_available():
            device = "cuda"
        elif accelerator is not None and accelerator.is_available():
            device = accelerator.current_accelerator().type
        else:
            return (
                f"torch {torch.__version__} sees no GPU here; run it where there is one, or try "
                "the script with --device cpu --quick --store FOLDER."
            )
    kind = torch.device(device).type
    gpu = None
    if kind == "cuda":
        gpu = torch.cuda.get_device_name(device)
    elif kind != "cpu":
        gpu = f"{platform.machine()} {kind}"
    described = gpu or f"CPU, {torch.get_num_threads()} threads"
    return Machine(device, gpu, {
        "gpu": gpu, "described": described, "driver": driver() if kind == "cuda" else None,
        "torch": torch.__version__, "cuda": torch.version.cuda, "python": platform.python_version(),
        "date": datetime.now(timezone.utc).date().isoformat(), "commit": commit(),
    })  # fmt: skip


def driver() -> str | None:
    return said(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"])


def commit() -> str | None:
    return said(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"])


def said(command: list[str]) -> str | None:
    """The first line that a program prints, or None where it is not there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.splitlines()[0].strip() if done.returncode == 0 and done.stdout else None


def slug(name: str) -> str:
    from course_utils import results

    return results.slug(name)


def chosen(folder: Path, names: list[str], again: list[str]) -> tuple[list[Part], list[Part]]:
    """The parts to measure, and those of the asked ones that are there already."""
    wanted = [part for part in PARTS if not names or part.name in names or part.name in again]
    done = [part for part in wanted if (folder / f"{part.name}.json").exists()]
    passed_over = [part for part in done if part.name not in again]
    return [part for part in wanted if part not in passed_over], passed_over


# Measuring.


def measure(due: list[Part], machine: Machine, folder: Path, quick: bool) -> dict[str, str]:
    """Run each part within its time, and what is left of the whole; each one's outcome."""
    outcomes: dict[str, str] = {}
    begun = time.monotonic()
    with progress(len(due)) as tell:
        for part in due:
            left = WHOLE - (time.monotonic() - begun)
            if left < LEAST:
                outcomes[part.name] = "no time was left: run make gpu again"
            elif absent := missing(part):
                outcomes[part.name] = f"left out: there is no {', '.join(absent)} here"
            else:
                tell(f"{part.name}: {part.says}", False)
                found = run(part, machine, folder, quick, min(part.seconds, left))
                outcomes[part.name] = found["outcome"] + (
                    f": {found['why']}" if found.get("why") else ""
                )
            tell(f"{part.name}: {outcomes[part.name]}", True)
    return outcomes


def run(part: Part, machine: Machine, folder: Path, quick: bool, limit: float) -> dict:
    """One part in a process of its own; what it has when its time is over is stored."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="course-gpu-") as place:
        out, log = Path(place, "found.json"), Path(place, "log")
        with log.open("w", encoding="utf-8") as lines:
            process = subprocess.Popen(
                [sys.executable, ROOMS / "parts.py", part.name, machine.device,
                 "quick" if quick else "full", folder, out],
                stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip
            try:
                process.wait(timeout=limit)
            except subprocess.TimeoutExpired:
                pass
            finally:
                end(process)
        found = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
        if found.get("outcome") in (None, "stopped"):
            found |= stopped(process.returncode, time.monotonic() - begun >= limit, log)
    found |= machine.facts | {
        "part": part.name, "seconds_taken": round(time.monotonic() - begun, 1),
        "shown": found["outcome"] in ("passed", "stopped") and not quick,
    }  # fmt: skip
    if found["outcome"] == "left out":  # another time it may be there
        return found
    if quick:
        found["quick"] = True
    store(found, folder / f"{part.name}.json")
    return found


def stopped(status: int | None, in_time: bool, log: Path) -> dict:
    """What is said of a part that did not come to its end."""
    if in_time:
        return {"outcome": "stopped", "why": "its time was over; what it had is kept"}
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return {"outcome": "failed", "why": f"its process ended with {status}: {''.join(last)[:500]}"}


def end(process: subprocess.Popen) -> None:
    """End a part and all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def store(found: dict, path: Path) -> None:
    text = json.dumps(found, indent=1) + "\n"
    if len(text) > LARGEST:
        found = {**{k: v for k, v in found.items() if len(json.dumps(v)) < 20_000},
                 "cut": f"it had {len(text)} bytes; the longest entries are left out"}  # fmt: skip
        text = json.dumps(found, indent=1) + "\n"
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


# Told.


@contextlib.contextmanager
def progress(parts: int) -> Iterator[Callable[[str, bool], None]]:
    """A bar where rich is there; lines where it is not, or nobody looks."""
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    except ModuleNotFoundError:
        yield lambda text, done: print(text, flush=True)
        return
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=parts)

        def tell(text: str, done: bool) -> None:
            if done:
                bar.advance(task)
                console.print(text, markup=False, highlight=False)
            else:
                bar.update(task, description=text)

        yield tell


def report(folder: Path, outcomes: dict[str, str], machine: Machine) -> int:
    """Say what to do with what there is; 1 when something failed."""
    stored = sorted(folder.glob("*.json"))
    size = sum(path.stat().st_size for path in stored)
    print(f"\n{len(stored)} of {len(PARTS)} parts are in {folder}, {size / 1000:.0f} kB.")
    if machine.gpu is None:
        print("A CPU's numbers are for trying the script; there is nothing to commit.")
    elif stored:
        print(f"Commit them: git add {folder} && git commit -m "
              f"'What the course does on {machine.gpu}' -- {folder}")  # fmt: skip
    failed = [name for name, outcome in outcomes.items() if outcome.startswith("failed")]
    if failed:
        print(f"Failed: {', '.join(failed)}. The reason stands above and in the files; when it is "
              f"mended, measure anew: make gpu AGAIN='{' '.join(failed)}'")  # fmt: skip
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
