"""Moves the old messages of some projects, in one transaction.

A transaction holds for each project whole or not at all. It takes many small projects at once,
as most of its time is the waiting for the disks of the majority.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pymongo
from bson.raw_bson import RawBSONDocument
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from devora_admin.core import mongo, raw_bson
from devora_admin.core.raw_bson import Element
from devora_admin.projects.documents import archive, moves, projects
from devora_admin.projects.moving import stored
from devora_admin.projects.moving.plan import Left, Move, Plan, Run, plan
from devora_admin.projects.moving.stored import Stored, StoredProject

PATIENCE_S = 60.0
_MOST_ATTEMPTS = 3
Plans = dict[str, Plan]
Effect = Callable[[ClientSession], None]
BUSY = "Its project was written to all the time. Run this again."
TOO_LARGE = "It does not fit into its project."


class _Contended(Exception):
    """Somebody writes to one of the projects whenever all of them are to be written."""


def move(project_ids: Sequence[str], run: Run, *, beside: Effect) -> Plans:
    """What was done, by project. beside: what else to write where anything is moved."""

    attempts = count(1)

    def work(session: ClientSession) -> Plans:
        if next(attempts) > _MOST_ATTEMPTS and len(project_ids) > 1:
            raise _Contended
        plans = planned(project_ids, run, session=session)
        if any(isinstance(each.move, Move) for each in plans.values()):
            beside(session)
            _write(plans, session)
        return plans

    try:
        return mongo.run_in_transaction(work, patience_s=PATIENCE_S)
    except _Contended:
        pass
    except PyMongoError as error:
        if len(project_ids) == 1:
            return {project_ids[0]: Plan(Left(_why(error), ()))}
        if mongo.is_connection_lost(error) and not mongo.answers():
            raise
    # One of them is written to all the time, or does not fit: the others need not wait for it.
    half = len(project_ids) // 2
    halves = (project_ids[:half], project_ids[half:])
    return {key: each for ids in halves for key, each in move(ids, run, beside=beside).items()}


def _why(error: PyMongoError) -> str:
    """Raises the error again when it is no reason for this project alone."""
    if mongo.is_too_large(error):
        return TOO_LARGE
    if error.has_error_label("TransientTransactionError") or (error.timeout and mongo.answers()):
        return BUSY
    raise error


def rehearse(project_ids: Sequence[str], run: Run) -> Plans:
    """What `move` would do now."""
    with pymongo.timeout(PATIENCE_S), mongo.one_moment() as session:
        return planned(project_ids, run, session=session)


def planned(project_ids: Sequence[str], run: Run, *, session: ClientSession) -> Plans:
    found = stored.read(project_ids, session=session)
    return {one: _plan(one, found, run, session) for one in project_ids}


def _plan(project_id: str, found: Stored, run: Run, session: ClientSession) -> Plan:
    named = found.projects.get(project_id, [])

    def history() -> list[Element]:
        return stored.history_of(named[0], session=session)

    return plan(
        named, found.old.get(project_id, []), run, history, is_first=project_id not in found.moved
    )


def _write(plans: Plans, session: ClientSession) -> None:
    todo = [each.move for each in plans.values() if isinstance(each.move, Move)]
    updates = [
        UpdateOne(_this(each.project), each.history) for each in todo if each.history is not None
    ]
    if updates:
        done = _raw(projects()).bulk_write(updates, ordered=False, session=session)
        if done.matched_count != len(updates):
            raise RuntimeError("a snapshot lost a project")
    for part in (part for each in todo for part in each.archive):
        archive().with_options(codec_options=raw_bson.RAW).insert_one(part, session=session)
    if new := [note for each in todo for note in each.new]:
        _raw(moves()).insert_many(new, ordered=False, session=session)
    for this, change in (pair for each in todo for pair in each.again):
        if not _raw(moves()).update_one(this, change, session=session).matched_count:
            raise RuntimeError("a snapshot lost the note of a move")


def _this(project: StoredProject) -> RawBSONDocument:
    """The owner is part of the condition: it is the shard key."""
    owner = {"user_id": project.user_id} if project.user_id else {}
    return raw_bson.document(_id=project.key, **owner)


def _raw(collection: Any) -> Any:
    return collection.with_options(codec_options=raw_bson.RAW)
