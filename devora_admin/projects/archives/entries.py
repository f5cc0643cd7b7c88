"""What an import is made of, and how much of it there may be."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

MB = 1024 * 1024
MAX_FILE_BYTES = MB
MAX_TOTAL_BYTES = 15 * MB
"""Of text in one project: below the 16 MB of a document, with room for a conversation."""
MAX_ENTRIES = 20_000
MAX_READ_BYTES = 64 * MB
"""Of unpacked bytes looked at in one import, binaries included."""

# One array element of a document: its type bytes, lengths, index and the three keys.
_ELEMENT_OVERHEAD = 80


@dataclass(frozen=True, slots=True)
class FileEntry:
    name: str
    content: str
    language: str


@dataclass(frozen=True, slots=True)
class Skipped:
    name: str
    reason: str


@dataclass(slots=True)
class Collected:
    """The text files found, in path order, and what was left behind and why."""

    files: list[FileEntry] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    stored_bytes: int = 0
    """About what the files take of the document."""

    @property
    def content_bytes(self) -> int:
        return sum(len(file.content.encode()) for file in self.files)

    def languages(self) -> list[tuple[str, int]]:
        """Language and number of files, the most frequent first."""
        counts = Counter(file.language for file in self.files)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


class Source(Protocol):
    """One file that may be imported."""

    @property
    def name(self) -> str:
        """The path within the project."""

    @property
    def size_bytes(self) -> int:
        """As claimed; reading may find another."""

    def read(self, limit: int) -> bytes:
        """At most `limit` bytes. Raises InvalidInput for a damaged archive, OSError for a file."""


@dataclass(slots=True)
class Listing:
    """What one folder holds. `folders` by name."""

    files: list[Source] = field(default_factory=list)
    folders: dict[str, "Folder"] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


class Folder(Protocol):
    """One folder that may be imported; read only when it is not ignored."""

    def listing(self) -> Listing: ...


def stored_bytes(name: str, size_bytes: int) -> int:
    """About what a file takes of the document."""
    return size_bytes + len(name.encode()) + _ELEMENT_OVERHEAD
