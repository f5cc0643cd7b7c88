"""Giving a version a name, which keeps it for ever and ends it if it is still growing."""

from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.projects.queries.detail import project_header
from devora_admin.staff import audit
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.queries.versions import absent
from devora_admin.versions.recording.track import from_head
from devora_admin.versions.recording.writing import effect_of

MAX_NAME = 120
ACTION = "project.version.name"


def name_version(
    project_id: str, number: int, *, name: str, expected: str | None = None, actor: audit.Actor
) -> None:
    """An empty name takes the name away. expected: the name the person saw.

    Raises NotFound, Conflict, or InvalidInput (field name).
    """
    name = _checked(name)
    header = project_header(project_id)
    owner = header.owner.id if header.owner else ""
    subject = audit.Subject("project", project_id, header.name, owner)
    ends = _end_of(project_id, number)

    def work(session: ClientSession) -> None:
        if ends:
            ends(session)
        found = versions().find_one(
            {"project_id": project_id, "number": number}, {"name": 1}, session=session
        )
        if found is None:
            raise absent(project_id, number)
        before = found.get("name") or ""
        if expected is not None and before != expected:
            raise Conflict(f"Somebody named this version “{before}” meanwhile.")
        if before == name:
            return
        versions().update_one({"_id": found["_id"]}, _change(name, actor), session=session)
        audit.record(
            ACTION, actor=actor, subject=subject,
            before={"version": number, "name": before}, after={"version": number, "name": name},
            session=session,
        )  # fmt: skip

    mongo.run_in_transaction(work)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > MAX_NAME:
        raise InvalidInput(
            f"A name may have {MAX_NAME} characters; this has {len(name)}.", field="name"
        )
    if not name.isprintable():
        raise InvalidInput("The name has a character that cannot be shown.", field="name")
    return name


def _end_of(project_id: str, number: int) -> Any:
    """Seals the version when it is the open one."""
    row = heads().find_one({"project_id": project_id, "open.number": number})
    if row is None:
        return None
    track = from_head(row)
    track.seal()
    return effect_of([track])


def _change(name: str, actor: audit.Actor) -> dict[str, Any]:
    if not name:
        return {"$unset": {"name": "", "named_by": "", "named_at": ""}}
    by = {"id": actor.id, "label": actor.label}
    return {"$set": {"name": name, "named_by": by, "named_at": clock.now()}}
