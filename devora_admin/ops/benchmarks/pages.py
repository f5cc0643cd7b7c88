"""Pages as a signed-in person gets them: the session, the page's queries, its whole HTML."""

import html
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pymongo
from django.conf import settings
from django.test import Client
from django.urls import reverse

from devora_admin.core import mongo
from devora_admin.core.listing.indexes import ANY_CASE
from devora_admin.ops.benchmarks.bench import LARGE_BYTES, Bench, project_near
from devora_admin.ops.benchmarks.measure import interleave
from devora_admin.ops.benchmarks.report import Figure, Report, Section, Target
from devora_admin.ops.benchmarks.server import Browser, serving

PAGE = 50
DEEP_PAGE = 1000
LIST = Target(p50_ms=12, p95_ms=25, round_trips=4)
PROJECT = Target(p95_ms=25)
SEARCH = Target(p95_ms=50)
_NEXT = re.compile(r"""<a\b(?=[^>]*\brel="next")[^>]*?\bhref="([^"]+)\"""")
_TRIPS = re.compile(r'mongo;desc="(\d+)"')


def pages(bench: Bench, *, rounds: int, deep_page: int, report: Report) -> Section:
    paths = addresses(bench, deep_page=deep_page, report=report)
    title = "Pages on the server, sign-in included (ms)"
    return pages_section(title, bench.client, paths, rounds=rounds)


def pages_section(
    title: str, client: Client, paths: Mapping[str, tuple[str, Target | None]], *, rounds: int
) -> Section:
    """paths: name → address and target."""
    tasks = {name: _opened(client, path) for name, (path, _) in paths.items()}
    found = interleave(tasks, rounds=rounds, seconds=240)
    figures = [
        Figure(name, found[name], target, round_trips(client, path))
        for name, (path, target) in paths.items()
    ]
    return Section(title, figures)


def over_http(bench: Bench, *, rounds: int, deep_page: int, report: Report) -> Section:
    """The same pages through gunicorn, as a browser on this machine waits for them."""
    paths = addresses(bench, deep_page=deep_page, report=report)
    with serving(settings.MONGO_DB_NAME, workers=1) as port:
        browser = Browser(port, bench.session_cookie)
        tasks = {name: _fetched(browser, path) for name, (path, _) in paths.items()}
        found = interleave(tasks, rounds=rounds, warm_up=10, seconds=240)
        browser.close()
    figures = [Figure(name, sample) for name, sample in found.items()]
    return Section("Pages over HTTP on loopback, through gunicorn (ms)", figures)


def addresses(
    bench: Bench, *, deep_page: int, report: Report
) -> dict[str, tuple[str, Target | None]]:
    """What is measured: name → address and target."""
    words = search_words()
    owner = mongo.database().users.find_one({"id": some_project()["user_id"]}) or {}
    large, usual = project_near(LARGE_BYTES), project_near(10_000)
    deep, reached = walk(bench.client, listing(), pages=deep_page, report=report)
    by_name, _ = walk(bench.client, listing(sort="name"), pages=min(20, reached), report=report)
    return {
        "list, page 1": (listing(), LIST),
        f"list, page {reached:,}": (deep, LIST),
        "list by name": (listing(sort="name"), LIST),
        "list by name, some pages on": (by_name, LIST),
        "list by created, newest": (listing(sort="-created"), LIST),
        "list of one type": (listing(type="saas"), LIST),
        "search: project id": (listing(q=usual["id"]), SEARCH),
        "search: owner's e-mail": (listing(q=owner.get("email", "")), SEARCH),
        "search: start of a name": (listing(q=words.prefix), SEARCH),
        f"search: common word “{words.common}”": (listing(q=words.common), SEARCH),
        f"search: rare word “{words.rare}”": (listing(q=words.rare), SEARCH),
        "search: two words": (listing(q=f"{words.common} {words.other}"), SEARCH),
        "search: no match": (listing(q="xyzzyquux"), SEARCH),
        "project page, 10 KB": (_project_page(usual), PROJECT),
        "project page, 200 KB": (_project_page(large), PROJECT),
        "editor page, 200 KB": (reverse("projects:edit", args=[large["id"]]), PROJECT),
        "customer page": (reverse("users:detail", args=[owner.get("id", "")]), PROJECT),
    }


