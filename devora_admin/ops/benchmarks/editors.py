"""Twenty people typing at once, over HTTP, each in a project of their own."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse

from devora_admin.ops.benchmarks.bench import Bench, project_near
from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.report import Figure, Section, Target
from devora_admin.ops.benchmarks.server import Browser, serving
from devora_admin.ops.benchmarks.storage import copy_of, edited_file, next_content

EDITORS = 20
AUTOSAVE_EVERY_S = 2.0
TARGET = Target(p95_ms=25)


def editing(bench: Bench, *, seconds: float, editors: int = EDITORS) -> Section:
    """seconds: how long each of the two ways runs."""
    like = project_near(10_000)
    with serving(settings.MONGO_DB_NAME) as port:
        people = [Editor(port, bench.session_cookie, copy_of(like)) for _ in range(editors)]
        run(people, seconds=1, pause_s=0)  # opens the connections, and each file's first save
        paced = run(people, seconds=seconds, pause_s=AUTOSAVE_EVERY_S)
        start = time.perf_counter()
        flat_out = run(people, seconds=seconds, pause_s=0)
        rate = len(flat_out) / (time.perf_counter() - start)
        for person in people:
            person.browser.close()
    every = f"one save each {AUTOSAVE_EVERY_S:g} s"
    return Section(
        f"Autosave over HTTP, {editors} editors at once (ms)",
        [
            Figure(f"{editors} editors, {every}", Sample.of(paced), TARGET),
            Figure(f"{editors} editors without a pause", Sample.of(flat_out)),
        ],
        notes=[f"Without a pause: {rate:,.0f} saves a second, client on the same machine."],
    )


class Editor:
    def __init__(self, port: int, session_cookie: str, project: dict[str, Any]) -> None:
        self.browser = Browser(port, session_cookie)
        self.url = reverse("projects:editor_save", args=[project["id"]])
        self.file = edited_file(project)
        self.state: dict[str, Any] = {"number": 0, "revision": 0, "content": self.file["content"]}

    def save(self) -> float:
        """How many milliseconds the answer took."""
        content = next_content(self.file["content"], self.state)
        body = json.dumps(
            {
                "path": self.file["name"],
                "content": content,
                "base_content": self.state["content"],
                "base_revision": self.state["revision"],
                "tab": "benchmark",
            }
        ).encode()
        start = time.perf_counter()
        answer = self.browser.post_json(self.url, body)
        took_ms = (time.perf_counter() - start) * 1000
        if answer.status != 200:
            raise RuntimeError(f"a save was answered with {answer.status}: {answer.body[:300]!r}")
        self.state["content"] = content
        self.state["revision"] = json.loads(answer.body)["revision"]
        return took_ms


def run(people: list[Editor], *, seconds: float, pause_s: float) -> list[float]:
    """Times in milliseconds of all saves; at least one each. Starts are spread over the pause."""
    times: list[float] = []
    faults: list[Exception] = []
    until = time.monotonic() + seconds

    def edit(person: Editor, delay_s: float) -> None:
        time.sleep(delay_s)
        try:
            while True:
                begun = time.monotonic()
                times.append(person.save())
                next_at = begun + pause_s
                if next_at >= until:
                    return
                time.sleep(max(0.0, next_at - time.monotonic()))
        except Exception as error:
            faults.append(error)

    _together([_bound(edit, each, pause_s * n / len(people)) for n, each in enumerate(people)])
    if faults:
        raise faults[0]
    return times


def _bound(
    work: Callable[[Editor, float], None], person: Editor, delay_s: float
) -> "threading.Thread":
    return threading.Thread(target=work, args=(person, delay_s), daemon=True)


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
