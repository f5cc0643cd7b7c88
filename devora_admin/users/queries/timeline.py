"""A customer's timeline: the sources' rows in one order, a page of them in one round trip."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import mongo, raw_bson
from devora_admin.core.pagination import Cursor, Direction, decode_cursor, encode_cursor
from devora_admin.users import timeline
from devora_admin.users.panels import Can
from devora_admin.users.queries.timeline_order import DATED, Position, branches, merged_order
from devora_admin.users.readable import short_text
from devora_admin.users.timeline import Entry, Kind, Names, Row, Source

PAGE = 50
OWN_KINDS = 30
"""Kinds offered beside those the sources name."""
_LABEL_CHARS = 80


@dataclass(frozen=True, slots=True)
class TimelineRow:
    at: datetime | None
    """None when the stored time is none."""
    entry: Entry
    project_name: str


@dataclass(frozen=True, slots=True)
class KindChoice:
    name: str
    label: str
    icon: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TimelinePage:
    rows: tuple[TimelineRow, ...]
    newer: str
    """A cursor, or "" on the first page."""
    older: str
    kinds: tuple[KindChoice, ...]

    @property
    def is_filtered(self) -> bool:
        return any(kind.is_chosen for kind in self.kinds)


def timeline_page(
    customer_id: str, *, can: Can, kinds: Iterable[str] = (), cursor: str = "", size: int = PAGE
) -> TimelinePage:
    """kinds: names of what to show, all when none is known. Raises InvalidInput (field cursor)."""
    sources = timeline.sources(can)
    chosen = frozenset(kinds)
    wanted = _wanted(sources, chosen)
    scope = _scope(customer_id, wanted)
    at, direction = _position(cursor, scope)
    rows, names, own = _read(customer_id, sources, wanted, at, direction, size + 1)
    has_more = len(rows) > size
    rows = rows[:size]
    if direction == "before":
        rows.reverse()
    newer = has_more if direction == "before" else at is not None
    older = has_more if direction == "after" else True
    return TimelinePage(
        rows=tuple(_shown(row, sources, names, can) for row in rows),
        newer=_cursor("before", scope, rows[0]) if rows and newer else "",
        older=_cursor("after", scope, rows[-1]) if rows and older else "",
        kinds=tuple(_choices(sources, own, chosen)),
    )


Wanted = dict[str, frozenset[str]]
"""Source → values of its kind field, an empty set standing for all of its rows."""


def _wanted(sources: list[Source], chosen: frozenset[str]) -> Wanted:
    found: Wanted = {}
    for source in sources:
        kinds = [kind for kind in source.kinds if kind.name in chosen]
        values = {value for kind in kinds for value in kind.values}
        mark = f"{source.name}:"
        if source.kind_field:
            values |= {name.removeprefix(mark) for name in chosen if name.startswith(mark)}
        if any(not kind.values for kind in kinds):
            found[source.name] = frozenset()
        elif values:
            found[source.name] = frozenset(values)
    return found or {source.name: frozenset() for source in sources}


def _read(
    customer_id: str, sources: list[Source], wanted: Wanted,
    at: Position | None, direction: Direction, limit: int,
) -> tuple[list[Row], dict[str, str], list[tuple[str, str]]]:  # fmt: skip
    """Rows, names of the projects they point to, and kinds by themselves as (source, value)."""
    parts: list[tuple[str, list[Row]]] = []
    for source in sources:
        if source.name in wanted:
            condition: dict[str, Any] = {source.customer_field: customer_id, **source.condition}
            if values := wanted[source.name]:
                condition[source.kind_field] = {"$in": sorted(values)}
            parts += [
                (source.collection, [*steps, {"$project": _row_of(source, rank)}])
                for rank, steps in branches(source, condition, at, direction, limit)
            ]
    ordered = [merged_order(direction), {"$limit": limit}, *_with_names(timeline.project_names())]
    last = [(source.collection, _own_kinds(source, customer_id)) for source in sources
            if source.kind_field]  # fmt: skip
    found = _run(parts, ordered, last)
    together: Row = next((each for each in found if "rows" in each), {"rows": []})
    names = {row["key"]: row["label"] for row in together.get("named", ()) if row["label"]}
    own = [(each["source"], each["own"]) for each in found if "own" in each]
    return together["rows"], names, own


def _run(
    parts: list[tuple[str, list[Row]]], ordered: list[Row], last: list[tuple[str, list[Row]]]
) -> list[Row]:
    if not parts:
        return []
    (first, pipeline), *rest = parts

    def union(collection: str, steps: list[Row]) -> Row:
        return {"$unionWith": {"coll": collection, "pipeline": steps}}

    stages = [
        *pipeline,
        *(union(*each) for each in rest),
        *ordered,
        *(union(*each) for each in last),
    ]
    collection = mongo.database()[first].with_options(codec_options=raw_bson.LENIENT)
    return list(collection.aggregate(stages))


def _row_of(source: Source, rank: int) -> Row:
    return {
        "source": {"$literal": source.name},
        "rank": {"$literal": rank},
        "at": "$_at" if rank == DATED else {"$literal": None},
        "fields": dict(source.fields),
    }


def _with_names(names: Names | None) -> list[Row]:
    """All rows in one document, so that each project is looked up once."""
    together: Row = {"$group": {"_id": None, "rows": {"$push": "$$ROOT"}}}
    if names is None:
        return [together]
    look_up = {
        "from": names.collection,
        "localField": "rows.fields.project_id",
        "foreignField": names.key,
        "pipeline": [
            {"$limit": 200},
            {"$project": {
                "_id": 0, "key": short_text(f"${names.key}"),
                "label": short_text(f"${names.label}", limit=1000),
            }},
        ],
        "as": "named",
    }  # fmt: skip
    return [together, {"$lookup": look_up}]


def _own_kinds(source: Source, customer_id: str) -> list[Row]:
    """The values the customer's rows have: one step in the index for each."""
    known = sorted({value for kind in source.kinds for value in kind.values})
    return [
        {"$match": {source.customer_field: customer_id}},
        {"$group": {"_id": f"${source.kind_field}"}},
        {"$match": {"_id": {"$type": "string", "$nin": ["", *known]}}},
        {"$limit": OWN_KINDS},
        {"$project": {"_id": 0, "source": {"$literal": source.name}, "own": short_text("$_id")}},
        {"$match": {"own": {"$ne": None}}},
    ]


