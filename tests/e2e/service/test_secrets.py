"""Secrets of a deployed stack that are replaced, revoked or wrong, while readers vote."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import make_ballot
from chalicelib.publishing.sites import Site
from chalicelib.voting.recount import recount_partition
from chalicelib.voting.token_keys import parse_ring
from chalicelib.voting.voters import VOTE_PARTITIONS
from tests.support.fakes import no_pause, patient
from tests.support.gateway import Answer
from tests.support.http import fetch, until
from tests.support.operator import ops
from tests.support.stack import FOR_TESTS, Stack, running

READERS, AT_ONCE, REPLACEMENTS = 300, 12, 3


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of these tests' own: they leave its secrets in disorder."""
    with running(
        tmp_path_factory.mktemp("secrets"), Site("demo", make_ballot("updown"), new_voters=FOR_TESTS)
    ) as started:
        yield started


def answered(method: str, url: str, body: Any = None, token: str | None = None) -> Answer:
    """The answer, as a careful client gets it: 425 and 503 mean to send the same request again."""
    return until(
        f"{method} {url}",
        lambda: fetch(method, url, body, token=token),
        lambda answer: answer.status not in (425, 503),
        seconds=60,
    )


def secret_of(stack: Stack, secret_id: str) -> Any:
    client = stack.local.emulator.client("secretsmanager")
    return client.get_secret_value(SecretId=secret_id)["SecretString"]


def test_three_replacements_of_the_signing_key_count_no_reader_twice(stack: Stack) -> None:
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")
    chance = random.Random(seed)
    voters, url = f"{stack.api}/v1/sites/demo/voters", f"{stack.api}/v1/sites/demo/articles/rotated"
    first = [chance.choice(["up", "down"]) for _ in range(READERS)]

    def vote(number: int) -> str:
        if number in replaced_at:
            done = ops(stack, "token-key", "rotate", "--now")
            assert done.returncode == 0, done.stderr
        token: str = answered("POST", voters).json()["voter_token"]
        assert answered("PUT", f"{url}/vote", {"choice": first[number]}, token).status == 201
        return token

    replaced_at = {READERS * part // (REPLACEMENTS + 1) for part in range(1, REPLACEMENTS + 1)}
    with ThreadPoolExecutor(AT_ONCE) as readers:
        tokens = list(readers.map(vote, range(READERS)))
    ring = parse_ring(secret_of(stack, stack.deployment.token_key_secret))
    assert len(ring.keys) == 1 + REPLACEMENTS

    def change(number: int) -> int:
        other = {"up": "down", "down": "up"}[first[number]]
        token = tokens[number]
        if number % 3 == 0:  # every third reader's browser renews its token before
            token = answered("POST", f"{voters}/renew", {"voted_on": []}, token).json()["voter_token"]
        return answered("PUT", f"{url}/vote", {"choice": other}, token).status

    with ThreadPoolExecutor(AT_ONCE) as readers:
        assert list(readers.map(change, range(READERS))) == [200] * READERS
    tally = fetch("GET", f"{url}/tally").json()
    assert tally["voters"] == READERS
    assert tally["counts"] == {"up": first.count("down"), "down": first.count("up")}
    ref = ArticleRef("demo", "rotated")
    counts = [recount_partition(stack.table, ref, partition, patient, no_pause) for partition in range(VOTE_PARTITIONS)]
    assert (sum(count.votes for count in counts), [one for count in counts for one in count.drifts]) == (READERS, [])


class TestTheCommandLine:
    def test_a_key_is_listed_retired_only_by_force_and_its_readers_are_unknown_then(self, stack: Stack) -> None:
        restart(stack)  # functions that know an older ring sign with its key for a while
        token = answered("POST", f"{stack.api}/v1/sites/demo/voters").json()["voter_token"]
        assert ops(stack, "token-key", "rotate", "--now").returncode == 0
        *_, old, new = parse_ring(secret_of(stack, stack.deployment.token_key_secret)).keys
        listed = ops(stack, "token-key", "list")
        assert f"{new.kid}  signs" in listed.stdout
        assert old.secret not in listed.stdout
        refused = ops(stack, "token-key", "retire", old.kid)
        assert (refused.returncode, "may still be valid" in refused.stderr) == (2, True)
        assert ops(stack, "token-key", "retire", old.kid, "--force").returncode == 0
        restart(stack)
        answer = answered("GET", f"{stack.api}/v1/sites/demo/articles/a/vote", token=token)
        assert (answer.status, answer.json()["field"]) == (401, "Authorization")

    def test_after_a_key_was_revoked_its_readers_are_unknown_and_those_who_voted_before_can_renew(
        self, stack: Stack
    ) -> None:
        restart(stack)
        voters = f"{stack.api}/v1/sites/demo/voters"
        token = answered("POST", voters).json()["voter_token"]
        url = f"{stack.api}/v1/sites/demo/articles/leaked"
        assert answered("PUT", f"{url}/vote", {"choice": "up"}, token).status == 201
        leaked = parse_ring(secret_of(stack, stack.deployment.token_key_secret)).keys[-1]
        revoked = ops(stack, "token-key", "revoke", leaked.kid)
        assert revoked.returncode == 0, revoked.stderr
        restart(stack)
        assert answered("PUT", f"{url}/vote", {"choice": "down"}, token).status == 401
        # The vote is of this hour, as the revocation is: nobody can say which of them came first.
        assert answered("POST", f"{voters}/renew", {"voted_on": ["leaked"]}, token).status == 401
        fresh = answered("POST", voters).json()["voter_token"]
        assert answered("PUT", f"{url}/vote", {"choice": "up"}, fresh).status == 201

    def test_the_pepper_is_made_once_compared_and_exported(self, stack: Stack) -> None:
        assert "There is a pepper already" in ops(stack, "pepper", "create").stdout
        compared = ops(stack, "pepper", "fingerprint")
        secret, table = (line.split()[-1] for line in compared.stdout.splitlines())
        assert (compared.returncode, secret) == (0, table)
        assert ops(stack, "pepper", "export").stdout.strip() == secret_of(stack, stack.deployment.pepper_secret)


def test_a_function_with_another_pepper_takes_no_votes_and_goes_on_when_it_has_its_own_again(stack: Stack) -> None:
    client = stack.local.emulator.client("secretsmanager")
    own = secret_of(stack, stack.deployment.pepper_secret)
    token = answered("POST", f"{stack.api}/v1/sites/demo/voters").json()["voter_token"]
    url = f"{stack.api}/v1/sites/demo/articles/peppered/vote"
    assert answered("PUT", url, {"choice": "up"}, token).status == 201
    client.put_secret_value(SecretId=stack.deployment.pepper_secret, SecretString="another pepper " * 4)
    restart(stack)
    refused = fetch("PUT", url, {"choice": "down"}, token=token)
    assert (refused.status, refused.json()["code"]) == (503, "unavailable")
    assert ops(stack, "pepper", "fingerprint").returncode == 1
    client.put_secret_value(SecretId=stack.deployment.pepper_secret, SecretString=own)
    changed = answered("PUT", url, {"choice": "down"}, token)
    assert (changed.status, changed.json()["tally"]["voters"]) == (200, 1)


def restart(stack: Stack) -> None:
    """Let new containers take the place of all that run, as a deploy does."""
    client = stack.local.emulator.client("lambda")
    found = client.get_function_configuration(FunctionName=stack.deployment.api_function)["Environment"]["Variables"]
    found["RESTARTED"] = str(int(found.get("RESTARTED", "0")) + 1)
    client.update_function_configuration(FunctionName=stack.deployment.api_function, Environment={"Variables": found})
