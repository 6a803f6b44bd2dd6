"""What the text says of its experiments, as asserts beside their cells, tried on two processors."""
