"""Staff pin, reject, correct and forget what is remembered of a customer, and take it back."""

from collections.abc import Mapping
from typing import Any

from bson import json_util
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.memory.chunking.piece import clean
from devora_admin.memory.documents import DECISIONS, decisions
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.indexing import queue, work
from devora_admin.memory.preferences import vocabulary
from devora_admin.memory.store import reach
from devora_admin.memory.words import says_something
from devora_admin.staff import audit, undo
from devora_admin.users.services import fields
from devora_admin.users.services.fields import Done

ACTION = "memory.correct"
LONGEST_CORRECTION = 4000
_STANDINGS = {"preference": {"", "pinned", "rejected", "corrected"},
              "item": {"", "pinned", "rejected", "corrected", "forgotten"}}  # fmt: skip
_KEPT = ("standing", "correction", "text")


def register() -> None:
    """Called once, when the app is ready."""
    undo.handles(ACTION)(_undo)


def decide_preference(
    user_id: str,
    *,
    topic: str,
    value: str,
    standing: str,
    correction: str = "",
    expected: str,
    actor: audit.Actor,
) -> Done:
    """standing: "" takes back what was decided. correction: the value in its place.

    expected: the standing the person saw; another one is a Conflict.
    Raises NotFound when there is no such customer, and InvalidInput.
    """
    if not vocabulary.knows(topic, value):
        raise InvalidInput("This is no preference that is known here.")
    if standing == "corrected" and (correction == value or not vocabulary.knows(topic, correction)):
        raise InvalidInput("Choose what it should be instead.", field="correction")
    subject = {"about": "preference", "topic": topic, "value": value}
    wanted = {"standing": standing}
    if standing == "corrected":
        wanted["correction"] = correction
    return _decide(user_id, subject, wanted, expected=expected, actor=actor)


def decide_item(
    user_id: str,
    *,
    chunk_id: int,
    standing: str,
    text: str = "",
    expected: str,
    actor: audit.Actor,
) -> Done:
    """chunk_id: of a remembered item of this customer. text: what it should say instead.

    Forgotten, it is never remembered again, however often it is said. Raises NotFound, Conflict,
    InvalidInput and MemoryUnavailable.
    """
    text = clean(text).strip()
    if standing == "corrected" and not says_something(text):
        raise InvalidInput("Write what it should say instead.", field="text")
    if len(text) > LONGEST_CORRECTION:
        raise InvalidInput(
            f"A correction may have {LONGEST_CORRECTION:,} characters.", field="text"
        )
    with reach.reading() as cursor:
        cursor.execute(
            "SELECT chunk.sha256, source.origin, chunk.standing FROM memory_chunk AS chunk"
            " JOIN memory_source AS source ON source.id = chunk.source_id"
            " WHERE chunk.id = %s AND chunk.user_id = %s",
            [chunk_id, user_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("remembered item", str(chunk_id))
    subject = {"about": "item", "sha256": bytes(row[0]).hex(), "origin": row[1]}
    wanted = {"standing": standing, **({"text": text} if standing == "corrected" else {})}
    return _decide(user_id, subject, wanted, expected=expected, actor=actor)


def _decide(
    user_id: str,
    subject: Mapping[str, str],
    wanted: Mapping[str, str],
    *,
    expected: str,
    actor: audit.Actor,
) -> Done:
    if wanted["standing"] not in _STANDINGS[subject["about"]]:
        raise InvalidInput("This cannot be decided about it.")
    row_id = new_id()

    def write(session: ClientSession) -> Done:
        found = fields.decoded(fields.read(user_id, session=session))
        if "erasure" in found:
            raise Conflict("This customer is being erased. Nothing can be changed any more.")
        before = _exchange(user_id, subject, wanted, actor, session)
        if before.get("standing", "") != expected:
            raise Conflict("Somebody decided about this meanwhile. Look again.")
        audit.record(
            ACTION,
            actor=actor,
            subject=fields.subject_of(found, user_id),
            before={**subject, **before},
            after={**subject, **wanted},
            session=session,
            row_id=row_id,
        )
        return Done(fields.label_of(found, user_id), row_id)

    done = mongo.run_in_transaction(write)
    _carry_out(user_id, subject)
    return done


def _exchange(
    user_id: str,
    subject: Mapping[str, str],
    wanted: Mapping[str, Any],
    actor: audit.Actor,
    session: ClientSession,
) -> dict[str, Any]:
    """Writes the decision in place of the one before, which it returns; marks what it is about."""
    which = {"user_id": {"$eq": user_id}, **{key: {"$eq": value} for key, value in subject.items()}}
    stored = decisions().find_one_and_delete(which, session=session) or {}
    if wanted["standing"]:
        decisions().insert_one(
            {
                "_id": new_id(), "user_id": user_id, **subject, **wanted,
                "by": {"id": actor.id, "name": actor.label}, "at": clock.now(),
            },
            session=session,
        )  # fmt: skip
    queue.mark([_document(user_id, subject)], session=session)
    return {key: stored[key] for key in _KEPT if key in stored}


def _document(user_id: str, subject: Mapping[str, str]) -> tuple[str, Any]:
    """What has to be indexed for the decision to show."""
    if subject["about"] == "preference":
        return DECISIONS, user_id
    collection, _, key = subject["origin"].partition(":")
    return collection, json_util.loads(key)


def _carry_out(user_id: str, subject: Mapping[str, str]) -> None:
    """At once where that is possible; the queue has it in any case."""
    try:
        work.index_document(*_document(user_id, subject))
    except (MemoryUnavailable, MemoryTooSlow):
        return


def _undo(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    user_id = row.subject.id
    subject: dict[str, str] = {
        key: row.after[key]
        for key in ("about", "topic", "value", "sha256", "origin")
        if key in row.after
    }
    back: dict[str, Any] = {"standing": ""} | {
        key: row.before[key] for key in _KEPT if key in row.before
    }
    fields.read(user_id, session=session)
    found = _exchange(user_id, subject, back, actor, session)
    if found != {key: row.after[key] for key in _KEPT if row.after.get(key)}:
        raise Conflict("Somebody decided about this since.")
    audit.record(
        f"{ACTION}.undo",
        actor=actor,
        subject=audit.Subject("customer", user_id, row.subject.label, user_id),
        before=row.after,
        after=row.before,
        session=session,
    )
