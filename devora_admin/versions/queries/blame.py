"""Which version last changed each line of a file: back through the versions in which the file
changed, following kept lines.

Only versions that may have changed the file are read: those that name it among their changes, and
those whose predecessor is gone, as what retention removed may have changed it too. Of each only the
file's own entry leaves the store, and contents are read until every line is found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.versions import blobs
from devora_admin.versions.diffs import lines, manifests
from devora_admin.versions.documents import versions
from devora_admin.versions.manifest import Entry, Sha, from_stored
from devora_admin.versions.queries.versions import (
    Version,
    VersionHead,
    contents,
    head_from,
    several,
)
from devora_admin.versions.recording.writing import MOST_CHANGES

MOST_POINTS = 300
"""Versions that are looked at for one file."""
_CONTENTS_AT_ONCE = 40
_LEFT_OUT = ("files", "refs", "metadata", "changes")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line came from."""

    version: VersionHead
    """The version that wrote it, or the first that is known to have it."""
    after: int | None = None
    """It came after this version and no later than `version`: those between were removed. 0 when
    all before were. None when it is known to be of `version`."""
    is_older: bool = False
    """It was there in `version` already, and no further was looked."""
    path: str = ""
    """Where the file lay in `version`."""

    @property
    def key(self) -> tuple[int, bool]:
        return self.version.number, self.is_older


