"""What of a document a row needs: computed by the store, so that no long value leaves it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from devora_admin.core.listing.spec import Found

_LONGEST_TEXT = 1000
_LONGEST_TITLE = 120
_LONGEST_KEY = 400
"""Bytes of a sort value that still goes into a page link."""

Wanted = Mapping[str, tuple[str, ...]]
"""Field → the BSON types it may have, the right one first."""


def text(field: str) -> dict[str, Any]:
    """The text of a field, shortened; null for any other type."""
    path = f"${field}"
    short = {"$lte": [{"$strLenBytes": path}, _LONGEST_TEXT]}
    cut = {"$substrCP": [path, 0, _LONGEST_TEXT // 4]}
    return when({"$eq": [{"$type": path}, "string"]}, when(short, path, cut), None)


def date(field: str) -> dict[str, Any]:
    path = f"${field}"
    return when({"$eq": [{"$type": path}, "date"]}, path, None)


def when(condition: Any, then: Any, otherwise: Any) -> dict[str, Any]:
    return {"$cond": [condition, then, otherwise]}


def types(wanted: Wanted) -> dict[str, Any]:
    """The value of the column `types`, which `faults` and `part` read."""
    return {_alias(field): {"$type": f"${field}"} for field in wanted}


def projection(columns: Mapping[str, Any], sort: str) -> dict[str, Any]:
    """`key.v` is the sort value as stored; `key` is null when that is too long."""
    key = {"v": f"${sort}"}
    return {**columns, "key": when({"$lte": [{"$bsonSize": key}, _LONGEST_KEY]}, key, None)}


def type_of(found: Found, field: str) -> str:
    return str(found["types"][_alias(field)])


def _alias(field: str) -> str:
    return field.replace(".", "_")


_WORDS = {"array": "list", "string": "text", "date": "date", "object": "object", "bool": "boolean"}


def faults(found: Found, wanted: Wanted) -> Iterator[str]:
    """What is wrong with the types of a document, in words."""
    for field, kinds in wanted.items():
        kind = type_of(found, field)
        if kind not in kinds:
            expected = _WORDS[kinds[0]]
            is_absent = kind in ("missing", "null", "undefined")
            what = "is missing" if is_absent else f"is {_WORDS.get(kind, kind)}, not {expected}"
            yield f"{field} {what}"
    for field, kinds in wanted.items():
        value = found.get(field)
        if kinds[0] == "date" and value is not None and not isinstance(value, datetime):
            yield f"{field} is beyond the year 9999"


def moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def titled(name: str) -> str:
    """A name as a table has room for it."""
    return name if len(name) <= _LONGEST_TITLE else name[: _LONGEST_TITLE - 1].rstrip() + "…"
