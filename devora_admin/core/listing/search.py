"""Search: what matches is decided by one condition; these are ways to it, chosen by cost.

A rare word comes from the text index and is sorted. A common one is met soon while walking in the
order of the list. Which words are common is remembered, so that a search costs one read.
"""

import time
from dataclasses import dataclass
from typing import Any

from devora_admin.core.listing.beginnings import condition
from devora_admin.core.listing.conditions import (
    all_of,
    search_condition,
    words,
)
from devora_admin.core.listing.indexes import ANY_CASE
from devora_admin.core.listing.spec import Condition, Found, ListSpec

_RARE = 2000
"""Candidates that are read and sorted in less time than a walk takes. In 100,000 projects a walk
finds a page of words that more than 1,700 have; of rarer ones it would be for nothing."""
_WINDOW = 3000
"""Documents walked in the hope of a page."""
_WORDS_TRIED = 2
_REMEMBERED = 2000
_REMEMBERED_S = 600.0

_common: dict[tuple[str, str, str], float] = {}


@dataclass(frozen=True, slots=True)
class Search:
    spec: ListSpec[Any, Any]
    text: str
    condition: Condition
    """What the other filters mean."""

    @property
    def matches(self) -> Condition:
        return all_of(self.condition, search_condition(self.spec.searched, self.text))

    @property
    def most_gathered(self) -> int:
        most = self.spec.searched.most_gathered
        return _RARE if most is None else most

    def candidates(self, word: str) -> Condition:
        """At least what matches, each part from an index. word: one of the text's words."""
        searched = self.spec.searched
        choices: list[Condition] = [
            *(condition(self.spec, field, self.text) for field in searched.prefixes),
            *({field: self.text} for field in searched.ids),
        ]
        if word:
            choices.append({"$text": {"$search": word}})
        return {"$or": choices}


def read(
    search: Search, *, sort: list[tuple[str, int]], projection: dict[str, Any], limit: int
) -> list[Found]:
    """What matches, in order."""
    for word in _promising(search):
        found = _gathered(search, word, sort=sort, projection=projection, limit=limit)
        if found is not None:
            return found
        _remember(search, word)
    found = _walked(search, sort=sort, projection=projection, limit=limit)
    if len(found) == limit:
        return found
    word = next(iter(words(search.text)), "")
    direct = all_of(search.candidates(word), search.matches)
    cursor = search.spec.collection().find(direct, projection).collation(ANY_CASE)
    return list(cursor.sort(sort).limit(limit))


def count(search: Search, *, most: int) -> int:
    word = next(iter(words(search.text)), "")
    direct = all_of(search.candidates(word), search.matches)
    found = search.spec.collection().find(direct, {"_id": 1}).collation(ANY_CASE)
    return sum(1 for _ in found.limit(most).batch_size(most))


def _promising(search: Search) -> list[str]:
    now = time.monotonic()
    tried = words(search.text)[:_WORDS_TRIED] or [""]
    return [word for word in tried if _common.get(_key(search, word), 0.0) < now]


def _remember(search: Search, word: str) -> None:
    if len(_common) >= _REMEMBERED:
        _common.clear()
    _common[_key(search, word)] = time.monotonic() + _REMEMBERED_S


def _key(search: Search, word: str) -> tuple[str, str, str]:
    return search.spec.name, search.text, word


def _gathered(
    search: Search,
    word: str,
    *,
    sort: list[tuple[str, int]],
    projection: dict[str, Any],
    limit: int,
) -> list[Found] | None:
    """None when there are too many candidates to sort. One read of each counts it and sorts it."""
    (row,) = search.spec.collection().aggregate(
        [
            {"$match": search.candidates(word)},
            {"$limit": search.most_gathered + 1},
            {
                "$facet": {
                    "candidates": [{"$count": "number"}],
                    "rows": [
                        {"$match": search.matches},
                        {"$sort": dict(sort)},
                        {"$limit": limit},
                        {"$project": projection},
                    ],
                }
            },
        ],
        collation=ANY_CASE,
    )
    too_many = row["candidates"] and row["candidates"][0]["number"] > search.most_gathered
    return None if too_many else row["rows"]


def _walked(
    search: Search, *, sort: list[tuple[str, int]], projection: dict[str, Any], limit: int
) -> list[Found]:
    return list(
        search.spec.collection().aggregate(
            [
                {"$match": search.condition},
                {"$sort": dict(sort)},
                {"$limit": _WINDOW},
                {"$match": search.matches},
                {"$limit": limit},
                {"$project": projection},
            ],
            collation=ANY_CASE,
        )
    )
