"""What goes wrong in a Maxout layer in more than one place at once. No exercise is in here."""

import numpy as np

from autograder.exercise import Exercise, mistake


class RectifiedToo(Exercise, abstract=True):
    """Maps that are cut at 0 and lack a bias."""

    @mistake
    def rectified_and_second_bias_missing(self, right, x, W1, b1, W2, b2):
        """Two things: negative outputs are cut to 0 in yours, and a Maxout unit may be negative;
        and the bias of the second map, b2, has no effect."""
        return {"out": np.maximum(np.maximum(x @ W1 + b1, x @ W2), 0)}

    @mistake
    def rectified_and_first_bias_missing(self, right, x, W1, b1, W2, b2):
        """Two things: negative outputs are cut to 0 in yours, and a Maxout unit may be negative;
        and the bias of the first map, b1, has no effect."""
        return {"out": np.maximum(np.maximum(x @ W1, x @ W2 + b2), 0)}

    @mistake
    def rectified_and_without_biases(self, right, x, W1, b1, W2, b2):
        """Two things: negative outputs are cut to 0 in yours, and a Maxout unit may be negative;
        and your maps have no biases."""
        return {"out": np.maximum(np.maximum(x @ W1, x @ W2), 0)}


class InAnotherOrder(Exercise, abstract=True):
    """Gradients that come back in another order."""

    @mistake
    def weights_before_biases(self, right, **inputs):
        """You return both weights' gradients before those of the biases. The order is that of the
        inputs: dx, dW1, db1, dW2, db2."""
        return {"db1": right["dW2"], "dW2": right["db1"]}

    @mistake
    def weights_before_averaged_biases(self, right, x, **inputs):
        """Two things: you return both weights' gradients before those of the biases, and the order
        is dx, dW1, db1, dW2, db2; and you average the bias gradients over the batch, which are
        sums."""
        n = x.dtype.type(len(x))
        return {"db1": right["dW2"], "dW2": right["db1"] / n, "db2": right["db2"] / n}
