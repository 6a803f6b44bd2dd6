"""A class's report as one page for the browser and as a table: files that need nothing else."""
