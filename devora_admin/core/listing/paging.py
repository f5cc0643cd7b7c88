"""One page of rows, going on from a row, in the order of an index.

Two ways to a page. Without filters the index is walked between exact bounds, so page 1,000 costs
what page 1 does. With filters MongoDB races its plans: rare matches are gathered and sorted, common
ones are met while walking. Search is in listing/search.py.
"""

from dataclasses import dataclass
from typing import Any, Literal

from bson.max_key import MaxKey
from bson.min_key import MinKey

from devora_admin.core.listing import search
from devora_admin.core.listing.columns import projection, type_of
from devora_admin.core.listing.conditions import (
    after_condition,
    all_of,
    match_condition,
    sortable,
    unsortable,
)
from devora_admin.core.listing.indexes import ANY_CASE
from devora_admin.core.listing.patience import patience
from devora_admin.core.listing.spec import Condition, F, Found, Listing, ListSpec, Page, R
from devora_admin.core.pagination import Cursor, Direction, decode_cursor, encode_cursor

PAGE_SIZE = 50

Part = Literal["main", "lists"]
"""Documents whose sort value is a list have no one place in the order; they come last."""


@dataclass(frozen=True, slots=True)
class Position:
    """A row to go on from. number: how many rows come before it, as far as one paged."""

    direction: Direction
    part: Part
    key: Any
    object_id: Any
    number: int


def page(
    spec: ListSpec[F, R], listing: Listing[F], *, cursor: str = "", size: int = PAGE_SIZE
) -> Page[R]:
    """Raises InvalidInput for a damaged cursor, or filters that take too long."""
    asked = _Asked(spec, listing)
    with patience(spec.too_slow):
        piece = _piece(asked, _position(asked, cursor), size)
        found, before, previous, following = piece.found, piece.before, "", ""
        if found and piece.has_previous:
            previous = _cursor(asked, "before", found[0], before)
        if found and piece.has_next:
            following = _cursor(asked, "after", found[-1], before + len(found))
        return Page(spec.rows(found), start=before + 1, previous=previous, next=following)


@dataclass(frozen=True, slots=True)
class _Asked:
    spec: ListSpec[Any, Any]
    listing: Listing[Any]

    @property
    def scope(self) -> str:
        sign = "-" if self.listing.descending else ""
        return f"{self.spec.name}:{sign}{self.listing.sort}"


@dataclass(frozen=True, slots=True)
class _Piece:
    found: list[Found]
    before: int
    has_previous: bool
    has_next: bool


def _piece(asked: _Asked, at: Position | None, size: int) -> _Piece:
    if at is None:
        found = _read(asked, None, limit=size + 1)
        has_next = len(found) > size
        if has_next and any(row["part"] == "lists" for row in found):
            found = _onward(asked, _edge(asked, "after"), size + 1)
        return _Piece(found[:size], 0, has_previous=False, has_next=has_next)
    if at.direction == "after":
        found = _onward(asked, at, size + 1)
        has_next = len(found) > size
        return _Piece(found[:size], at.number, has_previous=True, has_next=has_next)
    found = _backward(asked, at, size + 1)
    has_previous = len(found) > size
    found = found[:size][::-1]
    start = max(at.number - len(found), 0) if has_previous else 0
    return _Piece(found, start, has_previous=has_previous, has_next=True)


def _onward(asked: _Asked, at: Position, limit: int) -> list[Found]:
    found = _read(asked, at, limit=limit) if at.part == "main" else []
    if len(found) < limit:
        after = at.object_id if at.part == "lists" else MinKey()
        found += _read_lists(asked, {"$gt": after}, 1, limit - len(found))
    return found


def _backward(asked: _Asked, at: Position, limit: int) -> list[Found]:
    """Rows before the position, the nearest first."""
    found: list[Found] = []
    if at.part == "lists":
        found = _read_lists(asked, {"$lt": at.object_id}, -1, limit)
        at = _edge(asked, "before")
    if len(found) < limit:
        found += _read(asked, at, limit=limit - len(found))
    return found


