"""`python -m ops` as an operator types it: what it prints, what it changes, how it exits."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

import pytest

from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.registering import register
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, patient
from tests.support.http import fetch, until
from tests.support.operator import ops
from tests.support.stack import Stack


@pytest.fixture
def name() -> str:
    """A site or article of this test's own."""
    return f"x{uuid.uuid4().hex[:8]}"


def test_a_site_is_created_with_a_key_and_changed_and_keeps_what_is_not_given(stack: Stack, name: str) -> None:
    assert "site create" in ops(stack, "site", "change", name, "--noun", "people").stderr
    options = ("--ballot", "reactions", "--choices", "joy,sad", "--origins", "https://a.example")
    made = ops(stack, "site", "create", name, *options)
    assert made.returncode == 0, made.stderr
    key = made.stdout.splitlines()[-1]
    assert ops(stack, "site", "create", name).returncode == 2  # it keeps its settings and its keys
    extended = ops(stack, "site", "change", name, "--choices", "joy,sad,wow")
    assert "joy, sad, wow" in extended.stdout
    assert "https://a.example" in extended.stdout
    cut = ops(stack, "site", "change", name, "--choices", "joy,wow")
    assert "joy, wow; retired: sad" in cut.stdout
    settings = fetch("GET", f"{stack.api}/v1/sites/{name}", token=key).json()
    assert (settings["ballot"]["choices"], settings["ballot"]["retired"]) == (["joy", "wow"], ["sad"])
    assert (settings["origins"], settings["version"]) == (["https://a.example"], 3)
    changed = fetch("PUT", f"{stack.api}/v1/sites/{name}", {**settings, "noun": "people"}, token=key)
    assert (changed.status, changed.json()["noun"]) == (200, "people"), changed.text


def test_a_closed_article_stays_closed_when_its_title_is_mended(stack: Stack, name: str) -> None:
    assert ops(stack, "article", "demo", name).returncode == 2  # a new article needs a title
    url = "https://news.example/a"
    assert ops(stack, "article", "demo", name, "--title", "Tpyo", "--url", url, "--closes-at", "now").returncode == 0
    assert ops(stack, "article", "demo", name, "--title", "Typo").returncode == 0
    assert fetch("GET", f"{stack.api}/v1/sites/demo/articles/{name}/tally").json()["state"] == "closed"
    article = stack.table.articles([ArticleRef("demo", name)], patient())[0].article
    assert article is not None
    assert (article.title, article.url) == ("Typo", url)
    assert ops(stack, "article", "demo", name, "--closes-at", "never").returncode == 0
    assert fetch("GET", f"{stack.api}/v1/sites/demo/articles/{name}/tally").json()["state"] == "open"


def test_what_is_set_of_an_article_from_the_feed_is_not_left_to_the_feed(stack: Stack, name: str) -> None:
    ref = ArticleRef("demo", name)
    register(stack.table, Article(ref, "T", "https://news.example/a", from_feed=True), START, patient())
    for option, left in ((("--state", "closed"), True), (("--title", "Better"), False)):
        assert ops(stack, "article", "demo", name, *option).returncode == 0
        article = stack.table.articles([ref], patient())[0].article
        assert article is not None
        assert article.from_feed is left


def test_recount_finds_damage_with_status_1_and_repairs_it(stack: Stack, name: str) -> None:
    base = f"{stack.api}/v1/sites/demo/articles/{name}"
    recount = ("recount", "--site", "demo", "--article", name)
    seeded = ops(stack, "seed", stack.api, "demo", name, "--votes", "4")
    assert seeded.returncode == 0, seeded.stderr
    assert ops(stack, *recount).returncode == 0
    ref = ArticleRef("demo", name)
    shard, tally = next(iter(stack.table.shards(ref, patient()).items()))
    assert stack.table.repair_shard(ref, shard, {"up": 40}, tally.version, START, patient())  # damage
    found = ops(stack, *recount)
    assert (found.returncode, "drift" in found.stdout) == (1, True)
    assert ops(stack, *recount, "--repair").returncode == 0
    assert fetch("GET", f"{base}/tally").json()["voters"] == 4


