"""Commands of whoever works through the notebooks."""
