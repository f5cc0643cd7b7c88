"""Lengths of time as the clocks show them. static/src/js/clock.js says the same as it counts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from devora_admin.core import clock

SOON_S = 3600
"""In a list: how close what is due has to be to stand out."""


def length(seconds: float) -> str:
    """Such as “3 h 10 min”; whole minutes that have gone by."""
    minutes = int(abs(seconds) // 60)
    if minutes < 1:
        return "under a minute"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def left(seconds: float) -> str:
    """Of business hours."""
    return f"{length(seconds)} {'left' if seconds >= 0 else 'over'}"


def distance(moment: datetime) -> str:
    """By the wall clock, in the largest unit that matters."""
    seconds = (moment - clock.now()).total_seconds()
    shown = length(seconds)
    if abs(seconds) >= 48 * 3600:
        shown = f"{int(abs(seconds) // 86_400)} days"
    elif abs(seconds) >= 10 * 3600:
        shown = f"{int(abs(seconds) // 3600)} h"
    return f"in {shown}" if seconds >= 0 else f"{shown} ago"


def tone(moment: datetime) -> str:
    seconds = (moment - clock.now()).total_seconds()
    if seconds < 0:
        return "breached"
    return "soon" if seconds <= SOON_S else "ok"


def wall(moment: datetime, zone: str, *, is_named: bool = False) -> str:
    there = moment.astimezone(ZoneInfo(zone))
    year = "" if there.year == clock.now().year else " %Y"
    return there.strftime(f"%a %-d %b{year}, %H:%M{' %Z' if is_named else ''}")
