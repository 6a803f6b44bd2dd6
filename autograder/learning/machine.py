"""What works on this machine, and how to mend what does not: the looks of `course doctor` and of
00_start. Nothing is changed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.paths import CHECKOUT

# A checkout with its .venv takes 2.5 GB, CIFAR-10 with its archive 0.4 GB.
ROOM_GB = 1.0
# PyTorch with a notebook's net and data stays below 1.5 GiB; JupyterLab takes the rest.
MEMORY_GIB = 4.0

SYMBOLS = {"ok": "✓", "note": "–", "broken": "✗"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    topic: str
    subject: str
    state: str  # "ok"; "note": the course works, or some part of it that not all need does not;
    #             "broken": what every learner needs does not work
    found: str
    mend: str = ""  # what to do, where it is not ok


def examine(looks=None) -> Iterator[Finding]:
    """All findings, in the order in which they are shown; or those of some of the looks."""
    for look in looks or LOOKS:
        try:
            found = look()
            yield from [found] if isinstance(found, Finding) else found
        except ModuleNotFoundError as error:
            # A doctor that stops at the first thing missing would not show the second.
            subject = look.__name__.replace("_", " ")
            reason = f"cannot be looked at: {error.name} is not installed"
            yield Finding("machine", subject, "broken", reason, "make setup")


def tell() -> None:
    """Say in a notebook what works there, in sentences, and how to mend what does not."""
    findings = list(examine((python, cores_and_memory, device, torchvision, packages, data)))
    found = {f.subject: f.found for f in findings if f.state == "ok"}
    needed = [f for f in findings if f.topic == "packages needed"]
    lacking = [f for f in needed if f.state != "ok"]
    for subject, sentence in (
        ("Python", "This notebook runs on Python {}."),
        ("device", "It computes on {}."),
        ("cores and memory", "The machine has {}."),
        ("folder", "Data are kept in {}."),
    ):
        if subject in found:
            print(f"{SYMBOLS['ok']} {sentence.format(found[subject])}")
    if needed and not lacking:
        versions = ", ".join(f"{n} {found[n].split()[0]}" for n in ("torch", "numpy") if n in found)
        print(f"{SYMBOLS['ok']} All {len(needed)} packages that it needs are there: {versions}.")
    ready = [f.subject for f in findings if f.topic == "data" and f.found.startswith("ready")]
    if ready:
        print(f"{SYMBOLS['ok']} Data sets at hand without a network: {', '.join(ready)}.")
    kept = progress(notebook=True)
    print(f"{SYMBOLS[kept.state]} {kept.found} {kept.mend}".rstrip())
    for finding in findings:
        # Data sets that can be downloaded, and packages to teach with, are nobody's worry here.
        if finding.state != "ok" and finding.topic in ("machine", "packages needed"):
            print(f"{SYMBOLS[finding.state]} {finding.subject}: {finding.found}. {finding.mend}")
    broken = any(f.state == "broken" for f in findings)
    print("Mend what is marked ✗ first." if broken else "Everything that the notebooks need works.")


def python() -> Finding:
    """The interpreter that runs the course."""
    return Finding("machine", "Python", "ok", f"{platform.python_version()}, {sys.executable}")


def requirements() -> dict[str, list]:
    """Extra → its `packaging` requirements; under "" what everybody needs."""
    from packaging.requirements import Requirement

    needed: dict[str, list] = {}
    for line in importlib.metadata.requires("training-cnns") or ():
        requirement = Requirement(line)
        extra = re.search(r'extra == "([\w-]+)"', str(requirement.marker or ""))
        needed.setdefault(extra.group(1) if extra else "", []).append(requirement)
    return needed


def pins(path: Path = CHECKOUT / "constraints.txt") -> dict[str, str]:
    """Package → the version that the course is tested with; empty outside a checkout."""
    if not path.is_file():
        return {}
    return dict(re.findall(r"^([\w-]+)==([\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def packages() -> Iterator[Finding]:
    """Each package beside the range that is asked for and the version that is tested."""
    yield from packages_of({"": "needed", "lab": "to work here"})


def packages_to_teach() -> Iterator[Finding]:
    """The same for what only a teacher needs."""
    yield from packages_of({"teach": "to teach"})


def packages_of(purposes: dict[str, str]) -> Iterator[Finding]:
    needed, tested = requirements(), pins()
    for extra, purpose in purposes.items():
        for requirement in needed.get(extra, ()):
            yield package(requirement, purpose, tested.get(requirement.name))


def package(requirement, purpose: str, pin: str | None) -> Finding:
    """One package; `requirement` is packaging's."""
    from packaging.version import Version

    name, topic = requirement.name, f"packages {purpose}"
    bad = "broken" if purpose == "needed" else "note"
    install = f"make setup, or: pip install -c constraints.txt '{name}{requirement.specifier}'"
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(topic, name, bad, "not installed", install)
    if not requirement.specifier.contains(version, prereleases=True):
        found = f"{version}; the course asks for {requirement.specifier}"
        return Finding(topic, name, bad, found, install)
    if pin is not None and Version(version).public != pin:
        # In the range and so expected to work; nothing to mend before something fails.
        return Finding(topic, name, "ok", f"{version} (tested with {pin})")
    return Finding(topic, name, "ok", version)


