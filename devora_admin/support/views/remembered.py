"""The list a person came from, as this browser last saw it."""

from urllib.parse import unquote

from django.http import HttpRequest

from devora_admin.core.errors import InvalidInput
from devora_admin.shell.listing.remembered import COOKIE
from devora_admin.support.forms import inbox as forms
from devora_admin.support.queries.next_issue import next_after


def next_number(request: HttpRequest, number: int, *, is_backward: bool = False) -> int | None:
    """The issue that follows this one there, or comes before it; None at the end, or where the list
    cannot be read. To be asked before this one is changed, which may move it."""
    form = forms.read(unquote(request.COOKIES.get(COOKIE.format(app="support"), "")))
    if not form.is_valid():
        return None
    staff_id = str(request.user.pk)
    try:
        asked = form.asked(form.view_of(staff_id), staff_id)
        return next_after(asked, number, is_backward=is_backward)
    except InvalidInput:
        return None
