"""How the net of `net` is put together: mistakes in its layers, statistics and results."""

import numpy as np
import torch.nn.functional as F

from autograder.exercise import mistake
from autograder.exercises.convolution.net_oracle import (
    ADDED,
    ALIKE,
    GRADS_TYPE,
    KEYS,
    LEFT_ALONE,
    RETURNED,
    SCORES_TYPE,
)
from autograder.exercises.learners_net.judged import OwnNet


class HasParts(OwnNet, abstract=True):
    """Mistakes in how layers follow each other, forward and backward."""

    @mistake
    def no_relu_after_the_convolution(self, right, **inputs):
        """There is no ReLU behind your convolution. One stands there, behind the batch norm where
        there is one."""
        return self.changed(inputs, relu_conv=False)

    @mistake
    def no_relu_between_the_affine_layers(self, right, **inputs):
        """There is no ReLU between your two affine layers, so together they are one."""
        return self.changed(inputs, relu_hidden=False)

    @mistake
    def relu_on_the_scores(self, right, **inputs):
        """There is a ReLU behind your last layer. It gives scores, and those may be negative."""
        return self.changed(inputs, relu_last=True)

    @mistake
    def first_relu_not_on_the_way_back(self, right, **inputs):
        """Your way back passes the first ReLU as if it were not there. Where the map was negative
        on the way forward, nothing goes back."""
        return self.changed(inputs, back_conv="all")

    @mistake
    def second_relu_not_on_the_way_back(self, right, **inputs):
        """Your way back passes the ReLU between the affine layers as if it were not there. Where
        its input was negative on the way forward, nothing goes back."""
        return self.changed(inputs, back_hidden="all")

    @mistake
    def no_relu_on_the_way_back(self, right, **inputs):
        """Your way back passes both ReLUs as if they were not there. Where their input was negative
        on the way forward, nothing goes back."""
        return self.changed(inputs, back_conv="all", back_hidden="all")

    @mistake
    def first_relu_back_by_the_gradient(self, right, **inputs):
        """On the way back your first ReLU looks at the gradient and keeps what is positive. It lets
        those pass whose input was positive on the way forward, with either sign."""
        return self.changed(inputs, back_conv="gradient")

    @mistake
    def second_relu_back_by_the_gradient(self, right, **inputs):
        """On the way back your ReLU between the affine layers looks at the gradient and keeps what
        is positive. It lets those pass whose input was positive on the way forward, with either
        sign."""
        return self.changed(inputs, back_hidden="gradient")

    @mistake
    def relus_back_by_the_gradient(self, right, **inputs):
        """On the way back both of your ReLUs look at the gradient and keep what is positive. They
        let those pass whose input was positive on the way forward, with either sign."""
        return self.changed(inputs, back_conv="gradient", back_hidden="gradient")

    @mistake
    def relu_back_by_the_convolution(self, right, **inputs):
        """With batch norm the first ReLU on your way back goes by the sign of what the convolution
        gave. It goes by its own input, what the batch norm gave."""
        return self.changed(inputs, back_conv="conv") if inputs["use_batchnorm"] else None

    @mistake
    def average_pooling(self, right, **inputs):
        """Your pooling averages. It is a max pooling here."""
        return self.changed(inputs, pool=F.avg_pool2d)

    # Batch norm.

    @mistake
    def no_norm(self, right, **inputs):
        """Your net has no batch norm, though `use_batchnorm` asks for one. It stands between the
        convolution and its ReLU."""
        return self.changed(inputs, norm=False) if inputs["use_batchnorm"] else None

    @mistake
    def norm_after_the_relu(self, right, **inputs):
        """Your order is convolution, ReLU, norm. Here the norm comes before the ReLU."""
        return self.changed(inputs, norm_last=True) if inputs["use_batchnorm"] else None

    @mistake
    def norm_of_each_place(self, right, **inputs):
        """Your batch norm takes a mean and a variance for every place of a map. Batch norm for
        images takes one for each filter, over examples, rows and columns."""
        return self.changed(inputs, axes=(0,)) if inputs["use_batchnorm"] else None

    @mistake
    def trains_while_it_predicts(self, right, **inputs):
        """Without labels your net still normalises by the batch. A prediction is made in test
        mode, from the running statistics."""
        return self.changed(inputs, modes="train") if inputs["use_batchnorm"] else None

    @mistake
    def never_trains(self, right, **inputs):
        """Your net is always in test mode: with labels, too, it normalises by the running
        statistics, which never move. With labels it is in training mode."""
        return self.changed(inputs, never_trains=True) if inputs["use_batchnorm"] else None

    @mistake
    def untrained_net_by_the_batch(self, right, **inputs):
        """Before the first call with labels your net predicts by the batch's statistics. Without
        labels it is in test mode, also then: by the running ones, which start at 0."""
        return self.changed(inputs, modes="train") if self.untrained(inputs) else None

    @mistake
    def untrained_net_moves_its_statistics(self, right, **inputs):
        """In a net that has seen no labels yet, a prediction changes what the next one says, as a
        training call would. Without labels your net is in test mode, trained or not."""
        if self.untrained(inputs):
            return {ALIKE: False, "scores": np.full_like(right["scores"], np.nan)}

    def untrained(self, inputs) -> bool:
        """Whether a net with batch norm predicts before it has seen labels."""
        return bool(inputs["use_batchnorm"] and inputs["weights"]) and not len(inputs["earlier"])

    @mistake
    def batch_norm_by_fixed_statistics(self, right, **inputs):
        """On the way back your batch norm takes mean and deviation for fixed numbers. They are
        computed from the batch, so that gradients go back through them, too."""
        return self.changed(inputs, fixed=True) if inputs["use_batchnorm"] else None

    @mistake
    def stays_in_test_mode(self, right, **inputs):
        """After its first prediction your net stays in test mode. Set the mode at the start of
        every call, in both directions."""
        return self.changed(inputs, modes="stays") if inputs["use_batchnorm"] else None

    @mistake
    def never_trains_forward(self, right, **inputs):
        """With labels, too, your net normalises by the running statistics, which never move: it is
        always in test mode on the way forward. With labels it is in training mode."""
        if inputs["use_batchnorm"]:
            return self.changed(inputs, never_trains=True, back_norm=True)

    @mistake
    def stays_in_test_mode_forward(self, right, **inputs):
        """After its first prediction your net normalises by the running statistics, with labels,
        too. Set the mode at the start of every call, in both directions."""
        if inputs["use_batchnorm"]:
            return self.changed(inputs, modes="stays", back_norm=True)

    @mistake
    def norm_forgets(self, right, **inputs):
        """Your running statistics start anew in every call. Make the norm's dictionary once, with
        the net."""
        return self.changed(inputs, forgets=True) if inputs["use_batchnorm"] else None

    @mistake
    def statistics_begin_anew(self, right, **inputs):
        """In every call in training mode your running statistics begin at 0 again, so predictions
        know of the last batch alone. They go on from what they were."""
        return self.changed(inputs, forgets="in training") if inputs["use_batchnorm"] else None

    @mistake
    def statistics_among_the_params(self, right, **inputs):
        """Your `loss` puts more into `params`, as running statistics are that have to be kept. What
        stands in `params` has a gradient and is updated by it: keep all else elsewhere."""
        if inputs["use_batchnorm"] and inputs["weights"]:
            return {ADDED: True}

    @mistake
    def predictions_move_the_statistics(self, right, **inputs):
        """A prediction changes what the next one says: your running statistics move without labels,
        too. Only calls in training mode move them."""
        if inputs["use_batchnorm"] and inputs["weights"]:
            return {ALIKE: False, "scores": np.full_like(right["scores"], np.nan)}

    @mistake
    def predictions_move_trained_statistics(self, right, **inputs):
        """A prediction changes what the next one says: once there are running statistics, they move
        without labels, too. Only calls in training mode move them."""
        if inputs["use_batchnorm"] and len(inputs["earlier"]):
            return self.predictions_move_the_statistics(right, **inputs)

    @mistake
    def variance_stays(self, right, **inputs):
        """Your running variance stays at 0, so that predictions divide by next to nothing. Each
        call in training mode moves it, as it moves the running mean."""
        return self.changed(inputs, stays=("var",)) if inputs["use_batchnorm"] else None

    @mistake
    def mean_stays(self, right, **inputs):
        """Your running mean stays at 0. Each call in training mode moves it, as it moves the
        running variance."""
        return self.changed(inputs, stays=("mean",)) if inputs["use_batchnorm"] else None

    @mistake
    def no_bias_in_front_of_the_norm(self, right, **inputs):
        """With batch norm your net has no b1. The norm takes it away again, and still it is one of
        the parameters that are asked for."""
        if not inputs["use_batchnorm"]:
            return None
        if not inputs["weights"]:
            return {"shapes": {n: s for n, s in right["shapes"].items() if n != "b1"}}
        return {KEYS: ", ".join(sorted(set(inputs["weights"]) - {"b1"})), "db1": None}

    @mistake
    def statistics_shared(self, right, **inputs):
        """Another net of the same class has moved your net's running statistics. Each net has its
        own: make them in `__init__`, not with the class or the module."""
        return self.changed(inputs, shared=True) if inputs["use_batchnorm"] else None

    @mistake
    def statistics_move_fast(self, right, **inputs):
        """Your running statistics keep a tenth of what they were. The momentum 0.9 is the share of
        the old value, as torch does not have it."""
        return self.changed(inputs, momentum=0.1) if inputs["use_batchnorm"] else None

    @mistake
    def statistics_move_slowly(self, right, **inputs):
        """Your running statistics move with a momentum of 0.99. It is 0.9 here."""
        return self.changed(inputs, momentum=0.99) if inputs["use_batchnorm"] else None

    @mistake
    def variance_starts_at_one(self, right, **inputs):
        """Your running variance starts at 1, as in torch. The course's batch norm starts both
        running statistics at 0."""
        return self.changed(inputs, start_var=1.0) if inputs["use_batchnorm"] else None

    @mistake
    def variance_unbiased(self, right, **inputs):
        """Your running variance is the unbiased one, as in torch. Here it is that by which the
        batch was normalised, divided by the number of values."""
        return self.changed(inputs, unbiased=True) if inputs["use_batchnorm"] else None

    # What loss gives back, and what it leaves alone.

    @mistake
    def first_arrays_kept(self, right, **inputs):
        """Your net computes with the arrays that it was made with. Somebody may put others into
        `params`: look them up there in every call."""
        halved = {name: w / 2 for name, w in inputs["weights"].items()}
        return self.changed(inputs | {"weights": halved})

    @mistake
    def params_copied_once(self, right, **inputs):
        """Your net goes on with what `params` held when `loss` was first called. Training puts
        others there: look them up in every call."""
        earlier = {name: 0.75 * w for name, w in inputs["weights"].items()}
        return None if inputs["use_batchnorm"] else self.changed(inputs | {"weights": earlier})

    @mistake
    def gives_probabilities(self, right, **inputs):
        """Without labels your net gives probabilities. Scores are asked for, as they are before the
        softmax."""
        if inputs["weights"]:
            raised = np.exp(right["scores"] - right["scores"].max(1, keepdims=True))
            return {"scores": raised / raised.sum(1, keepdims=True)}

    @mistake
    def gives_classes(self, right, **inputs):
        """Without labels your net gives the best class of each example. Scores are asked for, one
        for each class."""
        if inputs["weights"]:
            return {"scores": right["scores"].argmax(1), SCORES_TYPE: "int64"}

    @mistake
    def gradients_first(self, right, **inputs):
        """With labels you return the gradients first. The order is: loss, grads."""
        return {RETURNED: "grads, loss"} if inputs["weights"] else None

    @mistake
    def loss_alone(self, right, **inputs):
        """With labels you return the loss alone. The gradients belong to it: loss, grads."""
        if inputs["weights"]:
            return self.without(right, inputs["weights"]) | {
                RETURNED: "the loss alone", KEYS: "missing", GRADS_TYPE: "missing",
            }  # fmt: skip

    @mistake
    def zeros_taken_for_no_labels(self, right, **inputs):
        """Where all labels are 0 your `loss` answers as it does without labels. 0 is a class like
        the others: only `None` stands for no labels."""
        if inputs["weights"] and not inputs["y"].any():
            return self.without(right, inputs["weights"]) | {
                RETURNED: "a ndarray", KEYS: "missing", GRADS_TYPE: "missing", "loss": None,
            }  # fmt: skip

    @mistake
    def keys_with_a_d(self, right, **inputs):
        """The keys of your gradients begin with a d. They have the same names as the parameters."""
        if inputs["weights"]:
            keys = ", ".join(sorted(f"d{name}" for name in inputs["weights"]))
            return self.without(right, inputs["weights"]) | {KEYS: keys}

    @mistake
    def norm_gradients_missing(self, right, **inputs):
        """The gradients of γ and β are missing from your grads. They are parameters like the
        others."""
        if inputs["weights"] and inputs["use_batchnorm"]:
            others = sorted(set(inputs["weights"]) - {"gamma1", "beta1"})
            return self.without(right, ("gamma1", "beta1")) | {KEYS: ", ".join(others)}

    def without(self, right, names):
        return dict.fromkeys(f"d{name}" for name in names)

    @mistake
    def params_changed(self, right, **inputs):
        """Your `loss` changes the arrays in `params`, as a step of gradient descent would. It only
        computes: steps are the optimizer's business."""
        return {LEFT_ALONE: False} if inputs["weights"] else None

    @mistake
    def filter_biases_averaged(self, right, **inputs):
        """Your gradient of b1 is an average over the places of the map. The same bias is added at
        each of them: what they report is summed."""
        if inputs["weights"]:
            pad = (inputs["filter_size"] - 1) // 2
            rows, columns = (side + 2 * pad - inputs["filter_size"] + 1 for side in
                             inputs["input_dim"][1:])  # fmt: skip
            return {"db1": right["db1"] / (rows * columns)}
