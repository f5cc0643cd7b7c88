"""What this app holds about a customer: what the platform saw them do."""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.analytics.alerts.documents import ALERTS, HAPPENED, OUTBOX, STATES
from devora_admin.analytics.boards.documents import BOARDS
from devora_admin.analytics.documents import (
    ACTIVE,
    COHORTS,
    CUBE,
    EVENTS,
    JOURNEYS,
    MINUTES,
    QUARANTINE,
    RECOUNTS,
    SERIES,
    SKETCHES,
    STATE,
    TYPES,
    USER_DAYS,
    events,
)
from devora_admin.analytics.inventory import counting
from devora_admin.analytics.inventory.documents import COUNTS, FIGURES, figures
from devora_admin.analytics.notes.documents import NOTES
from devora_admin.analytics.notes.documents import documents as notes
from devora_admin.analytics.rollups import recounting
from devora_admin.analytics.rollups.people import user_day_of, user_days
from devora_admin.analytics.segments.documents import MEMBERS, SEGMENTS, segments
from devora_admin.analytics.spikes.documents import FAULT_HOURS
from devora_admin.analytics.weekly.documents import SUBSCRIBERS
from devora_admin.core import mongo
from devora_admin.core.values import lines
from devora_admin.users import holdings
from devora_admin.users.holdings import Entry, Holding, Marks, Step

_AT_ONCE = 200
"""As each may take something out of cells of its own."""
_DAYS_AT_ONCE = 40


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "events", "Events", holdings.RECORDS, (EVENTS,),
            count=lambda marks: holdings.count(events(), _own(marks)),
            export=_export,
            erase=_erase,
            verdict={EVENTS: holdings.owned_by("user_id")},
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "events-activity", "Days with events", holdings.RECORDS,
            (USER_DAYS, JOURNEYS, QUARANTINE, RECOUNTS),
            count=lambda marks: sum(
                holdings.count(mongo.database()[name], condition)
                for name, condition in _activity(marks).items()
            ),
            export=None,  # of the events, which the export has whole
            erase=_erase_activity,
            verdict=dict.fromkeys((USER_DAYS, JOURNEYS, QUARANTINE, RECOUNTS), holdings.delete),
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            # After the projects: what is gone of these is taken out of the numbers.
            "project-figures", "Figures of projects", holdings.STAFF_RECORDS, (FIGURES,),
            count=lambda marks: holdings.count(figures(), _figures(marks)),
            export=None,  # of the projects, which the export has whole
            erase=_erase_figures,
            verdict={FIGURES: holdings.delete},
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "segments", "Segments they are in, or that name them", holdings.STAFF_RECORDS,
            (MEMBERS, SEGMENTS),
            count=lambda marks: sum(
                holdings.count(mongo.database()[name], condition)
                for name, condition in _segments(marks).items()
            ),
            export=None,
            erase=_erase_segments,
            verdict=dict.fromkeys((MEMBERS, SEGMENTS), holdings.delete),
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "chart-notes", "Notes in charts that name them", holdings.STAFF_RECORDS, (NOTES,),
            count=lambda marks: holdings.count(notes(), _noted(marks)),
            export=None,
            erase=lambda marks: holdings.batches(notes(), _noted(marks)),
            verdict={NOTES: holdings.delete},
        )
    )  # fmt: skip
    holdings.nothing_in(COUNTS, "how many projects there are of each kind")
    for name in (SERIES, SKETCHES, CUBE, ACTIVE, COHORTS, MINUTES):
        holdings.nothing_in(name, "sums over everybody, by day and kind")
    for name in (ALERTS, STATES, HAPPENED, OUTBOX):
        holdings.nothing_in(name, "what staff watch, of sums over everybody, and e-mails of it")
    holdings.nothing_in(SUBSCRIBERS, "which staff get the weekly summary")
    holdings.nothing_in(TYPES, "names of events and of their properties")
    holdings.nothing_in(STATE, "the time zone of the days, and how many events are counted")
    holdings.nothing_in(BOARDS, "which charts staff look at, by kinds and days alone")
    holdings.nothing_in(FAULT_HOURS, "how many events of a kind there were in an hour")


