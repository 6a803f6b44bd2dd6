"""The `course` command: one module a subcommand, in wings by who calls it."""
