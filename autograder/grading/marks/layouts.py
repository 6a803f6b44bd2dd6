"""How the tables of schools' systems are read: which columns say who a line is of, which lines are
students', which columns take marks. What is done with them is `fill_table`'s and the roster's.

Canvas: its guide "How do I import grades in the Gradebook?", and what its importer and exporter
do (canvas-lms, lib/gradebook_importer.rb, lib/gradebook_exporter.rb). Moodle: its documentation
"Grade import", "Using Assignment" and "Participants". Brightspace: its page "Importing grades".
Blackboard: "Upload or download grades to work offline". Gradescope: "Adding students and staff".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.grading.marks.tables import Table, unprotected

Keys = Mapping[str, tuple[str, ...]]
# Columns with a student's section or group, in every system.
SECTION = (
    "section", "sections", "group", "groups", "gruppe", "gruppen", "tutorial", "tutorium",
    "übungsgruppe",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """How a system's table is read. Columns' names are in lower case.

    Attributes
    ----------
    identities : column's name → which of a person's keys may stand in it: "id", "email",
        "school_id". The first that a table has is what a roster takes for the id.
    full, first, last : columns with people's names, which no system takes a mark's owner from
    email, number : columns with e-mail addresses, and with the system's own number for a person
    roles : columns that say whether a line is a student's
    title : a column's name → the assignment that it is of; "" where it is of none
    aside : why a line (by number) is no student's; "" where it is one
    most : the system's own maximum for the cell in (line, column); None where it tells none
    closed : why the system would not take a mark in (line, column); "" where it would
    new : the name of a column to make for an assignment of so many points; None: the system's
        own table has to have it
    before : new columns go before this one; at the end where there is none
    sure : whether `title` can tell assignments' columns from others
    prefix : what stands before keys, so that spreadsheets leave numbers alone
    keeps_utf16 : whether a table in UTF-16 is the system's own; others want UTF-8
    upload : what to do with a table of marks, as a sentence without its end
    """

    system: str
    identities: Keys
    title: Callable[[str], str]
    full: tuple[str, ...] = ()
    first: tuple[str, ...] = ("first name", "firstname", "vorname")
    last: tuple[str, ...] = ("last name", "lastname", "surname", "nachname")
    email: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    aside: Callable[[Table, int], str] = lambda table, line: ""
    most: Callable[[Table, int, int], float | None] = lambda table, line, column: None
    closed: Callable[[Table, int, int], str] = lambda table, line, column: ""
    new: Callable[[str, str], str] | None = None
    before: str = ""
    sure: bool = True
    prefix: str = ""
    keeps_utf16: bool = False
    upload: str = ""

    def owns(self, title: str) -> bool:
        """Whether a column says who somebody is, and so is of no assignment."""
        owned = (self.identities, self.full, self.first, self.last, self.email, self.number)
        return any(title.strip().casefold() in names for names in (*owned, self.roles, SECTION))

    def names(self, table: Table) -> list[int]:
        """The places of the columns with people's names."""
        heads = {*self.full, *self.first, *self.last}
        return [i for i, head in enumerate(table.header) if head.strip().casefold() in heads]

    def key_columns(self, table: Table) -> dict[int, tuple[str, ...]]:
        """place → the keys of a person that may stand there."""
        heads = [head.strip().casefold() for head in table.header]
        return {i: self.identities[head] for i, head in enumerate(heads) if head in self.identities}

    def key(self, table: Table, line: int, column: int | None) -> str:
        """Who a cell says somebody is, without what protects it from spreadsheets."""
        return unprotected(table.cell(line, column)).removeprefix(self.prefix)

    def no_student(self, table: Table, line: int) -> str:
        """Why a line is no student's; "" where it is one."""
        named = (*self.key_columns(table), *self.names(table))
        if not any(table.cell(line, place) for place in named):
            return NOBODY
        if why := self.aside(table, line):
            return why
        role = table.cell(line, table.column(*self.roles) if self.roles else None)
        return f"the role is {role}" if role and not STUDENT.search(role) else ""


# Lines that are a system's own and need no word.
NOBODY, POSSIBLE = "it names nobody", "it says which points are possible"
# Roles of students, as systems write them in English and German.
STUDENT = re.compile(r"student|studierend|teilnehme|learner|participant|lernend", re.IGNORECASE)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) or None
    except ValueError:
        return None


