"""The consumer of the change stream that counts events."""

from collections.abc import Sequence
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.analytics.documents import EVENTS
from devora_admin.analytics.rollups.counting import count
from devora_admin.core import consumers, mongo
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled

NAME = "rollups"
_AT_ONCE = 1000


def register() -> None:
    """Called once, when the app is ready."""
    consumers.register(
        Consumer(
            NAME, "Charts", (EVENTS,), apply=apply, reconcile=reconcile,
            value={"$literal": 0}, document={"_id": 1}, kinds=("insert",), most=_AT_ONCE,
        )
    )  # fmt: skip


def apply(changes: Sequence[Change]) -> Effect:
    """By what is stored: the stream says only that there is something."""
    return _effect([change.key for change in changes])


def _effect(keys: Sequence[Any]) -> Effect:
    def effect(session: ClientSession) -> None:
        count(keys, session)

    return effect


def reconcile(position: Any) -> Reconciled:
    """Counts what is not counted, in the order of `_id`."""
    collection = mongo.database()[EVENTS]
    found = collection.find({}, {"_id": 1}).sort("_id", 1).limit(_AT_ONCE)
    if position is not None:
        # As a bound of the index, which has every type in order; a comparison keeps to one.
        rest = collection.find({"_id": {"$ne": position["after"]}}, {"_id": 1}).sort("_id", 1)
        found = rest.limit(_AT_ONCE).min([("_id", position["after"])]).hint([("_id", 1)])
    keys = [row["_id"] for row in found]
    is_last = len(keys) < _AT_ONCE
    return Reconciled(
        _effect(keys), None if is_last else {"after": keys[-1]}, handled=len(keys),
        total=collection.estimated_document_count(),
    )  # fmt: skip
