"""The explorer of notebook 06: one feature of a batch before and after batch norm."""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider
from course_utils.plots import ACCENT, STYLE

_LARGEST = 512
_BINS = 41


def explore_batchnorm() -> Explorer:
    """One feature of a batch on the left; on the right what batch norm makes of it.

    Training mode uses the batch's own mean and variance, test mode those of the whole population.
    """
    import matplotlib
    from matplotlib.figure import Figure

    # rc_context: the style belongs to this figure, not to the notebook's own plots.
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.6, 2.9))
        before, after = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.07, right=0.98, top=0.87, bottom=0.2, wspace=0.18)
        edges = np.linspace(-1, 1, _BINS + 1)
        empty = np.zeros(_BINS)
        raw = before.stairs(empty, edges, fill=True, color="#8a8a8a")
        trained = after.stairs(empty, edges, fill=True, color=ACCENT, alpha=0.75)
        tested = after.stairs(empty, edges, color="#1a1a1a", lw=1.6, ls="--")
        before.set_title("before")
        after.set_title("after: filled in training, dashed in test")
        for axes in (before, after):
            axes.set_xlabel("value of the feature")
            axes.set_ylabel("examples")
            axes.yaxis.get_major_locator().set_params(integer=True)

    def draw(batch_size, mean, scale, gamma, beta, log_eps, shape):
        eps = 10.0**log_eps
        x = mean + scale * _SHAPES[shape][:batch_size]
        in_training = gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta
        in_test = gamma * (x - mean) / np.sqrt(scale**2 + eps) + beta
        _fill(before, (raw,), (x,))
        _fill(after, (trained, tested), (in_training, in_test))
        sentence = (
            f"The batch of {batch_size} has mean {x.mean():.2f} and standard deviation "
            f"{x.std():.3g}; the population has {mean:.2f} and {scale:.3g}. After batch norm in "
            f"training: mean {in_training.mean():.2f}, standard deviation "
            f"{in_training.std():.3g}. The same examples in test mode: mean {in_test.mean():.2f}, "
            f"standard deviation {in_test.std():.3g}."
        )
        return figure, sentence

    return explore(
        draw,
        still=[
            {"batch_size": 4, "shape": "two humps"},
            {"batch_size": 128, "shape": "two humps"},
        ],
        batch_size=slider("batch size (examples)", 1, _LARGEST, 16),
        mean=slider("mean of the population", -10.0, 10.0, 3.0, step=0.1),
        scale=slider("std of the population", 0.001, 10.0, 2.0, log=True),
        gamma=slider("γ", -3.0, 3.0, 1.0, step=0.1),
        beta=slider("β", -5.0, 5.0, 0.0, step=0.1),
        log_eps=slider("log10 of ε", -8.0, 0.0, -5.0, step=0.5),
        shape=choice("shape of the population", tuple(_SHAPES), "two humps"),
    )


def _fill(axes, artists, values) -> None:
    """Put histograms of `values` into their artists, on a scale that holds all of them and 0."""
    low = min(0.0, *(v.min() for v in values))
    high = max(0.0, *(v.max() for v in values))
    room = 0.05 * (high - low) + 1e-3
    edges = np.linspace(low - room, high + room, _BINS + 1)
    tallest = 1
    for artist, sample in zip(artists, values, strict=True):
        counts, _ = np.histogram(sample, edges)
        artist.set_data(counts, edges)
        tallest = max(tallest, counts.max())
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.1 * tallest)


def _standardised(sample: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1 exactly, so that the sliders say what the population is."""
    return (sample - sample.mean()) / sample.std()


def _shapes() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(6)
    humps = rng.choice([-1.0, 1.0], _LARGEST, p=[0.35, 0.65]) + rng.normal(0, 0.3, _LARGEST)
    return {
        "normal": _standardised(rng.normal(size=_LARGEST)),
        "skewed": _standardised(rng.exponential(size=_LARGEST)),
        "two humps": _standardised(humps),
    }


_SHAPES = _shapes()
