"""Takes a change of preferences back, while every value is still what the change left."""

from pymongo.client_session import ClientSession

from devora_admin.core.values import edits
from devora_admin.staff import audit, undo
from devora_admin.usersettings.secret_paths import PREFERENCES
from devora_admin.usersettings.services import document
from devora_admin.usersettings.services.preferences import ACTION, told

VERBS = ("save", "set", "add", "rename", "remove", "json")


def register() -> None:
    for verb in VERBS:
        undo.handles(f"{ACTION}.{verb}", permission="settings.edit")(take_back)


def take_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    back = edits.put_back(row.before, row.after)
    document.change(
        row.subject.id,
        PREFERENCES,
        lambda root: list(back(root)),
        told,
        action=f"{ACTION}.undo",
        actor=actor,
        session=session,
    )
