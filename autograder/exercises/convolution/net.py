"""A convolutional net put together from one's own layers (notebook 10).

The same net on torch's operators is in `convolution_net_oracle`.
"""

import numpy as np

from autograder.exercise import Case, mistake, near, statistic
from autograder.exercises.convolution.net_oracle import follow, map_size
from autograder.exercises.learners_net.judged import OwnNet
from autograder.exercises.learners_net.oracle import MEAN, SPREAD, first_weights


class ThreeLayerConvNet(OwnNet):
    """Convolution, pooling and two affine layers, from layers that exist already."""

    signature = (
        "ThreeLayerConvNet(input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, "
        "num_classes=10, weight_scale=1e-3, reg=0.0, dtype=None, seed=None, use_batchnorm=False)"
    )
    minutes = 20
    difficulty = 3
    hints = (
        "Follow one picture through the net and write down its shape behind each layer. The rows "
        "of W2 are as many as values are left behind the pooling.",
        "Each layer leaves a cache on the way forward; the way back takes them in reverse order. "
        "The affine layers flatten pictures by themselves and give dx back in their shape.",
        "The penalty has a place in the loss and one in the gradient of each of the three W. The "
        "mode of the batch norm is set at the beginning of every call of loss.",
    )

    def cases(self, rng):
        def case(name, points, shape, filters, size, hidden, classes, n=4, norm=False, reg=0.0,
                 dtype="float64", batches=0):  # fmt: skip
            c, height, width = shape
            behind = filters * map_size(height, size) * map_size(width, size)
            weights = {
                "W1": rng.normal(size=(filters, c, size, size)) / np.sqrt(c * size * size),
                "b1": rng.normal(size=filters) * 0.5,
                "W2": rng.normal(size=(behind, hidden)) / np.sqrt(behind),
                "b2": rng.normal(size=hidden) * 0.5,
                "W3": rng.normal(size=(hidden, classes)) / np.sqrt(hidden),
                "b3": rng.normal(size=classes) * 0.5,
            }
            if norm:
                weights["gamma1"] = rng.uniform(0.5, 2, filters) * np.where(
                    np.arange(filters) % 2, 1, -1
                )
                weights["beta1"] = rng.normal(size=filters)
            made = {
                "input_dim": list(shape), "num_filters": filters, "filter_size": size,
                "hidden_dim": hidden, "num_classes": classes, "use_batchnorm": norm, "reg": reg,
                "weight_scale": 0.03, "dtype": dtype, "seed": int(rng.integers(1000)),
                "weights": {name: w.astype(dtype) for name, w in weights.items()},
                "X": 2 * rng.normal(size=(n, *shape)) + 0.5, "y": rng.integers(0, classes, n),
                "earlier": 2 * rng.normal(size=(batches, n, *shape)) + 1,
            }  # fmt: skip
            return Case(name, 2 * points, **made)

        fresh = case("first weights", 2, (2, 10, 9), 12, 8, 40, 7, norm=True, dtype="float32")
        fresh.inputs["weights"] = {}
        yield fresh
        yield case("odd sides", 2, (3, 7, 5), 4, 3, 6, 3)
        yield case("an even filter, weight decay", 1, (2, 6, 9), 3, 4, 5, 4, reg=0.7)
        yield case("1×1 filters", 1, (3, 4, 5), 4, 1, 6, 3, reg=0.3)
        yield case("batch norm", 2, (1, 5, 6), 4, 5, 7, 3, norm=True, reg=0.2, batches=3)
        yield case(
            "batch norm, single precision", 1, (2, 4, 6), 3, 3, 6, 4, norm=True,
            dtype="float32", batches=1,
        )  # fmt: skip

    def observe(self, code, weights, X, y, earlier, input_dim, dtype, **arguments):
        def build(**other):
            return code.ThreeLayerConvNet(
                input_dim=tuple(input_dim), dtype=np.dtype(dtype).type, **arguments | other
            )

        net = build()
        if not weights:
            again, another = build(), build(seed=arguments["seed"] + 1)
            plain = build(use_batchnorm=False)
            return {
                "params": dict(net.params),
                "without batch norm": sorted(plain.params),
                "same seed, same weights": all(
                    np.array_equal(net.params[name], again.params[name]) for name in net.params
                ),
                "another seed, other weights": not np.array_equal(
                    net.params["W1"], another.params["W1"]
                ),
            }
        for name, value in weights.items():
            net.params[name] = value.copy()
        for batch in earlier:
            net.loss(batch, y)
        scores = net.loss(X)
        loss, gradients = net.loss(X, y)
        found = [*net.params.values(), *gradients.values(), scores]
        return {
            "scores": scores,
            "loss": float(loss),
            "gradients for": sorted(gradients),
            "dtypes": sorted({str(np.asarray(value).dtype) for value in found}),
            **{f"d{name}": gradient for name, gradient in gradients.items()},
        }

    def read(self, seen, weights, weight_scale, **inputs):
        if weights:
            return seen
        found = first_weights(seen, weight_scale)
        return found | {"without batch norm": seen["without batch norm"]}

    def reference(self, **inputs):
        if not inputs["weights"]:
            return self.right_first_weights(**inputs)
        right = follow(self.device, **inputs)
        # Wide enough for a loss that was computed in single precision.
        return right | {"loss": near(right["loss"], rtol=1e-5, atol=1e-7)}

    def shapes(self, input_dim, num_filters, filter_size, hidden_dim, num_classes, behind=None,
               **_):  # fmt: skip
        c, *sides = input_dim
        rows, columns = behind or [map_size(side, filter_size) for side in sides]
        return {
            "W1": [num_filters, c, filter_size, filter_size], "b1": [num_filters],
            "W2": [num_filters * rows * columns, hidden_dim], "b2": [hidden_dim],
            "W3": [hidden_dim, num_classes], "b3": [num_classes],
            "gamma1": [num_filters], "beta1": [num_filters],
        }  # fmt: skip

    def right_first_weights(self, dtype, **inputs):
        right = {"biases and β start at": "0", "γ starts at": "1", "dtypes": [dtype],
                 "same seed, same weights": True, "another seed, other weights": True,
                 "layers start alike": False, "shapes": self.shapes(**inputs),
                 "without batch norm": ["W1", "W2", "W3", "b1", "b2", "b3"]}  # fmt: skip
        for name in ("W1", "W2", "W3"):
            error = 1 / np.sqrt(np.prod(right["shapes"][name]))
            right[MEAN.format(name)] = statistic(0.0, error)
            right[SPREAD.format(name)] = statistic(0.0, error / np.sqrt(2))
        return right

    def changed(self, inputs, **change):
        """What a net that is put together in another way shows."""
        return follow("cpu", **inputs, **change) if inputs["weights"] else {}

    # Shapes.

    @mistake
    def shrinks_without_padding(self, right, **inputs):
        """Your W2 has the rows of a convolution without padding. The pad here is
        (filter_size − 1) // 2, which keeps the size for odd filters."""
        return self.sized(inputs, lambda side: (side - inputs["filter_size"] + 1) // 2)

    @mistake
    def size_taken_as_kept(self, right, **inputs):
        """Your W2 has too many rows: with an even filter this padding does not keep the size, the
        map is one row and one column smaller than the picture. Compute the size, do not assume
        it."""
        return self.sized(inputs, lambda side: side // 2)

    @mistake
    def pooling_left_out_of_the_size(self, right, **inputs):
        """Your W2 has the rows of the map in front of the pooling. The pooling halves height and
        width."""
        pad = (inputs["filter_size"] - 1) // 2
        return self.sized(inputs, lambda side: side + 2 * pad - inputs["filter_size"] + 1)

    def sized(self, inputs, behind):
        if not inputs["weights"]:
            behind = [behind(side) for side in inputs["input_dim"][1:]]
            return {"shapes": self.shapes(**inputs, behind=behind)}

    @mistake
    def norm_always_there(self, right, **inputs):
        """Without use_batchnorm there is no γ and no β among the parameters."""
        if not inputs["weights"]:
            names = sorted([*right["without batch norm"], "gamma1", "beta1"])
            return {"without batch norm": names}

    # How the layers are put together.

    @mistake
    def no_relu_after_the_convolution(self, right, **inputs):
        """There is no ReLU behind your convolution."""
        return self.changed(inputs, relu_conv=False)

    @mistake
    def no_relu_between_the_affine_layers(self, right, **inputs):
        """There is no ReLU between your two affine layers, so together they are one."""
        return self.changed(inputs, relu_hidden=False)

    @mistake
    def relu_on_the_scores(self, right, **inputs):
        """The last layer gives scores, and those may be negative: there is no ReLU after it."""
        return self.changed(inputs, relu_last=True)

    @mistake
    def norm_after_the_relu(self, right, **inputs):
        """Your order is convolution, ReLU, norm. Here the norm comes before the ReLU."""
        if inputs["use_batchnorm"]:
            return self.changed(inputs, norm_last=True)

    @mistake
    def trains_while_it_predicts(self, right, **inputs):
        """Without labels your net still normalises by the batch. A prediction is made in test
        mode, from the running statistics."""
        if inputs["use_batchnorm"]:
            return self.changed(inputs, modes="train")

    @mistake
    def stays_in_test_mode(self, right, **inputs):
        """After its first prediction your net stays in test mode. Set the mode at the start of
        every call, in both directions."""
        if inputs["use_batchnorm"]:
            return self.changed(inputs, modes="stays")

    @mistake
    def norm_forgets(self, right, **inputs):
        """Your running statistics start anew in every call. Make the norm's dictionary once, with
        the net."""
        if inputs["use_batchnorm"]:
            return self.changed(inputs, forgets=True)

    # The penalty.

    @mistake
    def everything_penalised(self, right, **inputs):
        """The penalty is on the three W only. You pull at every parameter, also at γ and β."""
        if inputs["use_batchnorm"]:
            return self.penalised(right, inputs, 0.5, 1.0, ("b", "gamma"))

    @mistake
    def filters_not_penalised(self, right, **inputs):
        """Your filters go free. The penalty is on all three W, the convolution's too."""
        return self.penalised(right, inputs, -0.5, -1.0, "W1")
