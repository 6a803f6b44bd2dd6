"""The questions of notebook 10: three about earlier notebooks, two about convolution itself."""

from autograder.exercise import Case, Question, mistake


class q10_size(Question):
    """How large the output of a convolution is (notebook 09)."""

    extra = True

    def cases(self, rng):
        kernel, steps = 5, int(rng.choice([6, 9, 12]))
        # Padding 1, stride 3, and a rest of 1: all four answers differ.
        yield Case("answer", 1, side=3 * steps + kernel - 2 + 1, kernel=kernel, steps=steps)

    def text(self, side, kernel, steps):
        return f"""**From notebook 09.** A picture with {side} columns goes through a convolution
with kernel width {kernel}, stride 3 and padding 1 (on both sides). How many columns does the output
have?

- **a** {steps}
- **b** {steps + 1}
- **c** {steps + 2}
- **d** {side}
"""

    def reference(self, **numbers):
        return {"answer": "b"}

    @mistake
    def one_too_few(self, right, **numbers):
        """A kernel as wide as the padded picture would have one place, not none: the formula ends
        in + 1."""
        return {"answer": "a"}

    @mistake
    def rounded_up(self, right, **numbers):
        """There is a rest of one column. Sizes are rounded down, so it is left out."""
        return {"answer": "c"}

    @mistake
    def kept(self, right, **numbers):
        """The size is kept with stride 1 and padding (kernel − 1) / 2. Here the stride is 3."""
        return {"answer": "d"}


class q10_shared(Question):
    """What a number that is used several times gets as its gradient (notebook 01)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, batch=int(rng.choice([16, 32, 64])), rows=5, columns=7)

    def text(self, batch, rows, columns):
        return f"""**From notebook 01.** In an affine layer the bias of an output is the same in all
{batch} examples of a batch. Now the same single number is added at each of {rows}×{columns} places,
in each of the {batch} examples. What is its gradient, given the gradient `dout` at all these
places?

- **a** the mean of dout over the {batch * rows * columns} places
- **b** dout at one of them: it is the same number everywhere
- **c** the sum of dout over the {batch * rows * columns} places
- **d** the sum over the {batch} examples, for each of the {rows}×{columns} places
"""

    def reference(self, **numbers):
        return {"answer": "c"}

    @mistake
    def averaged(self, right, **numbers):
        """Nudge the bias: every one of the places moves, and each adds its own dout to the change
        of the loss. Nothing divides."""
        return {"answer": "a"}

    @mistake
    def one_of_them(self, right, **numbers):
        """The bias is the same everywhere; dout is not. All places contribute."""
        return {"answer": "b"}

    @mistake
    def one_per_place(self, right, **numbers):
        """That is one number a place. There is only one bias, so it gets one number."""
        return {"answer": "d"}


class q10_norm(Question):
    """What batch norm for images averages over (notebook 06)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, n=int(rng.choice([4, 8])), c=6, height=5, width=7)

    def text(self, n, c, height, width):
        return f"""**From notebook 06.** Batch norm for images gets a batch of shape
{n}×{c}×{height}×{width} (N×C×H×W) in training mode. How many means does it compute, and over how
many values each?

- **a** {c} means over {n * height * width} values each
- **b** {c * height * width} means over {n} values each
- **c** {n} means over {c * height * width} values each
- **d** {n * c} means over {height * width} values each
"""

    def reference(self, **numbers):
        return {"answer": "a"}

    @mistake
    def each_pixel(self, right, **numbers):
        """That treats each pixel as a feature of its own. The same filter looks at all pixels, so
        they are examples of one feature."""
        return {"answer": "b"}

    @mistake
    def each_example(self, right, **numbers):
        """One mean an example, over all of it, is layer norm."""
        return {"answer": "c"}

    @mistake
    def each_map(self, right, **numbers):
        """One mean for each map of each example is instance norm, with nothing of the batch in
        it."""
        return {"answer": "d"}


class q10_order(Question):
    """Whether ReLU and pooling may change places."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, side=int(rng.choice([8, 16, 28])))

    def text(self, side):
        return f"""A convolution is followed by a ReLU and a 2×2 max pooling with stride 2,
on maps of {side}×{side}. Somebody puts the pooling **before** the ReLU. What changes?

- **a** the outputs: negative maxima get through
- **b** nothing in the outputs; the ReLU has {side * side * 3 // 4} fewer values per map to compute
- **c** nothing in the outputs and nothing in the work
- **d** the outputs, unless all maps are positive
"""

    def reference(self, side):
        return {"answer": "b"}

    @mistake
    def negatives_get_through(self, right, side):
        """The ReLU still comes, only later: it cuts a negative maximum then. max(0, max(a, b)) is
        max(max(0, a), max(0, b))."""
        return {"answer": "a"}

    @mistake
    def same_work(self, right, side):
        """Count the values that reach the ReLU: behind the pooling a quarter is left."""
        return {"answer": "c"}

    @mistake
    def only_for_positive_maps(self, right, side):
        """Try the window (−3, −1, −2, −5): both orders give 0. ReLU never changes which of two
        values is the larger one, so it may wait. (With average pooling it may not.)"""
        return {"answer": "d"}


class q10_flip(Question):
    """What a library that turns its kernels would change."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, size=int(rng.choice([3, 5, 7])))

    def text(self, size):
        return f"""A library turns the kernels by 180°, in the forward and in the backward
pass. With this library you train a net of {size}×{size} filters, from random initial weights.
Compared with cross-correlation, what do you find?

- **a** it learns equally well; the learned filters are turned by 180°
- **b** it learns worse: turned filters do not match the pictures
- **c** it learns the same filters, number by number
- **d** the gradients are wrong, because cross-correlation is not its own transpose
"""

    def reference(self, size):
        return {"answer": "a"}

    @mistake
    def learns_worse(self, right, size):
        """Learning finds the filter whose turned form matches. The first weights are random, and a
        turned random filter is as random as before."""
        return {"answer": "b"}

    @mistake
    def same_filters(self, right, size):
        """The same output asks for a kernel that is turned, so the numbers stand in the opposite
        order. It matters when weights move from one library to the other."""
        return {"answer": "c"}

    @mistake
    def wrong_gradients(self, right, size):
        """Forward and backward both turn the kernel, so the gradients belong to what is
        computed."""
        return {"answer": "d"}
