"""How many projects there are of each kind, from what is kept of it."""

from dataclasses import dataclass
from typing import Any

from devora_admin.analytics.inventory.documents import ALL, COUNTS, FILES, LANGUAGE, SIZE, TYPE
from devora_admin.analytics.inventory.state import State, state
from devora_admin.analytics.queries.reading import TOO_SLOW, rollups
from devora_admin.core.listing.patience import patience

MOST_SHOWN = 20
_MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Kind:
    value: str
    label: str
    projects: int
    """In use."""


@dataclass(frozen=True, slots=True)
class Kinds:
    shown: list[Kind]
    """The largest first."""
    left_out: int
    """How many kinds more there are, up to a thousand."""


@dataclass(frozen=True, slots=True)
class Inventory:
    used: int
    archived: int
    types: Kinds
    languages: Kinds
    sizes: dict[int, int]
    """Projects in use by step, of inventory.sizes."""
    files: dict[int, int]
    state: State


def inventory() -> Inventory:
    """Six round trips, however many projects there are."""
    with patience(TOO_SLOW):
        rows = {
            (row["_id"]["of"], row["_id"]["value"]): row
            for row in rollups(COUNTS).find({"_id.of": {"$in": [ALL, SIZE, FILES]}})
        }
        whole = rows.get((ALL, ""), {})
        return Inventory(
            whole.get("used", 0), whole.get("archived", 0), _kinds(TYPE), _kinds(LANGUAGE),
            _steps(rows, SIZE), _steps(rows, FILES), state(),
        )  # fmt: skip


def _kinds(of: str) -> Kinds:
    used = {"_id.of": of, "used": {"$gt": 0}}
    found = rollups(COUNTS).find(used).sort([("_id.of", 1), ("used", -1)]).limit(MOST_SHOWN)
    shown = [Kind(row["_id"]["value"], row["label"], row["used"]) for row in found]
    count = rollups(COUNTS).count_documents(used, limit=_MOST_COUNTED)
    return Kinds(shown, count - len(shown))


def _steps(rows: dict[tuple[str, str], Any], of: str) -> dict[int, int]:
    return {int(value): row["used"] for (by, value), row in rows.items() if by == of}
