"""Notebook 00: the first checks, and what a verdict looks like."""

NOTEBOOK = "00_start"
ROOMS = ("columns", "hits")
