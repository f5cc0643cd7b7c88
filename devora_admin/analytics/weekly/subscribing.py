"""Who gets the summary: each says so for themselves."""

from pymongo.client_session import ClientSession

from devora_admin.analytics.weekly.documents import subscribers
from devora_admin.core import clock, mongo
from devora_admin.staff import audit
from devora_admin.staff.audit import Actor

SENTENCES = {
    "weekly.subscribe": "Asked for the weekly summary",
    "weekly.unsubscribe": "Asked for no more weekly summaries",
}


def is_subscribed(staff_id: str) -> bool:
    return subscribers().find_one({"_id": staff_id}, {"_id": 1}) is not None


def subscribe(actor: Actor) -> None:
    """Harmless twice: it keeps since when."""

    def work(session: ClientSession) -> None:
        since = {"$setOnInsert": {"since": clock.now()}}
        done = subscribers().update_one({"_id": actor.id}, since, upsert=True, session=session)
        if done.upserted_id:
            _record("weekly.subscribe", actor, session)

    mongo.run_in_transaction(work)


def unsubscribe(actor: Actor) -> None:
    def work(session: ClientSession) -> None:
        if subscribers().delete_one({"_id": actor.id}, session=session).deleted_count:
            _record("weekly.unsubscribe", actor, session)

    mongo.run_in_transaction(work)


def _record(action: str, actor: Actor, session: ClientSession) -> None:
    subject = audit.Subject("staff", actor.id, actor.label)
    audit.record(action, actor=actor, subject=subject, session=session)
