"""Pages of graded notebooks: nothing on them acts, and none is made that has not changed."""
