"""What staff decide about one remembered item."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.http import back_to, is_htmx
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.forms.decisions import CorrectItemForm, ItemForm
from devora_admin.memory.preferences.decisions import corrected, digest_of
from devora_admin.memory.queries import inspector, places
from devora_admin.memory.queries.inspector import Item
from devora_admin.memory.services import deciding
from devora_admin.memory.views.back import page_before
from devora_admin.memory.views.inspector import number_of, placed
from devora_admin.memory.views.refusing import refused
from devora_admin.shell.dialogs import Dialog, answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.users.views.dialogs import undoable


@require_POST
@staff_can("memory.correct")
def pin(request: HttpRequest, user_id: str, item_id: str) -> HttpResponse:
    return _decided(request, user_id, item_id, "pinned", "Pinned: it is recalled before others")


@require_POST
@staff_can("memory.correct")
def reject(request: HttpRequest, user_id: str, item_id: str) -> HttpResponse:
    return _decided(request, user_id, item_id, "rejected", "Rejected: it is not recalled any more")


@require_POST
@staff_can("memory.correct")
def release(request: HttpRequest, user_id: str, item_id: str) -> HttpResponse:
    return _decided(request, user_id, item_id, "", "Taken back")


@require_POST
@staff_can("memory.correct")
def forget(request: HttpRequest, user_id: str, item_id: str) -> HttpResponse:
    return _decided(request, user_id, item_id, "forgotten", "Forgotten")


@require_POST
@staff_can("memory.correct")
def take_back(request: HttpRequest, user_id: str, sha256: str) -> HttpResponse:
    """Of what was corrected or forgotten: memory has it no more as it was decided about."""
    expected = _expected(request)
    try:
        done = deciding.take_back(
            user_id, sha256=sha256, expected=expected, actor=audit.actor_of(request)
        )
    except (Conflict, NotFound) as refusal:
        return refused(request, refusal, HttpResponse)
    back = page_before(request, user_id)
    if not is_htmx(request):
        return undoable(back_to(request, back), done, "Taken back", back=back)
    if expected == "forgotten":
        return undoable(HttpResponse(), done, "Taken back: it is remembered again", back=back)
    row = _row(request, user_id, lambda: inspector.item_with(user_id, digest_of(sha256)))
    return undoable(row, done, "Taken back: it says again what it said", back=back)


@require_http_methods(["GET", "POST"])
@staff_can("memory.correct")
def correct(request: HttpRequest, user_id: str, item_id: str) -> HttpResponse:
    shown = inspector.item(user_id, number_of(item_id))
    form = CorrectItemForm(
        posted(request), initial={"text": shown.text, "expected": shown.standing}
    )
    back = page_before(request, user_id)
    dialog = Dialog(
        "Correct what is remembered", "Correct", back,
        intro="Memory says this from now on. What the customer wrote stays as it is.",
        is_wide=True,
    )  # fmt: skip

    def save(data: Mapping[str, Any]) -> HttpResponse:
        done = deciding.decide_item(
            user_id, chunk_id=shown.id, standing="corrected", actor=audit.actor_of(request), **data
        )
        return undoable(back_to(request, back), done, "Corrected", back=back)

    return answer(request, dialog, form, save)


def _decided(
    request: HttpRequest, user_id: str, item_id: str, standing: str, said: str
) -> HttpResponse:
    def row() -> HttpResponse:
        return _row(request, user_id, lambda: inspector.item(user_id, number_of(item_id)))

    try:
        done = deciding.decide_item(
            user_id, chunk_id=number_of(item_id), standing=standing, expected=_expected(request),
            actor=audit.actor_of(request),
        )  # fmt: skip
    except (Conflict, NotFound) as refusal:
        return refused(request, refusal, row)
    back = page_before(request, user_id)
    response = row() if is_htmx(request) else back_to(request, back)
    return undoable(response, done, said, back=back)


def _expected(request: HttpRequest) -> str:
    form = ItemForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose an item of the list.")
    expected: str = form.cleaned_data["expected"]
    return expected


def _row(request: HttpRequest, user_id: str, found_by: Callable[[], Item]) -> HttpResponse:
    """The item as it is now; nothing in its place when memory does not have it."""
    try:
        found = found_by()
    except (NotFound, MemoryUnavailable, MemoryTooSlow):
        return HttpResponse()
    [shown] = placed((found,), places.names_for([found]), corrected(user_id))
    context = {"shown": shown, "user_id": user_id, "may_correct": True,
               "back": page_before(request, user_id)}  # fmt: skip
    return render(request, "memory/item_row.html", context)
