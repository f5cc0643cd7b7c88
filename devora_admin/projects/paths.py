"""What may be the path of a file in a project."""

import unicodedata
from collections.abc import Iterable

from devora_admin.core.errors import InvalidInput

MAX_PATH_CHARS = 512
# Controls, lone surrogates and line separators; then marks that reorder what is shown.
_REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
_REORDERING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_path(path: object, *, field: str = "path") -> str:
    """`path` itself when a project may hold it, else InvalidInput saying why not."""
    fault = path_fault(path)
    if fault or not isinstance(path, str):
        raise InvalidInput(fault, field=field)
    return path


def path_fault(path: object) -> str:
    """Why this cannot be a file's path, or ""."""
    if not isinstance(path, str) or not path.strip():
        return "Give the file a name."
    if len(path) > MAX_PATH_CHARS:
        return f"The path is longer than {MAX_PATH_CHARS} characters."
    if any(unicodedata.category(char) in _REFUSED_CATEGORIES for char in path):
        return "The path has a control character in it."
    if _REORDERING & set(path):
        return "The path has an invisible character that changes the order of letters."
    if "\\" in path:
        return "Use / between folders, not \\."
    if path.startswith("/"):
        return "The path must not begin with /."
    return next((fault for part in path.split("/") if (fault := _part_fault(part))), "")


def _part_fault(part: str) -> str:
    if not part:
        return "The path has an empty part: two / in a row, or one at the end."
    if part in (".", ".."):
        return f"The path must not have “{part}” as a part."
    if part != part.strip():
        return f"“{part}” begins or ends with a space."
    return ""


def folders_of(path: str) -> list[str]:
    """ "a/b/c.ts" → ["a", "a/b"]."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


class Namespace:
    """The paths of a project, to tell whether another fits among them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.alike: dict[str, str] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        self.files.add(path)
        # No path that may be added reaches further, and a stored one may have any length.
        self.folders.update(folders_of(path[: MAX_PATH_CHARS + 1]))
        self.alike[unicodedata.normalize("NFC", path)] = path

    def clash(self, path: str) -> str:
        """Why `path` cannot be added, or ""."""
        if path in self.files:
            return f"There is a file “{path}” already."
        if path in self.folders:
            return f"There is a folder “{path}” already."
        taken = next((folder for folder in folders_of(path) if folder in self.files), "")
        if taken:
            return f"“{taken}” is a file, so it cannot hold other files."
        if unicodedata.normalize("NFC", path) in self.alike:
            return f"There is a file “{path}” already, its letters composed differently."
        return ""
