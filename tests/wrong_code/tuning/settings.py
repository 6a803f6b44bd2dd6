"""Notebook 08: settings drawn, and searches in two stages, as people really write them wrong."""

import copy

import numpy as np
from wrong_code import wrong

# Settings.


def log(low, high, rng):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def uniform(low, high, rng):
    return float(rng.uniform(low, high))


def whole(low, high, rng):
    return int(rng.integers(low, high + 1))


def choice(options, rng):
    return options[int(rng.integers(len(options)))]


def draw(space, n, rng, **kinds):
    kinds = {"log": log, "uniform": uniform, "int": whole, "choice": choice, **kinds}
    return [{name: kinds[kind](*ends, rng) for name, (kind, *ends) in space.items()}
            for _ in range(n)]  # fmt: skip


def drawn(identity, generator=lambda rng: rng, number=lambda n: n, then=lambda s: s, **kinds):
    @wrong("sample_hyperparameters", identity)
    def sample_hyperparameters(space, n, rng):
        return then(draw(space, number(n), generator(rng), **kinds))


drawn("powers_of_ten",
      log=lambda low, high, rng:
      10.0 ** int(rng.integers(round(np.log10(low)), round(np.log10(high)) + 1)))  # fmt: skip
drawn("low_end_not_read", uniform=lambda low, high, rng: high * rng.random())
drawn("high_taken_for_width", uniform=lambda low, high, rng: low + high * rng.random())
drawn("exponential_everywhere",
      uniform=lambda low, high, rng:
      log(low, high, rng) if low > 0 else uniform(low, high, rng))  # fmt: skip
drawn("cut_towards_zero", int=lambda low, high, rng: int(rng.uniform(low, high + 1)))
drawn("rounded_ends_are_rare", int=lambda low, high, rng: round(rng.uniform(low, high)))
drawn("layers_with_a_point", int=lambda low, high, rng: float(rng.integers(low, high + 1)))
drawn("last_option_left_out", choice=lambda options, rng: options[rng.integers(len(options) - 1)])
drawn("place_for_option", choice=lambda options, rng: int(rng.integers(len(options))))
drawn("options_become_strings", choice=lambda options, rng: rng.choice(options))
drawn("one_too_many", number=lambda n: n + 1)
drawn("one_too_few", number=lambda n: n - 1)
drawn("generator_copied", generator=copy.deepcopy)
drawn("generator_made_anew", generator=lambda rng: np.random.default_rng(0))
drawn("generator_ignored", generator=lambda rng: np.random.default_rng())
drawn("sorted_by_rate", then=lambda settings: sorted(settings, key=lambda s: s["learning_rate"]))


@wrong("sample_hyperparameters", "options_in_turn")
def sample_hyperparameters(space, n, rng):
    settings = draw(space, n, rng)
    for k, setting in enumerate(settings):
        for name, (kind, *ends) in space.items():
            if kind == "choice":
                setting[name] = ends[0][k % len(ends[0])]
    return settings


@wrong("sample_hyperparameters", "laid_out_evenly")
def sample_hyperparameters(space, n, rng):
    settings = draw(space, n, rng)
    for name, (kind, *ends) in space.items():
        if kind in ("log", "uniform"):
            grid = {"log": np.geomspace, "uniform": np.linspace}[kind](*ends, n)
            for setting, value in zip(settings, rng.permutation(grid), strict=True):
                setting[name] = float(value)
    return settings


@wrong("sample_hyperparameters", "one_draw_for_all")
def sample_hyperparameters(space, n, rng):
    settings = draw(space, n, rng)
    for setting in settings:
        u = rng.random()
        for name, (kind, *ends) in space.items():
            if kind == "log":
                setting[name] = ends[0] * (ends[1] / ends[0]) ** u
            elif kind == "uniform":
                setting[name] = ends[0] + (ends[1] - ends[0]) * u
    return settings


# Searches.


def by_accuracy(trial):
    return trial[2]


def around(value, low, high):
    factor = (high / low) ** (1 / 6)
    return value / factor, value * factor


def beside(value, low, high):
    step = (high - low) / 6
    return max(low, value - step), min(high, value + step)


def searched(identity, log=around, uniform=beside, int=None, choice=None, kind="log",
             centre=lambda trials: max(trials, key=by_accuracy),
             final=lambda coarse, fine: max(fine, key=by_accuracy),
             order=lambda budget: budget, again=lambda rng: rng, trial=lambda *trial: trial,
             best_is=lambda trial: trial[0], noted=lambda coarse, fine: coarse + fine,
             split="validation", epochs=lambda short, long: (short, long)):  # fmt: skip
    """Enter a search in two stages with one thing changed."""

    @wrong("coarse_to_fine", identity)
    def coarse_to_fine(evaluate, space, budget, rng):
        (n, short), (m, long) = order(budget)
        short, long = epochs(short, long)
        coarse = [(c, short, evaluate(c, short, split=split)) for c in draw(space, n, rng)]
        best = centre(coarse)[0]
        closer = {}
        for name, entry in space.items():
            of, *ends = entry
            if of == "log":
                closer[name] = (kind, *log(best[name], *ends))
            elif of == "uniform":
                closer[name] = (of, *uniform(best[name], *ends))
            else:
                other = {"int": int, "choice": choice}[of]
                closer[name] = other(best[name], *ends) if other else ("choice", [best[name]])
        closer = {name: entry for name, entry in closer.items() if entry}
        fine = [(c, long, evaluate(c, long, split=split)) for c in draw(closer, m, again(rng))]
        chosen = final(coarse, fine)
        return best_is(chosen), [trial(*one) for one in noted(coarse, fine)]


