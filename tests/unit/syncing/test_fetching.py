"""Where feeds may be fetched from, how much of them, and for how long."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.bootstrap import CLOCK
from chalicelib.deadlines import Clock
from chalicelib.syncing import fetching
from chalicelib.syncing.fetched import FeedFailed, Validators
from chalicelib.syncing.fetching import Fetcher

BODY = b"<rss/>"


@dataclass
class Server:
    """A web server on this machine. `answers`: by path, the status, the headers and the body."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    slowly: float = 0.0
    url: str = ""


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            status, headers, body = served.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for start in range(0, len(body), 65_536 if not served.slowly else 1):
                    self.wfile.write(body[start : start + (65_536 if not served.slowly else 1)])
                    if served.slowly and stopped.wait(served.slowly):
                        return
            except OSError:
                pass  # the other side has heard enough

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    served.url = f"http://127.0.0.1:{http.server_port}"
    threading.Thread(target=http.serve_forever, args=[0.05], daemon=True).start()
    yield served
    stopped.set()
    http.shutdown()
    http.server_close()


LOCAL = Fetcher(CLOCK, loopback=True)
PUBLIC = Fetcher(CLOCK)


def resolving(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


class TestWhatComes:
    def test_a_feed_with_what_its_server_says_about_the_version(self, server: Server) -> None:
        headers = {
            "Content-Type": "application/rss+xml",
            "ETag": '"1"',
            "Last-Modified": "Fri, 27 Nov 2026 05:00:00 GMT",
        }
        server.answers["/feed"] = (200, headers, BODY)
        fetched = LOCAL.fetch(f"{server.url}/feed")
        assert fetched is not None
        assert (fetched.body, fetched.content_type, fetched.url) == (BODY, "application/rss+xml", f"{server.url}/feed")
        assert fetched.validators == Validators('"1"', "Fri, 27 Nov 2026 05:00:00 GMT")
        assert server.asked[0]["host"] == server.url.removeprefix("http://")
        assert server.asked[0]["user-agent"].startswith("article-votes/")
        assert "if-none-match" not in server.asked[0]

    @pytest.mark.parametrize("tag", ["x" * 501, "two\r\n lines", "caf\xe9", ""])
    def test_what_cannot_be_sent_back_is_no_version(self, server: Server, tag: str) -> None:
        server.answers["/feed"] = (200, {"ETag": tag}, BODY)
        fetched = LOCAL.fetch(f"{server.url}/feed")
        assert fetched is not None
        assert fetched.validators == Validators()
        assert LOCAL.fetch(f"{server.url}/feed", fetched.validators) is not None

    def test_nothing_if_the_version_is_known(self, server: Server) -> None:
        server.answers["/feed"] = (304, {}, b"")
        assert LOCAL.fetch(f"{server.url}/feed", Validators('"1"', "yesterday")) is None
        assert (server.asked[0]["if-none-match"], server.asked[0]["if-modified-since"]) == ('"1"', "yesterday")
        with pytest.raises(FeedFailed, match="answered 304"):
            LOCAL.fetch(f"{server.url}/feed")

    def test_a_compressed_feed_is_unpacked(self, server: Server) -> None:
        server.answers["/feed"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(BODY))
        server.answers["/sitemap.xml.gz"] = (200, {"Content-Type": "application/gzip"}, gzip.compress(BODY))
        for path in server.answers:
            fetched = LOCAL.fetch(server.url + path)
            assert fetched is not None
            assert fetched.body == BODY

    def test_letters_beyond_ascii_in_an_address_are_encoded(self, server: Server) -> None:
        server.answers["/%C3%BCber?q=%C3%A9%20x"] = (200, {}, BODY)
        assert LOCAL.fetch(f"{server.url}/über?q=é x") is not None

    def test_a_redirect_is_followed_and_later_addresses_are_relative_to_where_it_led(self, server: Server) -> None:
        server.answers |= {"/old": (301, {"Location": "new?a=1"}, b""), "/new?a=1": (200, {}, BODY)}
        fetched = LOCAL.fetch(f"{server.url}/old")
        assert fetched is not None
        assert fetched.url == f"{server.url}/new?a=1"


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("status", "headers", "says", "wait"),
        [
            (404, {}, "answered 404", 0),
            (503, {"Retry-After": "120"}, "answered 503", 120),
            (429, {"Retry-After": "99999999"}, "answered 429", 86_400),
            (429, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, "answered 429", 86_400),
            (429, {"Retry-After": "Fri, 01 Jan 2010 00:00:00 GMT"}, "answered 429", 0),
            (429, {"Retry-After": "soon"}, "answered 429", 0),
        ],
    )
    def test_an_error_and_how_long_its_server_wants_to_be_left_alone(
        self, server: Server, status: int, headers: dict[str, str], says: str, wait: int
    ) -> None:
        server.answers["/feed"] = (status, headers, b"")
        with pytest.raises(FeedFailed, match=says) as refused:
            LOCAL.fetch(f"{server.url}/feed")
        assert refused.value.wait == wait

    def test_a_body_without_an_end(self, server: Server) -> None:
        server.answers["/feed"] = (200, {}, b"x" * 6_000_000)
        with pytest.raises(FeedFailed, match="larger than 5 MB"):
            LOCAL.fetch(f"{server.url}/feed")

    def test_a_body_that_grows_when_it_is_unpacked(self, server: Server) -> None:
        server.answers["/feed"] = (200, {}, gzip.compress(b"x" * 50_000_000))
        with pytest.raises(FeedFailed, match="larger than 5 MB"):
            LOCAL.fetch(f"{server.url}/feed")

    def test_a_body_that_ends_early(self, server: Server) -> None:
        server.answers["/feed"] = (200, {"Content-Length": "1000", "Connection": "close"}, BODY)
        with pytest.raises(FeedFailed, match="less than it said"):
            LOCAL.fetch(f"{server.url}/feed")
        server.answers["/feed"] = (200, {}, gzip.compress(b"x" * 1000)[:-12])
        with pytest.raises(FeedFailed, match="end is missing"):
            LOCAL.fetch(f"{server.url}/feed")

    def test_a_body_that_comes_byte_by_byte(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetching, "SECONDS", 0.5)
        server.slowly = 0.1
        server.answers["/feed"] = (200, {}, b"x" * 10_000)
        with pytest.raises(FeedFailed, match="longer than"):
            LOCAL.fetch(f"{server.url}/feed")

    def test_a_server_that_begins_no_tls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetching, "SECONDS", 0.3)
        with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(FeedFailed, match="longer than"):
            LOCAL.fetch(f"https://127.0.0.1:{silent.getsockname()[1]}/feed")

    def test_a_host_with_more_addresses_than_there_is_time_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetching, "SECONDS", 0.3)
        clock = Clock(now=lambda: 0, monotonic=iter(range(1000)).__next__)
        with pytest.raises(FeedFailed, match="longer than"):
            Fetcher(clock, True, resolving("127.0.0.1")).fetch("https://news.example:9/feed")

    def test_redirects_without_an_end(self, server: Server) -> None:
        server.answers["/feed"] = (302, {"Location": "/feed"}, b"")
        with pytest.raises(FeedFailed, match="redirected more than 5 times"):
            LOCAL.fetch(f"{server.url}/feed")
        assert len(server.asked) == 6

    @pytest.mark.parametrize(
        ("location", "says"),
        [
            ("https://169.254.169.254/latest/meta-data/", "no address of the public internet"),
            ("https://10.0.0.1/", "no address of the public internet"),
            ("https://[::ffff:10.0.0.1]/", "no address of the public internet"),
            ("https://[fd00::1]/", "no address of the public internet"),
            ("http://93.184.215.14/feed", "must begin with https"),
            ("file:///etc/passwd", "is not an https address"),
            ("ftp://news.example/feed", "is not an https address"),
            ("https://user:password@news.example/", "is not an https address"),
            ("https://[bad/", "Invalid IPv6 URL"),
            ("https://news.example:99999/", "is not an https address"),
            ("https:///feed", "is not an https address"),
            ("https://.news.example/", "There is no host"),
        ],
    )
    def test_a_redirect_to_where_feeds_are_not(self, server: Server, location: str, says: str) -> None:
        server.answers["/feed"] = (302, {"Location": location}, b"")
        with pytest.raises(FeedFailed, match=says):
            LOCAL.fetch(f"{server.url}/feed")

    def test_this_machine_unless_that_is_allowed(self, server: Server) -> None:
        for url in (server.url, "https://127.0.0.1/", "https://localhost/", "https://[::1]/"):
            with pytest.raises(FeedFailed):
                PUBLIC.fetch(url)
        assert server.asked == []

    def test_a_host_with_one_private_address_among_public_ones(self) -> None:
        fetcher = Fetcher(CLOCK, resolve=resolving("93.184.215.14", "192.168.0.1"))
        with pytest.raises(FeedFailed, match=r"news\.example is 192\.168\.0\.1"):
            fetcher.fetch("https://news.example/feed")

    def test_a_host_that_does_not_exist(self) -> None:
        with pytest.raises(FeedFailed, match="There is no host"):
            PUBLIC.fetch("https://feeds.invalid/")

    def test_a_host_that_refuses_connections(self) -> None:
        with pytest.raises(FeedFailed, match="failed"):
            LOCAL.fetch("http://127.0.0.1:9/")

    def test_what_is_no_http(self, server: Server) -> None:
        server.answers["/feed"] = (302, {"Location": "\x01 /"}, b"")
        with pytest.raises(FeedFailed):
            LOCAL.fetch(f"{server.url}/feed")


