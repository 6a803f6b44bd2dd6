"""Running learners' code: lock it in, run it, listen to what it says."""

from autograder.quick_start import import_jsonschema_without_iri

import_jsonschema_without_iri()  # before nbformat is imported here
