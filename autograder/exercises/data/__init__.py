"""Notebook 03: data: splitting, preprocessing, augmentation, many views of a test picture."""

NOTEBOOK = "03_data"
ROOMS = (
    "questions", "splitting", "preprocessing", "whitening", "crop_and_flip", "scale", "ten_crops",
    "views", "contrast", "colour", "colour_shift", "affine",
)  # fmt: skip
