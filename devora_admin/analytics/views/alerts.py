"""Alerts: the list, each with its history, made and changed, muted and acknowledged."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.analytics.alerts import listing, setup, watching
from devora_admin.analytics.alerts.trying import tried
from devora_admin.analytics.forms.alerts import AlertForm, MuteForm, initial_of
from devora_admin.analytics.rollups.state import state
from devora_admin.analytics.views import frame
from devora_admin.core import clock
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import redirect, toast
from devora_admin.shell.dialogs import posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.queries import accounts
from devora_admin.staff.views.kept import kept, seen_revision

_LIST = "analytics:alerts"


@require_safe
@staff_can("analytics.view")
def every(request: HttpRequest) -> HttpResponse:
    until = watching.counted_until()
    context = {
        "alerts": listing.every_alert(),
        "counted_until": until,
        "is_late": until is not None and clock.now() - until > watching.LATE,
        "tabs": frame.tabs_of(_LIST),
        "may_manage": allowed(request, setup.MANAGE),
    }
    return render(request, "analytics/alerts/list.html", context)


@require_safe
@staff_can("analytics.view")
def one(request: HttpRequest, alert_id: str) -> HttpResponse:
    found = listing.alert(alert_id)
    names = accounts.names()
    context = {
        "alert": found, "history": listing.history(found), "mute": MuteForm(),
        "people": [names.get(each, "somebody who left") for each in found.rule.people],
        "may_manage": allowed(request, setup.MANAGE), "zone": state().zone_name,
    }  # fmt: skip
    return render(request, "analytics/alerts/detail.html", context)


@require_http_methods(["GET", "POST"])
@staff_can("analytics.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Explore leads here with what it was asked."""
    actor, possible = audit.actor_of(request), accounts.who_can(setup.VIEW)
    given = {name: value for name, value in request.GET.items() if name in AlertForm.base_fields}
    initial = {"lasting": "day", "is_active": True, **given, "people": [actor.id]}
    form = AlertForm(posted(request), initial=initial, possible=possible)

    def save() -> HttpResponse:
        done = setup.create(actor, **form.values())
        return kept(request, reverse(_LIST), done, "Alert set")

    return _answer(request, form, save, {"title": "New alert", "back": reverse(_LIST)})


@require_http_methods(["GET", "POST"])
@staff_can("analytics.manage")
def edit(request: HttpRequest, alert_id: str) -> HttpResponse:
    found, possible = setup.one(alert_id), accounts.who_can(setup.VIEW)
    form = AlertForm(posted(request), initial=initial_of(found, possible), possible=possible)

    def save() -> HttpResponse:
        seen, actor = form.cleaned_data["revision"] or 0, audit.actor_of(request)
        done = setup.edit(alert_id, revision=seen, actor=actor, **form.values())
        return kept(request, reverse(_LIST), done, "Alert saved")

    back = reverse("analytics:alert", args=[alert_id])
    return _answer(request, form, save, {"title": "Edit the alert", "back": back})


@require_POST
@staff_can("analytics.manage")
def delete(request: HttpRequest, alert_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    done = setup.delete(alert_id, revision=seen_revision(request), actor=actor)
    return kept(request, reverse(_LIST), done, "Alert deleted")


@require_POST
@staff_can("analytics.manage")
def mute(request: HttpRequest, alert_id: str) -> HttpResponse:
    form = MuteForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose how long from the list.", field="until")
    setup.mute(alert_id, form.end(), actor=audit.actor_of(request))
    return _back(request, alert_id, "Muted. Nobody gets an e-mail of it.")


@require_POST
@staff_can("analytics.manage")
def unmute(request: HttpRequest, alert_id: str) -> HttpResponse:
    setup.unmute(alert_id, actor=audit.actor_of(request))
    return _back(request, alert_id, "It is heard again.")


@require_POST
@staff_can("analytics.manage")
def acknowledge(request: HttpRequest, alert_id: str) -> HttpResponse:
    setup.acknowledge(alert_id, actor=audit.actor_of(request))
    return _back(request, alert_id, "Acknowledged. No reminder comes until it fires again.")


def _back(request: HttpRequest, alert_id: str, message: str) -> HttpResponse:
    return toast(redirect(request, "analytics:alert", alert_id), message)


def _answer(request: HttpRequest, form: AlertForm, save: Any, more: dict[str, Any]) -> HttpResponse:
    """What is kept, or the form with what the rule would have told of."""
    context: dict[str, Any] = {"form": form, **more}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                if "try" not in request.POST:
                    done: HttpResponse = save()
                    return done
                rule = setup.draft(**form.values())
                until = watching.counted_until() or clock.now()
                context["tried"] = tried(rule, until, state().zone)
                context["is_change"], status = rule.is_change, 200
        except (InvalidInput, Conflict) as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, error.message)
    return render(request, "analytics/alerts/edit.html", context, status=status)
