"""Feeds in the shapes of real systems, small, and what is read from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.syncing.fetched import NO_VALIDATORS, Fetched
from chalicelib.syncing.listed_articles import ListedArticle

BASE = "https://news.example/feed"
SIX = 1_795_755_600  # 2026-11-27 06:00:00 +01:00


@dataclass(frozen=True)
class Feed:
    """A feed as a server sends it, and what it lists."""

    body: bytes
    content_type: str
    lists: tuple[ListedArticle, ...]

    @property
    def fetched(self) -> Fetched:
        return Fetched(self.body, self.content_type, BASE, NO_VALIDATORS)


def rss(items: str, attributes: str = "", head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f'{head}<rss version="2.0"{attributes}><channel><title>News</title>{items}</channel></rss>'


def fetched(body: str | bytes, content_type: str = "application/xml") -> Fetched:
    return Fetched(body.encode() if isinstance(body, str) else body, content_type, BASE, NO_VALIDATORS)


FERRY = ListedArticle("https://news.example/ferry", "https://news.example/ferry", "The ferry returns")
SIMPLE = (
    "<item><title>{title}</title><link>https://news.example/ferry</link><guid>https://news.example/ferry</guid></item>"
)


def named(title: str) -> tuple[ListedArticle, ...]:
    return (ListedArticle(FERRY.guid, FERRY.url, title),)


WORDPRESS = rss(
    """<item><title>The ferry&#8217;s return &#8211; at last</title>
    <link>https://news.example/2026/11/27/ferry/</link>
    <dc:creator><![CDATA[Ann Lee]]></dc:creator><pubDate>Fri, 27 Nov 2026 05:00:00 +0000</pubDate>
    <category><![CDATA[Harbour]]></category><category><![CDATA[Ferries]]></category>
    <guid isPermaLink="false">https://news.example/?p=123</guid>
    <description><![CDATA[<p>It is back.</p>]]></description></item>""",
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"',
)
GHOST = rss(
    """<item><title><![CDATA[The ferry returns]]></title><description><![CDATA[Back.]]></description>
    <link>https://news.example/ferry/</link><guid isPermaLink="false">65f0c0ffee</guid>
    <category><![CDATA[Harbour]]></category><dc:creator><![CDATA[Ann Lee]]></dc:creator>
    <pubDate>Fri, 27 Nov 2026 05:00:00 GMT</pubDate>
    <media:content url="https://news.example/content/ferry.jpg" medium="image"/></item>""",
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"',
)
DRUPAL = rss(
    """<item><title>The ferry returns</title><link>https://news.example/node/17</link>
    <description>&lt;span&gt;The ferry returns&lt;/span&gt;</description>
    <pubDate>Fri, 27 Nov 2026 06:00:00 +0100</pubDate><dc:creator>ann</dc:creator>
    <guid isPermaLink="false">17 at https://news.example</guid></item>""",
    ' xml:base="https://news.example/" xmlns:dc="http://purl.org/dc/elements/1.1/"',
)
BLOGGER = """<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'
  xmlns:media='http://search.yahoo.com/mrss/'><title type='text'>News</title><entry>
  <id>tag:blogger.com,1999:blog-1.post-2</id><published>2026-11-27T06:00:00.000+01:00</published>
  <updated>2026-11-28T06:00:00.000+01:00</updated>
  <category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#post'/>
  <category scheme='http://www.blogger.com/atom/ns#' term='Harbour'/>
  <title type='html'>Ferry &amp;amp; &lt;b&gt;tide&lt;/b&gt;</title><content type='html'>x</content>
  <link rel='replies' type='text/html' href='https://news.example/2026/11/ferry.html#comment-form'/>
  <link rel='alternate' type='text/html' href='https://news.example/2026/11/ferry.html'/>
  <author><name>Ann Lee</name><email>noreply@blogger.com</email></author>
  <media:thumbnail url='https://news.example/ferry.jpg' height='72' width='72'/></entry></feed>"""
