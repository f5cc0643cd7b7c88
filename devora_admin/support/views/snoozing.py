"""Putting an issue off, and taking it up again."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.http import back_to, toast
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import staff_can
from devora_admin.staff.views.kept import seen_revision
from devora_admin.support.forms.snooze import SnoozeForm
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, snoozing
from devora_admin.support.services.changing import Done
from devora_admin.support.views.page import goes_on
from devora_admin.support.views.remembered import next_number

_INTRO = "It waits on hold, and opens again by itself. It also does when the customer writes."


def page_of(number: int) -> str:
    return f"/support/{number}/"


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def snooze(request: HttpRequest, number: int) -> HttpResponse:
    found, actor = issue(number), audit.actor_of(request)
    following = next_number(request, number) if request.POST and goes_on(request) else None
    initial = {"until": "tomorrow", "revision": found.revision}
    form = SnoozeForm(posted(request), initial=initial)

    def save(data: Mapping[str, Any]) -> HttpResponse:
        seen, wake_at = data["revision"], form.wake_at()
        if wake_at is None:
            done = fields.set_status(number, "pending", seen=seen, actor=actor)
            return did(request, done, f"#{number} waits for the customer", following)
        done = snoozing.snooze(number, wake_at, seen=seen, actor=actor)
        until = f"{localtime(wake_at):%-d %b, %H:%M}"
        return did(request, done, f"#{number} is snoozed until {until}", following)

    title, template = f"Snooze #{number}", "support/snooze_fields.html"
    dialog = Dialog(title, "Snooze", page_of(number), _INTRO, fields=template)
    return answer(request, dialog, form, save)


@require_POST
@staff_can("issues.work")
def wake(request: HttpRequest, number: int) -> HttpResponse:
    actor = audit.actor_of(request)
    done = snoozing.wake(number, seen=seen_revision(request), actor=actor)
    return did(request, done, f"#{number} is open again")


def did(
    request: HttpRequest, done: Done, message: str, following: int | None = None
) -> HttpResponse:
    """To the next issue, or back to this one, with what was done and a way to take it back."""
    back = page_of(following if following and done.row_id else done.number)
    response = back_to(request, back)
    if not done.row_id:
        return toast(response, "Nothing was changed: it is so already.")
    return toast(response, message, undo_url=undo.url(done.row_id, back=back))
