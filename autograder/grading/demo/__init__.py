"""A whole class of samples, right to hostile, and what each should earn."""
