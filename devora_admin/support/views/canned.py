"""Canned replies: the list, and each made, changed, deleted and looked at."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core import markup
from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.shell.dialogs import answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.views.kept import seen_revision
from devora_admin.support import variables
from devora_admin.support.forms.canned import CannedForm
from devora_admin.support.queries.canned import canned_of, one
from devora_admin.support.services import canned
from devora_admin.support.variables import VARIABLES
from devora_admin.support.views.setup import kept, setup_dialog

_LIST = "support:settings_canned"
_FIELDS = "support/canned_fields.html"
_SAMPLE = {
    "customer.name": "Ada Lovelace",
    "customer.first_name": "Ada",
    "customer.email": "ada@example.com",
    "issue.number": "1042",
    "issue.subject": "Cannot deploy",
    "project.name": "Analytical Engine",
}


@require_safe
@staff_can("issues.view")
def listing(request: HttpRequest) -> HttpResponse:
    context = {
        "rows": canned_of(audit.actor_of(request).id),
        "may_work": allowed(request, "issues.work"),
        "may_manage": allowed(request, "issues.manage"),
    }
    return render(request, "support/canned_list.html", context)


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def new(request: HttpRequest) -> HttpResponse:
    may_share = allowed(request, "issues.manage")
    form = CannedForm(posted(request), initial={"is_shared": may_share}, may_share=may_share)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = canned.create(audit.actor_of(request), **form.values())
        return kept(request, _LIST, done, "Canned reply added")

    dialog = setup_dialog(_LIST, "New canned reply", "Add it", fields=_FIELDS, is_wide=True)
    return answer(request, dialog, form, save, variables=VARIABLES)


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def edit(request: HttpRequest, canned_id: str) -> HttpResponse:
    """Only to be read, where it is everybody's and the person does not set support up."""
    actor = audit.actor_of(request)
    found = one(canned_id, actor.id)
    if request.method == "GET" and not (found.owner_id or allowed(request, "issues.manage")):
        part = "#dialog" if is_htmx(request) else ""
        return render(request, f"support/canned_read.html{part}", {"canned": found})
    canned.check_right(found.owner_id, actor)
    initial = {
        "title": found.title,
        "word": found.word,
        "text": found.text,
        "tags": ", ".join(found.tags),
        "is_shared": not found.owner_id,
        "revision": found.revision,
    }
    may_share = allowed(request, "issues.manage")
    form = CannedForm(posted(request), initial=initial, may_share=may_share)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        values = form.values()
        if not may_share:
            values["is_shared"] = not found.owner_id
        done = canned.edit(canned_id, revision=data["revision"] or 0, actor=actor, **values)
        return kept(request, _LIST, done, "Canned reply saved")

    dialog = setup_dialog(_LIST, "Edit the canned reply", "Save", fields=_FIELDS, is_wide=True)
    return answer(request, dialog, form, save, variables=VARIABLES)


@require_POST
@staff_can("issues.work")
def delete(request: HttpRequest, canned_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    done = canned.delete(canned_id, revision=seen_revision(request), actor=actor)
    return kept(request, _LIST, done, "Canned reply deleted")


@require_POST
@staff_can("issues.work")
def preview(request: HttpRequest) -> HttpResponse:
    """How a text looks that is not stored yet, for a customer who is made up. Writes nothing."""
    try:
        text = canned.body(request.POST.get("text", ""))
    except InvalidInput as error:
        return render(request, "support/canned_preview.html", {"fault": error.message})
    values = _SAMPLE | {"staff.name": audit.actor_of(request).label}
    html = markup.markdown(variables.fill(text, values).text)
    return render(request, "support/canned_preview.html", {"html": html})
