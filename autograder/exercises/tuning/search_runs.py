"""Mistakes of a search in two stages in its runs and in what comes back; `search` has the rest."""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.tuning.stages import (
    AGAIN,
    BEST,
    EPOCHS,
    FORM,
    ONCE,
    OTHER,
    OVERWRITTEN,
    SPLITS,
    TRIALS,
    WRITTEN_OVER,
)


class Runs(Exercise, abstract=True):
    """How long which runs are, on which data, and what is given back of them."""

    @mistake
    def same_length(self, right, budget, **inputs):
        """Your fine runs are as short as the coarse ones. The few settings that are left deserve
        longer runs."""
        (coarse, short), (fine, _) = budget
        return {EPOCHS: np.array([short] * (coarse + fine))}

    @mistake
    def long_first(self, right, budget, **inputs):
        """You have the two lengths swapped: short runs come first, when many are to be thrown
        away."""
        (coarse, short), (fine, long) = budget
        return {EPOCHS: np.array([long] * coarse + [short] * fine)}

    @mistake
    def epochs_taken_for_runs(self, right, budget, **inputs):
        """You read each pair of the budget as (epochs, runs). It is (runs, epochs)."""
        (coarse, short), (fine, long) = budget
        return {EPOCHS: np.array([coarse] * short + [fine] * long)}

    @mistake
    def fine_epochs_taken_for_runs(self, right, budget, **inputs):
        """In the fine stage you read the budget as (epochs, runs). It is (runs, epochs), as in the
        coarse one."""
        (coarse, short), (fine, long) = budget
        return {EPOCHS: np.array([short] * coarse + [fine] * long)}

    @mistake
    def test_set_searched(self, right, **inputs):
        """Your search asks for accuracies on the test set. What is chosen on it is no test any
        more: choose on the validation set."""
        return {SPLITS: "test"}

    @mistake
    def looks_at_the_test_set_too(self, right, **inputs):
        """Your search looks at the test set beside the validation set. Leave it alone until one
        setting is chosen; the test is made once, outside this function."""
        return {SPLITS: "test and validation"}

    @mistake
    def trained_twice(self, right, **inputs):
        """You call evaluate twice for the same setting. Each call is a whole training, so your
        search takes longer than its budget: keep what the first call gave."""
        return {ONCE: "some settings twice"}

    @mistake
    def draws_elsewhere(self, right, **inputs):
        """The same generator gives another search each time: a part of your settings comes from a
        generator of your own. Draw everything from rng."""
        return {AGAIN: False} if AGAIN in right else None

    @mistake
    def draws_from_a_fixed_seed(self, right, **inputs):
        """Settings of yours lie at the same places of their ranges whatever generator is given:
        they are drawn from one of your own, with a fixed seed. Draw everything from rng."""
        return {OTHER: False} if OTHER in right else None

    @mistake
    def best_across_stages(self, right, peak, **inputs):
        """You compare runs of different length: your best may be a coarse run. Choose among the
        fine ones."""
        return {BEST: "the best of all, a coarse run"} if peak["per_epoch"] < 0 else None

    @mistake
    def best_of_the_coarse(self, right, peak, **inputs):
        """You return the best coarse run. The fine ones were made to find something better."""
        of_all = "the best of all, a coarse run"
        return {BEST: of_all if peak["per_epoch"] < 0 else "the best of the coarse runs"}

    @mistake
    def worst_returned(self, right, **inputs):
        """You return the worst of the fine runs: accuracies are better when they are higher."""
        return {BEST: "the worst of the fine runs"}

    @mistake
    def settings_compared(self, right, peak, **inputs):
        """Your code stops where two runs are equally good: it compares pairs of an accuracy and a
        setting, and of two dictionaries none is the larger. Compare the accuracies alone."""
        if "hundredths_from" in peak:
            return dict.fromkeys(right, raises("TypeError", "between instances of 'dict'"))

    @mistake
    def last_returned(self, right, **inputs):
        """You return the last of the fine runs. The one with the highest accuracy is the best."""
        return {BEST: "the last of the fine runs"}

    @mistake
    def one_dictionary_overwritten(self, right, **inputs):
        """All your fine trials hold the same dictionary, changed from run to run, so that each of
        them shows the last setting, and so does your best. Each trial has a dictionary of its
        own."""
        return {BEST: "the last of the fine runs", TRIALS: OVERWRITTEN}

    @mistake
    def best_coarse_written_over(self, right, **inputs):
        """The best coarse run stands in your trials with a setting that it was not run with: the
        fine stage writes into its dictionary. Each trial has a dictionary of its own."""
        return {TRIALS: WRITTEN_OVER}

    @mistake
    def whole_trial_returned(self, right, **inputs):
        """Your best is a whole trial, with epochs and accuracy. The setting alone is wanted."""
        return {FORM: "a whole trial"}

    @mistake
    def trials_sorted(self, right, **inputs):
        """Your trials are all there, in another order than they were made: sorted, perhaps, to find
        the best. Look for the best with max, or sort a copy."""
        return {TRIALS: "all runs in another order"}

    @mistake
    def fine_trials_alone(self, right, **inputs):
        """Your trials are those of the fine stage. Keep the coarse ones too: the scatter plot of
        all runs is what you learn from."""
        return {TRIALS: "the fine runs alone"}

    @mistake
    def coarse_trials_alone(self, right, **inputs):
        """Your trials are those of the coarse stage. The fine ones belong behind them."""
        return {TRIALS: "the coarse runs alone"}

    @mistake
    def accuracy_before_epochs(self, right, **inputs):
        """Your trials have the accuracy before the epochs. They are (config, epochs, accuracy)."""
        return {TRIALS: "accuracy before epochs"}

    @mistake
    def pairs_for_trials(self, right, **inputs):
        """Your trials are pairs of a setting and one number. They are (config, epochs, accuracy).
        """
        return {TRIALS: "pairs"}
