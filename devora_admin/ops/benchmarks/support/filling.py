"""A million issues, as the services leave them: some are made by those, the others are like them,
of other customers and times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pymongo
from pymongo.write_concern import WriteConcern

from devora_admin.core import clock, mongo
from devora_admin.core.ids import new_id
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.report import Report
from devora_admin.support import states
from devora_admin.support.documents import COUNTERS, ISSUES, MESSAGES, issues, messages
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import fields, writing
from devora_admin.support.services.opening import NewIssue, open_issue

EACH = 20
_DAYS = 730
"""The issues are as old as that at most."""
_BUSY = 20
"""One customer in so many has ten times as many issues as the others."""
_BATCH = 500
"""Issues written at once, with their messages."""
_STATUSES = {"open": 4, "pending": 3, "on_hold": 1, "resolved": 22, "closed": 70}
"""Of a hundred: most of what there is, is over."""
_SUBJECTS = ("preview", "deploy", "invoice", "password", "domain", "database", "editor", "export")
_TROUBLES = ("stays white", "fails with E_QUOTA", "is slow", "shows an old version", "is empty")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Model:
    """An issue that the services made, with its thread."""

    issue: Row
    messages: Sequence[Row]


def fill(bench: Bench, *, count: int, report: Report) -> None:
    """Brings the number of issues to `count`; makes all anew when there are others."""
    if issues().estimated_document_count() == count:
        return
    report(f"writing {count:,} issues with {EACH} messages each")
    with pymongo.timeout(7200):
        for collection in (issues(), messages()):
            collection.delete_many({})
        models = [_model(bench, *kind) for kind in _kinds()]
        for collection in (issues(), messages()):
            collection.delete_many({})
            collection.drop_indexes()  # to keep them up for each would take most of the time
        _write(models, count, report)
        report("making the indexes")
        mongo.ensure_indexes(only={ISSUES, MESSAGES})
        mongo.database()[COUNTERS].replace_one({"_id": "issues"}, {"last": count + 1}, upsert=True)


def _kinds() -> Iterator[tuple[str, str, bool]]:
    for status in states.STATUSES:
        for priority in states.PRIORITIES:
            for is_assigned in (True, False):
                yield status, priority, is_assigned


def _model(bench: Bench, status: str, priority: str, is_assigned: bool) -> _Model:
    actor = bench.actor
    customer = mongo.database().users.find_one({"id": {"$type": "string"}}) or {}
    new = NewIssue(
        user_id=customer["id"],
        subject="The preview stays white",
        text="Since this morning the preview shows nothing. The console says E_QUOTA.",
        priority=priority,
        tags=["preview"],
        assignee_id=actor.id if is_assigned else "",
    )
    number = open_issue(new, actor=actor).number
    for turn in range(1, EACH):
        if turn % 2:
            text = f"Thank you for telling us. We have looked at step {turn}, please try again."
            writing.reply(number, text, seen=issue(number).sequence, actor=actor)
        else:
            text = f"It is the same after step {turn}: the page is white, on two computers."
            writing.customer_replied(number, text, actor=actor)
    fields.set_status(number, status, seen=issue(number).revision, actor=actor)
    row: Row = issues().find_one({"number": number})  # type: ignore[assignment]  # just made
    return _Model(row, list(messages().find({"issue_id": row["_id"]}).sort("sequence", 1)))


def _write(models: Sequence[_Model], count: int, report: Report) -> None:
    random, now = Random(1), clock.now()
    by_status: dict[str, list[_Model]] = {}
    for each in models:
        by_status.setdefault(each.issue["status"], []).append(each)
    drawn = random.choices(list(_STATUSES), list(_STATUSES.values()), k=count)
    customers = [row["id"] for row in mongo.database().users.find({}, {"id": 1})]
    quick = WriteConcern(w=1)
    into = [each.with_options(write_concern=quick) for each in (issues(), messages())]
    for start in range(0, count, _BATCH):
        made: list[Row] = []
        said: list[Row] = []
        for number in range(start + 1, min(start + _BATCH, count) + 1):
            model = random.choice(by_status[drawn[number - 1]])
            # The later the number, the later it was opened.
            age = timedelta(days=_DAYS * (1 - number / count), seconds=random.random() * 3600)
            own = _like(model, number, customers, random, now - age)
            made.append(own.issue)
            said += own.messages
        for collection, rows in zip(into, (made, said), strict=True):
            collection.insert_many(rows, ordered=False)
        if start % (_BATCH * 100) == 0:
            report(f"{start:,} issues")


def _like(
    model: _Model, number: int, customers: Sequence[str], random: Random, opened_at: datetime
) -> _Model:
    issue_id, by = new_id(), opened_at - model.issue["created_at"]
    row: Row = _later(model.issue, by)
    row |= {
        "_id": issue_id,
        "id": issue_id,
        "number": number,
        "user_id": customers[_customer(len(customers), random)],
        "subject": f"{random.choice(_SUBJECTS).capitalize()} {random.choice(_TROUBLES)}, {number}",
        "tags": [random.choice(_SUBJECTS)],
        "urgency": states.urgency(model.issue["priority"], row["updated_at"]),
    }
    said = [
        {**each, "_id": new_id(), "issue_id": issue_id, "at": each["at"] + by}
        for each in model.messages
    ]
    return _Model(row, said)


def _customer(count: int, random: Random) -> int:
    number = random.randrange(count)
    return number - number % _BUSY if random.random() < 1 / 3 else number


def _later(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, dict):
        return {key: _later(each, by) for key, each in value.items()}
    if isinstance(value, list):
        return [_later(each, by) for each in value]
    return value
