"""Mistakes in the layers of a net from a pattern of words (notebook 09), and the net on torch's
lazy layers. The exercise is in `nets`."""

import torch
from torch import nn

from autograder.exercise import Exercise, mistake, raises
from course_utils.recipes.architectures import examine


def stack(pattern, input_shape, widths, *, flat_relu=True, padding=1, pool="max", at_end=None,
          kernel=3, conv_bias=True, affine_bias=True, relu_first=False):  # fmt: skip
    """The pattern on torch's lazy layers, which take their shapes from a first image."""
    widths, layers, affines = list(widths), [], 0
    for word in pattern:
        if word == "conv":
            layers.append(nn.LazyConv2d(widths.pop(0), kernel, padding=padding,
                                        bias=conv_bias))  # fmt: skip
        elif word == "batchnorm":
            layers.append(nn.LazyBatchNorm2d())
        elif word == "relu":
            layers.append(nn.ReLU())
        elif word == "pool":
            layers.append({
                "max": nn.MaxPool2d(2), "mean": nn.AvgPool2d(2), "overlapping": nn.MaxPool2d(3, 2),
                "up": nn.MaxPool2d(2, ceil_mode=True), "stride 1": nn.MaxPool2d(2, 1),
                "padded": nn.MaxPool2d(3, 2, 1),
            }[pool])  # fmt: skip
        else:
            affines += 1
            if affines == 1:
                layers += [nn.Flatten(), nn.ReLU()] if relu_first else [nn.Flatten()]
            elif flat_relu:
                layers.append(nn.ReLU())
            layers.append(nn.LazyLinear(widths.pop(0), bias=affine_bias))
    net = nn.Sequential(*layers, *([at_end] if at_end else []))
    net.eval()(torch.zeros(2, *input_shape))
    return net.train()


def arriving(pattern, input_shape, widths):
    """(channels, height, width) of what arrives at the first affine layer."""
    (channels, height, width), widths = input_shape, list(widths)
    for word in pattern:
        if word == "affine":
            break
        channels = widths.pop(0) if word == "conv" else channels
        if word == "pool":
            height, width = height // 2, width // 2
    return channels, height, width


