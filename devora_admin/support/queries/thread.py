"""The messages of an issue, in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from pymongo.client_session import ClientSession

from devora_admin.core import markup
from devora_admin.support.documents import issues, messages
from devora_admin.support.queries import attachments
from devora_admin.support.queries.attachments import Attachment
from devora_admin.support.queries.delivery import Delivery, deliveries
from devora_admin.support.queries.issue import id_of

PAGE = 200
_UNSENT = Delivery("none")


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    sequence: int
    """Counted from 1. Numbers may be missing where an undone merge took messages away again."""
    kind: str
    """customer, reply (of staff), or note (the customer never sees it)."""
    text: str
    html: SafeString
    author: str
    """Of staff, for people; "" for the customer."""
    author_id: str
    at: datetime
    is_moved: bool
    """Whether a merge brought it here."""
    attachments: tuple[Attachment, ...]
    moved_from: int | None = None
    """The number of the issue a merge brought it from."""
    delivery: Delivery = _UNSENT
    """Of a reply: how far it has come to the customer."""


def thread(number: int, *, after: int = 0, limit: int = PAGE) -> list[Message]:
    """The messages behind sequence `after`, four round trips. Raises NotFound."""
    condition = {"issue_id": id_of(number), "sequence": {"$gt": after}}
    return messages_of(messages().find(condition).sort("sequence", 1).limit(limit))


def last_ones(issue_id: str, *, before: int = 0, limit: int) -> tuple[list[Message], bool]:
    """The last messages, of those before a sequence when one is given, in their order; and whether
    there are earlier ones. Three round trips."""
    condition: dict[str, Any] = {"issue_id": issue_id}
    if before:
        condition["sequence"] = {"$lt": before}
    rows = list(messages().find(condition).sort("sequence", -1).limit(limit + 1))
    return messages_of(reversed(rows[:limit])), len(rows) > limit


def behind(issue_id: str, after: int, *, limit: int = PAGE) -> list[Message]:
    """What was written after a sequence, at most three round trips."""
    condition = {"issue_id": issue_id, "sequence": {"$gt": after}}
    return messages_of(messages().find(condition).sort("sequence", 1).limit(limit))


def newer(issue_id: str, after: int, *, session: ClientSession) -> list[Message]:
    """What a writer who saw the thread up to `after` has not seen."""
    condition = {"issue_id": issue_id, "sequence": {"$gt": after}}
    found = messages().find(condition, session=session).sort("sequence", 1).limit(PAGE)
    return messages_of(found)


def messages_of(rows: Iterable[dict[str, Any]]) -> list[Message]:
    found = list(rows)
    attached = attachments.of_messages([row["_id"] for row in found]) if found else {}
    sent = deliveries([row["_id"] for row in found if row["kind"] == "reply"])
    numbers = _numbers({row["moved"][-1]["issue_id"] for row in found if row.get("moved")})
    return [
        _message(row, attached.get(row["_id"], ()), numbers, sent.get(row["_id"], _UNSENT))
        for row in found
    ]


def _numbers(issue_ids: set[str]) -> dict[str, int]:
    """A round trip only where something was moved."""
    if not issue_ids:
        return {}
    rows = issues().find({"_id": {"$in": sorted(issue_ids)}}, {"number": 1})
    return {row["_id"]: row["number"] for row in rows}


def _message(
    row: dict[str, Any],
    attached: tuple[Attachment, ...],
    numbers: dict[str, int],
    delivery: Delivery,
) -> Message:
    author = row["author"] or {"id": "", "name": ""}
    return Message(
        id=row["_id"],
        sequence=row["sequence"],
        kind=row["kind"],
        text=row["text"],
        html=markup.markdown(row["text"]),
        author=author["name"],
        author_id=author["id"],
        at=row["at"],
        is_moved=bool(row.get("moved")),
        attachments=attached,
        moved_from=numbers.get(row["moved"][-1]["issue_id"]) if row.get("moved") else None,
        delivery=delivery,
    )
