"""Exercises of notebook 14: one gradient from many shards, and what the schemes have to send.

Collectives and pipelines are in `parallel_collectives`, asynchrony in `parallel_async`, real
processes in `parallel_ddp`, questions in `parallel_questions`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.parallel import noting_net


class data_parallel_gradient(Exercise):
    """The gradient of the whole batch, from shards that never meet."""

    signature = "data_parallel_gradient(model, shards)"
    library = "torch"
    minutes = 10
    difficulty = 1
    counted = ("rows of each call",)
    hints = (
        "The loss of the batch is a mean over its examples. Write it as a sum over shards: what is "
        "the share of a shard of one example among sixteen?",
        "torch.autograd.grad gives the gradients of a loss as a tuple and leaves .grad alone. "
        "Let each shard's loss be a sum divided by the number of ALL examples: then the shards' "
        "gradients only have to be added.",
    )

    def cases(self, rng):
        def case(name, points, sizes, dtype="float64", stale=False):
            d, hidden, classes = 5, 4, 3
            shape = (hidden, d), (hidden,), (classes, hidden), (classes,)
            return Case(
                name, points, weights=[rng.normal(size=s).astype(dtype) for s in shape],
                x=[rng.normal(size=(n, d)).astype(dtype) for n in sizes],
                y=[rng.integers(0, classes, n) for n in sizes], stale=stale,
            )  # fmt: skip

        yield case("equal shards", 1, (6, 6, 6))
        yield case("shards of 1, 4 and 11", 2, (1, 4, 11))
        yield case("a worker without examples", 1, (7, 0, 2))
        yield case("a gradient left over from before", 1, (3, 8), stale=True)
        yield case("single precision; one worker", 1, (9,), "float32")

    def observe(self, code, weights, x, y, stale):
        rows = []
        model = noting_net(weights, rows)
        if stale:
            for p in model.parameters():
                p.grad = torch.ones_like(p)
        shards = [(torch.tensor(a), torch.tensor(b)) for a, b in zip(x, y, strict=True)]
        gradients = list(code.data_parallel_gradient(model, shards))
        grads = [p.grad for p in model.parameters()]
        after = [None if g is None else g.unique().tolist() for g in grads]
        names = "W1", "b1", "W2", "b2"
        seen = {f"gradient of {n}": g for n, g in zip(names, gradients, strict=False)}
        seen["how many gradients"] = len(gradients)
        seen["rows of each call"] = [n for n in rows if n]
        seen[".grad left alone"] = after == [[1.0] if stale else None] * 4
        return seen

    def reference(self, weights, x, y, stale):
        return self.seen([1.0] * len(x), weights, x, y) | {
            "how many gradients": 4,
            "rows of each call": [len(b) for b in y if len(b)],
            ".grad left alone": True,
        }

    def seen(self, scales, weights, x, y):
        """The gradients when a shard's examples weigh so much times what they should."""
        total = sum(map(len, y))
        w = [torch.tensor(a, device=self.device).requires_grad_() for a in weights]
        weigh = torch.tensor(np.repeat(np.array(scales) / total, [len(b) for b in y]))
        X = torch.tensor(np.concatenate(x), device=self.device)
        Y = torch.tensor(np.concatenate(y), device=self.device)
        scores = F.linear(torch.tanh(F.linear(X, w[0], w[1])), w[2], w[3])
        each = F.cross_entropy(scores, Y, reduction="none")
        (each * weigh.to(each)).sum().backward()
        names = "W1", "b1", "W2", "b2"
        return {f"gradient of {n}": p.grad.cpu().numpy() for n, p in zip(names, w, strict=True)}

    @mistake
    def mean_of_means(self, right, weights, x, y, stale):
        """You average the shards' mean gradients. That counts an example in a small shard more
        than one in a large shard: weigh each shard by its size."""
        if all(map(len, y)):
            total, n = sum(map(len, y)), len(y)
            return self.seen([total / (n * len(b)) for b in y], weights, x, y)
        return {name: np.full_like(g, np.nan) for name, g in right.items() if "of W" in name}

    @mistake
    def sum_of_means(self, right, weights, x, y, stale):
        """You add the shards' mean gradients up, so the step grows with the number of workers."""
        if all(map(len, y)):
            return self.seen([sum(map(len, y)) / len(b) for b in y], weights, x, y)

    @mistake
    def sum_over_examples(self, right, weights, x, y, stale):
        """That is the gradient of the sum of the losses. The loss of the batch is their mean."""
        return self.seen([float(sum(map(len, y)))] * len(y), weights, x, y)

    @mistake
    def divided_by_workers_too(self, right, weights, x, y, stale):
        """You weigh the shards by their sizes, and divide by the number of workers besides. The
        weights add up to one already."""
        return self.seen([1 / len(y)] * len(y), weights, x, y)

    @mistake
    def last_shard_only(self, right, weights, x, y, stale):
        """Only the last shard's gradient is left: each shard's replaces the one before."""
        total, n = sum(map(len, y)), len(y)
        return self.seen([0.0] * (n - 1) + [total / len(y[-1])], weights, x, y)

    @mistake
    def last_part_of_the_sum(self, right, weights, x, y, stale):
        """Your shards weigh what they should, but each one's gradient replaces the one before, so
        only the last part of the sum is left. Add them up."""
        return self.seen([0.0] * (len(y) - 1) + [1.0], weights, x, y)

    @mistake
    def sizes_squared(self, right, weights, x, y, stale):
        """A shard's size comes in twice: the gradient of a sum has it already, only that of a
        mean has to be multiplied by it."""
        return self.seen([float(len(b)) for b in y], weights, x, y)

    @mistake
    def shards_joined(self, right, weights, x, y, stale):
        """You join the shards and call the model once. The value is right, and it is what cannot
        be done here: each shard lies on another machine."""
        return {"rows of each call": [sum(map(len, y))]}

    @mistake
    def adds_to_stale_gradients(self, right, weights, x, y, stale):
        """You add to whatever stands in .grad: what is left there from an earlier step comes into
        this one."""
        changed = {".grad left alone": False}
        if stale:
            changed |= {n: g + 1 for n, g in right.items() if n.startswith("gradient of")}
        return changed

    @mistake
    def grad_left_changed(self, right, weights, x, y, stale):
        """The model's .grad is not as you found it. torch.autograd.grad gives gradients without
        touching it."""
        return {".grad left alone": False}


