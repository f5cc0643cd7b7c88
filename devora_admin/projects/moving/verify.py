"""Whether what was moved is where it was moved to, by counts and digests."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pymongo
from pymongo import UpdateMany, UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.projects.documents import archive, moves, projects
from devora_admin.projects.moving.plan import digest
from devora_admin.projects.moving.stored import one_of, parts_of
from devora_admin.projects.queries.thread_bytes import list_in

PATIENCE_S = 60.0
GONE = "its project is gone"


@dataclass(frozen=True, slots=True)
class Piece:
    first: int
    count: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """Of the move of one old document."""

    key: Element
    count: int
    pieces: tuple[Piece, ...]
    rest: bytes | None
    is_verified: bool


@dataclass(slots=True)
class Thread:
    """What a project holds now, as far as anything was moved there."""

    project_id: str
    history: list[Element]
    archived: int
    session: ClientSession
    _parts: list[tuple[int, list[Element]]] | None = field(default=None)

    def at(self, first: int, count: int) -> list[Element]:
        found: list[Element] = []
        if first < self.archived:
            for start, messages in self._archive():
                found += messages[max(0, first - start) : max(0, first + count - start)]
        begin = max(0, first - self.archived)
        return found + self.history[begin : max(0, first + count - self.archived)]

    def _archive(self) -> list[tuple[int, list[Element]]]:
        if self._parts is None:
            stored = archive().with_options(codec_options=raw_bson.RAW)
            rows: Any = stored.find({"project_id": self.project_id}, session=self.session)
            self._parts = [
                (int(parts_of(row)["first"].decoded()), list_in(bytes(row.raw), "messages"))
                for row in rows.sort("first")
            ]
        return self._parts


@dataclass(slots=True)
class Verified:
    conversations: int = 0
    gone: int = 0
    """Moved to projects that are there no more."""
    faults: dict[str, list[str]] = field(default_factory=dict)
    """By project."""


def verify(project_ids: Sequence[str]) -> Verified:
    """Notes which moves hold and which do not."""
    with pymongo.timeout(PATIENCE_S), mongo.one_moment() as session:
        judged = list(judge(project_ids, session=session))
    found, now, changes = Verified(), clock.now(), list[Any]()
    sound: dict[int, list[Element]] = defaultdict(list)
    for project_id, note, fault in judged:
        if not fault:
            found.conversations += 1
            sound[note.count].append(note.key)
            continue
        if fault == GONE:
            found.gone += 1
        else:
            found.faults.setdefault(project_id, []).append(fault)
        this = raw_bson.document(_id=note.key)
        changes.append(UpdateOne(this, {"$set": {"fault": fault}, "$unset": {"verified_at": ""}}))
    for count, keys in sound.items():
        # Only what was looked at: more may have been moved since.
        these = raw_bson.document(_id=one_of(keys), count=raw_bson.element(count))
        changes.append(UpdateMany(these, {"$set": {"verified_at": now}, "$unset": {"fault": ""}}))
    if changes:
        raw: Any = moves().with_options(codec_options=raw_bson.RAW)
        raw.bulk_write(changes, ordered=False)
    return found


def judge(project_ids: Sequence[str], *, session: ClientSession) -> Iterator[tuple[str, Note, str]]:
    """Each move to these projects, with what is wrong, "" when it holds."""
    noted = notes(project_ids, session=session)
    for project_id, thread in threads(list(noted), session=session):
        for note in noted.pop(project_id):
            yield project_id, note, fault_of(note, thread)
    for project_id, left in noted.items():
        for note in left:
            yield project_id, note, GONE


def fault_of(note: Note, thread: Thread) -> str:
    for piece in note.pieces:
        found = thread.at(piece.first, piece.count)
        if len(found) != piece.count:
            return f"{piece.count - len(found):,} of its messages are missing"
        if digest(found) != piece.digest:
            return "its messages are not as they were"
    return ""


def notes(project_ids: Sequence[str], *, session: ClientSession) -> dict[str, list[Note]]:
    stored = moves().with_options(codec_options=raw_bson.RAW)
    found: dict[str, list[Note]] = defaultdict(list)
    row: Any
    for row in stored.find({"project_id": {"$in": list(project_ids)}}, session=session):
        parts = parts_of(row)
        found[parts["project_id"].decoded()].append(_note(parts))
    return found


def threads(project_ids: Sequence[str], *, session: ClientSession) -> Iterator[tuple[str, Thread]]:
    """One project in memory at a time."""
    wanted = {"$in": list(project_ids)}
    sizes = {"$group": {"_id": "$project_id", "count": {"$sum": "$count"}}}
    rows = archive().aggregate([{"$match": {"project_id": wanted}}, sizes], session=session)
    archived = {row["_id"]: row["count"] for row in rows if raw_bson.is_text(row["_id"])}
    stored = projects().with_options(codec_options=raw_bson.RAW)
    shown = {"_id": 0, "id": 1, "conversation_history": 1}
    row: Any
    for row in stored.find({"id": wanted}, shown, session=session):
        parts = parts_of(row)
        history = parts.get("conversation_history")
        items = raw_bson.elements(history.data) if history and history.kind == ARRAY else []
        project_id = parts["id"].decoded()
        yield project_id, Thread(project_id, items, archived.get(project_id, 0), session)


def _note(parts: dict[str, Element]) -> Note:
    rest = parts.get("rest")
    return Note(
        key=parts["_id"],
        count=int(parts["count"].decoded()),
        pieces=tuple(
            Piece(each["first"], each["count"], bytes(each["digest"]))
            for each in parts["pieces"].decoded()
        ),
        rest=rest.data if rest else None,
        is_verified="verified_at" in parts,
    )
