"""Charts of a report, drawn on the server. Hidden from screen readers, who have the table."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from devora_admin.support.reports.report import Day

register = template.Library()

STEP, HEIGHT = 10, 100
_BAR, _GAP = 4, 1


@register.simple_tag
def opened_resolved(days: Sequence[Day]) -> SafeString:
    """Two bars for each day, on one scale."""
    most = busiest(days)
    bars = format_html_join(
        "",
        '<g><title>{}</title><path class="chart-hover" d="M{} 0h{}v{}h-{}z"/>'
        '<path class="chart-opened" d="{}"/><path class="chart-resolved" d="{}"/></g>',
        (
            (
                f"{day.day:%-d %b %Y}: {day.opened:,} opened, {day.resolved:,} resolved",
                *(at * STEP, STEP, HEIGHT, STEP),
                _bar(at * STEP + _GAP / 2, day.opened, most),
                _bar(at * STEP + _GAP / 2 + _BAR + _GAP, day.resolved, most),
            )
            for at, day in enumerate(days)
        ),
    )
    return _chart(len(days) * STEP, bars)


@register.simple_tag
def backlog(days: Sequence[Day]) -> SafeString:
    """A line through what was open at the end of each day."""
    known = [day for day in days if day.backlog is not None]
    most = largest_backlog(days)
    points = [
        f"{(at + 0.5) * STEP:g} {_height(day.backlog or 0, most):g}" for at, day in enumerate(known)
    ]
    if not points:
        return _chart(len(days) * STEP, SafeString(""))
    ends = STEP / 2, (len(known) - 0.5) * STEP
    line = format_html(
        '<path class="chart-area" d="M{} {}L{}L{} {}z"/><path class="chart-line" d="M{}"/>',
        ends[0], HEIGHT, "L".join(points), ends[1], HEIGHT, "L".join(_seen(points)),
    )  # fmt: skip
    titles = format_html_join(
        "",
        '<g><title>{}</title><path class="chart-hover" d="M{} 0h{}v{}h-{}z"/></g>',
        (
            (f"{day.day:%-d %b %Y}: {day.backlog:,} open", at * STEP, STEP, HEIGHT, STEP)
            for at, day in enumerate(known)
        ),
    )
    return _chart(len(days) * STEP, line + titles)


@register.filter
def busiest(days: Sequence[Day]) -> int:
    return max((max(day.opened, day.resolved) for day in days), default=0)


@register.filter
def largest_backlog(days: Sequence[Day]) -> int:
    return max((day.backlog or 0 for day in days), default=0)


def _chart(width: float, content: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="chart-grid" d="M0 {}h{}M0 {}h{}"/>{}'
        '<path class="chart-base" d="M0 {}h{}"/></svg>',
        width, HEIGHT, 0, width, HEIGHT / 2, width, content, HEIGHT, width,
    )  # fmt: skip


def _bar(x: float, value: int, most: int) -> str:
    if value <= 0 or most <= 0:
        return ""
    height = max(1.0, HEIGHT * value / most)
    return f"M{x:g} {HEIGHT}v-{height:.1f}h{_BAR}v{height:.1f}z"


def _height(value: int, most: int) -> float:
    return round(HEIGHT - HEIGHT * value / most, 1) if most > 0 else HEIGHT


def _seen(points: list[str]) -> list[str]:
    """One day alone is a dot, which a line has to be long enough for."""
    return points if len(points) > 1 else [*points, points[0]]