def _edge(asked: _Asked, direction: Direction) -> Position:
    """Before the first row, to go on after it; or behind the last, to go back from it."""
    is_high = asked.listing.descending is (direction == "after")
    edge: Any = MaxKey() if is_high else MinKey()
    return Position(direction, "main", edge, edge, 0)


def _read_lists(asked: _Asked, ids: Condition, order: int, limit: int) -> list[Found]:
    spec, listing = asked.spec, asked.listing
    condition = all_of(
        match_condition(spec, listing.filters),
        unsortable(listing.sort),
        {"$expr": _id_compare(ids)},
    )
    cursor = spec.collection().find(condition, projection(spec.columns, listing.sort))
    found = cursor.collation(ANY_CASE).sort("_id", order).limit(limit)
    return [{**row, "part": "lists"} for row in found]


def _id_compare(ids: Condition) -> Condition:
    ((operator, value),) = ids.items()
    return {operator: ["$_id", {"$literal": value}]}


def _read(asked: _Asked, at: Position | None, *, limit: int) -> list[Found]:
    """Rows in the order of the sort, or against it for a position to go back from."""
    spec, listing = asked.spec, asked.listing
    backward = at is not None and at.direction == "before"
    descending = listing.descending is not backward
    order = -1 if descending else 1
    filters = listing.filters
    plain = not filters.any_set
    conditions = [spec.condition(filters)]
    if at is not None:
        # The lower bound of an index scan takes its row in.
        conditions += [sortable(listing.sort), {"_id": {"$ne": at.object_id}}]
        if not plain:
            after = after_condition(listing.sort, at.key, at.object_id, descending=descending)
            conditions.append(after)
    condition = all_of(*conditions)
    sort = [(listing.sort, order), ("_id", order)]
    columns = projection(spec.columns, listing.sort)
    if filters.q:
        asked_for = search.Search(spec, filters.q, condition)
        found = search.read(asked_for, sort=sort, projection=columns, limit=limit)
    else:
        cursor = spec.collection().find(condition, columns).collation(ANY_CASE).sort(sort)
        if plain:
            cursor = _bounded(cursor, asked, at, descending)
        found = list(cursor.limit(limit))
    return [{**row, "part": _part(row, listing.sort)} for row in found]


def _bounded(cursor: Any, asked: _Asked, at: Position | None, descending: bool) -> Any:
    """Holds the cursor to its index, and to the keys beyond the position."""
    sort = asked.listing.sort
    walked = asked.spec.walked(asked.listing.filters, sort)
    cursor = cursor.hint(walked.index)
    if at is None:
        return cursor

    def edge(key: Any, object_id: Any) -> list[tuple[str, Any]]:
        return [*walked.prefix, (sort, key), ("_id", object_id)]

    low, high = edge(MinKey(), MinKey()), edge(MaxKey(), MaxKey())
    if descending:  # max is not included, min is
        return cursor.min(low).max(edge(at.key, at.object_id))
    return cursor.min(edge(at.key, at.object_id)).max(high)


def _part(row: Found, sort: str) -> Part:
    return "lists" if type_of(row, sort) == "array" else "main"


def _cursor(asked: _Asked, direction: Direction, row: Found, number: int) -> str:
    key = [row["key"].get("v")] if row["key"] is not None else []
    values = (row["part"], number, row["_id"], *key)
    return encode_cursor(Cursor(direction, asked.scope, values))


def _position(asked: _Asked, text: str) -> Position | None:
    if not text:
        return None
    cursor = decode_cursor(text, scope=asked.scope)
    part, number, object_id, *key = cursor.key
    if not key:  # too long for a link, so it is read again
        sort = asked.listing.sort
        again = asked.spec.collection().find_one({"_id": object_id}, {sort: 1}) or {}
        key = [again.get(sort)]
    return Position(cursor.direction, part, key[0], object_id, int(number))
