"""A convolutional net put together from one's own layers (notebook 10).

Mistakes in its parts are in `net_parts` and `net_weights`, the same net on torch's operators in
`net_oracle`.
"""

import numpy as np

from autograder.exercise import Case, near, statistic
from autograder.exercises.convolution.net_oracle import (
    ADDED,
    ALIKE,
    GRADS_TYPE,
    KEYS,
    LEFT_ALONE,
    PARAMS_TYPE,
    RETURNED,
    SCORES_TYPE,
    follow,
    map_size,
)
from autograder.exercises.convolution.net_parts import HasParts
from autograder.exercises.convolution.net_weights import NO_SEED, SEED_0, HasWeights
from autograder.exercises.learners_net.oracle import (
    EVENLY,
    MEAN,
    NORMALLY,
    SPREAD,
    WITHIN,
    first_weights,
)

PARAMS = ("W1", "b1", "W2", "b2", "W3", "b3", "gamma1", "beta1")


class ThreeLayerConvNet(HasParts, HasWeights):
    """Convolution, pooling and two affine layers, from layers that exist already."""

    signature = (
        "ThreeLayerConvNet(input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, "
        "num_classes=10, weight_scale=1e-3, reg=0.0, dtype=None, seed=None, use_batchnorm=False)"
    )
    minutes = 20
    difficulty = 3
    # Their types are observations of their own.
    any_width = ("scores", *(f"d{name}" for name in PARAMS))
    reads = {
        "scores": "the array of your scores",
        "loss": "your loss",
        **{f"d{name}": f"the gradient of {name} in your grads" for name in PARAMS},
        KEYS: "the keys of your grads are {seen}; {right} are right",
        RETURNED: "with y, your `loss` returns {seen}; {right} belongs there",
        LEFT_ALONE: "your `loss` changes the arrays in `params`; it only reads them",
        ADDED: "it is {seen} that your `loss` adds to `params`; {right} is right",
        ALIKE: "it is {seen} that two predictions for the same X are alike; {right} is right",
        SCORES_TYPE: "your scores come in {seen}; {right} is right",
        GRADS_TYPE: "your gradients come in {seen}; {right} is right",
        PARAMS_TYPE: "your first parameters come in {seen}; {right} is right",
        "shapes": "the dictionary of the shapes of your first params",
        "biases and β start at": "your biases and β start at {seen}; {right} is right",
        "γ starts at": "your γ starts at {seen}; {right} is right",
        "same seed, same weights": "it is {seen} that two nets of one seed have the same weights; "
        "{right} is right",
        "another seed, other weights": "it is {seen} that a net of another seed has other weights; "
        "{right} is right",
        SEED_0: "it is {seen} that two nets of seed 0 have the same weights; {right} is right",
        NO_SEED: "it is {seen} that two nets without a seed have different weights; {right} is "
        "right",
        "layers start alike": "it is {seen} that two layers start with the same numbers; {right} "
        "is right",
        "without batch norm": "the params of your net without batch norm are {seen}; {right} are "
        "right",
        WITHIN: "the share of your first weights within one standard deviation",
        EVENLY: "of your first weights {seen} have no number beyond two standard deviations; "
        "{right} is right, since normal ones have some",
        **{MEAN.format(w): f"the mean of your first {w}, in standard deviations," for w in
           ("W1", "W2", "W3")},
        **{SPREAD.format(w): f"the logarithm of (standard deviation of your first {w} / "
           "weight_scale)" for w in ("W1", "W2", "W3")},
    }  # fmt: skip
    hints = (
        "Follow one picture through the net and write down its shape after each layer. W2 "
        "has as many rows as there are values after the pooling.",
        "Each layer's forward pass gives a cache; the backward pass uses them in reverse order. "
        "The affine layers flatten pictures by themselves and give dx back in their shape.",
        "The penalty has a place in the loss and one in the gradient of each of the three W. The "
        "mode of the batch norm is set at the beginning of every call of loss.",
    )

    def cases(self, rng):
        def case(name, points, shape, filters, size, hidden, classes, n=4, norm=False, reg=0.0,
                 reg_at_first=None, dtype="float64", batches=0):  # fmt: skip
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
                "reg_at_first": reg if reg_at_first is None else reg_at_first,
                "weight_scale": 0.03, "dtype": dtype, "seed": int(rng.integers(1, 1000)),
                "weights": {name: w.astype(dtype) for name, w in weights.items()},
                "X": 2 * rng.normal(size=(n, *shape)) + 0.5, "y": rng.integers(0, classes, n),
                "earlier": 2 * rng.normal(size=(batches, n, *shape)) + 1,
            }  # fmt: skip
            return Case(name, points, **made)

        fresh = case("first weights", 4, (2, 11, 14), 12, 8, 40, 7, norm=True, dtype="float32")
        # So many that how W3 is distributed shows, too.
        fresh.inputs |= {"weights": {}, "num_classes": 20}
        yield fresh
        yield case("odd sides", 2, (3, 7, 5), 4, 3, 6, 3)
        whole = case("pictures of whole numbers", 1, (2, 6, 5), 3, 3, 5, 4, n=3)
        whole.inputs["X"] = (2 * whole.inputs["X"]).round().astype(np.int64)
        yield whole
        yield case("an even filter, weight decay", 2, (2, 6, 9), 3, 4, 5, 4, reg=0.7)
        yield case("1×1 filters, another λ than at first", 2, (3, 4, 5), 4, 1, 6, 3, reg=0.3,
                   reg_at_first=1.1)  # fmt: skip
        others = [
            case("batch norm", 3, (1, 5, 6), 4, 5, 7, 3, norm=True, reg=0.2, batches=3),
            case("batch norm, single precision", 1, (2, 4, 6), 3, 3, 6, 4, norm=True,
                 dtype="float32", batches=1),
            case("single precision", 1, (3, 5, 4), 2, 3, 4, 5, reg=0.1, dtype="float32"),
            case("labels that are all 0", 1, (2, 4, 5), 3, 3, 5, 4),
        ]  # fmt: skip
        others[-1].inputs["y"] = np.zeros_like(others[-1].inputs["y"])
        # Before the others with a norm: what a class keeps for all its nets has not moved yet.
        yield case("batch norm, before any training", 1, (2, 5, 4), 3, 3, 5, 4, norm=True)
        yield from others

    def observe(self, code, weights, X, y, earlier, input_dim, dtype, reg, reg_at_first,
                **arguments):  # fmt: skip
        def build(**other):
            return code.ThreeLayerConvNet(
                **{"input_dim": tuple(input_dim), "dtype": np.dtype(dtype).type,
                   "reg": reg_at_first} | arguments | other
            )  # fmt: skip

        def alike(one, other):
            return all(np.array_equal(one.params[n], other.params[n]) for n in one.params)

        def types(arrays):
            found = sorted({str(np.asarray(value).dtype) for value in arrays})
            return ", ".join(found)

        net = build()
        if not weights:
            another = build(seed=arguments["seed"] + 1)
            return {
                "params": dict(net.params),
                "without batch norm": ", ".join(sorted(build(use_batchnorm=False).params)),
                "same seed, same weights": alike(net, build()),
                "another seed, other weights": not np.array_equal(
                    net.params["W1"], another.params["W1"]
                ),
                "two nets of seed 0 are alike": alike(build(seed=0), build(seed=0)),
                "two nets without a seed differ": not alike(build(seed=None), build(seed=None)),
                "type of parameters": types(net.params.values()),
            }

        def fill(net, share=1):
            net.reg = reg
            for name, value in weights.items():
                first = net.params.get(name)
                own = isinstance(first, np.ndarray) and first.shape == value.shape
                if own and first.flags.writeable:
                    first[...] = value / 2  # what a net goes on with that keeps its first arrays
                net.params[name] = (share * value).astype(value.dtype)

        if not arguments["use_batchnorm"]:
            fill(net, 0.75)  # what a net goes on with that copies its params at its first call
            net.loss(X), net.loss(X, y)
        names = set(net.params)
        for batch in earlier:
            fill(net)
            net.loss(batch.copy(), y)
        for batch in earlier[:1]:  # another net has statistics of its own
            other = build()
            fill(other)
            other.loss(-batch, y)
        fill(net)
        scores = np.array(net.loss(X))
        again = net.loss(X)
        returned = net.loss(X, y)
        loss, grads, form = None, {}, f"a {type(returned).__name__}"
        if isinstance(returned, (tuple, list)) and len(returned) == 2:
            backwards = isinstance(returned[0], dict)
            grads, loss = returned if backwards else returned[::-1]
            form = "grads, loss" if backwards else "loss, grads"
        elif np.ndim(returned) == 0 and not isinstance(returned, (dict, type(None))):
            loss, form = returned, "the loss alone"
        return {
            "scores": scores,
            "loss": None if loss is None else float(loss),
            "keys of grads": ", ".join(sorted(map(str, grads))) or "missing",
            "what loss(X, y) returns": form,
            "params left alone": all(np.array_equal(net.params[n], w) for n, w in weights.items()),
            "params added": not set(net.params) <= names | set(weights),
            "two predictions alike": bool(np.array_equal(scores, again, equal_nan=True)),
            "type of scores": types([scores]),
            "type of gradients": types(grads.values()) or "missing",
            **{f"d{name}": gradient for name, gradient in grads.items()},
        }

    def read(self, seen, weights, weight_scale, **inputs):
        if weights:
            if not seen[ALIKE]:  # neither of them is judged then
                seen = seen | {"scores": np.full_like(seen["scores"], np.nan)}
            return {**dict.fromkeys(f"d{name}" for name in weights), **seen}
        found = first_weights(seen, weight_scale)
        own = ("without batch norm", SEED_0, NO_SEED, PARAMS_TYPE)
        return {n: v for n, v in found.items() if n != "dtypes"} | {n: seen[n] for n in own}

    def reference(self, reg_at_first, **inputs):
        if not inputs["weights"]:
            return self.right_first_weights(**inputs)
        right = follow(self.device, **inputs)
        # Wide enough for a loss that was computed in single precision.
        return right | {"loss": near(right["loss"], rtol=1e-5, atol=1e-7)}

    def right_first_weights(self, dtype, **inputs):
        right = {"biases and β start at": "0", "γ starts at": "1", PARAMS_TYPE: dtype,
                 "same seed, same weights": True, "another seed, other weights": True,
                 SEED_0: True, NO_SEED: True, "layers start alike": False,
                 "shapes": self.shapes(**inputs),
                 "without batch norm": "W1, W2, W3, b1, b2, b3"}  # fmt: skip
        drawn = 0
        for name in ("W1", "W2", "W3"):
            size = np.prod(right["shapes"][name])
            right[MEAN.format(name)] = statistic(0.0, 1 / np.sqrt(size))
            right[SPREAD.format(name)] = statistic(0.0, 1 / np.sqrt(2 * size))
            drawn += size
        right[EVENLY] = "none"
        right[WITHIN] = statistic(NORMALLY, np.sqrt(NORMALLY * (1 - NORMALLY) / drawn))
        return right
