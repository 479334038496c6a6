"""The environment variables, and the time limits that must fit together. No other module reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

# The Lambda functions, as the template names them in the variable FUNCTION.
API, PROJECTION, RECOUNT, FEEDS, MERGES = "api", "projection", "recount", "feeds", "merges"

# Promise P4 is an answer within 3 s. An attempt against AWS usually takes at most CONNECT + READ seconds, and none
# starts later than START_WITHIN seconds after the request came in. If an attempt takes longer all the same (a name
# with many addresses, an answer that comes byte by byte), ANSWER_WITHIN ends the request (`http.time_limits`).
CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0
START_WITHIN_SECONDS = 1.3
ANSWER_WITHIN_SECONDS = 2.8

# A vote does without the day's salt, so it waits for it no longer than one such connect and one such read.
IMPATIENT_SECONDS = 0.3

# Nobody waits for a batch of stream records, but it must end before Lambda ends it (.chalice/config.json).
PROJECT_SECONDS, BATCH_SECONDS = 35.0, 45.0

# Nor for a recount. Its calls may be tried for half a minute. No partition begins after twelve minutes of fifteen.
RECOUNT_CALL_SECONDS, INSPECTION_SECONDS = 30.0, 720.0

# Nor for the reading of feeds. No feed begins after three minutes of ten; the others are due at the next run.
FEED_CALL_SECONDS, FEEDS_SECONDS = 30.0, 180.0

# Nor for a merge. One that Lambda ends goes on at the next run, and what it has united stays so.
MERGE_CALL_SECONDS = 30.0


def function_name() -> str | None:
    """The Lambda function that this process runs; None outside Lambda."""
    return os.environ.get("FUNCTION")


@dataclass(frozen=True, slots=True)
class Settings:
    """The names of the resources that the template made. botocore reads endpoints and regions itself.

    `public_url`: where readers reach the API if a CDN is in front of it; otherwise "", and each request says it.
    `stack`: the name of the stack, for its metrics; "" if nothing is to be reported. `loopback_feeds`: feeds may be on
    this machine, as those of `make run` are. No template says so. `edge_secrets`: those of a CDN that says where
    requests came from, if there is one. `edge_address_header`: the header in which it says so.
    """

    table: str
    networks_table: str
    token_key_secret: str
    pepper_secret: str
    public_url: str = ""
    stack: str = ""
    loopback_feeds: bool = False
    edge_secrets: tuple[str, ...] = ()
    edge_address_header: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings. `KeyError` names a missing variable."""
        source = os.environ if environment is None else environment
        return cls(
            table=source["TABLE_NAME"],
            networks_table=source["NETWORKS_TABLE"],
            token_key_secret=source["TOKEN_KEY_SECRET"],
            pepper_secret=source["PEPPER_SECRET"],
            public_url=source.get("PUBLIC_URL", "").rstrip("/"),
            stack=source.get("STACK", ""),
            loopback_feeds=source.get("LOOPBACK_FEEDS") == "true",
            edge_secrets=tuple(source.get("EDGE_SECRETS", "").split()),
            edge_address_header=source.get("EDGE_ADDRESS_HEADER", ""),
        )
