"""What keeps a customer who is being erased from being brought back meanwhile."""

from collections.abc import Collection
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict
from devora_admin.users.erasing.documents import ERASURES

COLLECTION = ERASURES


def running(customer_id: str) -> dict[str, Any]:
    """Matches what says that they are being erased."""
    return {"customer_ids": customer_id, "state": "running"}


def is_erasing(customer_id: str, *, session: ClientSession | None = None) -> bool:
    found = mongo.database()[ERASURES].find_one(running(customer_id), {"_id": 1}, session=session)
    return found is not None


def is_erased(customer_id: str) -> bool:
    """Whether they are being erased, or were."""
    wanted = {"customer_ids": {"$eq": customer_id}}
    return mongo.database()[ERASURES].find_one(wanted, {"_id": 1}) is not None


def erased_among(customer_ids: Collection[str]) -> set[str]:
    """Those who are being erased, or were."""
    wanted = {"customer_ids": {"$in": sorted(customer_ids)}}
    rows = mongo.database()[ERASURES].find(wanted, {"customer_ids": 1})
    return {each for row in rows for each in row["customer_ids"]} & set(customer_ids)


def refuse_if_erasing(customer_id: str, *, session: ClientSession | None = None) -> None:
    """Raises Conflict."""
    if is_erasing(customer_id, session=session):
        raise Conflict("This customer is being erased.")
