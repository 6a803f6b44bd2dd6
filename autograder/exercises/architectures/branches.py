"""Exercises of notebook 09: a kernel in two parts, and branches side by side.

What blocks share, and how they are compared, is in `blocks`.
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

    def build(self, C, n, between, tall_first=False, bias=False, relu=False, pads=None, groups=1,
              default=None, norm=False, side_by_side=False, last_relu=False):  # fmt: skip
        m = between or default or C
        pads = pads or [(0, n // 2), (n // 2, 0)]
        biases = bias if isinstance(bias, tuple) else (bias, bias)
        shapes = [(1, n), (n, 1)]
        if tall_first:
            shapes, pads = shapes[::-1], pads[::-1]
        m = C if side_by_side else m
        ends = (C, C) if side_by_side else (C, m)
        first, second = (
            nn.Conv2d(a, b, shape, padding=pad, bias=bias, groups=groups)
            for a, b, shape, pad, bias in zip(
                ends, (m, C), shapes, pads, biases, strict=True)
        )  # fmt: skip
        if side_by_side:
            return Flow(lambda self, x: self.first(x) + self.second(x), first=first, second=second)
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
    def norm_and_relu_between(self, right, x, **inputs):
        """There are a batch norm and a ReLU between your two. They should follow each other
        directly: one linear map."""
        return self.changed(x, inputs, norm=True, relu=True)

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
    def padded_by_one(self, right, x, **inputs):
        """Your padding is 1 whatever n is, which keeps the size for n = 3 only. Along its long axis
        each kernel needs half of its length."""
        return self.changed(x, inputs, pads=[(0, 1), (1, 0)])

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
    reads = Block.reads | {
        "layers": "the list of your layers, in the alphabet's order,",
    }
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
        import torch

        from course_utils.recipes import architectures

        def build(bare=False):
            block = code.Inception(*sizes.values())
            for layer in block.modules() if bare else ():
                if isinstance(layer, torch.nn.Conv2d):
                    layer.bias = None
            return block

        seen = architectures.examine(build, x, in_order=False)
        return seen | {"out without biases": architectures.examine(lambda: build(True), x)["out"]}

    def build(self, sizes, change="", without_relu=(), order=("one", "three", "five", "pooled")):
        c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool = sizes.values()
        five, pad = (3, 1) if change == "3 for 5" else (5, 2)

        def conv(name, a, b, k=1, padding=0):
            normed = change == "norm"
            parts = [nn.Conv2d(a, b, k, padding=padding, bias=change != "no bias" and not normed)]
            parts += [nn.BatchNorm2d(b)] if normed else []
            parts += [] if name in without_relu else [nn.ReLU()]
            return nn.Sequential(*parts)

        pool = nn.AvgPool2d(3, 1, 1) if change == "average" else nn.MaxPool2d(3, 1, 1)
        wide = change == "no reductions"
        behind = c3_reduce if change == "five behind three" else c_in
        branches = {
            "one": conv("one", c_in, c1),
            "three": conv("three", c_in if wide else c3_reduce, c3, 3, 1),
            "five": conv("five", c_in if wide else c5_reduce, c5, five, pad),
            "pooled": nn.Sequential(pool, conv("pooled", c_in, c_pool)),
            "reduce3": nn.Identity() if wide else conv("reduce3", c_in, c3_reduce),
            "reduce5": nn.Identity() if wide else conv("reduce5", behind, c5_reduce),
        }
        if change == "projected first":
            branches["pooled"] = nn.Sequential(conv("pooled", c_in, c_pool), pool)
        if change == "pool bare":
            branches["pooled"] = pool

        def forward(self, x):
            reduced = self.reduce3(x)
            fifth = self.reduce5(reduced if change == "five behind three" else x)
            found = {"one": self.one(x), "three": self.three(reduced), "five": self.five(fifth),
                     "pooled": self.pooled(x)}  # fmt: skip
            return torch.cat([found[name] for name in order], 1)

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
        return self.changed(x, {"sizes": sizes}, without_relu=("reduce3", "reduce5"))

    @mistake
    def no_relu(self, right, x, sizes):
        """Your block has no ReLU. Each of its convolutions is followed by one."""
        every = ("one", "three", "five", "pooled", "reduce3", "reduce5")
        return self.changed(x, {"sizes": sizes}, without_relu=every)

    @mistake
    def ends_without_relu(self, right, x, sizes):
        """There is no ReLU behind the last convolution of your branches. Each of the six is
        followed by one."""
        ends = ("one", "three", "five", "pooled")
        return self.changed(x, {"sizes": sizes}, without_relu=ends)

    @mistake
    def first_branch_without_relu(self, right, x, sizes):
        """There is no ReLU in your first branch. Each of the six convolutions is followed by one.
        """
        return self.changed(x, {"sizes": sizes}, without_relu=("one",))

    @mistake
    def last_branch_without_relu(self, right, x, sizes):
        """There is no ReLU in your pooling branch. Each of the six convolutions is followed by one.
        """
        return self.changed(x, {"sizes": sizes}, without_relu=("pooled",))

    @mistake
    def large_kernels_without_relu(self, right, x, sizes):
        """There is no ReLU behind your 3×3 and 5×5. Each of the six convolutions is followed by
        one."""
        return self.changed(x, {"sizes": sizes}, without_relu=("three", "five"))

    @mistake
    def batch_norms(self, right, x, sizes):
        """There is batch norm behind your convolutions, and no bias in them, as in torchvision. The
        block of 2014 has biases and no norm."""
        return self.changed(x, {"sizes": sizes}, change="norm")

    @mistake
    def five_behind_three(self, right, x, sizes):
        """Your third branch starts from the second one's reduction. All four branches start from
        the block's input."""
        return self.changed(x, {"sizes": sizes}, change="five behind three")

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
        order = ("pooled", "one", "three", "five")
        return self.changed(x, {"sizes": sizes}, order=order)

    @mistake
    def five_before_three(self, right, x, sizes):
        """Your 5×5 branch is joined in front of the 3×3. The order is 1×1, 3×3, 5×5, pool: what
        comes next goes by the number of the channel."""
        order = ("one", "five", "three", "pooled")
        return self.changed(x, {"sizes": sizes}, order=order)

    @mistake
    def joined_in_reverse(self, right, x, sizes):
        """Your branches are joined from last to first. The order is 1×1, 3×3, 5×5, pool: what
        comes next goes by the number of the channel."""
        order = ("pooled", "five", "three", "one")
        return self.changed(x, {"sizes": sizes}, order=order)

    @mistake
    def averaged_and_five_before_three(self, right, x, sizes):
        """Your fourth branch takes the mean of each window, and your 5×5 branch is joined in front
        of the 3×3. It takes the maximum, and the order is 1×1, 3×3, 5×5, pool."""
        order = ("one", "five", "three", "pooled")
        return self.changed(x, {"sizes": sizes}, change="average", order=order)

    @mistake
    def branches_of_different_sizes(self, right, x, sizes):
        """Your branches cannot be joined: they differ in height and width, or you join along
        another axis than the channels. Each branch must keep the size of the image."""
        return dict.fromkeys(right, raises("RuntimeError", "Sizes of tensors must match"))
