"""Notebook 08: nets, checks, searches and logs as people really write them wrong."""

import numpy as np

from course_utils import layers
from wrong_code import wrong


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
    "global generator": "seed_ignored",
    "variance": "scale_is_the_variance",
    "drop": "share_dropped_for_kept",
    "seeded dropout": "same_units_every_time",
    "one state": "one_state_for_all_norms",
    "wider": "wider_parameters",
    "always train": "trains_while_it_predicts",
    "no layer norm": "batch_norm_for_layer_norm",
    "nothing dropped": "nothing_dropped",
    "relu last": "relu_on_the_scores",
    "no half": "penalty_without_half",
    "drop forward only": "dropout_left_out_on_the_way_back",
    "no pull": "penalty_not_in_gradient",
    "biases too": "biases_penalised",
}.items():
    wrong("FullyConnectedNet", identity)(assemble({words}))


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


@wrong("sample_hyperparameters", "ends_taken_for_exponents")
def sample_hyperparameters(space, n, rng):
    made = {
        "log": lambda low, high: 10 ** rng.uniform(low, high),
        "uniform": rng.uniform,
        "int": lambda low, high: int(rng.integers(low, high + 1)),
        "choice": lambda options: options[int(rng.integers(len(options)))],
    }
    return [{k: made[kind](*ends) for k, (kind, *ends) in space.items()} for _ in range(n)]


for log, identity in {np.log10: "decimal_logarithm_kept", np.log: "natural_logarithm_kept"}.items():

    @wrong("sample_hyperparameters", identity)
    def sample_hyperparameters(space, n, rng, log=log):
        made = {
            "log": lambda low, high: rng.uniform(log(low), log(high)),
            "uniform": rng.uniform,
            "int": lambda low, high: int(rng.integers(low, high + 1)),
            "choice": lambda options: options[int(rng.integers(len(options)))],
        }
        return [{k: made[kind](*ends) for k, (kind, *ends) in space.items()} for _ in range(n)]


@wrong("sample_hyperparameters", "evenly_in_the_rate")
def sample_hyperparameters(space, n, rng):
    def one(kind, *ends):
        if kind == "choice":
            return ends[0][int(rng.integers(len(ends[0])))]
        return int(rng.integers(ends[0], ends[1] + 1)) if kind == "int" else rng.uniform(*ends)

    return [{name: one(*entry) for name, entry in space.items()} for _ in range(n)]


@wrong("sample_hyperparameters", "two_kinds_of_logarithm")
def sample_hyperparameters(space, n, rng):
    settings = []
    for _ in range(n):
        config = {}
        for name, (kind, *ends) in space.items():
            if kind == "log":
                config[name] = np.exp(rng.uniform(np.log10(ends[0]), np.log10(ends[1])))
            elif kind == "uniform":
                config[name] = rng.uniform(*ends)
            elif kind == "int":
                config[name] = int(rng.integers(ends[0], ends[1] + 1))
            else:
                config[name] = ends[0][int(rng.integers(len(ends[0])))]
        settings.append(config)
    return settings


@wrong("sample_hyperparameters", "upper_end_left_out")
def sample_hyperparameters(space, n, rng):
    draw = {
        "log": lambda low, high: 10 ** rng.uniform(np.log10(low), np.log10(high)),
        "uniform": rng.uniform,
        "int": lambda low, high: int(rng.integers(low, high)),
        "choice": lambda options: options[int(rng.integers(len(options)))],
    }
    return [{name: draw[kind](*ends) for name, (kind, *ends) in space.items()} for _ in range(n)]


@wrong("sample_hyperparameters", "same_dictionary")
def sample_hyperparameters(space, n, rng):
    draw = {
        "log": lambda low, high: 10 ** rng.uniform(np.log10(low), np.log10(high)),
        "uniform": rng.uniform,
        "int": lambda low, high: int(rng.integers(low, high + 1)),
        "choice": lambda options: options[int(rng.integers(len(options)))],
    }
    config, settings = {}, []
    for _ in range(n):
        for name, (kind, *ends) in space.items():
            config[name] = draw[kind](*ends)
        settings.append(config)
    return settings


def draw(space, n, rng):
    """As it should be drawn."""
    made = {
        "log": lambda low, high: 10 ** rng.uniform(np.log10(low), np.log10(high)),
        "uniform": rng.uniform,
        "int": lambda low, high: int(rng.integers(low, high + 1)),
        "choice": lambda options: options[int(rng.integers(len(options)))],
    }
    return [{k: made[kind](*ends) for k, (kind, *ends) in space.items()} for _ in range(n)]


@wrong("sample_hyperparameters", "same_dictionary")
def sample_hyperparameters(space, n, rng):
    return [draw(space, 1, rng)[0]] * n


@wrong("sample_hyperparameters", "drawn_once")
def sample_hyperparameters(space, n, rng):
    (config,) = draw(space, 1, rng)
    return [dict(config) for _ in range(n)]


