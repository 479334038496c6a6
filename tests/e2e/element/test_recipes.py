"""docs/recipes.md is true: each snippet, with values as its CMS puts them in, shows a vote in every engine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from chalicelib.publishing.site_feeds import make_feed
from local.paths import ROOT
from tests.support.expecting import expect
from tests.support.publisher import Publisher
from tests.support.stack import Stack
from tests.support.tags import vote

PATH = "/2026/11/the-ferry/"
SLUG = "the-ferry"


@dataclass(frozen=True)
class Recipe:
    """What a CMS puts in the place of each expression, and what its feed says of the same article."""

    puts: dict[str, str]
    guid: str
    article: str = SLUG


RECIPES = {
    "WordPress": Recipe({"<?php the_ID(); ?>": "123"}, "https://news.example/?p=123", "123"),
    "Ghost": Recipe({"{{slug}}": SLUG}, "65f0c0ffee"),
    "Drupal": Recipe({"{{ node.id }}": "17"}, "17 at https://news.example", "17"),
    "Hugo": Recipe({"{{ path.Base .RelPermalink }}": SLUG}, f"https://news.example{PATH}"),
    "Astro": Recipe(
        {"is:inline ": "", '{Astro.url.pathname.split("/").filter(Boolean).at(-1)}': f'"{SLUG}"'},
        f"https://news.example{PATH}",
    ),
    "Eleventy": Recipe({"{{ page.fileSlug }}": SLUG}, f"https://news.example{PATH}"),
    "Google Tag Manager": Recipe({}, "x"),
}


def blocks(name: str, language: str) -> list[str]:
    """The code of a recipe in a language."""
    section = (ROOT / "docs" / "recipes.md").read_text().partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def test_every_recipe_is_tried() -> None:
    assert re.findall(r"^## (.*)$", (ROOT / "docs" / "recipes.md").read_text(), re.MULTILINE) == list(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_the_rule_for_the_feed_makes_the_id_that_is_on_the_page(name: str) -> None:
    (setting,) = blocks(name, "json")
    rule = json.loads(setting)
    feed = make_feed(rule["url"], rule["ids"], rule.get("pattern"))
    assert feed.article_id(RECIPES[name].guid, f"https://news.example{PATH}") == RECIPES[name].article


@pytest.mark.parametrize("name", RECIPES)
def test_the_snippet_shows_the_vote(name: str, page: Page, publisher: Publisher, stack: Stack) -> None:
    (snippet,) = blocks(name, "html")
    recipe = RECIPES[name]
    for expression, value in recipe.puts.items():
        assert snippet.count(expression) == 1, expression
        snippet = snippet.replace(expression, value)
    assert "https://votes.example/embed" in snippet
    snippet = snippet.replace("https://votes.example", stack.api)
    snippet = snippet.replace('"news"', '"demo"')
    assert not re.search(r"\{\{|<\?|\{[A-Z]|votes\.example", snippet), "an expression was left"
    vote(stack, "demo", recipe.article, "up")
    # Google's tag is an inline script that adds another one.
    csp = (
        publisher.policy()
        .partition("; require-trusted-types-for")[0]
        .replace("script-src", "script-src 'unsafe-inline'")
    )
    page.goto(publisher.put(f"<article><p>Text.</p>{snippet}</article>", path=PATH, head="", csp=csp))
    expect(page.locator("article article-vote [part=line]")).to_contain_text("voted.")
