"""The inbox and the page of an issue, as a signed-in person gets them."""

from typing import Any

import pymongo
from django.urls import reverse

from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.pages import address_of, pages_section, walk
from devora_admin.ops.benchmarks.report import Report, Section, Target
from devora_admin.support.documents import issues

INBOX = Target(p95_ms=50)
ISSUE = Target(p95_ms=80)
SIMILAR = Target(p95_ms=300)
_DEEP = 20
_PATIENCE_S = 60.0
"""For what is looked up before anything is measured, from a disk that was not read yet."""


def pages(bench: Bench, *, rounds: int, report: Report) -> Section:
    count = issues().estimated_document_count()
    return pages_section(
        f"Support with {count:,} issues, on the server, sign-in included (ms)",
        bench.client,
        {**_inbox(bench, report), **_issue()},
        rounds=rounds,
    )


def _inbox(bench: Bench, report: Report) -> dict[str, tuple[str, Target | None]]:
    every = inbox(view="all")
    deep, reached = walk(bench.client, every, pages=_DEEP, report=report)
    views = {name: inbox(view=name) for name in ("mine", "unassigned", "breaching", "waiting")}
    some = _busiest()
    asked = {
        **views,
        "all": every,
        f"all, page {reached}": deep,
        "all, most urgent": inbox(view="all", sort="-urgency"),
        "of a tag, closed": inbox(view="all", tag=some["tags"][0], status="closed"),
        "of the busiest customer": inbox(view="all", customer=some["user_id"]),
        "search: number": inbox(q=f"#{some['number']}"),
        "search: customer's id": inbox(q=some["user_id"]),
        "search: a word of each subject": inbox(q="invoice"),
        "search: two words": inbox(q="invoice quota"),
        "search: no match": inbox(q="xyzzyquux"),
    }
    return {f"inbox, {name}": (path, INBOX) for name, path in asked.items()}


def _issue() -> dict[str, tuple[str, Target | None]]:
    number, closed = _busiest()["number"], _one({"status": "closed"})["number"]
    return {
        "issue, open": (reverse("support:detail", args=[number]), ISSUE),
        "issue, closed": (reverse("support:detail", args=[closed]), ISSUE),
        "similar issues, by words": (reverse("support:similar", args=[number]), SIMILAR),
    }


def inbox(**query: str) -> str:
    return address_of("support:list", **query)


def _busiest() -> dict[str, Any]:
    """An open issue of the customer who has the most."""
    stages: list[dict[str, Any]] = [
        {"$match": {"status": "open"}},
        {"$limit": 20_000},
        {"$group": {"_id": "$user_id", "count": {"$sum": 1}, "number": {"$max": "$number"}}},
        {"$sort": {"count": -1}},
        {"$limit": 1},
    ]
    with pymongo.timeout(_PATIENCE_S):
        found = issues().aggregate(stages)
        return _one({"number": next(iter(found))["number"]})


def _one(wanted: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] | None = issues().find_one(wanted, {"number": 1, "tags": 1, "user_id": 1})
    assert found is not None
    return found
