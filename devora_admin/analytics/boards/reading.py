"""Boards as they are listed and shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.analytics.boards.documents import documents
from devora_admin.core.errors import NotFound

MOST = 200


@dataclass(frozen=True, slots=True)
class BoardRow:
    id: str
    name: str
    count: int
    is_shared: bool
    is_own: bool
    updated_at: datetime
    by: str
    """Who changed it last."""
    revision: int


@dataclass(frozen=True, slots=True)
class BoardChart:
    id: str
    title: str
    """ "" for the one explore gives."""
    query: str


@dataclass(frozen=True, slots=True)
class Board:
    id: str
    name: str
    is_shared: bool
    is_own: bool
    revision: int
    charts: tuple[BoardChart, ...]


def boards_of(staff_id: str) -> list[BoardRow]:
    """One's own and the shared ones, by name; one round trip."""
    fields = {
        "name": 1, "owner_id": 1, "is_shared": 1, "updated_at": 1, "by": 1, "revision": 1,
        "count": {"$size": "$charts"},
    }  # fmt: skip
    seen = {"$or": [{"owner_id": staff_id}, {"is_shared": True}]}
    found = documents().find(seen, fields).sort([("name", 1), ("_id", 1)]).limit(MOST)
    return [
        BoardRow(
            row["_id"], row["name"], row["count"], row["is_shared"], row["owner_id"] == staff_id,
            row["updated_at"], row["by"], row["revision"],
        )
        for row in found
    ]  # fmt: skip


def board(board_id: str, staff_id: str) -> Board:
    """Raises NotFound, also for what another keeps to themselves."""
    row = documents().find_one({"_id": {"$eq": board_id}})
    if row is None or not (row["is_shared"] or row["owner_id"] == staff_id):
        raise NotFound("board", board_id)
    return Board(
        row["_id"], row["name"], row["is_shared"], row["owner_id"] == staff_id, row["revision"],
        tuple(_chart(each) for each in row["charts"]),
    )  # fmt: skip


def _chart(row: dict[str, Any]) -> BoardChart:
    return BoardChart(row["id"], row["title"], row["query"])
