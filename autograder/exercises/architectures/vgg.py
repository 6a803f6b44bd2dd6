"""Exercise of notebook 09: VGG from its table.

Nets from a pattern of words are in `architectures_nets`.
"""

import numpy as np
import torch
from torch import nn

from autograder.exercise import Case, Exercise, mistake
from course_utils.recipes.architectures import examine

VGG11 = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]


def simonyan(config, input_size, hidden, classes, change=""):
    """VGG from torch's lazy layers, or with one thing changed."""
    layers = []
    for entry in config:
        if entry == "M":
            layers.append(nn.AvgPool2d(2) if change == "average" else nn.MaxPool2d(2))
            continue
        layers.append(nn.LazyConv2d(entry, 3, padding=1, bias=change != "no bias"))
        if change == "norm":
            layers.append(nn.LazyBatchNorm2d())
        if change != "no relu":
            layers.append(nn.ReLU())
    if change == "mean of maps":
        layers.append(nn.AdaptiveAvgPool2d(1))
    layers.append(nn.Flatten())
    for _ in range(1 if change == "one hidden" else 2):
        layers.append(nn.LazyLinear(hidden))
        layers += [] if change == "affine in a row" else [nn.ReLU()]
        layers += [] if change == "no dropout" else [nn.Dropout(0.5)]
    layers.append(nn.LazyLinear(classes))
    layers += {"relu at the end": [nn.ReLU()], "softmax": [nn.Softmax(1)]}.get(change, [])
    net = nn.Sequential(*layers)
    net.eval()(torch.zeros(2, 3, input_size, input_size))
    return net.train()


class vgg(Exercise):
    """VGG from its table: a number is a convolution, M a pooling."""

    signature = "vgg(config, input_size=224, hidden=4096, classes=1000)"
    library = "torch"
    uses_global_random = True
    minutes = 12
    difficulty = 2
    extra = True
    hints = (
        "Keep the channels and the side of the image while you go through the table. Which entry "
        "changes which of the two?",
        "Behind the last pooling stand three affine layers. The first one's inputs are all values "
        "that the last pooling leaves.",
    )

    def cases(self, rng):
        def case(name, points, config, size, hidden, classes):
            return Case(name, points, config=config, input_size=size, hidden=hidden,
                        classes=classes, x=rng.normal(size=(2, 3, size, size)) + 0.2)  # fmt: skip

        yield case("a small one, 12×12", 2, [4, "M", 5, 6, "M"], 12, 9, 7)
        yield case("a size that is odd, 11×11", 1, [6, 4, "M", 3], 11, 8, 5)
        yield Case("VGG-11 on ImageNet", 1, config=VGG11, input_size=224, hidden=4096,
                   classes=1000, x=None)  # fmt: skip
        yield Case("VGG-16 on ImageNet", 1, config=VGG16, input_size=224, hidden=4096,
                   classes=1000, x=None)  # fmt: skip

    def observe(self, code, config, input_size, hidden, classes, x):
        import torch

        from course_utils.recipes import architectures

        if x is None:
            # Only its shapes are made: the weights would take half a gigabyte.
            with torch.device("meta"):
                net = code.vgg(list(config))
            return {"sizes of the parameters": sorted(str(list(p.shape)) for p in net.parameters()),
                    "parameters": sum(p.numel() for p in net.parameters())}  # fmt: skip
        nets = []

        def build():
            nets.append(code.vgg(list(config), input_size, hidden, classes))
            return nets[0]

        seen = architectures.examine(build, x)
        with torch.no_grad():
            x = torch.from_numpy(x)
            first, second = (nets[0].train()(x) for _ in range(2))
        return seen | {"drops out while training": not torch.equal(first, second)}

    def reference(self, config, input_size, hidden, classes, x):
        if x is not None:
            right = examine(lambda: simonyan(config, input_size, hidden, classes), x,
                            device=self.device)  # fmt: skip
            return right | {"drops out while training": True}
        from course_utils.vision import import_torchvision

        models = import_torchvision().models
        with torch.device("meta"):
            net = (models.vgg11 if config == VGG11 else models.vgg16)()
        return self.shapes_and_sum([list(p.shape) for p in net.parameters()])

    def shapes_and_sum(self, shapes):
        return {"sizes of the parameters": sorted(str(shape) for shape in shapes),
                "parameters": int(sum(np.prod(shape) for shape in shapes))}  # fmt: skip

    def changed(self, right, inputs, change, adapt=None):
        """What a changed net shows; `adapt` changes the large nets' parameter shapes."""
        if inputs["x"] is None:
            if adapt is None:
                return None
            said = right["sizes of the parameters"]
            shapes = [[int(n) for n in shape[1:-1].split(",")] for shape in said]
            return self.shapes_and_sum(adapt(shapes))
        taken = (inputs[name] for name in ("config", "input_size", "hidden", "classes"))
        return examine(lambda: simonyan(*taken, change=change), inputs["x"])

    @mistake
    def relu_forgotten(self, right, **inputs):
        """There is no ReLU behind your convolutions, so they are one linear map."""
        return self.changed(right, inputs, "no relu")

    @mistake
    def affine_layers_in_a_row(self, right, **inputs):
        """There is no ReLU between your affine layers, so the three are one."""
        return self.changed(right, inputs, "affine in a row")

    @mistake
    def relu_at_the_end(self, right, **inputs):
        """There is no ReLU behind the scores."""
        return self.changed(right, inputs, "relu at the end")

    @mistake
    def softmax_at_the_end(self, right, **inputs):
        """Your net ends with a softmax. The loss has it; the net gives scores."""
        return self.changed(right, inputs, "softmax")

    @mistake
    def dropout_forgotten(self, right, **inputs):
        """Your net computes the same twice while it trains: there is no dropout behind the hidden
        affine layers."""
        return None if inputs["x"] is None else {"drops out while training": False}

    @mistake
    def batch_norm_added(self, right, **inputs):
        """There is batch norm in your net. The VGG of 2014 had none (batch norm is of 2015)."""

        def with_norms(shapes):
            return shapes + 2 * [[shape[0]] for shape in shapes if len(shape) == 4]

        return self.changed(right, inputs, "norm", with_norms)

    @mistake
    def no_biases(self, right, **inputs):
        """Your convolutions have no biases. VGG has them, since no batch norm follows."""

        def without(shapes):
            shapes = list(shapes)
            for filters in [s[0] for s in shapes if len(s) == 4]:
                shapes.remove([filters])
            return shapes

        return self.changed(right, inputs, "no bias", without)

    @mistake
    def average_pooling(self, right, **inputs):
        """Your poolings take means. VGG takes the maximum."""
        return self.changed(right, inputs, "average")

    @mistake
    def one_hidden_affine_layer(self, right, **inputs):
        """VGG has two hidden affine layers before the scores; yours has one."""

        def without(shapes):
            shapes = [shape for shape in shapes if shape != [4096, 4096]]
            shapes.remove([4096])
            return shapes

        return self.changed(right, inputs, "one hidden", without)

    @mistake
    def maps_averaged(self, right, **inputs):
        """You average each channel over the image before the affine layers, as later nets do. VGG
        flattens, which is where most of its parameters are."""
        return self.changed(right, inputs, "mean of maps", lambda shapes: [
            [4096, 512] if s == [4096, 25088] else s for s in shapes])  # fmt: skip
