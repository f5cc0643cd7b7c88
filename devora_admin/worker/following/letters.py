"""Dead letters: documents whose changes a consumer fails at, set aside so that the rest goes on.

The first failures are tried again by themselves, later each time; after MOST_TRIES only staff have
it tried again.
"""

import hashlib
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import bson
from bson import Binary
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.core import clock, mongo
from devora_admin.core.consumers import Change, Effect
from devora_admin.core.raw_bson import LENIENT, RAW, is_text
from devora_admin.staff.masking import masked_text
from devora_admin.worker.documents import DEAD_LETTERS

MOST_TRIES = 5
PAUSES_S = (1, 2, 5, 15)
"""Before each further try; the first was made when the change came."""
_MOST_BYTES = 64 * 1024
"""Of a change's contents; longer ones are read from the document when it is tried again."""
_MOST_PATHS = 20
_MESSAGE_CHARACTERS, _TRACEBACK_CHARACTERS = 500, 1_500


def letters() -> Collection[dict[str, Any]]:
    return mongo.database().get_collection(DEAD_LETTERS, codec_options=LENIENT)


def id_of(consumer: str, change: Change) -> str:
    """One row for each consumer and document."""
    key = bson.encode({"consumer": consumer, "in": change.collection, "key": change.key})
    return hashlib.sha256(key).hexdigest()[:32]


def is_known(consumer: str, change: Change) -> bool:
    return letters().find_one({"_id": id_of(consumer, change)}, {"_id": 1}) is not None


def told_apart(consumer: str, changes: Sequence[Change]) -> Sequence[Change]:
    """The same changes; those of documents with one set aside say that it is missing before them.

    One round trip, and no more than that while nothing is set aside.
    """
    rows = letters().find({"consumer": consumer}, {"collection": 1, "key": 1})
    aside = {_place(row["collection"], row["key"]) for row in rows}
    if not aside:
        return changes
    return [
        replace(each, is_retry=True) if _place(each.collection, each.key) in aside else each
        for each in changes
    ]


def _place(collection: str, key: Any) -> bytes:
    """As bytes: a key may be a document."""
    return bson.encode({"in": collection, "key": key})


def setting_aside(consumer: str, change: Change, error: BaseException, *, tries: int) -> Effect:
    """Adds the change to its document's row, or begins one."""
    now = clock.now()
    owner = _owner(change)
    first = {
        "consumer": consumer,
        "collection": change.collection,
        "key": change.key,
        **owner,
        # What nobody can be found to own could not be erased with its owner.
        "change": _kept(change, with_contents=bool(owner)),
        "tries": tries,
        "first_at": now,
        "due_at": _due(tries, now),
    }
    latest = {"error": error_text(error), "last_at": now}

    def effect(session: ClientSession) -> None:
        letters().update_one(
            {"_id": id_of(consumer, change)},
            {"$setOnInsert": first, "$set": latest, "$inc": {"changes": 1}},
            upsert=True,
            session=session,
        )

    return effect


def failed_again(row: dict[str, Any], error: BaseException) -> Effect:
    now, tries = clock.now(), row["tries"] + 1
    latest = {
        "error": error_text(error),
        "last_at": now,
        "tries": tries,
        "due_at": _due(tries, now),
    }

    def effect(session: ClientSession) -> None:
        letters().update_one({"_id": row["_id"]}, {"$set": latest}, session=session)

    return effect


def overcome(row: dict[str, Any], effect: Effect) -> Effect:
    def both(session: ClientSession) -> None:
        effect(session)
        letters().delete_one({"_id": row["_id"]}, session=session)

    return both


def due(consumer: str, *, limit: int) -> list[dict[str, Any]]:
    condition = {"consumer": consumer, "due_at": {"$lte": clock.now()}}
    rows = letters().with_options(codec_options=RAW).find(condition).sort("due_at", 1).limit(limit)
    return [dict(row) for row in rows]


def change_of(row: dict[str, Any]) -> Change:
    """What to try again. Where more than one change was set aside, none of them stands for all."""
    kept = row["change"]
    contents: dict[str, Any] = {}
    if row["changes"] == 1 and (data := kept.get("contents")):
        contents = dict(bson.decode(data, RAW))
    return Change(
        collection=row["collection"],
        key=row["key"],
        kind=kept["kind"],
        at=kept["at"],
        cluster_time=kept["cluster_time"],
        document=contents.get("document"),
        set=tuple((each["k"], each.get("v")) for each in contents.get("set", ())),
        removed=tuple(contents.get("removed", ())),
        cut=tuple((each["field"], each["size"]) for each in contents.get("cut", ())),
        is_retry=True,
    )


def error_text(error: BaseException) -> str:
    """What it was and where, as far as it may be shown: a message may quote what it choked on."""
    message = "".join(traceback.format_exception_only(error)).strip()[:_MESSAGE_CHARACTERS]
    where = "".join(traceback.format_tb(error.__traceback__))[-_TRACEBACK_CHARACTERS:]
    return masked_text(f"{message}\n{where}".strip())


def _due(tries: int, now: datetime) -> datetime | None:
    if tries >= MOST_TRIES:
        return None
    return now + timedelta(seconds=PAUSES_S[min(tries, len(PAUSES_S)) - 1])


def _owner(change: Change) -> dict[str, str]:
    """The platform's ids in the document: its own and its owner's, by which it can be erased."""
    found = (
        mongo.database()
        .get_collection(change.collection, codec_options=LENIENT)
        .find_one({"_id": change.key}, {"_id": 0, "id": 1, "user_id": 1})
    )
    named = {"document_id": "id", "user_id": "user_id"}
    known = {name: (found or {}).get(key) for name, key in named.items()}
    return {name: value for name, value in known.items() if is_text(value)}


def _kept(change: Change, *, with_contents: bool) -> dict[str, Any]:
    contents = {
        "document": change.document,
        "set": [{"k": path, "v": value} for path, value in change.set],
        "removed": list(change.removed),
        "cut": [{"field": path, "size": size} for path, size in change.cut],
    }
    data = bson.encode({name: value for name, value in contents.items() if value})
    paths = [*(path for path, _ in change.set), *change.removed, *(path for path, _ in change.cut)]
    return {
        "kind": change.kind,
        "at": change.at,
        "cluster_time": change.cluster_time,
        "paths": list(_shown(paths)),
        "contents": Binary(data) if with_contents and len(data) <= _MOST_BYTES else None,
    }


def _shown(paths: list[str]) -> Iterator[str]:
    for path in paths[:_MOST_PATHS]:
        yield masked_text(path[:100])
