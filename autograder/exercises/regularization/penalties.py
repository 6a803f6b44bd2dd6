"""Exercises of notebook 05 on what is added to a loss for large weights: L2 and L1.

The losses themselves are in `losses`, noise as a regulariser in `dropout`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake
from autograder.exercises.activations.saturating import both_signs


class Penalty(Exercise, abstract=True):
    """What the two penalties share: nets to punish, and the mistakes about which part of them."""

    def cases(self, rng):
        dense = {"W1": rng.normal(size=(5, 4)), "b1": rng.normal(size=4),
                 "W2": rng.normal(size=(4, 3)), "b2": rng.normal(size=3)}  # fmt: skip
        yield Case("two affine layers", 1, params=dense, lam=0.3)
        conv = {"W1": rng.normal(size=(4, 3, 2, 5)), "b1": rng.normal(size=(1, 4, 1, 1)),
                "gamma1": rng.normal(1, 0.2, (1, 4, 1, 1)), "beta1": rng.normal(size=(1, 4, 1, 1)),
                "W2": rng.normal(size=(6, 3)), "b2": rng.normal(size=(1, 3))}  # fmt: skip
        yield Case("a convolution with batch norm, biases of several axes", 1,
                   params=conv, lam=0.02)  # fmt: skip
        holes = {"b1": np.zeros(3), "W1": both_signs(rng, 6, 3), "W2": both_signs(rng, 3, 4)}
        holes["W1"].flat[::4] = 0
        yield Case("weights of exactly 0, and of both signs", 1, params=holes, lam=1.7)
        single = {"W1": rng.normal(size=(3, 7)).astype("f4"), "b1": rng.normal(size=7).astype("f4")}
        yield Case("single precision", 1, params=single, lam=0.3)

    def cost_of(self, W, lam):
        """One array's share of the cost, on torch tensors."""
        raise NotImplementedError

    def reference(self, params, lam):
        leaves = {k: torch.tensor(v, device=self.device) for k, v in params.items()}
        leaves = {k: v.requires_grad_() for k, v in leaves.items()}
        return self.punished(leaves, [k for k in leaves if k.startswith("W")], lam)

    def punished(self, leaves, names, lam):
        cost = sum(self.cost_of(leaves[name], lam) for name in names)
        found = torch.autograd.grad(cost, list(leaves.values()), allow_unused=True,
                                    materialize_grads=True)  # fmt: skip
        return {"cost": cost.detach(), "grads": dict(zip(leaves, found, strict=True))}

    def altered(self, params, names, lam):
        leaves = {k: torch.tensor(v).requires_grad_() for k, v in params.items()}
        shown = self.punished(leaves, names, lam)
        return {"cost": shown["cost"].numpy(),
                "grads": {k: g.numpy() for k, g in shown["grads"].items()}}  # fmt: skip

    @mistake
    def biases_too(self, right, params, lam):
        """You punish everything, biases too. A bias only shifts; it does not make a function
        steep, and few examples suffice to learn it. Weights only."""
        return self.altered(params, list(params), lam)

    @mistake
    def recognised_by_their_axes(self, right, params, lam):
        """You take every array with two or more axes for a weight. A bias or a γ that is stored
        as 1×C×1×1 is none: go by the name."""
        return self.altered(params, [k for k, v in params.items() if v.ndim > 1], lam)

    @mistake
    def last_layer_only(self, right, params, lam):
        """Your cost is that of the last weight array alone: each one overwrites the one before.
        Add them up."""
        names = [k for k in params if k.startswith("W")]
        return {"cost": self.altered(params, names[-1:], lam)["cost"]} if len(names) > 1 else None

    @mistake
    def averaged(self, right, params, lam):
        """You take the mean over an array's entries. The penalty is a sum: a larger layer pays
        more."""
        names = [k for k in params if k.startswith("W")]
        parts = [self.altered(params, [k], lam) for k in names]
        cost = sum(part["cost"] / params[k].size for k, part in zip(names, parts, strict=True))
        return {"cost": cost}

    @mistake
    def others_left_out(self, right, params, lam):
        """Your grads lack the parameters that are not punished. Their gradient is zeros, of their
        shape: whoever adds grads to those of the loss should not have to ask."""
        kept = {k: g for k, g in right["grads"].items() if k.startswith("W")}
        return {"grads": kept} if len(kept) < len(params) else None

    @mistake
    def factor_left_out_of_the_gradient(self, right, params, lam):
        """λ is in your cost but not in your gradients. It multiplies both."""
        return {"grads": {k: g / lam for k, g in right["grads"].items()}}


