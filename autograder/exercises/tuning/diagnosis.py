"""Exercise of notebook 08: what a run's curves say."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, Setting, mistake
from autograder.exercises.tuning.curves import accuracies, bursts, diagnosis, movements


class diagnose(Exercise):
    """What is wrong with a run, from its curves alone."""

    signature = "diagnose(history, goal=0.9)"
    minutes = 10
    difficulty = 2
    settings = {"goal": Setting(0.9, others=(0.8, 0.95))}
    reads = {"diagnosis": "your answer is {seen}; {right} is the first that fits"}
    hints = (
        "Take the five answers in the docstring's order and return at the first that fits: each "
        "later one may then rely on the earlier ones being ruled out.",
        "A single loss is noisy (except the first). Compute three means: of the first tenth, "
        "of the tenth that starts in the middle, of the last tenth. Then think about what a "
        "comparison with NaN says.",
    )

    def cases(self, rng):
        families = {
            "what the accuracies say": accuracies(rng),
            "how the loss moves": movements(rng),
            "losses that burst": bursts(rng),
        }
        for name, runs in families.items():
            # Which run stands where is drawn, so that a place in the row tells nothing.
            for place, at in enumerate(rng.permutation(len(runs))):
                points = 1 if name == "how the loss moves" and place < 2 else 0.5
                yield Case(f"{name}, {place + 1}", points, **runs[at])

    def observe(self, code, history, goal):
        given = {} if goal is None else {"goal": goal}
        return {"diagnosis": code.diagnose(history, **given)}

    def reference(self, history, goal):
        return {"diagnosis": diagnosis(history, goal)}

    def told(self, inputs, **change):
        return {"diagnosis": diagnosis(**inputs, **change)}

    # Too high?

    @mistake
    def nan_overlooked(self, right, **inputs):
        """A loss that is NaN is neither above nor below anything, so every comparison with it says
        no. Look for NaN and infinity first."""
        return self.told(inputs, finite=lambda losses: True)

    @mistake
    def nan_alone_overlooked(self, right, **inputs):
        """Infinity makes your answer "lr too high", and NaN does not, as where it is dropped, or
        looked for with ==, though it is equal to nothing. One loss of either kind is enough."""
        return self.told(inputs, finite=lambda losses: not torch.isinf(losses).any())

    @mistake
    def infinity_overlooked(self, right, **inputs):
        """You look for NaN and not for infinity."""
        return self.told(inputs, finite=lambda losses: not torch.isnan(losses).any())

    @mistake
    def last_loss_alone_finite(self, right, **inputs):
        """You look for NaN and infinity in the last loss only. One anywhere is enough."""
        return self.told(inputs, finite=lambda losses: bool(torch.isfinite(losses[-1])))

    @mistake
    def level_ignored(self, right, **inputs):
        """Your "lr too high" asks for NaN and infinity alone. A run whose last tenth is above the
        first loss of all counts as well."""
        return self.told(inputs, above=lambda losses, start, end: False)

    @mistake
    def bursts_overlooked(self, right, **inputs):
        """A rate that is much too high does its damage in the first updates, and then the loss may
        even fall. Compare with the first loss of all: no update had touched the net."""
        return self.told(inputs, above=lambda losses, start, end: end > start)

    @mistake
    def last_loss_against_the_first(self, right, **inputs):
        """You compare the last loss alone with the first. One mini-batch is noise: take the mean of
        the last tenth."""
        return self.told(inputs, above=lambda losses, start, end: losses[-1] > losses[0])

    @mistake
    def any_loss_above_the_first(self, right, **inputs):
        """Your diagnosis is "lr too high" as soon as one loss is above the first. The mean of the
        last tenth has to be."""
        return self.told(inputs, above=lambda losses, start, end: (losses > losses[0]).any())

    @mistake
    def any_rise_is_too_much(self, right, **inputs):
        """Your diagnosis is "lr too high" as soon as one loss is above the one before. Mini-batches
        make every curve jump."""
        return self.told(inputs, above=lambda losses, start, end: (losses.diff() > 0).any())

    @mistake
    def equal_is_above(self, right, **inputs):
        """A loss that ends exactly where it began is not above it."""
        return self.told(inputs, above=lambda losses, start, end: end >= losses[0])

    # Too low?

    @mistake
    def low_rate_taken_for_underfit(self, right, **inputs):
        """A loss that still falls when the run ends says: wait, or take larger steps. Only one that
        has settled is underfit."""
        return self.told(inputs, falls=lambda losses, start, middle, end: False)

    @mistake
    def underfit_taken_for_low_rate(self, right, **inputs):
        """Below the goal you always say "lr too low". Where the loss settled long before the end,
        more steps or larger ones will not help."""
        return self.told(inputs, falls=lambda losses, start, middle, end: True)

    @mistake
    def slow_is_wrong_by_itself(self, right, **inputs):
        """A run that still improves and has reached its goal is healthy. Slow falling counts only
        below the goal."""
        return self.told(inputs, slow_counts=True)

    @mistake
    def any_fall_is_slow(self, right, **inputs):
        """You say "lr too low" as soon as the last tenth is below the middle one. It has to fall by
        more than a quarter of the whole fall."""
        return self.told(inputs, falls=lambda losses, start, middle, end: middle > end)

    @mistake
    def equal_fall_is_slow(self, right, **inputs):
        """A fall of exactly a quarter counts as slow in your code, so that a loss that never moves
        does too: nothing is a quarter of nothing. It has to be more than a quarter."""
        falls = lambda losses, start, middle, end: middle - end >= (start - end) / 4
        return self.told(inputs, falls=falls)

    @mistake
    def half_of_the_fall(self, right, **inputs):
        """You ask the second half for more than half of the whole fall. A quarter is the limit."""
        falls = lambda losses, start, middle, end: middle - end > (start - end) / 2
        return self.told(inputs, falls=falls)

    @mistake
    def divided_by_the_fall(self, right, **inputs):
        """You divide by the whole fall. A loss may end above the mean of its first tenth: then the
        fall is negative, and dividing by it turns > round. Hold the fall from the middle on
        against a quarter of it."""

        def falls(losses, start, middle, end):
            return start != end and (middle - end) / (start - end) > 1 / 4

        return self.told(inputs, falls=falls)

    @mistake
    def quarter_of_the_fall_before(self, right, **inputs):
        """For you a loss still falls when a fifth of the whole fall is left for the end, as when
        b − c is held against a quarter of a − b. The whole fall is a − c: a quarter of that is the
        limit."""
        falls = lambda losses, start, middle, end: middle - end > (start - middle) / 4
        return self.told(inputs, falls=falls)

    @mistake
    def quarter_of_the_level(self, right, **inputs):
        """You compare the fall from the middle on with a quarter of a loss. A quarter of
        the fall from the first tenth to the last is the limit."""
        falls = lambda losses, start, middle, end: middle - end > middle / 4
        return self.told(inputs, falls=falls)

    @mistake
    def quarter_of_the_level_at_first(self, right, **inputs):
        """You hold the fall from the middle on against a quarter of a, the mean of the first tenth.
        The whole fall is a − c, and a quarter of that is the limit."""
        falls = lambda losses, start, middle, end: middle - end > start / 4
        return self.told(inputs, falls=falls)

    @mistake
    def quarter_of_the_first_tenth_alone(self, right, **inputs):
        """You take c off after the quarter, as when brackets are missing around a − c: then c drops
        out on both sides, and b is held against a quarter of a. The quarter is of a − c."""
        falls = lambda losses, start, middle, end: middle - end > start / 4 - end
        return self.told(inputs, falls=falls)

    @mistake
    def fall_of_the_first_half(self, right, **inputs):
        """You look at the fall from the first tenth to the middle. From the middle to the end is
        what tells whether the loss still falls."""
        falls = lambda losses, start, middle, end: start - middle > (start - end) / 4
        return self.told(inputs, falls=falls)

    @mistake
    def fall_from_the_first_loss(self, right, **inputs):
        """You measure the whole fall from the first loss. Here it goes from the mean of the first
        tenth to that of the last."""
        falls = lambda losses, start, middle, end: middle - end > (float(losses[0]) - end) / 4
        return self.told(inputs, falls=falls)

    # Which losses.

    @mistake
    def single_losses(self, right, **inputs):
        """You look at single losses, such as the last one. One mini-batch is noise: take means."""
        return self.told(inputs, tenth=lambda n: 1)

    @mistake
    def ten_losses(self, right, **inputs):
        """You take the mean of ten losses. A tenth of them is wanted, which is n // 10."""
        return self.told(inputs, tenth=lambda n: 10)

    @mistake
    def last_ten_losses(self, right, **inputs):
        """The end of the run is for you its last ten losses. It is the last tenth of all."""
        return self.told(inputs, tail=lambda losses, n: losses[-10:])

    @mistake
    def last_tenth_rounded_up(self, right, **inputs):
        """Your last tenth has one loss more than n // 10: in `-n // 10` the minus comes first, and
        // rounds down, away from 0. Count n // 10 losses from the end."""
        return self.told(inputs, tail=lambda losses, n: losses[-len(losses) // 10 :])

    @mistake
    def ten_nearly_equal_parts(self, right, history, goal):
        """You cut the losses into ten parts that cover all of them, as np.array_split does. Where
        10 does not divide n some get one loss more, and the sixth starts off the middle: each tenth
        has n // 10 losses, and the middle one starts at n // 2."""
        parts = np.array_split(np.arange(len(history["loss"])), 10)
        return self.told(
            {"history": history, "goal": goal},
            tenth=lambda n: len(parts[0]),
            begin=lambda half, tenth: parts[5][0],
            tail=lambda losses, n: losses[parts[9][0] :],
        )

    @mistake
    def medians_for_means(self, right, **inputs):
        """You take the median of each tenth. A mean is asked for, in which a single large loss
        counts."""
        return self.told(inputs, mean=lambda part: part.quantile(0.5))

    @mistake
    def tenth_rounded_up(self, right, **inputs):
        """Your tenth is rounded up, so it has one loss more than n // 10."""
        return self.told(inputs, tenth=lambda n: -(-n // 10))

    @mistake
    def middle_ends_there(self, right, **inputs):
        """Your middle tenth ends in the middle of the run. It starts there."""
        return self.told(inputs, begin=lambda half, tenth: half - tenth)

    @mistake
    def middle_on_both_sides(self, right, **inputs):
        """Your middle tenth lies on both sides of the middle. It starts there."""
        return self.told(inputs, begin=lambda half, tenth: half - tenth // 2)

    # The accuracies.

    @mistake
    def validation_held_against_the_goal(self, right, **inputs):
        """You hold the validation accuracy against the goal. Whether a net can fit at all shows on
        the training data."""
        return self.told(inputs, measured="val_accuracy")

    @mistake
    def training_and_validation_exchanged(self, right, **inputs):
        """You have exchanged the accuracies of training and validation: the goal is for training,
        and overfitting is training above validation."""
        apart = lambda train, val: val - train > 0.1
        return self.told(inputs, measured="val_accuracy", apart=apart)

    @mistake
    def best_accuracies(self, right, **inputs):
        """You take the best accuracy of each curve. The last one counts."""
        return self.told(inputs, accuracy=max)

    @mistake
    def best_validation(self, right, history, goal):
        """You compare with the best validation accuracy. The last one counts."""
        best = max(history["val_accuracy"])
        return {"diagnosis": diagnosis(history, goal, apart=lambda train, val: train - best > 0.1)}

    @mistake
    def best_training(self, right, history, goal):
        """You hold the best training accuracy against the goal. The last one counts."""
        best = max(history["train_accuracy"])
        return {"diagnosis": diagnosis(history, goal, below=lambda reached, goal: best < goal)}

    @mistake
    def mean_accuracies(self, right, **inputs):
        """You take the mean of the accuracies over all epochs. The last ones count."""
        return self.told(inputs, accuracy=np.mean)

    @mistake
    def goal_met_is_below(self, right, **inputs):
        """An accuracy that is exactly the goal has reached it: only one below does not."""
        return self.told(inputs, below=lambda reached, goal: reached <= goal)

    @mistake
    def gap_met_is_above(self, right, **inputs):
        """You call a gap of exactly 0.1 overfitting. It has to be more than that."""
        return self.told(inputs, apart=lambda train, val: train - val >= 0.1)

    @mistake
    def overfit_first(self, right, **inputs):
        """You ask for overfitting before the goal. A run below its goal is "lr too low" or
        "underfit", whatever the gap: the first answer that fits counts."""
        return self.told(inputs, overfit_first=True)

    @mistake
    def overfit_before_underfit(self, right, **inputs):
        """You ask for overfitting before "underfit". A run below its goal that has settled is
        underfit, whatever the gap."""
        if right["diagnosis"] != "lr too low":
            return self.told(inputs, overfit_first=True)

    @mistake
    def gap_the_wrong_way(self, right, **inputs):
        """Overfitting is training above validation; you subtract the other way round."""
        return self.told(inputs, apart=lambda train, val: val - train > 0.1)

    @mistake
    def gap_either_way(self, right, **inputs):
        """Validation above training is no overfitting: with dropout or augmentation it is
        common."""
        return self.told(inputs, apart=lambda train, val: abs(train - val) > 0.1)

    @mistake
    def never_overfit(self, right, **inputs):
        """You never say "overfit". Accuracies run from 0 to 1, so a gap is far below 10, and even
        0.1 is large."""
        return self.told(inputs, apart=lambda train, val: False)

    @mistake
    def any_gap_is_overfit(self, right, **inputs):
        """You call every run overfit whose training accuracy is above that of validation. A gap up
        to 0.1 is healthy."""
        return self.told(inputs, apart=lambda train, val: train > val)

    @mistake
    def gap_as_a_ratio(self, right, **inputs):
        """You compare the validation accuracy with nine tenths of the training accuracy. The gap is
        the difference of the two, and 0.1 its limit."""
        return self.told(inputs, apart=lambda train, val: val < 0.9 * train)

    @mistake
    def nothing_for_healthy(self, right, **inputs):
        """You give nothing back where a run is healthy. That is an answer, too."""
        return {"diagnosis": None} if right["diagnosis"] == "healthy" else None
