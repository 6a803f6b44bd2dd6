"""Claims about experiments: kept from notebooks, tried, and told."""

from __future__ import annotations

import json

import pytest

from autograder.authoring.build import masters, notebooks
from autograder.authoring.build.masters import MasterError, load
from autograder.authoring.claims import processors, table
from autograder.authoring.claims.experiments import claims_of, tried

MASTER = '''\
# %% [markdown]
# # 99 · Sums

# %% name="imports"
import os

# %% tags=["experiment"] name="sum"
total = sum(0.1 for _ in range(10))
print(total)

### BEGIN CLAIMS
gap = 1 - total
assert 0 < gap < 1e-15, "ten tenths are a little less than one"
assert gap == 0
### END CLAIMS
'''


@pytest.fixture
def master(tmp_path):
    def write(text=MASTER):
        path = tmp_path / "99_sums.py"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return write


def test_no_notebook_has_a_claim_in_it(master):
    cell = master().cell("sum")
    assert "gap" in cell.claims and cell.source.endswith("print(total)")
    assert "CLAIMS" not in notebooks.text_of(notebooks.teachers_notebook(master()))


def test_a_claim_is_told_with_the_values_that_it_compares(master):
    good, bad = tried(master())
    assert good.holds and good.says == "ten tenths are a little less than one"
    assert good.seen == "0 < 1.11e-16 < 1e-15"
    assert not bad.holds and bad.says == "gap == 0"


def test_a_line_that_stops_fails_the_claims_behind_it():
    first, second = claims_of("cell", "assert 2 > 1\nx = missing\nassert 1 < 2", {})
    assert first.holds
    assert not second.holds and "missing" in second.seen


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("### END CLAIMS\n", "", "in pairs"),
        ("gap = 1 - total", "gap = = 1", "no Python"),
        ('tags=["experiment"] ', "", "only a cell with tags"),
    ],
)
def test_a_block_that_cannot_be_used_is_told(master, old, new, says):
    assert old in MASTER
    with pytest.raises(MasterError, match=says):
        master(MASTER.replace(old, new))


def test_a_cell_that_stops_is_named(master):
    with pytest.raises(MasterError, match="cell sum: it stops: ZeroDivisionError"):
        tried(master(MASTER.replace("total = sum", "total = 1 / 0 + sum")))


def test_both_processors_stand_side_by_side(master, monkeypatch, capsys):
    # numpy says which features it found: an older processor has none of those that are chosen at
    # run time.
    both = {"this": {}, "older": processors.older()}
    monkeypatch.setattr(processors, "environments", lambda: both)
    path = master(
        MASTER.replace("gap == 0", 'not any(feature[f] for f in core.__cpu_dispatch__), "none"')
        .replace("gap = 1 - total",
                 "from numpy._core import _multiarray_umath as core\n"
                 "gap, feature = 1 - total, core.__cpu_features__")
    ).path  # fmt: skip
    assert not table.tell([path], machine=True) or not any(_features())
    found = json.loads(capsys.readouterr().out)["99_sums"]
    assert [row["holds"] for row in found["older"]] == [True, True]
    assert found["this"][1]["holds"] is not any(_features())


def _features():
    from numpy._core import _multiarray_umath as core

    return [core.__cpu_features__[name] for name in core.__cpu_dispatch__]


def test_every_claim_of_the_course_says_what_the_text_says():
    import ast

    for path in masters.masters():
        for cell in load(path).cells:
            for node in ast.parse(cell.claims).body:
                if isinstance(node, ast.Assert):
                    assert node.msg is not None, f"{path.name}, {cell.id}: {ast.unparse(node)}"


# Experiments that take a second or two, with those before them that they rest on.
QUICK_ONES = {
    "01_gradients": ("device", "v_curve"),
    "04_init": ("nets", "symmetry", "critical", "default"),
    "05_regularization": ("plain_net", "variance_shift"),
    "08_tuning": ("sixty_runs", "own_checks"),
    "09_architectures": ("alexnet_cost",),
    "13_precision": ("half_mean",),
    "14_parallel": ("measured_all_reduce", "alexnet_bytes", "one_or_two", "stability"),
}


@pytest.mark.parametrize("name", QUICK_ONES)
def test_what_the_text_says_of_quick_experiments_is_so(name):
    found = processors.tried_on(load(name), {}, QUICK_ONES[name])
    assert found
    assert not [row for row in found if not row.holds]
