"""The accounts change places in one transaction; what they own follows as a job."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, jobs, mongo, raw_bson
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_id
from devora_admin.core.raw_bson import Element
from devora_admin.staff import audit
from devora_admin.users import ownership
from devora_admin.users.merging import accounts, preview, records
from devora_admin.users.merging.accounts import Account, Parts
from devora_admin.users.services import texts
from devora_admin.users.services.standing import SUSPENDED

MERGE, UNMERGE = "users.merge", "users.unmerge"
_BUSY = "A merge of one of these accounts is under way. Try again when it is done."

T = TypeVar("T")
From = Literal["kept", "absorbed"]


@dataclass(frozen=True, slots=True)
class Choices:
    """Whose name, address and subscription the account that stays has."""

    name: From = "kept"
    email: From = "kept"
    subscription: From = "kept"
    take: frozenset[str] = frozenset()
    """Names of the clashes where the absorbed account's value is taken."""


@dataclass(frozen=True, slots=True)
class Started:
    merge_id: str
    job_id: str
    row_id: str


def merge_customers(
    kept_id: str, absorbed_id: str, *, choices: Choices, mark: str, reason: str, actor: audit.Actor
) -> Started:
    """mark: of the preview the person saw; when something in it has changed, a Conflict.

    From here on the absorbed account is closed and points to the other one.
    """
    reason = texts.reason(reason)
    started = Started(new_id(), new_id(), new_id())
    total = sum(-(-preview.count(each, absorbed_id) // each.batch) for each in ownership.every())
    sides = tuple(each.preview(kept_id, absorbed_id) for each in ownership.every_joined())

    def work(session: ClientSession) -> Started:
        kept = accounts.read(kept_id, session=session)
        absorbed = accounts.read(absorbed_id, session=session)
        preview.check(kept, absorbed)
        if preview.mark_of(kept, absorbed, sides) != mark:
            raise Conflict("One of the accounts was changed meanwhile. Look at both again.")
        taken = [name for name in accounts.OF_KEPT if getattr(choices, name) == "absorbed"]
        record = _switched(kept, absorbed, taken, session)
        joined = {
            each.name: each.join(kept_id, absorbed_id, take=choices.take, session=session)
            for each in ownership.every_joined()
        }
        _remember(started, kept, absorbed, record, joined, session)
        _record(kept, absorbed, taken, started, reason, actor, session)
        _enqueue(MERGE, started, f"Merge {absorbed.label} into {kept.label}", total, actor, session)
        return started

    return _alone(work)


def undo_merge(merge_id: str, *, actor: audit.Actor, session: ClientSession) -> None:
    """Puts the accounts back, and starts the job that moves back what they own.

    Raises NotFound, or Conflict with the reason when one of them has moved on.
    """
    found = records.merges().with_options(codec_options=raw_bson.RAW)
    raw: Any = found.find_one({"_id": {"$eq": merge_id}}, session=session)
    merge = records.find(merge_id, session=session)
    if merge.state not in ("moving", "done"):
        raise Conflict("This merge has been undone already.")
    kept = accounts.read(merge.kept_id, session=session)
    absorbed = accounts.read(merge.absorbed_id, session=session)
    parts = {part.name: part for part in raw_bson.elements(bytes(raw.raw))}
    record = accounts.loaded(parts["accounts"])
    for account, side in ((kept, "kept"), (absorbed, "absorbed")):
        after = accounts.loaded(record[f"{side}_after"])
        if not accounts.same(account.only(_names(side, record)), after):
            raise Conflict(f"The account {account.label} has been changed since.")
    if "merged_into" in kept.parts:
        raise Conflict(f"{kept.label} was merged into another account since. Undo that first.")
    accounts.write_both(
        kept, accounts.loaded(record["kept_before"]), _names("kept", record),
        absorbed, accounts.loaded(record["absorbed_before"]), _names("absorbed", record),
        session=session,
    )  # fmt: skip
    joined = accounts.loaded(parts["joined"])
    for each in ownership.every_joined():
        if each.name in joined:
            each.part(merge.kept_id, joined[each.name].decoded(), session=session)
    job_id = new_id()
    try:
        records.merges().update_one(
            {"_id": merge_id},
            {"$set": {"state": "undoing", "job_id": job_id, "busy": _busy(merge)}},
            session=session,
        )
    except DuplicateKeyError as error:
        raise Conflict(_BUSY) from error
    started = Started(merge_id, job_id, "")
    title = f"Undo: merge {merge.absorbed_label} into {merge.kept_label}"
    _enqueue(UNMERGE, started, title, merge.batches or None, actor, session)


def go_on(merge_id: str, *, actor: audit.Actor) -> str:
    """Moves what has come to the absorbed account since, or what a failed job left; a job's id.

    A failed undo goes on too.
    """
    job_id = new_id()

    def work(session: ClientSession) -> str:
        merge = records.find(merge_id, session=session)
        if merge.state == "undone":
            raise Conflict("This merge has been undone.")
        if merge.state != "done" and jobs.find(merge.job_id).running:
            raise Conflict("This merge is under way.")
        kind, state = (UNMERGE, "undoing") if merge.state == "undoing" else (MERGE, "moving")
        records.merges().update_one(
            {"_id": merge_id},
            {"$set": {"state": state, "job_id": job_id, "busy": _busy(merge)}},
            session=session,
        )
        verb = "Undo: merge" if kind == UNMERGE else "Merge"
        title = f"{verb} {merge.absorbed_label} into {merge.kept_label}, the rest"
        started = Started(merge_id, job_id, "")
        _enqueue(kind, started, title, None, actor, session, after=merge.batches)
        return job_id

    return _alone(work)


def _alone(work: Callable[[ClientSession], T]) -> T:
    try:
        return mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise Conflict(_BUSY) from error


def _switched(
    kept: Account, absorbed: Account, taken: list[str], session: ClientSession
) -> dict[str, Element]:
    """Writes both accounts and returns what they were and are."""
    of_absorbed = [name for name in accounts.OF_ABSORBED if name != "email" or "email" in taken]
    kept_now = absorbed.only(taken)
    absorbed_now = _closed(kept, absorbed, of_absorbed)
    accounts.write_both(kept, kept_now, taken, absorbed, absorbed_now, of_absorbed, session=session)
    sides: dict[str, Parts] = {
        "kept_before": kept.only(taken),
        "kept_after": kept_now,
        "absorbed_before": absorbed.only(of_absorbed),
        "absorbed_after": absorbed_now,
    }
    found = {name: accounts.stored(parts) for name, parts in sides.items()}
    found["kept_names"] = raw_bson.element(taken)
    found["absorbed_names"] = raw_bson.element(of_absorbed)
    return found


def _closed(kept: Account, absorbed: Account, names: list[str]) -> Parts:
    """The absorbed account: no session, no link to a new password, and where it has gone."""
    now = clock.now()
    values = {
        "status": SUSPENDED,
        "suspended": {"at": now, "reason": f"Merged into {kept.label}"},
        "merged_into": kept.id,
        "sessions_revoked_at": now,
    }
    closed = {name: raw_bson.element(value) for name, value in values.items()}
    if "email" in names and "email" in kept.parts:
        closed["email"] = kept.parts["email"]  # the two addresses change places
    return closed


def _names(side: str, record: Parts) -> list[str]:
    names: list[str] = record[f"{side}_names"].decoded()
    return names


def _remember(
    started: Started,
    kept: Account,
    absorbed: Account,
    record: dict[str, Element],
    joined: dict[str, str],
    session: ClientSession,
) -> None:
    values: dict[str, Any] = {
        "_id": started.merge_id,
        "kept": {"id": kept.id, "label": kept.label},
        "absorbed": {"id": absorbed.id, "label": absorbed.label},
        "busy": [kept.id, absorbed.id],
        "state": "moving",
        "created_at": clock.now(),
        "moved": {},
        "batches": 0,
        "job_id": started.job_id,
        "row_id": started.row_id,
        "joined": joined,
    }
    parts = {name: raw_bson.element(value) for name, value in values.items()}
    parts["accounts"] = accounts.stored(record)
    document = RawBSONDocument(raw_bson.build(part.named(name) for name, part in parts.items()))
    records.merges().insert_one(document, session=session)


def _record(
    kept: Account,
    absorbed: Account,
    taken: list[str],
    started: Started,
    reason: str,
    actor: audit.Actor,
    session: ClientSession,
) -> None:
    """Two rows, as it concerns two customers; the first one is what is undone."""
    audit.record(
        "users.merge",
        actor=actor,
        subject=audit.Subject("customer", kept.id, kept.label, kept.id),
        before={},
        after={"merge": started.merge_id, "absorbed": absorbed.id, "taken_over": taken},
        reason=reason,
        session=session,
        row_id=started.row_id,
    )
    audit.record(
        "users.absorb",
        actor=actor,
        subject=audit.Subject("customer", absorbed.id, absorbed.label, absorbed.id),
        before={},
        after={"merge": started.merge_id, "merged_into": kept.id},
        reason=reason,
        session=session,
    )


def _busy(merge: records.Merge) -> list[str]:
    return [merge.kept_id, merge.absorbed_id]


def _enqueue(
    kind: str,
    started: Started,
    title: str,
    total: int | None,
    actor: audit.Actor,
    session: ClientSession,
    *,
    after: int = 0,
) -> None:
    jobs.enqueue(
        kind,
        title=title[:200],
        actor={"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role},
        params={"merge": started.merge_id, "after": after},
        total=total or None,
        job_id=started.job_id,
        session=session,
    )
