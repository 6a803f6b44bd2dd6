"""The exercise of notebook 04 on what first weights do to activations, layer by layer.

What is looked at stands in `propagation`.
"""

import numpy as np

from autograder.exercise import mistake, raises
from autograder.exercises.init.drawing import spread_of
from autograder.exercises.init.propagation import EXAMPLES, Propagated


class std_by_depth(Propagated):
    """The standard deviation of the activations, layer by layer."""

    signature = "std_by_depth(widths, activation, kind, rng, examples=200)"
    needs = ("init_weights",)
    counted = ("drawn from rng", "rows of the input")
    minutes = 12
    difficulty = 2
    hints = (
        "You need one loop over the layers, and one variable that holds the output of the "
        "previous layer.",
        "widths has one entry more than there are layers: layer l has widths[l] inputs and "
        "widths[l + 1] units. zip of the list and the list without its first entry gives these "
        "pairs.",
    )

    # What is measured.

    @mistake
    def of_the_weights(self, right, **case):
        """You measure the weights. Their spread is what you chose; what matters is what they do
        to the activations."""
        return self.instead("of the weights", **case)

    @mistake
    def before_the_activation(self, right, **case):
        """You measure before the activation function. Its output is what the next layer sees."""
        return self.instead("before", **case)

    @mistake
    def variances(self, right, **case):
        """Those are variances: the squares of what is asked for."""
        return self.instead("variance", **case)

    @mistake
    def root_mean_square(self, right, **case):
        """You take the root of the mean square. Outputs of a ReLU have a mean above 0, and the
        standard deviation is taken about it."""
        if case["activation"] == "relu":
            return self.instead("root mean square", **case)

    @mistake
    def mean_square(self, right, **case):
        """Those are mean squares. Take the mean away first, and the root in the end: the standard
        deviation is asked for."""
        return self.instead("mean square", **case)

    @mistake
    def per_unit(self, right, **case):
        """You take each unit's standard deviation over the examples and average. Take one over
        all units and examples together: units that differ from each other are spread, too."""
        if case["activation"] == "relu" or case.get("examples") == 1:
            return self.instead("per unit", **case)

    @mistake
    def per_unit_and_before(self, right, **case):
        """You measure before the activation function, and each unit by itself. One standard
        deviation of what comes out of the activation is asked for, over all units and examples."""
        return self.instead("per unit, before", **case)

    @mistake
    def per_example(self, right, **case):
        """You take each example's standard deviation over the units and average. Take one over all
        units and examples together: a layer of one unit is spread over the examples, too."""
        if 1 in case["widths"]:
            return self.instead("per example", **case)

    @mistake
    def array_for_each_layer(self, right, **case):
        """You give an array for each layer, as when the deviation is taken along one axis. One
        number is asked for, over all units and examples together."""
        shown = {"entries": "an array for each layer"}
        if case["activation"] == "relu" or case.get("examples") == 1:
            shown |= self.instead("per unit", **case)
        return shown

    @mistake
    def means(self, right, **case):
        """Those are the means of the activations. How far they spread is asked for."""
        return self.instead("mean", **case)

    @mistake
    def mean_sizes(self, right, **case):
        """Your numbers are as large as the means of the activations' sizes. Their standard
        deviation is asked for."""
        return self.instead("size", **case)

    @mistake
    def rounded(self, right, **case):
        """Your numbers are rounded to a few decimals. Where activations fade layer by layer nothing
        but 0 is left of them then: leave them as they are."""
        if case["kind"] == "small":
            return {"digits": "a few decimals"}

    @mistake
    def input_included(self, right, **case):
        """You have one number too many: the first is that of the input, which is not a layer."""
        return {"stds": np.concatenate([[1.0], right["stds"]])}

    @mistake
    def input_for_last_layer(self, right, **case):
        """Your first number is that of the input, and the last layer is missing: you measure before
        a layer and not behind it. Each number belongs to what comes out of a layer."""
        return {"stds": np.concatenate([[1.0], right["stds"][:-1]])}

    @mistake
    def input_included_in_mean_squares(self, right, **case):
        """You have one number too many, the first, for the input, and yours are squares: variances,
        or mean squares. The standard deviation of each layer's activations is asked for."""
        squares = self.instead("mean square", **case).get("stds", right["stds"])
        return {"stds": np.concatenate([[1.0], squares])}

    @mistake
    def last_layer_left_out(self, right, **case):
        """You have one number too few: the last layer is missing. There is one layer less than
        there are widths."""
        return {"stds": right["stds"][:-1]}

    @mistake
    def one_layer_too_few(self, right, **case):
        """Your loop ends a layer too early, so you have one number too few. There is one layer less
        than there are widths."""
        return {"stds": right["stds"][:-1], "drawn from rng": "fewer weights than there are"}

    @mistake
    def first_layer_left_out(self, right, **case):
        """You have one number too few: the first layer is missing. It leads from the input to the
        first units."""
        return {"stds": right["stds"][1:]}

    @mistake
    def from_the_last_layer_to_the_first(self, right, **case):
        """Your numbers run from the last layer to the first. They come in the order of the
        layers."""
        return {"stds": right["stds"][::-1]}

    @mistake
    def last_layer_alone(self, right, **case):
        """You have one number, that of the last layer. Collect one for each layer."""
        return {"stds": right["stds"][-1:]}

    # What the layers do.

    @mistake
    def activation_ignored(self, right, **case):
        """Where "relu" is asked for your net is a tanh net, as where the argument is not read."""
        if case["activation"] == "relu":
            return self.instead("std", **{**case, "activation": "tanh"}, of=case["activation"])

    @mistake
    def relu_always(self, right, **case):
        """Where "tanh" is asked for your net is a ReLU net, as where the argument is not read."""
        if case["activation"] == "tanh":
            return self.instead("std", **{**case, "activation": "relu"}, of=case["activation"])

    @mistake
    def activations_swapped(self, right, **case):
        """Your tanh net is a ReLU net, and the other way round."""
        other = {"tanh": "relu", "relu": "tanh"}[case["activation"]]
        return self.instead("std", **{**case, "activation": other}, of=case["activation"])

    @mistake
    def activations_swapped_and_root_mean_square(self, right, **case):
        """Two things: your tanh net is a ReLU net, and the other way round; and you take the root
        of the mean square, where the standard deviation is taken about the mean."""
        other = {"tanh": "relu", "relu": "tanh"}[case["activation"]]
        how = {**case, "activation": other}
        return self.instead("root mean square", **how, of=case["activation"])

    @mistake
    def tanh_left_out(self, right, **case):
        """Your tanh nets have no activation function. Is "tanh" spelled like this in your code?"""
        if case["activation"] == "tanh":
            return self.instead("std", **{**case, "activation": "linear"}, of=case["activation"])

    @mistake
    def relu_left_out(self, right, **case):
        """Your ReLU nets have no activation function. Is "relu" spelled like this in your code?"""
        if case["activation"] == "relu":
            return self.instead("std", **{**case, "activation": "linear"}, of=case["activation"])

    @mistake
    def no_activation(self, right, **case):
        """Your nets have no activation function at all. It comes after every layer."""
        return self.instead("std", **{**case, "activation": "linear"}, of=case["activation"])

    @mistake
    def size_for_relu(self, right, **case):
        """Your ReLU turns negative numbers into positive ones. It is to make them 0."""
        if case["activation"] == "relu":
            return self.instead("std", **{**case, "activation": "size"}, of=case["activation"])

    @mistake
    def leaky_relu(self, right, **case):
        """Your ReLU lets a little of negative numbers through, as a leaky one does. It is to make
        them 0: behind enough layers of a single unit nothing of the input is left."""
        if "behind many" in right:
            return {"behind many": "something"}

    @mistake
    def sigmoid_for_tanh(self, right, **case):
        """Your tanh is a sigmoid: it lies between 0 and 1, and tanh between −1 and 1."""
        if case["activation"] == "tanh":
            return self.instead("std", **{**case, "activation": "sigmoid"}, of=case["activation"])

    @mistake
    def last_without_activation(self, right, **case):
        """Your last layer has no activation function. It comes after every layer here."""
        shown = self.instead("before", **case)
        return shown and {"stds": np.append(right["stds"][:-1], shown["stds"][-1])}

    @mistake
    def activation_not_passed_on(self, right, **case):
        """You measure the activations and go on with what was before them, so your net is linear.
        What comes out of the activation goes into the next layer."""
        return self.instead("std", **case, goes_on="z")

    @mistake
    def normalised_on_the_way(self, right, **case):
        """You divide each layer's output by its standard deviation before it goes on. Pass on what
        the activation gives: that it fades or grows is to be seen."""
        return self.instead("std", **case, goes_on="h / std")

    @mistake
    def fresh_noise_for_each_layer(self, right, **case):
        """Every layer of yours gets new noise. It is to get what the layer below gives; only the
        first one gets noise."""
        rows = round(right["rows of the input"])
        more = rows * sum(case["widths"][1:-1])
        return self.with_other_draws(right, case, more, fresh=True)

    @mistake
    def with_biases(self, right, **case):
        """Your layers have random biases. There are none here: they add a spread of their own to
        signals that fade."""
        return self.with_other_draws(right, case, sum(case["widths"][1:]), biases=0.1)

    # What is drawn.

    @mistake
    def kind_ignored(self, right, **case):
        """Where another kind is asked for your weights are He's, as where `kind` is not read."""
        if case["kind"] != "he":
            return self.instead("std", **{**case, "kind": "he"}, drawn=case["kind"])

    @mistake
    def kind_by_the_activation(self, right, **case):
        """You choose the kind of weights by the activation, Xavier's for tanh and He's for ReLU,
        whatever `kind` says."""
        kind = "he" if case["activation"] == "relu" else "xavier_normal"
        if spread_of(kind, 80, 90) != spread_of(case["kind"], 80, 90):
            return self.instead("std", **{**case, "kind": kind}, drawn=case["kind"])

    @mistake
    def xavier_always(self, right, **case):
        """Where another kind is asked for your weights are Xavier's, as where `kind` is not read.
        """
        if not case["kind"].startswith("xavier"):
            return self.instead("std", **{**case, "kind": "xavier_normal"}, drawn=case["kind"])

    @mistake
    def fans_exchanged(self, right, **case):
        """You draw each layer's weights with n_in and n_out exchanged and turn them to fit. He's
        formula then divides by the wrong fan: what comes in comes first."""
        if case["kind"] == "he" and len(set(case["widths"])) > 1:
            return self.instead("std", **case, turned=True)

    @mistake
    def uniform_input(self, right, **case):
        """Your input is uniform between 0 and 1. It is to be drawn from N(0, 1)."""
        return self.instead("std", **case, start="uniform")

    @mistake
    def uniform_input_about_zero(self, right, **case):
        """The squares of your input are about 1/3 in the mean, as where it is uniform between −1
        and 1. It is to be drawn from N(0, 1)."""
        return self.instead("std", **case, start="uniform about 0")

    def with_the_input(self, case, start, spread, kept):
        """What another input shows where its own spread stands first, before those `kept`."""
        found = self.instead("std", **case, start=start).get("stds", self.right(**case)[0])
        return {"stds": np.concatenate([[spread], found[kept]])}

    @mistake
    def uniform_input_for_last_layer(self, right, **case):
        """Two things: your input is uniform between 0 and 1, where it is to be drawn from N(0, 1);
        and your first number is that of the input, while the last layer is missing."""
        return self.with_the_input(case, "uniform", 12**-0.5, slice(-1))

    @mistake
    def uniform_input_included(self, right, **case):
        """Two things: your input is uniform between 0 and 1, where it is to be drawn from N(0, 1);
        and you have one number too many, the first, which is that of the input."""
        return self.with_the_input(case, "uniform", 12**-0.5, slice(None))

    @mistake
    def examples_ignored(self, right, **case):
        """Your input has 200 rows whatever `examples` says."""
        return {"rows of the input": float(EXAMPLES)}

    @mistake
    def hundred_examples_by_default(self, right, **case):
        """Where no `examples` is given your input has 100 rows. The default is 200."""
        if "examples" not in case:
            return {"rows of the input": 100.0}

    @mistake
    def thousand_examples_by_default(self, right, **case):
        """Where no `examples` is given your input has 1000 rows. The default is 200."""
        if "examples" not in case:
            return {"rows of the input": 1000.0}

    @mistake
    def same_weights_again(self, right, **case):
        """You use one set of weights for all layers. Each layer draws its own: move the drawing
        into the loop."""
        return self.wrong_size(right, case) or {"drawn from rng": "fewer weights than there are"}

    @mistake
    def layers_share_weights(self, right, **case):
        """Layers of one size share their weights. Each layer is to draw its own."""
        if len(set(case["widths"])) == 1:
            return {"drawn from rng": "fewer weights than there are"}

    @mistake
    def weights_not_from_rng(self, right, **case):
        """Your weights are not drawn from `rng`, as when each layer makes a generator of its own.
        With one seed for all of these, layers of one size get the same weights. Pass `rng` on."""
        return {"drawn from rng": "the input alone"}

    @mistake
    def input_not_from_rng(self, right, **case):
        """Your input is not drawn from `rng`, so nobody can repeat your run. Draw input and weights
        from the generator that is passed in."""
        return {"drawn from rng": "the weights alone"}

    @mistake
    def each_layer_sees_the_input(self, right, **case):
        """A layer's weights do not go with what it is fed with. Layer 2 is fed with what layer 1
        gave: is the result put back into the variable that the loop starts from? And are the two
        widths of a layer in the right order?"""
        same = np.repeat(right["stds"][:1], len(right["stds"]))
        return self.wrong_size(right, case) or {"stds": same}

    def wrong_size(self, right, case):
        """What a layer of another width makes of it."""
        if len(set(case["widths"])) > 1:
            return dict.fromkeys(right, raises("ValueError"))

    @mistake
    def returns_nothing(self, right, **case):
        """You return nothing. The standard deviations are to be returned, one for each layer."""
        return dict.fromkeys(right, raises("TypeError", "'NoneType' object is not iterable"))
