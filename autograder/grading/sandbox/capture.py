"""Turns what a running cell shows into nbformat outputs of bounded size, beside the learner's code.

Streams and the shell's messages come in, outputs go out. What is recorded here can be forged by
the code that is recorded; the grader bounds and cleans it once more (`outputs`).
"""

from __future__ import annotations

import io
import json

from jupyter_client.session import Session
from nbformat.v4 import output_from_msg

MOST_OUTPUTS = 300


class Recorder:
    """Outputs of the cell that runs now, and of those before it for later updates.

    text_limit : characters of streams and tracebacks kept of one cell
    size_limit : bytes of JSON kept of one cell's displays
    """

    def __init__(self, text_limit: int, size_limit: int):
        self.text_limit, self.size_limit = text_limit, size_limit
        self.pages: list[Page] = []

    def turn_to(self) -> Page:
        """A fresh page for the next cell."""
        self.pages.append(Page(self.text_limit, self.size_limit))
        return self.pages[-1]

    def write(self, name: str, text: str) -> None:
        if self.pages:
            self.pages[-1].write(name, text)

    def message(self, kind: str, content: dict) -> None:
        """Take one of the shell's messages; kinds that leave no output are passed over."""
        if not self.pages:
            return
        page = self.pages[-1]
        if kind == "clear_output":
            page.clear(content.get("wait", False))
        elif kind == "update_display_data":
            for each in self.pages:
                each.update(content)
        elif kind in ("execute_result", "display_data", "error"):
            page.show(kind, content)

    def updated(self) -> list[int]:
        """Numbers of earlier pages that changed since they were last given out."""
        return [i for i, page in enumerate(self.pages[:-1]) if page.changed]


class Page:
    """The outputs of one cell."""

    def __init__(self, text_limit: int, size_limit: int):
        self._outputs: list[dict] = []
        self._ids: dict[int, str] = {}  # position of an output → its display id
        self._text_left, self._size_left = text_limit, size_limit
        self._characters_left_out = self._displays_left_out = 0
        self._clear_next = False
        self.changed = False

    def write(self, name: str, text: str) -> None:
        self._clear_if_due()
        self._characters_left_out += max(len(text) - self._text_left, 0)
        text = text[: self._text_left]
        self._text_left -= len(text)
        last = self._outputs[-1] if self._outputs else {}
        if last.get("name") == name:
            last["text"].append(text)
        elif text and len(self._outputs) < MOST_OUTPUTS:
            self._outputs.append({"output_type": "stream", "name": name, "text": [text]})

    def show(self, kind: str, content: dict) -> None:
        """Add a result, a display or an error, where there is room."""
        self._clear_if_due()
        output = dict(output_from_msg({"header": {"msg_type": kind}, "content": content}))
        size = len(json.dumps(output))
        if size > self._size_left or len(self._outputs) >= MOST_OUTPUTS:
            self._displays_left_out += 1
            return
        self._size_left -= size
        display = (content.get("transient") or {}).get("display_id")
        if display:
            self._ids[len(self._outputs)] = display
        self._outputs.append(output)

    def update(self, content: dict) -> None:
        """Replace what was displayed under the same display id."""
        display = (content.get("transient") or {}).get("display_id")
        size = len(json.dumps([content["data"], content["metadata"]]))
        for position in [i for i, known in self._ids.items() if known == display]:
            if size > self._size_left:
                self._displays_left_out += 1
                continue
            self._size_left -= size
            self._outputs[position]["data"] = content["data"]
            self._outputs[position]["metadata"] = content["metadata"]
            self.changed = True

    def clear(self, wait: bool) -> None:
        self._clear_next = True
        if not wait:
            self._clear_if_due()

    def _clear_if_due(self) -> None:
        if self._clear_next:
            self._outputs, self._ids, self._clear_next = [], {}, False

    def outputs(self) -> list[dict]:
        """The outputs so far, as nbformat has them, and what was left out in one line at the end"""
        self.changed = False
        given = [
            output | {"text": "".join(output["text"])} if "name" in output else output
            for output in self._outputs
        ]
        left_out = []
        if self._characters_left_out:
            left_out.append(f"{self._characters_left_out:,} more characters")
        if self._displays_left_out:
            left_out.append(f"{self._displays_left_out:,} more displays")
        if left_out:
            text = f"\n[{' and '.join(left_out)} of this cell were left out]\n"
            given.append({"output_type": "stream", "name": "stderr", "text": text})
        return given


class Messages(Session):
    """Where the shell sends its messages: to the recorder, over no socket."""

    recorder: Recorder | None = None

    def send(self, stream, msg_or_type, content=None, parent=None, *args, **kwargs):
        if isinstance(msg_or_type, dict):
            kind, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        else:
            kind = msg_or_type
        if self.recorder is not None:
            self.recorder.message(kind, content)
        return {"header": {"msg_type": kind}, "content": content}


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of a notebook; `fileno` is the real one's, for subprocesses."""

    def __init__(self, name: str, number: int, recorder: Recorder):
        self.name, self._number, self._recorder = f"<{name}>", number, recorder
        self._stream = name

    encoding = "utf-8"

    def writable(self):
        return True

    def fileno(self):
        return self._number

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.write(self._stream, text)
        return len(text)
