"""Counts projects by what they are now: the difference to what was counted of each before.

So it is harmless twice, and whatever came between is in it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo import DeleteMany, DeleteOne, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.analytics.inventory.documents import (
    ALL,
    FILES,
    LANGUAGE,
    SIZE,
    TYPE,
    counts,
    figures,
)
from devora_admin.analytics.inventory.sizes import BYTES, FILE_COUNTS
from devora_admin.core import mongo
from devora_admin.core.listing.columns import when
from devora_admin.core.raw_bson import LENIENT

LONGEST = 100
"""Of a type or a language, as the list of projects can be asked for it."""
MOST_LANGUAGES = 50
Row = Mapping[str, Any]
Kind = tuple[str, str]
"""By what, and of which value."""
Found = Mapping[str, tuple[Any, Row | None]]
"""By a key that is the same for the same `_id`: that `_id` and the project's figures."""


def _text(value: str) -> dict[str, Any]:
    return {"$and": [{"$eq": [{"$type": value}, "string"]}, {"$ne": [value, ""]},
                     {"$lte": [{"$strLenCP": value}, LONGEST]}]}  # fmt: skip


_LISTED = when({"$isArray": "$files"}, "$files", [])
_READ = {
    "id": when({"$eq": [{"$type": "$id"}, "string"]}, "$id", ""),
    "type": when(_text("$project_type"), "$project_type", ""),
    "languages": {
        "$slice": [
            {"$setUnion": [
                {"$filter": {
                    "input": {"$map": {"input": _LISTED, "in": "$$this.language"}},
                    "cond": _text("$$this"),
                }},
                [],
            ]},
            MOST_LANGUAGES,
        ]
    },
    "files": {"$size": _LISTED},
    "bytes": {"$bsonSize": "$$ROOT"},
    "is_archived": {"$gt": ["$archived_at", None]},
}  # fmt: skip


def found(keys: Sequence[Any]) -> dict[str, tuple[Any, Row | None]]:
    """What the projects of these `_id` are now; of those that are gone None."""
    by_key: dict[str, tuple[Any, Row | None]] = {repr(key): (key, None) for key in keys}
    stages = [{"$match": {"_id": {"$in": list(keys)}}}, {"$project": _READ}]
    for row in mongo.database().get_collection("projects", codec_options=LENIENT).aggregate(stages):
        by_key[repr(row["_id"])] = (row["_id"], row)
    return by_key


def count(now: Found, session: ClientSession) -> int:
    """How many projects have figures no more."""
    keys = [key for key, _ in now.values()]
    stored = figures().with_options(codec_options=LENIENT).find(
        {"_id": {"$in": keys}}, session=session, batch_size=len(keys) + 1
    )  # fmt: skip
    before = {repr(row["_id"]): row for row in stored}
    changed: Counter[tuple[Kind, str]] = Counter()
    labels: dict[Kind, str] = {}
    writes: list[ReplaceOne[Any] | DeleteOne] = []
    gone = 0
    for name, (key, row) in now.items():
        old, new = before.get(name), _figures(row) if row else None
        if old == (new and {"_id": key, **new}):
            continue
        for each, sign in ((old, -1), (new, 1)):
            if each:
                kinds = dict(_kinds(each))
                labels |= kinds
                changed.update({(kind, _where(each)): sign for kind in kinds})
        gone += new is None
        writes.append(
            ReplaceOne({"_id": key}, new, upsert=True) if new else DeleteOne({"_id": key})
        )
    if writes:
        figures().bulk_write(writes, ordered=False, session=session)
        _write(changed, labels, session)
    return gone


def _figures(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _READ}


def _where(row: Row) -> str:
    return "archived" if row["is_archived"] else "used"


def _kinds(row: Row) -> Iterator[tuple[Kind, str]]:
    """With how each is written; the list of projects does not tell capitals from small letters."""
    yield (ALL, ""), ""
    yield (TYPE, row["type"].casefold()), row["type"]
    yield from (((LANGUAGE, each.casefold()), each) for each in row["languages"])
    yield (SIZE, str(BYTES.step_of(row["bytes"]))), ""
    yield (FILES, str(FILE_COUNTS.step_of(row["files"]))), ""


def _write(
    changed: Counter[tuple[Kind, str]], labels: Mapping[Kind, str], session: ClientSession
) -> None:
    grown: dict[Kind, dict[str, int]] = {}
    for (kind, where), by in changed.items():
        if by:
            grown.setdefault(kind, {})[where] = by
    writes: list[UpdateOne | DeleteMany] = [
        UpdateOne(
            {"_id": {"of": of, "value": value}},
            {"$inc": {"used": 0, "archived": 0, **by},
             "$setOnInsert": {"label": labels[of, value]}},
            upsert=True,
        )
        for (of, value), by in grown.items()
    ]  # fmt: skip
    if writes:
        touched = [{"of": of, "value": value} for of, value in grown]
        none = {"_id": {"$in": touched}, "used": 0, "archived": 0}
        counts().bulk_write([*writes, DeleteMany(none)], session=session)
