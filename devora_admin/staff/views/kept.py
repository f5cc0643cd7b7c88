"""After something that staff set up was made, changed or deleted (staff.keeping)."""

from django.http import HttpRequest, HttpResponse

from devora_admin.core.http import redirect_to, toast
from devora_admin.staff import undo
from devora_admin.staff.keeping import Kept


def kept(request: HttpRequest, url: str, done: Kept, message: str) -> HttpResponse:
    """Goes to `url`, with what was done and a way to take it back."""
    response = redirect_to(request, url)
    if not done.row_id:
        return toast(response, "Nothing was changed: it is so already.")
    return toast(response, message, undo_url=undo.url(done.row_id, back=url))


def seen_revision(request: HttpRequest) -> int:
    """0, which nothing has, for what is no number."""
    given = request.POST.get("revision", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0
