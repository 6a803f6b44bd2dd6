"""Exercise of notebook 09: a block that learns what to add to its input."""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.exercise import Case, mistake, raises
from autograder.exercises.architectures.blocks import Block, Flow, image
from autograder.exercises.architectures.short_ways import ShortWays


class ResidualBlock(ShortWays):
    """Two 3×3 convolutions that learn what to add to their input (He 2015)."""

    signature = "ResidualBlock(c_in, c_out, stride=1)"
    minutes = 12
    difficulty = 2
    in_order = False
    training = True
    reads = Block.reads | {
        "layers": "the list of your layers, in the alphabet's order,",
        "out while training": "your output in training mode",
        "out while training without biases": "your output in training mode with all biases of "
        "convolutions taken away",
    }
    hints = (
        "Two ways from the input to the sum. Write the layers of each in a row: what may the short "
        "way be when nothing changes its shape?",
        "The sum is only possible where both ways leave the same shape. When does the short way "
        "need a 1×1 of its own, and with which stride?",
        "Check where your ReLUs are: one between the convolutions, one after the sum, and none "
        "right before it.",
    )

    def cases(self, rng):
        def case(name, points, c_in, c_out, stride, *shape):
            return Case(name, points, c_in=c_in, c_out=c_out, stride=stride,
                        x=1.5 * image(rng, *shape))  # fmt: skip

        yield case("same shape", 2, 4, 4, 1, 3, 4, 6, 5)
        yield case("more channels, stride 2", 2, 3, 5, 2, 2, 3, 7, 8)
        yield case("fewer channels, stride 1", 1, 6, 4, 1, 2, 6, 5, 5)
        yield case("more channels, stride 1", 1, 2, 5, 1, 2, 2, 5, 6)
        yield case("same channels, stride 2", 1, 5, 5, 2, 2, 5, 8, 6)

    def observe(self, code, c_in, c_out, stride, x):
        import torch

        from course_utils.recipes import architectures

        options = {} if stride == 1 else {"stride": stride}

        def build(bare=False):
            block = code.ResidualBlock(c_in, c_out, **options)
            for layer in block.modules() if bare else ():
                if isinstance(layer, torch.nn.Conv2d):
                    layer.bias = None
            return block

        seen = architectures.examine(build, x, in_order=False, training=True)
        bare = architectures.examine(lambda: build(True), x, training=True)
        return seen | {f"{n} without biases": v for n, v in bare.items() if n.startswith("out")}

    def reference(self, c_in, c_out, stride, x):
        from course_utils.vision import import_torchvision

        import_torchvision()
        from torchvision.models.resnet import BasicBlock

        def build():
            short = None
            if stride != 1 or c_in != c_out:
                short = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False),
                                      nn.BatchNorm2d(c_out))  # fmt: skip
            return BasicBlock(c_in, c_out, stride, short)

        return self.looked_at(build, x, self.device)

    def build(self, c_in, c_out, stride, change=""):
        said = set(change.split(", "))
        first, second = (1, stride) if "stride second" in said else (stride, 1)
        bias, short_bias = bool(said & {"bias", "inner bias"}), bool(said & {"bias", "short bias"})
        layers = {
            "conv1": nn.Conv2d(c_in, c_out, 3, first, 1, bias=bias),
            "conv2": nn.Conv2d(c_out, c_out, 3, second, 1, bias=bias),
            "norm1": nn.BatchNorm2d(c_in if "in front" in said else c_out),
            "norm2": nn.BatchNorm2d(c_out),
        }
        fits = stride == 1 and c_in == c_out or "cut" in said
        if (not fits or "always projected" in said) and "no short way" not in said:
            k = 3 if "3×3 shortcut" in said else 1
            pooled = "pooled shortcut" in said and stride > 1
            steps = 1 if pooled else stride
            short = nn.Conv2d(c_in, c_out, k, steps, k // 2, bias=short_bias)
            pool = [nn.AvgPool2d(stride, ceil_mode=True)] if pooled else []
            layers["short"] = nn.Sequential(*pool, short)
            if not said & {"bare shortcut", "norm of the body"}:
                layers["short_norm"] = nn.BatchNorm2d(c_out)
        for name in ("norm1", "norm2", "short_norm"):
            if f"no {name}" in said or "no norm" in said:
                layers.pop(name, None)
        if "one norm" in said:
            layers["norm2"] = layers["norm1"]
        none, relu = nn.Identity(), torch.relu

        def forward(self, x):
            norms = [getattr(self, n, none) for n in ("norm1", "norm2", "short_norm")]
            if "by the batch" in said:
                norms = [by_the_batch(norm) for norm in norms]
            norm1, norm2, short_norm = norms
            if "norm of the body" in said and hasattr(self, "short"):
                short_norm = norm2

            def short(x):
                if "cut" in said:
                    more = (0, 0, 0, 0, 0, c_out - c_in)
                    return F.pad(x[:, :, ::stride, ::stride], more)
                there = short_norm(self.short(x)) if hasattr(self, "short") else x
                return relu(there) if "relu on the short way" in said else there

            if "in front" in said:
                h = self.conv1(relu(norm1(x)))
                out = self.conv2(relu(norm2(h))) + short(x)
                return relu(out) if "relu at the end" in said else out
            beside = short(x) if "short first" in said else None
            h = norm1(self.conv1(x))
            inside = h if "no relu inside" in said else relu(h)
            h = self.conv2(inside)
            if "norm behind the sum" in said:
                return relu(norm2(h + short(x)))
            h = norm2(h)
            if "no sum" in said:
                return relu(h)
            beside = inside if "added inside" in said else beside
            beside = h if "added twice" in said else beside
            beside = short(x) if beside is None else beside
            h = relu(h) if said & {"relu before", "relu twice"} else h
            ends = said & {"relu before", "no relu after"}
            return h + beside if ends else relu(h + beside)

        return Flow(forward, **layers)

    @mistake
    def not_added(self, right, x, **inputs):
        """The input is not added to what your convolutions make of it: the short way leads
        nowhere."""
        return {n: v for n, v in self.changed(x, inputs, change="no sum").items()
                if n.startswith("out")}  # fmt: skip

    @mistake
    def short_way_not_used(self, right, x, **inputs):
        """What your convolutions make of the input is all that comes out: your short way is never
        taken. It is added to that."""
        return self.changed(x, inputs, change="no sum")

    @mistake
    def relu_before_the_sum(self, right, x, **inputs):
        """Your last ReLU comes before the sum, so a block can only ever add. It belongs behind the
        sum."""
        return self.changed(x, inputs, change="relu before")

    @mistake
    def relu_before_and_after(self, right, x, **inputs):
        """There is a ReLU before the sum as well, so a block can add and never take away. The only
        one at the end stands behind the sum."""
        return self.changed(x, inputs, change="relu twice")

    @mistake
    def relu_on_the_short_way(self, right, x, **inputs):
        """There is a ReLU on your short way, where it has a convolution. What comes by it is added
        as it is."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="relu on the short way")

    @mistake
    def input_through_a_relu(self, right, x, **inputs):
        """What you add has been through a ReLU. The short way adds the input, or its 1×1, as it
        is."""
        return self.changed(x, inputs, change="relu on the short way")

    @mistake
    def no_relu_after_the_sum(self, right, x, **inputs):
        """There is no ReLU behind your sum. The block ends with one."""
        return self.changed(x, inputs, change="no relu after")

    @mistake
    def no_relu_inside(self, right, x, **inputs):
        """Between your two convolutions there is no ReLU. One stands behind the first norm."""
        return self.changed(x, inputs, change="no relu inside")

    @mistake
    def norms_in_front(self, right, x, **inputs):
        """Your norms and ReLUs stand in front of the convolutions, as in He's paper of 2016. Here
        each convolution comes first, and the last ReLU stands behind the sum."""
        return self.changed(x, inputs, change="in front")

    @mistake
    def norms_in_front_and_a_relu_at_the_end(self, right, x, **inputs):
        """Your norms and ReLUs stand in front of the convolutions, as in He's paper of 2016. Here
        each convolution comes first, then its norm."""
        return self.changed(x, inputs, change="in front, relu at the end")

    @mistake
    def norms_without_scale_and_shift(self, right, x, **inputs):
        """Your batch norms have no γ and β (`affine=False`). nn.BatchNorm2d has them unless it is
        told otherwise, and they belong to the layer."""
        says = "'NoneType' object has no attribute 'shape'"
        return dict.fromkeys(right, raises("AttributeError", says))

    @mistake
    def biases(self, right, x, **inputs):
        """Your convolutions have biases, and batch norm takes each of them away again (notebook
        06)."""
        return self.changed(x, inputs, change="bias")

    @mistake
    def biases_inside(self, right, x, **inputs):
        """Your 3×3 convolutions have biases, and batch norm takes each of them away again (notebook
        06)."""
        return self.changed(x, inputs, change="inner bias")

    # Batch norm.

    @mistake
    def no_batch_norm(self, right, x, **inputs):
        """There is no batch norm in your block. Each convolution is followed by one."""
        return self.changed(x, inputs, change="no norm")

    @mistake
    def no_first_norm(self, right, x, **inputs):
        """There is no batch norm behind your first convolution. Each one is followed by one."""
        return self.changed(x, inputs, change="no norm1")

    @mistake
    def no_second_norm(self, right, x, **inputs):
        """There is no batch norm behind your second convolution. Each one is followed by one."""
        return self.changed(x, inputs, change="no norm2")

    @mistake
    def shortcut_not_normalised(self, right, x, **inputs):
        """The 1×1 on your short way has no batch norm behind it. Each convolution is followed by
        one."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="bare shortcut")

    @mistake
    def shortcut_with_bias(self, right, x, **inputs):
        """The 1×1 on your short way has a bias, which its batch norm takes away again."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="short bias")

    @mistake
    def shortcut_with_bias_for_norm(self, right, x, **inputs):
        """The 1×1 on your short way has a bias and no batch norm. It needs the norm instead."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="short bias, bare shortcut")

    @mistake
    def one_norm_twice(self, right, x, **inputs):
        """One batch norm stands behind both of your convolutions. Each needs its own: it keeps the
        statistics of one place, and γ and β belong to that place."""
        return self.changed(x, inputs, change="one norm")

    @mistake
    def short_way_shares_a_norm(self, right, x, **inputs):
        """Your short way has no batch norm of its own, and one of the long way cannot stand in for
        it: a norm keeps the statistics of one place, and γ and β belong to that place."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="norm of the body")

    @mistake
    def norm_behind_the_sum(self, right, x, **inputs):
        """Your second batch norm stands behind the sum. It belongs to the second convolution, in
        front of the sum."""
        return self.changed(x, inputs, change="norm behind the sum")

    @mistake
    def always_by_the_batch(self, right, x, **inputs):
        """Your norms go by the batch in test mode, too: used as functions they do not know of
        modes. Call them as layers, `self.norm(x)`."""
        return self.changed(x, inputs, change="by the batch")


def by_the_batch(norm):
    """A batch norm as a function of its numbers, as F.batch_norm(..., training=True) has it."""
    if not isinstance(norm, nn.BatchNorm2d):
        return norm
    return lambda x: F.batch_norm(x, None, None, norm.weight, norm.bias, training=True)
