"""How far the worker is with a project, for pages that have to say why they show nothing."""

from dataclasses import dataclass

from devora_admin.core import clock, mongo
from devora_admin.versions.documents import heads

CONSUMER = "versions"
_WORKER_STATE = "worker_state"
"""Kept by the worker, an app above this one; only the lease is read here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the worker knows of a project."""

    is_known: bool
    first_turn: int = 0
    """Length of the thread when tracking began."""
    turns: int = 0
    """Length of the thread as far as it was followed."""


def standing(project_id: str) -> Standing:
    shown = {"_id": 0, "first_turn": 1, "turns": 1}
    found = heads().find_one({"project_id": project_id}, shown)
    if found is None:
        return Standing(is_known=False)
    return Standing(True, found["first_turn"], found["turns"])


def is_followed() -> bool:
    """Whether a worker follows the projects at this moment."""
    found = mongo.database()[_WORKER_STATE].find_one({"_id": CONSUMER}, {"lease_until": 1})
    until = (found or {}).get("lease_until")
    return until is not None and until > clock.now()
