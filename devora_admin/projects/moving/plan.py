"""What moving one project's old messages writes. Nothing here reads or writes a store.

The first time they go before what the project holds: they are older. What turns up in the old
collection afterwards was written later, and goes to the end, as the thread shows it.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from bson.raw_bson import RawBSONDocument

from devora_admin.core import raw_bson
from devora_admin.core.errors import TooLarge
from devora_admin.core.raw_bson import ARRAY, DOCUMENT, Element
from devora_admin.projects.documents import MAX_DOCUMENT_BYTES
from devora_admin.projects.moving.stored import OldDocument, StoredProject
from devora_admin.projects.services.archiving import Owner, Place, parts_of

FULL_BYTES = 12 * 1024 * 1024
"""A move fills a project up to here; the rest of the 16 MB is the platform's to write on."""
_REST_BYTES = 256 * 1024
"""Of an old document's other fields, so many are kept with the note of its move."""
_FIELD = "conversation_history"
_BINARY = 0x05


@dataclass(frozen=True, slots=True)
class Move:
    project: StoredProject
    history: RawBSONDocument | None
    """An update of the project; None when all of it goes into the archive."""
    archive: tuple[RawBSONDocument, ...]
    new: tuple[RawBSONDocument, ...]
    """Notes of documents that were never moved before."""
    again: tuple[tuple[RawBSONDocument, RawBSONDocument], ...]
    """Which note to change, and how."""
    conversations: int
    messages: int
    size_bytes: int
    archived: int
    """Of the messages."""


@dataclass(frozen=True, slots=True)
class Left:
    """Nothing of this project is moved: its turns would get other numbers."""

    reason: str
    documents: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    at: datetime


@dataclass(slots=True)
class Plan:
    move: Move | Left | None = None
    malformed: list[Element] = field(default_factory=list)
    """Documents whose messages are no list."""


History = Callable[[], list[Element]]


def plan(
    found: Sequence[StoredProject],
    old: Sequence[OldDocument],
    run: Run,
    read_history: History,
    *,
    is_first: bool,
) -> Plan:
    """found: the projects of one id. old: its documents, in the order of `_id`."""
    made = Plan(malformed=[each.key for each in old if each.messages is None])
    sound = [each for each in old if each.messages is not None]
    fresh = [each for each in sound if each.moved is None or each.left]
    if fresh:
        reason = _why_not(found, fresh)
        try:
            if reason:
                made.move = Left(reason, _keys(fresh))
            else:
                made.move = _move(found[0], fresh, run, read_history, is_first=is_first)
        except TooLarge as error:
            made.move = Left(error.message, _keys(fresh))
    return made


def digest(messages: Iterable[Element]) -> bytes:
    """Equal only for the same messages in the same order: each value tells where it ends."""
    hashed = hashlib.sha256()
    for message in messages:
        hashed.update(message.value)
    return hashed.digest()


def _why_not(found: Sequence[StoredProject], fresh: Sequence[OldDocument]) -> str:
    if not found:
        return "There is no such project."
    if len(found) > 1:
        return "Several projects have this id."
    if found[0].history_type not in ("array", "missing", "null"):
        return "The project's conversation_history is no list."
    owner = found[0].user_id.value if found[0].user_id else None
    if any(each.user_id and each.user_id.value != owner for each in fresh):
        return "It names another customer than its project does."
    return ""


def _move(
    project: StoredProject,
    fresh: Sequence[OldDocument],
    run: Run,
    read_history: History,
    *,
    is_first: bool,
) -> Move:
    incoming = [message for each in fresh for message in each.left]
    if is_first:
        moved_out, update = _in_front(project, incoming)
        first = project.archived
    else:
        moved_out, update = _at_the_end(project, incoming, read_history)
        first = project.archived + project.history
    owner, place = Owner(project.id, project.user_id), Place(project.parts, project.archived)
    starts = accumulate((len(each.left) for each in fresh), initial=first)
    notes = list(zip(fresh, starts, strict=False))
    return Move(
        project=project,
        history=update,
        archive=tuple(parts_of(moved_out, owner=owner, place=place)),
        new=tuple(_note(each, at, project, run) for each, at in notes if each.moved is None),
        again=tuple(_note_again(each, at, run) for each, at in notes if each.moved is not None),
        conversations=len(fresh),
        messages=len(incoming),
        size_bytes=sum(len(message.data) for message in incoming),
        archived=len(moved_out),
    )


