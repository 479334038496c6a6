"""`ops restore-check`: what a table that was restored from a backup still lacks before the service can adopt it.

A restored table has its items and nothing else: no stream, no TTL, no protection. And its votes are only good with the
pepper that they were made with.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

from chalicelib.voting.keyring import fingerprint_of
from chalicelib.voting.token_keys import parse_ring
from ops import recounting
from ops.target import new_deadline, open_client, open_store, pepper_secret, token_key_secret


def run(arguments: argparse.Namespace) -> int:
    """Print what is missing, each with the command that mends it, and recount all votes. Returns 1 if anything is."""
    client, name = open_client(local=arguments.local)
    missing = [*_missing_of_table(client, name), *_missing_of_secrets(local=arguments.local)]
    for what in missing:
        print(f"missing: {what}")
    print(f"Recounting every article of {name}")
    drifted = recounting.run(argparse.Namespace(local=arguments.local, site=None, article=None, repair=False))
    if drifted:
        print("missing: counts that equal the votes. `python -m ops recount --repair`")
    if missing or drifted:
        return 1
    table = client.describe_table(TableName=name)["Table"]
    print("The table is complete. Deploy the service stack with these parameters:")
    print(f"  TableName={name} TableStreamArn={table['LatestStreamArn']}")
    print("Then run `python -m ops project`: the read models are as old as the backup.")
    return 0


def _missing_of_table(client: Any, name: str) -> Iterator[str]:
    table = client.describe_table(TableName=name)["Table"]
    update = f"`aws dynamodb update-table --table-name {name}"
    if table.get("StreamSpecification", {}).get("StreamViewType") != "NEW_AND_OLD_IMAGES":
        yield (
            "the stream, which the projection reads. "
            f"{update} --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES`"
        )
    if not table.get("DeletionProtectionEnabled"):
        yield f"deletion protection. {update} --deletion-protection-enabled`"
    living = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if living.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING") or living.get("AttributeName") != "expires_at":
        yield (
            f"the time to live. `aws dynamodb update-time-to-live --table-name {name} "
            "--time-to-live-specification Enabled=true,AttributeName=expires_at`"
        )
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
        yield (
            f"point-in-time recovery. `aws dynamodb update-continuous-backups --table-name {name} "
            "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`"
        )


def _missing_of_secrets(*, local: bool) -> Iterator[str]:
    stored = open_store(local=local).stored_pepper(new_deadline())
    pepper = pepper_secret(local=local).read()
    if stored is None:
        yield "a fingerprint of the pepper. Nobody has voted in this table, or it is not a table of votes"
    elif pepper is None or fingerprint_of(pepper.encode()) != stored:
        found = "none" if pepper is None else fingerprint_of(pepper.encode())
        yield f"the pepper with the fingerprint {stored} (the secret's: {found}). See docs/secrets.md"
    ring = token_key_secret(local=local).read()
    if ring is None or parse_ring(ring).signing_key(int(time.time())) is None:
        yield "a key that signs. `python -m ops token-key rotate`. Readers with tokens of lost keys become new voters"
