"""Segments: the list, and each saved, renamed and deleted; and issues of a group."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.analytics.forms.segments import FIXED, ROLLING, IssueForm, SegmentForm
from devora_admin.analytics.segments import issues, saving
from devora_admin.analytics.segments.asked import Asked, asked_of
from devora_admin.analytics.segments.listing import list_url, one, segments_of
from devora_admin.analytics.views import frame
from devora_admin.core.http import redirect, toast
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.views.kept import seen_revision
from devora_admin.support.views.setup import kept, setup_dialog

_LIST = "analytics:segments"


@require_safe
@staff_can("analytics.view")
def listing(request: HttpRequest) -> HttpResponse:
    context = {
        "rows": segments_of(audit.actor_of(request).id),
        "tabs": frame.tabs_of(_LIST),
        "may_work": allowed(request, saving.WORK),
        "may_share": allowed(request, saving.SHARE),
    }
    return render(request, "analytics/segments.html", context)


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def new(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request.GET.get("of", ""), request.GET.get("group", ""))
    rolling = asked.rolling
    form = SegmentForm(
        posted(request), noun=asked.of, days=rolling.days if rolling else 0,
        may_share=allowed(request, saving.SHARE),
        initial={"name": asked.label[: saving.MAX_NAME]},
    )  # fmt: skip

    def save(data: Mapping[str, Any]) -> HttpResponse:
        key = rolling.key if rolling and data["keeps"] == ROLLING else asked.key
        done = saving.create(
            asked.of, key, data["name"], is_fixed=data["keeps"] == FIXED,
            is_shared=bool(data.get("is_shared")), actor=audit.actor_of(request),
        )  # fmt: skip
        return kept(request, _LIST, done, "Segment saved")

    intro = f"{asked.told}: {asked.label}. Other filters of the list are not part of it."
    if asked.is_cut:
        intro += f" A list shows {asked.count:,} of them, and so many are kept of those of now."
    dialog = Dialog("Save as a segment", "Save it", list_url(asked.of, asked.key), intro)
    return answer(request, dialog, form, save)


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def edit(request: HttpRequest, segment_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    found = one(segment_id, actor.id)
    may_share = allowed(request, saving.SHARE)
    initial = {"name": found.name, "is_shared": found.is_shared, "revision": found.revision}
    form = SegmentForm(posted(request), initial=initial, may_share=may_share)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        is_shared = bool(data["is_shared"]) if may_share else found.is_shared
        revision = data["revision"] or 0
        done = saving.edit(
            found.id, data["name"], is_shared=is_shared, revision=revision, actor=actor
        )
        return kept(request, _LIST, done, "Segment saved")

    return answer(request, setup_dialog(_LIST, "Rename the segment", "Save"), form, save)


@require_POST
@staff_can("issues.work")
def delete(request: HttpRequest, segment_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    done = saving.delete(segment_id, revision=seen_revision(request), actor=actor)
    return kept(request, _LIST, done, "Segment deleted")


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def open_issue(request: HttpRequest) -> HttpResponse:
    """One about the platform, or one for each customer of a group."""
    asked = asked_of(request.GET.get("of", ""), request.GET.get("group", ""))
    initial = {"subject": asked.subject, "text": _note(request, asked), "tags": "chart"}
    customers = asked.count if asked.of == "customers" else 0
    form = IssueForm(posted(request), customers=customers, initial=initial)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        wanted = issues.Wanted(
            data["subject"], data["text"], data["priority"], data["tags"].split(","), data["asked"]
        )
        actor = audit.actor_of(request)
        if form.is_for_each:
            job_id = issues.open_each(asked.key, wanted, actor=actor)
            return toast(redirect(request, "jobs:detail", job_id), "Issues are being opened")
        opened = issues.open_one(wanted, actor=actor)
        response = redirect(request, "support:detail", opened.number)
        return toast(response, f"Issue #{opened.number} is open")

    back = list_url(asked.of, asked.key)
    dialog = Dialog("Open an issue", "Open it", back, f"{asked.told}: {asked.label}.", is_wide=True)
    return answer(request, dialog, form, save)


def _note(request: HttpRequest, asked: Asked) -> str:
    """The number, and where the list and the chart are."""
    lines = [f"{asked.told}: {asked.label}.", ""]
    lines.append(f"List: {request.build_absolute_uri(list_url(asked.of, asked.key))}")
    if asked.chart_url:
        lines.append(f"Chart: {request.build_absolute_uri(asked.chart_url)}")
    return "\n".join(lines)
