"""Exercises of notebook 09: a kernel in two parts, and branches side by side.

What blocks share, and how they are compared, is in `architectures_blocks`.
"""

import torch
from torch import nn

from autograder.exercise import Case, mistake, raises
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
        yield Case("1×7 and 7×1", 1, C=3, n=7, between=None, x=image(rng, 1, 3, 9, 8))
        yield Case("more channels between", 1, C=2, n=5, between=10, x=image(rng, 2, 2, 7, 6))

    def observe(self, code, C, n, between, x):
        from course_utils.recipes import architectures

        options = {} if between is None else {"between": between}
        return architectures.examine(lambda: code.Factorized(C, n, **options), x)

    def build(self, C, n, between, tall_first=False, bias=False, relu=False, pads=None, groups=1):
        m = between or C
        pads = pads or [(0, n // 2), (n // 2, 0)]
        shapes = [(1, n), (n, 1)]
        if tall_first:
            shapes, pads = shapes[::-1], pads[::-1]
        first, second = (
            nn.Conv2d(a, b, shape, padding=pad, bias=bias, groups=groups)
            for a, b, shape, pad in zip((C, m), (m, C), shapes, pads, strict=True)
        )
        return nn.Sequential(first, nn.ReLU() if relu else nn.Identity(), second)

    @mistake
    def tall_one_first(self, right, x, **inputs):
        """Your tall kernel comes first. The first is 1×n: one row high, n columns wide."""
        return self.changed(x, inputs, tall_first=True)

    @mistake
    def biases(self, right, x, **inputs):
        """Your convolutions have biases; 2nC² is counted without."""
        return self.changed(x, inputs, bias=True)

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
        return self.changed(x, inputs, groups=inputs["C"])


class Inception(Block):
    """Four branches side by side, joined along the channels (GoogLeNet, Szegedy 2014)."""

    signature = "Inception(c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool)"
    minutes = 12
    difficulty = 2
    extra = True
    in_order = False
    hints = (
        "Build the four branches as four attributes; forward is one line that joins their outputs. "
        "Along which axis?",
        "All four must leave the same height and width: choose each padding so. The pooling slides "
        "by 1.",
        "Each of the six convolutions is followed by a ReLU, the reductions too.",
    )

    def cases(self, rng):
        sizes = ("c_in", "c1", "c3_reduce", "c3", "c5_reduce", "c5", "c_pool")

        def case(name, points, row, x):
            return Case(name, points, sizes=dict(zip(sizes, row, strict=True)), x=x)

        yield case("six channels in", 2, (6, 4, 3, 5, 2, 7, 8), image(rng, 2, 6, 6, 7) + 0.2)
        yield case("all below zero", 1, (5, 3, 2, 6, 4, 1, 7), -abs(image(rng, 1, 5, 5, 4)) - 0.5)
        yield case("GoogLeNet's first, small image", 1, (192, 64, 96, 128, 16, 32, 33),
                   image(rng, 1, 192, 3, 4))  # fmt: skip

    def observe(self, code, sizes, x):
        from course_utils.recipes import architectures

        return architectures.examine(lambda: code.Inception(**sizes), x, in_order=False)

    def build(self, sizes, change=""):
        c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool = sizes.values()
        bias = change != "no bias"
        five, pad = (3, 1) if change == "3 for 5" else (5, 2)

        def conv(a, b, k=1, padding=0):
            relu = change != "no relu" and not (change == "reductions bare" and b in (
                c3_reduce, c5_reduce) and k == 1 and a == c_in)  # fmt: skip
            layer = nn.Conv2d(a, b, k, padding=padding, bias=bias)
            return nn.Sequential(layer, nn.ReLU()) if relu else layer

        pool = nn.AvgPool2d if change == "average" else nn.MaxPool2d
        wide = change == "no reductions"
        branches = {
            "one": conv(c_in, c1),
            "three": conv(c_in, c3, 3, 1) if wide else nn.Sequential(
                conv(c_in, c3_reduce), conv(c3_reduce, c3, 3, 1)),
            "five": conv(c_in, c5, 5, 2) if wide else nn.Sequential(
                conv(c_in, c5_reduce), conv(c5_reduce, c5, five, pad)),
            "pooled": nn.Sequential(pool(3, 1, padding=1), conv(c_in, c_pool)),
        }  # fmt: skip
        if change == "projected first":
            branches["pooled"] = nn.Sequential(conv(c_in, c_pool), pool(3, 1, padding=1))
        if change == "pool bare":
            branches["pooled"] = pool(3, 1, padding=1)
        names = list(branches)
        if change == "pool first":
            names = names[-1:] + names[:-1]

        def forward(self, x):
            return torch.cat([getattr(self, name)(x) for name in names], 1)

        return Flow(forward, **branches)

    @mistake
    def no_reductions(self, right, x, sizes):
        """Your large kernels work on all input channels. The 1×1 in front of them is what makes the
        block affordable."""
        return self.changed(x, {"sizes": sizes}, change="no reductions")

    @mistake
    def reductions_without_relu(self, right, x, sizes):
        """There is no ReLU behind your reductions, so a reduction and the kernel after it are one
        linear map."""
        return self.changed(x, {"sizes": sizes}, change="reductions bare")

    @mistake
    def no_relu(self, right, x, sizes):
        """Your block has no ReLU. Each of its convolutions is followed by one."""
        return self.changed(x, {"sizes": sizes}, change="no relu")

    @mistake
    def projection_before_the_pool(self, right, x, sizes):
        """Your fourth branch convolves and then pools. It is the other way round: the pool, then
        the 1×1 that limits its channels."""
        return self.changed(x, {"sizes": sizes}, change="projected first")

    @mistake
    def pool_not_projected(self, right, x, sizes):
        """Your pooling branch passes all its channels on, so the output would grow from block to
        block by its whole input. It ends with a 1×1."""
        return self.changed(x, {"sizes": sizes}, change="pool bare")

    @mistake
    def average_pool(self, right, x, sizes):
        """Your fourth branch takes the mean of each window. GoogLeNet's takes the maximum."""
        return self.changed(x, {"sizes": sizes}, change="average")

    @mistake
    def three_for_five(self, right, x, sizes):
        """Your third branch has a 3×3 kernel (so does torchvision's GoogLeNet, a slip it keeps for
        the sake of its weights). The paper has 5×5."""
        return self.changed(x, {"sizes": sizes}, change="3 for 5")

    @mistake
    def no_biases(self, right, x, sizes):
        """Your convolutions have no biases. There is no batch norm behind them here, so they need
        their own."""
        return self.changed(x, {"sizes": sizes}, change="no bias")

    @mistake
    def other_order(self, right, x, sizes):
        """Your branches are joined in another order. It is 1×1, 3×3, 5×5, pool: what comes next
        goes by the number of the channel."""
        return self.changed(x, {"sizes": sizes}, change="pool first")

    @mistake
    def branches_of_different_sizes(self, right, x, sizes):
        """Your branches cannot be joined: they differ in height and width, or you join along
        another axis than the channels. Each branch must keep the size of the image."""
        return dict.fromkeys(right, raises("RuntimeError", "Sizes of tensors must match"))
