"""Lists of issues by what happened to them within a time: what stands behind a report's numbers.

Each is a range of an index in the order of that moment. Who was asked whether they are satisfied is
looked up first; person, tag and project type are then those of the moment they were asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.conditions import all_of, within
from devora_admin.support import states
from devora_admin.support.mail.documents import csat

Condition = dict[str, Any]
BREACHED_AT = {"first_reply": "sla.first_breached_at", "resolution": "sla.resolution_breached_at"}
TIMED: Mapping[str, Condition] = {
    "replied": {"first_replied_at": {"$exists": True}},
    "first_reply": {"sla.first_reply.state": {"$eq": "met"}},
    "resolution": {"sla.resolution.state": {"$eq": "met"}},
}
"""What a time can be reckoned from: by the clock, and of what was promised in business hours."""
LIVE = sorted(set(states.STATUSES) - states.OVER)
MOST_ASKED = 20_000
"""Answers that are looked up for one list."""


@dataclass(frozen=True, slots=True)
class Between:
    """From a moment until before another; either may be open."""

    start: datetime | None = None
    before: datetime | None = None

    def __bool__(self) -> bool:
        return self.start is not None or self.before is not None

    def of(self, name: str) -> Condition:
        return within(name, self.start, self.before)


@dataclass(frozen=True, slots=True)
class About:
    """Whose issues, and what about; None for any."""

    assignee_id: str | None = None
    """"" is nobody."""
    tag: str | None = None
    """"" is no tag."""
    project_type: str | None = None
    """"" is none, or no project."""

    @property
    def condition(self) -> Condition:
        """Of issues, and of what customers were asked."""
        found: Condition = {}
        if self.assignee_id is not None:
            found["assignee_id"] = {"$eq": self.assignee_id}
        if self.tag is not None:
            found["tags"] = {"$eq": self.tag or []}
        if self.project_type is not None:
            found["project_type"] = {
                "$in": [self.project_type] if self.project_type else ["", None]
            }
        return found


ANY = About()


@dataclass(frozen=True, slots=True)
class Happened:
    opened: Between = field(default_factory=Between)
    resolved: Between = field(default_factory=Between)
    breached: str = ""
    """first_reply or resolution: only those where it was broken."""
    timed: str = ""
    """A name of TIMED: only those that a median of it was taken from."""
    breached_at: Between = field(default_factory=Between)
    is_reopened: bool = False
    asked: Between = field(default_factory=Between)
    """When the customer was asked whether they are satisfied."""
    rating: str = ""
    """What they answered: good, bad, or any."""
    open_at: datetime | None = None
    """Only what was open at that moment, as far as is known now."""
    is_untagged: bool = False
    project_type: str | None = None
    """"" is none, or no project."""

    @property
    def is_asked(self) -> bool:
        return bool(self.asked or self.rating)

    @property
    def key(self) -> str:
        """The field of its order; "" where nothing bounds it in time."""
        if self.is_asked:
            return "number"
        if self.resolved:
            return "resolved_at"
        if self.breached and self.breached_at:
            return BREACHED_AT[self.breached]
        return "created_at" if self.opened or self.open_at else ""


def from_stored(stored: Mapping[str, Any]) -> Happened:
    """What dataclasses.asdict made of one."""
    betweens = {"opened", "resolved", "breached_at", "asked"}
    return Happened(
        **{**stored, **{key: Between(**stored[key]) for key in betweens & stored.keys()}}
    )


def condition(happened: Happened, *, assignee_id: str | None, tag: str) -> Condition:
    """One round trip where customers were asked, otherwise none. Raises InvalidInput.

    assignee_id: "" is nobody, None anybody. tag: "" for any.
    """
    about = About(assignee_id, "" if happened.is_untagged else tag or None, happened.project_type)
    parts = [
        happened.opened.of("created_at"),
        happened.resolved.of("resolved_at"),
        {"reopened": {"$gt": 0}} if happened.is_reopened else {},
        TIMED[happened.timed] if happened.timed else {},
        _breached(happened),
        _open_at(happened.open_at),
        _asked(happened, about) if happened.is_asked else about.condition,
    ]
    return all_of(*parts)


def _breached(happened: Happened) -> Condition:
    if not happened.breached:
        return {}
    name = BREACHED_AT[happened.breached]
    return happened.breached_at.of(name) or {name: {"$exists": True}}


def _open_at(at: datetime | None) -> Condition:
    if at is None:
        return {}
    still: list[Condition] = [{"status": {"$in": LIVE}}, {"resolved_at": {"$gte": at}}]
    return {"created_at": {"$lt": at}, "$or": still}


def _asked(happened: Happened, about: About) -> Condition:
    wanted = {**happened.asked.of("asked_at"), **about.condition}
    if happened.rating:
        wanted["rating"] = {"$exists": True} if happened.rating == "any" else happened.rating
    found = csat().find(wanted, {"_id": 0, "number": 1}).limit(MOST_ASKED + 1)
    numbers = {row["number"] for row in found.batch_size(MOST_ASKED + 1)}
    if len(numbers) > MOST_ASKED:
        raise InvalidInput("Too many customers were asked in this time. Choose a shorter one.")
    return {"number": {"$in": sorted(numbers)}}
