"""Notebook 07: a piece of another rule, schedule or loop in the one that is asked for."""

import math

import numpy as np
from wrong_code import wrong


def scores_right(model, X, y):
    return float(np.mean(model.loss(X).argmax(axis=1) == y))


def decayed(name, share=0.0, in_the_gradient=0.0):
    """Plain or adaptive steps whose weights shrink besides."""

    def rule(w, dw, config):
        rate = config.setdefault("learning_rate", 1e-3 if name == "adam" else 1e-2)
        dw = dw + in_the_gradient * w
        w = w - share * rate * w
        if name == "sgd":
            return w - rate * dw, config
        if name == "adagrad":
            config["cache"] = config.get("cache", np.zeros_like(w)) + dw**2
            return w - rate * dw / (np.sqrt(config["cache"]) + config.get("epsilon", 1e-8)), config
        b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
        t = config["t"] = config.get("t", 0) + 1
        m = config["m"] = b1 * config.get("m", np.zeros_like(w)) + (1 - b1) * dw
        v = config["v"] = b2 * config.get("v", np.zeros_like(w)) + (1 - b2) * dw**2
        root = np.sqrt(v / (1 - b2**t)) + config.get("epsilon", 1e-8)
        return w - rate * m / (1 - b1**t) / root, config

    rule.__name__ = name
    wrong(name, "weights_decayed")(rule)


decayed("sgd", share=1e-4)
decayed("sgd", in_the_gradient=0.02)
decayed("adam", share=0.01)
decayed("adam", in_the_gradient=0.01)
decayed("adagrad", in_the_gradient=1e-3)


@wrong("sgd_momentum", "uphill_velocity_dropped")
def sgd_momentum(w, dw, config):
    v = config.get("velocity", np.zeros_like(w)).copy()
    v[np.sign(v) == np.sign(dw)] = 0
    v = config.get("momentum", 0.9) * v - config.setdefault("learning_rate", 1e-2) * dw
    config["velocity"] = v
    return w + v, config


@wrong("sgd_momentum", "momentum_by_the_count")
def sgd_momentum(w, dw, config):
    t = config["step"] = config.get("step", 0) + 1
    old = config.get("velocity", np.zeros_like(w))
    config["velocity"] = old * ((t - 1) / (t + 2)) - config.setdefault("learning_rate", 1e-2) * dw
    return w + config["velocity"], config


@wrong("sgd_momentum", "momentum_by_the_next_count")
def sgd_momentum(w, dw, config):
    t = config["step"] = config.get("step", 0) + 1
    old = config.get("velocity", np.zeros_like(w))
    config["velocity"] = (1 - 3 / (t + 3)) * old - config.setdefault("learning_rate", 1e-2) * dw
    return w + config["velocity"], config


def by_the_count(identity, old_share, new_share):
    def nesterov(w, dw, config):
        rate, t = config.setdefault("learning_rate", 1e-2), config.get("step", 0)
        v = old_share(t) * config.get("velocity", np.zeros_like(w)) - rate * dw
        config.update(velocity=v, step=t + 1)
        return w + new_share(t) * v - rate * dw, config

    wrong("nesterov", identity)(nesterov)


by_the_count("momentum_by_the_count", lambda t: t / (t + 3), lambda t: (t + 1) / (t + 4))
by_the_count("momentum_by_the_next_count", *[lambda t: (t + 1) / (t + 4)] * 2)
by_the_count("momentum_by_the_last_count", *[lambda t: t / (t + 3)] * 2)


@wrong("adagrad", "larger_of_root_and_epsilon")
def adagrad(w, dw, config):
    config["cache"] = config.get("cache", np.zeros_like(w)) + dw * dw
    size = np.maximum(np.sqrt(config["cache"]), config.setdefault("epsilon", 1e-8))
    return w - config.setdefault("learning_rate", 1e-2) * dw / size, config


@wrong("adagrad", "cache_cut_off")
def adagrad(w, dw, config):
    rate, eps = config.setdefault("learning_rate", 1e-2), config.setdefault("epsilon", 1e-8)
    r = config["cache"] = np.clip(config.get("cache", np.zeros_like(w)) + dw * dw, 0, 10_000)
    return w - rate * dw / (np.sqrt(r) + eps), config


@wrong("rmsprop", "larger_of_root_and_epsilon")
def rmsprop(w, dw, config):
    rate, rho = config.setdefault("learning_rate", 1e-2), config.setdefault("decay_rate", 0.99)
    r = config["cache"] = rho * config.get("cache", np.zeros_like(w)) + (1 - rho) * dw * dw
    root = np.sqrt(r)
    eps = config.setdefault("epsilon", 1e-8)
    root[root < eps] = eps
    return w - rate * dw / root, config


