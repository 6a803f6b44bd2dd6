"""Exercise of notebook 08: a fully connected net of any depth, put together from one's own layers.

Mistakes in its parts are in `net_dropout`, `net_norms`, `net_labels` and `net_weights`, the same
net on torch's operators in `net_oracle`.
"""

import numpy as np

from autograder.exercise import Case, mistake, near, raises, statistic
from autograder.exercises.learners_net.oracle import (
    EVENLY,
    MEAN,
    NORMALLY,
    SPREAD,
    WITHIN,
    first_weights,
)
from autograder.exercises.tuning.net_dropout import (
    AGAIN,
    ALIKE,
    BACK,
    DROPPED,
    DROPS_ALIKE,
    DROPS_APART,
    EACH,
    LOSS,
    SHARE,
    UNMOVED,
    WHERE,
    DropsUnits,
    dropped_beside_a_norm,
    right_dropout,
    what_was_dropped,
)
from autograder.exercises.tuning.net_labels import ReadsLabels
from autograder.exercises.tuning.net_norms import KeepsStatistics
from autograder.exercises.tuning.net_oracle import follow, last_cache_everywhere
from autograder.exercises.tuning.net_weights import (
    GRADS_TYPE,
    PARAMS_TYPE,
    SCORES_TYPE,
    HasWeights,
)

# What dropout shows in a net that does not use the arrays that were put into params.
UNREAD = dict.fromkeys((DROPPED, WHERE, LOSS, BACK), "unknown") | {SHARE: np.nan, AGAIN: True}
UNREAD |= {EACH: True}
KEYS, FOLLOWS = "keys of grads", "scores follow params"


