"""Whatever the platform stored, as short text for a person: of bounded size, secrets masked."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bson.errors import BSONError

from devora_admin.core import raw_bson
from devora_admin.core.values import ejson
from devora_admin.staff.masking import SECRET, masked
from devora_admin.users.timeline import Detail

PAIRS = 40
VALUE_BYTES = 2_000
LONG_BYTES = 32_000
LONG_KEYS = ("message", "error", "reason", "detail", "stack", "text")
SHOWN_CHARS = 500


def capped(document: Any, *, pairs: int = PAIRS, without: Iterable[str] = ()) -> dict[str, Any]:
    """An expression: the first pairs of an object as `{k, v}`, a large value as `{k, size}`.

    A value is left out whole, as the store cannot cut a text that may be no UTF-8.
    """
    whole = {"$cond": [{"$eq": [{"$type": document}, "object"]}, document, {}]}
    limit = {"$cond": [{"$in": ["$$pair.k", list(LONG_KEYS)]}, LONG_BYTES, VALUE_BYTES]}
    key = {"$cond": [{"$lte": [{"$strLenBytes": "$$pair.k"}, 200]}, "$$pair.k", "…"]}
    size = {"$bsonSize": "$$pair"}
    every: dict[str, Any] = {"$objectToArray": whole}
    if hidden := sorted(without):
        known = {"$in": ["$$each.k", hidden]}
        every = {"$filter": {"input": every, "as": "each", "cond": {"$not": [known]}}}
    return {
        "$map": {
            "input": {"$slice": [every, pairs]},
            "as": "pair",
            "in": {"$cond": [{"$lte": [size, limit]}, "$$pair", {"k": key, "size": size}]},
        }
    }


def short_text(field: str, *, limit: int = 200) -> dict[str, Any]:
    """An expression: the text of a field, null when it is none or has more bytes than `limit`."""
    length = {"$cond": [{"$eq": [{"$type": field}, "string"]}, {"$strLenBytes": field}, limit + 1]}
    return {"$cond": [{"$lte": [length, limit]}, field, None]}


def details(pairs: Iterable[Mapping[str, Any]]) -> tuple[Detail, ...]:
    """Pairs as `capped` gives them, for a table."""
    return tuple(
        Detail(
            raw_bson.printable(str(pair["k"]))[:100] or "(no name)",
            f"({pair['size']:,} bytes, not shown)" if "size" in pair
            else readable(pair.get("v"), name=str(pair["k"])),
        )
        for pair in pairs
    )  # fmt: skip


def readable(value: Any, *, name: str = "") -> str:
    """A value in one short text. name: its key, which may say that it is a secret."""
    if isinstance(value, int | float) and masked("x", name=name) != "x":
        return SECRET
    safe = masked(value, name=name)
    text = str(safe) if isinstance(safe, str) else _as_json(safe)
    text = raw_bson.printable(text)
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def _as_json(value: Any) -> str:
    try:
        tree = ejson.readable(raw_bson.element(value))
    except (BSONError, ValueError, OverflowError, TypeError, RecursionError):
        return f"({type(value).__name__})"
    plain = _plain(tree)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _plain(tree: Any) -> Any:
    """Without the names of types, which are for those who edit."""
    if isinstance(tree, dict):
        if ejson.is_wrapper(tree) and len(tree) == 1:
            inner = next(iter(tree.values()))
            return inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)
        return {key: _plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_plain(value) for value in tree]
    return tree
