"""What versions are called on pages: who made one, why, and what it did."""

from dataclasses import dataclass

from devora_admin.staff import wording
from devora_admin.versions.authors import Author
from devora_admin.versions.queries.blame import Origin
from devora_admin.versions.queries.versions import VersionHead


@dataclass(frozen=True, slots=True)
class Kind:
    label: str
    icon: str


AUTHORS: dict[str, Kind] = {
    "staff": Kind("Staff", icon="person-badge"),
    "customer": Kind("Customer", icon="person"),
    "ai": Kind("Devora AI", icon="stars"),
    "platform": Kind("The platform", icon="hdd-network"),
}
BASES = {
    "marked": "marked by the platform",
    "same write": "in the same write as its answer",
    "between": "written between the message and the answer",
}
_WHY = {
    "created": "Project created",
    "found": "Found when tracking began",
    "reconciled": "Caught up with after a gap in following",
}


def who(author: Author) -> str:
    if author.kind == "staff":
        return author.label or "Staff"
    return AUTHORS[author.kind].label


def headline(head: VersionHead) -> str:
    """What the version is, in a few words; without its name."""
    if head.origin:
        return f"Version {head.origin} put back"
    if head.why in _WHY:
        return _WHY[head.why]
    if head.why:
        return wording.sentence(head.why)
    if head.is_open and not head.totals.files:
        return "Being edited"
    if len(head.changes) == 1 == head.totals.files:
        [change] = head.changes
        return f"{change.status.capitalize()} {change.path.rpartition('/')[2][:80]}"
    if head.totals.files:
        return f"Changed {head.totals.files:,} files"
    return "Changed the metadata" if head.totals.metadata else "Changed nothing that is shown"


def numbers(origin: Origin) -> str:
    """The version a line is of, or those it may be of."""
    number = origin.version.number
    if origin.is_older:
        return f"≤ {number}"
    return str(number) if origin.after is None else f"{origin.after + 1}–{number}"  # noqa: RUF001
