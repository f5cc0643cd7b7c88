"""What is promised to customers: seen, tried out and saved; and the clock of one issue."""

from typing import Any
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import redirect, toast
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import allowed, background, staff_can
from devora_admin.support.sla import part, policies, saving
from devora_admin.support.sla.form import PolicyForm
from devora_admin.support.sla.policy import Policy
from devora_admin.support.sla.preview import preview as preview_of

_PAGE = "support/sla_settings.html"


@require_safe
@staff_can("issues.view")
def settings(request: HttpRequest) -> HttpResponse:
    return _drawn(request, None, status=200)


@require_POST
@staff_can("issues.manage")
def save(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _drawn(request, form, status=422)
    try:
        row_id = saving.save(
            form.cleaned_data["policy"],
            seen=form.cleaned_data["seen"],
            actor=audit.actor_of(request),
        )
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _drawn(request, form, status=error.status)
    except saving.ChangedSince as error:
        form.add_error(None, error.message)
        form.data = {**form.data.dict(), "seen": error.revision}  # type: ignore[attr-defined]
        return _drawn(request, form, status=error.status)
    response = redirect(request, "support:settings_sla")
    if not row_id:
        return toast(response, "Nothing was changed: it is so already.")
    back = reverse("support:settings_sla")
    return toast(
        response, "Saved. Open issues follow in a moment.", undo_url=undo.url(row_id, back=back)
    )


@require_POST
@staff_can("issues.manage")
def preview(request: HttpRequest) -> HttpResponse:
    """Of what is typed, before anybody saves it."""
    form = PolicyForm(request.POST)
    wanted: Policy | None = form.cleaned_data.get("policy") if form.is_valid() else None
    context: dict[str, Any] = {"preview": preview_of(wanted) if wanted else None, "form": form}
    return render(request, f"{_PAGE}#preview", context)


@require_safe
@background
@staff_can("issues.view")
def clock(request: HttpRequest, number: int) -> HttpResponse:
    """As the issue's page has it, fetched again while that stays open."""
    context = {"part": part.shown(number)}
    return render(request, "support/sla_part.html", context)


def _drawn(request: HttpRequest, form: PolicyForm | None, *, status: int) -> HttpResponse:
    saved = policies.saved()
    tried: Policy | None = form.cleaned_data.get("policy") if form else saved.policy
    context: dict[str, Any] = {
        "form": form or PolicyForm(shown=saved.policy),
        "saved": saved,
        "preview": preview_of(tried) if tried else None,
        "may_manage": allowed(request, "issues.manage"),
        "zones": sorted(available_timezones()),
    }
    return render(request, _PAGE, context, status=status)
