"""Notebook 09: sizes, receptive fields, costs and the well-known blocks."""

NOTEBOOK = "09_architectures"
ROOMS = (
    "questions", "output_size", "receptive_field", "cost", "blocks", "residual", "nets", "branches",
    "inception", "separable", "split", "vgg",
)  # fmt: skip
