"""What events add to the rollups, gathered so that each document is written once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bson import ObjectId
from pymongo import DeleteMany, UpdateOne
from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import ACTIVE, CUBE, SERIES, SKETCHES
from devora_admin.analytics.periods import day_cell, hour_cell, hour_of
from devora_admin.analytics.rollups import sketches
from devora_admin.analytics.rollups.dimensions import (
    EVERY_TYPE,
    Dimensions,
    Key,
    active_key,
    cube_key,
    series_key,
)
from devora_admin.analytics.rollups.facts import Facts
from devora_admin.core import mongo

Numbers = dict[str, int]
Place = tuple[str, ...]
"""An `_id` without the names of its fields, which cannot be a key of a dict."""


class Group(NamedTuple):
    """Events that add to the same cells."""

    event_type: str
    of: Dimensions
    day: date
    hour: datetime


class Counted(NamedTuple):
    facts: Facts
    event_type: str
    of: Dimensions


@dataclass(slots=True)
class Tally:
    """By collection and document: by how much each of its fields grows."""

    series: dict[Place, Numbers] = field(default_factory=dict)
    sketches: dict[Place, Numbers] = field(default_factory=dict)
    cube: dict[Place, Numbers] = field(default_factory=dict)
    active: dict[Place, Numbers] = field(default_factory=dict)

    def add(self, events: Iterable[Counted], zone: ZoneInfo, *, sign: int = 1) -> None:
        """Everything but customers, who are counted once a day. sign: -1 takes away."""
        sums: dict[Group, Numbers] = {}
        bins: dict[Group, Numbers] = {}
        for facts, event_type, of in events:
            day = facts.at.astimezone(zone).date()
            group = Group(event_type, of, day, hour_of(facts.at))
            numbers = sums.setdefault(group, {})
            for name, value in _numbers(facts):
                numbers[name] = numbers.get(name, 0) + sign * value
            if facts.latency_ms is not None:
                counts = bins.setdefault(group, {})
                name = sketches.bin_of(facts.latency_ms)
                counts[name] = counts.get(name, 0) + sign
        for group, numbers in sums.items():
            self._spread(group, numbers, bins.get(group))

    def _spread(self, group: Group, numbers: Numbers, bins: Numbers | None) -> None:
        month, day = day_cell(group.day)
        date_, hour = hour_cell(group.hour)
        for event_type in (group.event_type, EVERY_TYPE):
            for dimension, value in group.of.pairs():
                for grain, period, cell in (("day", month, day), ("hour", date_, hour)):
                    place = (grain, dimension, period, event_type, value)
                    _grow(self.series, place, cell, numbers)
                    if bins:
                        _grow(self.sketches, place, cell, bins)
            _grow(self.cube, (month, event_type, *group.of), day, numbers)

    def add_customer(
        self, day: date, event_type: str, dimension: str, value: str, count: int
    ) -> None:
        month, cell = day_cell(day)
        _grow(self.series, ("day", dimension, month, event_type, value), cell, {"users": count})

    def add_active(self, grain: str, plan: str, period: str, cell: str, numbers: Numbers) -> None:
        _grow(self.active, (grain, plan, period), cell, numbers)

    def write(self, session: ClientSession) -> None:
        for name, documents, key_of in self._parts():
            writes = [
                UpdateOne({"_id": key_of(*place)}, {"$inc": grown, **_marked(name)}, upsert=True)
                for place, fields in documents.items()
                if (grown := {each: by for each, by in fields.items() if by})
            ]
            if writes:
                mongo.database()[name].bulk_write(writes, ordered=False, session=session)

    def tidy(self, session: ClientSession) -> None:
        """Removes what came to nothing, so that a cell is there exactly where there is a number."""
        for name, documents, key_of in self._parts():
            touched = {place: _cells(fields) for place, fields in documents.items()}
            keys = [key_of(*place) for place in documents]
            collection = mongo.database()[name]
            writes: list[UpdateOne | DeleteMany] = []
            for row in collection.find({"_id": {"$in": keys}}, session=session):
                place = tuple(row["_id"].values())
                if gone := _nothing_left(row["cells"], touched[place]):
                    key = {"_id": row["_id"]}
                    unset = {"$unset": dict.fromkeys(gone, "")}
                    writes.append(UpdateOne(key, {**unset, **_marked(name)}))
                    if not row["cells"].keys() - {path[len("cells.") :] for path in gone}:
                        writes.append(DeleteMany({**key, "cells": {}}))
            if writes:
                collection.bulk_write(writes, session=session)

    def _parts(self) -> Iterator[tuple[str, dict[Place, Numbers], Any]]:
        yield SERIES, self.series, series_key
        yield SKETCHES, self.sketches, series_key
        yield CUBE, self.cube, _cube_key
        yield ACTIVE, self.active, active_key


def _marked(name: str) -> dict[str, Any]:
    """Part of each update of sketches: by `mark` whoever has read them sees that they changed."""
    return {"$set": {"mark": ObjectId()}} if name == SKETCHES else {}


def _cube_key(period: str, event_type: str, *of: str) -> Key:
    return cube_key(period, event_type, Dimensions(*of))


def _numbers(facts: Facts) -> Iterator[tuple[str, int]]:
    yield "n", 1
    if facts.tokens:
        yield "tokens", facts.tokens
    if facts.cost_micro:
        yield "cost", facts.cost_micro
    if facts.latency_ms is not None:
        yield "latency_n", 1
        yield "latency", facts.latency_ms


def _grow(into: dict[Place, Numbers], place: Place, cell: str, numbers: Numbers) -> None:
    fields = into.setdefault(place, {})
    for name, by in numbers.items():
        path = f"cells.{cell}.{name}"
        fields[path] = fields.get(path, 0) + by


def _cells(fields: Numbers) -> set[str]:
    return {path.split(".")[1] for path in fields}


def _nothing_left(cells: dict[str, Numbers], touched: set[str]) -> list[str]:
    """Paths of the fields, or whole cells, that are 0."""
    gone = []
    for name in touched & cells.keys():
        empty = [each for each, number in cells[name].items() if not number]
        if len(empty) == len(cells[name]):
            gone.append(f"cells.{name}")
        else:
            gone += [f"cells.{name}.{each}" for each in empty]
    return gone
