"""Opening an issue: by staff for a customer, by a program, or because something was found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support import states
from devora_admin.support.documents import issues
from devora_admin.support.queries.issue import Pinned
from devora_admin.support.services import (
    about,
    assigning,
    changing,
    messages,
    numbers,
    ruling,
    texts,
)
from devora_admin.support.services.changing import Row
from devora_admin.support.services.ground import ground_of, ground_of_platform
from devora_admin.support.services.messages import Kind, Said
from devora_admin.support.sla import stamping

_FIRST: Mapping[str, Kind] = {
    "staff": "customer", "api": "customer", "scan": "note", "spike": "note", "chart": "note",
}  # fmt: skip


_OF_PLATFORM = ("spike", "chart")
"""What may be about no customer."""


@dataclass(frozen=True, slots=True)
class Source:
    """How an issue came about."""

    kind: Literal["staff", "api", "scan", "spike", "chart"] = "staff"
    client_id: str = ""
    fingerprint: str = ""
    """Names what was found: the same again opens no second issue, whatever became of the first.
    Whoever wants a new one for the next time puts the time into it."""


@dataclass(frozen=True, slots=True)
class NewIssue:
    user_id: str
    """"" for the platform itself, where errors rise for many."""
    subject: str
    text: str
    project_id: str = ""
    pinned: Pinned = field(default_factory=Pinned)
    """What the project was. By default as it is now."""
    priority: str = "normal"
    tags: Collection[str] = ()
    assignee_id: str = ""
    source: Source = field(default_factory=Source)
    first: Kind | None = None
    """Whose words `text` is: the customer's, told to staff or to a program, by default; a note
    where something was found."""
    attachment_ids: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    number: int
    issue_id: str
    row_id: str
    """Of the audit log."""
    at: datetime
    priority: str
    is_new: bool = True
    """False when there is one of this fingerprint already."""


def open_issue(
    new: NewIssue, *, actor: audit.Actor, session: ClientSession | None = None
) -> Opened:
    """Raises InvalidInput naming the field, or Conflict while the customer is being erased.

    session: to do it in a transaction of the caller's.
    """
    new = _checked(new)
    if found := _of_fingerprint(new.source.fingerprint):
        return found
    try:
        return changing.within(session, lambda own: insert(new, actor=actor, session=own))
    except DuplicateKeyError:
        if session is None and (found := _of_fingerprint(new.source.fingerprint)):
            return found
        raise


def insert(
    new: NewIssue,
    *,
    actor: audit.Actor,
    session: ClientSession,
    links: Collection[Mapping[str, Any]] = (),
) -> Opened:
    """Within a transaction, of what is checked already; as the rules have it."""
    is_asked = new.source.kind == "api"
    if new.user_id or new.source.kind not in _OF_PLATFORM:
        ground = ground_of(new.user_id, lasting=is_asked, session=session)
    else:
        ground = ground_of_platform(session=session)
    new = replace(new, user_id=ground.user_id)
    ruled = ruling.rule_on(new, ground.rules, session=session)
    new = ruled.new
    pinned, project_type = about.pinned(
        new.project_id, new.user_id, new.pinned, archived_too=not is_asked
    )
    now, issue_id, row_id = clock.now(), new_id(), new_id()
    number = numbers.next_number()
    said = Said(
        new.first or _FIRST[new.source.kind], new.text, new.attachment_ids, new.source.client_id
    )
    message = messages.insert(issue_id, 1, said, actor=actor, session=session)
    source: dict[str, str] = {"kind": new.source.kind}
    source |= {"client_id": new.source.client_id} if new.source.client_id else {}
    source |= {"fingerprint": new.source.fingerprint} if new.source.fingerprint else {}
    row: Row = {
        "_id": issue_id,
        "id": issue_id,
        "number": number,
        "subject": new.subject,
        "user_id": new.user_id,
        "project_id": new.project_id,
        "pinned": pinned,
        "status": "open",
        "priority": new.priority,
        "urgency": states.urgency(new.priority, now),
        "assignee_id": new.assignee_id,
        "tags": list(new.tags),
        "watchers": [],
        "links": [dict(each) for each in links],
        "source": source,
        "sequence": message["sequence"],
        "touched": {},
        "created_at": now,
        "updated_at": now,
        "changed_at": now,
        "revision": 1,
    }
    if project_type:
        row["project_type"] = project_type
    if said.kind in messages.REMEMBERED:
        row["first"] = messages.remembered(message)
    if said.kind == "reply":
        row["first_replied_at"] = message["at"]
    row |= stamping.of_new(row, policy=ground.policy)
    issues().insert_one(row, session=session)
    after = {
        key: row[key]
        for key in ("status", "priority", "assignee_id", "tags", "project_id", "source")
    }
    after |= ruled.before
    changing.record("open", row, actor=actor, session=session, after=after, row_id=row_id)
    if ruled.rules:
        after = {**ruled.after, "rules": ruled.rules}
        changing.record(
            "rule", row, actor=audit.SYSTEM, session=session, before=ruled.before, after=after
        )
    return Opened(number, issue_id, row_id, now, new.priority)


def _checked(new: NewIssue) -> NewIssue:
    if new.priority not in states.PRIORITIES:
        raise InvalidInput("Choose a priority from the list.", field="priority")
    if new.assignee_id:
        assigning.check(new.assignee_id)
    return replace(
        new,
        subject=texts.subject(new.subject),
        text=texts.message(new.text),
        tags=texts.tags(new.tags),
    )


def _of_fingerprint(fingerprint: str) -> Opened | None:
    if not fingerprint:
        return None
    found = issues().find_one({"source.fingerprint": {"$eq": fingerprint}})
    if found is None:
        return None
    return Opened(
        found["number"], found["id"], "", found["created_at"], found["priority"], is_new=False
    )
