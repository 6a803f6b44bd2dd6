"""Notebook 04: initial weights, and what they do to activations and gradients."""

NOTEBOOK = "04_init"
ROOMS = ("questions", "drawing", "fans", "depth", "symmetry", "critical", "gain", "lsuv")
