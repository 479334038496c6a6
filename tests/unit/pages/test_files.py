"""What browsers load, and what pages without scripts get: files, pictures, frames, oEmbed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from chalicelib import bootstrap
from chalicelib.pages.files import STATIC, languages
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import Site
from chalicelib.services import Services
from local.paths import ROOT
from tests.support.fakes import patient
from tests.support.gateway import send

# That of <article-top> is counted with the modules that both elements have.
MOST_BYTES = {"article-vote.js": 6_200, "article-vote-element.js": 6_200, "article-top.js": 2_500}
EMBED = "/v1/sites/demo/articles/a-1/embed"
PICTURE = "/v1/sites/demo/articles/a-1/tally.svg"
BASE = "https://votes.example/api"
SVG = "{http://www.w3.org/2000/svg}"


def vote(number: int) -> None:
    for _ in range(number):
        token = send("POST", "/v1/sites/demo/voters").json()["voter_token"]
        assert send("PUT", "/v1/sites/demo/articles/a-1/vote", {"choice": "up"}, token=token).status == 201


@pytest.mark.usefixtures("services")
class TestFiles:
    @pytest.mark.parametrize("name", ["article-vote.js", "article-vote-element.js", "article-top.js"])
    def test_a_script_is_small_short_lived_and_the_same_under_its_pinned_name(self, name: str) -> None:
        answer = send("GET", f"/embed/v1/{name}")
        assert len(gzip.compress(answer.text.encode(), 6)) <= MOST_BYTES[name]
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"].startswith("public, max-age=3600")
        assert answer.headers["access-control-allow-origin"] == "*"
        (script,) = [one for one in send("GET", "/embed/v1").json()["scripts"] if one["src"].endswith(f"/{name}")]
        pinned = send("GET", script["pinned_src"].removeprefix(BASE))
        assert pinned.text == answer.text
        assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
        digest = base64.b64encode(hashlib.sha384(answer.text.encode()).digest()).decode()
        assert script["integrity"] == f"sha384-{digest}"
        assert script["tag"] == f'<script type="module" src="{BASE}/embed/v1/{name}"></script>'
        assert script["integrity"] in script["pinned_tag"]
        assert script["pinned_src"] in script["pinned_tag"]

    @pytest.mark.parametrize(
        ("page", "name", "says"),
        [
            ("README.md", "article-vote.js", "The script is {} KB gzipped"),
            ("docs/element.md", "article-vote.js", "The script is {} KB gzipped"),
            ("docs/element.md", "article-top.js", "its script is {} KB"),
        ],
    )
    def test_the_docs_say_how_large_a_script_is(self, page: str, name: str, says: str) -> None:
        kilobytes = len(gzip.compress(send("GET", f"/embed/v1/{name}").text.encode(), 6)) / 1000
        assert says.format(f"{kilobytes:.1f}") in (ROOT / page).read_text()

    def test_each_script_has_a_map_that_names_its_readable_sources(self) -> None:
        name = send("GET", "/embed/v1/article-vote.js").headers["sourcemap"]
        sources = json.loads(send("GET", f"/embed/v1/{name}").text)["sources"]
        texts = [send("GET", f"/embed/v1/{source}").text for source in sources]
        assert any("export class ArticleVote" in text for text in texts)
        assert not any("problem" in text[:100] for text in texts)

    def test_every_module_of_the_script_is_served_as_it_was_written(self) -> None:
        for path in (STATIC / "element").glob("*.js"):
            assert send("GET", f"/embed/v1/source/{path.name}").text == path.read_text()

    @pytest.mark.parametrize(
        ("name", "media_type"),
        [
            ("article-vote.css", "text/css; charset=utf-8"),
            ("article-vote.d.ts", "text/plain; charset=utf-8"),
            ("article-top.d.ts", "text/plain; charset=utf-8"),
            ("custom-elements.json", "application/json; charset=utf-8"),
            ("article-vote.js.map", "application/json; charset=utf-8"),
            ("frame.js", "text/javascript; charset=utf-8"),
        ],
    )
    def test_what_stands_beside_the_script_is_served_with_its_type(self, name: str, media_type: str) -> None:
        answer = send("GET", f"/embed/v1/{name}")
        assert (answer.status, answer.headers["content-type"]) == (200, media_type)

    def test_words_are_whole_in_every_language_and_english_in_any_other(self) -> None:
        assert len(languages()) == 12
        english = send("GET", "/embed/v1/words/en.json")
        for language in languages():
            assert send("GET", f"/embed/v1/words/{language}.json").json().keys() - {"digits"} == english.json().keys()
        for other in ("sv.json", "gsw.json", "EN.json"):
            assert send("GET", f"/embed/v1/words/{other}").text == english.text

    def test_the_words_of_a_language_with_the_style_are_under_two_kilobytes(self) -> None:
        for language in languages():
            words = send("GET", f"/embed/v1/words/{language}.json")
            assert words.json()["style"] == send("GET", "/embed/v1/article-vote.css").text.strip()
            assert len(gzip.compress(words.text.encode(), 6)) < 2048, language

    @pytest.mark.parametrize(
        "name",
        ["nothing.js", "..%2F..%2Fapp.py", "source", "fingerprint%00", "%2Fetc%2Fpasswd", "article-vote.JS", "."],
    )
    def test_no_other_file_can_be_had(self, name: str) -> None:
        for folder in ("/embed/v1/", "/embed/v1/source/", "/embed/v1/words/"):
            answer = send("GET", folder + name)
            assert (answer.status, answer.json()["code"], answer.json()["field"]) == (404, "unknown_file", "file")

    def test_whoever_has_a_file_is_told_that_it_did_not_change(self) -> None:
        tag = send("GET", "/embed/v1/article-vote.js").headers["etag"]
        again = send("GET", "/embed/v1/article-vote.js", headers={"If-None-Match": tag})
        assert (again.status, again.text) == (304, "")

    def test_a_released_script_is_served_for_ever_under_its_own_hash(self) -> None:
        released = sorted((STATIC / "releases").glob("*.js"))
        assert released, "release the script: python -m local.browser release"
        for path in released:
            answer = send("GET", f"/embed/v1/{path.name}")
            assert answer.headers["cache-control"].endswith("immutable")
            assert hashlib.sha256(answer.text.encode()).hexdigest()[:16] in path.name


class TestPublicAddress:
    def test_addresses_are_those_that_the_request_came_in_at(self, services: Services) -> None:
        assert services.server.public_url == ""
        assert send("GET", "/embed/v1").json()["scripts"][0]["src"] == f"{BASE}/embed/v1/article-vote.js"

    def test_behind_a_cdn_they_are_the_cdns(self, services: Services) -> None:
        bootstrap.install(replace(services, public_url="https://cdn.example"))
        assert send("GET", "/embed/v1").json()["scripts"][0]["src"] == "https://cdn.example/embed/v1/article-vote.js"
        assert "script-src https://cdn.example;" in send("GET", EMBED).headers["content-security-policy"]

    @pytest.mark.parametrize("host", ["", "x; script-src *", "a b", "evil.example/path", "[::1]", "é.example", 'a"b'])
    def test_a_host_that_is_none_is_refused(self, services: Services, host: str) -> None:
        for path in ("/embed/v1", EMBED, f"/oembed?url={quote(BASE + EMBED, safe='')}"):
            answer = send("GET", path, headers={"Host": host})
            assert (answer.status, answer.json()["field"]) == (400, "Host")

    def test_a_vote_where_no_origins_are_listed_does_not_depend_on_the_host(self, services: Services) -> None:
        assert send("POST", "/v1/sites/demo/voters", headers={"Host": "my_machine"}).status == 201

    def test_an_encoded_id_in_a_path_does_not_lengthen_the_address(self, services: Services) -> None:
        page = send("GET", "/v1/sites/demo/articles/a%3Ab/embed")
        assert f'src="{BASE}/embed/v1/article-vote.js"' in page.text

    def test_our_own_embed_page_may_vote_where_origins_are_listed_and_others_may_not(self, services: Services) -> None:
        services.voting.store.put_site(Site("listed", make_ballot("like"), ("https://news.example",)), patient())  # type: ignore[attr-defined]
        for origin, status in (
            ("https://news.example", 201),
            ("https://votes.example", 201),
            ("https://evil.example", 403),
            ("null", 403),
            ("https://votes.example.evil.example", 403),
        ):
            assert send("POST", "/v1/sites/listed/voters", headers={"Origin": origin}).status == status, origin


@pytest.mark.usefixtures("services")
class TestPicture:
    def test_the_line_is_a_picture_with_a_title(self) -> None:
        vote(2)
        answer = send("GET", PICTURE)
        assert answer.headers["content-type"] == "image/svg+xml; charset=utf-8"
        assert answer.headers["cache-control"].startswith("public, max-age=5")
        picture = ElementTree.fromstring(answer.text)  # noqa: S314  our own
        assert picture.findtext(f"{SVG}title") == picture.findtext(f"{SVG}text") == "2 users have voted."
        again = send("GET", PICTURE, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status, again.text) == (304, "")

    @pytest.mark.parametrize(
        ("query", "line"),
        [
            ("lang=de", "2 Nutzer haben abgestimmt."),
            ("lang=de-AT&noun=people", "2 Personen haben abgestimmt."),
            ("lang=PL", "Zagłosowało 2 użytkowników."),
            ("lang=ar", "صوّت مستخدمان."),
            ("lang=sv", "2 users have voted."),
            ("noun=readers", "2 readers have voted."),
        ],
    )
    def test_it_speaks_the_languages_of_the_element(self, query: str, line: str) -> None:
        vote(2)
        assert f"<title>{line}</title>" in send("GET", f"{PICTURE}?{query}").text

    def test_arabic_begins_at_the_right(self) -> None:
        text = ElementTree.fromstring(send("GET", f"{PICTURE}?lang=ar").text).find(f"{SVG}text")  # noqa: S314
        assert text is not None
        assert text.get("direction") == "rtl"
        assert int(text.get("x", "0")) > 50

    @pytest.mark.parametrize("theme", ["auto", "light", "dark"])
    def test_its_one_style_is_the_one_its_policy_allows(self, theme: str) -> None:
        answer = send("GET", f"{PICTURE}?theme={theme}")
        style = ElementTree.fromstring(answer.text).findtext(f"{SVG}style") or ""  # noqa: S314
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
        assert ("prefers-color-scheme" in style) == (theme == "auto")

    def test_a_closed_voting_says_so(self, services: Services) -> None:
        vote(1)
        article = Article(ArticleRef("demo", "a-1"), "T", "https://news.example", closes_at=1)
        register(services.voting.store, article, 1, patient())  # type: ignore[arg-type]
        assert "<title>Voting is closed. 1 user has voted.</title>" in send("GET", PICTURE).text


@pytest.mark.usefixtures("services")
class TestFrame:
    def test_the_page_has_the_line_before_any_script_and_the_element_as_asked(self) -> None:
        vote(3)
        answer = send("GET", f"{EMBED}?lang=fr&noun=readers&layout=compact")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert '<html lang="fr" dir="ltr">' in answer.text
        element = '<article-vote site="demo" article="a-1" noun="readers" layout="compact">3 lecteurs ont voté.</article-vote>'
        assert element in answer.text
        assert f'src="{BASE}/embed/v1/article-vote.js"' in answer.text

    def test_its_policy_allows_our_own_files_and_the_pages_that_may_vote(self, services: Services) -> None:
        origins = ("https://news.example", "https://www.news.example")
        services.voting.store.put_site(Site("listed", make_ballot("like"), origins), patient())  # type: ignore[attr-defined]
        policy = send("GET", "/v1/sites/listed/articles/a/embed").headers["content-security-policy"]
        assert "default-src 'none'; script-src https://votes.example;" in policy
        assert "frame-ancestors https://news.example https://www.news.example;" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors *;" in send("GET", EMBED).headers["content-security-policy"]
        assert not re.search(r"<script>|<style| on\w+=| style=", send("GET", EMBED).text)


@pytest.mark.usefixtures("services")
class TestOembed:
    def ask(self, url: str, more: str = "") -> tuple[int, dict[str, object]]:
        answer = send("GET", f"/oembed?url={quote(url, safe='')}{more}")
        return answer.status, answer.json()

    def test_an_embed_page_is_handed_out_as_an_iframe(self) -> None:
        status, body = self.ask(f"{BASE}{EMBED}?lang=de&junk=1&noun=readers")
        assert status == 200
        assert (body["version"], body["type"], body["width"], body["height"]) == ("1.0", "rich", 600, 110)
        assert f'src="{BASE}{EMBED}?lang=de&amp;noun=readers"' in str(body["html"])

    def test_the_page_announces_where_it_is_handed_out_as_it_was_asked_for(self) -> None:
        page = send("GET", f"{EMBED}?lang=de&theme=dark&layout=compact").text
        (address,) = re.findall(r'application/json\+oembed" href="([^"]+)"', page)
        frame = send("GET", unescape(address).removeprefix(BASE)).json()["html"]
        assert f'src="{BASE}{EMBED}?lang=de&amp;layout=compact&amp;theme=dark"' in frame

    @pytest.mark.parametrize(
        ("theme", "scheme"), [("", "light"), ("?theme=dark", "dark"), ("?theme=auto", "light dark")]
    )
    def test_the_page_has_the_color_scheme_of_the_page_around_it(self, theme: str, scheme: str) -> None:
        assert f'<meta name="color-scheme" content="{scheme}">' in send("GET", EMBED + theme).text

    def test_sizes_are_kept_to(self) -> None:
        _, body = self.ask(f"{BASE}{EMBED}", "&maxwidth=300&maxheight=2000")
        assert (body["width"], body["height"]) == (300, 110)
        assert 'width="300" height="110"' in str(body["html"])

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/api/v1/sites/demo/articles/a-1/embed",
            f"{BASE}.evil.example/v1/sites/demo/articles/a-1/embed",
            f"{BASE}/v1/sites/demo/articles/a-1/tally",
            f"{BASE}/v1/sites/demo/articles/a-1/embed/",
            f"{BASE}/v1/sites/demo/articles/a/b/embed",
            "javascript:alert(1)",
            "",
        ],
    )
    def test_other_addresses_are_not_ours_to_embed(self, url: str) -> None:
        status, body = self.ask(url)
        assert (status, body["code"], body["field"]) == (404, "unknown_embed", "url")

    def test_nothing_of_an_address_reaches_the_html_unchecked(self) -> None:
        _, body = self.ask(f'{BASE}{EMBED}?lang="><script>alert(1)</script>&noun=a"b&layout=compact')
        assert str(body["html"]).count("<") == 2
        assert f'src="{BASE}{EMBED}?layout=compact"' in str(body["html"])

    def test_xml_is_not_offered_and_is_said_so_in_the_standards_way(self) -> None:
        status, body = self.ask(f"{BASE}{EMBED}", "&format=xml")
        assert (status, body["code"], body["field"]) == (501, "unsupported_format", "format")
