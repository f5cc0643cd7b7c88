"""Who of the staff is away: rules pass them over until they are back."""

from collections.abc import Iterable
from datetime import datetime

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.staff import audit
from devora_admin.staff.audit import Actor
from devora_admin.support.documents import people
from devora_admin.support.services import assigning


def be_away(*, actor: Actor) -> None:
    """Harmless twice."""
    _set(actor, is_away=True)


def be_back(*, actor: Actor) -> None:
    """Harmless twice."""
    _set(actor, is_away=False)


def away_since(staff_id: str) -> datetime | None:
    found = people().find_one({"_id": {"$eq": staff_id}}, {"away_since": 1})
    return found.get("away_since") if found else None


def at_work(staff_ids: Iterable[str]) -> list[str]:
    """Those of them who may work on issues and are not away, in their order."""
    possible = assigning.possible()
    wanted = [each for each in staff_ids if each in possible]
    gone = {"_id": {"$in": wanted}, "away_since": {"$exists": True}}
    away = {row["_id"] for row in people().find(gone, {"_id": 1})}
    return [each for each in wanted if each not in away]


def _set(actor: Actor, *, is_away: bool) -> None:
    def work(session: ClientSession) -> None:
        found = people().find_one({"_id": actor.id}, session=session) or {}
        if ("away_since" in found) is is_away:
            return
        now = clock.now()
        change = {"$set": {"away_since": now}} if is_away else {"$unset": {"away_since": ""}}
        people().update_one({"_id": actor.id}, change, upsert=True, session=session)
        subject = audit.Subject("staff", actor.id, actor.label)
        verb = "support.away" if is_away else "support.back"
        audit.record(verb, actor=actor, subject=subject, session=session)

    mongo.run_in_transaction(work)
