"""Types and languages that occur: what the filters offer. Any other text may be asked as well."""

import time
from dataclasses import dataclass

from devora_admin.projects.documents import projects
from devora_admin.projects.queries.conditions import COLLATION

_KEPT_S = 60.0
_MOST = 200
_kept: dict[str, tuple[float, list[str]]] = {}


@dataclass(frozen=True, slots=True)
class Seen:
    types: list[str]
    languages: list[str]


def seen() -> Seen:
    """Two round trips a minute, of one document for each value."""
    return Seen(_values("project_type"), _values("files.language"))


def _values(field: str) -> list[str]:
    until, values = _kept.get(field, (0.0, []))
    if until < time.monotonic():
        found = projects().distinct(field, collation=COLLATION)
        values = sorted((each for each in found if isinstance(each, str) and each), key=str.lower)
        values = [value for value in values if len(value) <= 100][:_MOST]
        _kept[field] = (time.monotonic() + _KEPT_S, values)
    return values
