"""Comparing and restoring by hand: every look, the keyboard, and taking a restore back."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LAPTOP, PHONE, every_look
from tests.versions.factory import make_stored_version, make_version

PAGE = """import { useState } from "react";
import { Button } from "../ui/button";

export default function Tasks({ owner }: { owner: string }) {
  const [open, setOpen] = useState(false);
  const title = `Tasks of ${owner}`;

  return (
    <main className="mx-auto max-w-2xl p-6">
      <h1>{title}</h1>
      <Button onClick={() => setOpen(true)}>Add a task</Button>
      {open ? <NewTask onClose={() => setOpen(false)} /> : null}
    </main>
  );
}
"""
CHANGED = (
    PAGE.replace("max-w-2xl p-6", "max-w-4xl px-6 py-8")
    .replace("      <h1>{title}</h1>\n", "      <Header>{title}</Header>\n      <Filters />\n")
    .replace("  const title", "\tconst title")
)
CSS = "".join(f".row-{n} {{ padding: {n}px; }}\n" for n in range(60))


@pytest.fixture
def project(mongo: Any, make_project: Any) -> dict[str, Any]:
    files = [
        {"name": "app/tasks/page.tsx", "content": PAGE, "language": "typescript"},
        {"name": "app/styles.css", "content": CSS, "language": "css"},
        {"name": "lib/old-name.ts", "content": "export const a = 1;\nexport const b = 2;\n"},
        {"name": "README.md", "content": "# Tasks\n"},
    ]
    project = make_project(name="TaskMaster", files=files, metadata={"auth": True, "seats": 5})
    make_stored_version(project, 1)
    now = [
        {"name": "app/tasks/page.tsx", "content": CHANGED, "language": "typescript"},
        {"name": "app/styles.css", "content": CSS.replace("30px", "3rem"), "language": "css"},
        {"name": "lib/new-name.ts", "content": "export const a = 1;\nexport const b = 3;\n"},
        {"name": "public/data.bin", "content": "a\0b"},
        {"name": "app/new.tsx", "content": "export const only = 'now';\n"},
        {"name": "odd.ts", "content": 7},
    ]
    change = {"files": now, "metadata": {"auth": True, "seats": 12}}
    mongo.projects.update_one({"id": project["id"]}, {"$set": change})
    make_stored_version(project, 2)
    return project


PAGES = (
    "compare/?from=1&to=now", "compare/?from=1&to=2&view=inline", "compare/?from=1&to=1",
    "compare/?from=1&to=now&file=app/styles.css&lines=all",
    "compare/?from=1&to=2&file=app/tasks/page.tsx", "compare/?from=1&to=9",
    "versions/1/restore/", "versions/1/restore/?file=README.md", "versions/2/restore/",
)  # fmt: skip


@every_look
def test_every_page_is_accessible_and_fits(page_as, axe, project, size, theme):
    page = page_as("editor", size=size, theme=theme, expect=("404",))
    for address in PAGES:
        page.goto(f"/projects/{project['id']}/{address}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_changes_are_walked_by_keyboard(page_as, project):
    page = page_as("viewer", size=LAPTOP)
    page.goto(f"/projects/{project['id']}/compare/?from=1&to=2")
    current = page.locator("[data-change].is-current")
    page.keyboard.press("n")
    expect(current).to_have_count(1)
    first = current.inner_text()
    page.keyboard.press("n")
    expect(current).not_to_have_text(first, use_inner_text=True)
    assert page.evaluate("document.activeElement.matches('.is-current')")
    page.keyboard.press("p")
    expect(current).to_have_text(first, use_inner_text=True)
    page.keyboard.press("f")
    file = page.locator("[data-file].is-current")
    expect(file).to_have_count(1)
    name = file.get_attribute("aria-label")
    page.keyboard.press("f")
    assert file.get_attribute("aria-label") != name
    expect(current).to_have_count(0)
    page.keyboard.type("gp")  # no step back, but the frame's own way to the projects
    page.wait_for_url("**/projects/")


def test_lines_between_changes_come_where_they_belong(page_as, project):
    page = page_as("viewer")
    page.goto(f"/projects/{project['id']}/compare/?from=1&to=2&file=app/styles.css")
    expect(page.get_by_text(".row-12 ")).to_have_count(0)
    page.get_by_role("link", name="Show 27 unchanged lines").click()
    expect(page.get_by_text(".row-12 ")).to_have_count(2)
    numbers = page.locator(".dr > .dn:first-child").all_inner_texts()
    assert numbers == [str(number) for number in range(1, 35)]


def test_the_rest_of_a_long_list_loads_as_one_scrolls(page_as, make_project):
    project = make_project()
    make_version(project, 1, {f"src/{n:03}.ts": PAGE for n in range(120)})
    make_version(project, 2, {f"src/{n:03}.ts": CHANGED for n in range(120)})
    page = page_as("viewer")
    page.goto(f"/projects/{project['id']}/compare/?from=1&to=2")
    files = page.locator("[data-file]")
    before = files.count()
    assert before < 120
    for _ in range(20):
        if files.count() == 120:
            break
        page.keyboard.press("End")
        page.wait_for_timeout(300)
    expect(files).to_have_count(120)


def test_on_a_phone_side_by_side_stands_one_above_the_other(page_as, project):
    page = page_as("viewer", size=PHONE)
    page.goto(f"/projects/{project['id']}/compare/?from=1&to=2&file=app/styles.css")
    pair = page.locator(".dr.is-pair").first
    halves = [pair.locator(f".dc.is-{kind}").bounding_box() for kind in ("removed", "added")]
    assert halves[1]["y"] >= halves[0]["y"] + halves[0]["height"] - 1
    assert halves[0]["width"] > 200


def test_a_restore_is_looked_at_done_and_taken_back(page_as, mongo, project):
    page = page_as("editor")
    before = mongo.projects.find_one({"id": project["id"]})["files"]
    page.goto(f"/projects/{project['id']}/compare/?from=1&to=now")
    page.get_by_role("link", name="Restore version 1").click()
    expect(page.get_by_text("3 files that version 1 does not have will be removed")).to_be_visible()
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_text("Version 1 restored")).to_be_visible()
    names = [each["name"] for each in mongo.projects.find_one({"id": project["id"]})["files"]]
    assert "README.md" in names
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    assert mongo.projects.find_one({"id": project["id"]})["files"] == before
