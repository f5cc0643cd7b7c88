"""Deleting versions and heads, with the contents that nothing else needs."""

import math
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from devora_admin.core import mongo
from devora_admin.projects.services import deletion
from devora_admin.projects.services.deletion import Belonging
from devora_admin.versions import blobs
from devora_admin.versions.documents import heads, versions

_AT_ONCE = 20
PATIENCE_S = 30.0
"""For one transaction: contents of a project with thousands of files take a while to count."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def register() -> None:
    """Called once, when the app is ready."""
    deletion.belongs(Belonging(condemn, forget_project))


def forget(
    collection: Collection[dict[str, Any]], condition: dict[str, Any], session: ClientSession
) -> int:
    """Of versions or of heads, those that match; how many. condition: of a few documents only."""
    found = list(collection.find(condition, {"refs": 1}, session=session))
    gone = collection.delete_many({"_id": {"$in": [row["_id"] for row in found]}}, session=session)
    blobs.drop_unused({sha for row in found for sha in row["refs"]}, session)
    return gone.deleted_count


def condemn(project_id: str, session: ClientSession) -> None:
    """Leaves the rest to pruning, should `forget_project` not come to its end."""
    heads().update_one(
        {"project_id": project_id},
        {"$set": {"deleted_at": _LONG_AGO}, "$inc": {"seq": 1}},
        session=session,
    )


def forget_project(project_id: str, *, until_s: float = math.inf) -> bool:
    """All of its versions, then its head. until_s: of `time.monotonic`. False where it was over
    before that was done."""
    of_project = {"project_id": project_id}
    while True:
        if time.monotonic() > until_s:
            return False
        some = versions().find(of_project, {"_id": 1}).limit(_AT_ONCE)
        ids = [row["_id"] for row in some]
        if not ids:
            break
        work = partial(forget, versions(), {"_id": {"$in": ids}})
        mongo.run_in_transaction(work, patience_s=PATIENCE_S)
    # Not one that came back to life meanwhile.
    work = partial(forget, heads(), {**of_project, "deleted_at": {"$ne": None}})
    mongo.run_in_transaction(work, patience_s=PATIENCE_S)
    return True
