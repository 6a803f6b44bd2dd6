"""Exercises of notebook 09: blocks of convolutions that are stacked to make nets.

Factorized layers and branches are in `branches`, whole nets in `nets`. A learner's block and the
reference get the same weights from `course_utils.recipes.architectures`, by the sizes of their
layers.
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


def bare(build):
    """What `build` makes, without the biases of its convolutions."""
    net = build()
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            layer.bias = None
    return net


class Block(Exercise, abstract=True):
    """What all blocks share: they are built, given weights, and run on an image, once more without
    their biases: a bias too many then hides nothing else.
    """

    library = "torch"
    uses_global_random = True
    in_order = True  # whether the order of the layers is part of what is asked
    training = False  # whether it matters if the block is in training mode
    reads = {
        "layers": "the list of your layers, as a forward pass calls them,",
        "parameters": "the number of your parameters",
        "out": "your output",
        "out without biases": "your output with all biases of convolutions taken away",
    }

    def build(self, **inputs):
        """The right block, or another with a keyword that names what is changed."""
        raise NotImplementedError

    def reference(self, x, **inputs):
        return self.looked_at(lambda: self.build(**inputs), x, self.device)

    def looked_at(self, build, x, device="cpu"):
        seen = examine(build, x, self.in_order, self.training, device)
        again = examine(lambda: bare(build), x, training=self.training, device=device)
        return seen | {f"{n} without biases": v for n, v in again.items() if n.startswith("out")}

    def changed(self, x, inputs, **change):
        return self.looked_at(lambda: self.build(**inputs, **change), x)

    @mistake
    def layers_not_registered(self, right, **inputs):
        """Your block has no parameters, so an optimizer would find nothing to train. A module sees
        layers that are its attributes; a plain list hides them, nn.Sequential does not."""
        return dict.fromkeys(right) | {"layers": [], "parameters": 0}

    @mistake
    def module_not_begun(self, right, **inputs):
        """nn.Module has to set itself up before you give it layers: call its __init__ first."""
        return dict.fromkeys(right, raises("AttributeError", "Module.__init__()"))

    @mistake
    def nothing_returned(self, right, **inputs):
        """Your `forward` gives nothing back: is a return missing?"""
        says = "'NoneType' object has no attribute 'detach'"
        return dict.fromkeys(right, raises("AttributeError", says))


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
        import torch

        from course_utils.recipes import architectures

        def bare():
            block = code.Bottleneck(C)
            for layer in block.modules():
                if isinstance(layer, torch.nn.Conv2d):
                    layer.bias = None
            return block

        seen = architectures.examine(lambda: code.Bottleneck(C), x)
        return seen | {"out without biases": architectures.examine(bare, x)["out"]}

    def build(self, C, width=None, biases=(False,) * 3, kernels=(1, 3, 1), pads=(0, 1, 0),
              relus=(True, True, False), before=(False,) * 3, wide=False, norm=False, apart=False,
              added=False, last_norm=True, filled="zeros", late=False, leak=0.0):  # fmt: skip
        c = C // 2 if width is None else width
        sizes = [(C, c), (c, C), (C, C)] if wide else [(C, c), (c, c), (c, C)]
        sizes = [(C, C), (C, c), (c, C)] if late else sizes
        layers = []
        for i, (inputs, outputs) in enumerate(sizes):
            groups = c if apart and i == 1 else 1
            layers += [nn.ReLU()] if before[i] else []
            layers.append(nn.Conv2d(inputs, outputs, kernels[i], padding=pads[i], bias=biases[i],
                                    groups=groups, padding_mode=filled))  # fmt: skip
            layers += [nn.BatchNorm2d(outputs)] if norm and (i < 2 or last_norm) else []
            relu = nn.LeakyReLU(leak) if leak else nn.ReLU()
            layers += [relu] if relus[i] else []
        net = nn.Sequential(*layers)
        if added == "relu":
            return Flow(lambda self, x: torch.relu(x + self.layers(x)), layers=net)
        return Flow(lambda self, x: x + self.layers(x), layers=net) if added else net

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
        """Half of an odd number is rounded up in yours. It is rounded down here."""
        return self.changed(x, {"C": C}, width=C - C // 2) if C % 2 else None

    @mistake
    def half_a_channel(self, right, x, C):
        """Your number of channels is a float, and there are whole channels only. `/` gives a float
        even where it divides evenly: divide whole numbers with `//`."""
        odd = raises("ValueError", "divisible by groups")  # what torch says of half a channel
        return dict.fromkeys(right, odd if C % 2 else raises("TypeError", "float"))

    @mistake
    def widened_by_the_middle(self, right, x, C):
        """Your 3×3 brings the channels back to C. It works among C // 2, and the last 1×1 brings
        them back."""
        return self.changed(x, {"C": C}, wide=True)

    @mistake
    def narrowed_by_the_middle(self, right, x, C):
        """Your first 1×1 keeps all C channels, so the 3×3 works on all of them. The first 1×1 is
        there to halve them."""
        return self.changed(x, {"C": C}, late=True)

    @mistake
    def narrowed_by_the_middle_not_padded(self, right, x, C):
        """Your first 1×1 keeps all C channels, where it is there to halve them, so the 3×3 works on
        all; and the 3×3 is not padded, so the image loses a pixel on each side."""
        return self.changed(x, {"C": C}, late=True, pads=(0, 0, 0))

    @mistake
    def widened_by_the_middle_not_padded(self, right, x, C):
        """Your 3×3 brings the channels back to C, where the last 1×1 should; and the 3×3 is not
        padded, so the image loses a pixel on each side."""
        return self.changed(x, {"C": C}, wide=True, pads=(0, 0, 0))

    @mistake
    def biases(self, right, x, C):
        """Your convolutions have biases, which nn.Conv2d gives unasked. The 3.25 C² is counted
        without."""
        return self.changed(x, {"C": C}, biases=(True,) * 3)

    @mistake
    def bias_on_the_first(self, right, x, C):
        """Your first convolution has a bias. None of the three has one."""
        return self.changed(x, {"C": C}, biases=(True, False, False))

    @mistake
    def bias_in_the_middle(self, right, x, C):
        """Your 3×3 has a bias. None of the three convolutions has one."""
        return self.changed(x, {"C": C}, biases=(False, True, False))

    @mistake
    def bias_on_the_last(self, right, x, C):
        """Your last convolution has a bias. None of the three has one."""
        return self.changed(x, {"C": C}, biases=(False, False, True))

    @mistake
    def not_padded(self, right, x, C):
        """Your output is smaller than the input. The 3×3 needs a pixel of padding on each side, or
        blocks cannot be stacked at will."""
        return self.changed(x, {"C": C}, pads=(0, 0, 0))

    @mistake
    def padded_with_the_border(self, right, x, C):
        """Your 3×3 is padded with copies of the border. The padding is zeros, as nn.Conv2d has it
        unasked."""
        return self.changed(x, {"C": C}, filled="replicate")

    @mistake
    def padded_with_a_reflection(self, right, x, C):
        """Your 3×3 is padded with a mirror image of what lies beside the border. The padding is
        zeros, as nn.Conv2d has it unasked."""
        return self.changed(x, {"C": C}, filled="reflect")

    @mistake
    def border_repeated_and_rounded_up(self, right, x, C):
        """Your 3×3 is padded with copies of the border, where the padding is zeros, and half of an
        odd number of channels is rounded up. It is rounded down here."""
        width = C - C // 2
        return self.changed(x, {"C": C}, filled="replicate", width=width) if C % 2 else None

    @mistake
    def all_padded(self, right, x, C):
        """Your output is larger than the input: the 1×1 convolutions are padded, too. Only the 3×3
        loses a pixel on each side, which padding gives back."""
        return self.changed(x, {"C": C}, pads=(1, 1, 1))

    @mistake
    def padded_behind_the_middle(self, right, x, C):
        """Your last 1×1 is padded and the 3×3 is not. The size is right, but the border then holds
        nothing of the image: the padding belongs where the pixels are lost."""
        return self.changed(x, {"C": C}, pads=(0, 0, 1))

    @mistake
    def padded_by_two(self, right, x, C):
        """Your output is larger than the input: the 3×3 is padded by 2. It loses one pixel on each
        side, which a padding of 1 gives back."""
        return self.changed(x, {"C": C}, pads=(0, 2, 0))

    @mistake
    def no_relu(self, right, x, C):
        """There is no ReLU between your convolutions, so the three are one linear map."""
        return self.changed(x, {"C": C}, relus=(False,) * 3)

    @mistake
    def no_relu_behind_the_first(self, right, x, C):
        """There is no ReLU behind your first 1×1, so it and the 3×3 are one linear map."""
        return self.changed(x, {"C": C}, relus=(False, True, False))

    @mistake
    def no_relu_behind_the_second(self, right, x, C):
        """There is no ReLU behind your 3×3, so it and the last 1×1 are one linear map."""
        return self.changed(x, {"C": C}, relus=(True, False, False))

    @mistake
    def relu_at_the_end(self, right, x, C):
        """Your block ends with a ReLU. Here it ends with the convolution: whoever stacks blocks
        puts the ReLU where it belongs, in a residual block behind the sum."""
        return self.changed(x, {"C": C}, relus=(True,) * 3)

    @mistake
    def relus_in_front(self, right, x, C):
        """There is a ReLU on the input itself, in front of your first convolution, where none is
        asked for. The only two stand between the convolutions."""
        return self.changed(x, {"C": C}, before=(True,) * 3, relus=(False,) * 3)

    @mistake
    def relus_in_front_of_the_first_two(self, right, x, C):
        """Your ReLUs stand in front of the first and the second convolution. They belong behind
        them: none on the input itself, one between the 3×3 and the last 1×1."""
        front, behind = (True, False, False), (True, False, False)
        return self.changed(x, {"C": C}, before=front, relus=behind)

    @mistake
    def batch_norms(self, right, x, C):
        """There is batch norm in your block, as in ResNet's. The one that is asked for has three
        convolutions and two ReLUs, nothing else."""
        return self.changed(x, {"C": C}, norm=True)

    @mistake
    def two_batch_norms(self, right, x, C):
        """There is batch norm behind your first two convolutions. The block that is asked for has
        three convolutions and two ReLUs, nothing else."""
        return self.changed(x, {"C": C}, norm=True, last_norm=False)

    @mistake
    def leaky(self, right, x, C):
        """Your block lets a share of what is negative through, 0.01 of it, as a leaky ReLU does.
        Here it is ReLU, which lets nothing of it through."""
        return self.changed(x, {"C": C}, leak=0.01)

    @mistake
    def leaky_by_a_tenth(self, right, x, C):
        """Your block lets a share of what is negative through, a tenth of it, as a leaky ReLU does.
        Here it is ReLU, which lets nothing of it through."""
        return self.changed(x, {"C": C}, leak=0.1)

    @mistake
    def channels_apart(self, right, x, C):
        """Your 3×3 sees one channel at a time (groups). Here it mixes all C // 2 of them."""
        return self.changed(x, {"C": C}, apart=True)

    @mistake
    def quarter_and_biases(self, right, x, C):
        """Your middle has a quarter of the channels, and your convolutions have biases, which
        nn.Conv2d gives unasked. It has half of them here, and no convolution has a bias."""
        return self.changed(x, {"C": C}, width=C // 4, biases=(True,) * 3)

    @mistake
    def quarter_and_channels_apart(self, right, x, C):
        """Your middle has a quarter of the channels, and its 3×3 sees one at a time (groups). It
        has half of them, and mixes them."""
        return self.changed(x, {"C": C}, width=C // 4, apart=True)

    @mistake
    def quarter_and_batch_norms(self, right, x, C):
        """Your middle has a quarter of the channels, and there is batch norm in your block, as in
        ResNet's own. It has half of them here, and there is no norm."""
        return self.changed(x, {"C": C}, width=C // 4, norm=True)

    @mistake
    def quarter_and_two_batch_norms(self, right, x, C):
        """Your middle has a quarter of the channels, and behind the first two convolutions there is
        batch norm, as in ResNet's own. It has half of them here, and there is no norm."""
        return self.changed(x, {"C": C}, width=C // 4, norm=True, last_norm=False)

    @mistake
    def input_added(self, right, x, C):
        """You add the input to what your three convolutions make of it. ResNet does that around its
        bottlenecks; the one that is asked for here is the three alone."""
        return self.changed(x, {"C": C}, added=True)

    @mistake
    def input_added_and_relu(self, right, x, C):
        """You add the input to what your three convolutions make of it, and a ReLU behind the sum.
        ResNet does that; the block that is asked for here is the three alone."""
        return self.changed(x, {"C": C}, added="relu")

    @mistake
    def middle_one_by_one(self, right, x, C):
        """All your kernels are 1×1, so no output sees its neighbours. The middle one is 3×3."""
        return self.changed(x, {"C": C}, kernels=(1, 1, 1), pads=(0, 0, 0))

    @mistake
    def all_three_by_three(self, right, x, C):
        """All your kernels are 3×3. Narrowing and widening is what 1×1 kernels do, for a ninth of
        the cost."""
        return self.changed(x, {"C": C}, kernels=(3, 3, 3), pads=(1, 1, 1))
