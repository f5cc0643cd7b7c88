"""Who may be given issues."""

from devora_admin.core.errors import InvalidInput
from devora_admin.staff.queries import accounts

PERMISSION = "issues.work"


def possible() -> dict[str, str]:
    """Names by id, for a box to choose from."""
    return accounts.who_can(PERMISSION)


def check(staff_id: str) -> str:
    """Their name. Raises InvalidInput (field assignee_id)."""
    name = possible().get(staff_id)
    if name is None:
        raise InvalidInput("Nobody of that id works on issues.", field="assignee_id")
    return name