def _own(marks: Marks) -> dict[str, Any]:
    """Theirs, and what happened to their projects without anybody being named."""
    unnamed = {"user_id": None, "project_id": holdings.one_of(marks.project_ids)}
    return {"$or": [{"user_id": holdings.one_of(marks.ids)}, unnamed]}


def _erase(marks: Marks) -> Iterator[Step]:
    """Takes what was counted of them out of the charts as well; their days are `_erase_activity`'s,
    as each step would go over all that is left of the days it touches."""
    for ids in holdings.ids_of(events(), _own(marks), size=_AT_ONCE):

        def step(session: ClientSession, ids: list[Any] = ids) -> int:
            still = {"$and": [{"_id": {"$in": ids}}, _own(marks)]}
            return recounting.erase(still, session, with_days=False)

        yield step


def _figures(marks: Marks) -> dict[str, Any]:
    return {"id": holdings.one_of(marks.project_ids)}


def _erase_figures(marks: Marks) -> Iterator[Step]:
    for keys in holdings.ids_of(figures(), _figures(marks), size=_AT_ONCE):

        def step(session: ClientSession, keys: list[Any] = keys) -> int:
            return counting.count({repr(key): (key, None) for key in keys}, session)

        yield step


def _segments(marks: Marks) -> dict[str, dict[str, Any]]:
    """A name alone may be another's."""
    naming = [
        row["_id"]
        for row in segments().find({}, {"name": 1, "key": 1})
        if marks.found_in(f"{row['name']} {row['key']}".encode()) - {"name"}
    ]
    ids, projects = holdings.one_of(marks.ids), holdings.one_of(marks.project_ids)
    return {MEMBERS: {"$or": [{"user_id": ids}, {"project_id": projects}]},
            SEGMENTS: {"_id": {"$in": naming}}}  # fmt: skip


def _noted(marks: Marks) -> dict[str, Any]:
    """As of segments: what somebody wrote, or a link to their page."""
    naming = [
        row["_id"]
        for row in notes().find({}, {"text": 1, "url": 1})
        if marks.found_in(f"{row['text']} {row['url']}".encode()) - {"name"}
    ]
    return {"_id": {"$in": naming}}


def _erase_segments(marks: Marks) -> Iterator[Step]:
    for name, condition in _segments(marks).items():
        yield from holdings.batches(mongo.database()[name], condition)


def _activity(marks: Marks) -> dict[str, dict[str, Any]]:
    ids = holdings.one_of(marks.ids)
    return {
        USER_DAYS: {"_id.user_id": ids}, JOURNEYS: {"_id": ids}, QUARANTINE: _held(marks),
        RECOUNTS: {"_id": ids},
    }  # fmt: skip


def _held(marks: Marks) -> dict[str, Any]:
    """As `_own`, of what was not counted."""
    unnamed = {"user_id": "", "event.project_id": holdings.one_of(marks.project_ids)}
    return {"$or": [{"user_id": holdings.one_of(marks.ids)}, unnamed]}


def _erase_activity(marks: Marks) -> Iterator[Step]:
    """Their days are looked at again, after the events they were counted from went."""
    held = _activity(marks)
    for ids in holdings.ids_of(user_days(), held.pop(USER_DAYS), size=_DAYS_AT_ONCE):

        def step(session: ClientSession, ids: list[Any] = ids) -> int:
            return recounting.recount([user_day_of(each) for each in ids], session)

        yield step
    for name, condition in held.items():
        yield from holdings.batches(mongo.database()[name], condition)


def _export(marks: Marks) -> Iterator[Entry]:
    found = lines.documents(events(), _own(marks), batch_size=1000)
    yield Entry("events.jsonl", lines.json_lines(found))
    whole = {"$and": [{"event": {"$exists": True}}, _held(marks)]}
    aside = lines.documents(mongo.database()[QUARANTINE], whole, batch_size=1000)
    yield Entry("events-not-counted.jsonl", lines.json_lines(aside))
