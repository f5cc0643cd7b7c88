"""What PostgreSQL holds about a customer, as lines of JSON."""

import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.db.models import QuerySet

from devora_admin.memory.store import reach
from devora_admin.memory.store.models import Chunk, Preference, PreferenceEvidence

_AT_ONCE = 500
_REMEMBERED = (
    "kind", "project_id", "path", "symbol", "language", "line_from", "line_to", "turn", "role",
    "at", "text", "standing",
)  # fmt: skip
_PREFERRED = ("project_id", "topic", "value", "score", "confidence", "standing", "reckoned_at")
_WHY = ("project_id", "topic", "value", "weight", "kind", "quote", "path", "turn", "at")


def tables(user_ids: Collection[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Files by name. Reading them raises MemoryUnavailable."""
    whose = {"user_id__in": list(user_ids)}
    for name, rows, fields in (
        ("remembered.jsonl", Chunk.objects.filter(**whose), _REMEMBERED),
        ("preferences.jsonl", Preference.objects.filter(**whose), _PREFERRED),
        ("evidence.jsonl", PreferenceEvidence.objects.filter(**whose), _WHY),
    ):
        yield name, _lines(rows, fields)


def _lines(rows: QuerySet[Any], fields: tuple[str, ...]) -> Iterator[bytes]:
    after = 0
    while True:
        with reach.reading(within_s=30):
            found = list(rows.filter(pk__gt=after).order_by("pk").values("pk", *fields)[:_AT_ONCE])
        for row in found:
            after = row.pop("pk")
            yield json.dumps(row, default=_plain, ensure_ascii=False).encode() + b"\n"
        if len(found) < _AT_ONCE:
            return


_plain: Callable[[Any], str] = str
