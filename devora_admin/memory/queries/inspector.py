"""Everything that is remembered of one customer, item by item."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from devora_admin.core.errors import NotFound
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor
from devora_admin.memory.store import reach
from devora_admin.memory.words import storable

PAGE_SIZE = 30
NEIGHBOURS = 6
_CHARACTERS = 2000
"""Of an item's text in a list."""
_CHANGED = "coalesce((extract(epoch FROM s.changed_at) * 1000000)::bigint, 0)"
_LARGEST_ID = 2**63 - 1
_TOLD = ("id", "kind", "user_id", "project_id", "title", "path", "symbol", "language", "line_from",
         "line_to", "turn", "role", "at", "text", "length", "standing", "sha256")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    user_id: str
    kinds: tuple[str, ...] = ()
    project_id: str = ""
    standing: str = ""
    """"", pinned or rejected."""
    sha256s: tuple[bytes, ...] | None = None
    """Only of pieces with one of these hashes."""
    text: str = ""
    """That the item holds as it stands, whatever the case of its letters."""


@dataclass(frozen=True, slots=True)
class Item:
    id: int
    kind: str
    user_id: str
    project_id: str
    title: str
    path: str
    symbol: str
    language: str
    line_from: int
    line_to: int
    turn: int | None
    role: str
    at: datetime | None
    text: str
    length: int
    """Characters of the whole text."""
    standing: str
    sha256: bytes
    read_at: datetime
    """Its document is remembered as it was then."""
    indexed_at: datetime
    models: tuple[str, ...]
    """Whose vectors it has."""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chunk_id(self) -> int:
        return self.id

    @property
    def is_cut(self) -> bool:
        return self.length > len(self.text)


@dataclass(frozen=True, slots=True)
class ItemsPage:
    items: tuple[Item, ...]
    newer: str
    """Cursors, "" at an end."""
    older: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    item: Item
    cosine: float


def counts(user_id: str) -> dict[str, int]:
    """Items by kind. Raises MemoryUnavailable and MemoryTooSlow, as all here do."""
    with reach.reading() as cursor:
        return _counts(cursor, user_id)


def items_page(wanted: Wanted, cursor: str = "") -> tuple[ItemsPage, dict[str, int]]:
    """Of the document that changed last first, and how many there are of each kind without the
    filters. What is decided about an item leaves it in its place.

    Raises InvalidInput for a damaged cursor.
    """
    at = decode_cursor(cursor, scope=_scope(wanted)) if cursor else None
    condition, values = _condition(wanted)
    back = at is not None and at.direction == "before"
    if at is not None:
        here = f"({_CHANGED}, c.source_id, c.ordinal, c.id)"
        condition += f" AND {here} {'>' if back else '<'} (%s, %s, %s, %s)"
        values += at.key
    order = "ASC" if back else "DESC"
    with reach.reading() as store:
        # Chosen by itself: in this order alone, all of everybody's would be gone through.
        store.execute(
            f"WITH theirs AS MATERIALIZED (SELECT {_CHANGED} AS changed, c.source_id, c.ordinal,"
            " c.id FROM memory_chunk AS c JOIN memory_source AS s ON s.id = c.source_id"
            f" WHERE s.deleted_at IS NULL AND {condition}) SELECT * FROM theirs ORDER BY"
            f" changed {order}, source_id {order}, ordinal {order}, id {order}"
            f" LIMIT {PAGE_SIZE + 1}",
            values,
        )
        places = store.fetchall()
        more, places = len(places) > PAGE_SIZE, sorted(places[:PAGE_SIZE], reverse=True)
        ids = [place[-1] for place in places]
        rows = _read(store, "c.user_id = %s AND c.id = ANY(%s)", [storable(wanted.user_id), ids])
        by_kind = _counts(store, wanted.user_id)
    has_newer, has_older = (more, True) if back else (at is not None, more)
    page = ItemsPage(
        tuple(sorted(rows, key=lambda each: ids.index(each.id))),
        newer=_cursor(wanted, "before", places[0]) if places and has_newer else "",
        older=_cursor(wanted, "after", places[-1]) if places and has_older else "",
    )
    return page, by_kind


def item(user_id: str, item_id: int) -> Item:
    """With all of its text. Raises NotFound, also for another customer's."""
    with reach.reading() as cursor:
        return _one(cursor, user_id, item_id)


def item_with(user_id: str, sha256: bytes) -> Item:
    """The latest that has this hash. Raises NotFound."""
    with reach.reading() as cursor:
        cursor.execute(
            "SELECT max(id) FROM memory_chunk WHERE user_id = %s AND sha256 = %s",
            [storable(user_id), sha256],
        )
        return _one(cursor, user_id, cursor.fetchone()[0] or 0)


