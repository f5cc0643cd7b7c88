"""What a search text means for a list of issues: a number, a customer, a project, or words of the
subject, of one message or of how the issue was resolved.

Each part comes from an index of its own collection, as ids. Words that very many messages hold
are looked for in the issue itself instead (its subject, its first and latest text and its
resolution), while walking the list in its order: a page of those is met soon.
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
"""Messages, and issues by their own texts, that are named one by one."""
_NAMED = 20
"""Customers and projects whose names begin like the text."""
_NUMBER = re.compile(r"#?(\d{1,15})")
_OF_ISSUES = ("subject", "first.text", "latest.text", "resolution.text")
"""Of the text index of issues."""
_WORDS_TRIED = 2
_REMEMBERED, _REMEMBERED_S = 2_000, 600.0
_common: dict[str, float] = {}


def meaning(text: str) -> Condition:
    """As one condition. Six round trips, and two more where the first word is too common."""
    text = text.strip()
    number = _NUMBER.fullmatch(text)
    if number and text.startswith("#"):
        return {"number": int(number[1])}
    choices: list[Condition] = [{"number": int(number[1])}] if number else []
    choices += [*_of_named(text), *_with_words(text)]
    return {"$or": choices} if choices else {"number": -1}


def is_common(text: str) -> bool:
    """Whether only what issues themselves hold was searched for its words: subjects, first and
    latest texts, resolutions."""
    wanted = words(text)
    return bool(wanted) and not _promising(wanted)


def forget() -> None:
    _common.clear()


def _of_named(text: str) -> list[Condition]:
    customers = [each.id for each in suggest_owners(text, limit=_NAMED)]
    projects = [each.id for each in suggest_projects(text, limit=_NAMED)]
    found: list[Condition] = [{"user_id": {"$in": customers}}] if customers else []
    return found + ([{"project_id": {"$in": projects}}] if projects else [])


def _with_words(text: str) -> list[Condition]:
    """By the first of its words that is rare enough to be gathered."""
    wanted = words(text)
    for word in _promising(wanted):
        others = [each for each in wanted if each != word]
        subjects = _gathered(issues(), _OF_ISSUES, "_id", word, others)
        said = _gathered(messages(), ("text",), "issue_id", word, others)
        if subjects is not None and said is not None:
            found = list(subjects | said)
            return [{"_id": {"$in": found}}] if found else []
        _remember(word)
    return [{"$and": [_has(each, _OF_ISSUES) for each in wanted]}] if wanted else []


def _promising(wanted: list[str]) -> list[str]:
    now = time.monotonic()
    return [word for word in wanted[:_WORDS_TRIED] if _common.get(word.lower(), 0.0) < now]


def _gathered(
    collection: Collection[Any], fields: tuple[str, ...], key: str, word: str, others: list[str]
) -> set[str] | None:
    """Ids of issues; None when too many hold the word. As many documents are read at most.

    fields: those of the collection's text index, where the other words may stand.
    """
    (row,) = collection.aggregate([
        {"$match": {"$text": {"$search": f'"{word}"'}}},
        {"$limit": MOST_GATHERED + 1},
        {"$facet": {
            "candidates": [{"$count": "number"}],
            "rows": [
                *({"$match": _has(each, fields)} for each in others),
                {"$group": {"_id": f"${key}"}},
            ],
        }},
    ])  # fmt: skip
    if row["candidates"] and row["candidates"][0]["number"] > MOST_GATHERED:
        return None
    return {each["_id"] for each in row["rows"]}


def _pattern(word: str) -> Regex[str]:
    return Regex(rf"(?i)(?:^|[^\w]){re.escape(word)}(?:$|[^\w])")


def _has(word: str, fields: tuple[str, ...]) -> Condition:
    pattern = _pattern(word)
    return {"$or": [{field: pattern} for field in fields]}


def _remember(word: str) -> None:
    if len(_common) >= _REMEMBERED:
        _common.clear()
    _common[word.lower()] = time.monotonic() + _REMEMBERED_S
