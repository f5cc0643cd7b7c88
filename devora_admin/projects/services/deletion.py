"""Deleting archived projects for good: asked for, approved by a second person, then a job.

What is deleted is what was there when it was asked for: a project restored or written since stays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pymongo
from django.urls import reverse
from pymongo.client_session import ClientSession

from devora_admin.core import clock, jobs, mongo, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.core.listing.conditions import match_condition
from devora_admin.core.listing.indexes import ANY_CASE
from devora_admin.core.listing.spec import Chosen
from devora_admin.projects.documents import (
    DELETIONS,
    EDITOR_PRESENCE,
    EDITOR_UNDO,
    archive,
    conversations,
    import_reports,
    moves,
    projects,
    shown_name,
)
from devora_admin.projects.groups import PROJECTS as GROUPS
from devora_admin.projects.queries.conditions import Filters
from devora_admin.projects.queries.listing import PROJECTS
from devora_admin.staff import approvals, audit
from devora_admin.staff.approval_kinds import Approval

KIND = "projects.delete"
ACTION = "project.delete"
MOST = 5000
NAMED = 10
"""Projects that are named to who approves."""
_KEPT = timedelta(days=30)
_PATIENCE_S = 60.0
_HELD = ("id", "archived_at", "revision", "updated_at")
_ARCHIVED = {"archived_at": {"$exists": True, "$ne": None}}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """number: how many the person saw; another number is a Conflict. typed: `phrase(number)`."""

    chosen: Chosen[Filters]
    number: int
    typed: str
    reason: str


@dataclass(frozen=True, slots=True)
class Belonging:
    """What another app keeps of projects and has to let go with them."""

    condemn: Callable[[str, ClientSession], None]
    """In the transaction that deletes the project: so that it goes, whatever happens then."""
    forget: Callable[[str], object]
    """After it, in as many transactions as it takes."""


_belongings: list[Belonging] = []


def belongs(belonging: Belonging) -> None:
    _belongings.append(belonging)


def register() -> None:
    """Called once, when the app is ready."""
    title = "Delete archived projects for good"
    approvals.handles(KIND, permission=KIND, title=title, describe=consequences)(begin)
    jobs.handles(KIND, permission=KIND)(_run)


def phrase(number: int) -> str:
    """What has to be typed."""
    return f"delete {number}"


def count(chosen: Chosen[Filters]) -> int:
    """How many archived projects are meant. Raises InvalidInput."""
    return len(_held(chosen))


def ask(asked: Asked, *, actor: audit.Actor) -> str:
    """Returns the request's id. Raises InvalidInput (field typed, reason), Conflict."""
    reason = asked.reason.strip()
    if not reason:
        raise InvalidInput("Give a reason; it is kept in the audit log.", field="reason")
    if " ".join(asked.typed.lower().split()) != phrase(asked.number):
        raise InvalidInput(f"Type “{phrase(asked.number)}”.", field="typed")
    items = _held(asked.chosen)
    if len(items) != asked.number:
        raise Conflict(f"It is {len(items):,} by now, not {asked.number:,}. Look at them again.")
    deletion_id, now = new_id(), clock.now()
    label = f"{len(items):,} archived project{'' if len(items) == 1 else 's'}"

    def work(session: ClientSession) -> str:
        mongo.database()[DELETIONS].insert_one(
            {"_id": deletion_id, "items": items, "expires_at": now + _KEPT}, session=session
        )
        return approvals.ask(
            KIND, subject=audit.Subject("projects", deletion_id, label), reason=reason,
            params={"deletion": deletion_id}, actor=actor, session=session,
        )  # fmt: skip

    return mongo.run_in_transaction(work)


def _held(chosen: Chosen[Filters]) -> list[Document]:
    """The projects as they are now: what must be so still when they are deleted."""
    condition: Document = {"id": {"$in": list(dict.fromkeys(chosen.ids))}}
    if chosen.filters is not None:
        if chosen.filters.archived != "yes":
            raise InvalidInput("Only archived projects can be deleted. Show those first.")
        GROUPS.check_whole(chosen.filters.group)
        condition = match_condition(PROJECTS, chosen.filters)
    elif not chosen.ids:
        raise InvalidInput("Select at least one project.", field="id")
    with pymongo.timeout(_PATIENCE_S):
        found = projects().with_options(codec_options=raw_bson.LENIENT).find(
            {"$and": [condition, {"id": {"$type": "string"}}]}, dict.fromkeys(_HELD, 1)
        )  # fmt: skip
        if chosen.filters is not None:
            found = found.collation(ANY_CASE)
        rows = list(found.sort("_id").limit(MOST + 1))
    if len(rows) > MOST:
        raise InvalidInput(f"At most {MOST:,} at once. Narrow the list.")
    if any(row.get("archived_at") is None for row in rows):
        raise InvalidInput("Only archived projects can be deleted. Some of these are not.")
    if not rows:
        raise InvalidInput("None of these is there any more.")
    return rows