SUBSTACK = rss(
    """<item><title><![CDATA[The ferry returns]]></title><description><![CDATA[Back]]></description>
    <link>https://news.example/p/ferry</link><guid isPermaLink="false">https://news.example/p/ferry</guid>
    <dc:creator><![CDATA[Ann Lee]]></dc:creator><pubDate>Fri, 27 Nov 2026 05:00:00 GMT</pubDate>
    <enclosure url="https://images.example/ferry.jpeg" length="0" type="image/jpeg"/></item>""",
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"',
)
MEDIUM = rss(
    """<item><title><![CDATA[The ferry returns]]></title>
    <link>https://news.example/ferry-9f3a?source=rss----1---4</link>
    <guid isPermaLink="false">https://news.example/p/9f3a</guid><category><![CDATA[harbour]]></category>
    <dc:creator><![CDATA[Ann Lee]]></dc:creator><pubDate>Fri, 27 Nov 2026 05:00:00 GMT</pubDate>
    <atom:updated>2026-11-28T05:00:00.000Z</atom:updated></item>""",
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"',
)
JEKYLL = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
  <entry><title type="html">The ferry returns</title>
  <link href="https://news.example/ferry.html" rel="alternate" type="text/html" title="The ferry returns"/>
  <published>2026-11-27T05:00:00+00:00</published><updated>2026-11-27T05:00:00+00:00</updated>
  <id>https://news.example/ferry</id><author><name>Ann Lee</name></author><category term="Harbour"/></entry></feed>"""
RSS_1 = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"/>
  <item rdf:about="https://news.example/ferry"><title>The ferry returns</title>
  <link>https://news.example/ferry</link><dc:date>2026-11-27T06:00:00+01:00</dc:date>
  <dc:subject>Harbour</dc:subject></item></rdf:RDF>"""
JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [
  {"id": "17", "url": "/ferry", "title": "The ferry returns", "content_text": "Back.",
   "authors": [{"name": "Ann Lee"}], "tags": ["Harbour", "Ferries"], "image": "/ferry.jpg",
   "date_published": "2026-11-27T06:00:00+01:00"}]}"""
OLD_JSON_FEED = """{"version": "https://jsonfeed.org/version/1", "items": [
  {"id": 17, "external_url": "https://news.example/ferry", "title": "The ferry returns", "author": {"name": "Ann Lee"},
   "date_modified": "2026-11-27T05:00:00Z"}, "odd", {"id": "note", "content_text": "no title"}]}"""
NEWS_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://news.example/ferry </loc>
    <news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>
    <news:publication_date>2026-11-27T06:00:00+01:00</news:publication_date>
    <news:title>The ferry &amp; the tide</news:title></news:news>
    <image:image><image:loc>https://news.example/ferry.jpg</image:loc></image:image></url>
  <url><loc>https://news.example/seals</loc><lastmod>2026-11-26</lastmod></url></urlset>"""
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{number} "{f"&a{number - 1 or str()};" * 10}">' for number in range(1, 10))
    + "]>"
)
IN = "application/rss+xml"
HARBOUR: dict[str, Any] = {"author": "Ann Lee", "section": "Harbour", "published_at": SIX}


def listed(guid: str, url: str, title: str = "The ferry returns", **more: Any) -> tuple[ListedArticle, ...]:
    return (ListedArticle(guid, f"https://news.example/{url}", title, **more),)


