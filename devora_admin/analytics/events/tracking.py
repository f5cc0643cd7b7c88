"""Events of our own code."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.analytics.documents import events
from devora_admin.analytics.events import customers
from devora_admin.analytics.events.checking import Checked, Refused, checked
from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.core.ids import new_id


def track(
    event_type: str,
    *,
    user_id: str = "",
    project_id: str = "",
    properties: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    event_id: str = "",
    session: ClientSession | None = None,
) -> bool:
    """Whether it is kept: False where there is an event of this id already, and where the customer
    is being erased, or was.

    at: now by default. event_id: for what may be told twice.
    session: of the transaction of what it tells of; an id that is there already ends that.
    Raises InvalidInput.
    """
    now = clock.now()
    given = {
        "event_id": event_id or new_id(),
        "event_type": event_type,
        "user_id": user_id or None,
        "project_id": project_id or None,
        "timestamp": at or now,
        "properties": dict(properties or {}),
    }
    try:
        found = checked(given, now=now)
    except Refused as refusal:
        raise InvalidInput(str(refusal)) from refusal
    if found.fault:
        raise InvalidInput(found.fault)
    named = found.event.get("user_id", "")
    erased, lasting = customers.standing({named} - {""})
    if named in erased:
        return False
    if named in lasting:
        found = found.of(lasting[named])
    try:
        events().insert_one(found.data, session=session)
    except DuplicateKeyError:
        if session is not None:
            raise
        return False
    return not _is_taken_back(found, session)


def _is_taken_back(found: Checked, session: ClientSession | None) -> bool:
    erased = customers.erased_since({found.event.get("user_id", "")} - {""})
    if not erased:
        return False
    key = found.event["_id"]
    if session is None:
        customers.take_back(erased, [key])
    else:
        events().delete_one({"_id": key}, session=session)  # which nobody else has seen
    return True
