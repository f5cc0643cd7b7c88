"""Having vectors, or all of memory, made anew. The worker's loops do it, beside everything else."""

import time
from datetime import datetime
from typing import Any

from django.db import OperationalError
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.memory import embedding
from devora_admin.memory.documents import checks
from devora_admin.memory.indexing import checking, models
from devora_admin.memory.store import reach
from devora_admin.staff import audit

_REMEMBERED = (
    "embeddingtask", "binaryvector", "embedding", "preferenceevidence", "preference", "chunk",
    "source",
)  # fmt: skip
PATIENCE_S = 10.0
"""Of whoever waits for a page."""
_LOCK_WAITS_MS = (300, 300, 300, 1500)
"""Nobody reads while a lock is waited for, and a vacuum gives way after a second only."""
_BETWEEN_S = 0.5
_SUBJECT = audit.Subject("memory", "memory", "Memory")


def reembed(*, actor: audit.Actor) -> str:
    """Begins to give everything vectors of the embedder that is configured now; says what happens.

    The old ones serve until the new ones are complete. Where the embedder is the one that is used
    already, what has no vector gets one, and what failed is tried again.
    Raises InvalidInput, Conflict and MemoryUnavailable.
    """
    embedder = embedding.configured()
    if embedder is None:
        raise InvalidInput("No embedder is configured: set EMBEDDING_PROVIDER.")
    if trouble := embedder.trouble():
        raise InvalidInput(f"The embedder is not ready: {trouble}")
    known = models.every()
    if any(model.state == "building" for model in known):
        raise Conflict("Vectors are being made anew already. Wait until that is done.")
    active = next((model for model in known if model.state == "active"), None)
    audit.record(
        "memory.reembed",
        actor=actor,
        subject=_SUBJECT,
        before={"model": active.label} if active else {},
        after={"model": f"{embedder.name} {embedder.revision}"},
    )
    if active is None:
        models.ensure_active(embedder)
        return "Vectors are being made."
    if active.is_of(embedder):
        models.try_again(active.id)
        models.ask_for_all(active.id)
        return "What has no vector yet gets one. All others are of this model already."
    models.add(embedder, "building")
    return "New vectors are being made. The old ones serve until then."


def rebuild(*, actor: audit.Actor, patience_s: float = PATIENCE_S) -> None:
    """Empties memory and begins to read everything again. Raises Conflict, MemoryUnavailable.

    patience_s: for others to come to an end who are writing, or make an index.

    What staff decided, vectors by their text and the receipts of erasures stay.
    """
    started_at = clock.now()
    try:
        # Asked for before as well: one that is broken off here still comes to its end.
        _ask_for_all({"finished_at": {"$ne": None}}, started_at, upsert=True)
    except DuplicateKeyError as error:
        raise Conflict("Memory is being made anew already. Wait until that is done.") from error
    audit.record("memory.rebuild", actor=actor, subject=_SUBJECT)
    try:
        _empty(patience_s)
    except Exception:
        ended = {"$set": {"finished_at": clock.now()}}
        checks().update_one({"_id": checking.REBUILD, "started_at": started_at}, ended)
        raise
    # What was marked or read before it was empty does not count.
    _ask_for_all({"started_at": started_at}, started_at)


def _ask_for_all(which: dict[str, Any], started_at: datetime, *, upsert: bool = False) -> None:
    begun = {"started_at": started_at, "marked_at": None, "finished_at": None}

    def work(session: ClientSession) -> None:
        checks().update_one(
            {"_id": checking.REBUILD, **which}, {"$set": begun}, upsert=upsert, session=session
        )
        checking.ask_for_check(everything=True, session=session)

    mongo.run_in_transaction(work)


def _empty(patience_s: float) -> None:
    """All at once, and without keeping readers waiting for long."""
    until, tries = time.monotonic() + patience_s, 0
    while not _emptied(_LOCK_WAITS_MS[tries % len(_LOCK_WAITS_MS)]):
        tries += 1
        if time.monotonic() > until:
            raise Conflict(
                "Memory is being written to, or an index is being made. Try again in a while."
            )
        time.sleep(_BETWEEN_S)


@reach.tried_again
def _emptied(lock_wait_ms: int) -> bool:
    try:
        with reach.writing() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {lock_wait_ms}")
            cursor.execute(f"TRUNCATE {', '.join(f'memory_{name}' for name in _REMEMBERED)}")
    except OperationalError as error:
        if reach.is_locked(error):
            return False
        raise
    return True


def under_way() -> datetime | None:
    """When the rebuild that goes on was begun."""
    found: dict[str, Any] | None = checks().find_one({"_id": checking.REBUILD, "finished_at": None})
    return found["started_at"] if found else None