def adam_like(identity, size, v_of=lambda v, g, b: b * v + (1 - b) * g**2, count=lambda t: t):
    """Adam with another size to divide by: of v, the correction, δ and what config keeps."""

    def adam(w, dw, config):
        b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
        t = config["t"] = config.get("t", 0) + 1
        m = config["m"] = b1 * config.get("m", np.zeros_like(w)) + (1 - b1) * dw
        v = config["v"] = v_of(config.get("v", np.zeros_like(w)), dw, b2)
        m = m / (1 - b1 ** count(t))
        divisor = size(v, 1 - b2 ** count(t), config.get("epsilon", 1e-8), config)
        return w - config.get("learning_rate", 1e-3) * m / divisor, config

    wrong("adam", identity)(adam)


def largest_kept(v, missing, eps, config):
    config["most"] = np.maximum(config.get("most", 0), v / missing)
    return np.sqrt(config["most"]) + eps


def fading_maximum(v, g, b):
    return np.maximum(b * v, abs(g))


adam_like("larger_of_root_and_epsilon", lambda v, c, eps, _: np.maximum(np.sqrt(v / c), eps))
adam_like("corrected_one_update_late", lambda v, c, eps, _: np.sqrt(v / c) + eps,
          count=lambda t: max(1, t - 1))  # fmt: skip
adam_like("largest_corrected_v_used", largest_kept)
adam_like("largest_size_for_v", lambda v, c, eps, _: v + eps, fading_maximum)
adam_like("largest_size_for_v_alone", lambda v, c, eps, _: v, fading_maximum)


@wrong("linear_decay", "rises_again_after_tau")
def linear_decay(k, tau, eps0, eps_tau):
    end = tau if k <= tau else tau * math.ceil(k / tau)
    return eps_tau + (eps0 - eps_tau) * (1 - k / end)


@wrong("linear_decay", "line_to_zero_cut_off")
def linear_decay(k, tau, eps0, eps_tau):
    rate = eps0 - eps0 * k / tau
    return rate if rate > eps_tau else eps_tau


@wrong("linear_decay", "one_too_late_and_rounded")
def linear_decay(k, tau, eps0, eps_tau):
    share = min(max(k - 1, 0), tau) / tau
    return round(eps0 + share * (eps_tau - eps0), 3)


@wrong("time_decay", "large_decay_in_percent")
def time_decay(lr0, decay, t):
    share = decay if decay <= 1 else decay / 100
    return lr0 / (1 + share * t)


@wrong("time_decay", "large_decay_cut_off")
def time_decay(lr0, decay, t):
    return lr0 / (1 + min(decay, 1.0) * t)


def loop(identity, untrained=False, patience=None):
    def train(model, data, rule, schedule, epochs, batch_size=32, rng=None):
        rng = rng or np.random.default_rng()
        X, y, configs = data["X_train"], data["y_train"], {name: {} for name in model.params}
        history = {"loss": [], "val_accuracy": []}
        best = scores_right(model, data["X_val"], data["y_val"]) if untrained else -1
        kept, waited = {name: p.copy() for name, p in model.params.items()}, 0
        for _ in range(epochs):
            order = rng.permutation(len(X))
            for start in range(0, len(X), batch_size):
                rows = order[start : start + batch_size]
                loss, gradients = model.loss(X[rows], y[rows])
                rate = schedule(len(history["loss"]))
                for name, gradient in gradients.items():
                    configs[name]["learning_rate"] = rate
                    model.params[name], configs[name] = rule(
                        model.params[name], gradient, configs[name]
                    )
                history["loss"].append(loss)
            accuracy = scores_right(model, data["X_val"], data["y_val"])
            history["val_accuracy"].append(accuracy)
            waited += 1
            if accuracy > best:
                best, waited = accuracy, 0
                kept = {name: p.copy() for name, p in model.params.items()}
            if waited == patience:
                break
        model.params.update(kept)
        return history

    wrong("train", identity)(train)


loop("untrained_weights_count", untrained=True)
loop("stops_after_two_no_better", patience=2)


def scattered(identity, sizes=lambda sizes, n: sizes, whole=lambda g: 1.0):
    def gradient_noise(model, X, y, batch_sizes, rng, draws=400, replace=True):
        flat = lambda rows: np.concatenate(
            [np.ravel(g) for g in model.loss(X[rows], y[rows])[1].values()]
        )
        true, noise = flat(slice(None)), []
        for size in sizes(batch_sizes, len(X)):
            squares = []
            for _ in range(draws):
                off = flat(rng.choice(len(X), size, replace=replace)) - true
                squares.append(off @ off)
            noise.append(np.sqrt(np.mean(squares)))
        return np.array(noise) / whole(true)

    wrong("gradient_noise", identity)(gradient_noise)


scattered("divided_by_the_gradient", whole=lambda g: np.linalg.norm(g) + 1e-12)
scattered("sizes_sorted", sizes=lambda sizes, n: sorted(sizes))
scattered("batch_cut_to_the_set", sizes=lambda sizes, n: [min(n, size) for size in sizes])
