"""Issues put off until a time: opened again when it has come, or when the customer writes."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support import states
from devora_admin.support.documents import issues
from devora_admin.support.services import changing, fields
from devora_admin.support.services.changing import THREAD, Done, Row

LONGEST = timedelta(days=366)
_MOST_AT_ONCE = 500
_ABOUT = ("status", "wake_at", THREAD)
log = logging.getLogger(__name__)


def snooze(number: int, wake_at: datetime, *, seen: int, actor: audit.Actor) -> Done:
    """seen: the revision the person saw. Also refused when somebody wrote in the thread since.

    Raises InvalidInput (field at), NotFound, Conflict.
    """
    check(wake_at)

    def plan(row: Row) -> Row:
        return snooze_fields(row, wake_at, by=actor)

    return fields.change(number, "snooze", plan, about=_ABOUT, seen=seen, actor=actor)


def wake(number: int, *, seen: int, actor: audit.Actor) -> Done:
    """Raises NotFound, and Conflict for one that is not snoozed any more."""

    def plan(row: Row) -> Row:
        if "wake_at" not in row:
            raise Conflict("This issue is not snoozed any more.")
        return fields.status_fields(row, "open", resolution="", by=actor)

    return fields.change(number, "wake", plan, about=_ABOUT[:2], seen=seen, actor=actor)


def check(wake_at: datetime) -> None:
    """Raises InvalidInput (field at)."""
    now = clock.now()
    if wake_at <= now:
        raise InvalidInput("This is past. Choose a later time.", field="at")
    if wake_at > now + LONGEST:
        raise InvalidInput("Choose a time within a year.", field="at")


def snooze_fields(row: Row, wake_at: datetime, *, by: audit.Actor | None) -> Row:
    """Raises Conflict for what is over."""
    if row["status"] in states.OVER:
        raise Conflict("This issue is over. Reopen it before you snooze it.")
    return fields.status_fields(row, "on_hold", resolution="", by=by) | {"wake_at": wake_at}


def wake_due() -> int:
    """Opens what has been snoozed long enough; returns how many. Harmless twice, and at once."""
    woken = 0
    for number in _due():
        try:
            woken += wake_if_due(number)
        except (Conflict, NotFound) as error:  # taken up at the next turn, if it is still due
            log.info("issue %s stays snoozed for now: %s", number, error.message)
        except Exception as error:  # one must not keep those behind it asleep
            if mongo.is_unavailable(error):
                raise
            log.exception("issue %s could not be woken", number)
    return woken


def _due() -> Iterator[int]:
    found = issues().find({"wake_at": {"$lte": clock.now()}}, {"_id": 0, "number": 1})
    for row in found.sort([("wake_at", 1), ("number", 1)]).limit(_MOST_AT_ONCE):
        yield row["number"]


def wake_if_due(number: int) -> bool:
    """False for what was woken or put off further since it was found."""
    row_id = new_id()

    def work(session: ClientSession) -> bool:
        row = changing.read_live(number, session=session)
        if row.get("wake_at") is None or row["wake_at"] > clock.now():
            return False
        put = fields.status_fields(row, "open", resolution="", by=None)
        fields.apply(row, "wake", put, audit.SYSTEM, session, row_id)
        return True

    return mongo.run_in_transaction(work)
