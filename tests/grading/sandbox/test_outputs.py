"""What a stranger's process sends: outputs are made inert, messages are bounded and in order."""

from __future__ import annotations

import base64
import json
import pickle

import pytest
from grading_sample import RIGHT, SHORT, WRONG, submission

from autograder.grading.sandbox import protocol
from autograder.grading.sandbox.capture import Recorder
from autograder.grading.sandbox.forms import well_formed
from autograder.grading.sandbox.outputs import NotAnOutput, clean, inert
from autograder.grading.sandbox.raw_streams import Raw
from autograder.grading.sandbox.transcript import NotConfined, Transcript
from autograder.judging.plain_data import pack

PIXEL = base64.b64encode(b"\x89PNG\r\n").decode()


# Outputs of a stranger's are made inert.

ACTIVE = (
    "<script", "onclick", "onerror", "onload", "javascript:", "<iframe", "<form", "<meta",
    "<object", "<style", "url(", "src=", "data:text", "@import",
)  # fmt: skip


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<b onclick='alert(1)'>x</b>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='JaVa\tScript:alert(1)'>x</a>",
        "<iframe src='https://example.org'></iframe>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://example.org/pixel.png'>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<style>@import 'https://example.org/x.css'</style>",
        "<div style='background:url(https://example.org/x)'>x</div>",
        "<form action='https://example.org'><input name=x></form>",
        "<meta http-equiv=refresh content='0;https://example.org'>",
        "<object data='javascript:alert(1)'></object>",
        "<scr<script></script>ipt>alert(1)</scr<script></script>ipt>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<!--><script>alert(1)</script>-->",
    ],
)
@pytest.mark.parametrize("kind", ["text/html", "text/markdown", "text/latex"])
def test_active_markup_is_made_inert(markup, kind):
    output = {"output_type": "display_data", "data": {kind: markup}, "metadata": {}}
    kept = inert(output, 1000)["data"][kind].lower()
    for active in ACTIVE:
        assert active not in kept


def test_tables_and_colours_survive():
    table = '<table class="frame"><tbody><tr><td style="color:red">1</td></tr></tbody></table>'
    assert clean(table) == table
    assert clean("a formula $x < y$").startswith("a formula $x ")


def test_svg_is_kept_as_a_picture_that_runs_nothing():
    svg = "<svg onload='alert(1)'/>"
    output = {"output_type": "display_data", "data": {"image/svg+xml": svg}, "metadata": {}}
    kept = inert(output, 1000)["data"]["text/html"]
    assert base64.b64encode(svg.encode()).decode() in kept and "onload" not in kept


def test_alternative_text_of_a_figure_survives():
    facts = {"image/png": {"alt": 'a "line" <b>', "width": 3, "onload": "x"}}
    output = {"output_type": "display_data", "data": {"image/png": PIXEL}, "metadata": facts}
    kept = inert(output, 1000)["metadata"]["image/png"]
    assert kept == {"alt": "a &quot;line&quot; &lt;b&gt;", "width": 3}


@pytest.mark.parametrize(
    "output",
    [
        None, {}, {"output_type": "score"}, {"output_type": "stream", "name": "stdin", "text": ""},
        {"output_type": "stream", "name": "stdout", "text": ["a"]},
        {"output_type": "error", "ename": 1, "evalue": "", "traceback": []},
        {"output_type": "display_data", "data": [], "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": 'x" onerror="alert(1)'}},
        {"output_type": "display_data", "data": {"text/html": 5}},
    ],
)  # fmt: skip
def test_what_is_no_output_is_refused(output):
    with pytest.raises(NotAnOutput):
        inert(output, 1000)


def test_long_markup_is_left_out_and_says_so():
    output = {"output_type": "display_data", "data": {"text/html": "<b>" * 10**6}, "metadata": {}}
    assert inert(output, 1000)["data"] == {
        "text/plain": "[3,000,000 characters of text/html left out]"
    }


def test_much_markup_in_small_pieces_is_left_out_too():
    output = {"output_type": "display_data", "data": {"text/html": "<b>x</b>" * 10**4}}
    received = transcript()
    received.feed(frame(protocol.CELL, {"cell": 0, "outputs": [output] * 20, "count": 1}))
    kept = ["text/html" in o["data"] for o in received.cells[0].outputs]
    assert kept == [True] * 12 + [False] * 8


def test_javascript_and_widget_views_are_dropped():
    data = {"application/javascript": "alert(1)", "text/plain": "x",
            "application/vnd.jupyter.widget-view+json": {"model_id": "1"}}  # fmt: skip
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    assert inert(output, 1000)["data"] == {"text/plain": "x"}


