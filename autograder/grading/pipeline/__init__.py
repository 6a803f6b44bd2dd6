"""From what was handed in to the marks in the gradebook: sanitize, run, judge, record."""

from autograder.quick_start import import_jsonschema_without_iri

import_jsonschema_without_iri()  # before nbformat is imported here
