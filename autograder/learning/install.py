"""Makes the course's environment, `.venv`, with Python's standard library alone:

    python3 autograder/learning/install.py --extras lab

`make setup` and `make lab` call it; where there is no make, one calls it oneself. Called again it
is quick and harmless, and what was interrupted is taken up where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 10)
LISTS = ("pyproject.toml", "constraints.txt")  # what is installed is decided here
STAMP = ".setup-stamp"  # in .venv, written last
# PyTorch's own index of builds without CUDA; the usual Linux builds bring CUDA's libraries along.
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
SECONDS = 2.0  # so long the index may take to answer
HEAVY = r"\d{3}\.\d MB$|GB$"  # what is worth a line of its own


class CannotInstall(Exception):
    """What keeps the course from being installed; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Install; 0 when everything is there."""
    parser = argparse.ArgumentParser(
        description="Make .venv and install the course into it.",
        epilog="TORCH=cpu takes PyTorch's build without CUDA, TORCH=cuda the usual one. Without "
        "either, Linux without an NVIDIA GPU gets the small one where PyTorch's index answers.",
    )
    parser.add_argument("--extras", default="lab", metavar="A,B",
                        help="parts of pyproject.toml's optional-dependencies, lab by default")
    chosen = parser.parse_args(arguments)
    extras = {name for name in chosen.extras.replace(" ", "").split(",") if name}
    try:
        setup(ROOT, extras, os.environ.get("TORCH", ""))
    except CannotInstall as reason:
        print(f"make setup: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from there.", file=sys.stderr)
        return 130
    return 0


def setup(root: Path, extras: set[str], torch: str = "") -> None:
    """Install the course with these extras into `root`/.venv, if it is not there already.

    `torch` is "cpu" or "cuda" where somebody has decided which build to take. Raises CannotInstall.
    """
    if sys.version_info < OLDEST:
        raise CannotInstall(
            f"the course needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and {sys.executable} is "
            f"{platform.python_version()}. Name one that is: make setup PYTHON=python3.12"
        )
    if torch not in ("", "cpu", "cuda"):
        raise CannotInstall(f"TORCH={torch} is neither cpu nor cuda.")
    venv = root / ".venv"
    stamp = venv / STAMP
    wanted = {"lists": checksum(root), "folder": str(root)}
    sound = works(venv)
    before = read(stamp) if sound else {}
    if wanted.items() <= before.items() and extras <= set(before["extras"]):
        return
    if not sound:
        make(venv)
    # What others have installed here, the teacher's part perhaps, is kept up to date with the rest.
    extras = extras | set(before.get("extras", ()))
    stamp.unlink(missing_ok=True)
    began = time.monotonic()
    print("Installing the course into .venv: 2 to 5 minutes.", flush=True)
    options = build_of_torch(venv, torch)
    course = f".[{','.join(sorted(extras))}]"
    pip(venv, ["install", "-c", "constraints.txt", *options, "-e", course], root)
    keep_news_away(venv)
    stamp.write_text(json.dumps({**wanted, "extras": sorted(extras)}), encoding="utf-8")
    print(f"The course is installed, in {time.monotonic() - began:.0f} s.", flush=True)


def checksum(root: Path) -> str:
    """Of the lists that decide what is installed."""
    return hashlib.sha256(b"".join((root / name).read_bytes() for name in LISTS)).hexdigest()


def read(stamp: Path) -> dict:
    """What was installed last; empty when that is not known."""
    try:
        held = json.loads(stamp.read_text(encoding="utf-8"))
        return held if isinstance(held, dict) and isinstance(held.get("extras"), list) else {}
    except (OSError, ValueError):
        return {}


def interpreter(venv: Path) -> Path:
    """A virtual environment's Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def works(venv: Path) -> bool:
    """Whether an environment is whole. pip's own script names its interpreter by absolute path: it
    fails in an environment that is half made, or was moved with its folder."""
    script = interpreter(venv).with_name("pip.exe" if os.name == "nt" else "pip")
    calls = ([str(interpreter(venv)), "-c", ""], [str(script), "--version"])
    try:
        return all(subprocess.run(call, capture_output=True).returncode == 0 for call in calls)
    except OSError:
        return False


def make(venv: Path) -> None:
    """Make an environment, in place of one that does not work."""
    if venv.exists():
        print(".venv is damaged or half made; making it again.")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)]).returncode:
        raise CannotInstall(
            "Python could not make a virtual environment. On Debian and Ubuntu: "
            "sudo apt install python3-venv"
        )


# Which PyTorch.


