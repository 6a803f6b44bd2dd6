"""Dropout in the net of `net`: what is read from the gradients of one example, and the mistakes.

A unit's row in the next layer's gradient is zero where it was dropped. What loss and gradients a
net without these units has is then arithmetic.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import mistake, statistic
from autograder.exercises.learners_net.judged import OwnNet
from autograder.exercises.tuning.net_oracle import follow

# What is judged, beside the scores.
DROPPED, SHARE, WHERE = "what is dropped", "share kept", "dropped behind"
LOSS, BACK = "what is kept, in the loss", "dropout on the way back"
AGAIN, ALIKE = "other units the next time", "two predictions alike"
DROPS_ALIKE, DROPS_APART = "one seed, the same units", "another seed, other units"
EACH, UNMOVED = "each example drops its own", "after a prediction the same units"

RIGHT_LOSS, RIGHT_BACK = "divided by the share kept", "as on the way forward"

# What becomes of a unit that is kept, by the words for it.
SCALES = {
    RIGHT_LOSS: lambda keep: 1 / keep,
    "not divided": lambda keep: 1.0,
    "divided by the share dropped": lambda keep: 1 / (1 - keep),
    "multiplied by the share kept": lambda keep: keep,
}
PLACES = ("the input", "hidden layer 1", "hidden layer 2")


def what_was_dropped(seen, weights, X, keep, y):
    """What is read from the gradients of one example, in words."""
    masks = [np.any(seen[f"dW{i}"] != 0, axis=1) for i in (1, 2, 3)]
    again = np.vstack([masks[1], seen["kept again"]])
    whole = bool(np.all(again == again[:, :1]) and not again.all())
    hidden = np.concatenate(masks[1:])
    # Of a layer that is gone as a whole nothing more can be read.
    words = (RIGHT_LOSS, RIGHT_BACK)
    if not whole:
        words = _loss_and_way_back(seen, weights, X, keep, y, masks)
    return {
        DROPPED: "whole layers" if whole else "single units" if not hidden.all() else "nothing",
        SHARE: np.nan if whole else float(hidden.mean()),
        WHERE: _places(masks) if not whole else " and ".join(PLACES[1:]),
        LOSS: words[0],
        BACK: words[1],
        AGAIN: whole or not np.all(again == again[0]),
        # Where units behind W2 are never dropped, or all at once, these say nothing by themselves.
        DROPS_ALIKE: seen[DROPS_ALIKE] or whole,
        DROPS_APART: seen[DROPS_APART] or whole or bool(again.all()),
        UNMOVED: seen[UNMOVED] or whole or not seen[DROPS_ALIKE],
        # Of sixteen examples hardly a unit is dropped in all.
        EACH: whole or seen["gone in all examples"] < (1 - keep) / 2,
    }


def _places(masks) -> str:
    found = [place for place, mask in zip(PLACES, masks, strict=True) if not mask.all()]
    return " and ".join(found) or "no layer"


def _loss_and_way_back(seen, weights, X, keep, y, masks):
    p = {n: torch.tensor(w, requires_grad=True) for n, w in weights.items()}
    rtol = 1e-4 if weights["W1"].dtype.itemsize < 8 else 1e-6

    def loss_of(scale, back):
        """The loss with kept units multiplied by scale; gradients multiplied by back(mask)."""
        h = torch.tensor(X.astype(weights["W1"].dtype))
        for i, mask in enumerate(masks):
            if i:
                h = F.relu(F.linear(h, p[f"W{i}"].T, p[f"b{i}"]))
            if not mask.all():
                mask = torch.tensor(mask)
                through = h * back(mask)
                h = through + (h * mask * scale - through).detach()
        return F.cross_entropy(F.linear(h, p["W3"].T, p["b3"]), torch.tensor(y))

    def fits(scale, back):
        found = torch.autograd.grad(loss_of(scale, back), list(p.values()))
        return all(np.allclose(seen[f"d{n}"], g, rtol=0, atol=10 * rtol * float(g.abs().max()))
                   for n, g in zip(p, found, strict=True))  # fmt: skip

    losses = {words: loss_of(scale(keep), lambda mask: mask).item()
              for words, scale in SCALES.items()}  # fmt: skip
    close = (words for words, loss in losses.items() if np.isclose(seen["loss"], loss, rtol=rtol))
    loss_words = next(close, "something else")
    scale = SCALES.get(loss_words, SCALES[RIGHT_LOSS])(keep)
    ways = {
        RIGHT_BACK: lambda mask: mask * scale,
        "zeros and ones alone": lambda mask: mask,
        "left out": lambda mask: 1.0,
    }
    return loss_words, next((w for w, back in ways.items() if fits(scale, back)), "something else")


def dropped_beside_a_norm(seen, read, right):
    """Of dropout in a net with norms, only whether anything is dropped; where the arrays in params
    are not `read`, not even that."""
    masks = [np.any(seen[name] != 0, axis=1) for name in ("dW2", "dW3") if name in seen]
    whole = all(mask.all() for mask in masks) and np.all(seen["kept again"])
    words = "unknown" if not read else "nothing" if whole else "single units"
    return right | {DROPPED: words}


def right_dropout(right, keep, hidden_dims) -> dict:
    """What a net shows that keeps this share."""
    return {
        "scores": right["scores"],
        DROPPED: "single units",
        SHARE: statistic(keep, np.sqrt(keep * (1 - keep) / sum(hidden_dims))),
        WHERE: " and ".join(PLACES[1:]),
        LOSS: RIGHT_LOSS,
        BACK: RIGHT_BACK,
        AGAIN: True,
        DROPS_ALIKE: True,
        DROPS_APART: True,
        UNMOVED: True,
        EACH: True,
    }


class DropsUnits(OwnNet, abstract=True):
    """Mistakes in a net's dropout."""

    @mistake
    def share_dropped_for_kept(self, right, **inputs):
        """dropout_keep_ratio is the share that is KEPT, as "p" is in this course. Yours drops that
        share, as torch would."""
        if SHARE in right:
            return {SHARE: 1 - inputs["dropout_keep_ratio"], LOSS: "divided by the share dropped"}

    @mistake
    def nothing_dropped(self, right, **inputs):
        """Your net drops nothing while it trains."""
        if DROPPED in right and SHARE not in right:
            return {DROPPED: "nothing"}
        if SHARE in right:
            return {DROPPED: "nothing", SHARE: 1.0, WHERE: "no layer", AGAIN: False}

    @mistake
    def nothing_dropped_beside_a_norm(self, right, **inputs):
        """A net of yours that has a norm drops nothing while it trains, whatever dropout_keep_ratio
        says. Norm and dropout may both be there: dropout follows the ReLU in either case."""
        if DROPPED in right and SHARE not in right:
            return {DROPPED: "nothing"}

    @mistake
    def dropped_behind_one_layer(self, right, **inputs):
        """Your net drops units behind its first hidden layer only. Dropout follows each hidden
        layer."""
        return self.dropped_behind(right, inputs, 1)

    @mistake
    def dropped_behind_the_last_alone(self, right, **inputs):
        """Your net drops units behind its last hidden layer only. Dropout follows each hidden
        layer."""
        return self.dropped_behind(right, inputs, 2)

    def dropped_behind(self, right, inputs, layer):
        if SHARE not in right:
            return None
        first, second = inputs["hidden_dims"]
        there, elsewhere = (first, second) if layer == 1 else (second, first)
        share = (inputs["dropout_keep_ratio"] * there + elsewhere) / (there + elsewhere)
        return {SHARE: share, WHERE: PLACES[layer]} | ({AGAIN: False} if layer == 2 else {})

    @mistake
    def input_dropped_too(self, right, **inputs):
        """Your net drops values of X too. Dropout follows each hidden layer; the input passes
        whole."""
        if SHARE in right:
            return {WHERE: " and ".join(PLACES)}

    @mistake
    def whole_layers_dropped(self, right, **inputs):
        """Your dropout draws one number for all units of an example, so a whole layer is kept or
        lost at once. Every unit has a draw of its own."""
        if SHARE in right:
            return {DROPPED: "whole layers", SHARE: np.nan}

    @mistake
    def one_mask_for_all_examples(self, right, **inputs):
        """Your dropout drops the same units for all examples of a batch. Every unit of every
        example has a draw of its own: the mask has the shape of what it is multiplied with."""
        return {EACH: False} if SHARE in right else None

    @mistake
    def kept_units_not_scaled(self, right, **inputs):
        """Your units that are kept stay as they are in training, and nothing is done in test mode,
        where all are there. Divide what is kept by the share that is kept."""
        if SHARE in right:
            return {LOSS: "not divided"}

    @mistake
    def scaled_in_test_mode(self, right, **inputs):
        """You multiply by the share kept in test mode, as the first form of dropout did. In this
        course what is kept is divided by it in training, and predictions do nothing."""
        if SHARE in right:
            shown = follow("cpu", **inputs, kept=inputs["dropout_keep_ratio"])
            return {LOSS: "not divided", "scores": shown["scores"]}

    @mistake
    def dropout_left_out_on_the_way_back(self, right, **inputs):
        """Your gradients pass through dropout as if all units were there. It has a backward too.
        """
        if SHARE in right:
            return {BACK: "left out"}

    @mistake
    def mask_without_its_factor(self, right, **inputs):
        """On the way back your gradients are set to zero for dropped units, but lack the division
        by the share that is kept."""
        if SHARE in right:
            return {BACK: "zeros and ones alone"}

    @mistake
    def same_units_every_time(self, right, **inputs):
        """Every call drops the same units of the same rows, as when the generator is made anew from
        the seed in each, or a "seed" stands in the dropout dictionary. Make one with the net, and
        let it go on."""
        if SHARE in right:
            return {AGAIN: False}

    @mistake
    def dropout_without_the_seed(self, right, **inputs):
        """Two nets of one seed drop different units: what your dropout draws from was not made from
        the seed, or both nets share it, as they do numpy's global generator. Make one generator
        from the seed for each net; first weights and dropout draw from it."""
        return {DROPS_ALIKE: False} if SHARE in right else None

    @mistake
    def dropout_of_a_fixed_seed(self, right, **inputs):
        """Nets of different seeds drop the same units: the generator of your dropout is made from a
        fixed number. It is the net's own generator, made from the seed, that dropout draws from."""
        return {DROPS_APART: False} if SHARE in right else None

    @mistake
    def drops_while_it_predicts(self, right, **inputs):
        """Without labels your net drops units, too: two predictions for the same X differ. A
        prediction is made in test mode, by all units."""
        if SHARE in right:
            scores = np.full_like(right["scores"], np.nan)
            return {ALIKE: False, UNMOVED: False, "scores": scores}

    @mistake
    def prediction_draws(self, right, **inputs):
        """A prediction takes numbers from your net's generator, so that the next training call
        drops other units than it would have. A prediction moves nothing: draw no mask for it."""
        return {UNMOVED: False} if SHARE in right else None