def test_an_article_has_an_author_a_section_a_picture_and_a_date_until_they_are_taken_away(
    stack: Stack, name: str
) -> None:
    ref = ArticleRef("demo", name)
    about = ("--author", "Ann O'Neill", "--section", "Sport", "--image", "https://news.example/a.jpg")
    created = ("--title", "T", "--url", "https://news.example/a", "--published-at", "2026-11-24T08:00:00+01:00")
    assert ops(stack, "article", "demo", name, *created, *about).returncode == 0
    found = stack.table.articles([ref], patient())[0].article
    expected = Article(
        ref, "T", "https://news.example/a", None, "Ann O'Neill", "Sport", "https://news.example/a.jpg", 1_795_503_600
    )
    assert found == replace(expected, version=1)
    assert ops(stack, "article", "demo", name, "--author", "", "--image", "", "--published-at", "never").returncode == 0
    found = stack.table.articles([ref], patient())[0].article
    assert found == replace(expected, author=None, image=None, published_at=None, version=2)


def test_what_cannot_be_done_exits_with_2_and_says_why(stack: Stack) -> None:
    for arguments, word in (
        (("recount", "--site", "no-such-site"), "no site"),
        (("recount", "--article", "a"), "--site"),
        (("site", "create", "Not A Site", "--ballot", "like"), "site must be"),
        (
            ("article", "demo", "a", "--title", "T", "--url", "https://news.example", "--closes-at", "tomorrow"),
            "--closes-at",
        ),
        (("article", "demo", "a", "--title", "T", "--url", "https://news.example", "--image", "x"), "image must be"),
        (("article", "demo", "a", "--title", "T", "--url", "https://news.example", "--section", " x"), "section must"),
        (("article", "demo", "a", "--title", "T", "--url", "https://n.example", "--published-at", "1"), "--published"),
        (("seed", "http://127.0.0.1:9", "demo", "a", "--votes", "1"), "127.0.0.1:9"),
    ):
        done = ops(stack, *arguments)
        assert (done.returncode, word in done.stderr) == (2, True), done.stderr
        assert "Traceback" not in done.stderr


def test_project_brings_every_summary_up_to_date(stack: Stack, name: str) -> None:
    ops(stack, "seed", stack.api, "demo", name, "--votes", "2")
    assert ops(stack, "project", "--site", "demo").returncode == 0
    assert fetch("GET", f"{stack.api}/v1/sites/demo/tallies?articles={name}").json()["tallies"][0]["voters"] == 2


def test_a_read_key_is_shown_once_opens_a_private_site_and_is_revoked(stack: Stack, name: str) -> None:
    assert (
        ops(
            stack, "site", "create", name, "--ballot", "stars", "--insights", "private", "--star-prior", "3.4:20"
        ).returncode
        == 0
    )
    url = f"{stack.api}/v1/sites/{name}/summary"
    assert fetch("GET", url).status == 401
    issued = ops(stack, "key", "issue", name, "--label", "a spreadsheet")
    assert issued.returncode == 0, issued.stderr
    key = issued.stdout.splitlines()[-1]
    assert fetch("GET", url, headers={"Authorization": f"Bearer {key}"}).status == 200
    listed = ops(stack, "key", "list", name).stdout
    assert "a spreadsheet" in listed
    assert key not in listed
    assert ops(stack, "key", "revoke", name, "nonsense").returncode == 2
    for line in listed.splitlines():  # the first admin key, too: only operators may revoke the last one
        assert ops(stack, "key", "revoke", name, line.split()[0]).returncode == 0
    assert "There are no keys" in ops(stack, "key", "list", name).stdout
    # Functions remember a valid key for a minute; that they forget it then is shown on a clock of tests.
    assert stack.table._client.query(
        TableName=stack.deployment.table,
        KeyConditionExpression="PK = :site AND begins_with(SK, :key)",
        ExpressionAttributeValues={":site": {"S": f"SITE#{name}"}, ":key": {"S": "KEY#"}},
    )["Items"] == []  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("key", "issue", "no-such-site", "--label", "x"), "There is no site"),
        (("key", "issue", "demo", "--label", ""), "label"),
        (("site", "change", "demo", "--star-prior", "3"), "star-prior"),
        (("site", "change", "demo", "--new-voters", "9:8"), "new_voters"),
        (("site", "change", "demo", "--time-zone", "Europe/Atlantis"), "time_zone"),
        (("site", "change", "demo", "--time-zone", "Factory"), "time_zone"),
        (("article", "demo", "t-1", "--title", "T", "--url", "javascript:alert(1)"), "url"),
        (("article", "demo", "t-1", "--title", "a\nb", "--url", "https://news.example"), "title"),
    ],
)
def test_what_is_not_allowed_in_insights_exits_with_2_and_names_it(
    stack: Stack, arguments: tuple[str, ...], says: str
) -> None:
    refused = ops(stack, *arguments)
    assert (refused.returncode, says in refused.stderr) == (2, True), refused.stderr


