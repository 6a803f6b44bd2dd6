"""A class: made, its roster kept, its work collected."""
