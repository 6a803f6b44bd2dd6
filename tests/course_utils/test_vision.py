"""torchvision beside a torch of another build, played by a small stand-in in a fresh process."""

import subprocess
import sys
import textwrap

import pytest


def _state_with(tmp_path, init: str) -> str:
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "extension.py").write_text("loaded = True\n")
    (package / "__init__.py").write_text(textwrap.dedent(init))
    asked = "from course_utils.vision import state; print(state())"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {asked}"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_missing_operators_are_declared_and_the_import_works(tmp_path):
    init = """
        import torch
        from . import extension

        @torch.library.register_fake("torchvision::nms")
        def nms(dets, scores, iou_threshold): ...

        @torch.library.register_fake("torchvision::qnms")
        def qnms(dets, scores, iou_threshold): ...
    """
    assert _state_with(tmp_path, init) == "mended"


@pytest.mark.parametrize(
    "init, said",
    [
        ("x = 1", "fine"),
        ("raise RuntimeError('compiled with different CUDA major versions.')", "CUDA major"),
        ("raise RuntimeError('operator torchvision::roi_pool does not exist')", "roi_pool"),
        ("import a_module_that_nobody_has", "a_module_that_nobody_has is not installed"),
    ],
)
def test_state_says_what_is_wrong_in_one_line(tmp_path, init, said):
    state = _state_with(tmp_path, init)
    assert said in state
    assert len(state.splitlines()) == 1


def test_what_the_course_uses_of_torchvision_works_here():
    from course_utils.vision import import_torchvision, state

    torchvision = import_torchvision()
    assert import_torchvision() is torchvision
    assert state() in ("fine", "mended")
    import torch
    from torchvision import models
    from torchvision.transforms import v2

    assert models.squeezenet1_1()(torch.zeros(1, 3, 64, 64)).shape == (1, 1000)
    assert v2.RandomCrop(8)(torch.zeros(3, 16, 16)).shape == (3, 8, 8)
