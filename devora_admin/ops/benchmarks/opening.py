"""How long the editor takes from the click until one can type, in a real browser."""

import time

from django.conf import settings
from django.urls import reverse

from devora_admin.ops.benchmarks.bench import Bench, project_near
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.report import Figure, Section, Target
from devora_admin.ops.benchmarks.server import serving
from devora_admin.ops.browser import NoBrowser, Pages, browsing

TARGET = Target(p95_ms=2000)
TITLE = "The editor in a browser, from the click until a file can be typed in (ms)"
READY = ".monaco-editor .view-line"


def opening(bench: Bench, *, rounds: int) -> Section:
    project = project_near(10_000)
    page = reverse("projects:detail", args=[project["id"]])
    edit = reverse("projects:edit", args=[project["id"]]) + f"?file={project['files'][0]['name']}"
    first, again = [], []
    try:
        with (
            serving(settings.MONGO_DB_NAME) as port,
            browsing(port, bench.session_cookie) as pages,
        ):
            for _ in range(rounds):
                cold_ms, warm_ms = _open(pages, page, edit)
                first.append(cold_ms)
                again.append(warm_ms)
    except NoBrowser as error:
        return Section(TITLE, [], notes=[f"Not measured. {error}"])
    return Section(
        TITLE,
        [
            Figure("first time, nothing in the cache", Sample.of(first), TARGET),
            Figure("again", Sample.of(again), TARGET),
        ],
    )


def _open(pages: Pages, page_path: str, edit_path: str) -> tuple[float, float]:
    times_ms = []
    with pages.page() as page:
        for _ in range(2):
            page.goto(pages.origin + page_path, wait_until="networkidle")
            # The link as it stands on the page, to a file that is there.
            link = page.locator(f'a[href^="{edit_path.split("?")[0]}"]').first
            link.evaluate("(link, href) => link.setAttribute('href', href)", edit_path)
            start = time.perf_counter()
            link.click(no_wait_after=True)
            page.wait_for_selector(READY)
            times_ms.append((time.perf_counter() - start) * 1000)
    return times_ms[0], times_ms[1]
