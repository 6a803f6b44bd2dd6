"""Notebook 12: devices: costs, timing, loading, memory."""

NOTEBOOK = "12_gpu"
ROOMS = ("questions", "costs", "timing", "pipeline", "loading", "memory", "packing")
