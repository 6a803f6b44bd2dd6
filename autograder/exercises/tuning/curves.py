"""What is judged of a run's diagnosis: the curves that are shown, and the rules. The exercise is in
`diagnosis`. Runs in the judge."""

import numpy as np
import torch


def run(rng, shape, train, val, goal=0.9, noise=0.03, burst=None, train_peak=0.0, val_peak=0.0):
    """A history and a goal. `shape` gives the losses at times from 0 to 1; the burst, at a place
    that is found from n and its tenth, is a single one; accuracies may peak before they end."""
    # A whole tenth less than n / 10, and an odd n: so that rounding shows.
    n = 10 * int(rng.integers(12, 30)) + int(rng.choice([7, 9]))
    with np.errstate(over="ignore"):
        losses = shape(np.linspace(0, 1, n)) * (1 + noise * rng.normal(size=n))
    if burst:
        losses[burst(n, n // 10)] = 1e4
    epochs = np.linspace(0, 1, 12)[1:]

    def rising(last, peak):
        values = last * epochs**0.2
        values[-4] = max(peak, values[-4])
        return [float(value) for value in values]

    history = {
        "loss": [float(loss) for loss in losses],
        "train_accuracy": rising(train, train_peak),
        "val_accuracy": rising(val, val_peak),
    }
    return {"history": history, "goal": goal}


def settled(t, floor=0.1):
    return floor + (2.3 - floor) * np.exp(-9 * t)


def stuck(t):
    return settled(t, 1.1)


def for_a_while(value):
    """Settled, but for a stretch that lies in none of the three tenths."""
    return lambda t: np.where(abs(t - 0.75) < 0.03, value, settled(t))


def falling(speed):
    """Still falling at the end, the slower the more."""
    return lambda t: 0.3 + 2 * np.exp(-speed * t)


def accuracies(rng):
    """Runs whose loss settled: the accuracies say what they are."""
    return [
        run(rng, settled, 0.92, 0.9, goal=None),
        run(rng, settled, 0.85, 0.84, goal=None),
        run(rng, settled, 0.99, 0.74),
        run(rng, settled, 0.97, 0.88),
        run(rng, stuck, 0.6, 0.58),
        run(rng, stuck, 0.7, 0.45),
        run(rng, stuck, 0.7, 0.62, goal=0.6),
        run(rng, settled, 0.2, 0.1, goal=0.2),
        run(rng, settled, 0.78, 0.95, goal=0.75),
        run(rng, settled, 0.8, 0.78, train_peak=0.97, val_peak=0.95),
        run(rng, settled, 0.97, 0.8, val_peak=0.93),
        run(rng, settled, 0.95, 0.83, goal=0.93),
    ]


def movements(rng):
    """How the loss moves from the beginning to the end."""
    rises = lambda t: 2.3 + 3 * t
    flat = lambda t: np.full(len(t), 2.25)
    bursts = lambda t: np.where(t > 0, 7 + 500 * np.exp(-200 * t), 2.3)
    dips = lambda t: np.where(t > 0, 0.5 + 0.5 * t, 2.3)
    # Down to nearly 0: a quarter of the whole fall and one of the first tenth are much the same,
    # half of it and a quarter of what is lost from the very first loss on are not.
    steady = lambda t: np.where(t > 0, 2.3 - 2.25 * t, 4.5)
    # Above its first tenth at the end, and below the first loss of all.
    climbs_a_little = lambda t: np.where(t > 0, 1 + 2 * t - 1.8 * t**2, 2.3)
    # Most of its fall is in the second half, and that is little beside what it began with.
    late = lambda t: 2.3 - 0.6 * t**2
    return [
        run(rng, rises, 0.12, 0.11),
        run(rng, bursts, 0.12, 0.11),
        run(rng, dips, 0.95, 0.93),
        run(rng, flat, 0.1, 0.1, noise=0.0),
        run(rng, falling(1.5), 0.6, 0.58, noise=0.0),
        run(rng, falling(2.3), 0.6, 0.4, noise=0.0),
        run(rng, falling(0.3), 0.4, 0.2, noise=0.0),
        run(rng, lambda t: 1.2 - t, 0.95, 0.93, noise=0.01),
        run(rng, steady, 0.4, 0.39, noise=0.0),
        run(rng, climbs_a_little, 0.4, 0.39, noise=0.0),
        run(rng, late, 0.4, 0.39, noise=0.0),
    ]


def bursts(rng):
    """Single losses that are none, or far off, in one of the three tenths or beside it."""
    return [
        run(rng, for_a_while(np.nan), 0.97, 0.94),
        run(rng, for_a_while(np.inf), 0.97, 0.94),
        run(rng, lambda t: np.where(t > 0.93, np.nan, settled(t)), 0.97, 0.94),
        run(rng, for_a_while(1e6), 0.97, 0.94),
        run(rng, for_a_while(1e6), 0.97, 0.75),
        run(rng, settled, 0.97, 0.94, burst=lambda n, tenth: -tenth),
        run(rng, settled, 0.97, 0.94, burst=lambda n, tenth: -tenth - 1),
        run(rng, lambda t: np.where(t == 1, 9.0, settled(t)), 0.96, 0.8, noise=0.25),
        run(rng, stuck, 0.6, 0.58, burst=lambda n, tenth: n // 2),
        run(rng, stuck, 0.6, 0.58, burst=lambda n, tenth: n // 2 - 1),
        run(rng, stuck, 0.6, 0.58, burst=lambda n, tenth: n // 2 + tenth),
        run(rng, falling(1.5), 0.6, 0.58, noise=0.0, burst=lambda n, tenth: tenth - 1),
        run(rng, falling(0.3), 0.6, 0.58, noise=0.0, burst=lambda n, tenth: tenth),
    ]


def diagnosis(history, goal, finite=lambda losses: bool(torch.isfinite(losses).all()),
              tenth=lambda n: n // 10, begin=lambda half, tenth: half,
              above=lambda losses, start, end: end > losses[0],
              falls=lambda losses, start, middle, end: middle - end > (start - end) / 4,
              accuracy=lambda values: values[-1], below=lambda reached, goal: reached < goal,
              apart=lambda train, val: train - val > 0.1, measured="train_accuracy",
              slow_counts=False, overfit_first=False, mean=torch.mean,
              tail=lambda losses, n: losses[-n:]):  # fmt: skip
    """The rules of `diagnose`, with one of them changed."""
    losses = torch.tensor(history["loss"], dtype=torch.float64)
    if not finite(losses):
        return "lr too high"
    n = tenth(len(losses))
    at = begin(len(losses) // 2, n)
    start, middle, end = (
        float(mean(part)) for part in (losses[:n], losses[at : at + n], tail(losses, n))
    )
    if above(losses, start, end):
        return "lr too high"
    train, val = (accuracy(history[f"{part}_accuracy"]) for part in ("train", "val"))
    if overfit_first and apart(train, val):
        return "overfit"
    low = below(accuracy(history[measured]), 0.9 if goal is None else goal)
    if (low or slow_counts) and falls(losses, start, middle, end):
        return "lr too low"
    if low:
        return "underfit"
    return "overfit" if apart(train, val) else "healthy"
