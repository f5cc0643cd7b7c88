"""The cells that answer a question, by document: each has a type of event and a label."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import MaxKey, MinKey

from devora_admin.analytics.documents import CUBE, SERIES
from devora_admin.analytics.queries import sketched
from devora_admin.analytics.queries.asking import EVENT_TYPE, Question
from devora_admin.analytics.queries.reading import TOO_SLOW, rollups
from devora_admin.analytics.rollups.dimensions import DIMENSIONS, EVERY_TYPE, series_key
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.patience import patience

_TOO_MANY = (
    "These are too many numbers at once. "
    "Choose days in place of hours, a shorter range, or a filter."
)
MOST_CELLS, MOST_BINS = 400_000, 10_000_000
"""Of one answer, and of its sketches: what a page may take of memory."""
Numbers = dict[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    """What one document has: a year by model has thousands of cells, but few documents."""

    event_type: str
    label: str
    cells: list[tuple[int, Any]]
    """With the column of each: Numbers, or a Sketch where percentiles are asked for."""


def cells(question: Question) -> Iterator[Found]:
    """One round trip, more where the answer is large, and another one for sketches that changed."""
    with patience(TOO_SLOW):
        if question.metric.kind == "quantile":
            yield from _sketches(question)
            return
        name = CUBE if question.is_crossed else SERIES
        condition = _of_cube(question) if question.is_crossed else _of_series(question)
        rows = rollups(name).find(condition)
        yield from _found(question, ((row["_id"], row["cells"].items()) for row in rows))


def _sketches(question: Question) -> Iterator[Found]:
    # A year of hours has thousands of documents, which would leave room for no others.
    find = sketched.read if question.grain == "hour" else sketched.found
    held = 0
    for found in _found(question, find(_of_series(question))):
        held += sum(len(sketch.places) for _, sketch in found.cells)
        if held > MOST_BINS:
            raise InvalidInput(_TOO_MANY, field="grain")
        yield found


def _label(question: Question, key: Any) -> str:
    """Only one dimension matters where there is no cube; its value is just that."""
    if not question.by:
        return ""
    label: str = key[question.by if question.by in key else "value"]
    return label


def _found(
    question: Question, rows: Iterable[tuple[Mapping[str, Any], Iterable[tuple[str, Any]]]]
) -> Iterator[Found]:
    """rows: the key of each document and its cells."""
    places, count = question.places(), 0
    for key, cells_ in rows:
        event_type, columns = key["event_type"], places.get(key["period"])
        if columns is None or (question.by == EVENT_TYPE and event_type == EVERY_TYPE):
            continue
        own = [(columns[name], cell) for name, cell in cells_ if name in columns]
        count += len(own)
        if count > MOST_CELLS:
            raise InvalidInput(_TOO_MANY, field="grain")
        if own:  # a label of other days is none of these
            yield Found(event_type, _label(question, key), own)


def _periods(question: Question) -> list[str]:
    return list(question.places())


def _of_series(question: Question) -> dict[str, Any]:
    """Documents by their ids, or ranges of ids where a part of them is open."""
    grain = "hour" if question.grain == "hour" else "day"
    dimension = question.dimension
    value = "" if dimension not in DIMENSIONS else question.values.get(dimension)

    def key(period: str, event_type: Any, value: Any) -> dict[str, Any]:
        return series_key(grain, dimension, period, event_type, value)

    periods = _periods(question)
    if not question.types:
        ranges = [_between(key(each, MinKey(), MinKey()), key(each, MaxKey(), MaxKey()))
                  for each in periods]  # fmt: skip
        return {"$or": ranges} | ({} if value is None else {"_id.value": value})
    pairs = [(period, event_type) for period in periods for event_type in question.types]
    if value is not None:
        return {"_id": {"$in": [key(*pair, value) for pair in pairs]}}
    return {"$or": [_between(key(*pair, MinKey()), key(*pair, MaxKey())) for pair in pairs]}


def _of_cube(question: Question) -> dict[str, Any]:
    low, high = (dict.fromkeys(DIMENSIONS, bound) for bound in (MinKey(), MaxKey()))
    types: tuple[Any, ...] = question.types
    ranges = [
        _between({"period": period, "event_type": event_type, **low},
                 {"period": period, "event_type": event_type, **high})
        for period in _periods(question)
        for event_type in types
    ] or [
        _between({"period": period, "event_type": MinKey(), **low},
                 {"period": period, "event_type": MaxKey(), **high})
        for period in _periods(question)
    ]  # fmt: skip
    held = {f"_id.{name}": value for name, value in question.values.items()}
    return {"$or": ranges, **held}


def _between(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    return {"_id": {"$gte": low, "$lte": high}}