class TestTheConnection:
    """A name is resolved once for each hop. The certificate must be that of the name."""

    def test_it_goes_to_the_address_that_was_checked(self, server: Server) -> None:
        asked: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

        server.answers["/feed"] = (200, {}, BODY)
        port = server.url.rpartition(":")[2]
        assert Fetcher(CLOCK, True, resolve).fetch(f"http://news.example:{port}/feed") is not None
        assert asked == ["news.example"]
        assert server.asked[0]["host"] == f"news.example:{port}"

    @pytest.mark.parametrize(("name", "accepted"), [("news.example", True), ("other.example", False)])
    def test_the_certificate_is_checked_for_the_name_not_for_the_address(
        self, server: Server, tmp_path: Path, name: str, accepted: bool
    ) -> None:
        certificate = self._certificate(tmp_path, "news.example")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        handler = type("Handler", (BaseHTTPRequestHandler,), {
            "do_GET": lambda self: (self.send_response(200), self.end_headers(), self.wfile.write(BODY)),
            "log_message": lambda *_: None,
        })  # fmt: skip
        http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        http.socket = context.wrap_socket(http.socket, server_side=True)
        threading.Thread(target=http.serve_forever, args=[0.05], daemon=True).start()
        fetcher = Fetcher(
            CLOCK, True, resolving("127.0.0.1"), lambda: ssl.create_default_context(cafile=str(certificate))
        )
        try:
            if accepted:
                fetched = fetcher.fetch(f"https://{name}:{http.server_port}/feed")
                assert fetched is not None
                assert fetched.body == BODY
            else:
                with pytest.raises(FeedFailed, match="failed"):
                    fetcher.fetch(f"https://{name}:{http.server_port}/feed")
        finally:
            http.shutdown()
            http.server_close()

    def _certificate(self, folder: Path, name: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        path = folder / "certificate.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        return path
