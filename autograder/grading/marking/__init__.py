"""Written answers, marked by a person: one question across all students, in a browser."""
