"""The questions of notebook 09: three about earlier notebooks, two about stacks of convolutions."""

from autograder.exercise import Case, Question, mistake


class q09_linear(Question):
    """What a ReLU between two layers is for (notebook 02)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, channels=int(rng.choice([16, 32, 64])))

    def text(self, channels):
        return f"""**From notebook 02.** Two 3×3 convolutions with {channels} channels follow each
other, with nothing between them and no padding. What can they compute together?

- **a** exactly what one 3×3 convolution can
- **b** nothing that one 5×5 convolution cannot
- **c** more than any single convolution, since there are two layers
- **d** products of pixels, since two weights are multiplied
"""

    def reference(self, channels):
        return {"answer": "b"}

    @mistake
    def stays_three(self, right, **numbers):
        """The second one sees neighbours of neighbours: together they reach two pixels each
        way."""
        return {"answer": "a"}

    @mistake
    def depth_alone(self, right, **numbers):
        """A linear map of a linear map is one linear map. What depth adds, it adds by what stands
        between."""
        return {"answer": "c"}

    @mistake
    def products(self, right, **numbers):
        """Weights are multiplied with each other, pixels are not: in the pixels it stays linear."""
        return {"answer": "d"}


class q09_fan_in(Question):
    """How many inputs a unit of a convolution has (notebook 04)."""

    extra = True

    def cases(self, rng):
        c, d = (int(n) for n in rng.choice([8, 16, 32, 64], 2, replace=False))
        yield Case("answer", 1, c=c, d=d)

    def text(self, c, d):
        return f"""**From notebook 04.** A 3×3 convolution takes {c} channels to {d}. The
initialisation of He (2015) uses the variance 2 / fan-in. Which number is that here?

- **a** 2 / {c}
- **b** 2 / {9 * d}
- **c** 2 / {9 * c * d}
- **d** 2 / {9 * c}
"""

    def reference(self, c, d):
        return {"answer": "d"}

    @mistake
    def no_area(self, right, **numbers):
        """A unit has nine weights for each channel of the input, not one."""
        return {"answer": "a"}

    @mistake
    def fan_out(self, right, **numbers):
        """That is the fan-out: how many outputs one input goes into."""
        return {"answer": "b"}

    @mistake
    def all_weights(self, right, **numbers):
        """Those are all weights of the layer. One unit has one filter."""
        return {"answer": "c"}


class q09_bias(Question):
    """What batch norm does with a bias in front of it (notebook 06)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, channels=int(rng.choice([64, 128, 256])))

    def text(self, channels):
        return f"""**From notebook 06.** Batch norm directly follows a convolution with
{channels} filters. What changes in training if you leave out the convolution's biases?

- **a** nothing: the batch's mean is subtracted anyway, and β is a bias
- **b** every channel is left with mean 0
- **c** the net loses {channels} degrees of freedom that γ cannot give back
- **d** the running mean is no longer needed
"""

    def reference(self, channels):
        return {"answer": "a"}

    @mistake
    def mean_zero(self, right, **numbers):
        """Batch norm's β sets the mean of each channel, whatever came before."""
        return {"answer": "b"}

    @mistake
    def freedom_lost(self, right, **numbers):
        """γ cannot, but β can: it is one number for each channel, as the bias was."""
        return {"answer": "c"}

    @mistake
    def no_running_mean(self, right, **numbers):
        """Without a bias a filter's answers still have a mean, and test mode subtracts the running
        one."""
        return {"answer": "d"}


class q09_stack(Question):
    """One 7×7 against three 3×3."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, C=int(rng.choice([16, 32, 128])))

    def text(self, C):
        return f"""A layer of 7×7 from {C} channels to {C} is replaced by three of 3×3 from {C} to
{C}, each with its ReLU. Which of these is **not** an advantage of the three?

- **a** they have {27 * C * C:,} weights instead of {49 * C * C:,}
- **b** an output sees a larger part of the image
- **c** there are three ReLUs instead of one
- **d** they take 27/49 of the multiplications
"""

    def reference(self, C):
        return {"answer": "b"}

    @mistake
    def weights(self, right, **numbers):
        """They do: 3 · 9C² = 27C² against 49C²."""
        return {"answer": "a"}

    @mistake
    def nonlinear(self, right, **numbers):
        """It is one: more bends for fewer weights."""
        return {"answer": "c"}

    @mistake
    def products(self, right, **numbers):
        """They do: each weight is used once for every output position, and the sizes are kept."""
        return {"answer": "d"}


class q09_memory(Question):
    """What three layers in place of one cost."""

    extra = True

    def cases(self, rng):
        # Not as many values as q09_stack's 7×7 has weights.
        side, C = [(28, 32), (56, 32), (56, 64)][rng.integers(3)]
        yield Case("answer", 1, side=side, C=C)

    def text(self, side, C):
        return f"""And what do the three 3×3 layers cost in memory? Input and output of every
layer are {side}×{side} with {C} channels, and each ReLU overwrites its input. For the backward pass
both stacks keep the input of their first layer, which we do not count. Besides that input the
single 7×7 keeps the {side * side * C:,} values of its output. How many values do the three 3×3
layers keep besides it?

- **a** as many: the last output is what counts
- **b** 27/49 as many
- **c** three times as many
- **d** nine times as many
"""

    def reference(self, side, C):
        return {"answer": "c"}

    @mistake
    def last_alone(self, right, **numbers):
        """The backward pass needs the input of every layer, so the outputs of the first two are
        kept as well."""
        return {"answer": "a"}

    @mistake
    def as_weights(self, right, **numbers):
        """Those are the weights. Activations go by the number of maps."""
        return {"answer": "b"}

    @mistake
    def by_kernel(self, right, **numbers):
        """A kernel's size does not multiply what it leaves: each of the three leaves one output of
        the same size."""
        return {"answer": "d"}
