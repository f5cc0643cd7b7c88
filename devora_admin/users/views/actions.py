"""What can be done to a customer's account: one address for each."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from devora_admin.core import clock
from devora_admin.shell.dialogs import answer, posted
from devora_admin.staff import causes
from devora_admin.staff.permissions import staff_can
from devora_admin.users.editable import editable, plans_seen
from devora_admin.users.forms.actions import ExtendForm, IdentityForm, PlanForm, ReasonForm
from devora_admin.users.services import identity, standing, subscription
from devora_admin.users.views.dialogs import customer_dialog, done


@staff_can("users.suspend")
@require_http_methods(["GET", "POST"])
def suspend(request: HttpRequest, user_id: str) -> HttpResponse:
    customer = editable(user_id)
    dialog = customer_dialog(
        user_id,
        f"Suspend {customer.label}?",
        "Suspend",
        tone="danger",
        intro="The platform refuses a suspended customer. Nothing of theirs is deleted.",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        changed = standing.suspend_customer(
            user_id, reason=data["reason"], actor=causes.actor_of(request)
        )
        return done(request, user_id, changed, f"{changed.label} is suspended")

    return answer(request, causes.led_back(request, dialog), ReasonForm(posted(request)), save)


@staff_can("users.suspend")
@require_http_methods(["GET", "POST"])
def reactivate(request: HttpRequest, user_id: str) -> HttpResponse:
    customer = editable(user_id)
    dialog = customer_dialog(
        user_id,
        f"Reactivate {customer.label}?",
        "Reactivate",
        intro="The customer may use the platform again.",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        changed = standing.reactivate_customer(
            user_id, reason=data["reason"], actor=causes.actor_of(request)
        )
        return done(request, user_id, changed, f"{changed.label} is active again")

    return answer(request, causes.led_back(request, dialog), ReasonForm(posted(request)), save)


@staff_can("users.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, user_id: str) -> HttpResponse:
    customer = editable(user_id)
    shown = {
        "name": customer.name, "email": customer.email,
        "expected_name": customer.name, "expected_email": customer.email,
    }  # fmt: skip
    form = IdentityForm(posted(request), initial=shown)
    dialog = customer_dialog(user_id, f"Edit {customer.label}", "Save")

    def save(data: Mapping[str, Any]) -> HttpResponse:
        changed = identity.change_identity(user_id, **data, actor=causes.actor_of(request))
        return done(request, user_id, changed, "Name and e-mail changed")

    return answer(request, causes.led_back(request, dialog), form, save)


@staff_can("users.plan")
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, user_id: str) -> HttpResponse:
    customer = editable(user_id)
    form = PlanForm(posted(request), initial={"plan": customer.plan, "expected": customer.plan})
    dialog = customer_dialog(
        user_id,
        f"Change the plan of {customer.label}",
        "Change plan",
        intro="Only the plan's name is written. Payments stay with the payment provider.",
        fields="users/plan_fields.html",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        changed = subscription.change_plan(user_id, **data, actor=causes.actor_of(request))
        return done(request, user_id, changed, f"{changed.label} is on {data['plan'][:60]}")

    return answer(request, causes.led_back(request, dialog), form, save, plans=plans_seen())


@staff_can("users.plan")
@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, user_id: str) -> HttpResponse:
    customer = editable(user_id)
    end = customer.period_end
    form = ExtendForm(posted(request), initial={"expected": end.isoformat() if end else ""})
    ends = "ends" if end and end > clock.now() else "ended"
    now_is = f"It {ends} on {end:%-d %B %Y}." if end else "No end is stored."
    dialog = customer_dialog(
        user_id, f"Extend the period of {customer.label}", "Extend", intro=now_is
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        how: Any = subscription.extend_by if data["days"] else subscription.extend_to
        amount = {"days": data["days"]} if data["days"] else {"day": data["day"]}
        changed = how(
            user_id,
            **amount,
            reason=data["reason"],
            expected=data["expected"],
            actor=causes.actor_of(request),
        )
        return done(request, user_id, changed, f"The period of {changed.label} is extended")

    return answer(request, causes.led_back(request, dialog), form, save)
