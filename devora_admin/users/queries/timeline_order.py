"""The one order of rows of many sources: dated ones first, latest to earliest; rows of the same
time by source, then by `_id`. What has no time follows, by source and `_id`."""

from dataclasses import dataclass
from typing import Any

from devora_admin.core.pagination import Direction
from devora_admin.users.timeline import Source

Step = dict[str, Any]
DATED, UNDATED = 0, 1

# Every BSON type but dates and lists: named one by one, so that an index finds the few there are.
# A list in a list is found by none, and a row with such a time is not shown.
_NO_DATES = [
    "double", "string", "object", "binData", "undefined", "objectId", "bool", "null", "regex",
    "dbPointer", "javascript", "symbol", "javascriptWithScope", "int", "timestamp", "long",
    "decimal", "minKey", "maxKey",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Position:
    """A row to go on from."""

    rank: int
    at: Any
    source: str
    row_id: Any


def merged_order(direction: Direction) -> Step:
    sign = 1 if direction == "after" else -1
    return {"$sort": {"rank": sign, "at": -sign, "source": sign, "_id": -sign}}


def branches(
    source: Source, condition: Step, at: Position | None, direction: Direction, limit: int
) -> list[tuple[int, list[Step]]]:
    """The next `limit` rows of one source, by rank, each row with its time under `_at`.

    condition: what rows must fulfil besides.
    """
    sign = -1 if direction == "after" else 1
    found = []
    if (dated := _dated(source, at, direction)) is not None:
        found.append((DATED, _steps(source, [condition, *dated], _by_time(source, sign), limit)))
    if source.is_platforms and (undated := _undated(source, at, direction)) is not None:
        # By a value made from it: for `_id` itself the store may read everybody's rows in order.
        by_id: list[Step] = [
            {"$set": {"_key": {"$ifNull": ["$_id", None]}}},
            {"$sort": {"_key": sign}},
        ]
        found.append((UNDATED, _steps(source, [condition, *undated], by_id, limit)))
    return found


def _by_time(source: Source, sign: int) -> list[Step]:
    """Rows in the order of `_time`, by the index wherever that is its order.

    From earliest to latest an index sorts a list by its earliest date, and the next rows by it
    would not be the next by `_time`: the platform's rows are then sorted by the value itself.
    """
    if sign < 0 or not source.is_platforms:
        return [{"$sort": {source.time_field: sign, "_id": sign}}]
    return [{"$set": {"_at": _time(source)}}, {"$sort": {"_at": sign, "_id": sign}}]


def _steps(source: Source, conditions: list[Step], sort: list[Step], limit: int) -> list[Step]:
    return [
        {"$match": {"$and": conditions}},
        *sort,
        {"$limit": limit},
        {"$set": {"_at": _time(source)}},
    ]


def _time(source: Source) -> Any:
    """Where a list stands in the order of an index from latest to earliest."""
    if not source.is_platforms:
        return f"${source.time_field}"
    field = f"${source.time_field}"
    return {"$cond": [{"$isArray": field}, {"$max": field}, field]}


def _is_dated(source: Source, *, wanted: bool) -> Step:
    return {"$expr": {"$eq" if wanted else "$ne": [{"$type": _time(source)}, "date"]}}


def _dated(source: Source, at: Position | None, direction: Direction) -> list[Step] | None:
    every: list[Step] = [{source.time_field: {"$type": "date"}}]
    if source.is_platforms:
        every.append(_is_dated(source, wanted=True))
    is_after = direction == "after"
    if at is None or (at.rank == UNDATED and not is_after):
        return every
    if at.rank == UNDATED:
        return None
    beyond, or_equal = ("$lt", "$lte") if is_after else ("$gt", "$gte")
    time = [_time(source), {"$literal": at.at}]
    row = ["$_id", {"$literal": at.row_id}]
    if source.name == at.source:
        # A compound key has no one condition: the range is the index's part, the rest is asked
        # of the few rows it gives.
        return [
            *every,
            {source.time_field: {or_equal: at.at}},
            {"$expr": {"$or": [{beyond: time}, {"$and": [{"$eq": time}, {beyond: row}]}]}},
        ]
    comes_later = (source.name > at.source) is is_after
    compare = or_equal if comes_later else beyond
    return [*every, {source.time_field: {compare: at.at}}, {"$expr": {compare: time}}]


def _undated(source: Source, at: Position | None, direction: Direction) -> list[Step] | None:
    field = source.time_field
    some: list[Step] = [{field: {"$type": _NO_DATES}}, {field: {"$exists": False}}, {field: []}]
    every: list[Step] = [{"$or": some}, _is_dated(source, wanted=False)]
    is_after = direction == "after"
    if at is None or (at.rank == DATED and is_after):
        return every
    if at.rank == DATED:
        return None
    if source.name == at.source:
        row = ["$_id", {"$literal": at.row_id}]
        return [*every, {"$expr": {"$lt" if is_after else "$gt": row}}]
    return every if (source.name > at.source) is is_after else None
