"""An assignment's deadline in the gradebook, read in the class's own time zone: nbgrader's command
reads a time that names none as UTC. Who gets more time is `extending`'s."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from shlex import quote

from autograder.grading.classroom.configuration import load_config, opened, transaction
from autograder.grading.classroom.extending import assignments, known, read_time
from autograder.grading.classroom.extensions import in_zone
from autograder.grading.pipeline.handed_in.times import zone_of


def due(folder: Path, assignment: str, until: str | None, no_more: bool = False) -> list[str]:
    """Set when an assignment is due; where there is neither a time nor `no_more`, change nothing.

    Returns sentences on what holds now. Raises ClickException for what the class does not have, and
    for what is no time.
    """
    folder = folder.resolve()
    config, said = load_config(folder), []
    with opened(folder) as gradebook:
        known(assignment, assignments(folder, gradebook), "assignment", folder)
        if until or no_more:
            time, said = read_time(until, config) if until else (None, [])
            with transaction(gradebook):
                gradebook.update_or_create_assignment(assignment, duedate=time)
        there = {one.name: one.duedate for one in gradebook.assignments}
        holds = there.get(assignment)
    if holds is None:
        return [*said, f"{assignment} has no deadline, so nobody is late. To set one: course class "
                f'due {quote(assignment)} "2026-11-20 23:59"']  # fmt: skip
    said.append(f"{assignment} is due {in_zone(holds, zone_of(config))}.")
    if holds < datetime.now(timezone.utc).replace(tzinfo=None):
        said.append("That is in the past: who hands in now is late.")
    return said
