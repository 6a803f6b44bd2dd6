"""Notebook 08: dropout without the seed, penalties on norms, steps and tenths of another kind, and
results in another form."""

import copy

import numpy as np
import torch
from wrong_code import wrong
from wrong_code.tuning.nets import Net, net
from wrong_code.tuning.settings import draw, whole


@net("dropout_without_the_seed")
class FullyConnectedNet(Net):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.rng = np.random.default_rng()


@net("dropout_of_a_fixed_seed")
class FullyConnectedNet(Net):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.rng = np.random.default_rng(0)


def penalising(identity, *kinds, in_loss=1, in_gradient=1):
    """A net with the right penalty, and one on parameters of these kinds in loss and gradients."""

    @net(identity)
    class FullyConnectedNet(Net):
        def penalty(self, loss, grads):
            loss = super().penalty(loss, grads)
            for name in [name for name in self.params if name.rstrip("0123456789") in kinds]:
                loss += in_loss * 0.5 * self.reg * np.sum(self.params[name] ** 2)
                grads[name] = grads[name] + in_gradient * self.reg * self.params[name]
            return loss


penalising("gamma_penalised", "gamma")
penalising("norm_parameters_penalised", "gamma", "beta")


@net("layer_norm_over_the_batch")
class FullyConnectedNet(Net):
    def __init__(self, *arguments, normalization=None, **named):
        super().__init__(*arguments, normalization=normalization, **named)
        self.always = normalization == "layernorm"
        self.kind = "batchnorm" if self.always else self.kind

    def modes(self, mode):
        super().modes("train" if self.always else mode)


def checked(identity, few=slice(20), rounds=False, whole_share=1):
    @wrong("sanity_checks", identity)
    def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
        model, X_few, y_few = copy.deepcopy(model), X[few], y[few]
        model.reg = 0
        first, expected = model.loss(X, y)[0], np.log(model.loss(X).shape[1])
        model.reg = 1
        second = model.loss(X, y)[0]
        model.reg = 0
        parts = [slice(i, i + 1) for i in range(20)] if rounds else [slice(None)]
        for _ in range(steps):
            for part in parts:
                for name, grad in model.loss(X_few[part], y_few[part])[1].items():
                    model.params[name] = model.params[name] - learning_rate * grad
        accuracy = float((model.loss(X_few).argmax(1) == y_few).mean())
        near = abs(first - expected) < 0.1 * expected
        return {"first_loss": first, "expected_loss": expected, "loss_with_reg": second,
                "accuracy_on_20": accuracy,
                "sound": bool(near and second > first and accuracy == whole_share)}  # fmt: skip


checked("a_step_for_each_example", rounds=True)
checked("everything_for_twenty", few=slice(None))
checked("never_sound", whole_share=100)


