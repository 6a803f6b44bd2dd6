"""A look at a training program before it is trained for long: one table, one picture.

    from course_utils.inspection import inspect

    look = inspect(program)
    look.show()

A program has a `net`, `batches` (one pass over its training part, drawn anew each time), `loss` of
a batch, a `step` on a batch and `fresh`, which gives the same program before its first step; an
`end_of_epoch` is called where there is one. It is looked at in copies and stays as it is. What is
sound and what is not is left to whoever looks: `instruments` has the tests that decide.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

PICTURES = 16
BATCHES = 4  # for the first loss, activations and gradients
HEADINGS = ("layer", "kind", "out: mean", "out: std", "out: zeros", "gradient", "first step",
            "last steps")  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """What was seen of one layer.

    Attributes
    ----------
    mean, std, zeros : of what it gives in training mode, over a few batches; the share of zeros is
        counted behind the activation that follows, where one does
    gradient : root of the mean square of its weights' gradient; None where it has none
    ratios : one a step, how far the step moved the weights, as a share of their length
    trained : False where the weights are frozen
    """

    name: str
    kind: str
    mean: float
    std: float
    zeros: float
    gradient: float | None
    ratios: tuple[float, ...]
    trained: bool

    @property
    def row(self) -> tuple[str, ...]:
        gradient = "none" if self.gradient is None else f"{self.gradient:.2g}"
        first, last = "not trained", "not trained"
        if self.trained:
            first, last = f"{self.ratios[0]:.2g}", f"{float(np.median(self.ratios[-5:])):.2g}"
        seen = f"{self.mean:.2g}", f"{self.std:.2g}", f"{100 * self.zeros:.0f} %"
        return self.name, self.kind, *seen, gradient, first, last


@dataclass(frozen=True)
class Look:
    """What `inspect` saw."""

    first_loss: float
    classes: int
    layers: tuple[Layer, ...]
    losses: tuple[float, ...]  # one a step
    pictures: np.ndarray
    labels: tuple

    @property
    def guessing(self) -> float:
        """The loss of whoever guesses among the classes."""
        return math.log(self.classes)

    @property
    def heading(self) -> str:
        return (
            f"First loss {self.first_loss:.3g}; guessing among {self.classes} classes has "
            f"ln {self.classes} = {self.guessing:.3g}. After {len(self.losses)} steps: "
            f"{self.losses[-1]:.3g}."
        )

    def __str__(self) -> str:
        rows = [HEADINGS, *(layer.row for layer in self.layers)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
                 for row in rows]  # fmt: skip
        return "\n".join([self.heading, *lines])

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in HEADINGS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in layer.row) + "</tr>"
            for layer in self.layers
        )
        return (
            f"<p>{escape(self.heading)}</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )

    def show(self) -> None:
        """Put table and picture into the notebook."""
        from IPython.display import display

        from course_utils import plots

        display(self)
        plots.show(self.picture())

    def picture(self):
        """Pictures with labels; loss, outputs and gradients by layer, steps against weights."""
        import matplotlib
        from matplotlib.figure import Figure

        from course_utils.plots import ACCENT, STYLE
        from course_utils.plotting import axis_labels

        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(10, 4.6), layout="constrained")
            left, right = figure.subfigures(1, 2, width_ratios=(1, 1.7))
            self._draw_pictures(left)
            (losses, outputs), (gradients, ratios) = right.subplots(2, 2)
            losses.plot(range(1, len(self.losses) + 1), self.losses, color=ACCENT)
            losses.axhline(self.guessing, color="#6b6b6b", ls=":")
            losses.set(xlabel="step", title="loss (dots: guessing)")
            places, names = range(len(self.layers)), [layer.name for layer in self.layers]
            sizes = [layer.gradient or 0.0 for layer in self.layers]
            for axes, values, title in ((outputs, [layer.std for layer in self.layers],
                                         "deviation of the outputs"),
                                        (gradients, sizes, "size of the gradient")):  # fmt: skip
                axes.plot(places, values, "o-", color=ACCENT)
                axes.set(xlabel="layer", title=title)
                axes.set_xticks(list(places), names)
                if min(values) > 0 and np.isfinite(values).all():
                    axes.set_yscale("log")
                    axis_labels.write_plainly(axes.yaxis)
            for number, layer in enumerate(self.layers):
                shares = np.array(layer.ratios)
                known = np.flatnonzero(np.isfinite(shares) & (shares < 1e12) & (shares > 0))
                if not len(known):
                    continue
                dash = ("-", "--", ":", "-.")[number % 4]
                ratios.plot(known + 1, shares[known], dash, lw=1.2,
                            color="#444444" if number else ACCENT)  # fmt: skip
                ratios.annotate(layer.name, (known[-1] + 1, shares[known[-1]]),
                                xytext=(3, 0), textcoords="offset points", fontsize=9)  # fmt: skip
            if ratios.lines:
                ratios.set_yscale("log")
                axis_labels.write_plainly(ratios.yaxis)
            ratios.set(xlabel="step", title="step ÷ weights, by layer")
        figure.course_alt = self.words()
        return figure

    def _draw_pictures(self, part) -> None:
        grid = part.subplots(4, 4).ravel()
        for axes in grid:
            axes.axis("off")
        for axes, picture, label in zip(grid, self.pictures, self.labels, strict=False):
            axes.imshow(_drawable(picture), cmap="Greys_r")
            axes.set_title(str(label), fontsize=9, loc="center", pad=2)
        part.suptitle("what the net is given, with its labels", fontsize=10)

    def words(self) -> str:
        """The picture for who cannot see it."""
        layers = "; ".join(
            f"{layer.name} {layer.kind}: outputs spread by {row[3]}, gradient {row[5]}, first step "
            f"{row[6]}, last steps {row[7]}" for layer in self.layers for row in [layer.row]
        )  # fmt: skip
        labels = ", ".join(map(str, self.labels))
        return f"{self.heading} {len(self.labels)} pictures labelled {labels}. Layers: {layers}."


def inspect(program, steps: int = 40) -> Look:
    """Look at a program before it is trained for long; it stays as it is.

    Parameters
    ----------
    program : see the head of this file
    steps : of the program's own, made on a copy, after which the table ends

    Raises ValueError when the program has no batch, or the net no layer with weights.
    """
    start = program.fresh()
    batches = list(itertools.islice(start.batches, BATCHES))
    if not batches:
        raise ValueError("This program gives no batch, so there is nothing to look at.")
    layers = [(name, module) for name, module in start.net.named_modules()
              if not list(module.children()) and hasattr(module, "weight")
              and getattr(module.weight, "ndim", 0) > 1]  # fmt: skip
    if not layers:
        raise ValueError("No layer of this net has a matrix of weights, so there is no table.")
    seen = _activations(start, [module for _, module in layers], batches)
    first, gradients = _gradients(start, [module for _, module in layers], batches)
    losses, ratios = _stepping(program.fresh(), [name for name, _ in layers], steps)
    x, y = batches[0]
    scores = seen.pop("scores")
    return Look(
        first_loss=first,
        classes=max(2, scores),
        layers=tuple(
            Layer(name, type(module).__name__, *seen[module], gradients[module],
                  tuple(ratios[name]), module.weight.requires_grad)
            for name, module in layers
        ),
        losses=tuple(losses),
        pictures=x[:PICTURES].detach().cpu().double().numpy(),
        labels=tuple(y[:PICTURES].reshape(-1).tolist()),
    )  # fmt: skip


def _activations(program, layers, batches) -> dict:
    """Mean and deviation of each layer's outputs, and the share of zeros behind its activation."""
    import torch

    kept: dict = {module: [] for module in layers}
    zeros: dict = dict.fromkeys(layers, 0.0)
    latest = []

    def note(module, _, out):
        if module in kept:
            latest[:] = [module]
            kept[module].append(out.detach().double().flatten())
        if latest:
            zeros[latest[0]] = max(zeros[latest[0]], float((out == 0).double().mean()))

    leaves = [module for module in program.net.modules() if not list(module.children())]
    hooks = [module.register_forward_hook(note) for module in leaves]
    # Dropout's zeros are no dead units.
    quiet = [m for m in leaves if isinstance(m, torch.nn.modules.dropout._DropoutNd)]
    modes = [module.training for module in quiet]
    for module in quiet:
        module.eval()
    try:
        with torch.no_grad():
            for batch in batches:
                latest.clear()  # what comes before the first layer is not behind the last
                program.loss(batch)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in zip(quiet, modes, strict=True):
            module.train(mode)
    found: dict = {"scores": _scores(program, batches[0][0])}
    for module in layers:
        values = torch.cat(kept[module]) if kept[module] else torch.full((1,), math.nan)
        found[module] = float(values.mean()), float(values.std(correction=0)), zeros[module]
    return found