@dataclass(frozen=True, slots=True)
class LineOrigin:
    origin: Origin
    line: int
    """Its number in that version, from 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """Lines that follow one another and came together; counted from 1."""

    first: int
    last: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class _Point:
    """A file at one version. entry: None where there is none."""

    head: VersionHead
    entry: Entry | None
    after: int | None
    """The version kept before it when that is not the one before it; 0 when all before are gone."""
    is_first: bool
    """Whether no version before it is kept."""


Found = dict[int, LineOrigin]
"""By line, counted from 0."""
Left = dict[int, int]
"""Lines that are not found yet: where they are in an earlier version → where they are here."""


def blame(version: Version, path: str, content: bytes) -> list[Origin]:
    """For each line of the file as it stands in `version`. content: of that file."""
    total = lines.count(content)
    found = _walk(version, path, content, {at: at for at in range(total)})
    return [found[at].origin for at in range(total)]


def blame_line(version: Version, path: str, content: bytes, line: int) -> LineOrigin:
    """Of one line, counted from 1. Raises NotFound."""
    if not 1 <= line <= lines.count(content):
        raise NotFound("line", str(line))
    return _walk(version, path, content, {line - 1: line - 1})[line - 1]


def runs(origins: Sequence[Origin]) -> Iterator[Run]:
    first = 0
    for at, origin in enumerate(origins):
        if at + 1 == len(origins) or origins[at + 1].key != origin.key:
            yield Run(first + 1, at + 1, origin)
            first = at + 1


def _walk(version: Version, path: str, content: bytes, left: Left) -> Found:
    points = _points(version, path)
    texts = _Texts(points, version.entry(path).sha, content)
    found: Found = {}
    for here, before in zip(points, [*points[1:], None], strict=True):
        old = before.entry if before else None
        if here.entry is None or not left:
            break
        if before is None and not here.is_first:
            _settle(left, found, _origin(here, is_older=True))
        elif old is None or old.kind != "text":
            _settle(left, found, _origin(here))
            break
        elif old.sha != here.entry.sha:
            earlier = lines.origins(texts[old.sha], texts[here.entry.sha])
            _settle({at: goal for at, goal in left.items() if earlier[at] is None}, found,
                    _origin(here))  # fmt: skip
            left = {there: goal for at, goal in left.items() if (there := earlier[at]) is not None}
    if not points:  # removed in this moment
        _settle(left, found, Origin(version.head, is_older=True, path=path))
    return found


def _origin(point: "_Point", *, is_older: bool = False) -> Origin:
    path = point.entry.path if point.entry else ""
    return Origin(point.head, None if is_older else point.after, is_older, path)


def _settle(lines_there: Left, found: Found, origin: Origin) -> None:
    for at, goal in lines_there.items():
        found[goal] = LineOrigin(origin, at + 1)


def _points(version: Version, path: str) -> list[_Point]:
    """The file wherever it may have changed, newest first, its earlier paths followed.

    The last one is the first version that is kept, unless there are too many.
    """
    project_id, number = version.head.project_id, version.number
    kept = _kept(project_id, number)
    found: list[_Point] = []
    if version.head.is_open:
        found.append(_Point(version.head, version.entry(path), None, is_first=number == 1))
        path = _path_before(version, path)
        number -= 1
    while path and number >= 1:
        at_once = _read(project_id, path, number, kept, limit=MOST_POINTS - len(found))
        path = ""
        for point, came_from in at_once:
            found.append(point)
            if came_from:
                path, number = came_from, kept.before.get(point.head.number, 0)
                break
        if len(found) >= MOST_POINTS:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Kept:
    """The sealed versions there are up to a number."""

    before: dict[int, int]
    """The one kept before each, 0 before the first."""
    uncertain: frozenset[int]
    """Those that may have changed any file without naming it."""


def _kept(project_id: str, number: int) -> _Kept:
    rows = list(
        versions()
        .find(
            {"project_id": project_id, "number": {"$lte": number}},
            {"_id": 0, "number": 1, "totals.files": 1},
        )
        .sort("number", -1)
    )
    numbers = [row["number"] for row in rows]
    before = dict(zip(numbers, [*numbers[1:], 0], strict=True))
    gaps = {each for each, prior in before.items() if prior != each - 1}
    crowded = {row["number"] for row in rows if row["totals"].get("files", 0) > MOST_CHANGES}
    return _Kept(before, frozenset(gaps | crowded | set(numbers[-1:])))


def _read(
    project_id: str, path: str, number: int, kept: _Kept, *, limit: int
) -> list[tuple[_Point, str]]:
    """Points up to `number` with the path the file came from, "" where it kept its path."""
    own = {"project_id": project_id, "changes.p": path, "number": {"$lte": number}}
    named = versions().find(own, {"_id": 0, "number": 1}).sort("number", -1).limit(limit)
    wanted = {row["number"] for row in named} | kept.uncertain | {number}
    some = sorted((each for each in wanted if each <= number), reverse=True)[:limit]
    pipeline: list[dict[str, Any]] = [
        {"$match": {"project_id": project_id, "number": {"$in": some}}},
        {"$set": {"entry": _first("$files", path), "change": _first("$changes", path)}},
        {"$unset": list(_LEFT_OUT)},
        {"$sort": {"number": -1}},
    ]
    return [
        (_point(row, kept), (row.get("change") or {}).get("f", ""))
        for row in versions().aggregate(pipeline)
    ]


def _first(items: str, path: str) -> dict[str, Any]:
    own = {"$eq": ["$$each.p", {"$literal": path}]}
    return {"$first": {"$filter": {"input": items, "as": "each", "cond": own}}}


def _point(row: dict[str, Any], kept: _Kept) -> _Point:
    entry, number = row.get("entry"), row["number"]
    before = kept.before[number]
    return _Point(
        head=head_from(row),
        entry=from_stored(entry) if entry else None,
        after=before if before != number - 1 else None,
        is_first=before == 0,
    )


def _path_before(version: Version, path: str) -> str:
    """Where the file lay before the open version, whose changes are not stored."""
    before = several(version.head.project_id, [version.number - 1]).get(version.number - 1)
    if before is None or any(entry.path == path for entry in before.files):
        return path
    needed = manifests.needed(before.files, version.files)
    found = contents(needed, version, before)
    changes = manifests.changes_between(before.files, version.files, found)
    return next((each.from_path for each in changes if each.path == path), "") or path


class _Texts:
    """Contents of the points, read some at a time as they are asked for."""

    def __init__(self, points: list[_Point], sha: Sha, content: bytes) -> None:
        self._order = list(dict.fromkeys(point.entry.sha for point in points if point.entry))
        self._known: dict[Sha, bytes] = {sha: content}

    def __getitem__(self, sha: Sha) -> bytes:
        if sha not in self._known:
            at = self._order.index(sha)
            self._known |= blobs.load(self._order[at : at + _CONTENTS_AT_ONCE])
        # What was removed in this moment counts as an empty file.
        return self._known.get(sha, b"")
