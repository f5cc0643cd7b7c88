"""The marks of a customer as long as their erasure runs, as the account that tells them goes."""

from pymongo import UpdateOne

from devora_admin.core import mongo
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.users import holdings
from devora_admin.users.erasing.documents import ERASURE_MARKS, ERASURES
from devora_admin.users.marks import Marks

_KINDS = ("ids", "emails", "names", "project_ids")


def update(erasure_id: str, customer_id: str, customer_ids: list[str]) -> Marks:
    """Known and new ones together, stored before anything is erased by them."""
    before = Marks(tuple(dict.fromkeys([customer_id, *customer_ids])))
    stored: dict[str, set[str]] = {kind: set() for kind in _KINDS}
    for row in mongo.database()[ERASURE_MARKS].find({"erasure_id": erasure_id}):
        stored[row["kind"]].add(row["value"])
    ids = tuple(dict.fromkeys([*before.ids, *sorted(stored["ids"])]))
    before = Marks(
        ids,
        frozenset(stored["emails"]),
        frozenset(stored["names"]),
        frozenset(stored["project_ids"]),
    )
    marks = _with_past_addresses(holdings.marks_of(customer_id, known=before))
    _store(erasure_id, marks)
    return marks


def _with_past_addresses(marks: Marks) -> Marks:
    """An address that staff changed is in the audit log still, and may be elsewhere too."""
    about = {"customer_id": holdings.one_of(marks.ids), "subject.kind": "customer"}
    emails = set()
    for row in mongo.database()[AUDIT_LOG].find(about, {"before.email": 1, "after.email": 1}):
        for side in (row.get("before"), row.get("after")):
            email = side.get("email") if isinstance(side, dict) else None
            if isinstance(email, str) and "@" in email and "•" not in email:
                emails.add(email)
    return marks.with_more(emails=emails - _of_others(emails, marks))


def _of_others(emails: set[str], marks: Marks) -> set[str]:
    """Addresses another customer has by now."""
    from devora_admin.users.documents import customers

    wanted = {"email": {"$in": sorted(emails)}, "id": {"$nin": list(marks.ids)}}
    return {row["email"] for row in customers().find(wanted, {"email": 1})}


def _store(erasure_id: str, marks: Marks) -> None:
    rows = [
        {"_id": f"{erasure_id}:{kind}:{value}", "erasure_id": erasure_id, "kind": kind,
         "value": value}
        for kind in _KINDS
        for value in sorted(getattr(marks, kind))
    ]  # fmt: skip
    mongo.database()[ERASURE_MARKS].bulk_write(
        [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in rows]
    )
    mongo.database()[ERASURES].update_one(
        {"_id": erasure_id}, {"$set": {"customer_ids": list(marks.ids)}}
    )
