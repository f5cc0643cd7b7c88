"""History, versions and lines by hand: in every look, by keyboard and by mouse."""

from typing import Any

import pytest
from playwright.sync_api import expect

from devora_admin.versions.documents import heads
from tests.browser.conftest import every_look
from tests.versions.factory import CUSTOMER, STAFF, by_turn, make_version


def row(path: str, status: str = "changed", added: int = 3, removed: int = 1) -> dict[str, Any]:
    return {"p": path, "st": status, "a": added, "r": removed}


def code(number: int) -> str:
    return "\n".join(
        f"export const value{at} = {at * (number if at % 7 == 0 else 1)}; // line {at}"
        for at in range(1, 60)
    )


@pytest.fixture
def project(make_project: Any) -> dict[str, Any]:
    said = [
        {"role": ("user", "assistant")[at % 2], "content": f"Turn {at + 1}"} for at in range(12)
    ]
    project = make_project(name="TaskMaster", conversation_history=said)
    authors = [None, by_turn(1), CUSTOMER, STAFF, by_turn(5, "between"), STAFF]
    for at, author in enumerate(authors):
        number = at + 1 if at < 3 else at + 20
        files = {f"app/part{each}/page.tsx": code(number) for each in range(8)}
        files |= {"package.json": '{"name": "x"}\n', "README.md": "# Hi\n"}
        changes = [row(f"app/part{each}/page.tsx") for each in range(number % 9)]
        fields: dict[str, Any] = {"author": author} if author else {"why": "found"}
        if author is STAFF:
            fields |= {"why": "project.file.edit", "saves": 3}
        if at == 4:
            fields |= {"name": "Before the launch", "named_by": {"id": "1", "label": "Ada"}}
        fields["turns"] = (0, 2, 3, 4, 6, 8)[at]
        make_version(project, number, files, changes=changes, **fields)
    heads().insert_one(
        {
            "_id": project["_id"], "project_id": project["id"], "user_id": project["user_id"],
            "seq": 1, "number": 25, "first_turn": 0, "turns": 12, "refs": [],
            "state": {"files": [], "metadata": None, "revision": 1},
        }
    )  # fmt: skip
    return project


PAGES = (
    "history/", "history/?by=ai", "history/?file=gone.ts", "versions/23/",
    "versions/24/?file=app/part1/page.tsx#L7-L9", "versions/12/", "versions/24/changes/",
    "versions/24/metadata/", "versions/24/?file=app/part1/page.tsx&blame=1",
    "versions/24/blame/?file=app/part1/page.tsx&line=7", "replay/?turn=6", "replay/?turn=3",
    "replay/?turn=6&show=files&file=app/part1/page.tsx",
)  # fmt: skip


@every_look
def test_every_page_is_accessible_and_fits(page_as, axe, project, size, theme):
    page = page_as(size=size, theme=theme, expect=("404",))
    for rest in PAGES:
        page.goto(f"/projects/{project['id']}/{rest}")
        page.evaluate("scrollTo(0, 0)")  # what lies half below the bar would count as too small
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), rest


def test_the_history_is_walked_and_opened_by_keyboard(page_as, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/history/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".history-row.is-current")).to_contain_text("Before the launch")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".version-title")).to_contain_text("Before the launch")


def test_a_version_is_named_in_the_dialog(page_as, axe, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/history/")
    page.get_by_role("button", name="What to do with version 23").click()
    page.locator("#version-menu-23").get_by_role("link", name="Name it").click()
    page.get_by_role("textbox", name="Name").fill("Good state")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Good state")).to_be_visible()


def test_a_link_to_a_line_marks_it_and_a_click_makes_one(page_as, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/versions/24/?file=app/part1/page.tsx#L40")
    expect(page.locator("#L40.is-chosen")).to_be_in_viewport()
    page.locator("#L12 .line-no").click()
    assert page.url.endswith("#L12")
    page.locator("#L9 .line-no").click(modifiers=["Shift"])
    assert page.url.endswith("#L9-L12")
    assert page.locator(".line.is-chosen").count() == 4
    page.get_by_role("link", name="Version 23", exact=True).click()
    expect(page.locator(".version-title")).to_contain_text("23")
    assert page.url.endswith("/versions/23/?file=app%2Fpart1%2Fpage.tsx#L9-L12")
    assert page.locator(".line.is-chosen").count() == 4


def test_who_changed_a_line_is_told_beside_it(page_as, axe, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/versions/24/?file=app/part1/page.tsx")
    page.locator("#L7 .line-no").click()
    page.get_by_role("button", name="Who changed line 7?").click()
    expect(page.locator("#line-origin")).to_contain_text("Line 7 was last changed")
    axe(page)
    page.locator("#L8 .line-no").click()
    expect(page.locator("#line-origin")).to_be_empty()
    page.get_by_role("link", name="Who wrote it").click()
    expect(page.locator(".line-by.is-first").first).to_be_visible()
    assert page.url.endswith("blame=1#L8")


def test_a_file_is_read_beside_the_tree_and_has_an_address(page_as, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/versions/24/")
    page.get_by_role("link", name="README.md").click()
    expect(page.locator(".code-lines")).to_contain_text("# Hi")
    assert page.url.endswith("/versions/24/?file=README.md")
    page.go_back()
    expect(page.get_by_text("Read a file as it was")).to_be_visible()
    page.goto(f"/projects/{project['id']}/versions/24/?file=app/part1/page.tsx")
    page.get_by_role("textbox", name="Line").fill("33")
    page.get_by_role("button", name="Go").click()
    expect(page.locator("#L33.is-chosen")).to_be_in_viewport()


def test_the_replay_is_stepped_by_keyboard_and_the_thread_stays_where_it_is(page_as, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/replay/?turn=2")
    story = page.locator(".replay-story")
    expect(story).to_contain_text("Turn 2")
    page.evaluate("document.querySelector('#replay-thread').dataset.kept = 'yes'")
    page.keyboard.press("j")
    expect(story).to_contain_text("Turn 3")
    assert page.url.endswith("/replay/?turn=3")
    page.keyboard.press("]")
    expect(story).to_contain_text("written between the message and the answer")
    assert page.url.endswith("/replay/?turn=6")
    expect(page.locator(".replay-turn.is-shown")).to_contain_text("Turn 6")
    expect(page.locator(".replay-turn.is-shown")).to_be_in_viewport()
    page.keyboard.press("k")
    expect(story).to_contain_text("Answered in turn 6")
    page.keyboard.press("[")
    expect(story).to_contain_text("Turn 2")
    assert page.locator("#replay-thread").get_attribute("data-kept") == "yes"
    page.go_back()
    expect(story).to_contain_text("Turn 5")


def test_a_file_stays_chosen_from_turn_to_turn(page_as, project):
    page = page_as()
    page.goto(f"/projects/{project['id']}/replay/?turn=6")
    page.get_by_role("link", name="Files after it").click()
    page.get_by_role("link", name="README.md").click()
    expect(page.locator(".code-lines")).to_contain_text("# Hi")
    assert page.url.endswith("/replay/?turn=6&show=files&file=README.md")
    page.keyboard.press("j")
    expect(page.locator(".replay-story")).to_contain_text("Turn 7")
    expect(page.locator(".code-lines")).to_contain_text("# Hi")
    page.get_by_role("slider", name="Turn").fill("2")
    expect(page.locator(".replay-story")).to_contain_text("Turn 2")
    assert page.url.endswith("/replay/?turn=2&show=files&file=README.md")