def listing(**query: str) -> str:
    return address_of("projects:list", **query)


def address_of(route: str, **query: str) -> str:
    return reverse(route) + (f"?{urlencode(query)}" if query else "")


def _project_page(project: dict[str, Any]) -> str:
    return reverse("projects:detail", args=[project["id"]])


def _opened(client: Client, path: str) -> Callable[[], object]:
    def open_page() -> None:
        response = client.get(path)
        content = response.getvalue()
        if response.status_code != 200 or not content:
            raise RuntimeError(f"{path} was answered with {response.status_code}")

    return open_page


def _fetched(browser: Browser, path: str) -> Callable[[], object]:
    def fetch() -> None:
        answer = browser.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}")

    return fetch


def round_trips(client: Client, path: str) -> int | None:
    found = _TRIPS.search(client.get(path).headers.get("Server-Timing", ""))
    return int(found[1]) if found else None


def walk(client: Client, path: str, *, pages: int, report: Report) -> tuple[str, int]:
    """The address of page `pages`, or of the last there is, found as a reader finds it."""
    if pages > 100:
        report(f"walking to page {pages:,} of the list")
    for number in range(1, pages):
        following = _NEXT.search(client.get(path).content.decode())
        if following is None:
            return path, number
        path = _joined(path, html.unescape(following[1]))
    return path, pages


def _joined(path: str, link: str) -> str:
    return path.split("?")[0] + link if link.startswith("?") else link


class Words:
    """Words of project names, by how many names have them."""

    def __init__(self, names: list[str]) -> None:
        counts = Counter(word for name in names for word in name.split() if word.isalpha())
        by_count = [word for word, _ in counts.most_common()] or ["app"]
        self.common, self.other, self.rare = by_count[0], by_count[len(by_count) // 2], by_count[-1]
        self.prefix = names[0][:4] if names else "a"


def search_words() -> Words:
    sample = mongo.database().projects.find({"name": {"$type": "string"}}, {"name": 1})
    return Words([row["name"] for row in sample.limit(20_000)])


def some_project() -> dict[str, Any]:
    found = mongo.database().projects.find_one({"user_id": {"$type": "string"}})
    assert found, "the benchmark's database has no projects"
    return found


def baselines(*, rounds: int, deep_page: int) -> Section:
    """Rows of a list the common ways, without sessions or HTML: what keyset and projection buy.

    On the same index as the list's own.
    """
    projects = mongo.database().projects
    columns = {"_id": 0, "id": 1, "user_id": 1, "name": 1, "project_type": 1, "updated_at": 1}
    newest = [("updated_at", -1), ("_id", -1)]
    deep = min(deep_page, max(1, projects.estimated_document_count() // PAGE)) - 1

    def rows(*, skip: int, columns: dict[str, int] | None) -> Callable[[], object]:
        def read() -> list[dict[str, Any]]:
            with pymongo.timeout(60):
                found = projects.find({}, columns).collation(ANY_CASE).sort(newest)
                return list(found.skip(skip).limit(PAGE))

        return read

    found = interleave(
        {
            "whole documents, page 1": rows(skip=0, columns=None),
            f"whole documents, skip to page {deep + 1:,}": rows(skip=deep * PAGE, columns=None),
            "columns alone, page 1": rows(skip=0, columns=columns),
            f"columns alone, skip to page {deep + 1:,}": rows(skip=deep * PAGE, columns=columns),
            "count_documents of all": lambda: projects.count_documents({}),
        },
        rounds=rounds,
        warm_up=1,
        seconds=60,
    )
    figures = [Figure(name, sample) for name, sample in found.items()]
    return Section("Beside it: the same rows by plain PyMongo, newest first (ms)", figures)
