"""What every part of `PartsNet` gives out, computed without it: torch's functions on its weights.

For the exercises of notebook 15. No exercise lives here.
"""

import torch
import torch.nn.functional as F

from course_utils.recipes.transfer import PartsNet


def state(seed, classes=3, dead=False):
    """The net's weights and statistics by name; `dead` silences the first channel of the stem."""
    weights = {k: v.clone() for k, v in PartsNet(seed, classes).state_dict().items()}
    if dead:
        weights["stem.norm.weight"][0], weights["stem.norm.bias"][0] = 0, -1
    return weights


def activations(weights, x, batch_statistics=(), device="cpu"):
    """Name → output, for x an array N×2×H×W. `act` is its second call, "act, at first" its first.

    Norms whose name begins with one of `batch_statistics` use the batch's mean and variance.
    Dropout drops nothing.
    """
    w = {k: v.to(device) for k, v in weights.items()}
    found = {}

    def block(name, h):
        conv = F.conv2d(h, w[f"{name}.conv.weight"], padding=1)
        batch = name.startswith(tuple(batch_statistics)) if batch_statistics else False
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
    found["act, at first"] = torch.relu(mean - 0.5 * var)
    hidden = F.linear(found["act, at first"], w["hidden.weight"], w["hidden.bias"])
    last = F.linear(torch.relu(hidden), w["classifier.last.weight"], w["classifier.last.bias"])
    found |= {"hidden": hidden, "act": torch.relu(hidden), "classifier.last": last}
    return found


def moved_statistics(weights, batches, parts=("stem", "body")):
    """The running statistics after passes in training mode, in the order of `statistics`.

    Only norms below `parts` see their batch; `batches` are arrays N×2×H×W.
    """
    w = {k: v.clone() for k, v in weights.items()}
    for x in batches:
        found = activations(w, x, parts)
        for name in ("stem", "body.block1", "body.block10"):
            if name.startswith(tuple(parts)):
                conv = found[f"{name}.conv"]
                for key, value in (("mean", conv.mean((0, 2, 3))), ("var", conv.var((0, 2, 3)))):
                    kept = f"{name}.norm.running_{key}"
                    w[kept] = 0.9 * w[kept] + 0.1 * value
    return statistics(w)


def statistics(weights):
    """All running means and variances, one after the other."""
    kept = [v for k, v in weights.items() if k.endswith(("running_mean", "running_var"))]
    return torch.cat(kept).numpy()
