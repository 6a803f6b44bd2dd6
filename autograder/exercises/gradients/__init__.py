"""Notebook 01: gradients by hand, through a graph and by autograd."""

NOTEBOOK = "01_gradients"
ROOMS = ("questions", "by_hand", "two_layer_net", "modules", "autograd_function", "graph")
