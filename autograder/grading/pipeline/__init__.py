"""From what was handed in to the marks in the gradebook: sanitize, run, judge, record."""
