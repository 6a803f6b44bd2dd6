"""Grading a class. Nothing here knows what is taught."""
