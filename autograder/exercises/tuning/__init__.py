"""Notebook 08: a net of one's own, its diagnosis, and the search for settings."""

NOTEBOOK = "08_tuning"
ROOMS = ("questions", "net", "sanity", "diagnosis", "sampling", "search", "pareto_front", "log")
