"""Exercises of notebook 09: blocks of convolutions that are stacked to make nets.

Factorized layers and branches are in `architectures_branches`, whole nets in `architectures_nets`.
A learner's block and the reference get the same weights from `course_utils.recipes.architectures`,
by the sizes of their layers.
"""

import torch
from torch import nn

from autograder.exercise import Case, Exercise, mistake, raises
from course_utils.recipes.architectures import examine


class Flow(nn.Module):
    """A module that is written as one function of its layers and the input."""

    def __init__(self, forward, **layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)
        self._how = forward

    def forward(self, x):
        return self._how(self, x)


class Block(Exercise, abstract=True):
    """What all blocks share: they are built, given weights, and run on an image."""

    library = "torch"
    uses_global_random = True
    in_order = True  # whether the order of the layers is part of what is asked
    training = False  # whether it matters if the block is in training mode

    def build(self, **inputs):
        """The right block, or another with a keyword that names what is changed."""
        raise NotImplementedError

    def reference(self, x, **inputs):
        return examine(lambda: self.build(**inputs), x, self.in_order, self.training, self.device)

    def changed(self, x, inputs, **change):
        return examine(lambda: self.build(**inputs, **change), x, self.in_order, self.training)

    @mistake
    def layers_not_registered(self, right, **inputs):
        """Your block has no parameters, so an optimizer would find nothing to train. A module sees
        layers that are its attributes; a plain list hides them, nn.Sequential does not."""
        return dict.fromkeys(right) | {"layers": [], "parameters": 0}

    @mistake
    def module_not_begun(self, right, **inputs):
        """nn.Module has to set itself up before you give it layers: call its __init__ first."""
        return dict.fromkeys(right, raises("AttributeError", "Module.__init__()"))


def image(rng, *shape):
    return rng.normal(size=shape)


