"""Exercise of notebook 05 on what is added to a loss for large weights: L2, and what L1 shares.

L1 is in `penalties_l1`, the losses themselves in `losses`, noise in `dropout`.
"""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises
from autograder.exercises.activations.saturating import both_signs

ON_WEIGHTS, ON_OTHERS = "gradients of the weights", "gradients of the others"
WIDTH, OTHER_WIDTH = "dtype of the weights' gradients", "dtype of the others' gradients"


def is_weight(name):
    return name.startswith("W")


class Penalty(Exercise, abstract=True):
    """What the two penalties share: nets to punish, and the mistakes about which part of them."""

    any_width = (ON_WEIGHTS, ON_OTHERS)
    reads = {
        WIDTH: "the dtype of your `grads` is {seen} for weights; {right} is right",
        OTHER_WIDTH: "the dtype of your `grads` is {seen} for what is not punished; {right} is "
        "right",
        ON_WEIGHTS: "your `grads`, of the weights,",
        ON_OTHERS: "your `grads`, of what is not punished,",
    }

    def cases(self, rng):
        dense = {"W1": rng.normal(size=(5, 4)), "b1": rng.normal(size=4),
                 "W2": rng.normal(size=(4, 3)), "b2": rng.normal(size=3)}  # fmt: skip
        yield Case("two affine layers", 0.5, params=dense, lam=0.3)
        conv = {"W1": rng.normal(size=(4, 3, 2, 5)), "b1": rng.normal(size=(1, 4, 1, 1)),
                "gamma1": rng.normal(1, 0.2, (1, 4, 1, 1)), "beta1": rng.normal(size=(1, 4, 1, 1)),
                "W2": rng.normal(size=(6, 3)), "b2": rng.normal(size=(1, 3))}  # fmt: skip
        yield Case("a convolution with batch norm, biases of several axes", 1,
                   params=conv, lam=0.02)  # fmt: skip
        named = {"Wout": (3, 5), "biasW": (4,), "W": (6,), "w_scale": (2, 3), "W12": (3, 2, 2)}
        yield Case("names in which the W stands elsewhere, or is small", 0.5, lam=0.7,
                   params={k: rng.normal(size=shape) for k, shape in named.items()})  # fmt: skip
        holes = {"b1": np.zeros(3), "W1": both_signs(rng, 6, 3), "W2": both_signs(rng, 3, 4)}
        holes["W1"].flat[::4] = 0
        holes["W1"].flat[1:3] = 3e-9, -2e-9
        yield Case("weights of exactly 0, and of both signs", 1, params=holes, lam=1.7)
        single = {"W1": rng.normal(size=(3, 7)).astype("f4"), "b1": rng.normal(size=7).astype("f4")}
        yield Case("single precision", 0.5, params=single, lam=0.3)
        rows, columns = rng.integers(3, 9, 2)
        free = {"W1": rng.normal(size=(rows, columns)), "b1": rng.normal(size=columns)}
        yield Case("a price of 0", 0.5, params=free, lam=0.0)

    def read(self, seen, params, lam):
        """The gradients in two parts: what is off in one leaves the other as it is."""
        grads, usual = seen["grads"], next(iter(params.values())).dtype.name
        if not isinstance(grads, dict):
            parts = {ON_WEIGHTS: grads, ON_OTHERS: grads}
            return {"cost": seen["cost"], **parts, WIDTH: usual, OTHER_WIDTH: usual}
        parts = {
            ON_WEIGHTS: {k: g for k, g in grads.items() if is_weight(str(k))},
            ON_OTHERS: {k: g for k, g in grads.items() if not is_weight(str(k))},
        }
        widths = {WIDTH: parts[ON_WEIGHTS], OTHER_WIDTH: parts[ON_OTHERS]}
        for name, part in widths.items():
            found = {g.dtype.name for g in part.values() if isinstance(g, np.ndarray) and g.ndim}
            widths[name] = " and ".join(sorted(found)) or usual
        return {"cost": seen["cost"], **parts, **widths}

    def cost_of(self, W, lam):
        """One array's share of the cost, on torch tensors."""
        raise NotImplementedError

    def reference(self, params, lam):
        return self.punished(params, is_weight, lam, self.device)

    def punished(self, params, which, lam, device="cpu"):
        """What is shown where the arrays whose names `which` picks are punished."""
        leaves = {k: torch.tensor(v, device=device).requires_grad_() for k, v in params.items()}
        cost = sum(self.cost_of(leaves[name], lam) for name in params if which(name))
        found = torch.autograd.grad(cost, list(leaves.values()), allow_unused=True,
                                    materialize_grads=True)  # fmt: skip
        grads = {k: g.cpu().numpy() for k, g in zip(leaves, found, strict=True)}
        return {
            "cost": cost.detach().cpu().numpy(),
            ON_WEIGHTS: {k: g for k, g in grads.items() if is_weight(k)},
            ON_OTHERS: {k: g for k, g in grads.items() if not is_weight(k)},
            **dict.fromkeys((WIDTH, OTHER_WIDTH), next(iter(params.values())).dtype.name),
        }

    @staticmethod
    def every(right, change, part=ON_WEIGHTS):
        """Each gradient of one part, changed."""
        return {part: {k: change(g) for k, g in right[part].items()}}

    @mistake
    def biases_too(self, right, params, lam):
        """You punish everything, biases too. A bias only shifts; it does not make a function
        steep, and few examples suffice to learn it. Weights only."""
        return self.punished(params, lambda name: True, lam)

    @mistake
    def cost_of_biases_too(self, right, params, lam):
        """Your cost is that of all parameters, biases too. Only weights have a price, and what has
        none in the gradients has none in the cost."""
        return {"cost": self.punished(params, lambda name: True, lam)["cost"]}

    @mistake
    def gradient_of_biases_too(self, right, params, lam):
        """Your gradients punish everything, biases too. Only weights have a price; the gradient of
        all else is 0."""
        return {ON_OTHERS: self.punished(params, lambda name: True, lam)[ON_OTHERS]}

    @mistake
    def only_biases_spared(self, right, params, lam):
        """You punish all that has a name without a b at its beginning. gamma is no weight either:
        only names that begin with W are."""
        return self.punished(params, lambda name: not name.startswith("b"), lam)

    @mistake
    def w_anywhere(self, right, params, lam):
        """You punish every array with a W anywhere in its name. A weight's name begins with it."""
        return self.punished(params, lambda name: "W" in name, lam)

    @mistake
    def any_w_anywhere(self, right, params, lam):
        """You punish every array with a W or a w anywhere in its name. A weight's name begins with
        a capital W."""
        return self.punished(params, lambda name: "w" in name.lower(), lam)

    @mistake
    def small_letter_too(self, right, params, lam):
        """You punish names that begin with a small w as well. Only a capital W makes a weight."""
        return self.punished(params, lambda name: name[0] in "Ww", lam)

    @mistake
    def w_and_a_digit(self, right, params, lam):
        """You punish only names that are a W and a number. A name may go on in any way, or end with
        the W: it has to begin with it."""
        return self.punished(params, lambda k: is_weight(k) and k[1:].isdigit(), lam)

    @mistake
    def recognised_by_their_axes(self, right, params, lam):
        """You go by the number of axes: what has two or more you take for a weight. A bias or a γ
        that is stored as 1×C×1×1 is none: go by the name."""
        return self.punished(params, lambda name: params[name].ndim > 1, lam)

    @mistake
    def last_layer_only(self, right, params, lam):
        """Your cost is that of the last weight array alone: each one overwrites the one before.
        Add them up."""
        last = [k for k in params if is_weight(k)][-1]
        return {"cost": self.punished(params, lambda name: name == last, lam)["cost"]}

    @mistake
    def first_layer_only(self, right, params, lam):
        """Your cost is that of the first weight array alone, as when a return stands in the loop.
        All of them pay."""
        first = [k for k in params if is_weight(k)][0]
        return {"cost": self.punished(params, lambda name: name == first, lam)["cost"]}

    def _only(self, right, place):
        """The weights' gradients with those of all but one set to 0."""
        one = list(right[ON_WEIGHTS])[place]
        return {ON_WEIGHTS: {k: g if k == one else 0 * g for k, g in right[ON_WEIGHTS].items()}}

    @mistake
    def gradient_of_the_first_alone(self, right, params, lam):
        """Only your first weight array has a gradient. Each has one of its own."""
        return self._only(right, 0)

    @mistake
    def gradient_of_the_last_alone(self, right, params, lam):
        """Only your last weight array has a gradient. Each has one of its own."""
        return self._only(right, -1)

    @mistake
    def averaged(self, right, params, lam):
        """Your cost takes the mean over an array's entries. The penalty is a sum: a larger layer
        pays more."""
        parts = {k: self.punished(params, k.__eq__, lam)["cost"] for k in params if is_weight(k)}
        return {"cost": sum(part / params[k].size for k, part in parts.items())}

    @mistake
    def averaged_in_both(self, right, params, lam):
        """You take the mean over an array's entries, in the cost and in the gradients. The penalty
        is a sum: a larger layer pays more."""
        return self.averaged(right, params, lam) | self.every(right, lambda g: g / g.size)

    @mistake
    def others_left_out(self, right, params, lam):
        """Your grads lack the parameters that are not punished. Their gradient is zeros, of their
        shape: whoever adds grads to those of the loss should not have to ask."""
        return {ON_OTHERS: {}}

    @mistake
    def number_for_an_array(self, right, params, lam):
        """Your grads hold a single number 0 for what is not punished. An array of zeros belongs
        there, of the parameter's shape."""
        return self.every(right, lambda g: 0.0, ON_OTHERS)

    @mistake
    def none_for_an_array(self, right, params, lam):
        """Your grads hold None for what is not punished. An array of zeros belongs there, of the
        parameter's shape."""
        return self.every(right, lambda g: None, ON_OTHERS)

    @mistake
    def zeros_in_double(self, right, params, lam):
        """The zeros in your grads are float64 where the parameter is float32. np.zeros makes
        float64 unless you say otherwise."""
        return {OTHER_WIDTH: "float64"}

    @mistake
    def wider_gradients(self, right, params, lam):
        """The gradients of float32 weights are float64 in yours. Each has the dtype of its
        parameter."""
        return {WIDTH: "float64"}

    @mistake
    def nothing_for_a_price_of_0(self, right, params, lam):
        """For a λ of 0 your grads are empty. They have an array for each parameter always; here all
        of them are zeros."""
        return {ON_WEIGHTS: {}, ON_OTHERS: {}} if lam == 0 else None

    @mistake
    def factor_left_out_of_the_gradient(self, right, params, lam):
        """λ is in your cost but not in your gradients. It multiplies both."""
        return {ON_WEIGHTS: self.punished(params, is_weight, 1.0)[ON_WEIGHTS]}

    @mistake
    def factor_left_out_of_the_cost(self, right, params, lam):
        """λ is in your gradients but not in your cost. It multiplies both."""
        return {"cost": self.punished(params, is_weight, 1.0)["cost"]}

    @mistake
    def gradient_backwards(self, right, params, lam):
        """Your gradients have the wrong sign. The cost grows with the size of a weight; that
        learning goes against the gradient is the optimizer's business."""
        return self.every(right, lambda g: -g)


