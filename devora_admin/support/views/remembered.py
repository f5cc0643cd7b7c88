"""The list a person came from, as this browser last saw it."""

from urllib.parse import unquote

from django.http import HttpRequest

from devora_admin.core.errors import InvalidInput
from devora_admin.shell.listing.remembered import COOKIE
from devora_admin.support.forms import inbox as forms
from devora_admin.support.queries.next_issue import next_after


def next_number(request: HttpRequest, number: int) -> int | None:
    """The issue that follows this one there; None at the end, or where the list cannot be read.
    To be asked before this one is changed, which may move it."""
    form = forms.read(unquote(request.COOKIES.get(COOKIE.format(app="support"), "")))
    if not form.is_valid():
        return None
    staff_id = str(request.user.pk)
    try:
        return next_after(form.asked(form.view_of(staff_id), staff_id), number)
    except InvalidInput:
        return None
