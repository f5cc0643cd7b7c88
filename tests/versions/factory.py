"""Versions as the worker leaves them, for tests of what reads them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from devora_admin.core import mongo, raw_bson
from devora_admin.versions import authors, blobs, manifest
from devora_admin.versions.documents import versions
from devora_admin.versions.queries.now import now
from tests.factories import EPOCH

STAFF = authors.Author("staff", id="s1", label="Ada Editor")
CUSTOMER = authors.Author("customer")


def by_turn(turn: int, basis: authors.Basis = "same write") -> authors.Author:
    return authors.Author("ai", turn=turn, basis=basis)


def make_version(
    project: Mapping[str, Any],
    number: int,
    files: Mapping[str, str],
    *,
    author: authors.Author = authors.PLATFORM,
    at: datetime | None = None,
    turns: int = 0,
    changes: list[dict[str, Any]] | None = None,
    **fields: Any,
) -> None:
    """A sealed version. changes: rows such as `{"p": path, "st": "changed", "a": 1, "r": 2}`."""
    read = [
        manifest.read_file(raw_bson.element({"name": path, "content": text}), index)
        for index, (path, text) in enumerate(files.items())
    ]
    contents = {sha: data for each in read for sha, data in each.contents.items()}
    entries = [each.entry for each in read]
    at = at or EPOCH + timedelta(hours=number)
    row = {
        "project_id": project["id"],
        "user_id": project["user_id"],
        "number": number,
        "revision": number,
        "author": author.stored(),
        "why": "",
        "opened_at": at,
        "changed_at": at,
        "sealed_at": at + timedelta(minutes=5),
        "saves": 1,
        "turns": turns,
        "files": [entry.stored() for entry in entries],
        "metadata": None,
        "refs": manifest.refs_of(entries, None),
        "changes": changes or [],
        "totals": {
            "files": len(changes or []),
            "added": sum(each["a"] for each in changes or []),
            "removed": sum(each["r"] for each in changes or []),
        },
        **fields,
    }

    def write(session: Any) -> None:
        blobs.store(
            {sha: (blobs.packed(data), len(data)) for sha, data in contents.items()}, session
        )
        versions().insert_one(row, session=session)

    mongo.run_in_transaction(write)


def make_stored_version(project: Mapping[str, Any], number: int, **fields: Any) -> None:
    """A sealed version of a project exactly as it is stored now, whatever it holds."""
    found = now(project["id"])
    row = {
        "metadata": found.metadata,
        "files": [entry.stored() for entry in found.files],
        "refs": manifest.refs_of(found.files, found.metadata),
        **fields,
    }
    packed = {sha: (blobs.packed(data), len(data)) for sha, data in found.contents.items()}
    mongo.run_in_transaction(lambda session: blobs.store(packed, session))
    make_version(project, number, {})
    key = {"project_id": project["id"], "number": number}
    versions().update_one(key, {"$set": row})
