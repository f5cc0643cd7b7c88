"""Events on an axis of time, drawn on the server; the table beneath says the same."""

from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from devora_admin.analytics.queries.around import WITHIN, Around, Point

register = template.Library()

_HEIGHT, _UP, _DOWN, _LINE = 52, 15, 33, 44
_MARGIN = 2.0
"""Percent of the width that is left at each end."""
_TICK = timedelta(minutes=5)
_BAD, _PLAIN = "M0 -6L6 5H-6z", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"
"""A triangle and a dot."""


@register.simple_tag
def event_axis(around: Around) -> SafeString:
    """What went wrong stands above, as triangles. Hidden from screen readers: the table says it."""
    ticks = [around.since + step * _TICK for step in range(2 * WITHIN // _TICK + 1)]
    return format_html(
        '<svg class="event-axis" width="100%" height="{}" aria-hidden="true">'
        '<line class="event-axis-line" x1="{}%" x2="{}%" y1="{}" y2="{}"/>{}'
        '<line class="event-axis-now" x1="50%" x2="50%" y1="2" y2="{}"/>{}</svg>',
        _HEIGHT, _MARGIN, 100 - _MARGIN, _LINE, _LINE,
        format_html_join(
            "", '<line class="event-axis-line" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>',
            ((_place(around, tick), _LINE - 2, _LINE + 3) for tick in ticks),
        ),
        _LINE + 3,
        format_html_join(
            "",
            '<svg class="{}" x="{}%" y="{}" overflow="visible"><title>{}</title>'
            '<path d="{}"/></svg>',
            (_drawn(around, point, point.at) for point in around.points if point.at),
        ),
    )  # fmt: skip


def _drawn(around: Around, point: Point, at: datetime) -> tuple[str, str, int, str, str]:
    said = f"{point.label}, {localtime(at):%H:%M:%S}"
    if point.is_bad:
        return "event-point is-bad", _place(around, at), _UP, said, _BAD
    return "event-point", _place(around, at), _DOWN, said, _PLAIN


def _place(around: Around, at: datetime) -> str:
    share = (at - around.since) / (2 * WITHIN)
    return f"{_MARGIN + share * (100 - 2 * _MARGIN):.2f}"


@register.filter
def offset(after_s: float) -> str:
    """How long before or after the report, in minutes and seconds: +12:30."""
    whole = round(abs(after_s))
    sign = "\u2212" if after_s < 0 and whole else "+"
    return f"{sign}{whole // 60}:{whole % 60:02}"
