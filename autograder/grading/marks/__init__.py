"""Marks on their way out of the gradebook into a school's tables."""

from autograder.quick_start import import_jsonschema_without_iri

import_jsonschema_without_iri()  # before nbformat is imported here
