"""Puts demo data into the database: quick for a first look, in bulk for figures."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import pymongo
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError
from pymongo.write_concern import WriteConcern

from devora_admin.core import clock, mongo
from devora_admin.ops.demo import customers as people
from devora_admin.ops.demo import histories, issues
from devora_admin.ops.demo.events import RISES, event, rising
from devora_admin.ops.demo.projects import project

Report = Callable[[str], None]
Document = dict[str, Any]

MARKER = "demo_data"
DUPLICATE_KEY = 11000
DEFAULT_PROJECTS = 400
DEFAULT_SEED = 20
BATCH_BYTES = 4_000_000
REPORT_EVERY_S = 5.0


class NotOurs(Exception):
    """The database holds data that no seeding put there."""


@dataclass(frozen=True, slots=True)
class Plan:
    projects: int = DEFAULT_PROJECTS
    customers: int = 0
    """0: as many as fit the projects."""
    seed: int = DEFAULT_SEED
    small: bool = False

    @property
    def people(self) -> int:
        return self.customers or max(60, self.projects // 10)

    @property
    def events(self) -> int:
        return 0 if self.small else min(self.projects * 10, 50_000)

    @property
    def issues(self) -> int:
        return 0 if self.small else min(self.projects, issues.ISSUES_WANTED)

    @property
    def batch(self) -> int:
        return BATCH_BYTES // (400 if self.small else 12_000)


def seed_if_empty(report: Report) -> bool:
    """The first look: whether demo data was put in, or a run that broke off was finished."""
    plan, marker = Plan(), _marker()
    if marker is None and _is_taken():
        return False
    if marker and (marker["seed"], marker["small"]) != (plan.seed, plan.small):
        return False
    return seed(plan, report=report) > 0


def seed(plan: Plan, *, report: Report, force: bool = False) -> int:
    """Adds what is missing of `plan` and returns how many projects that was.

    Raises NotOurs when the database has customers or projects of another origin, unless `force`.
    """
    marker = _marker()
    if marker is None:
        if _is_taken() and not force:
            raise NotOurs(
                f"The database {mongo.database().name} holds customers or projects that are no "
                "demo data. Choose another DB_NAME, or add --force to put demo data beside them."
            )
        marker = {"seed": plan.seed, "small": plan.small, "until": clock.now()}
        _mark(marker)
    elif (marker["seed"], marker["small"]) != (plan.seed, plan.small) and not force:
        raise NotOurs(
            f"The database {mongo.database().name} was seeded with --seed {marker['seed']}"
            f"{' --small' if marker['small'] else ''}. Use the same, another DB_NAME, or --force."
        )
    return _fill(plan, marker["until"], marker.get("done", {}), report)


def _fill(plan: Plan, until: datetime, done: dict[str, int], report: Report) -> int:
    start = time.perf_counter()
    small = plan.small
    kinds: list[tuple[str, int, Callable[[int], Document]]] = [
        ("users", plan.people, lambda n: people.customer(plan.seed, n, until=until, small=small)),
        (
            "projects",
            plan.projects,
            lambda n: project(plan.seed, n, customers=plan.people, until=until, small=small),
        ),
        ("settings", 0 if small else plan.people, lambda n: people.settings(plan.seed, n)),
        (
            "analytics_events",
            plan.events,
            lambda n: event(
                plan.seed, n, customers=plan.people, projects=plan.projects, until=until
            ),
        ),
    ]
    for collection, wanted, make in kinds:
        _add(collection, range(done.get(collection, 0), wanted), make, plan.batch, report)
    _add_rises(plan, until, done.get("rises", 0))
    _add_histories(plan, until, done.get("histories", 0))
    _add_issues(plan, until, done.get("issues", 0))
    added = max(0, plan.projects - done.get("projects", 0))
    if added:
        report("making indexes")
        mongo.ensure_indexes(only={name for name, _, _ in kinds})
        took_s = time.perf_counter() - start
        report(f"{plan.people:,} customers and {plan.projects:,} projects in {took_s:.1f} s")
    return added


def _add_rises(plan: Plan, until: datetime, start: int) -> None:
    for number in range(start, len(RISES) if plan.events else 0):
        made = rising(plan.seed, number, customers=plan.people, projects=plan.projects, until=until)
        _write(mongo.database()["analytics_events"], made, done=plan.events)
        _mark({"done.rises": number + 1})


def _add_histories(plan: Plan, until: datetime, start: int) -> None:
    if plan.small or start >= min(plan.projects, histories.PROJECTS):
        return
    mongo.ensure_indexes(only={"project_versions", "project_heads", "file_blobs"})
    for number in range(start, min(plan.projects, histories.PROJECTS)):
        made = project(plan.seed, number, customers=plan.people, until=until)
        histories.write_history(plan.seed, number, made, until=until)
        _mark({"done.histories": number + 1})


def _add_issues(plan: Plan, until: datetime, start: int) -> None:
    if start < plan.issues:
        scale = issues.Scale(plan.seed, plan.projects, plan.people, until, plan.issues)
        issues.write_issues(scale, range(start, plan.issues))
        _mark({"done.issues": plan.issues})


def _add(
    collection: str, numbers: range, make: Callable[[int], Document], batch: int, report: Report
) -> None:
    """Makes the next batch while MongoDB writes the one before it."""
    target = mongo.database()[collection].with_options(write_concern=WriteConcern(w=1))
    progress = Progress(collection.replace("_", " "), numbers, report)
    with ThreadPoolExecutor(1) as writer:
        writing: Future[int] | None = None
        for chunk in _chunks(numbers, batch):
            documents = [make(number) for number in chunk]
            if writing:
                progress.at(writing.result())
            writing = writer.submit(_write, target, documents, chunk[-1] + 1)
        if writing:
            progress.at(writing.result())


def _write(target: Collection[Document], documents: list[Document], done: int) -> int:
    with pymongo.timeout(120):
        try:
            target.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            # Part of a batch that an interrupted run had begun.
            if any(fault["code"] != DUPLICATE_KEY for fault in error.details["writeErrors"]):
                raise
        _mark({f"done.{target.name}": done})
    return done


def _chunks(numbers: range, size: int) -> Iterator[list[int]]:
    rest: Iterable[int] = iter(numbers)
    while chunk := list(islice(rest, size)):
        yield chunk


class Progress:
    """Tells every few seconds how far it is, how fast, and how long still."""

    def __init__(self, what: str, numbers: range, report: Report) -> None:
        self.what, self.numbers, self.report = what, numbers, report
        self.start = self.told = time.perf_counter()

    def at(self, done: int) -> None:
        now = time.perf_counter()
        if now - self.told < REPORT_EVERY_S:
            return
        self.told = now
        rate = (done - self.numbers.start) / (now - self.start)
        left_s = (self.numbers.stop - done) / rate
        self.report(
            f"{self.what}: {done:,} of {self.numbers.stop:,}, {rate:,.0f} a second, "
            f"{left_s // 60:.0f} min {left_s % 60:02.0f} s left"
        )


def _marker() -> Document | None:
    found: Document | None = mongo.database()[MARKER].find_one({"_id": "demo"})
    return found


def _mark(values: Document) -> None:
    mongo.database()[MARKER].update_one({"_id": "demo"}, {"$set": values}, upsert=True)


def _is_taken() -> bool:
    db = mongo.database()
    return any(db[name].find_one({}, {"_id": 1}) for name in ("users", "projects"))
