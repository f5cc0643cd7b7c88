"""Who has a project open in the editor right now."""

from dataclasses import dataclass
from datetime import timedelta

from pymongo import DESCENDING

from devora_admin.core import clock, mongo
from devora_admin.projects.documents import EDITOR_PRESENCE
from devora_admin.staff.audit import Actor

PRESENT_FOR = timedelta(seconds=25)
MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    path: str
    """The file in front of them, or ""."""
    tab: str


def be_present(project_id: str, *, actor: Actor, tab: str, path: str) -> None:
    """Says that this tab is open; said again every few seconds, forgotten when not."""
    mongo.database()[EDITOR_PRESENCE].update_one(
        {"_id": _key(project_id, actor, tab)},
        {
            "$set": {
                "project_id": project_id,
                "actor": {"id": actor.id, "name": actor.label},
                "tab": tab,
                "path": path,
                "at": clock.now(),
            }
        },
        upsert=True,
    )


def leave(project_id: str, *, actor: Actor, tab: str) -> None:
    mongo.database()[EDITOR_PRESENCE].delete_one({"_id": _key(project_id, actor, tab)})


def others(project_id: str, *, actor: Actor, tab: str) -> list[Person]:
    """The other open tabs, the most recently seen first; some may be the actor's own."""
    rows = (
        mongo.database()[EDITOR_PRESENCE]
        .find(
            {
                "project_id": project_id,
                "at": {"$gt": clock.now() - PRESENT_FOR},
                "_id": {"$ne": _key(project_id, actor, tab)},
            }
        )
        .sort("at", DESCENDING)
        .limit(MOST_PEOPLE)
    )
    return [
        Person(row["actor"]["id"], row["actor"]["name"], row["path"], row["tab"]) for row in rows
    ]


def _key(project_id: str, actor: Actor, tab: str) -> str:
    return f"{project_id}:{actor.id}:{tab}"
