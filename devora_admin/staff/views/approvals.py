"""Requests for a second person's approval: what they would do, and the decision."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devora_admin.core.errors import NotFound
from devora_admin.core.http import redirect, toast
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import approvals, audit
from devora_admin.staff.approvals import Approval
from devora_admin.staff.forms.approvals import ApproveForm, RejectForm, RetryForm
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.staff.queries.approvals import approval_page, approvals_page


@staff_can("approvals.view")
@require_safe
def approval_list(request: HttpRequest) -> HttpResponse:
    cursor = request.GET.get("cursor", "")
    context = {"page": approvals_page(cursor=cursor), "cursor": cursor}
    return render(request, "staff/approvals.html", context)


@staff_can("approvals.view")
@require_safe
def approval(request: HttpRequest, approval_id: str) -> HttpResponse:
    page = approval_page(_key(approval_id))
    asked = page.request
    is_mine = asked.asker.id == str(request.user.pk)
    may_decide = allowed(request, "approvals.decide") and not is_mine
    context = {
        "page": page,
        "asked": asked,
        "is_mine": is_mine,
        "may_decide": may_decide and asked.is_pending,
        "may_retry": may_decide and asked.is_stuck,
    }
    return render(request, "staff/approval.html", context)


@staff_can("approvals.decide")
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, approval_id: str) -> HttpResponse:
    page = approval_page(_key(approval_id))
    # All of it stands on the page of the request.
    intro = next(iter(page.consequences), "It is carried out at once.")
    dialog = _dialog(page.request, "Approve", "Approve", intro)
    form = ApproveForm(posted(request), request=request)

    def decide(data: Mapping[str, Any]) -> Approval:
        return approvals.approve(approval_id, reason=data["reason"], actor=audit.actor_of(request))

    return _decided(request, dialog, form, decide, "Approved")


@staff_can("approvals.decide")
@require_http_methods(["GET", "POST"])
def reject(request: HttpRequest, approval_id: str) -> HttpResponse:
    dialog = _dialog(approvals.find(_key(approval_id)), "Reject", "Reject", tone="danger")
    form = RejectForm(posted(request), request=request)

    def decide(data: Mapping[str, Any]) -> Approval:
        return approvals.reject(approval_id, reason=data["reason"], actor=audit.actor_of(request))

    return _decided(request, dialog, form, decide, "Rejected")


@staff_can("approvals.decide")
@require_http_methods(["GET", "POST"])
def try_again(request: HttpRequest, approval_id: str) -> HttpResponse:
    asked = approvals.find(_key(approval_id))
    dialog = _dialog(asked, "Try again", "Try again", asked.error)
    form = RetryForm(posted(request), request=request)

    def decide(data: Mapping[str, Any]) -> Approval:
        return approvals.try_again(approval_id, actor=audit.actor_of(request))

    return _decided(request, dialog, form, decide, "Carried out")


@staff_can("approvals.view")
@require_POST
def withdraw(request: HttpRequest, approval_id: str) -> HttpResponse:
    """By the one who asked."""
    approvals.withdraw(_key(approval_id), actor=audit.actor_of(request))
    return toast(redirect(request, "staff:approval", approval_id), "Request withdrawn")


def _decided(
    request: HttpRequest,
    dialog: Dialog,
    form: Form,
    decide: Callable[[Mapping[str, Any]], Approval],
    done: str,
) -> HttpResponse:
    def save(data: Mapping[str, Any]) -> HttpResponse:
        asked = decide(data)
        response = redirect(request, "staff:approval", asked.id)
        if asked.state == "failed":
            return toast(response, f"Not carried out: {asked.error}"[:300], level="danger")
        return toast(response, done)

    return answer(request, dialog, form, save)


def _dialog(
    asked: Approval, verb: str, label: str, intro: str = "", tone: str = "primary"
) -> Dialog:
    what = f"{asked.title}: {asked.subject.label or asked.subject.id}"[:200]
    back = reverse("staff:approval", args=[asked.id])
    return Dialog(f"{verb}?", label, back, intro=f"{what}. {intro}".strip(), tone=tone)


def _key(approval_id: str) -> str:
    if "\0" in approval_id or len(approval_id) > 100:
        raise NotFound("request", approval_id)
    return approval_id
