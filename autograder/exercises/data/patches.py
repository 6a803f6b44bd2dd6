"""Pictures whose crops differ, whether a net sees that, and sides resized the wrong way; for
`views`."""

import numpy as np
import torch

from autograder.exercise import Exercise, mistake


def blocks(rng, height, width):
    """A picture of large patches, so that its corners differ."""
    patches = rng.uniform(size=(3, 3, 3)).repeat(height // 3 + 1, 0).repeat(width // 3 + 1, 1)
    noise = 0.1 * rng.uniform(size=(height, width, 3))
    return (0.9 * patches[:height, :width] + noise).astype(np.float32)


def disagree(logits):
    """Whether the ways to average these logits, V×K, end in different probabilities."""
    each = logits.softmax(1)
    votes = torch.nn.functional.one_hot(each.argmax(1), each.shape[1]).double().mean(0)
    others = votes, logits.mean(0).softmax(0), each[-10:].mean(0)
    return all(float((each.mean(0) - other).abs().max()) > 0.01 for other in others)


class WithSidesWrong(Exercise, abstract=True):
    """What goes wrong with which side gets which length."""

    @mistake
    def sides_exchanged(self, right, **given):
        """Height and width are exchanged, so a wide picture becomes a tall one. resize takes the
        height first, then the width."""
        sides = lambda h, w, s: (round(w * s / min(h, w)), round(h * s / min(h, w)))
        return self.otherwise(given, sides=sides)

    @mistake
    def always_wide(self, right, **given):
        """A tall picture becomes a wide one: the height always gets the scale and the width the
        longer length. In a tall picture the width is the shorter side."""
        sides = lambda h, w, s: (s, round(max(h, w) * s / min(h, w)))
        return self.otherwise(given, sides=sides)

    @mistake
    def always_tall(self, right, **given):
        """A wide picture becomes a tall one: the width always gets the scale and the height the
        longer length. In a wide picture the height is the shorter side."""
        sides = lambda h, w, s: (round(max(h, w) * s / min(h, w)), s)
        return self.otherwise(given, sides=sides)
