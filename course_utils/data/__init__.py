"""Data sets on disk, over the network and drawn: what `course_utils.datasets` is made of."""