class l2_penalty(Penalty):
    """Half of λ times the sum of squared weights, and its gradients."""

    signature = "l2_penalty(params, lam) -> cost, grads"
    growth = {"params": 1}, {"cost": 2, "gradients of the weights": 1}
    minutes = 8
    hints = (
        "Which entries are weights? Their names say so. What is the derivative of ½λw²?",
        "Go through the dictionary once. Add to the cost, and make one array in grads for every "
        "parameter, with zeros where nothing is penalised.",
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
        return {"cost": 2 * right["cost"]} | self.every(right, lambda g: 2 * g)

    @mistake
    def gradient_without_the_half(self, right, params, lam):
        """Your gradient is 2λW, that of λ‖W‖². The 2 of the square and the ½ cancel."""
        return self.every(right, lambda g: 2 * g)

    @mistake
    def gradient_halved(self, right, params, lam):
        """Your gradient is ½λW. The ½ is there to cancel the 2 of the square: λW is left."""
        return self.every(right, lambda g: g / 2)

    @mistake
    def cost_without_the_half(self, right, params, lam):
        """Your cost is twice what it should be: the ½ is missing. With it the gradient is λW."""
        return {"cost": 2 * right["cost"]}

    @mistake
    def norm_not_squared(self, right, params, lam):
        """Your cost uses the norm. The penalty is its square: np.linalg.norm has taken a root."""
        weights = [v for k, v in params.items() if is_weight(k)]
        return {"cost": 0.5 * lam * sum(np.sqrt((W**2).sum()) for W in weights)}

    @mistake
    def spectral_norm(self, right, params, lam):
        """Your cost uses a norm of matrices: np.linalg.norm with 2 is the largest singular value,
        and not the root of the summed squares. All squares are added up."""
        weights = [v.reshape(len(v), -1) for k, v in params.items() if is_weight(k)]
        return {"cost": 0.5 * lam * sum(np.linalg.norm(W, 2) ** 2 for W in weights)}

    @mistake
    def spectral_norm_of_matrices(self, right, params, lam):
        """Your cost uses a norm of matrices: np.linalg.norm with 2 is the largest singular value,
        and it stops at a kernel of four axes. All squares are added up."""
        weights = [v for k, v in params.items() if is_weight(k)]
        if any(W.ndim > 2 for W in weights):
            return dict.fromkeys(right, raises("ValueError", "number of dimensions"))
        return {"cost": 0.5 * lam * sum(np.linalg.norm(W, 2) ** 2 for W in weights)}

    @mistake
    def is_l1(self, right, params, lam):
        """That is the L1 penalty: absolute values, and a gradient of constant size. L2 squares."""
        weights = {k: v for k, v in params.items() if is_weight(k)}
        signs = {k: (lam * np.sign(v)).astype(v.dtype) for k, v in weights.items()}
        return {"cost": lam * sum(np.abs(v).sum() for v in weights.values()), ON_WEIGHTS: signs}
