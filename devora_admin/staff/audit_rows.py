"""Rows of the audit log, as they are read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Subject:
    kind: str
    id: str
    label: str = ""
    customer_id: str = ""
    """Whom it concerns; a subject that is a customer concerns that customer."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What something was done for, such as an issue."""

    kind: str
    id: str
    label: str = ""
    url: str = ""
    customer_id: str = ""
    project_id: str = ""

    def covers(self, subject: Subject) -> bool:
        """Whether it is about the same customer, or the same project, whose it is now."""
        if subject.kind == "project" and subject.id == self.project_id:
            return True
        whose = subject.customer_id or (subject.id if subject.kind == "customer" else "")
        return bool(whose) and whose == self.customer_id


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: str
    at: datetime | None
    action: str
    actor_id: str
    actor_email: str
    actor_role: str
    subject: Subject
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    address: str
    request_id: str
    undo_of: str
    lane: int
    seq: int
    is_forgotten: bool
    """The customer was erased, and with them the label, the values and the reason."""
    cause: Cause | None = None
    """By kind and id alone."""


def from_stored(row: dict[str, Any]) -> AuditRow:
    """Of a row in any shape: what was altered in the store is shown, not stumbled over."""
    actor, subject, at = _part(row, "actor"), _part(row, "subject"), row.get("at")
    place, cause = _part(row, "chain"), _part(row, "for")
    lane, seq = place.get("lane"), place.get("seq")
    return AuditRow(
        id=str(row["_id"]),
        at=at if isinstance(at, datetime) else None,
        action=_text(row, "action"),
        actor_id=_text(actor, "id"),
        actor_email=_text(actor, "email"),
        actor_role=_text(actor, "role"),
        subject=Subject(
            _text(subject, "kind"),
            _text(subject, "id"),
            _text(subject, "label"),
            _text(row, "customer_id"),
        ),
        before=_part(row, "before"),
        after=_part(row, "after"),
        reason=_text(row, "reason"),
        address=_text(row, "address"),
        request_id=_text(row, "request_id"),
        undo_of=_text(row, "undo_of"),
        lane=lane if isinstance(lane, int) else 0,
        seq=seq if isinstance(seq, int) else 0,
        is_forgotten=bool(place) and "salt" not in _part(row, "personal"),
        cause=Cause(_text(cause, "kind"), _text(cause, "id")) if cause else None,
    )


def _part(row: dict[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
