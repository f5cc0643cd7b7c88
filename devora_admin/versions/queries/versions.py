"""One version, whole: its manifest, and the contents of as many of its files as are wanted.

The open version is read from the project's head, sealed ones from their own documents, in the same
round trip; so version 3 and version 3,000 cost the same.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from devora_admin.core.errors import NotFound
from devora_admin.versions import blobs, manifest
from devora_admin.versions.authors import Author
from devora_admin.versions.authors import from_stored as author_from
from devora_admin.versions.documents import HEADS, versions
from devora_admin.versions.manifest import Entry, Sha

Status = Literal["added", "changed", "removed", "renamed"]


class Pruned(NotFound):
    """The version was there and was removed by retention."""

    def __init__(self, number: int, *, nearest: int | None) -> None:
        super().__init__("version", str(number))
        self.message = f"Version {number} was removed: only one a day is kept after 30 days."
        self.nearest = nearest
        self.detail = {"nearest": nearest}


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a version did to one file, against the version before it."""

    path: str
    status: Status
    added: int
    """Lines."""
    removed: int
    from_path: str = ""
    """Of a renamed file."""


@dataclass(frozen=True, slots=True)
class Totals:
    files: int = 0
    added: int = 0
    """Lines, like `removed`."""
    removed: int = 0
    metadata: bool = False
    """Whether the metadata changed."""


@dataclass(frozen=True, slots=True)
class VersionHead:
    """A version without its manifest, as lists show it."""

    project_id: str
    number: int
    author: Author
    why: str
    """The dashboard's action or what else is known: "found", "created", "reconciled"; or ""."""
    name: str
    named_by: str
    opened_at: datetime
    changed_at: datetime
    is_open: bool
    """Whether it may still grow: a burst of saves that is not over."""
    saves: int
    turns: int
    """Length of the thread when it last changed."""
    revision: int
    totals: Totals
    changes: tuple[FileChange, ...]
    """The first thousand. Those of an open version are not counted yet, and empty."""
    origin: int | None = None
    """Of a restore: the version that was put back."""


@dataclass(frozen=True, slots=True)
class Version:
    head: VersionHead
    files: tuple[Entry, ...]
    metadata: Sha | None
    inline: Mapping[Sha, bytes] = field(default_factory=dict, repr=False)
    """Packed contents that are in no blob yet."""

    @property
    def number(self) -> int:
        return self.head.number

    def entry(self, path: str) -> Entry:
        """The first file of that path. Raises NotFound."""
        for entry in self.files:
            if entry.path == path:
                return entry
        raise NotFound("file", path)


_LISTED = {"files": 0, "refs": 0, "metadata": 0, "contents": 0, "state": 0}


def version(project_id: str, number: int) -> Version:
    """One round trip. Raises NotFound, or Pruned when retention removed it."""
    found = several(project_id, [number])
    if number not in found:
        raise absent(project_id, number)
    return found[number]


def several(project_id: str, numbers: Collection[int]) -> dict[int, Version]:
    """By number, those that are there; one round trip for all."""
    wanted = {"project_id": project_id, "number": {"$in": list(numbers)}}
    pipeline: list[dict[str, Any]] = [
        {"$match": wanted},
        *_with_open(project_id, {"open.number": {"$in": list(numbers)}}),
    ]
    found = [from_row(row) for row in versions().aggregate(pipeline)]
    return {each.number: each for each in found}


def latest(project_id: str) -> Version | None:
    """The newest, open or sealed; None while nothing is known of the project."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"project_id": project_id}},
        {"$sort": {"number": -1}},
        {"$limit": 1},
        *_with_open(project_id, {"open.number": {"$exists": True}}),
        {"$sort": {"number": -1}},
        {"$limit": 1},
    ]
    row = next(versions().aggregate(pipeline), None)
    return from_row(row) if row else None


def absent(project_id: str, number: int) -> NotFound:
    """Why there is no such version: it never was, or retention removed it."""
    newer = versions().find_one(
        {"project_id": project_id, "number": {"$gt": number}}, {"number": 1}, sort=[("number", 1)]
    )
    if number < 1 or newer is None:
        return NotFound("version", str(number))
    return Pruned(number, nearest=newer["number"])


def _with_open(project_id: str, condition: dict[str, Any]) -> list[dict[str, Any]]:
    """Stages that add the open version in the shape of a sealed one."""
    shape = {
        "$project": {
            "_id": 0, "project_id": 1, "number": "$open.number", "is_open": {"$literal": True},
            "author": "$open.author", "why": "$open.why", "origin": "$open.origin",
            "opened_at": "$open.opened_at", "changed_at": "$open.changed_at",
            "saves": "$open.saves", "turns": "$open.turns", "revision": "$state.revision",
            "files": "$state.files", "metadata": "$state.metadata", "contents": 1,
        }
    }  # fmt: skip
    pipeline = [{"$match": {"project_id": project_id, **condition}}, shape]
    return [{"$unionWith": {"coll": HEADS, "pipeline": pipeline}}]


def from_row(row: dict[str, Any]) -> Version:
    return Version(
        head=head_from(row),
        files=tuple(manifest.from_stored(each) for each in row["files"]),
        metadata=row.get("metadata"),
        inline={each["h"]: each["d"] for each in row.get("contents") or ()},
    )


def head_from(row: dict[str, Any]) -> VersionHead:
    return VersionHead(
        project_id=row["project_id"],
        number=row["number"],
        author=author_from(row["author"]),
        why=row.get("why") or "",
        name=row.get("name") or "",
        named_by=(row.get("named_by") or {}).get("label", ""),
        opened_at=row["opened_at"],
        changed_at=row["changed_at"],
        is_open=row.get("is_open", False),
        saves=row.get("saves", 1),
        turns=row.get("turns", 0),
        revision=row.get("revision") or 0,
        totals=Totals(**row.get("totals") or {}),
        changes=tuple(
            FileChange(each["p"], each["st"], each["a"], each["r"], each.get("f", ""))
            for each in row.get("changes") or ()
        ),
        origin=row.get("origin"),
    )


def contents(wanted: Iterable[Sha], *of: Version) -> dict[Sha, bytes]:
    """Contents by hash, from the open versions among `of` and from the blobs: one round trip.

    Raises NotFound when a content is gone, which happens when a version is pruned meanwhile.
    """
    needed = set(wanted)
    found = {
        sha: blobs.unpacked(data)
        for each in of
        for sha, data in each.inline.items()
        if sha in needed
    }
    found |= blobs.load(needed - found.keys())
    if needed - found.keys():
        raise NotFound("content", (needed - found.keys()).pop().hex())
    return found
