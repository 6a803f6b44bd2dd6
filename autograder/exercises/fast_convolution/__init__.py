"""Notebook 11: convolution as a matrix product, by transforms, with fewer products."""

NOTEBOOK = "11_fast_convolution"
ROOMS = ("questions", "im2col", "col2im", "window_view", "strides", "backward", "transforms",
         "winograd", "winograd_layer", "strassen", "cost", "best")  # fmt: skip
