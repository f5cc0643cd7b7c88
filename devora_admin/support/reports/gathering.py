"""Reads what happened within a time, each kind once: ranges of indexes, as columns.

All of it is of one moment. MongoDB sends columns instead of rows, a tenth of what there is to
decode; medians and percentiles are reckoned here, as MongoDB knows them from version 7 on only.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from devora_admin.core import mongo
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.patience import patience
from devora_admin.support import states
from devora_admin.support.documents import ISSUES, issues
from devora_admin.support.mail.documents import csat
from devora_admin.support.queries.happened import BREACHED_AT, LIVE, About
from devora_admin.support.reports.facts import NOWHERE, By, Facts, facts_of
from devora_admin.support.reports.span import Span

PATIENCE_S = 6.0
TOO_SLOW = "This takes too long. Choose a shorter time, or one person, tag or project type."
_CHUNK_MS = 7 * 86_400_000
"""So that what is sent as one document stays far below the 16 MB one may have."""
Stages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Gathered:
    opened: Facts
    """Values: wall_ms and business_s to the first reply, late, over, reopened."""
    resolved: Facts
    """Values: wall_ms and business_s to the resolution, late."""
    late: Facts
    """Promises that were broken, at that moment. Values: is_resolution."""
    asked: Facts
    """Customers who were asked whether they are satisfied. Values: rating: 1 is bad, 2 good."""

    def all(self) -> tuple[Facts, Facts, Facts, Facts]:
        return self.opened, self.resolved, self.late, self.asked

    def within(self, span: Span) -> "Gathered":
        return Gathered(*(each.within(span.start, span.end) for each in self.all()))

    def split(self, by: By) -> dict[str, "Gathered"]:
        """By person, type or tag."""
        places = [each.places(by) for each in self.all()]
        keys = dict.fromkeys(key for each in places for key in each)
        return {
            key: Gathered(
                *(
                    each.take(where.get(key, NOWHERE))
                    for each, where in zip(self.all(), places, strict=True)
                )
            )
            for key in keys
        }


@dataclass(frozen=True, slots=True)
class Reading:
    gathered: Gathered
    backlog: int
    """Issues that were open at the end of the time."""


def read(start: datetime, end: datetime, about: About) -> Reading:
    """From `start` until before `end`; five round trips. Raises InvalidInput."""
    with patience(TOO_SLOW, seconds=PATIENCE_S), mongo.one_moment() as session:
        try:
            gathered = Gathered(
                _opened(start, end, about, session),
                _resolved(start, end, about, session),
                _late(start, end, about, session),
                _asked(start, end, about, session),
            )
            return Reading(gathered, _backlog(end, about, session))
        except OperationFailure as error:
            if mongo.is_too_large(error):
                raise InvalidInput(TOO_SLOW) from error
            raise


def _opened(start: datetime, end: datetime, about: About, session: ClientSession) -> Facts:
    first = "$sla.first_reply"
    values = {
        "wall_ms": {"$ifNull": [{"$subtract": ["$first_replied_at", "$created_at"]}, -1]},
        "business_s": _business(first),
        "late": _flag({"$gt": ["$sla.first_breached_at", None]}),
        "over": _flag({"$in": ["$status", sorted(states.OVER)]}),
        "reopened": {"$ifNull": ["$reopened", 0]},
    }
    return _columns(issues(), "created_at", _range(start, end), about, values, session)


def _resolved(start: datetime, end: datetime, about: About, session: ClientSession) -> Facts:
    values = {
        "wall_ms": {"$subtract": ["$resolved_at", "$created_at"]},
        "business_s": _business("$sla.resolution"),
        "late": _flag({"$gt": ["$sla.resolution_breached_at", None]}),
    }
    return _columns(issues(), "resolved_at", _range(start, end), about, values, session)


def _late(start: datetime, end: datetime, about: About, session: ClientSession) -> Facts:
    first, last = (
        _grouped(name, _range(start, end), about, {"is_resolution": {"$literal": number}})
        for number, name in enumerate(BREACHED_AT.values())
    )
    both = [*first, {"$unionWith": {"coll": ISSUES, "pipeline": last}}]
    return facts_of(issues().aggregate(both, session=session), ["is_resolution"])


def _asked(start: datetime, end: datetime, about: About, session: ClientSession) -> Facts:
    bad_or_good = {"$indexOfArray": [["bad", "good"], "$rating"]}
    values = {"rating": {"$add": [bad_or_good, 1]}}
    return _columns(csat(), "asked_at", _range(start, end), about, values, session)


def _backlog(end: datetime, about: About, session: ClientSession) -> int:
    """What is open now, without what was opened since and with what was resolved since."""

    def counted(condition: dict[str, Any], sign: int) -> Stages:
        count = {"_id": None, "count": {"$sum": sign}}
        return [{"$match": {**condition, **about.condition}}, {"$group": count}]

    stages = counted({"status": {"$in": LIVE}}, 1)
    for name, sign in (("created_at", -1), ("resolved_at", 1)):
        since = counted({name: {"$gte": end}}, sign)
        stages.append({"$unionWith": {"coll": ISSUES, "pipeline": since}})
    return sum(row["count"] for row in issues().aggregate(stages, session=session))


def _range(start: datetime, end: datetime) -> dict[str, datetime]:
    return {"$gte": start, "$lt": end}


def _business(promise: str) -> dict[str, Any]:
    """Seconds until it was met."""
    is_met = {"$eq": [f"{promise}.state", "met"]}
    return {"$cond": [is_met, {"$ifNull": [f"{promise}.took_s", -1]}, -1]}


def _flag(condition: dict[str, Any]) -> dict[str, Any]:
    return {"$cond": [condition, 1, 0]}


def _columns(
    collection: Collection[dict[str, Any]],
    name: str,
    between: dict[str, datetime],
    about: About,
    values: dict[str, Any],
    session: ClientSession,
) -> Facts:
    stages = _grouped(name, between, about, values)
    return facts_of(collection.aggregate(stages, session=session), values)


def _grouped(
    name: str, between: dict[str, datetime], about: About, values: dict[str, Any]
) -> Stages:
    at = {"$toLong": f"${name}"}
    columns = {
        "at": at,
        "who": "$assignee_id",
        "type": {"$ifNull": ["$project_type", ""]},
        "tags": {"$ifNull": ["$tags", []]},
        **values,
    }
    chunk = {"$floor": {"$divide": [at, _CHUNK_MS]}}
    pushed = {key: {"$push": value} for key, value in columns.items()}
    return [{"$match": {name: between, **about.condition}}, {"$group": {"_id": chunk, **pushed}}]
