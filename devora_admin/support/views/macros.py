"""Macros: the list, and each made, changed and deleted."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.shell.dialogs import answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.views.kept import seen_revision
from devora_admin.support.forms.macros import MacroForm
from devora_admin.support.queries.macros import every_macro, one, steps_of
from devora_admin.support.services import assigning, macro_setup
from devora_admin.support.variables import VARIABLES
from devora_admin.support.views.setup import kept, setup_dialog

_LIST = "support:settings_macros"
_FIELDS = "support/macro_fields.html"


@require_safe
@staff_can("issues.view")
def listing(request: HttpRequest) -> HttpResponse:
    people = assigning.possible()
    rows = [(macro, steps_of(macro, people)) for macro in every_macro()]
    context = {"rows": rows, "may_manage": allowed(request, "issues.manage")}
    return render(request, "support/macro_list.html", context)


@require_http_methods(["GET", "POST"])
@staff_can("issues.manage")
def new(request: HttpRequest) -> HttpResponse:
    form = MacroForm(posted(request), people=assigning.possible())

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = macro_setup.create(audit.actor_of(request), **form.values())
        return kept(request, _LIST, done, "Macro added")

    dialog = setup_dialog(_LIST, "New macro", "Add it", fields=_FIELDS, is_wide=True)
    return answer(request, dialog, form, save, variables=VARIABLES)


@require_http_methods(["GET", "POST"])
@staff_can("issues.manage")
def edit(request: HttpRequest, macro_id: str) -> HttpResponse:
    found = one(macro_id)
    tags = {key: ", ".join(getattr(found, key)) for key in ("add_tags", "remove_tags")}
    people = assigning.possible()
    form = MacroForm(posted(request), initial=asdict(found) | tags, people=people)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        seen, actor = data["revision"] or 0, audit.actor_of(request)
        done = macro_setup.edit(macro_id, revision=seen, actor=actor, **form.values())
        return kept(request, _LIST, done, "Macro saved")

    dialog = setup_dialog(_LIST, "Edit the macro", "Save", fields=_FIELDS, is_wide=True)
    return answer(request, dialog, form, save, variables=VARIABLES)


@require_POST
@staff_can("issues.manage")
def delete(request: HttpRequest, macro_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    done = macro_setup.delete(macro_id, revision=seen_revision(request), actor=actor)
    return kept(request, _LIST, done, "Macro deleted")
