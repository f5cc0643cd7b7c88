"""What differs between two versions of a project, or between one and the project as it is now.

Whatever the numbers, two versions are one round trip, the project of now is one, and the contents
of the files that differ are one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from devora_admin.core import raw_bson
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.core.raw_bson import DOCUMENT
from devora_admin.core.values import lines as json_lines
from devora_admin.versions.diffs import lines, manifests
from devora_admin.versions.diffs.lines import Block
from devora_admin.versions.diffs.manifests import Change
from devora_admin.versions.manifest import Entry, Sha
from devora_admin.versions.queries import versions
from devora_admin.versions.queries.now import Now, now
from devora_admin.versions.queries.versions import Version, VersionHead

NOW: Literal["now"] = "now"
Ref = int | Literal["now"]
"""The number of a version, or the project as it is."""


class Absent(NotFound):
    """A version that was removed, or never was. nearest: one that stands in for it, if any."""

    def __init__(self, number: int, message: str, nearest: int | None) -> None:
        super().__init__("version", str(number))
        self.number, self.message, self.nearest = number, message, nearest


class Incomplete(NotFound):
    """Contents of a version are gone, which only damage to the store brings about."""

    def __init__(self) -> None:
        super().__init__("content", "")
        self.message = "Not all contents of this version are kept, so it cannot be read whole."


@dataclass(frozen=True, slots=True)
class Side:
    ref: Ref
    files: tuple[Entry, ...]
    metadata: Sha | None
    version: Version | None = None
    now: Now | None = None

    @property
    def head(self) -> VersionHead | None:
        return self.version.head if self.version else None

    @property
    def is_now(self) -> bool:
        return self.now is not None

    @property
    def label(self) -> str:
        return "Now" if self.now else f"Version {self.ref}"


@dataclass(frozen=True, slots=True)
class Body:
    """Two texts and where they differ. Nothing is compared when `reason` says why."""

    old: Sequence[str] = ()
    """Lines without their ends, like `new`."""
    new: Sequence[str] = ()
    blocks: Sequence[Block] = ()
    reason: Literal["", "binary", "large", "same", "space"] = ""
    old_ends: bool = True
    """Whether the last line has an end, like `new_ends`."""
    new_ends: bool = True


@dataclass(frozen=True, slots=True)
class FileDiff:
    change: Change
    body: Body
    other: Body | None = None
    """Fields of the file besides name, content and language, when they differ."""

    @property
    def is_malformed(self) -> bool:
        return any(each and each.kind == "raw" for each in (self.change.old, self.change.new))


@dataclass(frozen=True, slots=True)
class Comparison:
    old: Side
    new: Side
    changes: list[Change]
    contents: Mapping[Sha, bytes] = field(repr=False)

    @property
    def metadata_differs(self) -> bool:
        return self.old.metadata != self.new.metadata

    @property
    def is_same(self) -> bool:
        return not self.changes and not self.metadata_differs

    @property
    def added(self) -> int:
        return sum(change.added for change in self.changes)

    @property
    def removed(self) -> int:
        return sum(change.removed for change in self.changes)

    def file(self, change: Change, *, ignore_space: bool = False) -> FileDiff:
        old, new = change.old, change.new
        body = text_body(
            readable(old, self.contents), readable(new, self.contents), ignore_space=ignore_space
        )
        other = None
        if (old and old.shape) != (new and new.shape):
            other = text_body(self._shape(old), self._shape(new))
        return FileDiff(change, body, other)

    def metadata(self, *, ignore_space: bool = False) -> Body:
        old, new = (
            _metadata_text(self.contents[side.metadata]) if side.metadata else b""
            for side in (self.old, self.new)
        )
        return text_body(old, new, ignore_space=ignore_space)

    def _shape(self, entry: Entry | None) -> bytes:
        if entry is None or entry.shape is None:
            return b""
        return json_lines.text_of(self.contents[entry.shape]).encode("utf-8", "replace")


def compare(project_id: str, old: Ref, new: Ref, *, seen: str = "") -> Comparison:
    """Three round trips at most. Raises NotFound, or Absent for a version that is not kept.

    seen: the mark that the project of now must still have; else Conflict.
    """
    left, right = sides(project_id, old, new, seen=seen)
    wanted = manifests.needed(left.files, right.files) | _also_shown(left, right)
    held = contents(wanted, left, right)
    changes = manifests.changes_between(left.files, right.files, held)
    return Comparison(left, right, changes, held)


def sides(project_id: str, old: Ref, new: Ref, *, seen: str = "") -> tuple[Side, Side]:
    """Raises NotFound, Absent, Conflict."""
    numbers = {ref for ref in (old, new) if ref != NOW}
    found = versions.several(project_id, numbers) if numbers else {}
    for number in sorted(numbers - found.keys()):
        raise _absent(project_id, int(number))
    live = now(project_id) if NOW in (old, new) else None
    if live and seen and live.mark != seen:
        raise Conflict("The project was changed since this page was opened.")
    left, right = (_side(ref, found, live) for ref in (old, new))
    return left, right


def _absent(project_id: str, number: int) -> Absent:
    error = versions.absent(project_id, number)
    if isinstance(error, versions.Pruned):
        return Absent(number, error.message, error.nearest)
    newest = versions.latest(project_id)
    return Absent(number, f"There is no version {number}.", newest.number if newest else None)


def _side(ref: Ref, found: Mapping[int, Version], live: Now | None) -> Side:
    if ref == NOW and live:
        return Side(NOW, live.files, live.metadata, now=live)
    version = found[int(ref)]
    return Side(ref, version.files, version.metadata, version=version)


def one_file(
    project_id: str, old: Ref, new: Ref, path: str, *, was: str = "", seen: str = "",
    ignore_space: bool = False,
) -> tuple[Side, Side, FileDiff]:  # fmt: skip
    """The difference in one file. was: its earlier path, when it was renamed.

    Raises NotFound when neither side has it, Absent, Conflict.
    """
    found = of_one_file(project_id, old, new, path, was, seen)
    (change,) = found.changes
    return found.old, found.new, found.file(change, ignore_space=ignore_space)


def of_one_file(
    project_id: str, old: Ref, new: Ref, path: str, was: str = "", seen: str = ""
) -> Comparison:
    """A comparison of one file alone. Raises what `one_file` raises."""
    left, right = sides(project_id, old, new, seen=seen)
    before, after = _first(left, was or path), _first(right, path)
    if before is None and after is None:
        raise NotFound("file", path)
    there = [entry for entry in (before, after) if entry]
    held = contents({sha for each in there for sha in (each.sha, each.shape) if sha}, left, right)
    counts = lines.counts(manifests.text(before, held), manifests.text(after, held))
    return Comparison(left, right, [Change(before, after, *counts)], held)


def contents(wanted: Collection[Sha], *of: Side) -> dict[Sha, bytes]:
    """One round trip, and none for what the project of now holds. Raises Incomplete."""
    live: dict[Sha, bytes] = {}
    for side in of:
        if side.now:
            live |= side.now.contents
    held = {sha: live[sha] for sha in wanted if sha in live}
    kept = [side.version for side in of if side.version]
    try:
        return held | versions.contents(set(wanted) - held.keys(), *kept)
    except NotFound as error:
        raise Incomplete from error


def readable(entry: Entry | None, held: Mapping[Sha, bytes]) -> bytes:
    """The text of a file; of one that is no text file, what is stored, as JSON."""
    if entry is None:
        return b""
    data = held[entry.sha]
    return data if entry.kind == "text" else json_lines.text_of(data).encode("utf-8", "replace")


def text_body(old: bytes, new: bytes, *, ignore_space: bool = False) -> Body:
    if old == new:
        return Body(reason="same")
    if lines.is_binary(old) or lines.is_binary(new):
        return Body(reason="binary")
    if lines.is_large(old) or lines.is_large(new):
        return Body(reason="large")
    blocks = lines.blocks(old, new, ignore_space=ignore_space)
    return Body(
        old=_shown(old), new=_shown(new), blocks=blocks, reason="" if blocks else "space",
        old_ends=not old or old.endswith(b"\n"), new_ends=not new or new.endswith(b"\n"),
    )  # fmt: skip


def _shown(content: bytes) -> list[str]:
    """Its lines without their ends; the same lines as `lines.split` has."""
    found = content.decode("utf-8", "replace").split("\n")
    if not found[-1]:
        found.pop()
    return found


def _first(side: Side, path: str) -> Entry | None:
    return next((entry for entry in side.files if entry.path == path), None)


def _also_shown(left: Side, right: Side) -> set[Sha]:
    """What is shown beside the texts: metadata, other fields, and files that are no text."""
    wanted = set()
    if left.metadata != right.metadata:
        wanted |= {side.metadata for side in (left, right) if side.metadata}
    same = set(left.files) & set(right.files)
    for entry in {*left.files, *right.files} - same:
        if entry.kind == "raw":
            wanted.add(entry.sha)
        if entry.shape:
            wanted.add(entry.shape)
    return wanted


def _metadata_text(data: bytes) -> bytes:
    """As JSON over lines; one that is no object comes as it is stored, with its key."""
    (element,) = raw_bson.elements(data)
    body = element.data if element.kind == DOCUMENT else data
    return json_lines.text_of(body).encode("utf-8", "replace")
