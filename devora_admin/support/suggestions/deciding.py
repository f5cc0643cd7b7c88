"""What staff do with a suggestion: open an issue, one for each customer, or dismiss it.

The suggestion changes in the transaction that opens the issue, so two who press at once open one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, jobs, mongo
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.staff import audit, bulk, undo
from devora_admin.support.services import texts
from devora_admin.support.services.opening import NewIssue, Source, open_issue
from devora_admin.support.suggestions import words
from devora_admin.support.suggestions.documents import hit, hit_by, suggestions

KIND = "suggestion"
PERMISSION = "issues.work"
OPEN, DISMISS, EACH = "suggestion.open", "suggestion.dismiss", "suggestion.open_each"
_AT_ONCE = 100
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The issue, as the person who opens it wants it."""

    subject: str
    text: str
    priority: str
    tags: Collection[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    number: int
    """0 where issues are opened one after the other."""
    is_new: bool
    """False where somebody had opened it already."""
    job_id: str = ""


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(EACH, permission=PERMISSION, unit="issue")(_run)
    undo.handles(DISMISS, permission=PERMISSION)(_undo_dismissal)


def open_one(suggestion_id: str, wanted: Wanted, *, actor: audit.Actor) -> Outcome:
    """Of a secret about its customer and project, of a spike about the platform.

    Raises NotFound, and InvalidInput naming the field.
    """

    def work(session: ClientSession) -> Outcome:
        row, was = _take(suggestion_id, actor, session)
        if was:
            return was
        new = _issue(row, wanted, user_id=row.get("user_id", ""), part="")
        opened = open_issue(new, actor=actor, session=session)
        _note_issue(row, opened.number, session)
        _record(OPEN, row, actor, session, before={"state": row["state"]},
                after={"state": "opened", "issue": opened.number})  # fmt: skip
        return Outcome(opened.number, is_new=opened.is_new)

    return mongo.run_in_transaction(work)


def open_each(suggestion_id: str, wanted: Wanted, *, actor: audit.Actor) -> Outcome:
    """One issue for each customer that a spike has hit, by a job; again for those who have none
    once the job is over. Raises as `open_one`."""
    checked = Wanted(
        texts.subject(wanted.subject), texts.message(wanted.text), wanted.priority,
        texts.tags(wanted.tags),
    )  # fmt: skip

    def work(session: ClientSession) -> Outcome:
        row = _read(suggestion_id, session)
        if row["state"] == "opened" and not is_left(row):
            return _opened_as(row)
        is_spike = row["kind"] == "spike"
        total = hit().count_documents(hit_by(row), session=session) if is_spike else 0
        if not total:
            raise InvalidInput("No customer is known for it. Open one issue.", field="whom")
        stored = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
        params = {
            "suggestion": row["_id"], "episode": row["episode"],
            "subject": checked.subject, "text": checked.text,
            "priority": checked.priority, "tags": list(checked.tags),
        }  # fmt: skip
        title = f"Open {total:,} issue{'' if total == 1 else 's'} of a rise of errors"
        job_id = jobs.enqueue(
            EACH, title=title, actor=stored, params=params, total=total, session=session
        )
        _put(row, {"state": "opened", "decided": _decided(actor), "job": job_id}, session)
        _record(EACH, row, actor, session, before={"state": row["state"]},
                after={"state": "opened", "customers": total})  # fmt: skip
        return Outcome(0, is_new=True, job_id=job_id)

    return mongo.run_in_transaction(work)


def is_left(row: Row) -> bool:
    """Whether it has hit customers without an issue, and the job that opened the others is over."""
    if row["state"] != "opened" or not row.get("job"):
        return False
    opened = row.get("issues", {}).get("count", 0)
    if hit().count_documents(hit_by(row), limit=opened + 1) <= opened:
        return False
    try:
        return not jobs.find(row["job"]).running
    except NotFound:
        return True


def dismiss(suggestion_id: str, reason: str, *, actor: audit.Actor) -> str:
    """Returns the audit log's row, "" where it is dismissed already. Raises NotFound, Conflict."""
    if reason not in words.REASONS:
        raise InvalidInput("Choose why.", field="reason")
    row_id = new_id()

    def work(session: ClientSession) -> str:
        row = _read(suggestion_id, session)
        if row["state"] == "dismissed":
            return ""
        if row["state"] == "opened":
            raise Conflict("Somebody opened an issue of it meanwhile.")
        decided = _decided(actor) | {"reason": reason, "row": row_id}
        _put(row, {"state": "dismissed", "decided": decided}, session)
        _record(DISMISS, row, actor, session, before={"state": row["state"]},
                after={"state": "dismissed", "reason": reason}, row_id=row_id)  # fmt: skip
        return row_id

    return mongo.run_in_transaction(work)


def _undo_dismissal(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    found = _read(row.subject.id, session)
    if found["state"] != "dismissed":
        raise Conflict("It is not dismissed any more.")
    if found["decided"].get("row", row.id) != row.id:
        raise Conflict("It came up again since, and was dismissed anew.")
    state = "new" if found["kind"] == "spike" or found["found"] else "gone"
    _put(found, {"state": state}, session)
    _record(f"{DISMISS}.undo", found, actor, session, before=row.after, after={"state": state})


def _take(
    suggestion_id: str, actor: audit.Actor, session: ClientSession
) -> tuple[Row, Outcome | None]:
    """Marks it as opened; or says what it was opened as. What was dismissed may be opened still."""
    row = _read(suggestion_id, session)
    if row["state"] == "opened":
        return row, _opened_as(row)
    _put(row, {"state": "opened", "decided": _decided(actor)}, session)
    return row, None


def _opened_as(row: Row) -> Outcome:
    return Outcome(row.get("issues", {}).get("first", 0), is_new=False)


def _read(suggestion_id: str, session: ClientSession) -> Row:
    row = suggestions().find_one({"_id": {"$eq": suggestion_id}}, session=session)
    if row is None:
        raise NotFound(KIND, suggestion_id[:40])
    return row


def _put(row: Row, values: Row, session: ClientSession) -> None:
    """Conditional on the state, not on the revision: numbers go on rising while one reads."""
    still = {"_id": row["_id"], "state": row["state"]}
    update = {"$set": values, "$inc": {"revision": 1}}
    if not suggestions().update_one(still, update, session=session).matched_count:
        raise Conflict("This suggestion was changed in the same moment. Look at it again.")


def _decided(actor: audit.Actor) -> Row:
    return {"by": actor.name or actor.email, "by_id": actor.id, "at": clock.now(), "reason": ""}


def _issue(row: Row, wanted: Wanted, *, user_id: str, part: str) -> NewIssue:
    """part: tells apart what is opened for several."""
    is_spike = row["kind"] == "spike"
    fingerprint = ":".join(filter(None, (row["_id"], str(row.get("episode", "")), part)))
    return NewIssue(
        user_id=user_id,
        subject=wanted.subject,
        text=wanted.text,
        project_id="" if is_spike else row["project_id"],
        priority=wanted.priority,
        tags=wanted.tags,
        source=Source("spike" if is_spike else "scan", fingerprint=fingerprint),
    )


def _note_issue(row: Row, number: int, session: ClientSession | None) -> None:
    """The first of an episode is the one a page leads to."""
    stages: list[Row] = [
        {"$set": {"issues": {
            "first": {"$ifNull": ["$issues.first", number]},
            "count": {"$add": [{"$ifNull": ["$issues.count", 0]}, 1]},
        }}}
    ]  # fmt: skip
    same = {"_id": row["_id"], "episode": row.get("episode")}
    suggestions().update_one(same, stages, session=session)


def _run(job: Job) -> Iterator[ItemResult]:
    wanted = Wanted(*(job.params[name] for name in ("subject", "text", "priority", "tags")))
    row = suggestions().find_one({"_id": job.params["suggestion"]})
    if row is not None:
        row["episode"] = job.params["episode"]

    def to_one(user_id: str, *, actor: audit.Actor) -> str:
        if row is None:
            raise Conflict("The suggestion is gone.")

        def work(session: ClientSession) -> str:
            new = _issue(row, wanted, user_id=user_id, part=user_id)
            opened = open_issue(new, actor=actor, session=session)
            if opened.is_new:
                _note_issue(row, opened.number, session)
            return f"#{opened.number}"

        return mongo.run_in_transaction(work)

    return bulk.to_each(_customers(job), "customer", job, to_one)


def _customers(job: Job) -> bulk.Subjects:
    """By the `_id` of what says that they were hit."""
    after = job.cursor or ""
    while True:
        those = hit_by({"_id": job.params["suggestion"], "episode": job.params["episode"]})
        rows = list(
            hit()
            .find({**those, "_id": {"$gt": after}}, {"user_id": 1})
            .sort("_id", 1)
            .limit(_AT_ONCE)
        )
        for row in rows:
            yield row["user_id"], "A customer", row["_id"]
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1]["_id"]


def _record(
    action: str,
    row: Row,
    actor: audit.Actor,
    session: ClientSession,
    *,
    before: Row,
    after: Row,
    row_id: str | None = None,
) -> None:
    label = words.title_of(row) if row["kind"] == "spike" else words.subject_of(row, "")
    subject = audit.Subject(KIND, row["_id"], label, row.get("user_id", ""))
    audit.record(
        action, actor=actor, subject=subject, before=before, after=after, session=session,
        row_id=row_id,
    )  # fmt: skip
