"""Fetching a feed: from public addresses only, in ten seconds, and at most five megabytes of it.

A host's name is resolved once for each hop, all of its addresses are checked, and the connection goes to one of those.
So a name that resolves to something else a moment later (DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from chalicelib.deadlines import Clock
from chalicelib.syncing.addresses import is_loopback, is_public
from chalicelib.syncing.fetched import NO_VALIDATORS, FeedFailed, Fetched, Validators

MOST_BYTES = 5_000_000
SECONDS = 10.0
MOST_REDIRECTS = 5
MOST_ADDRESSES = 4  # of a host that are tried
REDIRECTS = {301, 302, 303, 307, 308}
OK, NOT_MODIFIED = 200, 304
TOO_SLOW = f"It took longer than {SECONDS:.0f} s."
TOO_LARGE = f"It is larger than {MOST_BYTES // 1_000_000} MB."
GZIP_MAGIC, GZIP = b"\x1f\x8b", 31  # zlib's name for the gzip format
VALIDATOR = re.compile(r"[\x20-\x7e]{1,500}")
MOST_SECONDS_TO_WAIT = 86_400
PATH_SIGNS = "%/:=&?~+!$,;'@()*[]"  # what stays as it is when an address is asked for
HEADERS = {
    "User-Agent": "article-votes/1 (reads the feeds of its publishers)",
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


@dataclass(frozen=True)
class Fetcher:
    """How feeds are fetched. `loopback`: also from this machine, and without TLS, for `make run`."""

    clock: Clock
    loopback: bool = False
    resolve: Callable[[str, int], list[str]] = resolve
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def fetch(self, url: str, known: Validators = NO_VALIDATORS) -> Fetched | None:
        """The feed at this address; None if it is the version that is known. Raises `FeedFailed`."""
        until = self.clock.monotonic() + SECONDS
        for _ in range(MOST_REDIRECTS + 1):
            parts = _split(url)
            try:
                with closing(self._connected(parts, until)) as connected, self._watching(connected, until):
                    answer = _ask(connected, parts, known)
                    with answer:
                        if answer.status not in REDIRECTS:
                            return self._fetched(answer, url, known, until)
                        url = urljoin(url, answer.headers.get("Location", ""))
            except (OSError, http.client.HTTPException, ValueError, TypeError, zlib.error) as error:
                if self.clock.monotonic() >= until:
                    raise FeedFailed(TOO_SLOW) from error
                raise FeedFailed(
                    f"The connection to {parts.hostname} failed: {error or type(error).__name__}."
                ) from error
        raise FeedFailed(f"It was redirected more than {MOST_REDIRECTS} times.")

    @contextmanager
    def _watching(self, connected: socket.socket, until: float) -> Iterator[None]:
        """A server that sends a byte now and then meets no timeout of a socket. So the whole has an end."""
        watch = threading.Timer(max(0.0, until - self.clock.monotonic()), _end, [connected])
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _connected(self, parts: SplitResult, until: float) -> socket.socket:
        """A socket that is connected with a checked address of the host. TLS has not begun yet."""
        host, secure = str(parts.hostname), parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        try:
            addresses = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FeedFailed(f"There is no host {host}.") from error
        local = self.loopback and all(is_loopback(address) for address in addresses)
        if not secure and not local:
            raise FeedFailed("Its address must begin with https://.")
        if not local and (closed := [address for address in addresses if not is_public(address)]):
            raise FeedFailed(f"{host} is {closed[0]}, which is no address of the public internet.")
        failed: OSError | None = None
        for address in addresses[:MOST_ADDRESSES]:
            if self.clock.monotonic() >= until:
                raise FeedFailed(TOO_SLOW)
            try:
                plain = socket.create_connection((address, port), timeout=max(0.1, until - self.clock.monotonic()))
            except OSError as error:
                failed = error
            else:
                if not secure:
                    return plain
                try:
                    return self.tls().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
                except (OSError, ValueError, TypeError):  # a name that no certificate can have
                    plain.close()
                    raise
        raise FeedFailed(f"The connection to {host} failed: {failed}.")

    def _fetched(self, answer: http.client.HTTPResponse, url: str, known: Validators, until: float) -> Fetched | None:
        if answer.status == NOT_MODIFIED and known != NO_VALIDATORS:
            return None
        if answer.status != OK:
            raise FeedFailed(
                f"Its server answered {answer.status}.", _wait(answer.headers.get("Retry-After"), self.clock.now())
            )
        body = bytearray()
        while part := answer.read1(65_536):
            body += part
            if len(body) > MOST_BYTES:
                raise FeedFailed(TOO_LARGE)
        if self.clock.monotonic() >= until:
            raise FeedFailed(TOO_SLOW)  # and what looks like its end is only the end of our patience
        if answer.length:
            raise FeedFailed("Its server sent less than it said.")
        validators = Validators(_validator(answer, "ETag"), _validator(answer, "Last-Modified"))
        return Fetched(_unzipped(bytes(body)), answer.headers.get("Content-Type", ""), url, validators)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise FeedFailed(f"{url[:300]} is not an https address.")


def _ask(connected: socket.socket, parts: SplitResult, known: Validators) -> http.client.HTTPResponse:
    if isinstance(connected, ssl.SSLSocket):
        connected.do_handshake()
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    connection.sock = connected
    path = quote(parts.path or "/", safe=PATH_SIGNS) + (
        f"?{quote(parts.query, safe=PATH_SIGNS)}" if parts.query else ""
    )
    asked = {"Host": parts.netloc.encode("idna").decode(), **HEADERS}
    if known.etag is not None:
        asked["If-None-Match"] = known.etag
    if known.last_modified is not None:
        asked["If-Modified-Since"] = known.last_modified
    connection.request("GET", path, headers=asked)
    return connection.getresponse()


def _validator(answer: http.client.HTTPResponse, name: str) -> str | None:
    """A header that is to be sent back; None if it cannot be, as one of two lines."""
    raw = answer.headers.get(name)
    return raw if raw is not None and VALIDATOR.fullmatch(raw) else None


def _unzipped(body: bytes) -> bytes:
    """The body, which the server may have compressed, or which may be a compressed file."""
    if not body.startswith(GZIP_MAGIC):
        return body
    stream = zlib.decompressobj(GZIP)
    unzipped = stream.decompress(body, MOST_BYTES + 1)
    if len(unzipped) > MOST_BYTES:
        raise FeedFailed(TOO_LARGE)
    if not stream.eof:
        raise FeedFailed("It is compressed, and its end is missing.")
    return unzipped


def _wait(raw: str | None, now: int) -> int:
    """The seconds that a Retry-After header asks for, a number or a time; at most a day. `now`: an epoch second."""
    try:
        seconds = int(raw) if raw and raw.isdecimal() else parsedate_to_datetime(raw or "").timestamp() - now
    except (TypeError, ValueError, OverflowError):
        return 0
    return int(min(max(seconds, 0), MOST_SECONDS_TO_WAIT))


def _end(connected: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of the TLS socket, which would take the session away from the thread that uses it.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
