"""Grading inside Gradescope's containers."""
