"""What is typed reaches the store, whatever happens on the way."""

from typing import Any

import bson
import pytest
from bson import Decimal128, Int64
from playwright.sync_api import Page, expect

from tests.browser.editing import (
    PATH,
    expect_typing_goes_to_the_file,
    open_file,
    state,
    type_at_end,
    wait_for,
)


def content(mongo, project) -> str:
    return mongo.projects.find_one({"_id": project["_id"]})["files"][0]["content"]


def test_typing_is_saved_by_itself_and_nothing_else_changes(page_as, make_project, mongo):
    extra = {"long": Int64(1), "price": Decimal128("9.90"), "deep": [{"a": None}]}
    files = [
        {"name": "a.md", "content": "a", "language": "markdown", "own": extra},
        {"own": extra, "name": PATH, "content": "one\r\ntwo\r\n", "language": "typescript"},
    ]
    project = make_project(files=files, extra=extra)
    page = page_as("editor")
    open_file(page, project)
    type_at_end(page, "three")
    state(page).to_have_text("Unsaved")
    state(page).to_have_text("Saved")
    now = mongo.projects.find_one({"_id": project["_id"]})
    assert now["files"][1]["content"] == "one\r\ntwo\r\nthree"
    now["files"][1]["content"] = "one\r\ntwo\r\n"
    assert now.pop("edited_by")["why"] == "project.file.edit"
    del now["revision"]
    now["updated_at"] = project["updated_at"]
    assert bson.encode(now) == bson.encode(project)


def test_someone_elses_edit_of_other_lines_is_merged(page_as, make_project, mongo):
    project = make_project(files=[{"name": PATH, "content": "one\ntwo\nthree\n"}])
    page = page_as("editor", expect=("status of 409",))
    open_file(page, project)
    mongo.projects.update_one(
        {"id": project["id"]}, {"$set": {"files.0.content": "ONE\ntwo\nthree\n"}}
    )
    type_at_end(page, "four\n")
    wait_for(page, lambda: content(mongo, project) == "ONE\ntwo\nthree\nfour\n")
    state(page).to_have_text("Saved")
    expect(page.locator(".view-lines")).to_contain_text("ONE")
    expect(page.locator("#toasts")).to_contain_text("someone else's")


def conflict(page: Page, mongo, project) -> None:
    open_file(page, project)
    expect_typing_goes_to_the_file(page)
    page.keyboard.press("Control+Home")
    page.keyboard.type("mine ")
    # While there is unsaved text: before it, the editor might have taken the change up already.
    mongo.projects.update_one(
        {"id": project["id"]}, {"$set": {"files.0.content": "theirs\nlast\n"}}
    )
    expect(page.locator("#editor-conflict")).to_be_visible()
    state(page).to_have_text("Conflict")


def a_conflict(make_project) -> dict[str, Any]:
    return make_project(files=[{"name": PATH, "content": "first\nlast\n"}])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_choice_between_two_versions_is_accessible(page_as, make_project, mongo, axe, theme):
    page = page_as("editor", theme=theme, expect=("status of 409",))
    conflict(page, mongo, a_conflict(make_project))
    expect(page.locator("[data-conflict-diff]")).to_contain_text("theirs")
    axe(page)
    page.keyboard.press("Escape")
    expect(page.locator("#editor-conflict")).to_be_hidden()
    axe(page)


def test_an_edit_of_the_same_line_asks_and_keeps_both_until_then(page_as, make_project, mongo):
    project = a_conflict(make_project)
    page = page_as("editor", expect=("status of 409",))
    conflict(page, mongo, project)
    expect(page.locator("[data-conflict-diff]")).to_contain_text("theirs")
    expect(page.locator("[data-conflict-diff]")).to_contain_text("mine first")
    page.get_by_role("button", name="Decide later").click()
    state(page).to_have_text("Conflict")
    expect(page.locator("[data-monaco] .view-lines")).to_contain_text("mine first")
    assert content(mongo, project) == "theirs\nlast\n"


@pytest.mark.parametrize(
    ("press", "result"),
    [
        (["Keep all of mine"], "mine first\nlast\n"),
        (["Take all of theirs"], "theirs\nlast\n"),
        (["Both", "Save the result"], "mine first\ntheirs\nlast\n"),
        (["Theirs", "Save the result"], "theirs\nlast\n"),
    ],
)
def test_a_conflict_is_settled_by_a_choice(page_as, make_project, mongo, press, result):
    project = a_conflict(make_project)
    page = page_as("editor", expect=("status of 409",))
    conflict(page, mongo, project)
    for name in press:
        page.locator("#editor-conflict").get_by_role("button", name=name, exact=True).click()
    state(page).to_have_text("Saved")
    wait_for(page, lambda: content(mongo, project) == result)


