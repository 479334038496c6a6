"""What the environment says, read when first asked for. The only reader of environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

# Promise P4, an answer within 3 s. An attempt usually takes at most CONNECT + READ seconds, and none starts later than
# START_WITHIN after the request came in. Where those hold no longer (a name with many addresses, an answer that comes
# in drops), ANSWER_WITHIN ends the request all the same (`web.time_limits`).
CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0
START_WITHIN_SECONDS = 1.3
ANSWER_WITHIN_SECONDS = 2.8

# Nobody waits for a batch of stream records; it ends before Lambda ends it (.chalice/config.json).
PROJECT_SECONDS, BATCH_SECONDS = 35.0, 45.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of the resources that the template made. Endpoints and regions are botocore's own variables."""

    table: str
    token_key_secret: str
    pepper_secret: str
    public_url: str = ""
    """Where readers reach the API, if that is not the address that requests come in at (a CDN's, say)."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings; `KeyError` names the variable that is missing."""
        source = os.environ if environment is None else environment
        return cls(
            table=source["TABLE_NAME"],
            token_key_secret=source["TOKEN_KEY_SECRET"],
            pepper_secret=source["PEPPER_SECRET"],
            public_url=source.get("PUBLIC_URL", "").rstrip("/"),
        )
