"""Exercises of notebook 01: a net of two layers, its gradients by hand and by autograd.

Both are judged on the same cases. Modules and optimizers are in `gradients_modules`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises


def train_by_hand(
    x, y, w1, w2, lr, steps, *,
    mask="positive", early=False, loss="sum", slope=2.0, after=False, sign=-1.0, relu=True,
):  # fmt: skip
    """What a training by hand gives, right or with one of its mistakes."""
    losses = []

    def hidden(z):
        return np.maximum(z, 0) if relu else z

    def value(w1, w2):
        square = (hidden(x @ w1) @ w2 - y) ** 2
        if loss == "mean over examples":
            return float(square.sum() / len(x))
        return float(square.mean() if loss != "sum" else square.sum())

    for _ in range(steps):
        z = x @ w1
        h = hidden(z)
        losses.append(value(w1, w2))
        d_out = slope * (h @ w2 - y) / {"mean": y.size, "mean over examples": len(x)}.get(loss, 1)
        new_w2 = w2 + sign * lr * h.T @ d_out
        d_h = d_out @ (new_w2 if early else w2).T
        keep = {"positive": z > 0, "not negative": z >= 0, "none": True, "dh": d_h > 0}[mask]
        w1, w2 = w1 + sign * lr * x.T @ (d_h * keep), new_w2
    if after:
        losses = [*losses[1:], value(w1, w2)]
    return {"w1": w1, "w2": w2, "losses": np.array(losses)}


def two_layer_cases(rng):
    """Cases of the two-layer net; in one of them a unit's weights start at exactly 0."""

    def case(name, points, steps, lr, dtype="f8", idle=False):
        n, d_in, h, d_out = 4, 6, 5, 3
        made = {"x": rng.normal(size=(n, d_in)), "y": rng.normal(size=(n, d_out)),
                "w1": rng.normal(size=(d_in, h)), "w2": rng.normal(size=(h, d_out))}  # fmt: skip
        if idle:
            made["w1"][:, 2] = 0
        made = {key: value.astype(dtype) for key, value in made.items()}
        return Case(name, points, **made, lr=lr, steps=steps)

    yield case("one step", 1, 1, 0.005)
    yield case("five steps", 2, 5, 0.002)
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
    return {"w1": w1, "w2": w2, "losses": losses}


class two_layer_numpy(Exercise):
    """A net of two layers, trained with gradients written by hand."""

    signature = "two_layer_numpy(x, y, w1, w2, lr, steps) -> w1, w2, losses"
    minutes = 15
    difficulty = 3
    hints = (
        "Four lines forward: z, h, the prediction, the loss. Then the same four backwards, each "
        "taking the gradient of what it made to the gradient of what it was made from.",
        "The derivative of a sum of squares with respect to the prediction is twice the "
        "difference. After that you have two affine layers without bias and a ReLU between them.",
        "Both gradients belong to the weights with which the loss was computed: have both before "
        "you change either.",
    )

    def cases(self, rng):
        yield from two_layer_cases(rng)

    def observe(self, code, x, y, w1, w2, lr, steps):
        w1, w2, losses = code.two_layer_numpy(x, y, w1, w2, lr, steps)
        return {"w1": w1, "w2": w2, "losses": np.array([float(loss) for loss in losses])}

    def reference(self, **inputs):
        return trained_by_torch(self.device, **inputs)

    @mistake
    def mask_forgotten(self, right, **inputs):
        """The gradient passes the ReLU as if it were not there (a comparison that is true of every
        unit, as h >= 0 is, blocks nothing). A unit that gave 0 for an example learns nothing from
        it."""
        return train_by_hand(**inputs, mask="none")

    @mistake
    def relu_forgotten(self, right, **inputs):
        """Your net has no ReLU on the way forward, so its two layers are one linear map."""
        return train_by_hand(**inputs, relu=False, mask="none")

    @mistake
    def slope_one_at_zero(self, right, **inputs):
        """A unit that is at exactly 0 gets a gradient in yours, as on the lecture slide, which
        blocks only what is below 0. In this course the slope there is that on the left: 0."""
        return train_by_hand(**inputs, mask="not negative")

    @mistake
    def mask_from_the_gradient(self, right, **inputs):
        """You block the gradient where the gradient is negative. What counts is where the ReLU's
        input was not positive, on the way forward."""
        return train_by_hand(**inputs, mask="dh")

    @mistake
    def w2_changed_first(self, right, **inputs):
        """The gradient of w1 goes back through w2, and yours goes through the w2 that is already
        updated. Compute all gradients, then update."""
        return train_by_hand(**inputs, early=True)

    @mistake
    def mean_instead_of_sum(self, right, **inputs):
        """Loss and gradients are means over all entries. This notebook sums, as the slide does."""
        return train_by_hand(**inputs, loss="mean")

    @mistake
    def mean_over_examples(self, right, **inputs):
        """Loss and gradients are divided by the number of examples. This notebook sums, as the
        slide does."""
        return train_by_hand(**inputs, loss="mean over examples")

    @mistake
    def only_the_gradient_is_a_mean(self, right, **inputs):
        """Your losses begin as they should, but your steps are too short by the number of
        examples: the gradient is that of a mean, and the loss here is a sum."""
        return train_by_hand(**inputs, slope=2.0 / len(inputs["x"]))

    @mistake
    def only_the_loss_is_a_mean(self, right, **inputs):
        """The weights are right; the losses you report are means. The loss is the sum of the
        squares over all examples and outputs."""
        return train_by_hand(**inputs, loss="mean in the list only")

    @mistake
    def two_forgotten(self, right, **inputs):
        """Your steps are half as long as they should be: the derivative of a square has a factor
        in front."""
        return train_by_hand(**inputs, slope=1.0)

    @mistake
    def loss_after_the_step(self, right, **inputs):
        """Your losses come one step late: an entry is the loss before that step's update."""
        return train_by_hand(**inputs, after=True)

    @mistake
    def uphill(self, right, **inputs):
        """Your loss rises: you add the gradient, or have it with the other sign, as where a
        difference was taken the other way round. Steps go downhill."""
        return train_by_hand(**inputs, sign=1.0)


