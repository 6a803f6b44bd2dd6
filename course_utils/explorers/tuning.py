"""What a training says of itself: the explorers of notebook 08 (a small net is trained at each
setting, and its curves say how it went) and of 16 (two bounds for a first loss).

The net and its training are real, on the digits; they are small enough for a slider.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from course_utils import datasets
from course_utils.clinic import first_losses
from course_utils.explorers.explorer import Explorer, explore, slider

UPDATES, EPOCHS, BATCH = 300, 12, 50
LOSSES = 5.0  # nats that the picture shows at least


@functools.lru_cache(maxsize=1)
def _digits() -> datasets.ImageData:
    return datasets.digits().flat()


@functools.lru_cache(maxsize=256)
def run(log_rate: float, hidden: int, images: int, decay: float, seed: int = 0) -> dict:
    """Train 64 → hidden → 10 with ReLU by plain SGD, 300 updates of 50 images, on real digits.

    Parameters
    ----------
    log_rate : decimal logarithm of the learning rate
    images : how many training images there are
    decay : λ of a penalty ½λ‖W‖²

    Returns
    -------
    dict
        `loss`, one an update (without the penalty), `train_accuracy` and `val_accuracy`, twelve
        each at equal distances, `epochs` the updates at which they were measured.
    """
    data = _digits()
    X, y = data.train_x[:images], data.train_y[:images]
    rng = np.random.default_rng(seed)
    # Single precision, for the slider's sake: the widest net in half the time.
    p = {
        name: value.astype(np.float32)
        for name, value in (
            ("W1", rng.normal(size=(64, hidden)) * np.sqrt(2 / 64)),
            ("b1", np.zeros(hidden)),
            ("W2", rng.normal(size=(hidden, 10)) * np.sqrt(2 / hidden)),
            ("b2", np.zeros(10)),
        )
    }
    rate, keep = np.float32(10**log_rate), np.float32(1 - 10**log_rate * decay)
    drawn = rng.integers(0, len(X), (UPDATES, BATCH))
    batches, labels, rights = X[drawn], y[drawn], np.eye(10, dtype=np.float32)[y[drawn]]
    history = {"loss": [], "train_accuracy": [], "val_accuracy": [], "epochs": []}
    parts = {"train": (X, y), "val": data.validation}

    def scores(x):
        h = x @ p["W1"]
        h += p["b1"]
        np.maximum(h, 0, out=h)
        return h, h @ p["W2"] + p["b2"]

    with np.errstate(all="ignore"):  # a rate that is too high overflows, and should
        for update in range(UPDATES):
            x = batches[update]
            h, s = scores(x)
            s -= s.max(1, keepdims=True)
            right = s[np.arange(BATCH), labels[update]]
            d = np.exp(s)
            total = d.sum(1, keepdims=True)
            history["loss"].append(float((np.log(total[:, 0]) - right).mean()))
            d /= total
            d -= rights[update]
            d *= rate / BATCH
            back = d @ p["W2"].T
            back *= h > 0
            steps = {"W1": x.T @ back, "b1": back.sum(0), "W2": h.T @ d, "b2": d.sum(0)}
            for name, step in steps.items():
                if name[0] == "W":
                    p[name] *= keep
                p[name] -= step
            if (update + 1) % (UPDATES // EPOCHS) == 0:
                for part, (x, truth) in parts.items():
                    share = (scores(x)[1].argmax(1) == truth).mean()
                    history[f"{part}_accuracy"].append(float(share))
                history["epochs"].append(update + 1)
    return history


def tuning_explorer(diagnose: Callable[[dict], str] | None = None) -> Explorer:
    """Slide rate, width, number of images and penalty; see the curves of a real run.

    Parameters
    ----------
    diagnose : your diagnose(history); when given, what it says ends the sentence
    """
    from matplotlib.figure import Figure

    from course_utils.plots import ACCENT

    figure = Figure(figsize=(9, 3.2))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(0.07, 0.17, 0.88, 0.86, wspace=0.3)
    (raw,) = left.plot([0], [0], color="#bdbdbd", lw=0.8)
    (smooth,) = left.plot([0], [0], color="#1a1a1a", lw=1.8)
    left.set(xlabel="update", xlim=(0, UPDATES), ylim=(0, LOSSES))
    left.set_title("training loss (nats), one mini-batch each", loc="left", size=10)
    lines = {
        "training": right.plot([0], [0], color="#6b6b6b", lw=1.8, ls=(0, (5, 2)))[0],
        "validation": right.plot([0], [0], color=ACCENT, lw=2.2)[0],
    }
    names = {name: right.annotate(name, (UPDATES, 0), (6, 0), textcoords="offset points",
                                  va="center", annotation_clip=False, size=9,
                                  color=ACCENT if name == "validation" else "#444444")
             for name in lines}  # fmt: skip
    right.set(xlabel="update", xlim=(0, UPDATES), ylim=(0, 1.02))
    right.set_title("accuracy", loc="left", size=10)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)

    def draw(log_rate: float, hidden: int, images: int, log_decay: float):
        history = run(round(log_rate, 2), hidden, images, round(10**log_decay, 6))
        losses = np.array(history["loss"])
        shown = np.where(np.isfinite(losses), losses, np.nan)
        raw.set_data(np.arange(UPDATES), shown)
        windows = shown.reshape(-1, 10)
        known = np.isfinite(windows).all(1)
        means = windows[known].mean(1)
        smooth.set_data(np.arange(5, UPDATES, 10)[known], means)
        # Single batches may run off the picture; the mean of ten, which the sentence is about, not.
        high = means.max(initial=0)
        left.set_yscale("log" if high > LOSSES else "linear")
        if high > LOSSES:
            left.set_ylim(0.7 * means.min(), 1.5 * high)
            left.yaxis.set_minor_formatter("")
        else:
            left.set_ylim(0, LOSSES)
        ends = {"training": history["train_accuracy"], "validation": history["val_accuracy"]}
        for name, line in lines.items():
            line.set_data(history["epochs"], ends[name])
        # Names that would overlap move apart, evenly to both sides.
        trained, held_out = (ends[name][-1] for name in lines)
        push = max(0.0, 0.09 - abs(trained - held_out)) / 2 * (1 if trained >= held_out else -1)
        for name, height in (("training", trained + push), ("validation", held_out - push)):
            names[name].xy = (UPDATES, height)
        tenth = UPDATES // 10
        parts = [losses[:tenth], losses[UPDATES // 2 :][:tenth], losses[-tenth:]]
        tenths = [f"{part.mean():.3g}" if np.isfinite(part).all() else "not finite"
                  for part in parts]  # fmt: skip
        sentence = (
            f"Learning rate {10**log_rate:.2g}, {hidden} hidden units, {images} training images, "
            f"penalty {10**log_decay:.2g}. Mean loss over a tenth of the run: {tenths[0]} at the "
            f"start, {tenths[1]} from the middle on, {tenths[2]} at the end. Accuracy at the end: "
            f"{trained:.2f} in training, {held_out:.2f} in validation."
        )
        if diagnose is not None:
            sentence += f" Your diagnose says: {diagnose(history)}."
        return figure, sentence

    return explore(
        draw,
        still=[
            {"log_rate": -0.5},
            {"log_rate": 1.5},
            {"log_rate": -2.5},
            {"images": 40, "hidden": 200},
        ],
        log_rate=slider("learning rate (power of ten)", -4.0, 2.0, -0.5, step=0.25),
        hidden=slider("hidden units", 1, 200, 64),
        images=slider("training images", 20, 1000, 1000, step=20),
        log_decay=slider("penalty λ (power of ten)", -5.0, 0.0, -5.0, step=0.5),
    )


# Of notebook 16.

FURTHEST = 60.0  # what is more is drawn there


def tally(low: float, high: float) -> tuple[float, float]:
    """The shares of the sick and of the healthy programs at which such an instrument alarms."""
    losses, guessing, sick = first_losses()
    alarms = (losses < low * guessing) | (losses > guessing + high)
    return float(alarms[sick].mean()), float(alarms[~sick].mean())


def explore_bounds() -> Explorer:
    """Move the least and the most that a first loss may be; see what the instrument is worth."""
    from matplotlib.figure import Figure

    losses, guessing, sick = first_losses()
    above = np.minimum(losses / guessing, FURTHEST)
    figure = Figure(figsize=(7, 2.4))
    axes = figure.subplots()
    figure.subplots_adjust(left=0.12, right=0.97, bottom=0.25, top=0.88)
    rng = np.random.default_rng(0)
    for row, which, mark in ((1, ~sick, "o"), (0, sick, "x")):
        at = row + rng.uniform(-0.25, 0.25, int(which.sum()))
        axes.plot(above[which], at, mark, ms=4, color="0.35", mfc="none", ls="")
    middle = float(np.median(guessing))
    (least,) = axes.plot([1, 1], [-0.5, 1.5], "-", color="#b3400d")
    (most,) = axes.plot([1, 1], [-0.5, 1.5], "--", color="#b3400d")
    axes.set(xscale="log", yticks=[0, 1], yticklabels=["sick", "healthy"], ylim=(-0.5, 1.5))
    axes.set_xlabel("first loss, as a multiple of ln C", fontsize=9)
    axes.set_xticks([0.5, 1, 2, 5, 20, 60], ["0.5", "1", "2", "5", "20", "60 or more"])
    axes.set_xticks([], minor=True)

    def draw(low, high):
        least.set_xdata([low, low])
        most.set_xdata([1 + high / middle] * 2)
        caught, vain = tally(low, high)
        return figure, (
            f"It alarms below {low:.2f} ln C and above ln C + {high:.1f} (dashed, for "
            f"C = {np.exp(middle):.0f}): at {caught:.0%} of the sick and {vain:.0%} of the healthy "
            f"programs. Score: {caught - 2 * vain:.2f}."
        )

    return explore(
        draw, low=slider("least, in ln C", 0.1, 1.0, 0.95, step=0.05),
        high=slider("most, in nats above ln C", 0.1, 10, 0.1, step=0.1),
    )  # fmt: skip