def _choices(
    sources: list[Source], own: list[tuple[str, str]], chosen: frozenset[str]
) -> Iterable[KindChoice]:
    def choice(kind: Kind) -> KindChoice:
        return KindChoice(kind.name, kind.label, kind.icon, kind.name in chosen)

    ordered = sorted(sources, key=lambda source: (source.order, source.name))
    for source in ordered:
        yield from map(choice, source.kinds)
    for source in ordered:
        if not source.kind_field:
            continue
        mark = f"{source.name}:"
        values = {value for name, value in own if name == source.name}
        # A chosen one is offered although this customer has none of it, to be taken back.
        values |= {name.removeprefix(mark) for name in chosen if name.startswith(mark)}
        for value in sorted(values):
            label = raw_bson.printable(value)[:_LABEL_CHARS].replace("_", " ")
            yield choice(Kind(f"{mark}{value}", label.capitalize(), icon="tag"))


def _shown(row: Row, sources: list[Source], names: dict[str, str], can: Can) -> TimelineRow:
    source = next(each for each in sources if each.name == row["source"])
    entry = source.entry(row["fields"], can)
    at = row["at"] if isinstance(row["at"], datetime) else None
    return TimelineRow(at, entry, names.get(entry.project_id, ""))


def _scope(customer_id: str, wanted: Wanted) -> str:
    listed = sorted((name, *sorted(values)) for name, values in wanted.items())
    return "timeline:" + hashlib.sha256(repr((customer_id, listed)).encode()).hexdigest()[:16]


def _cursor(direction: Direction, scope: str, row: Row) -> str:
    return encode_cursor(
        Cursor(direction, scope, (row["rank"], row["at"], row["source"], row["_id"]))
    )


def _position(cursor: str, scope: str) -> tuple[Position | None, Direction]:
    if not cursor:
        return None, "after"
    found = decode_cursor(cursor, scope=scope)
    return Position(*found.key), found.direction
