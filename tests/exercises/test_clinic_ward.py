"""Who lies in the ward of notebook 16: what the judge knows is what the programs show."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from autograder.exercises import find
from autograder.exercises.clinic import ward
from autograder.exercises.programs.faults import FAULTS
from autograder.exercises.programs.waiting_room import proven
from autograder.judging.judge import judge
from autograder.judging.keys import answer_key
from autograder.learning import practice, solutions
from course_utils import clinic
from course_utils.clinic import PANEL
from course_utils.clinic.answers import DIAGNOSES, WARDS, put_down
from course_utils.clinic.ward import Patient
from course_utils.training import seeded

ROOT = Path(__file__).resolve().parents[2]
KEPT = json.loads((ROOT / "data" / "results" / "clinic_ward.json").read_text("utf-8"))
BEDS = [(number, bed) for number in range(len(ward.WARDS)) for bed in range(1, 7)]


def kind_of(number: int, bed: int) -> ward.Kind:
    return ward.KINDS[ward.WARDS[number][bed - 1][0]]


def found(number: int, bed: int, test: str) -> str:
    patient = Patient(bed, **KEPT["wards"][number][str(bed)])
    with seeded(patient.seed):
        return PANEL[test].find(patient)


def answered(number: int, bed: int) -> dict:
    kind = kind_of(number, bed)
    evidence = [tests[0] for tests in kind.shows]
    ranked = [*kind.diagnosis, *(name for name in DIAGNOSES if name not in kind.diagnosis)]
    return {"ward": number, "ranked": ranked, "ordered": evidence, "evidence": evidence,
            "diagnosis": list(kind.diagnosis)}  # fmt: skip


def test_what_is_stored_is_what_is_drawn_today():
    path = ROOT / "benchmarks" / "clinic" / "ward.py"
    spec = importlib.util.spec_from_file_location("clinic_ward", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name, drawn in script.sources().items():
        assert json.loads(json.dumps(drawn)) == KEPT[name], f"{name}: run {path.name}"


def test_the_file_of_patients_names_no_fault():
    told = json.dumps({name: KEPT[name] for name in ("wards", "example", "patches")})
    assert not re.search("|".join(FAULTS) + "|fault|diagnos", told)


def test_all_say_how_many_wards_there_are():
    assert WARDS == len(ward.WARDS) == len(KEPT["wards"])


def test_each_ward_has_two_healthy_ones_one_with_two_faults_and_three_doubles():
    for beds in ward.WARDS:
        kinds = [ward.KINDS[name] for name, _ in beds]
        assert len({number for _, number in beds}) == 6
        assert sum(kind.diagnosis == ("healthy",) for kind in kinds) == 2
        assert sum(len(kind.diagnosis) == 2 for kind in kinds) == 1
        names = {name for name, _ in beds}
        assert {"hard", "smoothed", "two", "apart"} <= names
        assert len(names & {"thrown away", "zero", "another"}) == 1
        assert len(names & {"twice", "by itself"}) == 1
    assert {beds[0][0] for beds in ward.WARDS} == {"hard", "zero", "two", "smoothed"}


def test_who_is_sick_is_proven_and_diagnoses_are_on_the_list():
    for beds in ward.WARDS:
        for name, number in beds:
            kind = ward.KINDS[name]
            assert all(number in proven(fault) for fault in kind.faults), (name, number)
            assert number >= 20_000 or kind.faults
            assert set(kind.diagnosis) <= set(DIAGNOSES)
            assert all(set(tests) <= set(PANEL) for tests in kind.shows)


@pytest.mark.parametrize(("number", "bed"), BEDS)
def test_the_right_answer_earns_all_and_another_beds_does_not(number, bed):
    kind = find(f"patient_{bed}")
    for other in range(1, 7):
        answer = put_down({**answered(number, other), "ward": number})
        verdict = judge(answer_key(kind), [{"seen": answer}] * 5, None, kind().read)
        alike = kind_of(number, other).diagnosis == kind_of(number, bed).diagnosis
        if other == bed:
            assert verdict.status == "passed" and verdict.points == 4
        else:
            assert verdict.points == 4 or not alike or verdict.points >= 3
            assert alike or verdict.points <= 1


@pytest.mark.parametrize(
    ("diagnosis", "evidence", "part", "named"),
    [
        (["overlap"], ["parts"], 1, "stops_at_the_first"),
        (["overlap"], ["parts", "one batch"], 1, "stops_at_the_first"),
        (["overlap", "scaling"], ["parts"], 0, "one_right_and_one_wrong"),
        (["scaling", "sorted"], ["parts", "one batch"], 0, "its_double"),
    ],
)
def test_evidence_and_minutes_wait_until_the_whole_diagnosis_holds(
    diagnosis, evidence, part, named
):
    kind = find("patient_1")
    answer = {"form": "as asked", "ward": 2, "ranked": ["overlap", "rate", "zero weights"],
              "diagnosis": diagnosis, "evidence": evidence, "minutes": 4}  # fmt: skip
    verdict = judge(answer_key(kind), [{"seen": answer}] * 5, None, kind().read)
    assert [case.points for case in verdict.cases] == [part, 0, 0, 0, 0]
    assert named in verdict.mistakes
    assert "evidence is 'it counts once the whole diagnosis holds'" in verdict.cases[2].problem
    assert "minutes is 'they count once the whole diagnosis holds'" in verdict.cases[-1].problem


@pytest.mark.parametrize(
    ("ranked", "evidence", "points"),
    [
        (["training mode", "scaling", "sorted"], "measured twice", 4),
        (["training mode", "scaling", "sorted"], "parts", 4),
        (["training mode", "scaling", "sorted"], "validation pictures", 4),
        (["bottleneck", "softmax twice", "rate"], "measured twice", 3),
        (["labels apart", "another net", "zero weights"], "labels", 3),  # then it learned nothing
    ],
)
def test_what_excludes_ones_own_suspicion_is_evidence_for_a_healthy_one(ranked, evidence, points):
    bed = [name for name, _ in ward.WARDS[2]].index("hard") + 1
    answer = put_down({"ward": 2, "ranked": ranked, "ordered": [evidence], "evidence": [evidence],
                       "diagnosis": ["healthy"]})  # fmt: skip
    kind = find(f"patient_{bed}")
    verdict = judge(answer_key(kind), [{"seen": answer}] * 5, None, kind().read)
    assert verdict.points == points


def test_suspicions_and_what_excludes_them_are_on_the_lists():
    assert set(ward._SUSPECTS) <= set(DIAGNOSES)
    assert set().union(*ward._SUSPECTS.values()) <= set(PANEL)


@pytest.mark.parametrize("number", range(len(ward.WARDS)))
def test_each_test_that_clears_a_healthy_one_finds_something_else_at_its_double(number):
    at = {name: bed for bed, (name, _) in enumerate(ward.WARDS[number], 1)}
    double = at.get("twice") or at["by itself"]

    def shares(bed, test):
        return [int(n) for n in re.findall(r"(\d+)%", found(number, bed, test))]

    healthy, sick = (shares(bed, "own count") for bed in (at["hard"], double))
    assert healthy[0] - healthy[1] <= 10 <= sick[0] - sick[1] and healthy[0] < sick[0]
    healthy, sick = (shares(bed, "new pictures") for bed in (at["hard"], double))
    assert healthy[0] - healthy[1] < 8 < sick[0] - sick[1]
    healthy, sick = (shares(bed, "new pictures") for bed in (at["smoothed"], at["two"]))
    assert healthy[1] - healthy[0] <= 3 < 7 <= sick[1] - sick[0]
    assert "0 of" in found(number, at["smoothed"], "parts")[:4]


def test_what_is_no_answer_is_told_by_the_check_in_its_own_sentence():
    broken = {**answered(2, 2), "ranked": ["scalin", "healthy", "rate"]}
    verdict = practice.grade("patient_2", {"patient_2": lambda: broken})
    assert verdict.status == "failed" and verdict.points == 0
    assert "'scalin', under 'ranked'" in verdict.message
    assert "Did you mean 'scaling'?" in verdict.message


def test_an_answer_for_another_ward_earns_nothing_and_is_told():
    name = next(f"student {n}" for n in range(40) if clinic.ward(f"student {n}").number != 2)
    mine = clinic.ward(name)
    answer = {"patient_2": lambda: answered(2, 2)}
    assert practice.grade("patient_2", answer).points == 4
    verdict = practice.grade("patient_2", {**answer, "my_ward": mine})
    assert verdict.points == 0 and f"lie in ward {mine.number}" in verdict.message


def test_a_patient_has_no_solution_to_copy(capsys):
    assert solutions.what_is_missing("patient_1", {"passed": "today"}).startswith("A patient has")
    assert solutions.for_learner("patient_1") is None
    assert "somebody else lies in this bed" in capsys.readouterr().out
    assert not solutions.is_ready("patient_1", {"passed": "today"})


@pytest.mark.parametrize(
    ("question", "answer", "named"),
    [
        ("q16_softmax", 1.744, "logarithm_alone"),
        ("q16_smoothed", 0.515, "the_others_alone"),
        ("q16_alarms", 0.094, "the_true_ones"),
    ],
)
def test_what_people_answered_is_named(question, answer, named):
    assert named in practice.grade(question, {question: answer}).mistakes


SHOWN = {
    "apart": ("labels", r"exactly alike; [1-9]\d* of them"),
    "thrown away": ("steps", r"step 1: 0(, 0)*; .* largest gradient is 0\.0e\+00"),
    "zero": ("gradients", r"0\.0e\+00"),
    "another": ("steps", r"step 1: 0(, 0)*; .* largest gradient is [1-9]"),
    "smoothed": ("one batch", r"16 of 16 are right. The program says that its floor is 0\.[34]"),
}


@pytest.mark.parametrize(("number", "bed"), BEDS)
def test_the_evidence_is_there_to_be_found(number, bed):
    name, _ = ward.WARDS[number][bed - 1]
    if name != "apart":
        assert "exactly alike; 0 of them" in found(number, bed, "labels")
    if name in SHOWN:
        test, says = SHOWN[name]
        assert re.search(says, found(number, bed, test)), found(number, bed, test)
    elif name == "two":
        assert re.search(r"(\d+) of \1 validation", found(number, bed, "parts"))
        loss, floor = re.findall(r"(?:loss|floor) is ([\d.]+\d)", found(number, bed, "one batch"))
        assert float(loss) > float(floor) + 0.5
    else:
        low, high = zip(*(map(float, re.findall(r"from (-?[\d.]+) to (-?[\d.]+),", text)[0])
                          for text in (found(number, bed, "training pictures"),
                                       found(number, bed, "validation pictures"))),
                        strict=True)  # fmt: skip
        apart = abs(high[1] - high[0]) + abs(low[1] - low[0])
        assert apart < 0.4 if name == "hard" else apart > 1.0, (name, low, high)


@pytest.mark.parametrize("number", range(len(ward.WARDS)))
def test_doubles_share_a_curve(number):
    ends = {}
    for bed in range(1, 7):
        _, losses, accuracies = Patient(bed, **KEPT["wards"][number][str(bed)]).course
        ends[ward.WARDS[number][bed - 1][0]] = losses, accuracies
    for name in {"apart", "thrown away", "zero", "another"} & set(ends):
        losses, accuracies = ends[name]
        assert abs(losses[-1] - losses[0]) < 0.15 and accuracies[-1] < 0.35, name
    for name in ("smoothed", "two"):
        losses, accuracies = ends[name]
        assert losses[-1] > 0.5 and accuracies[-1] > 0.8, name
    for name in {"hard", "twice", "by itself"} & set(ends):
        assert 0.5 < ends[name][1][-1] < 0.95, name


def test_a_patch_may_give_the_optimizer_another_name():
    """Rates are those of the updates that are made, whatever the program calls who makes them."""
    from autograder import grade
    from autograder.authoring.build import masters

    namespace = masters.namespace(masters.load(masters.SOURCE / "16_clinic.py"))
    for name in ("patch_1", "patch_2"):
        mend = namespace[name]
        renamed = {name: lambda source, mend=mend: mend(source).replace("optimizer", "rule")}
        assert grade(name, namespace | renamed).status == "passed", name
