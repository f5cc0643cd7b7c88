"""Taking back what was done to a project, from what the audit log kept."""

from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.values import edits
from devora_admin.projects.services import lifecycle, metadata
from devora_admin.projects.services.lifecycle import Change
from devora_admin.staff import audit, undo

_WORDS = {
    "name": "The name",
    "description": "The description",
    "archived_at": "Whether it is archived",
    "user_id": "The owner",
}
_METADATA = ("set", "add", "rename", "remove", "json")


def register() -> None:
    """Called once, when the app is ready."""
    for action, permission in (
        ("project.rename", "projects.edit"),
        ("project.describe", "projects.edit"),
        ("project.archive", "projects.archive"),
        ("project.restore", "projects.archive"),
    ):
        undo.handles(action, permission=permission)(_put_back)
    undo.handles("project.transfer", permission="projects.transfer")(_give_back)
    for verb in _METADATA:
        undo.handles(f"project.metadata.{verb}", permission="projects.edit")(_restore_metadata)


def _put_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    ((key, left),) = row.after.items()
    earlier = row.before.get(key)
    if isinstance(earlier, str) and len(earlier) > lifecycle.KEPT_CHARS:
        raise Conflict(f"{_WORDS[key]} was too long before to be kept in the audit log.")

    def plan(found: dict[str, Any]) -> Change:
        _check_same(found, key, left)
        action, before, after = f"{row.action}.undo", {key: left}, {key: earlier}
        if earlier is None:
            return Change(action, before, after, unset=(key,))
        return Change(action, before, after, set={key: earlier})

    lifecycle.apply(row.subject.id, plan, actor=actor, session=session)


def _give_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    owner, project_id = row.before.get("user_id"), row.subject.id
    if not isinstance(owner, str):
        raise Conflict("The project had no owner that can be named.")
    try:
        lifecycle.check_receiver(owner, session)
    except InvalidInput as error:
        raise Conflict(f"The earlier owner cannot have it back: {error.message}") from error
    _put_back(row, actor=actor, session=session)
    lifecycle.hand_over_conversation(project_id, owner, session=session)


def _restore_metadata(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    plan = edits.put_back(row.before, row.after)
    action = f"{row.action}.undo"
    if not metadata.apply(row.subject.id, plan, action, actor=actor, session=session):
        raise Conflict("There is nothing to put back.")


def _check_same(found: dict[str, Any], key: str, left: Any) -> None:
    now = found.get(key)
    if now != left or type(now) is not type(left):
        shown = f"; it is now “{now[:200]}”" if isinstance(now, str) else ""
        raise Conflict(f"{_WORDS[key]} was changed since{shown}. Nothing was undone.")
