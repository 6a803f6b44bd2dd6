"""Notebook 08: sanity checks and diagnoses as people really write them wrong."""

import copy

import numpy as np
from wrong_code import wrong

# Sanity checks.


def checked(identity, steps=lambda steps: steps, rate=lambda rate: rate, few=slice(20), reg=0,
            classes=lambda scores, y: scores.shape[1], log=np.log, rows=slice(None),
            measured=slice(20), first_reg=lambda own: 0, second_reg=lambda own: 1, late=False,
            alone=False, one_by_one=False, biases=True, trains=True, close=None,
            enough=lambda accuracy: accuracy == 1, says=all, rises=np.greater):  # fmt: skip
    """Enter sanity_checks with one thing changed."""

    @wrong("sanity_checks", identity)
    def sanity_checks(model, X, y, learning_rate=0.1, steps=200, _steps=steps):
        own = model.reg
        net, trained = copy.deepcopy(model), copy.deepcopy(model)
        expected = log(classes(net.loss(X), y))
        net.reg = first_reg(own)
        first = net.loss(X[rows], y[rows])[0]
        trained.reg = own if reg is None else reg
        for step in range(_steps(steps) if trains else 0):
            part = [step % 20] if one_by_one else few
            for name, grad in trained.loss(X[part], y[part])[1].items():
                if biases or name == "W":
                    trained.params[name] -= rate(learning_rate) * grad
        accuracy = float((trained.loss(X[measured]).argmax(1) == y[measured]).mean())
        last = trained if late else net
        last.reg = second_reg(own)
        second = last.loss(X[rows], y[rows])[0]
        near = close or (lambda first, expected: abs(first - expected) < 0.1 * expected)
        answers = near(first, expected), rises(second, first), enough(accuracy)
        if alone:
            second -= first
        return {"first_loss": first, "expected_loss": expected, "loss_with_reg": second,
                "accuracy_on_20": accuracy, "sound": bool(says(answers))}  # fmt: skip


checked("unread:steps", steps=lambda steps: 200)
checked("unread:learning_rate", rate=lambda rate: 0.1)
checked("one_step_too_few", steps=lambda steps: steps - 1)
checked("ten_classes", classes=lambda scores, y: 10)
checked("classes_in_the_labels", classes=lambda scores, y: y.max() + 1)
checked("decimal_logarithm", log=np.log10)
checked("negative_logarithm", log=lambda classes: -np.log(classes))
checked("first_loss_with_penalty", first_reg=lambda own: own)
checked("losses_of_twenty", rows=slice(20))
checked("reg_raised_by_one", second_reg=lambda own: own + 1)
checked("penalty_of_the_trained_net", late=True)
checked("penalty_alone", alone=True)
checked("own_penalty_while_memorising", reg=None)
checked("memorises_everything", few=slice(None))
checked("memorises_the_last", few=slice(-20, None), measured=slice(-20, None))
checked("nineteen_examples", few=slice(19), measured=slice(19))
checked("one_example_a_step", one_by_one=True)
checked("biases_not_trained", biases=False)
checked("accuracy_on_everything", measured=slice(None))
checked("accuracy_before_training", trains=False)
checked("two_of_three_will_do", says=lambda answers: True)
checked("first_loss_decides", says=lambda answers: answers[0])
checked("penalty_not_asked", says=lambda answers: answers[0] and answers[2])
checked("accuracy_not_asked", says=lambda answers: answers[0] and answers[1])
checked("first_loss_not_asked", says=lambda answers: answers[1] and answers[2])
checked("one_of_three_will_do", says=any)
checked("equal_loss_will_do", rises=np.greater_equal)
checked("tenth_of_a_unit", close=lambda first, expected: abs(first - expected) < 0.1)
checked("tenth_of_the_first_loss",
        close=lambda first, expected: abs(first - expected) < 0.1 * first)  # fmt: skip
