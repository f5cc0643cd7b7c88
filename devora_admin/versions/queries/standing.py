"""Whether the projects are followed, for pages that have to say why they show nothing."""

from devora_admin.core import clock, mongo

CONSUMER = "versions"
_WORKER_STATE = "worker_state"
"""Kept by the worker, an app above this one; only the lease is read here."""


def is_followed() -> bool:
    """Whether a worker follows the projects at this moment."""
    found = mongo.database()[_WORKER_STATE].find_one({"_id": CONSUMER}, {"lease_until": 1})
    until = (found or {}).get("lease_until")
    return until is not None and until > clock.now()
