"""Doing what was approved, one attempt at a time."""

import logging
from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, DomainError, NotFound
from devora_admin.staff.approval_kinds import Approval, from_stored, kind_of
from devora_admin.staff.audit import Actor
from devora_admin.staff.documents import APPROVALS

CARRYING_OUT = timedelta(minutes=2)
"""How long one attempt may take before another may begin."""
log = logging.getLogger(__name__)


def carry_out(request: Approval, *, approver: Actor) -> Approval:
    """Runs `perform`, one attempt at a time, and notes how it went."""
    now = clock.now()
    stored = mongo.database()[APPROVALS]
    claimed = stored.find_one_and_update(
        {
            "_id": request.id,
            "state": {"$in": ["approved", "failed"]},
            "done_at": None,
            "busy_until": {"$not": {"$gt": now}},
        },
        {"$set": {"state": "approved", "error": "", "busy_until": now + CARRYING_OUT}},
        return_document=ReturnDocument.AFTER,
    )
    if claimed is None:
        raise Conflict("This is being carried out just now. Reload the page in a moment.")
    try:
        url = kind_of(request).perform(from_stored(claimed), approver=approver)
        change: dict[str, Any] = {"done_at": clock.now(), "url": url}
    except DomainError as error:
        change = {"state": "failed", "error": error.message}
    except Exception as error:
        log.exception("an approved request could not be carried out")
        change = {"state": "failed", "error": f"It failed on our side: {type(error).__name__}."}
    # One that took too long does not write over how a later attempt went.
    updated = stored.find_one_and_update(
        {"_id": request.id, "busy_until": claimed["busy_until"]},
        {"$set": {**change, "busy_until": None}},
        return_document=ReturnDocument.AFTER,
    ) or stored.find_one({"_id": request.id})
    if updated is None:
        raise NotFound("request", request.id)
    return from_stored(updated)
