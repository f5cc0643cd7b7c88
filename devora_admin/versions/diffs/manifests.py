"""Which files differ between two manifests, and by how many lines.

    wanted = manifests.needed(old, new)              # hashes; none for files that are the same
    changes = manifests.changes_between(old, new, contents)
    rows = [each.as_row() for each in changes]       # queries.versions.FileChange

`old` and `new` are the entries of two versions; `old` is () for the first one. `contents` must hold
what `needed` names, by hash; a caller loads them in one round trip. The answer is ordered by path
and the same for the same manifests, whatever order `contents` has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from devora_admin.versions.diffs import lines, renames
from devora_admin.versions.manifest import Entry, Sha
from devora_admin.versions.queries.versions import FileChange, Status


@dataclass(frozen=True, slots=True)
class Change:
    """One file in which two manifests differ; at least one side is there."""

    old: Entry | None
    new: Entry | None
    added: int = 0
    """Lines, like `removed`. Both 0 for a binary file, or when only the language changed."""
    removed: int = 0

    @property
    def path(self) -> str:
        return (self.new or self.old).path  # type: ignore[union-attr]

    @property
    def from_path(self) -> str:
        """Of a renamed file; else ""."""
        is_renamed = self.old and self.new and self.old.path != self.new.path
        return self.old.path if self.old and is_renamed else ""

    @property
    def status(self) -> Status:
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "renamed" if self.from_path else "changed"

    def as_row(self) -> FileChange:
        return FileChange(self.path, self.status, self.added, self.removed, self.from_path)


def needed(old: Sequence[Entry], new: Sequence[Entry]) -> set[Sha]:
    """The contents that `changes_between` will ask for."""
    return {
        side.sha
        for pair in _differing(old, new)
        for side in pair
        if side is not None and side.kind == "text"
    }


def changes_between(
    old: Sequence[Entry], new: Sequence[Entry], contents: Mapping[Sha, bytes]
) -> list[Change]:
    """Files that were added, changed, removed or renamed. Their order in the list is no change."""
    both, gone, come = [], [], []
    for before, after in _differing(old, new):
        if before and after:
            both.append((before, after))
        elif before:
            gone.append(before)
        elif after:
            come.append(after)
    renamed = renames.pairs(gone, come, contents)
    left = {id(before) for before, _ in renamed}
    taken = {id(after) for _, after in renamed}
    both += renamed
    alone: list[tuple[Entry | None, Entry | None]] = [
        *((before, None) for before in gone if id(before) not in left),
        *((None, after) for after in come if id(after) not in taken),
    ]
    found = [_counted(*pair, contents) for pair in (*both, *alone)]
    return sorted(found, key=lambda each: (each.path, each.from_path))


def _counted(old: Entry | None, new: Entry | None, contents: Mapping[Sha, bytes]) -> Change:
    before, after = text(old, contents), text(new, contents)
    return Change(old, new, *lines.counts(before, after))


def text(entry: Entry | None, contents: Mapping[Sha, bytes]) -> bytes:
    """What of a file is lines: nothing when it is not there, or is no text file."""
    return contents[entry.sha] if entry and entry.kind == "text" else b""


def _differing(
    old: Iterable[Entry], new: Iterable[Entry]
) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Pairs by path. A name that stands twice is paired with its twins in order."""
    before, after = _by_path(old), _by_path(new)
    for key, entry in before.items():
        other = after.get(key)
        if other != entry:
            yield entry, other
    for key, entry in after.items():
        if key not in before:
            yield None, entry


def _by_path(entries: Iterable[Entry]) -> dict[tuple[str, int], Entry]:
    seen: defaultdict[str, int] = defaultdict(int)
    found = {}
    for entry in entries:
        found[entry.path, seen[entry.path]] = entry
        seen[entry.path] += 1
    return found
