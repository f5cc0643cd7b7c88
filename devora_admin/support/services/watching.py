"""Following an issue: a matter of each person alone, so nothing of it is conditional."""

from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.errors import NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support.documents import issues
from devora_admin.support.services import changing
from devora_admin.support.services.changing import Done


def watch(number: int, *, actor: audit.Actor) -> Done:
    """Harmless twice."""
    return _set(number, actor, verb="watch", operator="$addToSet")


def unwatch(number: int, *, actor: audit.Actor) -> Done:
    """Harmless twice."""
    return _set(number, actor, verb="unwatch", operator="$pull")


def _set(number: int, actor: audit.Actor, *, verb: str, operator: str) -> Done:
    row_id = new_id()

    def work(session: ClientSession) -> Done:
        row = changing.read(number, session=session)
        if (actor.id in row["watchers"]) is (verb == "watch"):
            return Done(number, row["revision"], "")
        change = {operator: {"watchers": actor.id}}
        if not issues().update_one({"_id": row["_id"]}, change, session=session).matched_count:
            raise NotFound("issue", str(number))
        changing.record(verb, row, actor=actor, session=session, row_id=row_id)
        return Done(number, row["revision"], row_id)

    return mongo.run_in_transaction(work)
