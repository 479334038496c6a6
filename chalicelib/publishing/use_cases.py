"""What publishers do: change their site, issue and revoke its keys, and register its articles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.deadlines import Deadline
from chalicelib.errors import LastAdminKey, PreconditionFailed, UnknownArticle, UnknownSite
from chalicelib.preconditions import Precondition
from chalicelib.publishing.article_changes import StoredArticle
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.keys import Key, Scope, hash_key, make_key
from chalicelib.publishing.ports import ArticleStore, SiteStore
from chalicelib.publishing.registering import Registered, current_lives, register, register_all, reset, unregister
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site, succeed_site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Publishing:
    """The publishing feature.

    `new_key_text` returns 43 random characters of base64url. `site_changed(before, after, at, deadline)` is told of
    each change before it is in force.
    """

    sites: SiteDirectory
    keys: KeyDirectory
    store: SiteStore
    articles: ArticleStore
    new_key_text: Callable[[], str]
    site_changed: Callable[[Site, Site, int, Deadline], None]

    def settings(self, site_id: str, deadline: Deadline) -> Site:
        """The site as it is stored now. Raises `UnknownSite`."""
        site = self.store.site(site_id, deadline, consistent=True)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.", field="site")
        return site

    def put_site(self, wanted: Site, precondition: Precondition, at: int, deadline: Deadline) -> Site:
        """Make the site what is wanted. Returns it as it is stored: choices that were taken off are retired.

        A request that is sent again finds the wanted state and changes nothing, whatever it demanded. Raises
        `PreconditionFailed`, `UnknownSite`, and `InvalidValue` if too many choices would be retired.
        """
        while True:
            before = self.settings(wanted.id, deadline)
            after = succeed_site(before, wanted)
            if after == before:
                return before
            failing = precondition.failing_field(before.version)
            if failing is not None:
                raise PreconditionFailed(
                    f"The site is at version {before.version} now.", field=failing, version=before.version
                )
            self.site_changed(before, after, at, deadline)
            if self.store.put_site(after, deadline, read_version=before.version):
                self.sites.forget(after.id)
                return after

    def issue_key(self, site_id: str, label: str, scope: Scope, at: int, deadline: Deadline) -> tuple[str, Key]:
        """A new key, and what is stored of it. The key itself is not stored, so nobody can see it again."""
        raw = make_key(self.new_key_text())
        key = Key(site_id, hash_key(raw), label, scope, at)
        self.store.put_key(key, deadline)
        return raw, key

    def issued_keys(self, site_id: str, deadline: Deadline) -> list[Key]:
        """What is stored of the site's keys."""
        return self.store.keys(site_id, deadline)

    def revoke_key(self, site_id: str, key_id: str, deadline: Deadline) -> list[Key]:
        """Revoke the key with this id, if there is one. Returns the keys that are left. Raises `LastAdminKey`."""
        while True:
            keys = self.store.keys(site_id, deadline)
            revoked = next((key for key in keys if key.id == key_id), None)
            if revoked is None:
                return keys
            other_admin = next((key for key in keys if key.scope == "admin" and key != revoked), None)
            if revoked.scope == "admin" and other_admin is None:
                raise LastAdminKey("Issue another admin key first. An operator can revoke the last one.", field="key")
            if self.store.revoke_key(revoked, deadline, while_there_is=other_admin):
                return [key for key in keys if key != revoked]

    def article(self, ref: ArticleRef, deadline: Deadline) -> Article:
        """The article as it is stored now. Raises `UnknownArticle`."""
        ((_, stored),) = current_lives(self.articles, [ref], deadline)
        if stored.article is None:
            raise UnknownArticle(f"The article {ref.public_id} is not registered.", field="article")
        return stored.article

    def register(self, wanted: Article, precondition: Precondition, at: int, deadline: Deadline) -> Article:
        """Make an article what is wanted. Raises `PreconditionFailed`."""
        return register(self.articles, wanted, at, deadline, precondition)

    def unregister(self, ref: ArticleRef, precondition: Precondition, at: int, deadline: Deadline) -> None:
        """Remove an article. Raises `PreconditionFailed`."""
        unregister(self.articles, ref, at, deadline, precondition)

    def register_all(self, wanted: Sequence[Article], at: int, deadline: Deadline) -> list[Registered]:
        """Make different articles what is wanted (`registering.register_all`)."""
        return register_all(self.articles, wanted, at, deadline)

    def reset(self, ref: ArticleRef, idempotency_key: str | None, at: int, deadline: Deadline) -> StoredArticle:
        """Begin a new epoch of an article's votes. With the key of one of the last resets, nothing changes."""
        return reset(self.articles, ref, idempotency_key or self.new_key_text(), at, deadline)
