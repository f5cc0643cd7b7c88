"""Pictures of the pages, taken by a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from devora_admin.core import mongo

FOLDER = Path(__file__).parents[2] / ".readme"
SIZE = {"width": 1280, "height": 800}
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
READY = {"editor": ".monaco-editor .view-line"}


def take_all(port: int, session_cookie: str) -> Iterator[Path]:
    """Raises ImportError without Playwright."""
    from playwright.sync_api import sync_playwright

    shown = addresses()  # before Playwright's loop, in which Django opens no database
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(), chromium_sandbox=False, args=FLAGS
        )
        for name, (path, dark) in shown.items():
            context = browser.new_context(
                viewport=SIZE,  # type: ignore[arg-type]
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
            )
            origin = f"http://127.0.0.1:{port}"
            cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": session_cookie}
            cookie["url"] = origin
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(origin + path, wait_until="networkidle")
            if name in READY:
                page.wait_for_selector(READY[name])
            page.wait_for_timeout(300)
            yield _shot(page, name)
            context.close()
        browser.close()


def _shot(page: Any, name: str) -> Path:
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    return path


def addresses() -> dict[str, tuple[str, bool]]:
    """Picture → address, and whether it is dark."""
    project = mongo.database().projects.find_one(
        {"project_type": "saas", "files.3.name": {"$regex": "tsx$"}, "archived_at": None},
        sort=[("updated_at", -1)],
    )
    if project is None:
        raise LookupError("the demo data has no project to show")
    page = reverse("projects:detail", args=[project["id"]])
    edit = reverse("projects:edit", args=[project["id"]])
    file = next(file["name"] for file in project["files"] if file["name"].endswith("tsx"))
    return {
        "projects": (reverse("projects:list"), False),
        "project": (page, False),
        "editor": (f"{edit}?file={file}", True),
    }


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)
