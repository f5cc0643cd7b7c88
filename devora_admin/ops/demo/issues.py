"""Demo issues with their threads, as the services of support write them."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pymongo

from devora_admin.core import mongo
from devora_admin.ops.demo import histories
from devora_admin.ops.demo.customers import Document, random_of
from devora_admin.ops.demo.histories import Past
from devora_admin.ops.demo.issue_words import COLLEAGUES, SPIKE, STORIES, THANKS, Story
from devora_admin.ops.demo.projects import head
from devora_admin.staff.documents import STAFF
from devora_admin.staff.models import StaffUser
from devora_admin.support import states
from devora_admin.support.documents import COUNTERS, ISSUES, MESSAGES
from devora_admin.support.services.messages import REMEMBERED, remembered
from devora_admin.support.sla import pauses, stamping
from devora_admin.support.sla.policy import DEFAULT

ISSUES_WANTED = 400
DAYS = 60
_STATUSES = (
    *("open",) * 5, *("pending",) * 4, *("on_hold",) * 1, *("resolved",) * 6, *("closed",) * 8,
)  # fmt: skip
_PRIORITIES = (*("low",) * 2, *("normal",) * 8, *("high",) * 3, "urgent")
_SOURCES = (*("api",) * 7, *("staff",) * 3)
_AT_ONCE = 100

Person = dict[str, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """Of the demo data that the issues are about."""

    seed: int
    projects: int
    customers: int
    until: datetime
    issues: int = ISSUES_WANTED


def write_issues(scale: Scale, numbers: range) -> None:
    """Number 0 is the oldest; those that are there already are left as they are."""
    mongo.ensure_indexes(only={ISSUES, MESSAGES, COUNTERS})
    people, past = colleagues(), _pasts(scale)
    for first in range(numbers.start, numbers.stop, _AT_ONCE):
        made = [
            issue(scale, number, people, past)
            for number in range(first, min(first + _AT_ONCE, numbers.stop))
        ]
        _keep(made)


def _keep(made: list[tuple[Document, list[Document]]]) -> None:
    """Numbers go on behind what is there, in one transaction with the issues."""
    db = mongo.database()
    ids = [row["_id"] for row, _ in made]
    known = {row["_id"] for row in db[ISSUES].find({"_id": {"$in": ids}}, {"_id": 1})}
    fresh = [(row, said) for row, said in made if row["_id"] not in known]
    if not fresh:
        return
    counted = db[COUNTERS].find_one_and_update(
        {"_id": "issues"}, {"$inc": {"last": len(fresh)}}, upsert=True
    )
    last = int(counted["last"]) if counted else 0
    for place, (row, _) in enumerate(fresh, start=last + 1):
        row["number"] = place

    def write(session: Any) -> None:
        db[ISSUES].insert_many([row for row, _ in fresh], session=session)
        db[MESSAGES].insert_many([each for _, said in fresh for each in said], session=session)

    with pymongo.timeout(60):
        mongo.run_in_transaction(write)


def colleagues() -> list[Person]:
    """Accounts that cannot sign in, made where there are accounts at all."""
    if STAFF not in mongo.database().list_collection_names():
        return [{"id": "", "name": name} for _, name in COLLEAGUES]
    found = []
    for email, name in COLLEAGUES:
        person = StaffUser.objects.filter(email=email).first()
        if person is None:
            person = StaffUser(email=email, name=name, role="support")
            person.set_unusable_password()
            person.save()
        found.append({"id": str(person.pk), "name": person.label})
    return found


def _pasts(scale: Scale) -> list[Past]:
    """Of the projects that have one: what an issue can be pinned to."""
    numbers = range(min(scale.projects, histories.PROJECTS))
    return histories.pasts({_head(scale, number)["id"]: number for number in numbers})


def _head(scale: Scale, number: int) -> Document:
    return head(scale.seed, number, customers=scale.customers, until=scale.until)


def issue(
    scale: Scale, number: int, people: list[Person], past: Sequence[Past] = ()
) -> tuple[Document, list[Document]]:
    """past: of projects with versions, which more issues are about than their share."""
    random = random_of(scale.seed, "issue", number)
    about = _head(scale, random.randrange(max(1, scale.projects)))
    story, worker = random.choice(STORIES), random.choice(people)
    opened_at = _opened_at(random, number, scale)
    pinned = _pinned(random, past, opened_at) if story.about_project else None
    if pinned is not None:
        about = _head(scale, pinned.number)
    opened_at = max(opened_at, about["created_at"])
    status, source = _state(random, opened_at, scale.until), random.choice(_SOURCES)
    issue_id = uuid.UUID(int=random.getrandbits(128), version=4).hex
    name = about["name"]
    said = list(_thread(random, story, status, worker, name))
    if status == "open" and random.random() < 0.06:
        source, said = (
            "spike",
            [("note", SPIKE.format(count=random.randint(40, 900), project=name))],
        )
    times = _times(random, opened_at, scale.until, len(said))
    thread = [
        _message(random, issue_id, place, kind, text, worker, at)
        for place, ((kind, text), at) in enumerate(zip(said, times, strict=True), start=1)
    ]
    has_project = story.about_project or source == "spike"
    row = {
        **_fields(random, issue_id, about if has_project else None, story, status, source),
        "pinned": _at(pinned, opened_at),
        "user_id": about["user_id"],
        "subject": f"Errors in {name}" if source == "spike" else random.choice(story.subjects),
        "assignee_id": _assignee(random, status, said, worker),
        **_remembered(thread, story, status),
        "created_at": thread[0]["at"],
        "updated_at": thread[-1]["at"],
        "changed_at": thread[-1]["at"],
        "sequence": len(thread),
        "revision": len(thread),
    }
    row["urgency"] = states.urgency(row["priority"], row["updated_at"])
    return row | _promised(row, scale.until), thread


def _promised(row: Document, until: datetime) -> Document:
    """The clock of what is promised by default; who waits, waits since the last message."""
    spans = pauses.moved((), pauses.kind_of(row["status"]), at=row["updated_at"])
    put = stamping.stamp(row, spans, DEFAULT, now=row.get("resolved_at", until))
    return {key: value for key, value in put.items() if value is not None}


def _fields(
    random: Random, issue_id: str, about: Document | None, story: Story, status: str, source: str
) -> Document:
    client = {"client_id": "demo"} if source == "api" else {}
    finger = {"fingerprint": f"demo:{issue_id}"} if source == "spike" else {}
    return {
        "_id": issue_id,
        "id": issue_id,
        "project_id": about["id"] if about else "",
        **({"project_type": about["project_type"]} if about else {}),
        "status": status,
        "priority": random.choice(_PRIORITIES),
        "tags": sorted(random.sample(story.tags, random.randint(0, len(story.tags)))),
        "watchers": [],
        "links": [],
        "source": {"kind": source, **client, **finger},
        "touched": {},
    }


def _pinned(random: Random, past: Sequence[Past], at: datetime) -> Past | None:
    """One that had a version by then, and another since."""
    found = [each for each in past if each.versions[0][2] < at < each.versions[-1][2]]
    return random.choice(found) if found and random.random() < 0.6 else None


def _at(past: Past | None, at: datetime) -> Document:
    if past is None:
        return {"revision": None, "version": None, "turn": None}
    number, turns, _ = [each for each in past.versions if each[2] < at][-1]
    return {"revision": None, "version": number, "turn": turns - 1 if turns else None}


def _opened_at(random: Random, number: int, scale: Scale) -> datetime:
    """Spread evenly, the first is the oldest."""
    age = timedelta(days=DAYS) * (1 - (number + random.random()) / scale.issues)
    found = scale.until - age
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _state(random: Random, opened_at: datetime, until: datetime) -> str:
    """What is old is mostly over, and what is new mostly is not."""
    if until - opened_at > timedelta(days=14):
        return random.choice(("resolved", "closed", "closed", "closed", "pending", "on_hold"))
    return random.choice(_STATUSES if until - opened_at > timedelta(days=3) else _STATUSES[:10])


def _thread(
    random: Random, story: Story, status: str, worker: Person, project: str
) -> Iterator[tuple[str, str]]:
    yield "customer", story.asked.format(project=project)
    if status == "open" and random.random() < 0.4:
        return
    if random.random() < 0.5:
        yield "note", story.note
    yield "reply", story.replied
    if status in ("pending", "on_hold") and random.random() < 0.5:
        return
    yield "customer", story.told
    if status == "open":
        return
    yield "reply", story.solved
    if status in states.OVER and random.random() < 0.6:
        yield "customer", random.choice(THANKS)
        yield "reply", "You are welcome. Write here if it comes back."


def _times(random: Random, start: datetime, until: datetime, count: int) -> list[datetime]:
    """In order, each some hours after the one before, and none in the future."""
    left = max((until - start).total_seconds(), count)
    steps = [min(random.expovariate(1 / 14_000), left / count) for _ in range(count)]
    found, at = [], start
    for step in [0.0, *steps[1:]]:
        at += timedelta(milliseconds=int(step * 1000) + 1)
        found.append(at)
    return found


def _message(
    random: Random, issue_id: str, place: int, kind: str, text: str, worker: Person, at: datetime
) -> Document:
    return {
        "_id": uuid.UUID(int=random.getrandbits(128), version=4).hex,
        "issue_id": issue_id,
        "sequence": place,
        "kind": kind,
        "text": text,
        "author": None if kind == "customer" else dict(worker),
        "at": at,
    }


def _assignee(random: Random, status: str, said: list[tuple[str, str]], worker: Person) -> str:
    is_new = status == "open" and len(said) == 1
    return "" if is_new and random.random() < 0.8 else worker["id"]


def _remembered(thread: list[Document], story: Story, status: str) -> Document:
    found: Document = {}
    told = [each for each in thread if each["kind"] in REMEMBERED]
    replies = [each for each in thread if each["kind"] == "reply"]
    if told and told[0]["sequence"] == 1:
        found["first"] = remembered(told[0])
    if len(told) > 1:
        found["latest"] = remembered(told[-1])
    if replies:
        found["first_replied_at"] = replies[0]["at"]
    if status in states.OVER:
        found["resolved_at"] = thread[-1]["at"]
        found["resolution"] = {"text": story.solved, "at": thread[-1]["at"]}
    return found
