"""What every part of `PartsNet` gives out, computed without it: torch's functions on its weights.

For the exercises of notebook 15. No exercise lives here.
"""

import numpy as np
import torch
import torch.nn.functional as F

from course_utils.recipes.transfer import PartsNet

ALL = ["the net", "stem", "stem.conv", "stem.norm", "stem.relu", "body", "body.block1",
       "body.block1.conv", "body.block1.norm", "body.block1.relu", "body.block10",
       "body.block10.conv", "body.block10.norm", "body.block10.relu", "moments", "act", "hidden",
       "classifier", "classifier.drop", "classifier.last"]  # fmt: skip
# As a net may be met: training, but with some parts put into evaluation mode on purpose.
MIXED = [name for name in ALL if not name.startswith(("stem.norm", "classifier"))]
TRAINABLE = "trainable parameters afterwards"
AFTERWARDS = {
    TRAINABLE: "afterwards the list of parameters that want a gradient",
    "hooks left": "afterwards the number of hooks on the net",
    "parts in training mode afterwards": "afterwards the list of parts in training mode",
    "running statistics afterwards": "afterwards one of batch norm's running statistics",
}


def state(seed, classes=3, dead=False):
    """The net's weights and statistics by name; `dead` silences the first channel of the stem."""
    weights = {k: v.clone() for k, v in PartsNet(seed, classes).state_dict().items()}
    if dead:
        weights["stem.norm.weight"][0], weights["stem.norm.bias"][0] = 0, -1
    return weights


def activations(weights, x, batch_statistics=(), device="cpu"):
    """Name → output, for x an array N×2×H×W. `act` is its second call, "act, at first" its first.

    "moments:2" to "moments:10" are what `moments` gives where it is made to give the nine largest
    values, too. Norms whose name begins with one of `batch_statistics` use the batch's mean and
    variance. Dropout drops nothing.
    """
    w = {k: v.to(device) for k, v in weights.items()}
    found = {}

    def block(name, h):
        conv = F.conv2d(h, w[f"{name}.conv.weight"], padding=1)
        # Up to the dot: "body.block1." is not the beginning of "body.block10.norm".
        batch = f"{name}.norm".startswith(tuple(batch_statistics))
        kept = [None, None] if batch else [w[f"{name}.norm.running_{s}"] for s in ("mean", "var")]
        scale, shift = w[f"{name}.norm.weight"], w[f"{name}.norm.bias"]
        norm = F.batch_norm(conv, *kept, scale, shift, training=batch)
        out = torch.relu(norm)
        found.update({f"{name}.conv": conv, f"{name}.norm": norm, f"{name}.relu": out, name: out})
        return out

    h = block("stem", torch.as_tensor(x, device=device))
    h = block("body.block10", block("body.block1", h))
    mean = h.mean((2, 3))
    var = ((h - mean[..., None, None]) ** 2).mean((2, 3))
    found |= {"body": h, "moments:0": mean, "moments:1": var, "moments": mean}
    largest = h.flatten(2).sort(descending=True).values
    found |= {f"moments:{2 + i}": largest[:, :, i] for i in range(9)}
    found["act, at first"] = torch.relu(mean - 0.5 * var)
    hidden = F.linear(found["act, at first"], w["hidden.weight"], w["hidden.bias"])
    last = F.linear(torch.relu(hidden), w["classifier.last.weight"], w["classifier.last.bias"])
    found |= {"hidden": hidden, "act": torch.relu(hidden), "classifier.last": last}
    return found


# The parameters of the net, and those that want a gradient where its stem is frozen.
PARAMETERS = [name for name in state(0) if not name.endswith(("mean", "var", "tracked"))]
UNFROZEN = [name for name in PARAMETERS if not name.startswith("stem")]


def moved(weights, x, parts=("stem", "body")):
    """The weights after one pass in which the norms below `parts` see their batch."""
    found, w = activations(weights, x, parts), dict(weights)
    for name in ("stem", "body.block1", "body.block10"):
        if f"{name}.norm".startswith(tuple(parts)):
            conv = found[f"{name}.conv"]
            for key, value in (("mean", conv.mean((0, 2, 3))), ("var", conv.var((0, 2, 3)))):
                kept = f"{name}.norm.running_{key}"
                w[kept] = 0.9 * w[kept] + 0.1 * value
    return w


def moved_statistics(weights, batches, parts=("stem", "body")):
    """The running statistics after passes in training mode, in the order of `statistics`.

    Only norms below `parts` see their batch; `batches` are arrays N×2×H×W.
    """
    for x in batches:
        weights = moved(weights, x, parts)
    return statistics(weights)


def statistics(weights):
    """All running means and variances, one after the other."""
    kept = [v for k, v in weights.items() if k.endswith(("running_mean", "running_var"))]
    return torch.cat(kept).numpy()


def order_of(loader_seed, n, passes=1):
    """The order in which ShufflingLoader draws n examples in its last pass."""
    rng = np.random.default_rng(loader_seed)
    return [rng.permutation(n) for _ in range(passes)][-1]
