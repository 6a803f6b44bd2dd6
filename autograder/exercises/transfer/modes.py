"""Modes of a net whose body is frozen, and what people do to them. No exercise lives here."""

from autograder.exercise import Exercise, mistake, raises

KINDS = ("batch norm", "dropout", "others")
MOMENTS = ("after model.train()", "after train() of a part")


def modes(value="training", moments=MOMENTS, kinds=KINDS):
    """The cells on the modes of the frozen parts, with this value in all of them."""
    return {f"{kind} {moment}": value for kind in kinds for moment in moments}


class FrozenModes(Exercise, abstract=True):
    """The cells on modes, and the mistakes that show in them."""

    reads = {
        "frozen parts when you return": "when you return, your frozen parts are {seen}; {right} is "
        "right",
        "frozen parts after model.eval()": "after model.eval() your frozen parts are {seen}; "
        "{right} is right",
        "train() of blocks": "after `train` on each part that has parts in it, the modes of these "
        "parts are {seen}; {right} is right",
        "features in training": "after model.train() your frozen part gives {seen}; {right} is "
        "right",
    } | {
        f"{kind} {moment}": f"{moment} your frozen {words} in {{seen}} mode; {{right}} is right"
        for kind, words in (
            ("batch norm", "batch norm is"), ("dropout", "dropout is"),
            ("others", "other parts are"),
        )
        for moment in MOMENTS
    } | {
        f"{what} model.{mode}()": f"after model.{mode}() your {words} is in {{seen}} mode; "
        "{right} is right"
        for what, words in (("net after", "net as a whole"), ("head after", "head"))
        for mode in ("train", "eval")
    }  # fmt: skip

    @mistake
    def statistics_move(self, right, **inputs):
        """Your frozen parts go back to training mode as soon as a loop calls model.train(): batch
        norm normalises by the batch, its running statistics move, and dropout drops. What is frozen
        has to stay in evaluation mode even then."""
        return modes() | {"features in training": "other features",
                          "frozen running statistics after 5 steps": "moved"}  # fmt: skip

    @mistake
    def never_in_evaluation_mode(self, right, **inputs):
        """When you return, frozen parts are still in training mode. Put what is frozen into
        evaluation mode."""
        return {"frozen parts when you return": "some in training mode"}

    @mistake
    def deaf_before_evaluation_mode(self, right, **inputs):
        """Your frozen parts stay in training mode for good, even after model.eval(): eval() calls
        train(False), which does nothing once `train` is replaced. Evaluation mode first, then make
        them deaf."""
        told = "some in training mode"
        return self.statistics_move(right) | {
            "frozen parts when you return": told, "frozen parts after model.eval()": told,
        }  # fmt: skip

    @mistake
    def dropout_goes_on(self, right, **inputs):
        """Your frozen dropout goes back to training mode with model.train() and drops, so the
        frozen part gives other features in every pass. All of what is frozen belongs in evaluation
        mode."""
        return modes(kinds=["dropout"]) | {"features in training": "other features"}

    @mistake
    def batch_norm_uses_the_batch(self, right, **inputs):
        """Your frozen batch norm goes back to training mode with model.train(). Even where its
        running statistics stay, it normalises by the batch, and gives other features. It belongs in
        evaluation mode."""
        return modes(kinds=["batch norm"]) | {"features in training": "other features"}

    @mistake
    def batch_norm_goes_on(self, right, **inputs):
        """Your frozen batch norm goes back to training mode with model.train(): it normalises by
        the batch, and its running statistics move. All of what is frozen belongs in evaluation
        mode."""
        return self.batch_norm_uses_the_batch(right) | {
            "frozen running statistics after 5 steps": "moved"
        }

    @mistake
    def other_parts_go_on(self, right, **inputs):
        """Frozen parts such as convolutions and ReLUs go back to training mode with model.train().
        They do the same in both, but every frozen part without parts of its own is to stay in
        evaluation mode."""
        return modes(kinds=["others"])

    @mistake
    def set_right_by_the_whole_net_only(self, right, **inputs):
        """model.train() of the whole net leaves your frozen parts in evaluation mode, but a call
        for one part, such as model.features.train(), still wakes them: `train` on the frozen parts
        themselves has to do nothing."""
        return modes(moments=["after train() of a part"])

    @mistake
    def behind_the_head_as_it_was(self, right, bias, **inputs):
        """Parts that the net has behind its head are as they were, trainable and in training mode,
        as when your loop ends at the head. The last nn.Linear need not be the net's last part: all
        others are to be frozen."""
        if not bias:
            awake = self.batch_norm_goes_on(right) | self.other_parts_go_on(right)
            still = self.behind_the_head_trainable(right, bias)
            return awake | still | {"frozen parts when you return": "some in training mode"}

    @mistake
    def behind_the_head_trainable(self, right, bias, **inputs):
        """Parts that the net has behind its head are still trainable, as when your loop ends at the
        head. The last nn.Linear need not be the net's last part: all others are to be frozen."""
        if not bias:
            names = ["stem.conv.weight", "stem.norm.weight", "stem.norm.bias"]
            return {"trainable": names, "frozen weights after 5 steps": "moved"}

    @mistake
    def nothing_hears_train(self, right, **inputs):
        """model.train() does nothing any more, to the net as a whole or to the new head. Only the
        frozen parts are to be deaf to it."""
        return {f"{what} after model.train()": "evaluation" for what in ("net", "head")}

    @mistake
    def nothing_hears_eval(self, right, **inputs):
        """model.eval() does nothing any more, to the net as a whole or to the new head. Only the
        frozen parts are to be deaf to it."""
        return {f"{what} after model.eval()": "training" for what in ("net", "head")}

    @mistake
    def net_deaf(self, right, **inputs):
        """Your net as a whole no longer goes into training mode with model.train(). Only the frozen
        parts are to be deaf to it."""
        return {"net after model.train()": "evaluation"}

    @mistake
    def head_stays_in_evaluation_mode(self, right, **inputs):
        """Your new head does not go into training mode with model.train(). Only frozen parts are to
        be deaf to it; the head learns."""
        return {"head after model.train()": "evaluation"}

    @mistake
    def head_not_reached(self, right, **inputs):
        """model.eval() does not reach your new head: its own train() does nothing, or that of the
        container in which it lies. Only frozen parts without parts of their own are to be deaf."""
        return {"head after model.eval()": "training"}

    @mistake
    def blocks_deaf(self, right, **inputs):
        """A part that has parts in it, such as a block, no longer takes the mode that `train` asks
        for. Only frozen parts without parts of their own are to be deaf; on all others `train`
        works as before."""
        return {"train() of blocks": "not as asked"}

    @mistake
    def train_takes_no_argument(self, right, **inputs):
        """The function that you put in the place of `train` takes no argument, and model.train()
        hands it the mode. Let it take one, and do nothing with it."""
        return dict.fromkeys(right, raises("TypeError", " given"))

    @mistake
    def train_wants_more_than_a_mode(self, right, **inputs):
        """The function that you put in the place of `train` wants more arguments than the one that
        model.train() hands it, which is the mode. A function that is put on a module by hand is not
        handed the module itself."""
        says = "missing 1 required positional argument: 'mode'"
        return dict.fromkeys(right, raises("TypeError", says))

    @mistake
    def train_needs_a_mode(self, right, **inputs):
        """`train` of your frozen parts stops with an error where it is called without a mode, as in
        `part.train()`. It is to do nothing however it is called."""
        return {"train() without a mode": "stops with an error"}
