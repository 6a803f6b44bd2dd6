"""The `course` command, one module a subcommand."""
