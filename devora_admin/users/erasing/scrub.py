"""Taking a customer out of a record of the dashboard's own that others still need."""

from typing import Any

from devora_admin.users.marks import Marks

ERASED = "(erased)"
_NEVER = {"_id", "actor", "asker", "decider"}
"""Who acted is staff, also one with the same address."""


def scrubbed(document: dict[str, Any], marks: Marks) -> dict[str, Any] | None:
    """The fields to set; None when that is not enough, and the document has to go."""
    if _is_marked(str(document.get("_id")), marks):
        return None
    change = {}
    for name, value in document.items():
        if name in _NEVER:
            continue
        if _is_marked(name, marks):
            return None
        clean = _clean(value, marks)
        if clean != value:
            change[name] = clean
    return change or None


def _clean(value: Any, marks: Marks) -> Any:
    if isinstance(value, str):
        return ERASED if _is_marked(value, marks) else value
    if isinstance(value, dict):
        return {
            ERASED if _is_marked(key, marks) else key: _clean(each, marks)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_clean(each, marks) for each in value]
    if isinstance(value, bytes):
        return b"" if _is_marked(value.decode("utf-8", "replace"), marks) else value
    return value


def _is_marked(text: str, marks: Marks) -> bool:
    return bool(marks.found_in(text.encode("utf-8", "replace")) - {"name"})
