"""What the staff's side of the dashboard holds about a customer: the audit log, requests for
approval, jobs, and what sessions remember. Those apps know nothing of customers, so it is here."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils.module_loading import import_string
from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.jobs import JOB_ITEMS, JOBS
from devora_admin.core.values import lines
from devora_admin.staff import audit
from devora_admin.staff.documents import (
    APPROVALS,
    AUDIT_HEADS,
    AUDIT_LOG,
    FACTORS,
    LINKS,
    LOGIN_ATTEMPTS,
    SESSIONS,
    STAFF,
)
from devora_admin.users import holdings
from devora_admin.users.holdings import Entry, Holding, Marks, Step

_OF_STAFF = "staff accounts, which are other people than customers"


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "audit", "Audit log", holdings.STAFF_RECORDS, (AUDIT_LOG,),
            count=lambda marks: holdings.count(mongo.database()[AUDIT_LOG], _personal(marks)),
            export=_export_audit,
            erase=_forget_audit,
            verdict={AUDIT_LOG: holdings.pseudonymous},
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "approvals", "Requests for approval", holdings.STAFF_RECORDS, (APPROVALS,),
            count=lambda marks: holdings.count(mongo.database()[APPROVALS], _asked(marks)),
            export=_export_approvals,
            erase=_forget_approvals,
            verdict={APPROVALS: holdings.scrub},
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "jobs", "Results of background jobs", holdings.BUILT, (JOBS, JOB_ITEMS),
            count=lambda marks: holdings.count(mongo.database()[JOB_ITEMS], _items(marks)),
            export=_export_jobs,
            erase=lambda marks: holdings.batches(mongo.database()[JOB_ITEMS], _items(marks)),
            verdict={JOBS: holdings.scrub, JOB_ITEMS: holdings.delete},
        )
    )  # fmt: skip
    holdings.register(
        Holding(
            "sessions", "What sessions of staff remember", holdings.STAFF_RECORDS,
            (SESSIONS, LOGIN_ATTEMPTS),
            count=lambda marks: len(_remembering(marks)),
            export=None,
            erase=_forget_sessions,
            verdict={SESSIONS: holdings.scrub, LOGIN_ATTEMPTS: holdings.delete},
            find_elsewhere=lambda marks: len(_remembering(marks)),
        )
    )  # fmt: skip
    for collection in (STAFF, FACTORS, LINKS):
        holdings.nothing_in(collection, _OF_STAFF)
    holdings.nothing_in(AUDIT_HEADS, "where the chain of the audit log ends: digests alone")
    holdings.nothing_in("django_migrations", "names of migrations")
    holdings.nothing_in("django_content_type", "names of models")
    for collection in ("auth_permission", "auth_group", "auth_group_permissions"):
        holdings.nothing_in(collection, "Django's own table, not used")


def _personal(marks: Marks) -> dict[str, Any]:
    about = {"customer_id": holdings.one_of(marks.ids), "personal.salt": {"$exists": True}}
    return {**about, "action": {"$ne": audit.FORGET}}


def _export_audit(marks: Marks) -> Iterator[Entry]:
    """What staff did, in which role: not who they are, nor from where."""

    def shape(data: bytes) -> Any:
        tree = lines.tree_of(data)
        shown = {key: tree[key] for key in ("at", "action", "subject", "before", "after", "reason")
                 if key in tree}  # fmt: skip
        actor = tree.get("actor")
        return {**shown, "role": actor.get("role") if isinstance(actor, dict) else None}

    log, about = mongo.database()[AUDIT_LOG], {"customer_id": holdings.one_of(marks.ids)}
    yield Entry("audit.jsonl", lines.json_lines(lines.documents(log, about, shape=shape)))


def _forget_audit(marks: Marks) -> Iterator[Step]:
    log = mongo.database()[AUDIT_LOG]
    for customer_id in marks.ids:
        if holdings.count(log, _personal(Marks((customer_id,)))):

            def step(session: ClientSession, customer_id: str = customer_id) -> int:
                return audit.forget_customer(customer_id, actor=audit.SYSTEM, session=session)

            yield step


def _asked(marks: Marks) -> dict[str, Any]:
    return {"subject.customer_id": holdings.one_of(marks.ids)}


def _export_approvals(marks: Marks) -> Iterator[Entry]:
    def shape(data: bytes) -> Any:
        tree = lines.tree_of(data)
        keys = ("title", "state", "asked_at", "reason", "decided_at", "decision")
        return {key: tree[key] for key in keys if key in tree}

    stored = mongo.database()[APPROVALS]
    found = lines.documents(stored, _asked(marks), shape=shape)
    yield Entry("requests.jsonl", lines.json_lines(found))


def _forget_approvals(marks: Marks) -> Iterator[Step]:
    """What waited is over; of the rest, what was asked and when stays, about nobody."""
    stored = mongo.database()[APPROVALS]
    nobody = {"subject.id": "", "subject.customer_id": "", "subject.label": "an erased customer"}
    for customer_id in marks.ids:
        condition = {"subject.customer_id": customer_id}
        if holdings.count(stored, condition):

            def step(session: ClientSession, condition: dict[str, Any] = condition) -> int:
                over = {"$set": {"state": "expired"}}
                stored.update_many({**condition, "state": "pending"}, over, session=session)
                gone = {"reason": "", "decision": "", "params": {}, "error": ""}
                found = stored.update_many(condition, {"$set": {**gone, **nobody}}, session=session)
                return found.modified_count

            yield step


def _items(marks: Marks) -> dict[str, Any]:
    return {"item_id": holdings.one_of({*marks.ids, *marks.project_ids})}


def _export_jobs(marks: Marks) -> Iterator[Entry]:
    """What came of them and their projects in work on many at once."""

    def shape(data: bytes) -> Any:
        tree = lines.tree_of(data)
        keys = ("item_id", "label", "outcome", "detail")
        return {key: tree[key] for key in keys if key in tree}

    items = mongo.database()[JOB_ITEMS]
    found = lines.documents(items, _items(marks), shape=shape)
    yield Entry("job_results.jsonl", lines.json_lines(found))


def _engine() -> SessionBase:
    store: SessionBase = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    return store


def _remembering(marks: Marks) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What is stored of the sessions that name the customer, and their contents: encoded, so they
    are read one by one."""
    engine, found = _engine(), []
    for row in mongo.database()[SESSIONS].find({}, {"session_data": 1}):
        content = engine.decode(str(row.get("session_data") or ""))
        if _names(content, marks):
            found.append((row, content))
    return found


def _names(value: object, marks: Marks) -> bool:
    return bool(marks.found_in(lines.one_line(value)) - {"name"})


def _forget_sessions(marks: Marks) -> Iterator[Step]:
    for row, content in _remembering(marks):
        kept = {name: value for name, value in content.items() if not _names([name, value], marks)}

        def step(session: ClientSession, row: Any = row, kept: Any = kept) -> int:
            data = _engine().encode(kept)
            # Where its person goes on meanwhile, the next pass looks at it again.
            found = mongo.database()[SESSIONS].update_one(
                row, {"$set": {"session_data": data}}, session=session
            )
            return found.matched_count

        yield step
