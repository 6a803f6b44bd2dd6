"""Notebook 05: losses, penalties, dropout, averages, labels that are not certain."""

NOTEBOOK = "05_regularization"
ROOMS = ("questions", "losses", "penalties", "dropout", "averaging", "targets", "soft_targets")