FEEDS: Mapping[str, Feed] = {
    "WordPress": Feed(
        WORDPRESS.encode(), IN, listed("https://news.example/?p=123", "2026/11/27/ferry/", "The ferry’s return – at last", **HARBOUR)
    ),
    "Ghost": Feed(
        GHOST.encode(), IN, listed("65f0c0ffee", "ferry/", image="https://news.example/content/ferry.jpg", **HARBOUR)
    ),
    "Drupal": Feed(
        DRUPAL.encode(), IN, listed("17 at https://news.example", "node/17", author="ann", published_at=SIX)
    ),
    "Blogger": Feed(
        BLOGGER.encode(), "application/atom+xml",
        listed("tag:blogger.com,1999:blog-1.post-2", "2026/11/ferry.html", "Ferry & tide",
               image="https://news.example/ferry.jpg", **HARBOUR),
    ),
    "Substack": Feed(
        SUBSTACK.encode(), IN,
        listed("https://news.example/p/ferry", "p/ferry", author="Ann Lee", published_at=SIX,
               image="https://images.example/ferry.jpeg"),
    ),
    "Medium": Feed(
        MEDIUM.encode(), IN,
        listed("https://news.example/p/9f3a", "ferry-9f3a?source=rss----1---4", **{**HARBOUR, "section": "harbour"}),
    ),
    "Jekyll": Feed(JEKYLL.encode(), "text/xml", listed("https://news.example/ferry", "ferry.html", **HARBOUR)),
    "RSS 1.0": Feed(
        RSS_1.encode(), "application/rdf+xml",
        listed("https://news.example/ferry", "ferry", section="Harbour", published_at=SIX),
    ),
    "JSON Feed 1.1": Feed(
        JSON_FEED.encode(), "application/feed+json",
        listed("17", "ferry", image="https://news.example/ferry.jpg", **HARBOUR),
    ),
    "JSON Feed 1.0": Feed(
        OLD_JSON_FEED.encode(), "application/json",
        (*listed("17", "ferry", author="Ann Lee", published_at=SIX), ListedArticle("note")),
    ),
    "a sitemap for news": Feed(
        NEWS_SITEMAP.encode(), "application/xml",
        (
            *listed("https://news.example/ferry", "ferry", "The ferry & the tide", published_at=SIX,
                    image="https://news.example/ferry.jpg"),
            ListedArticle("https://news.example/seals", "https://news.example/seals"),
        ),
    ),
    "Latin-1, as the XML says": Feed(
        rss(SIMPLE.format(title="Fähre"), head='<?xml version="1.0" encoding="ISO-8859-1"?>').encode("latin-1"),
        "application/rss+xml", named("Fähre"),
    ),
    "Windows-1252, as nobody says": Feed(
        rss(SIMPLE.format(title="The ferry’s return"), head="").encode("cp1252"), "text/xml", named("The ferry’s return")
    ),
    "UTF-16": Feed(
        rss(SIMPLE.format(title="Паром"), head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
        "application/xml", named("Паром"),
    ),
    "UTF-8 with a byte order mark": Feed(
        b"\xef\xbb\xbf" + rss(SIMPLE.format(title="渡し船")).encode(), "application/xml", named("渡し船")
    ),
    "an ampersand that is not escaped": Feed(
        rss(SIMPLE.format(title="Fish & Ships")).encode(), IN, named("Fish & Ships")
    ),
    "a text that was escaped twice": Feed(
        rss(SIMPLE.format(title="Fish &amp;amp; &lt;i&gt;ships&lt;/i&gt;")).encode(), IN, named("Fish & ships")
    ),
    "cut off in the second entry": Feed(
        rss(SIMPLE.format(title="The ferry returns") + "<item><title>The se").partition("</channel>")[0].encode(), IN,
        (*named("The ferry returns"), ListedArticle()),
    ),
    "an author with a mail address": Feed(
        rss(SIMPLE.format(title="x").replace("</item>", "<author>ann@news.example (Ann Lee)</author></item>")).encode(),
        IN, (ListedArticle(FERRY.guid, FERRY.url, "x", author="Ann Lee"),),
    ),
    "an entity bomb": Feed((BOMB + rss(SIMPLE.format(title="&a9;"), head="")).encode(), IN, named("&a9;")),
    "an external entity": Feed(
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rss(SIMPLE.format(title="a&e;b"), head="")).encode(),
        IN, named("a&e;b"),
    ),
}  # fmt: skip
