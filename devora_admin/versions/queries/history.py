"""The versions of a project, newest first, a page at a time, going on from a number.

Numbers are never used again, so a missing one was removed by retention; that is how the gaps
between rows are told.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from devora_admin.versions.diffs import manifests
from devora_admin.versions.documents import HEADS, heads, versions
from devora_admin.versions.queries.versions import (
    FileChange,
    Totals,
    VersionHead,
    contents,
    head_from,
    several,
)

PAGE = 40
SUGGESTIONS = 30
FILES_SHOWN = 3
COUNTED_BYTES = 2_000_000
"""Of changed files in the open version; with more its lines are counted when it is sealed."""
By = Literal["", "staff", "customer", "ai", "platform"]


@dataclass(frozen=True, slots=True)
class Filters:
    file: str = ""
    by: By = ""

    @property
    def any_set(self) -> bool:
        return bool(self.file or self.by)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    head: VersionHead
    files: tuple[FileChange, ...]
    """The first few; the one that is asked for before the others."""
    before: int | None
    """The version before it, None for the first; in a filtered list it may be gone."""
    gone_below: int = 0
    """Versions that retention removed between this row and the next; 0 in a filtered list."""

    @property
    def more_files(self) -> int:
        return max(0, self.head.totals.files - len(self.files))


@dataclass(frozen=True, slots=True)
class HistoryPage:
    rows: tuple[HistoryRow, ...]
    newer: int | None
    """The page above is the one after that number."""
    older: int | None
    """The page below is the one before that number."""
    newest: int | None
    """The newest version there is, whatever the filters; None when there is none."""

    @property
    def picked(self) -> tuple[int, int] | None:
        """What is proposed to compare: the second row and the first."""
        numbers = [row.head.number for row in self.rows]
        return (numbers[min(1, len(numbers) - 1)], numbers[0]) if numbers else None


def history_page(
    project_id: str,
    filters: Filters,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE,
) -> HistoryPage:
    """Versions older than `before`, or the nearest newer than `after`, else the newest.

    Two round trips, and two more on the page where the open version stands.
    """
    newest, open_number = _newest(project_id)
    found = _read(project_id, filters, before=before, after=after, limit=size + 1)
    has_more = len(found) > size
    if after is not None:
        shown = found[:size][::-1]
        below: int | None = after
    else:
        shown = found[:size]
        below = found[size].number if has_more else None
    if open_number is not None and shown and shown[0].is_open:
        shown[0] = _counted(project_id, shown[0])
        if filters.file and not _of(filters.file, shown[0]):
            del shown[0]
    newer = has_more if after is not None else before is not None
    older = bool(shown) if after is not None else has_more
    return HistoryPage(
        rows=tuple(_rows(shown, filters, below)),
        newer=shown[0].number if shown and newer else None,
        older=shown[-1].number if shown and older else None,
        newest=newest,
    )


def _newest(project_id: str) -> tuple[int | None, int | None]:
    """The newest number, and that of the open version."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"project_id": project_id}},
        {"$sort": {"number": -1}},
        {"$limit": 1},
        {"$project": {"_id": 0, "number": 1}},
        {
            "$unionWith": {
                "coll": HEADS,
                "pipeline": [
                    {"$match": {"project_id": project_id}},
                    {"$project": {"_id": 0, "open": "$open.number"}},
                ],
            }
        },
    ]
    sealed = opened = None
    for row in versions().aggregate(pipeline):
        sealed, opened = row.get("number", sealed), row.get("open", opened)
    return opened or sealed, opened


