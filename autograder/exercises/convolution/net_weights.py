"""First weights, penalty and types in the net of `net`: mistakes that other nets do not share."""

import numpy as np

from autograder.exercise import mistake, raises
from autograder.exercises.convolution.net_oracle import (
    GRADS_TYPE,
    PARAMS_TYPE,
    SCORES_TYPE,
    follow,
    map_size,
)
from autograder.exercises.learners_net.judged import OwnNet
from autograder.exercises.learners_net.oracle import SPREAD

SEED_0, NO_SEED = "two nets of seed 0 are alike", "two nets without a seed differ"


class HasWeights(OwnNet, abstract=True):
    """Mistakes in a net's weights: how they start, how they are penalised, in which type."""

    def shapes(self, input_dim, num_filters, filter_size, hidden_dim, num_classes, behind=None,
               **_):  # fmt: skip
        c, *sides = input_dim
        behind = behind or num_filters * int(np.prod([map_size(s, filter_size) for s in sides]))
        return {
            "W1": [num_filters, c, filter_size, filter_size], "b1": [num_filters],
            "W2": [behind, hidden_dim], "b2": [hidden_dim],
            "W3": [hidden_dim, num_classes], "b3": [num_classes],
            "gamma1": [num_filters], "beta1": [num_filters],
        }  # fmt: skip

    def changed(self, inputs, **change):
        """What a net that is put together in another way shows."""
        return follow("cpu", **inputs | change) if inputs["weights"] else {}

    # Shapes.

    @mistake
    def shrinks_without_padding(self, right, **inputs):
        """Your W2 has the rows of a convolution without padding. The pad here is
        (filter_size − 1) // 2, which keeps the size for odd filters."""
        return self.sized(inputs, lambda side, size: (side - size + 1) // 2)

    @mistake
    def size_taken_as_kept(self, right, **inputs):
        """Your W2 has too many rows: with an even filter this padding does not keep the size, the
        map is one row and one column smaller than the picture. Compute the size, do not assume
        it."""
        return self.sized(inputs, lambda side, size: side // 2)

    @mistake
    def pooling_left_out_of_the_size(self, right, **inputs):
        """Your W2 has the rows of the map in front of the pooling. The pooling halves height and
        width."""
        return self.sized(inputs, self.in_front)

    @mistake
    def rounded_at_the_end(self, right, **inputs):
        """Your W2 has too many rows: you take a quarter of the map's pixels. With an odd side the
        pooling leaves a row or column out: halve each side by itself."""
        if not inputs["weights"]:
            sides = (self.in_front(s, inputs["filter_size"]) for s in inputs["input_dim"][1:])
            behind = inputs["num_filters"] * int(np.prod(list(sides))) // 4
            return {"shapes": self.shapes(**inputs, behind=behind)}

    @mistake
    def quarter_of_the_picture(self, right, **inputs):
        """Your W2 has a row for every four of the picture's pixels, and filter. The map may be
        smaller than the picture, and with an odd side the pooling leaves a row or column out:
        compute each side by itself."""
        if not inputs["weights"]:
            behind = inputs["num_filters"] * int(np.prod(inputs["input_dim"][1:])) // 4
            return {"shapes": self.shapes(**inputs, behind=behind)}

    @mistake
    def square_pictures(self, right, **inputs):
        """Your W2 has the rows that square pictures would need: the height stands for the width.
        Compute both."""
        height = inputs["input_dim"][1]
        return self.sized(inputs, lambda side, size: map_size(height, size))

    @mistake
    def square_pictures_by_width(self, right, **inputs):
        """Your W2 has the rows that square pictures would need: the width stands for the height.
        Compute both."""
        width = inputs["input_dim"][2]
        return self.sized(inputs, lambda side, size: map_size(width, size))

    @mistake
    def pictures_of_32(self, right, **inputs):
        """Your W2 has the rows that pictures of 32×32 need, whatever `input_dim` says. Compute them
        from the picture's height and width."""
        return self.sized(inputs, lambda side, size: 16)

    @mistake
    def padded_too_much(self, right, **inputs):
        """With an even filter your padding is one too many, so that the map grows: filter_size // 2
        is meant for odd filters. The pad here is (filter_size − 1) // 2."""
        return self.padded_more(right, inputs, "ValueError")

    @mistake
    def padded_too_much_by_torch(self, right, **inputs):
        """With an even filter your padding is one too many, so that the map grows: filter_size // 2
        is meant for odd filters. The pad here is (filter_size − 1) // 2."""
        return self.padded_more(right, inputs, "RuntimeError")

    def padded_more(self, right, inputs, error):
        if inputs["filter_size"] % 2:
            return None
        if inputs["weights"]:
            return dict.fromkeys(right, raises(error))
        return self.sized(inputs, lambda side, size: (side + 2 * (size // 2) - size + 1) // 2)

    @mistake
    def pooled_at_every_place(self, right, **inputs):
        """Your pooling moves on by one pixel, so that it leaves one row and one column less than
        came in. Its stride here is 2, which halves height and width."""
        return self.pooled_on(right, inputs, "ValueError")

    @mistake
    def pooled_at_every_place_by_torch(self, right, **inputs):
        """Your pooling moves on by one pixel, so that it leaves one row and one column less than
        came in. Its stride here is 2, which halves height and width."""
        return self.pooled_on(right, inputs, "RuntimeError")

    def pooled_on(self, right, inputs, error):
        if inputs["weights"]:
            return dict.fromkeys(right, raises(error))
        return self.sized(inputs, lambda side, size: self.in_front(side, size) - 1)

    def in_front(self, side, size):
        """A side's length in front of the pooling."""
        return side + 2 * ((size - 1) // 2) - size + 1

    def sized(self, inputs, behind):
        if not inputs["weights"]:
            sides = [behind(side, inputs["filter_size"]) for side in inputs["input_dim"][1:]]
            rows = inputs["num_filters"] * int(np.prod(sides))
            return {"shapes": self.shapes(**inputs, behind=rows)}

    @mistake
    def norm_always_there(self, right, **inputs):
        """Without use_batchnorm there is no γ and no β among the parameters. Yours are always
        there."""
        if not inputs["weights"]:
            return {"without batch norm": "W1, W2, W3, b1, b2, b3, beta1, gamma1"}

    # The first weights.

    @mistake
    def weights_all_positive(self, right, **inputs):
        """Your first weights are all positive, drawn evenly from 0 on. They should be normal with
        mean 0."""
        return self.evenly_from_zero(right, inputs, "W1", "W2", "W3")

    @mistake
    def weight_scale_not_read(self, right, **inputs):
        """Your first weights have the standard deviation 0.001, whatever `weight_scale` says. That
        is only its default."""
        return self.spread(right, inputs, lambda scale, fan_in: 1e-3)

    @mistake
    def filters_of_another_scale(self, right, **inputs):
        """Your filters W1 start with the standard deviation 0.001, whatever `weight_scale` says. It
        is that of all three W."""
        shown = self.spread(right, inputs, lambda scale, fan_in: 1e-3)
        return shown and {SPREAD.format("W1"): shown[SPREAD.format("W1")]}

    @mistake
    def filters_of_unit_scale(self, right, **inputs):
        """Your filters W1 start with the standard deviation 1. `weight_scale` is that of all three
        W."""
        shown = self.spread(right, inputs, lambda scale, fan_in: 1.0)
        return shown and {SPREAD.format("W1"): shown[SPREAD.format("W1")]}

    @mistake
    def he_behind_the_filters(self, right, **inputs):
        """Your W2 and W3 start with He's deviation, the root of 2 / inputs. `weight_scale` is that
        of all three W."""
        shown = self.spread(right, inputs, lambda scale, fan_in: np.sqrt(2 / fan_in))
        return shown and {SPREAD.format(name): shown[SPREAD.format(name)] for name in ("W2", "W3")}

    @mistake
    def he_in_the_filters(self, right, **inputs):
        """Your filters W1 start with He's deviation, the root of 2 / inputs. `weight_scale` is that
        of all three W."""
        shown = self.spread(right, inputs, lambda scale, fan_in: np.sqrt(2 / fan_in))
        return shown and {SPREAD.format("W1"): shown[SPREAD.format("W1")]}

    @mistake
    def zero_taken_for_no_seed(self, right, **inputs):
        """Two nets of seed 0 have different weights, so 0 counts as no seed for you. Only None
        stands for another net each time."""
        if not inputs["weights"]:
            return {SEED_0: False}

    @mistake
    def none_taken_for_a_seed(self, right, **inputs):
        """Two nets without a seed have the same weights. None stands for another net each time."""
        if not inputs["weights"]:
            return {NO_SEED: False}

    @mistake
    def seed_ignored(self, right, **inputs):
        """Two nets with the same seed have different weights: draw from a generator that is made
        from the seed."""
        if not inputs["weights"]:
            return {"same seed, same weights": False, SEED_0: False}

    @mistake
    def seed_fixed(self, right, **inputs):
        """Nets with different seeds have the same weights. Your generator is made from a number of
        its own."""
        if not inputs["weights"]:
            return {"another seed, other weights": False, NO_SEED: False}

    # Types.

    @mistake
    def wider_parameters(self, right, **inputs):
        """Your parameters are float64, whatever dtype says. numpy makes float64 unless it is told
        otherwise."""
        if not inputs["weights"]:
            return {PARAMS_TYPE: "float64"}

    @mistake
    def some_parameters_wider(self, right, **inputs):
        """Some of your parameters are float64 where dtype is float32, as biases are that come from
        `np.zeros` without a dtype. It is the type of all of them."""
        if not inputs["weights"]:
            return {PARAMS_TYPE: "float32, float64"}

    @mistake
    def wider_inputs(self, right, **inputs):
        """With parameters in float32 your scores and gradients come out in float64. One wider array
        among what they are computed from is enough, as when X is used in the type in which it
        came."""
        if self.narrow(inputs):
            return {SCORES_TYPE: "float64", GRADS_TYPE: "float64"}

    @mistake
    def wider_inputs_in_part(self, right, **inputs):
        """With parameters in float32 your scores and some of your gradients come out in float64.
        One wider array among what they are computed from is enough, as when X is used in the type
        in which it came."""
        if self.narrow(inputs):
            return {SCORES_TYPE: "float64", GRADS_TYPE: "float32, float64"}

    @mistake
    def wider_scores(self, right, **inputs):
        """With parameters in float32 your scores come out in float64. Scores have the net's
        dtype."""
        return {SCORES_TYPE: "float64"} if self.narrow(inputs) else None

    @mistake
    def wider_scores_without_norm(self, right, **inputs):
        """In a net without batch norm whose parameters are float32 your scores come out in float64.
        Scores have the net's dtype, with batch norm and without."""
        if self.narrow(inputs) and not inputs["use_batchnorm"]:
            return {SCORES_TYPE: "float64"}

    @mistake
    def wider_gradients(self, right, **inputs):
        """With parameters in float32 your gradients come out in float64. They have the net's dtype,
        like what they are the gradients of."""
        return {GRADS_TYPE: "float64"} if self.narrow(inputs) else None

    @mistake
    def some_gradients_wider(self, right, **inputs):
        """With parameters in float32 some of your gradients come out in float64. They have the
        net's dtype, like what they are the gradients of."""
        return {GRADS_TYPE: "float32, float64"} if self.narrow(inputs) else None

    def narrow(self, inputs) -> bool:
        return bool(inputs["weights"]) and inputs["dtype"] == "float32"

    @mistake
    def maps_of_whole_numbers(self, right, **inputs):
        """Where the pictures are whole numbers your maps are, too: what stands behind the decimal
        point is cut off behind the convolution. Bring X to the net's dtype first."""
        if inputs["weights"] and inputs["X"].dtype.kind in "iu":
            return self.changed(inputs, whole_maps=True)

    @mistake
    def pictures_scaled(self, right, **inputs):
        """Pictures of whole numbers are divided by 255 in your net. What the values of X mean is
        the caller's business: only their type is changed."""
        if inputs["weights"] and inputs["X"].dtype.kind in "iu":
            return self.changed(inputs, scaled=1 / 255)

    # The penalty.

    @mistake
    def everything_penalised(self, right, **inputs):
        """The penalty is on the three W only. You pull at every parameter, also at γ and β."""
        return self.penalised(right, inputs, 0.5, 1.0, ("b", "gamma"))

    @mistake
    def gamma_penalised(self, right, **inputs):
        """The penalty is on the three W only. You pull at γ, too."""
        return self.penalised(right, inputs, 0.5, 1.0, "gamma")

    @mistake
    def filters_not_penalised(self, right, **inputs):
        """Your filters go free. The penalty is on all three W, the convolution's too."""
        return self.penalised(right, inputs, -0.5, -1.0, "W1")

    @mistake
    def w2_not_penalised(self, right, **inputs):
        """Your penalty leaves W2 out. It is on all three W."""
        return self.penalised(right, inputs, -0.5, -1.0, "W2")

    @mistake
    def w3_not_penalised(self, right, **inputs):
        """Your penalty leaves W3 out. It is on all three W, the scores' too."""
        return self.penalised(right, inputs, -0.5, -1.0, "W3")

    @mistake
    def w3_not_penalised_and_no_half(self, right, **inputs):
        """Your penalty leaves W3 out, and lacks the ½. It is ½λ‖W‖², on all three W."""
        more = self.penalised(right, inputs, 0.5, 1.0, ("W1", "W2"))
        less = self.penalised(right, inputs, -0.5, -1.0, "W3")
        return more and more | less | {"loss": more["loss"] + less["loss"] - right["loss"]}

    @mistake
    def filters_not_pulled(self, right, **inputs):
        """The gradient of W1 lacks the penalty's share, λ times the weights. It belongs to all
        three."""
        return self.without_pull(right, inputs, "W1")

    @mistake
    def w2_not_pulled(self, right, **inputs):
        """The gradient of W2 lacks the penalty's share, λ times the weights. It belongs to all
        three."""
        return self.without_pull(right, inputs, "W2")

    @mistake
    def w3_not_pulled(self, right, **inputs):
        """The gradient of W3 lacks the penalty's share, λ times the weights. It belongs to all
        three."""
        return self.without_pull(right, inputs, "W3")

    def without_pull(self, right, inputs, names):
        shown = self.penalised(right, inputs, 0.0, -1.0, names)
        return {name: value for name, value in shown.items() if name != "loss"}

    @mistake
    def first_lambda_kept(self, right, **inputs):
        """Your net keeps the λ that it was made with. `reg` may be changed between calls: read it
        in each."""
        if inputs["weights"] and inputs["reg_at_first"] != inputs["reg"]:
            more = inputs["reg_at_first"] / inputs["reg"] - 1
            return self.penalised(right, inputs, 0.5 * more, more, "W")
