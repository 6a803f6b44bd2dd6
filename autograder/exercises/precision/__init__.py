"""Notebook 13: half precision, fixed point, single bits."""

NOTEBOOK = "13_precision"
ROOMS = (
    "questions", "half_precision", "loss_scaling", "fixed_point", "binary", "binary_step", "bits",
    "bit_products", "dynamic_range",
)  # fmt: skip
