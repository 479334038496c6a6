"""`ops key`: issue, list and revoke the keys of a site. With an admin key, its publisher does so over HTTP."""

from __future__ import annotations

import argparse
import secrets
import time
from datetime import UTC, datetime

from chalicelib.errors import UnknownSite
from chalicelib.publishing.keys import SCOPES, Key, Scope, hash_key, make_key, parse_label, parse_scope
from chalicelib.publishing.sites import parse_site_id
from ops.target import fail, new_deadline, open_store

KEY_BYTES = 32


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `key issue`, `key list` and `key revoke`."""
    key = commands.add_parser("key", help="the keys of a site")
    actions = key.add_subparsers(required=True, metavar="action")
    issue = actions.add_parser("issue", help="make a key; it is shown once and stored as a hash")
    issue.add_argument("site")
    issue.add_argument("--label", required=True, help="what it is for: the newsroom's spreadsheet")
    issue.add_argument("--scope", choices=SCOPES, default="read", help="each may do what those before it may")
    issue.set_defaults(run=issue_key)
    listing = actions.add_parser("list", help="the keys of a site")
    listing.add_argument("site")
    listing.set_defaults(run=list_keys)
    revoke = actions.add_parser("revoke", help="make a key worthless, within a minute")
    revoke.add_argument("site")
    revoke.add_argument("id", help="as `key list` shows it")
    revoke.set_defaults(run=revoke_key)


def issue_key(arguments: argparse.Namespace) -> int:
    """Print a new key. Nobody can see it again."""
    new_key(arguments, _site(arguments), parse_label(arguments.label), parse_scope(arguments.scope))
    return 0


def new_key(arguments: argparse.Namespace, site: str, label: str, scope: Scope) -> None:
    """Issue a key for a site that exists, and print it."""
    raw = make_key(secrets.token_urlsafe(KEY_BYTES))
    key = Key(site, hash_key(raw), label, scope, int(time.time()))
    open_store(local=arguments.local).put_key(key, new_deadline())
    print(f"key {key.id} of site {site}, scope {key.scope}: {key.label}")
    print("This is the key. It is not stored and cannot be shown again:")
    print(raw)


def list_keys(arguments: argparse.Namespace) -> int:
    """Print the keys of a site, oldest first."""
    keys = open_store(local=arguments.local).keys(_site(arguments), new_deadline())
    for key in sorted(keys, key=lambda one: one.issued_at):
        used = "never used" if key.used_on is None else f"last used on {_day(key.used_on)}"
        print(f"{key.id}  {key.scope:5}  issued on {_day(key.issued_at)}, {used}  {key.label}")
    if not keys:
        print(f"There are no keys for {arguments.site}.")
    return 0


def revoke_key(arguments: argparse.Namespace) -> int:
    """Delete the one key with this id."""
    store = open_store(local=arguments.local)
    found = [key for key in store.keys(_site(arguments), new_deadline()) if key.id == arguments.id]
    if not found:
        return fail(f"the site {arguments.site} has no key {arguments.id}. See `key list {arguments.site}`.")
    store.revoke_key(found[0], new_deadline())
    print(f"key {found[0].id} is revoked; functions that remember it forget it within a minute")
    return 0


def _site(arguments: argparse.Namespace) -> str:
    site = parse_site_id(arguments.site)
    if open_store(local=arguments.local).site(site, new_deadline()) is None:
        raise UnknownSite(f"There is no site {site}.")
    return site


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
