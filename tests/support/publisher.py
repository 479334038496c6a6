"""A publisher's site for tests: pages at an origin of their own, under the strictest policy the element lives with."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from local.demo import policy

Page = tuple[str, Mapping[str, str]]


class Publisher:
    """Serves what was put under a path. `url` has no slash at its end."""

    def __init__(self, api: str) -> None:
        self.api = api
        self._pages: dict[str, Page] = {}

        class Handler(BaseHTTPRequestHandler):
            pages: ClassVar[dict[str, Page]] = self._pages

            def do_GET(self) -> None:
                text, headers = self.pages.get(self.path, ("", {}))
                self.send_response(200 if text else 404)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def policy(self, trusted_types: str | None = None) -> str:
        """The strictest policy for pages that have scripts of their own, too, and policies for trusted types."""
        strict = (
            policy(self.api).replace("script-src", "script-src 'self'").replace("connect-src", "connect-src 'self'")
        )
        return (
            strict
            if trusted_types is None
            else strict.replace("trusted-types 'none'", f"trusted-types {trusted_types}")
        )

    def serve(self, path: str, text: str, media_type: str) -> None:
        """Serve a file."""
        self._pages[path] = (text, {"Content-Type": f"{media_type}; charset=utf-8"})

    def put(
        self,
        body: str,
        *,
        path: str = "/",
        head: str | None = None,
        csp: str | None = None,
        lang: str = "en",
        main: str = "",
    ) -> str:
        """Publish a page with this body and the element's script; its address. `main`: attributes of <main>."""
        script = f'<script type="module" src="{self.api}/embed/v1/article-vote.js"></script>' if head is None else head
        text = (
            f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>A page</title>{script}'
            f"<main {main}>{body}</main>"
        )
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": csp or policy(self.api)}
        self._pages[path] = (text, headers)
        return self.url + path

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