def build_of_torch(venv: Path, decided: str) -> list[str]:
    """What to tell pip so that a machine without an NVIDIA GPU is spared gigabytes of CUDA.

    What is installed already stays, and so does what a pip.conf or PIP_… of the user's decides.
    """
    theirs = any(os.environ.get(name) for name in ("PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"))
    if has_torch(venv) or decided == "cuda" or (theirs and not decided):
        return []
    if not decided and (sys.platform != "linux" or has_nvidia()):
        return []
    if answers(CPU_BUILDS):
        print("No NVIDIA GPU here: PyTorch comes in its build for CPUs, 0.2 GB instead of about "
              "3 GB. The usual one: make setup TORCH=cuda")  # fmt: skip
        return ["--extra-index-url", CPU_BUILDS]
    if decided == "cpu":
        raise CannotInstall(f"PyTorch's index of CPU builds, {CPU_BUILDS}, does not answer.")
    print("No NVIDIA GPU here, and PyTorch's index of small builds does not answer: the usual "
          "PyTorch may bring about 3 GB of CUDA libraries along.")  # fmt: skip
    return []


def has_torch(venv: Path) -> bool:
    """Whether some PyTorch is installed there."""
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    return subprocess.run([str(interpreter(venv)), "-c", look]).returncode == 0


def has_nvidia() -> bool:
    """Whether this machine has an NVIDIA GPU whose driver is loaded."""
    return any(Path(place).exists() for place in ("/dev/nvidiactl", "/proc/driver/nvidia/version",
                                                  "/dev/dxg"))  # fmt: skip


def answers(address: str, seconds: float = SECONDS) -> bool:
    """Whether an address answers soon."""
    try:
        with urllib.request.urlopen(f"{address}/torch/", timeout=seconds):
            return True
    except (OSError, ValueError):
        return False


# pip, and what it says.


def pip(venv: Path, arguments: list[str], root: Path) -> None:
    """Run pip, and say in one line what is under way; what it said, when it fails."""
    call = [str(interpreter(venv)), "-m", "pip", *arguments, "--disable-pip-version-check",
            "--no-input", "--progress-bar", "off"]  # fmt: skip
    said: list[str] = []
    line = StatusLine(venv)
    with subprocess.Popen(call, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace") as running:  # fmt: skip
        for spoken in running.stdout:
            said = [*said[-400:], spoken.rstrip()]
            line.say(under_way(spoken))
    line.end()
    if running.returncode:
        told = [spoken for spoken in said if re.match(r"\s*(ERROR|error)\b", spoken)] or said[-15:]
        print("\n".join(told), file=sys.stderr)
        raise CannotInstall(
            "pip could not install everything; its reason stands above. What is installed stays: "
            "run make setup again to go on."
        )


def under_way(spoken: str) -> str:
    """What a line of pip's says about what it is doing, in our words; or nothing."""
    if found := re.match(r"\s*(?:Downloading|Using cached) (?:\S*/)?([^\s/-]+)-\S*(?: \((.+)\))?",
                         spoken):  # fmt: skip
        return f"fetching {found[1]}" + (f", {found[2]}" if found[2] else "")
    if found := re.match(r"Collecting ([^\s<>=!~;\[(]+)", spoken):
        return f"looking for {found[1]}"
    if found := re.match(r"Installing collected packages: (.+)", spoken):
        return f"unpacking {len(found[1].split(','))} packages, the longest part"
    return ""


class StatusLine:
    """One line at a terminal that is written over and tells the time; elsewhere the heavy parts."""

    def __init__(self, venv: Path) -> None:
        self.began, self.terminal, self.what = time.monotonic(), sys.stdout.isatty(), "starting"
        self.venv = venv
        self.over = threading.Event()
        self.ticking = threading.Thread(target=self.tick, daemon=True)
        if self.terminal:
            self.ticking.start()

    def say(self, what: str) -> None:
        if not what:
            return
        self.what = what
        if not self.terminal and (what.startswith("unpacking") or re.search(HEAVY, what)):
            print(f"  {what}", flush=True)

    def tick(self) -> None:
        while not self.over.wait(0.5):
            minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
            what = self.what
            if what.startswith("unpacking"):
                there = len([*self.venv.glob("lib/*/site-packages/*.dist-info"),
                             *self.venv.glob("Lib/site-packages/*.dist-info")])  # fmt: skip
                what = what.replace("unpacking ", f"{there} packages are there; unpacking ")
            print(f"\r\033[K  {minutes}:{seconds:02d}  {what[:70]}", end="", flush=True)

    def end(self) -> None:
        self.over.set()
        if self.terminal:
            self.ticking.join()
            print("\r\033[K", end="", flush=True)


def keep_news_away(venv: Path) -> None:
    """Let JupyterLab neither ask about its news nor look for updates, in this environment alone."""
    settings = venv / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    wanted = {
        "@jupyterlab/apputils-extension:notification": {
            "checkForUpdates": False, "doNotDisturbMode": False, "fetchNews": "false",
        },
    }  # fmt: skip
    try:
        held = json.loads(settings.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        held = {}
    settings.write_text(json.dumps({**wanted, **held}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
