"""`python -m autograder`: the `course` command where its script is not on the path."""

import sys

try:
    from autograder.commands.cli import main
except ModuleNotFoundError as missing:
    if missing.name != "click":
        raise
    from autograder.learning import kernel

    sys.exit(kernel.advice(kernel.lacking()))

main()