def _scores(program, x) -> int:
    import torch

    with torch.no_grad():
        scores = program.net(x)
    return scores.shape[1] if scores.ndim > 1 else 1


def _gradients(program, layers, batches):
    """The first loss, and the size of each layer's gradient, over a few batches."""
    losses: list[float] = []
    sizes: dict = dict.fromkeys(layers)
    for batch in batches:
        program.net.zero_grad()
        loss = program.loss(batch)
        losses.append(loss.item())
        loss.backward()
        for module in layers:
            if (gradient := module.weight.grad) is not None:
                size = float(gradient.square().mean().sqrt())
                sizes[module] = max(sizes[module] or 0.0, size)
    return sum(losses) / len(losses), sizes


def _stepping(program, names, steps):
    """The losses of the program's own steps, and how far each moved each layer's weights."""
    weights = {name: program.net.get_submodule(name).weight for name in names}
    losses: list[float] = []
    ratios: dict = {name: [] for name in names}
    while len(losses) < steps:
        for batch in itertools.islice(program.batches, steps - len(losses)):
            before = {name: weight.detach().clone() for name, weight in weights.items()}
            losses.append(float(program.step(batch)))
            for name, weight in weights.items():
                length = float(before[name].norm())
                moved = float((weight.detach() - before[name]).norm())
                ratios[name].append(moved / length if length else math.inf if moved else 0.0)
        if hasattr(program, "end_of_epoch"):
            program.end_of_epoch()
    return losses, ratios


def _drawable(picture: np.ndarray) -> np.ndarray:
    """A picture as matplotlib takes it: from its darkest to its brightest."""
    if picture.ndim == 3:
        picture = picture[0] if picture.shape[0] not in (3, 4) else picture[:3].transpose(1, 2, 0)
    if picture.ndim != 2 and picture.ndim != 3:
        side = math.isqrt(picture.size)
        picture = picture[: side * side].reshape(side, side)
    finite = np.where(np.isfinite(picture), picture, 0.0)
    low, high = float(finite.min()), float(finite.max())
    return (finite - low) / (high - low) if high > low else np.zeros_like(finite)
