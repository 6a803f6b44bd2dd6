"""With which pictures a run learns and validates, in which mode and mirrored how: the mistakes.

What is read of it is in `runs`, the exercise in `running`.
"""

import math

from autograder.exercise import Exercise, mistake
from autograder.exercises.capstone.runs import (
    ADDED,
    ALL,
    ANEW,
    AT_FIRST,
    BATCHES,
    BOTH,
    DRAWN_ONCE,
    EVALUATION,
    FIRST,
    GRADIENTS,
    HALF,
    HELD,
    LAST,
    LEARNING,
    LOGGED_RATES,
    MIRRORED,
    MIRRORED_HELD,
    MODE,
    NONE,
    OTHER,
    RATES,
    ROUNDS,
    SAME_ORDER,
    SAME_SIDES,
    SAME_SPLIT,
    SAME_START,
    SPLIT,
    TRAINING,
    TURNED,
    UNUSED,
    UPDATES,
    cosine,
    held_out,
)


class WhatIsShown(Exercise, abstract=True):
    """A run's mistakes with its pictures."""

    # What follows the seed.

    @mistake
    def first_weights_of_one_seed(self, right, **inputs):
        """Whatever the recipe's seed, your net begins with the same weights. Make it where the
        recipe's seed is set."""
        return {OTHER: SAME_START}

    @mistake
    def split_of_one_seed(self, right, **inputs):
        """Whatever the recipe's seed, you hold out the same pictures: your split is drawn from a
        generator that the recipe's seed does not set."""
        return {OTHER: SAME_SPLIT}

    @mistake
    def order_of_one_seed(self, right, **inputs):
        """Whatever the recipe's seed, your pictures are shuffled in the same way: the order is
        drawn from a generator that the recipe's seed does not set."""
        return {OTHER: SAME_ORDER}

    @mistake
    def mirroring_of_one_seed(self, right, recipe, **inputs):
        """Whatever the recipe's seed, what is mirrored is drawn in the same way: the generator for
        it is one that the recipe's seed does not set."""
        return {OTHER: SAME_SIDES} if recipe["flip"] else None

    # The split.

    @mistake
    def learns_from_all(self, right, recipe, n, **inputs):
        """You learn from the pictures that you validate with, too: the accuracy in your log is that
        of pictures which the net knows by heart."""
        updates = -(-n // recipe["batch_size"]) * recipe["epochs"]
        rates = cosine(recipe["learning_rate"], updates)
        return {BOTH: held_out(recipe, n), HELD: 0, UPDATES: updates, RATES: rates,
                LOGGED_RATES: rates[:: updates // recipe["epochs"]]}  # fmt: skip

    @mistake
    def shares_exchanged(self, right, recipe, n, **inputs):
        """You hold out the large part and learn from the small one. recipe["validation"] is the
        share that is held out."""
        return self.holding_out(recipe, n, n - held_out(recipe, n))

    def holding_out(self, recipe, n, held):
        """What a run shows that holds out so many of n pictures."""
        updates = -(-(n - held) // recipe["batch_size"]) * recipe["epochs"]
        rates = cosine(recipe["learning_rate"], updates)
        return {HELD: held, UPDATES: updates, RATES: rates,
                LOGGED_RATES: rates[:: updates // recipe["epochs"]]}  # fmt: skip

    @mistake
    def share_cut_off(self, right, recipe, n, **inputs):
        """The number of pictures that you hold out is cut off to a whole number, as int does.
        Rounded is asked for."""
        return self.holding_out(recipe, n, math.floor(recipe["validation"] * n))

    @mistake
    def share_rounded_up(self, right, recipe, n, **inputs):
        """The number of pictures that you hold out is rounded up. Rounded to the nearest is asked
        for."""
        return self.holding_out(recipe, n, math.ceil(recipe["validation"] * n))

    @mistake
    def first_ones_held_out(self, right, **inputs):
        """You hold out the first pictures as they are stored. Data often lie sorted by class or by
        time: draw which ones are held out."""
        return {SPLIT: FIRST}

    @mistake
    def last_ones_held_out(self, right, **inputs):
        """You hold out the last pictures as they are stored. Data often lie sorted by class or by
        time: draw which ones are held out."""
        return {SPLIT: LAST}

    @mistake
    def splits_in_each_epoch(self, right, **inputs):
        """You draw a new split in each epoch: what one epoch holds out another learns from, so
        your net knows some of the pictures that it is validated with. Draw it once, before the
        first epoch."""
        return {SPLIT: ANEW}

    @mistake
    def validates_with_half(self, right, recipe, n, **inputs):
        """Some of the pictures are neither learned from nor validated with, as when one of two
        boundaries is computed from the other part's size."""
        held = held_out(recipe, n) // 2
        return {HELD: held, UNUSED: held_out(recipe, n) - held}

    @mistake
    def no_validation(self, right, recipe, n, **inputs):
        """You never look at the pictures that are held out. What the recipe is worth is not
        known."""
        return {HELD: 0, UNUSED: held_out(recipe, n), ROUNDS: 0}

    @mistake
    def validates_once(self, right, recipe, **inputs):
        """You validate once, at the end. A log with one number cannot show where a run turned."""
        return {ROUNDS: 1}

    @mistake
    def validates_in_training_mode(self, right, **inputs):
        """You validate in training mode: dropout is on, the batch's own statistics are used, and
        the running ones take in pictures that nothing may be learned from."""
        return {MODE: TRAINING}

    @mistake
    def trains_in_training_mode_once(self, right, **inputs):
        """After you have validated, your net stays in evaluation mode, and learns from the second
        epoch on without dropout and with the running statistics. Put it back into training mode in
        each epoch."""
        return {LEARNING: AT_FIRST}

    @mistake
    def never_cleared(self, right, **inputs):
        """When your net learns from a batch, the gradients of earlier batches are still there, and
        `backward` adds to them. Clear them in every update."""
        return {GRADIENTS: ADDED}

    @mistake
    def learns_in_evaluation_mode(self, right, **inputs):
        """Your net learns in evaluation mode: without dropout, and with the norms' running
        statistics in place of the batch's."""
        return {LEARNING: EVALUATION}

    @mistake
    def mirrors_whole_batches(self, right, recipe, **inputs):
        """One draw of yours mirrors a whole batch or leaves it. Every picture has a draw of its
        own."""
        if recipe["flip"]:
            return {MIRRORED: BATCHES}

    @mistake
    def mirrors_the_same_ones(self, right, recipe, **inputs):
        """Which pictures you mirror is the same in each epoch: the net never sees one of them both
        ways. Draw anew in each epoch, from a generator that is made before the first."""
        if recipe["flip"]:
            return {MIRRORED: DRAWN_ONCE}

    @mistake
    def mirrors_top_to_bottom(self, right, recipe, **inputs):
        """Some of your pictures stand on their heads: you mirror along another axis. Left to right
        is the last one of N×C×H×W."""
        if recipe["flip"]:
            return {TURNED: True, MIRRORED: NONE}

    @mistake
    def turns_half_round(self, right, recipe, **inputs):
        """Your mirrored pictures stand on their heads as well: you mirror along two axes. Left to
        right is the last one alone."""
        if recipe["flip"]:
            return {TURNED: True}

    @mistake
    def mirrors_everything(self, right, recipe, **inputs):
        """You mirror every picture that you learn from. Then the net never sees one as it is: half
        of them, drawn anew each time, are meant."""
        if recipe["flip"]:
            return {MIRRORED: ALL}

    @mistake
    def flip_not_read(self, right, recipe, **inputs):
        """You mirror nothing, and the recipe says flip. What the log's recipe says was not what was
        done."""
        if recipe["flip"]:
            return {MIRRORED: NONE}

    @mistake
    def always_flips(self, right, recipe, **inputs):
        """You mirror pictures although the recipe says no. What the log's recipe says was not what
        was done."""
        if not recipe["flip"]:
            return {MIRRORED: HALF}

    @mistake
    def mirrors_while_validating(self, right, recipe, **inputs):
        """You mirror pictures while you validate. Augmentation is for learning: validate with the
        pictures as they are."""
        if recipe["flip"]:
            return {MIRRORED_HELD: HALF}
