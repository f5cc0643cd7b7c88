"""Who has an issue open right now, and who is writing in it."""

from dataclasses import dataclass
from datetime import timedelta

from pymongo import DESCENDING

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.staff.audit import Actor
from devora_admin.support.documents import presence

PRESENT_FOR = timedelta(seconds=15)
MOST_TABS = 50


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    is_writing: bool


def be_present(issue_id: str, *, actor: Actor, tab: str, is_writing: bool) -> None:
    """Says that this tab is open; said again every few seconds, forgotten when not."""
    row = {
        "issue_id": issue_id,
        "actor": {"id": actor.id, "name": actor.label},
        "is_writing": is_writing,
        "at": clock.now(),
    }
    presence().update_one({"_id": _key(issue_id, actor, tab)}, {"$set": row}, upsert=True)


def leave(issue_id: str, *, actor: Actor, tab: str) -> None:
    presence().delete_one({"_id": _key(issue_id, actor, tab)})


def others(issue_id: str, *, actor: Actor) -> list[Person]:
    """Each once, whatever tabs they have; without the actor."""
    recent = {"issue_id": issue_id, "at": {"$gt": clock.now() - PRESENT_FOR}}
    rows = presence().find(recent).sort("at", DESCENDING).limit(MOST_TABS)
    found: dict[str, Person] = {}
    for row in rows:
        key, name = row["actor"]["id"], row["actor"]["name"]
        if key != actor.id:
            was = found.get(key)
            found[key] = Person(name, row["is_writing"] or (was is not None and was.is_writing))
    return sorted(found.values(), key=lambda person: person.name)


def _key(issue_id: str, actor: Actor, tab: str) -> str:
    if not (8 <= len(tab) <= 64) or not tab.replace("-", "").isalnum() or not tab.isascii():
        raise InvalidInput("The request names no tab.", field="tab")
    return f"{issue_id}:{actor.id}:{tab}"
