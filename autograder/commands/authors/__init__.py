"""Commands of whoever writes the course: what is made from masters, and its proof."""
