"""Seals every secret under the first key: those in plain text, and those under older keys.

It walks the settings in the order of `_id`, a batch at a time. Each value is written on the
condition that it still is what was read, so that the platform's write in between wins; what it
wrote is looked at again. After each batch the place is noted: a run that broke off goes on there.
Reads go on all the while, as every key of the deployment decrypts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import pymongo
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DocumentTooLarge, PyMongoError

from devora_admin.core import clock, mongo, raw_bson, sealed
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import edits, paths
from devora_admin.core.values.paths import Change, is_nameable
from devora_admin.staff import audit
from devora_admin.usersettings.documents import WORKER_STATE, settings
from devora_admin.usersettings.secret_paths import Place, secrets_in
from devora_admin.usersettings.services.walking import (
    FROM_THE_START,
    TIMEOUT_S,
    Document,
    by_key,
    read,
)

BATCH = 500
_STATE = "encrypt_secrets"
_TRIES = 5
# A path that the platform has meanwhile put another kind of value in the way of.
_NO_SUCH_PATH = 28
_LARGE = 200_000
"""Characters. A condition repeats the value, and no request holds twice a large document."""

Report = Callable[["Counts"], None]


@dataclass(slots=True)
class Counts:
    customers: int = 0
    plain: int = 0
    """Sealed now, or to be sealed by a run that is no rehearsal."""
    old: int = 0
    """Were under an older key."""
    current: int = 0
    """Were under the first key already."""
    unreadable: int = 0
    untyped: int = 0
    """Not text, and so left as the platform wrote them."""
    nobodys: int = 0
    """In settings whose user_id is no text, so that there is no owner to bind them to."""
    refused: int = 0
    """The store took no sealed value: the document would pass 16 MB."""
    changing: int = 0
    """Changed again and again meanwhile: left to the next run."""

    @property
    def sealed(self) -> int:
        return self.plain + self.old

    def tally(self, write: "Write") -> None:
        self.plain += write.was_plain
        self.old += not write.was_plain

    def add(self, other: "Counts") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def as_stored(self) -> dict[str, int]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Write:
    document: Document
    place: Place
    value: str
    was_plain: bool

    @property
    def is_simple(self) -> bool:
        """Whether an update can name the path, means by it what is meant here, and is not huge."""
        return len(self.value) <= _LARGE and all(
            isinstance(step, str) and is_nameable(step) and raw_bson.printable(step) == step
            for step in self.place.path
        )


def seal_all(*, report: Report, is_rehearsal: bool = False, batch: int = BATCH) -> Counts:
    """is_rehearsal: counts what would be done and writes nothing."""
    first = sealed.keys()[0].id
    state = {} if is_rehearsal else _state(first)
    counts, after = Counts(**state.get("counts", {})), state.get("after", FROM_THE_START)
    while found := read(after, batch):
        counts.add(_looked_at(found) if is_rehearsal else _sealed(found))
        after = found[-1].key.decoded()
        if not is_rehearsal:
            _note(first, after, counts)
        report(counts)
    if not is_rehearsal:
        mongo.run_in_transaction(lambda session: _finish(first, counts, session))
    return counts


def _looked_at(documents: list[Document]) -> Counts:
    counts = Counts(customers=len(documents))
    for write in _planned(documents, counts):
        counts.tally(write)
    return counts


def _sealed(documents: list[Document]) -> Counts:
    """Seals what is in a batch, and looks again at documents that changed under it."""
    counts = Counts(customers=len(documents))
    planned = list(_planned(documents, counts))
    for _ in range(_TRIES):
        if not planned:
            break
        planned = _written(planned, counts)
    counts.changing += len(planned)
    return counts


def _written(planned: list[Write], counts: Counts) -> list[Write]:
    """Writes and counts; returns what is to be tried again, as it is now."""
    refused, is_whole = _write(planned)
    counts.refused += len(refused)
    rest = [write for write in planned if write not in refused]
    if is_whole:
        now = {}
        done = rest
    else:
        now = {found.key.value: found for found in _again(planned)}
        done = [write for write in rest if _holds(now.get(write.document.key.value), write)]
    for write in done:
        counts.tally(write)
    missed = {write.document.key.value for write in rest if write not in done}
    again = _planned([now[key] for key in missed if key in now], Counts())
    out = {(write.document.key.value, write.place.path) for write in refused}
    return [write for write in again if (write.document.key.value, write.place.path) not in out]


def _planned(documents: Iterable[Document], counts: Counts) -> Iterator[Write]:
    first = sealed.keys()[0].id
    for document in documents:
        owner = document.owner
        for place in secrets_in(document.parts):
            text = place.text
            if owner is None:
                counts.nobodys += 1
            elif text is None:
                counts.untyped += 1
            elif not sealed.is_sealed(text):
                yield Write(document, place, _seal(text, owner, place), was_plain=True)
            elif (opened := _opened(text, owner, place)) is None:
                counts.unreadable += 1
            elif sealed.key_id_of(text) == first:
                counts.current += 1
            else:
                yield Write(document, place, _seal(opened, owner, place), was_plain=False)


def _opened(text: str, owner: str, place: Place) -> str | None:
    try:
        return sealed.unseal(text, owner=owner, field=place.field)
    except sealed.Unreadable:
        return None


def _seal(text: str, owner: str, place: Place) -> str:
    return sealed.seal(text, owner=owner, field=place.field)


def _write(planned: list[Write]) -> tuple[list[Write], bool]:
    """Writes each value where the one that was read still is.

    Returns what the store refused, and whether all else is known to be written.
    """
    simple = [write for write in planned if write.is_simple]
    around = [write for write in planned if not write.is_simple]
    refused: list[Write] = []
    matched = 0
    with pymongo.timeout(TIMEOUT_S):
        try:
            if simple:
                done = settings().bulk_write([_update(write) for write in simple], ordered=False)
                matched = done.matched_count
        except BulkWriteError as error:
            faults = error.details["writeErrors"]
            refused = [simple[each["index"]] for each in faults if each["code"] != _NO_SUCH_PATH]
        refused += [write for write in around if not _write_around(write)]
    return refused, matched == len(planned)


def _update(write: Write) -> UpdateOne:
    name = ".".join(map(str, write.place.path))
    # An expression compares this very value; a plain condition would look into lists, too.
    still = {"$eq": [f"${name}", {"$literal": write.place.part.decoded()}]}
    condition = raw_bson.document(_id=write.document.key, **{"$expr": raw_bson.element(still)})
    return UpdateOne(condition, {"$set": {name: write.value}})


def _write_around(write: Write) -> bool:
    """For a path that no update can name: what is around the value is written, as bytes."""
    path = write.place.path
    change = Change("put", path[1:], raw_bson.element(write.value))

    def work(session: ClientSession) -> None:
        for found in by_key([write.document.key], session=session):
            root = next((part for part in found.parts if part.name == path[0]), None)
            if root is None or paths.find(root, path[1:]) != write.place.part:
                return
            places = paths.write_paths(root, [change])
            put, _ = edits.written(edits.changed(root, [change]), places, name=str(path[0]))
            statement = raw_bson.document(
                **{"$set": Element(raw_bson.DOCUMENT, "", raw_bson.build(put))}
            )
            settings().update_one(raw_bson.document(_id=found.key), statement, session=session)

    try:
        mongo.run_in_transaction(work)
    except (PyMongoError, DocumentTooLarge) as error:
        if not mongo.is_too_large(error):
            raise
        return False
    return True


def _holds(found: Document | None, write: Write) -> bool:
    if found is None:
        return False
    root = Element(raw_bson.DOCUMENT, "", raw_bson.build(found.parts))
    part = paths.find(root, write.place.path)
    return part is not None and Place(write.place.path, part).text == write.value


def _again(planned: list[Write]) -> list[Document]:
    keys = {write.document.key.value: write.document.key for write in planned}
    return by_key(list(keys.values()))


def _state(first: str) -> dict[str, Any]:
    """Where a run that broke off had come to; one for another key has to begin anew."""
    found = mongo.database()[WORKER_STATE].find_one({"_id": _STATE})
    return found if found and found.get("key") == first else {}


def _note(first: str, after: Any, counts: Counts) -> None:
    mongo.database()[WORKER_STATE].replace_one(
        {"_id": _STATE},
        {"key": first, "after": after, "counts": counts.as_stored(), "at": clock.now()},
        upsert=True,
    )


def _finish(first: str, counts: Counts, session: ClientSession) -> None:
    mongo.database()[WORKER_STATE].delete_one({"_id": _STATE}, session=session)
    if counts.sealed:
        audit.record(
            "secrets.encrypt",
            actor=audit.SYSTEM,
            subject=audit.Subject("settings", "all", "Customers' secrets"),
            after={"key_id": first, **counts.as_stored()},
            session=session,
        )
