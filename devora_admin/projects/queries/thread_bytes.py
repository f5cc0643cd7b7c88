"""The messages of a thread as the bytes they are stored as, for whoever copies or exports them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import mongo, raw_bson
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.projects.documents import archive, conversations, moves, projects


@dataclass(frozen=True, slots=True)
class Beside:
    """What a project's thread has around its `conversation_history`."""

    before: Iterator[Element]
    after: Iterator[Element]


def every(project_id: str) -> Iterator[Element]:
    """All messages in the thread's order, a document in memory at a time."""
    with mongo.one_moment() as session:
        around = beside(project_id, session=session)
        yield from around.before
        stored = projects().with_options(codec_options=raw_bson.RAW)
        wanted = {"_id": 0, "conversation_history": 1}
        found: Any = stored.find_one({"id": project_id}, wanted, session=session)
        if found is not None:
            yield from list_in(bytes(found.raw), "conversation_history")
        yield from around.after


def beside(project_id: str, *, session: ClientSession) -> Beside:
    """session: of one moment, or of a transaction."""
    theirs = {"project_id": project_id}
    records = moves().with_options(codec_options=raw_bson.RAW)
    found: list[Any] = list(records.find(theirs, {"count": 1}, session=session))
    moved = {}
    for record in found:
        parts = {part.name: part for part in raw_bson.elements(bytes(record.raw))}
        moved[parts["_id"].value] = int(parts["count"].decoded())
    old = _old(theirs, moved, session)
    if moved:
        return Beside(_archived(theirs, session), old)
    return Beside(_one_after_the_other(_archived(theirs, session), old), iter(()))


def list_in(data: bytes, name: str) -> list[Element]:
    """The items of a document's list; none of whatever else has that name."""
    for part in raw_bson.elements(data):
        if part.name == name:
            return raw_bson.elements(part.data) if part.kind == ARRAY else []
    return []


def _archived(theirs: dict[str, str], session: ClientSession) -> Iterator[Element]:
    stored = archive().with_options(codec_options=raw_bson.RAW)
    found: Any
    for found in stored.find(theirs, {"messages": 1}, session=session).sort("first"):
        yield from list_in(bytes(found.raw), "messages")


def _old(
    theirs: dict[str, str], moved: dict[bytes, int], session: ClientSession
) -> Iterator[Element]:
    stored = conversations().with_options(codec_options=raw_bson.RAW)
    found: Any
    for found in stored.find(theirs, {"messages": 1}, session=session).sort("_id"):
        data = bytes(found.raw)
        key = next(part for part in raw_bson.elements(data) if part.name == "_id")
        yield from list_in(data, "messages")[moved.get(key.value, 0) :]


def _one_after_the_other(*sources: Iterator[Element]) -> Iterator[Element]:
    for source in sources:
        yield from source
