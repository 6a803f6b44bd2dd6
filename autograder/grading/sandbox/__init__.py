"""Running learners' code: lock it in, run it, listen to what it says."""
