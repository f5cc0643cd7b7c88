"""The files of a project in the editor: found, made, moved, deleted, searched, shared."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import every_look
from tests.browser.editing import (
    PATH,
    expect_typing_goes_to_the_file,
    open_editor,
    open_file,
    state,
    stored_files,
    type_at_end,
    wait_for,
)  # fmt: skip

FILES = {
    "app/page.tsx": "export const title = 'Tasks';\n",
    "app/api/tasks/route.ts": "import { title } from '../page';\n",
    "lib/title.ts": "// the title\nexport const Title = 1;\n",
    "README.md": "# Tasks\n",
}


@pytest.fixture
def project(make_project) -> dict[str, Any]:
    return make_project(
        name="TaskMaster", files=[{"name": name, "content": text} for name, text in FILES.items()]
    )


def row(page: Page, name: str) -> Any:
    return page.get_by_role("treeitem", name=name, exact=True)


def test_by_keyboard_alone_a_file_is_found_edited_and_saved(page_as, project, mongo):
    page = page_as("editor")
    open_editor(page, project)
    page.keyboard.press("Control+P")
    page.keyboard.type("taroute")
    expect(page.get_by_role("option").first).to_contain_text("route.ts")
    page.keyboard.press("Enter")
    expect(page.locator(".view-lines")).to_contain_text("import")
    page.keyboard.press("Control+End")
    page.keyboard.type("/* typed */")
    page.keyboard.press("Control+S")
    state(page).to_have_text("Saved")
    wait_for(
        page, lambda: stored_files(mongo, project)["app/api/tasks/route.ts"].endswith("/* typed */")
    )


def test_the_tree_is_walked_with_arrows_and_a_file_made_renamed_and_deleted_there(
    page_as, project, mongo
):
    page = page_as("editor")
    open_editor(page, project)
    page.keyboard.press("Control+Shift+E")
    page.keyboard.press("Home")
    expect(row(page, "app")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(row(page, "app")).to_have_attribute("aria-expanded", "false")
    expect(row(page, "page.tsx")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+N")
    page.keyboard.type("new.ts")
    page.keyboard.press("Enter")
    wait_for(page, lambda: "app/new.ts" in stored_files(mongo, project))
    expect_typing_goes_to_the_file(page)
    page.keyboard.type("const n = 1;")
    page.keyboard.press("Control+Shift+E")
    expect(row(page, "new.ts")).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.press("Control+A")
    page.keyboard.type("page.tsx")
    page.keyboard.press("Enter")
    expect(page.locator(".tree-fault")).to_contain_text("already")
    page.keyboard.press("Control+A")
    page.keyboard.type("newer.ts")
    page.keyboard.press("Enter")
    wait_for(page, lambda: stored_files(mongo, project).get("app/newer.ts") == "const n = 1;")
    expect(row(page, "newer.ts")).to_be_focused()
    page.keyboard.press("Delete")
    wait_for(page, lambda: "app/newer.ts" not in stored_files(mongo, project))
    expect(page.locator("#toasts")).to_contain_text("Deleted")  # or the last undo is the move's
    page.get_by_role("button", name="Undo").last.click()
    wait_for(page, lambda: stored_files(mongo, project).get("app/newer.ts") == "const n = 1;")
    page_as.expected.append("status of 422")


def test_a_folder_is_deleted_and_comes_back_with_undo(page_as, project, mongo):
    page = page_as("editor")
    open_editor(page, project)
    row(page, "app").click(button="right")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Deleted 2 files")
    assert set(stored_files(mongo, project)) == {"lib/title.ts", "README.md"}
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "app")).to_be_visible()
    assert stored_files(mongo, project) == FILES


def test_a_file_is_moved_into_a_folder_with_the_text_typed_in_it(page_as, project, mongo):
    page = page_as("editor")
    open_file(page, project, "README.md")
    type_at_end(page, "typed before the move")
    row(page, "README.md").drag_to(row(page, "lib"))
    wait_for(
        page,
        lambda: (
            stored_files(mongo, project).get("lib/README.md") == "# Tasks\ntyped before the move"
        ),
    )
    page.get_by_text("README.md").nth(1).click()
    page.locator("[data-monaco]").click()
    type_at_end(page, ", and after")
    wait_for(page, lambda: stored_files(mongo, project)["lib/README.md"].endswith(", and after"))


def test_files_are_uploaded_and_what_is_no_text_is_left_out(page_as, project, mongo, tmp_path):
    (tmp_path / "good.md").write_bytes("\ufeffwith a mark\r\n".encode())
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\0")
    page = page_as("editor")
    open_editor(page, project)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload files").click()
    chooser.value.set_files([tmp_path / "good.md", tmp_path / "bad.png"])
    dialog = page.locator("#editor-upload")
    expect(dialog).to_contain_text("bad.png: not a text file")
    dialog.get_by_role("button", name="Add 1 file").click()
    wait_for(page, lambda: stored_files(mongo, project).get("good.md") == "\ufeffwith a mark\r\n")


def find(page: Page, text: str) -> None:
    page.keyboard.press("Control+Shift+F")
    page.get_by_role("textbox", name="Find", exact=True).fill(text)


def test_a_search_in_all_files_opens_the_place(page_as, project):
    page = page_as("viewer")
    open_editor(page, project)
    find(page, "title")
    expect(page.locator("[data-results-summary]")).to_have_text("4 matches in 3 files")
    page.get_by_role("checkbox", name="Match case").check()
    expect(page.locator("[data-results-summary]")).to_have_text("3 matches in 3 files")
    page.locator(".hit", has_text="the title").click()
    expect(page.locator(".view-lines")).to_contain_text("the title")
    expect(page.locator("[data-status-place]")).to_have_text("Ln 1, Col 13")


def test_a_pattern_that_never_ends_is_ended(page_as, make_project):
    project = make_project(files=[{"name": "a.txt", "content": "a" * 40 + "!"}])
    page = page_as("editor")
    open_editor(page, project)
    find(page, "(a+)+$")
    page.get_by_role("checkbox", name="Regular expression").check()
    expect(page.locator("[data-results-summary]")).to_contain_text("too long", timeout=10_000)


def test_replacing_in_all_files_is_shown_first_done_together_and_undone(page_as, project, mongo):
    page = page_as("editor")
    open_file(page, project)
    type_at_end(page, "// title typed")
    find(page, "title")
    page.get_by_role("checkbox", name="Replace").check()
    page.get_by_role("textbox", name="Replace with").fill("heading")
    expect(page.locator("[data-results-summary]")).to_have_text("5 matches in 3 files")
    expect(page.locator(".hit ins").first).to_have_text("heading")
    page.get_by_role("button", name="Replace all").click()
    page.locator("#editor-replace").get_by_role("button", name="Replace all").click()
    wanted = "export const heading = 'Tasks';\n// heading typed"
    wait_for(page, lambda: stored_files(mongo, project)[PATH] == wanted)
    assert stored_files(mongo, project)["lib/title.ts"].startswith("// the heading\n")
    expect(page.locator(".view-lines")).to_contain_text("heading typed")
    page.get_by_role("button", name="Undo").click()
    wait_for(page, lambda: stored_files(mongo, project)["lib/title.ts"] == FILES["lib/title.ts"])
    expect(page.locator(".view-lines")).to_contain_text("title typed")


def come_back_to(page: Page) -> None:
    """As when a tab comes to the front again: it asks at once rather than within 10 s."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_two_people_see_each_other_and_what_the_other_saves(page_as, project, mongo):
    ada = page_as("editor", email="ada@devora.example", name="Ada Byron")
    open_file(ada, project)
    bob = page_as("admin", email="bob@devora.example", name="Bob Stone")
    open_file(bob, project)
    expect(bob.get_by_role("button", name="Ada Byron, in page.tsx")).to_be_visible()
    come_back_to(ada)
    expect(ada.get_by_role("button", name="Bob Stone, in page.tsx")).to_be_visible()
    type_at_end(ada, "// by Ada")
    state(ada).to_have_text("Unsaved")
    state(ada).to_have_text("Saved")
    come_back_to(bob)
    expect(bob.locator(".view-lines")).to_contain_text("by Ada")
    bob.goto("/projects/")
    ada.wait_for_timeout(300)
    come_back_to(ada)
    expect(ada.locator("[data-people]")).to_be_hidden()


