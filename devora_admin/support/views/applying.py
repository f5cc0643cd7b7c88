"""A macro chosen for an issue, looked over and applied."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_safe

from devora_admin.core.errors import Conflict
from devora_admin.core.http import back_to, is_htmx, toast
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit, undo
from devora_admin.staff.permissions import staff_can
from devora_admin.support.forms.macros import ApplyForm
from devora_admin.support.queries.issue import issue
from devora_admin.support.queries.macros import every_macro, steps_of
from devora_admin.support.queries.thread import Message
from devora_admin.support.services import assigning, drafts, macros
from devora_admin.support.services.macros import Applied, Change, Preview
from devora_admin.support.services.writing import HeldBack
from devora_admin.support.states import PRIORITIES, STATUSES
from devora_admin.support.views.snoozing import page_of

_LABELS = {
    "status": "Status", "priority": "Priority", "assignee_id": "Assignee", "tags": "Tags",
    "wake_at": "Snoozed until",
}  # fmt: skip


@require_safe
@staff_can("issues.work")
def pick(request: HttpRequest, number: int) -> HttpResponse:
    """The dialog; a search within it asks for its list alone."""
    issue(number)
    words, people = request.GET.get("q", "")[:200], assigning.possible()
    rows = [(macro, steps_of(macro, people)) for macro in every_macro(words)]
    part = ""
    if is_htmx(request):
        part = "#list" if "q" in request.GET else "#dialog"
    context = {"number": number, "rows": rows, "q": words}
    return render(request, f"support/macro_pick.html{part}", context)


@require_http_methods(["GET", "POST"])
@staff_can("issues.work")
def apply(request: HttpRequest, number: int, macro_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    shown = macros.preview(number, macro_id, actor=actor)
    form = ApplyForm(posted(request), initial=_seen(shown), label=_label(shown))
    newer: list[Message] = []

    def save(data: Mapping[str, Any]) -> HttpResponse:
        try:
            done = macros.apply(number, macro_id, actor=actor, **data)
        except Conflict as error:
            # What is drawn now is what they see: sent once more, it is held to that.
            if isinstance(error, HeldBack):
                newer.extend(error.newer)
            again = request.POST.copy()
            again.update({name: str(value) for name, value in _seen_now(shown, error).items()})
            form.data = again
            raise
        return _did(request, done, shown)

    sends = bool(shown.macro.text) and not shown.macro.is_note
    title, label = f"{shown.macro.name} on #{number}", "Apply and send" if sends else "Apply"
    dialog = Dialog(title, label, page_of(number), fields="support/macro_preview.html")
    begun = drafts.draft_of(shown.issue.id, "reply", staff_id=actor.id).text if sends else ""
    context = {
        "preview": shown, "changes": _in_words(shown.changes), "newer": newer, "begun": begun,
    }  # fmt: skip
    return answer(request, dialog, form, save, **context)


def _seen(shown: Preview) -> dict[str, Any]:
    return {
        "text": shown.filled.text,
        "seen": shown.issue.sequence,
        "revision": shown.issue.revision,
        "macro_revision": shown.macro.revision,
    }


def _seen_now(shown: Preview, error: Conflict) -> dict[str, Any]:
    found = {"revision": shown.issue.revision, "macro_revision": shown.macro.revision}
    return found | ({"seen": error.sequence} if isinstance(error, HeldBack) else {})


def _label(shown: Preview) -> str:
    if not shown.macro.text:
        return ""
    return "Note for staff" if shown.macro.is_note else "Reply to the customer"


def _did(request: HttpRequest, done: Applied, shown: Preview) -> HttpResponse:
    back = page_of(done.number)
    response = back_to(request, back)
    if not done.row_id:
        return toast(response, "Nothing was changed: it is so already.")
    said = f"“{shown.macro.name}” applied"
    if not done.has_written:
        return toast(response, said, undo_url=undo.url(done.row_id, back=back))
    if not shown.changes:
        return toast(response, said)
    kept = "the note stays" if shown.macro.is_note else "the reply stays sent"
    url = undo.url(done.row_id, back=back)
    return toast(response, f"{said}. If you undo it, {kept}.", undo_url=url)


def _in_words(changes: list[Change]) -> list[tuple[str, str, str]]:
    people = assigning.possible()

    def word(field: str, value: Any) -> str:
        if field == "tags":
            return ", ".join(value) or "none"
        if field == "wake_at":
            return f"{localtime(value):%-d %b %Y, %H:%M}" if value else "not snoozed"
        if field == "assignee_id":
            return people.get(value, "somebody who left") if value else "nobody"
        return {**STATUSES, **PRIORITIES}.get(value, "")

    return [
        (_LABELS[each.field], word(each.field, each.before), word(each.field, each.after))
        for each in changes
    ]
