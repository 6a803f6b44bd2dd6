"""Exercise of notebook 09: whole nets from a pattern, with every shape inferred.

VGG, from its table, is in `architectures_vgg`.
"""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.exercise import Case, Exercise, mistake, raises
from course_utils.recipes.architectures import examine


def stack(pattern, input_shape, widths, *, flat_relu=True, padding=1, pool="max", at_end=None,
          kernel=3):  # fmt: skip
    """The pattern on torch's lazy layers, which take their shapes from a first image."""
    widths, layers, affines = list(widths), [], 0
    for word in pattern:
        if word == "conv":
            layers.append(nn.LazyConv2d(widths.pop(0), kernel, padding=padding))
        elif word == "batchnorm":
            layers.append(nn.LazyBatchNorm2d())
        elif word == "relu":
            layers.append(nn.ReLU())
        elif word == "pool":
            layers.append({
                "max": nn.MaxPool2d(2), "mean": nn.AvgPool2d(2), "overlapping": nn.MaxPool2d(3, 2),
                "up": nn.MaxPool2d(2, ceil_mode=True), "stride 1": nn.MaxPool2d(2, 1),
            }[pool])  # fmt: skip
        else:
            affines += 1
            if affines == 1:
                layers.append(nn.Flatten())
            elif flat_relu:
                layers.append(nn.ReLU())
            layers.append(nn.LazyLinear(widths.pop(0)))
    net = nn.Sequential(*layers, *([at_end] if at_end else []))
    net.eval()(torch.zeros(2, *input_shape))
    return net.train()


def judged(loss, scores, y):
    """The loss of given scores, and its gradient."""
    scores = torch.tensor(scores, requires_grad=True)
    value = loss(scores, torch.tensor(y))
    (gradient,) = torch.autograd.grad(value, scores)
    return {"loss": value.item(), "gradient of the loss": gradient}


def hinges(scores, y, margin=1.0, power=1, with_own=False):
    """Mean over the batch of the summed violations."""
    off = (scores - scores.gather(1, y[:, None]) + margin).clamp(min=0)
    if not with_own:
        off = off.masked_fill(F.one_hot(y, scores.shape[1]).bool(), 0)
    return (off**power).sum(1).mean()


def one_against_rest(scores, y):
    """TensorFlow's hinge_loss on one-hot labels, summed over the classes."""
    sign = 2.0 * F.one_hot(y, scores.shape[1]) - 1
    return (1 - sign * scores).clamp(min=0).sum(1).mean()


