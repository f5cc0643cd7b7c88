"""Asking for a copy of what there is about a customer, and taking it away: by the one who
asked, within a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import DESCENDING
from pymongo.client_session import ClientSession

from devora_admin.core import clock, jobs, mongo
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.ids import new_id
from devora_admin.core.jobs import Job
from devora_admin.staff import audit
from devora_admin.users.erasing import fence
from devora_admin.users.exporting.documents import EXPORT_CHUNKS, EXPORT_FILES, EXPORTS, zips
from devora_admin.users.services import fields

KIND = "users.export_data"
KEPT = timedelta(hours=24)
_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Export:
    id: str
    customer_id: str
    job: Job | None
    asked_at: datetime
    is_ready: bool
    file_id: str
    size_bytes: int
    sha256: str
    files: int
    as_of: datetime | None
    expires_at: datetime
    downloads: int


def ask(customer_id: str, *, actor: audit.Actor) -> str:
    """Starts the job that makes a copy; returns its id. Raises NotFound, Conflict."""
    if any(each.job and each.job.running for each in mine(customer_id, actor_id=actor.id)):
        raise Conflict("A copy is being made for you already.")
    export_id, job_id, now = new_id(), new_id(), clock.now()

    def work(session: ClientSession) -> str:
        found = fields.decoded(fields.read(customer_id, session=session))
        fence.refuse_if_erasing(customer_id, session=session)
        who = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
        mongo.database()[EXPORTS].insert_one(
            {
                "_id": export_id,
                "customer_id": customer_id,
                "asker_id": actor.id,
                "job_id": job_id,
                "asked_at": now,
                "expires_at": now + KEPT,
                "file_ids": [],
                "downloads": 0,
            },
            session=session,
        )
        jobs.enqueue(
            KIND,
            title="Copy of all about a customer",  # without who: this outlives an erasure
            actor=who,
            params={"export": export_id},
            total=None,
            job_id=job_id,
            result={"label": "The copy", "url": f"/users/{customer_id}/export/"},
            session=session,
        )
        audit.record(
            "users.export.ask",
            actor=actor,
            subject=fields.subject_of(found, customer_id),
            after={"export": export_id},
            session=session,
        )
        return job_id

    return mongo.run_in_transaction(work)


def mine(customer_id: str, *, actor_id: str) -> list[Export]:
    """The copies a person asked for that are there still, the latest first."""
    wanted = {
        "customer_id": {"$eq": customer_id},
        "asker_id": actor_id,
        "expires_at": {"$gt": clock.now()},
    }
    found = list(mongo.database()[EXPORTS].find(wanted).sort("asked_at", DESCENDING).limit(20))
    ids = [row["job_id"] for row in found]
    by_id = {job["_id"]: job for job in mongo.database()[jobs.JOBS].find({"_id": {"$in": ids}})}
    return [_export(row, by_id.get(row["job_id"])) for row in found]


def open_copy(
    customer_id: str, export_id: str, *, actor: audit.Actor
) -> tuple[Export, Iterator[bytes]]:
    """The copy and its bytes, once the audit log says who takes it. Raises NotFound, Conflict."""

    def work(session: ClientSession) -> Export:
        found = mongo.database()[EXPORTS].find_one_and_update(
            {
                "_id": {"$eq": export_id},
                "customer_id": {"$eq": customer_id},
                "asker_id": actor.id,
                "expires_at": {"$gt": clock.now()},
                "ready_at": {"$exists": True},
            },
            {"$inc": {"downloads": 1}},
            session=session,
        )
        if found is None:
            raise NotFound("copy to download", export_id)
        fence.refuse_if_erasing(customer_id, session=session)
        export = _export(found, None)
        audit.record(
            "users.export.download",
            actor=actor,
            subject=audit.Subject("customer", customer_id, customer_id=customer_id),
            after={"export": export_id, "sha256": export.sha256},
            session=session,
        )
        return export

    export = mongo.run_in_transaction(work)
    return export, _bytes_of(export)


def _bytes_of(export: Export) -> Iterator[bytes]:
    with zips().open_download_stream(export.file_id) as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def expire() -> int:
    """Deletes copies whose time is over; returns how many. A chore of the worker."""
    db, gone = mongo.database(), 0
    for row in db[EXPORTS].find({"expires_at": {"$lte": clock.now()}}, {"file_ids": 1}).limit(50):
        forget_files(row["file_ids"])
        gone += db[EXPORTS].delete_one({"_id": row["_id"]}).deleted_count
    return gone


def forget_files(file_ids: list[str]) -> None:
    """Also of attempts that were cut off, which have pieces and no file."""
    db = mongo.database()
    db[EXPORT_FILES].delete_many({"_id": {"$in": file_ids}})
    db[EXPORT_CHUNKS].delete_many({"files_id": {"$in": file_ids}})


def _export(row: dict[str, Any], job: dict[str, Any] | None) -> Export:
    return Export(
        id=row["_id"],
        customer_id=row["customer_id"],
        job=jobs.from_stored(job) if job else None,
        asked_at=row["asked_at"],
        is_ready="ready_at" in row,
        file_id=row.get("file_id", ""),
        size_bytes=row.get("size_bytes", 0),
        sha256=row.get("sha256", ""),
        files=row.get("files", 0),
        as_of=row.get("as_of"),
        expires_at=row["expires_at"],
        downloads=row["downloads"],
    )
