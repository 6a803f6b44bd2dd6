"""Exercise of notebook 09: branches side by side.

What blocks share, and how they are compared, is in `blocks`.
"""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.exercise import Case, mistake, raises
from autograder.exercises.architectures.blocks import Block, Flow, image

THREE = "your third branch has a 3×3 kernel, where the paper has 5×5, and "


def torchvision_form(change, words):
    """The mistake of torchvision's batch norms, with what else is changed."""

    def show(self, right, x, sizes):
        return self.changed(x, {"sizes": sizes}, change=change)

    show.__doc__ = f"""In torchvision's way {words}there is batch norm behind your convolutions, and
        no bias in them. The block of 2014 has biases and no norm."""
    return mistake(show)


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

    def build(self, sizes, change="", without_relu=(), order=("one", "three", "five", "pooled"),
              joined=1):  # fmt: skip
        c_in, c1, c3_reduce, c3, c5_reduce, c5, c_pool = sizes.values()
        five, pad = (3, 1) if "3 for 5" in change else (5, 2)

        def conv(name, a, b, k=1, padding=0):
            normed = "norm" in change
            bias = "no bias" not in change and not normed
            parts = [nn.Conv2d(a, b, k, padding=padding, bias=bias)]
            parts += [nn.BatchNorm2d(b, eps=1e-3 if "0.001" in change else 1e-5)] if normed else []
            parts += [] if name in without_relu else [nn.ReLU()]
            return nn.Sequential(*parts)

        pool = nn.AvgPool2d(3, 1, 1) if "average" in change else nn.MaxPool2d(3, 1, 1)
        if change == "zeros around the pool":
            pool = Flow(lambda self, x: F.max_pool2d(F.pad(x, (1, 1, 1, 1)), 3, 1))
        if change == "zeros behind the pool":
            pool = Flow(lambda self, x: F.pad(F.max_pool2d(x, 3, 1), (1, 1, 1, 1)))
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
        if change == "two threes":
            second = conv("five", c5, c5, 3, 1)
            branches["five"] = nn.Sequential(conv("five", c5_reduce, c5, 3, 1), second)
        if "projected first" in change:
            branches["pooled"] = nn.Sequential(conv("pooled", c_in, c_pool), pool)
        if change == "pool bare":
            branches["pooled"] = pool

        def forward(self, x):
            reduced = self.reduce3(x)
            fifth = self.reduce5(reduced if change == "five behind three" else x)
            found = {"one": self.one(x), "three": self.three(reduced), "five": self.five(fifth),
                     "pooled": self.pooled(x)}  # fmt: skip
            if joined > 1:  # which needs as many channels in each
                widest = max(branch.shape[1] for branch in found.values())
                found = {name: F.pad(branch, (0, 0, 0, 0, 0, widest - branch.shape[1]))
                         for name, branch in found.items()}  # fmt: skip
            return torch.cat([found[name] for name in order], joined)

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
    def three_reduced_without_relu(self, right, x, sizes):
        """There is no ReLU behind the reduction in front of your 3×3. Each of the six convolutions
        is followed by one."""
        return self.changed(x, {"sizes": sizes}, without_relu=("reduce3",))

    @mistake
    def five_reduced_without_relu(self, right, x, sizes):
        """There is no ReLU behind the reduction in front of your 5×5. Each of the six convolutions
        is followed by one."""
        return self.changed(x, {"sizes": sizes}, without_relu=("reduce5",))

    @mistake
    def three_without_relu(self, right, x, sizes):
        """There is no ReLU behind your 3×3. Each of the six convolutions is followed by one."""
        return self.changed(x, {"sizes": sizes}, without_relu=("three",))

    @mistake
    def five_without_relu(self, right, x, sizes):
        """There is no ReLU behind your 5×5. Each of the six convolutions is followed by one."""
        return self.changed(x, {"sizes": sizes}, without_relu=("five",))

    @mistake
    def widths_exchanged(self, right, x, sizes):
        """In your second and third branch the reduction has the channels of the large kernel, and
        the large kernel those of the reduction. `c3_reduce` and `c5_reduce` are the channels behind
        the 1×1."""
        turned = {"c3_reduce": "c3", "c3": "c3_reduce", "c5_reduce": "c5", "c5": "c5_reduce"}
        sizes = {name: sizes[turned.get(name, name)] for name in sizes}
        return self.changed(x, {"sizes": sizes})

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

    batch_norms_as_in_torchvision = torchvision_form("norm with 0.001", "")
    three_for_five_and_batch_norms = torchvision_form("3 for 5, norm", THREE)
    three_for_five_and_its_batch_norms = torchvision_form("3 for 5, norm with 0.001", THREE)

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
    def projection_before_the_pool_in_front(self, right, x, sizes):
        """Two things: your fourth branch convolves and then pools, where the pool comes first; and
        its channels are joined in front of the others, where they come last."""
        order = ("pooled", "one", "three", "five")
        return self.changed(x, {"sizes": sizes}, change="projected first", order=order)

    @mistake
    def averaged_behind_the_projection(self, right, x, sizes):
        """Your fourth branch convolves and then takes the mean of each window. It is the maximum,
        and the other way round: the pool, then the 1×1 that limits its channels."""
        return self.changed(x, {"sizes": sizes}, change="projected first, average")

    @mistake
    def zeros_around_the_pool(self, right, x, sizes):
        """At the border your pool counts zeros of the padding, which beat what is negative. Where a
        window reaches over the border the largest of its own pixels is meant, as nn.MaxPool2d's
        padding has it."""
        return self.changed(x, {"sizes": sizes}, change="zeros around the pool")

    @mistake
    def zeros_behind_the_pool(self, right, x, sizes):
        """The border of your pooling branch holds nothing of the image: the pool is not padded, and
        zeros are put around what it leaves. Pad the pool itself, so that each pixel of the border
        has a window of its own, too."""
        return self.changed(x, {"sizes": sizes}, change="zeros behind the pool")

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
    def three_for_five_and_average_pool(self, right, x, sizes):
        """Two things: your third branch has a 3×3 kernel, where the paper has 5×5; and your fourth
        takes the mean of each window, where GoogLeNet's takes the maximum."""
        return self.changed(x, {"sizes": sizes}, change="3 for 5, average")

    @mistake
    def two_threes_for_five(self, right, x, sizes):
        """Two 3×3 kernels, each with its ReLU, stand for your 5×5, as in later forms of this block.
        This one has a 5×5."""
        return self.changed(x, {"sizes": sizes}, change="two threes")

    @mistake
    def no_biases(self, right, x, sizes):
        """Your convolutions have no biases. There is no batch norm behind them here, so they need
        their own."""
        return self.changed(x, {"sizes": sizes}, change="no bias")

    @mistake
    def three_for_five_without_biases(self, right, x, sizes):
        """Your third branch has a 3×3 kernel, where the paper has 5×5, and your convolutions have
        no biases. There is no batch norm behind them here, so they need their own."""
        return self.changed(x, {"sizes": sizes}, change="3 for 5, no bias")

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
    def pool_joined_second(self, right, x, sizes):
        """Your pooling branch is joined second, in front of the 3×3. The order is 1×1, 3×3, 5×5,
        pool: what comes next goes by the number of the channel."""
        order = ("one", "pooled", "three", "five")
        return self.changed(x, {"sizes": sizes}, order=order)

    @mistake
    def pool_joined_third(self, right, x, sizes):
        """Your pooling branch is joined third, in front of the 5×5. The order is 1×1, 3×3, 5×5,
        pool: what comes next goes by the number of the channel."""
        order = ("one", "three", "pooled", "five")
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
    def joined_along_the_height(self, right, x, sizes):
        """Your branches are joined along the height, filled up with channels of zeros. They are
        joined along the channels, and may have different numbers of those."""
        return self.changed(x, {"sizes": sizes}, joined=2)

    @mistake
    def joined_along_the_width(self, right, x, sizes):
        """Your branches are joined along the width, filled up with channels of zeros. They are
        joined along the channels, and may have different numbers of those."""
        return self.changed(x, {"sizes": sizes}, joined=3)

    @mistake
    def branches_of_different_sizes(self, right, x, sizes):
        """Your branches cannot be joined: they differ in height and width, or you join along
        another axis than the channels. Each branch must keep the size of the image."""
        return dict.fromkeys(right, raises("RuntimeError", "Sizes of tensors must match"))
