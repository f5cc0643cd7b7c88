"""Deletes old documents whose messages are, to the byte, where they were moved to.

Each is compared once more in the transaction that deletes it: with the note of its move, and with
what the project and the archive hold. A push to it meanwhile makes that transaction start over.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.raw_bson import Element
from devora_admin.projects.documents import conversations, moves
from devora_admin.projects.moving import stored
from devora_admin.projects.moving.move import PATIENCE_S
from devora_admin.projects.moving.plan import digest
from devora_admin.projects.moving.stored import OldDocument, one_of
from devora_admin.projects.moving.verify import GONE, Note, judge

NOT_MOVED = "was not moved yet: run this without --drop, which also says why"
NOT_VERIFIED = "was moved and not verified: run this without --drop"
ADDED_TO = "got more messages after it was moved: run this without --drop"
ALTERED = "was altered after it was moved: compare it with the project by hand"
MORE_FIELDS = "has other fields that were not kept: look at them by hand"
FAULTY = "was moved, but the project now holds something else: compare them by hand"
FAULTS = (FAULTY,)


@dataclass(slots=True)
class Dropped:
    documents: int = 0
    messages: int = 0
    size_bytes: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """By reason."""
    faults: dict[str, list[str]] = field(default_factory=dict)


def drop(project_ids: Sequence[str], *, is_rehearsal: bool) -> Dropped:
    def work(session: ClientSession) -> Dropped:
        return _drop(project_ids, session, is_rehearsal=is_rehearsal)

    try:
        return mongo.run_in_transaction(work, patience_s=PATIENCE_S)
    except PyMongoError as error:
        if len(project_ids) == 1 or mongo.is_connection_lost(error):
            raise
    whole, half = Dropped(), len(project_ids) // 2
    for ids in (project_ids[:half], project_ids[half:]):
        add(whole, drop(ids, is_rehearsal=is_rehearsal))
    return whole


def add(whole: Dropped, part: Dropped) -> None:
    whole.documents += part.documents
    whole.messages += part.messages
    whole.size_bytes += part.size_bytes
    whole.left += part.left
    whole.faults |= part.faults


def _drop(project_ids: Sequence[str], session: ClientSession, *, is_rehearsal: bool) -> Dropped:
    done, going = Dropped(), []
    judged = {
        note.key.value: (project_id, note, fault)
        for project_id, note, fault in judge(project_ids, session=session)
    }
    for old in stored.read(project_ids, session=session).old.values():
        for each in old:
            project_id, note, fault = judged.get(each.key.value, ("", None, ""))
            reason = _why_not(each, note, fault)
            if reason:
                done.left[reason] += 1
                if reason in FAULTS:
                    done.faults.setdefault(project_id, []).append(fault)
                continue
            going.append(each.key)
            done.documents += 1
            done.messages += len(each.messages or ())
            done.size_bytes += each.size_bytes
    if going and not is_rehearsal:
        _delete(going, session)
    return done


def _delete(going: list[Element], session: ClientSession) -> None:
    these = raw_bson.document(_id=one_of(going))
    old: Any = conversations().with_options(codec_options=raw_bson.RAW)
    if old.delete_many(these, session=session).deleted_count != len(going):
        raise RuntimeError("a snapshot lost an old document")
    noted: Any = moves().with_options(codec_options=raw_bson.RAW)
    noted.update_many(these, {"$set": {"dropped_at": clock.now()}}, session=session)


def _why_not(old: OldDocument, note: Note | None, fault: str) -> str:
    if note is None:
        return NOT_MOVED
    if fault == GONE:
        return f"was moved, but {GONE}: archive or delete it by hand"
    if fault:
        return FAULTY
    if not note.is_verified:
        return NOT_VERIFIED
    if old.messages is None:
        return ALTERED
    if len(old.messages) > note.count:
        return ADDED_TO
    starts = accumulate((piece.count for piece in note.pieces), initial=0)
    for start, piece in zip(starts, note.pieces, strict=False):
        if digest(old.messages[start : start + piece.count]) != piece.digest:
            return ALTERED
    if len(old.messages) != note.count:
        return ALTERED
    return "" if old.rest == note.rest else MORE_FIELDS
