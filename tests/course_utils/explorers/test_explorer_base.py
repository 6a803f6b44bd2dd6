"""The base of the explorers: sliders, picture, sentence; and what stays without widgets."""

import asyncio
import base64
import builtins
import html
import io
import re
import threading

import nbclient
import nbconvert
import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from course_utils.explorers.explorer import choice, explore, slider, switch
from course_utils.plotting import still

X = np.linspace(-3, 3, 100)


class Wave:
    """A draw function that redraws one figure and counts how often."""

    def __init__(self):
        self.drawn = []
        self.figure = Figure(figsize=(3, 2))
        (self.line,) = self.figure.subplots().plot(X, X)

    def __call__(self, scale, kind="tanh", on=False):
        self.drawn.append((scale, kind, on))
        if scale > 9:
            raise ZeroDivisionError("no such scale")
        self.line.set_ydata(getattr(np, kind)(scale * X))
        return self.figure, f"{kind} of {scale:g} <x>, {'on' if on else 'off'}."


@pytest.fixture
def wave():
    return Wave()


def _explorer(wave):
    return explore(
        wave,
        scale=slider("scale of the input", 1, 10, 2),
        kind=choice("function", ["tanh", "sin"]),
        on=switch("on"),
    )


def _parts(box):
    *controls, said, picture, _ = box.children
    return controls, said, picture


def test_controls_carry_their_labels_and_starts(wave):
    controls, _, _ = _parts(_explorer(wave).widget())
    assert [c.description for c in controls] == ["scale of the input", "function", "on"]
    assert [c.value for c in controls] == [2, "tanh", False]
    assert type(controls[0]).__name__ == "IntSlider"


def test_a_slider_changes_the_picture_and_the_live_sentence(wave):
    controls, said, picture = _parts(_explorer(wave).widget())
    before = picture.value
    controls[0].value = 5
    assert wave.drawn[-1] == (5, "tanh", False)
    assert picture.value != before and 'alt="tanh of 5 &lt;x&gt;, off."' in picture.value
    assert 'aria-live="polite"' in said.value and "tanh of 5 &lt;x&gt;, off." in said.value


def test_fast_changes_are_drawn_once_with_the_latest_values(wave):
    controls, said, _ = _parts(_explorer(wave).widget())

    async def drag():
        drawn, before = asyncio.Event(), len(wave.drawn)
        for value in range(3, 9):
            controls[0].value = value
        controls[1].value = "sin"
        controls[2].value = True
        assert len(wave.drawn) == before
        said.observe(lambda change: drawn.set(), names="value")
        await asyncio.wait_for(drawn.wait(), 5)
        return len(wave.drawn) - before

    assert asyncio.run(drag()) == 1
    assert wave.drawn[-1] == (8, "sin", True)


class Slow:
    """Draws as two strokes, and waits between them until another thread had its chance."""

    def __init__(self):
        self.figure = Figure(figsize=(1, 1))
        self.patch = self.figure.add_artist(Rectangle((0, 0), 0.5, 1))
        self.other = self.figure.add_artist(Rectangle((0.5, 0), 0.5, 1))
        self.inside, self.met, self.second = 0, False, threading.Event()

    def __call__(self, grey):
        self.inside += 1
        self.met |= self.inside > 1
        self.patch.set_facecolor(str(grey / 100))
        self.second.wait(0.2)  # a second thread would come in now, were the door open
        self.other.set_facecolor(str(grey / 100))
        self.inside -= 1
        return self.figure, f"grey {grey}"


