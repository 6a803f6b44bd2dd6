"""Practice: one check in a notebook, what helps when it fails, and where a learner stands."""
