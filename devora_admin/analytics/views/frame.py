"""What the pages of analytics share: tabs, the range, and what to know about the numbers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from devora_admin.analytics.forms.range import LENGTHS, RangeForm
from devora_admin.analytics.rollups.state import State, state
from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.shell.listing.forms import changed

TABS = (
    ("Overview", "analytics:overview", "speedometer2"),
    ("Generations", "analytics:generations", "cpu"),
    ("Customers", "analytics:customers", "people"),
    ("Projects", "analytics:projects", "boxes"),
    ("Live", "analytics:live", "activity"),
    ("Explore", "analytics:explore", "bar-chart"),
    ("Boards", "analytics:boards", "columns-gap"),
    ("Segments", "analytics:segments", "bookmark"),
    ("Alerts", "analytics:alerts", "bell"),
    ("Quarantine", "analytics:quarantine", "exclamation-triangle"),
)
_GOING_ON = timedelta(minutes=15)
"""A rebuild is told day by day, and has broken off when it was not for so long."""
Form = TypeVar("Form", bound=RangeForm)


def page(
    request: HttpRequest,
    template: str,
    url_name: str,
    make: Callable[[QueryDict, ZoneInfo], Form],
    read: Callable[[Form, State], dict[str, Any]],
    here: str = "",
    has_default: bool = True,
    **more: Any,
) -> HttpResponse:
    """read: of a valid form, what the template shows; may raise InvalidInput. here: the page's
    address, where its name alone does not tell. has_default: whether the last 30 days are meant
    where none are asked for. more: what it shows in any case."""
    now = state()
    form = make(request.GET, now.zone)
    context: dict[str, Any] = {
        "form": form,
        "state": now,
        "tabs": tabs_of(url_name),
        "lengths": _lengths(request),
        "here": here or reverse(url_name),
        "is_rebuilding": now.rebuild and clock.now() - now.rebuild.at < _GOING_ON,
        **more,
    }
    status = 422
    is_meant = has_default or is_asked(request)
    if form.is_valid():
        try:
            context |= read(form, now)
            if is_meant:
                context |= {"asked": form.range(), "lengths": _lengths(request, form)}
            status = 200
        except InvalidInput as error:
            context["problem"] = error.message
    return render(request, template, context, status=status)


def is_asked(request: HttpRequest) -> bool:
    """Whether a time is."""
    return any(request.GET.get(name) for name in ("days", "first", "last", "grain"))


def tabs_of(current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(name), "icon": icon, "is_active": name == current}
        for label, name, icon in TABS
    ]


def _lengths(request: HttpRequest, form: RangeForm | None = None) -> list[tuple[int, str, bool]]:
    """The usual ranges: days, address, and whether it is the one shown. form: a valid one."""
    given = request.GET.copy()
    for name in [name for name, value in given.items() if not value or name in ("first", "last")]:
        del given[name]
    current = form.range().latest if form else 0
    return [(days, changed(given, days=str(days)), days == current) for days in LENGTHS]
