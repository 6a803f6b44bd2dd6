"""Notebook 16: trainings that fail without a word, and the instruments that hear them."""

NOTEBOOK = "16_clinic"
ROOMS = (
    "questions", "first_loss", "gradients", "memorising", "steps", "patients", "patches",
)  # fmt: skip
