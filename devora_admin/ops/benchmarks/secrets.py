"""Sealing what is in plain text, and changing the key, while others read the same secrets."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import pymongo
from django.test import override_settings

from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.report import Figure, Report, Section
from devora_admin.usersettings import stored
from devora_admin.usersettings.documents import settings as collection
from devora_admin.usersettings.services.sealing import seal_all
from devora_admin.usersettings.services.secrets import opened

READERS = 4
OLD, NEW = b"o" * 32, b"n" * 32
_PER_CUSTOMER = 2
_BATCH = 5000


@dataclass
class Reads:
    """What the readers met with."""

    customers: int
    times_ms: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def go_on(self, seed: int) -> None:
        random = Random(seed)
        while not self.ended.is_set():
            number = random.randrange(self.customers)
            start = time.perf_counter()
            try:
                check(number)
            except Exception as error:
                self.faults.append(f"{type(error).__name__}: {error}")
            self.times_ms.append((time.perf_counter() - start) * 1000)


def rotation(*, secrets: int, report: Report) -> Section:
    """secrets: how many there are, two to a customer."""
    customers = secrets // _PER_CUSTOMER
    report(f"writing {secrets:,} secrets in plain text")
    _write(customers)
    figures, notes, faults = [], [], 0
    steps = (
        ("they are sealed", "in plain text, sealed", (OLD,)),
        ("the key changes", "under an old key, moved to the new one", (NEW, OLD)),
    )
    for title, name, keys in steps:
        report(f"secrets {name}")
        with override_settings(SECRETS_KEYS=keys), reading(customers) as reads:
            start = time.perf_counter()
            counts = seal_all(report=lambda counts: None)
            took_s = time.perf_counter() - start
        assert counts.sealed == customers * _PER_CUSTOMER, counts
        figures.append(Figure(f"read while {title}", Sample.of(reads.times_ms)))
        faults += len(reads.faults)
        notes.append(
            f"{secrets:,} secrets {name}: {took_s:.1f} s, {secrets / took_s:,.0f} a second, with "
            f"{len(reads.times_ms):,} reads by {READERS} others and {len(reads.faults)} failures"
            + "".join(f"; {fault}" for fault in sorted(set(reads.faults))[:3])
        )
    report("reading all with the new key alone")
    with override_settings(SECRETS_KEYS=(NEW,)):
        for number in range(customers):
            check(number)
    notes.append(f"All {secrets:,} read with the new key alone; {faults} failures in all.")
    return Section("Secrets (ms)", figures, notes=notes)


@contextmanager
def reading(customers: int) -> Iterator[Reads]:
    reads = Reads(customers)
    threads = [threading.Thread(target=reads.go_on, args=(seed,)) for seed in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield reads
    finally:
        reads.ended.set()
        for thread in threads:
            thread.join()


def check(number: int) -> None:
    """Reads one customer's secrets as a page does."""
    user_id = f"bench-{number}"
    found = [opened(user_id, place) for place in stored.read(user_id).secrets]
    if found != [_key(number), _token(number)]:
        raise ValueError("another secret than was written")


def _write(customers: int) -> None:
    with pymongo.timeout(600):
        collection().delete_many({"user_id": {"$regex": "^bench-"}})
        for start in range(0, customers, _BATCH):
            numbers = range(start, min(start + _BATCH, customers))
            collection().insert_many([_document(number) for number in numbers])


def _document(number: int) -> dict[str, object]:
    return {
        "user_id": f"bench-{number}",
        "preferences": {"theme": "dark", "font_size": 14},
        "api_keys": {"openai": _key(number)},
        "integrations": {"github": {"token": _token(number), "login": f"dev{number}"}},
    }


def _key(number: int) -> str:
    return f"sk-proj-BENCHMARK{number:032d}"


def _token(number: int) -> str:
    return f"ghp_BENCHMARK{number:027d}"
