"""What a clock should say, found by looking at every minute by itself. Slow in idea, not in time:
the minutes are arrays. Shares no code with what it checks."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

MINUTE = timedelta(minutes=1)
DAYS = 14
LENGTH = DAYS * 1440
"""Minutes that are looked at, from a turn on."""
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia",
)  # fmt: skip
# Moments around which clocks change, or half a day goes missing.
TURNS = tuple(
    datetime(*day, tzinfo=UTC)
    for day in (
        (2026, 3, 28), (2026, 10, 24), (2026, 3, 7), (2026, 10, 31), (2018, 11, 3), (2026, 4, 4),
        (2011, 12, 28), (2026, 2, 14), (2026, 6, 1),
    )
)  # fmt: skip
KINDS = {"open": 0, "pending": 1, "on_hold": 1, "resolved": 2, "closed": 2}


@cache
def wall(zone, turn):
    """By minute: the day as an ordinal, and the minute of the week, on the wall clock there."""
    there = ZoneInfo(zone)
    days, minutes = np.zeros(LENGTH, np.int32), np.zeros(LENGTH, np.int32)
    for at in range(LENGTH):
        local = (turn + at * MINUTE).astimezone(there)
        days[at] = local.toordinal()
        minutes[at] = local.weekday() * 1440 + local.hour * 60 + local.minute
    return days, minutes


def open_minutes(policy, turn):
    days, minutes = wall(policy.zone, turn)
    week = np.zeros(7 * 1440, bool)
    for day, shifts in enumerate(policy.week):
        for shift in shifts:
            week[day * 1440 + shift.start : day * 1440 + shift.end] = True
    closed = [each.on.toordinal() for each in policy.holidays]
    return week[minutes] & ~np.isin(days, closed)


def judged(policy, open_, targets, opened, reply, events, now):
    """First reply and resolution as (state, due, warn, breached, met, took), in minutes from the
    turn; a due that lies beyond what is looked at is None."""
    kinds = np.zeros(LENGTH, np.int8)
    for at, status in events:
        kinds[at:] = KINDS[status]
    standing, begun = kinds[now], now
    while begun > opened and kinds[begun - 1] == standing:
        begun -= 1
    first_state, first_until = ("ended", begun) if standing == 2 else ("running", now)
    if reply is not None:
        first_state, first_until = "met", reply
    # What stands now is taken to be over at once, to see when it would be due.
    was = kinds.copy()
    was[begun:] = 0
    state = ("running", "paused", "met")[standing]
    until = now if standing == 0 else begun
    return (
        _one(policy, open_ & (was != 2), targets.first_reply, opened, first_state, first_until),
        _one(policy, open_ & (was == 0), targets.resolution, opened, state, until),
    )


def _one(policy, runs, target, opened, state, until):
    if target is None:
        return None
    gone = np.cumsum(runs[opened:])
    due, warn = (
        _when(gone, opened, wanted)
        for wanted in (target, target * (100 - policy.warn_percent) // 100)
    )
    breached = due if due is not None and due < until else None
    took = int(gone[until - opened - 1]) if until > opened else 0
    if state == "paused" and breached is None:
        due = None
    return (
        state, due, warn if state == "running" else None, breached,
        until if state == "met" else None, took,
    )  # fmt: skip


def _when(gone, opened, wanted):
    if wanted == 0:
        return opened
    at = int(np.searchsorted(gone, wanted))
    return opened + at + 1 if at < len(gone) else None
