"""Ten minutes of talk about a student's own hand-in: what is drawn from it, and the sheet."""
