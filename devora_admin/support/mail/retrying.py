"""Sending again what was given up: one by one, or all of it as a job."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import clock, jobs, mongo
from devora_admin.core.errors import Conflict, DomainError, NotFound
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.staff import audit
from devora_admin.support.documents import issues, messages
from devora_admin.support.mail.documents import outbox
from devora_admin.support.services import changing

KIND = "support.mail.retry"


def retry(number: int, message_id: str, *, actor: audit.Actor) -> None:
    """Raises NotFound, or Conflict when it was not given up or is being sent again already."""
    if _number_of(message_id) == number:
        mongo.run_in_transaction(lambda session: _retry(number, message_id, actor, session))
    else:
        raise NotFound("reply", message_id)


def retry_all(*, actor: audit.Actor) -> str:
    """Starts a job for all that have been given up until now; returns its id."""
    who = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
    total = outbox().count_documents({"state": "failed"})
    if not total:
        raise Conflict("There is none to send again.")
    return jobs.enqueue(
        KIND,
        title="Send failed e-mails again",
        actor=who,
        params={"until": clock.now()},
        total=total,
    )


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(KIND, permission="issues.manage", unit="e-mail")(_run)


def _run(job: Job) -> Iterator[ItemResult]:
    """The ones given up last first. What fails again meanwhile comes before them, and is not met
    a second time."""
    actor = audit.Actor(**job.actor, request_id=f"job:{job.id}", cause=None)
    at = job.cursor or [job.params["until"], ""]
    while row := _next_failed(*at):
        at = [row["failed_at"], row["_id"]]
        yield _one(row["_id"], actor, at)


def _next_failed(failed_at: datetime, message_id: str) -> dict[str, Any] | None:
    further = [{"failed_at": {"$lt": failed_at}}, {"_id": {"$lt": message_id}}]
    wanted = {"state": "failed", "failed_at": {"$lte": failed_at}, "$or": further}
    return outbox().find_one(wanted, {"failed_at": 1}, sort=[("failed_at", -1), ("_id", -1)])


def _one(message_id: str, actor: audit.Actor, cursor: list[Any]) -> ItemResult:
    number = _number_of(message_id)
    label = f"#{number}" if number else message_id
    try:
        if not number:
            raise Conflict("The issue is not there any more.")
        mongo.run_in_transaction(lambda session: _retry(number, message_id, actor, session))
    except Conflict as error:
        return ItemResult(message_id, label, "skipped", error.message, cursor)
    except DomainError as error:
        return ItemResult(message_id, label, "failed", error.message, cursor)
    return ItemResult(message_id, label, "done", cursor=cursor)


def _number_of(message_id: str) -> int:
    """Of the issue the message is in now, or the notice is about; 0 without one."""
    about = messages().find_one({"_id": {"$eq": message_id}}, {"issue_id": 1})
    if about is None:  # a notice
        wanted = {"_id": {"$eq": message_id}, "kind": {"$exists": True}}
        about = outbox().find_one(wanted, {"issue_id": 1})
    issue = about and issues().find_one({"_id": about["issue_id"]}, {"number": 1})
    return int(issue["number"]) if issue else 0


def _retry(number: int, message_id: str, actor: audit.Actor, session: ClientSession) -> None:
    row = changing.read(number, session=session)
    now = clock.now()
    still = {"_id": message_id, "state": "failed"}
    change = {
        "$set": {"state": "waiting", "due_at": now, "waiting_since": now, "attempts": 0},
        "$unset": {"failed_at": ""},
    }
    was = outbox().find_one_and_update(still, change, session=session)
    if was is None:
        raise Conflict("This e-mail was sent, or is being sent again already.")
    changing.record(
        "mail_retry", row, actor=actor, session=session,
        before={"attempts": was["attempts"]}, after={"message": message_id},
    )  # fmt: skip
