"""What learners' processes have imported before they begin."""

import pytest

from autograder.authoring.build import masters
from autograder.grading.pipeline.preloading import asked_for, wanted
from autograder.grading.sandbox.runner import PRELOAD

SHAPES = "torch.fx.experimental.symbolic_shapes"
SLOW = {"torch._dynamo", "torch.utils.flop_counter", SHAPES}


@pytest.mark.parametrize(
    ("notebook", "slow"),
    [("00_start", set()), ("06_batchnorm", set()), ("07_optimizers", {"torch._dynamo"}),
     ("10_convolution", {SHAPES}), ("17_capstone", {"torch.utils.flop_counter"})],
)  # fmt: skip
def test_what_takes_torch_seconds_is_imported_for_who_needs_it(notebook, slow):
    names = wanted([masters.SOURCE.parent / f"{notebook}.ipynb"])
    assert SLOW & set(names) == slow
    assert {"numpy", "torch", "course_utils"} <= set(names)


def test_cells_that_name_nothing_of_ours_get_little():
    assert "torch" not in asked_for("import numpy as np\nnp.arange(3)")


def test_where_a_file_cannot_be_read_everything_is_there(tmp_path):
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{", encoding="utf-8")
    assert wanted([broken]) == PRELOAD
