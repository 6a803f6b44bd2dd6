"""Exercise of notebook 08: a fully connected net of any depth, put together from one's own layers.

What is done with such a net (checks, searches, diagnoses, logs) is in the other `tuning*`; the same
net on torch's operators in `tuning_net_oracle`.
"""

import numpy as np

from autograder.exercise import Case, mistake, near, statistic
from autograder.exercises.learners_net.judged import OwnNet
from autograder.exercises.learners_net.oracle import MEAN, SPREAD, first_weights
from autograder.exercises.tuning.net_oracle import follow, last_cache_everywhere, what_was_dropped


class FullyConnectedNet(OwnNet):
    """A fully connected net of any depth, from layers that exist already."""

    signature = (
        "FullyConnectedNet(hidden_dims, input_dim=3072, num_classes=10, dropout_keep_ratio=1, "
        "normalization=None, reg=0.0, weight_scale=1e-2, dtype=None, seed=None)"
    )
    library = "numpy"
    minutes = 25
    difficulty = 3
    hints = (
        "Write down the sizes in a row: input, hidden ones, classes. Layer i goes from one entry "
        "to the next, so all weights come from one loop over neighbours in that row.",
        "Going forward, every layer leaves a cache: append each to one list. Going backward, take "
        "them off its end, and the order is right by itself.",
        "The penalty has a place in the loss and a place in each gradient of a W. The modes of "
        "norm and dropout are set at the beginning of every call of loss, whatever they were.",
    )

    def cases(self, rng):
        def case(name, points, dims, n, normalization=None, keep=1.0, reg=0.0, dtype="float64",
                 batches=0, images=False, lift=0.0):  # fmt: skip
            made = {"hidden_dims": dims[1:-1], "input_dim": dims[0], "num_classes": dims[-1]}
            weights = {}
            for i, (n_in, n_out) in enumerate(zip(dims[:-1], dims[1:], strict=True), 1):
                # Where units are dropped, none is to be silent by itself.
                spread = 0.1 if lift else 1.0
                weights[f"W{i}"] = spread * rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
                weights[f"b{i}"] = rng.normal(size=n_out) * 0.5 + lift
                if normalization and i < len(dims) - 1:
                    weights[f"gamma{i}"] = rng.uniform(0.5, 2, n_out)
                    weights[f"beta{i}"] = rng.normal(size=n_out)
            X = 2 * rng.normal(size=(n, 2, 3, dims[0] // 6) if images else (n, dims[0])) + 0.5
            made |= {
                "dropout_keep_ratio": keep, "normalization": normalization, "reg": reg,
                "weight_scale": 0.03, "dtype": dtype, "seed": int(rng.integers(1000)),
                "weights": {name: w.astype(dtype) for name, w in weights.items()},
                "X": X, "y": rng.integers(0, dims[-1], n),
                "earlier": 2 * rng.normal(size=(batches, n, dims[0])) + 1,
            }  # fmt: skip
            return Case(name, 2 * points, **made)

        fresh = case("first weights", 1, [60, 40, 30, 7], 4, "batchnorm", dtype="float32")
        fresh.inputs["weights"] = {}
        yield fresh
        yield case("two hidden layers, images", 2, [12, 7, 5, 4], 6, images=True)
        yield case("three hidden layers of one width", 1, [6, 6, 6, 6, 3], 5)
        yield case("no hidden layer, weight decay", 1, [5, 4], 3, reg=0.3)
        yield case("weight decay", 1, [8, 6, 5, 3], 4, reg=0.7)
        yield case("batch norm", 2, [9, 6, 6, 4], 8, "batchnorm", reg=0.2, batches=3)
        yield case("layer norm", 1, [7, 9, 8, 3], 5, "layernorm", batches=1)
        yield case("single precision", 1, [8, 7, 5, 4], 6, "batchnorm", dtype="float32", batches=2)
        yield case("dropout, 0.25 kept", 1, [12, 110, 80, 5], 1, keep=0.25, lift=5.0)
        yield case("dropout, 0.7 kept", 1, [12, 110, 80, 5], 1, keep=0.7, lift=5.0)

    def observe(self, code, weights, X, y, earlier, dtype, **arguments):
        def build(**other):
            return code.FullyConnectedNet(**arguments | other, dtype=np.dtype(dtype).type)

        net = build()
        if not weights:
            again, another = build(), build(seed=arguments["seed"] + 1)
            return {
                "params": dict(net.params),
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
        gradients = dict(gradients)
        found = [*net.params.values(), *gradients.values(), scores]
        seen = {
            "scores": scores,
            "loss": float(loss),
            "gradients for": sorted(gradients),
            "dtypes": sorted({str(np.asarray(value).dtype) for value in found}),
            **{f"d{name}": gradient for name, gradient in gradients.items()},
        }
        if arguments["dropout_keep_ratio"] < 1:
            seen["once more"] = net.loss(X, y)[1]["W2"]
        return seen

    def read(self, seen, weights, X, dropout_keep_ratio, **inputs):
        if not weights:
            return first_weights(seen, inputs["weight_scale"])
        if dropout_keep_ratio < 1:
            return what_was_dropped(seen, weights, X, dropout_keep_ratio, inputs["y"])
        return {name: value for name, value in seen.items() if name != "once more"}

    def reference(self, **inputs):
        if not inputs["weights"]:
            return self.right_first_weights(**inputs)
        right = follow(self.device, **inputs)
        keep = inputs["dropout_keep_ratio"]
        if keep == 1:
            # Wide enough for a loss that was computed in single precision.
            return right | {"loss": near(right["loss"], rtol=1e-5, atol=1e-7)}
        units = sum(inputs["hidden_dims"])
        return {
            "scores": right["scores"],
            "share kept": statistic(keep, np.sqrt(keep * (1 - keep) / units)),
            "layers that drop": [True] * len(inputs["hidden_dims"]),
            "loss and gradients fit what was dropped": True,
            "other units the next time": True,
        }

    def right_first_weights(self, hidden_dims, input_dim, num_classes, dtype, **_):
        dims = [input_dim, *hidden_dims, num_classes]
        right = {"biases and β start at": "0", "γ starts at": "1", "dtypes": [dtype],
                 "same seed, same weights": True, "another seed, other weights": True,
                 "layers start alike": False, "shapes": {}}  # fmt: skip
        for i, (n_in, n_out) in enumerate(zip(dims[:-1], dims[1:], strict=True), 1):
            right["shapes"] |= {f"W{i}": [n_in, n_out], f"b{i}": [n_out]}
            if i < len(dims) - 1:
                right["shapes"] |= {f"gamma{i}": [n_out], f"beta{i}": [n_out]}
            error = 1 / np.sqrt(n_in * n_out)
            right[MEAN.format(f"W{i}")] = statistic(0.0, error)
            right[SPREAD.format(f"W{i}")] = statistic(0.0, error / np.sqrt(2))
        return right

    def changed(self, inputs, **change):
        """What a net that is put together in another way shows, where nothing is dropped."""
        if not inputs["weights"] or inputs["dropout_keep_ratio"] < 1:
            return {}
        return follow("cpu", **inputs, **change)

    # How the layers are put together.

    @mistake
    def relu_on_the_scores(self, right, **inputs):
        """The last layer gives scores, and those may be negative: there is no ReLU after it."""
        return self.changed(inputs, relu_last=True)

    @mistake
    def norm_after_the_relu(self, right, **inputs):
        """Your order is affine, ReLU, norm. Here the norm comes before the ReLU (notebook 06
        measured both)."""
        if inputs["normalization"]:
            return self.changed(inputs, norm_last=True)

    @mistake
    def no_relu(self, right, **inputs):
        """There is no ReLU between your affine layers, so however many there are, the net is one
        affine map."""
        return self.changed(inputs, relu=False)

    @mistake
    def layer_norm_left_out(self, right, **inputs):
        """With normalization "layernorm" your net normalises nothing. Compare the word that you
        test for with the docstring's."""
        if inputs["normalization"] == "layernorm":
            shown = self.changed(inputs, norm="none")
            gone = [n for n in inputs["weights"] if n.startswith(("gamma", "beta"))]
            return shown | {f"d{n}": np.zeros_like(inputs["weights"][n]) for n in gone}

    @mistake
    def batch_norm_for_layer_norm(self, right, **inputs):
        """With normalization "layernorm" your net uses batch norm: statistics over the batch
        where those of each example are wanted."""
        if inputs["normalization"] == "layernorm":
            return self.changed(inputs, norm="batchnorm")

    @mistake
    def one_cache_for_all(self, right, **inputs):
        """All your layers seem to share one cache: on the way back each uses what the last one
        left. Keep every layer's cache."""
        dims = [inputs["input_dim"], *inputs["hidden_dims"]]
        if len(dims) > 2 and len(set(dims)) == 1 and not inputs["normalization"]:
            return last_cache_everywhere(right, **inputs)

    # Modes and state.

    @mistake
    def trains_while_it_predicts(self, right, **inputs):
        """Without labels your net still normalises by the batch. A prediction is made in test
        mode, from the running statistics."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, modes="train")

    @mistake
    def stays_in_test_mode(self, right, **inputs):
        """After its first prediction your net stays in test mode. Set the mode at the start of
        every call, in both directions."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, modes="stays")

    @mistake
    def one_state_for_all_norms(self, right, **inputs):
        """All your batch norms share one dictionary, so each overwrites the running statistics of
        the others. A list made by multiplying holds the same dictionary several times."""
        if inputs["normalization"] == "batchnorm" and len(set(inputs["hidden_dims"])) == 1:
            return self.changed(inputs, shared=True)

    @mistake
    def norm_forgets(self, right, **inputs):
        """Your running statistics start anew in every call. Make the dictionaries of the norms
        once, with the net."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, forgets=True)

    # The penalty.

    @mistake
    def everything_penalised(self, right, **inputs):
        """The penalty is on the weights W only. You pull at every parameter, also at γ and β."""
        if inputs["normalization"]:
            return self.penalised(right, inputs, 0.5, 1.0, ("b", "gamma"))

    @mistake
    def last_weights_penalised_alone(self, right, **inputs):
        """Only one of your weight matrices is penalised. The penalty belongs to each W, the
        hidden layers' too."""
        last = f"W{len(inputs['hidden_dims']) + 1}"
        others = tuple(f"W{i}" for i in range(1, int(last[1:])))
        return self.penalised(right, inputs, -0.5, -1.0, others) if others else None

    # The first weights.

    @mistake
    def weights_all_positive(self, right, **inputs):
        """Your first weights are all positive: drawn uniformly from 0 on. They should be normal
        with mean 0."""
        if not inputs["weights"]:
            layers = [f"W{i}" for i in range(1, len(inputs["hidden_dims"]) + 2)]
            shown = {SPREAD.format(name): -np.log(12) / 2 for name in layers}
            return shown | {MEAN.format(name): np.sqrt(3) for name in layers}

    @mistake
    def norm_after_the_last_layer(self, right, **inputs):
        """The scores are not normalised: γ and β belong to the hidden layers only."""
        if not inputs["weights"]:
            last = len(inputs["hidden_dims"]) + 1
            more = {f"gamma{last}": [inputs["num_classes"]], f"beta{last}": [inputs["num_classes"]]}
            return {"shapes": right["shapes"] | more}

    # Dropout.

    @mistake
    def share_dropped_for_kept(self, right, **inputs):
        """dropout_keep_ratio is the share that is KEPT, as "p" is in this course. Yours drops that
        share, as torch would."""
        if "share kept" in right:
            return {"share kept": 1 - inputs["dropout_keep_ratio"],
                    "loss and gradients fit what was dropped": False}  # fmt: skip

    @mistake
    def nothing_dropped(self, right, **inputs):
        """Your net drops nothing while it trains."""
        if "share kept" in right:
            return {"share kept": 1.0, "layers that drop": [False] * len(inputs["hidden_dims"]),
                    "loss and gradients fit what was dropped": False,
                    "other units the next time": False}  # fmt: skip

    @mistake
    def dropout_left_out_on_the_way_back(self, right, **inputs):
        """Your loss fits the units that were dropped, but your gradients pass through dropout as
        if all were there. It has a backward too."""
        if "share kept" in right:
            return {"loss and gradients fit what was dropped": "the loss alone"}

    @mistake
    def same_units_every_time(self, right, **inputs):
        """Your dropout drops the same units in every call, so they never learn. A "seed" in the
        dropout dictionary does that (the classic assignment wants it for gradient checks): use one
        generator that goes on."""
        if "share kept" in right:
            return {"other units the next time": False}