def test_a_conflict_is_still_there_after_a_reload(page_as, make_project, mongo):
    project = a_conflict(make_project)
    page = page_as("editor", expect=("status of 409",))
    conflict(page, mongo, project)
    page.wait_for_timeout(400)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    state(page).to_have_text("Conflict")
    expect(page.locator("#editor-conflict")).to_be_visible()
    page.get_by_role("button", name="Keep all of mine").click()
    wait_for(page, lambda: content(mongo, project) == "mine first\nlast\n")


def test_half_settled_work_is_kept_and_nothing_newer_is_undone_by_it(page_as, make_project, mongo):
    project = make_project(files=[{"name": PATH, "content": "first\nmiddle\nlast\n"}])
    page = page_as("editor", expect=("status of 409",))
    open_file(page, project)
    theirs = {"$set": {"files.0.content": "theirs\nmiddle\nlast\n"}}
    expect_typing_goes_to_the_file(page)
    page.keyboard.press("Control+Home")
    page.keyboard.type("mine ")
    mongo.projects.update_one({"id": project["id"]}, theirs)
    dialog = page.locator("#editor-conflict")
    expect(dialog).to_be_visible()
    page.keyboard.press("Control+Home")
    page.keyboard.type("settled ")
    newer = {"$set": {"files.0.content": "theirs\nmiddle\nlast\nnewer\n"}}
    mongo.projects.update_one({"id": project["id"]}, newer)
    page.wait_for_timeout(400)
    page.on("dialog", lambda box: box.accept())
    page.reload()
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("settled mine first")
    dialog.get_by_role("button", name="Save the result").click()
    wait_for(page, lambda: content(mongo, project) == "settled mine first\nmiddle\nlast\nnewer\n")


def test_an_answer_that_the_database_is_away_is_waited_out(page_as, make_project, mongo):
    project = make_project()
    page = page_as("editor", expect=("status of 503",))
    open_file(page, project)
    away = {"error": {"code": "store_unavailable", "message": "The database is not answering."}}
    page.route("**/file/save/", lambda route: route.fulfill(status=503, json=away))
    type_at_end(page, "// one")
    state(page).to_have_text("Offline")
    page.keyboard.type(" two")
    page.unroute("**/file/save/")
    wait_for(page, lambda: content(mongo, project).endswith("// one two"))


def test_unsaved_text_survives_a_reload_while_the_server_hangs(page_as, make_project, mongo, live):
    project = make_project()
    page = page_as("editor")
    open_file(page, project)
    page.on("dialog", lambda dialog: dialog.accept())
    live.pause()
    try:
        type_at_end(page, "// typed while it hung")
        page.wait_for_timeout(400)
        page.evaluate("setTimeout(() => location.reload())")
        page.wait_for_timeout(300)
    finally:
        live.resume()
    page.wait_for_selector("[data-editor][data-ready]")
    expect(page.locator(".view-lines")).to_contain_text("typed while it hung")
    wait_for(page, lambda: content(mongo, project).endswith("// typed while it hung"))
    state(page).to_have_text("Saved")


def test_text_typed_just_before_the_page_goes_is_restored(page_as, make_project, mongo):
    project = make_project()
    page = page_as("editor")
    open_file(page, project)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/file/save/", lambda route: route.abort())
    page_as.expected.append("net::ERR_FAILED")
    type_at_end(page, "// last words")
    page.reload()
    page.wait_for_selector("[data-editor][data-ready]")
    expect(page.locator(".view-lines")).to_contain_text("last words")
    expect(page.locator("#toasts")).to_contain_text("Restored unsaved changes")
    page.unroute("**/file/save/")
    wait_for(page, lambda: content(mongo, project).endswith("// last words"))


def test_a_restored_draft_leaves_the_file_of_the_address_in_front(page_as, make_project, mongo):
    files = [{"name": "README.md", "content": "read\n"}, {"name": "gone.css", "content": "a {}\n"}]
    project = make_project(files=files)
    page = page_as("editor", expect=("net::ERR_FAILED",))
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/file/save/", lambda route: route.abort())
    open_file(page, project, "gone.css")
    type_at_end(page, "b {}")
    page.wait_for_timeout(400)
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": files[:1]}})
    page.unroute("**/file/save/")
    open_file(page, project, "README.md")
    banner = page.locator("[data-banner]")
    expect(banner).to_contain_text("Restored unsaved changes in gone.css")
    expect(page.locator(".ed-tab[data-path='gone.css']")).to_have_attribute("data-state", "gone")
    type_at_end(page, "typed here")
    wait_for(page, lambda: content(mongo, project) == "read\ntyped here")
    banner.get_by_role("button", name="Go to gone.css").click()
    expect(banner).to_contain_text("renamed or deleted")
    expect(page.locator("[data-monaco] .view-lines")).to_contain_text("b {}")
    page.locator(".ed-tab[data-path='README.md'] .ed-tab-name").click()
    expect(banner).to_be_hidden()


