"""What admins do to each other's accounts: one address for each."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from devora_admin.core.errors import NotFound
from devora_admin.core.http import is_htmx, redirect, toast
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import accounts, audit, grants, links
from devora_admin.staff.forms.accounts import (
    ConfirmForm,
    DisableForm,
    InviteForm,
    RecoveryForm,
    RoleForm,
)
from devora_admin.staff.permissions import ROLES, staff_can

_GET_OR_POST = require_http_methods(["GET", "POST"])


@staff_can("staff.manage")
@_GET_OR_POST
def invite(request: HttpRequest) -> HttpResponse:
    intro = "A second admin has to agree. Then you send them a link that works once."
    dialog = Dialog("Invite to the staff", "Ask for approval", reverse("staff:list"), intro)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        asked = grants.ask_invitation(
            data["email"], role=data["role"], name=data["name"], reason=data["reason"],
            actor=audit.actor_of(request),
        )  # fmt: skip
        return toast(redirect(request, "staff:approval", asked), "Asked for approval")

    return answer(request, dialog, InviteForm(posted(request), request=request), save)


@staff_can("staff.manage")
@_GET_OR_POST
def invitation_link(request: HttpRequest, link_id: str) -> HttpResponse:
    link = _invitation(link_id)
    intro = f"For {link.email}, as {link.role}. An earlier link of this invitation stops working."
    dialog = Dialog("Make the link", "Make the link", reverse("staff:list"), intro)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        path = grants.link_for(link.id, actor=audit.actor_of(request))
        return _shown_once(request, dialog, path, hours=72)

    return answer(request, dialog, ConfirmForm(posted(request), request=request), save)


@staff_can("staff.manage")
@_GET_OR_POST
def withdraw_invitation(request: HttpRequest, link_id: str) -> HttpResponse:
    link = _invitation(link_id)
    dialog = Dialog(
        "Withdraw the invitation?",
        "Withdraw",
        reverse("staff:list"),
        f"For {link.email}.",
        "danger",
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        links.withdraw(link.id, actor=audit.actor_of(request))
        return toast(redirect(request, "staff:list"), "Invitation withdrawn")

    return answer(request, dialog, ConfirmForm(posted(request), request=request), save)


@staff_can("staff.manage")
@_GET_OR_POST
def change_role(request: HttpRequest, user_id: str) -> HttpResponse:
    row = accounts.read(user_id)
    intro = "Fewer rights hold at once. More rights need a second admin, who is asked."
    dialog = _dialog(row, "Change the role", "Change", intro)
    form = RoleForm(posted(request), request=request, initial={"role": row["role"]})

    def save(data: Mapping[str, Any]) -> HttpResponse:
        actor, role, reason = audit.actor_of(request), data["role"], data["reason"]
        if accounts.adds_rights(row["role"], role):
            asked = grants.ask_role(user_id, role=role, reason=reason, actor=actor)
            return toast(redirect(request, "staff:approval", asked), "Asked for approval")
        accounts.lower_role(user_id, role=role, reason=reason, actor=actor)
        return toast(redirect(request, "staff:detail", user_id), "Role changed, sessions ended")

    return answer(request, dialog, form, save)


@staff_can("staff.manage")
@_GET_OR_POST
def disable(request: HttpRequest, user_id: str) -> HttpResponse:
    row = accounts.read(user_id)
    intro = "They are signed out everywhere and cannot sign in until the account is enabled again."
    dialog = _dialog(row, "Disable the account", "Disable", intro, tone="danger")

    def save(data: Mapping[str, Any]) -> HttpResponse:
        accounts.disable(user_id, reason=data["reason"], actor=audit.actor_of(request))
        return toast(redirect(request, "staff:detail", user_id), "Account disabled")

    return answer(request, dialog, DisableForm(posted(request), request=request), save)


@staff_can("staff.manage")
@_GET_OR_POST
def enable(request: HttpRequest, user_id: str) -> HttpResponse:
    row = accounts.read(user_id)
    dialog = _dialog(row, "Enable the account", "Enable", f"The role is {row['role']} as before.")

    def save(data: Mapping[str, Any]) -> HttpResponse:
        accounts.enable(user_id, actor=audit.actor_of(request))
        return toast(redirect(request, "staff:detail", user_id), "Account enabled")

    return answer(request, dialog, ConfirmForm(posted(request), request=request), save)


@staff_can("staff.manage")
@_GET_OR_POST
def end_session(request: HttpRequest, user_id: str, ref: str) -> HttpResponse:
    row = accounts.read(user_id)
    dialog = _dialog(row, "End this session", "End it", tone="danger")

    def save(data: Mapping[str, Any]) -> HttpResponse:
        accounts.end_session(user_id, ref, actor=audit.actor_of(request))
        return toast(redirect(request, "staff:detail", user_id), "Session ended")

    return answer(request, dialog, ConfirmForm(posted(request), request=request), save)


@staff_can("staff.manage")
@_GET_OR_POST
def end_all_sessions(request: HttpRequest, user_id: str) -> HttpResponse:
    dialog = _dialog(accounts.read(user_id), "End all sessions", "End all", tone="danger")

    def save(data: Mapping[str, Any]) -> HttpResponse:
        accounts.end_all_sessions(user_id, actor=audit.actor_of(request))
        return toast(redirect(request, "staff:detail", user_id), "All sessions ended")

    return answer(request, dialog, ConfirmForm(posted(request), request=request), save)


@staff_can("staff.manage")
@_GET_OR_POST
def recovery_link(request: HttpRequest, user_id: str) -> HttpResponse:
    """The link is in the answer to the POST, and nowhere else."""
    row = accounts.read(user_id)
    may_reset = accounts.DECIDES not in ROLES.get(row["role"], frozenset())
    intro = "Whoever has the link sets a new password, once, within 24 hours. "
    if not may_reset:
        intro += (
            "The second factor stays. If it is lost too, only “manage.py staff_link "
            "--reset-second-factor” on the server helps an admin."
        )
    dialog = _dialog(row, "Recovery link", "Make the link", intro)
    form = RecoveryForm(posted(request), request=request, may_reset=may_reset)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        path = accounts.recovery_link(
            user_id,
            reset_second_factor=data.get("reset_second_factor", False),
            actor=audit.actor_of(request),
        )
        return _shown_once(request, dialog, path, hours=24)

    return answer(request, dialog, form, save)


def _invitation(link_id: str) -> links.Link:
    for link in links.open_links("invite"):
        if link.id == link_id:
            return link
    raise NotFound("open invitation", link_id)


def _dialog(
    row: dict[str, Any], title: str, label: str, intro: str = "", tone: str = "primary"
) -> Dialog:
    back = reverse("staff:detail", args=[str(row["_id"])])
    return Dialog(f"{title}: {row['email']}", label, back, intro, tone)


def _shown_once(request: HttpRequest, dialog: Dialog, path: str, *, hours: int) -> HttpResponse:
    template = "staff/link.html" + ("#link" if is_htmx(request) else "")
    context = {"dialog": dialog, "url": request.build_absolute_uri(path), "hours": hours}
    response = render(request, template, context)
    response["Cache-Control"] = "no-store, private"
    return response
