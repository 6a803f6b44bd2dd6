"""Exercise of notebook 01: the net of two layers again, with gradients from autograd."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, raises
from autograder.exercises.gradients.net_by_hand import (
    TwoLayers,
    trained_by_torch,
    two_layer_cases,
)
from autograder.exercises.gradients.trainings import piling_up, trained


def totalled(x, y, w1, w2, lr, steps, elsewhere):
    """Training in which each step differentiates the sum of all losses so far.

    The old graphs hold the hidden units of their own time, and the weights of today.
    """
    x, y, w1, w2 = (torch.tensor(v) for v in (x, y, w1, w2))
    weights, losses, total = [w1.requires_grad_(), w2.requires_grad_()], [], 0
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).square().sum()
        losses.append(loss.item())
        total = total + loss
        for weight, grad in zip(
            weights, torch.autograd.grad(total, weights, retain_graph=True), strict=True
        ):
            weight.data -= lr * grad
    return {"w1": w1.detach(), "w2": w2.detach(), "losses": np.array(losses)}


def by_adam(x, y, w1, w2, lr, steps, elsewhere):
    """Training with Adam, with its usual numbers, in the place of plain descent."""
    x, y, w1, w2 = (torch.tensor(v) for v in (x, y, w1, w2))
    weights, losses = [w1.requires_grad_(), w2.requires_grad_()], []
    optimizer = torch.optim.Adam(weights, lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (torch.relu(x @ w1) @ w2 - y).square().sum()
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return {"w1": w1.detach(), "w2": w2.detach(), "losses": np.array(losses)}


class two_layer_autograd(TwoLayers):
    """The same training, with gradients from autograd."""

    signature = "two_layer_autograd(x, y, w1, w2, lr, steps) -> w1, w2, losses"
    library = "torch"
    minutes = 10
    difficulty = 2
    reads = {
        "weights are": "the weights that you return are {seen}; {right} are right",
        "losses are": "your losses are {seen}; {right} is right",
        "entries are": "the entries of your losses are {seen}; {right} are right",
        "w1 passed in": "after your function the w1 that was passed to you",
        "w2 passed in": "after your function the w2 that was passed to you",
        "asking": "of the arguments {seen} ask for gradients when you return; {right} is right",
    }
    hints = (
        "Make copies of w1 and w2, and ask the copies for gradients: then they are the leaves of "
        "your graph, and the caller's tensors are safe.",
        "The update is not part of what is differentiated, so do it in place, under "
        "torch.no_grad().",
        "backward adds to .grad. What must happen to it before the next step?",
    )

    def cases(self, rng):
        for case in two_layer_cases(rng):
            yield Case(case.name, case.points, **case.inputs, elsewhere=False)
        case = next(two_layer_cases(rng))
        yield Case("new tensors go elsewhere by default", 1, **case.inputs, elsewhere=True)

    def observe(self, code, x, y, w1, w2, lr, steps, elsewhere):
        import contextlib

        import torch

        given = [torch.tensor(v, device="cpu") for v in (x, y, w1, w2)]
        with torch.device("meta") if elsewhere else contextlib.nullcontext():
            new1, new2, losses = code.two_layer_autograd(*given, lr, steps)
        kinds = {list: "a list", np.ndarray: "an array", torch.Tensor: "a tensor"}
        kind = kinds.get(type(losses), type(losses).__name__)
        if isinstance(losses, float) or (torch.is_tensor(losses) and losses.ndim == 0):
            losses, kind = [losses], "a number"
        named = zip(("x", "y", "w1", "w2"), given, strict=True)
        return {
            "w1": new1,
            "w2": new2,
            "losses": np.array([float(v) for v in losses if not np.ndim(v)]),
            "losses are": kind,
            "entries are": "floats" if all(isinstance(v, float) for v in losses) else "no floats",
            "weights are": "leaf tensors" if new1.is_leaf and new2.is_leaf else "part of a graph",
            "w1 passed in": given[2].detach(),
            "w2 passed in": given[3].detach(),
            "asking": ", ".join(name for name, v in named if v.requires_grad) or "none",
        }

    def reference(self, elsewhere, **inputs):
        return trained_by_torch(self.device, **inputs) | {
            "weights are": "leaf tensors",
            "entries are": "floats",
            "w1 passed in": inputs["w1"],
            "w2 passed in": inputs["w2"],
            "asking": "none",
        }

    def stopped(self, right, kind, says):
        return dict.fromkeys(right, raises(kind, says))

    # Clearing.

    @mistake
    def gradients_pile_up(self, right, **inputs):
        """From the second step on your gradients are too long: backward adds to what .grad holds
        already. Clear it in every step."""
        return piling_up(**inputs)

    @mistake
    def gradients_of_w2_pile_up(self, right, **inputs):
        """The gradients of your w2 pile up, those of w1 do not: backward adds to what .grad holds
        already. Clear both in every step."""
        return piling_up(**inputs, which=(False, True))

    @mistake
    def gradients_of_w1_pile_up(self, right, **inputs):
        """The gradients of your w1 pile up, those of w2 do not: backward adds to what .grad holds
        already. Clear both in every step."""
        return piling_up(**inputs, which=(True, False))

    @mistake
    def running_total(self, right, **inputs):
        """You add the losses up and differentiate their total, so each step has the gradients of
        all the steps before in it. Differentiate the loss of this step alone."""
        return totalled(**inputs)

    @mistake
    def adam(self, right, **inputs):
        """Your steps are those of Adam. Plain descent is asked for, the rate times the gradient."""
        return by_adam(**inputs)

    # Leaves and graphs.

    @mistake
    def leaf_lost(self, right, steps, **inputs):
        """Your updated weight is the result of a computation, no longer a leaf: backward fills
        .grad of leaves only. Update in place and under torch.no_grad(), so that it stays one."""
        if steps == 1:
            return {"weights are": "part of a graph"}
        return self.stopped(right, "TypeError", "NoneType")

    @mistake
    def returned_in_a_graph(self, right, **inputs):
        """The weights that you return were computed from others that ask for gradients, as a clone
        of a leaf is, so they drag a graph along. Return leaves: the weights themselves, or
        detached."""
        return {"weights are": "part of a graph"}

    @mistake
    def no_gradient_arrives(self, right, **inputs):
        """In your first step already the .grad of a weight is None. backward fills it for a leaf
        that asks for gradients and takes part in the loss: not for the result of a computation, and
        not behind detach()."""
        return self.stopped(right, "TypeError", "NoneType")

    @mistake
    def weight_without_gradient(self, right, steps, **inputs):
        """The weight you make under no_grad is a new tensor that asks for no gradient, so the
        second step has nothing to go back to. Change the old one in place."""
        return None if steps == 1 else self.stopped(right, "RuntimeError", "not require grad")

    @mistake
    def update_is_recorded(self, right, **inputs):
        """Your update itself is recorded by autograd, which does not let you change in place a leaf
        that asks for gradients. Switch the recording off around it."""
        return self.stopped(right, "RuntimeError", "leaf Variable")

    @mistake
    def never_asked_for_gradients(self, right, **inputs):
        """Nothing in your computation asks for gradients, so backward has nowhere to go. The
        weights that are trained have to ask for them before the loss is computed."""
        return self.stopped(right, "RuntimeError", "does not require grad and does not have")

    @mistake
    def loss_not_one_number(self, right, **inputs):
        """backward wants one number, and yours is a table of squares. Sum them before you call
        it."""
        return self.stopped(right, "RuntimeError", "only for scalar outputs")

    @mistake
    def through_a_freed_graph(self, right, steps, **inputs):
        """Your second backward goes through the graph of the first step once more, as where the
        losses are added up and their total is differentiated. Each step has a loss and a graph of
        its own."""
        return None if steps == 1 else self.stopped(right, "RuntimeError", "a second time")

    @mistake
    def changed_under_a_graph(self, right, steps, **inputs):
        """Your second backward goes through the graph of the first step once more, and the weights
        in it have changed since. Each step has a loss and a graph of its own."""
        return None if steps == 1 else self.stopped(right, "RuntimeError", "inplace operation")

    # The caller's tensors.

    @mistake
    def works_on_the_arguments(self, right, **inputs):
        """You train the caller's own tensors. detach() alone shares their memory; a clone does
        not."""
        return {"w1 passed in": right["w1"], "w2 passed in": right["w2"]}

    @mistake
    def marks_the_arguments(self, right, **inputs):
        """After your function the caller's weights ask for gradients: requires_grad changed the
        tensors themselves. Call it on copies."""
        return {"asking": "w1, w2"}

    @mistake
    def marks_the_data(self, right, **inputs):
        """After your function the caller's x and y ask for gradients: requires_grad changed the
        tensors themselves. Only weights need gradients, and only your copies of them."""
        return {"asking": "x, y"}

    @mistake
    def marks_x(self, right, **inputs):
        """After your function the caller's x asks for gradients: requires_grad changed the
        tensor itself. Only weights need gradients, and only your copies of them."""
        return {"asking": "x"}

    @mistake
    def marks_all_arguments(self, right, **inputs):
        """After your function all four of the caller's tensors ask for gradients:
        requires_grad_() changed the tensors themselves. Call it on copies of the weights."""
        return {"asking": "x, y, w1, w2"}

    # The rest.

    @mistake
    def losses_are_tensors(self, right, **inputs):
        """Your list does not hold Python floats: a tensor in it may keep the graph of its step
        alive. Store numbers."""
        return {"entries are": "no floats"}

    @mistake
    def slope_one_at_zero(self, right, **inputs):
        """A unit at exactly 0 gets a gradient in yours: clamp has slope 1 there. relu has 0, and
        that is this course's convention."""
        return trained(**inputs, mask="not negative")

    @mistake
    def slope_one_and_twice_the_step(self, right, **inputs):
        """Your steps are twice as long as they should be, since autograd has the factor 2 of the
        square already; and a unit at exactly 0 gets a gradient, since clamp has slope 1 there."""
        return trained(**inputs, mask="not negative", slope=4.0)

    @mistake
    def made_on_the_default_device(self, right, elsewhere, **inputs):
        """You make a tensor without saying where, so it is made on the default device, which need
        not be that of x. Make it from x, or with device=x.device."""
        return self.stopped(right, "RuntimeError", "meta") if elsewhere else None
