"""One run: prepares the database, measures, prints, and leaves the data for the next."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.ops import demo
from devora_admin.ops.benchmarks import bench as benches
from devora_admin.ops.benchmarks import (
    conversations,
    customer_page,
    customers,
    editors,
    growth,
    machine,
    opening,
    pages,
    secrets,
    storage,
    stores,
    versions,
    worker,
)
from devora_admin.ops.benchmarks.analytics import suite as analytics
from devora_admin.ops.benchmarks.report import Report, Section, show
from devora_admin.ops.benchmarks.support import suite as support

if TYPE_CHECKING:
    from devora_admin.ops.benchmarks.memory import suite

GROWTH = {"100,000 small": 100_000, "1,000,000 small": 1_000_000}


@dataclass(frozen=True, slots=True)
class Options:
    what: str
    """storage, pages, all, customers, secrets, conversations, worker, versions, memory,
    support or analytics."""
    projects: int = 100_000
    customers: int = 200_000
    """Of the suite named so, which has a database of its own."""
    secrets: int = 100_000
    """Likewise."""
    conversations: int = 100_000
    """Likewise."""
    issues: int = 1_000_000
    """Likewise."""
    events: int = 100_000
    """Of a year, whose charts are read."""
    rounds: int = 300
    seconds: float = 20
    """How long each way of editing over HTTP runs."""
    saves: int = 100_000
    """Of the burst that the worker catches up with."""
    chunks: int = 20_000
    """Of memory, to be searched; so are the next two."""
    functions: int = 2_000
    questions: int = 200
    growth: bool = False
    drop: bool = False

    @property
    def plan(self) -> demo.Plan:
        if self.what == "customers":
            return demo.Plan(projects=min(self.projects, 2000), customers=self.customers)
        if self.what in ("secrets", "conversations", "versions", "memory"):
            return demo.Plan(projects=min(self.projects, 60), small=True)  # without settings
        if self.what in ("support", "analytics"):
            return demo.Plan(projects=min(self.projects, 60), customers=2000, small=True)
        if self.what == "worker":
            return demo.Plan(projects=min(self.projects, worker.PEOPLE + 100))
        return demo.Plan(projects=self.projects)


def run(options: Options, *, write: Report, progress: Report, as_json: bool) -> None:
    """write: gets the figures. progress: what is going on meanwhile."""
    progress(f"preparing {settings.MONGO_DB_NAME}")
    bench = benches.prepare(options.plan, progress)
    found, size = machine.machine(), machine.data()
    if not as_json:
        for line in machine.describe(found, size):
            write(line)
    sections = []
    try:
        for section in _sections(options, bench, progress):
            sections.append(section)
            if not as_json:
                show(section, write)
    finally:
        storage.remove_copies()
        if options.drop:
            _drop(options)
    if as_json:
        told = [section.as_json() for section in sections]
        write(json.dumps({"machine": found, "data": size, "sections": told}, indent=2))


def _sections(options: Options, bench: benches.Bench, progress: Report) -> Iterator[Section]:
    rounds = options.rounds
    if options.what in ("storage", "all"):
        progress("autosave")
        yield storage.autosave(bench, rounds=rounds)
        progress("autosave over HTTP")
        yield editors.editing(bench, seconds=options.seconds)
        progress("stores")
        yield _stores(options)
    if options.what in ("pages", "all"):
        deep = pages.DEEP_PAGE
        progress("pages")
        yield pages.pages(bench, rounds=rounds, deep_page=deep, report=progress)
        yield pages.baselines(rounds=max(3, rounds // 10), deep_page=deep)
        progress("pages over HTTP")
        yield pages.over_http(bench, rounds=max(3, rounds // 3), deep_page=20, report=progress)
        progress("the editor in a browser")
        yield opening.opening(bench, rounds=max(1, rounds // 30))
    if options.what == "customers":
        progress("the customers list")
        yield customers.listing(bench, rounds=rounds, report=progress)
        yield customers.export(bench)
        progress("the page of a customer with very much")
        most = 10 * options.customers
        yield customer_page.page(bench, rounds=rounds, report=progress, most=most)
    if options.what == "secrets":
        yield secrets.rotation(secrets=options.secrets, report=progress)
    if options.what == "conversations":
        yield conversations.migration(conversations=options.conversations, report=progress)
    if options.what == "worker":
        yield from worker.following(seconds=options.seconds, burst=options.saves, report=progress)
    if options.what == "versions":
        yield versions.pages(bench, rounds=rounds, report=progress)
    if options.what == "memory":
        yield from _memory(options, progress)
    if options.what == "support":
        yield from support.sections(bench, issues=options.issues, rounds=rounds, report=progress)
    if options.what == "analytics":
        yield from analytics.sections(
            bench,
            events=options.events,
            rounds=rounds,
            seconds=options.seconds,
            report=progress,
        )
    if options.growth:
        yield _growth(rounds, progress)


def _memory(options: Options, progress: Report) -> Iterator[Section]:
    if not settings.MEMORY_ENABLED:
        yield Section("Memory: not measured", [], notes=["It is off: MEMORY_ENABLED=0."])
        return
    from devora_admin.ops.benchmarks.memory import suite  # needs PostgreSQL's driver

    yield from suite.sections(_sizes(options), progress)


def _sizes(options: Options) -> "suite.Sizes":
    from devora_admin.ops.benchmarks.memory import suite

    return suite.Sizes(options.chunks, options.functions, options.questions)


def _drop(options: Options) -> None:
    benches.drop()
    if options.what == "memory" and settings.MEMORY_ENABLED:
        from devora_admin.ops.benchmarks.memory import suite

        suite.drop(_sizes(options))


def _stores(options: Options) -> Section:
    folder = settings.DATA_DIR / "benchmark"
    try:
        return stores.comparison(
            folder, projects=min(2000, options.projects), rounds=options.rounds
        )
    except EmbeddedStoreError as error:
        return Section("Stores: not compared", [], notes=[str(error)])


def _growth(rounds: int, progress: Report) -> Section:
    databases = {label: f"bench_small_{count}" for label, count in GROWTH.items()}
    sessions = {}
    for label, count in GROWTH.items():
        progress(f"preparing {databases[label]}")
        sessions[label] = _session_in(databases[label], count)
    return growth.growth(databases, sessions, rounds=rounds)


def _session_in(db_name: str, projects: int) -> str:
    """The cookie of a session in another database, which only another process can open."""
    arguments = ["benchmark", "session", "--projects", str(projects), "--database", db_name]
    done = subprocess.run(
        [sys.executable, "-m", "devora_admin", *arguments],
        env={**os.environ, "DB_NAME": db_name},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout.strip()


def session_cookie(projects: int, progress: Report) -> str:
    return benches.prepare(demo.Plan(projects=projects, small=True), progress).session_cookie