def test_a_file_deleted_by_someone_else_can_be_made_again(page_as, project, mongo):
    page = page_as("editor", expect=("status of 409",))
    open_file(page, project)
    type_at_end(page, "// still here")
    mongo.projects.update_one({"id": project["id"]}, {"$pull": {"files": {"name": PATH}}})
    expect(page.locator("[data-banner]")).to_contain_text("renamed or deleted")
    page.get_by_role("button", name="Create it again").click()
    wait_for(page, lambda: stored_files(mongo, project).get(PATH, "").endswith("// still here"))
    state(page).to_have_text("Saved")


def test_the_text_of_a_deleted_file_can_be_let_go_and_taken_back(page_as, project, mongo):
    page = page_as("editor", expect=("status of 409", "status of 404"))
    open_file(page, project)
    type_at_end(page, "// mine alone")
    mongo.projects.update_one({"id": project["id"]}, {"$pull": {"files": {"name": PATH}}})
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[data-none]")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".view-lines")).to_contain_text("mine alone")
    expect(page.locator("[data-banner]")).to_contain_text("renamed or deleted")


def test_who_may_only_look_cannot_type(page_as, project, mongo):
    page = page_as("viewer")
    open_file(page, project)
    state(page).to_have_text("Read only")
    page.locator("[data-monaco]").click()
    page.keyboard.type("nothing")
    expect(page.get_by_role("button", name="New file")).to_have_count(0)
    page.wait_for_timeout(2500)
    assert stored_files(mongo, project) == FILES


