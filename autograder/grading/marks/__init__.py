"""Marks on their way out of the gradebook into a school's tables."""
