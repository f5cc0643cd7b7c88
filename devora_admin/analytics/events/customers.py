"""Whose events are kept: none of who is being erased or was, and of merged accounts as those of the
one that stayed."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from devora_admin.analytics.documents import QUARANTINE
from devora_admin.analytics.rollups import recounting
from devora_admin.core import mongo
from devora_admin.users.erasing import fence
from devora_admin.users.queries.owners import lasting_ids

ERASED = "This customer is being erased, or was."


class Standing(NamedTuple):
    erased: set[str]
    lasting: dict[str, str]
    """Of merged accounts, the id of the one that stayed."""


def standing(ids: Collection[str]) -> Standing:
    if not ids:
        return Standing(set(), {})
    lasting = lasting_ids(ids)
    erased = fence.erased_among({*ids, *lasting.values()})
    return Standing(erased | {each for each, to in lasting.items() if to in erased}, lasting)


def erased_since(ids: Collection[str]) -> set[str]:
    """To be asked once their events are stored: an erasure that begins after that finds them."""
    return fence.erased_among(ids) if ids else set()


def take_back(erased: set[str], keys: list[Any], event_ids: Iterable[str] = ()) -> None:
    """Events that were stored while an erasure began, which may be past looking for them; out of
    the charts, too, if they are counted already. keys: of events; event_ids: of those set aside."""
    if keys:
        mongo.run_in_transaction(
            lambda session: recounting.erase({"_id": {"$in": keys}}, session), patience_s=20
        )
    if aside := [f"api:{each}" for each in event_ids]:
        theirs = {"_id": {"$in": aside}, "user_id": {"$in": sorted(erased)}}
        mongo.database()[QUARANTINE].delete_many(theirs)
