"""The words of the line, in every language, as a real browser composes them. The expected texts are written by hand."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route

from tests.support.expecting import expect
from tests.support.publisher import Publisher
from tests.support.stack import Stack

NUMBERS = (0, 1, 2, 3, 5, 11, 21, 100, 1_000_000)
NB, NNB = "\u00a0", "\u202f"

LINES = {
    "en": (
        "Be the first to vote.", "1 user has voted.", "2 users have voted.", "3 users have voted.", "5 users have voted.",
        "11 users have voted.", "21 users have voted.", "100 users have voted.", "1,000,000 users have voted.",
    ),
    "ar": (
        "كن أول من يصوّت.", "صوّت مستخدم واحد.", "صوّت مستخدمان.", "صوّت 3 مستخدمين.", "صوّت 5 مستخدمين.", "صوّت 11 مستخدمًا.",
        "صوّت 21 مستخدمًا.", "صوّت 100 مستخدم.", "صوّت 1,000,000 مستخدم.",
    ),
    "fr": (
        "Soyez la première personne à voter.", "1 utilisateur a voté.", "2 utilisateurs ont voté.", "3 utilisateurs ont voté.",
        "5 utilisateurs ont voté.", "11 utilisateurs ont voté.", "21 utilisateurs ont voté.", "100 utilisateurs ont voté.",
        f"1{NNB}000{NNB}000 d’utilisateurs ont voté.",
    ),
    "de": (
        "Geben Sie die erste Stimme ab.", "1 Nutzer hat abgestimmt.", "2 Nutzer haben abgestimmt.", "3 Nutzer haben abgestimmt.",
        "5 Nutzer haben abgestimmt.", "11 Nutzer haben abgestimmt.", "21 Nutzer haben abgestimmt.", "100 Nutzer haben abgestimmt.",
        "1.000.000 Nutzer haben abgestimmt.",
    ),
    "es": (
        "Sea la primera persona en votar.", "1 usuario ha votado.", "2 usuarios han votado.", "3 usuarios han votado.",
        "5 usuarios han votado.", "11 usuarios han votado.", "21 usuarios han votado.", "100 usuarios han votado.",
        "1.000.000 de usuarios han votado.",
    ),
    "pt": (
        "Seja a primeira pessoa a votar.", "1 usuário votou.", "2 usuários votaram.", "3 usuários votaram.", "5 usuários votaram.",
        "11 usuários votaram.", "21 usuários votaram.", "100 usuários votaram.", "1.000.000 de usuários votaram.",
    ),
    "ru": (
        "Ваш голос будет первым.", "Проголосовал 1 пользователь.", "Проголосовали 2 пользователя.", "Проголосовали 3 пользователя.",
        "Проголосовало 5 пользователей.", "Проголосовало 11 пользователей.", "Проголосовал 21 пользователь.",
        "Проголосовало 100 пользователей.", f"Проголосовало 1{NB}000{NB}000 пользователей.",
    ),
    "pl": (
        "Oddaj pierwszy głos.", "Zagłosował 1 użytkownik.", "Zagłosowało 2 użytkowników.", "Zagłosowało 3 użytkowników.",
        "Zagłosowało 5 użytkowników.", "Zagłosowało 11 użytkowników.", "Zagłosowało 21 użytkowników.",
        "Zagłosowało 100 użytkowników.", f"Zagłosowało 1{NB}000{NB}000 użytkowników.",
    ),
    "tr": (
        "İlk oyu siz verin.", "1 kullanıcı oy verdi.", "2 kullanıcı oy verdi.", "3 kullanıcı oy verdi.", "5 kullanıcı oy verdi.",
        "11 kullanıcı oy verdi.", "21 kullanıcı oy verdi.", "100 kullanıcı oy verdi.", "1.000.000 kullanıcı oy verdi.",
    ),
    "hi": (
        "सबसे पहले आप वोट दें।", "1 उपयोगकर्ता ने वोट दिया है।", "2 उपयोगकर्ताओं ने वोट दिया है।", "3 उपयोगकर्ताओं ने वोट दिया है।",
        "5 उपयोगकर्ताओं ने वोट दिया है।", "11 उपयोगकर्ताओं ने वोट दिया है।", "21 उपयोगकर्ताओं ने वोट दिया है।",
        "100 उपयोगकर्ताओं ने वोट दिया है।", "10,00,000 उपयोगकर्ताओं ने वोट दिया है।",
    ),
    "zh": (
        "快来投出第一票。", "1 位用户已投票。", "2 位用户已投票。", "3 位用户已投票。", "5 位用户已投票。", "11 位用户已投票。",
        "21 位用户已投票。", "100 位用户已投票。", "1,000,000 位用户已投票。",
    ),
    "ja": (
        "最初の一票をどうぞ。", "1 人のユーザーが投票しました。", "2 人のユーザーが投票しました。", "3 人のユーザーが投票しました。",
        "5 人のユーザーが投票しました。", "11 人のユーザーが投票しました。", "21 人のユーザーが投票しました。", "100 人のユーザーが投票しました。",
        "1,000,000 人のユーザーが投票しました。",
    ),
}  # fmt: skip

# For a reader among 1, 2, 3, 5, 11, 21, 100 and 1,000,000 voters.
INCLUDING = {
    "en": (
        "Only you voted.", "2 users have voted, including you.", "3 users have voted, including you.",
        "5 users have voted, including you.", "11 users have voted, including you.", "21 users have voted, including you.",
        "100 users have voted, including you.", "1,000,000 users have voted, including you.",
    ),
    "ar": (
        "لم يصوّت سواك.", "صوّت مستخدمان، أنت أحدهما.", "صوّت 3 مستخدمين، وأنت منهم.", "صوّت 5 مستخدمين، وأنت منهم.",
        "صوّت 11 مستخدمًا، وأنت منهم.", "صوّت 21 مستخدمًا، وأنت منهم.", "صوّت 100 مستخدم، وأنت منهم.",
        "صوّت 1,000,000 مستخدم، وأنت منهم.",
    ),
    "fr": (
        "Vous êtes la seule personne à avoir voté.", "2 utilisateurs ont voté, dont vous.", "3 utilisateurs ont voté, dont vous.",
        "5 utilisateurs ont voté, dont vous.", "11 utilisateurs ont voté, dont vous.", "21 utilisateurs ont voté, dont vous.",
        "100 utilisateurs ont voté, dont vous.", f"1{NNB}000{NNB}000 d’utilisateurs ont voté, dont vous.",
    ),
    "de": (
        "Nur Sie haben abgestimmt.", "2 Nutzer haben abgestimmt, darunter Sie.", "3 Nutzer haben abgestimmt, darunter Sie.",
        "5 Nutzer haben abgestimmt, darunter Sie.", "11 Nutzer haben abgestimmt, darunter Sie.",
        "21 Nutzer haben abgestimmt, darunter Sie.", "100 Nutzer haben abgestimmt, darunter Sie.",
        "1.000.000 Nutzer haben abgestimmt, darunter Sie.",
    ),
    "es": (
        "Solo usted ha votado.", "2 usuarios han votado, usted entre ellos.", "3 usuarios han votado, usted entre ellos.",
        "5 usuarios han votado, usted entre ellos.", "11 usuarios han votado, usted entre ellos.",
        "21 usuarios han votado, usted entre ellos.", "100 usuarios han votado, usted entre ellos.",
        "1.000.000 de usuarios han votado, usted entre ellos.",
    ),
    "pt": (
        "Só você votou.", "2 usuários votaram, incluindo você.", "3 usuários votaram, incluindo você.",
        "5 usuários votaram, incluindo você.", "11 usuários votaram, incluindo você.", "21 usuários votaram, incluindo você.",
        "100 usuários votaram, incluindo você.", "1.000.000 de usuários votaram, incluindo você.",
    ),
    "ru": (
        "Проголосовали только вы.", "Проголосовали 2 пользователя, включая вас.", "Проголосовали 3 пользователя, включая вас.",
        "Проголосовало 5 пользователей, включая вас.", "Проголосовало 11 пользователей, включая вас.",
        "Проголосовал 21 пользователь, включая вас.", "Проголосовало 100 пользователей, включая вас.",
        f"Проголосовало 1{NB}000{NB}000 пользователей, включая вас.",
    ),
    "pl": (
        "Jedyny głos jest Twój.", "Zagłosowało 2 użytkowników, w tym Ty.", "Zagłosowało 3 użytkowników, w tym Ty.",
        "Zagłosowało 5 użytkowników, w tym Ty.", "Zagłosowało 11 użytkowników, w tym Ty.", "Zagłosowało 21 użytkowników, w tym Ty.",
        "Zagłosowało 100 użytkowników, w tym Ty.", f"Zagłosowało 1{NB}000{NB}000 użytkowników, w tym Ty.",
    ),
    "tr": (
        "Yalnızca siz oy verdiniz.", "Siz dahil 2 kullanıcı oy verdi.", "Siz dahil 3 kullanıcı oy verdi.",
        "Siz dahil 5 kullanıcı oy verdi.", "Siz dahil 11 kullanıcı oy verdi.", "Siz dahil 21 kullanıcı oy verdi.",
        "Siz dahil 100 kullanıcı oy verdi.", "Siz dahil 1.000.000 kullanıcı oy verdi.",
    ),
    "hi": (
        "केवल आपने वोट दिया है।", "आपको मिलाकर 2 उपयोगकर्ताओं ने वोट दिया है।", "आपको मिलाकर 3 उपयोगकर्ताओं ने वोट दिया है।",
        "आपको मिलाकर 5 उपयोगकर्ताओं ने वोट दिया है।", "आपको मिलाकर 11 उपयोगकर्ताओं ने वोट दिया है।",
        "आपको मिलाकर 21 उपयोगकर्ताओं ने वोट दिया है।", "आपको मिलाकर 100 उपयोगकर्ताओं ने वोट दिया है।",
        "आपको मिलाकर 10,00,000 उपयोगकर्ताओं ने वोट दिया है।",
    ),
    "zh": (
        "只有您投了票。", "包括您在内，2 位用户已投票。", "包括您在内，3 位用户已投票。", "包括您在内，5 位用户已投票。",
        "包括您在内，11 位用户已投票。", "包括您在内，21 位用户已投票。", "包括您在内，100 位用户已投票。", "包括您在内，1,000,000 位用户已投票。",
    ),
    "ja": (
        "投票したのはあなただけです。", "あなたを含む 2 人のユーザーが投票しました。", "あなたを含む 3 人のユーザーが投票しました。",
        "あなたを含む 5 人のユーザーが投票しました。", "あなたを含む 11 人のユーザーが投票しました。", "あなたを含む 21 人のユーザーが投票しました。",
        "あなたを含む 100 人のユーザーが投票しました。", "あなたを含む 1,000,000 人のユーザーが投票しました。",
    ),
}  # fmt: skip


def tally(article: str, voters: int, **other: object) -> dict[str, object]:
    return {
        "site": "demo", "article": article, "state": "open", "ballot": {"kind": "updown", "choices": ["up", "down"]},
        "voters": voters, "counts": {"up": voters, "down": 0}, "version": voters, "updated_at": None,
    } | other  # fmt: skip


def lines(
    page: Page, url: str, tallies: list[dict[str, object]], votes: list[str | None], languages: int = 1
) -> list[str]:
    """What elements show for these tallies, in each of so many languages, to a reader with these votes."""
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*, Authorization"}

    def read(route: Route) -> None:
        route.fulfill(status=200, headers=cors, body=json.dumps({"tallies": tallies}))

    def mine(route: Route) -> None:
        bodies = [{"choice": choice, "version": int(choice is not None)} for choice in votes]
        route.fulfill(status=200, headers=cors, body=json.dumps({"votes": bodies}))

    page.route("**/tallies?*", read)
    page.route("**/votes?*", mine)
    page.goto(url)
    expect(page.locator("[part=line]")).to_have_count(len(tallies) * languages)
    if any(votes):
        expect(page.locator("button[aria-pressed=true]")).to_have_count(len(tallies) * languages)
    return page.locator("[part=line]").all_text_contents()


def in_every_language(numbers: tuple[int, ...]) -> str:
    """An element for each number of voters, in each language."""
    tags = "".join(f'<article-vote site="demo" article="a-{number}"></article-vote>' for number in numbers)
    return "".join(f'<section lang="{language}">{tags}</section>' for language in LINES)


def by_language(found: list[str]) -> dict[str, tuple[str, ...]]:
    each = len(found) // len(LINES)
    return {language: tuple(found[at * each : (at + 1) * each]) for at, language in enumerate(LINES)}


def test_the_lines_to_a_reader_who_did_not_vote(page: Page, publisher: Publisher) -> None:
    url = publisher.put(in_every_language(NUMBERS))
    found = lines(page, url, [tally(f"a-{number}", number) for number in NUMBERS], [], len(LINES))
    assert by_language(found) == LINES


def test_the_lines_to_a_reader_who_voted(page: Page, publisher: Publisher, stack: Stack) -> None:
    numbers = NUMBERS[1:]
    url = publisher.put(in_every_language(numbers))
    page.add_init_script(f"localStorage['article-vote {stack.api}/v1/sites/demo'] = '\"head.eyJzdWIiOiJ2In0.end\"'")
    tallies = [tally(f"a-{number}", number) for number in numbers]
    assert by_language(lines(page, url, tallies, ["up"] * len(numbers), len(INCLUDING))) == INCLUDING


def test_closed_votings_nouns_and_numbers_of_a_region(page: Page, publisher: Publisher) -> None:
    closed = tally("b", 123_456, state="closed")
    tags = """
        <article-vote site="demo" article="a"></article-vote>
        <article-vote site="demo" article="b"></article-vote>
        <article-vote site="demo" article="b" noun="readers"></article-vote>
        <article-vote site="demo" article="b" noun="people" lang="en-IN"></article-vote>
        <article-vote site="demo" article="b" noun="constructor" lang="pt-PT"></article-vote>
        <article-vote site="demo" article="b" lang="ZH-hant-tw"></article-vote>
        <article-vote site="demo" article="b" lang="no such language"></article-vote>
        <article-vote site="demo" article="b" lang="sv"></article-vote>
        <article-vote site="demo" article="c"></article-vote>"""
    tallies = [tally("a", 0, state="closed"), closed, tally("c", 1)]
    url = publisher.put(tags)
    page.route("**/tallies?*", lambda route: route.fulfill(
        status=200, headers={"Access-Control-Allow-Origin": "*"}, body=json.dumps({"tallies": tallies})
    ))  # fmt: skip
    page.goto(url)
    expect(page.locator("[part=line]")).to_have_text([
        "Voting is closed. Nobody has voted.",
        "Voting is closed. 123,456 users have voted.",
        "Voting is closed. 123,456 readers have voted.",
        "Voting is closed. 1,23,456 people have voted.",
        "A votação está encerrada. 123 456 usuários votaram.",
        "投票已结束。123,456 位用户已投票。",
        "Voting is closed. 123,456 users have voted.",
        "Voting is closed. 123,456 users have voted.",
        "1 user has voted.",
    ])  # fmt: skip


def test_a_page_brings_words_of_its_own_whole_or_in_part(page: Page, publisher: Publisher) -> None:
    words = {
        "eo": {
            "first": "Voĉdonu la unua.",
            "users": {"others": {"one": "Voĉdonis {n} uzanto.", "other": "Voĉdonis {n} uzantoj."}},
            "choices": {"up": "Ŝatas"},
        },
        "he": {"dir": "rtl", "first": "היו הראשונים להצביע."},
        "en": {"choices": {"up": "Worth reading"}, "first": 7, "users": "no", "icons": None, "space": {"a": 1}},
    }
    scripts = "".join(
        f'<script type="application/json" data-article-vote="{tag}">{json.dumps(more)}</script>'
        for tag, more in words.items()
    )
    tags = "".join(
        f'<article-vote site="demo" article="own-{number}" lang="{tag}"></article-vote>'
        for number, tag in enumerate(("eo", "he", "en", "eo"))
    )
    tallies = [tally("own-0", 0), tally("own-1", 0), tally("own-2", 0), tally("own-3", 2)]
    found = lines(page, publisher.put(scripts + tags), tallies, [])
    assert found[:3] == ["Voĉdonu la unua.", "היו הראשונים להצביע.", "Be the first to vote."]
    assert found[3] == "Voĉdonis 2 uzantoj."
    assert page.locator("[part=name]").all_text_contents() == [
        "Ŝatas", "Dislike", "Like", "Dislike", "Worth reading", "Dislike", "Ŝatas", "Dislike"
    ]  # fmt: skip
    assert page.locator("#box").nth(1).get_attribute("dir") == "rtl"


def test_arabic_stands_from_right_to_left(page: Page, publisher: Publisher) -> None:
    tag = '<article-vote site="demo" article="a"></article-vote><article-vote site="demo" article="b"></article-vote>'
    lines(page, publisher.put(tag, lang="ar"), [tally("a", 3), tally("b", 3)], [])
    first, second = (page.locator("button").nth(number).bounding_box() for number in (0, 1))
    assert first is not None
    assert second is not None
    assert first["x"] > second["x"]
    assert page.locator("#box").first.evaluate("node => getComputedStyle(node).direction") == "rtl"


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        ("ar", "صوّت 4 مستخدمين. المتوسط: 4.3 من 5."),
        ("ar-EG", "صوّت ٤ مستخدمين. المتوسط: ٤٫٣ من ٥."),
        ("ar-MA", "صوّت 4 مستخدمين. المتوسط: 4,3 من 5."),
        ("hi", "4 उपयोगकर्ताओं ने वोट दिया है। औसत: 5 में से 4.3।"),
        ("fa", "۴ users have voted. Average: ۴٫۳ of ۵."),
    ],
)
def test_a_text_has_digits_of_one_kind(page: Page, publisher: Publisher, tag: str, line: str) -> None:
    persian = json.dumps(
        {"first": "اولین رأی را شما بدهید."}
    )  # words of the page's own, in a language that we do not speak
    body = (
        f'<script type="application/json" data-article-vote="fa">{persian}</script>'
        '<article-vote site="stars" article="a"></article-vote><article-vote site="stars" article="b"></article-vote>'
    )
    stars = {"kind": "stars", "choices": ["1", "2", "3", "4", "5"]}
    counts = {"1": 0, "2": 0, "3": 0, "4": 3, "5": 1}
    tallies = [tally(one, 4, ballot=stars, counts=counts) for one in ("a", "b")]
    assert lines(page, publisher.put(body, lang=tag), tallies, [])[0].replace("\u00a0", " ") == line
