"""What a customer did around a moment: the events of some minutes before and after it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from devora_admin.analytics.documents import events
from devora_admin.analytics.timeline import SOURCE, look_of
from devora_admin.core import raw_bson
from devora_admin.core.listing.patience import patience
from devora_admin.users.panels import Can
from devora_admin.users.readable import short_text
from devora_admin.users.timeline import Entry

WITHIN = timedelta(minutes=15)
PAGE = 12
MOST_OF_A_SIDE = 250
_MOST_AS_TEXT = 50
_TOO_SLOW = "Reading the events took too long. Try again."
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """An event on the axis."""

    id: Any
    at: datetime | None
    """None when the stored time is text that tells none."""
    label: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    at: datetime | None
    after_s: float | None
    """Seconds after the moment, negative before it."""
    entry: Entry
    is_of_project: bool


@dataclass(frozen=True, slots=True)
class Around:
    moment: datetime
    points: tuple[Point, ...]
    """The earliest first, those without a time last."""
    rows: tuple[EventRow, ...]
    """Of one page, in the same order."""
    page: int
    """From 1."""
    has_earlier: bool
    """Whether there are more before the first than are read."""
    has_later: bool
    last_before: datetime | None
    """Of the last event before all of them; asked only where there is none to show."""

    @property
    def since(self) -> datetime:
        return self.moment - WITHIN

    @property
    def until(self) -> datetime:
        return self.moment + WITHIN

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.points) // PAGE))

    @property
    def counted(self) -> list[tuple[str, int, bool]]:
        """How many of each kind, what went wrong first."""
        found = Counter((point.label, point.is_bad) for point in self.points)
        ranked = sorted(found.items(), key=lambda each: (not each[0][1], -each[1], each[0]))
        return [(label, count, is_bad) for (label, is_bad), count in ranked]


def around(user_id: str, project_id: str, moment: datetime, *, can: Can, page: int = 0) -> Around:
    """Four round trips. Of the customer, and of the project where no customer is named.

    page: from 1; 0 for the one that the moment falls into.
    Raises InvalidInput when it takes too long.
    """
    since, until = moment - WITHIN, moment + WITHIN
    with patience(_TOO_SLOW):
        earlier = _points(user_id, project_id, {"$gte": since, "$lte": moment}, -1)
        later = _points(user_id, project_id, {"$gt": moment, "$lte": until}, 1)
        as_text = _as_text(user_id, since, until)
        has_earlier, has_later = len(earlier) > MOST_OF_A_SIDE, len(later) > MOST_OF_A_SIDE
        points = _ordered([*earlier[:MOST_OF_A_SIDE], *later[:MOST_OF_A_SIDE], *as_text])
        page = min(page or _page_of(points, moment), max(1, -(-len(points) // PAGE)))
        shown = points[(page - 1) * PAGE : page * PAGE]
        rows = _rows(shown, project_id, moment, can) if shown else ()
        last = None if points else _last_before(user_id, since)
    return Around(moment, tuple(points), rows, page, has_earlier, has_later, last)


def _points(user_id: str, project_id: str, time: Row, sign: int) -> list[Point]:
    """Two ranges of one index at most, which MongoDB merges as it reads."""
    wanted: list[Row] = [{"user_id": user_id, "timestamp": time}]
    if project_id:
        wanted.append({"user_id": None, "project_id": project_id, "timestamp": time})
    order = {"timestamp": sign, "_id": sign}
    found = _read([{"$match": {"$or": wanted}}, {"$sort": order}, {"$limit": MOST_OF_A_SIDE + 1}])
    # A date in a list is found by the index as well, and is no time of an event.
    return [_point(row, row["at"]) for row in found if isinstance(row["at"], datetime)]


def _as_text(user_id: str, since: datetime, until: datetime) -> list[Point]:
    """Those whose time was written as text, as ISO 8601 has it."""
    bounds = {"$gte": f"{since:%Y-%m-%dT%H:%M}", "$lte": f"{until:%Y-%m-%dT%H:%M:%S}~"}
    theirs = {"$match": {"user_id": user_id, "timestamp": bounds}}
    found = [_point(row, _moment(row["at"])) for row in _read([theirs, {"$limit": _MOST_AS_TEXT}])]
    return [each for each in found if each.at is None or since <= each.at <= until]


def _read(stages: list[Row]) -> Iterable[Row]:
    fields = {"at": "$timestamp", "type": short_text("$event_type")}
    collection = events().with_options(codec_options=raw_bson.LENIENT)
    return collection.aggregate([*stages, {"$project": fields}])


def _point(row: Row, at: datetime | None) -> Point:
    look = look_of(row["type"] or "")
    return Point(row["_id"], at, look.label, look.tone == "danger")


def _moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _ordered(points: list[Point]) -> list[Point]:
    timed = [point for point in points if point.at]
    return sorted(timed, key=_time_of) + [point for point in points if not point.at]


def _time_of(point: Point) -> float:
    return point.at.timestamp() if point.at else 0.0


def _page_of(points: list[Point], moment: datetime) -> int:
    before = sum(point.at is not None and point.at < moment for point in points)
    return max(0, before - 1) // PAGE + 1


def _rows(shown: list[Point], project_id: str, moment: datetime, can: Can) -> tuple[EventRow, ...]:
    ids = [point.id for point in shown]
    collection = events().with_options(codec_options=raw_bson.LENIENT)
    stages = [{"$match": {"_id": {"$in": ids}}}, {"$project": dict(SOURCE.fields)}]
    found = {_key(row["_id"]): row for row in collection.aggregate(stages)}
    return tuple(
        _row(found[_key(point.id)], point.at, project_id, moment, can)
        for point in shown
        if _key(point.id) in found
    )


def _row(row: Row, at: datetime | None, project_id: str, moment: datetime, can: Can) -> EventRow:
    after_s = (at - moment).total_seconds() if at else None
    entry = SOURCE.entry(row, can)
    return EventRow(at, after_s, entry, bool(project_id) and entry.project_id == project_id)


def _key(row_id: Any) -> str:
    """An `_id` may be of any type, objects too."""
    return f"{type(row_id).__name__}:{row_id!r}"


def _last_before(user_id: str, since: datetime) -> datetime | None:
    wanted = {"user_id": user_id, "timestamp": {"$lt": since, "$type": "date"}}
    collection = events().with_options(codec_options=raw_bson.LENIENT)
    found = collection.find(wanted, {"timestamp": 1}).sort([("timestamp", -1), ("_id", -1)])
    at = next((row["timestamp"] for row in found.limit(1)), None)
    return at if isinstance(at, datetime) else None
