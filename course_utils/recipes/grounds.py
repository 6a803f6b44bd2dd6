"""Losses of two weights that make trouble for update rules, each with its gradient and its start.

Each is written along its own axes: u runs along the floor, v up the wall. κ says how much steeper
the wall is. `Ground.turned` lays it before a rule, turned by an angle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Along = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
_OFF_THE_RIDGE = 0.02  # how far the start on the saddle is from the line that leads into it
_CLIFF_AT, _CLIFF_WIDTH, _CLIFF_HEIGHT = -1.2, 0.02, 2.0


@dataclass(frozen=True)
class Ground:
    """A loss of two weights: its level and gradient at a point p, and where a walk begins."""

    level: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]
    start: np.ndarray


@dataclass(frozen=True)
class Shape:
    """A ground along its own axes, for every condition number κ."""

    level: Along
    slopes: Callable[[np.ndarray, np.ndarray, float], tuple]
    start: tuple[float, float]

    def turned(self, kappa: float, degrees: float) -> Ground:
        """The same ground, its axes turned by so many degrees."""
        turn = np.deg2rad(degrees)
        axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])

        def level(p):
            return self.level(*np.tensordot(axes.T, p, 1), kappa)

        def gradient(p):
            return axes @ np.array(self.slopes(*(axes.T @ p), kappa))

        return Ground(level, gradient, axes @ np.array(self.start))


def _step(u):
    """From 1 left of the cliff to 0 right of it."""
    return 1 / (1 + np.exp(np.clip((u - _CLIFF_AT) / _CLIFF_WIDTH, -500, 500)))


def _off_the_wall(u, v):
    """How far a point stands above the bent floor v = u²/2."""
    return v - u**2 / 2


def _hollow(u, v, kappa):
    """1 at the minimum, next to nothing on the plateau."""
    return np.exp(-(u**2 / kappa + v**2))


GROUNDS: dict[str, Shape] = {
    "bowl": Shape(
        lambda u, v, kappa: (u**2 / kappa + v**2) / 2,
        lambda u, v, kappa: (u / kappa, v),
        (-2.2, 0.9),
    ),
    "saddle": Shape(
        lambda u, v, kappa: (v**2 - u**2 / kappa) / 2,
        lambda u, v, kappa: (-u / kappa, v),
        (_OFF_THE_RIDGE, 2.2),
    ),
    # The floor is a parabola, so that no straight direction is the right one (as Rosenbrock's).
    "bend": Shape(
        lambda u, v, kappa: (u**2 / kappa + _off_the_wall(u, v) ** 2) / 2,
        lambda u, v, kappa: (u / kappa - _off_the_wall(u, v) * u, _off_the_wall(u, v)),
        (-2.2, 2.7),
    ),
    "plateau": Shape(
        lambda u, v, kappa: 1 - _hollow(u, v, kappa),
        lambda u, v, kappa: (2 * u / kappa * _hollow(u, v, kappa), 2 * v * _hollow(u, v, kappa)),
        (-0.8, 2.4),
    ),
    # A wall like those in the loss of recurrent nets (Pascanu 2013).
    "cliff": Shape(
        lambda u, v, kappa: (u**2 / kappa + v**2) / 2 + _CLIFF_HEIGHT * _step(u),
        lambda u, v, kappa: (
            u / kappa - _CLIFF_HEIGHT / _CLIFF_WIDTH * _step(u) * (1 - _step(u)), v,
        ),
        (-2.2, 0.9),
    ),
}  # fmt: skip
