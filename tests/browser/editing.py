"""What the editor's browser tests share."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

PATH = "app/page.tsx"


def wait_for(page: Page, condition: Callable[[], Any], *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        page.wait_for_timeout(50)  # lets the handlers of routes run, as sleep would not
    raise AssertionError("it did not come about in time")


def stored_files(mongo: Any, project: dict[str, Any]) -> dict[str, str]:
    files = mongo.projects.find_one({"_id": project["_id"]})["files"]
    return {entry["name"]: entry["content"] for entry in files}


def open_editor(page: Page, project: dict[str, Any]) -> None:
    page.goto(f"/projects/{project['id']}/edit/")
    page.wait_for_selector("[data-editor][data-ready]")


def open_file(page: Page, project: dict[str, Any], path: str = PATH) -> None:
    page.goto(f"/projects/{project['id']}/edit/?file={path}")
    page.wait_for_selector("[data-editor][data-ready]")
    expect(page.locator("[data-monaco] .view-lines")).to_be_visible()


def expect_typing_goes_to_the_file(page: Page) -> None:
    expect(page.locator("[data-monaco] :focus")).to_have_count(1)


def type_at_end(page: Page, text: str) -> None:
    expect_typing_goes_to_the_file(page)
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def state(page: Page) -> Any:
    return expect(page.locator(".ed-state"))
