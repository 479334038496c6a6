"""A table is restored from a backup, checked, adopted by the service, and readers keep their votes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from local import deploy, package
from tests.support.fakes import patient
from tests.support.http import fetch, until
from tests.support.operator import ops
from tests.support.stack import FOR_TESTS, Stack, running

RESTORED = "votes-restored"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of this test's own: it ends with another table."""
    with running(
        tmp_path_factory.mktemp("restore"), Site("demo", make_ballot("updown"), ranks="any", new_voters=FOR_TESTS)
    ) as started:
        yield started


def restore(client: Any, source: str, name: str) -> None:
    """What point-in-time recovery makes: the items in a new table, and nothing else."""
    described = client.describe_table(TableName=source)["Table"]
    client.create_table(
        TableName=name,
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
    )
    for page in client.get_paginator("scan").paginate(TableName=source):
        for item in page["Items"]:
            client.put_item(TableName=name, Item=item)


def test_a_restored_table_is_checked_mended_and_adopted_and_readers_keep_their_votes(stack: Stack) -> None:
    client = stack.local.emulator.client("dynamodb")
    url = f"{stack.api}/v1/sites/demo/articles/a-1"
    tokens = [stack.new_token() for _ in range(5)]
    for token in tokens:
        assert fetch("PUT", f"{url}/vote", {"choice": "up"}, token=token).status == 201
    restore(client, stack.deployment.table, RESTORED)
    restored = replace(stack, deployment=replace(stack.deployment, table=RESTORED))

    bare = ops(restored, "restore-check")
    assert bare.returncode == 1
    said = " ".join(bare.stdout.split())
    for what in ("the stream", "deletion protection", "the time to live", "point-in-time recovery"):
        assert f"missing: {what}" in said
    assert "missing: the pepper" not in said
    assert "5 votes on 1 articles, 0 shards drifted" in said

    client.update_table(
        TableName=RESTORED,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        DeletionProtectionEnabled=True,
    )
    client.update_time_to_live(
        TableName=RESTORED, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    client.update_continuous_backups(
        TableName=RESTORED, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    complete = ops(restored, "restore-check")
    assert complete.returncode == 0, complete.stdout
    stream = client.describe_table(TableName=RESTORED)["Table"]["LatestStreamArn"]
    assert f"TableName={RESTORED} TableStreamArn={stream}" in complete.stdout

    adopted = deploy.deploy(stack.local.emulator, package.build(), {"TableName": RESTORED, "TableStreamArn": stream})
    assert (adopted.table, adopted.api) == (RESTORED, stack.api)
    changed = until(
        "the change",
        lambda: fetch("PUT", f"{url}/vote", {"choice": "down"}, token=tokens[0]),
        lambda answer: answer.status == 200,
    )
    assert changed.json()["tally"]["counts"] == {"up": 4, "down": 1}
    listed = f"{stack.api}/v1/sites/demo/tallies?articles=a-1"
    until("the projection", lambda: fetch("GET", listed).json()["tallies"][0]["counts"], lambda one: one["down"] == 1)
    before = stack.table.tally(ArticleRef("demo", "a-1"), patient(), consistent=True)
    assert before.counts["up"] == 5, "the old table is written to"


def test_a_restored_table_with_another_pepper_is_not_adopted(stack: Stack) -> None:
    client = stack.local.emulator.client("secretsmanager")
    client.create_secret(Name="another-pepper", SecretString="another pepper " * 4)
    wrong = replace(stack, deployment=replace(stack.deployment, pepper_secret="another-pepper"))
    checked = ops(wrong, "restore-check")
    assert (checked.returncode, "missing: the pepper with the fingerprint" in checked.stdout) == (1, True)
    assert "another pepper" not in checked.stdout
