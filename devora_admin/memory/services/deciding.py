"""Staff pin, reject, correct and forget what is remembered of a customer, and take it back."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.db import connections
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.memory.chunking.piece import Piece, clean
from devora_admin.memory.documents import DECISIONS, decisions
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.indexing import queue, work
from devora_admin.memory.indexing.sources import EVERYTHING_OF, document_of
from devora_admin.memory.preferences import decisions as decided
from devora_admin.memory.preferences import vocabulary
from devora_admin.memory.store import reach
from devora_admin.memory.store.router import ALIAS
from devora_admin.memory.words import says_something, storable
from devora_admin.staff import audit
from devora_admin.users.services import fields
from devora_admin.users.services.fields import Done

log = logging.getLogger(__name__)
ACTION = "memory.correct"
LONGEST_CORRECTION = 4000
_STANDINGS = {"preference": {"", "pinned", "rejected", "corrected"},
              "item": {"", "pinned", "rejected", "corrected", "forgotten"}}  # fmt: skip
KEPT = ("standing", "correction", "text")
NOTED = ("kind", "project_id", "path", "symbol", "origins")
"""Of an item: what tells it from others once memory has it no more."""
_AT_ONCE_S = 2.0
_MOST_ORIGINS = 50
"""Of an item, on record; however many there are, all are indexed anew."""

Document = tuple[str, Any]
"""Collection and `_id`."""


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
    """standing: "" takes back what was decided, also from the value that a correction put there.
    correction: the value in its place.

    expected: the standing the person saw; another one is a Conflict.
    Raises NotFound when there is no such customer, and InvalidInput.
    """
    if not vocabulary.knows(topic, value):
        raise InvalidInput("This is no preference that is known here.")
    if standing == "corrected" and (correction == value or not vocabulary.knows(topic, correction)):
        raise InvalidInput("Choose what it should be instead.", field="correction")
    if not standing and expected == "corrected":
        about = decided.about_preferences(user_id)
        value, expected = decided.corrected_from(about, topic, value), "rejected"
    subject = {"about": "preference", "topic": topic, "value": value}
    wanted = {"standing": standing}
    if standing == "corrected":
        wanted["correction"] = correction
    documents = [(DECISIONS, user_id)]
    return _decide(user_id, subject, wanted, documents, expected=expected, actor=actor)


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

    It holds for every place where the customer has the same text. Forgotten, it is never
    remembered again, however often it is said. Raises NotFound, Conflict, InvalidInput and
    MemoryUnavailable.
    """
    text = clean(text).replace("\r\n", "\n").strip()
    if standing == "corrected" and not says_something(text):
        raise InvalidInput("Write what it should say instead.", field="text")
    if len(text) > LONGEST_CORRECTION:
        raise InvalidInput(
            f"A correction may have {LONGEST_CORRECTION:,} characters.", field="text"
        )
    piece, project_id, origins = _item(user_id, chunk_id)
    subject = {"about": "item", "sha256": piece.sha256.hex()}
    wanted = {"standing": standing}
    noted: dict[str, Any] = {
        "kind": piece.kind, "project_id": project_id, "path": piece.path, "symbol": piece.symbol,
        "origins": origins[:_MOST_ORIGINS],
    }  # fmt: skip
    if standing == "corrected":
        _check_correction(user_id, piece, text)
        wanted["text"] = text
    # Last the decisions: what is being stored just now is found by them.
    documents = [*(document_of(each) for each in origins), (DECISIONS, user_id)]
    return _decide(user_id, subject, wanted, documents, expected=expected, actor=actor, noted=noted)


def take_back(user_id: str, *, sha256: str, expected: str, actor: audit.Actor) -> Done:
    """What was decided about an item that memory has no more as it was: corrected, or forgotten.

    sha256: of the piece it was decided about, as hex. expected: corrected or forgotten.
    Raises NotFound when there is no such decision, and Conflict when it is another one by now.
    """
    known = decided.about_items(user_id).get(decided.digest_of(sha256))
    if known is None:
        raise NotFound("decision", sha256)
    subject = {"about": "item", "sha256": sha256}
    noted = {"kind": known.kind, "project_id": known.project_id, "path": known.path,
             "symbol": known.symbol, "origins": list(known.origins)}  # fmt: skip
    # Also what came since: memory does not tell which documents have what it forgot.
    documents = [*map(document_of, known.origins), (EVERYTHING_OF, user_id)]
    return _decide(
        user_id, subject, {"standing": ""}, documents, expected=expected, actor=actor, noted=noted
    )


