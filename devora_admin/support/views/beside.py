"""The issues beside one, in the order of the list a person came from."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from devora_admin.core.http import redirect, toast
from devora_admin.staff.permissions import staff_can
from devora_admin.support.views.remembered import next_number


@require_safe
@staff_can("issues.view")
def following(request: HttpRequest, number: int) -> HttpResponse:
    return _led(request, number, "Nothing follows this one in the list", is_backward=False)


@require_safe
@staff_can("issues.view")
def preceding(request: HttpRequest, number: int) -> HttpResponse:
    return _led(request, number, "Nothing comes before this one in the list", is_backward=True)


def _led(request: HttpRequest, number: int, at_the_end: str, *, is_backward: bool) -> HttpResponse:
    found = next_number(request, number, is_backward=is_backward)
    response = redirect(request, "support:detail", found or number)
    return response if found else toast(response, at_the_end, level="warning")
