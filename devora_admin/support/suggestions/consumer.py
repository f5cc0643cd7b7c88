"""The consumer of the change stream that looks through projects as they change, and through all of
them at the first start."""

from collections.abc import Sequence
from typing import Any

from devora_admin.core import consumers, mongo
from devora_admin.core.consumers import Change, Consumer, Effect, Reconciled
from devora_admin.support.suggestions.documents import suggestions
from devora_admin.support.suggestions.looking import look
from devora_admin.support.suggestions.recording import clearing, effect_of

NAME = "suggestions"
_LOOKED_AT = {"id", "user_id", "files", "conversation_history"}
_AT_ONCE = 50
_ROWS_AT_ONCE = 500


def register() -> None:
    """Called once, when the app is ready."""
    consumers.register(
        Consumer(
            NAME, "Secrets in projects", ("projects",),
            apply=apply, reconcile=reconcile, value={"$literal": 0}, document={"$literal": {}},
        )
    )  # fmt: skip


def apply(changes: Sequence[Change]) -> Effect:
    """A project that changed ten times in a batch is read once, as it is by then."""
    wanted, gone = {}, {}
    for change in changes:
        if change.kind == "delete":
            gone[repr(change.key)] = change.key
        elif _matters(change):
            wanted[repr(change.key)] = change.key
    return effect_of(list(look(list(wanted.values()))), gone=list(gone.values()))


def _matters(change: Change) -> bool:
    if change.is_retry or change.kind != "update":
        return True
    paths = [path for path, _ in change.set] + list(change.removed) + [p for p, _ in change.cut]
    return any(path.split(".", 1)[0] in _LOOKED_AT for path in paths)


def reconcile(position: Any) -> Reconciled:
    """Some projects at a time, in the order of `_id`, whatever types those have; then what was
    found in projects that are gone."""
    if position is not None and "row" in position:
        return _clear(position["row"])
    projects = mongo.database().projects
    found = projects.find({}, {"_id": 1}).sort("_id", 1).limit(_AT_ONCE)
    if position is not None:
        last = position["after"]
        found = projects.find({"_id": {"$ne": last}}, {"_id": 1}).sort("_id", 1).limit(_AT_ONCE)
        found = found.min([("_id", last)]).hint([("_id", 1)])
    keys = [row["_id"] for row in found]
    effect = effect_of(list(look(keys)))
    following = {"after": keys[-1]} if len(keys) == _AT_ONCE else {"row": ""}
    total = projects.estimated_document_count()
    return Reconciled(effect, following, handled=len(keys), total=total)


def _clear(after: str) -> Reconciled:
    wanted = {"_id": {"$gt": after}, "project_key": {"$exists": True}}
    found = suggestions().find(wanted, {"project_key": 1}).sort("_id", 1).limit(_ROWS_AT_ONCE)
    rows = list(found)
    effect = clearing({repr(row["project_key"]): row["project_key"] for row in rows}.values())
    following = {"row": rows[-1]["_id"]} if len(rows) == _ROWS_AT_ONCE else None
    return Reconciled(effect, following, handled=0)
