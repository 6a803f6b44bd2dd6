"""What every explorer is built on: sliders, a picture, a sentence. Nothing is drawn here.

An explorer is a function from values to a picture and to one sentence that says what it shows:

    from matplotlib.figure import Figure
    from course_utils.explorers.explorer import explore, slider

    figure = Figure(figsize=(5, 3))          # made once: the same figure is drawn again and again
    axes = figure.subplots()
    (line,) = axes.plot(x, x)

    def draw(scale):
        line.set_ydata(np.tanh(scale * x))
        return figure, f"With scale {scale:.1f}, {share:.0%} of the units are saturated."

    explore(draw, scale=slider("scale of the input", 0.1, 10, 1))

Each control carries its label, works from the keyboard (Tab to it, arrow keys to move it), and the
sentence stands in a live region, so a screen reader speaks it when a value changes. The cell keeps
a still picture of a few settings before the widgets, for wherever these are dead: paper, GitHub.

Speed: updating a small figure takes some 40 ms, if it is made once and without a constrained
layout, which costs as much again (measure yours with benchmarks/explorers.py). Values that arrive
while a picture is drawn are drawn once, the latest.

Threads: JupyterLab hands what widgets say to a subshell of the kernel, a thread beside the one that
runs cells (with the setting "One subshell per comm" there are several). So pictures are drawn one
at a time, for all explorers together, matplotlib's own caches being shared; and what a draw
function draws on must belong to one explorer: make the figure in the function that makes the
explorer, not in the module.
"""

from __future__ import annotations

import asyncio
import base64
import math
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from course_utils.plotting import still
from course_utils.plotting.display import png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[..., "tuple[Figure, str]"]

# How long to wait for more changes before drawing, in seconds: below what an eye notices, above
# the distance of two messages from a slider that is being dragged.
_GATHER = 0.015
_DPI = still.DPI
# Held from the first stroke to the finished PNG. Reentrant: a draw function may show a still.
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True)
class Control:
    """One value that the reader can change. Made by `slider`, `choice`, `typed` and `switch`."""

    label: str
    value: Any
    settings: tuple[Any, ...]  # what the still picture shows, in order
    build: Callable[[], Any] = field(repr=False, compare=False)  # → an ipywidgets widget


def slider(
    label: str,
    low: float,
    high: float,
    value: float,
    step: float | None = None,
    log: bool = False,
) -> Control:
    """A number from `low` to `high`; whole numbers when all of these are whole.

    `log` spaces the steps evenly in the exponent (`step` is then a factor's log10, default 0.05).
    Put the unit into the label. Raises ValueError when the numbers do not fit together.
    """
    if not low < high or not low <= value <= high or (log and low <= 0):
        raise ValueError(
            f"The slider {label!r} goes from {low} to {high} and starts at {value}: low must be "
            "below high, the start between them, and low above 0 on a logarithmic slider."
        )
    if step is not None and step <= 0:
        raise ValueError(f"The slider {label!r} needs a step above 0; you gave {step}.")
    whole = not log and all(isinstance(v, int) for v in (low, high, value, step or 1))

    def build():
        import ipywidgets as widgets

        common = {"value": value, "description": label, **_WIDE}
        if log:
            return widgets.FloatLogSlider(
                min=math.log10(low), max=math.log10(high), step=step or 0.05,
                readout_format=".3g", **common,
            )  # fmt: skip
        if whole:
            return widgets.IntSlider(min=low, max=high, step=step or 1, **common)
        return widgets.FloatSlider(
            min=low, max=high, step=step or (high - low) / 100, readout_format=".3g", **common
        )

    return Control(label, value, tuple(sorted({low, value, high})), build)


def choice(label: str, options: Sequence[str], value: str | None = None) -> Control:
    """One of several names. Raises ValueError when there are none, or `value` is not one."""
    options = tuple(options)
    value = options[0] if value is None and options else value
    if value not in options:
        raise ValueError(f"The choice {label!r} has no option {value!r}; it has {list(options)}.")

    def build():
        import ipywidgets as widgets

        return widgets.Dropdown(options=options, value=value, description=label, **_WIDE)

    return Control(label, value, options, build)


def typed(label: str, value: str) -> Control:
    """A line of text; it takes effect with the Enter key, or when the field is left."""

    def build():
        import ipywidgets as widgets

        return widgets.Text(value=value, description=label, continuous_update=False, **_WIDE)

    return Control(label, value, (value,), build)


def switch(label: str, value: bool = False) -> Control:
    """On or off."""

    def build():
        import ipywidgets as widgets

        return widgets.Checkbox(value=value, description=label, indent=False, **_WIDE)

    return Control(label, value, (value, not value), build)


_WIDE = {"style": {"description_width": "14em"}, "layout": {"width": "34em", "max_width": "100%"}}

