"""What a class knew before and after the course: a report without names, to be published."""
