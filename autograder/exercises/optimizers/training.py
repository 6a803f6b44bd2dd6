"""Exercise of notebook 07: the loop around rule, schedule and batches.

Those three are in `momentum` and its neighbours, `schedules` and `minibatches`; what is looked at
is in `loop`.
"""

import numpy as np

from autograder.exercise import mistake
from autograder.exercises.optimizers.loop import Loop
from autograder.exercises.optimizers.solver import LOWEST, follow


class train(Loop):
    """A small solver: batches in, updates out, the best weights kept."""

    signature = "train(model, data, rule, schedule, epochs, batch_size=32, rng=None) -> history"
    minutes = 20
    difficulty = 3
    hints = (
        "Two loops: epochs, and in each the mini-batches. One counter k of updates runs through "
        "both, and you call the schedule with it.",
        "Each parameter has a config of its own, made before the first epoch. Put the rate into "
        "it, call the rule, store what comes back.",
        "After an epoch: scores for the validation images, accuracy, and when it beats every "
        "earlier one, a copy of the weights. Which weights does the model hold at the end?",
    )

    @mistake
    def last_weights_kept(self, right, **inputs):
        """The model ends with the weights of the last epoch. Those of the best validation accuracy
        are wanted. If you store them: params itself goes on changing, a copy does not."""
        return self.changed(right, inputs, keep="last")

    @mistake
    def first_weights_kept(self, right, **inputs):
        """The model ends with the weights of the first epoch, though a later one did better.
        Compare each epoch with the best so far, and keep the better one's weights."""
        return self.changed(right, inputs, keep="first")

    @mistake
    def untrained_weights_kept(self, right, **inputs):
        """The model ends with the weights that it came with. They should be those after the epoch
        of the best validation accuracy."""
        if "W" in right:
            return {name: inputs[name] for name in ("W", "b")}

    @mistake
    def one_parameter_put_back(self, right, **inputs):
        """Only W ends as it was after the best epoch; the others are those of the last one. Keep a
        copy of all params, and put all of them back."""
        return {"b": self.changed(right, inputs, keep="last")["b"]} if "W" in right else None

    @mistake
    def worst_weights_kept(self, right, **inputs):
        """The model ends with the weights of the lowest validation accuracy. The highest is
        wanted."""
        return self.changed(right, inputs, keep="worst")

    @mistake
    def lowest_loss_kept(self, right, **inputs):
        """The model ends with the weights of the epoch with the lowest training loss. What counts
        is the accuracy on the validation images."""
        return self.changed(right, inputs, keep="lowest loss")

    @mistake
    def lowest_validation_loss_kept(self, right, **inputs):
        """The model ends with the weights of the epoch with the lowest loss on the validation
        images. What counts is the accuracy on them."""
        return self.changed(right, inputs, keep=LOWEST)

    @mistake
    def last_of_equals_kept(self, right, **inputs):
        """Of two epochs that are equally good you keep the later. The first is as good and has been
        trained for less time: keep it unless a later one is better."""
        return self.changed(right, inputs, keep="last of equals")

    @mistake
    def best_starts_at_zero(self, right, y_val, **inputs):
        """When no epoch gets a single image right, you keep nothing: your best starts at 0, and 0
        is not better than 0. Let the first epoch count in any case."""
        if "W" in right and not max(right["val_accuracy"]):
            return follow(**inputs, y_val=y_val, keep="last")

    @mistake
    def best_of_none_is_untrained(self, right, **inputs):
        """When no epoch gets a single image right, the model ends with the weights that it came
        with: your best starts at 0 with these, and 0 is not better than 0. Let the first epoch
        count in any case."""
        if "W" in right and not max(right["val_accuracy"]):
            return {name: inputs[name] for name in ("W", "b")}

    @mistake
    def untrained_weights_count(self, right, X_val, y_val, W, b, **inputs):
        """The weights from before the training are among those you choose from. Only weights from
        after an epoch count, though none of them is as good."""
        if "W" in right and np.mean((X_val @ W + b).argmax(1) == y_val) >= max(
            right["val_accuracy"]
        ):
            return {"W": W, "b": b}

    def _stopped(self, right, X, batch_size, after):
        """What a loop shows that ends after so many epochs."""
        each = -(-len(X) // batch_size)
        if after < right["epochs noted"]:
            calls = ("rates", "calls of a config")
            found = {name: right[name][: 2 * each * after] for name in calls}
            sizes = right["batch sizes"][: each * after]
            return found | {"batch sizes": sizes, "epochs noted": after}

    @mistake
    def stops_when_no_better(self, right, X, batch_size, **inputs):
        """Your loop ends with the first epoch that is no better than the best so far. Later ones
        may be: all epochs are run, and the best one's weights are put back at the end."""
        accuracies = right.get("val_accuracy", [0.0, 0.0])  # none is right where none are shown
        first = (e for e in range(1, len(accuracies)) if accuracies[e] <= max(accuracies[:e]))
        return self._stopped(right, X, batch_size, next(first, len(accuracies)) + 1)

    @mistake
    def stops_when_worse(self, right, X, batch_size, **inputs):
        """Your loop ends with the first epoch that is worse than the one before. Later ones may be
        the best: all epochs are run, and the best one's weights are put back at the end."""
        accuracies = right.get("val_accuracy", [0.0])
        first = (e for e in range(1, len(accuracies)) if accuracies[e] < accuracies[e - 1])
        return self._stopped(right, X, batch_size, next(first, right["epochs noted"]) + 1)

    @mistake
    def stops_after_two_no_better(self, right, X, batch_size, **inputs):
        """Your loop ends after two epochs that are no better than the best so far. Later ones may
        be: all epochs are run, and the best one's weights are put back at the end."""
        best, waited = -1.0, 0
        for epoch, accuracy in enumerate(right.get("val_accuracy", []), 1):
            best, waited = max(best, accuracy), waited + 1 if accuracy <= best else 0
            if waited == 2:
                return self._stopped(right, X, batch_size, epoch)

    @mistake
    def only_the_first_epoch_trains(self, right, X, batch_size, **inputs):
        """Only your first epoch has updates; the others find no batches, as when a generator is
        made once and gone through again: it has nothing left then. Call your minibatches anew in
        each epoch."""
        found = self._stopped(right, X, batch_size, 1) or {}
        return {name: value for name, value in found.items() if name != "epochs noted"}

    @mistake
    def rng_ignored(self, right, X, batch_size, **inputs):
        """The same rng gives another run: your batches are drawn from a generator of your own. Hand
        on the one that is given."""
        if batch_size < len(X):
            return {"the same rng again": "other losses"}

    @mistake
    def same_batches_each_epoch(self, right, X, batch_size, **inputs):
        """Your epochs have the same batches in the same order. Draw a new order for each epoch,
        from the rng that goes on."""
        if batch_size < len(X):
            return {"epochs are": "the same batches again"}

    @mistake
    def measured_before_the_epoch(self, right, **inputs):
        """You measure the validation accuracy before the epoch's updates, so each value belongs to
        the epoch before."""
        return self.changed(right, inputs, early=True)

    @mistake
    def measured_on_training_data(self, right, **inputs):
        """You measure the accuracy on the training data. The best weights are those that do best on
        data that they have not seen, the validation images."""
        return self.changed(right, inputs, measured="training")

    @mistake
    def accuracy_in_percent(self, right, **inputs):
        """Your accuracies are in percent. A share is asked for, from 0 to 1."""
        if "W" in right:
            return {"val_accuracy": [100 * a for a in right["val_accuracy"]]}

    @mistake
    def number_right_for_share(self, right, **inputs):
        """You note how many validation images are right. Their share is asked for: divide by how
        many there are."""
        if "W" in right:
            return {"val_accuracy": [len(inputs["y_val"]) * a for a in right["val_accuracy"]]}

    @mistake
    def error_for_accuracy(self, right, **inputs):
        """Your accuracy is the share of wrong answers. It is the share of right ones."""
        return self.changed(right, inputs, measured="error")

    @mistake
    def mean_of_batches(self, right, **inputs):
        """Your accuracy is the mean of those of mini-batches, in which each image of a short last
        batch counts for more. It is the share of all validation images."""
        return self.changed(right, inputs, measured="batches")

    @mistake
    def best_so_far_noted(self, right, **inputs):
        """You note the best accuracy so far. Each epoch's own is asked for, also when it is
        lower."""
        if "W" in right:
            best = np.maximum.accumulate(right["val_accuracy"])
            return {"val_accuracy": best.tolist()}

    @mistake
    def losses_added_up(self, right, **inputs):
        """Your losses are added up over the updates. Each entry is one mini-batch's loss."""
        if "W" in right:
            return {"loss": np.cumsum(right["loss"]).tolist()}
        return {"losses are": "other numbers"}

    @mistake
    def other_keys(self, right, **inputs):
        """What you give back has no "loss" and no "val_accuracy". It is a dict with these two
        names."""
        return {"history": "neither loss nor val_accuracy"}

    @mistake
    def accuracies_not_given_back(self, right, **inputs):
        """Your history has no "val_accuracy". The accuracy after each epoch belongs there."""
        return {"history": "loss"}

    @mistake
    def gradient_multiplied(self, right, **inputs):
        """Your rule is not given the gradient itself but a multiple of it, or its negative. Rate
        and direction are the rule's business: hand on what the model gives."""
        return {"gradients": "a multiple of the model's gradient"}

    @mistake
    def gradient_changed(self, right, **inputs):
        """Your rule is not given the gradient of the mini-batch that the model gives. Hand it on as
        it is, without decay or clipping."""
        return {"gradients": "another gradient"}

    @mistake
    def one_config_for_all(self, right, **inputs):
        """All parameters share one config, so each one's rule finds the state of the others. Make a
        config a parameter."""
        return {"calls of a config": [i + 1 for i in range(len(right["rates"]))]}

    @mistake
    def one_config_at_first(self, right, batch_size, **inputs):
        """Your parameters' configs are one and the same dictionary at first, so each one's rule
        finds the state of the others. Make an empty one for each."""
        if batch_size != 32:
            return {"calls of a config": [i + 1 for i in range(len(right["rates"]))]}

    @mistake
    def returned_config_thrown_away(self, right, batch_size, **inputs):
        """You throw away the config that the rule returns, so a rule that returns a new dictionary
        forgets its state. What comes back is the parameter's config from then on."""
        if batch_size == 32:
            return {"calls of a config": [1] * len(right["rates"])}

    @mistake
    def config_made_anew(self, right, **inputs):
        """The rule's state is lost between updates: every call gets a new config. Make the configs
        before the first epoch and keep what the rule gives back."""
        return {"calls of a config": [1] * len(right["rates"])}

    @mistake
    def config_of_an_epoch(self, right, X, batch_size, **inputs):
        """The rule's state is lost at the end of an epoch: each epoch starts with new configs. Make
        them before the first one."""
        each = -(-len(X) // batch_size)
        calls = [k % each + 1 for k in range(right["updates noted"]) for _ in range(2)]
        return {"calls of a config": calls}

    @mistake
    def gradients_taken_again(self, right, **inputs):
        """You ask for the gradients anew for each parameter, when the others have moved already.
        One update has one loss and one set of gradients, all taken at the same weights."""
        return self.changed(right, inputs, again=True)

    @mistake
    def one_parameter_moves(self, right, **inputs):
        """Only one parameter is updated. The loop goes over all of the model's params."""
        return {name: right[name][::2] for name in ("rates", "calls of a config")}

    @mistake
    def loss_after_the_update(self, right, **inputs):
        """The losses in your history are those after each update. The loss belongs there that the
        mini-batch had before it, the one that comes with the gradients."""
        if "W" in right:
            return {"loss": follow(**inputs, late_loss=True)["loss"]}
        return {"losses are": "other numbers"}

    @mistake
    def scheduled_by_epoch(self, right, X, rates, batch_size, **inputs):
        """You ask the schedule with the number of the epoch. It counts updates: k grows with every
        mini-batch."""
        each = -(-len(X) // batch_size)
        if each > 1:
            return {"rates": [rates[k // each] for k in range(len(rates)) for _ in range(2)]}

    @mistake
    def scheduled_by_call(self, right, rates, **inputs):
        """You count k up for each parameter. k counts updates: one for each mini-batch, and all
        parameters of it have the same rate."""
        return {"rates": [rates[min(i, len(rates) - 1)] for i in range(2 * len(rates))]}

    @mistake
    def scheduled_by_call_from_one(self, right, rates, **inputs):
        """You count k up for each parameter, and before you ask the schedule. k counts updates, and
        is 0 at the first: all parameters of a mini-batch have the same rate."""
        return {"rates": [rates[min(i + 1, len(rates) - 1)] for i in range(2 * len(rates))]}

    @mistake
    def rate_never_changes(self, right, rates, **inputs):
        """Your rule always has the first learning rate. The schedule is asked anew before each
        update, and its answer goes into config."""
        return {"rates": [rates[0]] * 2 * len(rates)}

    @mistake
    def rate_set_after_the_call(self, right, **inputs):
        """The rate gets into config only after the rule was called, so the first update finds none
        and each later one has the rate of the update before. It belongs there before the call."""
        return {"rates": [0.0, 0.0, *right["rates"][:-2]]}

    @mistake
    def rate_not_in_config(self, right, **inputs):
        """Your rule finds no learning rate in its config. The schedule's answer goes into
        `config["learning_rate"]` before each call of the rule."""
        return {"rates": [0.0] * len(right["rates"])}

    @mistake
    def batches_drawn_anew(self, right, X, batch_size, **inputs):
        """Each of your batches is drawn anew from all the examples, so some come twice in an epoch
        and others never. An epoch has every example once, as your minibatches give it."""
        if batch_size < len(X):
            return {"epochs are": "not of every example once"}

    @mistake
    def schedule_starts_over(self, right, X, rates, batch_size, **inputs):
        """Your count of updates starts over in every epoch, and the rate jumps back up. One
        counter runs through all epochs."""
        each = -(-len(X) // batch_size)
        return {"rates": [rates[k % each] for k in range(len(rates)) for _ in range(2)]}

    @mistake
    def scheduled_from_one(self, right, **inputs):
        """The first update takes the second rate: k counts from 0, so use it before you count it
        up."""
        rates = [*inputs["rates"][1:], inputs["rates"][-1]]
        return {"rates": [rate for rate in rates for _ in range(2)]}

    @mistake
    def whole_set_each_time(self, right, X, batch_size, **inputs):
        """Every update uses all examples. That is batch gradient descent: hand the model the
        mini-batch."""
        if batch_size < len(X):
            return {"batch sizes": [len(X)] * len(right["batch sizes"])}

    def _batches(self, right, each, sizes):
        """What other batches show: an epoch has so many of them, of these sizes."""
        updates = each * right["epochs noted"]
        return {
            "rates": right["rates"][: 2 * updates],
            "calls of a config": right["calls of a config"][: 2 * updates],
            "batch sizes": sizes * right["epochs noted"],
        }

    @mistake
    def last_batch_left_out(self, right, X, batch_size, **inputs):
        """The last mini-batch of each epoch is left out. It is shorter and still a batch."""
        if batch_size < len(X):
            each = len(X) // batch_size
            return self._batches(right, each, [batch_size] * each)

    @mistake
    def batch_size_not_read(self, right, X, batch_size, **inputs):
        """Your batches have 32 examples whatever is given: hand batch_size on."""
        if batch_size < len(X):
            return self._batches(right, 1, [len(X)])

    @mistake
    def one_epoch_missing(self, right, X, batch_size, **inputs):
        """There is one epoch too few."""
        each = -(-len(X) // batch_size)
        found = {name: right[name][: -2 * each] for name in ("rates", "calls of a config")}
        found |= {"batch sizes": right["batch sizes"][:-each]}
        return found | {"epochs noted": right["epochs noted"] - 1}

    @mistake
    def one_loss_an_epoch(self, right, X, batch_size, **inputs):
        """Your history has one loss an epoch. It should have one an update, as the docstring
        says."""
        if batch_size < len(X):
            return {"updates noted": right["epochs noted"]}

    @mistake
    def one_accuracy_an_update(self, right, X, batch_size, **inputs):
        """Your history has one accuracy an update. It should have one an epoch, taken when the
        epoch is over."""
        if batch_size < len(X):
            return {"epochs noted": right["updates noted"]}
