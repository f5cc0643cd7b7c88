"""Macros: what is changed in an issue in one step, and what is written with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.support.documents import macros
from devora_admin.support.states import PRIORITIES, STATUSES

MOST = 200
ME, NOBODY = "me", "nobody"
SNOOZES = {0: "", 4: "4 hours", 24: "1 day", 48: "2 days", 72: "3 days", 168: "1 week"}
"""By their hours."""


@dataclass(frozen=True, slots=True)
class Macro:
    id: str
    name: str
    status: str
    """"" for what stays as it is; so are the others."""
    priority: str
    assignee: str
    """Also ME, NOBODY, or an id."""
    add_tags: tuple[str, ...]
    remove_tags: tuple[str, ...]
    snooze_h: int
    """0 for none."""
    text: str
    """With variables; "" when nothing is written."""
    is_note: bool
    revision: int


def every_macro(words: str = "") -> list[Macro]:
    """By name; those with all the words in it."""
    wanted = words.casefold().split()
    found = map(_macro, macros().find().sort("name", 1).limit(MOST))
    return [each for each in found if all(word in each.name.casefold() for word in wanted)]


def one(key: str) -> Macro:
    """Raises NotFound."""
    row = macros().find_one({"_id": {"$eq": key}})
    if row is None:
        raise NotFound("macro", key)
    return _macro(row)


def steps_of(macro: Macro, people: Mapping[str, str]) -> list[str]:
    """What it does, in words. people: what staff are called, by id."""
    assignees = {ME: "you", NOBODY: "nobody", **people}
    whose = assignees.get(macro.assignee, "somebody who left") if macro.assignee else ""
    named = {
        "Status": STATUSES.get(macro.status, ""),
        "Priority": PRIORITIES.get(macro.priority, ""),
        "Assignee": whose,
        "Add": ", ".join(macro.add_tags),
        "Remove": ", ".join(macro.remove_tags),
        "Snooze": SNOOZES.get(macro.snooze_h, f"{macro.snooze_h} hours"),
        "Write": ("a note" if macro.is_note else "a reply") if macro.text else "",
    }
    return [f"{name}: {value}" for name, value in named.items() if value]


def _macro(row: dict[str, Any]) -> Macro:
    return Macro(
        id=row["_id"],
        name=row["name"],
        status=row["status"],
        priority=row["priority"],
        assignee=row["assignee"],
        add_tags=tuple(row["add_tags"]),
        remove_tags=tuple(row["remove_tags"]),
        snooze_h=row["snooze_h"],
        text=row["text"],
        is_note=row["is_note"],
        revision=row["revision"],
    )
