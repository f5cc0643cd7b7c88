"""The list's filters and search, as MongoDB conditions.

Every listing index has the collation below, so every condition and sort here runs under it: types
and languages match in any case. Ids are compared by a regular expression as well, which no
collation touches.
"""

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from bson import Regex

from devora_admin.projects.documents import ANY_CASE

COLLATION = ANY_CASE
Condition = dict[str, Any]
Archived = Literal["no", "yes", "any"]
Sort = Literal["updated_at", "created_at", "name"]
SORTS: tuple[Sort, ...] = ("updated_at", "created_at", "name")

# What parts words, as the inside of a character class. A subset of what parts them for the text
# index, so that whatever a regular expression finds here, the index finds too.
_PARTS = (
    r"\s!-/:-@\[-^`{-~"
    "\u00a0\u00a1\u00ab\u00b7\u00bb\u00bf\u2000-\u200a\u2010-\u2015\u2018-\u2027\u2039\u203a\u3000-\u3002"
)
_SPLIT = re.compile(f"[{_PARTS}]+")
_LAST = "\uffff"
"""Sorts after every character in a collation."""


@dataclass(frozen=True, slots=True)
class Filters:
    q: str = ""
    owner_id: str = ""
    project_type: str = ""
    language: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None
    archived: Archived = "no"

    @property
    def any_set(self) -> bool:
        """Whether anything but the archive choice narrows the list."""
        return replace(self, archived="no") != Filters()

    def stored(self) -> dict[str, Any]:
        """As BSON, for a job; `Filters(**stored)` is the same again."""
        return asdict(self)

    @classmethod
    def from_stored(cls, values: dict[str, Any]) -> "Filters":
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})


def exactly(text: str) -> Regex[str]:
    return Regex(rf"\A{re.escape(text)}\z")


def filters_condition(filters: Filters) -> Condition:
    """All filters but the search text."""
    parts: list[Condition] = []
    if filters.archived == "no":
        parts.append({"archived_at": None})
    elif filters.archived == "yes":
        parts.append({"archived_at": {"$exists": True, "$ne": None}})
    if filters.owner_id:
        parts += [{"user_id": filters.owner_id}, {"user_id": exactly(filters.owner_id)}]
    if filters.project_type:
        parts.append({"project_type": filters.project_type})
    if filters.language:
        parts.append({"files.language": filters.language})
    for key, start, end in (
        ("created_at", filters.created_from, filters.created_before),
        ("updated_at", filters.updated_from, filters.updated_before),
    ):
        bounds = {"$gte": start, "$lt": end}
        if start or end:
            parts.append({key: {name: value for name, value in bounds.items() if value}})
    return {"$and": parts} if parts else {}


def words(text: str) -> list[str]:
    """The words of a search text, longest first: the likeliest to be rare."""
    found = {word.casefold(): word for word in _SPLIT.split(text) if word}
    return sorted(found.values(), key=len, reverse=True)


def search_condition(text: str) -> Condition:
    """What a search means: an id, the beginning of the name, or all words in name or description.

    Decides alone; the indexes only offer candidates.
    """
    choices: list[Condition] = [
        {"name": Regex("(?i)^" + re.escape(text))},
        {"id": exactly(text)},
        {"user_id": exactly(text)},
    ]
    found = words(text)
    if found:
        choices.append({"$and": [_has_word(word) for word in found]})
    return {"$or": choices}


def candidates_condition(text: str, word: str) -> Condition:
    """At least what `search_condition` matches, each part from an index. word: one of its words."""
    choices: list[Condition] = [
        {"name": {"$gte": text, "$lt": text + _LAST}},
        {"id": text},
        {"user_id": text},
    ]
    if word:
        choices.append({"$text": {"$search": word}})
    return {"$or": choices}


def _has_word(word: str) -> Condition:
    pattern = Regex(rf"(?i)(?:^|[{_PARTS}]){re.escape(word)}(?:$|[{_PARTS}])")
    return {"$or": [{"name": pattern}, {"description": pattern}]}


def after_condition(sort: Sort, key: Any, object_id: Any, *, descending: bool) -> Condition:
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


def sortable(sort: Sort) -> Condition:
    """Without lists: an index holds each once per element, so they have no one place in it."""
    return {sort: {"$not": {"$type": "array"}}}


def unsortable(sort: Sort) -> Condition:
    return {sort: {"$type": "array"}}


def all_of(*conditions: Condition) -> Condition:
    parts = [condition for condition in conditions if condition]
    if len(parts) > 1:
        return {"$and": parts}
    return parts[0] if parts else {}
