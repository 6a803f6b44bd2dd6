"""The explorer of notebook 07: where update rules go on a tilted bowl and on a saddle."""

from __future__ import annotations

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider
from course_utils.explorers.strokes import powers_of_ten
from course_utils.plots import ACCENT, STYLE

_STEPS = 100
_START = np.array([-2.2, 0.9])
_OFF_THE_RIDGE = 0.02  # how far the start on the saddle is from the line that leads into it
_LINES = {  # a rule's colour and dash: grey print and colour-blind readers keep the dashes
    "SGD": ("#1a1a1a", "-"),
    "momentum": ("#6b6b6b", (0, (5, 2))),
    "AdaGrad": ("#6b6b6b", (0, (1, 1.4))),
    "RMSProp": ("#444444", (0, (7, 2, 1, 2))),
    "Adam": (ACCENT, "-"),
}


def explore_optimizers() -> Explorer:
    """Paths of five rules from one start on the left, their distance by step on the right.

    The surface is ½·pᵀHp. H has the eigenvalues 1 and 1/κ, on the saddle 1 and −1/κ; `rotation`
    turns its eigenvectors away from the axes. All rules have the same learning rate.
    """
    import matplotlib
    from matplotlib.figure import Figure

    # rc_context: the style belongs to this figure, not to the notebook's own plots.
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.2, 3.6))
        plane, course = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.07, right=0.88, top=0.9, bottom=0.15, wspace=0.25)
        extent = (-3.0, 3.0, -3.0, 3.0)
        ground = plane.imshow(
            np.zeros((90, 90)), extent=extent, origin="lower", cmap="Greys", vmin=0, vmax=14,
            aspect="equal", interpolation="nearest",
        )  # fmt: skip
        plane.grid(False)
        plane.set_xlabel("first weight")
        plane.set_ylabel("second weight")
        plane.plot(0, 0, "+", color="#1a1a1a", ms=9)
        (start,) = plane.plot(0, 0, "o", color="#1a1a1a", ms=5)
        paths, falls, names = {}, {}, {}
        for name, (colour, dash) in _LINES.items():
            (paths[name],) = plane.plot([], [], color=colour, ls=dash, lw=1.7)
            (falls[name],) = course.plot([], [], color=colour, ls=dash, lw=1.7)
            names[name] = course.annotate(
                name, (1, 0), xycoords=("axes fraction", "data"), color=colour, fontsize=9,
                xytext=(4, 0), textcoords="offset points", va="center", annotation_clip=False,
            )  # fmt: skip
        plane.set_xlim(-3, 3)
        plane.set_ylim(-3, 3)
        course.set_yscale("log")
        powers_of_ten(course.yaxis)
        course.set_xlim(0, _STEPS)
        course.set_ylim(1e-4, 10)
        course.set_xlabel("step")
    x, y = np.meshgrid(np.linspace(-3, 3, 90), np.linspace(-3, 3, 90))

    def draw(surface, condition, rate, momentum, rotation):
        saddle = surface == "saddle"
        where = "saddle" if saddle else "minimum"
        turn = np.deg2rad(rotation)
        axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        curvatures = np.array([-1.0 if saddle else 1.0, condition]) / condition
        # Along the axes of the surface: flat direction first, steep direction second.
        begin = axes @ (np.array([_OFF_THE_RIDGE, 2.2]) if saddle else _START)
        hessian = axes @ np.diag(curvatures) @ axes.T
        level = 0.5 * (hessian[0, 0] * x**2 + 2 * hessian[0, 1] * x * y + hessian[1, 1] * y**2)
        ground.set_data(_bands(level))
        start.set_data(begin[:1], begin[1:])
        ends = {}
        for name, path in walk(hessian, begin, rate, momentum).items():
            far = np.linalg.norm(path, axis=1)
            paths[name].set_data(path[:, 0], path[:, 1])
            falls[name].set_data(np.arange(len(far)), np.clip(far, 1e-6, 1e6))
            ends[name] = far[-1]
        # As high as the farthest rule got, so that who runs off is seen to.
        top = max(10.0, *(min(10 * end, 1e7) for end in ends.values()))
        course.set_ylim(1e-4, top)
        course.set_title(f"distance from the {where}", loc="left", fontsize=11)
        _place(names, ends, np.log10(top))
        said = ", ".join(f"{name} {_number(end)}" for name, end in ends.items())
        return figure, (
            f"{surface.capitalize()} with condition number {condition:.3g}, turned by "
            f"{rotation:.0f} degrees; rate {rate:.3g}, momentum {momentum:.2f}. Distance from the "
            f"{where} after {_STEPS} steps: {said}."
        )

    return explore(
        draw,
        still=[
            {"rotation": 0}, {"rotation": 45},
            {"surface": "saddle", "rotation": 0}, {"surface": "saddle", "rotation": 45},
        ],
        surface=choice("surface", ("bowl", "saddle")),
        condition=slider("condition number κ", 1.0, 1000.0, 50.0, log=True),
        rate=slider("learning rate", 0.001, 3.0, 0.1, log=True),
        momentum=slider("momentum (and β₁)", 0.0, 0.99, 0.9, step=0.01),
        rotation=slider("rotation (degrees)", 0, 90, 0),
    )  # fmt: skip


def walk(hessian, begin, rate, momentum, steps=_STEPS) -> dict[str, np.ndarray]:
    """Where five rules go on ½·pᵀHp: steps+1 points each; a path that runs off ends early."""
    import torch

    makers = {
        "SGD": lambda p: torch.optim.SGD(p, rate),
        "momentum": lambda p: torch.optim.SGD(p, rate, momentum=momentum),
        "AdaGrad": lambda p: torch.optim.Adagrad(p, rate),
        "RMSProp": lambda p: torch.optim.RMSprop(p, rate),
        "Adam": lambda p: torch.optim.Adam(p, rate, betas=(momentum, 0.999)),
    }
    paths = {}
    for name, make in makers.items():
        point = torch.tensor(begin, dtype=torch.float64, requires_grad=True)
        optimizer = make([point])
        path = [begin]
        for _ in range(steps):
            point.grad = torch.from_numpy(hessian @ path[-1])
            optimizer.step()
            path.append(point.detach().numpy().copy())
            if not np.abs(path[-1]).max() < 1e6:
                break
        paths[name] = np.array(path)
    return paths


def _bands(level: np.ndarray) -> np.ndarray:
    """Steps of height as steps of grey, finer near 0, where most of the way is."""
    bands = np.floor(3 * np.sign(level) * np.sqrt(np.abs(level)))
    return bands - bands.min()


def _place(names: dict, ends: dict, top: float) -> None:
    """Names at the ends of their lines, kept apart, in the order of where the lines end; the axis
    runs from 1e-4 to ten to the power of `top`."""
    low, high, gap = -3.9, top - 0.05, 0.056 * (top + 4)
    heights = {name: np.clip(np.log10(max(end, 1e-9)), low, high) for name, end in ends.items()}
    order = sorted(ends, key=ends.get)  # the ends themselves: heights are equal where clipped
    placed = low - gap
    for i, name in enumerate(order):
        room_above = gap * (len(order) - 1 - i)
        placed = min(max(heights[name], placed + gap), high - room_above)
        names[name].xy = (1, 10**placed)


def _number(value: float) -> str:
    return f"{value:.2g}" if value < 1e5 else "far off"