class communication_bytes(Exercise):
    """What a layer has to send in a step: its weights' gradients, or its inputs."""

    signature = "communication_bytes(layer, scheme, workers, batch, bytes_per_number=4)"
    minutes = 12
    difficulty = 2
    hints = (
        "In both schemes the exchange is the ring's: 2(n−1)/n times a number of numbers. The "
        "scheme says which numbers, the layer how many there are.",
        "Data: every parameter has a gradient, the biases too. Model: every worker needs all "
        "inputs of all examples of the batch, and on the way back the inputs' gradients. The "
        "trick is a choice between these two by the layer's kind.",
    )

    def cases(self, rng):
        conv = {"kind": "conv", "inputs": [48, 27, 31], "filters": 128, "kernel": [5, 3]}
        affine = {"kind": "affine", "inputs": 900, "outputs": 410}
        wide = {"kind": "affine", "inputs": 33, "outputs": 2000}

        def case(name, points, layer, scheme, **change):
            workers = int(rng.choice([5, 6, 8]))  # not bytes_per_number
            numbers = {"workers": workers, "batch": workers * int(rng.integers(5, 20)),
                       "bytes_per_number": 4}  # fmt: skip
            return Case(name, points, layer=layer, scheme=scheme, **numbers | change)

        yield case("a convolution, data parallel", 1, conv, "data")
        yield case("a convolution, model parallel", 1, conv, "model")
        yield case("an affine layer, data parallel", 1, affine, "data")
        yield case("an affine layer, model parallel", 1, affine, "model")
        yield case("one weird trick; affine", 1, wide, "one weird trick")
        yield case("one weird trick; convolution", 1, conv, "one weird trick")
        yield case("half precision, two workers", 1, affine, "model", bytes_per_number=2, workers=2)
        yield case("one worker", 1, affine, "data", workers=1)

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
        """You count the layer's outputs. Each worker makes its own part of them by itself; what
        it lacks are the other workers' inputs."""
        if not self.by_data(layer, scheme) and layer["kind"] == "affine":
            return self.times(right, layer["outputs"] / layer["inputs"])

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
    def keeps_nothing_to_itself(self, right, layer, scheme, workers, batch, bytes_per_number):
        """In a ring each worker sends all but one of n parts, in each of two phases: with one
        worker, nothing."""
        numbers = 0.0
        if workers == 1:
            numbers = self.reference(layer, scheme, 2, batch, bytes_per_number)["bytes"] * 2
        return {"bytes": numbers or right["bytes"] * workers / (workers - 1)}

    @mistake
    def all_links_together(self, right, layer, scheme, workers, batch, bytes_per_number):
        """That is what all links carry together. Asked is what one worker sends."""
        return self.times(right, workers)

    @mistake
    def trick_turned_round(self, right, layer, scheme, workers, batch, bytes_per_number):
        """Your trick is the other way round: a convolution has few weights and large maps, an
        affine layer many weights and short inputs."""
        if scheme == "one weird trick":
            other = "data" if layer["kind"] == "affine" else "model"
            return self.reference(layer, other, workers, batch, bytes_per_number)

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
