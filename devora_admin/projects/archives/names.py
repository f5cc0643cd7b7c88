"""Which paths may become a file of a project."""

import re
import unicodedata

MAX_PATH_LENGTH = 1000
MAX_SEGMENT_BYTES = 255
MAX_DEPTH = 40

_DRIVE = re.compile(r"^[A-Za-z]:")


class UnsafeName(ValueError):
    """The message completes the sentence "The zip … "."""


def clean_path(raw: str) -> str:
    """The path with empty and "." parts taken out. Raises UnsafeName.

    A backslash is refused rather than read: one system's letter is another's separator.
    """
    if len(raw) > MAX_PATH_LENGTH:
        raise UnsafeName("has a path that is too long")
    if not raw.isprintable() and any(unicodedata.category(one) in ("Cc", "Cs") for one in raw):
        raise UnsafeName("has a name with a control character")
    if raw.startswith("/") or _DRIVE.match(raw):
        raise UnsafeName("has an absolute path")
    if "\\" in raw:
        raise UnsafeName("has a path with a backslash")
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnsafeName("has a path that leaves its folder (..)")
    if len(parts) > MAX_DEPTH:
        raise UnsafeName(f"has folders more than {MAX_DEPTH} deep")
    if any(len(part.encode()) > MAX_SEGMENT_BYTES for part in parts):
        raise UnsafeName("has a name that is too long")
    return "/".join(parts)


def shown(raw: str) -> str:
    """A name from outside, safe and short enough for a message."""
    text = "".join(letter if letter.isprintable() else "�" for letter in raw)
    return text if len(text) <= 80 else text[:77] + "…"
