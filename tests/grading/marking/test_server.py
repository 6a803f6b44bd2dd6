"""The page answers whoever holds the token, on this machine's own address, and nobody else."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from marking_class import NAME, kept

from autograder.grading.marking.desk import Desk
from autograder.grading.marking.server import HEADER, serve


class Served:
    """A running page; what it answers."""

    def __init__(self, address: str):
        parts = urlsplit(address)
        self.host, self.token = parts.netloc, parse_qs(parts.query)["token"][0]

    def ask(self, method: str, path: str, body=None, **headers) -> tuple[int, dict, str]:
        """Status, headers, text; a header that is None is left out."""
        given = {"Host": self.host, HEADER: self.token, **headers}
        given = {name.replace("_", "-"): value for name, value in given.items() if value}
        connection = http.client.HTTPConnection(self.host, timeout=30)
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, path, text, given)
        reply = connection.getresponse()
        told = reply.status, dict(reply.getheaders()), reply.read().decode()
        connection.close()
        return told

    def json(self, method: str, path: str, body=None) -> tuple[int, dict]:
        status, _, text = self.ask(method, path, body)
        return status, json.loads(text)


@pytest.fixture
def served(folder):
    stops, ready = [], threading.Event()

    def heard(address: str) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        stops.extend((address, lambda: loop.call_soon_threadsafe(task.cancel)))
        ready.set()

    def run() -> None:
        desk = Desk(folder, NAME)
        try:
            serve(desk, 0, heard)
        except asyncio.CancelledError:
            pass
        finally:
            desk.close()
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(60) and stops
    yield Served(stops[0])
    stops[1]()
    thread.join(30)
    assert not thread.is_alive()


def test_the_page_and_its_data_need_the_token(served):
    assert served.host.startswith("127.0.0.1:") and len(served.token) >= 32
    status, headers, page = served.ask("GET", f"/?token={served.token}", X_Course_Token=None)
    assert status == 200 and "<main>" in page
    for path in ("/", "/?token=wrong", "/?token=", "/api/questions", "/elsewhere", "/favicon.ico"):
        wrong = {HEADER: None} if path != "/elsewhere" else {HEADER: "wrong"}
        status, _, text = served.ask("GET", path, **wrong)
        assert status == 403 and "token" in json.loads(text)["error"], path
    assert served.ask("GET", f"/api/questions?token={served.token}", **{HEADER: None})[0] == 403
    assert served.ask("GET", "/elsewhere")[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80"])
def test_a_strangers_name_for_this_machine_is_refused(served, host):
    assert served.ask("GET", "/api/questions", Host=host)[0] == 403
    assert served.ask("GET", f"/?token={served.token}", Host=host)[0] == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_another_sites_page_may_ask_nothing(served, origin):
    assert served.ask("GET", "/api/questions", Origin=origin)[0] == 403
    assert served.ask("POST", "/api/undo", {}, Origin=origin)[0] == 403


def test_the_page_may_run_and_fetch_only_its_own(served):
    _, headers, page = served.ask("GET", f"/?token={served.token}")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers and "Access-Control-Allow-Origin" not in headers
    assert "http://" not in page and "https://" not in page


def test_a_mark_goes_into_the_gradebook_and_back(folder, served):
    _, told = served.json("GET", "/api/questions/0?names=1")
    ada = next(one["id"] for one in told["answers"] if one["name"].startswith("Ada"))
    seen = {"points": None, "comment": ""}
    status, told = served.json(
        "PUT", f"/api/answers/{ada}", {"points": 2, "comment": "Why?", "seen": seen}
    )
    assert (status, told) == (200, {"points": 2.0, "comment": "Why?", "waits": False})
    assert kept(folder, "ada") == (2.0, False, "Why?")
    status, told = served.json("PUT", f"/api/answers/{ada}", {"points": 3, "seen": seen})
    assert status == 409 and told["now"]["points"] == 2 and "meanwhile" in told["error"]
    assert served.json("POST", "/api/undo", {})[1]["id"] == ada
    assert kept(folder, "ada") == (None, True, None)
    assert served.json("POST", "/api/undo", {}) == (200, {})


def test_comments_are_kept_changed_and_removed(served):
    where = "/api/questions/0/comments"
    assert served.json("POST", where, {"text": "Why?", "points": 1})[1]["letter"] == "a"
    assert served.json("POST", f"{where}/a", {"text": "How?"})[1]["comments"][0]["text"] == "How?"
    stale = {"seen": {"text": "Why?", "points": 1}}
    status, told = served.json("POST", f"{where}/a", {"text": "Whence?", **stale})
    assert status == 409 and "Somebody else has changed comment a" in told["error"]
    assert served.json("DELETE", f"{where}/a", stale)[0] == 409
    assert [c["text"] for c in served.json("GET", where)[1]["comments"]] == ["How?"]
    status, told = served.json("POST", where, {"text": ""})
    assert status == 409 and "needs a text" in told["error"]
    assert served.json("DELETE", f"{where}/a")[1]["comments"] == []


@pytest.mark.parametrize("body", ["", "[", "[]", '"x"', '{"points": "2"}', '{"points": true}',
                                  '{"points": 1e99}', "[" * 50_000])  # fmt: skip
def test_what_is_no_mark_is_told(folder, served, body):
    one = served.json("GET", "/api/questions/0")[1]["answers"][0]["id"]
    status, told = served.json("PUT", f"/api/answers/{one}", body)
    assert status == 400 and told["error"]
    assert kept(folder, "ada")[0] is None


def test_unknown_answers_and_questions_are_told(served):
    for method, path in (("GET", "/api/questions/9"), ("GET", "/api/answers/abc")):
        status, told = served.json(method, path)
        assert status == 409 and "Load the page again" in told["error"]
