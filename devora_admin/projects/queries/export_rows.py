"""Every row of a list, and each as a line of CSV that no spreadsheet takes for a formula."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from devora_admin.core import mongo
from devora_admin.projects.queries import listing
from devora_admin.projects.queries.listing import Listing, ProjectPage
from devora_admin.projects.queries.rows import ProjectRow

HEADER = (
    "id", "name", "owner_id", "owner_name", "owner_email", "type", "files", "size_bytes",
    "created_at", "updated_at", "archived_at", "archived", "faults",
)  # fmt: skip
_AT_ONCE = 1000
_RETRIES = 5
# Spreadsheets read these at the start of a cell as a formula, the wide forms among them.
_FORMULA = "=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20\ufeff"


def every_row(asked: Listing) -> Iterator[ProjectRow]:
    """In order of creation, each once; a short outage on the way is waited out.

    Of the orders of the list it is the one that an edit does not change: a project saved meanwhile
    would jump past the row we go on from, and be missing.
    """
    asked = replace(asked, sort="created_at")
    cursor = ""
    while True:
        page = _page(asked, cursor)
        yield from page.rows
        if not page.next:
            return
        cursor = page.next


def _page(asked: Listing, cursor: str) -> ProjectPage:
    for attempt in range(_RETRIES):
        try:
            return listing.page(asked, cursor=cursor, size=_AT_ONCE)
        except Exception as error:
            if attempt == _RETRIES - 1 or not mongo.is_unavailable(error):
                raise
            time.sleep(0.5 * 2**attempt)
    raise AssertionError


def csv_row(row: ProjectRow) -> list[str]:
    owner = row.owner
    cells = (
        row.id, row.name, owner.id if owner else "", owner.name if owner else "",
        owner.email if owner else "", row.project_type,
        "" if row.file_count is None else str(row.file_count), str(row.size_bytes),
        _moment(row.created_at), _moment(row.updated_at), _moment(row.archived_at),
        "yes" if row.is_archived else "no", "; ".join(row.faults),
    )  # fmt: skip
    return [harmless(cell) for cell in cells]


def harmless(text: str) -> str:
    """A cell that begins like a formula, spaces aside, gets an apostrophe: it stays text."""
    text = text.replace("\0", "")
    start = text.lstrip(" \u00a0\u3000\u200b")
    return f"'{text}" if start.startswith(tuple(_FORMULA)) else text


def _moment(value: datetime | None) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds") if value else ""
