"""Reading what is promised now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.support.sla.documents import policies
from devora_admin.support.sla.policy import DEFAULT, Policy, from_stored

ID = "policy"


@dataclass(frozen=True, slots=True)
class Saved:
    policy: Policy
    at: datetime | None
    """None while nobody has set anything up, and the default holds."""
    by: str


def current(session: ClientSession | None = None) -> Policy:
    return saved(session).policy


def saved(session: ClientSession | None = None) -> Saved:
    row = policies().find_one({"_id": ID}, session=session)
    if row is None:
        return Saved(DEFAULT, None, "")
    return Saved(policy_of(row), row["updated_at"], row["updated_by"])


def policy_of(row: Mapping[str, Any] | None) -> Policy:
    """row: as it is stored; None while there is none."""
    return DEFAULT if row is None else from_stored(row, revision=row["revision"])