class l2_penalty(Penalty):
    """Half of λ times the sum of squared weights, and its gradients."""

    signature = "l2_penalty(params, lam) -> cost, grads"
    minutes = 8
    hints = (
        "Which entries are weights? Their names say so. What is the derivative of ½λw²?",
        "Go through the dictionary once: a cost to add to, and one array in grads for every "
        "parameter, zeros where nothing is punished.",
    )

    def cost_of(self, W, lam):
        return 0.5 * lam * (W * W).sum()

    def observe(self, code, params, lam):
        cost, grads = code.l2_penalty(params, lam)
        return {"cost": cost, "grads": grads}

    @mistake
    def without_the_half(self, right, params, lam):
        """You leave out the ½, as the lecture slide does. Here the penalty is ½λ‖W‖², so that its
        gradient is λW, which is what optimizers call weight decay."""
        doubled = {k: 2 * g for k, g in right["grads"].items()}
        return {"cost": 2 * right["cost"], "grads": doubled}

    @mistake
    def gradient_without_the_half(self, right, params, lam):
        """Your cost has the ½, your gradient is that of λ‖W‖². The 2 of the square and the ½
        cancel."""
        return {"grads": {k: 2 * g for k, g in right["grads"].items()}}

    @mistake
    def cost_without_the_half(self, right, params, lam):
        """Your gradients are those of ½λ‖W‖², your cost is twice that."""
        return {"cost": 2 * right["cost"]}

    @mistake
    def norm_not_squared(self, right, params, lam):
        """Your cost uses the norm. The penalty is its square: np.linalg.norm has taken a root."""
        weights = [v for k, v in params.items() if k.startswith("W")]
        return {"cost": 0.5 * lam * sum(np.sqrt((W**2).sum()) for W in weights)}

    @mistake
    def is_l1(self, right, params, lam):
        """That is the L1 penalty: absolute values, and a gradient of constant size. L2 squares."""
        weights = {k: v for k, v in params.items() if k.startswith("W")}
        zeros = {k: np.zeros_like(v) for k, v in params.items()}
        signs = {k: v.dtype.type(lam) * np.sign(v) for k, v in weights.items()}
        cost = lam * sum(np.abs(v).sum() for v in weights.values())
        return {"cost": cost, "grads": zeros | signs}


class l1_penalty(Penalty):
    """λ times the sum of absolute weights, and its gradients."""

    signature = "l1_penalty(params, lam) -> cost, grads"
    minutes = 5
    hints = (
        "The absolute value has slope 1, −1, and at 0 none: the convention is 0 there.",
        "The cost adds up over all weight arrays and leaves biases out; each gradient has its "
        "array's shape.",
    )

    def cost_of(self, W, lam):
        return lam * W.abs().sum()

    def observe(self, code, params, lam):
        cost, grads = code.l1_penalty(params, lam)
        return {"cost": cost, "grads": grads}

    def with_slopes(self, right, params, lam, at_zero):
        """The gradients where the slope of |w| at 0 is `at_zero`."""
        grads = dict(right["grads"])
        for name, W in params.items():
            if name.startswith("W"):
                grads[name] = np.where(W == 0, W.dtype.type(lam * at_zero), grads[name])
        return {"grads": grads}

    @mistake
    def zero_counted_as_positive(self, right, params, lam):
        """A weight that is exactly 0 gets a push from you, as if it were positive. It is where L1
        wants it: slope 0, or no weight could stay there."""
        return self.with_slopes(right, params, lam, 1)

    @mistake
    def zero_counted_as_negative(self, right, params, lam):
        """A weight that is exactly 0 gets a push from you, as if it were negative. It is where L1
        wants it: slope 0, or no weight could stay there."""
        return self.with_slopes(right, params, lam, -1)

    @mistake
    def divides_by_zero(self, right, params, lam):
        """W/|W| is the sign, and NaN where a weight is 0. numpy has the sign itself."""
        return self.with_slopes(right, params, lam, np.nan)

    @mistake
    def halved(self, right, params, lam):
        """The ½ belongs to L2, where it cancels the 2 of the square. Here nothing is squared."""
        halves = {k: g / 2 for k, g in right["grads"].items()}
        return {"cost": right["cost"] / 2, "grads": halves}

    @mistake
    def absolute_value_missing(self, right, params, lam):
        """Your cost adds weights of both signs, so they cancel: a net could make it as negative
        as it likes. Absolute values."""
        return {"cost": lam * sum(v.sum() for k, v in params.items() if k.startswith("W"))}

    @mistake
    def gradient_of_l2(self, right, params, lam):
        """Your gradient shrinks with the weight, as L2's does. L1 pushes with the same strength
        until a weight is 0; that is why it makes zeros."""
        grads = {k: v.dtype.type(lam) * v if k.startswith("W") else np.zeros_like(v)
                 for k, v in params.items()}  # fmt: skip
        return {"grads": grads}