# ipywidgets gives a slider's handle and its number no name, and replaces the whole of an HTML
# widget, live region and all, so that some screen readers stay silent. An image that cannot load
# runs this in the page: both take their label's text as their name, and the sentence's lasting
# parent becomes the live region. JupyterLab would take arrow keys for its own, to go from cell to
# cell, and a list could not be moved by them: what has this attribute itself is left alone. Where a
# front end forbids the script, everything else works as before. A slider's track is a background,
# which is not drawn in colours that the reader forces: there it gets an outline.
_NAME_AND_ANNOUNCE = """
<img hidden alt="" src="data:," onerror="(function look(img, tries) {
  const box = img.closest('.course-explorer');
  const keyed = box ? box.querySelectorAll('select, input, [role=slider]') : [];
  for (const control of keyed) control.setAttribute('data-lm-suppress-shortcuts', 'true');
  const said = box && box.querySelector('.course-explorer-sentence .widget-html-content');
  const handles = box ? box.querySelectorAll('.widget-slider [role=slider]') : [];
  if (said) {
    said.setAttribute('role', 'status');
    said.setAttribute('aria-live', 'polite');
  }
  for (const handle of handles) {
    const slider = handle.closest('.widget-slider');
    const name = slider.querySelector('label').textContent;
    handle.setAttribute('aria-label', name);
    const typed = slider.querySelector('.widget-readout');
    typed?.setAttribute('role', 'textbox');
    typed?.setAttribute('aria-label', name + ', as a number');
  }
  const done = said && keyed.length >= box.children.length - 3
    && handles.length === box.querySelectorAll('.widget-slider').length;
  if (!done && tries) setTimeout(look, 100, img, tries - 1);
})(this, 50)">
<style>@media (forced-colors: active) {
  .course-explorer .noUi-target { border: 1px solid CanvasText }
}</style>
"""

# Where it lives, an explorer takes its still picture's place. A page made of a notebook with saved
# widgets (nbconvert's templates, nbviewer) has controls that nothing answers: there it is the other
# way round. Voila's pages and the classic notebook look like these and are alive.
_PAGE = (
    ":is(body.jp-Notebook:not([data-voila]), body.nbviewer, "
    "body:not(.notebook_app) #notebook-container)"
)
_ALIVE = (
    "<style>#{mark} {{ display: none }} "
    f"{_PAGE} #{{mark}} {{{{ display: block }}}} {_PAGE} .course-explorer {{{{ display: none }}}}"
    "</style>"
)

# Behind its still picture, an explorer in a notebook that was opened again has nothing but
# JupyterLab's "Error displaying widget: model not found": that output is shown once it lives.
_WITHOUT_KERNEL = (
    "<style>.jp-OutputArea-child:has(#{mark}) + .jp-OutputArea-child:not(:has(.course-explorer)) "
    "{{ display: none }}</style>"
)


def explore(
    draw: Draw, /, still: Sequence[Mapping[str, Any]] | None = None, **controls: Control
) -> Explorer:
    """An explorer for the last line of a cell.

    Parameters
    ----------
    draw : `draw(**values)` → (Figure, sentence). It may return the same figure each time.
    still : the settings that the still picture shows, side by side; values left out keep their
        start. Default: the settings of the first control.
    controls : one for each argument of `draw`, in the order in which they are shown.

    Raises ValueError when there is no control, or when `still` names one that is not there.
    """
    if not controls:
        raise ValueError("An explorer needs at least one control, such as slider(...).")
    start = {name: control.value for name, control in controls.items()}
    if still is None:
        first = next(iter(controls))
        still = [{first: setting} for setting in controls[first].settings[:4]]
    unknown = [name for setting in still for name in setting if name not in controls]
    if unknown:
        raise ValueError(
            f"`still` sets {unknown[0]!r}, and the controls are {', '.join(controls)}."
        )
    return Explorer(draw, controls, [{**start, **setting} for setting in still], list(still))


