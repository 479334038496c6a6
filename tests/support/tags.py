"""Elements on publishers' pages: their tags with fresh articles, and votes on them."""

from __future__ import annotations

import itertools

from playwright.sync_api import Page

from tests.support.expecting import expect
from tests.support.http import fetch
from tests.support.stack import Stack

NUMBERS = itertools.count()


def fresh(kind: str) -> str:
    """The id of an article that nobody has voted on."""
    return f"{kind}-{next(NUMBERS)}"


def tag(site: str = "demo", article: str | None = None, more: str = "", fallback: str = "Fallback.") -> str:
    """An element for this article, or for a fresh one."""
    name = fresh("page") if article is None else article
    return f'<article-vote site="{site}" article="{name}" {more}>{fallback}</article-vote>'


def shown(page: Page, number: int = 1) -> None:
    """Wait until so many elements show their line."""
    expect(page.locator("[part=line]")).to_have_count(number)


def vote(stack: Stack, site: str, article: str, choice: str) -> None:
    """A vote of a new voter."""
    url = f"{stack.api}/v1/sites/{site}/articles/{article}/vote"
    assert fetch("PUT", url, {"choice": choice}, token=stack.new_token(site)).status == 201
