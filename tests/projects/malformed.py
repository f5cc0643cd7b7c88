"""Projects the platform should not have written, one field wrong at a time."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from tests import factories

Document = dict[str, Any]
MISSING = object()

# Wrong for every field but those named, for which it is right.
WRONG: dict[str, tuple[Any, set[str]]] = {
    "missing": (MISSING, {"description", "project_type", "files", "metadata", "created_at",
                          "updated_at", "conversation_history", "revision", "archived_at"}),
    "null": (None, {"description", "project_type", "metadata", "created_at", "updated_at",
                    "conversation_history", "revision", "archived_at", "files"}),
    "number": (5, {"revision"}),
    "negative number": (-5, {"revision"}),
    "huge number": (Int64(2**63 - 1), set()),
    "fraction": (0.5, set()),
    "not a number": (float("nan"), set()),
    "infinite": (float("inf"), set()),
    "text": ("some text", {"name", "description", "user_id", "project_type"}),
    "empty text": ("", {"description", "project_type", "user_id"}),
    "long text": ("x" * 100_000, {"name", "description", "user_id", "project_type"}),
    "markup": ("<script>alert(1)</script>{{ x }}",
               {"name", "description", "user_id", "project_type"}),
    "NUL": ("a\0b", {"name", "description", "user_id", "project_type"}),
    "true": (True, set()),
    "empty list": ([], {"files", "conversation_history"}),
    "list of numbers": ([1, 2.5, None], set()),
    "list of lists": ([[["x"]], [{}]], set()),
    "list of objects": ([{}, {"a": 1}], set()),
    "object": ({"a": {"b": [1]}}, {"metadata"}),
    "operator": ({"$ne": None}, {"metadata"}),
    "odd keys": ({"": 1, "a.b": 2, "$x": 3}, {"metadata"}),
    "date": (datetime(2026, 1, 1, tzinfo=UTC), {"created_at", "updated_at", "archived_at"}),
    "far date": (DatetimeMS(2**62), set()),
    "early date": (DatetimeMS(-(2**62)), set()),
    "ObjectId": (ObjectId(), set()),
    "binary": (Binary(b"\0\xff", 128), set()),
    "regex": (Regex("(a+)+$", "i"), set()),
    "code": (Code("f()", {"x": 1}), set()),
    "timestamp": (Timestamp(1, 1), set()),
    "decimal": (Decimal128("NaN"), set()),
    "DBRef": (DBRef("users", "x"), {"metadata"}),
    "MinKey": (MinKey(), set()),
    "MaxKey": (MaxKey(), set()),
}  # fmt: skip

FIELDS = (
    "name", "description", "user_id", "project_type", "files", "metadata", "conversation_history",
    "created_at", "updated_at", "revision", "archived_at",
)  # fmt: skip
NESTED = (
    "files.0", "files.0.name", "files.0.content", "files.0.language",
    "conversation_history.0", "conversation_history.0.role",
    "conversation_history.0.content", "conversation_history.0.timestamp",
)  # fmt: skip


def project(field: str, kind: str) -> Document:
    """`_id` and `id` are right: everything else can be looked up by them."""
    document = factories.project(
        conversation_history=[{"role": "user", "content": "Hi", "timestamp": factories.EPOCH}]
    )
    *around, last = field.split(".")
    place: Any = document
    for step in around:
        place = place[int(step) if step.isdigit() else step]
    value = WRONG[kind][0]
    if value is not MISSING:
        place[int(last) if last.isdigit() else last] = value
    elif not last.isdigit():
        place.pop(last, None)
    return document


TELLING = (
    "missing", "null", "number", "huge number", "not a number", "text", "markup", "NUL",
    "list of objects", "object", "far date", "code",
)  # fmt: skip


def projects(field: str, kinds: Iterable[str] = tuple(WRONG)) -> Iterator[tuple[str, Document]]:
    for kind in kinds:
        yield kind, project(field, kind)


ODD_IDS = ("a/b", "../x", " ", "%2e%2e", "a\0b", "?q=1#x", "é👩", "x" * 2000, '"><script>', "new")


def oddly_named() -> Iterator[Document]:
    """With ids no address can hold, or that are no text; one without any."""
    yield from (factories.project(id=each) for each in ODD_IDS)
    for kind, (value, _) in WRONG.items():
        # Equal for the unique index: a list to its items, a missing id to null, NaN to NaN.
        if not isinstance(value, list) and kind not in ("missing", "null", "NUL", "decimal"):
            yield factories.project(id=value)
    yield factories.project(missing=("id",))


def is_malformed(field: str, kind: str) -> bool:
    return field not in WRONG[kind][1]