def test_two_threads_that_change_values_at_once_do_not_mix_their_pictures():
    """JupyterLab hands on what widgets say in subshells of the kernel, which are threads."""
    draw = Slow()
    explorer = explore(draw, grey=slider("grey", 0, 100, 50))
    _, _, picture = _parts(explorer.widget())
    shown, together = [], threading.Barrier(2)
    picture.observe(lambda change: shown.append(change["new"]), names="value")

    def move(value):
        together.wait()
        explorer.set(grey=value)

    threads = [threading.Thread(target=move, args=(value,)) for value in (20, 80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not draw.met
    last = explorer.values["grey"]
    assert f'alt="grey {last}"' in shown[-1]
    for html_ in shown:
        png = base64.b64decode(re.search(r"base64,([^\"]+)", html_)[1])
        left, right = (Image.open(io.BytesIO(png)).convert("L").getpixel((x, 40)) for x in (20, 70))
        assert left == right


def test_a_loop_that_was_closed_before_it_drew_does_not_stop_the_next(wave):
    controls, _, _ = _parts(_explorer(wave).widget())

    async def leave_at_once():
        controls[0].value = 4

    asyncio.run(leave_at_once())
    assert wave.drawn[-1][0] == 2
    controls[0].value = 5
    assert wave.drawn[-1][0] == 5


def test_an_error_while_drawing_is_said_and_the_next_value_draws_again(wave):
    explorer = _explorer(wave)
    controls, said, picture = _parts(explorer.widget())
    controls[0].value = 10
    assert "scale=10" in explorer.sentence and "ZeroDivisionError: no such scale" in said.value
    assert picture.value == ""
    controls[0].value = 3
    assert "tanh of 3" in explorer.sentence and "<img" in picture.value


def test_the_cell_keeps_a_still_picture_before_the_widgets(wave):
    explorer = explore(
        wave, [{"scale": 1}, {"scale": 3, "kind": "sin"}, {"scale": 5}],
        scale=slider("scale", 1, 5, 2), kind=choice("function", ["tanh", "sin"]),
    )  # fmt: skip
    (data, metadata), (alive, _) = explorer.outputs()
    one = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    drawn = explorer.still_pictures()
    width, height = Image.open(io.BytesIO(drawn[0][0])).size
    assert one.size == (2 * width + still.GAP, 2 * height + still.GAP)
    alt = metadata["image/png"]["alt"]
    assert "tanh of 1" in alt and "sin of 3" in alt
    for said in (*(words for _, words in drawn), "you change scale and function",
                 "run this notebook"):  # fmt: skip
        assert said in data["text/plain"] and html.escape(said) in data["text/html"]
    shown = re.findall(r'<img alt="([^"]+)" src="data:image/png;base64,([^"]+)"', data["text/html"])
    assert [(base64.b64decode(png), html.unescape(words)) for words, png in shown] == drawn
    assert sorted(alive) == ["application/vnd.jupyter.widget-view+json", "text/plain"]


def test_a_picture_fits_a_page_that_takes_styles_out_as_github_does(wave):
    import nh3
    ((data, _), _) = explore(wave, scale=slider("scale", 1, 5, 2)).outputs()
    kept = {"*": {"alt", "src", "width", "id"}}
    page = nh3.clean(
        data["text/html"], tags={"figure", "figcaption", "img"}, attributes=kept,
        clean_content_tags={"style", "script"}, url_schemes={"data"},
    )  # fmt: skip
    assert re.search(r'<img alt="[^"]+" src="data:image/png;base64,[^"]+" width="100%">', page)
    assert page.endswith("</figcaption></figure>") and "jp-OutputArea" not in page


def test_the_living_widget_hides_its_still_picture_and_no_other(wave, monkeypatch):
    explorer = explore(wave, scale=slider("scale", 1, 5, 2))
    assert "<style>#one { display: none }" in explorer.widget("one").children[-1].value
    assert "display: none" not in explorer.widget().children[-1].value
    hidden, build = [], explorer.widget
    monkeypatch.setattr(explorer, "widget", lambda hides: hidden.append(hides) or build(hides))
    stills = [explorer.outputs()[0][0]["text/html"] for _ in range(2)]
    assert [re.search(r'<figure id="([\w-]+)"', still)[1] for still in stills] == hidden
    assert hidden[0] != hidden[1]


@pytest.mark.parametrize("state", [True, False], ids=["with widget state", "without"])
def test_the_exported_page_has_the_picture_in_it(state, tmp_path):
    """As HTML, the picture is there even when the widgets' own script cannot be fetched."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
        "from matplotlib.figure import Figure\n"
        "from course_utils.explorers.explorer import explore, slider\n"
        "figure = Figure(figsize=(2, 1))\n"
        "explore(lambda size: (figure, f'size <{size}>'), size=slider('size', 1, 3, 2))"
    )])  # fmt: skip
    nbclient.NotebookClient(
        notebook, kernel_name="python3", store_widget_state=state, timeout=120
    ).execute()
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    body = page[page.index("<main") : page.index("</main>")]
    for size in (1, 2, 3):
        assert f'alt="size &lt;{size}&gt;" src="data:image/png' in body
    assert "run this notebook" in body and "No description" not in body
    assert ("widget-view+json" in body) == state


def test_the_still_picture_shows_the_ends_and_the_start_by_default(wave):
    explore(wave, scale=slider("scale", 1, 8, 2)).still_pictures()
    assert [scale for scale, _, _ in wave.drawn] == [1, 2, 8]


def test_without_ipywidgets_the_still_picture_is_what_there_is(wave, monkeypatch):
    whole = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "ipywidgets":
            raise ImportError(name)
        return whole(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    ((data, _),) = explore(wave, scale=slider("scale", 1, 5, 2)).outputs()
    assert sorted(data) == ["image/png", "text/html", "text/plain"]


def test_sliders_are_whole_real_or_logarithmic():
    assert type(slider("n", 1, 9, 3).build()).__name__ == "IntSlider"
    assert type(slider("x", 0.0, 1, 0.5).build()).__name__ == "FloatSlider"
    log = slider("rate", 1e-4, 1, 0.01, log=True).build()
    assert type(log).__name__ == "FloatLogSlider"
    assert (log.min, log.max, log.value) == (-4, 0, 0.01)


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: slider("x", 1, 1, 1), "low must be below high"),
        (lambda: slider("x", 1, 2, 3), "starts at 3"),
        (lambda: slider("x", 0, 2, 1, log=True), "above 0 on a logarithmic"),
        (lambda: slider("x", 0, 2, 1, step=0), "step above 0"),
        (lambda: choice("k", []), "has no option"),
        (lambda: choice("k", ["a"], "b"), "no option 'b'"),
        (lambda: explore(Wave()), "at least one control"),
        (lambda: explore(Wave(), [{"size": 1}], scale=slider("s", 1, 5, 2)), "sets 'size'"),
        (lambda: explore(Wave(), scale=slider("s", 1, 5, 2)).set(size=1), "no control 'size'"),
    ],
)
def test_what_does_not_fit_is_one_sentence(make, said):
    with pytest.raises(ValueError, match=said) as failure:
        make()
    assert len(str(failure.value).splitlines()) == 1
