"""What is stored of an article, and a change of it."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.publishing.articles import NO_TERMS, Article, ArticleRef


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """What is stored of an article, or that it is not registered (None).

    `version`: it grows with each change, also when the article is removed. `spread`: whether all shards that need the
    terms have them.
    """

    article: Article | None
    version: int
    spread: bool


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """The change of an article. `after` None: it is not registered any more."""

    ref: ArticleRef
    before: StoredArticle
    after: Article | None

    @property
    def version(self) -> int:
        """The version that the change gives the article."""
        return self.before.version + 1

    @property
    def must_spread(self) -> bool:
        """True if shards must get the new terms: those that have others, or those that must refuse votes.

        Terms that refuse no vote need not be in a shard that has none.
        """
        old = NO_TERMS if self.before.article is None else self.before.article.terms
        new = NO_TERMS if self.after is None else self.after.terms
        return not self.before.spread or (old != new and (old.registered or new.restrict))