def test_a_malformed_project_says_so_and_its_healthy_file_is_edited(page_as, make_project, mongo):
    project = make_project(
        files=[5, {"content": "nameless"}, {"name": "odd.ts", "content": 7},
               {"name": PATH, "content": "fine\n"}]
    )  # fmt: skip
    page = page_as("editor")
    open_file(page, project)
    expect(page.locator("[data-problems]")).to_contain_text("Entry 1 of the files is no file")
    expect(page.locator("[data-problems]")).to_contain_text("Entry 2 of the files has no name")
    type_at_end(page, "typed")
    state(page).to_have_text("Saved")
    wait_for(page, lambda: mongo.projects.find_one()["files"][3]["content"] == "fine\ntyped")
    assert mongo.projects.find_one()["files"][:3] == project["files"][:3]


def test_mixed_line_endings_and_a_mark_stay_as_they_are(page_as, make_project, mongo):
    project = make_project(files=[{"name": PATH, "content": "\ufeffone\r\ntwo\nthree\rfour"}])
    page = page_as("editor")
    open_file(page, project)
    type_at_end(page, "!")
    wait_for(page, lambda: stored_files(mongo, project)[PATH] == "\ufeffone\r\ntwo\nthree\rfour!")


def test_the_editor_is_ready_within_two_seconds(page_as, project):
    page = page_as("editor")
    open_file(page, project)  # warms the server
    page.goto(f"/projects/{project['id']}/edit/?file={PATH}")
    page.wait_for_selector("[data-editor][data-ready]")
    ready = page.evaluate("performance.getEntriesByName('editor-ready')[0].startTime")
    assert ready < 2000


@every_look
def test_the_editor_is_accessible(page_as, project, axe, theme, size):
    page = page_as("editor", theme=theme, size=size)
    open_file(page, project)
    expect(page.locator(".mtk1, [class*=mtk]").first).to_be_visible()
    axe(page)
    page.keyboard.press("Control+P")
    axe(page)
    page.keyboard.press("Escape")
    find(page, "title")
    expect(page.locator("[data-results-summary]")).to_have_text(re.compile("matches"))
    axe(page)
