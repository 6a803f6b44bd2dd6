"""Notebook 06: batch normalization and its relatives."""

NOTEBOOK = "06_batchnorm"
ROOMS = (
    "questions", "forward", "backward_stages", "backward_mean", "backward", "images", "fold",
    "modes", "redundant", "population", "layer", "group",
)  # fmt: skip
