"""What students get: notebooks and checks without answers."""
