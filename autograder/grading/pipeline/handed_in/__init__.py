"""What is in a submission, whatever a student, an editor or a school's system made of it."""
