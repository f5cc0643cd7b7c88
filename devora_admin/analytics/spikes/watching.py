"""Looks for faults that rise, and tells support of them: a chore of the worker."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from devora_admin.analytics.periods import hour_of
from devora_admin.analytics.spikes import counting
from devora_admin.analytics.spikes.counting import HOUR, Window
from devora_admin.analytics.spikes.rule import FEWEST, Judged, judge
from devora_admin.core import clock
from devora_admin.support.suggestions import spiking
from devora_admin.support.suggestions.spiking import Rise

log = logging.getLogger(__name__)

EVERY_S = 60.0
_DAYS = 7
_MOST = 50
"""Rises told at once: when everything fails, the largest of them say so."""
Hours = Mapping[datetime, Mapping[str, int]]


def watch() -> int:
    """How many rise now."""
    now = clock.now()
    counting.count_up(now)
    windows = counting.read(now - HOUR, now + timedelta(minutes=5))
    followed = spiking.followed()
    names = {name for name, each in windows.items() if each.count >= FEWEST or name in followed}
    if not names:
        return 0
    hours = counting.hours_of(names, now)
    rises = [_rise(windows[name], hours, now) for name in names]
    told = [each for each in rises if each.is_rising or each.fault.fingerprint in followed]
    told.sort(key=lambda each: (not each.is_rising, -len(each.hit)))
    for each in told[:_MOST]:
        _tell(each)
    return sum(each.is_rising for each in told)


def _tell(rise: Rise) -> None:
    """One that cannot be noted keeps nobody from hearing of the others."""
    try:
        spiking.note(rise)
    except Exception:
        log.exception("a rise of errors could not be noted: %s", rise.fault.fingerprint)


def _rise(window: Window, hours: Hours, now: datetime) -> Rise:
    judged = _judged(window, hours, now)
    name, current = window.fault.fingerprint, hour_of(now)
    counted = tuple(
        (hour, hours.get(hour, {}).get(name, 0))
        for hour in (current - HOUR * back for back in reversed(range(counting.KEPT // HOUR)))
    )
    first_at, last_at = window.first_at or now, window.last_at or now
    return Rise(
        window.fault, judged.is_rising, judged.certainty, judged.usual, counted, first_at, last_at,
        window.hit,
    )  # fmt: skip


def _judged(window: Window, hours: Hours, now: datetime) -> Judged:
    """Nothing rises as long as nobody knows what is usual: at the first start, for a minute."""
    name = window.fault.fingerprint
    days = [_hour_until(now - timedelta(days=back), name, hours) for back in range(1, _DAYS + 1)]
    lately = [_hour_until(now - HOUR * back, name, hours) for back in range(2, 8)]
    counted = [each for each in days if each is not None]
    judged = judge(
        window.count, len(window.hit), counted, hours=[each for each in lately if each is not None]
    )
    return judged if len(counted) == _DAYS else replace(judged, is_rising=False)


def _hour_until(moment: datetime, name: str, hours: Hours) -> float | None:
    """At most, in the hour that ends at the moment: the larger of the two clock hours it is part
    of, as what comes at one minute of every day is all in one of them. None where one of them was
    not counted."""
    hour = hour_of(moment)
    if hour not in hours or hour - HOUR not in hours:
        return None
    return float(max(hours[hour].get(name, 0), hours[hour - HOUR].get(name, 0)))
