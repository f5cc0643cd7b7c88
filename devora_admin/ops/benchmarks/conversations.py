"""Moving the deprecated collection of conversations, verifying and dropping it."""

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pymongo

from devora_admin.core import mongo
from devora_admin.ops.benchmarks.report import Report, Section
from devora_admin.projects.moving.run import drop_all, migrate, rehearse

MESSAGES = 20
_BATCH = 2000
_AT = datetime(2025, 6, 1, tzinfo=UTC)
T = TypeVar("T")


def migration(*, conversations: int, report: Report) -> Section:
    """conversations: how many there are, one to a project, of 20 small messages each."""
    report(f"writing {conversations:,} old conversations")
    _write(conversations)
    notes = []

    def timed(name: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        done = work()
        took_s = time.perf_counter() - start
        notes.append(
            f"{conversations:,} old conversations {name}: {took_s:.1f} s, "
            f"{conversations / took_s:,.0f} a second"
        )
        report(notes[-1])
        return done

    timed("rehearsed", lambda: rehearse(report=_quiet))
    moved = timed("moved and verified", lambda: migrate(report=_quiet))
    assert moved.conversations == moved.verified.conversations == conversations, moved
    dropped = timed("compared once more and dropped", lambda: _dropped())
    assert dropped == conversations, dropped
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    notes.append(f"The process took {peak_mb:,.0f} MB at most.")
    _remove()
    return Section("Old conversations", [], notes=notes)


def _dropped() -> int:
    return drop_all(report=_quiet, is_rehearsal=False).documents


def _quiet(phase: str, seen: int, total: int) -> None:
    pass


def _write(conversations: int) -> None:
    _remove()
    db = mongo.database()
    with pymongo.timeout(600):
        for start in range(0, conversations, _BATCH):
            numbers = range(start, min(start + _BATCH, conversations))
            db.projects.insert_many([_project(number) for number in numbers])
            db.conversations.insert_many([_conversation(number) for number in numbers])


def _remove() -> None:
    db, ours = mongo.database(), {"$regex": "^bench-talk-"}
    with pymongo.timeout(600):
        db.projects.delete_many({"id": ours})
        for name in ("conversations", "conversation_moves", "conversation_archive"):
            db[name].delete_many({"project_id": ours})


def _project(number: int) -> dict[str, object]:
    return {
        "id": f"bench-talk-{number}",
        "user_id": f"bench-{number % 1000}",
        "name": f"Project {number}",
        "project_type": "saas",
        "files": [{"name": "app/page.tsx", "content": "export default 1;\n" * 50}],
        "metadata": {},
        "conversation_history": [_message(at) for at in range(MESSAGES, MESSAGES + 4)],
        "created_at": _AT,
        "updated_at": _AT,
    }


def _conversation(number: int) -> dict[str, object]:
    return {
        "user_id": f"bench-{number % 1000}",
        "project_id": f"bench-talk-{number}",
        "messages": [_message(at) for at in range(MESSAGES)],
    }


def _message(at: int) -> dict[str, object]:
    text = f"Please make the header of page {at} blue and move the button to the right. "
    return {"role": ("user", "assistant")[at % 2], "content": text * 2, "timestamp": _AT}