def torchvision() -> Finding:
    """Whether torchvision loads beside this build of torch."""
    from course_utils import vision

    state = vision.state()
    if state == "fine":
        return Finding("machine", "torchvision loads", "ok", "yes")
    if state == "mended":
        found = "yes, mended: it was built for another torch; the course uses none of what is lost"
        return Finding("machine", "torchvision loads", "ok", found)
    return Finding("machine", "torchvision loads", "broken", state, "make setup")


def device() -> Finding:
    """What the notebooks will compute on."""
    try:
        from course_utils.devices import best_device, describe_device

        found = describe_device(best_device())
    except (ImportError, OSError, RuntimeError) as error:
        return Finding("machine", "device", "broken", f"torch does not load: {error}", "make setup")
    except ValueError as error:  # COURSE_DEVICE names another device than there is
        return Finding("machine", "device", "broken", str(error), "unset COURSE_DEVICE")
    return Finding("machine", "device", "ok", found)


def cores_and_memory() -> Finding:
    """Cores that this process may use, and memory."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory()
    free, total = memory.available / 2**30, memory.total / 2**30
    found = f"{cores} cores, {free:.1f} of {total:.1f} GiB memory free"
    if total < MEMORY_GIB:
        mend = f"Below {MEMORY_GIB:g} GiB keep one notebook open at a time."
        return Finding("machine", "cores and memory", "note", found, mend)
    return Finding("machine", "cores and memory", "ok", found)


def jupyterlab() -> Finding:
    """Whether `course lab` can start."""
    if importlib.util.find_spec("jupyterlab") is None:
        return Finding(
            "notebooks", "JupyterLab", "note", "not installed: course lab cannot start",
            "make setup, or open the notebooks in another program (VS Code, Colab)",
        )  # fmt: skip
    return Finding("notebooks", "JupyterLab", "ok", importlib.metadata.version("jupyterlab"))


def kernel() -> Finding:
    """Whether the notebooks' kernel `python3` is this interpreter."""
    mend = f"{sys.executable} -m ipykernel install --sys-prefix --name python3"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return Finding("notebooks", "kernel python3", "note", "Jupyter not installed", "make setup")
    try:
        called = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Finding("notebooks", "kernel python3", "broken", "not there", mend)
    found = shutil.which(called) or called
    # A relative name is looked up on JupyterLab's PATH, but ipykernel puts its own first.
    if os.path.isabs(called) and not same_environment(called):
        return Finding(
            "notebooks", "kernel python3", "broken", f"runs {found}, another environment", mend
        )
    return Finding("notebooks", "kernel python3", "ok", "runs this Python")


def same_environment(interpreter: str) -> bool:
    """Whether an interpreter lies in the environment that this process runs in.

    By folder, not by file: in a .venv all names are links to one file outside.
    """
    return Path(interpreter).parent.resolve() == Path(sys.executable).parent.resolve()


def refused(folder: Path) -> str:
    """Why nothing can be written into a folder; empty where something can. It is tried."""
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"course")
    except OSError as refusal:
        return refusal.strerror or str(refusal)
    return ""


def progress(notebook: bool = False) -> Finding:
    """Whether the learner's progress can be kept where it belongs, in whole sentences: by the
    notebook that asks, or by those of the course."""
    from autograder.learning import progress_file

    path = progress_file.progress_path() if notebook else progress_file.reading_path()
    if path is None:
        found, _, mend = progress_file.unkept_because().partition(". ")
        mend = mend or "To keep it, take COURSE_PROGRESS out of the environment."
        return Finding("notebooks", "progress", "note", f"{found.rstrip('.')}.", mend)
    if refusal := refused(path.parent):
        return Finding(
            "notebooks", "progress", "note",
            f"Your progress cannot be kept in {path.parent} ({refusal}).",
            "Let COURSE_PROGRESS name a file that can be written, or move the course to a folder "
            "of yours.",
        )  # fmt: skip
    return Finding("notebooks", "progress", "ok", f"Your progress is kept in {path}.")


def data() -> Iterator[Finding]:
    """The data folder: can it be written, is there room, which data sets are there."""
    from course_utils import datasets

    folder = datasets.data_folder()
    existing = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    origin = "COURSE_DATA" if os.environ.get("COURSE_DATA") else "the course's own"
    elsewhere = "Set COURSE_DATA to a folder of yours; data that is here can still be read."
    if refusal := refused(existing):
        yield Finding("data", "folder", "note", f"{folder} cannot be written ({refusal})",
                      elsewhere)  # fmt: skip
    else:
        yield Finding("data", "folder", "ok", f"{folder} ({origin})")
    free = shutil.disk_usage(existing).free / 1e9
    enough = free >= ROOM_GB
    yield Finding(
        "data", "disk space", "ok" if enough else "note", f"{free:.1f} GB free",
        "" if enough else f"CIFAR-10 needs {ROOM_GB:g} GB: make room, or set COURSE_DATA.",
    )  # fmt: skip
    for standing in datasets.available():
        ready = standing.state.startswith("ready")
        yield Finding(
            "data", standing.name, "ok" if ready else "note", f"{standing.state}: {standing.where}",
            "" if ready else f"course data {standing.name}; no notebook depends on it",
        )  # fmt: skip


LOOKS = (
    python, cores_and_memory, device, torchvision, packages, jupyterlab, kernel, progress, data,
)  # fmt: skip
