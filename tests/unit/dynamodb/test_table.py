"""What emulators never do to the table: hand out a part of a batch, or answer something garbled."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.dynamodb.checksums import CorruptedAnswer, verify_answers
from chalicelib.errors import Unavailable
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.voting import items
from chalicelib.voting.operator_store import VotingOperatorStore
from chalicelib.voting.store import VotingStore
from chalicelib.voting.tallies import Tally
from local.dynamodb_local import create_table
from tests.support.fakes import START, Clock

REFS = [ArticleRef("demo", f"a-{number}") for number in range(10)]


class Stingy:
    """A DynamoDB client that hands out at most `portion` items of a batch at a time."""

    def __init__(self, portion: int) -> None:
        self.portion, self.calls = portion, 0
        self.meta = self
        self.events = self

    def register(self, _event: str, _handler: Callable[..., None]) -> None:
        """What `verify_answers` asks for."""

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803  boto3's name
        self.calls += 1
        ((name, request),) = RequestItems.items()
        given, left = request["Keys"][: self.portion], request["Keys"][self.portion :]
        tally = items.tally_attributes(Tally({"up": 1}, 1, START))
        unprocessed = {name: {"Keys": left}} if left else {}
        return {"Responses": {name: [{**key, **tally} for key in given]}, "UnprocessedKeys": unprocessed}


def test_keys_that_a_batch_left_out_are_asked_for_again_with_pauses(clock: Clock) -> None:
    client, started = Stingy(portion=3), clock.at
    table = VotingStore(client, "votes", Attempts(clock.advance, lambda: 0.5))
    found = table.projected_tallies(REFS, Deadline(clock.monotonic, 1.3))
    assert [tally is not None for tally in found] == [True] * 10
    assert client.calls == 4
    assert clock.at > started


def test_a_batch_that_never_ends_is_unavailable_not_half_an_answer(clock: Clock) -> None:
    table = VotingStore(Stingy(portion=0), "votes", Attempts(clock.advance, lambda: 0.5))
    with pytest.raises(Unavailable):
        table.projected_tallies(REFS, Deadline(clock.monotonic, 1.3))


def test_the_table_asks_again_when_an_answer_was_garbled_on_the_way(clock: Clock) -> None:
    """Taken at its word, this one would say that there is no such site."""
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client, "votes")
        table = VotingOperatorStore(client, "votes", Attempts(clock.advance, lambda: 0.5))
        table.put_site(Site("demo", make_ballot("like")), Deadline(clock.monotonic, 1.3))
        answers = 0

        def lose_the_first_body(response_dict: dict[str, Any], **_: object) -> None:
            nonlocal answers
            answers += 1
            if answers == 1:
                response_dict["body"] = b"{}"

        client.meta.events.register_first("before-parse.dynamodb", lose_the_first_body)
        site = table.site("demo", Deadline(clock.monotonic, 1.3))
        assert site is not None
        assert answers == 2


@pytest.mark.parametrize("garbled", [b"", b"null", b"{}", b'{"Item": {}}', b"\xff", b'{"Items": ['])
def test_an_answer_that_does_not_fit_its_checksum_is_never_taken_for_an_answer(garbled: bytes) -> None:
    with mock_aws():
        client = boto3.client("dynamodb")
        verify_answers(client)
        body = b'{"Item": {"PK": {"S": "x"}}}'

        def garble(response_dict: dict[str, Any], **_: object) -> None:
            response_dict["headers"]["x-amz-crc32"] = str(zlib.crc32(body))
            response_dict["body"] = garbled

        client.meta.events.register_first("before-parse.dynamodb", garble)
        with pytest.raises(CorruptedAnswer):
            client.list_tables()


@pytest.mark.parametrize(
    ("status", "headers", "body", "taken"),
    [
        (200, {"x-amz-crc32": str(zlib.crc32(b"{}"))}, b"{}", True),
        (200, {"x-amz-crc32": "1"}, b"{}", False),
        (200, {}, b'{"__type": "x"}', False),
        (299, {}, b'{"__type": "x"}', False),
        (300, {}, b'{"__type": "x"}', True),
        (400, {}, b'{"__type": "x"}', True),
        (400, {}, b"{}", False),
        (400, {"x-amz-crc32": "1"}, b'{"__type": "x"}', False),
    ],
)
def test_an_answer_needs_its_checksum_but_for_errors_that_name_their_type(
    status: int, headers: dict[str, str], body: bytes, taken: bool
) -> None:
    handlers: list[Any] = []

    register = SimpleNamespace(register=lambda _, handler: handlers.append(handler))
    verify_answers(SimpleNamespace(meta=SimpleNamespace(events=register)))
    answer = {"status_code": status, "headers": headers, "body": body}
    if taken:
        handlers[0](response_dict=answer)
    else:
        with pytest.raises(CorruptedAnswer):
            handlers[0](response_dict=answer)


def test_a_condition_that_does_not_hold_is_false_and_one_that_holds_is_true(clock: Clock) -> None:
    from botocore.exceptions import ClientError

    class Client:
        meta = SimpleNamespace(events=SimpleNamespace(register=lambda *_: None))
        holds = True

        def put_item(self, **_: object) -> dict[str, Any]:
            if not self.holds:
                raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
            return {}

    client = Client()
    store = VotingStore(client, "votes", Attempts(clock.advance))
    deadline = Deadline(clock.monotonic, 1.3)
    assert store.put_projected_tally(REFS[0], Tally({}, 1), deadline) is True
    client.holds = False
    assert store.put_projected_tally(REFS[0], Tally({}, 1), deadline) is False
