"""What templates show of promises."""

from datetime import datetime

from django import template

from devora_admin.core import clock
from devora_admin.support.sla import texts, words
from devora_admin.support.sla.checking import KINDS
from devora_admin.support.sla.part import Line

register = template.Library()


@register.filter
def distance(moment: datetime | None) -> str:
    return words.distance(moment) if moment else ""


@register.filter
def due_tone(moment: datetime | None) -> str:
    """ok, soon or breached."""
    return words.tone(moment) if moment else "ok"


@register.filter
def business_left(seconds: float) -> str:
    return words.left(seconds)


@register.filter
def seconds_to_warning(line: Line, at: datetime) -> float:
    """By the wall clock; below 0 once people were warned."""
    return (line.warn_at - at).total_seconds() if line.warn_at else 0.0


@register.filter
def length(seconds: float) -> str:
    return words.length(seconds)


@register.filter
def target(minutes: int | None) -> str:
    return texts.length_text(minutes) or "nothing"


@register.filter
def promise_label(kind: str) -> str:
    return KINDS.get(kind, kind)


@register.filter
def wall(moment: datetime | None, zone: str) -> str:
    """By the wall clock there. The filter `date` would turn it into the reader's own."""
    return words.wall(moment, zone) if moment else ""


@register.filter
def wall_named(moment: datetime | None, zone: str) -> str:
    """As `wall`, with what its zone is called."""
    return words.wall(moment, zone, is_named=True) if moment else ""


@register.simple_tag
def now_iso() -> str:
    """The server's time, which counting goes by whatever the reader's clock says."""
    return clock.now().isoformat(timespec="milliseconds")
