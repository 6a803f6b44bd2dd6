"""Grades one submission inside Gradescope's container, as `course grade` does it, and writes its
results.json. How the archive is made is in `packing`.

What is not a submission's doing (no root, no room) ends with an error and without results: then
Gradescope shows the teacher that the autograder failed, and nobody gets a 0 for it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from autograder.grading.gradescope import packing
from autograder.grading.sandbox import learners_autograder

# Learners' code where there are no namespaces. Debian gives out no such numbers by itself
# (Debian Policy 9.2.2: 60000 to 64999 only on demand), so nobody has one already.
LEARNERS = range(61000, 65000)
# Gradescope stops an autograder after 10 minutes unless it is told otherwise, and then shows no
# results; starting and judging take one or two of them on half a core.
MOST_SECONDS = 420.0


@click.command()
@click.option("--root", default="/autograder", show_default=True,
              type=click.Path(path_type=Path, exists=True, file_okay=False))  # fmt: skip
@click.option("--no-namespaces", is_flag=True,
              help="Do as in a container that allows none.")  # fmt: skip
def main(root: Path, no_namespaces: bool) -> None:
    """Grade what lies in ROOT/submission and write ROOT/results/results.json."""
    from autograder.grading.sandbox.runner import NO_SANDBOX, SandboxUnavailable

    results = root / "results"
    results.mkdir(exist_ok=True)
    close_to_others(root)
    told = (root / "source" / packing.CONTENTS).read_text(encoding="utf-8")
    bundle = packing.from_json(json.loads(told))
    try:
        made = grade(bundle, root / "submission", namespaces=not no_namespaces)
    except SandboxUnavailable as error:
        raise click.ClickException(str(error).removesuffix(NO_SANDBOX).strip()) from error
    growing = results / ".results.json"
    growing.write_text(json.dumps(made, indent=1), encoding="utf-8")
    os.replace(growing, results / "results.json")


def close_to_others(root: Path) -> None:
    """Leave nobody but this user, root as a rule, a way to checks, results and submission."""
    for name in ("source", "results", "submission"):
        if (root / name).is_dir():
            os.chmod(root / name, 0o700)
    if (root / "submission_metadata.json").is_file():
        os.chmod(root / "submission_metadata.json", 0o600)


def grade(bundle: packing.Bundle, folder: Path, namespaces: bool = True) -> dict:
    """Grade the submission in a folder; what results.json is to say.

    Raises SandboxUnavailable where learners' code cannot be kept away from the checks.
    """
    from autograder.grading.pipeline import one_submission, submitted
    from autograder.grading.sandbox.runner import NO_SANDBOX, availability

    wanted = [source.name for source in bundle.assignment.sources]
    if problem := unfit(folder, wanted):
        return refused(bundle, problem)
    submission = submitted.read("student", folder, bundle.assignment, bundle.size_limit)
    why_not = availability() if namespaces else "--no-namespaces"
    user = a_learner() if why_not else None
    if why_not:
        print(f"Learners' code runs as user {user}. {why_not.removesuffix(NO_SANDBOX).strip()}")
    limits = bundle.settings.limits
    public = public_copy()
    try:
        settings = replace(
            bundle.settings, sandbox=not why_not, user=user,
            limits=replace(limits, total_seconds=min(limits.total_seconds, MOST_SECONDS)),
            course_utils=str(public / "course_utils"), data_paths=(str(public / "data"),),
        )  # fmt: skip
        outcome = one_submission.grade(submission, bundle.assignment, settings)
    finally:
        one_submission.close_runners()
        shutil.rmtree(public, ignore_errors=True)
    # For the teacher: Gradescope shows what is printed to nobody else.
    for sentence in (*outcome.repairs, *outcome.looks):
        print(sentence)
    return results_of(bundle, outcome)


def a_learner() -> int:
    """The number of the user who runs this container's learner's code.

    Drawn anew each time: the kernel counts a user's processes over all containers of a machine, so
    that submissions with one number would use up each other's limit.
    """
    return secrets.choice(LEARNERS)


def public_copy() -> Path:
    """A copy of what learners' code may read of the course, where everybody can read it."""
    from autograder.paths import CHECKOUT

    public = Path(tempfile.mkdtemp(prefix="course-"))
    for path in packing.needed(CHECKOUT):
        place = path.relative_to(CHECKOUT)
        if place.parts[0] != "autograder":
            (public / place.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, public / place)
    (public / "autograder").mkdir()
    shutil.copy(learners_autograder.__file__, public / "autograder/__init__.py")
    for place, _, names in os.walk(public):
        os.chmod(place, 0o755)
        for name in names:
            os.chmod(os.path.join(place, name), 0o644)
    return public


