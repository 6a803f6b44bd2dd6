"""Notebook 03: data: splitting, preprocessing, augmentation, many views of a test picture."""

NOTEBOOK = "03_data"
ROOMS = ("questions", "splitting", "preprocessing", "crop_and_flip", "views", "colour", "affine")
