"""One submission in a worker, so that whatever it holds costs that submission only."""
