"""Where the processes of learners' code come from, and what they may take together."""