class build_cnn(Exercise):
    """A net from a pattern of words: you give widths, and every other shape follows."""

    signature = "build_cnn(pattern, input_shape, widths, loss='softmax') -> model, loss_function"
    library = "torch"
    uses_global_random = True
    minutes = 20
    difficulty = 3
    hints = (
        "Walk along the words with two things in hand: the layers so far, and the shape of what "
        "comes out of them. Which words change that shape, and how?",
        "At the first affine word the shape becomes one number. At every later one, what must "
        "stand between it and the affine layer before?",
        "nn.MultiMarginLoss is the multiclass SVM but for one factor: compare the formula in its "
        "documentation with notebook 05's.",
    )

    def cases(self, rng):
        def case(name, points, pattern, input_shape, widths, loss="softmax", n=3):
            return Case(
                name, points, pattern=pattern, input_shape=input_shape, widths=widths,
                loss_name=loss, x=rng.normal(size=(n, *input_shape)),
                scores=2 * rng.normal(size=(n + 2, widths[-1])),
                y=rng.integers(0, widths[-1], n + 2),
            )  # fmt: skip

        first, twice = ["conv", "relu", "pool"], ["conv", "relu", "conv", "relu", "pool"]
        normed = ["batchnorm", "relu", "conv"]
        yield case("(conv-relu-pool)×2-(affine)×2, softmax", 3, first * 2 + ["affine"] * 2,
                   [3, 11, 14], [4, 5, 7, 6])  # fmt: skip
        yield case("(conv-relu-pool)×1-(affine)×1, SVM", 2, first + ["affine"], [2, 7, 9], [3, 4],
                   "svm")  # fmt: skip
        yield case("(conv-relu-conv-relu-pool)×2-(affine)×3, SVM", 2, twice * 2 + ["affine"] * 3,
                   [1, 17, 19], [2, 3, 5, 4, 8, 6, 5], "svm")  # fmt: skip
        yield case("(batchnorm-relu-conv)×3-(affine)×2, softmax", 2, normed * 3 + ["affine"] * 2,
                   [3, 8, 7], [5, 2, 4, 6, 3])  # fmt: skip
        yield case("affine alone", 1, ["affine"], [2, 3, 4], [5])

    def observe(self, code, pattern, input_shape, widths, loss_name, x, scores, y):
        import torch

        from course_utils.recipes import architectures

        made = {}

        def build():
            arguments = [list(pattern), tuple(input_shape), list(widths)]
            if loss_name == "softmax":
                net, made["loss"] = code.build_cnn(*arguments)
            else:
                net, made["loss"] = code.build_cnn(*arguments, loss=loss_name)
            made["fresh"] = all(
                not m.running_mean.any() and bool((m.running_var == 1).all())
                for m in net.modules()
                if isinstance(m, torch.nn.BatchNorm2d)
            )
            made["training"] = all(m.training for m in net.modules())
            return net

        seen = architectures.examine(build, x)
        given = torch.tensor(scores, requires_grad=True)
        value = made["loss"](given, torch.tensor(y))
        (gradient,) = torch.autograd.grad(value, given)
        seen |= {"loss": value.item(), "gradient of the loss": gradient}
        return seen | {"statistics start fresh": made["fresh"], "in training": made["training"]}

    def reference(self, pattern, input_shape, widths, loss_name, x, scores, y):
        right = examine(lambda: stack(pattern, input_shape, widths), x, device=self.device)
        loss = F.cross_entropy if loss_name == "softmax" else hinges
        return right | judged(loss, scores, y) | {
            "statistics start fresh": True,
            "in training": True,
        }

    def stacked(self, inputs, **change):
        """What a net that is stacked in another way shows."""
        taken = (inputs[name] for name in ("pattern", "input_shape", "widths"))
        return examine(lambda: stack(*taken, **change), inputs["x"])

    def charged(self, inputs, kind, loss):
        """What another loss in the place of `kind` shows."""
        return judged(loss, inputs["scores"], inputs["y"]) if inputs["loss_name"] == kind else None

    @mistake
    def affines_in_a_row(self, right, **inputs):
        """Your affine layers follow each other directly, and two affine maps in a row are one. The
        slides' (affine)×M leaves unsaid that a ReLU stands between."""
        if inputs["pattern"].count("affine") > 1:
            return self.stacked(inputs, flat_relu=False)

    @mistake
    def relu_on_the_scores(self, right, **inputs):
        """The last layer gives scores, which may be negative: there is no ReLU after it."""
        return self.stacked(inputs, at_end=nn.ReLU())

    @mistake
    def softmax_in_the_net(self, right, **inputs):
        """Your net ends with a softmax. It should give scores; the loss has the softmax in it."""
        return self.stacked(inputs, at_end=nn.Softmax(1))

    @mistake
    def convolutions_not_padded(self, right, **inputs):
        """Your convolutions make the image smaller. Here they keep its size: 3×3 with one pixel of
        padding; only the pooling shrinks."""
        if "conv" in inputs["pattern"]:
            return self.stacked(inputs, padding=0)

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
        """Your layers are lazy and have no weights yet, so no optimizer could be made. Let one
        image of this shape through before you return the net."""
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

    @mistake
    def svm_divided_by_classes(self, right, **inputs):
        """Your SVM loss is the right one divided by the number of classes: torch's MultiMarginLoss
        takes a mean over classes where notebook 05 (and the slides) have a sum."""
        return self.charged(inputs, "svm", F.multi_margin_loss)

    @mistake
    def svm_squared(self, right, **inputs):
        """Your SVM loss squares the violations."""
        return self.charged(inputs, "svm", lambda s, y: hinges(s, y, power=2))

    @mistake
    def svm_with_the_right_class(self, right, **inputs):
        """Your SVM loss counts the right class against itself: its violation is always the whole
        margin, 1 for every example."""
        return self.charged(inputs, "svm", lambda s, y: hinges(s, y, with_own=True))

    @mistake
    def svm_one_against_rest(self, right, **inputs):
        """Your SVM loss puts every class against zero, as tf.losses.hinge_loss on one-hot labels
        did. The multiclass SVM compares each score with that of the right class."""
        return self.charged(inputs, "svm", one_against_rest)

    @mistake
    def svm_without_margin(self, right, **inputs):
        """Your SVM loss has no margin: it is content as soon as the right score is the highest."""
        return self.charged(inputs, "svm", lambda s, y: hinges(s, y, margin=0.0))

    @mistake
    def softmax_whatever_is_asked(self, right, **inputs):
        """Your loss is softmax cross-entropy also where loss="svm"."""
        return self.charged(inputs, "svm", F.cross_entropy)

    @mistake
    def loss_summed(self, right, **inputs):
        """Your loss is a sum over the batch. Here it is the mean, so that the learning rate need
        not change with the batch."""
        n = len(inputs["y"])
        return {"loss": n * right["loss"],
                "gradient of the loss": n * right["gradient of the loss"]}  # fmt: skip
