"""Issues like one, that were solved: by meaning where memory is on, else by words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.support import meaning, states
from devora_admin.support.context import answers, by_words, words
from devora_admin.support.context.impersonal import Whose, rewritten
from devora_admin.support.documents import issues
from devora_admin.support.queries import facts
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
    """Without code, where it is about another project; with nothing of another customer."""
    short: str
    has_less: bool
    """Whether code was left out."""
    is_rewritten: bool
    """Whether what is known of another customer was replaced in it."""


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
    rows = kept[:SHOWN]
    pairs = {(row["user_id"], row["project_id"]) for row in rows}
    if not rows or pairs == {(issue.user_id, issue.project_id)}:
        return tuple(_solved(row, row["resolution"]["text"]) for row in rows)
    known = facts.of_many(pairs | {(issue.user_id, issue.project_id)})

    def whose(number: int, user_id: str, project_id: str) -> Whose:
        return Whose(number, user_id, project_id, known[user_id, project_id])

    ours = whose(issue.number, issue.user_id, issue.project_id)
    return tuple(
        _solved(row, _answer(row, whose(row["number"], row["user_id"], row["project_id"]), ours))
        for row in rows
    )


def _answer(row: Mapping[str, Any], theirs: Whose, ours: Whose) -> str:
    text: str = row["resolution"]["text"]
    if theirs.user_id != ours.user_id:
        return rewritten(answers.without_code(text), theirs=theirs, ours=ours)
    return text if theirs.project_id == ours.project_id else answers.without_code(text)


def _solved(row: Mapping[str, Any], answer: str) -> Solved:
    text = row["resolution"]["text"]
    has_less = answers.LEFT_OUT in answer and answers.LEFT_OUT not in text
    return Solved(
        row["number"],
        row["subject"],
        row.get("resolved_at"),
        answer,
        answers.shortened(answer),
        has_less=has_less,
        is_rewritten=answer not in (text, answers.without_code(text)),
    )
