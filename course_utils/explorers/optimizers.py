"""The explorer of notebook 07: where update rules go, torch's or the learner's. Grounds to walk on
are in `grounds`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from course_utils.explorers.explorer import Explorer, choice, explore, slider
from course_utils.explorers.strokes import powers_of_ten
from course_utils.plots import ACCENT, STYLE
from course_utils.recipes.grounds import GROUNDS, Ground

_STEPS = 100
_LINES = {  # a rule's colour and dash: grey print and colour-blind readers keep the dashes
    "SGD": ("#1a1a1a", "-"),
    "momentum": ("#6b6b6b", (0, (5, 2))),
    "AdaGrad": ("#848484", (0, (1, 1.4))),
    "RMSProp": ("#444444", (0, (7, 2, 1, 2))),
    "Adam": (ACCENT, "-"),
}
Rule = Callable[..., tuple]  # (w, dw, config) → (next w, config)


def explore_optimizers(rules: Mapping[str, Rule] | None = None) -> Explorer:
    """Paths of some rules from one start on the left, their distance by step on the right.

    Parameters
    ----------
    rules : the learner's rules by name, at most five, in notebook 07's form; torch's own five when
        None. Each gets the slider's rate, and its momentum as "momentum" and "beta1".

    `rotation` turns the ground's own axes away from the weights'. All rules have the same rate.
    """
    lines = _strokes(rules) if rules else _LINES
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
        for name, (colour, dash) in lines.items():
            (paths[name],) = plane.plot([], [], color=colour, ls=dash, lw=1.7)
            (falls[name],) = course.plot([], [], color=colour, ls=dash, lw=1.7)
            names[name] = course.annotate(
                name, (1, 0), xycoords=("axes fraction", "data"), fontsize=9,
                color=ACCENT if colour == ACCENT else "#333333",
                xytext=(4, 0), textcoords="offset points", va="center", annotation_clip=False,
            )  # fmt: skip
        plane.set_xlim(-3, 3)
        plane.set_ylim(-3, 3)
        course.set_yscale("log")
        powers_of_ten(course.yaxis)
        course.set_xlim(0, _STEPS)
        course.set_ylim(1e-4, 10)
        course.set_xlabel("step")
        below = [plane.text(0, 0, "lower", fontsize=9, ha="center", va="center", color="#222222")
                 for _ in range(2)]  # fmt: skip
    x, y = np.meshgrid(np.linspace(-3, 3, 90), np.linspace(-3, 3, 90))
    border = []  # the line on which a saddle is as high as its middle

    def draw(surface, condition, rate, momentum, rotation):
        where = "saddle" if surface == "saddle" else "minimum"
        ground_here = GROUNDS[surface].turned(condition, rotation)
        begin = ground_here.start
        level = ground_here.level(np.stack([x, y]))
        ground.set_data(_bands(level))
        while border:
            border.pop().remove()
        if surface == "saddle":  # else it looks like a bowl
            border.append(plane.contour(x, y, level, [0.0], colors="#555555", linewidths=0.7))
        plane.set_title("paths; thin: as high as the saddle" if border
                        else "paths, drawn as on the right", loc="left", fontsize=11)  # fmt: skip
        for text, place in zip(below, _lowest(ground_here), strict=True):
            text.set_visible(surface == "saddle")
            text.set_position(place)
        start.set_data(begin[:1], begin[1:])
        ends, silent = {}, {}
        if rules:
            walked, silent = walk_own(rules, ground_here, rate, momentum)
        else:
            walked = walk(ground_here, rate, momentum)
        for name in lines:
            path = walked.get(name, np.empty((0, 2)))
            far = np.linalg.norm(path, axis=1)
            paths[name].set_data(path[:, 0], path[:, 1])
            falls[name].set_data(np.arange(len(far)), np.clip(far, 1e-6, 1e6))
            names[name].set_visible(name in walked)
            if name in walked:
                ends[name] = far[-1]
        # As high as the farthest rule got, so that who runs off is seen to.
        top = max([10.0, *(min(10 * end, 1e7) for end in ends.values())])
        course.set_ylim(1e-4, top)
        course.set_title(f"distance from the {where}", loc="left", fontsize=11)
        _place(names, ends, np.log10(top))
        said = ", ".join(
            [f"{name} {_number(end)}" for name, end in ends.items()]
            + [f"{name}: {why}" for name, why in silent.items()]
        )
        return figure, (
            f"{surface.capitalize()} with condition number {condition:.3g}, turned by "
            f"{rotation:.0f} degrees; rate {rate:.3g}, momentum {momentum:.2f}. Distance from the "
            f"{where} after {_STEPS} steps: {said}."
        )

    return explore(
        draw,
        still=[{"surface": name} for name in ("bend", "plateau", "cliff")] if rules else [
            {"rotation": 0}, {"rotation": 45},
            {"surface": "saddle", "rotation": 0}, {"surface": "saddle", "rotation": 45},
        ],
        surface=choice("surface", tuple(GROUNDS), "bend" if rules else "bowl"),
        condition=slider("condition number κ", 1.0, 1000.0, 50.0, log=True),
        rate=slider("learning rate", 0.001, 3.0, 0.1, log=True),
        momentum=slider("momentum (and β₁)", 0.0, 0.99, 0.9, step=0.01),
        rotation=slider("rotation (degrees)", 0, 90, 0),
    )  # fmt: skip


def _strokes(rules: Mapping[str, Rule]) -> dict[str, tuple]:
    """Each rule in its own colour and dash, as in every other picture; others in what is free."""
    free = iter([stroke for name, stroke in _LINES.items() if name not in rules])
    return {name: _LINES.get(name) or next(free) for name in rules}


def _lowest(ground: Ground) -> np.ndarray:
    """Two places opposite each other, on a circle that lies in the picture, where it is lowest."""
    angle = np.linspace(0, np.pi, 180, endpoint=False)
    circle = 2.4 * np.stack([np.cos(angle), np.sin(angle)])
    place = circle[:, np.argmin(ground.level(circle))]
    return np.stack([place, -place])


def walk(ground: Ground, rate, momentum, steps=_STEPS) -> dict[str, np.ndarray]:
    """Where torch's five rules go: steps+1 points each; a path that runs off ends early."""
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
        point = torch.tensor(ground.start, dtype=torch.float64, requires_grad=True)
        optimizer = make([point])
        path = [ground.start]
        for _ in range(steps):
            point.grad = torch.from_numpy(ground.gradient(path[-1]))
            optimizer.step()
            path.append(point.detach().numpy().copy())
            if not np.abs(path[-1]).max() < 1e6:
                break
        paths[name] = np.array(path)
    return paths


def walk_own(
    rules: Mapping[str, Rule], ground: Ground, rate, momentum, steps=_STEPS
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Where a learner's rules go, and of those that go nowhere why."""
    paths, silent = {}, {}
    for name, rule in rules.items():
        config = {"learning_rate": rate, "momentum": momentum, "beta1": momentum}
        path = [ground.start]
        try:
            for _ in range(steps):
                place, config = rule(path[-1].copy(), ground.gradient(path[-1]), config)
                path.append(np.asarray(place, float).reshape(2).copy())
                if not np.abs(path[-1]).max() < 1e6:
                    break
        except NotImplementedError:
            silent[name] = "not written yet"
        except Exception as error:  # noqa: BLE001 - it is the learner's, and may fail in any way
            silent[name] = f"{type(error).__name__} ({error})"
        else:
            paths[name] = np.clip(np.nan_to_num(np.array(path), nan=1e6), -1e6, 1e6)
    return paths, silent


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
