"""An environment that people have, made in build/ by one command, and what runs in it.

    make test-oldest                                the lowest versions that pyproject.toml allows
    make test-colab                                 what Colab has, the course not editable
    make test-oldest PYTHON=python3.13              with another Python
    make test-oldest OPTIONS='--torch 2.6.0+cpu'    with this torch
    make test-oldest OPTIONS='--torch none'         without: the tests that can do without it

The quick tests run in it, then four solved notebooks. torch is the smallest one at hand: a wheel in
a folder that pip has been told of (PIP_FIND_LINKS), else the CPU build of PyTorch's own index, the
lowest that fits. What was installed stands in the environment's folder, in installed.txt.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
TORCH = ("torch", "torchvision")
# What is said to pip is said to uv, which resolves to the lowest versions and pip does not.
SAID_TO_PIP = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS", "PIP_CERT": "SSL_CERT_FILE",
}  # fmt: skip
# Two minutes of tests on a quiet machine: the judge, what notebooks import, a learner's standing.
GRADES = "test_bounds.py"  # a class, so it wants nbgrader
JUDGING = sorted(path.name for path in (ROOT / "tests" / "judging").glob("test_*.py"))
LEARNERS = (
    *(f"tests/judging/{name}" for name in JUDGING if name != GRADES),
    "tests/exercises/test_exercises.py",
    "tests/course_utils/test_training.py", "tests/course_utils/test_plots.py",
    "tests/course_utils/test_images.py", "tests/course_utils/test_initialization.py",
    "tests/learning/test_progress.py", "tests/learning/test_keeping.py",
)  # fmt: skip
# What makes kits and pages, and grades: it rests on nbformat, nbconvert, nbgrader and nh3.
TEACHERS = (
    f"tests/judging/{GRADES}",
    "tests/authoring/test_build.py", "tests/learning/test_help.py",
    "tests/course_utils/explorers/test_explorer_base.py", "tests/grading/pipeline/test_sanitize.py",
    "tests/grading/sandbox/test_outputs.py",
)  # fmt: skip
# It needs torch in another process, and does not say so in this one.
SPEAKS_ELSEWHERE = "tests/judging/test_observing.py::test_check_works_at_a_python_prompt"


@dataclass(frozen=True)
class Environment:
    """`wanted` is added to the course's own list, `extras` are the course's."""

    extras: tuple[str, ...]
    resolution: str
    editable: bool
    tests: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    constraints: Path | None = None


ENVIRONMENTS = {
    "oldest": Environment(
        ("lab", "teach", "dask", "test"), "lowest-direct", True, (*LEARNERS, *TEACHERS)
    ),
    # A learner's: nbgrader needs a newer IPython than Colab's, and nobody grades a class there.
    # jupytext, nbclient and nbformat are what makes the solved notebooks and runs them.
    "colab": Environment(
        ("test",), "highest", False, LEARNERS, ("ipykernel", "jupytext", "nbclient", "nbformat"),
        HERE / "colab.txt",
    ),
}  # fmt: skip


class Stopped(Exception):
    """What stands in the way: one sentence that says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Make the environment and run what belongs to it; 0 when all of it passed."""
    asked = parse(arguments)
    try:
        return run(asked)
    except Stopped as reason:
        print(f"make test-{asked.environment}: {reason}", file=sys.stderr)
        return 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("environment", choices=sorted(ENVIRONMENTS))
    parser.add_argument("--python", default=sys.executable, help="the Python it is made with")
    parser.add_argument("--torch", default="", help="a version, or none to do without")
    parser.add_argument("--into", type=Path, help="its folder (build/venv-NAME by default)")
    return parser.parse_args(arguments)


def run(asked: argparse.Namespace) -> int:
    environment = ENVIRONMENTS[asked.environment]
    folder = (asked.into or ROOT / "build" / f"venv-{asked.environment}").resolve()
    python = create(folder, asked.python)
    requirements = resolve(environment, folder, python, asked.torch)
    install(environment, folder, python, requirements)
    said_first = f"{asked.environment}: {about(python)}"
    print(said_first, flush=True)
    without = asked.torch == "none"
    failed = [name for name, passed in (
        ("the quick tests", quick_tests(environment, folder, python, without)),
        ("the notebooks", without or notebooks(environment, folder, python)),
    ) if not passed]  # fmt: skip
    if failed:
        print(f"{said_first}\nNot all is well there: {' and '.join(failed)}; see above.")
        return 1
    notebooks_too = "" if without else " and four solved notebooks"
    print(f"{said_first}\nThe quick tests{notebooks_too} passed.")
    return 0


# Made.


def create(folder: Path, python: str) -> Path:
    """A fresh environment with uv in it; its interpreter."""
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([python, "-m", "venv", folder], capture_output=True, text=True)
    if made.returncode:
        raise Stopped(f"{python} could not make a virtual environment: {last_line(made)}")
    inside = folder / "bin" / "python"
    got = subprocess.run(
        [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"],
        capture_output=True, text=True,
    )  # fmt: skip
    if got.returncode:
        raise Stopped(f"uv, which finds the lowest versions, cannot be had: {last_line(got)}")
    return inside


def resolve(environment: Environment, folder: Path, python: Path, torch: str) -> Path:
    """Which version of each package; written to requirements.txt in the environment's folder."""
    listed = folder / "wanted.txt"
    options: list[str | Path] = []
    wanted = list(environment.wanted)
    torch = torch or at_hand(python)
    if torch == "none":
        for name in TORCH:
            options += ["--no-emit-package", name]
    elif torch:
        wanted.append(f"torch=={torch}")
    if torch in ("", "none"):
        options += ["--torch-backend", "cpu"] if not torch else []
    listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    for extra in environment.extras:
        options += ["--extra", extra]
    if environment.constraints:
        options += ["--constraint", environment.constraints]
    found = folder / "requirements.txt"
    # Wheels only: what has none for this Python would be built for an hour, or not at all.
    # yattag, which cosmic-ray asks for, is plain Python and has only its source.
    done = uv(
        folder, "pip", "compile", "--quiet", "--python", python, "--no-annotate", "--no-header",
        "--only-binary", ":all:", "--no-binary", "yattag", "--resolution", environment.resolution,
        *options, ROOT / "pyproject.toml", listed, "--output-file", found,
    )  # fmt: skip
    if done.returncode:
        raise Stopped(f"no versions fit each other.\n{done.stderr.strip()}")
    if torch == "none":
        leave_out_what_torch_brings(found)
    return found


