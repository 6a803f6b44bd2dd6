"""The explorer of notebook 05: a boundary through mislabelled points, and the weights behind it.

A logistic model on 60 bumps with more weights than points; each setting is trained to the end.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider

POINTS, WRONG, BUMPS, WIDTH = 40, 6, 60, 0.55
WEAKEST = 1e-4
_LEAST = 1e-4  # lambda under dropout, which alone would let weights grow without end
_COPIES = 40  # masks for each point: enough for the boundary not to jump from one draw to the next


@dataclass(frozen=True, eq=False)  # equal only to itself: what was trained on it can be kept
class Problem:
    """Training points N×2 with labels of which some are wrong; test points with right ones."""

    x: np.ndarray
    y: np.ndarray
    wrong: np.ndarray  # which of the labels y are
    test_x: np.ndarray
    test_y: np.ndarray
    centres: np.ndarray

    def features(self, x: np.ndarray) -> np.ndarray:
        """The bumps at points x, N×60, and a column of ones for the bias, which is not punished."""
        squared = ((x[:, None] - self.centres) ** 2).sum(2)
        return np.column_stack([np.exp(-squared / (2 * WIDTH**2)), np.ones(len(x))])


def problem(seed: int = 4) -> Problem:
    rng = np.random.default_rng(seed)

    def draw(n):
        x = rng.uniform(-2, 2, (n, 2))
        return x, (x[:, 1] > np.sin(1.6 * x[:, 0])).astype(float)

    x, y = draw(POINTS)
    test_x, test_y = draw(1000)
    wrong = np.zeros(POINTS, bool)
    wrong[rng.permutation(POINTS)[:WRONG]] = True
    return Problem(x, np.where(wrong, 1 - y, y), wrong, test_x, test_y,
                   rng.uniform(-2.2, 2.2, (BUMPS, 2)))  # fmt: skip


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def _newton(phi, y, lam, steps=30):
    """Weights that minimise the mean logistic loss plus half lam times their squares."""
    w = np.zeros(phi.shape[1])
    price = np.full(len(w), lam)
    price[-1] = 1e-8  # the bias; not quite free, so that the equations can always be solved

    def cost(w):
        z = phi @ w
        return np.mean(np.logaddexp(0, z) - y * z) + 0.5 * price @ w**2

    now = cost(w)
    for _ in range(steps):
        p = _sigmoid(phi @ w)
        gradient = phi.T @ (p - y) / len(y) + price * w
        hessian = (phi.T * (p * (1 - p))) @ phi / len(y) + np.diag(price)
        step, share = np.linalg.solve(hessian, gradient), 1.0
        while (then := cost(w - share * step)) > now and share > 1e-4:
            share /= 2
        w = w - share * step
        if now - then < 1e-10:
            break
        now = then
    return w


def _shrinking(phi, y, lam, steps=1500):
    """Weights that minimise the mean logistic loss plus lam times their absolute values (FISTA)."""
    w = ahead = np.zeros(phi.shape[1])
    rate = 4 * len(y) / np.linalg.norm(phi, 2) ** 2
    price = rate * np.append(np.full(phi.shape[1] - 1, lam), 0.0)
    t = 1.0
    for _ in range(steps):
        before = w
        z = ahead - rate * phi.T @ (_sigmoid(phi @ ahead) - y) / len(y)
        w = np.sign(z) * np.maximum(np.abs(z) - price, 0)
        t, last = (1 + np.sqrt(1 + 4 * t * t)) / 2, t
        ahead = w + (last - 1) / t * (w - before)
    return w


def weights(data: Problem, method: str, lam: float, dropped: float) -> np.ndarray:
    """The trained weights of the 60 bumps, and the bias last, for a method of `METHODS`.

    `lam` is without effect under dropout, `dropped` under the penalties; the array is not to be
    written to.
    """
    return _trained(data, method, dropped if method == "dropout" else lam)


@functools.lru_cache(maxsize=256)
def _trained(data: Problem, method: str, strength: float) -> np.ndarray:
    phi = data.features(data.x)
    if method == "L2":
        return _newton(phi, data.y, strength)
    if method == "L1":
        return _shrinking(phi, data.y, strength)
    rng = np.random.default_rng(0)
    many = np.repeat(phi, _COPIES, axis=0)
    many[:, :-1] *= (rng.random((len(many), BUMPS)) >= strength) / (1 - strength)
    return _newton(many, np.repeat(data.y, _COPIES), _LEAST)


METHODS = ("L2", "L1", "dropout")


@functools.lru_cache(maxsize=1)
def _measured_on(data: Problem) -> tuple[np.ndarray, np.ndarray]:
    """The bumps at the training and at the test points, which no control changes."""
    return data.features(data.x), data.features(data.test_x)


def measure(data: Problem, w: np.ndarray) -> dict[str, float]:
    """Accuracy on training and test points, how many wrong labels are learned, zero weights."""

    seen, held_out = _measured_on(data)
    obeyed = (seen @ w > 0) == (data.y > 0.5)
    return {
        "train": float(obeyed.mean()),
        "test": float(((held_out @ w > 0) == (data.test_y > 0.5)).mean()),
        "learned": int(obeyed[data.wrong].sum()),
        "zero": int((w[:-1] == 0).sum()),
        "largest": float(np.abs(w[:-1]).max()),
    }


def regularization_explorer() -> Explorer:
    """Choose a method and its strength; see the boundary, the weights, both accuracies."""
    from matplotlib.figure import Figure

    from course_utils.plots import ACCENT

    data = problem()
    side = np.linspace(-2, 2, 61)
    across, up = np.meshgrid(side, side)
    grid = data.features(np.column_stack([across.ravel(), up.ravel()]))
    figure = Figure(figsize=(8.2, 3.5))
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
    figure.subplots_adjust(0.07, 0.15, 0.98, 0.89, wspace=0.2)
    ground = left.imshow(np.zeros_like(across), extent=(-2, 2, -2, 2), origin="lower", vmin=-0.25,
                         vmax=3.0, cmap="Greys", interpolation="bilinear")  # fmt: skip
    for label, marker in ((1, "^"), (0, "o")):
        rows = data.y == label
        left.scatter(*data.x[rows].T, s=30, marker=marker, edgecolor="#1a1a1a", zorder=3,
                     facecolor="#1a1a1a" if label else "white", linewidth=1)  # fmt: skip
    left.scatter(*data.x[data.wrong].T, s=130, facecolor="none", edgecolor=ACCENT, linewidth=1.5,
                 zorder=4)  # fmt: skip
    left.plot(side, np.sin(1.6 * side), color="#444444", lw=1, ls=(0, (2, 2)))
    left.set(xlim=(-2, 2), ylim=(-2, 2))
    left.set_title("boundary (blue), truth (dotted), mislabelled (ringed)", loc="left", size=8)
    places = np.arange(BUMPS)
    bars = right.vlines(places, 0, 0, color="#6b6b6b", lw=3.4)  # one artist, not sixty
    right.set_xlim(-2, BUMPS + 1)
    right.axhline(0, color="#1a1a1a", lw=0.8)
    right.set_xlabel("weights, sorted")
    right.spines[["top", "right"]].set_visible(False)
    # One scale for all settings, that of the weakest penalty: else shrinking could not be seen.
    reach = 1.1 * measure(data, weights(data, "L2", WEAKEST, 0.0))["largest"]
    right.set_ylim(-reach, reach)
    boundary = None

    def draw(method: str, lam: float, dropped: float):
        nonlocal boundary
        w = weights(data, method, lam, dropped)
        seen = measure(data, w)
        ground.set_data(_sigmoid(grid @ w).reshape(across.shape))
        if boundary is not None:
            boundary.remove()
        score = (grid @ w).reshape(across.shape)
        boundary = left.contour(across, up, score, levels=[0.0], colors=ACCENT, linewidths=2)
        bars.set_segments([[(i, 0), (i, value)] for i, value in zip(places, np.sort(w[:-1]),
                                                                    strict=True)])  # fmt: skip
        strength = f"{dropped:.0%} dropped" if method == "dropout" else f"λ = {lam:.2g}"
        if method == "dropout":  # never without the least of penalties, see `_LEAST`
            strength += f", λ = {_LEAST:g}"
        off = int((np.abs(w[:-1]) > reach).sum())
        right.set_xlabel("weights, sorted" + (f" ({off} reach beyond the picture)" if off else ""))
        right.set_title(f"{method}, {strength}: {seen['zero']} of {BUMPS} weights are 0",
                        loc="left", size=9)  # fmt: skip
        sentence = (
            f"{method}, {strength}: {seen['train']:.0%} of the training labels are met, "
            f"{seen['learned']} of the {WRONG} wrong ones among them, and {seen['test']:.0%} of "
            f"the test points are right. {seen['zero']} of {BUMPS} weights are exactly 0; the "
            f"largest is {seen['largest']:.2g}."
        )
        return figure, sentence

    return explore(
        draw,
        still=[
            {"method": "L2", "lam": 1e-4},
            {"method": "L2", "lam": 0.01},
            {"method": "L1", "lam": 0.01},
            {"method": "dropout", "dropped": 0.5},
        ],
        method=choice("method", list(METHODS)),
        lam=slider("λ (L2 and L1)", WEAKEST, 0.3, 1e-3, log=True, step=0.1),
        dropped=slider("share dropped (dropout)", 0.0, 0.9, 0.5, step=0.05),
    )
