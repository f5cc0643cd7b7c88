"""What is marked in charts, and which of the audit log is: a closed list, as most of what staff do
moves no number."""

from devora_admin.staff import wording

LABELS = {
    "notes": "Notes",
    "deploys": "Deploys",
    "settings": "Settings",
    "actions": "Staff actions",
}
"""The most telling first."""
OF_AUDIT = frozenset({"settings", "actions"})

MANY = 5
"""What is done to one customer or project moves nothing; so many in one point may."""
_SETTINGS = (
    "api_client.create", "api_client.rate", "api_client.revoke", "macro.create", "macro.delete",
    "macro.edit", "rule.create", "rule.delete", "rule.edit", "rule.move", "sla.save",
    "support.mail_notices",
)  # fmt: skip
_ACTIONS = (
    "conversations.migrate", "dead_letter.discard", "dead_letter.retry", "memory.rebuild",
    "memory.reembed", "suggestion.open_each", "users.erase", "users.merge",
)  # fmt: skip
_TO_MANY = {
    "project.archive": "Archived {} projects",
    "project.delete": "Deleted {} projects for good",
    "project.restore": "Restored {} projects",
    "project.transfer": "Gave {} projects to other customers",
    "users.extend": "Extended the period of {} customers",
    "users.plan": "Changed the plan of {} customers",
    "users.reactivate": "Reactivated {} customers",
    "users.sign_out": "Signed {} customers out everywhere",
    "users.suspend": "Suspended {} customers",
}
_SEVERAL = {"users.erase": "Erased {} customers", "users.merge": "Merged {} customers into others"}


def _with_undo(actions: tuple[str, ...]) -> dict[str, str]:
    return {name: action for action in actions for name in (action, f"{action}.undo")}


_KIND_OF = {
    **dict.fromkeys(_with_undo(_SETTINGS), "settings"),
    **dict.fromkeys(_with_undo((*_ACTIONS, *_TO_MANY)), "actions"),
}


def actions_of(kinds: frozenset[str]) -> list[str]:
    return [action for action, kind in _KIND_OF.items() if kind in kinds]


def kind_of(action: str) -> str:
    return _KIND_OF[action]


def is_told(action: str, count: int) -> bool:
    """Whether it moves a number, done so often."""
    return count >= MANY or action.removesuffix(".undo") not in _TO_MANY


def words(action: str, count: int) -> str:
    if count == 1:
        return wording.sentence(action)
    base = action.removesuffix(".undo")
    many = {**_TO_MANY, **_SEVERAL}.get(base)
    if many is None:
        return f"{wording.sentence(action)}, {count:,} times"
    told = many.format(f"{count:,}")
    return told if base == action else f"Undid: {told[:1].lower()}{told[1:]}"
