"""Search: what matches is decided by one condition; these are ways to it, chosen by cost.

A rare word comes from the text index and is sorted. A common one is met soon while walking in the
order of the list. Which words are common is remembered, so that a search costs one read.
"""

import time
from typing import Any

from devora_admin.projects.documents import projects
from devora_admin.projects.queries.conditions import (
    COLLATION,
    Condition,
    all_of,
    candidates_condition,
    search_condition,
    words,
)

Found = dict[str, Any]
_RARE = 2000
"""Candidates that are read and sorted in less time than a walk takes. In 100,000 projects a walk
finds a page of words that more than 1,700 have; of rarer ones it would be for nothing."""
_WINDOW = 3000
"""Documents walked in the hope of a page."""
_WORDS_TRIED = 2
_REMEMBERED = 2000
_REMEMBERED_S = 600.0

_common: dict[tuple[str, str], float] = {}


def read(
    text: str,
    condition: Condition,
    *,
    sort: list[tuple[str, int]],
    projection: dict[str, Any],
    limit: int,
) -> list[Found]:
    """Matches of `text` within `condition`, in order."""
    matches = all_of(condition, search_condition(text))
    for word in _promising(text):
        found = _gathered(text, word, matches, sort=sort, projection=projection, limit=limit)
        if found is not None:
            return found
        _remember(text, word)
    found = _walked(condition, matches, sort=sort, projection=projection, limit=limit)
    if len(found) == limit:
        return found
    word = next(iter(words(text)), "")
    direct = all_of(candidates_condition(text, word), matches)
    return list(projects().find(direct, projection).collation(COLLATION).sort(sort).limit(limit))


def count(text: str, condition: Condition, *, most: int) -> int:
    word = next(iter(words(text)), "")
    found = projects().find(
        all_of(candidates_condition(text, word), condition, search_condition(text)), {"_id": 1}
    )
    return sum(1 for _ in found.collation(COLLATION).limit(most).batch_size(most))


def _promising(text: str) -> list[str]:
    now = time.monotonic()
    tried = words(text)[:_WORDS_TRIED] or [""]
    return [word for word in tried if _common.get((text, word), 0.0) < now]


def _remember(text: str, word: str) -> None:
    if len(_common) >= _REMEMBERED:
        _common.clear()
    _common[text, word] = time.monotonic() + _REMEMBERED_S


def _gathered(
    text: str,
    word: str,
    matches: Condition,
    *,
    sort: list[tuple[str, int]],
    projection: dict[str, Any],
    limit: int,
) -> list[Found] | None:
    """None when there are too many candidates to sort. One read of each counts it and sorts it."""
    (row,) = projects().aggregate(
        [
            {"$match": candidates_condition(text, word)},
            {"$limit": _RARE + 1},
            {
                "$facet": {
                    "candidates": [{"$count": "number"}],
                    "rows": [
                        {"$match": matches},
                        {"$sort": dict(sort)},
                        {"$limit": limit},
                        {"$project": projection},
                    ],
                }
            },
        ],
        collation=COLLATION,
    )
    too_many = row["candidates"] and row["candidates"][0]["number"] > _RARE
    return None if too_many else row["rows"]


def _walked(
    condition: Condition,
    matches: Condition,
    *,
    sort: list[tuple[str, int]],
    projection: dict[str, Any],
    limit: int,
) -> list[Found]:
    return list(
        projects().aggregate(
            [
                {"$match": condition},
                {"$sort": dict(sort)},
                {"$limit": _WINDOW},
                {"$match": matches},
                {"$limit": limit},
                {"$project": projection},
            ],
            collation=COLLATION,
        )
    )
