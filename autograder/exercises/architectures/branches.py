"""Exercise of notebook 09: a kernel in two parts. Branches side by side are in `inception`.

What blocks share, and how they are compared, is in `blocks`.
"""

from torch import nn

from autograder.exercise import Case, mistake
from autograder.exercises.architectures.blocks import Block, Flow, image


class Factorized(Block):
    """1×n, then n×1, in place of n×n."""

    signature = "Factorized(C, n, between=None)"
    minutes = 6
    difficulty = 1
    extra = True
    hints = (
        "A kernel may be a pair, height first: which of 1×n and n×1 is (1, n)?",
        "So may the padding. Each layer needs it along the axis on which its kernel is long.",
    )

    def cases(self, rng):
        yield Case("1×3 and 3×1", 1, C=4, n=3, between=None, x=image(rng, 2, 4, 6, 5))
        yield Case("1×7 and 7×1", 1, C=5, n=7, between=None, x=image(rng, 1, 5, 9, 8))
        yield Case("more channels between", 1, C=2, n=5, between=10, x=image(rng, 2, 2, 7, 6))

    def observe(self, code, C, n, between, x):
        import torch

        from course_utils.recipes import architectures

        options = {} if between is None else {"between": between}

        def build(bare=False):
            block = code.Factorized(C, n, **options)
            for layer in block.modules() if bare else ():
                if isinstance(layer, torch.nn.Conv2d):
                    layer.bias = None
            return block

        seen = architectures.examine(build, x)
        return seen | {"out without biases": architectures.examine(lambda: build(True), x)["out"]}

    def build(self, C, n, between, tall_first=False, bias=False, relu=False, pads=None,
              groups=(1, 1), default=None, norm=False, side_by_side=False, last_relu=False,
              cut=False):  # fmt: skip
        m = between or default or C
        pads = pads or [(0, n // 2), (n // 2, 0)]
        biases = bias if isinstance(bias, tuple) else (bias, bias)
        shapes = [(1, n), (n, 1)]
        if tall_first:
            shapes, pads = shapes[::-1], pads[::-1]
        m = C if side_by_side else m
        ends = (C, C) if side_by_side else (C, m)
        first, second = (
            nn.Conv2d(a, b, shape, padding=pad, bias=bias, groups=apart)
            for a, b, shape, pad, bias, apart in zip(
                ends, (m, C), shapes, pads, biases, groups, strict=True)
        )  # fmt: skip
        if side_by_side:
            return Flow(lambda self, x: self.first(x) + self.second(x), first=first, second=second)
        if cut:
            both = lambda self, x: self.second(self.first(x))[..., : x.shape[2], : x.shape[3]]
            return Flow(both, first=first, second=second)
        between = [nn.BatchNorm2d(m)] if norm else []
        between += [nn.ReLU()] if relu else []
        return nn.Sequential(first, *between, second, *([nn.ReLU()] if last_relu else []))

    @mistake
    def tall_one_first(self, right, x, **inputs):
        """Your tall kernel comes first. The first is 1×n: one row high, n columns wide."""
        return self.changed(x, inputs, tall_first=True)

    @mistake
    def biases(self, right, x, **inputs):
        """Your convolutions have biases; 2nC² is counted without."""
        return self.changed(x, inputs, bias=True)

    @mistake
    def bias_on_the_first(self, right, x, **inputs):
        """Your first convolution has a bias. Neither of the two has one."""
        return self.changed(x, inputs, bias=(True, False))

    @mistake
    def bias_on_the_second(self, right, x, **inputs):
        """Your second convolution has a bias. Neither of the two has one."""
        return self.changed(x, inputs, bias=(False, True))

    @mistake
    def relu_behind_both(self, right, x, **inputs):
        """There is a ReLU behind your second convolution, too. The two together should be one
        linear map, with nothing between them or behind."""
        return self.changed(x, inputs, relu=True, last_relu=True)

    @mistake
    def relu_at_the_end(self, right, x, **inputs):
        """Your block ends with a ReLU. The two together should be one linear map, with nothing
        between them or behind."""
        return self.changed(x, inputs, last_relu=True)

    @mistake
    def norm_between(self, right, x, **inputs):
        """There is a batch norm between your two. They should follow each other directly: one
        linear map."""
        return self.changed(x, inputs, norm=True)

    @mistake
    def norm_between_and_biases(self, right, x, **inputs):
        """There is a batch norm between your two, which should follow each other directly: one
        linear map. And they have biases; 2nC² is counted without."""
        return self.changed(x, inputs, norm=True, bias=True)

    @mistake
    def norm_and_relu_between(self, right, x, **inputs):
        """There are a batch norm and a ReLU between your two. They should follow each other
        directly: one linear map."""
        return self.changed(x, inputs, norm=True, relu=True)

    @mistake
    def relu_between_and_biases(self, right, x, **inputs):
        """There is a ReLU between your two, which should be one linear map together. And they have
        biases, which nn.Conv2d gives unasked; 2nC² is counted without."""
        return self.changed(x, inputs, relu=True, bias=True)

    @mistake
    def relu_behind_both_and_biases(self, right, x, **inputs):
        """There is a ReLU behind each of your two, which should be one linear map together. And
        they have biases, which nn.Conv2d gives unasked; 2nC² is counted without."""
        return self.changed(x, inputs, relu=True, last_relu=True, bias=True)

    @mistake
    def norm_and_relu_between_and_biases(self, right, x, **inputs):
        """There are a batch norm and a ReLU between your two, which should be one linear map
        together. And they have biases, which nn.Conv2d gives unasked; 2nC² is counted without."""
        return self.changed(x, inputs, norm=True, relu=True, bias=True)

    @mistake
    def side_by_side(self, right, x, **inputs):
        """Your two stand side by side, and their outputs are added. They follow each other: the
        tall one reads what the flat one gives."""
        return self.changed(x, inputs, side_by_side=True)

    @mistake
    def half_between(self, right, x, **inputs):
        """Without `between` you put C // 2 channels between the two. There are C of them then."""
        return self.changed(x, inputs, default=inputs["C"] // 2)

    @mistake
    def one_between(self, right, x, **inputs):
        """Without `between` you put a single channel between the two. There are C of them then."""
        return self.changed(x, inputs, default=1)

    @mistake
    def padded_all_round_and_cut(self, right, x, **inputs):
        """You pad both kernels on all sides and cut what is too much at the bottom and on the
        right, so your output is moved. A 1×n kernel needs padding to its left and right only, an
        n×1 kernel above and below."""
        return self.changed(x, inputs, pads=[inputs["n"] // 2] * 2, cut=True)

    @mistake
    def padded_by_one(self, right, x, **inputs):
        """Your padding is 1 whatever n is, which keeps the size for n = 3 only. Along its long axis
        each kernel needs half of its length."""
        return self.changed(x, inputs, pads=[(0, 1), (1, 0)])

    @mistake
    def padded_by_three(self, right, x, **inputs):
        """Your padding is 3 whatever n is, which keeps the size for n = 7 only. Along its long axis
        each kernel needs half of its length."""
        return self.changed(x, inputs, pads=[(0, 3), (3, 0)])

    @mistake
    def padded_by_two(self, right, x, **inputs):
        """Your padding is 2 whatever n is, which keeps the size for n = 5 only. Along its long axis
        each kernel needs half of its length."""
        return self.changed(x, inputs, pads=[(0, 2), (2, 0)])

    @mistake
    def relu_between(self, right, x, **inputs):
        """There is a ReLU between your two. That makes a fine block (Inception has one there), but
        no factorization: the two together should be one linear map."""
        return self.changed(x, inputs, relu=True)

    @mistake
    def padded_all_round(self, right, x, **inputs):
        """Your output is larger than the input. A 1×n kernel needs padding to its left and right,
        none above and below."""
        return self.changed(x, inputs, pads=[inputs["n"] // 2] * 2)

    @mistake
    def paddings_exchanged(self, right, x, **inputs):
        """Your paddings are exchanged: the size is right, but the flat kernel gets rows of zeros
        above and below, where it does not reach, and none to its left and right."""
        n = inputs["n"]
        return self.changed(x, inputs, pads=[(n // 2, 0), (0, n // 2)])

    @mistake
    def not_padded(self, right, x, **inputs):
        """Your output is smaller than the input: each of the two needs padding along its long
        axis."""
        return self.changed(x, inputs, pads=[(0, 0), (0, 0)])

    @mistake
    def between_ignored(self, right, x, **inputs):
        """Between your two there are always C channels, whatever `between` says."""
        if inputs["between"]:
            return self.changed(x, inputs | {"between": None})

    @mistake
    def channels_apart(self, right, x, **inputs):
        """Your kernels have one channel each (groups). That saves much more, and is another layer:
        channels no longer mix."""
        return self.changed(x, inputs, groups=(inputs["C"],) * 2)

    @mistake
    def channels_apart_in_the_flat_one(self, right, x, **inputs):
        """Your flat kernels have one channel each (groups), so channels mix in the tall ones only.
        Both see all channels."""
        return self.changed(x, inputs, groups=(inputs["C"], 1))
