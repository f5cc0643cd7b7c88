"""Forms in a dialog about one customer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from devora_admin.core.http import redirect_to, toast
from devora_admin.shell.dialogs import Dialog
from devora_admin.staff import causes, undo
from devora_admin.users.services.fields import Done


def customer_dialog(user_id: str, title: str, submit_label: str, **more: Any) -> Dialog:
    return Dialog(title, submit_label, reverse("users:detail", args=[user_id]), **more)


def done(request: HttpRequest, user_id: str, done: Done, message: str) -> HttpResponse:
    """Back to the customer, or to what it was done for, with a way to take it back."""
    back = causes.back(request, "")
    response = redirect_to(request, back or reverse("users:detail", args=[user_id]))
    if not done.row_id:
        return toast(response, "Nothing was changed: it is so already.", level="success")
    return undoable(response, done, message, back=back)


def undoable(response: HttpResponse, done: Done, message: str, *, back: str = "") -> HttpResponse:
    """With what was done and a way to take it back, which leads to `back`, else to the customer."""
    return toast(response, message, undo_url=undo.url(done.row_id, back=back))
