"""What the nets that learners write have in common: notebooks 08 and 10 judge with it."""
