"""What this app holds about a customer: what the platform saw them do."""

from collections.abc import Iterator
from typing import Any

from devora_admin.analytics.documents import EVENTS, events
from devora_admin.core.values import lines
from devora_admin.users import holdings
from devora_admin.users.holdings import Entry, Holding, Marks

_AT_ONCE = 1000


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "events", "Events", holdings.RECORDS, (EVENTS,),
            count=lambda marks: holdings.count(events(), _own(marks)),
            export=_export,
            erase=lambda marks: holdings.batches(events(), _own(marks), size=_AT_ONCE),
            verdict={EVENTS: holdings.owned_by("user_id")},
        )
    )  # fmt: skip


def _own(marks: Marks) -> dict[str, Any]:
    """Theirs, and what happened to their projects without anybody being named."""
    unnamed = {"user_id": None, "project_id": holdings.one_of(marks.project_ids)}
    return {"$or": [{"user_id": holdings.one_of(marks.ids)}, unnamed]}


def _export(marks: Marks) -> Iterator[Entry]:
    found = lines.documents(events(), _own(marks), batch_size=1000)
    yield Entry("events.jsonl", lines.json_lines(found))
