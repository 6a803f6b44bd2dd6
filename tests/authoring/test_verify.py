"""What `course verify` finds: the course itself is sound, and what is unsound does not pass."""

from __future__ import annotations

import io
import json
import random
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from cosmic_ray.mutating import mutate_code

from autograder.authoring.build import masters
from autograder.authoring.verify import all_exercises, hints, operators, selection
from autograder.authoring.verify import mutants as mutating
from autograder.authoring.verify import report as telling
from autograder.authoring.verify.workers import CallFailed, ProcessDied, TookTooLong, Workers
from autograder.commands.authors import verify
from autograder.exercises import find
from autograder.learning.catalogue import exercises

BODY = """    ### BEGIN SOLUTION
    return float((x * factor).sum())
    ### END SOLUTION"""
BODIES = {
    "wrongly_solved": BODY.replace("x *", "x +"),
    "no_markers": "    return float((x * factor).sum())",
    "half_a_stub": f"    if len(x) == 2:\n        return float(factor * x.sum())\n{BODY}",
    "telling": BODY.replace("sum()", "sum() + 0 * len(x)"),
    "counting": """    ### BEGIN SOLUTION
    total, i = 0.0, 0
    while i != len(x):
        total += factor * x[i % len(x)]
        i += 1
    return float(total)
    ### END SOLUTION""",
}
UNSOUND = """right_sum wrongly_solved no_markers half_a_stub invisible twins hiding telling blind
forgeable restless homebound stowaway counting stopping""".split()


def master_text(names) -> str:
    parts = ['# %% name="imports"\nimport numpy as np']
    for name in names:
        body = BODIES.get(name, BODY)
        parts.append(
            f'# %% nbgrader={{"grade_id": "{name}", "solution": true}}\n'
            f'def {name}(x, factor):\n    """The sum of x times factor."""\n{body}'
        )
        parts.append(
            f'# %% nbgrader={{"grade_id": "check_{name}", "grade": true}}\n'
            f"{masters.check_source(name)}"
        )
    return "\n\n".join(parts) + "\n"


