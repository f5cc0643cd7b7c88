"""Rules: the list in its order, each made, changed and deleted, and tried on an issue."""

from collections.abc import Mapping
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx, redirect
from devora_admin.shell.dialogs import answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.views.kept import seen_revision
from devora_admin.support.forms.rules import RuleForm, TryForm, initial_of
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.rules import Rule, actions_of, conditions_of, every_rule, one
from devora_admin.support.services import assigning, rule_setup, ruling
from devora_admin.support.views.setup import kept, setup_dialog

_LIST = "support:settings_rules"
_FIELDS = "support/rule_fields.html"


@require_safe
@staff_can("issues.view")
def listing(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_safe
@staff_can("issues.view")
def tried(request: HttpRequest) -> HttpResponse:
    """Which rules an issue would meet if it was opened now."""
    form = TryForm(request.GET)
    if not form.is_valid():
        raise InvalidInput("Give the number of an issue.", field="number")
    found = issue(form.cleaned_data["number"])
    context = {"found": found, "rows": _in_words(ruling.matching(found))}
    part = "#met" if is_htmx(request) else ""
    return render(request, f"support/rule_tried.html{part}", context)


@require_http_methods(["GET", "POST"])
@staff_can("issues.manage")
def new(request: HttpRequest) -> HttpResponse:
    initial = {"is_active": True}
    form = RuleForm(posted(request), initial=initial, possible=assigning.possible())

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = rule_setup.create(audit.actor_of(request), **form.values())
        return kept(request, _LIST, done, "Rule added")

    dialog = setup_dialog(_LIST, "New rule", "Add it", fields=_FIELDS, is_wide=True)
    return answer(request, dialog, form, save)


@require_http_methods(["GET", "POST"])
@staff_can("issues.manage")
def edit(request: HttpRequest, rule_id: str) -> HttpResponse:
    found, possible = one(rule_id), assigning.possible()
    form = RuleForm(posted(request), initial=initial_of(found, possible), possible=possible)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        seen, actor = data["revision"] or 0, audit.actor_of(request)
        done = rule_setup.edit(rule_id, revision=seen, actor=actor, **form.values())
        return kept(request, _LIST, done, "Rule saved")

    dialog = setup_dialog(_LIST, "Edit the rule", "Save", fields=_FIELDS, is_wide=True)
    return answer(request, dialog, form, save)


@require_POST
@staff_can("issues.manage")
def delete(request: HttpRequest, rule_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    done = rule_setup.delete(rule_id, revision=seen_revision(request), actor=actor)
    return kept(request, _LIST, done, "Rule deleted")


@require_POST
@staff_can("issues.manage")
def up(request: HttpRequest, rule_id: str) -> HttpResponse:
    return _move(request, rule_id, "up")


@require_POST
@staff_can("issues.manage")
def down(request: HttpRequest, rule_id: str) -> HttpResponse:
    return _move(request, rule_id, "down")


def _move(request: HttpRequest, rule_id: str, way: Literal["up", "down"]) -> HttpResponse:
    given = request.POST.get("position", "")
    seen = int(given) if given.isdecimal() and len(given) < 10 else 0
    rule_setup.move(rule_id, way, seen=seen, actor=audit.actor_of(request))
    return _list(request, "#rules") if is_htmx(request) else redirect(request, _LIST)


def _list(request: HttpRequest, part: str = "") -> HttpResponse:
    context = {
        "rows": _in_words(every_rule()),
        "may_manage": allowed(request, "issues.manage"),
        "form": TryForm(),
    }
    return render(request, f"support/rule_list.html{part}", context)


def _in_words(rules: list[Rule]) -> list[tuple[Rule, list[str], list[str]]]:
    people = assigning.possible()
    return [(rule, conditions_of(rule), actions_of(rule, people)) for rule in rules]
