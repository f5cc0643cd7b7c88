"""What a rule would have told of lately, before it is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from devora_admin.analytics.alerts import windows
from devora_admin.analytics.alerts.letters import chart_url
from devora_admin.analytics.alerts.looking import Look, looks
from devora_admin.analytics.alerts.machine import Standing, after
from devora_admin.analytics.alerts.rule import Rule
from devora_admin.analytics.alerts.windows import HOUR, HOURLY
from devora_admin.analytics.charts import words
from devora_admin.analytics.charts.chart import Chart, Line
from devora_admin.analytics.metrics import Value
from devora_admin.analytics.periods import Grain

DAYS, DAYS_OF_WEEKS = 30, 84


@dataclass(frozen=True, slots=True)
class Firing:
    at: datetime
    """The end of the window it fired with."""
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Tried:
    chart: Chart
    firings: list[Firing]
    days: int
    without: int
    """Windows that nothing can be told of."""


def tried(rule: Rule, until: datetime, zone: ZoneInfo) -> Tried:
    """until: windows that end later are not whole yet. Raises InvalidInput."""
    days = DAYS_OF_WEEKS if rule.lasting == "week" else DAYS
    wanted = windows.ending(rule.lasting, until - timedelta(days=days), until, zone)
    seen = looks(rule, wanted, zone)
    without = sum(look.judged.outcome == "none" for look in seen)
    return Tried(_chart(rule, seen, zone), _firings(rule, seen, zone), days, without)


def _firings(rule: Rule, seen: list[Look], zone: ZoneInfo) -> list[Firing]:
    standing, found = Standing(), []
    for look in seen:
        end, value = look.window.until, look.reading.value
        standing, kind = after(standing, look.judged.outcome, end, value, need=rule.in_row)
        if kind == "fired":
            url = chart_url(rule, look.window, zone)
            found.append(Firing(end.astimezone(zone), words.told(value, rule.of.unit), url))
    return found


def _chart(rule: Rule, seen: list[Look], zone: ZoneInfo) -> Chart:
    lines = [_line(rule.of.label, [look.reading.value for look in seen])]
    if rule.is_change:
        lines += [
            _line("Usual", [look.judged.usual for look in seen]),
            _line("Usual, at least", [look.judged.low for look in seen]),
            _line("Usual, at most", [look.judged.high for look in seen]),
        ]
    else:
        lines.append(_line("The limit", [rule.limit] * len(seen)))
    is_hourly = rule.lasting in HOURLY
    grain: Grain = "hour" if is_hourly else "week" if rule.lasting == "week" else "day"
    columns = [
        (look.window.until - HOUR if is_hourly else look.window.since).astimezone(zone)
        for look in seen
    ]
    return Chart("tried", "The last weeks", "line", rule.of.unit, grain, columns, lines)


def _line(label: str, values: list[Value]) -> Line:
    return Line(label, values, [""] * len(values), None)
