"""Exercise of notebook 17: a recipe as data, and a run that keeps to it.

What is observed of a run is read in `runs`; the net is made by the caller, and writes down what it
is shown (`course_utils.recipes.capstone`).
"""

import numpy as np

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.capstone.runs import (
    ACCURACY,
    AGAIN,
    ALONE,
    ANOTHER_NET,
    BOTH,
    DECAY,
    DRAWN,
    ENTRIES,
    EPOCH_KEYS,
    EPOCHS,
    EVALUATION,
    GRADIENTS,
    HALF,
    HELD,
    KEPT,
    KEYS,
    KIND,
    LAST_ONES,
    LEARNING,
    LEFT_IN,
    LOG_KEYS,
    LOGGED_RATES,
    LOSS,
    MIRRORED,
    MIRRORED_HELD,
    MODE,
    NET,
    NEW,
    NONE,
    OLD,
    ORDER,
    OTHER,
    OTHER_ORDER,
    OTHER_SIDES,
    OTHER_SPLIT,
    OTHER_START,
    OTHERS,
    PICTURES,
    RATES,
    RECIPE,
    ROUNDS,
    SAME,
    SOME,
    SPLIT,
    THE_SAME_NET,
    TIMES,
    TRAINING,
    TURNED,
    UNUSED,
    UPDATES,
    WEIGHTS,
    cosine,
    held_out,
    not_moved,
    not_repeated,
    of_log,
    of_passes,
    of_updates,
    per_epoch,
)  # fmt: skip
from autograder.exercises.capstone.schedule import Schedule
from autograder.exercises.capstone.showing_pictures import WhatIsShown
from course_utils.recipes.capstone import one_run

AS_IT_WAS, AS_THEY_WERE = "as it was", "as they were"
MEANWHILE, UNMOVED, MOVED = "drawn meanwhile", "the same", "others"