checked("low_first_loss_will_do", close=lambda first, expected: first < 1.1 * expected)
checked("nearly_all_learned_will_do", enough=lambda accuracy: accuracy > 0.9)


def put_back(identity, *kept):
    """Enter sanity_checks that works on the model itself and puts back what is named."""

    @wrong("sanity_checks", identity)
    def sanity_checks(model, X, y, learning_rate=0.1, steps=200):
        reg, params = model.reg, {name: value.copy() for name, value in model.params.items()}
        report = {"expected_loss": np.log(model.loss(X).shape[1])}
        for name, value in (("loss_with_reg", 1), ("first_loss", 0)):
            model.reg = value
            report[name] = model.loss(X, y)[0]
        for _ in range(steps):
            for name, grad in model.loss(X[:20], y[:20])[1].items():
                model.params[name] -= learning_rate * grad
        report["accuracy_on_20"] = np.mean(model.loss(X[:20]).argmax(1) == y[:20])
        model.params.update(params)
        model.reg = {"reg": reg, "one": 1}.get(kept[0], 0)
        if "state" in kept:
            model.kept = {name: 0 * value for name, value in model.kept.items()}
        first, expected = report["first_loss"], report["expected_loss"]
        report["sound"] = (abs(first - expected) < 0.1 * expected
                           and report["loss_with_reg"] > first
                           and report["accuracy_on_20"] == 1)  # fmt: skip
        return report


put_back("leaves_running_statistics", "reg")
put_back("leaves_reg_changed", "zero", "state")
put_back("leaves_reg_at_one", "one", "state")


# Diagnoses.


