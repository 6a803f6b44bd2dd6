"""Exercise of notebook 01: one step of an optimizer."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.gradients.stepping import (
    AFTER_THE_UPDATE,
    NEVER_CLEARED,
    class_left_out,
    clipped_to,
    cross_entropy,
    epsilon_in_the_logarithm,
    labels_smoothed,
    loss_rounded,
    own_optimizer,
    probabilities_clamped,
    probability_of_the_class,
    softmax_first,
    stepped,
    sum_over_the_batch,
    two_things,
)

PROBABILITIES_GIVEN = (
    "CrossEntropyLoss has the softmax in it, and you put probabilities where it expects scores"
)
SUM_TAKEN = "your loss is a sum over the batch, where the mean is asked for"


class train_step(Exercise):
    """One step of training a classifier."""

    signature = "train_step(model, optimizer, x, y) -> loss"
    library = "torch"
    minutes = 8
    difficulty = 1
    reads = {
        "weight": "the model's weight after your steps",
        "bias": "the model's bias after your steps",
        "loss": "the loss that you return, by step,",
        "kind of loss": "the loss that you return is {seen}; {right} is right",
    }
    hints = (
        "Five lines are enough. Only their order is difficult: what must be empty before "
        "backward, and filled before the step?",
        "CrossEntropyLoss takes the scores as they come out of the net. A loss tensor's .item() is "
        "a number without a graph.",
    )

    def cases(self, rng):
        def case(name, points, steps, momentum=0.0, left=0.0, size=1.0):
            n, d, c = 5, 4, 3
            W, b, x = rng.normal(size=(c, d)), rng.normal(size=c), rng.normal(size=(steps, n, d))
            y = rng.integers(0, c, (steps, n))
            if size > 1:  # the class with the lowest score has a probability of 0, once rounded
                y[0, :3] = (x[0] @ W.T)[:3].argmin(1)
            # Large inputs, not weights: then gradients are large as well, for whoever clips them.
            return Case(name, points, W=W, b=b, x=size * x, y=y, lr=0.3, momentum=momentum,
                        left=left)  # fmt: skip

        yield case("one step", 0.5, 1)
        yield case("scores of several hundred", 0.5, 1, size=1000.0)
        yield case("three steps", 1, 3)
        yield case("gradients left over from before", 1, 2, left=0.7)
        yield case("an optimizer with momentum", 1, 3, momentum=0.9)

    def observe(self, code, W, b, x, y, lr, momentum, left):
        import torch

        from course_utils.recipes import modules

        model = modules.seeded(lambda: torch.nn.Linear(W.shape[1], W.shape[0]).double(), 0)
        with torch.no_grad():
            model.weight.copy_(torch.tensor(W))
            model.bias.copy_(torch.tensor(b))
        for p in model.parameters():
            p.grad = torch.full_like(p, left) if left else None
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
        losses = [
            code.train_step(model, optimizer, torch.tensor(xs), torch.tensor(ys))
            for xs, ys in zip(x, y, strict=True)
        ]
        # A tensor with a graph warns where it becomes a float.
        plain = [v.detach() if isinstance(v, torch.Tensor) else v for v in losses]
        kinds = {torch.Tensor: "a tensor", np.ndarray: "an array"}
        other = [kinds.get(type(v), type(v).__name__) for v in losses if not isinstance(v, float)]
        return {
            "weight": model.weight.detach(),
            "bias": model.bias.detach(),
            "loss": np.array([float(loss) for loss in plain]),
            "kind of loss": other[0] if other else "a float",
        }

    def reference(self, W, b, x, y, lr, momentum, left):
        model = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64, device=self.device)
        model.weight.data[:], model.bias.data[:] = torch.tensor(W), torch.tensor(b)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
        losses = []
        for xs, ys in zip(x, y, strict=True):
            xs, ys = torch.tensor(xs, device=self.device), torch.tensor(ys, device=self.device)
            logs = torch.log_softmax(model(xs), 1)
            loss = -logs[torch.arange(len(ys)), ys].mean()
            for p, g in zip(
                model.parameters(), torch.autograd.grad(loss, list(model.parameters())), strict=True
            ):
                p.grad = g
            optimizer.step()
            losses.append(loss.item())
        return {"weight": model.weight.detach(), "bias": model.bias.detach(),
                "loss": np.array(losses), "kind of loss": "a float"}  # fmt: skip

    # Clear, backward, step.

    @mistake
    def never_cleared(self, right, **inputs):
        """The gradients of your earlier steps are still in there: backward adds to .grad. Clear it
        in every step."""
        return stepped(**inputs, clear="never")

    @mistake
    def cleared_only_at_the_end(self, right, **inputs):
        """You clear the gradients after the step, which leaves the first step with whatever was
        there before. Clear them before backward."""
        return stepped(**inputs, clear="last")

    @mistake
    def nothing_to_step_on(self, right, **inputs):
        """The weights never move: the optimizer has not stepped, or had no gradients when it did.
        Clear, backward, step, in this order."""
        return stepped(**inputs, clear="before the step")

    @mistake
    def steps_before_backward(self, right, **inputs):
        """Your optimizer steps on the gradients of the batch before, or on what was left in .grad:
        the step comes before backward. Clear, backward, step, in this order."""
        return stepped(**inputs, clear="one late")

    @mistake
    def steps_twice(self, right, **inputs):
        """You step twice on one gradient. One call is one update."""
        return stepped(**inputs, times=2)

    @mistake
    def gradient_may_be_none(self, right, left, **inputs):
        """Before the first backward the .grad of a parameter is None, and you use it as a tensor.
        Let the optimizer clear the gradients, or ask for None first."""
        if not left:
            return dict.fromkeys(right, raises("AttributeError", "NoneType"))

    @mistake
    def gradient_none_in_an_expression(self, right, left, **inputs):
        """Before the first backward the .grad of a parameter is None, and you compute with it as if
        it were a number. Let the optimizer clear the gradients: 0 times NaN is no 0 either."""
        if not left:
            return dict.fromkeys(right, raises("TypeError", "NoneType"))

    @mistake
    def loss_without_gradient(self, right, **inputs):
        """Nothing in your loss asks for gradients, so backward has nowhere to go. Scores lose
        theirs under no_grad and by detach, and argmax has no slope."""
        return dict.fromkeys(right, raises("RuntimeError", "does not require grad"))

    clipped, clipped_to_a_tenth, clipped_to_a_half, clipped_to_5, clipped_to_10 = map(
        clipped_to, (1.0, 0.1, 0.5, 5.0, 10.0)
    )
    own_rate_0_01 = own_optimizer(0.01)
    own_rate_0_1 = own_optimizer(0.1)
    own_rate_0_001 = own_optimizer(0.001)

    @mistake
    def own_adam(self, right, x, y, **inputs):
        """Your steps are those of a new Adam at the rate 0.001, whatever optimizer is passed in.
        Use the one that you are given."""
        weights = [torch.tensor(inputs[n], requires_grad=True) for n in ("W", "b")]
        losses = []
        for xs, ys in zip(x, y, strict=True):
            loss = F.cross_entropy(F.linear(torch.tensor(xs), *weights), torch.tensor(ys))
            losses.append(loss.item())
            for p, g in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                p.data -= 1e-3 * g / (g.abs() + 1e-8)
        return {"weight": weights[0].detach(), "bias": weights[1].detach(),
                "loss": np.array(losses)}  # fmt: skip

    @mistake
    def momentum_lost(self, right, momentum, **inputs):
        """Your updates lack the momentum of the optimizer that you are given: they are made by
        hand, or by one that is new in each call. Let the one that is passed in make them."""
        return stepped(**inputs, momentum=0.0)

    # The loss.

    @mistake
    def softmax_twice(self, right, **inputs):
        """CrossEntropyLoss has the softmax in it. You put probabilities where it expects scores,
        and the loss can hardly fall."""
        return stepped(**inputs, loss=softmax_first)

    softmax_twice_and_never_cleared = two_things(PROBABILITIES_GIVEN, softmax_first, NEVER_CLEARED)
    label_smoothing_and_never_cleared = two_things(
        "you smooth the labels by 0.1, where plain cross-entropy is asked for",
        labels_smoothed, NEVER_CLEARED,
    )  # fmt: skip
    summed_and_never_cleared = two_things(SUM_TAKEN, sum_over_the_batch, NEVER_CLEARED)
    scores_as_logarithms_and_never_cleared = two_things(
        "NLLLoss takes logarithms of probabilities, and you give it scores",
        F.nll_loss, NEVER_CLEARED,
    )  # fmt: skip
    summed_and_after_the_update = two_things(SUM_TAKEN, sum_over_the_batch, AFTER_THE_UPDATE)
    softmax_twice_and_after_the_update = two_things(
        PROBABILITIES_GIVEN, softmax_first, AFTER_THE_UPDATE
    )

    @mistake
    def sigmoid_first(self, right, **inputs):
        """You put the scores through a sigmoid before CrossEntropyLoss. It takes the scores as they
        come out of the model."""
        return stepped(**inputs, loss=lambda scores, y: cross_entropy(scores.sigmoid(), y))

    @mistake
    def scores_as_logarithms(self, right, **inputs):
        """NLLLoss takes logarithms of probabilities, and you give it scores: it has no softmax in
        it. CrossEntropyLoss has."""
        return stepped(**inputs, loss=F.nll_loss)

    @mistake
    def probabilities_as_logarithms(self, right, **inputs):
        """NLLLoss takes logarithms of probabilities, and you give it the probabilities: the
        logarithm is missing. CrossEntropyLoss has both in it."""
        return stepped(**inputs, loss=lambda scores, y: F.nll_loss(scores.softmax(1), y))

    @mistake
    def softmax_over_the_examples(self, right, **inputs):
        """Your softmax goes over the examples, along dim=0. It goes over the classes of one
        example."""
        return stepped(**inputs, loss=lambda scores, y: F.nll_loss(scores.log_softmax(0), y))

    @mistake
    def log_of_softmax(self, right, **inputs):
        """Your loss is infinite where a probability is rounded to 0: you take the softmax first and
        its logarithm then. Take both in one go, as CrossEntropyLoss does."""
        return stepped(
            **inputs, loss=lambda scores, y: -probability_of_the_class(scores, y).log().mean()
        )

    epsilon_1e_7 = epsilon_in_the_logarithm(1e-7)
    epsilon_1e_8 = epsilon_in_the_logarithm(1e-8)
    epsilon_1e_12 = epsilon_in_the_logarithm(1e-12)
    clamped_1e_7 = probabilities_clamped(1e-7)
    class_0_left_out = class_left_out(0)

    @mistake
    def summed(self, right, **inputs):
        """Your loss is a sum over the batch. Here it is the mean, as CrossEntropyLoss does it
        unasked, so that the rate need not change with the batch."""
        return stepped(**inputs, loss=sum_over_the_batch)

    @mistake
    def loss_with_its_arguments_exchanged(self, right, **inputs):
        """Your loss is given the labels where it expects the scores, and torch cannot work on whole
        numbers there. The scores come first, then the labels."""
        return dict.fromkeys(right, raises("NotImplementedError", "not implemented for 'Long'"))

    @mistake
    def mean_over_the_classes_too(self, right, **inputs):
        """Your loss is divided by the number of classes as well, as by a mean over all N·C entries.
        An example has one term, that of its own class: divide the sum of these by N."""
        return stepped(**inputs, loss=lambda s, y: cross_entropy(s, y) / s.shape[1])

    @mistake
    def divided_twice(self, right, y, **inputs):
        """Your loss is divided by the number of examples twice: CrossEntropyLoss takes the mean
        already."""
        n = y.shape[1]
        return stepped(y=y, **inputs, loss=lambda scores, y: cross_entropy(scores, y) / n)

    @mistake
    def sum_returned(self, right, y, **inputs):
        """You return the sum of the losses of the batch. The mean over the examples is asked
        for."""
        return {"loss": right["loss"] * y.shape[1]}

    @mistake
    def mean_divided_again(self, right, y, **inputs):
        """You divide the loss that you return by the number of examples, and it is a mean
        already."""
        return {"loss": right["loss"] / y.shape[1]}

    @mistake
    def sum_differentiated(self, right, **inputs):
        """Your steps are too long by the number of examples: you differentiate the sum over the
        batch. The mean is asked for, in what you return and in what you differentiate."""
        return stepped(**inputs, returned=cross_entropy, loss=sum_over_the_batch)

    @mistake
    def squared_error(self, right, **inputs):
        """Your loss is the squared error against one-hot labels. Cross-entropy is asked for."""

        def loss(scores, y):
            return F.mse_loss(scores, F.one_hot(y, scores.shape[1]).to(scores))

        return stepped(**inputs, loss=loss)

    @mistake
    def binary_cross_entropy(self, right, **inputs):
        """Your loss is the binary cross-entropy of each score by itself. The classes exclude each
        other: cross-entropy with a softmax over the classes is asked for."""

        def loss(scores, y):
            labels = F.one_hot(y, scores.shape[1]).to(scores)
            return F.binary_cross_entropy_with_logits(scores, labels)

        return stepped(**inputs, loss=loss)

    @mistake
    def accuracy_returned(self, right, **inputs):
        """You return the accuracy of the batch. The loss is asked for."""
        found = stepped(
            **inputs, returned=lambda scores, y: (scores.argmax(1) == y).double().mean()
        )
        return {"loss": found["loss"]}

    @mistake
    def label_smoothing(self, right, **inputs):
        """You smooth the labels by 0.1. Plain cross-entropy is asked for."""
        return stepped(**inputs, loss=labels_smoothed)

    rounded_to_four, rounded_to_three, rounded_to_two = map(loss_rounded, (4, 3, 2))

    @mistake
    def loss_after_the_step(self, right, **inputs):
        """The loss you return is that after the step. The one that was differentiated costs
        nothing extra: return it."""
        return stepped(**inputs, after=True)

    @mistake
    def never_cleared_and_loss_after_the_step(self, right, **inputs):
        """Two things: the gradients of your earlier steps are still in .grad, since nothing clears
        it; and the loss that you return is the one after the update. Return the one that was
        differentiated."""
        return stepped(**inputs, clear="never", after=True)

    @mistake
    def loss_keeps_its_graph(self, right, **inputs):
        """You return a tensor. A Python float is asked for: a tensor may keep the graph of its step
        in memory, for as long as somebody collects the losses."""
        return {"kind of loss": "a tensor"}