# The same with autograd.


def piling_up(x, y, w1, w2, lr, steps):
    """Training in which each step uses the sum of all gradients so far."""
    x, y, w1, w2 = (torch.tensor(v) for v in (x, y, w1, w2))
    weights, losses = [w1.requires_grad_(), w2.requires_grad_()], []
    for _ in range(steps):
        loss = (torch.relu(x @ w1) @ w2 - y).square().sum()
        loss.backward()
        losses.append(loss.item())
        for weight in weights:
            weight.data -= lr * weight.grad
    return {"w1": w1.detach(), "w2": w2.detach(), "losses": np.array(losses)}


class two_layer_autograd(Exercise):
    """The same training, with gradients from autograd."""

    signature = "two_layer_autograd(x, y, w1, w2, lr, steps) -> w1, w2, losses"
    library = "torch"
    minutes = 10
    difficulty = 2
    hints = (
        "Make copies of w1 and w2, and ask the copies for gradients: then they are the leaves of "
        "your graph, and the caller's tensors are safe.",
        "The update is no part of what is differentiated: do it in place, under torch.no_grad().",
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
        return {
            "w1": new1,
            "w2": new2,
            "losses": np.array([float(loss) for loss in losses]),
            "weights are": "leaf tensors" if new1.is_leaf and new2.is_leaf else "in a graph",
            "losses are": "numbers" if all(isinstance(v, float) for v in losses) else "tensors",
            "your argument w1": given[2].detach(),
            "your argument w2": given[3].detach(),
            "arguments that ask for gradients": sum(v.requires_grad for v in given),
        }

    def reference(self, elsewhere, **inputs):
        return trained_by_torch(self.device, **inputs) | {
            "weights are": "leaf tensors",
            "losses are": "numbers",
            "your argument w1": inputs["w1"],
            "your argument w2": inputs["w2"],
            "arguments that ask for gradients": 0,
        }

    def stopped(self, right, kind, says):
        return dict.fromkeys(right, raises(kind, says))

    @mistake
    def gradients_pile_up(self, right, elsewhere, **inputs):
        """From the second step on your gradients are too long: backward adds to what .grad holds
        already. Clear it in every step."""
        return piling_up(**inputs)

    @mistake
    def leaf_lost(self, right, steps, **inputs):
        """Your updated weight is the result of a computation, no longer a leaf: backward fills
        .grad of leaves only. Update in place and under torch.no_grad(), so that it stays one."""
        if steps == 1:
            return {"weights are": "in a graph"}
        return self.stopped(right, "TypeError", "NoneType")

    @mistake
    def weight_without_gradient(self, right, steps, **inputs):
        """The weight you make under no_grad is a new tensor that asks for no gradient, so the
        second step has nothing to go back to. Change the old one in place."""
        return None if steps == 1 else self.stopped(right, "RuntimeError", "not require grad")

    @mistake
    def update_is_recorded(self, right, **inputs):
        """The update itself is recorded by autograd, which does not let you change in place a leaf
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
    def works_on_the_arguments(self, right, elsewhere, steps, **inputs):
        """You train the caller's own tensors. detach() alone shares their memory; a clone does
        not."""
        return {"your argument w1": right["w1"], "your argument w2": right["w2"]}

    @mistake
    def marks_the_arguments(self, right, **inputs):
        """After your function the caller's weights ask for gradients: requires_grad_() changed the
        tensors themselves. Call it on copies."""
        return {"arguments that ask for gradients": 2}

    @mistake
    def losses_keep_their_graphs(self, right, **inputs):
        """Your list holds tensors, and each keeps the graph of its step alive. Store numbers."""
        return {"losses are": "tensors"}

    @mistake
    def relu_forgotten(self, right, elsewhere, **inputs):
        """Your net has no ReLU on the way forward, so its two layers are one linear map."""
        return train_by_hand(**inputs, relu=False, mask="none")

    @mistake
    def slope_one_at_zero(self, right, elsewhere, **inputs):
        """A unit at exactly 0 gets a gradient in yours: clamp has slope 1 there. relu has 0, and
        that is this course's convention."""
        return train_by_hand(**inputs, mask="not negative")

    @mistake
    def mean_instead_of_sum(self, right, elsewhere, **inputs):
        """Loss and gradients are means over all entries, the default of mse_loss. This notebook
        sums."""
        return train_by_hand(**inputs, loss="mean")

    @mistake
    def loss_after_the_step(self, right, elsewhere, **inputs):
        """Your losses come one step late: an entry is the loss before that step's update."""
        return train_by_hand(**inputs, after=True)

    @mistake
    def made_on_the_default_device(self, right, elsewhere, **inputs):
        """You make a tensor without saying where, so it is made on the default device, which need
        not be that of x. Make it from x, or with device=x.device."""
        return self.stopped(right, "RuntimeError", "meta") if elsewhere else None
