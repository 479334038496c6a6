"""The publisher's own feed, as a setting of its site: where it is, and which article ids its entries have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote, urlsplit

from chalicelib.errors import InvalidValue
from chalicelib.publishing.articles import ARTICLE_ID, LONGEST_URL, NO_TEXT

Ids = Literal["guid", "url_path", "last_segment", "pattern"]
IDS: tuple[Ids, ...] = get_args(Ids)
LONGEST_PATTERN = 200
SIGNS = rf"""\s{NO_TEXT}"<>\\^`{{|}}\[\]"""  # that no address has
FEED_URL = re.compile(rf"https://[^{SIGNS}@/?#]{{1,253}}([/?#][^{SIGNS}]{{0,{LONGEST_URL}}})?")
PATTERN = re.compile(rf"[^{NO_TEXT}]{{1,{LONGEST_PATTERN}}}")
NOT_IN_IDS = re.compile(r"[^A-Za-z0-9._~:-]+", re.ASCII)
ASCII_BUT_PERCENT = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


@dataclass(frozen=True, slots=True)
class SiteFeed:
    """Where a publisher's feed is, and what the ids of its articles are made of.

    `ids`: guid, what the feed calls an entry; url_path, the path of its address; last_segment, the last part of that
    path; pattern, what the group of `pattern` (a regular expression) finds in the guid, or else in the address.
    """

    url: str
    ids: Ids = "last_segment"
    pattern: str | None = None

    def article_id(self, guid: str | None, url: str) -> str | None:
        """The article id of an entry. None if the rule finds none, or one that is longer than ids may be.

        Signs that ids cannot have become a hyphen, and letters beyond ASCII become ~XX, as in percent-encoding:
        /2026/été/ is 2026-~C3~A9t~C3~A9. Where another sign than a letter or digit would come first, an x does.
        """
        encoded = quote(self._found(guid, url) or "", safe=ASCII_BUT_PERCENT, errors="replace").replace("%", "~")
        article_id = NOT_IN_IDS.sub("-", encoded).strip("-")
        if article_id.startswith((".", "_", "~", ":")):
            article_id = f"x{article_id}"
        return article_id if ARTICLE_ID.fullmatch(article_id) else None

    def _found(self, guid: str | None, url: str) -> str | None:
        if self.ids == "guid":
            return guid
        if self.ids == "pattern":
            matches = (re.search(self.pattern or "", text) for text in (guid, url) if text is not None)
            return next((match[1] for match in matches if match), None)
        path = unquote(urlsplit(url).path, errors="replace").strip("/")
        return path if self.ids == "url_path" else path.rpartition("/")[2]


def make_feed(url: str, ids: Ids, pattern: str | None) -> SiteFeed:
    """A feed with this address and this rule for ids. Raises `InvalidValue`."""
    if len(url) > LONGEST_URL or not FEED_URL.fullmatch(url):
        raise InvalidValue(
            f"feed.url must be an https address of at most {LONGEST_URL} characters, without a user name.",
            field="feed.url",
        )
    if (pattern is not None) != (ids == "pattern"):
        raise InvalidValue("feed.pattern must be given if feed.ids is pattern, and only then.", field="feed.pattern")
    if pattern is not None and not _has_one_group(pattern):
        raise InvalidValue(
            f"feed.pattern must be a regular expression of at most {LONGEST_PATTERN} characters with one group, "
            r"such as /(\d+)-[^/]*$.",
            field="feed.pattern",
        )
    return SiteFeed(url, ids, pattern)


def _has_one_group(pattern: str) -> bool:
    try:
        return PATTERN.fullmatch(pattern) is not None and re.compile(pattern).groups == 1
    except (re.error, ValueError, RecursionError, OverflowError, FutureWarning):
        return False
