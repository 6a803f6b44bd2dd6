"""What a release checks, and the one place that writes its version.

    python docs/release.py --set 0.2.0     write the version into the files that say one
    python docs/release.py --check         what takes a minute: versions, changelog, git, notebooks
    python docs/release.py --check --all   and what takes an hour: lint, tests, proofs, the site

Nothing is tagged or published here: what is left to do is said at the end. Exit status 0 when every
check holds, 1 with a sentence for each that does not.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NUMBER = re.compile(r"\d+\.\d+\.\d+")
PROJECT = re.compile(r'^version = "(.+)"$', re.MULTILINE)
CITATION = re.compile(r"^version: (.+)$", re.MULTILINE)
DAY = re.compile(r"^date-released: .*\n", re.MULTILINE)
CHANGES = re.compile(r"^## (\d\S*)(?: · (\d{4}-\d\d-\d\d))?$", re.MULTILINE)
PENDING = "## Not released yet"
# (what holds, the command that shows it, run in the course's folder); `course` is this Python's.
COURSE = (sys.executable, "-m", "autograder")
QUICK = (("the notebooks are what their masters make", (*COURSE, "build", "--check")),)
LONG = (
    ("the linter has nothing to say", ("make", "lint")),
    ("all tests pass", ("make", "test", "ALL=1")),
    ("the notebooks and a class work in a browser", ("make", "test-browser")),
    ("the lowest versions work", ("make", "test-oldest")),
    ("every exercise tells right from wrong", (*COURSE, "verify")),
    ("the site is made, without a link that leads nowhere", ("make", "site")),
)


def versions(root: Path = ROOT) -> dict[str, str]:
    """The version that each file says; of the changelog its newest release."""
    found = {}
    for name, pattern in (("pyproject.toml", PROJECT), ("CITATION.cff", CITATION),
                          ("CHANGELOG.md", CHANGES)):  # fmt: skip
        said = pattern.search((root / name).read_text(encoding="utf-8"))
        found[name] = said[1] if said else ""
    return found


def disagreements(root: Path = ROOT) -> list[str]:
    """What holds between releases too: three files, one version, releases in their order."""
    found = versions(root)
    told = [f"{name} has no version" for name, said in found.items() if not said]
    if len(set(found.values())) > 1:
        said = ", ".join(f"{name} {version}" for name, version in found.items())
        told.append(f"the versions differ ({said}): python docs/release.py --set VERSION")
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    numbers = [tuple(map(int, v.split("."))) for v, _ in CHANGES.findall(text)
               if NUMBER.fullmatch(v)]  # fmt: skip
    if len(numbers) != len(CHANGES.findall(text)):
        told.append("CHANGELOG.md has a release whose version is not three numbers")
    if numbers != sorted(set(numbers), reverse=True):
        told.append("CHANGELOG.md does not have its releases in order, the newest first")
    return told


def unready(root: Path = ROOT, git: Callable[..., str] | None = None) -> list[str]:
    """What has to hold besides on the day of a release. `git` takes its arguments and gives what it
    says."""
    git = git or _git
    told = []
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if PENDING in text:
        told.append(f"CHANGELOG.md still has '{PENDING}': python docs/release.py --set VERSION")
    newest = CHANGES.search(text)
    if newest and not newest[2]:
        told.append(f"CHANGELOG.md says no day for {newest[1]}")
    tag = f"v{versions(root)['pyproject.toml']}"
    if git("tag", "--list", tag):
        told.append(f"there is a tag {tag} already")
    if changed := git("status", "--porcelain"):
        told.append(f"not everything is committed: {len(changed.splitlines())} files differ")
    return told


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def set_version(version: str, root: Path = ROOT, day: date | None = None) -> None:
    """Write a version into the three files: what was not released becomes this release.

    Raises ValueError, in a sentence, where it is no version, none that is newer, or nothing was
    changed since the last one; then no file is touched.
    """
    day = day or date.today()
    if not NUMBER.fullmatch(version):
        raise ValueError(f"{version} is no version: three numbers, such as 0.2.0")
    texts = {name: (root / name).read_text(encoding="utf-8") for name in versions(root)}
    if told := disagreements(root):
        raise ValueError("; ".join(told))
    before = versions(root)["pyproject.toml"]
    if tuple(map(int, version.split("."))) <= tuple(map(int, before.split("."))):
        raise ValueError(f"{version} is not newer than {before}")
    if PENDING not in texts["CHANGELOG.md"]:
        raise ValueError(f"CHANGELOG.md has no '{PENDING}': what would {version} be?")
    written = {
        "pyproject.toml": PROJECT.sub(f'version = "{version}"', texts["pyproject.toml"], count=1),
        "CITATION.cff": CITATION.sub(
            f"version: {version}\ndate-released: {day}", DAY.sub("", texts["CITATION.cff"]), count=1
        ),
        "CHANGELOG.md": texts["CHANGELOG.md"].replace(PENDING, f"## {version} · {day}", 1),
    }
    for name, text in written.items():
        (root / name).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python docs/release.py",
                                     description=__doc__.splitlines()[0])  # fmt: skip
    parser.add_argument("--set", metavar="VERSION", help="write this version into the files")
    parser.add_argument("--check", action="store_true", help="say what is not ready")
    parser.add_argument("--all", action="store_true", help="with --check: also what takes an hour")
    asked = parser.parse_args(arguments)
    if not (asked.set or asked.check):
        parser.error("say --set VERSION or --check")
    if asked.set:
        try:
            set_version(asked.set)
        except ValueError as reason:
            print(reason, file=sys.stderr)
            return 1
        print(f"{', '.join(versions())} say {asked.set}. Commit them.")
    if not asked.check:
        return 0
    told = disagreements() + unready()
    for holds, command in (*QUICK, *(LONG if asked.all else ())):
        print(f"… {holds}", flush=True)
        if subprocess.run(command, cwd=ROOT).returncode:
            told.append(f"it does not hold that {holds}: {' '.join(command)}")
    for problem in told:
        print(f"✗ {problem}")
    if told:
        return 1
    tag = f"v{versions()['pyproject.toml']}"
    if not asked.all:
        print("Not looked at, for it takes an hour (--all): " + "; ".join(h for h, _ in LONG) + ".")
    print(f"Ready. What is left to you: git tag -a {tag} && git push origin {tag}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
