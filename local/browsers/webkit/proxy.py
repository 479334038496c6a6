"""The network between WebKit and everything else: watches requests, answers routed ones, puts scripts into pages."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60
STOP_SECONDS = 0.02  # how soon the server notices that it is to stop: there is one for each reader
HOP_BY_HOP = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}


@dataclass(eq=False)
class Request:
    """What the browser asked. Names of headers are in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    post_data: str | None

    def all_headers(self) -> dict[str, str]:
        return self.headers


@dataclass(eq=False)
class Response:
    """What the browser was answered, or what a route fetched."""

    request: Request
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def url(self) -> str:
        return self.request.url

    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(eq=False)
class Route:
    """A request that a test answers: by `fulfill`, `abort` or `continue_`, at once or later."""

    request: Request
    answer: Response | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def fetch(self, *, post_data: str | None = None) -> Response:
        return forward(self.request if post_data is None else replace(self.request, post_data=post_data))

    def continue_(self) -> None:
        self.fulfill(response=self.fetch())

    def abort(self) -> None:
        self.done.set()

    def fulfill(
        self,
        *,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        body: str | bytes | None = None,
        response: Response | None = None,
        path: Any = None,
    ) -> None:
        fetched = response or Response(self.request, 200, {}, b"" if path is None else path.read_bytes())
        content = fetched.content if body is None else body.encode() if isinstance(body, str) else body
        self.answer = Response(self.request, status or fetched.status, headers or fetched.headers, content)
        self.done.set()


@dataclass(eq=False)
class Rule:
    """Requests that fit the glob go to this handler, for so many times; without a number, until the owner drops it."""

    owner: object
    glob: str
    handler: Callable[[Route], Any]
    times: int | None

    def __post_init__(self) -> None:
        self.form = compiled(self.glob)


class Proxy:
    """A forward proxy on the loopback interface. Listeners are called in its threads, one at a time."""

    def __init__(self) -> None:
        self.scripts: list[str] = []
        self.rules: list[Rule] = []
        self.listeners: dict[str, list[Callable[[Any], Any]]] = {"request": [], "response": []}
        self.offline = False
        self.failures: list[str] = []
        self.in_flight = 0
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port: int = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(STOP_SECONDS,), daemon=True).start()

    def stop(self) -> None:
        """Answer nothing any more."""
        self._server.shutdown()
        self._server.server_close()

    def add_rule(self, rule: Rule) -> None:
        """Give requests whose URL matches to the rule's handler; the newest rule comes first."""
        with self.lock:
            self.rules.insert(0, rule)

    def drop_rules(self, owner: object, glob: str | None = None) -> None:
        """Forget the rules that a page made, or those of one glob."""
        with self.lock:
            self.rules = [rule for rule in self.rules if rule.owner is not owner or glob not in (None, rule.glob)]

    def answer(self, request: Request) -> Response | None:
        """What the browser gets for a request; None: the connection is cut."""
        if self.offline:
            return None
        if "access-control-request-method" in request.headers:
            return self._preflight(request)
        with self.lock:
            for tell in [*self.listeners["request"]]:
                tell(request)
        rule = self._rule_for(request)
        if rule is None:
            response: Response | None = forward(request)
        else:
            route = Route(request)
            try:
                rule.handler(route)
            except Exception as error:
                self.failures.append(repr(error))
                route.abort()
            route.done.wait(PATIENCE_SECONDS)
            response = route.answer
        if response is not None:
            with self.lock:
                for tell in [*self.listeners["response"]]:
                    tell(response)
        return response

    def _preflight(self, request: Request) -> Response:
        """The browser's question whether a request is allowed. Tests meet the request itself, as with Playwright."""
        if not any(rule.form.fullmatch(request.url) for rule in self.rules):
            return forward(request)
        allowed = {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": request.headers["access-control-request-method"],
            "access-control-allow-headers": request.headers.get("access-control-request-headers", ""),
        }
        return Response(request, 204, allowed, b"")

    def _rule_for(self, request: Request) -> Rule | None:
        with self.lock:
            for rule in self.rules:
                if rule.form.fullmatch(request.url):
                    if rule.times is not None:
                        rule.times -= 1
                        if rule.times == 0:
                            self.rules.remove(rule)
                    return rule
        return None

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Count a request as being on its way."""
        with self.lock:
            self.in_flight += 1
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1


def forward(request: Request) -> Response:
    """Send a request on to where it goes."""
    parts = urlsplit(request.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=PATIENCE_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP | {"content-length"}}
    data = None if request.post_data is None else request.post_data.encode()
    try:
        connection.request(request.method, path, data, {**sent, "accept-encoding": "identity"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(request, answer.status, headers, answer.read())
    finally:
        connection.close()


def with_scripts(response: Response, scripts: list[str]) -> Response:
    """A page with scripts that run before its own; its policy allows them by a nonce, and allows nothing else more."""
    into = response.request.headers.get("sec-fetch-dest", "document")
    if into not in ("document", "iframe") or "text/html" not in response.headers.get("content-type", ""):
        return response
    nonce = secrets.token_hex(16)
    text = response.content.decode()
    start = re.match(r"\s*<!doctype[^>]*>", text, re.IGNORECASE)
    at = start.end() if start else 0
    ours = "".join(f'<script nonce="{nonce}">{script}</script>' for script in scripts)
    headers = dict(response.headers)
    policy = headers.get("content-security-policy")
    if policy:
        headers["content-security-policy"] = _allowing(policy, nonce)
    return Response(response.request, response.status, headers, (text[:at] + ours + text[at:]).encode())


def _allowing(policy: str, nonce: str) -> str:
    directives = [one.strip() for one in policy.split(";") if one.strip()]
    name = "script-src" if any(one.startswith("script-src ") for one in directives) else "default-src"
    for index, one in enumerate(directives):
        if one.startswith(f"{name} ") and "'unsafe-inline'" not in one:
            directives[index] = f"{one.replace(chr(39) + 'none' + chr(39), '')} 'nonce-{nonce}'"
    return "; ".join(directives)


def compiled(glob: str) -> re.Pattern[str]:
    """A glob as a pattern: `*` stands for any text without a slash, `**` for any text."""
    parts = re.split(r"(\*\*/?|\*)", glob)
    forms = {"**": ".*", "**/": ".*/", "*": "[^/]*"}
    return re.compile("".join(forms.get(part, re.escape(part)) for part in parts))


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer_all(self) -> None:
            self.close_connection = True  # so that the browser never repeats a request on its own
            length = int(self.headers.get("Content-Length") or 0)
            data = self.rfile.read(length).decode() if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, data)
            with proxy.busy():
                try:
                    response = proxy.answer(request)
                except OSError:
                    response = None  # nobody listens there
                if response is not None:
                    self._send(with_scripts(response, proxy.scripts))

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer_all

        def _send(self, response: Response) -> None:
            self.send_response_only(response.status)
            for name, value in response.headers.items():
                if name.lower() not in HOP_BY_HOP | {"content-length", "content-encoding"}:
                    self.send_header(name, value)
            if response.status not in (204, 304):
                self.send_header("Content-Length", str(len(response.content)))
            self.send_header("Connection", "close")
            try:
                self.end_headers()
                if self.command != "HEAD" and response.status not in (204, 304):
                    self.wfile.write(response.content)
            except OSError:
                pass  # the page was left meanwhile

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
