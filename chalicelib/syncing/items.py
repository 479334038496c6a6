"""How the reading of feeds is stored. Nothing here talks to DynamoDB."""

from __future__ import annotations

from dataclasses import asdict

from chalicelib.dynamodb.attributes import (
    SK,
    Item,
    StoredItem,
    number,
    optional_number,
    optional_text,
    packed,
    text,
    unpacked,
)
from chalicelib.publishing.items import feed_key
from chalicelib.syncing.feed_states import NOT_READ, FeedReport, FeedState, Match, Skipped
from chalicelib.syncing.fetched import Validators


def feed_item(state: FeedState) -> Item:
    item = {
        **feed_key(state.site),
        "site_version": number(state.site_version),
        "due_at": number(state.due_at),
        "failures": number(state.failures),
        "report": packed(asdict(state.report)),
    }
    if state.tried_at is not None:
        item["tried_at"] = number(state.tried_at)
    texts = {
        "error": state.error,
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "digest": state.digest,
    }
    return item | {name: text(value) for name, value in texts.items() if value is not None}


def read_feed(item: StoredItem) -> FeedState:
    return FeedState(
        site=item[SK]["S"],
        site_version=int(item["site_version"]["N"]),
        due_at=int(item["due_at"]["N"]),
        tried_at=optional_number(item, "tried_at"),
        failures=optional_number(item, "failures") or 0,
        error=optional_text(item, "error"),
        validators=Validators(optional_text(item, "etag"), optional_text(item, "last_modified")),
        digest=optional_text(item, "digest"),
        report=_read_report(item),
    )


def _read_report(item: StoredItem) -> FeedReport:
    if "report" not in item:
        return NOT_READ
    stored = unpacked(item["report"])
    stored["matches"] = tuple(Match(**one) for one in stored["matches"])
    stored["reasons"] = tuple(Skipped(**one) for one in stored["reasons"])
    return FeedReport(**stored)
