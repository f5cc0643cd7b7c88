"""What is written in an issue: replies, internal notes, and what the customer answers."""

from collections.abc import Collection
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support import states
from devora_admin.support.context import impersonal
from devora_admin.support.mail import csat
from devora_admin.support.queries import thread
from devora_admin.support.queries.thread import Message
from devora_admin.support.services import about, changing, drafts, fields, messages, opening, texts
from devora_admin.support.services.changing import THREAD, Row
from devora_admin.support.services.messages import Said
from devora_admin.support.services.opening import NewIssue, Source


@dataclass(frozen=True, slots=True)
class Written:
    number: int
    """Of the issue it is in now, which may be another than was written to."""
    sequence: int
    message_id: str
    revision: int
    status: str


class HeldBack(Conflict):
    """Somebody wrote in the thread meanwhile. `sequence` is what to have seen to send it again."""

    def __init__(self, newer: list[Message], sequence: int) -> None:
        count = f"{len(newer)} new message{'' if len(newer) == 1 else 's'}"
        super().__init__(
            f"This was not sent: there is {count} you have not seen. Read on, and send it again.",
            detail={"sequence": sequence, "newer": [each.sequence for each in newer]},
        )
        self.newer = newer
        self.sequence = sequence


def reply(
    number: int,
    text: str,
    *,
    seen: int,
    actor: audit.Actor,
    status: str = "",
    revision: int = 0,
    attachment_ids: Collection[str] = (),
    draft: int | None = None,
    takes: bool = False,
) -> Written:
    """To the customer. seen: the last sequence the writer saw; raises HeldBack beyond it.

    status: what the issue becomes with it, "" for what it is. revision: goes with it, the one the
    writer saw; raises ChangedSince when somebody else changed the status since.
    draft: the revision of the writer's draft that it was, None for none. takes: whether the writer
    is assigned, too, unless somebody else was since `revision`. Raises InvalidInput, Conflict.
    """
    text = texts.message(text)
    if status:
        fields.check_status(status)
    said = Said("reply", text, attachment_ids)

    def work(session: ClientSession) -> Written:
        row = changing.read_live(number, session=session)
        refuse_reply(row, seen=seen, session=session)
        more: Row = {}
        if status and status != row["status"]:
            changing.refuse_if_changed(row, ["status"], seen=revision)
            resolution = text if status == "resolved" else ""
            more = fields.status_fields(row, status, resolution=resolution, by=actor)
        if takes and not changing.moved(row, ["assignee_id"], seen=revision):
            more = {**more, "assignee_id": actor.id}
        if draft is not None:
            drafts.end(row["_id"], "reply", text, seen=draft, actor=actor, session=session)
        return append(row, "reply", said, more, actor, session)

    return mongo.run_in_transaction(work)


def add_note(
    number: int,
    text: str,
    *,
    actor: audit.Actor,
    attachment_ids: Collection[str] = (),
    draft: int | None = None,
) -> Written:
    """For staff alone; whatever was written meanwhile. Raises InvalidInput, Conflict."""
    said = Said("note", texts.message(text), attachment_ids)

    def work(session: ClientSession) -> Written:
        row = changing.read_live(number, session=session)
        if draft is not None:
            drafts.end(row["_id"], "note", said.text, seen=draft, actor=actor, session=session)
        return append(row, "note", said, {}, actor, session)

    return mongo.run_in_transaction(work)


def customer_replied(
    number: int,
    text: str,
    *,
    actor: audit.Actor,
    client_id: str = "",
    attachment_ids: Collection[str] = (),
    session: ClientSession | None = None,
) -> Written:
    """What the customer answers reopens an issue that waited for them or was resolved. To a closed
    one it opens another, linked to it, and goes on in that one until it is closed, too; to one that
    was merged it goes where that went.

    session: to do it in a transaction of the caller's.
    """
    said = Said("customer", texts.message(text), attachment_ids, client_id)

    def work(own: ClientSession) -> Written:
        row = changing.last_of_merged(number, session=own)
        if row["status"] == "closed":
            followed = _following(row, own)
            if followed is None:
                return _follow_up(row, said, actor, own)
            row = followed
        more: Row = {}
        if row["status"] in states.REOPENED_BY_THE_CUSTOMER or "wake_at" in row:
            more = fields.status_fields(row, "open", resolution="", by=None)
        return append(row, "customer_reply", said, more, actor, own)

    return changing.within(session, work)


