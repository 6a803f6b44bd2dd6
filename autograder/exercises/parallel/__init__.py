"""Notebook 14: gradients from many machines, together and each at its own pace."""

NOTEBOOK = "14_parallel"
ROOMS = ("questions", "data_parallel", "collectives", "asynchronous", "ddp")
