"""First weights, penalty and types in the net of `net`: mistakes that other nets do not share."""

from autograder.exercise import mistake
from autograder.exercises.learners_net.judged import OwnNet
from autograder.exercises.tuning.net_dropout import SHARE

SCORES_TYPE, GRADS_TYPE, PARAMS_TYPE = "type of scores", "type of gradients", "type of parameters"
GRADIENTS = tuple(f"dW{i}" for i in range(1, 5))  # no net of the cases has more


class HasWeights(OwnNet, abstract=True):
    """Mistakes in a net's weights: how they start, how they are penalised, in which type."""

    # The penalty.

    @mistake
    def everything_penalised(self, right, **inputs):
        """The penalty is on the weights W only. You pull at every parameter, also at γ and β."""
        return self.penalised(right, inputs, 0.5, 1.0, ("b", "gamma"))

    @mistake
    def gamma_penalised(self, right, **inputs):
        """Your penalty pulls at γ as well. It is on the weights W only."""
        if inputs["normalization"]:
            return self.penalised(right, inputs, 0.5, 1.0, ("gamma",))

    @mistake
    def norm_parameters_penalised(self, right, **inputs):
        """Your penalty pulls at γ and β as well. It is on the weights W only."""
        if inputs["normalization"]:
            return self.penalised(right, inputs, 0.5, 1.0, ("gamma", "beta"))

    @mistake
    def last_weights_penalised_alone(self, right, **inputs):
        """Only one of your weight matrices is penalised. The penalty belongs to each W, the
        hidden layers' too."""
        last = f"W{len(inputs['hidden_dims']) + 1}"
        others = tuple(f"W{i}" for i in range(1, int(last[1:])))
        return self.penalised(right, inputs, -0.5, -1.0, others) if others else None

    @mistake
    def last_weights_not_penalised(self, right, **inputs):
        """The last weights are left out of your penalty. It belongs to each W."""
        last = f"W{len(inputs['hidden_dims']) + 1}"
        return self.penalised(right, inputs, -0.5, -1.0, last)

    @mistake(claims=GRADIENTS)
    def last_weights_not_in_the_loss(self, right, **inputs):
        """The penalty in your loss leaves out the last weights; their gradient has its share. It
        belongs to each W."""
        last = f"W{len(inputs['hidden_dims']) + 1}"
        shown = self.penalised(right, inputs, -0.5, 0.0, last)
        return {name: value for name, value in shown.items() if name == "loss"}

    @mistake(claims=("loss",))
    def last_gradient_without_penalty(self, right, **inputs):
        """The gradient of your last weights lacks the penalty's share, λW. Your loss has it."""
        last = f"W{len(inputs['hidden_dims']) + 1}"
        shown = self.penalised(right, inputs, 0.0, -1.0, last)
        return {name: value for name, value in shown.items() if name != "loss"}

    @mistake
    def first_weights_penalised_alone(self, right, **inputs):
        """Only your first weights are penalised. The penalty belongs to each W."""
        others = tuple(f"W{i}" for i in range(2, len(inputs["hidden_dims"]) + 2))
        return self.penalised(right, inputs, -0.5, -1.0, others) if others else None

    @mistake
    def first_lambda_kept(self, right, **inputs):
        """Your net keeps the λ that it was made with. reg may be changed between calls: read it in
        each."""
        if inputs["weights"] and inputs["reg_at_first"] != inputs["reg"]:
            more = inputs["reg_at_first"] / inputs["reg"] - 1
            return self.penalised(right, inputs, 0.5 * more, more, "W")

    @mistake(claims=("loss",))
    def first_lambda_kept_in_the_gradient(self, right, **inputs):
        """The penalty in your gradients keeps the λ that the net was made with; the one in your
        loss follows reg. It may be changed between calls: both read it in each."""
        shown = self.first_lambda_kept(right, **inputs) or {}
        return {name: value for name, value in shown.items() if name != "loss"}

    @mistake(claims=GRADIENTS)
    def first_lambda_kept_in_the_loss(self, right, **inputs):
        """The penalty in your loss keeps the λ that the net was made with; the one in your
        gradients follows reg. It may be changed between calls: both read it in each."""
        shown = self.first_lambda_kept(right, **inputs) or {}
        return {name: value for name, value in shown.items() if name == "loss"}

    # The first weights.

    @mistake
    def weights_all_positive(self, right, **inputs):
        """Your first weights are all positive: drawn uniformly from 0 on. They should be normal
        with mean 0."""
        layers = [f"W{i}" for i in range(1, len(inputs["hidden_dims"]) + 2)]
        return self.evenly_from_zero(right, inputs, *layers)

    @mistake
    def wider_parameters(self, right, **inputs):
        """Your parameters are float64, whatever dtype says. Generators and np.zeros give float64
        unless they are told otherwise."""
        if not inputs["weights"]:
            return {PARAMS_TYPE: "float64"}

    @mistake
    def wider_inputs(self, right, **inputs):
        """With parameters in float32 your scores come out in float64. One wider array among what
        they are computed from is enough, as when X is used in the type in which it came."""
        return {SCORES_TYPE: "float64"} if self.narrow(inputs) else None

    @mistake
    def wider_gradients(self, right, **inputs):
        """With parameters in float32 your gradients come out in float64. One wider array on the way
        is enough, X as it came in or the mask of dropout."""
        return {GRADS_TYPE: "float64"} if self.narrow(inputs) else None

    @mistake
    def wider_gradients_behind_dropout(self, right, **inputs):
        """With dropout your gradients come out in float64 where dtype is float32: the mask of
        dropout is wider than what it is multiplied with."""
        if inputs["dtype"] == "float32" and SHARE in right:
            return {GRADS_TYPE: "float64"}

    def narrow(self, inputs) -> bool:
        return bool(inputs["weights"]) and inputs["dtype"] == "float32"

    @mistake
    def zero_taken_for_no_seed(self, right, **inputs):
        """Two nets of seed 0 have different weights, so 0 counts as no seed for you. Only None
        stands for another net each time."""
        if not inputs["weights"] and inputs["seed"] == 0:
            return {"same seed, same weights": False}

    @mistake
    def none_taken_for_a_seed(self, right, **inputs):
        """Two nets without a seed have the same weights. None stands for another net each time."""
        if not inputs["weights"]:
            return {"no seed, other weights": False}

    @mistake
    def norm_after_the_last_layer(self, right, **inputs):
        """The scores are not normalised: γ and β belong to the hidden layers only."""
        if not inputs["weights"]:
            last = len(inputs["hidden_dims"]) + 1
            more = {f"gamma{last}": [inputs["num_classes"]], f"beta{last}": [inputs["num_classes"]]}
            return {"shapes": right["shapes"] | more}
