"""The customers list, as a signed-in person gets it."""

import time

from django.urls import reverse

from devora_admin.core import mongo
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.pages import DEEP_PAGE, Words, address_of, pages_section, walk
from devora_admin.ops.benchmarks.report import Figure, Report, Section, Target

LIST = Target(p50_ms=12, p95_ms=25, round_trips=3)
FILTERED = Target(p95_ms=50, round_trips=3)
SEARCH = Target(p95_ms=50, round_trips=6)


def listing(bench: Bench, *, rounds: int, report: Report) -> Section:
    paths = addresses(bench, deep_page=DEEP_PAGE, report=report)
    return pages_section(
        "The customers list on the server, sign-in included (ms)",
        bench.client,
        paths,
        rounds=rounds,
    )


def addresses(
    bench: Bench, *, deep_page: int, report: Report
) -> dict[str, tuple[str, Target | None]]:
    """What is measured: name → address and target."""
    someone = mongo.database().users.find_one({"name": {"$type": "string"}})
    assert someone, "the benchmark's database has no customers"
    words = Words(_names())
    deep, reached = walk(bench.client, users(), pages=deep_page, report=report)
    return {
        "list, page 1": (users(), LIST),
        f"list, page {reached:,}": (deep, LIST),
        "list by last seen": (users(sort="-seen"), LIST),
        "list by name": (users(sort="name"), LIST),
        "list by e-mail": (users(sort="email"), LIST),
        "list of one plan": (users(plan="team"), FILTERED),
        "list of the suspended": (users(status="suspended"), FILTERED),
        "list of the active on one plan": (users(status="active", plan="enterprise"), FILTERED),
        "search: id": (users(q=someone["id"]), SEARCH),
        "search: whole e-mail": (users(q=someone["email"]), SEARCH),
        "search: start of an e-mail": (users(q=someone["email"][:8]), SEARCH),
        "search: start of a name": (users(q=someone["name"][:3]), SEARCH),
        "search: whole name": (users(q=someone["name"]), SEARCH),
        f"search: common word “{words.common}”": (users(q=words.common), SEARCH),
        f"search: rare word “{words.rare}”": (users(q=words.rare), SEARCH),
        "search: no match": (users(q="xyzzyquux"), SEARCH),
        "count of all": (reverse("users:count"), SEARCH),
        "count of one plan": (reverse("users:count") + "?plan=team", SEARCH),
    }


def users(**query: str) -> str:
    return address_of("users:list", **query)


def _names() -> list[str]:
    sample = mongo.database().users.find({"name": {"$type": "string"}}, {"name": 1})
    return [row["name"] for row in sample.limit(20_000)]


def export(bench: Bench) -> Section:
    """Once: it reads everything."""
    start = time.perf_counter()
    response = bench.client.get(reverse("users:export_csv"))
    first_at = 0.0
    size_bytes = 0
    for piece in response.streaming_content:  # type: ignore[attr-defined]
        first_at = first_at or time.perf_counter()
        size_bytes += len(piece)
    took_s = time.perf_counter() - start
    rows = int(response["X-Row-Count"])
    return Section(
        "The customers list as CSV (ms)",
        [
            Figure("until the first line", Sample.of([(first_at - start) * 1000])),
            Figure("whole", Sample.of([took_s * 1000])),
        ],
        notes=[f"{rows:,} rows, {size_bytes / 2**20:.1f} MB, {rows / took_s:,.0f} rows a second."],
    )
