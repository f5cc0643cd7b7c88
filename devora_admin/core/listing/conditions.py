"""Pieces of MongoDB conditions that lists are asked by.

Every index of a list has the collation ANY_CASE, so every condition and sort here runs under it:
words match in any case. Ids are compared by a regular expression as well, which no collation
touches.
"""

import re
from datetime import datetime
from typing import Any

from bson import Regex

from devora_admin.core.listing.spec import Condition, F, ListSpec, Searched

# What parts words, as the inside of a character class. A subset of what parts them for the text
# index, so that whatever a regular expression finds here, the index finds too.
_PARTS = (
    r"\s!-/:-@\[-^`{-~"
    "\u00a0\u00a1\u00ab\u00b7\u00bb\u00bf\u2000-\u200a\u2010-\u2015\u2018-\u2027\u2039\u203a\u3000-\u3002"
)
_SPLIT = re.compile(f"[{_PARTS}]+")


def exactly(text: str, *, in_any_case: bool = False) -> Regex[str]:
    return Regex(rf"{'(?i)' if in_any_case else ''}\A{re.escape(text)}\z")


def within(field: str, start: datetime | None, end: datetime | None) -> Condition:
    """From `start` until before `end`; either may be open."""
    bounds = {"$gte": start, "$lt": end}
    return {field: {name: value for name, value in bounds.items() if value}} if start or end else {}


def all_of(*conditions: Condition) -> Condition:
    parts = [condition for condition in conditions if condition]
    if len(parts) > 1:
        return {"$and": parts}
    return parts[0] if parts else {}


def match_condition(spec: ListSpec[F, Any], filters: F) -> Condition:
    """Everything the filters mean, without help for an index."""
    searched = search_condition(spec.searched, filters.q) if filters.q else {}
    return all_of(spec.condition(filters), searched)


def words(text: str) -> list[str]:
    """The words of a search text, longest first: the likeliest to be rare."""
    found = {word.casefold(): word for word in _SPLIT.split(text) if word}
    return sorted(found.values(), key=len, reverse=True)


def search_condition(searched: Searched, text: str) -> Condition:
    """What a search means: an id, the beginning of a text, or all words in one of the texts.

    Decides alone; the indexes only offer candidates.
    """
    prefix = Regex("(?i)^" + re.escape(text))
    same = exactly(text, in_any_case=searched.ids_in_any_case)
    choices: list[Condition] = [
        *({field: prefix} for field in searched.prefixes),
        *({field: same} for field in searched.ids),
    ]
    found = words(text)
    if found:
        choices.append({"$and": [_has_word(searched, word) for word in found]})
    return {"$or": choices}


def _has_word(searched: Searched, word: str) -> Condition:
    pattern = Regex(rf"(?i)(?:^|[{_PARTS}]){re.escape(word)}(?:$|[{_PARTS}])")
    return {"$or": [{field: pattern} for field in searched.words]}


def after_condition(sort: str, key: Any, object_id: Any, *, descending: bool) -> Condition:
    """Rows beyond one in the order of the index, whatever the BSON types of the two."""
    compare, bound = ("$lt", "$lte") if descending else ("$gt", "$gte")
    exact: Condition = {
        "$expr": {
            compare: [
                [{"$ifNull": [f"${sort}", None]}, "$_id"],
                [{"$literal": key}, {"$literal": object_id}],
            ]
        }
    }
    if key is None:
        return exact  # a missing value is less than null to an expression, but not to the index
    # Says nothing new, but lets the index start at the row.
    return {"$and": [{"$expr": {bound: [f"${sort}", {"$literal": key}]}}, exact]}


def sortable(sort: str) -> Condition:
    """Without lists: an index holds each once per element, so they have no one place in it."""
    return {sort: {"$not": {"$type": "array"}}}


def unsortable(sort: str) -> Condition:
    return {sort: {"$type": "array"}}
