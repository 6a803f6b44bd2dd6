"""Notebook 10: convolution and pooling by hand, and a net of them."""

NOTEBOOK = "10_convolution"
ROOMS = ("questions", "forward", "backward", "pool", "unpool", "net", "layouts", "orders")
