"""What learners' processes have imported before they begin."""

import pytest

from autograder.authoring.build import masters
from autograder.grading.pipeline.preloading import asked_for, wanted
from autograder.grading.sandbox.runner import PRELOAD


@pytest.mark.parametrize(
    ("notebook", "steps"),
    [("00_start", False), ("06_batchnorm", False), ("07_optimizers", True)],
)
def test_what_only_torchs_optimizers_need_is_imported_for_who_steps_one(notebook, steps):
    names = wanted([masters.SOURCE.parent / f"{notebook}.ipynb"])
    assert ("torch._dynamo" in names) is steps
    assert {"numpy", "torch", "course_utils"} <= set(names)


def test_cells_that_name_nothing_of_ours_get_little():
    assert "torch" not in asked_for("import numpy as np\nnp.arange(3)")


def test_where_a_file_cannot_be_read_everything_is_there(tmp_path):
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{", encoding="utf-8")
    assert wanted([broken]) == PRELOAD