def leave_out_what_torch_brings(found: Path) -> None:
    """Take the CUDA libraries out of a list from which torch itself was left out."""
    lines = found.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("nvidia-", "cuda-", "triton", "#"))]
    found.write_text("\n".join(kept) + "\n", encoding="utf-8")


def at_hand(python: Path) -> str:
    """The lowest torch among the wheels in PIP_FIND_LINKS that this Python can take, or ""."""
    tag = subprocess.run(
        [python, "-c", "import sys; print('cp%d%d' % sys.version_info[:2])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    folders = [Path(part) for part in os.environ.get("PIP_FIND_LINKS", "").split()]
    found = [
        path.name.split("-")[1]
        for folder in folders if folder.is_dir()
        for path in folder.glob(f"torch-*-{tag}-*.whl")
    ]  # fmt: skip
    return min(found, key=lambda v: [int(n) for n in v.partition("+")[0].split(".")], default="")


def install(environment: Environment, folder: Path, python: Path, requirements: Path) -> None:
    done = uv(folder, "pip", "install", "--quiet", "--python", python, "--no-deps",
              "--requirement", requirements)  # fmt: skip
    if done.returncode == 0:
        course = ["--editable", ROOT] if environment.editable else [ROOT]
        done = uv(folder, "pip", "install", "--quiet", "--python", python, "--no-deps", *course)
    if done.returncode:
        raise Stopped(f"not everything could be installed.\n{done.stderr.strip()}")
    frozen = uv(folder, "pip", "freeze", "--quiet", "--python", python)
    (folder / "installed.txt").write_text(frozen.stdout, encoding="utf-8")


def uv(folder: Path, *arguments) -> subprocess.CompletedProcess:
    told = {new: os.environ[old] for old, new in SAID_TO_PIP.items() if os.environ.get(old)}
    return subprocess.run(
        [folder / "bin" / "uv", *arguments], cwd=ROOT, env={**told, **os.environ},
        capture_output=True, text=True,
    )  # fmt: skip


def about(python: Path) -> str:
    """One line of versions, as they are installed."""
    code = (
        "import platform\n"
        "from importlib.metadata import PackageNotFoundError, version\n"
        "said = [f'Python {platform.python_version()}']\n"
        "for name in ('torch', 'torchvision', 'numpy', 'matplotlib', 'scikit-learn', 'ipython',\n"
        "             'ipykernel', 'ipywidgets', 'nbgrader', 'jupyterlab'):\n"
        "    try: said.append(f'{name} {version(name)}')\n"
        "    except PackageNotFoundError: said.append(f'no {name}')\n"
        "print(', '.join(said))"
    )
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


# What runs in it.


def quick_tests(environment: Environment, folder: Path, python: Path, without: bool) -> bool:
    """The environment's tests; `without` torch those that need it are skipped, and are counted.

    The kernel's own modules are imported first (as a plugin that does nothing): with the oldest of
    them, debugpy's import late in a long process never ended (CPython 3.11.7, in a trace function
    that debugpy tries out).
    """
    options = ["-p", "without_torch", "--deselect", SPEAKS_ELSEWHERE] if without else []
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "ipykernel.kernelspec",
         *options, *environment.tests],
        cwd=ROOT, env={**surroundings(), "PYTHONPATH": str(HERE)},
    )  # fmt: skip
    return done.returncode == 0


def notebooks(environment: Environment, folder: Path, python: Path) -> bool:
    """The solved notebooks; the course comes from the checkout where it is editable."""
    done = subprocess.run(
        [python, HERE / "solved_notebooks.py", ROOT if environment.editable else folder],
        cwd=folder, env=surroundings(),
    )  # fmt: skip
    return done.returncode == 0


def surroundings() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "COURSE_PROGRESS": ""}


def last_line(done: subprocess.CompletedProcess) -> str:
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else "it did not say why"


if __name__ == "__main__":
    sys.exit(main())
