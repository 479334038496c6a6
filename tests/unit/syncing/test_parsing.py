"""What is read from feeds in the shapes of real systems, and from what is no feed."""

from __future__ import annotations

import pytest

from chalicelib.syncing.fetched import FeedFailed
from chalicelib.syncing.parsing import parse_feed
from tests.support.feeds import BOMB, FEEDS, NEWS_SITEMAP, fetched, rss


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_is_read(name: str) -> None:
    assert tuple(parse_feed(FEEDS[name].fetched)) == FEEDS[name].lists


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "no RSS"),
        ("hello", "no RSS"),
        ("<!doctype html><html><head><title>News</title></head><body>Not found</body></html>", "no RSS"),
        ("/etc/passwd", "no RSS"),  # feedparser opens files and addresses, if it is given texts
        ("http://127.0.0.1:9/feed", "no RSS"),
        ("[1, 2]", "no RSS"),
        ('{"version": "https://jsonfeed.org/version/1"', "not JSON"),
        ('{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 100_000, "not JSON"),
        ('{"items": []}', "no RSS"),
        ('{"version": "https://jsonfeed.org/version/1", "items": {}}', "no RSS"),
        ('<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></sitemapindex>', "other sitemaps"),
        (BOMB + '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">&a9;</urlset>', "no document type"),
        ("<urlset><", "not XML"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(body: str, says: str) -> None:
    with pytest.raises(FeedFailed, match=says):
        parse_feed(fetched(body))


def test_of_a_sitemap_that_is_cut_off_the_whole_entries_are_read() -> None:
    cut = NEWS_SITEMAP[: NEWS_SITEMAP.index("<lastmod>")]
    assert [one.url for one in parse_feed(fetched(cut))] == ["https://news.example/ferry"]


def test_of_several_pictures_in_a_sitemap_the_first_is_taken() -> None:
    picture = "<image:image><image:loc>https://news.example/2.jpg</image:loc></image:image>"
    (ferry, _) = parse_feed(fetched(NEWS_SITEMAP.replace("</image:image>", f"</image:image>{picture}")))
    assert ferry.image == "https://news.example/ferry.jpg"


@pytest.mark.parametrize(
    ("inside", "listed"),
    [
        (
            "<link>https://news.example/a</link><pubDate>0000-00-00T00:00:00Z</pubDate>",
            ("https://news.example/a", None),
        ),
        ("<link/>", (None, None)),
        ('<link> </link><enclosure url="https://news.example/podcast.mp3"/>', (None, None)),
    ],
)
def test_odd_values_in_rss_are_taken_for_nothing_said(inside: str, listed: tuple[str | None, str | None]) -> None:
    (entry,) = parse_feed(fetched(rss(f"<item><title>T</title>{inside}</item>")))
    assert (entry.url, entry.image, entry.published_at) == (*listed, None)


@pytest.mark.parametrize(
    "item",
    [
        '{"id": null, "url": 5, "title": [], "authors": "x", "tags": {}, "date_published": "soon"}',
        '{"authors": [], "tags": [], "author": "x"}',
        '{"authors": [5], "tags": [5], "date_published": "2026-13-45T00:00:00Z", "url": "https://[bad"}',
    ],
)
def test_odd_values_in_a_json_feed_are_taken_for_nothing_said(item: str) -> None:
    (listed,) = parse_feed(fetched('{"version": "https://jsonfeed.org/version/1", "items": [' + item + "]}"))
    assert (listed.title, listed.author, listed.section, listed.published_at) == (None, None, None, None)