def _read(
    project_id: str, filters: Filters, *, before: int | None, after: int | None, limit: int
) -> list[VersionHead]:
    """Newest first; the oldest of them first when going up from `after`."""
    order = 1 if after is not None else -1
    bound: dict[str, Any] = {}
    if after is not None:
        bound = {"number": {"$gt": after}}
    elif before is not None:
        bound = {"number": {"$lt": before}}
    condition: dict[str, Any] = {"project_id": project_id, **bound}
    opened: dict[str, Any] = {"project_id": project_id, "open.number": {"$exists": True}}
    if filters.by:
        condition["author.kind"] = opened["open.author.kind"] = filters.by
    if filters.file:
        condition["changes.p"] = filters.file
    pipeline: list[dict[str, Any]] = [
        {"$match": condition},
        {"$sort": {"number": order}},
        {"$limit": limit},
        {"$set": {"changes": _some_changes(filters.file)}},
        {"$project": {"files": 0, "refs": 0, "metadata": 0}},
        {"$unionWith": {"coll": HEADS, "pipeline": [{"$match": opened}, OPEN, {"$match": bound}]}},
        {"$sort": {"number": order}},
        {"$limit": limit},
    ]
    return [head_from(row) for row in versions().aggregate(pipeline)]


def _some_changes(path: str) -> dict[str, Any]:
    """The first few; with a path, what was done to that file before them."""
    first = {"$slice": [{"$ifNull": ["$changes", []]}, FILES_SHOWN]}
    if not path:
        return first
    own = {
        "$filter": {
            "input": "$changes", "as": "each", "limit": 1,
            "cond": {"$eq": ["$$each.p", {"$literal": path}]},
        }
    }  # fmt: skip
    return {"$concatArrays": [own, first]}


OPEN = {
    "$project": {
        "_id": 0, "project_id": 1, "number": "$open.number", "is_open": {"$literal": True},
        "author": "$open.author", "why": "$open.why", "origin": "$open.origin",
        "opened_at": "$open.opened_at", "changed_at": "$open.changed_at",
        "saves": "$open.saves", "turns": "$open.turns", "revision": "$state.revision",
    }
}  # fmt: skip


def _counted(project_id: str, head: VersionHead) -> VersionHead:
    """The open version with what it has changed so far, unless that is much to read."""
    pair = several(project_id, [head.number - 1, head.number])
    here, before = pair.get(head.number), pair.get(head.number - 1)
    if here is None:
        return head
    old = before.files if before else ()
    needed = manifests.needed(old, here.files)
    sizes = {entry.sha: entry.size for entry in (*old, *here.files)}
    if sum(sizes[sha] for sha in needed) > COUNTED_BYTES:
        return head
    found = contents(needed, *pair.values())
    changes = [each.as_row() for each in manifests.changes_between(old, here.files, found)]
    totals = Totals(
        files=len(changes),
        added=sum(each.added for each in changes),
        removed=sum(each.removed for each in changes),
        metadata=before is not None and before.metadata != here.metadata,
    )
    return replace(head, changes=tuple(changes), totals=totals)


def _rows(heads: list[VersionHead], filters: Filters, below: int | None) -> list[HistoryRow]:
    """below: the number of the row that comes after the last one, None at the end."""
    rows = []
    nexts = [head.number for head in heads[1:]] + [below or 0]
    for head, following in zip(heads, nexts, strict=False):
        own = _of(filters.file, head)
        # The asked one is among the first few once more when it is one of them.
        files = list(dict.fromkeys([own, *head.changes] if own else head.changes))
        gone = 0 if filters.any_set else max(0, head.number - following - 1)
        before = (head.number - 1 if filters.any_set else following) or None
        rows.append(HistoryRow(head, tuple(files[:FILES_SHOWN]), before, gone))
    return rows


def _of(path: str, head: VersionHead) -> FileChange | None:
    return next((each for each in head.changes if each.path == path), None)


def suggested_paths(project_id: str, text: str) -> list[str]:
    """Paths of the project as it is now that hold `text`, whatever the case; shortest first."""
    found = heads().find_one({"project_id": project_id}, {"_id": 0, "state.files.p": 1}) or {}
    wanted = text.casefold()
    files = found.get("state", {}).get("files", ())
    paths = {each["p"] for each in files if wanted in each["p"].casefold()}
    return sorted(paths, key=lambda path: (len(path), path))[:SUGGESTIONS]
