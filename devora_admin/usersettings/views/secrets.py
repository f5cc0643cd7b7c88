"""One secret of a customer: seen in full, tested, replaced, revoked."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from devora_admin.core.http import is_htmx, redirect_to, toast
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import causes
from devora_admin.staff.elevation import FOR_SECRETS
from devora_admin.staff.permissions import staff_can
from devora_admin.usersettings import forms
from devora_admin.usersettings.queries.secrets import secret_row
from devora_admin.usersettings.services import secrets as services

SHOWN_S = 60
"""How long a revealed secret stays on the screen."""


@staff_can("secrets.reveal")
@require_http_methods(["GET", "POST"])
@sensitive_variables()
def reveal(request: HttpRequest, user_id: str, ref: str) -> HttpResponse:
    row = secret_row(user_id, ref)
    dialog = _dialog(
        request,
        user_id,
        f"Reveal {row.label}",
        "Reveal",
        intro="The secret is shown once, for a minute.",
    )  # fmt: skip
    form = forms.RevealForm(
        posted(request), request=request, within=FOR_SECRETS, initial={"seen": row.seen}
    )

    def save(data: Mapping[str, Any]) -> HttpResponse:
        found = services.reveal(
            user_id, ref, seen=data["seen"], reason=data["reason"], actor=causes.actor_of(request)
        )
        context = {"dialog": dialog, "secret": found, "shown_s": SHOWN_S}
        response = _result(request, "usersettings/revealed.html", context)
        if not is_htmx(request):  # without scripts nothing else would take it off the screen
            response["Refresh"] = f"{SHOWN_S}; url={dialog.back_url}"
        return response

    return answer(request, dialog, form, save)


@staff_can("secrets.change")
@require_http_methods(["GET", "POST"])
def test(request: HttpRequest, user_id: str, ref: str) -> HttpResponse:
    row = secret_row(user_id, ref)
    dialog = _dialog(
        request, user_id, f"Test {row.label}", "Check the format",
        intro="This compares the secret with its provider's format, here on this server. It is "
        "sent nowhere, so whether the provider still accepts it is not known.",
    )  # fmt: skip
    form = forms.TestForm(posted(request), initial={"seen": row.seen})

    def save(data: Mapping[str, Any]) -> HttpResponse:
        label, verdict = services.test(
            user_id, ref, seen=data["seen"], actor=causes.actor_of(request)
        )
        context = {"dialog": dialog, "label": label, "verdict": verdict}
        return _result(request, "usersettings/tested.html", context)

    return answer(request, dialog, form, save)


@staff_can("secrets.change")
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@sensitive_variables()
def replace(request: HttpRequest, user_id: str, ref: str) -> HttpResponse:
    row = secret_row(user_id, ref)
    dialog = _dialog(request, user_id, f"Replace {row.label}", "Replace")
    form = forms.ReplaceForm(posted(request), initial={"seen": row.seen})

    def save(data: Mapping[str, Any]) -> HttpResponse:
        services.replace(
            user_id, ref, seen=data["seen"], text=data["value"], actor=causes.actor_of(request)
        )
        return _done(request, user_id, f"{row.label} replaced")

    return answer(request, dialog, form, save)


@staff_can("secrets.change")
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, user_id: str, ref: str) -> HttpResponse:
    row = secret_row(user_id, ref)
    dialog = _dialog(
        request, user_id, f"Revoke {row.label}?", "Revoke", tone="danger",
        intro="The platform finds it missing from now on. No copy is kept, so this cannot be "
        "undone. The provider still accepts the secret until it is revoked there, too.",
    )  # fmt: skip
    form = forms.RevokeForm(posted(request), initial={"seen": row.seen})

    def save(data: Mapping[str, Any]) -> HttpResponse:
        services.revoke(
            user_id, ref, seen=data["seen"], reason=data["reason"], actor=causes.actor_of(request)
        )
        return _done(request, user_id, f"{row.label} revoked")

    return answer(request, dialog, form, save)


def _dialog(
    request: HttpRequest, user_id: str, title: str, submit_label: str, **more: Any
) -> Dialog:
    back_url = reverse("usersettings:detail", args=[user_id])
    return causes.led_back(request, Dialog(title[:120], submit_label, back_url, **more))


def _result(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    part = "#result" if is_htmx(request) else ""
    response = render(request, template + part, context)
    response["Cache-Control"] = "no-store, private"
    return response


def _done(request: HttpRequest, user_id: str, message: str) -> HttpResponse:
    back = causes.back(request, reverse("usersettings:detail", args=[user_id]))
    return toast(redirect_to(request, back), message[:200])