class Bottleneck(Block):
    """1×1, 3×3, 1×1: the expensive convolution sees half of the channels."""

    signature = "Bottleneck(C)"
    minutes = 8
    difficulty = 1
    hints = (
        "Three nn.Conv2d in an nn.Sequential will do. Write the channels in a row: what goes into "
        "each of them, what comes out?",
        "Only the middle one needs padding, and only two places have a ReLU: where one convolution "
        "would otherwise follow another.",
    )

    def cases(self, rng):
        yield Case("eight channels", 2, C=8, x=image(rng, 2, 8, 5, 6))
        yield Case("twelve channels", 1, C=12, x=image(rng, 1, 12, 7, 4))
        yield Case("seven channels, an odd number", 1, C=7, x=image(rng, 2, 7, 4, 5))

    def observe(self, code, C, x):
        from course_utils.recipes import architectures

        return architectures.examine(lambda: code.Bottleneck(C), x)

    def build(self, C, width=None, bias=False, pad=1, last=False, relu=True, middle=3,
              added=False):  # fmt: skip
        c = C // 2 if width is None else width
        relus = [nn.ReLU() if relu else nn.Identity() for _ in range(2)]
        tail = [nn.ReLU()] if last else []
        layers = nn.Sequential(
            nn.Conv2d(C, c, 1, bias=bias), relus[0],
            nn.Conv2d(c, c, middle, padding=pad, bias=bias), relus[1],
            nn.Conv2d(c, C, 1, bias=bias), *tail,
        )  # fmt: skip
        return Flow(lambda self, x: x + self.layers(x), layers=layers) if added else layers

    @mistake
    def quarter(self, right, x, C):
        """Your middle has a quarter of the channels, as ResNet's own bottleneck does. Here it has
        half."""
        return self.changed(x, {"C": C}, width=C // 4)

    @mistake
    def not_narrowed(self, right, x, C):
        """All your layers have C channels. The first one is there to halve them, the last to bring
        them back."""
        return self.changed(x, {"C": C}, width=C)

    @mistake
    def rounded_up(self, right, x, C):
        """Half of an odd number is rounded down here."""
        return self.changed(x, {"C": C}, width=C - C // 2) if C % 2 else None

    @mistake
    def biases(self, right, x, C):
        """Your convolutions have biases, which nn.Conv2d gives unasked. The 3.25 C² is counted
        without."""
        return self.changed(x, {"C": C}, bias=True)

    @mistake
    def not_padded(self, right, x, C):
        """Your output is smaller than the input. The 3×3 needs a pixel of padding on each side, or
        blocks cannot be stacked at will."""
        return self.changed(x, {"C": C}, pad=0)

    @mistake
    def no_relu(self, right, x, C):
        """There is no ReLU between your convolutions, so the three are one linear map."""
        return self.changed(x, {"C": C}, relu=False)

    @mistake
    def relu_at_the_end(self, right, x, C):
        """Your block ends with a ReLU. Here it ends with the convolution: whoever stacks blocks
        puts the ReLU where it belongs, in a residual block behind the sum."""
        return self.changed(x, {"C": C}, last=True)

    @mistake
    def input_added(self, right, x, C):
        """You add the input to what your three convolutions make of it. ResNet does that around its
        bottlenecks; the one that is asked for here is the three alone."""
        return self.changed(x, {"C": C}, added=True)

    @mistake
    def middle_one_by_one(self, right, x, C):
        """All your kernels are 1×1, so no output sees its neighbours. The middle one is 3×3."""
        return self.changed(x, {"C": C}, middle=1, pad=0)


class ResidualBlock(Block):
    """Two 3×3 convolutions that learn what to add to their input (He 2015)."""

    signature = "ResidualBlock(c_in, c_out, stride=1)"
    minutes = 12
    difficulty = 2
    in_order = False
    training = True
    hints = (
        "Two ways from the input to the sum. Write the layers of each in a row: what may the short "
        "way be when nothing changes its shape?",
        "The sum is only possible where both ways leave the same shape. When does the short way "
        "need a 1×1 of its own, and with which stride?",
        "Three places: the ReLU between the convolutions, the one behind the sum, and none "
        "before it.",
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
        from course_utils.recipes import architectures

        options = {} if stride == 1 else {"stride": stride}
        return architectures.examine(
            lambda: code.ResidualBlock(c_in, c_out, **options), x, in_order=False, training=True
        )

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

        return examine(build, x, self.in_order, self.training, self.device)

    def build(self, c_in, c_out, stride, change=""):
        bias, s2 = change == "bias", 1
        s1 = stride
        if change == "stride second":
            s1, s2 = 1, stride
        layers = {
            "conv1": nn.Conv2d(c_in, c_out, 3, s1, 1, bias=bias),
            "conv2": nn.Conv2d(c_out, c_out, 3, s2, 1, bias=bias),
        }
        if change != "no norm":
            layers |= {"norm1": nn.BatchNorm2d(c_out), "norm2": nn.BatchNorm2d(c_out)}
        fits = (stride == 1 or change == "only channels") and c_in == c_out
        if not fits or change == "always projected":
            k = 3 if change == "3×3 shortcut" else 1
            layers["short"] = nn.Conv2d(c_in, c_out, k, stride, k // 2, bias=bias)
            if change not in ("bare shortcut", "no norm"):
                layers["short_norm"] = nn.BatchNorm2d(c_out)
        none = nn.Identity()
        relu = torch.relu

        def forward(self, x):
            norm = [getattr(self, n, none) for n in ("norm1", "norm2", "short_norm")]
            short = norm[2](self.short(x)) if hasattr(self, "short") else x
            h = norm[0](self.conv1(x))
            h = norm[1](self.conv2(h if change == "no relu inside" else relu(h)))
            if change == "relu before":
                return relu(h) + short
            if change == "relu twice":
                return relu(relu(h) + short)
            if change == "no sum":
                return relu(h)
            return h + short if change == "no relu after" else relu(h + short)

        return Flow(forward, **layers)

    @mistake
    def not_added(self, right, x, **inputs):
        """The input is not added to what your convolutions make of it: the short way leads
        nowhere."""
        return {n: v for n, v in self.changed(x, inputs, change="no sum").items()
                if n.startswith("out")}  # fmt: skip

    @mistake
    def relu_before_the_sum(self, right, x, **inputs):
        """Your last ReLU comes before the sum, so a block can only ever add. It belongs behind the
        sum."""
        return self.changed(x, inputs, change="relu before")

    @mistake
    def relu_before_and_after(self, right, x, **inputs):
        """There is a ReLU before the sum as well, so a block can add and never take away."""
        return self.changed(x, inputs, change="relu twice")

    @mistake
    def no_relu_after_the_sum(self, right, x, **inputs):
        """There is no ReLU behind your sum."""
        return self.changed(x, inputs, change="no relu after")

    @mistake
    def no_relu_inside(self, right, x, **inputs):
        """Between your two convolutions there is no ReLU."""
        return self.changed(x, inputs, change="no relu inside")

    @mistake
    def biases(self, right, x, **inputs):
        """Your convolutions have biases, and batch norm takes each of them away again (notebook
        06)."""
        return self.changed(x, inputs, change="bias")

    @mistake
    def no_batch_norm(self, right, x, **inputs):
        """There is no batch norm in your block. Each convolution is followed by one."""
        return self.changed(x, inputs, change="no norm")

    @mistake
    def shortcut_not_normalised(self, right, x, **inputs):
        """The 1×1 on your short way has no batch norm behind it."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="bare shortcut")

    @mistake
    def always_projected(self, right, x, **inputs):
        """Your short way has a convolution even where the shape stays. Then the input should pass
        unchanged: that is what lets a gradient through a hundred blocks."""
        return self.changed(x, inputs, change="always projected")

    @mistake
    def stride_alone_not_noticed(self, right, x, **inputs):
        """Where the channels stay and the stride is 2, your sum has two shapes. The short way needs
        its convolution then too."""
        if inputs["stride"] > 1 and inputs["c_in"] == inputs["c_out"]:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def channels_alone_not_noticed(self, right, x, **inputs):
        """Where the stride is 1 and the channels change, your sum has two shapes. The short way
        needs its convolution then too."""
        if inputs["stride"] == 1 and inputs["c_in"] != inputs["c_out"]:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def stride_in_both(self, right, x, **inputs):
        """With a stride of 2 your two ways do not meet in one shape: only the first convolution
        strides, and the 1×1 of the short way."""
        if inputs["stride"] > 1:
            return dict.fromkeys(right, raises("RuntimeError", "must match the size of tensor"))

    @mistake
    def stride_in_the_second(self, right, x, **inputs):
        """Your second convolution strides. It is the first one here, so that both work on the small
        image afterwards."""
        if inputs["stride"] > 1:
            return self.changed(x, inputs, change="stride second")

    @mistake
    def wide_shortcut(self, right, x, **inputs):
        """The convolution on your short way is 3×3. It only has to bring the shape about, and 1×1
        does that for a ninth of the cost."""
        if inputs["stride"] > 1 or inputs["c_in"] != inputs["c_out"]:
            return self.changed(x, inputs, change="3×3 shortcut")
