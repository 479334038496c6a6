"""What the environment says, read when first asked for. The only reader of environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

# An attempt takes at most CONNECT + READ seconds, and none starts later than START_WITHIN after the request came
# in. Together 2.8 s: the caller has its answer within the 3 s of promise P4, and API Gateway never gives up first.
CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0
START_WITHIN_SECONDS = 1.3


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of the resources that the template made. Endpoints and regions are botocore's own variables."""

    table: str
    token_key_secret: str
    pepper_secret: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings; `KeyError` names the variable that is missing."""
        source = os.environ if environment is None else environment
        return cls(
            table=source["TABLE_NAME"],
            token_key_secret=source["TOKEN_KEY_SECRET"],
            pepper_secret=source["PEPPER_SECRET"],
        )
