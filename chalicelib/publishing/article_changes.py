"""What is stored of an article, and a change of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.publishing.articles import NO_TERMS, Article, ArticleRef, Terms
from chalicelib.publishing.exclusions import NO_EXCLUSIONS, Exclusions
from chalicelib.publishing.merges import NO_MERGES, Merges

RESETS_KNOWN = 16


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """What is stored of an article, or that it is not registered (None).

    `version`: it grows with each change, also when the article is removed. `spread`: whether all shards that need the
    terms have them. `epoch`: how often its votes were reset. `resets`: the keys of the requests that did so last,
    newest first. `merges`: how it is merged with others. `exclusions`: whose votes do not count.
    """

    article: Article | None
    version: int
    spread: bool
    epoch: int = 0
    resets: tuple[str, ...] = ()
    merges: Merges = NO_MERGES
    exclusions: Exclusions = NO_EXCLUSIONS

    @property
    def terms(self) -> Terms:
        """The terms that are in force."""
        return _terms(self.article, self.epoch, self.merges, self.exclusions)

    @property
    def removed(self) -> bool:
        """True if it was registered once, and its publisher removed it. Other changes do not say so."""
        return self.article is None and self.version > self.epoch + self.merges.changes + self.exclusions.changes

    def lives_on(self, ref: ArticleRef) -> ArticleRef | None:
        """The next life of this id, if it has one. None if this is the last one, or an alias of another article."""
        later = self.merges.moved_to and ArticleRef(ref.site, self.merges.moved_to)
        return later if later and later.public_id == ref.public_id else None

    def holds(self, wanted: Article | None) -> bool:
        """True if this is stored, whatever its version."""
        if self.article is None or wanted is None:
            return self.article is wanted
        return replace(self.article, version=0) == replace(wanted, version=0)

    def change_to(
        self,
        ref: ArticleRef,
        wanted: Article | None,
        reset_by: str | None = None,
        merges: Merges | None = None,
        exclusions: Exclusions | None = None,
    ) -> ArticleChange:
        """The change that stores this in its place, as the next version.

        `merges`, `exclusions`: None leaves them as they are.
        """
        merges = self.merges if merges is None else merges
        change = ArticleChange(ref, self, wanted, reset_by, merges, exclusions or self.exclusions)
        return change if wanted is None else replace(change, after=replace(wanted, version=change.version))


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """The change of an article. `after` None: it is not registered any more, or never was.

    `reset_by`: the key of the request, if it is to begin a new epoch. `merges`: how it is merged with others then.
    `exclusions`: whose votes do not count then.
    """

    ref: ArticleRef
    before: StoredArticle
    after: Article | None
    reset_by: str | None = None
    merges: Merges = NO_MERGES
    exclusions: Exclusions = NO_EXCLUSIONS

    @property
    def version(self) -> int:
        """The version that the change gives the article."""
        merged = self.merges.changes - self.before.merges.changes
        excluded = self.exclusions.changes - self.before.exclusions.changes
        return self.before.version + max(1, merged + excluded)

    @property
    def resets(self) -> tuple[str, ...]:
        """The keys of the last requests that began an epoch, this one included."""
        return self.before.resets if self.reset_by is None else (self.reset_by, *self.before.resets[: RESETS_KNOWN - 1])

    @property
    def terms(self) -> Terms:
        """The terms from then on."""
        epoch = self.before.epoch + (self.reset_by is not None)
        return _terms(self.after, epoch, self.merges, self.exclusions)

    @property
    def must_spread(self) -> bool:
        """True if shards must get the new terms: those that have others, or those that must refuse votes.

        Terms that refuse no vote need not be in a shard that has none.
        """
        # Shards have no copy of the exclusions.
        old, new = self.before.terms, replace(self.terms, exclusions=self.before.exclusions)
        return not self.before.spread or (old != new and (old.registered or new.restrict))


def _terms(article: Article | None, epoch: int, merges: Merges, exclusions: Exclusions) -> Terms:
    return replace(NO_TERMS if article is None else article.terms, epoch=epoch, merges=merges, exclusions=exclusions)
