"""What a search text means for a list of issues: a number, a customer, a project, or words of the
subject or of one message.

Each part comes from an index of its own collection, as ids. Words that very many messages hold
are looked for in the subject, the first and the latest text instead, while walking the list in its
order: a page of those is met soon.
"""

import re
import time
from typing import Any

from bson import Regex
from pymongo.collection import Collection

from devora_admin.core.listing.conditions import words
from devora_admin.projects.queries.names import suggest_projects
from devora_admin.support.documents import issues, messages
from devora_admin.users.queries.owners import suggest_owners

Condition = dict[str, Any]
MOST_GATHERED = 5_000
"""Messages, and subjects, that are named one by one."""
_NAMED = 20
"""Customers and projects whose names begin like the text."""
_NUMBER = re.compile(r"#?(\d{1,15})")
_REMEMBERED, _REMEMBERED_S = 2_000, 600.0
_common: dict[str, float] = {}


def meaning(text: str) -> Condition:
    """Six round trips at most."""
    text = text.strip()
    number = _NUMBER.fullmatch(text)
    if number and text.startswith("#"):
        return {"number": int(number[1])}
    choices: list[Condition] = [{"number": int(number[1])}] if number else []
    choices += [*_of_named(text), *_with_words(text)]
    return {"$or": choices} if choices else {"number": -1}


def is_common(text: str) -> bool:
    """Whether only subjects, first and latest texts were searched for its words."""
    return _common.get(_phrases(text), 0.0) > time.monotonic()


def forget() -> None:
    _common.clear()


def _of_named(text: str) -> list[Condition]:
    customers = [each.id for each in suggest_owners(text, limit=_NAMED)]
    projects = [each.id for each in suggest_projects(text, limit=_NAMED)]
    found: list[Condition] = [{"user_id": {"$in": customers}}] if customers else []
    return found + ([{"project_id": {"$in": projects}}] if projects else [])


def _with_words(text: str) -> list[Condition]:
    phrases = _phrases(text)
    if not phrases:
        return []
    if not is_common(text):
        found = _gathered(issues(), phrases, "_id") | _gathered(messages(), phrases, "issue_id")
        if len(found) <= MOST_GATHERED:
            return [{"_id": {"$in": list(found)}}] if found else []
        _remember(phrases)
    return [{"$and": [_has(word) for word in words(text)]}]


def _phrases(text: str) -> str:
    """All words, for the text index."""
    return " ".join(f'"{word}"' for word in words(text))


def _gathered(collection: Collection[Any], phrases: str, field: str) -> set[str]:
    rows = collection.find({"$text": {"$search": phrases}}, {"_id": 0, field: 1})
    return {row[field] for row in rows.limit(MOST_GATHERED + 1).batch_size(MOST_GATHERED + 1)}


def _has(word: str) -> Condition:
    pattern = Regex(rf"(?i)(?:^|[^\w]){re.escape(word)}(?:$|[^\w])")
    return {"$or": [{field: pattern} for field in ("subject", "first.text", "latest.text")]}


def _remember(phrases: str) -> None:
    if len(_common) >= _REMEMBERED:
        _common.clear()
    _common[phrases] = time.monotonic() + _REMEMBERED_S
