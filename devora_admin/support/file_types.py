"""What may be attached, told by its content: a short list of types and how each begins."""

from collections.abc import Callable

from devora_admin.core.errors import InvalidInput

SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Pictures of pixels, which hold no script."""

_TEXT = "text/plain"
_TEXTS = frozenset({_TEXT, "text/csv", "text/markdown", "application/json"})
_ZIP = "application/zip"
_IN_A_ZIP = {
    f"application/vnd.openxmlformats-officedocument.{kind}"
    for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
}
_ALIASES = {
    "image/jpg": "image/jpeg",
    "application/x-zip-compressed": _ZIP,
    "application/x-gzip": "application/gzip",
    "text/x-markdown": "text/markdown",
    "application/vnd.ms-excel": "text/csv",  # what Windows calls a CSV file
}
_NOT_SAID = frozenset({"", "application/octet-stream"})


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(starts)


_SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": _begins(b"\xff\xd8\xff"),
    "image/gif": _begins(b"GIF87a", b"GIF89a"),
    "image/webp": lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    "application/pdf": _begins(b"%PDF-"),
    _ZIP: _begins(b"PK\x03\x04", b"PK\x05\x06"),
    "application/gzip": _begins(b"\x1f\x8b"),
    "video/mp4": lambda content: content[4:8] == b"ftyp",
    "video/webm": _begins(b"\x1a\x45\xdf\xa3"),
}
ACCEPTED = frozenset({*_SIGNATURES, *_TEXTS, *_IN_A_ZIP})


def checked(name: str, claimed: str, content: bytes) -> str:
    """The type it is kept under. Raises InvalidInput for a type that is not accepted, or a lie.

    claimed: a media type as a browser sends it; "" or application/octet-stream claim nothing.
    """
    said = claimed.partition(";")[0].strip().lower()
    said = _ALIASES.get(said, said)
    found = found_in(content)
    if said in _NOT_SAID:
        said = found
    if said not in ACCEPTED:
        raise InvalidInput(
            f"“{name}” is of a type that cannot be attached. Put it into a zip.", field="file"
        )
    if not _agrees(said, found):
        shown = found or "of an unknown type"
        raise InvalidInput(
            f"“{name}” is said to be {said}, but its content is {shown}.", field="file"
        )
    return said


def found_in(content: bytes) -> str:
    """By the content alone; "" when it is none of those known."""
    for name, matches in _SIGNATURES.items():
        if matches(content):
            return name
    return _TEXT if _is_text(content) else ""


def _agrees(said: str, found: str) -> bool:
    if said in _TEXTS:
        return found == _TEXT
    return found == (_ZIP if said in _IN_A_ZIP else said)


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
