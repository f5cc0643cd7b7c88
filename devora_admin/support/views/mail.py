"""E-mails to customers: how sending stands, and trying again what was given up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from devora_admin.core.errors import NotFound
from devora_admin.core.http import back_to, current_page, is_htmx, redirect, safe_next, toast
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import allowed, staff_can
from devora_admin.support.mail import notices, retrying
from devora_admin.support.queries import outbox

_LONGEST_ID = 100


@require_safe
@staff_can("issues.manage")
def settings_page(request: HttpRequest) -> HttpResponse:
    cursor = request.GET.get("cursor", "")
    context = {
        "sending": outbox.sending(),
        "standing": outbox.standing(),
        "page": outbox.failed_page(cursor),
        "cursor": cursor,
        "most_counted": outbox.MOST_COUNTED,
        "can_see_worker": allowed(request, "worker.view"),
    }
    part = "#mail" if is_htmx(request) else ""
    return render(request, "support/settings/mail.html" + part, context)


@require_POST
@staff_can("issues.work")
def retry(request: HttpRequest, number: int, message_id: str) -> HttpResponse:
    """next, posted: the page to go back to."""
    if "\0" in message_id or len(message_id) > _LONGEST_ID:
        raise NotFound("reply", message_id)
    retrying.retry(number, message_id, actor=audit.actor_of(request))
    shown_on = request.POST.get("next", "") or current_page(request)
    back = safe_next(request, shown_on, default=reverse("overview"))
    return toast(back_to(request, back), "The e-mail is sent again within a moment")


@require_POST
@staff_can("issues.manage")
def tell(request: HttpRequest) -> HttpResponse:
    """Whether customers are told of what was resolved without a reply. is_on, posted: 1 or 0."""
    is_on = request.POST.get("is_on") == "1"
    row_id = notices.turn(is_on, actor=audit.actor_of(request))
    said = "Customers are told from now on" if is_on else "Customers are told no more"
    back = reverse("support:settings_mail")
    return toast(back_to(request, back), said, undo_url=undo.url(row_id, back=back))


@require_POST
@staff_can("issues.manage")
def retry_all(request: HttpRequest) -> HttpResponse:
    job_id = retrying.retry_all(actor=audit.actor_of(request))
    return redirect(request, "jobs:detail", job_id)
