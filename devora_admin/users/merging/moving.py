"""The jobs that move what a customer owns, batch by batch, and move it back.

A batch, the note of its ids and the count are one transaction: after a crash the next worker goes
on with what is not moved yet, and an undo moves exactly those ids back.
"""

from collections.abc import Iterator

from pymongo.client_session import ClientSession

from devora_admin.core import jobs, mongo
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.staff import audit, undo
from devora_admin.users import ownership
from devora_admin.users.documents import NOTES
from devora_admin.users.merging import records, switch
from devora_admin.users.merging.preview import theirs
from devora_admin.users.merging.records import Batch, Merge

_PERMISSION = "users.merge"


def register() -> None:
    """Called once, when the app is ready."""
    for kind, handler in ((switch.MERGE, _moving), (switch.UNMERGE, _moving_back)):
        # Half of it is of no use to anybody; the whole can be undone.
        jobs.handles(kind, permission=_PERMISSION, unit="part", can_cancel=False)(handler)
    ownership.register(ownership.Owned("notes", "internal notes", NOTES))
    undo.handles("users.merge", permission=_PERMISSION)(_undo)


def _undo(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    switch.undo_merge(str(row.after.get("merge", "")), actor=actor, session=session)
    absorbed = str(row.after.get("absorbed", ""))
    audit.record(
        "users.merge.undo",
        actor=actor,
        subject=audit.Subject("customer", row.subject.id, row.subject.label, row.subject.id),
        before=row.after,
        session=session,
    )
    audit.record(
        "users.absorb.undo",
        actor=actor,
        subject=audit.Subject("customer", absorbed, "", absorbed),
        before={"merged_into": row.subject.id},
        session=session,
    )


def _moving(job: Job) -> Iterator[ItemResult]:
    merge = records.find(job.params["merge"])
    labels = {owned.name: owned.label for owned in ownership.every()}
    for batch in records.batches(merge.id, after=job.cursor or job.params["after"]):
        yield _result(batch, labels)  # moved before a crash, and not noted
    found = True
    while found:
        found = False
        for batch in _pass(merge):
            found = True
            yield _result(batch, labels)
    _finish(merge, job)


def _pass(merge: Merge) -> Iterator[Batch]:
    """Once through everything; the platform may add to it meanwhile."""
    for owned in ownership.every():
        while batch := _move(merge, owned):
            yield batch


def _move(merge: Merge, owned: ownership.Owned) -> Batch | None:
    """One batch; None when nothing is left, or the merge is no longer to be done."""

    def work(session: ClientSession) -> Batch | None:
        collection = mongo.database()[owned.collection]
        condition = theirs(owned, merge.absorbed_id)
        found = collection.find(condition, {"_id": 1}, session=session).limit(owned.batch)
        ids = [row["_id"] for row in found]
        if not ids:
            return None
        counted = records.merges().find_one_and_update(
            {"_id": merge.id, "state": "moving"},
            {"$inc": {"batches": 1, f"moved.{owned.name}": len(ids)}},
            {"batches": 1},
            session=session,
        )
        if counted is None:
            return None
        number = counted["batches"] + 1
        batch = Batch(records.batch_id(merge.id, number), number, owned.name, tuple(ids))
        records.moves().insert_one(
            {"_id": batch.id, "merge_id": merge.id, "number": number, "name": owned.name,
             "ids": ids},
            session=session,
        )  # fmt: skip
        moved = collection.update_many(
            {"_id": {"$in": ids}, **condition},
            {"$set": {owned.field: merge.kept_id}},
            session=session,
        )
        if moved.matched_count != len(ids):
            raise RuntimeError("a snapshot lost a document")
        _tell(owned, merge, session)
        return batch

    return mongo.run_in_transaction(work)


def _tell(owned: ownership.Owned, merge: Merge, session: ClientSession) -> None:
    if owned.moved is not None:
        owned.moved((merge.kept_id, merge.absorbed_id), session)


def _finish(merge: Merge, job: Job) -> None:
    def work(session: ClientSession) -> None:
        done = records.merges().find_one_and_update(
            {"_id": merge.id, "state": "moving"},
            {"$set": {"state": "done"}, "$unset": {"busy": ""}},
            session=session,
        )
        if done is not None:
            _record("users.merge_done", merge, job, done["moved"], session)

    mongo.run_in_transaction(work)


def _moving_back(job: Job) -> Iterator[ItemResult]:
    merge = records.find(job.params["merge"])
    owned = {each.name: each for each in ownership.every()}
    for batch in records.batches(merge.id):
        back = _move_back(merge, owned[batch.name], batch)
        left = len(batch.ids) - back
        detail = f"{left:,} have gone elsewhere since, and stay there" if left else ""
        label = f"{back:,} {owned[batch.name].label} moved back"
        yield ItemResult(_item(batch), label, "done", detail, batch.number)
    _finish_undo(merge, job)


def _move_back(merge: Merge, owned: ownership.Owned, batch: Batch) -> int:
    def work(session: ClientSession) -> int:
        moved = mongo.database()[owned.collection].update_many(
            {"_id": {"$in": list(batch.ids)}, **theirs(owned, merge.kept_id)},
            {"$set": {owned.field: merge.absorbed_id}},
            session=session,
        )
        records.moves().delete_one({"_id": batch.id}, session=session)
        _tell(owned, merge, session)
        return moved.matched_count

    return mongo.run_in_transaction(work)


def _finish_undo(merge: Merge, job: Job) -> None:
    def work(session: ClientSession) -> None:
        done = records.merges().find_one_and_update(
            {"_id": merge.id, "state": "undoing"},
            {"$set": {"state": "undone"}, "$unset": {"busy": "", "joined": "", "accounts": ""}},
            session=session,
        )
        if done is not None:
            _record("users.merge_undone", merge, job, done["moved"], session)

    mongo.run_in_transaction(work)


def _record(
    action: str, merge: Merge, job: Job, moved: dict[str, int], session: ClientSession
) -> None:
    who = job.actor
    audit.record(
        action,
        actor=audit.Actor(who["id"], who["email"], who["name"], who["role"], "", f"job:{job.id}"),
        subject=audit.Subject("customer", merge.kept_id, merge.kept_label, merge.kept_id),
        after={"merge": merge.id, "absorbed": merge.absorbed_id, **moved},
        session=session,
    )


def _result(batch: Batch, labels: dict[str, str]) -> ItemResult:
    label = f"{len(batch.ids):,} {labels.get(batch.name, batch.name)} moved"
    return ItemResult(_item(batch), label, "done", "", batch.number)


def _item(batch: Batch) -> str:
    return f"batch {batch.number:08d}"
