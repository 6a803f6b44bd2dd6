"""Norms in the net of `net`: mistakes in their modes and in what they keep."""

import numpy as np

from autograder.exercise import mistake
from autograder.exercises.learners_net.judged import OwnNet
from autograder.exercises.tuning.net_dropout import ALIKE


class KeepsStatistics(OwnNet, abstract=True):
    """Mistakes in the running statistics of a net's batch norms."""

    @mistake
    def trains_while_it_predicts(self, right, **inputs):
        """Without labels your net still normalises by the batch. A prediction is made in test
        mode, from the running statistics."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, modes="train")

    @mistake
    def layer_norm_by_the_batch_in_test_mode(self, right, **inputs):
        """In a prediction your layer norm takes its statistics over the batch. Layer norm knows no
        modes: each example is normalised over its own features, always."""
        if inputs["normalization"] == "layernorm":
            return self.changed(inputs, batch_in_test=True)

    @mistake
    def batch_norm_for_layer_norm(self, right, **inputs):
        """With normalization "layernorm" your net uses batch norm: statistics over the batch
        where those of each example are wanted."""
        if inputs["normalization"] == "layernorm":
            return self.changed(inputs, norm="batchnorm")

    @mistake
    def layer_norm_over_the_batch(self, right, **inputs):
        """With normalization "layernorm" your net normalises each feature over the batch, in both
        modes. Each example is normalised over its own features: along the other axis."""
        if inputs["normalization"] == "layernorm":
            return self.changed(inputs, norm="batchnorm", modes="train")

    @mistake
    def relu_on_the_only_layer(self, right, **inputs):
        """Without hidden layers your scores go through a ReLU. The one layer that is left gives
        scores, and those may be negative."""
        return {} if inputs["hidden_dims"] else self.changed(inputs, relu_last=True)

    @mistake
    def relu_on_the_only_layer_forward(self, right, **inputs):
        """Without hidden layers your scores go through a ReLU, on the way forward alone. The one
        layer that is left gives scores, and those may be negative."""
        return {} if inputs["hidden_dims"] else self.changed(inputs, relu_last="forward")

    @mistake
    def relu_on_the_scores_forward(self, right, **inputs):
        """There is a ReLU behind your last layer, on the way forward alone. It gives scores, and
        those may be negative."""
        return self.changed(inputs, relu_last="forward")

    @mistake
    def stays_in_test_mode(self, right, **inputs):
        """After its first prediction your net stays in test mode. Set the mode at the start of
        every call, in both directions."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, modes="stays")

    @mistake
    def one_state_for_all_norms(self, right, **inputs):
        """Your batch norms share running statistics, so that one overwrites those of another. Each
        has its own. A list made by multiplying holds the same dictionary several times, and layers
        of one width share what is kept by width."""
        if inputs["normalization"] == "batchnorm" and len(set(inputs["hidden_dims"])) == 1:
            return self.changed(inputs, shared=True)

    @mistake
    def norm_forgets(self, right, **inputs):
        """Your running statistics start anew in every call. Make the dictionaries of the norms
        once, with the net."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, forgets=True)

    @mistake
    def statistics_begin_anew(self, right, **inputs):
        """In every call with labels your running statistics begin at 0 again, so predictions know
        of the last batch alone. They go on from what they were."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, forgets="in training")

    @mistake
    def batch_norm_by_fixed_statistics(self, right, **inputs):
        """On the way back your batch norm takes mean and deviation for fixed numbers. They are
        computed from the batch, so that gradients go back through them, too."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, fixed=True)

    @mistake
    def layer_norm_by_fixed_statistics(self, right, **inputs):
        """On the way back your layer norm takes mean and deviation for fixed numbers. They are
        computed from the example, so that gradients go back through them, too."""
        if inputs["normalization"] == "layernorm":
            return self.changed(inputs, fixed=True)

    @mistake
    def first_norm_alone_predicts(self, right, **inputs):
        """In a prediction only your first batch norm is in test mode. Set the mode of all of them.
        """
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, always_training=(2, 3))

    @mistake
    def last_norm_alone_predicts(self, right, **inputs):
        """In a prediction only your last batch norm is in test mode. Set the mode of all of them.
        """
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, always_training=(1,))

    @mistake
    def predictions_move_the_statistics(self, right, **inputs):
        """A prediction changes what the next one says: your running statistics move without
        labels, too. Only calls in training mode move them."""
        if inputs["normalization"] == "batchnorm" and inputs["weights"]:
            return {ALIKE: False, "scores": np.full_like(right["scores"], np.nan)}

    @mistake
    def momentum_of_torch(self, right, **inputs):
        """Your running statistics keep a tenth of the old value and take nine of the new, as
        torch's momentum of 0.9 would. Here 0.9 is the share of the old."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, momentum=0.1)

    @mistake
    def unbiased_running_variance(self, right, **inputs):
        """Your running variance takes in the unbiased variance, over n - 1, as torch does. Here it
        is the one that the batch is normalised by, over n."""
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, unbiased=True)

    @mistake
    def running_variance_from_one(self, right, **inputs):
        """Your running variance starts at 1, as torch's does. Here running statistics start at 0.
        """
        if inputs["normalization"] == "batchnorm":
            return self.changed(inputs, first_variance=1.0)
