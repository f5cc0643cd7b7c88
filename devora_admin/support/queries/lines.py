"""Rows of the inbox, with whose they are and who works on them."""

from collections.abc import Mapping
from dataclasses import dataclass

from devora_admin.core.listing.spec import Page
from devora_admin.support.queries import inbox
from devora_admin.support.queries.around import owner_or_platform
from devora_admin.support.queries.inbox import InboxPage, IssueRow
from devora_admin.support.queries.standing import Asked
from devora_admin.users.queries.owners import Owner, owners

GONE = "No longer here"
_NOTHING = InboxPage([], "", "")


@dataclass(frozen=True, slots=True)
class Line:
    issue: IssueRow
    customer: Owner
    assignee: str
    """"" for nobody."""

    @property
    def changed_ms(self) -> int:
        return int(self.issue.changed_at.timestamp() * 1000)


def page_of(asked: Asked, *, cursor: str, people: Mapping[str, str]) -> Page[Line]:
    """people: names of staff by id. Two round trips without a search text."""
    found = _NOTHING
    if asked.filters is not None:
        found = inbox.inbox_page(
            asked.filters, order=asked.order, is_turned=asked.is_turned, cursor=cursor
        )
    return Page(lines_of(found.rows, people), found.start, found.previous, found.next)


def lines_of(rows: list[IssueRow], people: Mapping[str, str]) -> list[Line]:
    customers = owners(row.user_id for row in rows if row.user_id)
    return [
        Line(
            row,
            customers.get(row.user_id) or owner_or_platform(row.user_id),
            people.get(row.assignee_id, GONE) if row.assignee_id else "",
        )
        for row in rows
    ]