def _item(user_id: str, chunk_id: int) -> tuple[Piece, str, list[str]]:
    """A remembered item, its project, and the origins of all that have it, its own first."""
    with reach.reading() as cursor:
        cursor.execute(
            """
            SELECT chunk.kind, chunk.text, chunk.path, chunk.symbol, chunk.project_id,
                source.origin, ARRAY(
                SELECT DISTINCT other.origin FROM memory_chunk AS same
                JOIN memory_source AS other ON other.id = same.source_id
                WHERE same.sha256 = chunk.sha256 AND same.user_id = chunk.user_id
            )
            FROM memory_chunk AS chunk JOIN memory_source AS source ON source.id = chunk.source_id
            WHERE chunk.id = %s AND chunk.user_id = %s
            """,
            [chunk_id, storable(user_id)],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("remembered item", str(chunk_id))
    kind, text, path, symbol, project_id, its_own, everywhere = row
    others = [each for each in everywhere if each != its_own]
    return Piece(kind, text, path=path, symbol=symbol), project_id, [its_own, *others]


def _check_correction(user_id: str, piece: Piece, text: str) -> None:
    """Raises InvalidInput for one that would lead back to where it comes from, or to nothing."""
    if text == piece.text.strip():
        raise InvalidInput("That is what it says already.", field="text")
    known = decided.about_items(user_id).get(replace(piece, text=text).sha256)
    if known and known.standing in ("corrected", "forgotten"):
        raise InvalidInput(
            "Exactly this was corrected or forgotten before. Undo that in the audit log.",
            field="text",
        )


def _decide(
    user_id: str,
    subject: Mapping[str, str],
    wanted: Mapping[str, str],
    documents: Sequence[Document],
    *,
    expected: str,
    actor: audit.Actor,
    noted: Mapping[str, Any] = MappingProxyType({}),
) -> Done:
    """documents: what has to be indexed for it to show, the first of them at once.

    noted: what is on record beside the subject.
    """
    if wanted["standing"] not in _STANDINGS[subject["about"]]:
        raise InvalidInput("This cannot be decided about it.")
    row_id = new_id()

    def write(session: ClientSession) -> Done:
        found = fields.decoded(fields.read(user_id, session=session))
        if "erasure" in found:
            raise Conflict("This customer is being erased. Nothing can be changed any more.")
        if _shown(user_id, subject, session) != expected:
            raise Conflict("Somebody decided about this meanwhile. Look at it again.")
        before = exchange(user_id, subject, {**wanted, **noted}, documents, actor, session)
        audit.record(
            ACTION,
            actor=actor,
            subject=fields.subject_of(found, user_id),
            before={**subject, **before},
            after={**subject, **noted, **wanted},
            session=session,
            row_id=row_id,
        )
        return Done(fields.label_of(found, user_id), row_id)

    done = mongo.run_in_transaction(write)
    carry_out(documents[0])
    return done


def _shown(user_id: str, subject: Mapping[str, str], session: ClientSession) -> str:
    """The standing that pages show."""
    if subject["about"] == "preference":
        known = decided.about_preferences(user_id, session=session)
        return decided.standing_of(known, subject["topic"], subject["value"])
    item = decided.about_items(user_id, session=session).get(bytes.fromhex(subject["sha256"]))
    return item.standing if item else ""


def exchange(
    user_id: str,
    subject: Mapping[str, str],
    wanted: Mapping[str, Any],
    documents: Sequence[Document],
    actor: audit.Actor,
    session: ClientSession,
) -> dict[str, Any]:
    """Writes the decision in place of the one before, which it returns; marks the documents."""
    which = {"user_id": {"$eq": user_id}, **{key: {"$eq": value} for key, value in subject.items()}}
    # The one that holds: those of two customers who became one may both be there.
    latest = [("at", -1), ("_id", -1)]
    stored = decisions().find_one_and_delete(which, sort=latest, session=session) or {}
    if wanted["standing"]:
        decisions().insert_one(
            {
                "_id": new_id(), "user_id": user_id, **subject, **wanted,
                "by": {"id": actor.id, "name": actor.label}, "at": clock.now(),
            },
            session=session,
        )  # fmt: skip
    queue.mark(documents, session=session)
    return {key: stored[key] for key in (*KEPT, *NOTED) if key in stored}


def carry_out(document: Document) -> None:
    """At once where that is possible; the queue has it in any case, as it is decided already.

    On a thread, as a large project takes longer to read than a person waits.
    """
    thread = threading.Thread(target=_index, args=document, name="decided", daemon=True)
    thread.start()
    thread.join(_AT_ONCE_S)


def _index(collection: str, key: Any) -> None:
    try:
        # A store that hangs is found out here within a second. Writing would wait for long.
        with reach.reading():
            pass
        work.index_document(collection, key)
    except (MemoryUnavailable, MemoryTooSlow):
        return
    except Exception:
        log.exception("what was decided is left to the queue")
    finally:
        connections[ALIAS].close()
