"""Notebooks made from their masters."""
