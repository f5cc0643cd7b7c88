"""What a one-time link opens. Looking at it uses nothing up: mail scanners look too."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.http import client_address
from devora_admin.staff import links, sign_in
from devora_admin.staff.forms.account import InviteForm, RecoveryForm
from devora_admin.staff.permissions import public
from devora_admin.staff.views.signing_in import second_step, signed_in


@public
@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    link = links.find(token)
    if link is None:
        return _page(request, {"gone": links.GONE}, status=410)
    form_class = InviteForm if link.kind == "invite" else RecoveryForm
    form = form_class(request.POST or None, initial={"name": link.name})
    if request.method == "GET":
        return _page(request, {"link": link, "form": form})
    if form.is_valid():
        try:
            return _accept(request, link, token, form.cleaned_data)
        except InvalidInput as problem:
            form.add_error("password", problem.message)
        except Conflict as problem:
            return _page(request, {"gone": problem.message}, status=410)
    return _page(request, {"link": link, "form": form}, status=422)


def _accept(
    request: HttpRequest, link: links.Link, token: str, data: dict[str, Any]
) -> HttpResponse:
    address = client_address(request)
    if link.kind == "invite":
        user = links.accept_invite(
            token, name=data["name"], password=data["password"], address=address
        )
    else:
        user = links.accept_recovery(token, password=data["password"], address=address)
    home = reverse(settings.LOGIN_REDIRECT_URL)
    if sign_in.proceed(request, user, next_url=home) == "done":
        return signed_in(request, user.email, home)
    return second_step(request)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, "staff/welcome.html", context, status=status)
    # The address holds the token. The origin alone goes with a request, which the forgery check
    # needs: under no-referrer a browser calls its own origin "null".
    response["Referrer-Policy"] = "strict-origin"
    return response
