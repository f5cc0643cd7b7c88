"""The consumer of the change stream that counts projects by what they are."""

from collections.abc import Sequence
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.analytics.inventory import state
from devora_admin.analytics.inventory.counting import count, found
from devora_admin.analytics.inventory.documents import figures
from devora_admin.core import consumers, mongo
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled

NAME = "inventory"
_AT_ONCE = 100
"""Projects, each of which may have 16 MB to be measured."""


def register() -> None:
    """Called once, when the app is ready."""
    consumers.register(
        Consumer(
            NAME, "Charts of projects", ("projects",), apply=apply, reconcile=reconcile,
            value={"$literal": 0}, document={"_id": 1},
        )
    )  # fmt: skip


def apply(changes: Sequence[Change]) -> Effect:
    """By what is stored: one that changed ten times is looked at once, as it is by then."""
    keys = {repr(change.key): change.key for change in changes}
    return _effect(list(keys.values()))


def _effect(keys: Sequence[Any], *, is_whole: bool | None = None) -> Effect:
    now = found(keys)

    def effect(session: ClientSession) -> None:
        count(now, session)
        state.note(is_whole, session)

    return effect


def reconcile(position: Any) -> Reconciled:
    """Projects in the order of `_id`; then figures of those that are gone."""
    in_figures = position is not None and position["in"] == "figures"
    collection = figures() if in_figures else mongo.database().projects
    query = collection.find({}, {"_id": 1})
    if position is not None and "after" in position:
        # As a bound of the index, which has every type in order; a comparison keeps to one.
        last = position["after"]
        query = collection.find({"_id": {"$ne": last}}, {"_id": 1}).min([("_id", last)])
        query = query.hint([("_id", 1)])
    keys = [row["_id"] for row in query.sort("_id", 1).limit(_AT_ONCE)]
    name = "figures" if in_figures else "projects"
    is_more = len(keys) == _AT_ONCE
    following = {"in": name, "after": keys[-1]} if is_more else {"in": "figures"}
    is_end = in_figures and not is_more
    is_whole = True if is_end else False if position is None else None
    return Reconciled(
        _effect(keys, is_whole=is_whole), None if is_end else following,
        handled=0 if in_figures else len(keys),
        total=mongo.database().projects.estimated_document_count(),
    )  # fmt: skip
