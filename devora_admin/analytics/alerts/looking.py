"""A rule held against windows: what each was, what was usual, and what comes of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from devora_admin.analytics.alerts import windows
from devora_admin.analytics.alerts.judging import Judged, judge
from devora_admin.analytics.alerts.reading import Reading, began, readings
from devora_admin.analytics.alerts.rule import Rule
from devora_admin.analytics.alerts.windows import Window


class Look(NamedTuple):
    window: Window
    reading: Reading
    judged: Judged


def looks(rule: Rule, wanted: Sequence[Window], zone: ZoneInfo) -> list[Look]:
    """Raises InvalidInput. What lies before anything was counted is no data, and not usual."""
    first = began(zone)
    earlier = {
        window: _comparable(rule, window, first, zone) if rule.is_change else []
        for window in wanted
    }
    every = [*wanted, *(each for of in earlier.values() for each in of)]
    found = readings(rule, every, zone)
    return [
        Look(window, found[window], _judged(rule, window, first, found, earlier[window]))
        for window in wanted
    ]


def _judged(
    rule: Rule,
    window: Window,
    first: datetime | None,
    found: dict[Window, Reading],
    earlier: Sequence[Window],
) -> Judged:
    if first is None or window.since < first:
        return Judged("none", why="Nothing was counted before this time.")
    return judge(rule, found[window], [found[each].value for each in earlier])


def _comparable(rule: Rule, window: Window, first: datetime | None, zone: ZoneInfo) -> list[Window]:
    found = [windows.before(window, rule.lasting, week, zone) for week in range(1, rule.weeks + 1)]
    return [each for each in found if first is not None and each.since >= first]