def test_project_derives_histories_and_leaderboards_again(stack: Stack, name: str) -> None:
    assert ops(stack, "site", "create", name, "--ballot", "updown", "--ranks", "any").returncode == 0
    for voter in range(3):
        wish = Wish(ArticleRef(name, "a"), f"v{voter}", "up", f"r{voter}", START)
        apply(stack.table, wish, patient(), registered_only=False)
    assert ops(stack, "project", "--site", name).returncode == 0
    board = fetch("GET", f"{stack.api}/v1/sites/{name}/leaderboard?window=all").json()
    assert [(one["article"], one["voters"]) for one in board["entries"]] == [("a", 3)]
    assert fetch("GET", f"{stack.api}/v1/sites/{name}/summary").json()["total"]["voters"] == 3


def test_after_a_change_of_the_time_zone_project_fills_the_boards_again(stack: Stack, name: str) -> None:
    assert ops(stack, "site", "create", name, "--ballot", "updown", "--ranks", "any").returncode == 0
    for voter in range(3):
        wish = Wish(ArticleRef(name, "a"), f"v{voter}", "up", f"r{voter}", START)
        apply(stack.table, wish, patient(), registered_only=False)
    changed = ops(stack, "site", "change", name, "--time-zone", "Asia/Tokyo")
    assert "time zone Asia/Tokyo" in changed.stdout
    assert f"run: python -m ops project --site {name}" in changed.stdout
    assert "project" not in ops(stack, "site", "change", name, "--time-zone", "Asia/Tokyo").stdout
    assert ops(stack, "project", "--site", name).returncode == 0
    board = fetch("GET", f"{stack.api}/v1/sites/{name}/leaderboard?window=all").json()
    assert [(one["article"], one["voters"]) for one in board["entries"]] == [("a", 3)]
    assert board["time_zone"] == "Asia/Tokyo"
    assert fetch("GET", f"{stack.api}/v1/sites/{name}/summary").json()["total"]["voters"] == 3


def test_a_title_reaches_the_boards_of_days_that_are_over(stack: Stack, name: str) -> None:
    assert ops(stack, "site", "create", name, "--ballot", "updown", "--ranks", "any").returncode == 0
    yesterday = int(time.time()) - 24 * 3600
    apply(stack.table, Wish(ArticleRef(name, "a"), "v", "up", "r", yesterday), patient(), registered_only=False)
    url = f"{stack.api}/v1/sites/{name}/leaderboard?ago=1"
    until("the entry", lambda: fetch("GET", url).json()["entries"], bool)
    assert ops(stack, "article", name, "a", "--title", "Late", "--url", "https://news.example/a").returncode == 0
    (entry,) = fetch("GET", url).json()["entries"]
    assert (entry["title"], entry["url"]) == ("Late", "https://news.example/a")
