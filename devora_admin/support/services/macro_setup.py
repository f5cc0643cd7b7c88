"""Macros, made and changed by who sets support up."""

from collections.abc import Iterable

from devora_admin.core.errors import Forbidden, InvalidInput
from devora_admin.staff import keeping
from devora_admin.staff.audit import Actor
from devora_admin.staff.keeping import Kept, Kind, Row
from devora_admin.staff.permissions import ROLES
from devora_admin.support import documents, states
from devora_admin.support.queries.macros import ME, NOBODY, SNOOZES
from devora_admin.support.services import assigning, canned, texts
from devora_admin.users.services.texts import name as checked_name

MAX_NAME = 80


def only_manage(row: Row, actor: Actor) -> None:
    if "issues.manage" not in ROLES.get(actor.role, ()):
        raise Forbidden("Only who sets support up may change this.")


KIND = Kind(
    "macro", "macro", documents.macros, "name", only_manage,
    unique="name", taken="Another macro has this name. Choose another one.",
)  # fmt: skip


def create(actor: Actor, **values: object) -> Kept:
    """values: as `_checked` takes them. Raises InvalidInput naming the field, or Forbidden."""
    return keeping.create(KIND, _checked(**values), actor=actor)  # type: ignore[arg-type]


def edit(key: str, *, revision: int, actor: Actor, **values: object) -> Kept:
    """As `create`; also raises NotFound and Conflict."""
    put = _checked(**values)  # type: ignore[arg-type]
    return keeping.edit(KIND, key, put, revision=revision, actor=actor)


def delete(key: str, *, revision: int, actor: Actor) -> Kept:
    """Raises NotFound, Conflict, Forbidden."""
    return keeping.delete(KIND, key, revision=revision, actor=actor)


def name_of(text: str) -> str:
    """Raises InvalidInput (field name)."""
    return checked_name(text, limit=MAX_NAME)


def _checked(
    *,
    name: str,
    status: str = "",
    priority: str = "",
    assignee: str = "",
    add_tags: Iterable[str] = (),
    remove_tags: Iterable[str] = (),
    snooze_h: int = 0,
    text: str = "",
    is_note: bool = False,
) -> Row:
    if status and status not in states.STATUSES:
        raise InvalidInput("Choose a status from the list.", field="status")
    if priority and priority not in states.PRIORITIES:
        raise InvalidInput("Choose a priority from the list.", field="priority")
    if assignee not in ("", ME, NOBODY) and assignee not in assigning.possible():
        raise InvalidInput("Nobody of that id works on issues.", field="assignee")
    if snooze_h not in SNOOZES:
        raise InvalidInput("Choose a length from the list.", field="snooze_h")
    if snooze_h and status:
        raise InvalidInput("A snooze sets the status by itself. Choose one.", field="snooze_h")
    add, remove = texts.tags(add_tags), texts.tags(remove_tags)
    if set(add) & set(remove):
        raise InvalidInput("A tag is either added or removed.", field="remove_tags")
    row: Row = {
        "name": name_of(name),
        "status": status,
        "priority": priority,
        "assignee": assignee,
        "add_tags": add,
        "remove_tags": remove,
        "snooze_h": snooze_h,
        "text": canned.body(text) if text.strip() else "",
        "is_note": is_note,
    }
    if not any(row[key] for key in row if key not in ("name", "is_note")):
        raise InvalidInput("Choose at least one thing that it does, or give it a text.")
    return row
