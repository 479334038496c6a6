"""`ops pepper`: make the pepper once, compare it, and keep a copy of it offline."""

from __future__ import annotations

import argparse
import secrets
import sys

from chalicelib.voting.keyring import fingerprint_of
from ops.target import fail, new_deadline, open_store, pepper_secret

PEPPER_BYTES = 48


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `pepper create`, `fingerprint` and `export`."""
    pepper = commands.add_parser("pepper", help="the secret that makes voter keys; it never changes")
    actions = pepper.add_subparsers(required=True, metavar="action")
    creating = actions.add_parser("create", help="make the pepper; if there is one already, nothing is done")
    creating.add_argument("--from-stdin", action="store_true", help="use a pepper that you kept, for a restored table")
    creating.set_defaults(run=create)
    actions.add_parser("fingerprint", help="of the secret and of the table; exit status 1 if they differ").set_defaults(
        run=fingerprint
    )
    actions.add_parser("export", help="print the pepper, for a copy that you keep offline").set_defaults(run=export)


def create(arguments: argparse.Namespace) -> int:
    """Store a pepper, unless one is stored. A pepper is never replaced."""
    secret = pepper_secret(local=arguments.local)
    found = secret.read()
    if found is not None:
        print(f"There is a pepper already, with the fingerprint {fingerprint_of(found.encode())}.")
        return 0
    pepper = sys.stdin.read().strip() if arguments.from_stdin else secrets.token_urlsafe(PEPPER_BYTES)
    if len(pepper) < PEPPER_BYTES:
        return fail(f"a pepper has at least {PEPPER_BYTES} characters.")
    store = open_store(local=arguments.local)
    stored = store.stored_pepper(new_deadline())
    if stored is None and not arguments.from_stdin and any(store.articles_with_votes(None, new_deadline)):
        return fail("this table has articles, so it may have votes. Use --from-stdin, with the pepper that made them.")
    if stored not in (None, fingerprint_of(pepper.encode())):
        return fail(
            f"this table's votes were made with another pepper, whose fingerprint is {stored}. See docs/secrets.md"
        )
    secret.write(pepper)
    store.agreed_pepper(fingerprint_of(pepper.encode()), new_deadline())
    print(f"The pepper has the fingerprint {fingerprint_of(pepper.encode())}. Keep a copy: `pepper export`.")
    return 0


def fingerprint(arguments: argparse.Namespace) -> int:
    """Print both fingerprints. Returns 1 if they differ."""
    found = pepper_secret(local=arguments.local).read()
    secret = None if found is None else fingerprint_of(found.encode())
    table = open_store(local=arguments.local).stored_pepper(new_deadline())
    print(f"secret: {secret or 'there is no pepper'}")
    print(f"table:  {table or 'no pepper was used yet'}")
    return 0 if table in (None, secret) else 1


def export(arguments: argparse.Namespace) -> int:
    """Print the pepper itself."""
    found = pepper_secret(local=arguments.local).read()
    if found is None:
        return fail("there is no pepper yet. See `pepper create`.")
    print(found)
    return 0