def _in_front(
    project: StoredProject, incoming: list[Element]
) -> tuple[list[Element], RawBSONDocument | None]:
    """What goes into the archive, and the update that puts the others before what is there."""
    cut = _cut(incoming, FULL_BYTES - project.size_bytes, beside=project.history)
    kept = incoming[cut:]
    if not kept:
        return incoming, None
    if project.history_type == "null":
        return incoming[:cut], _update("$set", _list(kept))
    return incoming[:cut], _update("$push", _push(kept, "$position", 0))


def _at_the_end(
    project: StoredProject, incoming: list[Element], read_history: History
) -> tuple[list[Element], RawBSONDocument | None]:
    """Makes room by archiving the earliest of the project's own, where there is none."""
    if not incoming:
        return [], None
    if _cut(incoming, FULL_BYTES - project.size_bytes, beside=project.history) == 0:
        if project.history_type == "null":
            return [], _update("$set", _list(incoming))
        return [], _update("$push", _list(incoming, "$each"))
    history = read_history() if project.history else []
    held = sum(len(message.data) for message in history) + _names(len(history))
    room = FULL_BYTES - (project.size_bytes - held)
    cut = min(len(history), _cut([*history, *incoming], room, beside=0))
    added = sum(len(message.data) for message in incoming) + 16 * len(incoming)
    freed = sum(len(message.data) for message in history[:cut])
    if project.size_bytes + added - freed > MAX_DOCUMENT_BYTES - 64 * 1024:
        raise TooLarge("The project has no room for it, nor can any be made.")
    if not cut:
        return [], _update("$push", _list(incoming, "$each"))
    kept = len(history) - cut + len(incoming)
    return history[:cut], _update("$push", _push(incoming, "$slice", -kept))


def _cut(messages: Sequence[Element], room: int, *, beside: int) -> int:
    """How many of the first have to go, so that the others take no more than `room` bytes.

    beside: messages that stay, whose positions move on.
    """
    taken = 64  # the list itself, where there was none
    whole = taken + sum(len(message.data) for message in messages)
    if whole + _names(beside + len(messages)) - _names(beside) <= room:
        return 0
    for kept, message in enumerate(reversed(messages), start=1):
        taken += len(message.data)
        if taken + _names(beside + kept) - _names(beside) > room:
            return len(messages) - kept + 1
    return 0


def _names(count: int) -> int:
    """Bytes of type and position of so many items of a list."""
    digits, start, total = 1, 0, 0
    while start < count:
        end = min(count, 10**digits)
        total += (end - start) * (digits + 2)
        start, digits = end, digits + 1
    return total


def _update(operator: str, change: Element) -> RawBSONDocument:
    inner = raw_bson.build([change.named(_FIELD)])
    return raw_bson.document(**{operator: Element(DOCUMENT, "", inner)})


def _list(messages: Sequence[Element], within: str = "") -> Element:
    items = Element(ARRAY, within, raw_bson.build_array(messages))
    return Element(DOCUMENT, "", raw_bson.build([items])) if within else items


def _push(messages: Sequence[Element], name: str, number: int) -> Element:
    items = Element(ARRAY, "$each", raw_bson.build_array(messages))
    return Element(DOCUMENT, "", raw_bson.build([items, raw_bson.element(number, name)]))


def _note(each: OldDocument, first: int, project: StoredProject, run: Run) -> RawBSONDocument:
    kept = {"rest": Element(DOCUMENT, "", each.rest)} if len(each.rest) <= _REST_BYTES else {}
    return raw_bson.document(
        _id=each.key,
        project_id=raw_bson.element(project.id),
        count=raw_bson.element(len(each.messages or ())),
        pieces=Element(ARRAY, "", raw_bson.build_array([_piece(each, first, run)])),
        **kept,
    )


def _note_again(each: OldDocument, first: int, run: Run) -> tuple[RawBSONDocument, RawBSONDocument]:
    """Only while as much was moved as was read."""
    this = raw_bson.document(_id=each.key, count=raw_bson.element(each.moved))
    pushed = raw_bson.build([_piece(each, first, run).named("pieces")])
    counted = raw_bson.build([raw_bson.element(len(each.left), "count")])
    unsure = raw_bson.build([raw_bson.element("", "verified_at")])
    return this, raw_bson.document(
        **{
            "$push": Element(DOCUMENT, "", pushed),
            "$inc": Element(DOCUMENT, "", counted),
            "$unset": Element(DOCUMENT, "", unsure),
        }
    )


def _piece(each: OldDocument, first: int, run: Run) -> Element:
    return raw_bson.element(
        {"first": first, "count": len(each.left), "digest": digest(each.left), "run": run.id,
         "at": run.at}
    )  # fmt: skip


def _keys(documents: Sequence[OldDocument]) -> tuple[Element, ...]:
    return tuple(each.key for each in documents)
