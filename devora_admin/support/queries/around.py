"""What the page of an issue shows besides the issue: names of whom and what it is about."""

from collections.abc import Collection
from dataclasses import dataclass

from devora_admin.projects.queries.names import names
from devora_admin.support.documents import issues
from devora_admin.support.queries.issue import Issue
from devora_admin.users.queries.owners import Owner


@dataclass(frozen=True, slots=True)
class Around:
    customer: Owner
    project: str
    """What it is called; "" where it is gone."""


@dataclass(frozen=True, slots=True)
class Brief:
    number: int
    subject: str
    status: str


def owner_or_platform(user_id: str) -> Owner:
    """A customer who is gone, or none at all."""
    return Owner(user_id, "" if user_id else "The platform", "", known=False)


def around(issue: Issue) -> Around:
    """One round trip."""
    found = names([issue.project_id], [issue.user_id])
    nobody = owner_or_platform(issue.user_id)
    return Around(
        found.customers.get(issue.user_id, nobody), found.projects.get(issue.project_id, "")
    )


def briefs(numbers: Collection[int]) -> dict[int, Brief]:
    """Those that are there, by their number, in one round trip."""
    if not numbers:
        return {}
    fields = {"number": 1, "subject": 1, "status": 1}
    rows = issues().find({"number": {"$in": sorted(numbers)}}, fields)
    return {row["number"]: Brief(row["number"], row["subject"], row["status"]) for row in rows}