class WrongLayers(Exercise, abstract=True):
    """A net whose layers are others than the pattern's words."""

    def stacked(self, inputs, **change):
        """What a net that is stacked in another way shows."""
        taken = (inputs[name] for name in ("pattern", "input_shape", "widths"))
        return examine(lambda: stack(*taken, **change), inputs["x"])

    @mistake
    def affines_in_a_row(self, right, **inputs):
        """Your affine layers follow each other directly, and two affine maps in a row are one. The
        slides' (affine)×M leaves unsaid that a ReLU stands between."""
        if inputs["pattern"].count("affine") > 1:
            return self.stacked(inputs, flat_relu=False)

    @mistake
    def relu_before_the_first_affine(self, right, **inputs):
        """There is a ReLU in front of your first affine layer, too, which no word asks for. One
        stands in front of every later one."""
        return self.stacked(inputs, relu_first=True)

    @mistake
    def relu_on_the_scores(self, right, **inputs):
        """Your net ends with a ReLU. The last layer gives scores, which may be negative: nothing
        stands after it."""
        return self.stacked(inputs, at_end=nn.ReLU())

    @mistake
    def softmax_in_the_net(self, right, **inputs):
        """Your net ends with a softmax. It should give scores; the loss has the softmax in it."""
        return self.stacked(inputs, at_end=nn.Softmax(1))

    @mistake
    def softmax_where_it_is_the_loss(self, right, **inputs):
        """Your net ends with a softmax where the loss is "softmax". It gives scores always; the
        loss has the softmax in it."""
        return self.stacked(inputs, at_end=nn.Softmax(1)) if self.softmax(inputs) else None

    @mistake
    def log_softmax_in_the_net(self, right, **inputs):
        """Your net ends with the logarithm of a softmax. It gives scores; the loss has the softmax
        in it."""
        return self.stacked(inputs, at_end=nn.LogSoftmax(1))

    @mistake
    def log_softmax_where_it_is_the_loss(self, right, **inputs):
        """Your net ends with the logarithm of a softmax where the loss is "softmax". It gives
        scores always; the loss has the softmax in it."""
        return self.stacked(inputs, at_end=nn.LogSoftmax(1)) if self.softmax(inputs) else None

    def softmax(self, inputs) -> bool:
        return inputs["loss_name"] == "softmax"

    @mistake
    def convolutions_without_bias(self, right, **inputs):
        """Your convolutions have no biases. The pattern's have them."""
        if "conv" in inputs["pattern"]:
            return self.stacked(inputs, conv_bias=False)

    @mistake
    def affine_layers_without_bias(self, right, **inputs):
        """Your affine layers have no biases. The pattern's have them."""
        return self.stacked(inputs, affine_bias=False)

    @mistake
    def one_norm_again(self, right, **inputs):
        """Where as many channels arrive your net uses one batch norm again. Each word is a layer of
        its own, with statistics of its own."""
        if "batchnorm" in inputs["pattern"]:
            normed = [inputs["input_shape"][0], *inputs["widths"]]
            normed = normed[: inputs["pattern"].count("batchnorm")]
            twice = sum(normed) - sum(set(normed))
            return {"parameters": right["parameters"] - 2 * twice}

    @mistake
    def dropout_added(self, right, **inputs):
        """In training mode your net gives something else each time: there is dropout in it, which
        no word asks for."""
        if inputs["pattern"].count("affine") > 1:
            return {"trains without chance": False}

    @mistake
    def convolutions_not_padded(self, right, **inputs):
        """Your convolutions make the image smaller. Here they keep its size: 3×3 with one pixel of
        padding; only the pooling shrinks."""
        if "conv" in inputs["pattern"]:
            return self.stacked(inputs, padding=0)

    @mistake
    def convolutions_bare(self, right, **inputs):
        """Your convolutions have neither padding nor biases. The pattern's have a padding of 1, so
        that only the pooling shrinks the image, and a bias."""
        if "conv" in inputs["pattern"]:
            return self.stacked(inputs, padding=0, conv_bias=False)

    @mistake
    def norms_without_scale_and_shift(self, right, **inputs):
        """Your batch norms have no γ and β (`affine=False`). nn.BatchNorm2d has them unless it is
        told otherwise, and they belong to the layer."""
        if "batchnorm" in inputs["pattern"]:
            says = "'NoneType' object has no attribute 'shape'"
            return dict.fromkeys(right, raises("AttributeError", says))

    @mistake
    def kernel_of_five(self, right, **inputs):
        """Your convolutions are 5×5. Here they are 3×3."""
        if "conv" in inputs["pattern"]:
            return self.stacked(inputs, kernel=5, padding=2)

    @mistake
    def mean_pooling(self, right, **inputs):
        """Your pooling takes means. Here it takes the maximum."""
        if "pool" in inputs["pattern"]:
            return self.stacked(inputs, pool="mean")

    @mistake
    def overlapping_pooling(self, right, **inputs):
        """Your pooling windows are 3×3 and overlap. Here they are 2×2 with stride 2."""
        if "pool" in inputs["pattern"]:
            return self.stacked(inputs, pool="overlapping")

    @mistake
    def pooling_rounds_up(self, right, **inputs):
        """Your pooling keeps the half window at the edge of an odd size. Sizes are rounded
        down."""
        if "pool" in inputs["pattern"]:
            return self.stacked(inputs, pool="up")

    @mistake
    def pooling_without_stride(self, right, **inputs):
        """Your pooling slides by one pixel, so it hardly shrinks the image. Its stride is 2."""
        if "pool" in inputs["pattern"]:
            return self.stacked(inputs, pool="stride 1")

    @mistake
    def padded_pooling(self, right, **inputs):
        """Your pooling windows are 3×3 and padded. Here they are 2×2 with stride 2, not padded."""
        if "pool" in inputs["pattern"]:
            return self.stacked(inputs, pool="padded")

    # Inputs of the first affine layer.

    def does_not_fit(self, right, inputs, count):
        """Where the first affine layer expects another number of inputs than arrive."""
        c, h, w = arriving(*(inputs[name] for name in ("pattern", "input_shape", "widths")))
        if (taken := count(c, h, w)) != c * h * w:
            outputs = inputs["widths"][inputs["pattern"].count("conv")]
            return dict.fromkeys(right, raises("RuntimeError", f"and {taken}x{outputs})"))

    @mistake
    def height_for_width(self, right, **inputs):
        """Your first affine layer expects maps that are as wide as they are high. Images need not
        be square: the width counts by itself."""
        return self.does_not_fit(right, inputs, lambda c, h, w: c * h * h)

    @mistake
    def width_for_height(self, right, **inputs):
        """Your first affine layer expects maps that are as high as they are wide. Images need not
        be square: the height counts by itself."""
        return self.does_not_fit(right, inputs, lambda c, h, w: c * w * w)

    @mistake
    def sides_not_rounded(self, right, **inputs):
        """Your first affine layer expects too many inputs where a side is odd: a pooling leaves the
        odd row or column out. Round each side down at each pooling."""
        (_, height, width), halved = inputs["input_shape"], 2 ** inputs["pattern"].count("pool")
        return self.does_not_fit(
            right, inputs, lambda c, h, w: int(c * (height / halved) * (width / halved))
        )

    @mistake
    def poolings_not_counted(self, right, **inputs):
        """Your first affine layer expects maps of the image's size. Each pooling halves height and
        width."""
        _, height, width = inputs["input_shape"]
        return self.does_not_fit(right, inputs, lambda c, h, w: c * height * width)

    @mistake
    def channels_of_the_image(self, right, **inputs):
        """Your first affine layer expects as many channels as the image has. Behind a convolution
        there are as many as it has filters."""
        return self.does_not_fit(right, inputs, lambda c, h, w: inputs["input_shape"][0] * h * w)

    @mistake
    def places_not_counted(self, right, **inputs):
        """Your first affine layer expects one input for each channel. Flattened, every place of
        every channel is one."""
        return self.does_not_fit(right, inputs, lambda c, h, w: c)

    @mistake
    def channels_without_a_convolution(self, right, **inputs):
        """Where the pattern has no convolution, your first affine layer expects another number of
        inputs than arrive. The channels are those of the image then."""
        if "conv" not in inputs["pattern"]:
            return dict.fromkeys(right, raises("RuntimeError", "mat1 and mat2 shapes"))

    @mistake
    def channels_last(self, right, **inputs):
        """You read `input_shape` as height, width, channels. The channels come first."""
        (channels, _, width), word = inputs["input_shape"], inputs["pattern"][0]
        if word in ("conv", "batchnorm"):
            says = f"to have {width} channels"
            if word == "batchnorm":
                says = f"running_mean should contain {channels} elements not {width}"
            return dict.fromkeys(right, raises("RuntimeError", says))

    @mistake
    def norm_over_the_filters_to_come(self, right, **inputs):
        """Your batch norm is over other channels than arrive, as when it takes the filters of the
        next convolution. It is over what comes out of the layers before it."""
        if "batchnorm" in inputs["pattern"]:
            return dict.fromkeys(right, raises("RuntimeError", "running_mean should contain"))

    @mistake
    def affine_does_not_fit(self, right, **inputs):
        """Your first affine layer expects another number of inputs than arrive. What arrives: the
        channels of the last convolution, times the height and the width that poolings (rounded
        down) and convolutions (padded by 1) have left."""
        if "conv" in inputs["pattern"]:
            return dict.fromkeys(right, raises("RuntimeError", "mat1 and mat2 shapes"))

    @mistake
    def channels_not_carried_on(self, right, **inputs):
        """Your second convolution expects the channels of the image, and gets the filters of the
        first: after each convolution the number of channels is another one."""
        if inputs["pattern"].count("conv") > 1:
            normed = "batchnorm" in inputs["pattern"]
            says = "running_mean should contain" if normed else "channels, but got"
            return dict.fromkeys(right, raises("RuntimeError", says))

    @mistake
    def not_flattened(self, right, **inputs):
        """Images arrive at your affine layer. It works on the last axis only: make rows of them
        first."""
        return dict.fromkeys(right, raises("RuntimeError", "mat1 and mat2 shapes"))

    @mistake
    def layers_still_lazy(self, right, **inputs):
        """Layers of yours are lazy and have no weights yet, which nobody can count or read before
        an image has gone through. Let one of this shape through before you return the net."""
        return dict.fromkeys(right, raises("ValueError", "uninitialized parameter"))

    @mistake
    def statistics_of_a_trial_image(self, right, **inputs):
        """The image that you sent through to learn the shapes has moved the running statistics.
        Batch norm should start fresh: send it in test mode."""
        if "batchnorm" in inputs["pattern"]:
            return {"statistics start fresh": False}

    @mistake
    def left_in_test_mode(self, right, **inputs):
        """Your net, or a layer in it, comes in test mode, so whoever trains it trains with frozen
        statistics. Put all of it back into training mode."""
        return {"in training": False}
