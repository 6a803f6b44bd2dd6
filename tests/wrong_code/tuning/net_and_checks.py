"""Notebook 08: nets and sanity checks as people really write them wrong."""

import numpy as np
from wrong_code import wrong

from course_utils import layers


def assemble(change):
    """A net written out in the classic way, with one thing changed by `change`, a set of words."""

    class FullyConnectedNet:
        def __init__(self, hidden_dims, input_dim=3072, num_classes=10, dropout_keep_ratio=1,
                     normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32,
                     seed=None):  # fmt: skip
            self.normalization, self.reg, self.dtype = normalization, reg, dtype
            self.use_dropout = dropout_keep_ratio != 1
            self.num_layers = 1 + len(hidden_dims)
            self.params = {}
            rng = np.random if "global generator" in change else np.random.default_rng(seed)
            dims = [input_dim, *hidden_dims, num_classes]
            for i in range(self.num_layers):
                scale = np.sqrt(weight_scale) if "variance" in change else weight_scale
                self.params[f"W{i + 1}"] = rng.normal(0, scale, (dims[i], dims[i + 1]))
                self.params[f"b{i + 1}"] = np.zeros(dims[i + 1])
                if normalization and i < self.num_layers - 1:
                    self.params[f"gamma{i + 1}"] = np.ones(dims[i + 1])
                    self.params[f"beta{i + 1}"] = np.zeros(dims[i + 1])
            keep = dropout_keep_ratio
            self.dropout_param = {"mode": "train", "p": 1 - keep if "drop" in change else keep}
            self.dropout_param |= {"seed": seed} if "seeded dropout" in change else {"rng": rng}
            one = {"mode": "train"}
            self.bn_params = [one if "one state" in change else dict(one) for _ in hidden_dims]
            if "wider" not in change:
                for k, v in self.params.items():
                    self.params[k] = v.astype(dtype)

        def loss(self, X, y=None):
            X = X.astype(self.dtype)
            mode = "test" if y is None else "train"
            self.dropout_param["mode"] = mode
            for bn_param in self.bn_params:
                bn_param["mode"] = "train" if "always train" in change else mode
            norm = {"batchnorm": "batchnorm", "layernorm": "layernorm"}.get(self.normalization)
            if norm == "layernorm" and "no layer norm" in change:
                norm = "batchnorm"
            cache = {}
            out = X
            for i in range(1, self.num_layers):
                out, cache["fc", i] = layers.affine_forward(
                    out, self.params[f"W{i}"], self.params[f"b{i}"]
                )
                if norm:
                    out, cache["norm", i] = getattr(layers, f"{norm}_forward")(
                        out, self.params[f"gamma{i}"], self.params[f"beta{i}"],
                        self.bn_params[i - 1],
                    )  # fmt: skip
                out, cache["relu", i] = layers.relu_forward(out)
                if self.use_dropout and "nothing dropped" not in change:
                    out, cache["drop", i] = layers.dropout_forward(out, self.dropout_param)
                    if "draws in test" in change and y is None:
                        self.dropout_param["rng"].random(out.shape)
            L = self.num_layers
            scores, cache["fc", L] = layers.affine_forward(
                out, self.params[f"W{L}"], self.params[f"b{L}"]
            )
            if "relu last" in change:
                scores, cache["relu", L] = layers.relu_forward(scores)
            if y is None:
                return scores
            loss, dout = layers.softmax_loss(scores, y)
            grads = {}
            half = 1.0 if "no half" in change else 0.5
            for i in range(1, L + 1):
                loss += half * self.reg * np.sum(self.params[f"W{i}"] ** 2)
            for i in range(L, 0, -1):
                if ("drop", i) in cache and "drop forward only" not in change:
                    dout = layers.dropout_backward(dout, cache["drop", i])
                if ("relu", i) in cache:
                    dout = layers.relu_backward(dout, cache["relu", i])
                if ("norm", i) in cache:
                    dout, grads[f"gamma{i}"], grads[f"beta{i}"] = getattr(
                        layers, f"{norm}_backward"
                    )(dout, cache["norm", i])
                dout, grads[f"W{i}"], grads[f"b{i}"] = layers.affine_backward(dout, cache["fc", i])
                if "no pull" not in change:
                    grads[f"W{i}"] += 2 * half * self.reg * self.params[f"W{i}"]
                if "biases too" in change:
                    grads[f"b{i}"] += self.reg * self.params[f"b{i}"]
                    loss += 0.5 * self.reg * np.sum(self.params[f"b{i}"] ** 2)
            return loss, grads

    return FullyConnectedNet


