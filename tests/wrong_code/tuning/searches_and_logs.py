"""Notebook 08: diagnoses, searches and logs as people really write them wrong."""

import numpy as np
from wrong_code import wrong


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
    "single": "last_loss_against_the_first",
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
        if "compared" in change:
            return max((accuracy, c) for c, _, accuracy in last)[1], trials
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
    "compared": "settings_compared",
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
