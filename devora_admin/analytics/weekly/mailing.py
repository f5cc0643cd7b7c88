"""Puts the summary of last week into the outbox, once for each person and week: a chore.

It leaves on Monday morning, or as soon as there is a worker again that has counted all of the week.
"""

from datetime import date, datetime, time
from typing import Any

from django.urls import reverse
from pymongo.errors import BulkWriteError

from devora_admin.analytics.alerts import letters
from devora_admin.analytics.alerts.documents import outbox
from devora_admin.analytics.alerts.watching import counted_until
from devora_admin.analytics.periods import begin, monday_of
from devora_admin.analytics.rollups.state import State, state
from devora_admin.analytics.weekly.documents import subscribers
from devora_admin.analytics.weekly.summary import Summary, summary
from devora_admin.core import clock
from devora_admin.staff.queries import accounts

EVERY_S = 300.0
AT = time(7)
_THERE_ALREADY = 11000
Row = dict[str, Any]


def send_due() -> int:
    """How many were put into the outbox."""
    now, known, until = clock.now(), state(), counted_until()
    monday = monday_now(known)
    due = datetime.combine(monday, AT, tzinfo=known.zone)
    if now < due or until is None or until < begin(monday, known.zone):
        return 0
    possible = accounts.who_can("analytics.view")
    people = [row["_id"] for row in subscribers().find({"since": {"$lt": due}}, {"_id": 1})]
    keys = {f"weekly:{monday.isoformat()}:{each}": each for each in people if each in possible}
    there = {row["_id"] for row in outbox().find({"_id": {"$in": list(keys)}}, {"_id": 1})}
    wanted = {key: to for key, to in keys.items() if key not in there}
    if not wanted:
        return 0
    found = summary(monday, known)
    return _put([letter_of(found, key, to, now) for key, to in wanted.items()])


def monday_now(known: State) -> date:
    """Of this week: what is told of is the one before."""
    return monday_of(clock.now().astimezone(known.zone).date())


def letter_of(found: Summary, key: str, to: str, now: datetime) -> Row:
    lines = [f"{found.title}, beside the week before."]
    lines += [f"{tile.metric.label}: {tile.change}." for tile in found.notable]
    lines += [f"Alert: {letters.line(name)} fired {_times(times)}." for name, times in found.fired]
    if not found.fired:
        lines.append("No alert fired.")
    rows = [[tile.metric.label, tile.text, tile.before_text, tile.change] for tile in found.tiles]
    days = f"first={found.span.first.isoformat()}&last={found.span.last.isoformat()}"
    where = [("Open the overview", f"{reverse('analytics:overview')}?{days}")]
    made = letters.letter(key, to, "weekly", found.title, lines, where, now)
    tables = [["Numbers", [["", "Last week", "Before", "Change"], *rows]]]
    return {**made, "tables": tables, "stop": reverse("analytics:weekly")}


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _put(mails: list[Row]) -> int:
    """Those another worker put there meanwhile stay as they are."""
    try:
        outbox().insert_many(mails, ordered=False)
    except BulkWriteError as error:
        faults = error.details["writeErrors"]
        if any(each["code"] != _THERE_ALREADY for each in faults):
            raise
        return len(mails) - len(faults)
    return len(mails)
