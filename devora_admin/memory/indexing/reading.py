"""A document as it is now, at one moment of the store, as the sources memory keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from bson import ObjectId, Timestamp
from pymongo.client_session import ClientSession

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.memory.chunking.code import pieces_of_files
from devora_admin.memory.chunking.issue import pieces_of_issue, title_of
from devora_admin.memory.chunking.piece import Piece, clean
from devora_admin.memory.chunking.project import pieces_of_project, stack_of
from devora_admin.memory.chunking.thread import moment, pieces_of_message, pieces_of_messages
from devora_admin.memory.indexing.sources import Read
from devora_admin.memory.preferences import decisions, revisions
from devora_admin.memory.preferences.decisions import ItemDecision
from devora_admin.memory.preferences.evidence import Evidence
from devora_admin.memory.preferences.learning import evidence_of
from devora_admin.memory.words import says_something, storable
from devora_admin.projects.queries import thread
from devora_admin.versions.queries.over_time import over_time

_LONGEST_TITLE = 300
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    version: int
    """The store's cluster time: what was read is what was stored then."""
    sources: tuple[Read, ...]
    """None of a document that is gone, or that no id names."""
    user_id: str = ""
    decided: Mapping[bytes, ItemDecision] = field(default_factory=dict)
    """What staff had decided about the customer's items."""


def read(collection: str, key: Any) -> Moment:
    with mongo.one_moment() as session:
        document, messages = _whole(collection, key, session)
        version = _version(session)
        user_id = _id(document.get("user_id")) if document else ""
        decided = decisions.about_items(user_id, session=session)
        history = _history(collection, document, session)
    if document is None:
        return Moment(version, ())
    stored = _SOURCES[collection](document, messages)
    born_at = key.generation_time if isinstance(key, ObjectId) else _NO_DATE
    sources = tuple(_as_decided(each, decided, history, born_at) for each in stored)
    return Moment(version, sources, user_id, decided)


def said(collection: str, key: Any, sha256: bytes) -> str:
    """The text of a piece as its document has it, whatever was decided; "" where it has none."""
    with mongo.one_moment() as session:
        document, messages = _whole(collection, key, session)
    if document is None:
        return ""
    pieces = (each for one in _SOURCES[collection](document, messages) for each in one.pieces)
    return next((each.text for each in pieces if each.sha256 == sha256), "")


def _whole(
    collection: str, key: Any, session: ClientSession
) -> tuple[Mapping[str, Any] | None, tuple[Any, ...]]:
    """A document, None where no id names it, with its messages."""
    stored = mongo.database().get_collection(collection, codec_options=raw_bson.LENIENT)
    found = stored.find_one({"_id": {"$eq": key}}, session=session)
    if not found or not isinstance(found.get("id"), str) or not found["id"]:
        return None, ()
    return found, _messages(found, session) if collection == "projects" else ()


def project_of(collection: str, key: Any) -> Any:
    """The `_id` of the project whose thread has a part in this document; None without one."""
    part = mongo.database()[collection].find_one({"_id": {"$eq": key}}, {"project_id": 1})
    if not part or not isinstance(part.get("project_id"), str):
        return None
    project = mongo.database()["projects"].find_one({"id": part["project_id"]}, {"_id": 1})
    return project and project["_id"]


def _version(session: ClientSession) -> int:
    # PyMongo tells the time of a snapshot nowhere else; the operation's time may be later.
    at: Timestamp = session._snapshot_time  # type: ignore[assignment]
    return at.time << 32 | at.inc


def _messages(document: Mapping[str, Any], session: ClientSession) -> tuple[Any, ...]:
    try:
        return tuple(thread.whole(document["id"], session=session))
    except NotFound:  # its id is bytes that are no UTF-8
        history = document.get("conversation_history")
        return tuple(history) if isinstance(history, list) else ()