def neighbours(user_id: str, item_id: int) -> tuple[Item, tuple[Neighbour, ...]]:
    """An item, and what is closest to it in meaning of all that is remembered of the customer.

    None where it has no vector yet. Raises NotFound.
    """
    with reach.reading() as cursor:
        found = _one(cursor, user_id, item_id)
        # Without the cast that an index has: within one customer each vector is compared.
        cursor.execute(
            """
            SELECT other.chunk_id, 1 - (other.vector <=> mine.vector)
            FROM memory_embedding AS mine
            JOIN memory_embeddingmodel AS model ON model.id = mine.model_id
            JOIN memory_embedding AS other
                ON other.user_id = mine.user_id AND other.model_id = mine.model_id
            WHERE mine.chunk_id = %s AND mine.user_id = %s AND model.state = 'active'
                AND other.chunk_id <> mine.chunk_id
            ORDER BY other.vector <=> mine.vector, other.chunk_id LIMIT %s
            """,
            [item_id, storable(user_id), NEIGHBOURS],
        )
        cosines = dict(cursor.fetchall())
        near = _read(
            cursor, "c.user_id = %s AND c.id = ANY(%s)", [storable(user_id), list(cosines)]
        )
    ordered = sorted(near, key=lambda each: (-cosines[each.id], each.id))
    return found, tuple(Neighbour(each, cosines[each.id]) for each in ordered)


def _one(cursor: CursorWrapper, user_id: str, item_id: int) -> Item:
    if 0 < item_id <= _LARGEST_ID:
        condition = "c.user_id = %s AND c.id = %s"
        for found in _read(cursor, condition, [storable(user_id), item_id], characters=None):
            return found
    raise NotFound("remembered item", str(item_id))


def _counts(cursor: CursorWrapper, user_id: str) -> dict[str, int]:
    cursor.execute(
        "SELECT kind, count(*) FROM memory_chunk WHERE user_id = %s GROUP BY 1",
        [storable(user_id)],
    )
    return dict(cursor.fetchall())


def _condition(wanted: Wanted) -> tuple[str, list[Any]]:
    conditions = ["c.user_id = %s"]
    values: list[Any] = [storable(wanted.user_id)]
    narrowed: tuple[tuple[str, Any], ...] = (
        ("c.kind = ANY(%s)", list(wanted.kinds)),
        ("c.project_id = %s", storable(wanted.project_id)),
        ("c.standing = %s", wanted.standing),
        ("(c.text ILIKE %s OR c.path ILIKE %s)", _like(wanted.text)),
    )
    for condition, value in narrowed:
        if value:
            conditions.append(condition)
            values += [value] * condition.count("%s")
    if wanted.sha256s is not None:
        conditions.append("c.sha256 = ANY(%s)")
        values.append(list(wanted.sha256s))
    return " AND ".join(conditions), values


def _like(text: str) -> str:
    escaped = storable(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if text else ""


def _read(
    cursor: CursorWrapper,
    condition: str,
    values: Sequence[Any],
    *,
    characters: int | None = _CHARACTERS,
) -> list[Item]:
    text = "c.text" if characters is None else f"left(c.text, {characters})"
    cursor.execute(
        "SELECT c.id, c.kind, c.user_id, c.project_id, s.title, c.path, c.symbol, c.language,"
        f" c.line_from, c.line_to, c.turn, c.role, c.at, {text}, length(c.text), c.standing,"
        " c.sha256, s.version, s.indexed_at, s.facts,"
        " ARRAY(SELECT model.name FROM memory_embedding AS made"
        " JOIN memory_embeddingmodel AS model ON model.id = made.model_id"
        " WHERE made.chunk_id = c.id ORDER BY model.state)"
        " FROM memory_chunk AS c JOIN memory_source AS s ON s.id = c.source_id"
        f" WHERE s.deleted_at IS NULL AND {condition}",
        values,
    )
    return [_item(row) for row in cursor.fetchall()]


def _item(row: Sequence[Any]) -> Item:
    version, indexed_at, facts, models = row[len(_TOLD) :]
    told: dict[str, Any] = dict(zip(_TOLD, row, strict=False))
    told["sha256"] = bytes(told["sha256"])
    return Item(
        **told,
        read_at=datetime.fromtimestamp(version >> 32, UTC),
        indexed_at=indexed_at,
        models=tuple(models),
        facts=json.loads(facts),
    )


def _scope(wanted: Wanted) -> str:
    return f"memory-items-2:{wanted.user_id}"


def _cursor(wanted: Wanted, direction: Any, place: tuple[int, ...]) -> str:
    return encode_cursor(Cursor(direction, _scope(wanted), place))
