"""The timeline: a part of the customer's page, and a page of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_safe

from devora_admin.core import clock
from devora_admin.core.http import is_htmx
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.users import queries
from devora_admin.users.frame import page_context
from devora_admin.users.queries.timeline import TimelinePage, TimelineRow, timeline_page

RECENT = timedelta(minutes=15)
SHORT = 25
"""Rows beside the rest of the customer's page."""


@staff_can("users.view")
@require_safe
def timeline(request: HttpRequest, user_id: str) -> HttpResponse:
    if is_htmx(request):
        return render(request, "users/timeline_part.html", timeline_context(request, user_id))
    customer = queries.customer_profile(user_id)
    context = page_context(request, customer, "timeline") | timeline_context(request, user_id)
    return render(request, "users/timeline.html", context)


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    icon: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    is_recent: bool
    rows: list[TimelineRow]


def timeline_context(request: HttpRequest, user_id: str, **options: Any) -> dict[str, Any]:
    """What templates/users/timeline_part.html shows. options: those of `timeline_page`."""
    page = timeline_page(
        user_id,
        can=lambda permission: allowed(request, permission),
        kinds=request.GET.getlist("kind")[:50],
        cursor=request.GET.get("cursor", ""),
        **options,
    )
    now = clock.now()
    has_recent = any(_is_recent(row.at, now) for row in page.rows)
    grouped = groupby(page.rows, key=lambda row: _title(row.at, now, has_recent=has_recent))
    groups = [Group(title, title == _RECENT, list(rows)) for title, rows in grouped]
    return {"page": page, "groups": groups, "chips": _chips(request.GET, page), "user_id": user_id}


_RECENT = "Last 15 minutes"


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and timedelta() <= now - at < RECENT


def _title(at: datetime | None, now: datetime, *, has_recent: bool) -> str:
    if at is None:
        return "Without a time"
    if _is_recent(at, now):
        return _RECENT
    zone = get_current_timezone()
    today = now.astimezone(zone).date()
    try:
        day = at.astimezone(zone).date()
    except OverflowError:  # at the ends of the calendar
        day = at.date()
    if day == today:
        return "Earlier today" if has_recent else "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return f"{day:%A, %-d %B}" if day.year == today.year else f"{day:%A, %-d %B} {day.year}"


def _chips(query: QueryDict, page: TimelinePage) -> list[Chip]:
    chosen = [kind.name for kind in page.kinds if kind.is_chosen]

    def url(names: list[str]) -> str:
        wanted = QueryDict(mutable=True)
        wanted.setlist("kind", names)
        return f"?{wanted.urlencode()}"

    def toggled(name: str) -> list[str]:
        return [each for each in chosen if each != name] if name in chosen else [*chosen, name]

    everything = Chip("Everything", "list", url([]), is_chosen=not chosen)
    kinds = (Chip(kind.label, kind.icon, url(toggled(kind.name)), kind.is_chosen)
             for kind in page.kinds)  # fmt: skip
    return [everything, *kinds]
