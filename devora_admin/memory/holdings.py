"""What memory holds about a customer, in both stores."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from bson import json_util
from pymongo.client_session import ClientSession

from devora_admin.core import jobs
from devora_admin.memory import gate
from devora_admin.memory.documents import CHECKS, DECISIONS, NOTES, QUEUE, decisions, notes
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.indexing import queue
from devora_admin.memory.indexing.sources import EVERYTHING_OF
from devora_admin.users import holdings, ownership
from devora_admin.users.holdings import Entry, Holding, Marks, Step
from devora_admin.users.ownership import Owned

_AWAY = (MemoryUnavailable, MemoryTooSlow)
_AGAIN_AFTER_S = 10.0
_EXPORT_AGAIN_AFTER_S = 60.0
"""Longer, as it begins anew each time."""
_A_PAGE_S = 0.8
"""Who decides about an erasure is shown what there is."""


def register() -> None:
    """Called once, when the app is ready."""
    ownership.register(Owned("memory_notes", "remembered messages", NOTES))
    ownership.register(
        Owned("memory_decisions", "decisions about memory", DECISIONS, moved=_decisions_moved)
    )
    holdings.register(
        Holding(
            "memory", "What the AI remembers", holdings.BUILT, (NOTES, DECISIONS),
            count=_count,
            export=_export,
            erase=_erase,
            verdict=dict.fromkeys((NOTES, DECISIONS), holdings.owned_by("user_id")),
            find_elsewhere=_left,
        )
    )  # fmt: skip
    holdings.nothing_in(CHECKS, "how far the check of memory is, and what it counted")
    holdings.nothing_in(QUEUE, "keys of documents that changed, gone once memory has read them")


def _decisions_moved(user_ids: Iterable[str], session: ClientSession) -> None:
    """What moved before them was read without them, and what stays was read with them."""
    queue.mark(((EVERYTHING_OF, each) for each in user_ids), session=session)


def _decided(marks: Marks) -> dict[str, Any]:
    return {"user_id": holdings.one_of(marks.ids)}


def _own(marks: Marks) -> dict[str, Any]:
    ids, projects = holdings.one_of(marks.ids), holdings.one_of(marks.project_ids)
    return {"$or": [{"user_id": ids}, {"project_id": projects}]}


def _count(marks: Marks) -> int:
    noted = holdings.count(notes(), _own(marks)) + holdings.count(decisions(), _decided(marks))
    if not gate.is_on():
        return noted
    from devora_admin.memory import erasing

    try:
        return noted + erasing.left(marks.ids, marks.project_ids, within_s=_A_PAGE_S)
    except _AWAY:
        return noted


def _left(marks: Marks) -> int:
    if not gate.is_on():
        return 0
    from devora_admin.memory import erasing

    try:
        return erasing.left(marks.ids, marks.project_ids)
    except _AWAY as error:
        raise jobs.NotNow(
            "Memory is not answering; what it holds is erased once it is back.",
            wait_s=_AGAIN_AFTER_S,
        ) from error


def _erase(marks: Marks) -> Iterator[Step]:
    if gate.is_on():
        yield from _erase_postgres(marks)
    yield from holdings.batches(notes(), _own(marks))
    yield from holdings.batches(decisions(), _decided(marks))


def _erase_postgres(marks: Marks) -> Iterator[Step]:
    """While PostgreSQL is away, what is elsewhere is erased; the end waits for `_left`."""
    from devora_admin.memory import erasing

    with contextlib.suppress(*_AWAY):
        erasing.fence_off(marks.ids)
        while True:
            erased = erasing.erase_some(marks.ids, marks.project_ids)
            if not erased and erasing.close(marks.ids, marks.project_ids):
                return
            # Done already; the transaction it is called in counts it.
            yield lambda session, erased=erased: erased  # type: ignore[misc]


def _export(marks: Marks) -> Iterator[Entry]:
    yield Entry("memory/notes.jsonl", _noted(marks))
    yield Entry("memory/decisions.jsonl", _decisions(marks))
    if not gate.is_on():
        return
    from devora_admin.memory import exporting

    for path, lines in exporting.tables(marks.ids):
        yield Entry(f"memory/{path}", _whole(lines))


def _whole(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Raises jobs.NotNow, as a copy that lacks something must not look like one that is whole."""
    try:
        yield from lines
    except _AWAY as error:
        raise jobs.NotNow(
            "Memory is not answering; the copy is made once it is back.",
            wait_s=_EXPORT_AGAIN_AFTER_S,
        ) from error


def _noted(marks: Marks) -> Iterator[bytes]:
    for row in notes().find(_own(marks), {"_id": 0, "id": 0}).sort("_id", 1):
        yield json.dumps(row, default=json_util.default, ensure_ascii=False).encode() + b"\n"


def _decisions(marks: Marks) -> Iterator[bytes]:
    """Which member of staff it was is not the customer's to know."""
    for row in decisions().find(_decided(marks), {"_id": 0, "by": 0}).sort("at", 1):
        yield json.dumps(row, default=json_util.default, ensure_ascii=False).encode() + b"\n"
