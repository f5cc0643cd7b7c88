"""The comparison behind the choice of MongoDB: one project in three shapes, same durability.

MongoDB writes with `w: majority, j: true`; PostgreSQL with `fsync` and `synchronous_commit` on.
Both hold the same projects, converted to plain JSON values, and each side includes what its
driver does to turn them into bytes and back.
"""

import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import psycopg
from bson import json_util

from devora_admin.core import mongo
from devora_admin.embedded import postgres
from devora_admin.ops.benchmarks.measure import Task, interleave
from devora_admin.ops.benchmarks.report import Figure, Section, Target
from devora_admin.ops.benchmarks.sides import (
    COLLECTION,
    TABLES,
    Connection,
    InJsonb,
    InMongo,
    InTables,
    InTablesApart,
    Project,
    Side,
)

BURST = 10
ACTIONS = ("save whole", "save one file", "read by id")
TARGETS = {"save whole": Target(p95_ms=10), "read by id": Target(p95_ms=50)}


def comparison(data_dir: Path, *, projects: int, rounds: int) -> Section:
    sample = plain_projects(projects)
    with (
        postgres.start(data_dir) as store,
        psycopg.connect(store.url, autocommit=True) as connection,
    ):
        notes = [_durability(connection)]
        connection.execute(TABLES)
        sides: list[Side] = [InMongo(), InJsonb(connection), InTables(connection)]
        for side in sides:
            side.load(sample)
        connection.execute("ANALYZE")
        figures = []
        for action in ACTIONS:
            tasks = {side.name: _task(side, action, sample) for side in sides}
            if action == "read by id":
                apart = InTablesApart(connection)
                tasks[apart.name] = _task(apart, action, sample)
            # Stores that share a disk flush each other's writes: a few in a row are their own.
            found = interleave(tasks, rounds=max(1, rounds // BURST), burst=BURST)
            figures += [
                Figure(f"{action}: {name}", taken, TARGETS.get(action) if not number else None)
                for number, (name, taken) in enumerate(found.items())
            ]
    mongo.database()[COLLECTION].drop()
    title = f"Stores: {len(sample):,} projects in MongoDB and in PostgreSQL (ms)"
    return Section(title, figures, notes=notes)


def plain_projects(count: int) -> list[Project]:
    """Sound ones only, each with a value changed so that a save has something to write."""
    sound = {"files.1.name": {"$type": "string"}, "conversation_history": {"$type": "array"}}
    found = mongo.database().projects.find(sound, {"_id": 0}).limit(count)
    return [json.loads(json_util.dumps(project)) for project in found]


def _task(side: Side, action: str, sample: list[Project]) -> Task:
    work: Callable[[Project], object] = {
        "save whole": side.save,
        "save one file": side.save_file,
        "read by id": side.read,
    }[action]
    upcoming = cycle(sample)
    number = 0

    def run() -> None:
        nonlocal number
        number += 1
        project = next(upcoming)
        file = project["files"][1]
        files = [project["files"][0], {**file, "content": f"{file['content']}\n// {number}"}]
        work({**project, "files": files + project["files"][2:]})

    return run


def _durability(connection: Connection) -> str:
    held = {}
    for name in ("fsync", "synchronous_commit", "full_page_writes", "server_version"):
        row = connection.execute(f"SHOW {name}").fetchone()
        held[name] = row[0] if row else ""
    version = held.pop("server_version")
    words = ", ".join(f"{name} {value}" for name, value in held.items())
    return (
        f"PostgreSQL {version}: {words}, over a Unix socket; "
        "MongoDB: w majority, j true, one-node replica set, over TCP on loopback."
    )