class Explorer:
    """Controls, picture and sentence, kept in step. Made by `explore`; shown by the notebook."""

    def __init__(
        self, draw: Draw, controls: dict[str, Control], still: list[dict[str, Any]],
        named: Sequence[Mapping[str, Any]] = (),
    ):
        self.values: dict[str, Any] = {name: control.value for name, control in controls.items()}
        self.sentence = ""
        self._draw = draw
        self._controls = controls
        self._still = still
        self._named = named or still  # the settings that are said above its pictures
        self._due: asyncio.AbstractEventLoop | None = None  # the loop that will draw, if one will
        self._picture = self._said = None  # widgets, once built

    def set(self, **values: Any) -> None:
        """Change values from code, as a slider would."""
        unknown = [name for name in values if name not in self.values]
        if unknown:
            raise ValueError(f"There is no control {unknown[0]!r}; there are {list(self.values)}.")
        self.values.update(values)
        self._redraw_soon()

    def widget(self, hides: str = "") -> Any:
        """The explorer as an ipywidgets box; while it is shown, the element `hides` is not.

        Raises ImportError where ipywidgets is absent.
        """
        import ipywidgets as widgets

        self._picture, self._said = widgets.HTML(), widgets.HTML()
        built = []
        for name, control in self._controls.items():
            one = control.build()
            one.observe(lambda change, name=name: self.set(**{name: change["new"]}), names="value")
            built.append(one)
        self._said.add_class("course-explorer-sentence")
        self._redraw()
        page = widgets.HTML(_NAME_AND_ANNOUNCE + (_ALIVE.format(mark=hides) if hides else ""))
        # The script counts on three children behind the controls.
        box = widgets.VBox([*built, self._said, self._picture, page])
        return box.add_class("course-explorer")

    def still_pictures(self) -> list[tuple[bytes, str]]:
        """A PNG of each chosen setting, below what is set, and what it shows in words."""
        found = []
        for setting, named in zip(self._still, self._named, strict=True):
            picture, sentence = self._drawn(setting)
            found.append((still.headed(picture, self.setting_in_words(named)), sentence))
        return found

    def setting_in_words(self, setting: Mapping[str, Any]) -> str:
        """What is said above a picture of the still: what was set for it, other than the start."""
        other = {n: v for n, v in setting.items() if v != self._controls[n].value}
        told = (f"{self._controls[n].label}: {still.in_words(v)}"
                for n, v in (other or setting).items())  # fmt: skip
        return "; ".join(told) or "as it starts"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for data, metadata in self.outputs():
            display(data, raw=True, metadata=metadata)

    def outputs(self) -> list[tuple[dict, dict]]:
        """The cell's outputs, (data, metadata) each: the still picture, then the widgets if any.

        They are two because a saved notebook keeps the widgets' with nothing behind it, and a
        front end that knows widgets then says "Loading widget" and leaves out what else is in that
        output. Living widgets take the still picture out of sight by a style of their own.
        """
        mark = f"course-explorer-{uuid.uuid4().hex[:12]}"
        still = self.still_bundle(mark)
        try:
            box = self.widget(hides=mark)
        except ImportError:
            return [still]
        # By hand, since ipywidgets 7 (Colab's) has no method that returns it. Nothing as text: a
        # front end that shows no widgets shows this output empty.
        view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
        alive = {"application/vnd.jupyter.widget-view+json": view, "text/plain": ""}
        return [still, (alive, {})]

    def still_bundle(self, mark: str = "") -> tuple[dict, dict]:
        """The still picture as a notebook stores it, (data, metadata); its HTML has the id `mark`.

        The HTML is a figure of all pictures, each with its text alternative, and a caption that
        says how to get sliders; the PNG has them on one sheet.
        """
        drawn = self.still_pictures()
        encoded = base64.b64encode(still.sheet([picture for picture, _ in drawn])).decode("ascii")
        alt = " ".join(sentence for _, sentence in drawn)
        html = (
            f'<figure id="{mark}" style="margin:0">{still.images(drawn)}'
            f"<figcaption>{escape(self.caption())}</figcaption></figure>"
            f"{_WITHOUT_KERNEL.format(mark=mark) if mark else ''}"
        )
        data = {"text/html": html, "image/png": encoded, "text/plain": f"{alt}\n{self.caption()}"}
        return data, {"image/png": {"alt": alt}}

    def caption(self) -> str:
        """What stands under the still picture: what can be changed, and where that is possible."""
        labels = [control.label for control in self._controls.values()]
        listed = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
        return (
            f"A still picture of an explorer; alive, you change {listed}. To bring it to life, run "
            "this notebook from its top in JupyterLab, on Colab, or in VS Code with its Jupyter "
            "extension."
        )

    def _drawn(self, values: Mapping[str, Any]) -> tuple[bytes, str]:
        """The picture for these values, a PNG, and its sentence."""
        # One thread for numpy's small products: on a busy machine each waits for its last thread.
        with _ONE_AT_A_TIME, threadpool_limits(1, "blas"):
            figure, sentence = self._draw(**values)
            # Once: a PNG of another resolution than the figure's own is laid out anew, twice.
            if figure.dpi != _DPI:
                figure.set_dpi(_DPI)
            return png(figure, _DPI), sentence

    def _redraw_soon(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # a plain Python prompt: nothing would call back
            self._redraw()
            return
        # Two threads may both find nothing due; then one picture is drawn twice.
        if self._due is None or self._due.is_closed():
            self._due = loop
            loop.call_later(_GATHER, self._redraw)

    def _redraw(self) -> None:
        # Under the lock to the end, so that the last picture put up is that of the last values.
        with _ONE_AT_A_TIME:
            self._due = None
            if self._picture is not None:
                self._show(dict(self.values))

    def _show(self, values: dict[str, Any]) -> None:
        # What goes wrong in here would vanish into the kernel's log; the reader must see it.
        try:
            picture, sentence = self._drawn(values)
        except Exception as error:  # noqa: BLE001 - a drawing may fail in any way
            told = ", ".join(f"{name}={value!r}" for name, value in values.items())
            sentence = f"Nothing could be drawn for {told}: {type(error).__name__}: {error}"
            self._picture.value = ""
        else:
            encoded = base64.b64encode(picture).decode("ascii")
            self._picture.value = (
                f'<img alt="{escape(sentence, quote=True)}" '
                f'src="data:image/png;base64,{encoded}" style="max-width:100%;background:white">'
            )
        self.sentence = sentence
        self._said.value = (
            f'<div role="status" aria-live="polite" aria-atomic="true" '
            f'style="line-height:1.5">{escape(sentence)}</div>'
        )
