"""Exercise of notebook 01: a net of two layers, its gradients by hand.

Next door, `net_by_autograd` trains the same net on the same cases, and shares most mistakes.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near
from autograder.exercises.gradients.trainings import (
    clipped,
    hidden_cut_off,
    in_turn,
    piling_up,
    trained,
)

HARDLY = 1e-13  # a rate with which no loss differs from the one before by what anybody looks for


def two_layer_cases(rng):
    """Cases of the two-layer net; in one of them a unit's weights start at exactly 0."""

    def case(name, points, steps, lr, dtype="f8", idle=False, switches=False, size=1.0):
        n, d_in, h, d_out = 4, 6, 5, 3
        made = {"x": rng.normal(size=(n, d_in)), "y": rng.normal(size=(n, d_out)),
                "w1": rng.normal(size=(d_in, h)), "w2": rng.normal(size=(h, d_out))}  # fmt: skip
        for key, power in (("w1", 1), ("w2", 1), ("y", 2)):  # with the rate it is the same training
            made[key] = size**power * made[key]
        if idle:
            made["w1"][:, 2] = 0
        made = {key: value.astype(dtype) for key, value in made.items()}
        if switches:
            kept = (trained(**made, lr=lr, steps=steps, mask=mask)["w1"]
                    for mask in ("positive", "at first"))  # fmt: skip
            if np.ptp(list(kept), axis=0).max() < 1e-3:  # no update turns a unit on or off
                return case(name, points, steps, lr, switches=True)
        rate = lr / size**2
        while idle and np.diff(trained(**made, lr=rate, steps=2)["losses"]) < 0:
            rate *= 2  # until the loss rises: the steps are taken all the same
            if rate > 1:  # a step that switches all units off lowers the loss at any rate
                return case(name, points, steps, lr, dtype, idle)
        return Case(name, points, **made, lr=rate, steps=steps)

    yield case("one step", 1, 1, 0.005, size=32.0)  # whoever clips anything, clips it here
    yield case("five steps", 1.5, 5, 0.002, switches=True)
    yield case("a rate so small that the loss hardly falls", 0.25, 4, HARDLY)
    yield case("a rate of 0", 0.25, 3, 0.0)
    yield case("a unit at exactly zero", 1, 2, 0.002, idle=True)
    yield case("single precision", 1, 2, 0.002, "f4")


def trained_by_torch(device, x, y, w1, w2, lr, steps):
    """The oracle of both: autograd's gradients of the summed squares, plain descent."""
    x, y, w1, w2 = (torch.tensor(v, device=device) for v in (x, y, w1, w2))
    weights = [w1.requires_grad_(), w2.requires_grad_()]
    losses = []
    for _ in range(steps):
        loss = torch.nn.functional.mse_loss(torch.relu(x @ w1) @ w2, y, reduction="sum")
        losses.append(loss.item())
        for weight, grad in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.data -= lr * grad
    single = x.dtype == torch.float32
    losses = near(np.array(losses), rtol=2e-5 if single else 1e-8, atol=0.0)
    if single:
        w1, w2 = (near(w.detach(), rtol=1e-5, atol=1e-5) for w in (w1, w2))
    return {"w1": w1, "w2": w2, "losses": losses, "losses are": "a list"}


