"""How far it is with what is being made anew, and how long it will take."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from devora_admin.core import clock, mongo
from devora_admin.memory.documents import checks, queue
from devora_admin.memory.indexing.checking import REBUILD
from devora_admin.memory.indexing.sources import KINDS_OF
from devora_admin.memory.store import reach

_LEAST = timedelta(seconds=5)
"""Before, nothing can be said of how long it will take."""


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def percent(self) -> int:
        return 100 if self.done >= self.total else 100 * self.done // self.total

    @property
    def left(self) -> timedelta | None:
        """About how long it goes on; None while that cannot be told."""
        if self.started_at is None or self.finished_at or not self.done:
            return None
        so_far = clock.now() - self.started_at
        if so_far < _LEAST:
            return None
        return so_far * (max(0, self.total - self.done) / self.done)


def embedding_progress() -> Progress:
    """Of the model whose vectors are being made. Raises MemoryUnavailable."""
    with reach.reading(within_s=5) as cursor:
        cursor.execute(
            "SELECT id, created_at FROM memory_embeddingmodel WHERE state <> 'retired'"
            " ORDER BY state = 'building' DESC LIMIT 1"
        )
        if not (model := cursor.fetchone()):
            return Progress(0, 0)
        cursor.execute(
            "SELECT (SELECT count(*) FROM memory_embedding WHERE model_id = %s),"
            " (SELECT count(*) FROM memory_embeddingtask WHERE model_id = %s)",
            [model[0], model[0]],
        )
        made, waiting = cursor.fetchone()
    return Progress(made, made + waiting, model[1])


def rebuild_progress() -> Progress:
    """Of the last rebuild; done and total are 0 where there was none."""
    found = checks().find_one({"_id": REBUILD})
    if not found:
        return Progress(0, 0)
    total = sum(mongo.database()[name].estimated_document_count() for name in KINDS_OF)
    if found["finished_at"]:
        return Progress(total, total, found["started_at"], found["finished_at"])
    if not found["marked_at"]:
        check = checks().find_one({"_id": "check"}) or {}
        marked = (check.get("counts") or {}).get("documents", 0) if check.get("place") else 0
        waiting = queue().count_documents({"due_at": {"$exists": True}})
        return Progress(max(0, marked - waiting), total, found["started_at"])
    waiting = queue().count_documents(
        {"due_at": {"$exists": True}, "since": {"$lte": found["marked_at"]}}
    )
    return Progress(max(0, total - waiting), total, found["started_at"])
