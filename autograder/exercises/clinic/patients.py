"""Exercises of notebook 16: six patients, each a diagnosis with its evidence and few tests."""

from __future__ import annotations

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.clinic.ward import truths
from course_utils.clinic.answers import AS_ASKED, put_down

FORM, DIAGNOSIS, EVIDENCE, MINUTES = "form", "diagnosis", "evidence", "minutes"
RIGHT, ONE_OF_TWO, HARMED, OVERLOOKED, BESIDES, OTHER = (
    "what the patient has", "one fault of two", "a fault in a healthy program",
    "healthy where a fault is", "what it has and one thing more", "what it does not have",
)  # fmt: skip
SHOWS, HALF, SILENT, UNASKED = (
    "shows it", "shows one fault of two", "would be the same without it", "for another diagnosis"
)  # fmt: skip
WITHIN, MORE = "within them", "more"
RIGHTS = {DIAGNOSIS: RIGHT, EVIDENCE: SHOWS, MINUTES: WITHIN}
SOME, FEW = 35, 20  # minutes; the whole panel takes 55


def judged(answer: dict, truth: dict, limit: int) -> dict:
    """Diagnosis, evidence and minutes in words."""
    said, has = set(answer["diagnosis"]), set(truth["diagnosis"])
    if said == has:
        diagnosis = RIGHT
    elif said < has:
        diagnosis = ONE_OF_TWO
    elif "healthy" in has:
        diagnosis = HARMED
    elif "healthy" in said:
        diagnosis = OVERLOOKED
    else:
        diagnosis = BESIDES if said > has else OTHER
    if diagnosis in (RIGHT, BESIDES, ONE_OF_TWO):
        shown = [bool(set(tests) & set(answer["evidence"])) for tests in truth["shows"]]
        evidence = SHOWS if all(shown) else HALF if any(shown) else SILENT
    else:
        evidence = UNASKED
    minutes = UNASKED  # few tests are worth something where they led somewhere
    if diagnosis == RIGHT:
        minutes = WITHIN if answer["minutes"] <= limit else MORE
    return {DIAGNOSIS: diagnosis, EVIDENCE: evidence, MINUTES: minutes}


class Patient(Exercise, abstract=True):
    """A diagnosis, its evidence and what was ordered, as plain data."""

    library = "any"
    hidden_seed = False  # an answer is for the patient that was seen
    tells_right = False
    minutes = 5
    difficulty = 2
    reads = {
        FORM: "your answer is {right} only when this is mended: {seen}",
        DIAGNOSIS: "your diagnosis is {seen}; {right} is right",
        EVIDENCE: "your evidence {seen}; evidence that {right} is right",
        MINUTES: "your tests took {seen}; {right} is what counts",
    }
    hints = (
        "Before you order: which three faults draw such a curve, and which single test parts them "
        "soonest? Cheap tests that could clear several of them come first.",
        "A test that finds nothing is evidence too, as is an unusual number that a sound program "
        "may have as well: smoothed labels, a layer that is frozen, few pictures. And who has one "
        "fault may have another.",
    )
    bed = 0

    def cases(self, rng):
        yield Case("the diagnosis", 2, bed=self.bed, asked=DIAGNOSIS, limit=0)
        yield Case("the evidence", 1, bed=self.bed, asked=EVIDENCE, limit=0)
        for limit in (SOME, FEW):
            yield Case(f"{limit} minutes", 0.5, bed=self.bed, asked=MINUTES, limit=limit)

    def read(self, seen, bed, asked, limit, truths):
        if seen[FORM] != AS_ASKED:  # what is no answer is neither right nor wrong in the rest
            return {FORM: seen[FORM], asked: RIGHTS[asked]}
        return {FORM: AS_ASKED, asked: judged(seen, truths[seen["ward"]], limit)[asked]}

    def aid(self, bed, asked, limit):
        return {"truths": truths(bed)}

    def reference(self, bed, asked, limit):
        return {FORM: AS_ASKED, asked: RIGHTS[asked]}

    def showing(self, asked, diagnosis=None, evidence=None):
        """What is seen of an answer that is right but for this."""
        found = {DIAGNOSIS: diagnosis, EVIDENCE: evidence, MINUTES: UNASKED if diagnosis else None}
        return {asked: found[asked]} if found[asked] else None

    @mistake
    def harms_the_healthy(self, right, bed, asked, limit):
        """You have treated a sound program. What is unusual is not yet wrong: look for what a
        complaint can come from besides a fault, such as few pictures or a floor of the loss."""
        return self.showing(asked, HARMED, UNASKED)

    @mistake
    def sends_home(self, right, bed, asked, limit):
        """You have sent a sick program home. Which tests can see what remains of your list? The
        ones that you ordered could not."""
        return self.showing(asked, OVERLOOKED, UNASKED)

    @mistake
    def stops_at_the_first(self, right, bed, asked, limit):
        """That is one fault, and there is another. Does the first explain all of the complaint and
        all of the curve?"""
        return self.showing(asked, ONE_OF_TWO, HALF)

    @mistake
    def one_too_many(self, right, bed, asked, limit):
        """You have found what is there, and name something besides that is not."""
        return self.showing(asked, BESIDES)

    @mistake
    def its_double(self, right, bed, asked, limit):
        """That is something else, whose curve looks alike. Order a test whose result is another for
        the one than for the other."""
        return self.showing(asked, OTHER, UNASKED)

    @mistake
    def evidence_of_nothing(self, right, bed, asked, limit):
        """Your diagnosis may hold, and the evidence that you give does not show it: that test finds
        the same where this fault is not."""
        return self.showing(asked, evidence=SILENT)

    @mistake
    def evidence_for_half(self, right, bed, asked, limit):
        """Your evidence shows one of two faults. Each needs a test of its own."""
        return self.showing(asked, evidence=HALF)

    @mistake
    def orders_the_whole_panel(self, right, bed, asked, limit):
        """Your tests took long. Whoever orders everything finds everything, and has no time left
        for the next patient: which of them could not have changed your mind?"""
        return {MINUTES: MORE} if asked == MINUTES else None


class patient_1(Patient):
    """The patient in bed 1."""

    signature = "patient_1()"
    bed = 1

    def observe(self, code, bed, asked, limit):
        return put_down(code.patient_1())


class patient_2(Patient):
    """The patient in bed 2."""

    signature = "patient_2()"
    bed = 2

    def observe(self, code, bed, asked, limit):
        return put_down(code.patient_2())


class patient_3(Patient):
    """The patient in bed 3."""

    signature = "patient_3()"
    bed = 3

    def observe(self, code, bed, asked, limit):
        return put_down(code.patient_3())


class patient_4(Patient):
    """The patient in bed 4."""

    signature = "patient_4()"
    bed = 4

    def observe(self, code, bed, asked, limit):
        return put_down(code.patient_4())


class patient_5(Patient):
    """The patient in bed 5."""

    signature = "patient_5()"
    bed = 5

    def observe(self, code, bed, asked, limit):
        return put_down(code.patient_5())


class patient_6(Patient):
    """The patient in bed 6."""

    signature = "patient_6()"
    bed = 6

    def observe(self, code, bed, asked, limit):
        return put_down(code.patient_6())
