"""The worker beside people who edit: how far behind it is, how much it holds, and whether anything
is lost after a burst. All on one machine: MongoDB, the saves and the worker share its cores.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pymongo
from pymongo import UpdateOne

from devora_admin.core import clock, mongo
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.report import Figure, Ratio, Report, Section, Target
from devora_admin.versions.documents import BLOBS, HEADS, VERSIONS, heads, versions
from devora_admin.worker.documents import DEAD_LETTERS, WORKER_STATE

PEOPLE = 1000
WANTED_RATE = 500
RATES = (WANTED_RATE, 750, 1000, 1500)
MOST_LAG_MS = 2000
TARGET = Target(p95_ms=MOST_LAG_MS)
_THREADS = 8
_LOOK_EVERY_S = 0.1
_PATIENCE_S = 600.0
_KEPT = (VERSIONS, HEADS, BLOBS)


def following(*, seconds: float, burst: int, report: Report) -> Iterator[Section]:
    """seconds: how long each rate is kept up. burst: saves made while no worker runs."""
    _forget()
    projects = _projects()
    with working():
        report("the first look at every project")
        yield _baseline(len(projects))
        yield _rates(projects, seconds=seconds, report=report)
    report(f"a burst of {burst:,} saves")
    yield _burst(projects, burst)
    report("what many versions take")
    yield _storage(saves=min(1000, burst))


@contextmanager
def working() -> Iterator[None]:
    command = [sys.executable, "-m", "devora_admin", "worker", "--verbosity", "0"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()


def _forget() -> None:
    """What an earlier run left: the first look is part of what is measured."""
    for name in (*_KEPT, WORKER_STATE, DEAD_LETTERS):
        mongo.database().drop_collection(name)
    mongo.ensure_indexes()


@dataclass(slots=True)
class _Project:
    key: Any
    content: str
    revision: int


def _projects() -> list[_Project]:
    """Sound ones, whose first file is saved again and again."""
    text = {"$type": "string"}
    sound = {"files.0.content": text, "conversation_history.0.role": text}
    fields = {"files": {"$slice": 1}, "revision": 1}
    found = mongo.database().projects.find(sound, fields).limit(PEOPLE)
    return [
        _Project(row["_id"], row["files"][0]["content"], row.get("revision") or 0) for row in found
    ]


def _baseline(projects: int) -> Section:
    start = time.perf_counter()
    _until(lambda: _state().get("caught_up_at"))
    took_s = time.perf_counter() - start
    total = mongo.database().projects.estimated_document_count()
    return Section(
        "The first look at every project", [],
        notes=[f"{total:,} projects in {took_s:.1f} s, the worker's own start included."],
    )  # fmt: skip


def _state() -> dict[str, Any]:
    return mongo.database()[WORKER_STATE].find_one({"_id": "versions"}) or {}


def _until(condition: Any) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("the worker did not get there")
        time.sleep(_LOOK_EVERY_S)


def _rates(projects: Sequence[_Project], *, seconds: float, report: Report) -> Section:
    figures, notes, held = [], [], 0.0
    for rate in RATES:
        report(f"{rate:,} saves a second for {seconds:g} s")
        run = _Run(projects, rate=rate, seconds=seconds)
        run.go()
        sample = Sample.of([each * 1000 for each in run.lags_s])
        target = TARGET if rate == WANTED_RATE else None
        figures.append(Figure(f"{rate:,} saves a second wanted", sample, target))
        kept_up = run.made / run.took_s
        notes.append(f"{rate:,} wanted: {kept_up:,.0f} a second made, {run.made:,} in all.")
        if sample.p95 <= MOST_LAG_MS:
            held = max(held, kept_up)
    notes.append(f"Highest rate with p95 below {MOST_LAG_MS:,} ms: {held:,.0f} a second.")
    return Section(f"From a save to its version, {len(projects):,} people (ms)", figures, [], notes)


@dataclass
class _Run:
    """Saves at a fixed rate, whether or not those before are done; and when each was seen."""

    projects: Sequence[_Project]
    rate: float
    seconds: float
    made: int = 0
    took_s: float = 0.0
    lags_s: list[float] = field(default_factory=list)
    _pending: dict[Any, list[tuple[int, float]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _saved: threading.Event = field(default_factory=threading.Event)

    def go(self) -> None:
        watcher = threading.Thread(target=self._watch)
        savers = [threading.Thread(target=self._save, args=(n,)) for n in range(_THREADS)]
        start = time.perf_counter()
        for thread in (watcher, *savers):
            thread.start()
        for thread in savers:
            thread.join()
        self.took_s = time.perf_counter() - start
        self._saved.set()
        watcher.join()

    def _save(self, number: int) -> None:
        mine = self.projects[number::_THREADS]
        start = time.perf_counter()
        for count in range(int(self.rate * self.seconds / _THREADS)):
            due = start + (count + number / _THREADS) * _THREADS / self.rate
            if (wait_s := due - time.perf_counter()) > 0:
                time.sleep(wait_s)
            project = mine[count % len(mine)]
            project.revision += 1
            mongo.database().projects.update_one({"_id": project.key}, _change(project))
            with self._lock:
                self.made += 1
                seen = self._pending.setdefault(project.key, [])
                seen.append((project.revision, time.perf_counter()))

    def _watch(self) -> None:
        end = time.monotonic() + self.seconds * 3 + 60
        while not (self._saved.is_set() and not self._pending) and time.monotonic() < end:
            time.sleep(_LOOK_EVERY_S)
            with self._lock:
                waiting = list(self._pending)
            found = heads().find({"_id": {"$in": waiting}}, {"state.revision": 1})
            self._note({row["_id"]: row["state"]["revision"] for row in found})
        if self._pending:
            raise RuntimeError("saves were not seen in time")

    def _note(self, revisions: dict[Any, int]) -> None:
        now = time.perf_counter()
        with self._lock:
            for key, revision in revisions.items():
                seen = [at for wanted, at in self._pending[key] if wanted <= revision]
                self.lags_s += [now - at for at in seen]
                del self._pending[key][: len(seen)]
                if not self._pending[key]:
                    del self._pending[key]


def _change(project: _Project) -> dict[str, Any]:
    now = clock.now()
    by = {"kind": "staff", "id": "benchmark", "why": "project.file.edit", "at": now}
    content = f"{project.content}\n// {project.revision}\n"
    return {
        "$set": {
            "files.0.content": content, "updated_at": now, "revision": project.revision,
            "edited_by": {**by, "revision": project.revision},
        }
    }  # fmt: skip


def _burst(projects: Sequence[_Project], burst: int) -> Section:
    before = _counted()
    start = time.perf_counter()
    for number in range(0, burst, 1000):
        writes = []
        for place in range(number, min(number + 1000, burst)):
            project = projects[place % len(projects)]
            project.revision += 1
            writes.append(UpdateOne({"_id": project.key}, _change(project)))
        with pymongo.timeout(60):
            mongo.database().projects.bulk_write(writes, ordered=False)
    saved_s = time.perf_counter() - start
    start = time.perf_counter()
    with working():
        _until(lambda: _counted() - before >= burst)
        took_s = time.perf_counter() - start
        counted = _counted() - before
    wanted = {project.key: project.revision for project in projects}
    found = heads().find({"_id": {"$in": list(wanted)}}, {"state.revision": 1})
    right = sum(row["state"]["revision"] == wanted[row["_id"]] for row in found)
    dead = mongo.database()[DEAD_LETTERS].count_documents({})
    assert (counted, right, dead) == (burst, len(projects), 0), (counted, right, dead)
    return Section(
        f"A burst of {burst:,} saves while no worker runs", [],
        notes=[
            f"Saved in {saved_s:.1f} s, {burst / saved_s:,.0f} a second.",
            f"Caught up {took_s:.1f} s after the worker's start: {burst / took_s:,.0f} a second.",
            f"{counted:,} saves counted in versions, none lost and none twice; every project is at "
            "its last revision; no dead letter.",
        ],
    )  # fmt: skip


def _counted() -> int:
    """Saves in all versions, the open ones too."""
    sealed = versions().aggregate([{"$group": {"_id": None, "saves": {"$sum": "$saves"}}}])
    opened = heads().aggregate([{"$group": {"_id": None, "saves": {"$sum": "$open.saves"}}}])
    return sum(row["saves"] for found in (sealed, opened) for row in found)


def _storage(*, saves: int) -> Section:
    """One project of 30 files, one of them saved, each save a version of its own."""
    _forget()
    db = mongo.database()
    random = Random(1)
    # Half of each line is noise, which compresses worse than code does.
    lines = [f"export const {random.randbytes(12).hex()} = compute();\n" for _ in range(200)]
    names = [f"src/components/part-{number:02}.tsx" for number in range(30)]
    files = [{"name": name, "content": "".join(lines), "language": "typescript"} for name in names]
    project = {"id": "benchmark-storage", "user_id": "benchmark", "name": "Storage",
               "files": files, "metadata": {}, "conversation_history": []}  # fmt: skip
    db.projects.delete_one({"id": project["id"]})
    changed = 0
    with working():
        _until(lambda: _state().get("caught_up_at"))
        before = _on_disk()
        db.projects.insert_one(project)
        for number in range(saves):
            lines[number % len(lines)] = f"export const {random.randbytes(12).hex()} = {number};\n"
            content = "".join(lines)
            changed += len(content)
            # A version for each: every save is another turn's.
            by = {"kind": "ai", "turn": number, "at": clock.now()}
            db.projects.update_one(
                {"id": project["id"]},
                {"$set": {"files.7.content": content, "edited_by": by}, "$inc": {"revision": 1}},
            )
        _until(lambda: versions().count_documents({"project_id": project["id"]}) >= saves)
    after = _on_disk()
    db.projects.delete_one({"id": project["id"]})
    grown = {name: after[name] - before[name] for name in after}
    total = sum(grown.values())
    told = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in grown.items())
    return Section(
        f"What {saves:,} versions of a project of 30 files take, one of which changes",
        [],
        [Ratio("on disk, indexes included, of the changed bytes", total / changed, 3.0)],
        notes=[f"Changed: {changed / 1e6:.2f} MB. Stored: {told}."],
    )


def _on_disk() -> dict[str, int]:
    """Bytes by collection, with its indexes, as of a checkpoint."""
    mongo.client().admin.command("fsync")
    stats = {name: mongo.database().command("collStats", name) for name in _KEPT}
    return {name: each["storageSize"] + each["totalIndexSize"] for name, each in stats.items()}