class run(WhatIsShown, Schedule):
    """Train a net as a recipe says, so that the recipe alone brings it back."""

    signature = "run(recipe, x, y, make_net) -> net, log"
    library = "torch"
    takes_seconds = True
    minutes = 20
    difficulty = 3
    reads = {
        "returned": "the first thing that you return",
        SAME: "the same recipe, run again, gives {seen}; {right} is right",
        OTHER: "another seed gives {seen}; {right} is right",
        HELD: "the number of pictures that you only validate with",
        BOTH: "the number of pictures that you learn from and validate with",
        UNUSED: "the number of pictures that you never use",
        TIMES: "the times that your pictures are learned from are {seen}; {right} is right",
        UPDATES: "the number of your updates",
        ORDER: "the second epoch goes through the pictures in {seen}; {right} is right",
        RATES: "the learning rate of your updates",
        DECAY: "the weight decay of your optimizer",
        KIND: "your optimizer is {seen}; {right} is right",
        MODE: "you validate in {seen}; {right} is right",
        TURNED: "that pictures stand on their heads is {seen}; {right} is right",
        KEPT: "the recipe that you were given is {seen} afterwards; {right} is right",
        PICTURES: "the pictures that you were given are {seen} afterwards; {right} is right",
        WEIGHTS: "the weights that you return are {seen}; {right} is right",
        EPOCHS: "the number of epochs in your log",
        SPLIT: "the pictures that you hold out are {seen}; {right} is right",
        AGAIN: "that your net is shown pictures that it learns from in other passes, too, is "
        "{seen}; {right} is right",
        LEARNING: "your net learns in {seen}; {right} is right",
        GRADIENTS: "your gradients are {seen}; {right} is right",
        ROUNDS: "the number of times that you validate",
        MIRRORED: "of the pictures that you learn from, {seen} are mirrored; {right} is right",
        MIRRORED_HELD: "of the pictures that you validate with, {seen} are mirrored; {right} is "
        "right",
        KEYS: "your log has {seen}; {right} is right",
        ENTRIES: "an epoch of your log has {seen}; {right} is right",
        RECIPE: "that your log holds the recipe is {seen}; {right} is right",
        LOSS: "that train_loss in your log is the mean over the epoch's pictures is {seen}; "
        "{right} is right",
        ACCURACY: "that the last validation_accuracy in your log is that of the net which you "
        "return is {seen}; {right} is right",
        LOGGED_RATES: "the rates in your log",
        LEFT_IN: "you return the net in {seen}; {right} is right",
        MEANWHILE: "where other code draws meanwhile from torch's global generator, your split, "
        "order and mirroring are {seen}; {right} is right",
    }
    hints = (
        "Two generators are enough: torch's own inside training.seeded, for initial weights and "
        "dropout, and one that you make from the seed, for the split, the order and the mirroring.",
        "Split once, before anything is learned. An epoch goes through the training part only, in "
        "a new order each time.",
        "The rate has to be set before each update, in the optimizer's param_groups: half the "
        "recipe's rate, times one plus a cosine that runs from 1 to nearly -1.",
        "An epoch's loss is a mean over its pictures: a short last batch weighs less than the "
        "others.",
    )

    def cases(self, rng):
        def case(name, points, n, epochs, flip):
            share = float(rng.choice([0.15, 0.2, 0.25]))
            sizes = [b for b in (9, 11, 12, 13) if (n - round(share * n)) % b > 1]
            recipe = {
                "seed": int(rng.integers(1, 1000)), "epochs": epochs,
                "batch_size": int(rng.choice(sizes)),
                "learning_rate": float(rng.uniform(2e-3, 2e-2)),
                "weight_decay": float(rng.uniform(0.02, 0.2)),
                "validation": share, "flip": flip,
            }  # fmt: skip
            return Case(name, points, recipe=recipe, n=n, classes=int(rng.integers(3, 6)),
                        seed=int(rng.integers(2**31)))  # fmt: skip

        # The shares of 79 are to be rounded up, those of 61 down.
        yield case("half of the pictures mirrored", 4, 79, 3, True)
        yield case("nothing mirrored", 2, 61, 4, False)

    def observe(self, code, recipe, n, classes, seed):
        first = one_run(code.run, recipe, n, classes, seed)
        again = one_run(code.run, recipe, n, classes, seed)
        other = one_run(code.run, {**recipe, "seed": recipe["seed"] + 1}, n, classes, seed)
        besides = one_run(code.run, recipe, n, classes, seed, draws=True)
        return {"first": first, "again": again, "other": other, "besides": besides.get("passes")}

    def aid(self, recipe, n, classes, seed):
        return {"right": {name: getattr(value, "value", value)
                          for name, value in self.reference(recipe, n, classes, seed).items()}}

    def read(self, seen, recipe, n, classes, seed, right):
        first = seen["first"]
        found = {**right, "returned": first["returned"]}
        if first["returned"] != NET:
            return found
        for name, made in ((SAME, seen["again"]), (OTHER, seen["other"])):
            equal = all(np.array_equal(array, made["arrays"][key], equal_nan=True)
                        for key, array in first["arrays"].items())  # fmt: skip
            found[name] = THE_SAME_NET if equal else ANOTHER_NET
        if found[SAME] == ANOTHER_NET:
            found[SAME] = not_repeated(first, seen["again"])
        if found[SAME] in (THE_SAME_NET, ANOTHER_NET):  # else they are others each time
            besides = {**first, "passes": seen["besides"]}
            found[MEANWHILE] = UNMOVED if not_repeated(first, besides) == ANOTHER_NET else MOVED
        found |= of_passes(first["passes"], n)
        if (found[SAME], found[OTHER]) == (THE_SAME_NET, ANOTHER_NET):
            found[OTHER] = not_moved(first, seen["other"], found)
        found |= of_updates(first["updates"])
        found[KEPT] = AS_IT_WAS if first["recipe kept"] else "changed"
        found[PICTURES] = AS_THEY_WERE if first["pictures kept"] else "changed"
        found[WEIGHTS] = LAST_ONES if first["weights of the last update"] else OTHERS
        found[LEFT_IN] = TRAINING if first["left in training mode"] else EVALUATION
        return found | of_log(first, recipe, right)

    def reference(self, recipe, n, classes, seed):
        held, updates = held_out(recipe, n), per_epoch(recipe, n) * recipe["epochs"]
        rates = cosine(recipe["learning_rate"], updates)
        return {
            "returned": NET, SAME: THE_SAME_NET, OTHER: ANOTHER_NET,
            HELD: held, BOTH: 0, UNUSED: 0, TIMES: str(recipe["epochs"]),
            UPDATES: updates, ORDER: NEW, RATES: near(rates, rtol=1e-3, atol=1e-8),
            DECAY: near(recipe["weight_decay"], rtol=1e-6, atol=0), KIND: "AdamW",
            MODE: EVALUATION, ROUNDS: recipe["epochs"], MIRRORED: HALF if recipe["flip"] else NONE,
            MIRRORED_HELD: NONE, KEYS: LOG_KEYS, ENTRIES: EPOCH_KEYS, RECIPE: True, LOSS: True,
            ACCURACY: True, LEFT_IN: EVALUATION, SPLIT: DRAWN, LEARNING: TRAINING, AGAIN: False,
            TURNED: False, KEPT: AS_IT_WAS, EPOCHS: recipe["epochs"], GRADIENTS: ALONE,
            PICTURES: AS_THEY_WERE, WEIGHTS: LAST_ONES, MEANWHILE: UNMOVED,
            LOGGED_RATES: near(rates[:: per_epoch(recipe, n)], rtol=1e-3, atol=1e-8),
        }  # fmt: skip

    @mistake
    def net_not_seeded(self, right, **inputs):
        """The same recipe gives another net each time. First weights, split, order and mirroring
        are the same each time, so something else differs: what is drawn while the net learns, as
        its own dropout does, or what is kept from one run to the next."""
        return {SAME: ANOTHER_NET}

    @mistake
    def first_weights_not_seeded(self, right, **inputs):
        """The same recipe gives other first weights each time. The net is made where the recipe's
        seed is not set, or not set yet."""
        return {SAME: OTHER_START}

    @mistake
    def split_not_seeded(self, right, **inputs):
        """The same recipe holds out other pictures each time. Draw the split from a generator that
        the recipe's seed sets before."""
        return {SAME: OTHER_SPLIT}

    @mistake
    def order_not_seeded(self, right, **inputs):
        """The same recipe goes through the pictures in another order each time. Draw the order from
        a generator that the recipe's seed sets before."""
        return {SAME: OTHER_ORDER}

    @mistake
    def mirroring_not_seeded(self, right, recipe, **inputs):
        """The same recipe mirrors other pictures each time. Draw which ones from a generator that
        the recipe's seed sets before."""
        if recipe["flip"]:
            return {SAME: OTHER_SIDES}

    @mistake
    def drawn_with_others(self, right, **inputs):
        """What other code draws from torch's global generator during the run, as dropout does,
        changes your split, order or mirroring. Draw these from a generator of your own that the
        recipe's seed sets."""
        return {MEANWHILE: MOVED}

    @mistake
    def mirrored_with_others(self, right, recipe, **inputs):
        """What other code draws from torch's global generator during the run, as dropout does,
        changes which pictures you mirror. Draw that from a generator of your own that the recipe's
        seed sets."""
        return {MEANWHILE: MOVED} if recipe["flip"] else None

    @mistake
    def seed_not_read(self, right, **inputs):
        """Another seed gives the same net: your run does not read the recipe's seed, and three
        seeds would be one run shown three times."""
        return {OTHER: THE_SAME_NET}

    # The updates.

    @mistake
    def last_batch_dropped(self, right, recipe, n, **inputs):
        """You leave out the last batch of an epoch, which is short: some pictures are learned from
        less often than the recipe says."""
        updates = (n - held_out(recipe, n)) // recipe["batch_size"] * recipe["epochs"]
        rates = cosine(recipe["learning_rate"], updates)
        return {UPDATES: updates, RATES: rates, TIMES: SOME,
                LOGGED_RATES: rates[:: updates // recipe["epochs"]]}  # fmt: skip

    @mistake
    def an_epoch_too_few(self, right, recipe, n, **inputs):
        """You train for an epoch less than the recipe says."""
        return self.of_epochs(recipe, n, recipe["epochs"] - 1)

    @mistake
    def an_epoch_too_many(self, right, recipe, n, **inputs):
        """You train for an epoch more than the recipe says."""
        return self.of_epochs(recipe, n, recipe["epochs"] + 1)

    def of_epochs(self, recipe, n, epochs):
        each = per_epoch(recipe, n)
        rates = cosine(recipe["learning_rate"], epochs * each)
        return {TIMES: str(epochs), UPDATES: epochs * each, ROUNDS: epochs, EPOCHS: epochs,
                RATES: rates, LOGGED_RATES: rates[::each]}  # fmt: skip

    @mistake
    def same_order_each_epoch(self, right, **inputs):
        """All epochs go through the pictures in one order: the same ones are together in a batch
        each time. Draw the order inside the loop, from a generator that is made before it."""
        return {ORDER: OLD}

    @mistake
    def decay_not_read(self, right, **inputs):
        """Your weight decay is AdamW's default, 0.01. Read it from the recipe."""
        return {DECAY: 0.01}

    @mistake
    def adam_for_adamw(self, right, **inputs):
        """You use Adam. Its weight decay is a penalty that its own scaling undoes; AdamW shrinks
        the weights directly."""
        return {KIND: "Adam"}

    @mistake
    def adam_without_decay(self, right, **inputs):
        """You use Adam, and without the recipe's weight decay. AdamW with it is asked for."""
        return {KIND: "Adam", DECAY: 0.0}

    @mistake
    def sgd(self, right, **inputs):
        """You use SGD. AdamW is asked for; at these rates SGD would hardly learn."""
        return {KIND: "SGD"}

    # The log and the net.

    @mistake
    def takes_from_the_recipe(self, right, **inputs):
        """You change the recipe that you were given, as pop or an assignment does. Whoever runs it
        again runs another one: read it, or work on a copy."""
        return {KEPT: "changed"}

    @mistake
    def logs_a_changed_recipe(self, right, **inputs):
        """You change the recipe that you were given, as pop or an assignment does, and your log
        holds the changed one. Read it, or work on a copy."""
        return {KEPT: "changed", RECIPE: False}

    @mistake
    def recipe_not_logged(self, right, **inputs):
        """Your log has no recipe. In a month nobody will know which numbers it belongs to."""
        return {KEYS: "epochs", RECIPE: False}

    @mistake
    def accuracy_in_percent(self, right, **inputs):
        """The last accuracy in your log is not the one that the net which you return has on the
        held-out pictures: measure it after the last update, as a share. 87 % is 0.87."""
        return {ACCURACY: False}

    @mistake
    def loss_of_the_last_batch(self, right, **inputs):
        """The train_loss in your log is not the mean over the epoch's pictures. The loss of one
        batch, or a mean in which a short batch weighs as much as a full one, is not it; neither is
        a sum."""
        return {LOSS: False}

    @mistake
    def loss_of_another_pass(self, right, **inputs):
        """Your net is shown pictures again that it learns from, in passes that are no updates, and
        the train_loss in your log is not the updates' own. Take it from their forward passes; the
        net gets nothing besides but the pictures that are held out."""
        return {AGAIN: True, LOSS: False}

    @mistake
    def shown_besides(self, right, **inputs):
        """Your net is shown pictures again that it learns from, in passes that are no updates. It
        gets batches to learn from and, after each epoch, the pictures that are held out, and
        nothing else."""
        return {AGAIN: True}

    @mistake
    def best_epoch_returned(self, right, **inputs):
        """The weights that you return are not those after the last update, as when the best
        epoch's are put back. The recipe says how many updates there are: return what they make."""
        return {WEIGHTS: OTHERS}

    @mistake
    def mirrors_the_given_pictures(self, right, recipe, **inputs):
        """Where the recipe says flip you change the pictures that you were given, as writing
        mirrored ones into x does. Whoever runs the recipe on them again gets another net: mirror a
        copy of the batch."""
        if recipe["flip"]:
            return {PICTURES: "changed"}

    @mistake
    def changes_the_given_pictures(self, right, **inputs):
        """You change the pictures that you were given, and whoever runs the recipe on them again
        gets another net. Work on copies."""
        return {PICTURES: "changed"}

    @mistake
    def left_in_training_mode(self, right, **inputs):
        """You return the net in training mode. Whoever asks it next would get dropout and batch
        statistics: return it in evaluation mode."""
        return {LEFT_IN: TRAINING}

    @mistake
    def returns_the_outputs(self, right, **inputs):
        """The first thing that you return is a tensor. The trained net comes first."""
        return {"returned": "Tensor"}

    @mistake
    def returns_the_log_first(self, right, **inputs):
        """You return the log first. The net comes first, then the log."""
        return {"returned": "dict"}

    @mistake
    def flips_images_of_nothing(self, right, **inputs):
        """You ask the recipe for a key that it has not. These are its keys: seed, epochs,
        batch_size, learning_rate, weight_decay, validation, flip."""
        return dict.fromkeys(right, raises("KeyError"))
