"""Projects in use that are counted alike, as a group that the list of projects shows.

A key is `kind:size=3`, `kind:files=0` or `kind:type=`, the last being projects without a type.
"""

from typing import Any

from devora_admin.analytics.inventory.documents import FIGURES, FILES, SIZE, TYPE
from devora_admin.analytics.inventory.sizes import BYTES, FILE_COUNTS, Steps
from devora_admin.analytics.queries.reading import TOO_SLOW, rollups
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing.groups import Reader
from devora_admin.core.listing.patience import patience
from devora_admin.projects.groups import PROJECTS

NAME = "kind"
_STEPS: dict[str, tuple[str, Steps]] = {SIZE: ("bytes", BYTES), FILES: ("files", FILE_COUNTS)}


def register() -> None:
    """Called once, when the app is ready."""
    PROJECTS.register(Reader(NAME, label, ids))


def key(of: str, step: int | None = None) -> str:
    """step: None for projects without a type."""
    return f"{NAME}:{of}={'' if step is None else step}"


def label(rest: str) -> str:
    of, step = _read(rest)
    if step is None:
        return "projects without a type"
    _, steps = _STEPS[of]
    return f"{'files' if of == FILES else 'size'}: {steps.labels[step]}"


def ids(rest: str, most: int) -> list[str]:
    """Without those that have no id, which cannot be opened."""
    of, step = _read(rest)
    condition: dict[str, Any] = {"type": ""}
    if step is not None:
        field, steps = _STEPS[of]
        first, following = steps.between(step)
        condition = {field: {"$gte": first} | ({} if following is None else {"$lt": following})}
    with patience(TOO_SLOW):
        listed = {"is_archived": False, **condition, "id": {"$ne": ""}}
        found = rollups(FIGURES).find(listed, {"id": 1, "_id": 0})
        return [row["id"] for row in found.limit(most)]


def _read(rest: str) -> tuple[str, int | None]:
    """Raises InvalidInput."""
    of, _, step = rest.partition("=")
    if of == TYPE and not step:
        return of, None
    is_step = of in _STEPS and step.isascii() and step.isdigit() and len(step) < 3
    if is_step and int(step) < len(_STEPS[of][1].labels):
        return of, int(step)
    raise InvalidInput("There is no such group of projects.", field="group")
