"""Pictures of the pages, taken by a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.urls import reverse

from devora_admin.analytics.rollups import consumer
from devora_admin.core import mongo
from devora_admin.ops.browser import browsing

FOLDER = Path(__file__).parents[2] / ".readme"
_PATIENCE_S = 30.0
READY = {"editor": ".monaco-editor .view-line"}


def take_all(port: int, session_cookie: str) -> Iterator[Path]:
    """Raises NoBrowser."""
    shown = addresses()
    FOLDER.mkdir(exist_ok=True)
    with browsing(port, session_cookie) as pages:
        for name, (address, dark) in shown.items():
            with pages.page(dark=dark) as page:
                page.goto(pages.origin + address, wait_until="networkidle")
                if name in READY:
                    page.wait_for_selector(READY[name])
                page.wait_for_timeout(500)
                path = FOLDER / f"{name}.png"
                page.screenshot(path=path)
            yield path


def count_events() -> None:
    """As the worker does, which is not running here."""
    position: Any = None
    while True:
        step = consumer.reconcile(position)
        mongo.run_in_transaction(step.effect, patience_s=_PATIENCE_S)
        position = step.position
        if position is None:
            return


def addresses() -> dict[str, tuple[str, bool]]:
    """Picture → address, and whether it is dark."""
    project = mongo.database().projects.find_one(
        {"project_type": "saas", "files.3.name": {"$regex": "tsx$"}, "archived_at": None},
        sort=[("updated_at", -1)],
    )
    if project is None:
        raise LookupError("the demo data has no project to show")
    talk = reverse("projects:conversation", args=[project["id"]])
    edit = reverse("projects:edit", args=[project["id"]])
    file = next(file["name"] for file in project["files"] if file["name"].endswith("tsx"))
    return {
        "projects": (reverse("projects:list"), False),
        "project": (talk, False),
        "editor": (f"{edit}?file={file}", True),
        "replay": (_replay(), False),
        "memory": (f"{reverse('memory:search')}?q=useProducts+loads+what+is+for+sale", False),
        "customer": (reverse("users:detail", args=[_busiest_customer()]), False),
        "issue": (reverse("support:detail", args=[_issue()]), False),
        "analytics": (reverse("analytics:overview"), True),
    }


def _issue() -> int:
    """One that is open, about a project, with something said."""
    wanted = {"status": "open", "project_id": {"$gt": ""}, "sequence": {"$gt": 2}}
    found = mongo.database().support_issues.find_one(wanted, sort=[("number", -1)])
    if found is None:
        raise LookupError("the demo data has no issue to show")
    return int(found["number"])


def _replay() -> str:
    """A turn that did something that can be looked at."""
    wanted = {
        "author.kind": "ai",
        "totals.added": {"$gt": 5, "$lt": 30},
        "totals.files": {"$gt": 2},
    }
    found = mongo.database().project_versions.find_one(wanted, sort=[("project_id", 1)])
    if found is None:
        raise LookupError("the demo data has no turn to replay")
    address = reverse("versions:replay", args=[found["project_id"]])
    return f"{address}?turn={found['author']['turn'] + 1}"


def _busiest_customer() -> str:
    events = mongo.database().analytics_events
    busiest = next(events.aggregate([{"$sortByCount": "$user_id"}, {"$limit": 1}]), None)
    if busiest is None:
        raise LookupError("the demo data has no events to show")
    return str(busiest["_id"])
