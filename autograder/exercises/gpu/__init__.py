"""Notebook 12: devices: costs, timing, loading, memory."""

NOTEBOOK = "12_gpu"
ROOMS = (
    "questions", "timing", "roofline", "pipeline", "loading", "profiling", "memory", "costs",
    "packing",
)  # fmt: skip
