"""What templates show of promises."""

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from devora_admin.core import clock
from devora_admin.shell.templatetags.shell import icon
from devora_admin.support.sla import texts, words
from devora_admin.support.sla.checking import KINDS
from devora_admin.support.sla.part import Line

register = template.Library()


@register.filter
def distance(moment: datetime | None) -> str:
    return words.distance(moment) if moment else ""


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


@register.simple_tag
def due(due_at: datetime | None, kind: str = "", is_paused: bool = False) -> SafeString:
    """When what was promised is due, counted by clock.js. Made here, as a list has fifty."""
    if due_at is None:
        return _quiet("Paused", icon("pause-circle", "sm")) if is_paused else _quiet("—")
    local, label = localtime(due_at), KINDS.get(kind, kind)
    return format_html(
        '<span class="due" data-tone="{}" title="{}: {}"><time datetime="{}" data-due data-at="{}">'
        '{}</time><span class="visually-hidden"> {}</span></span>',
        words.tone(due_at), label, f"{local:%a} {local.day} {local:%b, %H:%M %Z}",
        local.isoformat(timespec="seconds"), now_iso(),
        words.distance(due_at), label,
    )  # fmt: skip


def _quiet(text: str, before: SafeString | str = "") -> SafeString:
    return format_html('<span class="due" data-tone="quiet">{}{}</span>', before, text)
