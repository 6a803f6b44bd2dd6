"""Notebooks made from their masters."""

from autograder.quick_start import import_jsonschema_without_iri

import_jsonschema_without_iri()  # before nbformat is imported here
