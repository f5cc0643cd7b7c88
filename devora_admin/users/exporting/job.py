"""The job that makes a copy. After a crash it begins anew, with a file of its own."""

from collections.abc import Iterator
from typing import Any

from devora_admin.core import chores, clock, jobs, mongo
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_id
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.users import holdings
from devora_admin.users.erasing import fence
from devora_admin.users.exporting import requests
from devora_admin.users.exporting.documents import EXPORTS, zips
from devora_admin.users.exporting.zip_file import ZipOfCustomer
from devora_admin.users.marks import Marks

_EXPIRY_EVERY_S = 60.0


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(requests.KIND, permission="users.export_data", unit="part")(_run)
    chores.register("expire exports", every_s=_EXPIRY_EVERY_S, run=requests.expire)


def _run(job: Job) -> Iterator[ItemResult | None]:
    file_id = new_id()
    begun = mongo.database()[EXPORTS].find_one_and_update(
        {"_id": job.params["export"]},
        {"$set": {"file_id": file_id}, "$push": {"file_ids": file_id}},
    )
    if begun is None:
        raise Conflict("This copy has expired, or the customer was erased.")
    requests.forget_files(begun["file_ids"])
    yield None
    marks = holdings.marks_of(begun["customer_id"])
    yield None
    try:
        yield from _write(job.params["export"], file_id, marks)
    except BaseException:
        requests.forget_files([file_id])
        raise


def _write(export_id: str, file_id: str, marks: Marks) -> Iterator[ItemResult | None]:
    with zips().open_upload_stream_with_id(file_id, "customer.zip") as target:
        made = ZipOfCustomer(marks, clock.now(), target)
        for name in made.pieces():
            if name is None:
                yield None
                continue
            counts = made.counts[name]
            detail = f"{counts.files:,} files, {counts.lines:,} documents in lines"
            yield ItemResult(name, counts.label, "done", detail)
    _finish(export_id, made, file_id, marks)


def _finish(export_id: str, made: ZipOfCustomer, file_id: str, marks: Marks) -> None:
    now = clock.now()
    ready: dict[str, Any] = {
        "ready_at": now, "expires_at": now + requests.KEPT, "as_of": made.as_of,
        "size_bytes": made.size_bytes, "sha256": made.sha256, "files": made.files,
    }  # fmt: skip
    fence.refuse_if_erasing(marks.customer_id)
    found = mongo.database()[EXPORTS].update_one(
        {"_id": export_id, "file_id": file_id}, {"$set": ready}
    )
    if not found.matched_count:
        raise Conflict("Another worker makes this copy, or the customer was erased meanwhile.")