def _of_project(document: Mapping[str, Any], messages: tuple[Any, ...]) -> list[Read]:
    key, user_id = _id(document["id"]), _id(document.get("user_id"))
    title = _text(document.get("name"))[:_LONGEST_TITLE]
    changed_at = moment(document.get("updated_at")) or moment(document.get("created_at"))
    files = document.get("files")
    code = pieces_of_files(files if isinstance(files, list) else ())
    stack = stack_of(document)
    facts = {"left_out": dict(code.left_out)} if code.left_out else {}

    def source(kind: Any, pieces: list[Piece], **more: Any) -> Read:
        return Read(kind, key, user_id, key, title, tuple(pieces), changed_at=changed_at, **more)

    return [
        source("project", pieces_of_project(document), stack=stack),
        source("code", list(code.pieces), facts=facts),
        source("message", list(pieces_of_messages(messages))),
    ]


def _of_issue(document: Mapping[str, Any], _: tuple[Any, ...]) -> list[Read]:
    """Nothing of one that is about the platform: it belongs to no customer."""
    if not document.get("user_id"):
        return []
    facts = {
        name: storable(value) if isinstance(value, str) else value
        for name in ("number", "status")
        if isinstance(value := document.get(name), int | str)
    }
    return [
        Read(
            "issue", _id(document["id"]), _id(document.get("user_id")),
            _id(document.get("project_id")), title_of(document)[:_LONGEST_TITLE],
            tuple(pieces_of_issue(document)), facts=facts,
            changed_at=moment(document.get("updated_at")) or moment(document.get("created_at")),
        )
    ]  # fmt: skip


def _of_note(document: Mapping[str, Any], _: tuple[Any, ...]) -> list[Read]:
    said = {**document, "timestamp": document.get("at")}
    return [
        Read(
            "note", _id(document["id"]), _id(document.get("user_id")),
            _id(document.get("project_id")), "",
            tuple(pieces_of_message(said, turn=None, kind="note")),
            changed_at=moment(document.get("noted_at")),
        )
    ]  # fmt: skip


_SOURCES = {"projects": _of_project, "support_issues": _of_issue, "memory_notes": _of_note}


def _history(
    collection: str, document: Mapping[str, Any] | None, session: ClientSession
) -> tuple[Evidence, ...]:
    """What the versions of a project tell of its customer's choices."""
    if document is None or collection != "projects":
        return ()
    moments = over_time(
        document["id"], revisions.MANIFESTS, limit=revisions.MOST_VERSIONS, session=session
    )
    return tuple(revisions.evidence_of_moments(moments))


def _as_decided(
    source: Read,
    decided: Mapping[bytes, ItemDecision],
    history: tuple[Evidence, ...],
    born_at: datetime,
) -> Read:
    """With what staff corrected, without what they had forgotten, and without pieces of blanks
    and control characters, which have no meaning that could be found.

    born_at: the date of what is said without one, where the document has none either.
    """
    kept: list[Piece] = []
    standings: dict[bytes, str] = {}
    for original in source.pieces:
        piece, standing = _decided(original, decided)
        if piece is not None and says_something(piece.text):
            kept.append(piece)
            if standing:
                standings[piece.sha256] = standing
    evidence = evidence_of(source.kind, kept, source.stack)
    if source.kind == "project":
        evidence += history
    undated_at = source.changed_at or born_at
    dated = tuple(each if each.at else replace(each, at=undated_at) for each in evidence)
    return replace(source, pieces=tuple(kept), standings=standings, evidence=dated)


def _decided(
    piece: Piece, decided: Mapping[bytes, ItemDecision]
) -> tuple[Piece | None, Literal["", "pinned", "rejected"]]:
    seen: set[bytes] = set()
    # What a correction made of it may have been decided on again.
    while (decision := decided.get(piece.sha256)) and piece.sha256 not in seen:
        seen.add(piece.sha256)
        if decision.standing == "forgotten":
            return None, ""
        if decision.standing != "corrected":
            return piece, decision.standing
        piece = replace(piece, text=decision.text)
    return piece, ""


def _id(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""
