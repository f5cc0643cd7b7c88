"""What opening an issue rests on, read in one round trip: the customer, whether they are being
erased, the rules, and what is promised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.support.documents import RULES, rules
from devora_admin.support.queries.rules import ACTIVE, MOST
from devora_admin.support.sla.documents import SLA, policies
from devora_admin.support.sla.policies import policy_of
from devora_admin.support.sla.policy import Policy
from devora_admin.users.erasing import fence
from devora_admin.users.queries.owners import merged_into, with_owner

Row = Mapping[str, Any]
Stages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Ground:
    user_id: str
    """Of the account that stayed, where this one was merged and that is asked for."""
    rules: tuple[Row, ...]
    """As stored, in their order: what is wrong with one is for `ruling` to bear."""
    policy: Policy


def ground_of(user_id: str, *, lasting: bool, session: ClientSession) -> Ground:
    """lasting: follow an account that was merged to the one that stayed.

    Raises InvalidInput (field customer_id), or Conflict while they are being erased.
    """
    seen: set[str] = set()
    while True:
        seen.add(user_id)
        found = with_owner(user_id, _beside(user_id), session=session)
        if found is None:
            raise InvalidInput("There is no such customer.", field="customer_id")
        into = merged_into(found)
        if not (lasting and into and into not in seen):
            break
        user_id = into
    if found["erasing"]:
        raise Conflict("This customer is being erased.")
    policy = policy_of(next(iter(found["policy"]), None))
    return Ground(user_id, tuple(found["rules"]), policy)


def ground_of_platform(*, session: ClientSession) -> Ground:
    """Of an issue without a customer, in two round trips."""
    found = rules().find(ACTIVE, session=session).sort("position", 1).limit(MOST)
    return Ground("", tuple(found), policy_of(policies().find_one({}, session=session)))


def _beside(user_id: str) -> Stages:
    rules: Stages = [{"$match": ACTIVE}, {"$sort": {"position": 1}}, {"$limit": MOST}]
    erasing: Stages = [{"$match": fence.running(user_id)}, {"$limit": 1}, {"$project": {"_id": 1}}]
    parts: tuple[tuple[str, str, Stages], ...] = (
        ("erasing", fence.COLLECTION, erasing),
        ("rules", RULES, rules),
        ("policy", SLA, []),
    )
    return [
        {"$lookup": {"from": collection, "pipeline": pipeline, "as": name}}
        for name, collection, pipeline in parts
    ]