def assemble_diagnosis(change):
    def diagnose(history, goal=0.9):
        losses = np.array(history["loss"])
        tenth = len(losses) // 10
        end = losses[-1] if "single" in change else losses[-tenth:].mean()
        finite = np.isfinite(losses).all() or "no NaN" in change
        begin = losses[:tenth].mean() if "tenth" in change else losses[0]
        if not finite or end > begin:
            return "lr too high"
        train, val = history["train_accuracy"][-1], history["val_accuracy"][-1]
        reached = val if "validation" in change else train
        half = len(losses) // 2
        fall = losses[:tenth].mean() - end
        if reached < goal:
            slow = losses[half : half + tenth].mean() - end > fall / 4
            return "lr too low" if slow and "never slow" not in change else "underfit"
        gap = val - train if "turned" in change else train - val
        return "overfit" if gap > 0.1 else "healthy"

    return diagnose


for words, identity in {
    "single": "single_losses",
    "no NaN": "nan_overlooked",
    "tenth": "bursts_overlooked",
    "validation": "validation_held_against_the_goal",
    "never slow": "low_rate_taken_for_underfit",
    "turned": "gap_the_wrong_way",
}.items():
    wrong("diagnose", identity)(assemble_diagnosis({words}))


def assemble_search(change):
    def coarse_to_fine(evaluate, space, budget, rng):
        (n1, short), (n2, long) = budget
        split = "test" if "test" in change else "validation"
        configs = draw(space, n1, rng)
        trials = [(c, short, evaluate(c, short, split)) for c in configs]
        if change & {"twice", "test too"}:
            for c in configs:
                evaluate(c, short, "test" if "test too" in change else split)
        best = sorted(trials, key=lambda trial: -trial[2])[-1 if "worst" in change else 0][0]
        closer = {}
        for name, (kind, *ends) in space.items():
            if kind == "log":
                step = (np.log10(ends[1]) - np.log10(ends[0])) / 6
                low, high = 10 ** (np.log10(best[name]) - step), 10 ** (np.log10(best[name]) + step)
                if "evenly" in change:
                    step = (ends[1] - ends[0]) / 6
                    low, high = max(best[name] - step, ends[0]), min(best[name] + step, ends[1])
                if "cut" in change:
                    low, high = max(low, ends[0]), min(high, ends[1])
                closer[name] = ("log", low, high)
            elif kind == "uniform":
                step = (ends[1] - ends[0]) / 6
                low, high = best[name] - step, best[name] + step
                if "no limits" not in change:
                    low, high = max(low, ends[0]), min(high, ends[1])
                closer[name] = ("uniform", low, high)
            else:
                closer[name] = ("choice", [best[name]])
        if "wide" in change:
            closer = space
        epochs = short if "short" in change else long
        trials += [(c, epochs, evaluate(c, epochs, split)) for c in draw(closer, n2, rng)]
        last = trials if "across" in change else trials[n1:]
        if "sorted" in change:
            trials = sorted(trials, key=lambda trial: -trial[2])
        return max(last, key=lambda trial: trial[2])[0], trials

    return coarse_to_fine


for words, identity in {
    "test": "test_set_searched",
    "twice": "trained_twice",
    "evenly": "rates_narrowed_evenly",
    "sorted": "trials_sorted",
    "test too": "looks_at_the_test_set_too",
    "cut": "cut_at_the_border",
    "no limits": "beyond_the_limit",
    "wide": "not_narrowed",
    "short": "same_length",
    "across": "best_across_stages",
    "worst": "around_the_worst",
}.items():
    wrong("coarse_to_fine", identity)(assemble_search({words}))


@wrong("pareto_front", "better_in_both_wanted")
def pareto_front(seconds, accuracies):
    order = sorted(range(len(seconds)), key=lambda i: seconds[i])
    s, a = seconds, accuracies
    return [i for i in order if not any(s[j] < s[i] and a[j] > a[i] for j in order)]


@wrong("pareto_front", "twins_lost")
def pareto_front(seconds, accuracies):
    front, best = [], -np.inf
    for i in np.lexsort((-accuracies, seconds)):
        if accuracies[i] > best:
            front.append(i)
            best = accuracies[i]
    return front


@wrong("pareto_front", "mask_returned")
def pareto_front(seconds, accuracies):
    pairs = list(zip(seconds, accuracies, strict=True))
    return [not any((s <= t and a >= b) and (s < t or a > b) for s, a in pairs) for t, b in pairs]


@wrong("log_run", "accuracy_by_epoch_from_zero")
def log_run(writer, model, history, example):
    for step, loss in enumerate(history["loss"]):
        writer.add_scalar("loss", loss, step)
    for epoch, accuracy in enumerate(history["val_accuracy"]):
        writer.add_scalar("val_accuracy", accuracy, epoch)
    for name, p in model.named_parameters():
        writer.add_histogram(name, p, len(history["loss"]))
    mode = model.training
    model.eval()
    writer.add_graph(model, example)
    model.train(mode)


@wrong("log_run", "matrices_alone", "left_in_evaluation_mode")
def log_run(writer, model, history, example):
    each = len(history["loss"]) // len(history["val_accuracy"])
    for step, loss in enumerate(history["loss"]):
        writer.add_scalar("loss", loss, step)
    for epoch, accuracy in enumerate(history["val_accuracy"], 1):
        writer.add_scalar("val_accuracy", accuracy, each * epoch)
    writer.add_histogram("w1", model.w1, len(history["loss"]))
    writer.add_histogram("w2", model.w2, len(history["loss"]))
    model.eval()
    writer.add_graph(model, example)
