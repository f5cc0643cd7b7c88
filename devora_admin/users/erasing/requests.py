"""Asking to erase a customer, and beginning when a second person has agreed."""

from typing import Any

from django.urls import reverse
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.core import clock, jobs, mongo
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.ids import new_id
from devora_admin.staff import approvals, audit
from devora_admin.staff.approval_kinds import Approval
from devora_admin.staff.audit import Actor
from devora_admin.users import holdings
from devora_admin.users.documents import customers
from devora_admin.users.erasing import fence
from devora_admin.users.erasing.documents import ERASURES
from devora_admin.users.marks import Marks
from devora_admin.users.merging import records
from devora_admin.users.services import fields, texts
from devora_admin.users.services.standing import SUSPENDED

KIND = "users.erase"
TITLE = "Erase a customer"
MOST_PASSES = 12


def register() -> None:
    """Called once, when the app is ready."""
    approvals.handles(KIND, permission="users.erase", title=TITLE, describe=consequences)(begin)


def to_be_typed(customer_id: str) -> str:
    """What somebody types to show that they mean this customer. Raises NotFound."""
    email = fields.decoded(fields.read(customer_id)).get("email")
    return email.strip() if isinstance(email, str) and email.strip() else customer_id


def ask(customer_id: str, *, typed: str, reason: str, actor: Actor) -> str:
    """Returns the request's id. Raises NotFound, InvalidInput (field typed, reason), Conflict."""
    reason = texts.reason(reason)
    if typed.strip().casefold() != to_be_typed(customer_id).casefold():
        raise InvalidInput("This is not what is asked for.", field="typed")

    def work(session: ClientSession) -> str:
        found = fields.decoded(fields.read(customer_id, session=session))
        fence.refuse_if_erasing(customer_id, session=session)
        return approvals.ask(
            KIND, subject=fields.subject_of(found, customer_id), params={}, reason=reason,
            actor=actor, session=session,
        )  # fmt: skip

    return mongo.run_in_transaction(work)


def consequences(request: Approval) -> list[str]:
    """For who decides: what is there now."""
    customer_id = request.subject.id
    fields.read(customer_id)
    marks = Marks((customer_id,))
    counted = [(each.label, each.count(marks)) for each in holdings.registered()]
    there = ", ".join(f"{label.lower()}: {number:,}" for label, number in counted if number)
    return [
        f"All that is held about this customer is deleted for good: {there}.",
        "They cannot sign in from the moment this is approved.",
        "The audit log keeps what staff did, without names, values and reasons.",
        "Nothing of this can be undone.",
    ]


def begin(request: Approval, *, approver: Actor) -> str:
    """Bars the account and starts the job; once for a request, however often it is called."""
    customer_id, erasure_id = request.subject.id, request.id
    url = reverse("users:erasure", args=[erasure_id])
    job_id, now = new_id(), clock.now()

    def work(session: ClientSession) -> None:
        if mongo.database()[ERASURES].find_one({"_id": erasure_id}, session=session):
            return
        fields.read(customer_id, session=session)
        records.refuse_if_busy(customer_id, session=session)
        mongo.database()[ERASURES].insert_one(
            {
                "_id": erasure_id, "customer_id": customer_id, "customer_ids": [customer_id],
                "state": "running", "passes": 0, "pass_limit": MOST_PASSES,
                "expected": None, "counts": {},
                "asked_by": _person(request.asker), "asked_at": request.asked_at,
                "approved_by": _person(approver), "approved_at": now, "job_id": job_id,
            },
            session=session,
        )  # fmt: skip
        bar([customer_id], erasure_id, session=session)
        start_job(erasure_id, job_id, actor=approver, session=session)
        audit.record(
            "users.erase.begin",
            actor=approver,
            subject=audit.Subject("erasure", erasure_id),
            after={"customer_id": customer_id, "asked_by": request.asker.id},
            session=session,
        )

    try:
        mongo.run_in_transaction(work)
    except DuplicateKeyError as error:
        raise Conflict("This customer is being erased already.") from error
    return url


def bar(customer_ids: list[str], erasure_id: str, *, session: ClientSession | None = None) -> None:
    """Nobody signs in, and nobody lifts this: also not when the platform wrote over it."""
    now = clock.now()
    customers().update_many(
        {
            "id": {"$in": customer_ids},
            "$or": [{"status": {"$ne": SUSPENDED}}, {"erasure.id": {"$ne": erasure_id}}],
        },
        {
            "$set": {
                "status": SUSPENDED,
                "sessions_revoked_at": now,
                "erasure": {"id": erasure_id, "at": now},
            }
        },
        session=session,
    )


def start_job(erasure_id: str, job_id: str, *, actor: Actor, session: ClientSession) -> None:
    who = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
    jobs.enqueue(
        KIND,
        title=TITLE,  # without who: this stays
        actor=who,
        params={"erasure": erasure_id},
        total=None,
        job_id=job_id,
        result={
            "label": "Progress and receipt",
            "url": reverse("users:erasure", args=[erasure_id]),
        },
        session=session,
    )


def _person(actor: Actor) -> dict[str, Any]:
    return {"id": actor.id, "name": actor.label, "role": actor.role}
