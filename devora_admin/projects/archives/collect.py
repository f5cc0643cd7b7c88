"""Which files of a folder or a zip become a project's, and which are left behind and why."""

from contextlib import suppress

from devora_admin.core.errors import InvalidInput
from devora_admin.projects.archives.entries import (
    MAX_FILE_BYTES,
    MAX_READ_BYTES,
    MAX_TOTAL_BYTES,
    MB,
    Collected,
    FileEntry,
    Folder,
    Listing,
    Skipped,
    Source,
    stored_bytes,
)
from devora_admin.projects.archives.ignore import (
    GITIGNORE,
    LEFT_OUT_FILES,
    LEFT_OUT_FOLDERS,
    MAX_GITIGNORE_BYTES,
    IgnoreRules,
)
from devora_admin.projects.languages import is_binary, language_of
from devora_admin.projects.paths import Namespace, path_fault


def collect(root: Folder) -> Collected:
    """Raises InvalidInput when nothing of it may be imported."""
    collector = _Collector()
    collector.visit(root, "")
    found = collector.found
    if not found.files:
        raise InvalidInput("There is no text file in it that can be imported.", field="archive")
    found.files.sort(key=lambda file: file.name)
    found.skipped.sort(key=lambda skipped: skipped.name)
    return found


class _Collector:
    def __init__(self) -> None:
        self.found = Collected()
        self.rules = IgnoreRules()
        self.paths = Namespace(())
        self.read_bytes = 0

    def visit(self, folder: Folder, path: str) -> None:
        """path: the folder's, "" or ending with a slash. Depth is bounded by the names' rules."""
        listing = folder.listing()
        self.found.skipped += listing.skipped
        with self.rules.within(path, self._gitignore(listing, path)):
            for source in sorted(listing.files, key=lambda source: source.name):
                reason = self._take(source)
                if reason:
                    self.found.skipped.append(Skipped(source.name, reason))
            for name in sorted(listing.folders):
                inside = f"{path}{name}/"
                reason = self._left_out(name, inside)
                if reason:
                    self.found.skipped.append(Skipped(inside, reason))
                else:
                    self.visit(listing.folders[name], inside)

    def _left_out(self, name: str, path: str) -> str:
        if name in LEFT_OUT_FOLDERS:
            return "a folder that is always left out"
        return "ignored by .gitignore" if self.rules.ignores(path) else ""

    def _gitignore(self, listing: Listing, path: str) -> str:
        for source in listing.files:
            if source.name == path + GITIGNORE:
                with suppress(OSError):  # reported when it is its turn as a file
                    data = self._read(source, MAX_GITIGNORE_BYTES)
                    return data.decode("utf-8-sig", errors="replace")
        return ""

    def _take(self, source: Source) -> str:
        """Adds the file, or returns why not."""
        fault = path_fault(source.name) or self.paths.clash(source.name)
        if fault:
            return fault
        if source.name.rpartition("/")[2] in LEFT_OUT_FILES:
            return "a file that is always left out"
        if self.rules.ignores(source.name):
            return "ignored by .gitignore"
        if source.size_bytes > MAX_FILE_BYTES:
            return f"larger than {MAX_FILE_BYTES // MB} MB"
        if not self._fits(source.name, source.size_bytes):
            return f"beyond the {MAX_TOTAL_BYTES // MB} MB of a project"
        try:
            data = self._read(source, MAX_FILE_BYTES + 1)
        except OSError as error:
            return f"cannot be read ({error.strerror or error})"
        # Sizes are only claimed until now.
        if len(data) > MAX_FILE_BYTES:
            return f"larger than {MAX_FILE_BYTES // MB} MB"
        if is_binary(data):
            return "not UTF-8 text"
        if not self._fits(source.name, len(data)):
            return f"beyond the {MAX_TOTAL_BYTES // MB} MB of a project"
        self.paths.add(source.name)
        self.found.files.append(FileEntry(source.name, data.decode(), language_of(source.name)))
        self.found.stored_bytes += stored_bytes(source.name, len(data))
        return ""

    def _fits(self, name: str, size_bytes: int) -> bool:
        return self.found.stored_bytes + stored_bytes(name, size_bytes) <= MAX_TOTAL_BYTES

    def _read(self, source: Source, limit: int) -> bytes:
        data = source.read(limit)
        self.read_bytes += len(data)
        if self.read_bytes > MAX_READ_BYTES:
            raise InvalidInput(
                f"More than {MAX_READ_BYTES // MB} MB had to be looked at. Leave out what is not"
                " text, and try again.",
                field="archive",
            )
        return data
