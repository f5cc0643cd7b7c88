"""Up to when projects are counted, and whether all of them are."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession

from devora_admin.analytics.rollups.state import documents
from devora_admin.core import clock

_ID = "projects"


@dataclass(frozen=True, slots=True)
class State:
    is_whole: bool
    """Whether every project has been looked at."""
    counted_at: datetime | None
    """When a change was counted last."""


def state() -> State:
    row = documents().find_one({"_id": _ID}) or {}
    return State(bool(row.get("is_whole")), row.get("counted_at"))


def note(is_whole: bool | None, session: ClientSession) -> None:
    """is_whole: None leaves it as it is."""
    told = {"counted_at": clock.now()} | ({} if is_whole is None else {"is_whole": is_whole})
    documents().update_one({"_id": _ID}, {"$set": told}, upsert=True, session=session)
