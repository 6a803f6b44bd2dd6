"""What a healthy program is made of, drawn from its number. Its source is written elsewhere.

All that may differ between sound programs differs here, so that an instrument that alarms at the
unusual alarms too often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SALT = 16_0417  # so that program 3 shares no numbers with seed 3 of anything else


@dataclass(frozen=True)
class Design:
    """One program: data, net, first weights, training."""

    number: int
    data: str  # digits or strokes
    classes: int
    pictures: int
    logistic: bool  # two classes told apart by one score
    scaling: str  # unit, standard, centred
    shifts: bool  # moved by a pixel at random while training
    kind: str  # mlp or cnn
    widths: tuple[int, ...]
    activation: str
    norm: str  # none, batch, layer
    dropout: float
    init: str  # default, he, xavier, orthogonal, small, wide
    frozen: bool
    dtype: str
    optimizer: str
    rate: float
    decay: float
    schedule: str  # none, steps, cosine
    smoothing: float
    clipped: bool
    batch: int
    epochs: int

    @property
    def traits(self) -> tuple[str, ...]:
        """What is unusual about it, in words for who gave a false alarm."""
        found = []
        if self.frozen:
            found.append("a layer that is frozen on purpose")
        if self.norm != "none":
            found.append("a norm after each layer")
        if self.smoothing:
            found.append("smoothed labels")
        if self.init == "wide":
            found.append("wide first weights")
        if self.logistic:
            found.append("two classes and one score")
        if self.dtype == "float64":
            found.append("double precision")
        return tuple(found)


def drawn(number: int) -> Design:
    """The healthy program of this number, always the same."""
    rng = np.random.default_rng([_SALT, number])

    def one(*options, p=None):
        return options[int(rng.choice(len(options), p=p))]

    def maybe(share):
        return bool(rng.random() < share)

    logistic = maybe(0.15)
    data = "strokes" if logistic else one("digits", "strokes")
    classes = 2 if logistic else int(rng.integers(5, 11))
    pictures = int(rng.integers(50, 81)) * 10
    if data == "digits":  # there are no more, and none should come twice
        pictures = min(pictures, 100 * classes)
    kind = one("mlp", "cnn", p=(0.7, 0.3))
    norm = one("none", "batch", "layer", p=(0.55, 0.3, 0.15))
    if kind == "mlp":
        widths = tuple(int(w) for w in rng.integers(24, 81, size=one(1, 2, 3)))
    else:
        widths = int(rng.integers(6, 13)), int(rng.integers(12, 25))
    init = one("default", "he", "xavier", "orthogonal", "small", "wide")
    if init == "small" and (kind == "cnn" or (norm == "none" and len(widths) > 1)):
        init = "he"  # small weights in a deep net without norm are the fault of that name
    optimizer = one("SGD", "momentum", "nesterov", "Adam", "AdamW", "RMSprop")
    low, high = _RATES[optimizer]
    if optimizer == "SGD" and kind == "cnn" and norm == "none":
        low, high = 0.2, 0.3
    rate = float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.1g}")
    batch = one(16, 32, 64)
    return Design(
        number=number, data=data, classes=classes, pictures=pictures, logistic=logistic,
        scaling=one("unit", "standard", "centred"), shifts=maybe(0.25), kind=kind, widths=widths,
        activation=one("ReLU", "LeakyReLU", "Tanh", "GELU", "ELU", "SiLU",
                       p=(0.35, 0.13, 0.13, 0.13, 0.13, 0.13)),
        norm=norm, dropout=one(0.0, 0.1, 0.3, p=(0.6, 0.2, 0.2)), init=init,
        frozen=maybe(0.15) and len(widths) > 1, dtype=one("float32", "float64", p=(0.8, 0.2)),
        optimizer=optimizer, rate=rate,
        decay=one(0.0, 1e-4, 1e-2 if optimizer == "AdamW" else 1e-3),
        schedule=one("none", "steps", "cosine", p=(0.4, 0.3, 0.3)),
        smoothing=0.0 if logistic else one(0.0, 0.05, 0.1, p=(0.6, 0.2, 0.2)),
        clipped=maybe(0.2), batch=batch, epochs={16: 6, 32: 8, 64: 12}[batch],
    )  # fmt: skip


_RATES = {
    "SGD": (0.1, 0.2),
    "momentum": (0.02, 0.06),
    "nesterov": (0.02, 0.06),
    "Adam": (2e-3, 4e-3),
    "AdamW": (2e-3, 4e-3),
    "RMSprop": (1e-3, 2e-3),
}
