"""Notebook 17: one net, one budget, one look."""

NOTEBOOK = "17_capstone"
ROOMS = ("questions", "budget", "running", "shrinking", "sealed", "guess")
