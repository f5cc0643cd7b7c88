"""Whether an event that is handed in can be kept and counted, before it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import bson
from bson import ObjectId
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from devora_admin.analytics.events.schemas import MOST_PROPERTIES_BYTES
from devora_admin.analytics.rollups.facts import Unusable, facts_of
from devora_admin.core.raw_bson import RAW

_LONGEST_ID = 200
_FIELDS = frozenset(("event_id", "event_type", "user_id", "project_id", "timestamp", "properties"))
_MOST_LEVELS = 50
_CONTAINERS = frozenset((dict, list))


class Refused(Exception):
    """It cannot be kept; the message says why."""


@dataclass(frozen=True, slots=True)
class Checked:
    event_id: str
    event: dict[str, Any]
    """As it is stored."""
    data: RawBSONDocument
    """The same, encoded."""
    fault: str
    """Why it cannot be counted; "" when it can."""

    def of(self, user_id: str) -> "Checked":
        """As an event of somebody else."""
        event = {**self.event, "user_id": user_id}
        return replace(self, event=event, data=RawBSONDocument(_encoded(event), RAW))


def checked(given: Any, *, now: datetime) -> Checked:
    """given: as JSON has it. Raises Refused."""
    if type(given) is not dict:
        raise Refused("An event is an object.")
    event_id = id_of(given)
    if unknown := given.keys() - _FIELDS:
        raise Refused(f"An event has no “{min(unknown)[:80]}”; put it into properties.")
    event: dict[str, Any] = {"_id": ObjectId(), "event_id": event_id}
    event["event_type"] = given.get("event_type")
    for name in ("user_id", "project_id"):
        if (value := given.get(name)) is not None:
            event[name] = _id(value, name)
    event["timestamp"] = _moment(given.get("timestamp"))
    event["properties"] = properties = given.get("properties", {})
    _refuse_excess(event)
    data = _encoded(event)
    fault = _fault_of(event, now)
    if len(data) > MOST_PROPERTIES_BYTES and (size := _size(properties)) > MOST_PROPERTIES_BYTES:
        event["properties"] = {}
        data = _encoded(event)
        fault = (
            f"properties had {size // 1024:,} KB; an event may have "
            f"{MOST_PROPERTIES_BYTES // 1024} KB of them; they are not kept."
        )
    return Checked(event_id, event, RawBSONDocument(data, RAW), fault)


def _refuse_excess(event: dict[str, Any]) -> None:
    """Of properties that are too large at least the rest is set aside."""
    for name in ("event_type", "timestamp", "properties"):
        if _levels(event[name]) > _MOST_LEVELS:
            raise Refused(f"{name} has more than {_MOST_LEVELS} levels.")
    if len(_encoded({**event, "properties": {}})) > MOST_PROPERTIES_BYTES:
        raise Refused(
            f"Without its properties it has more than {MOST_PROPERTIES_BYTES // 1024} KB."
        )


def id_of(given: Mapping[str, Any]) -> str:
    """Raises Refused."""
    return _id(given.get("event_id"), "event_id")


def _id(value: Any, name: str) -> str:
    if type(value) is not str:
        raise Refused(f"{name} is no text.")
    text: str = value.strip()
    if not text or len(text) > _LONGEST_ID or "\0" in text:
        raise Refused(f"{name} needs 1 to {_LONGEST_ID} characters, and no NUL among them.")
    return text


def _moment(value: Any) -> Any:
    """As a date where it is one; else as it came, for staff to see."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.isoformat()
    if type(value) is not str:
        return value
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else value
    except (ValueError, OverflowError):
        return value


def _fault_of(event: dict[str, Any], now: datetime) -> str:
    try:
        facts_of(event, now=now)
    except Unusable as fault:
        return f"{fault}."
    return ""


def _levels(value: Any, so_far: int = 1) -> int:
    """No deeper than one more than there may be."""
    if so_far > _MOST_LEVELS:
        return so_far
    values = value.values() if type(value) is dict else value if type(value) is list else ()
    below = [each for each in values if type(each) in _CONTAINERS]
    return max((_levels(each, so_far + 1) for each in below), default=so_far)


def _encoded(event: dict[str, Any]) -> bytes:
    try:
        return bson.encode(event)
    except (BSONError, OverflowError, UnicodeError, ValueError) as error:
        raise Refused(f"It cannot be stored: {str(error)[:200]}.") from error


def _size(properties: Any) -> int:
    return len(bson.encode({"": properties}))
