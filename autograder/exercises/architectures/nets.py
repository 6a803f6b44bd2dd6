"""Exercise of notebook 09: whole nets from a pattern, with every shape inferred.

VGG, from its table, is in `vgg`; mistakes are in `net_layers` and `net_loss`.
"""

import torch.nn.functional as F

from autograder.exercise import Case
from autograder.exercises.architectures.net_layers import WrongLayers, stack
from autograder.exercises.architectures.net_loss import WrongLoss, hinges, judged
from course_utils.recipes.architectures import examine


class build_cnn(WrongLayers, WrongLoss):
    """A net from a pattern of words: you give widths, and every other shape follows."""

    signature = "build_cnn(pattern, input_shape, widths, loss='softmax') -> model, loss_function"
    library = "torch"
    uses_global_random = True
    minutes = 20
    difficulty = 3
    reads = {
        "layers": "the list of your layers, as a forward pass calls them,",
        "parameters": "the number of your parameters",
        "out": "the scores of your model, in test mode,",
        "loss": "the value of your loss function",
        "gradient of the loss": "the gradient of your loss by the scores",
        "statistics start fresh": "it is {seen} that your running statistics are untouched; "
        "{right} is right",
        "in training": "it is {seen} that all of your model is in training mode; {right} is right",
        "trains without chance": "it is {seen} that in training mode your model gives the same "
        "twice; {right} is right",
    }
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
        # The first and the third norm are over as many channels.
        yield case("(batchnorm-relu-conv)×3-(affine)×2, softmax", 2, normed * 3 + ["affine"] * 2,
                   [3, 8, 7], [5, 3, 4, 6, 3])  # fmt: skip
        yield case("affine alone", 1, ["affine"], [2, 3, 4], [5])

    def observe(self, code, pattern, input_shape, widths, loss_name, x, scores, y):
        import torch

        from course_utils.recipes import architectures

        made = {}

        def build():
            arguments = [pattern, tuple(input_shape), widths]
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
            made["net"] = net
            return net

        seen = architectures.examine(build, x)
        with torch.no_grad():
            images = torch.from_numpy(x)
            first, second = (made["net"].train()(images) for _ in range(2))
        given = torch.tensor(scores, requires_grad=True)
        value = made["loss"](given, torch.tensor(y))
        gradient = None
        if isinstance(value, torch.Tensor) and value.requires_grad and value.ndim == 0:
            (gradient,) = torch.autograd.grad(value, given)
        loss = value.detach() if isinstance(value, torch.Tensor) else value
        seen |= {"loss": loss, "gradient of the loss": gradient}
        seen |= {"trains without chance": torch.equal(first, second)}
        return seen | {"statistics start fresh": made["fresh"], "in training": made["training"]}

    def reference(self, pattern, input_shape, widths, loss_name, x, scores, y):
        right = examine(lambda: stack(pattern, input_shape, widths), x, device=self.device)
        loss = F.cross_entropy if loss_name == "softmax" else hinges
        return right | judged(loss, scores, y) | {
            "statistics start fresh": True, "in training": True, "trains without chance": True,
        }  # fmt: skip
