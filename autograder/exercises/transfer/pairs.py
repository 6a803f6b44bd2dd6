"""The exercise of notebook 15 in which transfer is measured, fairly: four pairs, three ways.

What is looked at stands in `measuring`.
"""

from autograder.exercise import mistake
from autograder.exercises.transfer.measuring import BLOCKS, HEAD, Measured

DIFFER = "not the same in all runs"
FOREIGN = "a parameter of another net"


class transfer_table(Measured):
    """Scratch, frozen features and fine-tuning on several targets, at several sizes."""

    signature = "transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng)"
    library = "torch"
    minutes = 20
    difficulty = 3
    hints = (
        "Make the split first, once for each target: a random order of each class's pictures, the "
        "first of them for the training sets, all others to test on. Then make the runs.",
        "A run is four lines: a net (fresh, or a copy of the source made ready), its groups, fit, "
        "the accuracy on the test pictures.",
        "Every run starts afresh. Nothing that an earlier run has trained may come back in a later "
        "one, neither the source nor a head.",
    )

    # Which pictures.

    @mistake
    def sizes_in_all(self, right, **inputs):
        """Your sizes count the pictures of a training set in all. They are pictures a class: with
        three classes, size 2 is six pictures, two of each."""
        return {"training pictures": "so many in all"}

    @mistake
    def tested_on_training_pictures(self, right, **inputs):
        """Some pictures that a net was trained on are among its test pictures. What it knows by
        heart says nothing."""
        return {"test pictures": "some were trained on"}

    @mistake
    def last_size_for_the_largest(self, right, sizes, **inputs):
        """You take the last of the sizes for the largest. Where they come in another order,
        training pictures are among the test pictures."""
        if sizes[-1] != max(sizes):
            return {"test pictures": "some were trained on"}

    @mistake
    def first_size_for_the_largest(self, right, sizes, **inputs):
        """You take the first of the sizes for the largest. Where they come in another order,
        training pictures are among the test pictures."""
        if sizes[0] != max(sizes):
            return {"test pictures": "some were trained on"}

    @mistake
    def every_class_weighs_alike(self, right, **inputs):
        """Your accuracies are means of the classes' own. The share of all test pictures is asked
        for, whatever class they are of."""
        return {"table": "means of the classes' accuracies"}

    @mistake
    def frozen_ones_in_the_groups(self, right, lr, **inputs):
        """For features you hand over all parameters, the frozen ones, too. Only the head's belong
        into its group."""
        return {"rates in features": dict.fromkeys([*BLOCKS, *HEAD], lr)}

    @mistake
    def other_test_set_for_each_size(self, right, **inputs):
        """The test pictures are not the same for all runs of a target, so their accuracies cannot
        be compared. Set aside what the largest training set leaves, once."""
        return {"test pictures": "not the same for all runs"}

    @mistake
    def test_pictures_wasted(self, right, **inputs):
        """You test on fewer pictures than there are. All that no training set could draw are for
        testing: the more, the smaller the error of your accuracies."""
        return {"test pictures": "some are never used"}

    @mistake
    def first_of_each_class(self, right, **inputs):
        """Your training sets are the first pictures of each class. Pictures that come one after
        the other are alike (the same day, the same hand): draw with rng."""
        return {"training pictures": "the first of each class"}

    @mistake
    def drawn_from_another_generator(self, right, **inputs):
        """Your pictures are drawn at random, and `rng` is not used. Draw with the generator that is
        passed in, so that who calls you decides on the split and can have it again."""
        return {"rng": "not used"}

    @mistake
    def classes_not_balanced(self, right, sizes, **inputs):
        """Sizes are pictures a class, and yours differ from class to class, as when they are drawn
        from all pictures at once, or by their place and not by their label."""
        return {"training pictures": "not so many a class"}

    @mistake
    def some_pictures_twice(self, right, **inputs):
        """Some picture is twice in a training set. Draw without putting back."""
        return {"training pictures": "some twice"}

    @mistake
    def drawn_anew_for_each_size(self, right, sizes, **inputs):
        """Each size has other pictures. Let the smaller sets be part of the larger, so that a
        difference is due to what was added, not to luck."""
        if len(sizes) > 2:  # the largest may be all that can be drawn
            return {"smaller training sets": "drawn on their own"}

    @mistake
    def drawn_anew_for_each_split(self, right, **inputs):
        """You draw a new order of the pictures for each size. One order for each target is enough:
        the smaller training sets are then part of the larger, and the test pictures stay."""
        return {"smaller training sets": "drawn on their own",
                "test pictures": "not the same for all runs"}  # fmt: skip

    @mistake
    def drawn_anew_for_each_way(self, right, **inputs):
        """The three ways are trained on other pictures each, so luck has a part in their
        differences. Draw once for a target, and use it for all ways."""
        return {"smaller training sets": "not the same for all ways"}

    @mistake
    def drawn_anew_for_each_run(self, right, **inputs):
        """You draw new training and test pictures for every run, so luck has a part in all
        differences. Draw once for each target."""
        return {"smaller training sets": "not the same for all ways",
                "test pictures": "not the same for all runs"}  # fmt: skip

    @mistake
    def labels_mixed_up(self, right, **inputs):
        """Some pictures are trained with another picture's label. Take pictures and labels by the
        same indices."""
        return {"labels": "mixed up"}

    # How many outputs.

    def all_ways(self, words, ways=("scratch", "features", "finetune")):
        return {f"outputs in {way}": f"{words} than there are classes" for way in ways}

    @mistake
    def last_class_left_out(self, right, **inputs):
        """Your nets have an output too few, and one class is left out: classes are counted from 0,
        so there is one more than the largest label."""
        return self.all_ways("fewer") | {"test pictures": "some are never used"}

    @mistake
    def classes_of_another_target(self, right, targets, **inputs):
        """Some nets have more outputs than their target has classes, as when one number of classes
        is taken for all targets. Count each target's own."""
        if len(targets) > 1:
            return self.all_ways("more")

    @mistake
    def scratch_with_more_outputs(self, right, **inputs):
        """Your nets from scratch have more outputs than there are classes. `fresh` is given the
        number of the target's classes."""
        return self.all_ways("more", ["scratch"])

    @mistake
    def old_head_kept(self, right, **inputs):
        """Your copies of the source have more outputs than there are classes, those of the source.
        They need a new head for the target's."""
        return self.all_ways("more", ["features", "finetune"])

    # The budget.

    @mistake
    def updates_with_size(self, right, **inputs):
        """Larger training sets get more updates, so you cannot tell more pictures from more work.
        The budget of a run is `steps`, whatever its size."""
        return {"updates of the runs": "more for larger training sets"}

    @mistake
    def another_budget(self, right, **inputs):
        """Your runs do not take `steps` updates but another number. Hand `steps` on to fit as it
        is."""
        return {"updates of the runs": "another number in all runs"}

    @mistake
    def updates_by_way(self, right, **inputs):
        """One way gets more updates than another, so you cannot tell a better way from more work.
        The budget of every run is `steps`."""
        return {"updates of the runs": "not the same for all ways"}

    @mistake
    def two_fits_in_a_run(self, right, **inputs):
        """Some way fits its net twice in one run, and so has a larger budget than the others. Call
        fit once in every run, with `steps`."""
        return {"updates of the runs": "not the same for all ways",
                "a net fitted again in one run": True}  # fmt: skip

    @mistake
    def two_fits_that_share_the_budget(self, right, **inputs):
        """You fit some net twice in one run, with a part of the budget each. One call of fit is a
        run."""
        return {"a net fitted again in one run": True}

    @mistake
    def source_trained(self, right, **inputs):
        """The source is another net afterwards, and it is to come back as it was: a later run may
        start from what an earlier one has made of it. Work on copies that share no weights with
        it."""
        return {"source afterwards": "changed"}

    @mistake
    def a_net_fitted_twice(self, right, targets, sizes, **inputs):
        """Some net that was fitted in one way is fitted again in another: what the first run has
        left in it is no part of the second. Begin every run with a net of its own."""
        return {"a net fitted again for another way": True}

    @mistake
    def nets_go_on_with_the_next_size(self, right, **inputs):
        """A net that was fitted at one size is fitted again at another: what the first run has left
        in it is no part of the second. Begin every run with a net of its own."""
        return {"a net fitted again for another size": True}

    # What learns, and how fast.

    @mistake
    def everything_finetuned(self, right, lr, **inputs):
        """Your fine-tuning moves the whole net at one rate. The head learns at lr, the middle at a
        tenth of it, the rest stays."""
        return {"rates in finetune": dict.fromkeys([*BLOCKS, *HEAD], lr),
                "trainable in finetune": [*BLOCKS, *HEAD]}  # fmt: skip

    def of(self, right, way, times, only=""):
        rates = right[f"rates in {way}"]
        return {f"rates in {way}": {n: r * times if n.startswith(only) else r
                                    for n, r in rates.items()}}  # fmt: skip

    @mistake
    def finetuned_ten_times_slower(self, right, lr, **inputs):
        """In your fine-tuning the head learns ten times more slowly than in the other two ways.
        finetune_groups divides what it is given by ten and by a hundred: give it ten times lr."""
        return self.of(right, "finetune", 0.1)

    @mistake
    def one_rate_in_finetune(self, right, lr, **inputs):
        """In your fine-tuning the middle learns as fast as the head. A tenth of the head's rate is
        asked for."""
        return self.of(right, "finetune", 10, "features")

    @mistake
    def middle_too_slow(self, right, lr, **inputs):
        """In your fine-tuning the middle learns at a hundredth of lr. A tenth is asked for: lr is
        the head's rate here."""
        return self.of(right, "finetune", 0.1, "features")

    @mistake
    def features_ten_times_slower(self, right, lr, **inputs):
        """On frozen features your head learns at a tenth of lr. There it is to learn at lr itself,
        as in the other two ways."""
        return self.of(right, "features", 0.1)

    @mistake
    def scratch_ten_times_slower(self, right, lr, **inputs):
        """From scratch your net learns at a tenth of lr. All its parameters are to learn at lr."""
        return self.of(right, "scratch", 0.1)

    @mistake
    def head_alone_from_scratch(self, right, lr, **inputs):
        """From scratch only the head is in your groups. All parameters of that net learn, at lr: it
        has nothing to keep."""
        return {"rates in scratch": dict.fromkeys(HEAD, lr)}

    @mistake
    def scratch_frozen(self, right, lr, **inputs):
        """From scratch only the head of your net is trainable, over a body of random weights. All
        its parameters are to learn, at lr."""
        return {"rates in scratch": dict.fromkeys(HEAD, lr), "trainable in scratch": HEAD}

    @mistake
    def groups_before_the_new_head(self, right, lr, **inputs):
        """In your fine-tuning the groups hold a head that is no longer in the net, and the middle
        is frozen again: they were made before freeze_and_replace, which changes both."""
        groups = {n: r for n, r in right["rates in finetune"].items() if n not in HEAD}
        return {"rates in finetune": groups | {FOREIGN: lr}, "trainable in finetune": HEAD}

    @mistake
    def group_of_the_old_head(self, right, lr, **inputs):
        """On frozen features your group holds a head that is not in the net, so nothing learns: the
        group was made before freeze_and_replace, or of another net."""
        return {"rates in features": {FOREIGN: lr}}

    @mistake
    def wakes_in_training(self, right, **inputs):
        """While fit runs, frozen parts of your copies are in training mode: their batch norm uses
        the batch, and its running statistics move. A copy that goes through freeze_and_replace
        stays in evaluation mode."""
        return {"frozen parts while fit runs": "training mode"}

    def taken_for_finetune(self, right, way):
        """What it looks like when a way's nets start from the source and are trainable below."""
        return {
            "runs": sorted(run.replace(way, "finetune") for run in right["runs"]),
            f"rates in {way}": {}, f"trainable in {way}": [], "table": "of other runs",
            "rates in finetune": {DIFFER: 0.0}, "trainable in finetune": [DIFFER],
        }  # fmt: skip

    @mistake
    def features_not_frozen(self, right, **inputs):
        """Your runs on features train more than the head, so the features do not stay what they
        were. Freeze all but the new head there."""
        return self.taken_for_finetune(right, "features")

    @mistake
    def scratch_from_the_source(self, right, **inputs):
        """Your runs from scratch begin with the source's weights. They are to begin with a fresh
        net, which knows nothing: only so can you see what the source is worth."""
        return self.taken_for_finetune(right, "scratch")

    @mistake
    def scratch_left_out(self, right, **inputs):
        """There is no run from scratch. Without it nobody knows whether the source was of any
        use."""
        runs = [r for r in right["runs"] if not r.endswith("scratch")]
        return {"runs": runs, "rates in scratch": {}, "trainable in scratch": [],
                "table": "with other rows and columns"}  # fmt: skip

    # The table.

    @mistake
    def tested_in_training_mode(self, right, **inputs):
        """You test in training mode: what the net says of a picture depends on its neighbours. fit
        may leave a net in any mode, so choose the mode after it."""
        return {"tested in": "training mode"}

    @mistake
    def counts_for_shares(self, right, **inputs):
        """Your table has numbers of right answers. Accuracies are shares, from 0 to 1."""
        return {"table": "numbers of right answers"}

    @mistake
    def percent_for_shares(self, right, **inputs):
        """Your table is in percent. Accuracies are shares, from 0 to 1."""
        return {"table": "in percent"}

    @mistake
    def errors_for_accuracies(self, right, **inputs):
        """Your table has the shares of wrong answers."""
        return {"table": "shares of errors"}

    @mistake
    def rounded(self, right, **inputs):
        """Your table's accuracies are rounded. Leave that to whoever prints them."""
        return {"table": "rounded accuracies"}

    @mistake
    def places_exchanged(self, right, **inputs):
        """Your table has right numbers in wrong places: it is table[target][size][way]."""
        return {"table": "accuracies in other places"}

    @mistake
    def levels_exchanged(self, right, **inputs):
        """Your table has its levels in another order. The target comes first, then the size, then
        the way: table[target][size][way]."""
        return {"table": "with its levels in another order"}

    @mistake
    def sizes_as_text(self, right, **inputs):
        """The sizes in your table are text. The size itself, a number, is the key, so that
        table[target][size] finds it."""
        return {"sizes as keys": "text"}
