"""What this app holds about a customer: the history of their projects, with its contents."""

import json
from collections.abc import Iterator
from typing import Any

from bson import json_util
from pymongo.client_session import ClientSession

from devora_admin.users import holdings
from devora_admin.users.holdings import Document, Entry, Holding, Kind, Marks, Step, Verdict
from devora_admin.versions import blobs, forgetting
from devora_admin.versions.documents import BLOBS, HEADS, VERSIONS, heads, versions

_AT_ONCE = 20
"""A manifest may have megabytes, and each version's contents are looked up."""
_SHOWN = ("project_id", "number", "author", "why", "name", "opened_at", "changed_at", "changes")


def register() -> None:
    """Called once, when the app is ready."""
    holdings.register(
        Holding(
            "versions", "Versions of projects", holdings.BUILT, (VERSIONS, HEADS, BLOBS),
            count=lambda marks: sum(
                holdings.count(each, _own(marks)) for each in (versions(), heads())
            ),
            export=_export,
            erase=_erase,
            verdict={VERSIONS: _of_their_project, HEADS: _of_their_project, BLOBS: holdings.leave},
        )
    )  # fmt: skip


def _own(marks: Marks) -> dict[str, Any]:
    ids, projects = holdings.one_of(marks.ids), holdings.one_of(marks.project_ids)
    return {"$or": [{"user_id": ids}, {"project_id": projects}]}


def _of_their_project(document: Document, kinds: set[Kind], marks: Marks) -> Verdict:
    theirs = document.get("project_id") in marks.project_ids or document.get("user_id") in marks.ids
    return "theirs" if theirs else "other"


def _erase(marks: Marks) -> Iterator[Step]:
    for collection in (versions(), heads()):
        for keys in holdings.ids_of(collection, _own(marks), size=_AT_ONCE):

            def step(
                session: ClientSession, keys: list[Any] = keys, collection: Any = collection
            ) -> int:
                return forgetting.forget(collection, {"_id": {"$in": keys}}, session)

            yield step


def _export(marks: Marks) -> Iterator[Entry]:
    """A line for each version with its files by hash, and each content once."""
    yield Entry("versions.jsonl", _lines(marks))
    needed: list[dict[str, Any]] = [
        {"$match": _own(marks)},
        {"$unwind": "$refs"},
        {"$group": {"_id": "$refs"}},
    ]
    for row in versions().aggregate(needed, allowDiskUse=True):
        for sha, content in blobs.load([row["_id"]]).items():
            yield Entry(f"version-contents/{sha.hex()}", [content])


def _lines(marks: Marks) -> Iterator[bytes]:
    for row in versions().find(_own(marks)).sort([("project_id", 1), ("number", 1)]):
        shown = {key: row[key] for key in _SHOWN if key in row}
        # Which member of staff it was is not the customer's to know.
        shown["author"] = {
            key: value for key, value in row["author"].items() if key not in ("id", "label")
        }
        shown["files"] = [{"name": each["p"], "sha256": each["h"].hex()} for each in row["files"]]
        yield json.dumps(shown, default=json_util.default, ensure_ascii=False).encode() + b"\n"
