"""Reads of what waits for, or had, a second person's approval."""

from dataclasses import dataclass
from typing import Any

from devora_admin.core import clock, mongo
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor
from devora_admin.staff.approval_kinds import Approval, consequences, from_stored
from devora_admin.staff.approvals import find
from devora_admin.staff.documents import APPROVALS
from devora_admin.staff.wording import page_of

PAGE_SIZE = 50
_MOST_PENDING = 200
_SCOPE = "approvals"
_LATEST_FIRST = [("asked_at", -1), ("_id", -1)]


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    pending: list[Approval]
    """The longest waiting first; on the first page alone."""
    decided: list[Approval]
    older: str


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    request: Approval
    consequences: list[str]
    subject_url: str


def approvals_page(*, cursor: str = "") -> ApprovalsPage:
    """Raises InvalidInput for a damaged cursor."""
    stored, now = mongo.database()[APPROVALS], clock.now()
    pending = []
    if not cursor:
        waiting = {"state": "pending", "expires_at": {"$gt": now}}
        pending = list(stored.find(waiting).sort("asked_at", 1).limit(_MOST_PENDING))
    condition: dict[str, Any] = {
        "$or": [{"state": {"$ne": "pending"}}, {"expires_at": {"$lte": now}}]
    }
    if cursor:
        moment, last = decode_cursor(cursor, scope=_SCOPE).key
        further = [{"asked_at": {"$lt": moment}}, {"asked_at": moment, "_id": {"$lt": last}}]
        condition = {"$and": [condition, {"$or": further}]}
    decided = list(stored.find(condition).sort(_LATEST_FIRST).limit(PAGE_SIZE + 1))
    more, decided = len(decided) > PAGE_SIZE, decided[:PAGE_SIZE]
    older = ""
    if more:
        key = (decided[-1]["asked_at"], decided[-1]["_id"])
        older = encode_cursor(Cursor("after", _SCOPE, key))
    return ApprovalsPage(
        [from_stored(row) for row in pending], [from_stored(row) for row in decided], older
    )


def approval_page(approval_id: str) -> ApprovalPage:
    """Raises NotFound."""
    request = find(approval_id)
    told = consequences(request) if request.is_pending or request.is_stuck else []
    return ApprovalPage(request, told, page_of(request.subject.kind, request.subject.id))
