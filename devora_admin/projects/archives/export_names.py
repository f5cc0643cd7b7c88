"""Names for the files of an export: safe to unpack anywhere, each used once."""

import re
from collections import Counter
from pathlib import PurePosixPath

_SEPARATOR = re.compile(r"[/\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVE = re.compile(r"^([A-Za-z]):")
_MAX_PART_BYTES = 200
_MAX_PATH_LENGTH = 800


def safe_name(name: str) -> str:
    """The same path where it is harmless; never absolute, never leaving its folder."""
    parts = [_cut(_CONTROL.sub("_", part)) for part in _SEPARATOR.split(name)]
    parts = [part for part in parts if part not in ("", ".", "..")]
    if len("/".join(parts)) > _MAX_PATH_LENGTH:
        parts = ["long-path", parts[-1]]
    return _DRIVE.sub(r"\1_", "/".join(parts)) or "unnamed"


def place_names(names: list[str]) -> list[str]:
    """A name for each, in order: its own where that is safe and free, else one beside it."""
    wished = [safe_name(name) for name in names]
    folders = {str(parent) for name in wished for parent in PurePosixPath(name).parents}
    unusable = folders | set(wished)
    free = set(wished) - folders
    numbers: Counter[str] = Counter()
    placed = []
    for name in wished:
        own = name
        while (own != name or own not in free) and own in unusable:
            numbers[name] += 1
            path = PurePosixPath(name)
            own = str(path.with_name(f"{path.stem} ({numbers[name] + 1}){path.suffix}"))
        free.discard(own)
        unusable.add(own)
        placed.append(own)
    return placed


def _cut(part: str) -> str:
    return part.encode()[:_MAX_PART_BYTES].decode(errors="ignore")
