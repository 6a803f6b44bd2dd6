"""Exercises of notebook 02 on Maxout: the larger of two affine maps."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Question, mistake
from autograder.exercises.activations.maxout_twice import InAnotherOrder, RectifiedToo
from autograder.exercises.activations.saturating import both_signs
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.passes import forward_again


class maxout_forward(RectifiedToo):
    """The larger of two affine maps (Goodfellow 2013)."""

    signature = "maxout_forward(x, W1, b1, W2, b2) -> out, cache"
    growth = {"x": 1, "b1": 1, "b2": 1}, {"out": 1}
    any_width = ("out",)
    minutes = 6
    extra = True
    hints = (
        "Compute both maps in full, then compare them element by element.",
        "The backward pass must know which map won in each place: keep that, not only the "
        "larger value.",
    )

    def cases(self, rng):
        def inputs(n, d, h):
            return {"x": both_signs(rng, n, d), "W1": rng.normal(size=(d, h)),
                    "b1": both_signs(rng, h), "W2": rng.normal(size=(d, h)),
                    "b2": both_signs(rng, h)}  # fmt: skip

        yield Case("five examples", 1, **inputs(5, 3, 4))
        yield Case("one example", 1, **inputs(1, 4, 6))
        single = {name: value.astype("f4") for name, value in inputs(6, 2, 3).items()}
        yield Case("single precision", 1, **single)

    def observe(self, code, x, W1, b1, W2, b2):
        out, _ = code.maxout_forward(x, W1, b1, W2, b2)
        return {"out": out}

    def reference(self, **inputs):
        x, W1, b1, W2, b2 = (torch.tensor(v, device=self.device) for v in inputs.values())
        return {"out": torch.stack([F.linear(x, W1.T, b1), F.linear(x, W2.T, b2)]).amax(0)}

    @mistake
    def smaller_of_the_two(self, right, x, W1, b1, W2, b2):
        """You take the smaller of the two maps."""
        return {"out": np.minimum(x @ W1 + b1, x @ W2 + b2)}

    @mistake
    def biases_forgotten(self, right, x, W1, b1, W2, b2):
        """Your maps are linear: the biases have no effect."""
        return {"out": np.maximum(x @ W1, x @ W2)}

    @mistake
    def one_bias_for_both(self, right, x, W1, b1, W2, b2):
        """Both of your maps use b1. Each has its own bias."""
        return {"out": np.maximum(x @ W1, x @ W2) + b1}

    @mistake
    def sum_of_the_two(self, right, x, W1, b1, W2, b2):
        """You add the two maps. A sum of affine maps is affine again; it is the maximum that
        bends."""
        return {"out": x @ W1 + b1 + x @ W2 + b2}

    @mistake
    def larger_weights(self, right, x, W1, b1, W2, b2):
        """You compare the weights and use the larger ones. Compare the two outputs, for each
        example anew."""
        return {"out": x @ np.maximum(W1, W2) + np.maximum(b1, b2)}

    @mistake
    def rectified_too(self, right, x, W1, b1, W2, b2):
        """Negative outputs are cut to 0 in yours. A Maxout unit may be negative: that is what
        distinguishes it from two ReLUs."""
        return {"out": np.maximum(right["out"], 0)}

    @mistake
    def second_bias_missing(self, right, x, W1, b1, W2, b2):
        """The bias of the second map, b2, has no effect in yours."""
        return {"out": np.maximum(x @ W1 + b1, x @ W2)}

    @mistake
    def first_bias_missing(self, right, x, W1, b1, W2, b2):
        """The bias of the first map, b1, has no effect in yours."""
        return {"out": np.maximum(x @ W1, x @ W2 + b2)}

    @mistake
    def biases_after_the_maximum(self, right, x, W1, b1, W2, b2):
        """You compare the maps without their biases and add the larger bias afterwards. Each bias
        belongs to its own map, before the comparison."""
        return {"out": np.maximum(x @ W1, x @ W2) + np.maximum(b1, b2)}

    @mistake
    def both_biases_after_the_maximum(self, right, x, W1, b1, W2, b2):
        """You compare the maps without their biases and add both biases afterwards. Each bias
        belongs to its own map, before the comparison."""
        return {"out": np.maximum(x @ W1, x @ W2) + b1 + b2}

    @mistake
    def compared_without_biases(self, right, x, W1, b1, W2, b2):
        """You compare the maps without their biases, and add the winner's bias afterwards. The bias
        is part of a map: it can change which of the two is larger."""
        first, second = x @ W1, x @ W2
        return {"out": np.where(first >= second, first + b1, second + b2)}

    @mistake
    def biases_exchanged(self, right, x, W1, b1, W2, b2):
        """The biases have changed places: b1 belongs to W1, and b2 to W2."""
        return {"out": np.maximum(x @ W1 + b2, x @ W2 + b1)}

    @mistake
    def larger_amount(self, right, x, W1, b1, W2, b2):
        """You take the map with the larger amount, so −5 wins over 2. The larger number is
        meant."""
        first, second = x @ W1 + b1, x @ W2 + b2
        return {"out": np.where(np.abs(first) >= np.abs(second), first, second)}

    @mistake
    def larger_amount_and_a_bias_missing(self, right, x, W1, b1, W2, b2):
        """Two things: you take the map with the larger amount, so −5 wins over 2, and the second
        map has no bias, b2."""
        first, second = x @ W1 + b1, x @ W2
        return {"out": np.where(np.abs(first) >= np.abs(second), first, second)}

    @mistake
    def larger_amount_without_biases(self, right, x, W1, b1, W2, b2):
        """Two things: you take the map with the larger amount, so −5 wins over 2, and your maps
        have no biases."""
        first, second = x @ W1, x @ W2
        return {"out": np.where(np.abs(first) >= np.abs(second), first, second)}

    @mistake
    def one_map_for_a_row(self, right, x, W1, b1, W2, b2):
        """All units of an example come from the same map in yours, the one with the larger sum.
        Compare element by element."""
        first, second = x @ W1 + b1, x @ W2 + b2
        return {"out": np.where((first.sum(1) >= second.sum(1))[:, None], first, second)}

    @mistake
    def largest_unit(self, right, x, W1, b1, W2, b2):
        """You take the maximum over the units too. Each unit keeps an output of its own, the
        larger of its two maps."""
        return {"out": right["out"].max(1)}

    @mistake
    def neighbours_for_maps(self, right, x, W1, b1, W2, b2):
        """You take the larger of two neighbouring units of one map. Each unit of the first map is
        compared with the same unit of the second."""
        both = np.hstack([x @ W1 + b1, x @ W2 + b2])
        return {"out": both.reshape(*right["out"].shape, 2).max(2)}

    @mistake
    def first_map_only(self, right, x, W1, b1, W2, b2):
        """Yours is the first map; the second never wins."""
        return {"out": x @ W1 + b1}

    @mistake
    def second_map_only(self, right, x, W1, b1, W2, b2):
        """Yours is the second map; the first never wins."""
        return {"out": x @ W2 + b2}

    @mistake
    def mean_of_the_two(self, right, x, W1, b1, W2, b2):
        """You average the two maps. A mean of affine maps is affine again; it is the maximum that
        bends."""
        return {"out": (x @ W1 + b1 + x @ W2 + b2) / x.dtype.type(2)}


class maxout_backward(ByTheCache, InAnotherOrder):
    """The gradients of a Maxout layer; on a tie the first map takes all."""

    signature = "maxout_backward(dout, cache) -> dx, dW1, db1, dW2, db2"
    growth = {"dout": 1}, {"dx": 1, "dW1": 1, "db1": 1, "dW2": 1, "db2": 1}
    needs = ("maxout_forward",)
    any_width = ("dx", "dW1", "db1", "dW2", "db2")
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "Each entry of the output came from one of the two maps. Only that map gets a gradient "
        "there.",
        "Split dout in two by a mask. Each part then goes back through an ordinary affine map.",
        "x feeds both maps, so dx is a sum of two.",
    )

    def cases(self, rng):
        def inputs(n, d, h):
            return {"x": both_signs(rng, n, d), "W1": rng.normal(size=(d, h)),
                    "b1": both_signs(rng, h), "W2": rng.normal(size=(d, h)),
                    "b2": both_signs(rng, h), "dout": both_signs(rng, n, h)}  # fmt: skip

        yield Case("seven examples", 1, **inputs(7, 3, 4))
        tied = inputs(5, 2, 3)
        tied["W2"][:, 1], tied["b2"][1] = tied["W1"][:, 1], tied["b1"][1]
        yield Case("a unit whose two maps are the same", 1, **tied)
        single = {name: value.astype("f4") for name, value in inputs(6, 2, 5).items()}
        yield Case("single precision", 1, **single)

    def observe(self, code, x, W1, b1, W2, b2, dout):
        _, cache = code.maxout_forward(x, W1, b1, W2, b2)
        forward_again(code.maxout_forward, x, W1, b1, W2, b2)
        names = ("dx", "dW1", "db1", "dW2", "db2")
        return dict(zip(names, code.maxout_backward(dout, cache), strict=True))

    def reference(self, **inputs):
        x, W1, b1, W2, b2, dout = (
            torch.tensor(v, device=self.device, requires_grad=name != "dout")
            for name, v in inputs.items()
        )
        first, second = x @ W1 + b1, x @ W2 + b2
        out = torch.where(first >= second, first, second)
        names = ("dx", "dW1", "db1", "dW2", "db2")
        grads = torch.autograd.grad(out, (x, W1, b1, W2, b2), dout)
        return dict(zip(names, grads, strict=True))

    @staticmethod
    def back(first, second, x, W1, W2):
        """All gradients when `first` and `second` are what each map hears from above."""
        return {
            "dx": first @ W1.T + second @ W2.T, "dW1": x.T @ first, "db1": first.sum(0),
            "dW2": x.T @ second, "db2": second.sum(0),
        }  # fmt: skip

    @staticmethod
    def margin(x, W1, b1, W2, b2):
        return (x @ W1 + b1) - (x @ W2 + b2)

    @mistake
    def both_maps_hear_it(self, right, x, W1, b1, W2, b2, dout):
        """Both maps receive all of dout. Only the one that was larger made the output."""
        return self.back(dout, dout, x, W1, W2)

    @mistake
    def mask_is_swapped(self, right, x, W1, b1, W2, b2, dout):
        """The two maps have changed places: the gradient goes to the smaller one."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return self.back(dout * ~first, dout * first, x, W1, W2)

    @mistake
    def tie_is_split(self, right, x, W1, b1, W2, b2, dout):
        """Where the maps are equal you give each a half, as torch.maximum does. Here the first
        takes all."""
        share = np.heaviside(self.margin(x, W1, b1, W2, b2), 0.5).astype(x.dtype)
        return self.back(dout * share, dout * (1 - share), x, W1, W2)

    @mistake
    def tie_goes_to_the_second(self, right, x, W1, b1, W2, b2, dout):
        """Where the maps are equal the gradient goes to the second in yours. Here the first
        takes it: look at your comparison."""
        first = self.margin(x, W1, b1, W2, b2) > 0
        return self.back(dout * first, dout * ~first, x, W1, W2)

    @mistake
    def tie_goes_to_both(self, right, x, W1, b1, W2, b2, dout):
        """Where the maps are equal each receives all of dout, so it is counted twice. The first
        takes it; the second gets what is left."""
        margin = self.margin(x, W1, b1, W2, b2)
        return self.back(dout * (margin >= 0), dout * (margin <= 0), x, W1, W2)

    @mistake
    def dx_through_one_map(self, right, x, W1, b1, W2, b2, dout):
        """Your dx holds only what comes back through the first map. x feeds both."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return {"dx": (dout * first) @ W1.T}

    @mistake
    def bias_averaged(self, right, x, W1, b1, W2, b2, dout):
        """You average the bias gradients over the batch. Sum them; a mean comes from the
        loss."""
        n = x.dtype.type(len(x))
        return {"db1": right["db1"] / n, "db2": right["db2"] / n}

    @mistake
    def bias_without_mask(self, right, x, W1, b1, W2, b2, dout):
        """Your bias gradients are the same for both maps. A bias hears only of the outputs that
        its own map made."""
        return {"db1": dout.sum(0), "db2": dout.sum(0)}

    @mistake
    def dx_through_the_second_map(self, right, x, W1, b1, W2, b2, dout):
        """Your dx holds only what comes back through the second map. x feeds both."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return {"dx": (dout * ~first) @ W2.T}

    @mistake
    def tie_goes_to_nobody(self, right, x, W1, b1, W2, b2, dout):
        """Where the maps are equal nobody receives the gradient: neither of your comparisons holds
        there. The first map takes it."""
        margin = self.margin(x, W1, b1, W2, b2)
        return self.back(dout * (margin > 0), dout * (margin < 0), x, W1, W2)

    @mistake
    def winner_without_biases(self, right, x, W1, b1, W2, b2, dout):
        """You choose the map that was larger without the biases. A bias is part of its map: it can
        change which of the two is larger."""
        first = x @ W1 >= x @ W2
        return self.back(dout * first, dout * ~first, x, W1, W2)

    @mistake
    def dx_is_the_larger_part(self, right, x, W1, b1, W2, b2, dout):
        """Your dx is the larger of what the two maps send back. x feeds both, so their parts
        add up."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return {"dx": np.maximum((dout * first) @ W1.T, (dout * ~first) @ W2.T)}

    @mistake
    def dx_weights_exchanged(self, right, x, W1, b1, W2, b2, dout):
        """In your dx the weights have changed places: what the first map hears goes back through
        W1, the rest through W2."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return {"dx": (dout * first) @ W2.T + (dout * ~first) @ W1.T}

    @mistake
    def second_map_by_the_first_mask(self, right, x, W1, b1, W2, b2, dout):
        """Your dW2 and db2 hear of the outputs that the first map made: the mask is the first
        map's. The second hears of all others."""
        return {"dW2": right["dW1"], "db2": right["db1"]}

    @mistake
    def weights_without_mask(self, right, x, W1, b1, W2, b2, dout):
        """Your dW1 and dW2 are the same. Each map's weights hear only of the outputs that this map
        made."""
        return {"dW1": x.T @ dout, "dW2": x.T @ dout}

    @mistake
    def negative_outputs_silent(self, right, x, W1, b1, W2, b2, dout):
        """Nothing comes back where the output is negative, as through a ReLU. There is none
        here."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        out = np.maximum(x @ W1 + b1, x @ W2 + b2)
        heard = dout * (out > 0)
        return self.back(heard * first, heard * ~first, x, W1, W2)

    @mistake
    def all_to_the_first_map(self, right, x, W1, b1, W2, b2, dout):
        """The first map receives all of dout in yours, and the second nothing. Where the second was
        larger, the gradient is the second's."""
        return self.back(dout, np.zeros_like(dout), x, W1, W2)

    @mistake
    def second_map_without_mask(self, right, x, W1, b1, W2, b2, dout):
        """The second map receives all of dout in yours. Where the first was larger it made the
        output, and the second hears nothing."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return self.back(dout * first, dout, x, W1, W2)

    @mistake
    def first_map_without_mask(self, right, x, W1, b1, W2, b2, dout):
        """The first map receives all of dout in yours. Where the second was larger it made the
        output, and the first hears nothing."""
        first = self.margin(x, W1, b1, W2, b2) >= 0
        return self.back(dout, dout * ~first, x, W1, W2)

    @mistake
    def dx_without_mask(self, right, x, W1, b1, W2, b2, dout):
        """Your dx sends all of dout through both maps. Each output came from one of them, and goes
        back through that one alone."""
        return {"dx": dout @ W1.T + dout @ W2.T}


class q02_maxout_parameters(Question):
    """How many numbers a Maxout layer learns."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, d=10 * int(rng.integers(3, 9)), h=10 * int(rng.integers(10, 20)))

    def text(self, d, h):
        return (
            f"A Maxout layer of two maps takes {d} inputs and has {h} units. How many parameters "
            "does it learn, biases included? (Answer with a number.)"
        )

    def reference(self, d, h):
        maps = [torch.nn.Linear(d, h, device="meta") for _ in range(2)]
        return {"answer": sum(p.numel() for layer in maps for p in layer.parameters())}

    @mistake
    def one_map(self, right, d, h):
        """That is an ordinary affine layer. A Maxout unit chooses between two."""
        return {"answer": d * h + h}

    @mistake
    def no_biases(self, right, d, h):
        """Those are the weights. Each map also has a bias for each unit."""
        return {"answer": 2 * d * h}

    @mistake
    def shared_bias(self, right, d, h):
        """You count the biases once. Each of the two maps has its own."""
        return {"answer": 2 * d * h + h}