def unfit(folder: Path, wanted: list[str]) -> str:
    """Why what was uploaded cannot be this assignment, told to who uploaded it; "" where it can."""
    found = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb")
        # What macOS and Jupyter put beside a notebook.
        if not path.name.startswith("._")
        and not {"__MACOSX", ".ipynb_checkpoints"} & set(path.relative_to(folder).parts)
    )  # fmt: skip
    names = " and ".join(f"{name}.ipynb" for name in wanted)
    again = f"Upload {names} again, under this name and by itself."
    if not found:
        return f"There is no notebook in your upload. {again}"
    if len(found) > len(wanted):
        return f"There are {len(found)} notebooks in your upload: {', '.join(found)}. {again}"
    strange = [name for name in found if name.removesuffix(".ipynb") not in wanted]
    if strange:
        return f"{strange[0]} is not the name of this assignment's notebook. {again}"
    return ""


def refused(bundle: packing.Bundle, problem: str) -> dict:
    """The results of an upload that cannot be graded: one sentence and no points."""
    return {
        "score": 0.0,
        "output": problem,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"max_score": packing.worth(bundle)[0], "problem": problem},
    }


def results_of(bundle: packing.Bundle, outcome) -> dict:
    """What results.json says of an outcome of the pipeline."""
    from autograder.grading.pipeline.outcome import STOCK

    if outcome.state == STOCK:
        raise click.ClickException(outcome.reason)
    if outcome.reason and not outcome.seconds:  # nothing was run
        return refused(bundle, f"Your notebook could not be graded: {outcome.reason}.")
    tests, score, most = [], 0.0, 0.0
    for notebook in outcome.notebooks:
        shown = shown_by_cell(notebook.text)
        for mark in notebook.marks:
            if mark.rests_on == "teacher" or mark.points is None:
                said = f"Marked by hand: up to {mark.max_points:g} points."
                tests.append({"name": title(mark.cell), "output": said, "output_format": "text"})
                continue
            score, most = score + mark.points, most + mark.max_points
            output, kind = shown.get(mark.cell, ("", "text"))
            tests.append({
                "name": title(mark.cell), "score": mark.points, "max_score": mark.max_points,
                "output": output, "output_format": kind,
            })  # fmt: skip
    for test in tests:
        test["visibility"] = bundle.visibility
    results = {
        "score": score,
        "execution_time": round(outcome.seconds, 1),
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "max_score": most,
            "exercises": {
                seen.exercise: {
                    "status": seen.status, "points": seen.points,
                    "mistakes": [identity for identity, _ in seen.mistakes],
                }
                for seen in outcome.exercises
            },
        },
    }  # fmt: skip
    if outcome.reason:
        results["output"] = f"Your notebook was not run to its end. {outcome.reason}."
        results["output_format"] = "text"
    return results


def title(cell: str) -> str:
    return cell.removeprefix("check_")


def shown_by_cell(text: str) -> dict[str, tuple[str, str]]:
    """What each graded cell of a graded notebook shows, without hidden tests: (output, format)."""
    import nbformat

    from autograder.grading.pipeline.nbgrader_steps import HideHiddenTests

    notebook, _ = HideHiddenTests().preprocess(nbformat.reads(text, as_version=4), {})
    shown = {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type != "code" or name is None:
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                shown[name] = (f"{output.ename}: {output.evalue}", "text")
            elif html := output.get("data", {}).get("text/html"):
                shown[name] = (html, "html")
    return shown


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"The autograder itself failed: {error}")
