"""What exercises on nets of one's own share (notebooks 08 and 10): mistakes in their first weights,
in the penalty and in the type of what comes in. What is judged of them is in `oracle`.
"""

import numpy as np

from autograder.exercise import Exercise, mistake, raises
from autograder.exercises.learners_net.oracle import EVENLY, MEAN, SPREAD


class OwnNet(Exercise, abstract=True):
    """A net made of the learner's own layers; a case without `weights` looks at its first ones."""

    def changed(self, inputs, **change) -> dict:
        """What a net that is put together in another way shows; {} where that is not looked at."""
        raise NotImplementedError

    # The first weights and their type.

    @mistake
    def weights_of_unit_scale(self, right, **inputs):
        """The first weights should have the standard deviation weight_scale; yours have 1."""
        return self.spread(right, inputs, lambda scale, fan_in: 1.0)

    @mistake
    def scale_is_the_variance(self, right, **inputs):
        """weight_scale is the standard deviation of the first weights. You use it as their
        variance."""
        return self.spread(right, inputs, lambda scale, fan_in: np.sqrt(scale))

    @mistake
    def deviation_of_he(self, right, **inputs):
        """Your first weights have He's deviation, the root of 2 / inputs. Here weight_scale alone
        is the standard deviation, whatever the width."""
        return self.spread(right, inputs, lambda scale, fan_in: np.sqrt(2 / fan_in))

    @mistake
    def deviation_of_xavier(self, right, **inputs):
        """Your first weights have the deviation 1 / √inputs. Here weight_scale alone is the
        standard deviation, whatever the width."""
        return self.spread(right, inputs, lambda scale, fan_in: np.sqrt(1 / fan_in))

    @mistake
    def scale_over_the_root(self, right, **inputs):
        """Your first weights shrink with the root of the number of inputs. weight_scale alone is
        their standard deviation."""
        return self.spread(right, inputs, lambda scale, fan_in: scale / np.sqrt(fan_in))

    @mistake
    def uniform_weights(self, right, **inputs):
        """Your first weights are spread evenly from -weight_scale to weight_scale. They should be
        normal, with weight_scale as their standard deviation."""
        shown = self.spread(right, inputs, lambda scale, fan_in: scale / np.sqrt(3))
        return shown and shown | self.evenly(right, "W1", "W2", "W3")

    @mistake
    def all_weights_drawn_evenly(self, right, **inputs):
        """None of your first weights is beyond two of their standard deviations, as when they are
        drawn evenly from an interval. Of normal ones one in twenty is, and normal they should be,
        with mean 0 and weight_scale as their standard deviation."""
        return self.evenly(right, "W1", "W2", "W3")

    @mistake
    def w1_drawn_evenly(self, right, **inputs):
        """None of the numbers of your first W1 is beyond two of their standard deviations, as when
        they are drawn evenly from an interval. Of normal ones one in twenty is, and normal they
        should be, like all first weights."""
        return self.evenly(right, "W1")

    @mistake
    def w2_drawn_evenly(self, right, **inputs):
        """None of the numbers of your first W2 is beyond two of their standard deviations, as when
        they are drawn evenly from an interval. Of normal ones one in twenty is, and normal they
        should be, like all first weights."""
        return self.evenly(right, "W2")

    @mistake
    def w3_drawn_evenly(self, right, **inputs):
        """None of the numbers of your first W3 is beyond two of their standard deviations, as when
        they are drawn evenly from an interval. Of normal ones one in twenty is, and normal they
        should be, like all first weights."""
        return self.evenly(right, "W3")

    def evenly(self, right, *names) -> dict:
        """What is seen of first weights of which these are drawn evenly."""
        return {EVENLY: ", ".join(names)} if EVENLY in right else {}

    def evenly_from_zero(self, right, inputs, *names) -> dict:
        """What is seen of first weights of which these are drawn evenly from 0 on."""
        if inputs["weights"]:
            return {}
        spreads = {SPREAD.format(name): -np.log(12) / 2 for name in names}
        means = {MEAN.format(name): np.sqrt(3) for name in names}
        return spreads | means | self.evenly(right, *names)

    def spread(self, right, inputs, change):
        """What is seen of first weights with the deviation change(scale, fan_in)."""
        if inputs["weights"]:
            return None
        scale, shown = inputs["weight_scale"], {}
        for name, (first, *rest) in right["shapes"].items():
            if SPREAD.format(name) in right:
                fan_in = np.prod(rest) if len(rest) > 1 else first
                shown[SPREAD.format(name)] = float(np.log(change(scale, fan_in) / scale))
        return shown

    @mistake
    def biases_drawn(self, right, **inputs):
        """Biases and β start at 0."""
        if not inputs["weights"]:
            return {"biases and β start at": "other values"}

    @mistake
    def gamma_at_zero(self, right, **inputs):
        """γ starts at 1. At 0 nothing gets through the norm, and no gradient either."""
        if not inputs["weights"]:
            return {"γ starts at": "0"}

    @mistake
    def gamma_drawn(self, right, **inputs):
        """γ starts at 1 for every unit. Yours has other values, as if it were drawn like a weight.
        """
        if not inputs["weights"]:
            return {"γ starts at": "other values"}

    @mistake
    def seed_ignored(self, right, **inputs):
        """Two nets with the same seed have different weights: draw from a generator that is made
        from the seed."""
        if not inputs["weights"]:
            return {"same seed, same weights": False}

    @mistake
    def seed_fixed(self, right, **inputs):
        """Nets with different seeds have the same weights. Your generator is made from a number of
        its own."""
        if not inputs["weights"]:
            return {"another seed, other weights": False}

    @mistake
    def seeded_in_every_layer(self, right, **inputs):
        """Two of your W start with the same numbers, as when a second generator is made from the
        same seed. Make one, and draw from it in turn."""
        if not inputs["weights"]:
            return {"layers start alike": True}

    @mistake
    def wider_parameters(self, right, **inputs):
        """Your parameters are float64, whatever dtype says. Generators and np.zeros give float64
        unless they are told otherwise."""
        if not inputs["weights"]:
            return {"dtypes": ["float64"]}

    @mistake
    def wider_inputs(self, right, **inputs):
        """The parameters are float32 and the pixels that came in are not, so what is computed from
        both is not either. Bring X to the net's dtype first."""
        if inputs["dtype"] == "float32":
            weights = {name: w.astype(float) for name, w in inputs["weights"].items()}
            shown = self.changed(inputs | {"weights": weights, "dtype": "float64"})
            return shown and shown | {"dtypes": ["float32", "float64"]}

    # The penalty.

    @mistake
    def penalty_without_half(self, right, **inputs):
        """The penalty here is ½λ‖W‖². You penalise without the ½ (as others do), in loss and
        gradient."""
        return self.penalised(right, inputs, 0.5, 1.0, "W")

    @mistake
    def loss_without_half(self, right, **inputs):
        """Your gradient fits ½λ‖W‖², your loss has λ‖W‖²: a gradient check would tell you."""
        shown = self.penalised(right, inputs, 0.5, 0.0, "W")
        return {"loss": shown["loss"]} if shown else None

    @mistake
    def gradient_doubled(self, right, **inputs):
        """Your loss has ½λ‖W‖², but your gradient 2λW: the 2 of the derivative takes the ½ away."""
        shown = self.penalised(right, inputs, 0.0, 1.0, "W")
        return {name: value for name, value in shown.items() if name != "loss"}

    @mistake
    def penalty_not_in_gradient(self, right, **inputs):
        """The penalty is in your loss and not in your gradients, so nothing pulls at the weights.
        """
        shown = self.penalised(right, inputs, 0.0, -1.0, "W")
        return {name: value for name, value in shown.items() if name != "loss"}

    @mistake
    def penalty_not_in_loss(self, right, **inputs):
        """The penalty is in your gradients and not in your loss."""
        shown = self.penalised(right, inputs, -0.5, 0.0, "W")
        return {"loss": shown["loss"]} if shown else None

    @mistake
    def norm_not_squared(self, right, **inputs):
        """Your loss adds ½λ‖W‖, the root of the sum of squares. The penalty has the sum of squares
        itself."""
        shown = self.penalised(right, inputs, -0.5, 0.0, "W")
        if shown:
            norms = (np.sqrt((w**2).sum()) for n, w in inputs["weights"].items() if n[0] == "W")
            return {"loss": shown["loss"] + 0.5 * inputs["reg"] * float(sum(norms))}

    @mistake
    def penalty_over_the_batch(self, right, **inputs):
        """You divide the penalty by the number of examples. Only the cross-entropy is a mean over
        them."""
        less = 1 / len(inputs["y"]) - 1
        return self.penalised(right, inputs, 0.5 * less, less, "W")

    @mistake
    def biases_penalised_without_half(self, right, **inputs):
        """Your penalty is λ times the sum of squares of weights and biases. It has a ½, and is on
        the weights only."""
        shown = self.penalised(right, inputs, 0.5, 1.0, "W")
        more = self.penalised(right, inputs, 1.0, 2.0, ("b1", "b2", "b3"))
        return shown and shown | more | {"loss": shown["loss"] + more["loss"] - right["loss"]}

    @mistake
    def biases_penalised(self, right, **inputs):
        """The penalty is on the weights only. You pull at the biases too."""
        return self.penalised(right, inputs, 0.5, 1.0, ("b1", "b2", "b3"))

    @mistake
    def biases_penalised_in_the_loss(self, right, **inputs):
        """The penalty in your loss is on the biases as well. It is on the weights only, in the loss
        as in the gradients."""
        shown = self.penalised(right, inputs, 0.5, 0.0, ("b1", "b2", "b3"))
        return {"loss": shown["loss"]} if shown else None

    @mistake
    def everything_penalised_in_the_loss(self, right, **inputs):
        """The penalty in your loss is on all parameters, γ and β too. It is on the weights only, in
        the loss as in the gradients."""
        shown = self.penalised(right, inputs, 0.5, 0.0, ("b", "gamma"))
        return {"loss": shown["loss"]} if shown else None

    @mistake
    def biases_pulled_in_the_gradient(self, right, **inputs):
        """Your gradients of the biases have a share of the penalty, λ times the biases. The penalty
        is on the weights only, in the gradients as in the loss."""
        return self.pulled(right, inputs, ("b1", "b2", "b3"))

    @mistake
    def everything_pulled_in_the_gradient(self, right, **inputs):
        """All your gradients have a share of the penalty, λ times the parameter, those of the
        biases, γ and β too. The penalty is on the weights only, in the gradients as in the loss."""
        return self.pulled(right, inputs, ("b", "gamma"))

    def pulled(self, right, inputs, names) -> dict:
        """The penalty's share in the gradients of the parameters `names`, and not in the loss."""
        shown = self.penalised(right, inputs, 0.0, 1.0, names)
        return {name: value for name, value in shown.items() if name != "loss"}

    # The labels.

    @mistake
    def labels_asked_for_truth(self, right, **inputs):
        """Your code asks an array whether it is true, as `if y`, `not y` and `y == None` do, which
        numpy refuses where there are several numbers. To see whether there are labels, ask whether
        y is `None`."""
        if not inputs["weights"]:
            return None
        if list(inputs["y"]) == [0]:  # which is taken for false
            return self.zeros_taken_for_no_labels(right, **inputs)
        return dict.fromkeys(right, raises("ValueError", "truth value of an array"))

    def zeros_taken_for_no_labels(self, right, **inputs) -> dict:
        """What is seen of a net that answers as without labels where they are all 0."""
        raise NotImplementedError

    # The loss.

    @mistake
    def summed_over_the_batch(self, right, **inputs):
        """Your cross-entropy, and its gradient, is the sum over the examples. It is their mean."""
        return self.times_the_examples(right, inputs)

    @mistake(claims=("loss",))
    def gradient_summed_over_the_batch(self, right, **inputs):
        """Your loss is a mean over the examples, but your gradients are those of their sum: they
        lack the division by the number of examples."""
        shown = self.times_the_examples(right, inputs)
        return {name: value for name, value in shown.items() if name != "loss"}

    @mistake
    def loss_summed_over_the_batch(self, right, **inputs):
        """The cross-entropy in your loss is a sum over the examples. It is their mean, of which the
        gradients are, too."""
        shown = self.times_the_examples(right, inputs)
        return {"loss": shown["loss"]} if shown else None

    def times_the_examples(self, right, inputs) -> dict:
        """Loss and gradients whose cross-entropy is as many times as large."""
        if "loss" not in right:
            return {}
        n, reg, weights = len(inputs["y"]), inputs["reg"], inputs["weights"]
        pulls = {name: reg * w if name.startswith("W") else 0 * w for name, w in weights.items()}
        penalty = sum(0.5 * float((pull * weights[name]).sum()) for name, pull in pulls.items())
        return {"loss": n * (right["loss"] - penalty) + penalty} | {
            f"d{name}": n * (right[f"d{name}"] - pull) + pull for name, pull in pulls.items()
        }

    def penalised(self, right, inputs, in_loss, in_gradient, names):
        """Another penalty on the parameters `names`, beside the right one."""
        if "loss" not in right or not inputs["reg"]:
            return {}
        shown = {"loss": right["loss"]}
        for name in (n for n in inputs["weights"] if n.startswith(names)):
            w = inputs["weights"][name]
            shown["loss"] += in_loss * inputs["reg"] * float((w**2).sum())
            shown[f"d{name}"] = right[f"d{name}"] + in_gradient * inputs["reg"] * w
        return shown
