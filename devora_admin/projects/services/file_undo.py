"""Bringing back deleted or replaced files, whole, for a day after."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

from bson.raw_bson import RawBSONDocument

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.ids import new_id
from devora_admin.projects.documents import EDITOR_UNDO
from devora_admin.projects.paths import Namespace
from devora_admin.projects.queries.editor import digest, text
from devora_admin.projects.services.working_tree import (
    Changed,
    WorkingTree,
    as_bytes,
    change,
    check_fits,
    on_record,
)
from devora_admin.staff import audit

UNDO_LIFE = timedelta(days=1)
MOST_FILES = 2**31 - 1


def keep(tree: WorkingTree, kind: str, kept: list[dict[str, Any]], actor: audit.Actor) -> str:
    """Stores what Undo needs, a document per file so that none can pass 16 MB."""
    token = new_id()
    expires = {"expires_at": tree.now + UNDO_LIFE}
    head = {"_id": token, "kind": kind, "project_id": tree.id, "actor_id": actor.id, **expires}
    rows = [
        {"_id": f"{token}:{number:06}", "of": token, **row, **expires}
        for number, row in enumerate(kept)
    ]
    mongo.database()[EDITOR_UNDO].insert_many([head, *rows], session=tree.session)
    return token


def undo_change(project_id: str, token: str, *, actor: audit.Actor) -> Changed:
    """Brings deleted or replaced files back as they were, once. Raises NotFound or Conflict."""

    def work(tree: WorkingTree) -> Changed:
        store = mongo.database()[EDITOR_UNDO]
        wanted = {
            "_id": token, "project_id": project_id, "actor_id": actor.id,
            "kind": {"$in": ["delete", "replace"]},
        }  # fmt: skip
        head = store.find_one_and_delete(wanted, session=tree.session)
        if head is None:
            raise NotFound("change to undo", token)
        own = {"_id": {"$gt": f"{token}:", "$lt": f"{token};"}}
        rows = list(as_bytes(store).find(own, session=tree.session).sort("_id"))
        if head["kind"] == "delete":
            _put_back(tree, rows)
        else:
            _take_back(tree, rows)
        store.delete_many(own, session=tree.session)
        tree.finish(after=on_record(row["path"] for row in rows))
        return tree.done()

    return change(project_id, work, action="project.files.undo", actor=actor)


def _put_back(tree: WorkingTree, rows: list[RawBSONDocument]) -> None:
    """In one update, however scattered they are."""
    space = Namespace(tree.places)
    for row in rows:
        check_fits(space, row["path"])
    files = {"$concatArrays": list(_pieces(rows))}
    tree.update([{"$set": {"files": files}}])


def _pieces(rows: list[RawBSONDocument]) -> Iterator[Any]:
    """What is there and what comes back, in turns; each goes to the place it had."""
    there: Any = {"$ifNull": ["$files", []]}
    passed = put = 0
    for _, run in groupby(enumerate(rows), lambda pair: pair[1]["place"] - pair[0]):
        together = [row for _, row in run]
        before = together[0]["place"] - put
        if before > passed:
            yield {"$slice": [there, passed, before - passed]}
            passed = before
        yield {"$literal": [row["entry"] for row in together]}
        put += len(together)
    yield {"$slice": [there, passed, MOST_FILES]}


def _take_back(tree: WorkingTree, rows: list[RawBSONDocument]) -> None:
    """Only the content was replaced: whatever else the entry now holds stays."""
    now = tree.raw(row["path"] for row in rows)
    update: dict[str, dict[str, Any]] = {"$set": {}, "$unset": {}}
    for row in rows:
        path, entry = row["path"], row["entry"]
        place = tree.place(path)
        if digest(text(now[path].get("content"))) != row["digest"]:
            raise Conflict(f"“{path}” was changed since, so it was left as it is.",
                           detail={"reason": "changed", "path": path})  # fmt: skip
        operator = "$set" if "content" in entry else "$unset"
        update[operator][f"files.{place}.content"] = entry.get("content")
    tree.update({operator: paths for operator, paths in update.items() if paths})
