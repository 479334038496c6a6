"""AWS clients, as every store and tool of this project gets them. No other module makes one."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from chalicelib import settings as limits

USER_AGENT = "article-votes/1"


@cache
def _session() -> Session:
    return get_session()


def client(service: str, **options: Any) -> Any:
    """An AWS client that makes one attempt, which ends in time. `dynamodb.attempts` repeats attempts.

    It is the client that `boto3.client` makes, without boto3's import, which a cold start would pay for (ADR 20).
    The user agent is fixed, because botocore would assemble it again for each request. Parameters are not checked,
    because only our own stores make them. Both save CPU time in each call (`make bench`).
    """
    return _client(service, limits.CONNECT_TIMEOUT_SECONDS, limits.READ_TIMEOUT_SECONDS, options)


def impatient_client(service: str, **options: Any) -> Any:
    """A client whose attempts end sooner: for what a vote can do without."""
    return _client(service, limits.IMPATIENT_SECONDS, limits.IMPATIENT_SECONDS, options)


def _client(service: str, connect_seconds: float, read_seconds: float, options: dict[str, Any]) -> Any:
    config = Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"total_max_attempts": 1, "mode": "standard"},
        user_agent=USER_AGENT,
        parameter_validation=False,
    )
    return _session().create_client(service, config=config, **options)
