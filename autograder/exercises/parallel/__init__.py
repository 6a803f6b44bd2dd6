"""Notebook 14: gradients from many machines, together and each at its own pace."""

NOTEBOOK = "14_parallel"
ROOMS = (
    "questions", "data_parallel", "collectives", "communication", "ddp", "asynchronous", "pipeline",
    "stability",
)  # fmt: skip
