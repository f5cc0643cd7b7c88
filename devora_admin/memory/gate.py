"""The one place that asks whether memory is on. What stands behind needs PostgreSQL's driver, and
is imported only then."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string

from devora_admin.core.http import is_htmx
from devora_admin.memory.errors import MemoryOff
from devora_admin.staff.permissions import staff_can

View = Callable[..., HttpResponse]


def is_on() -> bool:
    return bool(settings.MEMORY_ENABLED)


def view(dotted: str, permission: str) -> View:
    """The view of `devora_admin.memory.views`, or one that says that memory is off.

    dotted: module and name, such as "search.page". permission: what both need.
    """
    if is_on():
        found: View = import_string(f"devora_admin.memory.views.{dotted}")
        if getattr(found, "permission", None) != permission:
            raise ValueError(f"{dotted} does not need {permission!r}")
        return found

    @staff_can(permission)
    def off(request: HttpRequest, **_: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or is_htmx(request):
            raise MemoryOff
        return render(request, "memory/off.html")

    return off
