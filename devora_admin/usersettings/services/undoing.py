"""Takes a change of preferences back, while every value is still what the change left."""

from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import ejson, paths
from devora_admin.core.values.edits import audited_value
from devora_admin.core.values.paths import Change, Path
from devora_admin.staff import audit, undo
from devora_admin.usersettings.secret_paths import PREFERENCES
from devora_admin.usersettings.services import document
from devora_admin.usersettings.services.preferences import ACTION, told

VERBS = ("save", "set", "add", "rename", "remove", "json")


def register() -> None:
    for verb in VERBS:
        undo.handles(f"{ACTION}.{verb}", permission="settings.edit")(take_back)


def take_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    changes = [_change(name, row.before.get(name)) for name in row.after]

    def plan(root: Element) -> list[Change]:
        for change, (name, left) in zip(changes, row.after.items(), strict=True):
            now = paths.find(root, change.path)
            if (audited_value(now) if now else None) != left:
                raise Conflict(f"{name} was changed since; the earlier value is not put back.")
        return changes

    document.change(
        row.subject.id, PREFERENCES, plan, told, action=f"{ACTION}.undo", actor=actor,
        session=session,
    )  # fmt: skip


def _change(name: str, before: Any) -> Change:
    place: Path = paths.named_path(name)[1:]
    if before is None:
        if not place:
            raise Conflict("There were no preferences before; remove the values one by one.")
        return Change("drop", place)
    try:
        return Change("put", place, ejson.to_element(ejson.loads(before)))
    except InvalidInput as error:
        raise Conflict("The earlier value was too large to be kept in the audit log.") from error
