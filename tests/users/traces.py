"""A customer who has left traces in every store, and a search for them that shares no code with the
one that is tested."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson import ObjectId, Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from devora_admin.core import job_runner
from devora_admin.core import mongo as core_mongo
from devora_admin.core.consumers import Change
from devora_admin.projects import presence
from devora_admin.projects.services import bulk, lifecycle, tree
from devora_admin.staff import approvals, audit
from devora_admin.staff.sessions import SessionStore
from devora_admin.users.services import identity, notes, standing
from devora_admin.worker.following import letters
from tests import factories

Store = Database[dict[str, Any]]
EMAIL, OLD_EMAIL, NAME = "zoe.quill@marked.example", "zq@before.example", "Zoe Quillfeather"
PROJECT_NAME = "Quillfeather Bakery Planner"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
PSEUDONYMOUS = {"audit_log", "erasures"}


def run_jobs() -> None:
    while job_runner.run_next("test"):
        pass


def event(user_id: str | None, number: int = 0, **fields: Any) -> dict[str, Any]:
    owner = {} if user_id is None else {"user_id": user_id}
    moment = NOW + timedelta(seconds=number)
    return {"_id": ObjectId(), "event_type": "login", **owner, "timestamp": moment, **fields}


class Traced:
    """A customer with two projects kept, one archived and one given away, and all that follows."""

    def __init__(self, db: Store, actor: audit.Actor) -> None:
        self.id = str(uuid.uuid4())
        self.customer = factories.insert(
            db.users, factories.customer(id=self.id, email=OLD_EMAIL, name=NAME, locale="de")
        )
        self.projects = [
            factories.insert(db.projects, factories.project(user_id=self.id, name=PROJECT_NAME))
            for _ in range(3)
        ]
        self.project_ids = [project["id"] for project in self.projects]
        self._of_the_platform(db)
        self._of_staff(db, actor)

    def _of_the_platform(self, db: Store) -> None:
        first = self.project_ids[0]
        db.projects.insert_one({"_id": ObjectId(), "user_id": self.id, "name": 7})  # malformed
        db.settings.insert_one(
            {
                "_id": ObjectId(),
                "user_id": self.id,
                "preferences": {"theme": "dark"},
                "api_keys": {"openai": "sk-planted-secret-0123456789-wxyz", "odd": "short"},
                "integrations": {
                    "github": {"token": "ghp_plantedplantedplanted1234", "login": "z"}
                },
            }
        )
        db.conversations.insert_many(
            [
                {"user_id": self.id, "project_id": first, "messages": [{"content": EMAIL}]},
                {"project_id": first, "messages": []},
            ]
        )
        db.conversation_archive.insert_one(
            {"user_id": self.id, "project_id": first, "part": 0, "first": 0, "count": 1,
             "messages": [{"content": f"It is {NAME}"}]}
        )  # fmt: skip
        db.conversation_moves.insert_one(
            {"project_id": first, "count": 0, "pieces": [], "rest": {"title": PROJECT_NAME}}
        )
        db.analytics_events.insert_many([event(self.id, number) for number in range(30)])
        db.analytics_events.insert_one(event(None, project_id=first))
        # A collection that no app of the dashboard knows.
        db.newsletter.insert_many(
            [{"user_id": self.id, "to": EMAIL}, {"user_id": "another", "to": "other@x.example"}]
        )

    def _of_staff(self, db: Store, actor: audit.Actor) -> None:
        identity.change_identity(self.id, name=NAME, email=EMAIL, actor=actor)
        notes.add_note(self.id, text=f"Call {NAME} about {PROJECT_NAME}", actor=actor)
        standing.suspend_customer(self.id, reason=f"{NAME} asked", actor=actor)
        standing.reactivate_customer(self.id, reason="back", actor=actor)
        first, second, third = self.project_ids
        bulk.start("archive", bulk.Chosen(ids=(third, "of-another")), total=2, actor=actor)
        run_jobs()
        lifecycle.rename(first, name=f"{PROJECT_NAME} 2", actor=actor)
        tree.delete_files(second, ["app/page.tsx"], actor=actor)
        presence.be_present(first, actor=actor, tab="t", path="a.py")
        db.import_reports.insert_one({"_id": first, "source": "shop.zip", "by": "A"})
        at = Timestamp(NOW, 1)
        path = ("files.0.content", f"by {NAME}")
        change = Change("projects", self.projects[0]["_id"], "update", NOW, at, set=(path,))
        aside = letters.setting_aside("versions", change, ValueError(NAME), tries=5)
        core_mongo.run_in_transaction(aside)
        db.worker_state.insert_one({"_id": "old consumer", "last_error": f"ValueError: {EMAIL}"})
        session = SessionStore()
        session["seen"] = {"customer": self.id, "q": EMAIL}
        session["kept"] = 1
        session.create()
        self.session_key = session.session_key
        db.login_attempts.insert_one(
            {"_id": f"email:{EMAIL}", "expires_at": NOW + timedelta(days=3650)}
        )
        db.jobs.insert_one(
            {
                "_id": "old-job", "kind": "gone", "title": f"Archive projects of {EMAIL}",
                "state": "done", "actor": {"id": "1", "email": "a@b", "name": "A", "role": "admin"},
                "params": {"filters": {"owner_id": self.id, "q": ""}, "ids": [first, "another"]},
                "total": 1, "counts": {"done": 1, "skipped": 0, "failed": 0}, "cursor": None,
                "error": "", "created_at": NOW, "finished_at": NOW, "lease_until": None,
                "undone_by": None,
            }
        )  # fmt: skip

    @property
    def marks(self) -> list[str]:
        return [self.id, EMAIL, OLD_EMAIL, NAME, PROJECT_NAME, *self.project_ids]


def approved(customer_id: str, asker: audit.Actor, decider: audit.Actor) -> str:
    """Asked for and agreed to; returns the erasure's id."""
    from devora_admin.users.erasing import requests

    typed = requests.to_be_typed(customer_id)
    request_id = requests.ask(customer_id, typed=typed, reason="GDPR, " + typed, actor=asker)
    done = approvals.approve(request_id, reason="fine", actor=decider)
    assert done.state == "approved", done.error
    assert done.url == f"/erasures/{request_id}/"
    return request_id


def found_everywhere(db: Store, marks: list[str]) -> dict[str, set[str]]:
    """Marks by the collection whose raw documents hold them, encoded sessions opened."""
    found: dict[str, set[str]] = {}
    wanted = [(mark, mark.encode().lower()) for mark in marks]
    for name in db.list_collection_names():
        if name.startswith("system."):
            continue
        options = bson.CodecOptions(document_class=RawBSONDocument)
        for document in db[name].with_options(codec_options=options).find():
            data = bytes(document.raw).lower()
            if name == "staff_staffsession":
                session = SessionStore().decode(document["session_data"])
                data += repr(session).encode().lower()
            held = {mark for mark, needle in wanted if needle in data}
            if held:
                found.setdefault(name, set()).update(held)
    return found


def snapshot(db: Store, *, without: set[str]) -> dict[str, list[bytes]]:
    """Every document, to the byte."""
    options = bson.CodecOptions(document_class=RawBSONDocument)
    return {
        name: [
            bytes(row.raw)
            for row in db[name].with_options(codec_options=options).find().sort("_id")
        ]
        for name in sorted(db.list_collection_names())
        if name not in without and not name.startswith("system.")
    }
