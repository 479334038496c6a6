"""The policies of the Lambda functions, and what they allow: evaluated as IAM does for the conditions that we use."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from local.paths import ROOT

POLICIES = sorted((ROOT / ".chalice").glob("policy-*.json"))

# The methods of the stores that each function calls.
METHODS = {
    "api": {
        "commit", "vote", "votes", "tally", "projected_tallies", "site", "days", "registered", "activities",
        "ranked_list", "totals", "totals_since", "listed_sites", "agreed_pepper",
        "articles", "put_articles", "spread_terms", "terms", "votes_in_partition",
        "feed", "put_site", "key", "keys", "put_key", "record_use", "revoke_key", "settled", "put_settled",
        "salt", "new_voters", "admit",
        "exclusion", "exclusions", "put_exclusion", "move_votes", "excluded_votes", "forget_votes", "cast",
    },
    "projection": {
        "site", "put_projected_tally", "article_state", "put_day", "put_activity", "activities", "ranked_list",
        "put_ranked_list", "settled", "put_settled", "totals", "put_total",
    },
    "recount": {"partitions_in_segment", "shards", "votes_in_partition", "forget_salts"},
    "merges": {
        "unfinished_merges", "articles", "put_articles", "spread_terms", "terms", "votes", "votes_in_partition",
        "commit", "agreed_pepper",
        "unfinished_exclusions", "exclusion", "put_exclusion", "move_votes", "excluded_votes", "forget_votes",
    },
    "feeds": {"feeds", "put_feed", "site", "articles", "put_articles", "spread_terms"},
}  # fmt: skip


def statements(policy: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(policy.read_text())["Statement"]
    return found


def policy_of(function: str) -> list[dict[str, Any]]:
    return statements(ROOT / ".chalice" / f"policy-{function}.json")


def actions(function: str) -> set[str]:
    return {action for one in policy_of(function) for action in one["Action"]}


def allows(function: str, action: str, leading_key: str) -> bool:
    """Whether a function may do this with an item whose partition key is this one."""
    return any(
        f"dynamodb:{action}" in one["Action"]
        and (
            action == "Scan"  # it has no partition key, so there is nothing to compare
            or any(fnmatchcase(leading_key, pattern) for pattern in _leading_keys(one["Condition"]))
        )
        for one in policy_of(function)
    )


def _leading_keys(condition: dict[str, Any]) -> list[str]:
    ((operator, rule),) = condition.items()
    assert operator == "ForAllValues:StringLike", operator
    ((name, patterns),) = rule.items()
    assert name == "dynamodb:LeadingKeys", name
    assert isinstance(patterns, list)
    return patterns
