"""Notebook 01: gradients by hand, through a graph and by autograd."""

NOTEBOOK = "01_gradients"
ROOMS = (
    "questions", "differences", "affine", "net_by_hand", "net_by_autograd",
    "module", "step", "autograd_function", "searching", "running",
)  # fmt: skip
