"""Notebook 06: batch normalization and its relatives."""

NOTEBOOK = "06_batchnorm"
ROOMS = (
    "questions", "forward", "backward_stages", "backward", "images", "fold", "modes",
    "relatives",
)  # fmt: skip
