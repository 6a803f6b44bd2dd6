"""Pictures whose crops differ, and whether a net sees that; for `views`."""

import numpy as np
import torch


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
