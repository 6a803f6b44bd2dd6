"""Notebook 16: diagnoses as people make them, for the ward of "me"."""

from wrong_code import wrong

from course_utils.clinic import PANEL


def answer(diagnosis, evidence, ordered=None, ward=2):
    return {
        "ward": ward, "ranked": ["labels apart", "softmax twice", "scaling"],
        "ordered": ordered or [*evidence], "evidence": evidence, "diagnosis": diagnosis,
    }  # fmt: skip


@wrong("patient_1", "stops_at_the_first")
def patient_1():
    return answer(["softmax twice"], ["one batch"])


@wrong("patient_1", "stops_at_the_first")
def patient_1():
    return answer(["softmax twice"], ["one batch", "parts"])


@wrong("patient_1", "one_right_and_one_wrong")
def patient_1():
    return answer(["softmax twice", "scaling"], ["one batch", "validation pictures"])


@wrong("patient_1", "evidence_for_half")
def patient_1():
    return answer(["softmax twice", "overlap"], ["one batch"], ["first loss", "one batch"])


@wrong("patient_1", "sends_home")
def patient_1():
    return answer(["healthy"], ["first loss"])


@wrong("patient_2", "sends_home")
def patient_2():
    return answer(["healthy"], ["own count"])


@wrong("patient_2", "one_too_many")
def patient_2():
    return answer(["scaling", "training mode"], ["validation pictures"])


@wrong("patient_3", "its_double")
def patient_3():
    return answer(["gradients thrown away"], ["steps"])


@wrong("patient_3", "evidence_of_nothing")
def patient_3():
    return answer(["another net"], ["first loss"])


@wrong("patient_4", "harms_the_healthy")
def patient_4():
    return answer(["scaling"], ["own count"])


@wrong("patient_4", "orders_the_whole_panel")
def patient_4():
    return answer(["healthy"], ["new pictures"], [*PANEL])


@wrong("patient_5", "its_double")
def patient_5():
    return answer(["zero weights"], ["first loss"])


@wrong("patient_5", "evidence_of_nothing")
def patient_5():
    return answer(["labels apart"], ["one batch"])


@wrong("patient_6", "harms_the_healthy")
def patient_6():
    return answer(["softmax twice"], ["one batch"])


@wrong("patient_6", "evidence_of_nothing")
def patient_6():
    return answer(["healthy"], ["first loss"])
