"""A few small files through all versions that changed one of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession

from devora_admin.versions import blobs
from devora_admin.versions.authors import Author, from_stored
from devora_admin.versions.documents import versions


@dataclass(frozen=True, slots=True)
class Moment:
    number: int
    author: Author
    at: datetime
    contents: Mapping[str, bytes]
    """By path, of those that were there."""


def over_time(
    project_id: str, paths: Collection[str], *, limit: int, session: ClientSession | None = None
) -> list[Moment]:
    """The latest `limit` versions that changed one of these files, the oldest first.

    Two round trips.
    """
    wanted = sorted(paths)
    is_wanted = {"$in": ["$$file.p", wanted]}
    kept = {"$filter": {"input": "$files", "as": "file", "cond": is_wanted}}
    rows = list(
        versions().aggregate(
            [
                {"$match": {"project_id": project_id, "changes.p": {"$in": wanted}}},
                {"$sort": {"number": -1}},
                {"$limit": limit},
                {"$project": {"number": 1, "author": 1, "changed_at": 1, "files": kept}},
            ],
            session=session,
        )
    )
    contents = blobs.load({file["h"] for row in rows for file in row["files"]}) if rows else {}
    return [
        Moment(
            row["number"],
            from_stored(row["author"]),
            row["changed_at"],
            {file["p"]: contents[file["h"]] for file in row["files"] if file["h"] in contents},
        )
        for row in reversed(rows)
    ]