class TwoLayers(Exercise, abstract=True):
    """What goes wrong in training two layers, by whichever means the gradients are had."""

    # The net.

    @mistake
    def relu_forgotten(self, right, **inputs):
        """Your net has no ReLU on the way forward, so its two layers are one linear map."""
        return trained(**inputs, relu=False, mask="none")

    @mistake
    def sigmoid_for_relu(self, right, **inputs):
        """Your hidden layer has a sigmoid. It is to have a ReLU, max(0, z)."""
        return trained(**inputs, other=(lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)))

    @mistake
    def tanh_for_relu(self, right, **inputs):
        """Your hidden layer has a tanh. It is to have a ReLU, max(0, z)."""
        return trained(**inputs, other=(np.tanh, lambda h: 1 - h**2))

    @mistake
    def relu_on_the_output(self, right, **inputs):
        """Your output goes through a ReLU too, so it can never be negative. Only the hidden layer
        has one."""
        return trained(**inputs, last_relu=True)

    @mistake
    def slope_half_at_zero(self, right, **inputs):
        """A unit that is at exactly 0 gets half a gradient in yours, as torch.maximum and
        np.heaviside(z, 0.5) have it. In this course the slope of a ReLU at 0 is 0."""
        return trained(**inputs, mask="half at 0")

    # Sum and mean.

    @mistake
    def mean_instead_of_sum(self, right, **inputs):
        """Your loss and your gradients are means over all entries, which is the default of
        mse_loss. Here the loss is a sum."""
        return trained(**inputs, loss="mean")

    @mistake
    def mean_over_examples(self, right, **inputs):
        """Your loss and your gradients are divided by the number of examples. Here the loss is a
        sum."""
        return trained(**inputs, loss="mean over examples")

    @mistake
    def mean_over_outputs(self, right, **inputs):
        """Your loss and your gradients are divided by the number of outputs, D_out. Here the loss
        is a sum over examples and outputs."""
        return trained(**inputs, loss="mean over outputs")

    @mistake
    def only_the_gradient_is_a_mean(self, right, **inputs):
        """Your steps are too short by the number of examples: the gradient is that of a mean, and
        the loss here is a sum."""
        return trained(**inputs, gradient="mean over examples")

    @mistake
    def only_the_gradient_is_a_mean_of_all(self, right, **inputs):
        """Your steps are too short by the number of entries of y: the gradient is that of a mean,
        and the loss here is a sum."""
        return trained(**inputs, gradient="mean")

    @mistake
    def only_the_loss_is_a_mean(self, right, **inputs):
        """The losses that you report are means over all entries. The loss is the sum of the
        squares over all examples and outputs."""
        return {"losses": trained(**inputs, loss="mean", gradient="sum")["losses"]}

    @mistake
    def only_the_loss_is_a_mean_over_examples(self, right, **inputs):
        """The losses that you report are divided by the number of examples. The loss is the sum of
        the squares over all examples and outputs."""
        return {"losses": right["losses"] / len(inputs["x"])}

    @mistake
    def square_of_the_sum(self, right, **inputs):
        """You add the errors up and square their sum, so errors of either sign cancel, in the loss
        and in its gradient. Square each one first, then add them up."""
        return trained(**inputs, loss="square of the sum")

    @mistake
    def only_the_loss_is_the_square_of_the_sum(self, right, **inputs):
        """The losses that you report are the squared sum of the errors, in which errors of either
        sign cancel. Square each one first, then add them up."""
        return {"losses": trained(**inputs, loss="square of the sum", gradient="sum")["losses"]}

    @mistake
    def losses_are_norms(self, right, **inputs):
        """The losses that you report are the roots of the summed squares, a norm. The loss is the
        sum of the squares itself."""
        return {"losses": np.sqrt(right["losses"])}

    # The size and the direction of a step.

    @mistake
    def two_forgotten(self, right, **inputs):
        """Your steps are half as long as they should be: the derivative of a square has a factor
        2 in front."""
        return trained(**inputs, slope=1.0)

    @mistake
    def two_forgotten_and_loss_after_the_step(self, right, **inputs):
        """Two things: your steps are half as long as they should be (the derivative of a square has
        a factor 2 in front), and your losses come one step late."""
        return trained(**inputs, slope=1.0, after=True)

    @mistake
    def half_the_square(self, right, **inputs):
        """Your loss has a factor ½, and so your steps are half as long. The loss is the sum of the
        squares, and their derivative has a factor 2."""
        half = trained(**inputs, slope=1.0)
        return half | {"losses": half["losses"] / 2}

    @mistake
    def twice_the_step(self, right, **inputs):
        """Your steps are twice as long as they should be. The factor 2 of the square belongs to the
        gradient once."""
        return trained(**inputs, slope=4.0)

    @mistake
    def uphill(self, right, **inputs):
        """Your loss rises: you add the gradient, or have it with the other sign, as where a
        difference was taken the other way round. Steps go downhill."""
        return trained(**inputs, sign=1.0)

    @mistake
    def with_momentum(self, right, **inputs):
        """Your steps have a momentum of 0.9: part of the last step is in the next. Plain descent
        is asked for, the rate times the gradient."""
        return trained(**inputs, momentum=0.9)

    @mistake
    def pile_up_as_means(self, right, **inputs):
        """Your loss is a mean where a sum is asked for, and from the second step on you use the sum
        of all gradients so far. Begin each step with 0 again."""
        return piling_up(**inputs, mean=True)

    @mistake
    def sums_told_and_means_piled_up(self, right, **inputs):
        """Two things: you differentiate a mean, where the loss is a sum, and from the second step
        on you use the sum of all gradients so far. Clear them in every step."""
        return piling_up(**inputs, mean=True, told=False)

    @mistake
    def one_example_at_a_time(self, right, **inputs):
        """You update the weights after each example. One update uses the gradient of the whole
        batch, the sum over its examples."""
        return trained(**inputs, one_by_one=True)

    @mistake
    def w2_after_w1_has_moved(self, right, **inputs):
        """You take the gradient of w2 anew after w1 has moved. Both gradients belong to the weights
        with which the loss was computed: have both before you change either."""
        return in_turn(**inputs, first=1)

    @mistake
    def w1_after_w2_has_moved(self, right, **inputs):
        """You take the gradient of w1 anew, from the prediction on, after w2 has moved. Both
        gradients belong to the weights with which the loss was computed: have both before you
        change either."""
        return in_turn(**inputs, first=2)

    clipped_to_one, clipped_to_five, clipped_to_100, clipped_to_1000 = map(
        clipped, (1.0, 5.0, 100.0, 1000.0)
    )
    hidden_cut_off_at_6 = hidden_cut_off(6.0)

    @mistake
    def clipped_to_a_norm_of_one(self, right, **inputs):
        """You scale large gradients down to the norm 1. The step is the rate times the gradient as
        it is, however large."""
        return trained(**inputs, clip=1.0, norm=True)

    # Which weights move.

    @mistake
    def w1_never_moves(self, right, **inputs):
        """Your w1 never moves. Both weights take a step, and the gradient of w1 comes through the
        hidden layer: nothing may cut it off there, as detach does."""
        return trained(**inputs, learns=(False, True))

    @mistake
    def w2_never_moves(self, right, **inputs):
        """Your w2 never moves. Both weights take a step."""
        return trained(**inputs, learns=(True, False))

    @mistake
    def nothing_moves(self, right, **inputs):
        """Your weights never move, and the loss stays what it was. The gradient has to be there
        when the update is made, and the update has to reach the weights of the next step."""
        return trained(**inputs, learns=(False, False))

    # How many steps, and which losses.

    @mistake
    def loss_after_the_step(self, right, **inputs):
        """Your losses come one step late: an entry is the loss before that step's update."""
        return trained(**inputs, after=True)

    @mistake
    def one_update_too_few(self, right, steps, **inputs):
        """Your last loss has no update behind it. There are as many updates as steps, and the
        weights returned are those after the last one."""
        before = trained(**inputs, steps=steps - 1)
        return {"w1": before["w1"], "w2": before["w2"]}

    @mistake
    def one_step_too_many(self, right, steps, **inputs):
        """You take one step too many. Count the turns of your loop."""
        return trained(**inputs, steps=steps + 1)

    @mistake
    def one_step_only(self, right, steps, **inputs):
        """You take one step only, whatever `steps` is. Does your function return inside the
        loop?"""
        return trained(**inputs, steps=1) if steps > 1 else None

    @mistake
    def stops_when_it_hardly_falls(self, right, lr, **inputs):
        """You stop when the loss hardly changes any more, and so before the last step. As many
        steps as `steps` says are asked for, however little they bring."""
        if lr in (HARDLY, 0.0):
            return {"losses": right["losses"][:2]}

    @mistake
    def stops_where_it_no_longer_changes(self, right, lr, **inputs):
        """Where the loss no longer changes you stop before the last step. As many steps as `steps`
        says are asked for, and an entry of losses for each of them."""
        if lr == 0.0:
            return {"losses": right["losses"][:2]}

    @mistake
    def last_loss_only(self, right, **inputs):
        """You return one loss, the last. A list with the loss of every step is asked for."""
        return {"losses": right["losses"][-1:], "losses are": "a number"}

    @mistake
    def losses_in_an_array(self, right, **inputs):
        """Your losses come in an array. A list of numbers is asked for."""
        return {"losses are": "an array"}


