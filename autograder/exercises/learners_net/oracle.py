"""What is judged of a net of one's own (notebooks 08 and 10): its first weights, its gradients.

Runs in the judge. The nets on torch's operators are in `tuning/net_oracle` and
`convolution/net_oracle`; no exercise is in here.
"""

import numpy as np
import torch
import torch.nn.functional as F

# Ratios, so that a wrong scale shows in one place only, and as sharply as the right one.
MEAN, SPREAD = "mean / deviation of {}", "log(deviation of {} / weight_scale)"
# What tells distributions apart, whatever their deviation. Evenly drawn numbers end at 1.73
# deviations, and of 400 normal ones none is beyond two but once in 10**8.
WITHIN, EVENLY = "share of the first weights within one deviation", "first weights drawn evenly"
NORMALLY = 0.6827  # of a normal distribution, within one deviation


def first_weights(seen, weight_scale):
    """What is judged of a net that was just made."""
    params = seen["params"]

    def all_at(value, *kinds):
        found = [p for name, p in params.items() if name.rstrip("0123456789") in kinds]
        return str(value) if all(np.all(p == value) for p in found) else "other values"

    weights = {name: w for name, w in params.items() if name.startswith("W")}
    first, second, *_ = (w.ravel()[:20] for w in weights.values())
    drawn, within, evenly = {}, [], []
    for name, w in weights.items():
        std = max(float(w.std()), 1e-30)
        drawn[MEAN.format(name)] = float(w.mean()) / std
        drawn[SPREAD.format(name)] = float(np.log(std / weight_scale))
        apart = np.abs(w - w.mean()).ravel() / std
        if apart.any() and apart.max() < 2:
            evenly.append(name)
        else:
            within.append(apart < 1)
    return {
        "shapes": {name: list(p.shape) for name, p in params.items()},
        "dtypes": sorted({str(p.dtype) for p in params.values()}),
        "biases and β start at": all_at(0, "b", "beta"),
        "γ starts at": all_at(1, "gamma") if not all_at(0, "gamma") == "0" else "0",
        "same seed, same weights": seen["same seed, same weights"],
        "another seed, other weights": seen["another seed, other weights"],
        "layers start alike": bool(np.allclose(first, second)),
        **drawn,
        EVENLY: ", ".join(sorted(evenly)) or "none",
        # Of those that are drawn evenly, that alone is told.
        WITHIN: float(np.concatenate(within).mean()) if within else NORMALLY,
    }


def observations(p, scores_of, X, y, earlier, reg, dtype, modes):
    """All observations of a net with the parameters p and scores_of(batch, training).

    It trains on the batches `earlier`, predicts, and trains on X and y, its W penalised. `modes` is
    "right", "train" (it predicts in training mode) or "stays" (in test mode from then on).
    """
    for batch in earlier:
        scores_of(batch, training=True)
    scores = scores_of(X, training=modes == "train").detach()
    logits = scores_of(X, training=modes != "stays")
    loss = F.cross_entropy(logits, torch.tensor(y, device=logits.device))
    loss = loss + 0.5 * reg * sum((w**2).sum() for n, w in p.items() if n.startswith("W"))
    found = torch.autograd.grad(loss, list(p.values()), allow_unused=True)
    return {
        "scores": scores,
        "loss": loss.item(),
        "gradients for": sorted(p),
        "dtypes": [dtype],
        **{f"d{n}": torch.zeros_like(w) if g is None else g
           for (n, w), g in zip(p.items(), found, strict=True)},
    }  # fmt: skip
