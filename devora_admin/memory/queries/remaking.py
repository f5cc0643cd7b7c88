"""How far it is to have vectors, or all of memory, made anew; and what the nightly check found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import clock, mongo
from devora_admin.memory.documents import checks
from devora_admin.memory.indexing.checking import REBUILD, THE_CHECK
from devora_admin.memory.indexing.sources import KINDS_OF
from devora_admin.memory.queries.status import Stored
from devora_admin.memory.queries.waiting import Waiting

_PACE_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class Remaking:
    """Of vectors, or of all."""

    done: int
    total: int
    """About."""
    began_at: datetime

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def took_s(self) -> float:
        return max(0.0, (clock.now() - self.began_at).total_seconds())

    @property
    def left_s(self) -> float | None:
        """By the pace so far; None while that says nothing yet."""
        if not self.done or self.took_s < _PACE_AFTER_S:
            return None
        return self.took_s / self.done * max(0, self.total - self.done)


@dataclass(frozen=True, slots=True)
class Check:
    """What the last check of everything found amiss, and had put right."""

    is_running: bool
    is_of_rebuild: bool
    """It was to read everything again, whether it differed or not."""
    is_first: bool
    finished_at: datetime | None
    documents: int
    missing: int
    older: int
    left_over: int

    @property
    def drift(self) -> int:
        return self.missing + self.older + self.left_over

    @property
    def is_filling(self) -> bool:
        """What was missing had never been there, or all had been taken away: nothing drifted."""
        is_filled = self.is_first or self.missing == self.documents
        return is_filled and self.drift == self.missing > 0


def reembedding(stored: Stored) -> Remaking | None:
    building = next((model for model in stored.models if model.state == "building"), None)
    if building is None:
        return None
    return Remaking(building.vectors, stored.chunks, building.created_at)


def rebuilding(waiting: Waiting) -> Remaking | None:
    row = checks().find_one({"_id": REBUILD, "finished_at": None})
    if row is None:
        return None
    total = sum(mongo.database()[name].estimated_document_count() for name in KINDS_OF)
    # Until all are marked, how many wait does not tell how many are left.
    done = max(0, total - waiting.count) if row["marked_at"] else 0
    return Remaking(done, total, row["started_at"])


def last_check() -> Check:
    rows = {row["_id"]: row for row in checks().find({"_id": {"$in": [THE_CHECK, REBUILD]}})}
    row: dict[str, Any] = rows.get(THE_CHECK, {})
    found, finished_at = row.get("found") or {}, row.get("finished_at")
    return Check(
        is_running=bool(row.get("place")),
        is_of_rebuild=bool(finished_at) and rows.get(REBUILD, {}).get("marked_at") == finished_at,
        is_first=bool(row.get("is_first")),
        finished_at=finished_at,
        **{name: found.get(name, 0) for name in ("documents", "missing", "older", "left_over")},
    )