class two_layer_numpy(TwoLayers):
    """A net of two layers, trained with gradients written by hand."""

    signature = "two_layer_numpy(x, y, w1, w2, lr, steps) -> w1, w2, losses"
    minutes = 15
    difficulty = 3
    reads = {"losses are": "your losses are {seen}; {right} is right"}
    hints = (
        "Four lines forward: z, h, the prediction, the loss. Then the same four backwards, each "
        "taking the gradient of what it made to the gradient of what it was made from.",
        "The derivative of a sum of squares with respect to the prediction is twice the "
        "difference. After that you have two affine layers without bias and a ReLU between them.",
        "Both gradients must be taken at the weights with which the loss was computed, so compute "
        "both before you change either weight.",
    )

    def cases(self, rng):
        yield from two_layer_cases(rng)

    def observe(self, code, x, y, w1, w2, lr, steps):
        w1, w2, losses = code.two_layer_numpy(x, y, w1, w2, lr, steps)
        kind = {list: "a list", np.ndarray: "an array"}.get(type(losses), type(losses).__name__)
        if isinstance(losses, (int, float, np.generic)):
            losses, kind = [losses], "a number"
        numbers = np.array([np.asarray(v) if np.ndim(v) else float(v) for v in losses])
        return {"w1": w1, "w2": w2, "losses": numbers, "losses are": kind}

    def reference(self, **inputs):
        return trained_by_torch(self.device, **inputs)

    @mistake
    def mask_forgotten(self, right, **inputs):
        """Your gradient passes the ReLU as if it were not there (a comparison that is true of every
        unit, as h >= 0 is, blocks nothing). A unit that gave 0 for an example learns nothing from
        it."""
        return trained(**inputs, mask="none")

    @mistake
    def slope_one_at_zero(self, right, **inputs):
        """A unit that is at exactly 0 gets a gradient in yours, since you block only what is below
        0. In this course the slope there is that on the left: 0."""
        return trained(**inputs, mask="not negative")

    @mistake
    def mask_from_the_gradient(self, right, **inputs):
        """You block the gradient where the gradient is negative. What counts is where the ReLU's
        input was not positive, on the way forward."""
        return trained(**inputs, mask="dh")

    @mistake
    def mask_of_the_first_step(self, right, **inputs):
        """In your later steps the gradient is blocked where units were off in the first. An update
        turns units on and off: each step has a forward pass of its own, and its own units that are
        off."""
        return trained(**inputs, mask="at first")

    @mistake
    def w2_changed_first(self, right, **inputs):
        """Your gradient of w1 goes back through the w2 that is already updated. Compute all
        gradients, then update."""
        return trained(**inputs, early=True)

    @mistake
    def w2_first_and_slope_one(self, right, **inputs):
        """Your gradient of w1 goes back through the w2 that is already updated, and a unit at
        exactly 0 gets a gradient. Compute all gradients first; the slope at 0 is 0."""
        return trained(**inputs, early=True, mask="not negative")

    @mistake
    def pile_up(self, right, **inputs):
        """From the second step on you use the sum of all gradients so far. Each step has a gradient
        of its own: begin with 0 again."""
        return piling_up(**inputs)

    @mistake
    def losses_first(self, right, **inputs):
        """You return the losses first. The order is w1, w2, losses."""
        return {"w1": list(right["losses"]), "w2": right["w1"], "losses": right["w2"],
                "losses are": "an array"}  # fmt: skip

    @mistake
    def weights_become_float64(self, right, w1, w2, **inputs):
        """Your weights come back as float64 where float32 was passed in. Keep their dtype: where
        you make an array or a number, mind its type."""
        if w1.dtype == np.float32:
            return {"w1": right["w1"].astype(float), "w2": right["w2"].astype(float)}
