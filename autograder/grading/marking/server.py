"""The marking page's server: on this machine alone, for whoever holds the token. What it serves is
`desk`'s.

Tornado serves it: nbgrader's own formgrader runs on it, so it is here with Jupyter already.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import socket
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click
from tornado import httpserver, netutil, web

from autograder.grading.marking.bank import Comment, NotKept
from autograder.grading.marking.desk import Desk
from autograder.grading.marking.marks import KEEP, Busy, Mark, NotStored

PAGE = Path(__file__).parent / "page"
HEADER = "X-Course-Token"
MOST_BODY = 100_000  # bytes of a request


class Base(web.RequestHandler):
    """Answers only this machine's own browser, by address, origin and token.

    The token comes in the page's address once and in a header of each request after it. There is
    no cookie, so another site's page has nothing to send along.
    """

    def initialize(self, desk: Desk, token: str, port: int):
        self.desk, self._token = desk, token
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    def set_default_headers(self):
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.clear_header("Server")

    def prepare(self):
        if (
            self.request.host not in self._hosts
        ):  # a name of a stranger's that leads to this machine
            self._refuse("This page is for 127.0.0.1 alone.")
        origin = self.request.headers.get("Origin")
        if origin is not None and origin not in {f"http://{h}" for h in self._hosts}:
            self._refuse("Another site's page may not ask this.")
        given = self.request.headers.get(HEADER) or ""
        if not hmac.compare_digest(self.given_token(given).encode(), self._token.encode()):
            self._refuse("The token is missing or wrong: open the address that course mark says.")

    def given_token(self, header: str) -> str:
        return header

    def _refuse(self, sentence: str):
        raise web.HTTPError(403, reason="Forbidden", log_message=sentence)

    def write_error(self, status_code, **kwargs):
        error = kwargs.get("exc_info", (None, None, None))[1]
        said = error.log_message if isinstance(error, web.HTTPError) else None
        self.finish({"error": said or "This did not work. What was stored before is kept."})

    def log_exception(self, kind, error, trace):
        if not isinstance(error, web.HTTPError):
            super().log_exception(kind, error, trace)

    def answer(self, work: Callable[[], dict]) -> None:
        """Send what `work()` gives, or the sentence on why there is nothing."""
        try:
            self.finish(work())
        except Busy as busy:
            self.set_status(503)
            self.finish({"error": str(busy)})
        except NotStored as problem:
            self.set_status(409)
            now = problem.now and asdict(problem.now)
            self.finish({"error": str(problem), "now": now})
        except NotKept as problem:
            self.set_status(409)
            self.finish({"error": str(problem)})

    def body(self) -> dict:
        """The request's JSON. Raises HTTPError where it is none."""
        try:
            given = json.loads(self.request.body)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            raise web.HTTPError(400, "A JSON object is expected.")
        return given

    @property
    def names(self) -> bool:
        return self.get_query_argument("names", "0") == "1"


class Page(Base):
    """The page itself: one file, which fetches nothing but its own data."""

    def given_token(self, header: str) -> str:
        return self.get_query_argument("token", "")

    def get(self):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup

        script = (PAGE / "page.js").read_text(encoding="utf-8")
        style = (PAGE / "page.css").read_text(encoding="utf-8")
        environment = Environment(
            loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined
        )
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
            "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'",
        )
        self.finish(environment.get_template("page.html").render(
            token=self._token, assignment=self.desk.assignment, style=Markup(style),
            script=Markup(script),
        ))  # fmt: skip


class Questions(Base):
    def get(self):
        self.answer(self.desk.all)


class OneQuestion(Base):
    def get(self, number: str):
        self.answer(lambda: self.desk.question(int(number), self.names))


class Answer(Base):
    def get(self, identity: str):
        self.answer(lambda: self.desk.answer(identity, self.names))

    def put(self, identity: str):
        given = self.body()
        points = _number(given["points"]) if "points" in given else KEEP
        seen = given.get("seen")
        seen = seen if isinstance(seen, dict) else {}
        before = Mark(_number(seen.get("points")), str(seen.get("comment") or ""))
        comment = str(given.get("comment") or "")
        self.answer(lambda: self.desk.give(identity, points, comment, before))


class Undo(Base):
    def post(self):
        self.answer(self.desk.undo)


class Comments(Base):
    def get(self, number: str):
        self.answer(lambda: self.desk.comments(int(number)))

    def post(self, number: str, letter: str | None = None):
        given = self.body()
        points = _number(given.get("points"))
        text = str(given.get("text") or "")
        seen = _seen(given, letter)
        self.answer(lambda: self.desk.keep_comment(int(number), text, points, letter, seen))

    def delete(self, number: str, letter: str):
        seen = _seen(self.body() if self.request.body else {}, letter)
        self.answer(lambda: self.desk.remove_comment(int(number), letter, seen))


def _seen(given: dict, letter: str | None) -> Comment | None:
    """The comment that a page had before it; None where it says nothing of that. Raises HTTPError
    as `_number` does."""
    seen = given.get("seen")
    if letter is None or not isinstance(seen, dict):
        return None
    return Comment(letter, str(seen.get("text") or ""), _number(seen.get("points")))


def _number(value) -> float | None:
    """A number out of JSON, or None. Raises HTTPError for anything else."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e9:
        raise web.HTTPError(400, "Points are a number, or nothing.")
    return float(value)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def application(desk: Desk, token: str, port: int) -> web.Application:
    """All that is served; each request has to bring the token, and to be for this port."""
    given = {"desk": desk, "token": token, "port": port}
    pages = [
        (r"/", Page, given),
        (r"/api/questions", Questions, given),
        (r"/api/questions/(\d{1,4})", OneQuestion, given),
        (r"/api/questions/(\d{1,4})/comments", Comments, given),
        (r"/api/questions/(\d{1,4})/comments/([a-z])", Comments, given),
        (r"/api/answers/([0-9a-f]{1,64})", Answer, given),
        (r"/api/undo", Undo, given),
    ]
    return web.Application(
        pages,
        default_handler_class=Missing,
        default_handler_args=given,
        log_function=lambda _: None,  # its lines would hold the token
    )


class Missing(Base):
    """Everything else: without the token nobody learns what there is."""

    def prepare(self):
        super().prepare()
        raise web.HTTPError(404, "There is nothing here.")


def serve(desk: Desk, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    port : 0 takes one that is free
    ready : is given the address, token and all, once it answers

    Raises ClickException where the port is taken.
    """
    asyncio.run(_serve(desk, port, ready))


async def _serve(desk: Desk, port: int, ready: Callable[[str], None]) -> None:
    token = secrets.token_urlsafe(24)
    try:
        sockets = netutil.bind_sockets(port, "127.0.0.1", family=socket.AF_INET)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} cannot be used: {error.strerror or error}. Take another, or none: then a "
            "free one is found."
        ) from None
    port = sockets[0].getsockname()[1]
    server = httpserver.HTTPServer(application(desk, token, port), max_body_size=MOST_BODY)
    server.add_sockets(sockets)
    try:
        ready(f"http://127.0.0.1:{port}/?token={token}")
        await asyncio.Event().wait()
    finally:
        server.stop()