LISTED = """
[[equivalent]]
exercise = "right_sum"
line = "return float((x * factor).sum())"
changed = "return float((x + factor).sum())"
reason = "it is not: the cases tell them apart"

[[equivalent]]
exercise = "right_sum"
line = "return a line that is gone"
changed = "return 0"
reason = "there once was such a line"

[[equivalent]]
exercise = "blind"
line = "return float((x * factor).sum())"
changed = "return float((x + factor).sum())"
reason = "the only case is all zeros"
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """One run over all the unsound exercises."""
    import unsound_exercises  # noqa: F401 - registers them

    folder = tmp_path_factory.mktemp("unsound")
    path, listed = folder / "98_unsound.py", folder / "equivalents.toml"
    path.write_text(master_text(UNSOUND), encoding="utf-8")
    listed.write_text(LISTED, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(all_exercises, "AT_LEAST_SECONDS", 2.0)
        return all_exercises.verify([path], jobs=2, listed=listed, modules=("unsound_exercises",))


def said(report, name) -> str:
    return "\n".join(failure.what for failure in report.failures if failure.exercise == name)


def test_sound_exercise_holds(report):
    proof = report.proofs["right_sum"]
    assert proof.failures == []
    assert (proof.solved, proof.untouched, proof.named, proof.mistakes) == (True, True, 1, 1)
    assert proof.points == 2 and 0 < proof.median <= proof.worst


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrongly_solved", "the solution does not pass with seed 0, reference on cpu"),
        ("stopping", "stopping.reference stops in the case 'a few numbers' (unsound_exercises.py"),
        ("no_markers", "the stub cannot be run: NotImplementedError"),
        ("half_a_stub", "the stub is 'failed'"),
        ("invisible", "mistake not_seen shows nowhere by its margin"),
        ("twins", "mistakes mean_taken and average_taken show the same"),
        ("twins", "mistake average_taken is named mean_taken"),
        ("telling", "hint 1 contains the solution's `"),
        ("forgeable", "nothing but counters is observed in 'a few numbers'"),
        ("restless", "a key built in another process has other bytes"),
        ("homebound", "uses doubled, which does not exist beside the learner's code"),
        ("stowaway", "observed in a process without exercises, through bytes"),
    ],
)
def test_unsound_exercise_is_reported(report, name, words):
    assert words in said(report, name)


def test_method_that_stops_is_reported_once(report):
    assert len(report.proofs["stopping"].failures) == 1


def test_nothing_else_is_reported(report):
    sound = {"right_sum", "hiding", "blind", "counting"}
    assert [f for name in sound for f in report.proofs[name].failures] == []


def test_pairs_that_hide_each_other_are_listed(report):
    notes = "\n".join(report.proofs["hiding"].notes)
    assert "sign_lost, negative_ignored hide each other" in notes
    assert "hide each other" not in "\n".join(report.proofs["right_sum"].notes)


def test_survivors_are_listed_with_their_line(report):
    survivors = {(m.exercise, m.changed) for m in report.survivors}
    assert ("blind", "return float((x - factor).sum())") in survivors
    assert not any(exercise == "right_sum" for exercise, _ in survivors)
    assert "mutants are rejected; 98% must be" in said(report, "all")


def test_mutant_that_loops_is_stopped_and_counts_as_rejected(report):
    stopped = [t for t in report.tried if t.how == "stopped"]
    assert stopped and {t.mutant.exercise for t in stopped} == {"counting"}
    fates = ("rejected", "stopped", "survived")
    assert report.counted == sum(t.how in fates for t in report.tried)
    assert report.rejected == report.counted - len(report.survivors)


def test_equivalents_are_left_out_and_held_to_their_word(report):
    fates = {(t.mutant.exercise, t.mutant.changed): t.how for t in report.tried}
    assert fates["blind", "return float((x + factor).sum())"] == "equivalent"
    assert "lists a mutant that is rejected" in said(report, "right_sum")
    assert "lists a mutant that does not exist: return a line that is gone" in said(
        report, "right_sum"
    )


def test_report_is_data_and_text(report):
    data = json.loads(json.dumps(telling.as_data(report)))
    assert data["ok"] is False
    assert data["mutants"]["counted"] == report.counted
    assert {e["name"] for e in data["exercises"]} == set(UNSOUND)
    from rich.console import Console

    console = Console(record=True, width=200, file=io.StringIO())
    telling.show(report, console)
    text = console.export_text()
    assert "98_unsound" in text and "things do not hold" in text and "survived: blind" in text


# Mutants.


@pytest.mark.parametrize(
    "operator",
    [o for o in operators.operators() if type(o).__module__ == operators.__name__],
    ids=lambda o: type(o).__name__,
)
def test_own_operators_do_as_their_examples(operator):
    for example in operator.examples():
        changed = mutate_code(example.pre_mutation_code, operator, example.occurrence)
        assert changed == example.post_mutation_code


def changes(*lines: str) -> set[str]:
    source = "\n".join(["def f(x, y=1):", *(f"    {line}" for line in lines)])
    return {m.changed for m in mutating.mutants("f", source)}


def test_mutants_change_operators_constants_axes_and_comparisons():
    assert {"return x - y", "return x * y"} <= changes("return x + y")
    assert {"return x.mean(axis= 1)", "return x.mean()", "return x.sum(axis=0)"} <= changes(
        "return x.mean(axis=0)"
    )
    assert "return x >= 0" in changes("return x > 0")
    assert "return x.sum((0, 2), keepdims=False)" in changes("return x.sum((0, 2), keepdims=True)")
    assert "return y @ x.T" in changes("return x.T @ y")


def test_only_what_the_learner_writes_is_mutated():
    lines = ["y = y + 1", "### BEGIN SOLUTION", "return x * y", "### END SOLUTION"]
    source = "\n".join(["def f(x, y=1):", *(f"    {line}" for line in lines)])
    assert {m.number for m in mutating.mutants("f", source)} == {4}


def test_mutants_that_are_the_same_program_are_not_counted():
    # +1 and -1 of a number that is never used twice; -x and +x differ, but 1 * -1 folds.
    assert "return 2 - 1" in changes("return 2 + 1")  # folds to 1, the solution to 3
    assert "return 2 // 2" not in changes("return 2 / 2.0")
    found = [m.changed for m in mutating.mutants("f", "def f():\n    return 2 * 2\n")]
    assert "return 2 + 2" not in found and "return 2 ** 2" not in found


def test_what_changes_nothing_by_its_nature_is_no_mutant():
    assert "return y - x - 3" in changes("return x - y - 3")
    assert "return x - 3 - y" not in changes("return x - y - 3")
    assert "return (y - x) ** 2" not in changes("return (x - y) ** 2")
    assert "return (y - x) ** 3" not in changes("return (x - y) ** 2")
    assert not any("- 2" in change for change in changes("return x.reshape(-1, y)"))


def test_strings_are_not_compared_by_size():
    found = changes('return x == "train"')
    assert 'return x != "train"' in found
    assert not any("<" in change or ">" in change for change in found)


def test_an_entry_without_a_reason_is_refused(tmp_path):
    path = tmp_path / "equivalents.toml"
    path.write_text('[[equivalent]]\nexercise = "f"\nline = "a"\nchanged = "b"\nreason = ""\n')
    with pytest.raises(ValueError, match="entry 1.*look at reason"):
        mutating.equivalents(path)


# Hints.

SOLUTION = """def f(x, alpha):
    ### BEGIN SOLUTION
    out = np.where(x > 0, x, alpha * (np.exp(x) - 1))
    return x - x.mean()
    ### END SOLUTION
