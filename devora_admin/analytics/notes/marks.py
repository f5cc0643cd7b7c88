"""What is marked in the charts of one page; read once for all of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from devora_admin.analytics import periods
from devora_admin.analytics.charts.chart import Note
from devora_admin.analytics.notes import kinds
from devora_admin.analytics.notes.documents import documents
from devora_admin.analytics.periods import DAY, Grain, Span
from devora_admin.staff.queries.happened import Happened, happened

MOST = 40
"""A chart with more marks says nothing; the most telling stay."""
_READ = 200


@dataclass(frozen=True, slots=True)
class Marks:
    notes: tuple[Note, ...]
    """The earliest first."""
    left_out: int
    is_more: bool
    """Whether even that is not all."""


def marks(span: Span, grain: Grain, zone: ZoneInfo, *, shown: Collection[str]) -> Marks:
    """Two round trips. shown: the kinds; those of the audit log only for who may read that."""
    since, until = periods.begin(span.first, zone), periods.begin(span.last + DAY, zone)
    kept, is_cut = _kept(since, until, frozenset(shown) - kinds.OF_AUDIT)
    logged, is_log_cut = _logged(since, until, grain, zone, frozenset(shown) & kinds.OF_AUDIT)
    order = list(kinds.LABELS)
    found = sorted([*kept, *logged], key=lambda note: note.at, reverse=True)
    found.sort(key=lambda note: order.index(note.kind))
    notes = sorted(found[:MOST], key=lambda note: note.at)
    return Marks(tuple(notes), max(0, len(found) - MOST), is_cut or is_log_cut)


def _kept(since: datetime, until: datetime, shown: frozenset[str]) -> tuple[list[Note], bool]:
    if not shown:
        return [], False
    within = {"at": {"$gte": since, "$lt": until}, "kind": {"$in": sorted(shown)}}
    fields = {"_id": 0, "kind": 1, "at": 1, "text": 1, "url": 1}
    rows = list(documents().find(within, fields).sort("at", -1).limit(_READ + 1))
    notes = [Note(row["at"], row["text"], row["url"], row["kind"]) for row in rows[:_READ]]
    return notes, len(rows) > _READ


def _logged(
    since: datetime, until: datetime, grain: Grain, zone: ZoneInfo, shown: frozenset[str]
) -> tuple[list[Note], bool]:
    if not shown:
        return [], False
    # Hours are UTC's, also where the zone is off by half of one.
    zone_name = "UTC" if grain == "hour" else zone.key
    rows, is_cut = happened(kinds.actions_of(shown), since, until, unit=grain, zone_name=zone_name)
    told = [row for row in rows if kinds.is_told(row.action, row.count)]
    return [_note(row, grain, zone) for row in told], is_cut


def _note(row: Happened, grain: Grain, zone: ZoneInfo) -> Note:
    first = row.first_at.astimezone(zone).date()
    last = first
    if grain in ("week", "month"):
        last = periods.last_of(periods.column_of(first, grain), grain)
    days = {"action": row.action, "since": first.isoformat(), "until": last.isoformat()}
    url = f"{reverse('staff:audit')}?{urlencode(days)}"
    return Note(row.first_at, kinds.words(row.action, row.count), url, kinds.kind_of(row.action))
