"""Where the course is published: pyproject.toml's [tool.course], read, changed and looked at."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from autograder import toml_files
from autograder.authoring.build.masters import MasterError
from autograder.paths import CHECKOUT

PROJECT = CHECKOUT / "pyproject.toml"
UNNAMED = "YOUR_ACCOUNT"  # no account on GitHub can be called so
GITHUB = re.compile(r"(?:https://)?(?:www\.)?(?:github\.com/)?([\w.-]+/[\w.-]+?)(?:\.git)?/?")
SECONDS = 8.0  # so long a repository may take to answer


def published(path: Path = PROJECT) -> dict[str, str]:
    """Where the course is published: `repository`, `branch` and Colab's `slug` for it, which is
    empty as long as no account is named."""
    try:
        named = toml_files.load(path)["tool"]["course"]
        repository, branch = named["repository"], named.get("branch", "main")
    except (OSError, KeyError, ValueError) as error:
        raise MasterError(
            f"{path} does not name the course's repository ({error!r}); it needs a section "
            '[tool.course] with repository = "https://github.com/..."'
        ) from None
    match = re.fullmatch(r"https://github\.com/([^/\s]+/[^/\s]+?)(\.git)?/?", repository)
    if not match:
        raise MasterError(
            f"{path}: the repository {repository} is not https://github.com/NAME/REPOSITORY, "
            "which Colab needs."
        )
    slug = "" if UNNAMED in match[1] else f"github/{match[1]}"
    return {"repository": f"https://github.com/{match[1]}", "branch": branch, "slug": slug}


def understood(address: str) -> str:
    """An address in the form in which it is kept: of GitHub, from which Colab opens notebooks.

    Raises ValueError with a sentence where it is none.
    """
    found = GITHUB.fullmatch(address.strip().removeprefix("git@github.com:"))
    if not found:
        raise ValueError(
            f"{address} is no repository of GitHub's, which Colab and Binder open notebooks from: "
            "give https://github.com/NAME/REPOSITORY, or NAME/REPOSITORY."
        )
    return f"https://github.com/{found[1]}"


def put_in(repository: str, branch: str, path: Path = PROJECT) -> None:
    """Write the address into [tool.course], and leave everything else in the file as it is."""
    text = path.read_text(encoding="utf-8")
    head, mark, rest = text.partition("[tool.course]\n")
    if not mark:
        raise MasterError(f"{path} has no section [tool.course].")
    section, following, after = rest.partition("\n[")
    for key, value in (("repository", repository), ("branch", branch)):
        line = f'{key} = "{value}"'
        section, found = re.subn(rf"^{key}\s*=.*$", line, section, count=1, flags=re.MULTILINE)
        if not found:
            section = f"{section.rstrip()}\n{line}\n"
    text = head + mark + section + following + after
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def looked_at(repository: str, branch: str, seconds: float = SECONDS) -> tuple[bool, str]:
    """Whether somebody without an account can fetch that branch, and a sentence about it."""
    if shutil.which("git") is None:
        return False, "There is no git here, so the address was not tried."
    call = ["git", "-c", "credential.helper=", "ls-remote", "--heads", repository, branch]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=seconds,
                              env={**os.environ, "GIT_TERMINAL_PROMPT": "0"})  # fmt: skip
    except subprocess.TimeoutExpired:
        return False, f"{repository} did not answer within {seconds:.0f} seconds."
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["git gives no reason"])[-1]
        return False, (f"{repository} cannot be fetched from here without a password ({reason}). "
                       "Students could not either, unless the reason is this network.")  # fmt: skip
    if not done.stdout.strip():
        return False, f"{repository} answers, and has no branch {branch} yet: push it."
    return True, f"{repository} answers, and has the branch {branch}."
