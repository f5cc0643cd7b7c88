"""Issues like one, that were solved: by meaning where memory is on, else by words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.support import meaning, states
from devora_admin.support.context import answers, by_words, words
from devora_admin.support.documents import issues
from devora_admin.support.queries.issue import Issue, row_of
from devora_admin.users.erasing import fence

SHOWN = 5
_LOOKED_AT = 20
_READ = 2_000
"""Characters of what was reported."""
_SOLVED = {
    "status": {"$in": sorted(states.OVER)}, "resolution.text": {"$gt": ""},
    "merged_into": {"$exists": False},
}  # fmt: skip
_FIELDS = {
    "number": 1, "subject": 1, "user_id": 1, "project_id": 1, "resolved_at": 1,
    "resolution.text": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Solved:
    number: int
    subject: str
    resolved_at: datetime | None
    answer: str
    """Without code, where it is about another project."""
    short: str
    has_less: bool
    """Whether code was left out."""


@dataclass(frozen=True, slots=True)
class Similar:
    rows: tuple[Solved, ...]
    how: str
    """meaning or words."""
    why_words: str = ""
    """Why meaning did not tell; "" where it did."""
    is_too_slow: bool = False


def similar(issue: Issue) -> Similar:
    """The most alike first; never one of a customer who was erased or is being erased."""
    row = row_of(issue.number, {"first.text": 1})
    said = str((row.get("first") or {}).get("text", ""))[:_READ]
    found = meaning.find(issue.id, f"{issue.subject}\n\n{said}", limit=_LOOKED_AT)
    if found.issue_ids:
        rows = _by_id(found.issue_ids)
        if shown := _shown(issue, rows):
            return Similar(shown, "meaning")
    why = found.why_not or "nothing is close in meaning"
    ids, is_late = by_words.find(words.telling(issue.subject, said), _SOLVED, limit=_LOOKED_AT)
    shown = _shown(issue, _by_id(ids)) if ids else ()
    return Similar(shown, "words", why, is_too_slow=is_late and not shown)


def _by_id(ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """As they are now, in the order of `ids`."""
    rows = issues().find({"_id": {"$in": list(ids)}, **_SOLVED}, _FIELDS)
    found = {row["_id"]: row for row in rows}
    return [found[each] for each in ids if each in found]


def _shown(issue: Issue, rows: Sequence[Mapping[str, Any]]) -> tuple[Solved, ...]:
    erased = fence.erased_among({row["user_id"] for row in rows})
    kept = [row for row in rows if row["number"] != issue.number and row["user_id"] not in erased]
    return tuple(_solved(issue, row) for row in kept[:SHOWN])


def _solved(issue: Issue, row: Mapping[str, Any]) -> Solved:
    text = row["resolution"]["text"]
    is_own = row["user_id"] == issue.user_id and row["project_id"] == issue.project_id
    answer = text if is_own else answers.without_code(text)
    return Solved(
        row["number"],
        row["subject"],
        row.get("resolved_at"),
        answer,
        answers.shortened(answer),
        has_less=answers.LEFT_OUT in answer and answers.LEFT_OUT not in text,
    )