# Canvas.

# What Canvas writes into a student's cell that takes no points.
CANVAS_CLOSED = {"EX": "excused there", "N/A": "not assigned to them there"}
# Everybody's own columns and Canvas's sums, which are no assignments (gradebook_importer.rb).
CANVAS_OWN = re.compile(
    r"Student|LastName|FirstName|ID|SIS User ID|SIS Login ID|Integration ID|Root Account|Section"
    r"|.*(Current|Final|Override) (Score|Points|Grade|Status)( \(.*\))?"
)


def _canvas_aside(table: Table, line: int) -> str:
    first = table.cell(line, 0)
    if "Points Possible" in first:
        return POSSIBLE
    if first == "Student, Test" or (first, table.cell(line, 1)) == ("Student", "Test"):
        return "it is Canvas's test student"
    return ""


def _canvas_possible(table: Table, column: int) -> str:
    """The cell of a column in the line of points possible."""
    numbers = range(1, len(table.lines))
    found = (n for n in numbers if "Points Possible" in table.cell(n, 0))
    return next((table.cell(n, column) for n in found), "")


def _canvas_closed(table: Table, line: int, column: int) -> str:
    if re.fullmatch(r"\(.*\)", _canvas_possible(table, column)):  # "(read only)", in any language
        return "the column is read only"
    return CANVAS_CLOSED.get(table.cell(line, column).upper(), "")


CANVAS = Layout(
    system="Canvas",
    identities={
        "sis login id": ("id", "email"),
        "sis user id": ("id", "school_id"),
        "integration id": ("id", "school_id"),
        # Canvas's own number: a student's number at the school may be somebody else's there.
        "id": ("school_id",),
    },
    full=("student",),
    number=("id",),
    title=lambda head: "" if CANVAS_OWN.fullmatch(head) else re.sub(r"\s*\(\d+\)$", "", head),
    aside=_canvas_aside,
    most=lambda table, line, column: _number(_canvas_possible(table, column)),
    closed=_canvas_closed,
    upload="Upload it in Canvas: Grades → Import",
)

# Moodle.

# A column of the grader report's export; those of feedback, letters and percentages are others.
MOODLE_GRADE = re.compile(r"[^:]+:\s*(?P<title>.+?)\s*\((?:Real|Punkte)\)")
GRADE, MOST = ("Grade", "Bewertung"), ("Maximum Grade", "Bestwertung")
CHANGEABLE = ("Grade can be changed", "Bewertung kann geändert werden")
IDENTIFIER = ("Identifier", "ID")


def _moodle_title(head: str) -> str:
    match = MOODLE_GRADE.fullmatch(head)
    return match["title"] if match else ""


def _moodle_closed(table: Table, line: int, column: int) -> str:
    changeable = table.cell(line, table.column(*CHANGEABLE)).casefold()
    return "the grade cannot be changed there" if changeable in ("no", "nein") else ""


MOODLE = Layout(
    system="Moodle",
    identities={
        **dict.fromkeys(("username", "anmeldename"), ("id", "email")),
        **dict.fromkeys(("id number", "id-nummer", "matrikelnummer"), ("id", "school_id")),
        **dict.fromkeys(("email address", "e-mail-adresse", "email"), ("email", "id")),
    },
    full=("full name", "vollständiger name"),
    email=("email address", "e-mail-adresse", "email"),
    number=("id number", "id-nummer", "matrikelnummer"),
    roles=("roles", "rollen", "role", "rolle"),
    title=_moodle_title,
    most=lambda table, line, column: _number(table.cell(line, table.column(*MOST))),
    closed=_moodle_closed,
    new=lambda assignment, most: assignment,
    upload="Upload it in Moodle: see docs/marks.md",
)

# Brightspace (D2L): "06_batchnorm Points Grade <Numeric MaxPoints:10 Weight:5>".

BRIGHTSPACE_GRADE = re.compile(
    r"(?P<title>.+?) Points Grade(\s*<.*?MaxPoints:(?P<most>[\d.,]+).*>)?"
)
END_OF_LINE = "end-of-line indicator"


def _brightspace(head: str, part: str) -> str:
    match = BRIGHTSPACE_GRADE.fullmatch(head.strip())
    return (match and match[part]) or ""


