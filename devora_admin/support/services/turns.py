"""Whose turn it is: a number for each rule, counted outside of any transaction, so that nobody who
opens issues waits for others. One is lost where an issue comes to nothing."""

from collections.abc import Hashable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.support.documents import COUNTERS

# What a transaction took before it was begun anew: with one more turn for each try, whoever stands
# behind a busy moment would be passed over.
_taken: "WeakKeyDictionary[ClientSession, dict[Hashable, int]]" = WeakKeyDictionary()


def next_of(
    rule_id: str, people: Sequence[str], *, opening: Hashable, session: ClientSession
) -> str:
    """One of `people`, each as often as the others. opening: what names the issue in this
    transaction, whose turn stays the same however often it is tried."""
    own = _taken.setdefault(session, {})
    key = (rule_id, opening)
    if key not in own:
        own[key] = _count(rule_id)
    return people[own[key] % len(people)]


def _count(rule_id: str) -> int:
    """From 0."""
    counted: dict[str, Any] = mongo.database()[COUNTERS].find_one_and_update(  # type: ignore[assignment]  # an upsert returns the document
        {"_id": f"turns:{rule_id}"},
        {"$inc": {"last": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return int(counted["last"]) - 1
