"""A macro for many issues: what it would come to, looked over first, and each of them changed.

One is named by its id and revision, `id:3`: a macro that was changed since it was looked over
changes nothing more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.listing.patience import patience
from devora_admin.staff import audit
from devora_admin.support import variables
from devora_admin.support.documents import issues
from devora_admin.support.mail import notices
from devora_admin.support.queries import facts, inbox
from devora_admin.support.queries import macros as queries
from devora_admin.support.queries.facts import Facts
from devora_admin.support.queries.inbox import Filters
from devora_admin.support.queries.issue import Issue
from devora_admin.support.queries.macros import ME, NOBODY, Macro
from devora_admin.support.services import assigning, macros
from devora_admin.support.services.macros import Applied
from devora_admin.support.subject import KIND

MOST_LOOKED_AT = inbox.MOST_COUNTED
_AT_ONCE = 500
_NO_ISSUE, _MERGED = "There is no such issue", "Merged into another issue"
_OVER, _CLOSED = "Over: snoozing needs an open issue", "Closed: reopen it before you reply"
_OF_NOBODY = "About the platform: nobody would get a reply"
_SO_ALREADY = "As the macro would have it already"
_FIELDS = {
    "_id": 0, "number": 1, "subject": 1, "user_id": 1, "project_id": 1, "status": 1,
    "priority": 1, "assignee_id": 1, "tags": 1, "merged_into": 1, "wake_at": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a macro would come to if it were applied now."""

    macro: Macro
    changed: int
    passed_over: tuple[tuple[str, int], ...]
    """Why, and how many; most first."""
    example: tuple[int, str] | None
    """What it would write in the first issue it changes: its number and the text."""
    is_whole: bool
    """False where more match than are looked at here."""
    tells: bool
    """Whether customers get an e-mail that says no more than that theirs is resolved."""


def named(macro: Macro) -> str:
    return f"{macro.id}:{macro.revision}"


def chosen(value: str) -> Macro:
    """Raises InvalidInput, NotFound, or Conflict for one that was changed since."""
    key, _, revision = value.rpartition(":")
    if not key or not (revision.isascii() and revision.isdigit()):
        raise InvalidInput("Choose a macro.", field="value")
    macro = queries.one(key)
    if str(macro.revision) != revision:
        raise Conflict("This macro was changed meanwhile. Look at what it does now.")
    return macro


def check(value: str) -> str:
    """Raises InvalidInput also for one that nobody could apply."""
    try:
        macro = chosen(value)
    except NotFound as error:
        raise InvalidInput("This macro was deleted. Choose another.", field="value") from error
    if macro.assignee not in ("", ME, NOBODY):
        assigning.check(macro.assignee)
    return value


def change(found: Issue, value: str, actor: audit.Actor) -> Applied:
    """Raises Conflict for what is passed over."""
    if audit.row_of("issue.macro", KIND, str(found.number), request_id=actor.request_id):
        raise Conflict("It was applied already.")  # before a crash: nothing is written twice
    macro = chosen(value)
    try:
        return macros.apply(
            found.number, macro.id, seen=found.sequence, revision=found.revision, actor=actor,
            macro_revision=macro.revision, is_quiet=True,
        )  # fmt: skip
    except InvalidInput as error:
        raise Conflict(error.message) from error


def outlook(macro: Macro, selected: tuple[int, ...] | Filters, *, actor: audit.Actor) -> Outlook:
    """Looks at the first MOST_LOOKED_AT; two round trips for every 500 where it writes."""
    changed, example, over = 0, None, Counter[str]()
    rows = _rows(selected)
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        known = _facts(macro, some)
        for row in some:
            text, reason = _of_one(macro, row, known, actor)
            if reason:
                over[reason] += 1
                continue
            changed += 1
            example = example or (row["number"], text)
    seen = changed + sum(over.values())
    if not isinstance(selected, Filters) and len(selected) > seen:
        over[_NO_ISSUE] = len(selected) - seen
    is_whole = not (isinstance(selected, Filters) and seen == MOST_LOOKED_AT)
    resolves = macro.status == "resolved" and (macro.is_note or not macro.text)
    tells = resolves and bool(settings.PUBLIC_URL) and notices.are_on()
    return Outlook(
        macro, changed, tuple(over.most_common()), example if macro.text else None, is_whole, tells
    )


def _rows(selected: tuple[int, ...] | Filters) -> list[Mapping[str, Any]]:
    """Those merged away are no part of all that match, as for the job."""
    with patience(inbox.TOO_SLOW):
        if isinstance(selected, Filters):
            found = issues().find(
                {"$and": [inbox.narrowed(selected), {"merged_into": None}]}, _FIELDS
            )
        else:
            found = issues().find({"number": {"$in": list(set(selected))}}, _FIELDS)
        return list(found.sort("number", 1).limit(MOST_LOOKED_AT))


def _facts(macro: Macro, rows: Sequence[Mapping[str, Any]]) -> Mapping[tuple[str, str], Facts]:
    """Of customer and project, where the text may name them."""
    if "{{" not in macro.text:
        return {}
    with patience(inbox.TOO_SLOW):
        return facts.of_many({(row["user_id"], row["project_id"]) for row in rows})


def _of_one(
    macro: Macro,
    row: Mapping[str, Any],
    known: Mapping[tuple[str, str], Facts],
    actor: audit.Actor,
) -> tuple[str, str]:
    """What is written in one, and why it is passed over; "" for neither."""
    if "merged_into" in row:
        return "", _MERGED
    try:
        moved = macros.moved(dict(row), macros.plan(macro, dict(row), "", actor))
    except Conflict:
        return "", _OVER
    if not macro.text:
        return "", "" if moved else _SO_ALREADY
    if not macro.is_note and row["status"] == "closed":
        return "", _CLOSED
    if not macro.is_note and not row["user_id"]:
        return "", _OF_NOBODY
    about = known.get((row["user_id"], row["project_id"]), Facts())
    values = facts.values(about, row["number"], row["subject"], actor.label)
    filled = variables.fill(macro.text, values)
    if filled.missing:
        return "", f"Empty for them: {', '.join(filled.missing)}"
    return filled.text, ""
