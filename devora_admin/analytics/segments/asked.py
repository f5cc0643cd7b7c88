"""A group as a page is asked about it: what it is, and how many are in it."""

from dataclasses import dataclass

from devora_admin.analytics import links, points
from devora_admin.analytics.points import Point
from devora_admin.analytics.segments.groups import GROUPS
from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing import groups


@dataclass(frozen=True, slots=True)
class Asked:
    of: str
    key: str
    label: str
    count: int
    """As far as they are listed."""
    is_cut: bool

    @property
    def told(self) -> str:
        noun = self.of[:-1] if self.count == 1 else self.of
        return f"{'More than ' if self.is_cut else ''}{self.count:,} {noun}"

    @property
    def subject(self) -> str:
        return f"{self.told}: {self.label}"[:150]

    @property
    def rolling(self) -> Point | None:
        """The same of the last days, whenever it is asked; None for what is of no days."""
        name, _, rest = self.key.partition(":")
        return points.read(rest).rolling if name == points.NAME else None

    @property
    def chart_url(self) -> str:
        """The days of a point, explored; "" for what is no point."""
        name, _, rest = self.key.partition(":")
        return links.explored(points.read(rest)) if name == points.NAME else ""


def asked_of(of: str, key: str) -> Asked:
    """Raises InvalidInput."""
    found = GROUPS.get(of)
    if found is None:
        raise InvalidInput("Choose customers or projects.", field="of")
    label = found.label(key)
    count = len(found.ids(key, groups.MOST + 1))
    return Asked(of, key, label, min(count, groups.MOST), count > groups.MOST)
