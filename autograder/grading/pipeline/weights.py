"""What a verdict is worth in a class: the points that its cell has there, whatever its cases have
together, and points that everybody gets. Who changes either is `classroom`'s."""

from __future__ import annotations

# A hidden line of the check's cell: it stands wherever the cell does, and no learner sees it.
EVERYBODY = "# Everybody gets these points (course class points)."
REGION = f"### BEGIN HIDDEN TESTS\n{EVERYBODY}\n### END HIDDEN TESTS"


def for_everybody(source: str) -> bool:
    """Whether everybody gets the points of the cell with this source."""
    return EVERYBODY in source


def given(source: str, everybody: bool) -> str:
    """A cell's source when everybody gets its points, or when they are earned."""
    bare = source.replace(REGION, "").rstrip("\n")
    return f"{bare}\n{REGION}".lstrip("\n") if everybody else bare


def weighed(points: float, available: float, most: float) -> float:
    """Points of `available` as points of `most`; all of the one are all of the other."""
    return most * min(points / available, 1.0) if available else 0.0


def worth(cell, exercise: str) -> float:
    """What the verdict in a check's cell can give before it is weighed: the exercise's points."""
    from autograder.exercises import find
    from autograder.exercises import points as points_of

    try:
        return points_of(find(exercise))
    except KeyError:  # no exercise of this course
        return float(cell.metadata.nbgrader["points"])


def in_words(points: float, available: float, most: float, everybody: bool) -> str:
    """What a verdict's reader has to know of it, as HTML; nothing where its points are the mark."""
    if everybody:
        return f"<p>In this class everybody gets the {most:g} points of this exercise.</p>"
    if abs(available - most) < 1e-9:
        return ""
    mark = weighed(points, available, most)
    return f"<p>In this class that makes {mark:.4g} of {most:g} points.</p>"


def is_given(cell) -> bool:
    """Whether this is a graded cell whose points everybody gets. In a cell that students fill the
    line that says so would be a student's."""
    flags = cell.metadata.get("nbgrader", {})
    teachers = cell.cell_type == "code" and flags.get("grade") and not flags.get("solution")
    return bool(teachers) and for_everybody(cell.source)
