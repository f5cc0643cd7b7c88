"""Looking again, some time after an erasure: what the platform wrote late is erased as well."""

from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, jobs, mongo
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.users import holdings
from devora_admin.users.erasing import requests
from devora_admin.users.erasing.documents import ERASURES
from devora_admin.users.marks import Marks


def look_again() -> int:
    """Takes up erasures whose customer is back; returns how many. A chore of the worker."""
    taken_up = 0
    due = {"state": "done", "look_again_at": {"$lte": clock.now()}}
    for row in mongo.database()[ERASURES].find(due).limit(20):
        marks = holdings.marks_of(row["customer_id"], known=Marks(tuple(row["customer_ids"])))
        # What staff do about somebody erased is on record by id, and stays.
        written = sum(each.count(marks) for each in holdings.registered()
                      if each.order != holdings.STAFF_RECORDS)  # fmt: skip
        if written:
            taken_up += take_up(row["_id"], actor=audit.SYSTEM)
        else:
            _looked(row)
    return taken_up


def _looked(row: dict[str, Any]) -> None:
    from devora_admin.users.erasing.receipts import LOOK_AGAIN_AFTER

    looks = row.get("looks", 0) + 1
    change: dict[str, Any] = {"$set": {"looks": looks}, "$unset": {"look_again_at": ""}}
    if looks < len(LOOK_AGAIN_AFTER):
        next_at = row["finished_at"] + LOOK_AGAIN_AFTER[looks]
        change = {"$set": {"looks": looks, "look_again_at": next_at}}
    still = {"_id": row["_id"], "state": "done", "look_again_at": row["look_again_at"]}
    mongo.database()[ERASURES].update_one(still, change)


def take_up(erasure_id: str, *, actor: audit.Actor) -> bool:
    """Goes on with an erasure that ended, or whose job failed. Raises Conflict.

    False when another worker has done so.
    """
    job_id = new_id()

    def work(session: ClientSession) -> bool:
        erasures = mongo.database()[ERASURES]
        row = erasures.find_one({"_id": erasure_id}, session=session)
        if row is None or jobs.find(row["job_id"]).running:
            return False
        found = erasures.update_one(
            {"_id": erasure_id, "job_id": row["job_id"]},
            {
                "$set": {
                    "state": "running",
                    "job_id": job_id,
                    "pass_limit": row["passes"] + requests.MOST_PASSES,
                    "looks": row.get("looks", 0) + (row["state"] == "done"),
                },
                "$unset": {"look_again_at": ""},
            },
            session=session,
        )
        requests.start_job(erasure_id, job_id, actor=actor, session=session)
        audit.record(
            "users.erase.again",
            actor=actor,
            subject=audit.Subject("erasure", erasure_id),
            after={"customer_id": row["customer_id"]},
            session=session,
        )
        return found.matched_count == 1

    try:
        return mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise Conflict("This customer is being erased already.") from error