"""


@pytest.mark.parametrize(
    ("text", "given_away"),
    [
        ("Below zero it is np.where(x>0, x, alpha*(np.exp(x)-1)).", True),
        ("Use where(x > 0; x; α · (exp(x) − 1)).", True),
        ("Below zero the curve is an exponential, above it is the identity.", False),
        ("You subtract x.mean() twice.", False),
        (None, False),
    ],
)
def test_hint_that_holds_the_code_is_found(text, given_away):
    assert bool(hints.gives_away(SOLUTION, text)) is given_away


# Workers.


def loop():
    while True:
        pass


def vanish():
    import os

    os._exit(3)


def refuse():
    raise RuntimeError("no")


def process():
    import os

    return os.getpid()


def test_workers_stop_what_takes_too_long_and_go_on():
    with Workers(1) as pool:
        first = pool.submit(60, process).result()
        with pytest.raises(TookTooLong):
            pool.submit(0.2, loop).result()
        with pytest.raises(ProcessDied, match="status 3"):
            pool.submit(60, vanish).result()
        with pytest.raises(CallFailed, match="RuntimeError: no"):
            pool.submit(60, refuse).result()
        assert pool.submit(60, process).result() != first


# Choosing.


def git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *author, "-C", folder, *arguments], check=True, capture_output=True)


def test_only_what_differs_from_the_base_has_changed(tmp_path, report):
    from autograder.exercises import find

    path = tmp_path / "98_unsound.py"
    path.write_text(master_text(["right_sum", "counting"]), encoding="utf-8")
    kinds = {name: find(name) for name in ("right_sum", "counting")}
    module = tmp_path / "unsound_exercises.py"
    module.write_text(Path(__file__).with_name(module.name).read_text("utf-8"), encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")

    def differing():
        master = masters.load(path)
        return {n for n, k in kinds.items() if selection.changed(master, k, "HEAD", tmp_path)}

    assert differing() == set()
    path.write_text(path.read_text("utf-8").replace("i += 1", "i = i + 1"), encoding="utf-8")
    assert differing() == {"counting"}
    module.write_text(module.read_text("utf-8").replace("uniform(1, 2, 5)", "uniform(1, 2, 6)"))
    assert differing() == {"right_sum", "counting"}  # both inherit it


def test_base_is_where_the_branch_left_or_the_commit_before(tmp_path):
    assert selection.base(tmp_path) is None
    git(tmp_path, "init", "-q", "-b", "main")
    for message in ("one", "two"):
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", message)
    log = subprocess.run(
        ["git", "-C", tmp_path, "log", "--format=%H"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert selection.base(tmp_path) == log[1]
    git(tmp_path, "checkout", "-q", "-b", "topic")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "three")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "four")
    assert selection.base(tmp_path) == log[0]


def test_sample_is_the_same_for_the_same_seed():
    made = mutating.mutants("f", "def f(x, y):\n    return x + y * 3 - x / y\n")
    drawn = selection.sample(made, 5, "abc")
    assert drawn == selection.sample(made[::-1], 5, "abc") and len(drawn) == 5
    assert drawn != selection.sample(made, 5, "abd")


# The command.


def test_notebook_without_a_master_is_reported():
    paths = masters.masters()
    missing = {failure.what for failure in all_exercises.without_master(paths[1:])}
    assert any(f"there is no master {paths[0].name}" in what for what in missing)


def test_unknown_notebook_is_one_sentence():
    result = CliRunner().invoke(verify.command, ["77"])
    assert result.exit_code == 2
    assert "There is no notebook 77; there are" in result.output


# The course itself: proofs of what changed and of a third of the rest, and mutants of one notebook;
# others for each commit. `course verify` proves all of it, and a release wants that.

# Whose survivors somebody has gone through; of the other notebooks that is left to do.
GONE_THROUGH = "00 01 02 03 05 06 13 15".split()
OF = 3


def due(path: Path, seed: str) -> list[str]:
    """The exercises of a notebook that are proved now."""
    master, since = masters.load(path), selection.base()
    names = [one.name for one in exercises(master.name)]
    changed = [name for name in names if selection.changed(master, find(name), since)]
    others = [name for name in names if name not in changed]
    return changed + random.Random(f"{seed} {path.stem}").sample(others, -(-len(others) // OF))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("path", masters.masters(), ids=lambda path: path.stem)
def test_the_course_is_sound(path):
    seed = selection.rotation()
    names = due(path, seed)
    found = all_exercises.verify([path], "none", jobs=1, names=names)
    assert set(found.proofs) == set(names), "something was not verified"
    assert found.ok, f"{told(found)}\nTo prove all of it: course verify {path.stem[:2]}"


def test_every_notebook_with_exercises_has_a_master():
    assert all_exercises.without_master(masters.masters()) == []


@pytest.mark.timeout(1200)
def test_mutants_of_a_notebook_are_rejected():
    seed = selection.rotation()
    number = random.Random(seed).choice(GONE_THROUGH)
    (path,) = [p for p in masters.masters() if p.name.startswith(number)]
    found = all_exercises.verify([path], "sample", jobs=2, since=selection.base(), seed=seed)
    print(f"sample {seed}: {found.rejected} of {found.counted} mutants of {number} rejected")
    assert found.counted, "no mutant was tried"
    again = f"course verify {number} --mutants sample --seed {seed}"
    assert found.ok, f"{told(found)}\nTo run it again: {again}"


def told(found) -> str:
    lines = [f"{f.exercise}: {f.what}\n    {f.do}" for f in found.failures]
    lines += [f"survived: {m.exercise}, {m.diff}" for m in found.survivors]
    return "\n".join(lines)
