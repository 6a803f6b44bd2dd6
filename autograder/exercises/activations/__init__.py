"""Notebook 02: activations, dead and saturated units, and nets as piecewise linear functions."""

NOTEBOOK = "02_activations"
ROOMS = (
    "questions", "saturating", "tanh", "saturated_units", "dead_units", "rectifiers", "leaky",
    "elu", "learned", "maxout", "piecewise", "joints", "by_hand",
)  # fmt: skip
