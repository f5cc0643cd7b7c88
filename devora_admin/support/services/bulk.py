"""Changing many issues: jobs with a result each.

Undone from the audit log, so that each issue gets back what it had.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

import pymongo

from devora_admin.core import jobs
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.core.listing.conditions import all_of
from devora_admin.staff import audit, bulk
from devora_admin.support.documents import issues
from devora_admin.support.queries import happened, inbox
from devora_admin.support.queries.inbox import Filters
from devora_admin.support.queries.issue import Issue, issue
from devora_admin.support.services import assigning, macros_in_bulk, texts
from devora_admin.support.services import fields as one
from devora_admin.support.services.changing import Done
from devora_admin.support.services.macros import Applied
from devora_admin.support.subject import KIND

PERMISSION = "issues.work"
_AT_ONCE = 500
_PATIENCE_S = 60.0
"""A job may wait for what a page may not."""


@dataclass(frozen=True, slots=True)
class Action:
    verb: str
    """In the audit log: which field it is."""
    words: str
    """Of the job's title, before the number; {} is what the value is called."""
    check: Callable[[str], str]
    """Of the value given: as it is stored. Raises InvalidInput."""
    change: Callable[[Issue, str, audit.Actor], Done | Applied]
    called: Callable[[str], str] = str
    """The value in words."""


def _tags(found: Issue, tags: set[str], actor: audit.Actor) -> Done:
    return one.set_tags(found.number, tags, seen=found.revision, actor=actor, is_quiet=True)


def _tag(value: str) -> str:
    found = texts.tags([value])
    if not found:
        raise InvalidInput("Give a tag.", field="value")
    return found[0]


def _status(value: str) -> str:
    one.check_status(value)
    return value


def _priority(value: str) -> str:
    inbox.condition_of(Filters(priority=value or "-"))
    return value


def _assignee(value: str) -> str:
    if value:
        assigning.check(value)
    return value


ACTIONS: Mapping[str, Action] = {
    "assign": Action("assignee", "Assign", _assignee, lambda found, value, actor:
        one.set_assignee(found.number, value, seen=found.revision, actor=actor, is_quiet=True)),
    "status": Action("status", "Set the status of", _status, lambda found, value, actor:
        one.set_status(found.number, value, seen=found.revision, actor=actor)),
    "priority": Action("priority", "Set the priority of", _priority, lambda found, value, actor:
        one.set_priority(found.number, value, seen=found.revision, actor=actor)),
    "tag": Action("tags", "Tag", _tag, lambda found, value, actor:
        _tags(found, {*found.tags, value}, actor)),
    "untag": Action("tags", "Remove a tag from", _tag, lambda found, value, actor:
        _tags(found, set(found.tags) - {value}, actor)),
    "macro": Action("macro", "Apply “{}” to", macros_in_bulk.check, macros_in_bulk.change,
        lambda value: macros_in_bulk.chosen(value).name),
}  # fmt: skip


def start(
    action: str,
    value: str,
    chosen: tuple[int, ...] | Filters,
    *,
    total: int | None,
    actor: audit.Actor,
) -> str:
    """Returns the job's id. chosen: numbers, or what all that match are asked by."""
    if action not in ACTIONS:
        raise InvalidInput(f"Choose {', '.join(ACTIONS)}.", field="action")
    params: dict[str, Any] = {"value": ACTIONS[action].check(value)}
    if isinstance(chosen, Filters):
        params["filters"] = asdict(chosen)
    else:
        params["ids"] = list(dict.fromkeys(chosen))
        _check_number(len(params["ids"]))
    number = "" if total is None else f"{total:,} "
    words = ACTIONS[action].words.format(ACTIONS[action].called(params["value"]))
    title = f"{words} {number}issue{'' if total == 1 else 's'}"
    stored = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
    return jobs.enqueue(_kind(action), title=title, actor=stored, params=params, total=total)


def register() -> None:
    """Called once, when the app is ready."""
    for name, action in ACTIONS.items():
        handles = partial(jobs.handles, permission=PERMISSION, unit="issue")
        handles(_kind(name), undone_by=f"{_kind(name)}.undo")(partial(_do, action))
        handles(f"{_kind(name)}.undo")(partial(_undo, action))


def _kind(action: str) -> str:
    return f"issues.{action}"


def _check_number(count: int) -> None:
    if not count:
        raise InvalidInput("Select at least one issue.", field="id")
    if count > bulk.MOST_IDS:
        raise InvalidInput(
            f"Select at most {bulk.MOST_IDS} one by one, or all that match.", field="id"
        )


def _do(action: Action, job: Job) -> Iterator[ItemResult]:
    def to_one(number: str, *, actor: audit.Actor) -> str:
        done = action.change(issue(int(number)), job.params["value"], actor)
        if not done.row_id:
            raise Conflict("It was so already.")
        return f"#{number}"

    return bulk.to_each(_numbers(job), KIND, job, to_one, done=f"issue.{action.verb}")


def _undo(action: Action, job: Job) -> Iterator[ItemResult]:
    return bulk.take_back_each(KIND, job, f"issue.{action.verb}")


def _numbers(job: Job) -> bulk.Subjects:
    """Results name the number alone: a subject is the customer's words."""
    if "filters" in job.params:
        found: Iterator[int] = _matching(_filters(job.params["filters"]), job.cursor or 0)
        for number in found:
            yield str(number), f"#{number}", number
        return
    ids = job.params["ids"]
    for place in range(job.cursor or 0, len(ids)):
        yield str(ids[place]), f"#{ids[place]}", place + 1


def _filters(stored: Mapping[str, Any]) -> Filters:
    known = {field.name for field in fields(Filters)}
    values = {key: value for key, value in stored.items() if key in known}
    values["happened"] = happened.from_stored(values.get("happened", {}))
    opened = happened.Between(stored.get("created_from"), stored.get("created_before"))
    if opened:  # of a job from before there was one name for it
        values["happened"] = replace(values["happened"], opened=opened)
    return Filters(**{**values, "statuses": tuple(values["statuses"])})


def _matching(filters: Filters, after: int) -> Iterator[int]:
    """By number, which no change moves; those merged away have nothing to change."""
    while True:
        with pymongo.timeout(_PATIENCE_S):
            beyond = {"number": {"$gt": after}, "merged_into": None}
            wanted = all_of(inbox.narrowed(filters), beyond)
            cursor = issues().find(wanted, {"_id": 0, "number": 1}).sort("number", 1)
            found = [row["number"] for row in cursor.limit(_AT_ONCE)]
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = found[-1]