def test_the_text_of_a_deleted_project_is_kept_and_can_be_taken_away(page_as, make_project, mongo):
    project = make_project(files=[{"name": PATH, "content": "one\n"}])
    page = page_as("editor", expect=("status of 404",))
    open_file(page, project)
    mongo.projects.delete_one({"_id": project["_id"]})
    type_at_end(page, "two")
    banner = page.locator("[data-banner]")
    expect(banner).to_contain_text("kept as a draft")
    expect(banner.get_by_role("button")).to_have_text(["Copy the text", "Download"])
    with page.expect_download() as download:
        banner.get_by_role("button", name="Download").click()
    assert download.value.path().read_text() == "one\ntwo"
    mongo.projects.insert_one(project)
    wait_for(page, lambda: content(mongo, project) == "one\ntwo")


def test_an_ended_session_is_renewed_in_place(page_as, make_project, mongo, password):
    project = make_project()
    page = page_as("editor", expect=("status of 401", "status of 422"))
    open_file(page, project)
    mongo.staff_staffsession.delete_many({})
    type_at_end(page, "// before")
    dialog = page.locator("#editor-sign-in")
    expect(dialog).to_be_visible()
    state(page).to_have_text("Signed out")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("do not match")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    state(page).to_have_text("Saved")
    page.keyboard.type(" and after")
    wait_for(page, lambda: content(mongo, project).endswith("// before and after"))


def test_a_sign_in_put_off_keeps_the_text_and_offers_it_again(
    page_as, make_project, mongo, password
):
    project = make_project()
    page = page_as("editor", expect=("status of 401",))
    open_file(page, project)
    mongo.staff_staffsession.delete_many({})
    type_at_end(page, "// kept")
    page.get_by_role("button", name="Later").click()
    state(page).to_have_text("Signed out")
    page.keyboard.type(" on")
    page.locator("[data-banner]").get_by_role("button", name="Sign in").click()
    page.locator("#again-password").fill(password)
    page.keyboard.press("Enter")
    wait_for(page, lambda: content(mongo, project).endswith("// kept on"))


def test_a_restart_of_the_server_loses_nothing(page_as, make_project, mongo, live):
    project = make_project()
    # The server may have kept what it did not come to answer: that is told apart by a 409.
    page = page_as("editor", expect=("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET",
                                     "ERR_EMPTY_RESPONSE", "status of 409"))  # fmt: skip
    open_file(page, project)
    type_at_end(page, "// one")
    live.stop()
    try:
        page.keyboard.type(" two")
        state(page).to_have_text("Offline")
        page.keyboard.type(" three")
    finally:
        live.start()
    wait_for(page, lambda: content(mongo, project).endswith("// one two three"))
    state(page).to_have_text("Saved")


def test_a_lost_answer_is_no_conflict_with_oneself(page_as, make_project, mongo):
    project = make_project()
    page = page_as("editor", expect=("net::ERR_FAILED", "status of 409"))
    open_file(page, project)

    def lose(route: Any) -> None:
        route.fetch()  # the server stores it, and the answer is lost
        route.abort()

    page.route("**/file/save/", lose, times=1)
    type_at_end(page, "// stored")
    wait_for(page, lambda: content(mongo, project).endswith("// stored"))
    page.keyboard.type(" and more")
    wait_for(page, lambda: content(mongo, project).endswith("// stored and more"))
    state(page).to_have_text("Saved")


def test_two_tabs_of_one_person_are_both_safe(page_as, make_project, mongo):
    project = make_project(files=[{"name": PATH, "content": "one\ntwo\nthree\n"}])
    first = page_as("editor", expect=("status of 409",))
    second = page_as.page_in(first.context)
    open_file(first, project)
    open_file(second, project)
    first.bring_to_front()
    first.keyboard.press("Control+Home")
    first.keyboard.type("A ")
    second.bring_to_front()
    type_at_end(second, "B")
    wait_for(second, lambda: content(mongo, project) == "A one\ntwo\nthree\nB")
    expect(first.locator(".view-lines")).to_contain_text("B")
    expect(second.locator(".view-lines")).to_contain_text("A one")


def test_the_text_a_project_cannot_hold_is_kept_and_told(page_as, make_project, mongo):
    project = make_project(big="x" * (16 * 1024 * 1024 - 2000))
    page = page_as("editor", expect=("status of 413",))
    open_file(page, project)
    page.evaluate("navigator.clipboard.writeText('y'.repeat(4000))")
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+V")
    state(page).to_have_text("Not saved")
    expect(page.locator("[data-banner]")).to_contain_text("16 MB")
    page.keyboard.press("Control+Z")
    state(page).to_have_text("Saved")