BRIGHTSPACE = Layout(
    system="Brightspace",
    identities={"username": ("id", "email"), "orgdefinedid": ("id", "school_id"),
                "email": ("email", "id")},
    email=("email",),
    number=("orgdefinedid",),
    title=lambda head: _brightspace(head, "title"),
    most=lambda table, line, column: _number(_brightspace(table.header[column], "most")),
    new=lambda assignment, most: f"{assignment} Points Grade",
    before=END_OF_LINE,
    prefix="#",
    upload="Upload it in Brightspace: Grades → Enter Grades → Import",
)  # fmt: skip

# Blackboard: "06_batchnorm [Total Pts: 10 Score] |4711".

BLACKBOARD_GRADE = re.compile(
    r"(?P<title>.+?) \[Total Pts: (?:up to )?(?P<most>[\d.,]+)[^\]]*\](?: ?\|\d+)?"
)


def _blackboard(head: str, part: str) -> str:
    match = BLACKBOARD_GRADE.fullmatch(head.strip())
    return match[part] if match else ""


def _blackboard_aside(table: Table, line: int) -> str:
    login = table.cell(line, table.column("username"))
    return "it is Blackboard's preview user" if login.endswith("_previewuser") else ""


BLACKBOARD = Layout(
    system="Blackboard",
    identities={"username": ("id", "email"), "student id": ("id", "school_id")},
    number=("student id",),
    title=lambda head: _blackboard(head, "title"),
    aside=_blackboard_aside,
    most=lambda table, line, column: _number(_blackboard(table.header[column], "most")),
    new=lambda assignment, most: f"{assignment} [Total Pts: {most} Score]",
    keeps_utf16=True,
    upload="Upload it in Blackboard: Grade Center → Work Offline → Upload",
)

# Gradescope's roster takes no marks; a table made of it is for people.

GRADESCOPE = Layout(
    system="Gradescope",
    identities={"sid": ("id", "school_id"), "email": ("email", "id")},
    full=("name",),
    email=("email",),
    roles=("role",),
    title=lambda head: "" if re.search("section|^role$| - ", head.casefold()) else head,
    new=lambda assignment, most: assignment,
    sure=False,
    upload="It is for people to read; Gradescope takes no marks",
)

# A table that somebody has made.

PLAIN_EMAIL = (
    "email", "e-mail", "mail", "email address", "e-mail address", "e-mail-adresse", "emailadresse",
)  # fmt: skip
PLAIN_IDS = (
    "id", "student_id", "studentid", "student id", "username", "login", "benutzername",
    "anmeldename", "kennung", "id number", "id-nummer", "matrikelnummer", "sid", "student",
)  # fmt: skip
PLAIN = Layout(
    system="a table of one's own",
    identities={**dict.fromkeys(PLAIN_IDS, ("id", "email", "school_id")),
                **dict.fromkeys(PLAIN_EMAIL, ("email", "id"))},
    full=("name", "full name", "vollständiger name"),
    first=("first_name", "firstname", "first name", "given name", "vorname"),
    last=("last_name", "lastname", "last name", "surname", "family name", "nachname"),
    email=PLAIN_EMAIL,
    roles=("role", "roles", "rolle", "rollen"),
    title=lambda head: head,
    new=lambda assignment, most: assignment,
    sure=False,
    upload="All else in it is as it was",
)  # fmt: skip


def recognised(table: Table) -> Layout:
    """The system whose table this is, by the names of its columns."""
    heads = {head.strip().casefold() for head in table.header}
    first = table.header[0].strip().casefold()
    if first in ("student", "lastname") and "id" in heads and heads & {"section", "sis login id"}:
        return CANVAS
    if "orgdefinedid" in heads or END_OF_LINE in heads:
        return BRIGHTSPACE
    if {"last name", "first name", "username"} <= heads and (
        "availability" in heads or any(_blackboard(head, "title") for head in heads)
    ):
        return BLACKBOARD
    if {"sid", "email"} <= heads:
        return GRADESCOPE
    grades = any(_moodle_title(head.strip()) for head in table.header)
    if grades or table.column(*IDENTIFIER) == 0 and table.column(*GRADE) is not None:
        return MOODLE
    moodle = heads & {"email address", "e-mail-adresse", "id number", "id-nummer", "anmeldename"}
    if moodle and heads & {"first name", "vorname", *MOODLE.full} and not heads & {"id", "login"}:
        return MOODLE
    return PLAIN