def diagnosed(identity, finite=lambda losses: np.isfinite(losses).all(), tenth=lambda n: n // 10,
              begin=lambda half, tenth: half, last=lambda losses, tenth: losses[-tenth:].mean(),
              high=lambda losses, start, end: end > losses[0], quarter=0.25,
              falls=None, best=lambda values: values[-1], reaches=lambda train, goal: train >= goal,
              apart=lambda train, val: train - val > 0.1, goal_of=lambda goal: goal,
              order="low under over", healthy="healthy", swapped=False):  # fmt: skip
    """Enter a diagnosis with one thing changed."""

    @wrong("diagnose", identity)
    def diagnose(history, goal=0.9):
        losses = np.array(history["loss"])
        if not finite(losses):
            return "lr too high"
        n = tenth(len(losses))
        at = begin(len(losses) // 2, n)
        start, middle, end = losses[:n].mean(), losses[at : at + n].mean(), last(losses, n)
        if high(losses, start, end):
            return "lr too high"
        train, val = best(history["train_accuracy"]), best(history["val_accuracy"])
        if swapped:
            train, val = val, train
        low = not reaches(train, goal_of(goal))
        slow = middle - end > quarter * (start - end)
        if falls:
            slow = falls(losses, start, middle, end)
        fits = {"low": low and slow, "slow": slow, "under": low, "over": apart(train, val)}
        words = {"low": "lr too low", "slow": "lr too low", "under": "underfit", "over": "overfit"}
        return next((words[name] for name in order.split() if fits[name]), healthy)


diagnosed("nan_alone_overlooked", finite=lambda losses: not np.isinf(losses).any())
diagnosed("infinity_overlooked", finite=lambda losses: not np.isnan(losses).any())
diagnosed("last_loss_alone_finite", finite=lambda losses: np.isfinite(losses[-1]))
diagnosed("level_ignored", high=lambda losses, start, end: False)
diagnosed("last_loss_against_the_first", high=lambda losses, start, end: losses[-1] > losses[0])
diagnosed("any_loss_above_the_first", high=lambda losses, start, end: (losses > losses[0]).any())
diagnosed("any_rise_is_too_much", high=lambda losses, start, end: (np.diff(losses) > 0).any())
diagnosed("equal_is_above", high=lambda losses, start, end: end >= losses[0])
diagnosed("underfit_taken_for_low_rate", falls=lambda losses, start, middle, end: True)
diagnosed("slow_is_wrong_by_itself", order="slow under over")
diagnosed("any_fall_is_slow", falls=lambda losses, start, middle, end: middle > end)
diagnosed("half_of_the_fall", quarter=0.5)
diagnosed("quarter_of_the_level",
          falls=lambda losses, start, middle, end: middle - end > middle / 4)  # fmt: skip
diagnosed("quarter_of_the_first_tenth_alone",
          falls=lambda losses, start, middle, end: middle - end > 0.25 * start - end)  # fmt: skip
diagnosed("fall_of_the_first_half",
          falls=lambda losses, start, middle, end: start - middle > (start - end) / 4)  # fmt: skip
diagnosed("fall_from_the_first_loss",
          falls=lambda losses, _, middle, end: middle - end > (losses[0] - end) / 4)  # fmt: skip
diagnosed("single_losses", tenth=lambda n: 1)
diagnosed("ten_losses", tenth=lambda n: 10)
diagnosed("last_ten_losses", last=lambda losses, tenth: losses[-10:].mean())
diagnosed("tenth_rounded_up", tenth=lambda n: int(np.ceil(n / 10)))
diagnosed("middle_ends_there", begin=lambda half, tenth: half - tenth)
diagnosed("middle_on_both_sides", begin=lambda half, tenth: half - tenth // 2)
diagnosed("training_and_validation_exchanged", swapped=True)
diagnosed("best_accuracies", best=max)
diagnosed("mean_accuracies", best=np.mean)
diagnosed("goal_met_is_below", reaches=lambda train, goal: train > goal)
diagnosed("gap_met_is_above", apart=lambda train, val: train - val >= 0.1)
diagnosed("overfit_first", order="over low under")
diagnosed("overfit_before_underfit", order="low over under")
diagnosed("gap_either_way", apart=lambda train, val: abs(train - val) > 0.1)
diagnosed("never_overfit", apart=lambda train, val: 100 * train - 100 * val > 100)
diagnosed("any_gap_is_overfit", apart=lambda train, val: train > val)
diagnosed("gap_as_a_ratio", apart=lambda train, val: val < 0.9 * train)
diagnosed("nothing_for_healthy", healthy=None)
diagnosed("unread:goal", goal_of=lambda goal: 0.9)


def one_best(identity, part):
    @wrong("diagnose", identity)
    def diagnose(history, goal=0.9):
        losses = np.array(history["loss"])
        n, half = len(losses) // 10, len(losses) // 2
        start, end = losses[:n].mean(), losses[-n:].mean()
        if not np.isfinite(losses).all() or end > losses[0]:
            return "lr too high"
        train, val = ((max if name == part else lambda a: a[-1])(history[f"{name}_accuracy"])
                      for name in ("train", "val"))  # fmt: skip
        if train < goal:
            slow = losses[half : half + n].mean() - end > (start - end) / 4
            return "lr too low" if slow else "underfit"
        return "overfit" if history["train_accuracy"][-1] - val > 0.1 else "healthy"


one_best("best_validation", "val")
one_best("best_training", "train")
for default, identity in ((0.8, "default:goal"), (0.95, "default:goal:1")):

    @wrong("diagnose", identity)
    def diagnose(history, goal=default):
        losses = np.array(history["loss"])
        n, half = len(losses) // 10, len(losses) // 2
        start, end = losses[:n].mean(), losses[-n:].mean()
        if not np.isfinite(losses).all() or end > losses[0]:
            return "lr too high"
        train, val = history["train_accuracy"][-1], history["val_accuracy"][-1]
        if train < goal:
            slow = losses[half : half + n].mean() - end > (start - end) / 4
            return "lr too low" if slow else "underfit"
        return "overfit" if train - val > 0.1 else "healthy"
