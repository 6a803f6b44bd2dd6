"""Exercises of notebook 16: six patients, each a diagnosis with its evidence and few tests."""

from __future__ import annotations

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.clinic.ward import truths
from course_utils.clinic.answers import AS_ASKED, handed_in

FORM, PART, DIAGNOSIS, EVIDENCE, MINUTES = "form", "part", "diagnosis", "evidence", "minutes"
RIGHT, ONE_OF_TWO, MIXED, HARMED, OVERLOOKED, BESIDES, OTHER = (
    "it names what the patient has", "it names one fault of two",
    "it names one fault of two and one thing more",
    "it names a fault in a healthy program", "it names no fault where there is one",
    "it names what the patient has and one thing more", "it names what the patient does not have",
)  # fmt: skip
SHOWS, HALF, SILENT, UNASKED = (
    "it shows the diagnosis", "it shows one fault of two", "it does not show the diagnosis",
    "it counts once the whole diagnosis holds",
)  # fmt: skip
WITHIN, MORE, UNCOUNTED = (
    "they are few enough", "they are too many", "they count once the whole diagnosis holds"
)  # fmt: skip
RIGHTS = {PART: RIGHT, DIAGNOSIS: RIGHT, EVIDENCE: SHOWS, MINUTES: WITHIN}
SOME, FEW = 35, 20  # minutes; the whole panel takes 55


def judged(answer: dict, truth: dict, limit: int) -> dict:
    """Diagnosis, what part of it holds, evidence and minutes in words."""
    said, has = set(answer["diagnosis"]), set(truth["diagnosis"])
    if said == has:
        diagnosis = RIGHT
    elif said < has:
        diagnosis = ONE_OF_TWO
    elif len(said & has) == 1 < len(has):
        diagnosis = MIXED
    elif "healthy" in has:
        diagnosis = HARMED
    elif "healthy" in said:
        diagnosis = OVERLOOKED
    else:
        diagnosis = BESIDES if said > has else OTHER
    # Evidence and few tests are worth something where they led somewhere.
    evidence, minutes = UNASKED, UNCOUNTED
    if diagnosis == RIGHT:
        shows = [set(tests) for tests in truth["shows"]]
        for suspect in answer["ranked"]:  # of a healthy one
            shows[0].update(truth["excludes"].get(suspect, ()))
        shown = [not tests.isdisjoint(answer["evidence"]) for tests in shows]
        evidence = SHOWS if all(shown) else HALF if any(shown) else SILENT
        minutes = WITHIN if answer["minutes"] <= limit else MORE
    part = RIGHT if said <= has else diagnosis
    return {PART: part, DIAGNOSIS: diagnosis, EVIDENCE: evidence, MINUTES: minutes}


class Patient(Exercise, abstract=True):
    """A diagnosis, its evidence and what was ordered, as plain data."""

    library = "any"
    hidden_seed = False  # an answer is for the patient that was seen
    minutes = 5
    difficulty = 2
    unsolved = (
        "A patient has no solution that could be shown: in another ward somebody else lies in this "
        "bed. Patient 0 is solved in full in the text; do the same here: three causes that draw "
        "such a curve, what each test would find for each of them, and the cheapest test whose "
        "results differ. Once your answer is in order, my_ward.reveal opens the source."
    )
    # What the right diagnosis is, none of these words tells.
    reads = {
        FORM: "your answer is none yet: {seen}",
        PART: "the verdict on your diagnosis is {seen}",
        DIAGNOSIS: "the verdict on your diagnosis is {seen}",
        EVIDENCE: "the verdict on your evidence is {seen}",
        MINUTES: "the verdict on your minutes is {seen}",
    }
    hints = (
        "Before you order: which three faults draw such a curve, and which single test tells most "
        "of them apart? Cheap tests that could exclude several of them come first.",
        "A test that finds nothing is evidence too. An unusual number may come from a sound "
        "program: smoothed labels, a frozen layer, few pictures. And a program with one fault may "
        "have another.",
    )
    bed = 0

    def cases(self, rng):
        # One of two faults found earns the first of these.
        yield Case("the diagnosis, nothing wrong in it", 1, bed=self.bed, asked=PART, limit=0)
        yield Case("the diagnosis, nothing missing", 1, bed=self.bed, asked=DIAGNOSIS, limit=0)
        yield Case("the evidence for all of it", 1, bed=self.bed, asked=EVIDENCE, limit=0)
        for limit in (SOME, FEW):
            name = f"all of it in at most {limit} minutes"
            yield Case(name, 0.5, bed=self.bed, asked=MINUTES, limit=limit)

    def observe(self, code, bed, asked, limit):
        return handed_in(code, bed)

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
        found = {
            PART: None if diagnosis == ONE_OF_TWO else diagnosis,
            DIAGNOSIS: diagnosis,
            EVIDENCE: UNASKED if diagnosis else evidence,
            MINUTES: UNCOUNTED if diagnosis else None,
        }
        return {asked: found[asked]} if found[asked] else None

    @mistake
    def harms_the_healthy(self, right, bed, asked, limit):
        """You have treated a sound program. What is unusual is not yet wrong: look for what a
        complaint can come from besides a fault, such as few pictures or a floor of the loss."""
        return self.showing(asked, HARMED)

    @mistake
    def sends_home(self, right, bed, asked, limit):
        """You have sent a sick program home. Which tests can see what remains of your list? And
        read again what those that you ordered have found."""
        return self.showing(asked, OVERLOOKED)

    @mistake
    def stops_at_the_first(self, right, bed, asked, limit):
        """That is one fault, and there is another. Does the first explain all of the complaint and
        all of the curve?"""
        return self.showing(asked, ONE_OF_TWO)

    @mistake
    def one_right_and_one_wrong(self, right, bed, asked, limit):
        """One of the two faults that you name is there, and the other is not: another one is. Which
        of the two has a test of its own that shows it?"""
        return self.showing(asked, MIXED)

    @mistake
    def one_too_many(self, right, bed, asked, limit):
        """You have found what is there, and name something besides that is not."""
        return self.showing(asked, BESIDES)

    @mistake
    def its_double(self, right, bed, asked, limit):
        """The patient has something else, whose curve looks alike. Which test has another result
        for the one than for the other? If you have ordered it, read all that it says once more."""
        return self.showing(asked, OTHER)

    @mistake
    def evidence_of_nothing(self, right, bed, asked, limit):
        """The evidence that you give does not show your diagnosis: that test does not exclude what
        else could have drawn this curve. Where nothing is wrong, it has to exclude a fault that you
        ranked."""
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


class patient_2(Patient):
    """The patient in bed 2."""

    signature = "patient_2()"
    bed = 2


class patient_3(Patient):
    """The patient in bed 3."""

    signature = "patient_3()"
    bed = 3


class patient_4(Patient):
    """The patient in bed 4."""

    signature = "patient_4()"
    bed = 4


class patient_5(Patient):
    """The patient in bed 5."""

    signature = "patient_5()"
    bed = 5


class patient_6(Patient):
    """The patient in bed 6."""

    signature = "patient_6()"
    bed = 6
