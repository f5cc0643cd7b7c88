"""The page that a customer's link opens: whether they are satisfied. Looking at it stores nothing,
as mail scanners follow links, too."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import client_address
from devora_admin.staff.permissions import public
from devora_admin.support.forms.csat import CsatForm
from devora_admin.support.mail import csat
from devora_admin.support.mail.csat import Asked


@public
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    try:
        asked = csat.asked(token)
        if request.method == "POST":
            return _store(request, token, asked)
    except (csat.LinkGone, csat.TooManyAnswers) as error:
        return _page(request, {"gone": error}, status=error.status)
    rating = request.GET.get("answer", "") or asked.rating
    form = CsatForm(initial={"rating": rating, "comment": asked.comment})
    is_kept = bool(asked.rating) and "kept" in request.GET
    return _page(request, {"asked": asked, "form": form, "is_kept": is_kept})


def _store(request: HttpRequest, token: str, asked: Asked) -> HttpResponse:
    form = CsatForm(request.POST)
    if form.is_valid():
        try:
            csat.answer(token, **form.cleaned_data, address=client_address(request))
        except InvalidInput as error:
            form.add_error(error.field or None, error.message)
        else:
            return _private(HttpResponseRedirect(f"{request.path}?kept"))
    return _page(request, {"asked": asked, "form": form}, status=422)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return _private(render(request, "support/csat/page.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    # The address holds the token; the forgery check needs the origin, as in staff.views.welcome.
    response["Referrer-Policy"] = "strict-origin"
    return response
