"""Erasures as the pages show them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core import clock, jobs, mongo
from devora_admin.core.errors import NotFound
from devora_admin.core.jobs import Job
from devora_admin.staff import audit
from devora_admin.staff.documents import APPROVALS
from devora_admin.users import holdings
from devora_admin.users.erasing.documents import ERASURES
from devora_admin.users.erasing.requests import KIND


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    erased: int
    expected: int


@dataclass(frozen=True, slots=True)
class Erasure:
    id: str
    customer_id: str
    is_done: bool
    job: Job | None
    asked_by: str
    asked_at: datetime
    approved_by: str
    approved_at: datetime
    finished_at: datetime | None
    passes: int
    lines: tuple[Line, ...]
    verification: dict[str, Any] | None
    text: str
    """The receipt; "" before the end."""
    sha256: str
    audit_row: str
    is_sealed: bool
    """Whether the audit log holds the digest of this very text."""

    @property
    def erased(self) -> int:
        return sum(line.erased for line in self.lines)

    @property
    def expected(self) -> int:
        return sum(line.expected for line in self.lines)

    @property
    def percent(self) -> int:
        if self.is_done:
            return 100
        return min(99, 100 * self.erased // self.expected) if self.expected else 0

    @property
    def has_stopped(self) -> bool:
        """Neither done nor at work: to be taken up again."""
        return not self.is_done and (self.job is None or not self.job.running)


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is about erasing a customer: a request that waits, or an erasure."""

    approval_id: str = ""
    asked_by: str = ""
    asker_id: str = ""
    asked_at: datetime | None = None
    erasure_id: str = ""
    is_done: bool = False


def erasure(erasure_id: str) -> Erasure:
    """Raises NotFound."""
    row = mongo.database()[ERASURES].find_one({"_id": {"$eq": erasure_id}})
    if row is None:
        raise NotFound("erasure", erasure_id)
    is_done = row["state"] == "done"
    text = row["receipt"] if is_done else ""
    return Erasure(
        id=row["_id"],
        customer_id=row["customer_id"],
        is_done=is_done,
        job=_job(row["job_id"]),
        asked_by=row["asked_by"]["name"],
        asked_at=row["asked_at"],
        approved_by=row["approved_by"]["name"],
        approved_at=row["approved_at"],
        finished_at=row.get("finished_at"),
        passes=row["passes"],
        lines=tuple(_lines(row)),
        verification=row.get("verification") if is_done else None,
        text=text,
        sha256=row.get("sha256", ""),
        audit_row=row.get("audit_row", ""),
        is_sealed=is_done and _is_sealed(row, text),
    )


def _job(job_id: str) -> Job | None:
    try:
        return jobs.find(job_id)
    except NotFound:
        return None


def _is_sealed(row: dict[str, Any], text: str) -> bool:
    try:
        sealed = audit.find(row["audit_row"]).after.get("receipt_sha256")
    except NotFound:
        return False
    return bool(sealed == hashlib.sha256(text.encode()).hexdigest())


def _lines(row: dict[str, Any]) -> list[Line]:
    counts, expected = row["counts"], row.get("expected") or {}
    labels = {each.name: each.label for each in holdings.registered()}
    labels["found"] = "Found by the search of everything"
    found = [
        Line(label, counts.get(name, 0), expected.get(name, 0)) for name, label in labels.items()
    ]
    return [line for line in found if line.erased or line.expected]


def standing(customer_id: str) -> Standing | None:
    """One round trip. None when nobody has asked, or it was refused."""
    now = clock.now()
    pipeline: list[dict[str, Any]] = [
        {"$match": {"customer_ids": {"$eq": customer_id}}},
        {"$sort": {"approved_at": -1}},
        {"$limit": 1},
        {"$project": {"state": 1}},
        {
            "$unionWith": {
                "coll": APPROVALS,
                "pipeline": [
                    {
                        "$match": {
                            "kind": KIND,
                            "subject.kind": "customer",
                            "subject.id": {"$eq": customer_id},
                            "state": "pending",
                            "expires_at": {"$gt": now},
                        }
                    },
                    {"$project": {"asker": 1, "asked_at": 1}},
                ],
            }
        },
    ]
    rows = list(mongo.database()[ERASURES].aggregate(pipeline))
    for row in rows:  # what waits is newer than what ended
        if "asker" in row:
            asker = row["asker"]
            return Standing(
                row["_id"], asker["name"] or asker["email"], asker["id"], row["asked_at"]
            )
    for row in rows:
        return Standing(erasure_id=row["_id"], is_done=row["state"] == "done")
    return None
