"""What became of a submission, as plain data: workers give it, the record keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field

FAILED, STOCK = "failed to run", "left to stock nbgrader"
# Whose word a cell's points are.
JUDGE, PROCESS, TEACHER = "judge", "learner's process", "teacher"


@dataclass
class Mark:
    """What one graded cell earned.

    `points` is None where only the teacher can tell; `rests_on` says whose word the points are:
    the judge's, the learner's own process's, or the teacher's.
    """

    cell: str
    points: float | None
    max_points: float
    rests_on: str
    for_teacher: bool = False


@dataclass
class GradedNotebook:
    """A notebook as it goes into autograded/, its marks, and what nbgrader comments by itself.

    `missing` says that nothing was handed in under this name.
    """

    name: str
    text: str
    marks: list[Mark]
    comments: dict[str, str | None]
    missing: bool = False


@dataclass
class Seen:
    """What became of one exercise.

    `mistakes` are (id, hint), most important first; `counted` are the points of the cases in which
    a counter is looked at that was kept in the learner's process; `blindspot` is the signature of
    a wrong answer that no mistake explains; `counts` says whether a graded cell checks it, and
    `cell` which one, where it checks nothing else. `points` are the exercise's own: what they make
    in the class, that cell's mark says. `builds_on` are the exercises that must be right first.
    """

    exercise: str
    status: str
    points: float
    max_points: float
    extra: bool
    mistakes: list[tuple[str, str]]
    counted: float = 0.0
    blindspot: dict | None = None
    counts: bool = True
    cell: str = ""
    builds_on: tuple[str, ...] = ()


@dataclass
class Outcome:
    """All that became of one submission.

    Attributes
    ----------
    state : "graded", "failed to run" or "left to stock nbgrader"; `reason` says why where it is
        not the first
    repairs : what was put right before it ran
    looks : what the teacher should look at
    failed_imports : packages that its cells import and that are not here
    seconds : wall clock in the sandbox
    """

    student: str
    state: str = "graded"
    reason: str = ""
    notebooks: list[GradedNotebook] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    timestamp: bytes | None = None
    exercises: list[Seen] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    failed_imports: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_memory: int = 0

    @property
    def marks(self) -> list[Mark]:
        return [mark for notebook in self.notebooks for mark in notebook.marks]
