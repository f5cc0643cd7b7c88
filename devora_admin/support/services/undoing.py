"""Taking back what was done to an issue, from what the audit log kept."""

from pymongo.client_session import ClientSession

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_id
from devora_admin.staff import audit, undo
from devora_admin.support.services import fields, linking, macros, merging, views

_PERMISSION = "issues.work"


def register() -> None:
    """Called once, when the app is ready. What was sent to a customer stays sent."""
    for verb in ("status", "priority", "assignee", "tags", "subject", "snooze", "wake"):
        undo.handles(f"issue.{verb}", permission=_PERMISSION)(_put_back)
    undo.handles("issue.link", permission=_PERMISSION)(_unlink)
    undo.handles("issue.unlink", permission=_PERMISSION)(_link)
    undo.handles("saved_view.delete", permission="issues.view")(views.put_back)
    undo.handles("issue.merge", permission=_PERMISSION)(merging.undo_merge)
    undo.handles("issue.macro", permission=_PERMISSION)(macros.undo)


def _put_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    wake_at = row.before.get("wake_at")
    if wake_at is not None and wake_at <= clock.now():
        raise Conflict("The time it was snoozed until has come. Snooze it again.")
    fields.put_back(
        int(row.subject.id),
        row.action.removeprefix("issue."),
        before=row.before,
        after=row.after,
        done_at=row.at,
        actor=actor,
        session=session,
    )


def _unlink(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    number, other = int(row.subject.id), row.after["other"]
    linking.untie(number, other, "link.undo", actor, session, new_id())


def _link(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    number, other, kind = int(row.subject.id), row.before["other"], row.before["kind"]
    linking.tie(number, other, kind, "unlink.undo", actor, session, new_id())
