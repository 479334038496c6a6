"""How exclusions are stored: their keys and codecs. Nothing here talks to DynamoDB."""

from __future__ import annotations

from typing import Any

from chalicelib.dynamodb.attributes import SK, Item, StoredItem, key, number, optional_number, optional_text, text
from chalicelib.trust.exclusions import Exclusion, Rule

LIST_OF_UNFINISHED = "EXCLUSIONS"


def exclusions_partition(site: str) -> str:
    return f"EXCLUSIONS#{site}"


def exclusion_key(site: str, exclusion_id: str) -> Item:
    return key(exclusions_partition(site), exclusion_id)


def listed_exclusion_key(exclusion: Exclusion) -> Item:
    """An exclusion with votes that are to be moved."""
    return key(LIST_OF_UNFINISHED, f"{exclusion.site}#{exclusion.rule.id}")


def read_listed_exclusion(item: StoredItem) -> tuple[str, str]:
    """The site and the id of an exclusion."""
    site, exclusion_id = item[SK]["S"].split("#")
    return site, exclusion_id


def exclusion_item(exclusion: Exclusion) -> Item:
    rule = exclusion.rule
    item: Item = {
        **exclusion_key(exclusion.site, rule.id),
        "article": text(rule.article),
        "first_hour": number(rule.first_hour),
        "last_hour": number(rule.last_hour),
        "made_by": text(exclusion.made_by),
        "made_at": number(exclusion.made_at),
        "state": text(exclusion.state),
        "generation": number(exclusion.generation),
        "progress": text(exclusion.progress),
        "votes": {"M": {choice: number(count) for choice, count in exclusion.votes.items()}},
        "version": number(exclusion.version),
    }
    for name, value in (("token_age", rule.token_age), ("choice", rule.choice), ("ended_by", exclusion.ended_by)):
        if value is not None:
            item[name] = text(value)
    if rule.mark is not None:
        item["mark"] = {"B": rule.mark}
    if exclusion.ended_at is not None:
        item["ended_at"] = number(exclusion.ended_at)
    return item


def read_exclusion(item: StoredItem, site: str) -> Exclusion:
    token_age: Any = optional_text(item, "token_age")
    state: Any = item["state"]["S"]
    rule = Rule(
        article=item["article"]["S"],
        first_hour=int(item["first_hour"]["N"]),
        last_hour=int(item["last_hour"]["N"]),
        mark=bytes(item["mark"]["B"]) if "mark" in item else None,
        token_age=token_age,
        choice=optional_text(item, "choice"),
    )
    return Exclusion(
        site=site,
        rule=rule,
        made_by=item["made_by"]["S"],
        made_at=int(item["made_at"]["N"]),
        state=state,
        generation=int(item["generation"]["N"]),
        progress=item["progress"]["S"],
        votes={choice: int(count["N"]) for choice, count in item["votes"]["M"].items()},
        ended_by=optional_text(item, "ended_by"),
        ended_at=optional_number(item, "ended_at"),
        version=int(item["version"]["N"]),
    )
