"""`ops token-key`: the ring of keys that sign voter tokens. The rules are in `voting.token_keys`."""

from __future__ import annotations

import argparse
import secrets
import time
from datetime import UTC, datetime

from chalicelib.voting.token_keys import Ring, parse_ring, retirable_at, retire, revoke, ring_text, rotate
from ops.target import Secret, token_key_secret

KEY_BYTES = 48


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `token-key list`, `rotate`, `retire` and `revoke`."""
    key = commands.add_parser("token-key", help="the keys that sign voter tokens")
    actions = key.add_subparsers(required=True, metavar="action")
    actions.add_parser("list", help="the keys, oldest first").set_defaults(run=list_keys)
    rotating = actions.add_parser("rotate", help="add a key, which signs new tokens in half an hour")
    rotating.add_argument("--now", action="store_true", help="it signs from now on, before every function knows it")
    rotating.set_defaults(run=rotate_key)
    retiring = actions.add_parser("retire", help="drop a key whose tokens have all expired")
    retiring.add_argument("kid", help="as `token-key list` shows it")
    retiring.add_argument(
        "--force", action="store_true", help="even if readers have tokens of it: they become new voters"
    )
    retiring.set_defaults(run=retire_key)
    revoking = actions.add_parser("revoke", help="for a key that leaked: refuse its tokens from now on")
    revoking.add_argument("kid")
    revoking.set_defaults(run=revoke_key)


def list_keys(arguments: argparse.Namespace) -> int:
    """Print the keys, without their secrets."""
    ring, now = _read(token_key_secret(local=arguments.local)), int(time.time())
    signing = ring.signing_key(now)
    for key in ring.keys:
        state = "accepted"
        if key.revoked_at is not None:
            state = f"revoked at {_text(key.revoked_at)}"
        elif key == signing:
            state = "signs"
        elif key.signs_from > now:
            state = f"signs from {_text(key.signs_from)} on"
        until = retirable_at(ring, key.kid, now)
        print(f"{key.kid}  {state}{'' if until is None else f', may be retired from {_text(until)} on'}")
    if not ring.keys:
        print("There are no keys. `token-key rotate` makes the first one.")
    return 0


def rotate_key(arguments: argparse.Namespace) -> int:
    """Add a new key."""
    secret, now = token_key_secret(local=arguments.local), int(time.time())
    ring = rotate(_read(secret), secrets.token_urlsafe(KEY_BYTES), now, at_once=arguments.now)
    secret.write(ring_text(ring))
    key = ring.keys[-1]
    when = "now" if key.signs_from <= now else f"{_text(key.signs_from)}, when every function has read it"
    print(f"key {key.kid} signs new tokens from {when}")
    return 0


def retire_key(arguments: argparse.Namespace) -> int:
    """Drop a key."""
    secret = token_key_secret(local=arguments.local)
    secret.write(ring_text(retire(_read(secret), arguments.kid, int(time.time()), forced=arguments.force)))
    print(f"key {arguments.kid} is retired; functions that remember it forget it within a quarter of an hour")
    return 0


def revoke_key(arguments: argparse.Namespace) -> int:
    """Refuse a key's tokens, except for renewals by readers who voted before."""
    secret, now = token_key_secret(local=arguments.local), int(time.time())
    ring = revoke(_read(secret), arguments.kid, secrets.token_urlsafe(KEY_BYTES), now)
    secret.write(ring_text(ring))
    signing = ring.signing_key(now)
    print(f"key {arguments.kid} is revoked; new tokens are signed with {signing.kid if signing else 'no key'}")
    print("Functions that remember it accept it for up to a quarter of an hour. To end that now, see docs/secrets.md.")
    return 0


def _read(secret: Secret) -> Ring:
    text = secret.read()
    return Ring() if text is None else parse_ring(text)


def _text(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
