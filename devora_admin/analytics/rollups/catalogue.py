"""Types of events with what their properties are, which new ones enter by themselves; and which
values of the dimensions there are, as far as each is counted apart."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import FAILURES, TYPES
from devora_admin.analytics.metrics import METRICS
from devora_admin.analytics.rollups import state
from devora_admin.analytics.rollups.dimensions import (
    DIMENSIONS,
    MOST_TYPES,
    MOST_VALUES,
    OTHER,
    UNKNOWN,
    Dimensions,
)
from devora_admin.analytics.rollups.facts import Facts
from devora_admin.analytics.rollups.journeys import STEPS
from devora_admin.analytics.rollups.state import State
from devora_admin.core import mongo

MOST_PROPERTIES = 100
"""Of a type."""
_SEEN_EVERY = timedelta(minutes=1)
_TYPE = "event_type"
_NAMED = frozenset((*STEPS, *FAILURES, *(name for each in METRICS.values() for name in each.types)))
"""Types that pages ask for: always counted apart, however many others came before."""


class Known:
    """The values that are counted apart; those that are met now, if there is room for them."""

    def __init__(self, now: State) -> None:
        self._known = {name: set(values) for name, values in now.values.items()}
        self._new: dict[str, list[str]] = {}

    def event_type(self, name: str) -> str:
        return self._apart(_TYPE, name, MOST_TYPES + len(_NAMED) if name in _NAMED else MOST_TYPES)

    def dimensions(self, *values: str) -> Dimensions:
        return Dimensions(
            *(
                self._apart(name, value, MOST_VALUES) if value else UNKNOWN
                for name, value in zip(DIMENSIONS, values, strict=True)
            )
        )

    def _apart(self, name: str, value: str, most: int) -> str:
        known = self._known.setdefault(name, set())
        if value not in known and value != UNKNOWN:
            if len(known) >= most:
                return OTHER
            known.add(value)
            self._new.setdefault(name, []).append(value)
        return value

    def write(self, session: ClientSession) -> None:
        if self._new:
            state.add_values(self._new, session)


class _Seen(NamedTuple):
    first_at: datetime
    last_at: datetime
    kinds: dict[str, set[str]]


def note(events: Iterable[tuple[str, Facts]], session: ClientSession) -> None:
    """Writes only what is new, or newer by a minute."""
    found: dict[str, _Seen] = {}
    for event_type, facts in events:
        seen = found.get(event_type) or _Seen(facts.at, facts.at, {})
        for name, kind in facts.kinds:
            seen.kinds.setdefault(name, set()).add(kind)
        times = min(seen.first_at, facts.at), max(seen.last_at, facts.at)
        found[event_type] = _Seen(*times, seen.kinds)
    types = mongo.database()[TYPES]
    stored = {row["_id"]: row for row in types.find({"_id": {"$in": [*found]}}, session=session)}
    writes = [
        UpdateOne({"_id": name}, {"$set": values}, upsert=True)
        for name, seen in found.items()
        if (values := _changed(seen, stored.get(name)))
    ]
    if writes:
        types.bulk_write(writes, ordered=False, session=session)


def _changed(seen: _Seen, row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {
            "first_at": seen.first_at,
            "last_at": seen.last_at,
            "properties": _properties(seen.kinds),
        }
    values: dict[str, Any] = {}
    if seen.first_at < row["first_at"]:
        values["first_at"] = seen.first_at
    if seen.last_at > row["last_at"] + _SEEN_EVERY:
        values["last_at"] = seen.last_at
    kinds = {each["name"]: set(each["kinds"]) for each in row["properties"]}
    more = {
        name: kinds.get(name, set()) | met
        for name, met in seen.kinds.items()
        if met - kinds.get(name, set())
    }
    if more and (together := _properties(kinds | more)) != row["properties"]:
        values["properties"] = together
    return values


def _properties(kinds: dict[str, set[str]]) -> list[dict[str, Any]]:
    named = [{"name": name, "kinds": sorted(met)} for name, met in kinds.items()]
    return named[:MOST_PROPERTIES]