for words, identity in {
    "global generator": "dropout_without_the_seed seed_ignored",
    "variance": "scale_is_the_variance",
    "drop": "share_dropped_for_kept",
    "seeded dropout": "same_units_every_time",
    "one state": "one_state_for_all_norms",
    "wider": "wider_parameters",
    "always train": "trains_while_it_predicts",
    "no layer norm": "batch_norm_for_layer_norm",
    "nothing dropped": "nothing_dropped",
    "draws in test": "prediction_draws",
    "relu last": "relu_on_the_scores",
    "no half": "penalty_without_half",
    "drop forward only": "dropout_left_out_on_the_way_back",
    "no pull": "penalty_not_in_gradient",
    "biases too": "biases_penalised",
}.items():
    wrong("FullyConnectedNet", *identity.split())(assemble({words}))


@wrong("sanity_checks", "leaves_it_trained")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    old_reg, old_params = model.reg, dict(model.params)
    report = {"expected_loss": np.log(model.loss(X).shape[1])}
    model.reg = 0
    report["first_loss"] = model.loss(X, y)[0]
    model.reg = 1
    report["loss_with_reg"] = model.loss(X, y)[0]
    model.reg = 0
    for _ in range(steps):
        for name, grad in model.loss(X[:20], y[:20])[1].items():
            model.params[name] -= learning_rate * grad
    report["accuracy_on_20"] = (model.loss(X[:20]).argmax(1) == y[:20]).mean()
    model.reg, model.params = old_reg, old_params
    close = abs(report["first_loss"] / report["expected_loss"] - 1) < 0.1
    rises = report["loss_with_reg"] > report["first_loss"]
    return report | {"sound": close and rises and report["accuracy_on_20"] == 1}


@wrong("sanity_checks", "classes_in_the_labels")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    old_reg, old = model.reg, {k: v.copy() for k, v in model.params.items()}
    model.reg = 0
    first, expected = model.loss(X, y)[0], np.log(len(set(y)))
    model.reg = 1
    higher = model.loss(X, y)[0]
    model.reg = 0
    for _ in range(steps):
        for name, grad in model.loss(X[:20], y[:20])[1].items():
            model.params[name] = model.params[name] - learning_rate * grad
    right = (model.loss(X[:20]).argmax(1) == y[:20]).mean()
    model.reg, model.params = old_reg, old
    sound = abs(first - expected) < 0.1 * expected and higher > first and right == 1
    return {"first_loss": first, "expected_loss": expected, "loss_with_reg": higher,
            "accuracy_on_20": right, "sound": sound}  # fmt: skip


def checks(sign=-1, memorising_reg=0.0, first_reg=0.0):
    """sanity_checks with another direction of its steps or another reg."""

    def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
        reg, params = model.reg, {name: value.copy() for name, value in model.params.items()}
        model.reg = 1.0
        higher = model.loss(X, y)[0]
        model.reg = first_reg
        first, expected = model.loss(X, y)[0], np.log(model.loss(X).shape[1])
        model.reg = memorising_reg
        for _ in range(steps):
            for name, grad in model.loss(X[:20], y[:20])[1].items():
                model.params[name] += sign * learning_rate * grad
        right = (model.loss(X[:20]).argmax(1) == y[:20]).mean()
        model.reg, model.params = reg, params
        sound = abs(first - expected) < 0.1 * expected and higher > first and right == 1
        return {"first_loss": first, "expected_loss": expected, "loss_with_reg": higher,
                "accuracy_on_20": right, "sound": sound}  # fmt: skip

    return sanity_checks


wrong("sanity_checks", "climbs")(checks(sign=1))
wrong("sanity_checks", "penalised_while_memorising")(checks(memorising_reg=1.0))
wrong("sanity_checks", "never_without_penalty")(checks(memorising_reg=1.0, first_reg=1.0))
