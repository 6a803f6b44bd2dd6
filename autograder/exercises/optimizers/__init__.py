"""Notebook 07: update rules, schedules, mini-batches, the training loop."""

NOTEBOOK = "07_optimizers"
ROOMS = (
    "questions", "momentum", "adaptive", "adam", "schedules", "time_decay", "minibatches", "noise",
    "training",
)  # fmt: skip
