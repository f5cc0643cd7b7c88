"""The receipt at the end of an erasure: what was erased, on whose word, and what a search of
everything found after it. It names the customer by id alone, and its digest is in the audit log."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.staff import audit
from devora_admin.users import holdings
from devora_admin.users.erasing.documents import ERASURE_MARKS, ERASURES
from devora_admin.users.erasing.search import Search

LOOK_AGAIN_AFTER = (timedelta(minutes=15), timedelta(days=1))
"""The platform may hold something back and write it later."""
DONE = "users.erase"


def finish(erasure_id: str, search: Search) -> None:
    """Closes the erasure. The row of the audit log and the receipt hold together, or not at all."""
    now = clock.now()
    verification = {
        "at": now, "collections": search.collections, "documents": search.documents,
        "size_bytes": search.size_bytes, "others": _listed(search.others),
        "records": _listed(search.records),
    }  # fmt: skip

    def work(session: ClientSession) -> None:
        erasures = mongo.database()[ERASURES]
        found = erasures.find_one({"_id": erasure_id, "state": "running"}, session=session)
        if found is None:
            return
        closed: dict[str, Any] = {"state": "done", "finished_at": now, "verification": verification}
        looks = found.get("looks", 0)
        later = {"look_again_at": now + LOOK_AGAIN_AFTER[looks]} if looks < 2 else {}
        closed["receipt"] = text({**found, **closed})
        digest = hashlib.sha256(closed["receipt"].encode()).hexdigest()
        row_id = audit.record(
            DONE,
            actor=audit.SYSTEM,
            subject=audit.Subject("erasure", erasure_id),
            after={
                "customer_id": found["customer_id"],
                "receipt_sha256": digest,
                "erased": sum(found["counts"].values()),
                "left_with_others": sum(search.others.values()),
            },
            session=session,
            anchored=True,
        )
        erasures.update_one(
            {"_id": erasure_id},
            {"$set": {**closed, **later, "sha256": digest, "audit_row": row_id}},
            session=session,
        )
        mongo.database()[ERASURE_MARKS].delete_many({"erasure_id": erasure_id}, session=session)

    mongo.run_in_transaction(work)


def text(row: Mapping[str, Any]) -> str:
    """The receipt. Kept as it is: another release may word it otherwise."""
    found = row["verification"]
    labels = {each.name: each.label for each in holdings.registered()}
    labels["found"] = "Found by the search of everything"
    lines = [
        "Receipt of an erasure",
        "",
        f"Receipt       {row['_id']}",
        f"Customer id   {', '.join(row['customer_ids'])}",
        f"Asked by      {_who(row['asked_by'])}, {_time(row['asked_at'])}",
        f"Approved by   {_who(row['approved_by'])}, {_time(row['approved_at'])}",
        f"Finished      {_time(row['finished_at'])}, after {row['passes']} passes",
        "",
        "Erased documents",
        *(
            f"  {labels.get(name, name)}: {number:,}"
            for name, number in sorted(row["counts"].items())
        ),
        "",
        "Search of every collection afterwards, byte by byte",
        f"  looked through: {found['collections']:,} collections, "
        f"{found['documents']:,} documents, {found['size_bytes']:,} bytes",
        "  documents of this customer left: 0",
        *_rows("  ids on the pseudonymous record", found["records"]),
        *_rows("  left, as they belong to others and mention the customer", found["others"]),
    ]
    return "\n".join(lines) + "\n"


def _rows(label: str, rows: list[dict[str, Any]]) -> list[str]:
    return [f"{label}: {each['documents']:,} in {each['collection']}" for each in rows]


def _listed(by_collection: Mapping[str, int]) -> list[dict[str, Any]]:
    """A list, as a collection's name may hold a dot."""
    return [{"collection": name, "documents": number} for name, number in by_collection.items()]


def _who(person: Mapping[str, str]) -> str:
    return f"{person['name']} ({person['role']})"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
