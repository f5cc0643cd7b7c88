"""The projects list: one page of rows, going on from a row, in the order of an index.

Two ways to a page. Without filters the index is walked between exact bounds, so page 1,000 costs
what page 1 does. With filters MongoDB races its plans: rare matches are gathered and sorted, common
ones are met while walking. Search is in queries/search.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pymongo
from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo.errors import PyMongoError

from devora_admin.core import mongo
from devora_admin.core.errors import InvalidInput
from devora_admin.core.pagination import Cursor, Direction, decode_cursor, encode_cursor
from devora_admin.projects.documents import projects
from devora_admin.projects.queries import search
from devora_admin.projects.queries.conditions import (
    COLLATION,
    Condition,
    Filters,
    Sort,
    after_condition,
    all_of,
    filters_condition,
    search_condition,
    sortable,
    unsortable,
)
from devora_admin.projects.queries.rows import ProjectRow, columns, project_row
from devora_admin.users import queries as users

PAGE_SIZE = 50
MOST_COUNTED = 10_000
MOST_EXPORTED = 5_000_000
_PATIENCE_S = 1.6
_PING_S = 0.4

Found = dict[str, Any]
Part = Literal["main", "lists"]
"""Documents whose sort value is a list have no one place in the order; they come last."""


@dataclass(frozen=True, slots=True)
class Listing:
    filters: Filters
    sort: Sort = "updated_at"
    descending: bool = True

    @property
    def scope(self) -> str:
        return f"projects:{'-' if self.descending else ''}{self.sort}"


@dataclass(frozen=True, slots=True)
class Position:
    """A row to go on from. number: how many rows come before it, as far as one paged."""

    direction: Direction
    part: Part
    key: Any
    object_id: Any
    number: int


@dataclass(frozen=True, slots=True)
class ProjectPage:
    rows: list[ProjectRow]
    start: int
    """The number of the first row, from 1."""
    previous: str
    """A cursor, or "" on the first page."""
    next: str

    @property
    def last(self) -> int:
        return self.start + len(self.rows) - 1


@contextmanager
def patience(seconds: float = _PATIENCE_S) -> Iterator[None]:
    """Raises InvalidInput when the store is well but the question takes too long."""
    try:
        with pymongo.timeout(seconds):
            yield
    except PyMongoError as error:
        if not error.timeout:
            raise
        with pymongo.timeout(_PING_S):
            mongo.client().admin.command("ping")
        raise InvalidInput(
            "These filters take too long together on this many projects. "
            "Narrow them: an owner, a rarer word or a shorter time helps most."
        ) from error


def page(
    listing: Listing, *, cursor: str = "", size: int = PAGE_SIZE, owner: users.Owner | None = None
) -> ProjectPage:
    """owner: who is known already to own these projects.

    Raises InvalidInput for a damaged cursor, or filters that take too long.
    """
    with patience():
        piece = _piece(listing, _position(cursor, listing), size)
        known = {owner.id: owner} if owner else {}
        owner_ids = {row["user_id"] for row in piece.found if row["user_id"]} - known.keys()
        return _shown(listing, piece, {**known, **users.owners(owner_ids)})


@dataclass(frozen=True, slots=True)
class _Piece:
    found: list[Found]
    before: int
    has_previous: bool
    has_next: bool


def _piece(listing: Listing, at: Position | None, size: int) -> _Piece:
    if at is None:
        found = _read(listing, None, limit=size + 1)
        has_next = len(found) > size
        if has_next and any(row["part"] == "lists" for row in found):
            found = _onward(listing, _start(listing), size + 1)
        return _Piece(found[:size], 0, has_previous=False, has_next=has_next)
    if at.direction == "after":
        found = _onward(listing, at, size + 1)
        has_next = len(found) > size
        return _Piece(found[:size], at.number, has_previous=True, has_next=has_next)
    found = _backward(listing, at, size + 1)
    has_previous = len(found) > size
    found = found[:size][::-1]
    start = max(at.number - len(found), 0) if has_previous else 0
    return _Piece(found, start, has_previous=has_previous, has_next=True)


def _onward(listing: Listing, at: Position, limit: int) -> list[Found]:
    found = _read(listing, at, limit=limit) if at.part == "main" else []
    if len(found) < limit:
        after = at.object_id if at.part == "lists" else MinKey()
        found += _read_lists(listing, {"$gt": after}, 1, limit - len(found))
    return found


def _backward(listing: Listing, at: Position, limit: int) -> list[Found]:
    """Rows before the position, the nearest first."""
    found: list[Found] = []
    if at.part == "lists":
        found = _read_lists(listing, {"$lt": at.object_id}, -1, limit)
        at = _end(listing)
    if len(found) < limit:
        found += _read(listing, at, limit=limit - len(found))
    return found


def _start(listing: Listing) -> Position:
    edge: Any = MaxKey() if listing.descending else MinKey()
    return Position("after", "main", edge, edge, 0)


def _end(listing: Listing) -> Position:
    edge: Any = MinKey() if listing.descending else MaxKey()
    return Position("before", "main", edge, edge, 0)


def _read_lists(listing: Listing, ids: Condition, order: int, limit: int) -> list[Found]:
    condition = all_of(
        match_condition(listing.filters), unsortable(listing.sort), {"$expr": _id_compare(ids)}
    )
    cursor = projects().find(condition, columns(listing.sort)).collation(COLLATION)
    return [{**row, "part": "lists"} for row in cursor.sort("_id", order).limit(limit)]


def _id_compare(ids: Condition) -> Condition:
    ((operator, value),) = ids.items()
    return {operator: ["$_id", {"$literal": value}]}


def _read(listing: Listing, at: Position | None, *, limit: int) -> list[Found]:
    """Rows in the order of the sort, or against it for a position to go back from."""
    backward = at is not None and at.direction == "before"
    descending = listing.descending is not backward
    order = -1 if descending else 1
    filters = listing.filters
    plain = not filters.any_set
    conditions = [filters_condition(filters)]
    if at is not None:
        # The lower bound of an index scan takes its row in.
        conditions += [sortable(listing.sort), {"_id": {"$ne": at.object_id}}]
        if not plain:
            after = after_condition(listing.sort, at.key, at.object_id, descending=descending)
            conditions.append(after)
    condition = all_of(*conditions)
    sort = [(listing.sort, order), ("_id", order)]
    projection = columns(listing.sort)
    if filters.q:
        found = search.read(filters.q, condition, sort=sort, projection=projection, limit=limit)
    else:
        cursor = projects().find(condition, projection).collation(COLLATION).sort(sort)
        if plain:
            cursor = _bounded(cursor, listing, at, descending)
        found = list(cursor.limit(limit))
    return [{**row, "part": _part(row, listing.sort)} for row in found]


def _bounded(cursor: Any, listing: Listing, at: Position | None, descending: bool) -> Any:
    """Holds the cursor to its index, and to the keys beyond the position."""
    name = {"no": "live", "yes": "archived", "any": "any"}[listing.filters.archived]
    cursor = cursor.hint(f"list_{name}_{listing.sort}")
    if at is None:
        return cursor
    prefix = [("archived_at", None)] if name == "live" else []

    def edge(key: Any, object_id: Any) -> list[tuple[str, Any]]:
        return [*prefix, (listing.sort, key), ("_id", object_id)]

    low, high = edge(MinKey(), MinKey()), edge(MaxKey(), MaxKey())
    if descending:  # max is not included, min is
        return cursor.min(low).max(edge(at.key, at.object_id))
    return cursor.min(edge(at.key, at.object_id)).max(high)


def _part(row: Found, sort: Sort) -> Part:
    return "lists" if row["types"][sort] == "array" else "main"


def _shown(listing: Listing, piece: _Piece, owners: dict[str, users.Owner]) -> ProjectPage:
    found, before, previous, following = piece.found, piece.before, "", ""
    if found and piece.has_previous:
        previous = _cursor(listing, "before", found[0], before)
    if found and piece.has_next:
        following = _cursor(listing, "after", found[-1], before + len(found))
    rows = [project_row(row, owners) for row in found]
    return ProjectPage(rows, start=before + 1, previous=previous, next=following)


def _cursor(listing: Listing, direction: Direction, row: Found, number: int) -> str:
    key = [row["key"].get("v")] if row["key"] is not None else []
    values = (row["part"], number, row["_id"], *key)
    return encode_cursor(Cursor(direction, listing.scope, values))


def _position(text: str, listing: Listing) -> Position | None:
    if not text:
        return None
    cursor = decode_cursor(text, scope=listing.scope)
    part, number, object_id, *key = cursor.key
    if not key:  # too long for a link, so it is read again
        again = projects().find_one({"_id": object_id}, {listing.sort: 1}) or {}
        key = [again.get(listing.sort)]
    return Position(cursor.direction, part, key[0], object_id, int(number))


def match_condition(filters: Filters) -> Condition:
    """Everything the filters mean, without help for an index."""
    searched = search_condition(filters.q) if filters.q else {}
    return all_of(filters_condition(filters), searched)


def count(filters: Filters, *, most: int = MOST_COUNTED) -> int:
    """How many match, counted no further than `most` + 1. Raises InvalidInput when too slow."""
    with patience():
        if filters.q:
            return search.count(filters.q, filters_condition(filters), most=most + 1)
        cursor = projects().find(filters_condition(filters), {"_id": 1}).collation(COLLATION)
        return sum(1 for _ in cursor.limit(most + 1).batch_size(most + 1))


def is_empty() -> bool:
    """Whether there is no project at all."""
    return projects().find_one({}, {"_id": 1}) is None