class FullyConnectedNet(DropsUnits, KeepsStatistics, ReadsLabels, HasWeights):
    """A fully connected net of any depth, from layers that exist already."""

    signature = (
        "FullyConnectedNet(hidden_dims, input_dim=3072, num_classes=10, dropout_keep_ratio=1, "
        "normalization=None, reg=0.0, weight_scale=1e-2, dtype=None, seed=None)"
    )
    library = "numpy"
    minutes = 25
    difficulty = 3
    any_width = (  # their types are observations of their own
        "scores", *(f"d{kind}{i}" for kind in ("W", "b", "gamma", "beta") for i in range(1, 5)),
    )  # fmt: skip
    reads = {
        "scores": "the array of your net's scores",
        "loss": "the loss of your net",
        **{f"d{name}": f"in your grads `{name}`" for name in
           ("W1 b1 W2 b2 W3 b3 W4 b4 gamma1 beta1 gamma2 beta2").split()},
        **{MEAN.format(f"W{i}"): f"mean over standard deviation of your first `W{i}`"
           for i in (1, 2, 3)},
        **{SPREAD.format(f"W{i}"): f"the standard deviation of your first `W{i}` is weight_scale "
           "times e to the power of {seen}; a power {right} is right" for i in (1, 2, 3)},
        KEYS: "the keys of your grads are {seen}; {right} are right",
        FOLLOWS: "it is {seen} that your scores change with the arrays in params; {right} is right",
        SCORES_TYPE: "your scores come in {seen}; {right} is right",
        GRADS_TYPE: "your gradients come in {seen}; {right} is right",
        PARAMS_TYPE: "your parameters come in {seen}; {right} is right",
        "shapes": "the shapes of your first params: the dictionary",
        "biases and β start at": "your biases and β start at {seen}; {right} is right",
        "γ starts at": "your γ starts at {seen}; {right} is right",
        "same seed, same weights": "it is {seen} that two nets of one seed have the same weights; "
        "{right} is right",
        "another seed, other weights": "it is {seen} that a net of another seed has other weights; "
        "{right} is right",
        "no seed, other weights": "it is {seen} that two nets without a seed have different "
        "weights; {right} is right",
        "layers start alike": "it is {seen} that two layers start with the same numbers; {right} "
        "is right",
        WITHIN: "the share of your first weights within one standard deviation",
        EVENLY: "of your first weights {seen} have no number beyond two standard deviations; "
        "{right} is right, since normal ones have some",
        ALIKE: "it is {seen} that two predictions for the same X are alike; {right} is right",
        DROPPED: "what your dropout drops is {seen}; {right} is right",
        SHARE: "the share of hidden units that your net keeps in training",
        WHERE: "units are dropped behind {seen}; {right} is right",
        LOSS: "what is kept is, by your loss, {seen}; {right} is right",
        BACK: "in your gradients dropout is {seen}; {right} is right",
        AGAIN: "it is {seen} that the next call drops other units; {right} is right",
        DROPS_ALIKE: "it is {seen} that two nets of one seed drop the same units; {right} is right",
        EACH: "it is {seen} that each example of a batch drops units of its own; {right} is right",
        DROPS_APART: "it is {seen} that a net of another seed drops other units; {right} is right",
        UNMOVED: "it is {seen} that a prediction before leaves it alone which units are dropped; "
        "{right} is right",
    }
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
                 batches=0, images=False, lift=0.0, seed=None, reg_at_first=None):  # fmt: skip
            made = {"hidden_dims": dims[1:-1], "input_dim": dims[0], "num_classes": dims[-1]}
            weights = {}
            for i, (n_in, n_out) in enumerate(zip(dims[:-1], dims[1:], strict=True), 1):
                # Where units are dropped, none is to be silent by itself.
                spread = 0.05 if lift else 1.0
                weights[f"W{i}"] = spread * rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
                weights[f"b{i}"] = rng.normal(size=n_out) * 0.5 + lift
                if normalization and i < len(dims) - 1:
                    weights[f"gamma{i}"] = rng.uniform(0.5, 2, n_out) * (0.2 if lift else 1)
                    weights[f"beta{i}"] = rng.normal(size=n_out) + lift
            X = 2 * rng.normal(size=(n, 1, 3, dims[0] // 3) if images else (n, dims[0])) + 0.5
            made |= {
                "dropout_keep_ratio": keep, "normalization": normalization, "reg": reg,
                "reg_at_first": reg if reg_at_first is None else reg_at_first,
                "weight_scale": 0.03, "dtype": dtype,
                "seed": int(rng.integers(1, 1000)) if seed is None else seed,
                "weights": {name: w.astype(dtype) for name, w in weights.items()},
                "X": X, "y": rng.integers(0, dims[-1], n),
                "earlier": 2 * rng.normal(size=(batches, n, dims[0])) + 1,
            }  # fmt: skip
            return Case(name, points, **made)

        for name, seed in (("first weights", None), ("first weights, seed 0", 0)):
            fresh = case(name, 1, [60, 40, 30, 7], 4, "batchnorm", dtype="float32", seed=seed)
            # So many that how W3 is distributed shows, too.
            fresh.inputs |= {"weights": {}, "num_classes": 20}
            yield fresh
        images = case("two hidden layers, images", 2, [12, 7, 5, 4], 6, images=True)
        images.inputs["X"] = images.inputs["X"].round().astype(np.int64)
        yield images
        large = case("large scores", 1, [5, 6, 4], 7)
        large.inputs["weights"]["b2"] += [900, 900, 1900, 900]  # e^900 is beyond all numbers
        large.inputs["y"][0] = 1  # and e^-1000 is 0
        yield large
        yield case("three hidden layers of one width", 2, [6, 6, 6, 6, 3], 5)
        yield case("no hidden layer, weight decay", 2, [5, 4], 3, reg=0.3)
        yield case("weight decay", 1, [8, 6, 5, 3], 4, reg=0.7)
        yield case("another λ than at first", 1, [7, 5, 3], 4, reg=0.25, reg_at_first=1.5)
        yield case("batch norm", 4, [9, 6, 6, 4], 8, "batchnorm", reg=0.2, batches=3)
        yield case("layer norm", 2, [7, 9, 8, 3], 5, "layernorm", reg=0.15, batches=1)
        yield case("single precision", 2, [8, 6, 6, 4], 6, "batchnorm", reg=0.1, dtype="float32",
                   batches=2)  # fmt: skip
        yield case("layer norm and dropout", 1, [9, 50, 40, 5], 1, "layernorm", keep=0.4, lift=5.0)
        yield case("dropout, 0.25 kept", 1, [12, 110, 80, 5], 1, keep=0.25, lift=5.0)
        yield case("dropout, 0.7 kept", 1, [12, 110, 80, 5], 1, keep=0.7, lift=5.0)
        yield case("dropout, single precision", 1, [12, 100, 90, 5], 1, keep=0.3, lift=5.0,
                   dtype="float32")  # fmt: skip
        zeros = case("labels that are all 0", 1, [5, 6, 4], 3)
        zeros.inputs["y"] = np.zeros_like(zeros.inputs["y"])
        yield zeros

    def observe(self, code, weights, X, y, earlier, dtype, reg, reg_at_first, **arguments):
        def build(**other):
            return code.FullyConnectedNet(
                **arguments | {"reg": reg_at_first} | other, dtype=np.dtype(dtype).type
            )

        def types(arrays):
            found = sorted({str(np.asarray(value).dtype) for value in arrays} - {dtype})
            return found[-1] if found else dtype  # one that differs tells enough

        def apart(one, other):
            return not np.array_equal(one.params["W1"], other.params["W1"])

        net = build()
        if not weights:
            again, another = build(), build(seed=arguments["seed"] + 1)
            return {
                "params": dict(net.params),
                "same seed, same weights": all(
                    np.array_equal(net.params[name], again.params[name]) for name in net.params
                ),
                "another seed, other weights": apart(net, another),
                "no seed, other weights": apart(build(seed=None), build(seed=None)),
            }
        # Of it W and b alone are replaced: a net that reads γ and β anew may still keep its W.
        other = build(reg=0.0)
        at_first = np.array(other.loss(X)), float(other.loss(X, y)[0])
        net.params.update({name: value.copy() for name, value in weights.items()})
        other.params.update({n: w.copy() for n, w in weights.items() if n[:-1] in ("W", "b")})
        net.reg = reg
        for batch in earlier:
            net.loss(batch.copy(), y)
        scores = net.loss(X)
        again = net.loss(X)
        loss, gradients = net.loss(X, y)
        gradients = dict(gradients)
        seen = {
            "scores": scores,
            "loss": float(loss),
            "keys of grads": ", ".join(sorted(gradients)),
            "type of scores": types([scores]),
            "type of gradients": types(gradients.values()),
            "scores follow params": not (
                np.array_equal(at_first[0], np.array(other.loss(X)))
                or at_first[1] == float(other.loss(X, y)[0])
            ),
            "two predictions alike": bool(np.array_equal(scores, again, equal_nan=True)),
            **{f"d{name}": gradient for name, gradient in gradients.items()},
        }
        if arguments["dropout_keep_ratio"] < 1:
            units = lambda net: np.any(net.loss(X, y)[1]["W2"] != 0, axis=1)
            seen["kept again"] = np.array([units(net) for _ in range(4)])
            twins = [build(), build(), build(seed=arguments["seed"] + 1), build(), build()]
            for each in twins:
                each.params.update({name: value.copy() for name, value in weights.items()})
            one, alike, apart = (units(each) for each in twins[:3])
            many = twins[3].loss(np.repeat(X, 16, 0), np.repeat(y, 16))[1]["W2"]
            twins[4].loss(X)
            seen["after a prediction the same units"] = bool(np.array_equal(one, units(twins[4])))
            seen["gone in all examples"] = float(np.mean(~np.any(many != 0, axis=1)))
            seen["one seed, the same units"] = bool(np.array_equal(one, alike))
            seen["another seed, other units"] = not np.array_equal(one, apart)
        return seen

    def read(self, seen, weights, X, dropout_keep_ratio, **inputs):
        if not weights:
            found = first_weights(seen, inputs["weight_scale"])
            return found | {
                PARAMS_TYPE: ", ".join(found.pop("dtypes")),
                "no seed, other weights": seen["no seed, other weights"],
            }
        unknown = set()  # what says nothing by itself
        if not seen[ALIKE]:
            unknown = {"scores"}
        kept = {name: seen[name] for name in (FOLLOWS, ALIKE, SCORES_TYPE, GRADS_TYPE, "scores")}
        if dropout_keep_ratio < 1 and inputs["normalization"]:
            right = self.beside_a_norm(X=X, **inputs)
            return dropped_beside_a_norm(seen, seen[FOLLOWS], right | {FOLLOWS: seen[FOLLOWS]})
        if dropout_keep_ratio < 1:
            found = what_was_dropped(seen, weights, X, dropout_keep_ratio, inputs["y"]) | kept
            if not seen[FOLLOWS]:
                found, unknown = found | UNREAD, {"scores"}
        else:
            gradients = {f"d{n}": seen.get(f"d{n}", np.full_like(w, np.nan))
                         for n, w in weights.items()}  # fmt: skip
            found = kept | {"loss": seen["loss"], KEYS: seen[KEYS]} | gradients
            if not seen[FOLLOWS]:
                unknown = {"scores", "loss", *gradients}
        # Of an overflow it depends on small things which of the numbers it reaches.
        unknown |= {name for name, value in found.items() if isinstance(value, float | np.ndarray)
                    and name != SHARE and not np.isfinite(value).all()}  # fmt: skip
        return found | {name: np.full_like(found[name], np.nan) for name in unknown}

    def reference(self, **inputs):
        if not inputs["weights"]:
            return self.right_first_weights(**inputs)
        if inputs["normalization"] and inputs["dropout_keep_ratio"] < 1:
            return self.beside_a_norm(**inputs)
        right = follow(self.device, **inputs)
        keep, dtype = inputs["dropout_keep_ratio"], inputs["dtype"]
        if keep < 1:
            found = right_dropout(right, keep, inputs["hidden_dims"])
        else:
            del right["dtypes"]
            keys = ", ".join(right.pop("gradients for"))
            # Wide enough for a loss that was computed in single precision.
            found = right | {KEYS: keys, "loss": near(right["loss"], rtol=1e-5, atol=1e-7)}
        # First, as what a net computes with other weights than these says nothing.
        return {FOLLOWS: True} | found | {ALIKE: True, SCORES_TYPE: dtype, GRADS_TYPE: dtype}

    def beside_a_norm(self, X, num_classes, **_):
        return {DROPPED: "single units", FOLLOWS: True,
                "scores": np.full((len(X), num_classes), np.nan)}  # fmt: skip

    def right_first_weights(self, hidden_dims, input_dim, num_classes, dtype, **_):
        dims = [input_dim, *hidden_dims, num_classes]
        right = {"biases and β start at": "0", "γ starts at": "1", PARAMS_TYPE: dtype,
                 "same seed, same weights": True, "another seed, other weights": True,
                 "no seed, other weights": True, "layers start alike": False,
                 "shapes": {}}  # fmt: skip
        drawn = sum(n_in * n_out for n_in, n_out in zip(dims[:-1], dims[1:], strict=True))
        right[EVENLY] = "none"
        right[WITHIN] = statistic(NORMALLY, np.sqrt(NORMALLY * (1 - NORMALLY) / drawn))
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
        shown = follow("cpu", **inputs, **change)
        return {name: shown[name] for name in shown if name not in ("dtypes", "gradients for")}

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
        """With normalization "layernorm" your net normalises nothing: there is no branch for that
        word, or it tests for another one."""
        if inputs["normalization"] == "layernorm":
            shown = self.changed(inputs, norm="none")
            gone = [n for n in inputs["weights"] if n.startswith(("gamma", "beta"))]
            gone = {f"d{n}": np.zeros_like(inputs["weights"][n]) for n in gone}
            return shown and shown | gone

    @mistake
    def images_not_flattened(self, right, **inputs):
        """Your net stops at images, N×C×H×W. Lay each example out in a row first."""
        if inputs["X"].ndim > 2 and inputs["weights"]:
            return dict.fromkeys(right, raises("ValueError"))

    @mistake
    def stops_without_hidden_layer(self, right, **inputs):
        """Your net stops where hidden_dims is empty. It may be: then one affine layer is all."""
        if not inputs["hidden_dims"]:
            return dict.fromkeys(right, raises("IndexError"))

    @mistake
    def weights_transposed(self, right, **inputs):
        """Your weights are outputs × inputs, as torch keeps them. Here Wi is inputs × outputs."""
        if not inputs["weights"]:
            return {"shapes": {n: shape[::-1] for n, shape in right["shapes"].items()}}
        return dict.fromkeys(right, raises("ValueError"))

    @mistake
    def params_not_read(self, right, **inputs):
        """Your net goes on with its first weights when other arrays are put into params. loss reads
        params at every call."""
        if inputs["weights"]:
            shown = {FOLLOWS: False} | {name: UNREAD[name] for name in UNREAD if name in right}
            numbers = (n for n, v in right.items() if isinstance(v, float | np.ndarray))
            return {n: np.full_like(right[n], np.nan) for n in numbers} | shown

    @mistake
    def norm_gradients_missing(self, right, **inputs):
        """Your grads lack γ and β. They are parameters, too: every key of params is in grads."""
        gone = [n for n in inputs["weights"] if n.startswith(("gamma", "beta"))]
        if gone and KEYS in right:
            keys = ", ".join(sorted(set(inputs["weights"]) - set(gone)))
            return {KEYS: keys} | {f"d{n}": np.full_like(right[f"d{n}"], np.nan) for n in gone}

    @mistake
    def one_cache_for_all(self, right, **inputs):
        """All your layers seem to share one cache: on the way back each uses what the last one
        left. Keep every layer's cache."""
        dims = [inputs["input_dim"], *inputs["hidden_dims"]]
        if len(dims) > 2 and len(set(dims)) == 1 and not inputs["normalization"]:
            return last_cache_everywhere(right, **inputs)