def consequences(request: Approval) -> list[str]:
    """For who decides: what would go now."""
    items = _items(str(request.params.get("deletion")))
    if items is None:
        return ["The list of these projects has expired. Reject this request."]
    keys = [item["_id"] for item in items]
    names = projects().find({"_id": {"$in": keys}, **_ARCHIVED}, {"name": 1, "user_id": 1})
    found = list(names.limit(MOST))
    owners = {row["user_id"] for row in found if raw_bson.is_text(row.get("user_id"))}
    shown = ", ".join(f"“{shown_name(row.get('name'))[:60]}”" for row in found[:NAMED])
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    return [
        f"{len(found):,} projects of {len(owners):,} customers are deleted: {shown}{more}.",
        "Their files and conversations go with them. Nothing of this can be undone.",
        "A project that was restored or changed since this was asked for stays.",
    ]


def begin(request: Approval, *, approver: audit.Actor) -> str:
    """Starts the job; once for a request, however often it is called."""
    try:
        jobs.find(request.id)
    except NotFound:
        items = _items(str(request.params.get("deletion")))
        if items is None:
            raise Conflict("The list of these projects has expired.") from None
        who = {"id": approver.id, "email": approver.email, "name": approver.name,
               "role": approver.role}  # fmt: skip
        title = f"Delete {len(items):,} archived project{'' if len(items) == 1 else 's'} for good"
        jobs.enqueue(
            KIND, title=title, actor=who, params=request.params, total=len(items),
            job_id=request.id,
        )  # fmt: skip
    return reverse("jobs:detail", args=[request.id])


def _items(deletion_id: str) -> list[Document] | None:
    stored = mongo.database()[DELETIONS].with_options(codec_options=raw_bson.LENIENT)
    found = stored.find_one({"_id": deletion_id})
    return list(found["items"]) if found else None


def _run(job: Job) -> Iterator[ItemResult]:
    """Begins with the first after a crash: what is deleted is on record, and counted once."""
    actor = audit.Actor(**job.actor, request_id=f"job:{job.id}", cause=None)
    for item in _items(job.params["deletion"]) or ():
        yield _one(item, actor)
    mongo.database()[DELETIONS].delete_one({"_id": job.params["deletion"]})


def _one(item: Document, actor: audit.Actor) -> ItemResult:
    try:
        name = mongo.run_in_transaction(lambda session: _delete(item, actor, session))
    except Conflict as error:
        if audit.row_of(ACTION, "project", item["id"], request_id=actor.request_id):
            return ItemResult(item["id"], item["id"], "done")
        return ItemResult(item["id"], item["id"], "skipped", error.message)
    for belonging in _belongings:
        belonging.forget(item["id"])
    return ItemResult(item["id"], name, "done")


def _delete(item: Document, actor: audit.Actor, session: ClientSession) -> str:
    collection = projects().with_options(codec_options=raw_bson.LENIENT)
    still = {key: {"$eq": item[key]} if key in item else {"$exists": False} for key in _HELD}
    wanted = {"_id": item["_id"], "$and": [still, _ARCHIVED]}
    shown = {**dict.fromkeys(("name", "user_id", "project_type", "archived_at"), 1)}
    found = collection.find_one(wanted, shown, session=session)
    if found is None:
        raise Conflict("Restored, changed or deleted since this was asked for.")
    owner = found.get("user_id")
    if not collection.delete_one({**wanted, "user_id": owner}, session=session).deleted_count:
        raise Conflict("Changed just now.")
    if collection.find_one({"id": item["id"]}, {"_id": 1}, session=session) is None:
        _delete_what_belongs(item["id"], session)
    audit.record(
        ACTION,
        actor=actor,
        subject=audit.Subject(
            "project", item["id"], shown_name(found.get("name")),
            owner if raw_bson.is_text(owner) else "",
        ),
        before={key: found[key] for key in ("name", "project_type", "archived_at") if key in found},
        session=session,
    )  # fmt: skip
    return shown_name(found.get("name"))


def _delete_what_belongs(project_id: str, session: ClientSession) -> None:
    db = mongo.database()
    for belonging in _belongings:
        belonging.condemn(project_id, session)
    for collection in (conversations(), archive(), moves()):
        collection.delete_many({"project_id": project_id}, session=session)
    import_reports().delete_one({"_id": project_id}, session=session)
    db[EDITOR_PRESENCE].delete_many({"project_id": project_id}, session=session)
    heads = db[EDITOR_UNDO].find({"project_id": project_id}, {"_id": 1}, session=session)
    tokens = [row["_id"] for row in heads]
    db[EDITOR_UNDO].delete_many({"of": {"$in": tokens}}, session=session)
    db[EDITOR_UNDO].delete_many({"_id": {"$in": tokens}}, session=session)
