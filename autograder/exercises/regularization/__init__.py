"""Notebook 05: losses, penalties, dropout, averages, labels that are not certain."""

NOTEBOOK = "05_regularization"
ROOMS = (
    "questions", "losses", "hinge", "penalties", "penalties_l1", "dropout", "dropout_back",
    "averaging", "targets", "soft_targets", "binary", "ensemble", "dropout_mode",
)  # fmt: skip
