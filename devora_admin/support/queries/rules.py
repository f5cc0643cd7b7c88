"""Rules: which new issues go to whom, and what they are given besides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.support.documents import rules
from devora_admin.support.states import PRIORITIES

MOST = 100
ACTIVE = {"is_active": True}
SOURCES = {
    "staff": "Opened by staff", "api": "From the platform",
    "scan": "Found in a scan", "spike": "A spike of errors", "chart": "A chart",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class When:
    """What an issue has to be, all of it; "" and () for anything."""

    source: str = ""
    priority: str = ""
    tag: str = ""
    plan: str = ""
    """Of the customer, in any case; so is the type."""
    project_type: str = ""
    words: tuple[str, ...] = ()
    """One of them has to be in the subject."""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    name: str
    position: int
    is_active: bool
    when: When
    people: tuple[str, ...]
    """Who get the issues, in turn."""
    tags: tuple[str, ...]
    priority: str
    """"" for what it is."""
    revision: int


def every_rule(*, active_only: bool = False) -> list[Rule]:
    """In the order in which they are asked."""
    wanted: Mapping[str, Any] = ACTIVE if active_only else {}
    return [rule_of(row) for row in rules().find(wanted).sort("position", 1).limit(MOST)]


def one(key: str) -> Rule:
    """Raises NotFound."""
    row = rules().find_one({"_id": {"$eq": key}})
    if row is None:
        raise NotFound("rule", key)
    return rule_of(row)


def conditions_of(rule: Rule) -> list[str]:
    """In words."""
    when = rule.when
    named = {
        "Source": SOURCES.get(when.source, ""),
        "Priority": PRIORITIES.get(when.priority, ""),
        "Tag": when.tag,
        "Plan": when.plan,
        "Project": when.project_type,
        "Subject": " or ".join(when.words),
    }
    return [f"{name}: {value}" for name, value in named.items() if value]


def actions_of(rule: Rule, people: Mapping[str, str]) -> list[str]:
    """In words. people: what staff are called, by id."""
    whose = [people.get(each, "somebody who left") for each in rule.people]
    named = {
        "Assign" if len(whose) < 2 else "Assign in turn": ", ".join(whose),
        "Priority": PRIORITIES.get(rule.priority, ""),
        "Tags": ", ".join(rule.tags),
    }
    return [f"{name}: {value}" for name, value in named.items() if value]


def rule_of(row: Mapping[str, Any]) -> Rule:
    when = row["when"]
    return Rule(
        id=row["_id"],
        name=row["name"],
        position=row["position"],
        is_active=row["is_active"],
        when=When(**{**when, "words": tuple(when["words"])}),
        people=tuple(row["people"]),
        tags=tuple(row["tags"]),
        priority=row["priority"],
        revision=row["revision"],
    )
