"""Internal notes about a customer: everyone reads them, who wrote one may change it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from devora_admin.shell.dialogs import answer, posted
from devora_admin.staff import audit
from devora_admin.staff.permissions import staff_can
from devora_admin.users.editable import editable
from devora_admin.users.forms.notes import NoteForm
from devora_admin.users.services import notes
from devora_admin.users.views.dialogs import customer_dialog, done


@staff_can("users.note")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, user_id: str) -> HttpResponse:
    dialog = customer_dialog(user_id, f"Note about {editable(user_id).label}", "Add note")

    def save(data: Mapping[str, Any]) -> HttpResponse:
        added = notes.add_note(user_id, text=data["text"], actor=audit.actor_of(request))
        return done(request, user_id, added, "Note added")

    return answer(request, dialog, NoteForm(posted(request)), save)


@staff_can("users.note")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, user_id: str, note_id: str) -> HttpResponse:
    actor = audit.actor_of(request)
    text = notes.own_note(user_id, note_id, staff_id=actor.id).text
    form = NoteForm(posted(request), initial={"text": text, "expected": text})

    def save(data: Mapping[str, Any]) -> HttpResponse:
        expected = data["expected"].replace("\r\n", "\n")
        changed = notes.edit_note(
            user_id, note_id, text=data["text"], expected=expected, actor=actor
        )
        return done(request, user_id, changed, "Note changed")

    return answer(request, customer_dialog(user_id, "Edit the note", "Save"), form, save)


@staff_can("users.note")
@require_POST
def delete(request: HttpRequest, user_id: str, note_id: str) -> HttpResponse:
    deleted = notes.delete_note(user_id, note_id, actor=audit.actor_of(request))
    return done(request, user_id, deleted, "Note deleted")