def refuse_reply(row: Row, *, seen: int, session: ClientSession) -> None:
    """Raises HeldBack, and Conflict for what takes no replies."""
    if row["sequence"] > seen:
        newer = thread.newer(row["_id"], seen, session=session)
        raise HeldBack(newer, row["sequence"])
    if row["status"] == "closed":
        raise Conflict("This issue is closed. Reopen it before you reply.")
    if not row["user_id"]:
        raise Conflict("This issue is about the platform: nobody would get a reply. Add a note.")


def append(
    row: Row,
    verb: str,
    said: Said,
    more: Row,
    actor: audit.Actor,
    session: ClientSession,
    *,
    row_id: str = "",
    told: Row | None = None,
) -> Written:
    """Within a transaction: the message, and what else it changes, as one row of the audit log.

    more: fields of the issue, None for one to be removed. told: what the row says besides.
    Raises InvalidInput for a reply in which something is to be filled in still.
    """
    if said.kind == "reply" and (left := impersonal.marks_in(said.text)):
        raise InvalidInput(
            f"Fill in or take out {', '.join(left)}, and send it then.", field="text"
        )
    more = {key: value for key, value in more.items() if row.get(key) != value}
    message = messages.insert(row["_id"], row["sequence"] + 1, said, actor=actor, session=session)
    put: Row = {"sequence": message["sequence"], **more}
    touches = set(fields.told_of(more))
    if said.kind == "reply" and "first_replied_at" not in row:
        put["first_replied_at"] = message["at"]
    if said.kind in messages.REMEMBERED:
        put["latest"] = messages.remembered(message)
        touches.add(THREAD)
    if said.kind == "reply" and more.get("status") == "resolved":
        csat.ask(row, message["_id"], actor=actor, session=session)
    by = "the customer" if said.kind == "customer" else actor.label
    now = changing.write(row, put=put, touches=touches, by=by, session=session)
    if said.kind != "reply":
        fields.tell_if_resolved(row, now, actor=actor, session=session)
    # The text is in the thread; here is which, and what else it changed.
    changing.record(
        verb,
        now,
        actor=actor,
        session=session,
        before={key: row.get(key) for key in more},
        after={
            "message": message["_id"],
            "sequence": message["sequence"],
            **{key: now.get(key) for key in more},
            **(told or {}),
        },
        row_id=row_id or new_id(),
    )
    return Written(
        row["number"], message["sequence"], message["_id"], now["revision"], now["status"]
    )


def _following(row: Row, session: ClientSession) -> Row | None:
    """What goes on where one was closed: the latest that followed it, or followed those."""
    seen, left = {row["number"]}, [row]
    while left:
        for link in reversed(left.pop()["links"]):
            if link["kind"] != "followed_by" or link["number"] in seen:
                continue
            found = changing.last_of_merged(link["number"], session=session)
            seen |= {link["number"], found["number"]}
            if found["status"] != "closed":
                return found
            left.append(found)
    return None


def _follow_up(row: Row, said: Said, actor: audit.Actor, session: ClientSession) -> Written:
    new = NewIssue(
        user_id=row["user_id"],
        subject=row["subject"],
        text=said.text,
        project_id=row["project_id"] if about.is_live(row["project_id"], row["user_id"]) else "",
        priority=row["priority"],
        source=Source("api" if said.client_id else "staff", said.client_id),
        first="customer",
        attachment_ids=said.attachment_ids,
    )
    back = {"number": row["number"], "kind": "follow_up"}
    opened = opening.insert(new, actor=actor, session=session, links=[back])
    forth = {"number": opened.number, "kind": "followed_by"}
    put: Row = {"links": [*row["links"], forth]}
    now = changing.write(row, put=put, by="the customer", session=session)
    changing.record("follow_up", now, actor=actor, session=session, after={"number": opened.number})
    return Written(opened.number, 1, "", 1, "open")
