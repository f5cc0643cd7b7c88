"""Which customer and which project somebody means by what they typed into a filter."""

from devora_admin.core.errors import InvalidInput
from devora_admin.memory.store import reach
from devora_admin.memory.words import storable
from devora_admin.projects.queries.names import names, projects_called
from devora_admin.users.queries import find_owner, owners_called

_TOLD = 100
"""Of one name, up to which they are counted."""


def customer(given: str) -> str:
    """The id of whom an id, an e-mail address or a name that only one has stands for; "" for "".

    Raises InvalidInput, MemoryUnavailable and MemoryTooSlow.
    """
    if not given:
        return ""
    if owner := find_owner(given):
        return owner.id
    called = [] if "@" in given else owners_called(given, limit=_TOLD)
    if len(called) == 1:
        return called[0].id
    if called:
        said = f"{_many(len(called))} customers are called so. Give the e-mail address of one."
        raise InvalidInput(said, field="customer")
    if "@" in given:
        raise InvalidInput("No customer has this e-mail address.", field="customer")
    if not _is_remembered("user_id", given):
        raise InvalidInput(
            "There is no such customer. Give an id, an e-mail address or a whole name.",
            field="customer",
        )
    return given


def project(given: str, *, user_id: str) -> str:
    """The id of what an id, or a name that only one has, stands for; "" for "".

    user_id: whose projects are meant by a name; "" for everyone's. Raises as `customer` does.
    """
    if not given or given in names([given], ()).projects:
        return given
    called = projects_called(given, user_id=user_id, limit=_TOLD)
    if len(called) == 1:
        return called[0].id
    if called:
        said = f"{_many(len(called))} projects are called so. Choose one of those suggested."
        raise InvalidInput(said, field="project")
    if not _is_remembered("project_id", given):
        raise InvalidInput(
            "There is no such project" + (" of this customer" if user_id else "")
            + ". Give an id or a whole name.",
            field="project",
        )  # fmt: skip
    return given


def _many(count: int) -> str:
    return f"{count}" if count < _TOLD else f"{count} or more"


def _is_remembered(column: str, key: str) -> bool:
    """Also of whom the platform has no more, or what it told by the API alone."""
    with reach.reading() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM memory_chunk WHERE {column} = %s)", [storable(key)]
        )
        return bool(cursor.fetchone()[0])
