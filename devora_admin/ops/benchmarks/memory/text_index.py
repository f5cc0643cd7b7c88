"""What MongoDB offers for the same: a text index, searched by $text."""

from collections.abc import Iterable
from itertools import islice

import pymongo

from devora_admin.core import mongo
from devora_admin.ops.benchmarks.memory.filling import Row

_TEXTS = "memory_texts"
_AT_ONCE = 2000
_PATIENCE_S = 120


def fill_texts(rows: Iterable[Row]) -> None:
    """Replaces everything; numbered as `filling.fill` does."""
    texts = mongo.database()[_TEXTS]
    with pymongo.timeout(_PATIENCE_S):
        texts.drop()
        texts.create_index([("path", "text"), ("symbol", "text"), ("text", "text")], name="text")
    numbered = enumerate(rows, 1)
    while batch := list(islice(numbered, _AT_ONCE)):
        documents = [
            {"_id": number, "user_id": row.user_id, "path": row.path, "symbol": row.symbol,
             "text": row.text}
            for number, row in batch
        ]  # fmt: skip
        with pymongo.timeout(_PATIENCE_S):
            texts.insert_many(documents, ordered=False)


def by_text(text: str, *, limit: int, user_id: str = "") -> list[int]:
    asked = text.replace('"', " ").replace("-", " ")
    score = {"score": {"$meta": "textScore"}}
    with pymongo.timeout(_PATIENCE_S):
        found = mongo.database()[_TEXTS].find(
            {"$text": {"$search": asked}} | ({"user_id": user_id} if user_id else {}),
            {"_id": 1, **score},
        )
        return [each["_id"] for each in found.sort(list(score.items())).limit(limit)]


def drop_texts() -> None:
    mongo.database().drop_collection(_TEXTS)
