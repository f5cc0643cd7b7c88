"""Notes in charts: the list, and each written, changed and deleted."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.analytics.forms.note import NoteForm
from devora_admin.analytics.notes import listing, setup
from devora_admin.analytics.views.frame import tabs_of
from devora_admin.core import clock
from devora_admin.core.http import safe_next
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.views.kept import kept, seen_revision


@require_safe
@staff_can("analytics.view")
def notes(request: HttpRequest) -> HttpResponse:
    context = {
        "page": listing.note_page(request.GET.get("cursor", "")),
        "tabs": tabs_of("analytics:notes"),
        "may_manage": allowed(request, setup.MANAGE),
    }
    return render(request, "analytics/notes.html", context)


@require_http_methods(["GET", "POST"])
@staff_can("analytics.manage")
def add(request: HttpRequest) -> HttpResponse:
    """next: the page of charts it was asked for on."""
    back = safe_next(request, request.GET.get("next", ""), default=_home())
    form = NoteForm(posted(request), initial={"at": clock.now()})

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = setup.add(audit.actor_of(request), **_values(data))
        return kept(request, back, done, "Note added")

    return answer(request, Dialog("Add a note", "Add it", back), form, save)


@require_http_methods(["GET", "POST"])
@staff_can("analytics.manage")
def edit(request: HttpRequest, chart_note_id: str) -> HttpResponse:
    found = listing.note(chart_note_id)
    initial = {name: getattr(found, name) for name in ("at", "text", "url", "revision")}
    form = NoteForm(posted(request), initial=initial)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        revision, actor = data["revision"] or 0, audit.actor_of(request)
        done = setup.edit(chart_note_id, revision=revision, actor=actor, **_values(data))
        return kept(request, _home(), done, "Note saved")

    return answer(request, Dialog("Edit the note", "Save", _home()), form, save)


@require_POST
@staff_can("analytics.manage")
def delete(request: HttpRequest, chart_note_id: str) -> HttpResponse:
    done = setup.delete(
        chart_note_id, revision=seen_revision(request), actor=audit.actor_of(request)
    )
    return kept(request, _home(), done, "Note deleted")


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("at", "text", "url")}


def _home() -> str:
    return reverse("analytics:notes")
