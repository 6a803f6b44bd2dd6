"""Mistakes of notebook 12's account of a training step in its units: bytes of the given dtype."""

from autograder.exercise import Exercise, mistake

SIZES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}


class InBytes(Exercise, abstract=True):
    """What other units show; the exercise is in `memory`."""

    @mistake
    def always_float32(self, right, dtype, **inputs):
        """You take 4 bytes a number, whatever dtype is."""
        names = (
            "activations", "activation_gradients", "parameters", "parameter_gradients", "optimizer",
        )  # fmt: skip
        return {name: right[name] // SIZES[dtype] * 4 for name in names}

    @mistake
    def state_in_float32(self, right, dtype, **inputs):
        """You take 4 bytes a number for what the optimizer keeps. Everything is reckoned in
        `dtype`."""
        return {"optimizer": right["optimizer"] // SIZES[dtype] * 4}

    @mistake
    def parameters_in_float32(self, right, dtype, **inputs):
        """You take the parameters in float32, which they have now, and so their gradients and the
        optimizer's state. Everything is reckoned in `dtype`."""
        names = ("parameters", "parameter_gradients", "optimizer")
        return {name: right[name] // SIZES[dtype] * 4 for name in names}

    @mistake
    def activations_in_float32(self, right, dtype, **inputs):
        """You take the activations in float32, which this forward pass has. Everything is reckoned
        in `dtype`."""
        names = ("activations", "activation_gradients")
        return {name: right[name] // SIZES[dtype] * 4 for name in names}

    @mistake
    def numbers_not_bytes(self, right, dtype, **inputs):
        """You count numbers; asked are bytes."""
        names = (
            "activations", "activation_gradients", "parameters", "parameter_gradients", "optimizer",
        )  # fmt: skip
        return {name: right[name] // SIZES[dtype] for name in names}

    @mistake
    def half_reckoned_as_single(self, right, dtype, **inputs):
        """You take 4 bytes for a number of 16 bits, as when bytes are reckoned as multiples of
        four. It takes two."""
        if SIZES[dtype] < 4:
            return self.always_float32(right, dtype, **inputs)

    @mistake
    def buffers_among_parameters(self, right, model, sizes, dtype, **inputs):
        """You count the model's buffers among the parameters: batch norm's running statistics, and
        its count of batches. Nothing of them is trained."""
        if model == "norm":
            return {"parameters": right["parameters"] + (2 * sizes["h"] + 1) * SIZES[dtype]}

    @mistake
    def statistics_among_parameters(self, right, model, sizes, dtype, **inputs):
        """You count batch norm's running mean and variance among the parameters. They are buffers:
        nothing of them is trained."""
        if model == "norm":
            return {"parameters": right["parameters"] + 2 * sizes["h"] * SIZES[dtype]}
