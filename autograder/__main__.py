"""`python -m autograder`: the `course` command where its script is not on the path."""

from autograder.commands.cli import main

main()
