"""The whole of a migration: move until nothing is left to be moved, then verify; or drop.

Every step notes what it did in its own transaction, so a run that was killed is taken up by the
next, and nothing is ever moved twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo, raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.core.ids import new_id
from devora_admin.core.raw_bson import Element
from devora_admin.projects.documents import ARCHIVE, MOVES
from devora_admin.projects.moving import move as moving
from devora_admin.projects.moving import scan
from devora_admin.projects.moving.drop import Dropped, drop
from devora_admin.projects.moving.drop import add as add_dropped
from devora_admin.projects.moving.plan import Left, Move, Plan, Run
from devora_admin.projects.moving.verify import Verified, verify
from devora_admin.staff import audit

MOST_PASSES = 10
"""The platform may push to the old collection as fast as it is emptied."""
NAMED = 5
NO_PROJECT = "It names no project."
MALFORMED = "Its messages are no list."

Phase = Literal["moving", "verifying", "dropping"]
Report = Callable[[Phase, int, int], None]
"""How many documents of about how many were passed."""


@dataclass(slots=True)
class Stays:
    """Documents that stay where they are, for one reason."""

    count: int = 0
    some: list[str] = field(default_factory=list)
    """Their `_id`s."""


@dataclass(slots=True)
class Moved:
    """What a run has moved, or would move."""

    conversations: int = 0
    projects: int = 0
    messages: int = 0
    size_bytes: int = 0
    overflowing: int = 0
    """Projects some of whose messages go into the archive."""
    archived: int = 0
    parts: int = 0
    left: dict[str, Stays] = field(default_factory=dict)
    verified: Verified = field(default_factory=Verified)

    def add(self, move: Move) -> None:
        self.conversations += move.conversations
        self.projects += 1
        self.messages += move.messages
        self.size_bytes += move.size_bytes
        self.overflowing += bool(move.archive)
        self.archived += move.archived
        self.parts += len(move.archive)

    def leave(self, reason: str, keys: Iterable[Any], number: int | None = None) -> None:
        shown = [str(key) for key in keys]
        stays = self.left.setdefault(reason, Stays())
        stays.count += max(1, len(shown)) if number is None else number
        stays.some = [*stays.some, *shown][:NAMED]


def rehearse(*, report: Report) -> Moved:
    """What `migrate` would do now. Writes nothing."""
    found, run = Moved(), Run(new_id(), clock.now())
    _pass(found, lambda ids: moving.rehearse(ids, run), report)
    return found


def migrate(*, report: Report) -> Moved:
    mongo.ensure_indexes(("conversations", ARCHIVE, MOVES))
    found, run = Moved(), Run(new_id(), clock.now())

    def move(ids: tuple[str, ...]) -> moving.Plans:
        is_first = found.conversations == 0
        return moving.move(ids, run, beside=_begin(run) if is_first else _nothing)

    for _ in range(MOST_PASSES):
        before = found.conversations
        found.left = {}  # what stays is met again on every pass
        _pass(found, move, report)
        if found.conversations == before:
            break
    _verify_all(found.verified, report)
    if found.conversations:
        _record("conversations.migrate.end", run.id, _figures(found))
    return found


def drop_all(*, report: Report, is_rehearsal: bool) -> Dropped:
    """Deletes what was moved and verified, and says what stays."""
    found, run = Dropped(), Run(new_id(), clock.now())
    seen, total = 0, scan.count()
    for batch in scan.to_drop():
        if batch.project_ids:
            add_dropped(found, drop(batch.project_ids, is_rehearsal=is_rehearsal))
        seen += batch.seen
        report("dropping", seen, total)
    unnamed, _ = scan.without_project()
    if unnamed:
        found.left["names no project"] += unnamed
    if found.documents and not is_rehearsal:
        figures = {"documents": found.documents, "messages": found.messages}
        _record("conversations.drop", run.id, {**figures, "left": found.left.total()})
    return found


def _pass(found: Moved, work: Callable[[tuple[str, ...]], dict[str, Plan]], report: Report) -> None:
    seen, total = 0, scan.count()
    for batch in scan.to_move():
        if batch.project_ids:
            _count(found, work(batch.project_ids))
        seen += batch.seen
        report("moving", seen, total)
    number, some = scan.without_project()
    if number:
        found.leave(NO_PROJECT, some, number)


def _count(found: Moved, plans: dict[str, Plan]) -> None:
    for each in plans.values():
        if each.malformed:
            found.leave(MALFORMED, _shown(each.malformed))
        if isinstance(each.move, Left):
            found.leave(each.move.reason, _shown(each.move.documents))
        elif each.move is not None:
            found.add(each.move)


def _verify_all(whole: Verified, report: Report) -> None:
    seen, total = 0, scan.count(of_moves=True)
    for batch in scan.to_verify():
        if batch.project_ids:
            found = verify(batch.project_ids)
            whole.conversations += found.conversations
            whole.gone += found.gone
            whole.faults |= found.faults
        seen += batch.seen
        report("verifying", seen, total)


def _shown(keys: Iterable[Element]) -> list[str]:
    return [raw_bson.printable(str(key.decoded())) for key in keys]


def _begin(run: Run) -> moving.Effect:
    """On record with the first project, so that a run that is killed is there too."""

    def begin(session: ClientSession) -> None:
        try:
            audit.find(run.id, session=session)
        except NotFound:
            _record("conversations.migrate", run.id, {}, session, row_id=run.id)

    return begin


def _nothing(session: ClientSession) -> None:
    pass


def _figures(found: Moved) -> dict[str, int]:
    return {
        "conversations": found.conversations,
        "projects": found.projects,
        "messages": found.messages,
        "archived": found.archived,
        "verified": found.verified.conversations,
        "failed": sum(len(each) for each in found.verified.faults.values()),
        "left": sum(each.count for each in found.left.values()),
    }


def _record(
    action: str,
    run_id: str,
    after: dict[str, int],
    session: ClientSession | None = None,
    *,
    row_id: str | None = None,
) -> None:
    audit.record(
        action,
        actor=audit.SYSTEM,
        subject=audit.Subject("conversations", run_id, "Old conversations"),
        after=after,
        session=session,
        row_id=row_id,
    )