def narrower(share):
    """Ends of a range whose half is this share of the old one, on either scale."""

    def logs(value, low, high):
        return value * (low / high) ** share, value * (high / low) ** share

    def numbers(value, low, high):
        step = share * (high - low)
        return max(low, value - step), min(high, value + step)

    return logs, numbers


def evenly(value, low, high):
    step = (high - low) / 6
    return max(low, value - step), value + step


searched("cut_at_the_border", log=lambda v, low, high:
         tuple(np.clip(around(v, low, high), low, high)))  # fmt: skip
searched("cut_at_the_top",
         log=lambda v, low, high: tuple(np.minimum(around(v, low, high), high)))  # fmt: skip
searched("cut_at_the_bottom",
         log=lambda v, low, high: tuple(np.maximum(around(v, low, high), low)))  # fmt: skip


@lambda f: searched("moved_inside", log=f)
def inside(value, low, high):
    a, b = around(value, low, high)
    a, b = (a * high / b, high) if b > high else (a, b)
    return (low, b * low / a) if a < low else (a, b)


searched("rates_narrowed_evenly",
         log=lambda v, low, high: tuple(np.minimum(evenly(v, low, high), high)))  # fmt: skip
searched("rates_narrowed_evenly", log=evenly)
searched("drawn_in_the_rate", kind="uniform")
searched("a_third_to_each_side", log=narrower(1 / 3)[0], uniform=narrower(1 / 3)[1])
searched("rates_a_third_to_each_side", log=narrower(1 / 3)[0])
searched("keeps_a_third_to_each_side", uniform=narrower(1 / 3)[1])
searched("a_twelfth_to_each_side", log=narrower(1 / 12)[0], uniform=narrower(1 / 12)[1])
searched("rates_a_twelfth_to_each_side", log=narrower(1 / 12)[0])
searched("a_factor_of_three", log=lambda v, low, high: (v / 3, v * 3))
searched("a_decade_to_each_side", log=lambda v, low, high: (v / 10, v * 10))
searched("two_logarithms", log=lambda v, low, high:
         (v * np.exp(np.log10(low / high) / 6), v * np.exp(np.log10(high / low) / 6)))  # fmt: skip
searched("middle_third", log=lambda v, low, high:
         (low * (high / low) ** (1 / 3), high * (low / high) ** (1 / 3)))  # fmt: skip
searched("upwards_alone", log=lambda v, low, high: (v, v * (high / low) ** (1 / 3)))
searched("around_the_worst", centre=lambda trials: min(trials, key=by_accuracy))
searched("around_the_last", centre=lambda trials: trials[-1])
searched("shares_not_narrowed", uniform=lambda v, low, high: (low, high))
searched("beyond_the_limit", uniform=lambda v, low, high:
         (v - (high - low) / 6, v + (high - low) / 6))  # fmt: skip
searched("beyond_the_low_limit", uniform=lambda v, low, high:
         (v - (high - low) / 6, min(high, v + (high - low) / 6)))  # fmt: skip
searched("beyond_the_high_limit", uniform=lambda v, low, high:
         (max(low, v - (high - low) / 6), v + (high - low) / 6))  # fmt: skip


@lambda f: searched("shares_moved_inside", uniform=f)
def moved(value, low, high):
    step = (high - low) / 6
    middle = min(max(value, low + step), high - step)
    return middle - step, middle + step


searched("choices_drawn_again", int=lambda v, low, high: ("int", low, high),
         choice=lambda v, options: ("choice", options))  # fmt: skip
searched("int_drawn_again", int=lambda v, low, high: ("int", low, high))
searched("int_narrowed", int=lambda v, low, high: ("int", max(low, v - 6), min(high, v + 6)))
searched("choice_drawn_again", choice=lambda v, options: ("choice", options))
searched("entries_left_out", int=lambda v, low, high: (), choice=lambda v, options: ())
searched("same_length", epochs=lambda short, long: (short, short))
searched("long_first", epochs=lambda short, long: (long, short))
searched("epochs_taken_for_runs", order=lambda budget: [pair[::-1] for pair in budget])
searched("test_set_searched", split="test")
searched("draws_elsewhere", again=lambda rng: np.random.default_rng())
searched("draws_from_a_fixed_seed", again=lambda rng: np.random.default_rng(231))
searched("best_across_stages", final=lambda coarse, fine: max(coarse + fine, key=by_accuracy))
searched("best_of_the_coarse", final=lambda coarse, fine: max(coarse, key=by_accuracy))
searched("worst_returned", final=lambda coarse, fine: min(fine, key=by_accuracy))
searched("last_returned", final=lambda coarse, fine: fine[-1])
searched("whole_trial_returned", best_is=lambda trial: trial)
searched("trials_sorted", noted=lambda coarse, fine: sorted(coarse + fine, key=by_accuracy))
searched("fine_trials_alone", noted=lambda coarse, fine: fine)
searched("coarse_trials_alone", noted=lambda coarse, fine: coarse)
searched("accuracy_before_epochs", trial=lambda config, epochs, score: (config, score, epochs))
searched("pairs_for_trials", trial=lambda config, epochs, score: (config, score))
