"""What other parts show beside an issue. Each registers in SupportConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devora_admin.support.queries.issue import Issue

Can = Callable[[str], bool]
"""Whether who asks holds a permission."""

# The places, first to last.
SLA, CUSTOMER, PROJECT, EVENTS, SIMILAR = 10, 20, 30, 40, 50


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    """Unique; also the id of its place on the page."""
    title: str
    order: int
    permission: str
    template: str = ""
    """Gets `part`, which is its content, and `issue`."""
    load: Callable[[Issue, Can], Any] | None = None
    """None leaves the part out."""
    url_name: str = ""
    """In place of `load`, for what takes longer: a route with the issue's number, fetched after the
    page."""
    icon: str = "card-text"


_parts: dict[str, Part] = {}


def register(part: Part) -> None:
    _parts[part.name] = part


def parts(can: Can) -> list[Part]:
    allowed = (part for part in _parts.values() if can(part.permission))
    return sorted(allowed, key=lambda part: (part.order, part.name))
