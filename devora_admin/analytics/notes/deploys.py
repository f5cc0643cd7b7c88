"""Deploys that are noted by themselves: of the platform, as a program tells of them, and of this
dashboard, as its worker finds itself to be another version."""

import hashlib
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from devora_admin.analytics.notes.documents import documents
from devora_admin.core import clock, mongo
from devora_admin.staff import audit

EVERY_S = 600.0
_PACKAGE = "devora-admin"


def tell(
    deploy_id: str, *, at: datetime, text: str, url: str, actor: audit.Actor
) -> bool:  # fmt: skip
    """False where it was told before, and nothing is done. at: in whole seconds."""
    key = f"deploy-{hashlib.sha256(deploy_id.encode()).hexdigest()}"
    row = _row(key, "api", at, text, url, actor.label)

    def work(session: ClientSession) -> bool:
        if documents().find_one({"_id": {"$eq": key}}, {"_id": 1}, session=session):
            return False
        documents().insert_one(row, session=session)
        after = {"at": at, "text": text, "url": url}
        subject = audit.Subject("chart_note", key, text)
        audit.record(
            "chart_note.deploy", actor=actor, subject=subject, after=after, session=session
        )
        return True

    try:
        return mongo.run_in_transaction(work)
    except DuplicateKeyError:  # told twice at once
        return False


def note_version() -> bool:
    """Whether this version of the dashboard was not seen before; one that comes back was."""
    try:
        found = version(_PACKAGE)
    except PackageNotFoundError:  # run from a source tree that nobody installed
        return False
    now = clock.now().replace(microsecond=0)
    key = f"self-{found}"
    row = _row(key, "self", now, f"Devora Admin {found}", "", audit.SYSTEM.label)
    del row["_id"]
    done = documents().update_one({"_id": key}, {"$setOnInsert": row}, upsert=True)
    return done.upserted_id is not None


def _row(key: str, source: str, at: datetime, text: str, url: str, by: str) -> dict[str, Any]:
    return {
        "_id": key, "kind": "deploys", "source": source, "at": at, "text": text, "url": url,
        "revision": 1, "updated_at": clock.now(), "by": by,
    }  # fmt: skip
