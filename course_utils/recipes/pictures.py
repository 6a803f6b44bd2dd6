"""Small pictures for programs that train in a twentieth of a second: 8×8, grey, uint8."""

from __future__ import annotations

import functools

import numpy as np

SIDE = 8
_GIVEN = 1200  # so many digits are for programs; the rest are for judging what they learned


def small_pictures(
    kind: str, classes: int, n: int, seed: int, sealed: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of `classes` kinds, sorted by class, as many data sets lie on a disk.

    Parameters
    ----------
    kind : "digits" (real ones, as in `datasets.digits`) or "strokes" (drawn; other shapes for each
        hundred of the seed)
    n : so many pictures, evenly spread over the classes
    sealed : draw from pictures that no call with False can give

    Returns
    -------
    pictures : uint8 n×8×8
    labels : int64 n, from 0
    """
    rng = np.random.default_rng([seed, int(sealed)])
    labels = np.sort(np.arange(n) % classes)
    if kind == "digits":
        pictures, known = _digits()
        rows = slice(_GIVEN, None) if sealed else slice(_GIVEN)
        pictures, known = pictures[rows], known[rows]
        chosen = np.random.default_rng(seed // 100).permutation(10)[:classes]
        at = []
        for c in range(classes):
            there, wanted = np.flatnonzero(known == chosen[c]), int((labels == c).sum())
            if wanted > len(there) and not sealed:
                raise ValueError(
                    f"There are {len(there)} pictures of the digit {chosen[c]}, not {wanted}."
                )
            at.append(rng.choice(there, wanted, replace=wanted > len(there)))
        return pictures[np.concatenate(at)], labels
    if kind == "strokes":
        return _strokes(classes, labels, np.random.default_rng(seed // 100), rng), labels
    raise ValueError(f"There are small pictures of digits and of strokes, not of {kind!r}.")


@functools.cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = np.random.default_rng(8).permutation(len(bunch.target))
    return (15 * bunch.images[order]).astype(np.uint8), bunch.target[order].astype(np.int64)


def _strokes(classes: int, labels: np.ndarray, shapes, rng) -> np.ndarray:
    """Each class is a line of three corners; each picture moves the corners a little."""
    corners = shapes.uniform(0.5, SIDE - 1.5, (classes, 4, 2))
    at = corners[labels] + rng.normal(0, 0.55, (len(labels), 4, 2))
    at += rng.normal(0, 0.5, (len(labels), 1, 2))
    grid = np.stack(np.mgrid[:SIDE, :SIDE], -1).reshape(1, -1, 2)
    nearest = np.full((len(labels), SIDE * SIDE), np.inf)
    for a, b in zip(at[:, :-1].swapaxes(0, 1), at[:, 1:].swapaxes(0, 1), strict=True):
        along = (b - a)[:, None]
        share = ((grid - a[:, None]) * along).sum(-1) / ((along**2).sum(-1) + 1e-9)
        foot = a[:, None] + np.clip(share, 0, 1)[..., None] * along
        nearest = np.minimum(nearest, ((grid - foot) ** 2).sum(-1))
    ink = np.exp(-nearest / 0.6) + rng.normal(0, 0.08, nearest.shape)
    return (240 * np.clip(ink, 0, 1)).astype(np.uint8).reshape(-1, SIDE, SIDE)
