"""Status, priority, assignee, tags and subject: each changed on what the person saw of it.

seen: the revision the person saw (Issue.revision). A change is refused with ChangedSince only when
what it is about was changed since; what others did to other fields does not matter.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support import states
from devora_admin.support.mail import notices
from devora_admin.support.services import assigning, changing, texts
from devora_admin.support.services.changing import THREAD, Done, Row

_WITH_THE_STATUS = ("resolved_at", "resolution", "reopened")
Plan = Callable[[Row], Row]
"""The new values by field, None for one to be removed; of those that stay the same, too."""


def set_status(
    number: int, status: str, *, seen: int, actor: audit.Actor, resolution: str = ""
) -> Done:
    """Also refused when somebody wrote in the thread since.

    resolution: with "resolved", how it was; by default the latest reply of staff.
    """
    check_status(status)
    if resolution:
        resolution = texts.message(resolution, field="resolution", label="The resolution")

    def plan(row: Row) -> Row:
        return status_fields(row, status, resolution=resolution, by=actor)

    return change(number, "status", plan, about=("status", THREAD), seen=seen, actor=actor)


def set_priority(number: int, priority: str, *, seen: int, actor: audit.Actor) -> Done:
    if priority not in states.PRIORITIES:
        raise InvalidInput("Choose a priority from the list.", field="priority")
    put: Row = {"priority": priority}
    return change(number, "priority", lambda _: put, about=["priority"], seen=seen, actor=actor)


def set_assignee(
    number: int, staff_id: str, *, seen: int, actor: audit.Actor, is_quiet: bool = False
) -> Done:
    """staff_id: "" for nobody. is_quiet: as in `change`."""
    if staff_id:
        assigning.check(staff_id)
    put: Row = {"assignee_id": staff_id}
    return change(
        number, "assignee", lambda _: put, about=["assignee_id"], seen=seen, actor=actor,
        is_quiet=is_quiet,
    )  # fmt: skip


def set_tags(
    number: int, tags: Iterable[str], *, seen: int, actor: audit.Actor, is_quiet: bool = False
) -> Done:
    """is_quiet: as in `change`."""
    put: Row = {"tags": texts.tags(tags)}
    return change(
        number, "tags", lambda _: put, about=["tags"], seen=seen, actor=actor, is_quiet=is_quiet
    )


def set_subject(number: int, subject: str, *, seen: int, actor: audit.Actor) -> Done:
    put: Row = {"subject": texts.subject(subject)}
    return change(number, "subject", lambda _: put, about=["subject"], seen=seen, actor=actor)


def check_status(status: str) -> None:
    if status not in states.STATUSES:
        raise InvalidInput("Choose a status from the list.", field="status")


def status_fields(row: Row, status: str, *, resolution: str, by: audit.Actor | None) -> Row:
    """The status, and what goes with it; None for what has to be removed."""
    was_over, is_over = row["status"] in states.OVER, status in states.OVER
    put: Row = {"status": status}
    if is_over and not was_over:
        put["resolved_at"] = clock.now()
    if not is_over:
        put |= {"resolved_at": None, "resolution": None}
    if status != "on_hold":
        put["wake_at"] = None
    if was_over and not is_over:
        put["reopened"] = row.get("reopened", 0) + 1
    if status == "resolved":
        latest = row.get("latest") or {}
        text = resolution or (latest.get("text", "") if latest.get("kind") == "reply" else "")
        if text and by is not None:
            put["resolution"] = {"text": text, "at": clock.now()}
    return put


def put_back(
    number: int,
    verb: str,
    *,
    before: Row,
    after: Row,
    done_at: datetime | None,
    actor: audit.Actor,
    session: ClientSession,
    told: Row | None = None,
) -> None:
    """Undoes a change, for the clock as if it had not been; where nothing was done since, it gets
    back its place in the order as well. Raises Conflict when a field has moved on since. done_at:
    when it was recorded. told: as in `apply`."""
    row = changing.read_live(number, session=session)
    for field in after:
        if row.get(field) != after[field]:
            raise Conflict(f"The {field.replace('_', ' ')} was changed since. Nothing was undone.")
    put = {key: before.get(key) for key in after}
    undoes = changing.undone(row, put, done_at)
    active_at = changing.active_before(row, put)
    apply(
        row, f"{verb}.undo", put, actor, session, new_id(), told=told, undoes=undoes,
        active_at=active_at,
    )  # fmt: skip


def apply(
    row: Row,
    verb: str,
    put: Row,
    actor: audit.Actor,
    session: ClientSession,
    row_id: str,
    *,
    told: Row | None = None,
    undoes: Mapping[str, datetime] | None = None,
    active_at: datetime | None = None,
) -> Done:
    """Writes what differs, with its row in the audit log. None removes a field.

    told: what the row says besides of what came of it. undoes: as in `changing.write`, None for a
    change that takes nothing back. active_at: as there.
    """
    put = {key: value for key, value in put.items() if row.get(key) != value}
    if not put:
        return Done(row["number"], row["revision"], "")
    now = changing.write(
        row,
        put=put,
        touches=told_of(put),
        by=actor.label,
        session=session,
        undoes=undoes or {},
        active_at=active_at,
    )
    if undoes is None:
        tell_if_resolved(row, now, actor=actor, session=session)
    before = {key: row.get(key) for key in put}
    after = {**put, **(told or {})}
    changing.record(
        verb, now, actor=actor, session=session, before=before, after=after, row_id=row_id
    )
    return Done(row["number"], now["revision"], row_id)


def tell_if_resolved(row: Row, now: Row, *, actor: audit.Actor, session: ClientSession) -> None:
    """The customer, of what was done without a reply. now: the issue once it is changed."""
    if now["status"] == "resolved" and row["status"] not in states.OVER:
        notices.tell(now, actor=actor, session=session)


def told_of(put: Iterable[str]) -> list[str]:
    """Those of the fields whose change somebody who saw the issue has to know of."""
    return [field for field in put if field not in _WITH_THE_STATUS]


def change(
    number: int,
    verb: str,
    plan: Plan,
    *,
    about: Iterable[str],
    seen: int,
    actor: audit.Actor,
    is_quiet: bool = False,
) -> Done:
    """about: what must be as the person saw it. is_quiet: whether it keeps its place in the order
    of what was done last, as when many are sorted at once."""
    row_id = new_id()

    def work(session: ClientSession) -> Done:
        row = changing.read_live(number, session=session)
        changing.refuse_if_changed(row, about, seen=seen)
        active_at = row["updated_at"] if is_quiet else None
        return apply(row, verb, plan(row), actor, session, row_id, active_at=active_at)

    return mongo.run_in_transaction(work)
