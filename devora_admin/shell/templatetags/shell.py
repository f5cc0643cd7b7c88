"""Tags and filters every template has (settings lists this module as a builtin)."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.template import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone

from devora_admin.core import clock
from devora_admin.core.http import toasted
from devora_admin.shell.listing import remembered
from devora_admin.shell.navigation import NavigationLink, Search, links, search

register = template.Library()

HUES = 10
_STEPS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers. size: "", "sm", "lg" or "xl"."""
    css = f"icon icon-{size}" if size else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css, static("icons.svg"), name,
    )  # fmt: skip


@register.simple_tag
def cell(template_name: str, value: str | Sequence[str] | None) -> SafeString:
    """A part of a list's row that depends on its `value` alone. Made once for each: the templates
    of fifty rows take longer than all that is read for them."""
    return _cell(template_name, value if isinstance(value, str) else tuple(value or ()))


@lru_cache(maxsize=4096, typed=True)  # a text that is marked as safe is another one
def _cell(template_name: str, value: str | tuple[str, ...]) -> SafeString:
    return mark_safe(get_template(template_name).render({"value": value}).strip())  # noqa: S308 - a template's own


@register.simple_tag(takes_context=True)
def list_url(context: Context, app: str) -> str:
    """A list as it was left, "projects" for example: its filters, order and page."""
    request = context.get("request")
    return remembered.list_url(request, app) if request else reverse(f"{app}:list")


@register.simple_tag(takes_context=True)
def said_before(context: Context) -> dict[str, str]:
    """The toast that led to this page: message, level, and undo, an address or ""."""
    request = context.get("request")
    return toasted(request) if request else {}


@register.simple_tag(takes_context=True)
def navigation_links(context: Context) -> list[NavigationLink]:
    request = context.get("request")
    return links(request) if request and hasattr(request, "user") else []


@register.simple_tag(takes_context=True)
def top_search(context: Context) -> Search | None:
    request = context.get("request")
    return search(request) if request and hasattr(request, "user") else None


@register.inclusion_tag("components/navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    return {"links": navigation_links(context)}


@register.simple_tag
def ago(moment: datetime | None, missing: str = "—") -> SafeString | str:
    """How long ago, with the exact time as its title. Naive times are taken as UTC."""
    if not isinstance(moment, datetime):
        return missing
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    local = _local(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="milliseconds"),
        f"{local:%-d %b %Y, %H:%M:%S %Z}",
        _distance(local, clock.now()),
    )


def _local(moment: datetime) -> datetime:
    """In the zone of the reader; in its own at the ends of the calendar, where that is no date."""
    try:
        return moment.astimezone(get_current_timezone())
    except OverflowError:
        return moment


def _distance(local: datetime, now: datetime) -> str:
    seconds = (now - local).total_seconds()
    if seconds < 0 or seconds >= 7 * 86_400:
        same_year = local.year == now.astimezone(local.tzinfo).year
        return f"{local:%-d %b}" if same_year else f"{local:%-d %b %Y}"
    for unit, length in _STEPS:
        count = int(seconds // length)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


@register.filter
def filesize_binary(size_bytes: float | None) -> str:
    """Bytes in the units of the 16 MB limit: 1 KB is 1,024 bytes."""
    if not isinstance(size_bytes, int | float):
        return "—"
    size = float(size_bytes)
    for unit in ("B", "KB", "MB", "GB"):
        if abs(size) < 1024 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time in the two units that matter: "0.4 s", "2 min", "3 h 10 min",
    "3 days 4 h"."""
    if not isinstance(seconds, int | float):
        return "—"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days} days {hours} h" if hours else f"{days} days"


@register.filter
def thousands(number: float | None) -> str:
    return f"{number:,}" if isinstance(number, int | float) else "—"


@register.filter
def hue(text: object) -> str:
    """A class whose colour is always the same for the same text."""
    return f"hue-{zlib.crc32(str(text).casefold().encode()) % HUES}"


@register.filter
def initials(name: object) -> str:
    words = str(name or "").split("@")[0].replace(".", " ").replace("_", " ").split()
    letters = [word[0] for word in words if word[0].isalnum()]
    return "".join((letters[0], letters[-1]) if len(letters) > 1 else letters).upper() or "?"


# These three stand in every row of a list, where a template of their own costs five times as much.
@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """A round mark with the initials; write the name beside it. size: "", "xs", "sm" or "lg"."""
    css = f"avatar avatar-{size}" if size else "avatar"
    return format_html(
        '<span class="{} {}" aria-hidden="true">{}</span>', css, hue(name), initials(name)
    )


@register.simple_tag
def tag(text: str) -> SafeString:
    """A free word, such as a project's type, in its own stable colour."""
    return format_html('<span class="tag-word {}">{}</span>', hue(text), text)


@register.simple_tag
def person(label: str, note: str = "", href: str = "") -> SafeString:
    """Somebody with their mark, a link to them, and a note below."""
    shape = _PERSON_LINKED if href else _PERSON
    mark = hue(label), initials(label)
    return format_html(shape, *mark, label=label, note=note, href=href)


_PERSON, _PERSON_LINKED = (
    '<span class="person"><span class="avatar avatar-sm {}" aria-hidden="true">{}</span>'
    f'<span class="person-text">{name}<small>{{note}}</small></span></span>'
    for name in (
        '<span dir="auto">{label}</span>',
        '<a href="{href}" title="{label}" dir="auto">{label}</a>',
    )
)


@register.simple_tag
def address(name: str, key: str) -> str:
    """The address of one thing, "" for a key that no address can hold.

    As `url` with `as`, for routes whose only argument is a text or a number: a list needs a hundred
    of them, and matching each against the routes takes longer than reading the rows.
    """
    if not key or "/" in key:
        return ""
    before, after = _around_key(name)
    return f"{before}{quote(key, safe=_UNQUOTED)}{after}"


_UNQUOTED = "!$&'()*+,;=~:@"


@cache
def _around_key(name: str) -> tuple[str, str]:
    try:
        before, _, after = reverse(name, args=["0key0"]).partition("0key0")
    except NoReverseMatch:  # a route of numbers
        before, _, after = reverse(name, args=[_A_NUMBER]).partition(str(_A_NUMBER))
    return before, after


_A_NUMBER = 90_071_992_547


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, hint: str = "", prefix_icon: str = "") -> dict[str, Any]:
    """A form's field with label, control, help and errors."""
    widget = bound.field.widget
    css = "form-control"
    if isinstance(widget, CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, Select):
        css = "form-select"
    if bound.errors:
        css += " is-invalid"
    own = widget.attrs.get("class", "")
    control = bound.as_widget(attrs={"class": f"{css} {own}".strip()})
    return {
        "bound": bound,
        "control": control,
        "hint": hint or bound.help_text,
        "prefix_icon": prefix_icon,
        "is_check": isinstance(widget, CheckboxInput),
    }


@register.simple_tag
def numbered_lines(
    lines: Sequence[SafeString], margin: Mapping[int, SafeString] | str = ""
) -> SafeString:
    """Lines of code, each with its number as a link to itself. margin: by number, what precedes it.

    A file has thousands, which a template's loop would take a second for. The numbers are left out
    of the order of the tab key.
    """
    beside = margin if isinstance(margin, Mapping) else {}
    return mark_safe(  # noqa: S308 (the lines are safe, the rest is numbers)
        "".join(
            f'<div class="line" id="L{at}">{beside.get(at, "")}'
            f'<a class="line-no" href="#L{at}" tabindex="-1">{at}</a>'
            f'<span class="line-text">{line}\n</span></div>'
            for at, line in enumerate(lines, start=1)
        )
    )
