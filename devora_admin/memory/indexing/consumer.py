"""The consumer of the change stream that says what has to be indexed."""

from collections.abc import Sequence
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import consumers, mongo
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled
from devora_admin.memory import documents
from devora_admin.memory.indexing import queue
from devora_admin.memory.indexing.sources import KINDS_OF, LEADING_TO_A_PROJECT
from devora_admin.memory.preferences.revisions import MANIFESTS

NAME = "memory"
_REMEMBERED = {
    "projects": {"id", "user_id", "name", "description", "project_type", "files", "metadata",
                 "conversation_history"},
    "support_issues": {"id", "user_id", "project_id", "number", "status", "subject", "first",
                       "latest", "resolution"},
}  # fmt: skip
"""By collection: the fields that memory holds anything of; without, all of them."""
_AT_ONCE = 1000
_PATHS = "$fullDocument.changes.p"
_CHANGED = {"$size": {"$setIntersection": [_PATHS, MANIFESTS]}}
# The platform's documents may have such a field too, of any shape.
_DOCUMENT = {"manifests": {"$cond": [{"$isArray": _PATHS}, _CHANGED, 0]}}
"""Of a new version: how many of them it changed, as memory looks at no other files there."""


def register() -> None:
    """Called once, when the app is ready and memory is on."""
    consumers.register(
        Consumer(
            NAME, "What the AI remembers", (*KINDS_OF, *LEADING_TO_A_PROJECT),
            apply=apply, reconcile=reconcile, value={"$literal": 0}, document=_DOCUMENT,
        )
    )  # fmt: skip


def apply(changes: Sequence[Change]) -> Effect:
    wanted = {}
    for change in changes:
        if _matters(change):
            wanted[(change.collection, repr(change.key))] = (change.collection, change.key)

    def effect(session: ClientSession) -> None:
        queue.mark(wanted.values(), session=session)

    return effect


def _matters(change: Change) -> bool:
    if change.is_retry:
        return True
    if change.collection == "project_versions":
        return bool(change.document and change.document["manifests"])
    fields = _REMEMBERED.get(change.collection)
    if fields is None or change.kind != "update":
        return True
    paths = [path for path, _ in change.set] + list(change.removed) + [p for p, _ in change.cut]
    return any(path.split(".", 1)[0] in fields for path in paths)


def reconcile(position: Any) -> Reconciled:
    """Marks everything, a piece at a time: what is up to date already is soon passed over."""
    collections = list(KINDS_OF)
    position = position or {"collection": collections[0], "after": None}
    name, after = position["collection"], position["after"]
    rows = documents.after(mongo.database()[name], after, {"_id": 1}, limit=_AT_ONCE)
    keys = [row["_id"] for row in rows]

    def effect(session: ClientSession) -> None:
        queue.mark(((name, key) for key in keys), session=session)

    following: Any = {"collection": name, "after": keys[-1]} if len(keys) == _AT_ONCE else None
    if following is None and name != collections[-1]:
        following = {"collection": collections[collections.index(name) + 1], "after": None}
    total = sum(mongo.database()[each].estimated_document_count() for each in collections)
    return Reconciled(effect, following, handled=len(keys), total=total)
