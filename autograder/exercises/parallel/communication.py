"""Exercise of notebook 14: what the schemes have to send. The gradient itself: `data_parallel`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake


class communication_bytes(Exercise):
    """What a layer has to send in a step: its weights' gradients, or its inputs."""

    signature = "communication_bytes(layer, scheme, workers, batch, bytes_per_number=4)"
    minutes = 12
    difficulty = 2
    reads = {"bytes": "the number of bytes that you return"}
    hints = (
        "In both schemes the ring sends 2(n−1)/n times a count of numbers. The scheme says which "
        "numbers they are, and the layer says how many there are.",
        "Data: every parameter has a gradient, the biases too. Model: every worker needs all "
        "inputs of all examples of the batch, and in the backward pass the inputs' gradients. The "
        "trick chooses between these two by the layer's kind.",
    )

    def cases(self, rng):
        # Filters and outputs can be divided by all these numbers of workers.
        def conv(height, width):
            return {"kind": "conv", "inputs": [int(rng.integers(40, 60)), height, width],
                    "filters": 120 * int(rng.integers(1, 3)), "kernel": [5, 3]}  # fmt: skip

        def affine(inputs, outputs):
            return {"kind": "affine", "inputs": inputs + int(rng.integers(0, inputs // 3)),
                    "outputs": outputs}  # fmt: skip

        usual, wide, narrow = (800, 480), (33, 2040), (1000, 120)

        def case(name, points, layer, scheme, workers=None, size=4, share=(5, 13)):
            workers = workers or int(rng.choice([5, 6, 8]))  # not bytes_per_number
            batch = workers * int(rng.integers(*share))
            return Case(name, points, layer=layer, scheme=scheme, workers=workers, batch=batch,
                        bytes_per_number=size)  # fmt: skip

        yield case("a convolution, data parallel", 1, conv(27, 31), "data", size=8)
        yield case("a convolution, model parallel", 1, conv(25, 30), "model")
        yield case("an affine layer, data parallel", 1, affine(*usual), "data")
        yield case("an affine layer, model parallel", 1, affine(*usual), "model")
        yield case("one weird trick, affine, half precision", 0.5, affine(*wide),
                   "one weird trick", size=2)  # fmt: skip
        yield case("one weird trick, affine, more inputs than weights", 0.5, affine(*narrow),
                   "one weird trick", share=(30, 50))  # fmt: skip
        yield case("one weird trick, convolution, double precision", 0.5, conv(27, 31),
                   "one weird trick", size=8)  # fmt: skip
        yield case("one weird trick, convolution of small maps", 0.5, conv(3, 4), "one weird trick")
        yield case("half precision, three workers", 1, affine(*usual), "model", workers=3, size=2)
        yield case("one worker", 1, affine(*usual), "data", workers=1)

    def observe(self, code, **inputs):
        return {"bytes": float(code.communication_bytes(**inputs))}

    def reference(self, layer, scheme, workers, batch, bytes_per_number):
        affine = layer["kind"] == "affine"
        if affine:
            module = torch.nn.Linear(layer["inputs"], layer["outputs"], device="meta")
        else:
            module = torch.nn.Conv2d(
                layer["inputs"][0], layer["filters"], layer["kernel"], device="meta"
            )
        inputs = torch.empty(batch, *np.atleast_1d(layer["inputs"]), device="meta")
        parameters = sum(p.numel() for p in module.parameters())
        by_model = affine if scheme == "one weird trick" else scheme == "model"
        return {"bytes": self.ring(workers) * (inputs.numel() if by_model else parameters)
                * bytes_per_number}  # fmt: skip

    def ring(self, workers):
        return 2 * (workers - 1) / workers

    def by_data(self, layer, scheme):
        return scheme == "data" or (scheme == "one weird trick" and layer["kind"] == "conv")

    def times(self, right, factor):
        return {"bytes": right["bytes"] * factor}

    @mistake
    def biases_forgotten(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count the weights and not the biases. They have gradients too."""
        if self.by_data(layer, scheme):
            biases = layer.get("filters", layer.get("outputs"))
            off = self.ring(workers) * biases * bytes_per_number
            return {"bytes": right["bytes"] - off}

    @mistake
    def biases_of_filters_forgotten(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count a convolution's weights and not its biases. It has one for each filter."""
        if self.by_data(layer, scheme) and layer["kind"] == "conv":
            off = self.ring(workers) * layer["filters"] * bytes_per_number
            return {"bytes": right["bytes"] - off}

    @mistake
    def biases_of_outputs_forgotten(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count an affine layer's weights and not its biases. It has one for each output."""
        if self.by_data(layer, scheme) and layer["kind"] == "affine":
            off = self.ring(workers) * layer["outputs"] * bytes_per_number
            return {"bytes": right["bytes"] - off}

    @mistake
    def a_bias_for_each_input(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count a bias for each input of an affine layer. It has one for each output."""
        if self.by_data(layer, scheme) and layer["kind"] == "affine":
            more = layer["inputs"] - layer["outputs"]
            return {"bytes": right["bytes"] + self.ring(workers) * more * bytes_per_number}

    @mistake
    def one_bias(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count a single bias. There is one for each output channel."""
        if self.by_data(layer, scheme):
            less = layer.get("filters", layer.get("outputs")) - 1
            return {"bytes": right["bytes"] - self.ring(workers) * less * bytes_per_number}

    @mistake
    def weights_for_each_place(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count a convolution's weights anew for each place of the map. All places share
        them."""
        if self.by_data(layer, scheme) and layer["kind"] == "conv":
            return self.times(right, np.prod(layer["inputs"][1:]))

    @mistake
    def square_kernel(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You take the kernel for a square. Its height and its width are two numbers."""
        if self.by_data(layer, scheme) and layer["kind"] == "conv":
            (kh, _), c, f = layer["kernel"], layer["inputs"][0], layer["filters"]
            return {"bytes": self.ring(workers) * (kh * kh * c + 1) * f * bytes_per_number}

    @mistake
    def own_share_of_the_batch(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count the inputs of one worker's examples. In model parallelism every worker needs
        those of the whole batch, for its part of the layer."""
        if not self.by_data(layer, scheme):
            return self.times(right, 1 / workers)

    @mistake
    def one_example(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count the inputs of one example. There is one set of inputs for each of the
        batch."""
        if not self.by_data(layer, scheme):
            return self.times(right, 1 / batch)

    @mistake
    def outputs_counted(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count the outputs of an affine layer. Each worker makes its own part of them by
        itself; what it lacks are the other workers' inputs."""
        if not self.by_data(layer, scheme) and layer["kind"] == "affine":
            return self.times(right, layer["outputs"] / layer["inputs"])

    @mistake
    def maps_out_counted(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count the maps that a convolution gives. Each worker makes its own part of them by
        itself; what it lacks are the other workers' inputs."""
        if not self.by_data(layer, scheme) and layer["kind"] == "conv":
            return self.times(right, layer["filters"] / layer["inputs"][0])

    @mistake
    def all_outputs_counted(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count the layer's outputs. Each worker makes its own part of them by itself; what it
        lacks are the other workers' inputs."""
        if not self.by_data(layer, scheme):
            inputs = layer["inputs"]
            affine = layer["kind"] == "affine"
            out = layer["outputs"] / inputs if affine else layer["filters"] / inputs[0]
            return self.times(right, out)

    @mistake
    def channels_for_inputs(self, right, layer, scheme, workers, batch, bytes_per_number):
        """An input of a convolution is a map: its height and its width count, not only the
        channels."""
        if not self.by_data(layer, scheme) and layer["kind"] == "conv":
            return self.times(right, 1 / np.prod(layer["inputs"][1:]))

    @mistake
    def forward_only(self, right, layer, scheme, workers, batch, bytes_per_number):
        """That is half of it. Data: reduce-scatter, then all-gather. Model: inputs on the way
        forward, their gradients on the way back."""
        return self.times(right, 1 / 2)

    @mistake
    def no_way_back(self, right, layer, scheme, workers, batch, bytes_per_number):
        """In model parallelism yours sends half of what it has to: inputs on the way forward, and
        on the way back their gradients, as many again."""
        return None if self.by_data(layer, scheme) else self.times(right, 1 / 2)

    @mistake
    def no_gather_of_gradients(self, right, layer, scheme, workers, batch, bytes_per_number):
        """In data parallelism yours sends half of what it has to: the ring adds up in one round,
        and in a second one it tells everybody the sums."""
        return self.times(right, 1 / 2) if self.by_data(layer, scheme) else None

    @mistake
    def ring_rounded_down(self, right, layer, scheme, workers, batch, bytes_per_number):
        """Your 2(n−1)/n is a whole number, 1 for any n above 1: // rounds down. Divide by /."""
        return self.times(right, (2 * (workers - 1) // workers) / (self.ring(workers) or 1))

    @mistake
    def one_worker_sends(self, right, layer, scheme, workers, batch, bytes_per_number):
        """One worker by itself sends something in yours. It has nobody to send to."""
        if workers == 1:
            return {"bytes": self.reference(layer, scheme, 2, batch, bytes_per_number)["bytes"] * 2}

    @mistake
    def batch_of_one_worker(self, right, layer, scheme, workers, batch, bytes_per_number):
        """In model parallelism yours sends as many times too much as there are workers, as where
        batch is taken for one worker's. It is the examples of all of them together."""
        return None if self.by_data(layer, scheme) else self.times(right, workers)

    @mistake
    def share_one_way(self, right, layer, scheme, workers, batch, bytes_per_number):
        """Two things are missing: the factor 2, for the way there and the way back, and in model
        parallelism the inputs of the other workers' examples."""
        share = 1 if self.by_data(layer, scheme) else workers
        return self.times(right, 1 / (2 * share))

    @mistake
    def share_of_the_batch_one_way(self, right, layer, scheme, workers, batch, bytes_per_number):
        """In model parallelism two things are missing in yours: the way back, on which the inputs'
        gradients go, and the other workers' examples. batch counts those of all workers."""
        return None if self.by_data(layer, scheme) else self.times(right, 1 / (2 * workers))

    @mistake
    def keeps_nothing_to_itself(self, right, layer, scheme, workers, batch, bytes_per_number):
        """In a ring each worker sends all but one of n parts, in each of two phases: with one
        worker, nothing."""
        numbers = 0.0
        if workers == 1:
            numbers = self.reference(layer, scheme, 2, batch, bytes_per_number)["bytes"] * 2
        return {"bytes": numbers or right["bytes"] * workers / (workers - 1)}

    @mistake
    def all_links_together(self, right, layer, scheme, workers, batch, bytes_per_number):
        """That is what all links carry together. Return what one worker sends."""
        return self.times(right, workers)

    @mistake
    def all_links_of_four_bytes(self, right, layer, scheme, workers, batch, bytes_per_number):
        """That is what all links carry together, at four bytes a number. Return what one worker
        sends; bytes_per_number says how many bytes there are."""
        return self.times(right, workers * 4 / bytes_per_number)

    @mistake
    def trick_turned_round(self, right, layer, scheme, workers, batch, bytes_per_number):
        """Your trick is the other way round: a convolution has few weights and large maps, an
        affine layer many weights and short inputs."""
        if scheme == "one weird trick":
            other = "data" if layer["kind"] == "affine" else "model"
            return self.reference(layer, other, workers, batch, bytes_per_number)

    @mistake
    def cheaper_of_the_two(self, right, layer, scheme, workers, batch, bytes_per_number):
        """Your trick takes what is less for each layer. It goes by the layer's kind alone:
        convolutions data parallel, affine layers model parallel."""
        if scheme == "one weird trick":
            both = [self.reference(layer, s, workers, batch, bytes_per_number) for s in
                    ("data", "model")]  # fmt: skip
            return min(both, key=lambda shown: shown["bytes"])

    @mistake
    def trick_by_data_only(self, right, layer, scheme, workers, batch, bytes_per_number):
        """Your trick is data parallel for every layer. Affine layers are model parallel in it."""
        if scheme == "one weird trick":
            return self.reference(layer, "data", workers, batch, bytes_per_number)

    @mistake
    def trick_by_model_only(self, right, layer, scheme, workers, batch, bytes_per_number):
        """Your trick is model parallel for every layer. Convolutions are data parallel in it."""
        if scheme == "one weird trick":
            return self.reference(layer, "model", workers, batch, bytes_per_number)

    @mistake
    def schemes_swapped(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You have the two schemes swapped: data parallel workers exchange gradients of weights,
        model parallel ones activations."""
        other = "model" if self.by_data(layer, scheme) else "data"
        return self.reference(layer, other, workers, batch, bytes_per_number)

    @mistake
    def weights_times_batch(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You send a gradient for each example. It is summed over the examples first, where they
        are."""
        if self.by_data(layer, scheme):
            return self.times(right, batch)

    @mistake
    def always_four_bytes(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count four bytes a number; bytes_per_number says how many there are."""
        return self.times(right, 4 / bytes_per_number)

    @mistake
    def numbers_for_bytes(self, right, layer, scheme, workers, batch, bytes_per_number):
        """You count numbers. Each of them takes bytes_per_number bytes."""
        return self.times(right, 1 / bytes_per_number)

    @mistake
    def in_bits(self, right, layer, scheme, workers, batch, bytes_per_number):
        """That is in bits."""
        return self.times(right, 8)