def diagnosed(identity, mean=np.mean, tail=lambda n: n - n // 10, slow=np.greater):
    @wrong("diagnose", identity)
    def diagnose(history, goal=0.9):
        losses = np.array(history["loss"])
        n, tenth = len(losses), len(losses) // 10
        start, end = mean(losses[:tenth]), mean(losses[tail(n) :])
        middle = mean(losses[n // 2 : n // 2 + tenth])
        train, val = history["train_accuracy"][-1], history["val_accuracy"][-1]
        if not np.isfinite(losses).all() or end > losses[0]:
            return "lr too high"
        if train < goal and slow(middle - end, (start - end) / 4):
            return "lr too low"
        return "underfit" if train < goal else "overfit" if train - val > 0.1 else "healthy"


@wrong("diagnose", "ten_nearly_equal_parts")
def diagnose(history, goal=0.9):
    parts = [part.mean() for part in np.array_split(np.array(history["loss"]), 10)]
    train, val = history["train_accuracy"][-1], history["val_accuracy"][-1]
    if not np.isfinite(parts).all() or parts[-1] > history["loss"][0]:
        return "lr too high"
    if train < goal and parts[5] - parts[-1] > (parts[0] - parts[-1]) / 4:
        return "lr too low"
    return "underfit" if train < goal else "overfit" if train - val > 0.1 else "healthy"


diagnosed("equal_fall_is_slow", slow=np.greater_equal)
diagnosed("last_tenth_rounded_up", tail=lambda n: -n // 10)
diagnosed("medians_for_means", mean=np.median)


def drawn(identity, then=lambda settings: settings, **kinds):
    @wrong("sample_hyperparameters", identity)
    def sample_hyperparameters(space, n, rng):
        return then(draw(space, n, rng, **kinds))


drawn("whole_numbers_between_whole_ends",
      uniform=lambda low, high, rng:
      whole(low, high, rng) if isinstance(low, int) else float(rng.uniform(low, high)))  # fmt: skip
drawn("natural_logarithm_to_powers_of_ten",
      log=lambda low, high, rng: 10 ** rng.uniform(np.log(low), np.log(high)))  # fmt: skip
drawn("one_dictionary_of_lists", lambda settings: {
    name: [one[name] for one in settings] for name in settings[0]
})  # fmt: skip
drawn("generator_for_a_list", lambda settings: (one for one in settings))
drawn("values_without_names", lambda settings: [tuple(one.values()) for one in settings])


def searched(identity, fine_budget=lambda budget: budget, one_dictionary=False):
    @wrong("coarse_to_fine", identity)
    def coarse_to_fine(evaluate, space, budget, rng):
        (coarse, short), fine_stage = budget
        fine, long = fine_budget(fine_stage)
        trials = [(c, short, evaluate(c, short)) for c in draw(space, coarse, rng)]
        best = max(trials, key=lambda trial: trial[2])[0]
        near, shared = {}, {}
        for name, (kind, *ends) in space.items():
            value = best[name]
            if kind == "log":
                factor = (ends[1] / ends[0]) ** (1 / 6)
                near[name] = kind, value / factor, value * factor
            elif kind == "uniform":
                step = (ends[1] - ends[0]) / 6
                near[name] = kind, max(ends[0], value - step), min(ends[1], value + step)
            else:
                near[name] = "choice", [value]
        second = []
        for config in draw(near, fine, rng):
            if one_dictionary:
                shared.update(config)
                config = shared
            second.append((config, long, evaluate(config, long)))
        return max(second, key=lambda trial: trial[2])[0], trials + second


searched("fine_epochs_taken_for_runs", fine_budget=lambda stage: stage[::-1])
searched("one_dictionary_overwritten", one_dictionary=True)


def logged(identity, switched):
    @wrong("log_run", identity)
    def log_run(writer, model, history, example):
        mode = model.training
        model.train(switched or mode)
        with torch.no_grad():
            model(example)
        model.train(mode)
        losses, accuracies = history["loss"], history["val_accuracy"]
        for k, loss in enumerate(losses):
            writer.add_scalar("loss", loss, k)
        for epoch, accuracy in enumerate(accuracies, 1):
            writer.add_scalar("val_accuracy", accuracy, len(losses) // len(accuracies) * epoch)
        for name, p in model.named_parameters():
            writer.add_histogram(name, p, len(losses))
        writer.add_graph(model, example)


logged("statistics_moved_by_a_run", switched=False)
logged("statistics_moved", switched=True)


@wrong("pareto_front", "pairs_for_indices")
def pareto_front(seconds, accuracies):
    runs = list(zip(seconds, accuracies, strict=True))
    beaten = lambda s, a: any(t <= s and b >= a and (t, b) != (s, a) for t, b in runs)
    return sorted((s, a) for s, a in runs if not beaten(s, a))


@net("logarithm_of_zero")
class FullyConnectedNet(Net):
    def cost(self, scores, y):
        return _by_probabilities(scores, y, 0.0)


@net("logarithm_capped")
class FullyConnectedNet(Net):
    def cost(self, scores, y):
        return _by_probabilities(scores, y, 1e-8)


def _by_probabilities(scores, y, more):
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    with np.errstate(divide="ignore"):
        loss = np.mean(-np.log(p[rows, y] + more))
    p[rows, y] -= 1
    return loss, p / len(y)


@net("one_mask_for_all_examples")
class FullyConnectedNet(Net):
    def drop(self, h, mode, i):
        if mode == "test" or self.keep == 1:
            return h, 1
        mask = ((self.rng.random(h.shape[1]) < self.keep) / self.keep).astype(h.dtype)
        return h * mask, mask


@wrong("sanity_checks", "stops_when_all_are_right")
def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
    net = copy.deepcopy(model)
    net.reg = 1.0
    higher, _ = net.loss(X, y)
    net.reg = 0.0
    first, _ = net.loss(X, y)
    expected = np.log(net.loss(X).shape[1])
    accuracy = (net.loss(X[:20]).argmax(1) == y[:20]).mean()
    for _ in range(steps):
        if accuracy == 1:
            break
        for name, grad in net.loss(X[:20], y[:20])[1].items():
            net.params[name] = net.params[name] - learning_rate * grad
        accuracy = (net.loss(X[:20]).argmax(1) == y[:20]).mean()
    sound = abs(first - expected) < 0.1 * expected and higher > first and accuracy == 1
    return {"first_loss": first, "expected_loss": expected, "loss_with_reg": higher,
            "accuracy_on_20": accuracy, "sound": sound}  # fmt: skip


@wrong("coarse_to_fine", "shares_clipped")
def coarse_to_fine(evaluate, space, budget, rng):
    (n, short), (m, long) = budget
    coarse = [(c, short, evaluate(c, short)) for c in draw(space, n, rng)]
    best = max(coarse, key=lambda trial: trial[2])[0]
    fine = []
    for _ in range(m):
        config = dict(best)
        for name, (kind, *ends) in space.items():
            if kind == "log":
                config[name] *= (ends[1] / ends[0]) ** rng.uniform(-1 / 6, 1 / 6)
            if kind == "uniform":
                config[name] += (ends[1] - ends[0]) * rng.uniform(-1 / 6, 1 / 6)
                config[name] = float(np.clip(config[name], *ends))
        fine.append((config, long, evaluate(config, long)))
    return max(fine, key=lambda trial: trial[2])[0], coarse + fine


@wrong("coarse_to_fine", "best_coarse_written_over")
def coarse_to_fine(evaluate, space, budget, rng):
    (n, short), (m, long) = budget
    coarse = [(c, short, evaluate(c, short)) for c in draw(space, n, rng)]
    best = max(coarse, key=lambda trial: trial[2])[0]
    centre, fine = dict(best), []
    for _ in range(m):
        for name, (kind, *ends) in space.items():
            if kind == "log":
                best[name] = centre[name] * (ends[1] / ends[0]) ** rng.uniform(-1 / 6, 1 / 6)
            if kind == "uniform":
                sixth = (ends[1] - ends[0]) / 6
                low, high = centre[name] - sixth, centre[name] + sixth
                best[name] = rng.uniform(max(low, ends[0]), min(high, ends[1]))
        fine.append((dict(best), long, evaluate(best, long)))
    return max(fine, key=lambda trial: trial[2])[0], coarse + fine


@net("last_weights_not_in_the_loss")
class FullyConnectedNet(Net):
    def penalty(self, loss, grads):
        last = f"W{len(self.hidden) + 1}"
        return super().penalty(loss, grads) - 0.5 * self.reg * np.sum(self.params[last] ** 2)


def with_first_lambda(identity, loss, gradient):
    @net(identity)
    class FullyConnectedNet(Net):
        def __init__(self, *arguments, reg=0.0, **named):
            super().__init__(*arguments, reg=reg, **named)
            self.first = reg

        def penalty(self, cost, grads):
            for name in [name for name in self.params if name.startswith("W")]:
                cost += 0.5 * loss(self) * np.sum(self.params[name] ** 2)
                grads[name] = grads[name] + gradient(self) * self.params[name]
            return cost


with_first_lambda("first_lambda_kept_in_the_gradient", lambda net: net.reg, lambda net: net.first)
with_first_lambda("first_lambda_kept_in_the_loss", lambda net: net.first, lambda net: net.reg)


@net("params_not_read")
class FullyConnectedNet(Net):
    """γ, β and the penalty are read anew; the weights are those of the first params."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.own = {n: value for n, value in self.params.items() if n[0] in "Wb" and n[1] != "e"}

    def loss(self, X, y=None):
        given, self.params = self.params, self.params | self.own
        found = super().loss(X, y)
        self.params = given
        return found


def reaching(identity, memorising_reg):
    @wrong("sanity_checks", identity)
    def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
        def reached():
            return float((net.loss(X[:20]).argmax(1) == y[:20]).mean())

        net = copy.deepcopy(model)
        net.reg = 1.0
        higher, _ = net.loss(X, y)
        net.reg = 0.0
        first, _ = net.loss(X, y)
        expected, best = np.log(net.loss(X).shape[1]), reached()
        net.reg = memorising_reg
        for _ in range(steps):
            for name, grad in net.loss(X[:20], y[:20])[1].items():
                net.params[name] = net.params[name] - learning_rate * grad
            best = max(best, reached())
        sound = abs(first - expected) < 0.1 * expected and higher > first and best == 1
        return {"first_loss": first, "expected_loss": expected, "loss_with_reg": higher,
                "accuracy_on_20": best, "sound": sound}  # fmt: skip


reaching("best_on_the_way", 0.0)
reaching("best_on_the_way_with_penalty", 1.0)


@wrong("diagnose", "divided_by_the_fall")
def diagnose(history, goal=0.9):
    losses = np.array(history["loss"])
    n, tenth = len(losses), len(losses) // 10
    start, middle, end = (losses[i : i + tenth].mean() for i in (0, n // 2, n - tenth))
    train, val = history["train_accuracy"][-1], history["val_accuracy"][-1]
    if not np.isfinite(losses).all() or end > losses[0]:
        return "lr too high"
    if train < goal and start != end and (middle - end) / (start - end) > 0.25:
        return "lr too low"
    return "underfit" if train < goal else "overfit" if train - val > 0.1 else "healthy"
