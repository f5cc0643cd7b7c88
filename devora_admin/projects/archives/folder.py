"""A folder on this machine as the source of an import. Links in it are never followed."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from devora_admin.core.errors import InvalidInput
from devora_admin.projects.archives.entries import MAX_ENTRIES, Folder, Listing, Skipped
from devora_admin.projects.archives.names import UnsafeName, clean_path, shown


@dataclass(frozen=True, slots=True)
class DiskFile:
    path: Path
    name: str
    size_bytes: int

    def read(self, limit: int) -> bytes:
        """Raises OSError; also when a link or a device took the file's place meanwhile."""
        handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("no longer a file")
            return file.read(limit)


class DiskFolder:
    def __init__(self, path: Path, name: str = "", seen: list[int] | None = None) -> None:
        self.path = path
        self.name = name
        self._seen = [0] if seen is None else seen

    def listing(self) -> Listing:
        """Raises InvalidInput after too many entries, counted over all folders listed."""
        found = Listing()
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    self._count()
                    self._put(entry, found)
        except OSError as error:
            if not self.name:
                raise InvalidInput(f"The folder cannot be read ({error.strerror}).") from error
            found.skipped.append(Skipped(self.name, f"cannot be read ({error.strerror})"))
        return found

    def _count(self) -> None:
        self._seen[0] += 1
        if self._seen[0] > MAX_ENTRIES:
            raise InvalidInput(f"The folder holds more than {MAX_ENTRIES:,} files and folders.")

    def _put(self, entry: os.DirEntry[str], found: Listing) -> None:
        try:
            name = clean_path(f"{self.name}{entry.name}")
        except UnsafeName as error:
            found.skipped.append(Skipped(shown(f"{self.name}{entry.name}"), str(error)))
            return
        if entry.is_symlink():
            found.skipped.append(Skipped(name, "a link, which is never followed"))
        elif entry.is_dir(follow_symlinks=False):
            child: Folder = DiskFolder(self.path / entry.name, f"{name}/", self._seen)
            found.folders[entry.name] = child
        elif entry.is_file(follow_symlinks=False):
            size_bytes = entry.stat(follow_symlinks=False).st_size
            found.files.append(DiskFile(self.path / entry.name, name, size_bytes))
        else:
            found.skipped.append(Skipped(name, "not a file"))
