"""Changing what is promised: on what the person saw of it, on record, and undone."""

from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, jobs, mongo
from devora_admin.core.errors import Conflict
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support.documents import issues
from devora_admin.support.sla import checking, policies, retiming
from devora_admin.support.sla.documents import policies as collection
from devora_admin.support.sla.policies import ID, Saved
from devora_admin.support.sla.policy import FIELDS, Policy, from_stored, stored

ACTION = "sla.save"
_SUBJECT = audit.Subject("sla", ID, "What is promised to customers")
_NAMES = {
    "zone": "time zone", "week": "hours", "holidays": "holidays", "targets": "targets",
    "warn_percent": "warning",
}  # fmt: skip


class ChangedSince(Conflict):
    """revision: what to have seen to save over it."""

    def __init__(self, now: Saved) -> None:
        super().__init__(
            f"Meanwhile {now.by or 'somebody'} changed what is promised. What you typed is still"
            " here: save it again to put it in place of theirs."
        )
        self.revision = now.policy.revision


def save(wanted: Policy, *, seen: int, actor: audit.Actor) -> str:
    """The row of the audit log, "" when nothing differs. seen: the revision the person saw.

    The clocks of open issues follow by a job. Raises InvalidInput naming the field, ChangedSince.
    """
    checking.check(wanted)
    row_id = new_id()

    def work(session: ClientSession) -> str:
        found = policies.saved(session)
        if found.policy.revision != seen:
            raise ChangedSince(found)
        before, after = stored(found.policy), stored(wanted)
        changed = [name for name in FIELDS if before[name] != after[name]]
        if not changed and found.at:
            return ""
        put(after, found, changed, ACTION, actor, session, row_id)
        return row_id

    try:
        return mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise ChangedSince(policies.saved()) from error


def undo(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    """Raises Conflict when what was changed has moved on since."""
    found = policies.saved(session)
    values = stored(found.policy)
    for name in row.after:
        if values.get(name) != row.after[name]:
            raise Conflict(f"The {_NAMES.get(name, name)} was changed since. Nothing was undone.")
    after = {**values, **row.before}
    from_stored(after, revision=0)  # an old row must not put back what cannot be read
    put(after, found, list(row.after), f"{ACTION}.undo", actor, session, new_id())


def put(
    after: dict[str, Any],
    found: Saved,
    changed: list[str],
    action: str,
    actor: audit.Actor,
    session: ClientSession,
    row_id: str,
) -> None:
    before, revision = stored(found.policy), found.policy.revision
    row = {
        **after, "revision": revision + 1, "updated_at": clock.now(), "updated_by": actor.label,
    }  # fmt: skip
    if found.at is None:
        collection().insert_one({"_id": ID, **row}, session=session)
    else:
        still = {"_id": ID, "revision": revision}
        if not collection().replace_one(still, row, session=session).matched_count:
            raise Conflict("What is promised was changed in the same moment. Look at it again.")
    audit.record(
        action,
        actor=actor,
        subject=_SUBJECT,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        session=session,
        row_id=row_id,
    )
    _reckon_anew(actor, session)


def _reckon_anew(actor: audit.Actor, session: ClientSession) -> None:
    stored_actor = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
    total = issues().count_documents(retiming.WITH_A_CLOCK, session=session)
    if total:
        title = f"Reckon the clocks of {total:,} open issue{'' if total == 1 else 's'} anew"
        jobs.enqueue(
            retiming.KIND, title=title, actor=stored_actor, params={}, total=total, session=session
        )
