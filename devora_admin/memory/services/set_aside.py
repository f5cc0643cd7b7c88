"""What staff do about documents that could not be indexed."""

from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import NotFound
from devora_admin.memory.documents import queue
from devora_admin.memory.indexing.sources import document_of
from devora_admin.staff import audit
from devora_admin.staff.audit import Actor, Subject


def retry_document(origin: str, *, actor: Actor) -> None:
    """Has the worker try it again within a moment. origin: as `indexing.sources` names it.

    Raises NotFound.
    """

    def work(session: ClientSession) -> None:
        again = {"$set": {"due_at": clock.now(), "tries": 0}, "$unset": {"dead_at": ""}}
        row = queue().find_one_and_update(_dead(origin), again, session=session)
        _record("memory.retry", origin, row, actor, session)

    mongo.run_in_transaction(work)


def discard_document(origin: str, *, actor: Actor) -> None:
    """Gives it up until it changes again. Raises NotFound."""

    def work(session: ClientSession) -> None:
        row = queue().find_one_and_delete(_dead(origin), session=session)
        _record("memory.discard", origin, row, actor, session)

    mongo.run_in_transaction(work)


def _dead(origin: str) -> dict[str, Any]:
    try:
        collection, key = document_of(origin)
    except (ValueError, TypeError) as error:
        raise NotFound("document set aside", origin) from error
    return {"_id": {"$eq": {"c": collection, "k": key}}, "dead_at": {"$exists": True}}


def _record(
    action: str, origin: str, row: dict[str, Any] | None, actor: Actor, session: ClientSession
) -> None:
    if row is None:
        raise NotFound("document set aside", origin)
    subject = Subject("memory_document", origin[:200], origin[:120])
    about = {"tries": row["tries"], "error": row.get("error", "")}
    audit.record(action, actor=actor, subject=subject, before=about, session=session)