# Messages of a stranger's.


def frame(kind: bytes, head, body: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return protocol.HEAD.pack(kind, len(text), len(body)) + text + body


def transcript() -> Transcript:
    return Transcript(submission(RIGHT), SHORT)


DUE = {"cell": 1, "exercise": "double", "seed": 0}
FORGED = [
    frame(protocol.REPORTS, DUE, pickle.dumps([{}])),
    frame(protocol.REPORTS, DUE | {"seed": 5}, pack([{}])),
    frame(protocol.REPORTS, DUE | {"exercise": "no"}, pack([{}])),
    frame(protocol.REPORTS, DUE, pack([{}] * 5)),
    frame(protocol.REPORTS, DUE, pack([{"points": 3}])),
    frame(protocol.REPORTS, DUE, pack([{"raised": {"type": 3}}])),
    frame(protocol.REPORTS, DUE, pack([{"unusable": {"problem": "arguments", "function": "f"}}])),
    frame(protocol.REPORTS, DUE, pack([{"warnings": ["x" * 10**6]}])),
    frame(protocol.CELL, {"cell": True, "outputs": [], "count": 1}),
    frame(protocol.CELL, {"cell": 7, "outputs": [], "count": 1}),
    frame(protocol.CELL, {"cell": 0, "outputs": [], "count": 1, "state": "passed"}),
    frame(protocol.CELL, [1, 2]),
    frame(protocol.STEP, {"cell": "0"}),
    frame(b"?", {}),
    protocol.HEAD.pack(protocol.CELL, 4, 0) + b"\xff{]}",
    protocol.HEAD.pack(protocol.CELL, 10**5, 0) + b"[" * 10**5,
]


@pytest.mark.parametrize("forged", FORGED)
def test_forged_message_is_passed_over_and_the_honest_one_after_it_counts(forged):
    received = transcript()
    received.feed(forged)
    assert received.reports == {}
    assert all(cell.state == "not run" for cell in received.cells)
    received.feed(frame(protocol.REPORTS, DUE, pack([{"seen": {"out": 1}}])))
    assert received.reports == {("double", 0): [{"seen": {"out": 1}}]}


def test_messages_arrive_in_any_pieces():
    whole = b"".join(FORGED) + frame(protocol.CELL, {"cell": 0, "outputs": [], "count": 4})
    received = transcript()
    for i in range(0, len(whole), 997):
        received.feed(whole[i : i + 997])
    assert received.cells[0].execution_count == 4


def test_refusal_counts_before_the_submission_begins_only():
    with pytest.raises(NotConfined, match="could not be locked in"):
        transcript().feed(frame(protocol.REFUSED, {"why": "mounting /tmp"}))
    received = transcript()
    received.feed(frame(protocol.BEGIN, {}) + frame(protocol.REFUSED, {"why": "forged"}))


@pytest.mark.parametrize("begun", [b"", protocol.HEAD.pack(protocol.CELL, 2**32 - 1, 0)])
def test_more_than_it_may_send_is_not_kept(begun):
    received = transcript()
    received.feed(begun)
    for _ in range(20):
        received.feed(bytes(2**20))
    assert received.overfull
    assert len(received._buffer) <= SHORT.result


def test_raw_streams_are_cut_at_their_marks_wherever_they_break():
    first, second = (protocol.MARK.format(n).encode() for n in (0, 1))
    text = b"one" + first + b"two" + second + b"3"
    for size in range(1, len(text)):
        raw = Raw(1000, cells=3)
        for i in range(0, len(text), size):
            raw.take(text[i : i + size])
        raw.end(2)
        assert raw.of == {0: "one", 1: "two", 2: "3"}


def test_recorder_counts_what_it_leaves_out():
    recorder = Recorder(text_limit=10, size_limit=100)
    page = recorder.turn_to()
    recorder.write("stdout", "x" * 25)
    recorder.message("display_data", {"data": {"text/plain": "y" * 200}, "metadata": {}})
    assert page.outputs() == [
        {"output_type": "stream", "name": "stdout", "text": "x" * 10},
        {
            "output_type": "stream", "name": "stderr",
            "text": "\n[15 more characters and 1 more displays of this cell were left out]\n",
        },
    ]  # fmt: skip


def test_reports_of_honest_code_are_well_formed():
    from autograder.exercises import find
    from autograder.judging import observing
    from autograder.judging.keys import program

    for source in (RIGHT, WRONG, "def double(): pass", "double = 3", "", "def double(x): 1 / 0"):
        namespace: dict = {}
        exec(source, namespace)
        reports = observing.run(program(find("double"), 0), namespace)
        assert well_formed(reports, 2) == reports
